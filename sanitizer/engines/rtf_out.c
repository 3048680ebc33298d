#include "engines/rtf_out.h"

#include <string.h>

#define LINE_BYTES 200u
#define HEX_BYTES 64u /* in one line */

void mgk_rtf_out_init(MgkRtfOut *out, MgkJob *job)
{
    *out = (MgkRtfOut){.job = job, .text = g_string_new(NULL)};
}

void mgk_rtf_out_clear(MgkRtfOut *out)
{
    g_string_free(out->text, TRUE);
    out->text = NULL;
}

static void put(MgkRtfOut *out, const char *text, gsize size)
{
    g_string_append_len(out->text, text, (gssize)size);
    out->line += size;
}

static void new_line(MgkRtfOut *out)
{
    g_string_append_c(out->text, '\n');
    out->line = 0;
    out->delimit = FALSE;
}

/* A line feed means nothing to readers where a control begins. */
static void before_control(MgkRtfOut *out)
{
    if (out->line >= LINE_BYTES)
        new_line(out);
    out->delimit = FALSE;
}

void mgk_rtf_out_open(MgkRtfOut *out)
{
    before_control(out);
    put(out, "{", 1);
}

void mgk_rtf_out_close(MgkRtfOut *out)
{
    put(out, "}", 1);
    out->delimit = FALSE;
}

void mgk_rtf_out_star(MgkRtfOut *out)
{
    put(out, "\\*", 2);
}

void mgk_rtf_out_word(MgkRtfOut *out, const char *word)
{
    before_control(out);
    put(out, "\\", 1);
    put(out, word, strlen(word));
    out->delimit = TRUE;
}

void mgk_rtf_out_number(MgkRtfOut *out, const char *word, gint64 parameter)
{
    char digits[24];
    mgk_rtf_out_word(out, word);
    put(out, digits, (gsize)g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, parameter));
}

void mgk_rtf_out_symbol(MgkRtfOut *out, char symbol)
{
    const char text[] = {'\\', symbol};
    before_control(out);
    put(out, text, sizeof text);
}

static void put_escape(MgkRtfOut *out, guint8 byte)
{
    char hex[8];
    before_control(out);
    put(out, hex, (gsize)g_snprintf(hex, sizeof hex, "\\'%02x", byte));
}

void mgk_rtf_out_byte(MgkRtfOut *out, guint8 byte, gboolean escaped)
{
    if (escaped || byte > 0x7f) {
        put_escape(out, byte);
    } else if (byte < 0x20 || byte == 0x7f) {
        return;
    } else if (strchr("\\{}", byte)) {
        mgk_rtf_out_symbol(out, (char)byte);
    } else {
        if (out->delimit && (g_ascii_isalnum(byte) || byte == ' ' || byte == '-'))
            put(out, " ", 1);
        out->delimit = FALSE;
        put(out, (const char *)&byte, 1);
    }
}

void mgk_rtf_out_unit(MgkRtfOut *out, guint16 unit)
{
    mgk_rtf_out_number(out, "u", (gint16)unit);
    put(out, "?", 1);
    out->delimit = FALSE;
}

void mgk_rtf_out_utf8(MgkRtfOut *out, const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar code = g_utf8_get_char(text);
        if (code < 0x80) {
            mgk_rtf_out_byte(out, (guint8)code, FALSE);
        } else if (code < 0x10000) {
            mgk_rtf_out_unit(out, (guint16)code);
        } else {
            mgk_rtf_out_unit(out, (guint16)(0xd7c0 + (code >> 10)));
            mgk_rtf_out_unit(out, (guint16)(0xdc00 + (code & 0x3ff)));
        }
    }
}

void mgk_rtf_out_hex(MgkRtfOut *out, const guint8 *data, gsize size)
{
    static const char digits[] = "0123456789abcdef";
    char line[2 * HEX_BYTES];
    for (gsize at = 0; at < size; at += HEX_BYTES) {
        gsize n = MIN(HEX_BYTES, size - at);
        for (gsize i = 0; i < n; i++) {
            line[2 * i] = digits[data[at + i] >> 4];
            line[2 * i + 1] = digits[data[at + i] & 15];
        }
        new_line(out);
        put(out, line, 2 * n);
    }
}

MgkRtfMark mgk_rtf_out_mark(const MgkRtfOut *out)
{
    return (MgkRtfMark){.length = out->text->len, .line = out->line, .delimit = out->delimit};
}

void mgk_rtf_out_back(MgkRtfOut *out, MgkRtfMark mark)
{
    g_string_truncate(out->text, mark.length);
    out->line = mark.line;
    out->delimit = mark.delimit;
}

gboolean mgk_rtf_out_flush(MgkRtfOut *out, GError **error)
{
    gboolean ok = out->text->len == 0 || out->job->write(out->job, out->text->str, out->text->len, error);
    g_string_truncate(out->text, 0);
    return ok;
}
