/* emf.c - records of enhanced metafiles ([MS-EMF] 2.3): each is written afresh from the fields that its form has, so
 * that no byte between or behind them crosses; counts, offsets and handles are checked first. */
#include "engines/emf.h"

#include "engines/recognise.h"

#include <string.h>

#define STOCK 0x80000000u /* [MS-EMF] 2.1.31: objects that exist without being made */
#define STOCK_LAST 0x80000014u
#define LOGFONT 92u
#define PANOSE 320u /* a LogFontPanose, which old programs want whole */
#define FACE_AT 28u
#define FACE_UNITS 32u
#define REGION_HEAD 32u
#define OPTION_PAIRS 0x2000u /* ETO_PDY: steps are pairs */
#define OPTION_NO_RECT 0x100u
#define OPTION_SMALL 0x200u

typedef enum { OBJECT_NONE, OBJECT_MAKE, OBJECT_USE, OBJECT_FREE, OBJECT_USE_BRUSH } Object;

typedef struct Source {
    const guint8 *data;
    gsize size;
} Source;

typedef struct Rule Rule;
typedef gboolean (*Form)(MgkEmf *emf, const Rule *rule, const Source *source);
struct Rule {
    const char *name; /* NULL: no row */
    Form form;        /* NULL: left out */
    MgkKind kind;
    guint size, at, unit;
    Object object;
    gboolean paints;
};

static guint32 field(const Source *source, gsize at)
{
    return mgk_recognise_u32le(source->data + at);
}

static void put(MgkEmf *emf, const Source *source, gsize at, gsize size)
{
    g_byte_array_append(emf->out, source->data + at, (guint)size);
}

/* ---- forms ---- */

static gboolean form_FIXED(MgkEmf *emf, const Rule *rule, const Source *source)
{
    put(emf, source, 0, rule->size);
    return TRUE;
}

static gboolean put_tail(MgkEmf *emf, const Rule *rule, const Source *source, guint64 tail)
{
    if (tail > source->size - rule->size)
        return FALSE;
    put(emf, source, 0, rule->size + (gsize)tail);
    return TRUE;
}

static gboolean form_COUNTED(MgkEmf *emf, const Rule *rule, const Source *source)
{
    return put_tail(emf, rule, source, (guint64)field(source, rule->at) * rule->unit);
}

static gboolean form_PALETTE(MgkEmf *emf, const Rule *rule, const Source *source)
{
    return put_tail(emf, rule, source, (guint64)mgk_recognise_u16le(source->data + rule->at) * rule->unit);
}

static gboolean form_PARTS(MgkEmf *emf, const Rule *rule, const Source *source)
{
    guint64 parts = field(source, rule->at), points = field(source, rule->at + 4), sum = 0;
    if (parts > (source->size - rule->size) / 4)
        return FALSE;
    for (gsize i = 0; i < parts; i++)
        sum += field(source, rule->size + 4 * i);
    return sum == points && put_tail(emf, rule, source, 4 * parts + rule->unit * points);
}

/* RegionData ([MS-EMF] 2.2.25): a header of 32 bytes and rectangles. Selecting none at all ends clipping. */
static gboolean form_REGION(MgkEmf *emf, const Rule *rule, const Source *source)
{
    guint32 size = field(source, rule->at);
    if (size == 0)
        return put_tail(emf, rule, source, 0);
    if (size < REGION_HEAD || size > source->size - rule->size)
        return FALSE;
    guint32 rectangles = field(source, rule->size + 8);
    if (field(source, rule->size) != REGION_HEAD || rectangles > (size - REGION_HEAD) / 16)
        return FALSE;
    guint32 used = REGION_HEAD + 16 * rectangles;
    gsize start = emf->out->len;
    put(emf, source, 0, rule->size + used);
    mgk_meta_set32(emf->out, start + rule->at, used);
    mgk_meta_set32(emf->out, start + rule->size + 12, 16 * rectangles);
    return TRUE;
}

static gboolean form_GRADIENT(MgkEmf *emf, const Rule *rule, const Source *source)
{
    guint64 vertices = field(source, rule->at), shapes = field(source, rule->at + 4);
    guint32 mode = field(source, rule->at + 8);
    if (mode > 2)
        return FALSE;
    guint indices = mode == 2 ? 3 : 2;
    gsize body = rule->size + (gsize)vertices * 16;
    if (vertices > (source->size - rule->size) / 16 || shapes > (source->size - body) / (4 * indices))
        return FALSE;
    for (gsize i = 0; i < shapes * indices; i++) {
        if (field(source, body + 4 * i) >= vertices)
            return FALSE;
    }
    return put_tail(emf, rule, source, vertices * 16 + shapes * 4 * indices);
}

/* A span that offsets claim; inside the record and behind its fixed part. */
static gboolean span(const Rule *rule, const Source *source, guint64 at, guint64 size)
{
    return at >= rule->size && at <= source->size && size <= source->size - at;
}

/* Rebuilds the bitmap that four offsets and sizes at `at` describe, its colours' use at usage_at; start is where the
 * record begins in the output. */
static gboolean put_bitmap(MgkEmf *emf, const Rule *rule, const Source *source, gsize at, gsize usage_at,
                           MgkMetaBitmap *bitmap, gsize start)
{
    guint32 header_at = field(source, at), header_size = field(source, at + 4);
    guint32 bits_at = field(source, at + 8), bits_size = field(source, at + 12);
    for (guint i = 0; i < 4; i++)
        mgk_meta_set32(emf->out, start + at + 4 * i, 0);
    if (header_size == 0)
        return bits_size == 0;
    if (!span(rule, source, header_at, header_size) || !span(rule, source, bits_at, bits_size))
        return FALSE;
    bitmap->header = source->data + header_at;
    bitmap->header_size = header_size;
    bitmap->bits = source->data + bits_at;
    bitmap->bits_size = bits_size;
    g_autoptr(GByteArray) header = g_byte_array_new(), bits = g_byte_array_new();
    gboolean damaged = FALSE;
    if (!mgk_meta_bitmap_rebuild(bitmap, &emf->job->policy->limits, header, bits, &damaged))
        return FALSE;
    if (damaged)
        mgk_emf_tell_damaged(emf, "a bitmap inside lacks rows");
    if (bitmap->untrusted_usage == 2)
        mgk_meta_set32(emf->out, start + usage_at, 0);
    mgk_meta_set32(emf->out, start + at, (guint32)(emf->out->len - start));
    mgk_meta_set32(emf->out, start + at + 4, header->len);
    g_byte_array_append(emf->out, header->data, header->len);
    mgk_meta_set32(emf->out, start + at + 8, (guint32)(emf->out->len - start));
    mgk_meta_set32(emf->out, start + at + 12, bits->len);
    g_byte_array_append(emf->out, bits->data, bits->len);
    return TRUE;
}

static gboolean form_BITMAP(MgkEmf *emf, const Rule *rule, const Source *source)
{
    enum { SET_DIBITS_TO_DEVICE = 80 };
    gsize start = emf->out->len;
    put(emf, source, 0, rule->size);
    MgkMetaBitmap bitmap = {.untrusted_usage = field(source, rule->unit)};
    if (field(source, 0) == SET_DIBITS_TO_DEVICE)
        bitmap.untrusted_rows = field(source, rule->size - 4);
    return put_bitmap(emf, rule, source, rule->at, rule->unit, &bitmap, start);
}

static gboolean form_MASKED(MgkEmf *emf, const Rule *rule, const Source *source)
{
    gsize start = emf->out->len;
    put(emf, source, 0, rule->size);
    MgkMetaBitmap bitmap = {.untrusted_usage = field(source, rule->unit)};
    MgkMetaBitmap mask = {.untrusted_usage = field(source, rule->size - 20)};
    return put_bitmap(emf, rule, source, rule->at, rule->unit, &bitmap, start) &&
           put_bitmap(emf, rule, source, rule->size - 16, rule->size - 20, &mask, start);
}

/* LogPenEx ([MS-EMF] 2.2.20): dashes, then perhaps a bitmap. */
static gboolean form_PEN(MgkEmf *emf, const Rule *rule, const Source *source)
{
    guint32 dashes = field(source, rule->unit);
    if (dashes > 16 || dashes * 4 > source->size - rule->size)
        return FALSE;
    gsize start = emf->out->len;
    put(emf, source, 0, rule->size + (gsize)dashes * 4);
    MgkMetaBitmap bitmap = {.untrusted_usage = 0};
    return put_bitmap(emf, rule, source, rule->at, rule->unit, &bitmap, start);
}

/* Of the font no more than LogFont says: the name, ended and padded by us; other names and styles are empty. */
static gboolean form_FONT(MgkEmf *emf, const Rule *rule, const Source *source)
{
    gsize start = emf->out->len, face = rule->size - LOGFONT + FACE_AT;
    put(emf, source, 0, face);
    for (guint i = 0; i < FACE_UNITS - 1 && mgk_recognise_u16le(source->data + face + 2 * i); i++)
        put(emf, source, face + 2 * i, 2);
    while (emf->out->len - start < rule->size - LOGFONT + PANOSE)
        mgk_meta_put16(emf->out, 0);
    return TRUE;
}

/* EmrText ([MS-EMF] 2.2.5): the string and its steps are where offsets say; written right behind each other. */
static gboolean form_TEXT(MgkEmf *emf, const Rule *rule, const Source *source)
{
    enum { CHARS = 44, STRING_AT = 48, OPTIONS = 52, STEPS_AT = 72 };
    guint64 chars = field(source, CHARS), string = chars * rule->unit;
    guint32 options = field(source, OPTIONS), string_at = field(source, STRING_AT), steps_at = field(source, STEPS_AT);
    guint64 steps = chars * (options & OPTION_PAIRS ? 8 : 4);
    if (chars && !span(rule, source, string_at, string))
        return FALSE;
    gsize start = emf->out->len;
    put(emf, source, 0, rule->size);
    mgk_meta_set32(emf->out, start + STRING_AT, rule->size);
    mgk_meta_set32(emf->out, start + STEPS_AT, 0);
    if (chars)
        put(emf, source, string_at, (gsize)string);
    mgk_meta_align(emf->out, start);
    if (chars && span(rule, source, steps_at, steps)) {
        mgk_meta_set32(emf->out, start + STEPS_AT, (guint32)(emf->out->len - start));
        put(emf, source, steps_at, (gsize)steps);
    }
    return TRUE;
}

static gboolean form_SMALL_TEXT(MgkEmf *emf, const Rule *rule, const Source *source)
{
    enum { CHARS = 16, OPTIONS = 20, BOUNDS = 16 };
    guint32 options = field(source, OPTIONS);
    guint64 chars = field(source, CHARS);
    return put_tail(emf, rule, source,
                    (options & OPTION_NO_RECT ? 0 : BOUNDS) + chars * (options & OPTION_SMALL ? 1 : 2));
}

static const Rule rules[MGK_EMF_NUMBERS] = {
#define MGK_EMF(number, label, how, least, where, each, handle, draws) \
    [number] = {.name = (label), \
                .form = form_##how, \
                .size = (least), \
                .at = (where), \
                .unit = (each), \
                .object = OBJECT_##handle, \
                .paints = (draws)},
#define MGK_EMF_DROP(number, label, what) [number] = {.name = (label), .kind = MGK_KIND_##what},
#include "rules/emf.def"
#undef MGK_EMF
#undef MGK_EMF_DROP
};

/* ---- objects ---- */

static gboolean is_live(const MgkEmf *emf, guint32 handle)
{
    return (handle >= STOCK && handle <= STOCK_LAST) || (handle < MGK_EMF_HANDLES && emf->live[handle]);
}

/* FALSE when the record names an object that is not there: players ignore it, or worse. */
static gboolean may_use(const MgkEmf *emf, const Rule *rule, const Source *source)
{
    switch (rule->object) {
    case OBJECT_MAKE:
        return field(source, 8) > 0 && field(source, 8) < MGK_EMF_HANDLES;
    case OBJECT_USE:
        return is_live(emf, field(source, 8));
    case OBJECT_FREE:
        return field(source, 8) < MGK_EMF_HANDLES && emf->live[field(source, 8)];
    case OBJECT_USE_BRUSH:
        return is_live(emf, field(source, 28));
    case OBJECT_NONE:
        break;
    }
    return TRUE;
}

static void settle(MgkEmf *emf, const Rule *rule, guint32 handle)
{
    if (rule->object == OBJECT_MAKE) {
        emf->live[handle] = 1;
        emf->handles = MAX(emf->handles, handle + 1);
    } else if (rule->object == OBJECT_FREE) {
        emf->live[handle] = 0;
    }
    emf->paints = emf->paints || rule->paints;
    emf->records++;
}

void mgk_emf_tell_damaged(MgkEmf *emf, const char *what)
{
    if (!emf->damaged)
        mgk_job_find(emf->job, MGK_KIND_IMAGE_DAMAGED, NULL, what);
    emf->damaged = TRUE;
}

static void tell_left_out(MgkEmf *emf, const Rule *rule, guint32 number)
{
    if (number < MGK_EMF_NUMBERS && emf->told[number])
        return;
    if (number < MGK_EMF_NUMBERS)
        emf->told[number] = 1;
    g_autofree char *detail = g_strdup_printf("record %u", number);
    if (rule && rule->kind == MGK_KIND_IMAGE_PROFILE)
        mgk_job_report(emf->job, rule->kind, MGK_ACTION_REMOVE, NULL, rule->name);
    else if (rule)
        mgk_job_find(emf->job, rule->kind, NULL, rule->name);
    else if (!emf->told[0]++)
        mgk_job_find(emf->job, MGK_KIND_DRAWING_UNKNOWN, NULL, detail);
}

void mgk_emf_record(MgkEmf *emf, guint32 number, const guint8 *record, gsize size)
{
    const Rule *rule = number < MGK_EMF_NUMBERS && rules[number].name ? &rules[number] : NULL;
    const Source source = {record, size};
    if (!rule || !rule->form) {
        tell_left_out(emf, rule, number);
        return;
    }
    if (size < rule->size) {
        mgk_emf_tell_damaged(emf, rule->name);
        return;
    }
    if (!may_use(emf, rule, &source))
        return;
    gsize start = emf->out->len;
    if (!rule->form(emf, rule, &source)) {
        g_byte_array_set_size(emf->out, (guint)start);
        mgk_emf_tell_damaged(emf, rule->name);
        return;
    }
    mgk_meta_align(emf->out, start);
    mgk_meta_set32(emf->out, start + 4, (guint32)(emf->out->len - start));
    settle(emf, rule, rule->object == OBJECT_MAKE || rule->object == OBJECT_FREE ? field(&source, 8) : 0);
}
