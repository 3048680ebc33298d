/* ppt_shape.c - shapes ([MS-ODRAW] 2.2.14) and their properties, by rules/odraw.def. What was an object or a control is
 * the picture of it. */
#include "engines/ppt_internal.h"

#define PROPERTY 6
#define ARRAY_HEAD 6
#define IS_BLIP 0x4000u
#define IS_COMPLEX 0x8000u
#define ID 0x3fffu

enum { TYPE_SHAPE_ID = 0xf00a, TYPE_TEXT = 0xf00d, TYPE_SHAPE = 0xf004, TYPE_CLIENT = 0xf011, TYPE_OBJECT = 3009 };
enum { SHAPE_PICTURE = 75, SHAPE_CONTROL = 201 };

typedef enum { NUMBER, TEXT, ARRAY, BLIP, LINKED } Sort;

static const struct {
    guint first, last;
    Sort sort;
} rows[] = {
#define MGK_ODRAW(first, last, sort) {first, last, sort},
#include "rules/odraw.def"
#undef MGK_ODRAW
};

static gint sort_of(guint id)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (id >= rows[i].first && id <= rows[i].last)
            return (gint)rows[i].sort;
    }
    return -1;
}

/* The size of elements: a number, or a negative one whose quarter counts (2.2.51). */
static gsize element_size(guint cb)
{
    return cb == 0xfff0 ? 4 : cb > 0x7fff ? (0x10000u - cb) / 4 : cb;
}

/* An array says how many elements of which size it has. Some programs leave its own head out of the size that the table
 * gives; *size is then corrected. */
static gboolean take_array(const guint8 *p, gsize left, gsize *size)
{
    if (left < ARRAY_HEAD)
        return FALSE;
    gsize bytes = (gsize)mgk_recognise_u16le(p) * element_size(mgk_recognise_u16le(p + 4));
    if (bytes == *size && bytes <= left - ARRAY_HEAD)
        *size = bytes + ARRAY_HEAD;
    return *size <= left && *size == bytes + ARRAY_HEAD;
}

/* The record that stays, so far. */
typedef struct Options {
    GByteArray *table, *rest; /* borrowed */
    guint8 seen[(ID + 1) / 8];
    guint n;
} Options;

static void append(Options *options, guint id, guint32 value)
{
    mgk_meta_put16(options->table, id);
    mgk_meta_put32(options->table, value);
    options->n++;
}

/* The picture of this number, which is then needed. */
static void take_blip(MgkPpt *ppt, Options *options, guint id, guint32 untrusted_number)
{
    if (untrusted_number == 0 || untrusted_number > ppt->pictures->len)
        return;
    MgkPptPicture *picture = &g_array_index(ppt->pictures, MgkPptPicture, untrusted_number - 1);
    if (ppt->stored && !picture->uses)
        return;
    picture->uses++;
    append(options, (id & ID) | IS_BLIP, untrusted_number);
}

/* One property; p: what stands behind the table for it, *size bytes of at most left. */
static void take_option(MgkPpt *ppt, Options *options, guint id, guint32 value, const guint8 *p, gsize size)
{
    enum { NOT_SAVED = 4, LINK_TO_FILE = 8 };
    guint own = id & ID;
    gboolean complex = (id & IS_COMPLEX) != 0;
    gint sort = sort_of(own);
    if (sort < 0 || (options->seen[own / 8] >> own % 8 & 1) || complex != (sort == TEXT || sort == ARRAY))
        return;
    options->seen[own / 8] |= (guint8)(1u << own % 8);
    switch ((Sort)sort) {
    case NUMBER:
        append(options, own, value);
        break;
    case BLIP:
        take_blip(ppt, options, id, value);
        break;
    case LINKED:
        if (value & (NOT_SAVED | LINK_TO_FILE))
            mgk_ppt_find(ppt, MGK_KIND_EXTERNAL_CONTENT, NULL);
        break;
    case TEXT:
    case ARRAY:
        append(options, own | IS_COMPLEX, (guint32)size);
        g_byte_array_append(options->rest, p, (guint)size);
        break;
    }
}

/* OfficeArtFOPT (2.2.9): as many entries as its instance says, then what is too large for them, in the same order. */
static void put_options(MgkPpt *ppt, const MgkPptRecord *record)
{
    g_autoptr(GByteArray) table = g_byte_array_new(), rest = g_byte_array_new();
    Options options = {.table = table, .rest = rest};
    gsize n = record->instance;
    if (n > record->size / PROPERTY) {
        mgk_ppt_find(ppt, MGK_KIND_UNKNOWN_PART, "properties of a shape are cut off");
        return;
    }
    gsize at = n * PROPERTY;
    for (gsize i = 0; i < n; i++) {
        const guint8 *entry = record->data + i * PROPERTY;
        guint id = mgk_recognise_u16le(entry);
        guint32 value = mgk_recognise_u32le(entry + 2);
        gsize size = id & IS_COMPLEX ? value : 0, left = record->size - at;
        gboolean whole = sort_of(id & ID) == ARRAY && size > 0
                             ? take_array(record->data + at, left, &size)
                             : size <= left && (size % 2 == 0 || sort_of(id & ID) < 0);
        if (size > left) {
            mgk_ppt_find(ppt, MGK_KIND_UNKNOWN_PART, "properties of a shape are cut off");
            break;
        }
        if (whole)
            take_option(ppt, &options, id, value, record->data + at, size);
        at += size;
    }
    MgkPptRecord fresh = *record;
    fresh.instance = options.n;
    guint start = mgk_ppt_begin(ppt, &fresh, 3);
    g_byte_array_append(ppt->out, table->data, table->len);
    g_byte_array_append(ppt->out, rest->data, rest->len);
    mgk_ppt_end(ppt, start);
}

/* OfficeArtFSP (2.2.40): a control is shown as the picture that it left. */
static void put_shape_id(MgkPpt *ppt, const MgkPptRecord *record)
{
    enum { OLE = 0x10, KNOWN = 0xfff };
    MgkPptRecord fresh = *record;
    guint8 atom[8];
    guint32 flags = mgk_recognise_u32le(record->data + 4) & KNOWN & ~(guint32)OLE;
    for (guint i = 0; i < 4; i++) {
        atom[i] = record->data[i];
        atom[4 + i] = (guint8)(flags >> 8 * i);
    }
    if (fresh.instance == SHAPE_CONTROL)
        fresh.instance = SHAPE_PICTURE;
    mgk_ppt_put(ppt, &fresh, atom, sizeof atom);
}

static void put_shape(MgkPpt *ppt, const MgkPptRecord *record)
{
    enum { DELETED = 8 };
    MgkPptRecord id;
    if (mgk_ppt_child(record, TYPE_SHAPE_ID, &id) && id.size == 8 && (mgk_recognise_u32le(id.data + 4) & DELETED)) {
        mgk_ppt_find(ppt, MGK_KIND_OLD_VERSION, "a deleted shape");
        return;
    }
    mgk_ppt_tree(ppt, record, 15, MGK_PPT_IN_SHAPE);
}

void mgk_ppt_shape(MgkPpt *ppt, const MgkPptRecord *record)
{
    switch (record->type) {
    case TYPE_SHAPE:
        put_shape(ppt, record);
        break;
    case TYPE_SHAPE_ID:
        put_shape_id(ppt, record);
        break;
    case TYPE_TEXT:
        ppt->letters = 0;
        ppt->link_stays = FALSE;
        mgk_ppt_tree(ppt, record, 15, MGK_PPT_IN_TEXT);
        break;
    default:
        put_options(ppt, record);
    }
}
