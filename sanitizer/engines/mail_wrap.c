#include "engines/mail_wrap.h"

#include "engines/mail_writer.h"

#include <string.h>

#define LINE 76

void mgk_mail_wrap_field(GString *mail, const char *name, const char *value)
{
    g_autofree char *line = value ? g_strdelimit(g_strdup(value), "\r\n\t", ' ') : NULL;
    if (!line || !*g_strstrip(line))
        return;
    g_autofree char *phrase = mgk_mail_writer_phrase(NULL, line);
    g_string_append_printf(mail, "%s: %s\r\n", name, phrase);
}

/* Printable ASCII without what would end an address. */
static gboolean is_address(const char *address)
{
    for (const char *p = address; *p; p++) {
        if (*p <= ' ' || *p > '~' || strchr("<>,;\"()", *p))
            return FALSE;
    }
    return strchr(address, '@') != NULL;
}

void mgk_mail_wrap_address(GString *list, const char *name, const char *address)
{
    gboolean sound = address && is_address(address);
    g_autofree char *line = name ? g_strdelimit(g_strdup(name), "\r\n\t", ' ') : NULL;
    g_autofree char *phrase = line && *g_strstrip(line) ? mgk_mail_writer_phrase(NULL, line) : NULL;
    if (!sound && !phrase)
        return;
    g_string_append(list, list->len ? ",\r\n " : "");
    if (phrase && sound && strcmp(line, address) != 0)
        g_string_append_printf(list, "%s <%s>", phrase, address);
    else
        g_string_append(list, sound ? address : phrase);
}

void mgk_mail_wrap_addresses(GString *mail, const char *name, const GString *list)
{
    if (list->len)
        g_string_append_printf(mail, "%s: %s\r\n", name, list->str);
}

/* '=' and '_' never stand together in base64. */
static void boundary(GString *mail, guint depth, const char *before, const char *after)
{
    g_string_append_printf(mail, "%s=_part_%02u%s\r\n", before, depth, after);
}

void mgk_mail_wrap_begin(GString *mail, const char *subtype, guint depth)
{
    g_string_append_printf(mail, "MIME-Version: 1.0\r\nContent-Type: multipart/%s;\r\n", subtype);
    boundary(mail, depth, " boundary=\"", "\"");
    g_string_append(mail, "\r\n");
}

void mgk_mail_wrap_open(GString *mail, guint depth)
{
    boundary(mail, depth, "--", "");
}

void mgk_mail_wrap_leaf(GString *mail, guint depth, const char *type, const char *name, const guint8 *data, gsize size)
{
    boundary(mail, depth, "--", "");
    g_string_append_printf(mail, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", type);
    g_autofree char *escaped = name ? g_uri_escape_string(name, NULL, FALSE) : NULL;
    if (escaped)
        g_string_append_printf(mail, "Content-Disposition: attachment; filename*=UTF-8''%s\r\n", escaped);
    g_string_append(mail, "\r\n");
    for (gsize at = 0; at < size; at += LINE / 4 * 3) {
        g_autofree char *line = g_base64_encode(data + at, MIN(size - at, LINE / 4 * 3));
        g_string_append(mail, line);
        g_string_append(mail, "\r\n");
    }
}

void mgk_mail_wrap_end(GString *mail, guint depth)
{
    boundary(mail, depth, "--", "--");
}
