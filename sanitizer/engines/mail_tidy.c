#include "engines/mail_tidy.h"

#include "model/names.h"

#include <string.h>

#define GAIJI_LISTED 50

void mgk_mail_tally_clear(MgkMailTally *tally)
{
    if (tally->gaiji_codes)
        g_string_free(tally->gaiji_codes, TRUE);
    *tally = (MgkMailTally){0};
}

static gboolean is_gaiji(gunichar c)
{
    return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000;
}

static void note_gaiji(MgkMailTally *tally, gunichar code)
{
    g_autofree char *name = g_strdup_printf("U+%04X ", code);
    if (!tally)
        return;
    tally->gaiji++;
    if (!tally->gaiji_codes)
        tally->gaiji_codes = g_string_new(NULL);
    if (!strstr(tally->gaiji_codes->str, name) && tally->gaiji_codes->len < GAIJI_LISTED * 8)
        g_string_append(tally->gaiji_codes, name);
}

static gunichar code_at(const char *p, const char *end)
{
    return p < end ? g_utf8_get_char(p) : 0;
}

/* A whole terminal command (ESC [ … letter) goes, not its first character only. */
static const char *skip_escape(const char *p, const char *end)
{
    const char *q = p + 1;
    if (q < end && *q == '[') {
        for (q++; q < end && *q >= 0x20 && *q <= 0x3f; q++)
            ;
        if (q < end && *q >= 0x40 && *q <= 0x7e)
            return q + 1;
    }
    return p + 1;
}

static void put_break(GString *out, gboolean single)
{
    g_string_append_c(out, single ? ' ' : '\n');
}

static void put_kept(GString *out, gunichar code, const char *bytes, gsize size, gboolean single, MgkMailTally *tally)
{
    if (code == 0x2028 || code == 0x2029) {
        put_break(out, single);
    } else if (is_gaiji(code)) {
        note_gaiji(tally, code);
        g_string_append(out, "〓");
    } else if (code == '\t') {
        g_string_append_c(out, single ? ' ' : '\t');
    } else {
        g_string_append_len(out, bytes, (gssize)size);
    }
}

/* One character at p that is no printable ASCII; *before is the last that was kept. Returns where to go on. */
static const char *put_char(GString *out, const char *p, const char *end, gboolean single, gunichar *before,
                            MgkMailTally *tally)
{
    gunichar code = g_utf8_get_char(p);
    const char *next = code == 0 ? p + 1 : g_utf8_next_char(p);
    MgkTextClass class = code == '\f' ? MGK_TEXT_CONTROL : mgk_text_class(*before, code, code_at(next, end));
    if (class == MGK_TEXT_KEPT) {
        put_kept(out, code, p, (gsize)(next - p), single, tally);
        *before = code;
        return next;
    }
    if (tally)
        tally->dropped[class]++;
    return code == 0x1b ? skip_escape(p, end) : next;
}

char *mgk_mail_tidy(const char *text, gsize size, gboolean single, MgkMailTally *tally)
{
    GString *out = g_string_sized_new(size + 16);
    const char *end = text + size;
    gunichar before = 0;
    for (const char *p = text; p < end;) {
        const char *run = p;
        while (p < end && (guint8)*p >= 0x20 && (guint8)*p < 0x7f) /* by far the most */
            p++;
        if (p > run) {
            g_string_append_len(out, run, p - run);
            before = (guint8)p[-1];
            continue;
        }
        guint8 c = (guint8)*p;
        if (c == '\r' || c == '\n') {
            p += c == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
            put_break(out, single);
            before = '\n';
            continue;
        }
        p = put_char(out, p, end, single, &before, tally);
    }
    return g_string_free(out, FALSE);
}

char *mgk_mail_excerpt(const char *text, guint columns)
{
    g_autofree char *tidy = mgk_mail_tidy(text, strlen(text), TRUE, NULL);
    return mgk_names_display(g_strstrip(tidy), -1, columns);
}

/* Our frame anywhere near the line's beginning, or our title. */
static gboolean looks_like_notice(const char *line, gsize length)
{
    static const char *const marks[] = {"┃", "【無害化", "[Sanitized]", "無害化結果.txt", "合言葉"};
    g_autofree char *copy = g_strndup(line, MIN(length, 400));
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (strstr(copy, marks[i]))
            return TRUE;
    }
    return FALSE;
}

char *mgk_mail_quote_imitations(const char *text, MgkMailTally *tally)
{
    GString *out = g_string_sized_new(strlen(text) + 64);
    for (const char *p = text; *p;) {
        gsize length = strcspn(p, "\n");
        if (looks_like_notice(p, length)) {
            tally->imitations++;
            g_string_append(out, "│ ");
        }
        g_string_append_len(out, p, (gssize)(length + (p[length] == '\n')));
        p += length + (p[length] == '\n');
    }
    return g_string_free(out, FALSE);
}
