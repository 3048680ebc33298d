#include "checks/bytes.h"

#include <string.h>

#define PDF_WINDOW 1024u
#define END_WINDOW (G_MAXUINT16 + 22u)

typedef enum { CLASS_ARCHIVE, CLASS_PDF, CLASS_PICTURE, CLASS_TEXT } Class;

static Class class_of(MgkFormatId format)
{
    const MgkFormatInfo *info = mgk_format_info(format);
    if (format == MGK_FORMAT_ID_pdf)
        return CLASS_PDF;
    if (info && (info->flags & MGK_FORMAT_CONTAINER))
        return CLASS_ARCHIVE;
    return info && g_str_has_prefix(info->media_type, "text/") ? CLASS_TEXT : CLASS_PICTURE;
}

static gboolean hit(const char *what, gsize at, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "foreign signature: %s at %" G_GSIZE_FORMAT, what, at);
    return FALSE;
}

/* A text may begin with the letters MZ; a program's header is never without zeros. */
static gboolean starts_program(const guint8 *data, gsize size)
{
    if (size >= 4 && memcmp(data, "\177ELF", 4) == 0)
        return TRUE;
    return size >= 64 && memcmp(data, "MZ", 2) == 0 && memchr(data, 0, 64);
}

static gboolean no_end_record(const guint8 *data, gsize size, gboolean archive, GError **error)
{
    gsize from = size > END_WINDOW ? size - END_WINDOW : 0;
    while (size - from >= 22) {
        const guint8 *found = memmem(data + from, size - from, "PK\5\6", 4);
        if (!found || (gsize)(data + size - found) < 22)
            return TRUE;
        gsize rest = (gsize)(data + size - found) - 22, comment = found[20] | (gsize)found[21] << 8;
        gboolean own = archive && comment == 0 && rest == 0;
        if (archive ? comment == rest && !own : comment <= rest)
            return hit("end of a ZIP directory", (gsize)(found - data), error);
        from = (gsize)(found - data) + 4;
    }
    return TRUE;
}

static gboolean is_markup(const guint8 *at, gsize left)
{
    static const char *const words[] = {"<script", "<hta", "<html", "<?php"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize length = strlen(words[i]);
        if (left >= length && g_ascii_strncasecmp((const char *)at, words[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean no_markup(const guint8 *data, gsize size, GError **error)
{
    const guint8 *at = data, *end = data + size;
    while (at < end && (at = memchr(at, '<', (gsize)(end - at)))) {
        if (is_markup(at, (gsize)(end - at)))
            return hit("markup", (gsize)(at - data), error);
        at++;
    }
    return TRUE;
}

gboolean mgk_check_foreign_signatures(const guint8 *data, gsize size, MgkFormatId format, GError **error)
{
    Class class = class_of(format);
    if (starts_program(data, size) || (class != CLASS_TEXT && size >= 2 && memcmp(data, "#!", 2) == 0))
        return hit("a program", 0, error);
    if (!no_end_record(data, size, class == CLASS_ARCHIVE, error))
        return FALSE;
    if (class == CLASS_ARCHIVE || class == CLASS_TEXT)
        return TRUE;
    if (size >= 4 && memcmp(data, "PK\3\4", 4) == 0)
        return hit("a ZIP entry", 0, error);
    const guint8 *pdf = class == CLASS_PDF ? NULL : memmem(data, MIN(size, PDF_WINDOW + 4), "%PDF-", 5);
    if (pdf)
        return hit("a PDF", (gsize)(pdf - data), error);
    return no_markup(data, size, error);
}
