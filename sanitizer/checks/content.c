/* Line by line, as bytes: what a calendar or contact of ours may look like, and what never stands in one. */
#include "checks/data.h"
#include "checks/text.h"

#include <string.h>

#define COLUMNS 75

typedef struct Look {
    const char *root;
    GPtrArray *open;  /* owned; of char*, owned */
    GString *logical; /* owned; the line with its folds undone */
} Look;

static gboolean refuse(const char *why, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "calendar or contact: %s", why);
    return FALSE;
}

static gboolean begins(const char *line, const char *word)
{
    gsize length = strlen(word);
    return strncmp(line, word, length) == 0 && (line[length] == ':' || line[length] == ';');
}

/* The property's name: what stands in front of a dot is a group of a contact's. */
static const char *without_group(const char *line)
{
    const char *dot = memchr(line, '.', strcspn(line, ":;"));
    return dot ? dot + 1 : line;
}

/* Properties by which programs fetch, show pages or run something. */
static gboolean is_forbidden(const char *line)
{
    static const char *const names[] = {
        "ATTACH",          "CONFERENCE",      "X-ALT-DESC", "KEY",   "SOURCE",
        "AALARM",          "PALARM",          "MALARM",     "IMAGE", "CALURI",
        "FBURL",           "CALADRURI",       "XML",        "AGENT", "STYLED-DESCRIPTION",
        "STRUCTURED-DATA", "REFRESH-INTERVAL"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (begins(without_group(line), names[i]))
            return TRUE;
    }
    return strstr(line, ";ALTREP=") || strstr(line, ";DIR=") || strstr(line, ";FMTTYPE=");
}

/* Where such a property leads. */
static gboolean leads_astray(const char *line)
{
    static const char *const names[] = {"URL", "ORGANIZER", "ATTENDEE", "TEL", "EMAIL"};
    static const char *const bad[] = {":javascript:", ":vbscript:", ":data:", ":file:", ":\\\\",
                                      "://\\",        ":ms-",       ":cid:",  ":blob:", ":search-ms"};
    g_autofree char *lower = g_ascii_strdown(line, -1);
    gboolean leads = FALSE, astray = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        leads |= begins(without_group(line), names[i]);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        astray |= strstr(lower, bad[i]) != NULL;
    return leads && astray;
}

/* A picture is base64 of PNG or JPEG, in the line. */
static gboolean is_odd_picture(const char *line)
{
    if (!begins(without_group(line), "PHOTO") && !begins(without_group(line), "LOGO"))
        return FALSE;
    const char *value = strrchr(line, ':');
    const char *comma = strrchr(line, ',');
    value = comma > value ? comma : value;
    return !g_str_has_prefix(value + 1, "iVBORw0KGgo") && !g_str_has_prefix(value + 1, "/9j/");
}

static gboolean check_structure(Look *look, const char *line, GError **error)
{
    const char *top = look->open->len ? g_ptr_array_index(look->open, look->open->len - 1) : NULL;
    if (g_str_has_prefix(line, "BEGIN:")) {
        if (!top && strcmp(line + 6, look->root) != 0)
            return refuse("another root", error);
        g_ptr_array_add(look->open, g_strdup(line + 6));
        return TRUE;
    }
    if (!top)
        return refuse("a line outside", error);
    if (!g_str_has_prefix(line, "END:"))
        return TRUE;
    if (strcmp(line + 4, top) != 0)
        return refuse("an end that does not match", error);
    g_ptr_array_set_size(look->open, (gint)look->open->len - 1);
    return TRUE;
}

static gboolean check_line(Look *look, GError **error)
{
    const char *line = look->logical->str;
    if (!*line)
        return TRUE;
    gsize name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
    if (name == 0 || !(line[name] == ':' || line[name] == ';') || !strchr(line, ':'))
        return refuse("no property", error);
    if (is_forbidden(line) || leads_astray(line) || is_odd_picture(line))
        return refuse("a property that must not be there", error);
    if (begins(without_group(line), "ACTION") && strcmp(line, "ACTION:DISPLAY") != 0)
        return refuse("an alarm that does more than show", error);
    return check_structure(look, line, error);
}

/* Physical lines: CRLF, bounded, a fold never inside a character. */
static gboolean check_lines(Look *look, const char *data, gsize size, GError **error)
{
    gboolean soft = FALSE; /* the last line ended in "=", quoted-printable */
    for (gsize at = 0; at < size;) {
        const char *line = data + at;
        const char *stop = memmem(line, size - at, "\r\n", 2);
        gsize length = stop ? (gsize)(stop - line) : 0;
        if (!stop || length > COLUMNS || memchr(line, '\n', length) || memchr(line, '\r', length))
            return refuse("a line's length or end", error);
        gboolean folded = at > 0 && *line == ' ';
        if (!folded && !soft) {
            if (!check_line(look, error))
                return FALSE;
            g_string_truncate(look->logical, 0);
        }
        g_string_append_len(look->logical, line + folded, (gssize)(length - folded));
        if (!g_utf8_validate(line, (gssize)length, NULL))
            return refuse("a character cut by a fold", error);
        soft = length > 0 && line[length - 1] == '=' && strstr(look->logical->str, ";ENCODING=QUOTED-PRINTABLE:");
        at += length + 2;
    }
    return check_line(look, error);
}

static gboolean check(MgkJob *job, const char *root, GError **error)
{
    if (!mgk_check_text(job, error))
        return FALSE;
    if (job->size == 0 || memchr(job->data, 0, job->size))
        return refuse("nothing, or a NUL", error);
    Look look = {.root = root, .open = g_ptr_array_new_with_free_func(g_free), .logical = g_string_new(NULL)};
    gboolean ok = check_lines(&look, (const char *)job->data, job->size, error);
    if (ok && look.open->len)
        ok = refuse("a component without end", error);
    g_ptr_array_unref(look.open);
    g_string_free(look.logical, TRUE);
    return ok;
}

gboolean mgk_check_ics(MgkJob *job, GError **error)
{
    return check(job, "VCALENDAR", error);
}

gboolean mgk_check_vcf(MgkJob *job, GError **error)
{
    return check(job, "VCARD", error);
}
