#include "engines/picture_part.h"

#include "engines/gunzip.h"

#include <string.h>

#define PACKED_HEAD 64u

typedef struct Row {
    MgkFormatId format;
    const char *media, *extension, *short_extension;
} Row;

/* The first is for everything that becomes pixels. */
static const Row rows[] = {
    {MGK_FORMAT_ID_png, "image/png", ".png", ".png"},   {MGK_FORMAT_ID_jpeg, "image/jpeg", ".jpeg", ".jpg"},
    {MGK_FORMAT_ID_gif, "image/gif", ".gif", ".gif"},   {MGK_FORMAT_ID_svg, "image/svg+xml", ".svg", ".svg"},
    {MGK_FORMAT_ID_emf, "image/x-emf", ".emf", ".emf"}, {MGK_FORMAT_ID_wmf, "image/x-wmf", ".wmf", ".wmf"}};

static gboolean starts(const guint8 *head, gsize size, gsize at, const char *bytes, gsize length)
{
    return size >= at + length && memcmp(head + at, bytes, length) == 0;
}

/* Drawings are the only markup among pictures; white space and a byte order mark may come first. */
static gboolean is_markup(const guint8 *head, gsize size)
{
    gsize at = size >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && g_ascii_isspace(head[at]))
        at++;
    return at < size && head[at] == '<';
}

static MgkFormatId plain_format(const guint8 *head, gsize size)
{
    if (starts(head, size, 0, "\xff\xd8\xff", 3))
        return MGK_FORMAT_ID_jpeg;
    if (starts(head, size, 0, "GIF8", 4))
        return MGK_FORMAT_ID_gif;
    if (starts(head, size, 0, "\1\0\0\0", 4) && starts(head, size, 40, " EMF", 4))
        return MGK_FORMAT_ID_emf;
    if (starts(head, size, 0, "\xd7\xcd\xc6\x9a", 4) || starts(head, size, 0, "\1\0\x09\0\0\3", 6) ||
        starts(head, size, 0, "\2\0\x09\0\0\3", 6) || starts(head, size, 0, "\1\0\x09\0\0\1", 6))
        return MGK_FORMAT_ID_wmf;
    return is_markup(head, size) ? MGK_FORMAT_ID_svg : MGK_FORMAT_ID_png;
}

MgkFormatId mgk_picture_part_format(const guint8 *head, gsize size)
{
    guint8 inside[PACKED_HEAD];
    gsize unpacked = mgk_gunzip_head(head, MIN(size, MGK_PICTURE_HEAD), inside, sizeof inside);
    return unpacked ? plain_format(inside, unpacked) : plain_format(head, size);
}

const char *mgk_picture_part_name(const guint8 *head, gsize size)
{
    guint8 inside[PACKED_HEAD];
    if (!mgk_gunzip_head(head, MIN(size, MGK_PICTURE_HEAD), inside, sizeof inside))
        return NULL;
    switch ((int)mgk_picture_part_format(head, size)) {
    case MGK_FORMAT_ID_emf:
        return "picture.emz";
    case MGK_FORMAT_ID_wmf:
        return "picture.wmz";
    case MGK_FORMAT_ID_svg:
        return "picture.svgz";
    default:
        return NULL;
    }
}

static const Row *row_of(MgkFormatId format)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].format == format)
            return &rows[i];
    }
    return &rows[0];
}

const char *mgk_picture_part_media(MgkFormatId format)
{
    return row_of(format)->media;
}

const char *mgk_picture_part_extension(MgkFormatId format, gboolean is_short)
{
    return is_short ? row_of(format)->short_extension : row_of(format)->extension;
}
