#include "checks/foreign.h"

#include <string.h>

#define HEAD_WINDOW 1024u
#define END_SIZE 22u                        /* a ZIP's end record without its comment, APPNOTE.TXT 4.3.16 */
#define END_WINDOW (G_MAXUINT16 + END_SIZE) /* as far back as readers look for it */
#define PROGRAM_HEADER 64u                  /* of a DOS program, which Windows programs begin with */

#define PICTURE MGK_FOREIGN_PICTURE
#define PDF MGK_FOREIGN_PDF
#define PACKAGE MGK_FOREIGN_PACKAGE
#define ARCHIVE MGK_FOREIGN_ARCHIVE
#define PART MGK_FOREIGN_PART
#define TEXT MGK_FOREIGN_TEXT

typedef enum { PLACE_START, PLACE_HEAD, PLACE_ANYWHERE } Place;

typedef struct Row {
    const char *what, *bytes;
    gsize length;
    Place place;
    guint shapes;
} Row;

static const Row rows[] = {
#define FOREIGN(row_what, row_bytes, row_place, row_shapes) \
    {.what = (row_what), \
     .bytes = (row_bytes), \
     .length = sizeof(row_bytes) - 1, \
     .place = (row_place), \
     .shapes = (row_shapes)},
#include "checks/foreign.def"
#undef FOREIGN
};

MgkForeignShape mgk_foreign_shape(MgkFormatId format)
{
    guint flags = mgk_format_info(format)->flags;
    if (format == MGK_FORMAT_ID_pdf)
        return PDF;
    if (format == MGK_FORMAT_ID_zip)
        return ARCHIVE;
    if ((flags & MGK_FORMAT_PIXELS) || format == MGK_FORMAT_ID_wmf || format == MGK_FORMAT_ID_emf)
        return PICTURE;
    return (flags & MGK_FORMAT_CONTAINER) && format != MGK_FORMAT_ID_eml ? PACKAGE : TEXT;
}

MgkForeignShape mgk_foreign_shape_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (guint i = 0; dot && i < MGK_N_FORMATS; i++) {
        if (mgk_format_has_extension((MgkFormatId)i, dot + 1))
            return mgk_foreign_shape((MgkFormatId)i);
    }
    return ARCHIVE;
}

static gboolean hit(const char *what, gsize at, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "foreign signature: %s at %" G_GSIZE_FORMAT, what, at);
    return FALSE;
}

/* A text may begin with the letters MZ; a program's header is never without zeros. */
static gboolean starts_dos_program(const guint8 *data, gsize size)
{
    return size >= PROGRAM_HEADER && memcmp(data, "MZ", 2) == 0 && memchr(data, 0, PROGRAM_HEADER);
}

static gboolean same(const Row *row, const guint8 *at)
{
    return g_ascii_strncasecmp((const char *)at, row->bytes, row->length) == 0;
}

/* Where the row's bytes begin, within the first `reach` places; NULL for nowhere. */
static const guint8 *find(const Row *row, const guint8 *data, gsize size, gsize reach)
{
    const guint8 *end = size < row->length ? data : data + MIN(reach, size - row->length + 1);
    for (const guint8 *at = data; at < end; at++) {
        at = memchr(at, row->bytes[0], (gsize)(end - at)); /* no signature begins with a letter that has two cases */
        if (!at)
            return NULL;
        if (same(row, at))
            return at;
    }
    return NULL;
}

static const guint8 *find_row(const Row *row, const guint8 *data, gsize size)
{
    switch (row->place) {
    case PLACE_START:
        return find(row, data, size, 1);
    case PLACE_HEAD:
        return find(row, data, size, HEAD_WINDOW);
    case PLACE_ANYWHERE:
        break;
    }
    return find(row, data, size, size);
}

/* An end record whose comment fits into what follows makes the file a ZIP. In a ZIP of ours there is one, at the very
 * end; any other whose comment reaches exactly to the end would be read in its stead by somebody. */
static gboolean no_end_record(const guint8 *data, gsize size, gboolean zip, GError **error)
{
    gsize from = size > END_WINDOW ? size - END_WINDOW : 0;
    while (size - from >= END_SIZE) {
        const guint8 *found = memmem(data + from, size - from, "PK\5\6", 4);
        if (!found || (gsize)(data + size - found) < END_SIZE)
            return TRUE;
        gsize rest = (gsize)(data + size - found) - END_SIZE, comment = found[20] | (gsize)found[21] << 8;
        gboolean own = comment == 0 && rest == 0;
        if (zip ? comment == rest && !own : comment <= rest)
            return hit("the end of a ZIP", (gsize)(found - data), error);
        from = (gsize)(found - data) + 4;
    }
    return TRUE;
}

gboolean mgk_check_foreign(const guint8 *data, gsize size, MgkForeignShape shape, GError **error)
{
    static const guint8 mark[] = {0xef, 0xbb, 0xbf};
    if (size == 0)
        return TRUE;
    gsize marked = shape == TEXT && size >= sizeof mark && memcmp(data, mark, sizeof mark) == 0 ? sizeof mark : 0;
    if (starts_dos_program(data, size))
        return hit("a program", 0, error);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const guint8 *found = rows[i].shapes & shape ? find_row(&rows[i], data + marked, size - marked) : NULL;
        if (found)
            return hit(rows[i].what, (gsize)(found - data), error);
    }
    return no_end_record(data, size, shape == PACKAGE || shape == ARCHIVE, error);
}
