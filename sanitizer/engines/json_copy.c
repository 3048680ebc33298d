#include "engines/json_copy.h"

#include "model/error.h"

#include <string.h>

typedef struct Copy {
    const char *start, *at, *end; /* borrowed */
    GString *out;                 /* borrowed */
    MgkTextTally *tally;          /* borrowed */
    GError **error;
    guint depth;
} Copy;

static gboolean copy_value(Copy *c);

static gboolean refuse(Copy *c, int code, const char *why)
{
    g_set_error(c->error, MGK_ERROR, code, "%s at byte %" G_GSIZE_FORMAT, why, (gsize)(c->at - c->start));
    return FALSE;
}

static gboolean broken(Copy *c, const char *why)
{
    return refuse(c, MGK_ERROR_MALFORMED, why);
}

static char peek(const Copy *c)
{
    return c->at < c->end ? *c->at : '\0';
}

/* Passes on size bytes as they are. */
static void pass(Copy *c, gsize size)
{
    g_string_append_len(c->out, c->at, (gssize)size);
    c->at += size;
}

static void pass_spaces(Copy *c)
{
    while (c->at < c->end && strchr(" \t\r\n", *c->at))
        pass(c, 1);
}

/* \uXXXX: the number, or -1. */
static gint32 hex4(const Copy *c, gsize offset)
{
    gint32 value = 0;
    for (gsize i = 0; i < 4; i++) {
        const char *digit = c->at + offset + i;
        if (digit >= c->end || !g_ascii_isxdigit(*digit))
            return -1;
        value = value << 4 | g_ascii_xdigit_value(*digit);
    }
    return value;
}

/* A backslash and what belongs to it; name gets what it means. */
static gboolean copy_escape(Copy *c, GString *name)
{
    static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char letter = c->at + 1 < c->end ? c->at[1] : '\0';
    const char *found = letter ? strchr(plain, letter) : NULL;
    if (found) {
        g_string_append_c(name, meant[found - plain]);
        pass(c, 2);
        return TRUE;
    }
    gint32 code = letter == 'u' ? hex4(c, 2) : -1;
    if (code <= 0)
        return broken(c, "an escape that is none, or NUL");
    if (code < 0xd800 || code > 0xdfff) {
        g_string_append_unichar(name, (gunichar)code);
        pass(c, 6);
        return TRUE;
    }
    gboolean pair = code < 0xdc00 && c->end - c->at >= 12 && c->at[6] == '\\' && c->at[7] == 'u';
    gint32 low = pair ? hex4(c, 8) : -1;
    if (low < 0xdc00 || low > 0xdfff)
        return broken(c, "half a character");
    g_string_append_unichar(name, 0x10000 + (((gunichar)code - 0xd800) << 10) + ((gunichar)low - 0xdc00));
    pass(c, 12);
    return TRUE;
}

/* A string with its quotes; name gets its meaning, as it is written out. */
static gboolean copy_string(Copy *c, GString *name)
{
    if (peek(c) != '"')
        return broken(c, "no string");
    pass(c, 1);
    while (c->at < c->end && *c->at != '"') {
        gsize run = 0, left = (gsize)(c->end - c->at), before = c->out->len;
        while (run < left && c->at[run] != '"' && c->at[run] != '\\' && (guint8)c->at[run] >= 0x20)
            run++;
        mgk_text_tidy_append(c->out, c->at, run, c->tally);
        g_string_append_len(name, c->out->str + before, (gssize)(c->out->len - before));
        c->at += run;
        if (peek(c) == '\\' ? !copy_escape(c, name) : peek(c) != '"' && !broken(c, "a raw control character"))
            return FALSE;
    }
    if (c->at >= c->end)
        return broken(c, "a string without end");
    pass(c, 1);
    return TRUE;
}

static gsize digits(const Copy *c, gsize from)
{
    gsize n = 0, left = (gsize)(c->end - c->at);
    while (from + n < left && g_ascii_isdigit(c->at[from + n]))
        n++;
    return n;
}

static char ahead(const Copy *c, gsize offset)
{
    return offset < (gsize)(c->end - c->at) ? c->at[offset] : '\0';
}

static gboolean copy_number(Copy *c)
{
    gsize at = peek(c) == '-', whole = digits(c, at);
    if (whole == 0 || (whole > 1 && c->at[at] == '0'))
        return broken(c, "no number");
    at += whole;
    if (ahead(c, at) == '.') {
        gsize part = digits(c, at + 1);
        if (part == 0)
            return broken(c, "no number");
        at += 1 + part;
    }
    if (ahead(c, at) == 'e' || ahead(c, at) == 'E') {
        gsize sign = ahead(c, at + 1) == '+' || ahead(c, at + 1) == '-', part = digits(c, at + 1 + sign);
        if (part == 0)
            return broken(c, "no number");
        at += 1 + sign + part;
    }
    pass(c, at);
    return TRUE;
}

/* "name": value; names must differ, because some programs take the first and some the last. */
static gboolean copy_member(Copy *c, GHashTable *names)
{
    g_autoptr(GString) name = g_string_new(NULL);
    if (!copy_string(c, name))
        return FALSE;
    if (!g_hash_table_add(names, g_strdup(name->str)))
        return broken(c, "a name given twice");
    pass_spaces(c);
    if (peek(c) != ':')
        return broken(c, "no colon");
    pass(c, 1);
    return copy_value(c);
}

static gboolean copy_items(Copy *c, char close)
{
    g_autoptr(GHashTable) names = close == '}' ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;
    pass(c, 1);
    pass_spaces(c);
    for (gboolean first = TRUE; first || peek(c) != close; first = FALSE) {
        if (first && peek(c) == close)
            break;
        if (!first && peek(c) != ',')
            return broken(c, "no comma");
        if (!first)
            pass(c, 1);
        pass_spaces(c);
        if (names ? !copy_member(c, names) : !copy_value(c))
            return FALSE;
    }
    pass(c, 1);
    return TRUE;
}

static gboolean copy_word(Copy *c)
{
    static const char *const words[] = {"true", "false", "null"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize length = strlen(words[i]);
        if ((gsize)(c->end - c->at) >= length && memcmp(c->at, words[i], length) == 0) {
            pass(c, length);
            return TRUE;
        }
    }
    return copy_number(c);
}

/* A value with the spaces around it. */
static gboolean copy_value(Copy *c)
{
    g_autoptr(GString) ignored = g_string_new(NULL);
    if (c->depth >= MGK_JSON_DEPTH)
        return refuse(c, MGK_ERROR_LIMIT, "nested too deeply");
    c->depth++;
    pass_spaces(c);
    char first = peek(c);
    gboolean ok = first == '{'   ? copy_items(c, '}')
                  : first == '[' ? copy_items(c, ']')
                  : first == '"' ? copy_string(c, ignored)
                                 : copy_word(c);
    if (ok)
        pass_spaces(c);
    c->depth--;
    return ok;
}

gboolean mgk_json_copy(const char *text, gsize size, GString *out, MgkTextTally *tally, GError **error)
{
    Copy c = {.start = text, .at = text, .end = text + size, .out = out, .tally = tally, .error = error};
    if (!copy_value(&c))
        return FALSE;
    return c.at == c.end || broken(&c, "something behind the value");
}
