/* metafile.c - bitmaps inside metafile records: [MS-WMF] 2.2.2.9 (DeviceIndependentBitmap), [MS-EMF] 2.3.1. */
#include "engines/metafile.h"

#include "engines/dib.h"
#include "engines/recognise.h"
#include "engines/signature.h"

#include <string.h>

#define CORE 12u /* OS/2's header, with 16-bit sizes and colours of three bytes */
#define INFO 40u
#define MASKS 12u
#define CODE_RGB 0u
#define CODE_RLE8 1u
#define CODE_RLE4 2u
#define CODE_FIELDS 3u
/* A bitmap of which less than this part is there is not worth showing. */
#define HOPELESS_PART 8

typedef struct Shape {
    guint32 size, width, height; /* of the header; of the picture */
    gboolean top_down;
    guint bits, code;
    guint32 x_density, y_density;
    guint32 masks[3];
    guint32 n_colors;
    guint color_size;
    gsize colors_at, end;
} Shape;

void mgk_meta_put16(GByteArray *out, guint value)
{
    const guint8 bytes[] = {value & 0xff, value >> 8 & 0xff};
    g_byte_array_append(out, bytes, sizeof bytes);
}

void mgk_meta_put32(GByteArray *out, guint32 value)
{
    mgk_meta_put16(out, value & 0xffff);
    mgk_meta_put16(out, value >> 16);
}

void mgk_meta_set32(GByteArray *out, gsize at, guint32 value)
{
    const guint32 little = GUINT32_TO_LE(value);
    memcpy(out->data + at, &little, sizeof little);
}

static void put_zeros(GByteArray *out, gsize n)
{
    guint before = out->len;
    if (n == 0) /* an empty array has no address */
        return;
    g_byte_array_set_size(out, (guint)(before + n));
    memset(out->data + before, 0, n);
}

void mgk_meta_align(GByteArray *out, gsize start)
{
    put_zeros(out, -(out->len - start) & 3);
}

gboolean mgk_meta_is_unambiguous(MgkJob *job, const GByteArray *out)
{
    const char *foreign = mgk_signature_foreign(out->data, out->len);
    if (!foreign)
        return TRUE;
    g_autofree char *detail = g_strdup_printf("the drawing spells another kind of file: %s", foreign);
    mgk_job_hold(job, MGK_REASON_AMBIGUOUS, detail);
    return FALSE;
}

static guint32 magnitude(guint32 value, gboolean *ret_negative)
{
    *ret_negative = value > G_MAXINT32;
    return *ret_negative ? 0 - value : value;
}

/* The colours declared; more than the samples can name are in nobody's way. */
static gboolean place_colors(Shape *shape, guint32 untrusted_used, guint32 usage)
{
    if (usage == 2)
        untrusted_used = 0;
    guint32 most = shape->bits <= 8 ? 1u << shape->bits : 256;
    guint32 used = untrusted_used == 0 && shape->bits <= 8 ? most : untrusted_used;
    if (used > most)
        return FALSE;
    shape->color_size = usage == 1 ? 2 : shape->size == CORE ? 3 : 4;
    shape->n_colors = usage == 2 ? 0 : used;
    shape->end = shape->colors_at + (gsize)shape->n_colors * shape->color_size;
    return TRUE;
}

static gboolean read_core(Shape *shape, const guint8 *header, guint32 usage)
{
    shape->width = mgk_recognise_u16le(header + 4);
    shape->height = mgk_recognise_u16le(header + 6);
    shape->bits = mgk_recognise_u16le(header + 10);
    shape->colors_at = CORE;
    return place_colors(shape, 0, usage);
}

static gboolean read_info(Shape *shape, const guint8 *header, gsize size, guint32 usage)
{
    gboolean mirrored = FALSE;
    shape->width = magnitude(mgk_recognise_u32le(header + 4), &mirrored);
    shape->height = magnitude(mgk_recognise_u32le(header + 8), &shape->top_down);
    shape->bits = mgk_recognise_u16le(header + 14);
    shape->code = mgk_recognise_u32le(header + 16);
    shape->x_density = mgk_recognise_u32le(header + 24);
    shape->y_density = mgk_recognise_u32le(header + 28);
    shape->colors_at = shape->size;
    if (shape->code == CODE_FIELDS) {
        if (size < INFO + MASKS)
            return FALSE;
        for (guint i = 0; i < 3; i++)
            shape->masks[i] = mgk_recognise_u32le(header + INFO + 4 * i);
        shape->colors_at = MAX(shape->size, INFO + MASKS);
    }
    return !mirrored && place_colors(shape, mgk_recognise_u32le(header + 32), usage);
}

static gboolean read_shape(Shape *shape, const guint8 *header, gsize size, guint32 usage)
{
    static const guint32 sizes[] = {CORE, INFO, 52, 56, 108, 124};
    shape->size = size >= CORE ? mgk_recognise_u32le(header) : 0;
    gboolean known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        known = known || shape->size == sizes[i];
    if (!known || shape->size > size || usage > 2)
        return FALSE;
    gboolean read = shape->size == CORE ? read_core(shape, header, usage) : read_info(shape, header, size, usage);
    return read && shape->end <= size && shape->width && shape->height;
}

/* A bitmap without colours is a mask. */
static gboolean is_kept(const Shape *shape, guint32 usage)
{
    if (usage == 2 && shape->bits != 1)
        return FALSE;
    switch (shape->bits) {
    case 4:
        return shape->code == CODE_RGB || (shape->code == CODE_RLE4 && usage == 0);
    case 8:
        return shape->code == CODE_RGB || (shape->code == CODE_RLE8 && usage == 0);
    case 1:
    case 24:
        return shape->code == CODE_RGB;
    case 16:
    case 32:
        return shape->code == CODE_RGB || shape->code == CODE_FIELDS;
    default:
        return FALSE;
    }
}

gboolean mgk_meta_bitmap_split(MgkMetaBitmap *bitmap, const guint8 *data, gsize size)
{
    Shape shape = {0};
    if (!read_shape(&shape, data, size, bitmap->untrusted_usage))
        return FALSE;
    bitmap->header = data;
    bitmap->header_size = shape.end;
    bitmap->bits = data + shape.end;
    bitmap->bits_size = size - shape.end;
    return TRUE;
}

static void put_header(GByteArray *out, const Shape *shape, gsize image)
{
    mgk_meta_put32(out, INFO);
    mgk_meta_put32(out, shape->width);
    mgk_meta_put32(out, shape->top_down ? 0 - shape->height : shape->height);
    mgk_meta_put16(out, 1);
    mgk_meta_put16(out, shape->bits);
    mgk_meta_put32(out, shape->code);
    mgk_meta_put32(out, (guint32)image);
    mgk_meta_put32(out, shape->x_density);
    mgk_meta_put32(out, shape->y_density);
    mgk_meta_put32(out, shape->bits <= 8 ? 1u << shape->bits : 0);
    mgk_meta_put32(out, 0);
    for (guint i = 0; i < 3 && shape->code == CODE_FIELDS; i++)
        mgk_meta_put32(out, shape->masks[i]);
}

/* A full table: no sample can name a colour that is not there. */
static void put_colors(GByteArray *out, const Shape *shape, const guint8 *header, guint32 usage)
{
    if (shape->bits > 8)
        return;
    gsize start = out->len;
    if (usage == 2) {
        mgk_meta_put32(out, 0);
        mgk_meta_put32(out, 0xffffff);
        return;
    }
    for (guint32 i = 0; i < 1u << shape->bits; i++) {
        const guint8 *color = header + shape->colors_at + (gsize)i * shape->color_size;
        if (i >= shape->n_colors)
            put_zeros(out, shape->color_size == 2 ? 2 : 4);
        else if (shape->color_size == 2)
            g_byte_array_append(out, color, 2);
        else
            mgk_meta_put32(out, color[0] | (guint32)color[1] << 8 | (guint32)color[2] << 16);
    }
    mgk_meta_align(out, start);
}

static void put_row(GByteArray *out, const guint8 *row, gsize row_bits, gsize stride)
{
    gsize whole = row_bits / 8, start = out->len;
    put_zeros(out, stride);
    memcpy(out->data + start, row, whole);
    if (row_bits % 8)
        out->data[start + whole] = row[whole] & (guint8)(0xff00 >> row_bits % 8);
}

static void put_rows(GByteArray *out, const Shape *shape, guint32 rows, guint32 there, const guint8 *bits)
{
    gsize row_bits = (gsize)shape->width * shape->bits, stride = (row_bits + 31) / 32 * 4;
    for (guint32 y = 0; y < there; y++)
        put_row(out, bits + y * stride, row_bits, stride);
    put_zeros(out, (rows - there) * stride);
}

/* Unpacks run lengths; the reader of bitmap files does it. Rows leave bottom first, as they came. */
static gboolean put_runs(const MgkMetaBitmap *bitmap, Shape *shape, const MgkLimits *limits, GByteArray *header,
                         GByteArray *bits, gboolean *ret_damaged)
{
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_byte_array_append(whole, bitmap->header, (guint)bitmap->header_size);
    g_byte_array_append(whole, bitmap->bits, (guint)bitmap->bits_size);
    g_autoptr(MgkDib) dib = mgk_dib_new(whole->data, whole->len, bitmap->header_size, FALSE, limits, NULL);
    const MgkRaster *raster = dib ? mgk_dib_raster(dib) : NULL;
    if (!raster || raster->model != MGK_RASTER_PALETTE || raster->depth != 8 || raster->width != shape->width)
        return FALSE;
    *ret_damaged = mgk_dib_rows_there(dib) < raster->height;
    guint32 declared = shape->bits;
    shape->bits = 8;
    shape->code = CODE_RGB;
    shape->n_colors = MIN(shape->n_colors, 1u << declared);
    shape->top_down = FALSE;
    gsize stride = ((gsize)shape->width + 3) / 4 * 4;
    put_header(header, shape, stride * shape->height);
    put_colors(header, shape, bitmap->header, 0);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    for (guint32 y = shape->height; y > 0; y--) {
        mgk_dib_row(dib, y - 1, row);
        put_row(bits, row, (gsize)shape->width * 8, stride);
    }
    return TRUE;
}

gboolean mgk_meta_bitmap_rebuild(const MgkMetaBitmap *bitmap, const MgkLimits *limits, GByteArray *header,
                                 GByteArray *bits, gboolean *ret_damaged)
{
    Shape shape = {0};
    if (!read_shape(&shape, bitmap->header, bitmap->header_size, bitmap->untrusted_usage) ||
        !is_kept(&shape, bitmap->untrusted_usage) || shape.height > limits->image_pixels / shape.width)
        return FALSE;
    gboolean runs = shape.code == CODE_RLE8 || shape.code == CODE_RLE4;
    if (runs)
        return bitmap->untrusted_rows == 0 && put_runs(bitmap, &shape, limits, header, bits, ret_damaged);
    guint32 rows = bitmap->untrusted_rows ? MIN(bitmap->untrusted_rows, shape.height) : shape.height;
    gsize stride = ((gsize)shape.width * shape.bits + 31) / 32 * 4;
    guint32 there = (guint32)MIN(bitmap->bits_size / stride, rows);
    if (there == 0 || there < rows / HOPELESS_PART)
        return FALSE;
    *ret_damaged = there < rows;
    put_header(header, &shape, stride * rows);
    put_colors(header, &shape, bitmap->header, bitmap->untrusted_usage);
    put_rows(bits, &shape, rows, there, bitmap->bits);
    return TRUE;
}
