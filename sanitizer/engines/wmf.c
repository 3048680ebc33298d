/* wmf.c - records of Windows metafiles ([MS-WMF] 2.3): each is written afresh from the fields that its form has. */
#include "engines/wmf.h"

#include "engines/recognise.h"

#include <string.h>

#define FACE_BYTES 32u
#define OPTION_RECTANGLE 6u /* ETO_OPAQUE, ETO_CLIPPED: a rectangle follows */
#define FUNCTION_SET_DIB_TO_DEV 0x0d33u
#define FUNCTION_BRUSH 0x02fcu
#define NO_SLOT 0u
#define ESCAPE_COMMENT 15u

typedef enum { OBJECT_NONE, OBJECT_MAKE, OBJECT_USE, OBJECT_FREE, OBJECT_FILL } Object;

/* A record's parameters, without its head. */
typedef struct Source {
    guint function;
    const guint8 *data;
    gsize size;
} Source;

typedef struct Rule Rule;
typedef gboolean (*Form)(MgkWmf *wmf, const Rule *rule, const Source *source);
struct Rule {
    guint function;
    const char *name;
    Form form; /* NULL: left out */
    MgkKind kind;
    guint size, at;
    Object object;
};

static guint field(const Source *source, gsize at)
{
    return mgk_recognise_u16le(source->data + at);
}

static void put(MgkWmf *wmf, const Source *source, gsize at, gsize size)
{
    g_byte_array_append(wmf->out, source->data + at, (guint)size);
}

static gboolean put_tail(MgkWmf *wmf, const Rule *rule, const Source *source, gsize tail)
{
    if (tail > source->size - rule->size)
        return FALSE;
    put(wmf, source, 0, rule->size + tail);
    return TRUE;
}

/* ---- forms ---- */

static gboolean form_FIXED(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    return put_tail(wmf, rule, source, 0);
}

static gboolean form_COUNTED(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    return put_tail(wmf, rule, source, (gsize)field(source, rule->at) * 4);
}

static gboolean form_PARTS(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gsize parts = field(source, 0), points = 0;
    if (parts * 2 > source->size - rule->size)
        return FALSE;
    for (gsize i = 0; i < parts; i++)
        points += field(source, 2 + 2 * i);
    return put_tail(wmf, rule, source, parts * 2 + points * 4);
}

/* A clip region that is not there ends clipping; slot 0 is one like any other. */
static gboolean form_CLIP(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    return (field(source, 0) == NO_SLOT || wmf->live[field(source, 0)]) && form_FIXED(wmf, rule, source);
}

/* Region ([MS-WMF] 2.2.1.5): scans of lines, each ended by its own count once more. */
static gboolean form_SCANS(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gsize at = rule->size;
    for (guint scans = field(source, rule->at); scans > 0; scans--) {
        if (source->size - at < 2)
            return FALSE;
        gsize lines = (gsize)field(source, at) * 2;
        if (source->size - at < 8 + lines || field(source, at + 6 + lines) != field(source, at))
            return FALSE;
        at += 8 + lines;
    }
    gsize start = wmf->out->len;
    put(wmf, source, 0, at);
    memset(wmf->out->data + start, 0, 2);     /* a pointer of old */
    memset(wmf->out->data + start + 4, 0, 4); /* another */
    return TRUE;
}

static gboolean form_TEXT(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gsize length = field(source, 0), even = length + length % 2;
    if (source->size - rule->size < even + 4)
        return FALSE;
    put(wmf, source, 0, rule->size + length);
    if (even > length)
        g_byte_array_append(wmf->out, (const guint8 *)"", 1);
    put(wmf, source, rule->size + even, 4);
    return TRUE;
}

/* Steps are there for every byte, or not at all. */
static gboolean form_EXT_TEXT(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gsize length = field(source, 4), even = length + length % 2;
    gsize head = rule->size + (field(source, 6) & OPTION_RECTANGLE ? 8 : 0);
    if (head > source->size || even > source->size - head)
        return FALSE;
    put(wmf, source, 0, head + length);
    if (even > length)
        g_byte_array_append(wmf->out, (const guint8 *)"", 1);
    if (source->size - head - even >= 2 * length)
        put(wmf, source, head + even, 2 * length);
    return TRUE;
}

/* The name is ended and padded by us. */
static gboolean form_FONT(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    guint8 face[FACE_BYTES] = {0};
    for (gsize i = 0; i < sizeof face - 1 && rule->size + i < source->size && source->data[rule->size + i]; i++)
        face[i] = source->data[rule->size + i];
    put(wmf, source, 0, rule->size);
    g_byte_array_append(wmf->out, face, sizeof face);
    return TRUE;
}

/* The form without a bitmap is as long as the function's number says. */
static gboolean lacks_bitmap(const Source *source)
{
    return source->size == 2 * (gsize)(source->function >> 8);
}

static gboolean form_EMPTY(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    return lacks_bitmap(source) && form_FIXED(wmf, rule, source);
}

static gboolean form_BITMAP(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gboolean optional = rule->at == 0xff;
    if (optional && lacks_bitmap(source)) {
        put(wmf, source, 0, source->size);
        return TRUE;
    }
    MgkMetaBitmap bitmap = {.untrusted_usage = optional ? 0 : field(source, rule->at)};
    if (source->function == FUNCTION_SET_DIB_TO_DEV)
        bitmap.untrusted_rows = field(source, 2);
    g_autoptr(GByteArray) header = g_byte_array_new(), bits = g_byte_array_new();
    gboolean damaged = FALSE;
    if (bitmap.untrusted_usage > 1 ||
        !mgk_meta_bitmap_split(&bitmap, source->data + rule->size, source->size - rule->size) ||
        !mgk_meta_bitmap_rebuild(&bitmap, &wmf->job->policy->limits, header, bits, &damaged))
        return FALSE;
    if (damaged)
        mgk_wmf_tell_damaged(wmf, "a bitmap inside lacks rows");
    put(wmf, source, 0, rule->size);
    g_byte_array_append(wmf->out, header->data, header->len);
    g_byte_array_append(wmf->out, bits->data, bits->len);
    return TRUE;
}

static const Rule rules[] = {
#define MGK_WMF(number, label, how, least, where, slot) \
    {.function = (number), \
     .name = (label), \
     .form = form_##how, \
     .size = (least), \
     .at = (where), \
     .object = OBJECT_##slot},
#define MGK_WMF_DROP(number, label, what) {.function = (number), .name = (label), .kind = MGK_KIND_##what},
#include "rules/wmf.def"
#undef MGK_WMF
#undef MGK_WMF_DROP
};

static const Rule *find_rule(guint function)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (rules[i].function == function)
            return &rules[i];
    }
    return NULL;
}

/* ---- objects ---- */

static gboolean may_use(const MgkWmf *wmf, const Rule *rule, const Source *source)
{
    switch (rule->object) {
    case OBJECT_USE:
    case OBJECT_FREE:
        return wmf->live[field(source, 0)];
    case OBJECT_FILL:
        return wmf->live[field(source, 0)] && wmf->live[field(source, 2)];
    case OBJECT_NONE:
    case OBJECT_MAKE:
        break;
    }
    return TRUE;
}

static void take_slot(MgkWmf *wmf)
{
    while (wmf->free < MGK_WMF_SLOTS - 1 && wmf->live[wmf->free])
        wmf->free++;
    wmf->live[wmf->free] = 1;
    wmf->slots = MAX(wmf->slots, wmf->free + 1);
}

static void settle(MgkWmf *wmf, Object object, guint slot)
{
    if (object == OBJECT_MAKE) {
        take_slot(wmf);
    } else if (object == OBJECT_FREE) {
        wmf->live[slot] = 0;
        wmf->free = MIN(wmf->free, slot);
    }
}

static void finish_record(MgkWmf *wmf, gsize start)
{
    guint32 words = (guint32)((wmf->out->len - start) / 2);
    mgk_meta_set32(wmf->out, start, words);
    wmf->longest = MAX(wmf->longest, words);
}

/* What cannot be kept but would take a slot becomes a gray brush, so that later numbers mean what they meant. */
static void put_gray_brush(MgkWmf *wmf)
{
    gsize start = wmf->out->len;
    mgk_meta_put32(wmf->out, 0);
    mgk_meta_put16(wmf->out, FUNCTION_BRUSH);
    mgk_meta_put16(wmf->out, 0);
    mgk_meta_put32(wmf->out, 0xc0c0c0);
    mgk_meta_put16(wmf->out, 0);
    finish_record(wmf, start);
    take_slot(wmf);
}

/* ---- reports ---- */

void mgk_wmf_tell_damaged(MgkWmf *wmf, const char *what)
{
    if (!wmf->damaged)
        mgk_job_find(wmf->job, MGK_KIND_IMAGE_DAMAGED, NULL, what);
    wmf->damaged = TRUE;
}

/* An escape that is nothing but a note is no order to anybody. */
static void tell_left_out(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gboolean note =
        rule && rule->kind == MGK_KIND_DRAWING_ESCAPE && source->size >= 2 && field(source, 0) == ESCAPE_COMMENT;
    guint key = rule ? source->function << 1 | note : 1;
    if (!g_hash_table_add(wmf->told, GUINT_TO_POINTER(key)))
        return;
    g_autofree char *detail = g_strdup_printf("function %#06x", source->function);
    MgkKind kind = note ? MGK_KIND_DRAWING_COMMENT : rule ? rule->kind : MGK_KIND_DRAWING_UNKNOWN;
    mgk_job_find(wmf->job, kind, NULL, rule ? rule->name : detail);
}

static gboolean keep(MgkWmf *wmf, const Rule *rule, const Source *source)
{
    gsize start = wmf->out->len;
    mgk_meta_put32(wmf->out, 0);
    mgk_meta_put16(wmf->out, rule->function);
    gboolean kept = source->size >= rule->size && rule->form(wmf, rule, source);
    if (!kept) {
        g_byte_array_set_size(wmf->out, (guint)start);
        mgk_wmf_tell_damaged(wmf, rule->name);
        return FALSE;
    }
    finish_record(wmf, start);
    settle(wmf, rule->object, rule->object == OBJECT_FREE ? field(source, 0) : 0);
    return TRUE;
}

void mgk_wmf_record(MgkWmf *wmf, guint function, const guint8 *record, gsize size)
{
    const Rule *rule = find_rule(function);
    const Source source = {function, record + MGK_WMF_RECORD_HEAD, size - MGK_WMF_RECORD_HEAD};
    gboolean makes = rule && rule->object == OBJECT_MAKE;
    /* The low byte of a function that makes an object is f7 or above, DIBCREATEPATTERNBRUSH aside. */
    gboolean took_slot = makes || (function & 0xff) >= 0xf7;
    gboolean kept = FALSE;
    if (rule && rule->form && source.size >= rule->size && !may_use(wmf, rule, &source))
        return;
    if (!rule || !rule->form)
        tell_left_out(wmf, rule, &source);
    else
        kept = keep(wmf, rule, &source);
    if (!kept && took_slot)
        put_gray_brush(wmf);
}
