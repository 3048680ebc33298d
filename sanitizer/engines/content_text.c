#include "engines/content_text.h"

#include "engines/content_write.h"
#include "engines/text_out.h"

#include <string.h>

/* What only programs read; pictures are none of a text. */
static gboolean is_for_programs(const char *name)
{
    static const char *const names[] = {
        "BEGIN",   "END",      "VERSION", "PRODID", "CALSCALE",     "METHOD",     "UID",
        "DTSTAMP", "SEQUENCE", "CREATED", "TRANSP", "TZOFFSETFROM", "TZOFFSETTO", "LAST-MODIFIED",
        "PHOTO",   "LOGO",     "REV",     "ACTION", "TRIGGER",      "TZNAME",     NULL};
    return g_strv_contains(names, name) || g_str_has_prefix(name, "X-MICROSOFT-");
}

/* RFC 5545 3.3.11: "\n", "\,", "\;", "\\"; in names and addresses ';' parts what belongs together. */
static char *unescape(const char *value)
{
    GString *out = g_string_new(NULL);
    for (const char *p = value; *p; p++) {
        if (*p == ';')
            g_string_append_c(out, ' ');
        else if (*p != '\\' || !p[1])
            g_string_append_c(out, *p);
        else
            g_string_append_c(out, *++p == 'n' || *p == 'N' ? '\n' : *p);
    }
    return g_string_free(out, FALSE);
}

/* The end of a line's name and parameters: a colon outside of quotation marks. */
static const char *end_of_head(const char *line)
{
    gboolean quoted = FALSE;
    for (; *line && (quoted || *line != ':'); line++)
        quoted = quoted != (*line == '"');
    return line;
}

/* vCard 2.1 writes what is not ASCII as quoted-printable UTF-8. */
static char *value_of(const char *head, const char *value)
{
    g_autofree char *upper = g_ascii_strup(head, -1);
    if (!strstr(upper, "QUOTED-PRINTABLE"))
        return unescape(value);
    gsize size = 0;
    g_autofree guint8 *bytes = mgk_content_unquote(value, &size);
    g_autofree char *text = g_utf8_make_valid((const char *)bytes, (gssize)size);
    return unescape(text);
}

static void put_line(MgkTextOut *out, const char *line)
{
    const char *colon = end_of_head(line);
    if (!*colon)
        return;
    g_autofree char *head = g_strndup(line, (gsize)(colon - line));
    g_autofree char *name = g_strndup(head, strcspn(head, ";"));
    const char *dot = strrchr(name, '.'); /* "item1.TEL" */
    const char *bare = dot ? dot + 1 : name;
    if (strcmp(bare, "BEGIN") == 0)
        mgk_text_out_gap(out);
    g_autofree char *value = is_for_programs(bare) ? NULL : value_of(head, colon + 1);
    if (!value || !*g_strstrip(value))
        return;
    mgk_text_out_add(out, bare, -1);
    mgk_text_out_add(out, ": ", -1);
    mgk_text_out_add(out, value, -1);
    mgk_text_out_break(out);
}

/* Lines that begin with a blank go on the one before; quoted-printable ones that end in '=' go on in the next. */
static void take_line(GString *whole, const char *line, MgkTextOut *out)
{
    gboolean soft = whole->len && whole->str[whole->len - 1] == '=' && strstr(whole->str, "QUOTED-PRINTABLE");
    if (soft) {
        g_string_truncate(whole, whole->len - 1);
    } else if (*line == ' ' || *line == '\t') {
        line++;
    } else {
        put_line(out, whole->str);
        g_string_truncate(whole, 0);
    }
    g_string_append(whole, line);
}

gboolean mgk_content_text(MgkJob *job, GError **error)
{
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    g_autoptr(GString) whole = g_string_new(NULL);
    g_autofree char *text = g_strndup((const char *)job->data, job->size);
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        gsize length = strlen(line);
        if (length && line[length - 1] == '\r')
            line[length - 1] = '\0';
        take_line(whole, line, out);
    }
    put_line(out, whole->str);
    return mgk_text_out_finish(out, error);
}
