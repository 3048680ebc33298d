/* wmf.c - the second look at a WMF: perhaps a placeable header with its checksum, a header with the true sizes, records
 * that draw, each exactly as long as its own numbers say, of objects that exist; META_EOF at the end. */
#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/metafile.h"

#include <string.h>

#define PLACEABLE 22u
#define HEADER 18u
#define SLOTS 65536u

typedef struct Look {
    const guint8 *data;
    gsize size;
    guint8 *live;       /* SLOTS flags */
    guint slots, taken; /* slots ever in use; no slot below `taken` is free */
    guint32 longest;
    const char *wrong;
} Look;

typedef enum { PLAIN, LIST, POLY, SCANS, WORDS, LINE, IMAGE } Shape;

typedef struct Known {
    guint16 function;
    guint8 size; /* fixed parameters */
    Shape shape;
    guint8 at; /* LIST: the number; IMAGE: the use of colours, 255 when there is none */
} Known;

static const Known known[] = {
    {0x0035, 0, PLAIN, 0},    {0x0037, 4, LIST, 2},   {0x00f7, 4, LIST, 2},   {0x001e, 0, PLAIN, 0},
    {0x0102, 2, PLAIN, 0},    {0x0103, 2, PLAIN, 0},  {0x0104, 2, PLAIN, 0},  {0x0105, 0, PLAIN, 0},
    {0x0106, 2, PLAIN, 0},    {0x0107, 2, PLAIN, 0},  {0x0108, 2, PLAIN, 0},  {0x0127, 2, PLAIN, 0},
    {0x012a, 2, PLAIN, 0},    {0x012b, 2, PLAIN, 0},  {0x012c, 2, PLAIN, 0},  {0x012d, 2, PLAIN, 0},
    {0x012e, 2, PLAIN, 0},    {0x0139, 2, PLAIN, 0},  {0x0142, 4, IMAGE, 2},  {0x0149, 2, PLAIN, 0},
    {0x01f0, 2, PLAIN, 0},    {0x0201, 4, PLAIN, 0},  {0x0209, 4, PLAIN, 0},  {0x020a, 4, PLAIN, 0},
    {0x020b, 4, PLAIN, 0},    {0x020c, 4, PLAIN, 0},  {0x020d, 4, PLAIN, 0},  {0x020e, 4, PLAIN, 0},
    {0x020f, 4, PLAIN, 0},    {0x0211, 4, PLAIN, 0},  {0x0213, 4, PLAIN, 0},  {0x0214, 4, PLAIN, 0},
    {0x0220, 4, PLAIN, 0},    {0x0228, 4, PLAIN, 0},  {0x0231, 4, PLAIN, 0},  {0x0234, 2, PLAIN, 0},
    {0x02fa, 10, PLAIN, 0},   {0x02fb, 50, PLAIN, 0}, {0x02fc, 8, PLAIN, 0},  {0x0324, 2, LIST, 0},
    {0x0325, 2, LIST, 0},     {0x0410, 8, PLAIN, 0},  {0x0412, 8, PLAIN, 0},  {0x0415, 8, PLAIN, 0},
    {0x0416, 8, PLAIN, 0},    {0x0418, 8, PLAIN, 0},  {0x0419, 8, PLAIN, 0},  {0x041b, 8, PLAIN, 0},
    {0x041f, 8, PLAIN, 0},    {0x0429, 8, PLAIN, 0},  {0x0436, 4, LIST, 2},   {0x0521, 2, LINE, 0},
    {0x0538, 2, POLY, 0},     {0x0548, 10, PLAIN, 0}, {0x061c, 12, PLAIN, 0}, {0x061d, 12, PLAIN, 0},
    {0x06ff, 22, SCANS, 0},   {0x0817, 16, PLAIN, 0}, {0x081a, 16, PLAIN, 0}, {0x0830, 16, PLAIN, 0},
    {0x0a32, 8, WORDS, 0},    {0x0922, 18, PLAIN, 0}, {0x0b23, 22, PLAIN, 0}, {0x0940, 16, IMAGE, 255},
    {0x0b41, 20, IMAGE, 255}, {0x0d33, 18, IMAGE, 0}, {0x0f43, 22, IMAGE, 4},
};

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

static const Known *find(guint function)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].function == function)
            return &known[i];
    }
    return NULL;
}

static gsize poly_size(const guint8 *data, gsize size)
{
    gsize parts = mgk_look_u16(data), points = 0;
    for (gsize i = 0; i < parts && 2 * i + 4 <= size; i++)
        points += mgk_look_u16(data + 2 + 2 * i);
    return 2 + 2 * parts + 4 * points;
}

static gsize scans_size(const guint8 *data, gsize size)
{
    gsize at = 22;
    for (guint scans = mgk_look_u16(data + 10); scans > 0 && at + 2 <= size; scans--)
        at += 8 + 2 * (gsize)mgk_look_u16(data + at);
    return mgk_look_u16(data) || mgk_look_u32(data + 4) ? 0 : at;
}

/* With or without steps. */
static gsize words_size(const guint8 *data, gsize size)
{
    gsize length = mgk_look_u16(data + 4), head = mgk_look_u16(data + 6) & 6 ? 16 : 8;
    gsize bare = head + length + length % 2;
    return size == bare ? bare : bare + 2 * length;
}

static gsize image_size(const guint8 *data, gsize size, const Known *row)
{
    if (row->at == 255 && size == 2 * (gsize)(row->function >> 8))
        return size;
    guint32 usage = row->at == 255 ? 0 : mgk_look_u16(data + row->at);
    guint32 rows = row->function == 0x0d33 ? mgk_look_u16(data + 2) : 0;
    gsize header = 0, bits = 0;
    if (!mgk_look_bitmap(data + row->size, size - row->size, usage, rows, &header, &bits) ||
        bits != size - row->size - header)
        return 0;
    return mgk_look_bitmap_rows(data + row->size, data + row->size + header, bits) ? size : 0;
}

/* How long the parameters must be by what they say; anything else when they contradict themselves. */
static gsize true_size(const guint8 *data, gsize size, const Known *row)
{
    switch (row->shape) {
    case PLAIN:
        return row->size;
    case LIST:
        return row->size + (gsize)mgk_look_u16(data + row->at) * 4;
    case POLY:
        return poly_size(data, size);
    case SCANS:
        return scans_size(data, size);
    case WORDS:
        return words_size(data, size);
    case IMAGE:
        return image_size(data, size, row);
    case LINE:
        break;
    }
    return 2 + (mgk_look_u16(data) + (gsize)1) / 2 * 2 + 4;
}

static gboolean look_at_object(Look *look, guint function, const guint8 *data)
{
    guint low = function & 0xff;
    if (low >= 0xf7 || function == 0x0142) {
        while (look->taken < SLOTS - 1 && look->live[look->taken])
            look->taken++;
        look->live[look->taken] = 1;
        look->slots = MAX(look->slots, look->taken + 1);
        return TRUE;
    }
    gboolean uses = function == 0x012d || function == 0x0234 || function == 0x01f0 || function == 0x012a ||
                    function == 0x012b || function == 0x0228 || function == 0x0429;
    if (uses && !look->live[mgk_look_u16(data)])
        return wrong(look, "an object that does not exist");
    if (function == 0x01f0) {
        look->live[mgk_look_u16(data)] = 0;
        look->taken = MIN(look->taken, mgk_look_u16(data));
    }
    return TRUE;
}

static gboolean look_at_record(Look *look, gsize at, gsize size)
{
    guint function = mgk_look_u16(look->data + at + 4);
    const Known *row = find(function);
    const guint8 *data = look->data + at + 6;
    if (!row || size - 6 < row->size)
        return wrong(look, "a record that we never write");
    if (true_size(data, size - 6, row) != size - 6)
        return wrong(look, "a record that contradicts itself");
    look->longest = MAX(look->longest, (guint32)(size / 2));
    return look_at_object(look, function, data);
}

static gboolean look_at_headers(Look *look, gsize *ret_start)
{
    const guint8 *data = look->data;
    gsize start = look->size >= PLACEABLE && memcmp(data, "\xd7\xcd\xc6\x9a", 4) == 0 ? PLACEABLE : 0;
    guint sum = 0;
    for (guint i = 0; i < start / 2; i++)
        sum ^= mgk_look_u16(data + 2 * i);
    if (sum || (start && (mgk_look_u16(data + 4) || mgk_look_u32(data + 16))))
        return wrong(look, "placeable header");
    if (look->size - start < HEADER + 6 || memcmp(data + start, "\1\0\x09\0\0\3", 6) != 0 ||
        mgk_look_u32(data + start + 6) != (look->size - start) / 2 || mgk_look_u16(data + start + 16))
        return wrong(look, "header");
    *ret_start = start;
    return TRUE;
}

static gboolean look_at_all(Look *look)
{
    gsize start = 0;
    if (look->size % 2 || !look_at_headers(look, &start))
        return look->wrong ? FALSE : wrong(look, "size");
    gsize at = start + HEADER;
    while (look->size - at > 6) {
        gsize size = (gsize)mgk_look_u32(look->data + at) * 2;
        if (size < 6 || size > look->size - at)
            return wrong(look, "size of a record");
        if (!look_at_record(look, at, size))
            return FALSE;
        at += size;
    }
    if (look->size - at != 6 || memcmp(look->data + at, "\3\0\0\0\0\0", 6) != 0)
        return wrong(look, "end record");
    if (mgk_look_u16(look->data + start + 10) != look->slots ||
        mgk_look_u32(look->data + start + 12) != MAX(look->longest, 3))
        return wrong(look, "numbers of objects or words");
    return mgk_check_foreign(look->data, look->size, MGK_FOREIGN_PICTURE, NULL) || wrong(look, "a foreign signature");
}

gboolean mgk_check_wmf(MgkJob *job, GError **error)
{
    Look look = {.data = job->data, .size = job->size, .live = g_malloc0(SLOTS)};
    gboolean good = look_at_all(&look);
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "WMF output: %s", look.wrong);
    g_free(look.live);
    return good;
}
