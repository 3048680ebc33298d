#include "engines/content_write.h"

#include <string.h>

#define COLUMNS 75

/* Appends text; lines go on behind CRLF and a blank. */
static void fold(GString *out, gsize *column, const char *text)
{
    while (*text) {
        gsize length = (gsize)(g_utf8_next_char(text) - text);
        if (*column + length > COLUMNS) {
            g_string_append(out, "\r\n ");
            *column = 1;
        }
        g_string_append_len(out, text, (gssize)length);
        *column += length;
        text += length;
    }
}

void mgk_content_write(GString *out, const char *head, const char *value)
{
    gsize column = 0;
    fold(out, &column, head);
    fold(out, &column, ":");
    fold(out, &column, value);
    g_string_append(out, "\r\n");
}

static gboolean is_plain(const char *value)
{
    for (const char *p = value; *p; p++) {
        if (*p < ' ' || *p > '~')
            return FALSE;
    }
    return TRUE;
}

void mgk_content_write_quoted(GString *out, const char *head, const char *value)
{
    if (is_plain(value) && strlen(head) + strlen(value) < COLUMNS) {
        mgk_content_write(out, head, value);
        return;
    }
    g_string_append_printf(out, "%s;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=\r\n", head);
    gsize column = 0;
    for (const char *p = value; *p; p++) {
        gboolean literal = *p > ' ' && *p <= '~' && *p != '=';
        if (column + 3 >= COLUMNS) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        g_string_append_printf(out, literal ? "%c" : "=%02X", (guint8)*p);
        column += literal ? 1 : 3;
    }
    g_string_append(out, "\r\n");
}

guint8 *mgk_content_unquote(const char *text, gsize *ret_size)
{
    guint8 *out = g_malloc(strlen(text) + 1);
    gsize n = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '=' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            out[n++] = (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        } else {
            out[n++] = (guint8)*p;
        }
    }
    *ret_size = n;
    return out;
}
