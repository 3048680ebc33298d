/* emf.c - the second look at an EMF: a header of 108 bytes with the true sizes and counts, no description, no pixel
 * format; records that draw, each exactly as long as its own numbers say, of objects that exist; EMR_EOF at the end. */
#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/metafile.h"

#include <string.h>

#define HEADER 108u
#define HANDLES 65536u

typedef struct Look {
    const guint8 *data;
    gsize size;
    guint8 *live; /* HANDLES flags */
    guint32 highest, records;
    const char *wrong;
} Look;

/* What a record is made of behind its fixed part: `a` and `b` as the shape needs them. */
typedef enum { PLAIN, LIST, PALETTE, POLY, AREA, IMAGE, IMAGES, PEN, STRING, SHORT, RAMP } Shape;

typedef struct Known {
    guint8 first, last; /* record numbers */
    guint size;
    Shape shape;
    guint a, b;
} Known;

static const Known known[] = {
    {2, 6, 28, LIST, 24, 8},      {7, 8, 32, POLY, 24, 8},        {9, 13, 16, PLAIN, 0, 0},
    {15, 15, 20, PLAIN, 0, 0},    {16, 22, 12, PLAIN, 0, 0},      {23, 23, 32, PLAIN, 0, 0},
    {24, 25, 12, PLAIN, 0, 0},    {26, 27, 16, PLAIN, 0, 0},      {28, 28, 8, PLAIN, 0, 0},
    {29, 32, 24, PLAIN, 0, 0},    {33, 33, 8, PLAIN, 0, 0},       {34, 34, 12, PLAIN, 0, 0},
    {35, 35, 32, PLAIN, 0, 0},    {36, 36, 36, PLAIN, 0, 0},      {37, 37, 12, PLAIN, 0, 0},
    {38, 38, 28, PLAIN, 0, 0},    {39, 39, 24, PLAIN, 0, 0},      {40, 40, 12, PLAIN, 0, 0},
    {41, 41, 28, PLAIN, 0, 0},    {42, 43, 24, PLAIN, 0, 0},      {44, 44, 32, PLAIN, 0, 0},
    {45, 47, 40, PLAIN, 0, 0},    {48, 48, 12, PLAIN, 0, 0},      {49, 49, 16, PALETTE, 14, 4},
    {50, 50, 20, LIST, 16, 4},    {51, 51, 16, PLAIN, 0, 0},      {52, 52, 8, PLAIN, 0, 0},
    {53, 53, 24, PLAIN, 0, 0},    {54, 54, 16, PLAIN, 0, 0},      {55, 55, 40, PLAIN, 0, 0},
    {56, 56, 28, LIST, 24, 9},    {57, 58, 12, PLAIN, 0, 0},      {59, 61, 8, PLAIN, 0, 0},
    {62, 64, 24, PLAIN, 0, 0},    {65, 66, 8, PLAIN, 0, 0},       {67, 67, 12, PLAIN, 0, 0},
    {68, 68, 8, PLAIN, 0, 0},     {71, 71, 32, AREA, 24, 0},      {72, 72, 40, AREA, 24, 0},
    {73, 74, 28, AREA, 24, 0},    {75, 75, 16, AREA, 8, 0},       {76, 76, 100, IMAGE, 84, 80},
    {77, 77, 108, IMAGE, 84, 80}, {78, 78, 128, IMAGES, 84, 80},  {79, 79, 140, IMAGES, 96, 92},
    {80, 80, 76, IMAGE, 48, 64},  {81, 81, 80, IMAGE, 48, 64},    {82, 82, 332, PLAIN, 0, 0},
    {83, 83, 76, STRING, 1, 0},   {84, 84, 76, STRING, 2, 0},     {85, 89, 28, LIST, 24, 4},
    {90, 91, 32, POLY, 24, 4},    {92, 92, 28, LIST, 24, 5},      {93, 94, 32, IMAGE, 16, 12},
    {95, 95, 52, PEN, 12, 48},    {108, 108, 36, SHORT, 0, 0},    {114, 114, 108, IMAGE, 84, 80},
    {115, 115, 12, PLAIN, 0, 0},  {116, 116, 108, IMAGE, 84, 80}, {118, 118, 36, RAMP, 24, 0},
    {120, 120, 16, PLAIN, 0, 0},
};

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

static const Known *find(guint32 number)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (number >= known[i].first && number <= known[i].last)
            return &known[i];
    }
    return NULL;
}

/* Where the bitmap described at `at` ends: right behind `end`, or at `end` when there is none; 0 when it is wrong. */
static guint64 image_end(const guint8 *record, gsize size, guint at, guint32 usage, guint32 rows, guint64 end)
{
    guint32 place[4];
    for (guint i = 0; i < 4; i++)
        place[i] = mgk_look_u32(record + at + 4 * i);
    if (!place[0] && !place[1] && !place[2] && !place[3])
        return end;
    gsize header = 0, bits = 0;
    if (place[0] != end || end > size || !mgk_look_bitmap(record + end, size - end, usage, rows, &header, &bits))
        return 0;
    guint64 bits_at = end + header;
    if (place[1] != header || place[2] != bits_at || place[3] != bits || bits > size - bits_at)
        return 0;
    return mgk_look_bitmap_rows(record + end, record + bits_at, bits) ? bits_at + bits : 0;
}

static guint64 images_end(const guint8 *record, gsize size, const Known *row)
{
    guint32 rows = mgk_look_u32(record) == 80 ? mgk_look_u32(record + 72) : 0;
    guint64 end = image_end(record, size, row->a, mgk_look_u32(record + row->b), rows, row->size);
    if (row->shape != IMAGES || !end)
        return end;
    return image_end(record, size, row->size - 16, mgk_look_u32(record + row->size - 20), 0, end);
}

static guint64 poly_end(const guint8 *record, gsize size, const Known *row)
{
    guint64 parts = mgk_look_u32(record + row->a), points = mgk_look_u32(record + row->a + 4), sum = 0;
    if (parts > (size - row->size) / 4)
        return 0;
    for (gsize i = 0; i < parts; i++)
        sum += mgk_look_u32(record + row->size + 4 * i);
    return sum == points ? row->size + 4 * parts + row->b * points : 0;
}

static guint64 area_end(const guint8 *record, gsize size, const Known *row)
{
    guint64 region = mgk_look_u32(record + row->a);
    if (region == 0)
        return row->size;
    if (region < 32 || region > size - row->size)
        return 0;
    const guint8 *head = record + row->size;
    return mgk_look_u32(head) == 32 && region == 32 + 16 * (guint64)mgk_look_u32(head + 8) ? row->size + region : 0;
}

static guint64 string_end(const guint8 *record, const Known *row)
{
    guint64 chars = mgk_look_u32(record + 44), end = row->size + (chars * row->a + 3) / 4 * 4;
    guint32 steps = mgk_look_u32(record + 72);
    if (mgk_look_u32(record + 48) != row->size || (steps && steps != end))
        return 0;
    return steps ? end + chars * (mgk_look_u32(record + 52) & 0x2000 ? 8 : 4) : end;
}

static guint64 ramp_end(const guint8 *record, gsize size, const Known *row)
{
    guint64 points = mgk_look_u32(record + row->a), shapes = mgk_look_u32(record + row->a + 4);
    guint32 mode = mgk_look_u32(record + 32), corners = mode == 2 ? 3 : 2;
    guint64 at = row->size + 16 * points, end = at + 4 * shapes * corners;
    if (mode > 2 || end > size)
        return 0;
    for (; at < end; at += 4) {
        if (mgk_look_u32(record + at) >= points)
            return 0;
    }
    return end;
}

static guint64 pen_end(const guint8 *record, gsize size, const Known *row)
{
    guint64 dashes = mgk_look_u32(record + row->b);
    return dashes > 16 ? 0 : image_end(record, size, row->a, 0, 0, row->size + 4 * dashes);
}

/* How long the record must be by what it says; 0 when it contradicts itself. */
static guint64 true_size(const guint8 *record, gsize size, const Known *row)
{
    switch (row->shape) {
    case PLAIN:
        return row->size;
    case LIST:
        return row->size + (guint64)mgk_look_u32(record + row->a) * row->b;
    case PALETTE:
        return row->size + (guint64)mgk_look_u16(record + row->a) * row->b;
    case POLY:
        return poly_end(record, size, row);
    case AREA:
        return area_end(record, size, row);
    case IMAGE:
    case IMAGES:
        return images_end(record, size, row);
    case PEN:
        return pen_end(record, size, row);
    case STRING:
        return string_end(record, row);
    case SHORT:
        break;
    case RAMP:
        return ramp_end(record, size, row);
    }
    guint32 options = mgk_look_u32(record + 20);
    return row->size + (options & 0x100 ? 0 : 16) + (guint64)mgk_look_u32(record + 16) * (options & 0x200 ? 1 : 2);
}

static gboolean exists(const Look *look, guint32 handle)
{
    return (handle >= 0x80000000u && handle <= 0x80000014u) || (handle < HANDLES && look->live[handle]);
}

static gboolean look_at_object(Look *look, guint32 number, const guint8 *record)
{
    guint32 handle = mgk_look_u32(record + (number == 71 || number == 72 ? 28 : 8));
    switch (number) {
    case 38:
    case 39:
    case 49:
    case 82:
    case 93:
    case 94:
    case 95:
        if (handle == 0 || handle >= HANDLES)
            return wrong(look, "an object without a number");
        look->live[handle] = 1;
        look->highest = MAX(look->highest, handle);
        return TRUE;
    case 40:
        if (handle >= HANDLES || !look->live[handle])
            return wrong(look, "an object that does not exist is deleted");
        look->live[handle] = 0;
        return TRUE;
    case 37:
    case 48:
    case 50:
    case 51:
    case 71:
    case 72:
        return exists(look, handle) || wrong(look, "an object that does not exist");
    default:
        return TRUE;
    }
}

static gboolean look_at_record(Look *look, gsize at, gsize size)
{
    const guint8 *record = look->data + at;
    const Known *row = find(mgk_look_u32(record));
    if (!row || size < row->size)
        return wrong(look, "a record that we never write");
    guint64 end = true_size(record, size, row);
    if (!end || (end + 3) / 4 * 4 != size)
        return wrong(look, "a record that contradicts itself");
    for (gsize i = (gsize)end; i < size; i++) {
        if (record[i])
            return wrong(look, "data behind a record");
    }
    return look_at_object(look, mgk_look_u32(record), record);
}

static gboolean look_at_header(Look *look)
{
    const guint8 *data = look->data;
    if (look->size < HEADER || mgk_look_u32(data) != 1 || mgk_look_u32(data + 4) != HEADER)
        return wrong(look, "header");
    static const guint8 zeros[12];
    if (memcmp(data + 40, " EMF\0\0\1\0", 8) != 0 || memcmp(data + 60, zeros, 12) != 0 ||
        memcmp(data + 88, zeros, 12) != 0)
        return wrong(look, "header");
    return mgk_look_u32(data + 48) == look->size || wrong(look, "size");
}

static gboolean look_at_end(Look *look, gsize at)
{
    static const guint32 want[] = {14, 20, 0, 16, 20};
    for (guint i = 0; i < 5; i++) {
        if (mgk_look_u32(look->data + at + 4 * i) != want[i])
            return wrong(look, "end record");
    }
    if (mgk_look_u32(look->data + 52) != look->records + 2 || mgk_look_u32(look->data + 56) != look->highest + 1)
        return wrong(look, "numbers of records or objects");
    return TRUE;
}

static gboolean look_at_all(Look *look)
{
    if (!look_at_header(look))
        return FALSE;
    gsize at = HEADER;
    while (look->size - at > 20) {
        guint32 size = mgk_look_u32(look->data + at + 4);
        if (size < 8 || size % 4 || size > look->size - at)
            return wrong(look, "size of a record");
        if (!look_at_record(look, at, size))
            return FALSE;
        look->records++;
        at += size;
    }
    if (look->size - at != 20 || !look_at_end(look, at))
        return look->wrong ? FALSE : wrong(look, "end record");
    return mgk_check_foreign(look->data, look->size, MGK_FOREIGN_PICTURE, NULL) || wrong(look, "a foreign signature");
}

gboolean mgk_check_emf(MgkJob *job, GError **error)
{
    Look look = {.data = job->data, .size = job->size, .live = g_malloc0(HANDLES)};
    gboolean good = look_at_all(&look);
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "EMF output: %s", look.wrong);
    g_free(look.live);
    return good;
}
