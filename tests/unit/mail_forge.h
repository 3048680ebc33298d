/* mail_forge.h - mails for tests: converts them whole, and reads the result back. */
#pragma once

#include "engines/mail_charset.h"
#include "engines/mime_tree.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

typedef struct Converted {
    FakeRun *run;      /* owned */
    MgkMimeTree *tree; /* owned; of the output; NULL when it did not cross */
    char *text;        /* owned; the body with \n lines, "" when it did not cross */
} Converted;

static inline void converted_clear(Converted *c)
{
    mgk_mime_tree_free(c->tree);
    fake_run_free(c->run);
    g_free(c->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Converted, converted_clear)

/* Every line ends in CRLF, is printable ASCII (ESC aside, where escapes) and below 998. */
static inline void assert_wire(const GByteArray *mail, const char *what, gboolean escapes)
{
    gsize column = 0;
    for (guint i = 0; i < mail->len; i++) {
        guint8 c = mail->data[i];
        gboolean blank = c == '\n' || c == '\r' || c == '\t' || (escapes && c == 0x1b);
        ck_assert_msg(blank || (c >= ' ' && c <= '~'), "%s: byte %02x at %u", what, c, i);
        ck_assert_msg((c == '\n') == (i > 0 && mail->data[i - 1] == '\r'), "%s: line end at %u", what, i);
        column = c == '\n' ? 0 : column + 1;
        ck_assert_msg(column < 998, "%s: long line at %u", what, i);
    }
}

static inline const MgkMimePart *part_at(const MgkMimeTree *tree, guint index)
{
    ck_assert_ptr_nonnull(tree);
    const MgkMimePart *root = tree->root;
    if (root->children->len == 0)
        return index == 0 ? root : NULL;
    return index < root->children->len ? g_ptr_array_index(root->children, index) : NULL;
}

/* Of an output that crossed. */
static inline const MgkMimePart *root_of(const Converted *c)
{
    ck_assert_ptr_nonnull(c->tree);
    return c->tree->root;
}

static inline char *part_text(const MgkMimePart *part)
{
    gsize size = 0, length = 0;
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    const guint8 *data = g_bytes_get_data(bytes, &size);
    g_autofree char *charset = mgk_mail_params_get(part->params, "charset");
    char *text = mgk_mail_to_utf8(charset ? charset : "utf-8", data, size, &length);
    char **pieces = g_strsplit(text, "\r\n", -1);
    g_free(text);
    text = g_strjoinv("\n", pieces);
    g_strfreev(pieces);
    return text;
}

/* policy may be NULL: the built-in one. */
static inline Converted convert(const char *mail, gsize size, const MgkMailPolicy *policy)
{
    Converted c = {.run = fake_run_new()};
    g_autoptr(GError) error = NULL;
    if (policy)
        c.run->policy.mail = *policy;
    gboolean ok = fake_run_clean(c.run, (const guint8 *)mail, size, "a.eml", MGK_FORMAT_ID_eml, &error);
    ck_assert_msg(ok, "%s", error ? error->message : "no error");
    if (mgk_verdict_crosses(c.run->outcome.verdict)) {
        assert_wire(c.run->output, "output", policy && policy->charset == 1);
        c.tree = mgk_mime_parse(c.run->output->data, c.run->output->len, &error);
        ck_assert_msg(c.tree != NULL, "output: %s", error ? error->message : "");
        ck_assert_uint_eq(c.tree->defects, 0);
    }
    c.text = c.tree ? part_text(part_at(c.tree, 0)) : g_strdup("");
    return c;
}

/* A field of the output, decoded; "" when it is not there. Owned by the caller. */
static inline char *field(const Converted *c, const char *name)
{
    const char *raw = c->tree ? mgk_mime_field(c->tree->root, name, NULL) : NULL;
    return raw ? mgk_mail_header_decode(raw) : g_strdup("");
}

/* The text after the notice. Borrowed. */
static inline const char *body(const Converted *c)
{
    const char *gap = strstr(c->text, "\n\n");
    return gap ? gap + 2 : c->text;
}

static inline gboolean says(const Converted *c, const char *words)
{
    return c->text && strstr(c->text, words);
}

/* What the body says, without the line ends at its end. Owned by the caller. */
static inline char *body_words(const Converted *c)
{
    char *text = g_strdup(body(c));
    while (g_str_has_suffix(text, "\n"))
        text[strlen(text) - 1] = '\0';
    return text;
}
