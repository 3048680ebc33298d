#include "engines/raster.h"

#include <string.h>

/* Wire form of a header: fixed, little-endian, palette behind it. */
enum {
    HEADER_WIDTH = 0,
    HEADER_HEIGHT = 4,
    HEADER_DENSITY_X = 8,
    HEADER_DENSITY_Y = 12,
    HEADER_KEY = 16,
    HEADER_N_COLORS = 22,
    HEADER_MODEL = 24,
    HEADER_DEPTH = 25,
    HEADER_FLAGS = 26,
    HEADER_QUALITY = 27,
    HEADER_SAMPLE_H = 28,
    HEADER_SAMPLE_V = 29,
    HEADER_LOOPS = 30,
    HEADER_CANVAS_WIDTH = 32,
    HEADER_CANVAS_HEIGHT = 36,
    HEADER_LEFT = 40,
    HEADER_TOP = 44,
    HEADER_DURATION = 48,
    HEADER_DISPOSAL = 52,
    HEADER_BYTES = 53,
    HEADER_MAX = HEADER_BYTES + 256 * 4
};

enum { FLAG_KEY = 1, FLAG_RATIO = 2, FLAG_COMPACT = 4, FLAGS_ALL = 7 };

/* Rows are collected up to this before they cross: few records, yet the encoder starts early. */
#define SEND_BYTES (256 * MGK_KIB)

struct MgkRasterWriter {
    MgkJob *job; /* borrowed */
    MgkRaster raster;
    gsize row_bytes;
    guint32 rows;
    GByteArray *pending; /* owned */
};

struct MgkRasterReader {
    MgkJob *job; /* borrowed */
    MgkRaster raster;
    gsize row_bytes;
    guint32 rows_left;
    guint8 *chunk; /* owned */
    gsize chunk_size, chunk_used;
    MgkRasterBudget budget;
};

static void put16(guint8 *at, guint value)
{
    at[0] = (guint8)value;
    at[1] = (guint8)(value >> 8);
}

static void put32(guint8 *at, guint32 value)
{
    put16(at, value & 0xffff);
    put16(at + 2, value >> 16);
}

static guint16 get16(const guint8 *at)
{
    return (guint16)(at[0] | at[1] << 8);
}

static guint32 get32(const guint8 *at)
{
    return get16(at) | (guint32)get16(at + 2) << 16;
}

guint mgk_raster_channels(const MgkRaster *raster)
{
    return raster->model == MGK_RASTER_PALETTE ? 1 : (guint)raster->model;
}

static guint32 blocks(guint32 pixels, guint32 per_block)
{
    return pixels / per_block + (pixels % per_block != 0);
}

gsize mgk_raster_luma_line(const MgkRaster *raster)
{
    return 8 * (gsize)blocks(raster->width, 8);
}

gsize mgk_raster_chroma_line(const MgkRaster *raster)
{
    return 8 * (gsize)blocks(raster->width, 8u * raster->sample_h);
}

guint32 mgk_raster_rows(const MgkRaster *raster)
{
    return raster->model == MGK_RASTER_YCC ? blocks(raster->height, 8u * raster->sample_v) : raster->height;
}

gsize mgk_raster_row_bytes(const MgkRaster *raster)
{
    if (raster->model == MGK_RASTER_YCC)
        return 8 * (raster->sample_v * mgk_raster_luma_line(raster) + 2 * mgk_raster_chroma_line(raster));
    gsize bits = (gsize)raster->width * mgk_raster_channels(raster) * raster->depth;
    return bits / 8 + (bits % 8 != 0);
}

static gboolean depth_fits(MgkRasterModel model, guint depth)
{
    if (depth == 8)
        return TRUE;
    if (depth == 16)
        return model != MGK_RASTER_PALETTE && model != MGK_RASTER_YCC;
    return (model == MGK_RASTER_GRAY || model == MGK_RASTER_PALETTE) && (depth == 1 || depth == 2 || depth == 4);
}

static gboolean key_fits(const MgkRaster *raster)
{
    if (!raster->has_key)
        return TRUE;
    if (raster->model != MGK_RASTER_GRAY && raster->model != MGK_RASTER_RGB)
        return FALSE;
    for (guint i = 0; i < mgk_raster_channels(raster); i++) {
        if ((guint)raster->key[i] >> raster->depth)
            return FALSE;
    }
    return TRUE;
}

static gboolean sampling_fits(const MgkRaster *raster)
{
    guint h = raster->sample_h, v = raster->sample_v;
    if (raster->model == MGK_RASTER_YCC)
        return (h == 1 || h == 2) && (v == 1 || v == 2);
    return h <= 4 && v <= 4;
}

static gboolean colors_fit(const MgkRaster *raster)
{
    if (raster->model != MGK_RASTER_PALETTE)
        return raster->n_colors == 0;
    return raster->n_colors >= 1 && raster->n_colors <= 1u << raster->depth;
}

/* A canvas is there whole or not at all, and the picture lies inside it. */
static gboolean canvas_fits(const MgkRaster *raster, const MgkLimits *limits)
{
    guint32 width = raster->canvas_width, height = raster->canvas_height;
    if (raster->disposal > 3)
        return FALSE;
    if (width == 0 && height == 0)
        return raster->left == 0 && raster->top == 0;
    return width >= raster->width && raster->left <= width - raster->width && height >= raster->height &&
           raster->top <= height - raster->height && height <= limits->image_pixels / width;
}

gboolean mgk_raster_budget_take(MgkRasterBudget *budget, const MgkRaster *raster, const MgkLimits *limits,
                                GError **error)
{
    guint64 pixels = (guint64)raster->width * raster->height;
    if (budget->pictures >= limits->image_frames) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "image_frames: too many pictures in one file");
        return FALSE;
    }
    if (pixels > limits->image_total_pixels - budget->pixels) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "image_total_pixels: the pictures of one file together");
        return FALSE;
    }
    budget->pictures++;
    budget->pixels += pixels;
    return TRUE;
}

gboolean mgk_raster_validate(const MgkRaster *raster, const MgkLimits *limits, GError **error)
{
    gboolean known = raster->model >= MGK_RASTER_GRAY && raster->model <= MGK_RASTER_YCC;
    if (!known || !depth_fits(raster->model, raster->depth) || !key_fits(raster) || !colors_fit(raster) ||
        !sampling_fits(raster) || raster->quality > 100 || !raster->density_x != !raster->density_y) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "picture header out of bounds");
        return FALSE;
    }
    if (raster->width == 0 || raster->height == 0 || raster->width > G_MAXINT32 || raster->height > G_MAXINT32) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "picture without area");
        return FALSE;
    }
    if (raster->height > limits->image_pixels / raster->width) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "image_pixels: %u x %u", raster->width, raster->height);
        return FALSE;
    }
    if (!canvas_fits(raster, limits)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "picture outside its canvas");
        return FALSE;
    }
    return TRUE;
}

static gboolean send_header(MgkRasterWriter *writer, GError **error)
{
    const MgkRaster *raster = &writer->raster;
    guint8 bytes[HEADER_MAX] = {0};
    put32(bytes + HEADER_WIDTH, raster->width);
    put32(bytes + HEADER_HEIGHT, raster->height);
    put32(bytes + HEADER_DENSITY_X, raster->density_x);
    put32(bytes + HEADER_DENSITY_Y, raster->density_y);
    for (guint i = 0; i < 3; i++)
        put16(bytes + HEADER_KEY + 2 * i, raster->has_key ? raster->key[i] : 0);
    put16(bytes + HEADER_N_COLORS, raster->n_colors);
    bytes[HEADER_MODEL] = (guint8)raster->model;
    bytes[HEADER_DEPTH] = raster->depth;
    bytes[HEADER_FLAGS] = (guint8)((raster->has_key ? FLAG_KEY : 0) | (raster->density_ratio ? FLAG_RATIO : 0) |
                                   (raster->compact ? FLAG_COMPACT : 0));
    bytes[HEADER_QUALITY] = raster->quality;
    bytes[HEADER_SAMPLE_H] = raster->sample_h;
    bytes[HEADER_SAMPLE_V] = raster->sample_v;
    put16(bytes + HEADER_LOOPS, raster->loops);
    put32(bytes + HEADER_CANVAS_WIDTH, raster->canvas_width);
    put32(bytes + HEADER_CANVAS_HEIGHT, raster->canvas_height);
    put32(bytes + HEADER_LEFT, raster->left);
    put32(bytes + HEADER_TOP, raster->top);
    put32(bytes + HEADER_DURATION, raster->duration);
    bytes[HEADER_DISPOSAL] = raster->disposal;
    memcpy(bytes + HEADER_BYTES, raster->palette, (gsize)raster->n_colors * 4);
    return writer->job->send(writer->job, MGK_RASTER_RECORD_HEADER, bytes, HEADER_BYTES + (gsize)raster->n_colors * 4,
                             error);
}

MgkRasterWriter *mgk_raster_writer_new(MgkJob *job, const MgkRaster *raster, GError **error)
{
    if (!mgk_raster_validate(raster, &job->policy->limits, error))
        return NULL;
    g_autoptr(MgkRasterWriter) writer = g_new0(MgkRasterWriter, 1);
    writer->job = job;
    writer->raster = *raster;
    writer->row_bytes = mgk_raster_row_bytes(raster);
    writer->pending = g_byte_array_sized_new(SEND_BYTES);
    return send_header(writer, error) ? g_steal_pointer(&writer) : NULL;
}

void mgk_raster_writer_free(MgkRasterWriter *writer)
{
    if (!writer)
        return;
    if (writer->pending)
        g_byte_array_unref(writer->pending);
    g_free(writer);
}

guint32 mgk_raster_writer_rows(const MgkRasterWriter *writer)
{
    return writer->rows;
}

static gboolean flush(MgkRasterWriter *writer, GError **error)
{
    if (writer->pending->len == 0)
        return TRUE;
    gboolean sent =
        writer->job->send(writer->job, MGK_RASTER_RECORD_ROWS, writer->pending->data, writer->pending->len, error);
    g_byte_array_set_size(writer->pending, 0);
    return sent;
}

gboolean mgk_raster_writer_row(MgkRasterWriter *writer, const guint8 *row, GError **error)
{
    if (writer->rows >= mgk_raster_rows(&writer->raster)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "picture has more rows than its header says");
        return FALSE;
    }
    for (gsize done = 0; done < writer->row_bytes;) {
        gsize part = MIN(writer->row_bytes - done, SEND_BYTES - writer->pending->len);
        g_byte_array_append(writer->pending, row + done, (guint)part);
        done += part;
        if (writer->pending->len >= SEND_BYTES && !flush(writer, error))
            return FALSE;
    }
    writer->rows++;
    return TRUE;
}

static guint8 blank_byte(const MgkRaster *raster)
{
    if (raster->model == MGK_RASTER_YCC)
        return 0x80;
    gboolean opaque = raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_RGB;
    return opaque && !raster->has_key ? 0xff : 0;
}

gboolean mgk_raster_writer_finish(MgkRasterWriter *writer, GError **error)
{
    guint32 rows = mgk_raster_rows(&writer->raster);
    if (writer->rows < rows) {
        g_autofree guint8 *blank = g_malloc(writer->row_bytes);
        memset(blank, blank_byte(&writer->raster), writer->row_bytes);
        while (writer->rows < rows) {
            if (!mgk_raster_writer_row(writer, blank, error))
                return FALSE;
        }
    }
    return flush(writer, error) && writer->job->send(writer->job, MGK_RASTER_RECORD_END, NULL, 0, error);
}

MgkRasterReader *mgk_raster_reader_new(MgkJob *job)
{
    MgkRasterReader *reader = g_new0(MgkRasterReader, 1);
    reader->job = job;
    return reader;
}

void mgk_raster_reader_free(MgkRasterReader *reader)
{
    if (!reader)
        return;
    g_free(reader->chunk);
    g_free(reader);
}

static gboolean out_of_order(GError **error)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "picture records out of order");
    return FALSE;
}

static gboolean parse_header(MgkRasterReader *reader, const guint8 *bytes, gsize size, GError **error)
{
    if (size < HEADER_BYTES)
        return out_of_order(error);
    guint untrusted_colors = get16(bytes + HEADER_N_COLORS);
    if (untrusted_colors > 256 || size != HEADER_BYTES + (gsize)untrusted_colors * 4 || bytes[HEADER_FLAGS] > FLAGS_ALL)
        return out_of_order(error);
    MgkRaster *raster = &reader->raster;
    *raster = (MgkRaster){
        .width = get32(bytes + HEADER_WIDTH),
        .height = get32(bytes + HEADER_HEIGHT),
        .model = (MgkRasterModel)bytes[HEADER_MODEL],
        .depth = bytes[HEADER_DEPTH],
        .has_key = (bytes[HEADER_FLAGS] & FLAG_KEY) != 0,
        .density_x = get32(bytes + HEADER_DENSITY_X),
        .density_y = get32(bytes + HEADER_DENSITY_Y),
        .density_ratio = (bytes[HEADER_FLAGS] & FLAG_RATIO) != 0,
        .quality = bytes[HEADER_QUALITY],
        .sample_h = bytes[HEADER_SAMPLE_H],
        .sample_v = bytes[HEADER_SAMPLE_V],
        .compact = (bytes[HEADER_FLAGS] & FLAG_COMPACT) != 0,
        .n_colors = (guint16)untrusted_colors,
        .canvas_width = get32(bytes + HEADER_CANVAS_WIDTH),
        .canvas_height = get32(bytes + HEADER_CANVAS_HEIGHT),
        .left = get32(bytes + HEADER_LEFT),
        .top = get32(bytes + HEADER_TOP),
        .duration = get32(bytes + HEADER_DURATION),
        .loops = get16(bytes + HEADER_LOOPS),
        .disposal = bytes[HEADER_DISPOSAL],
    };
    for (guint i = 0; i < 3; i++)
        raster->key[i] = get16(bytes + HEADER_KEY + 2 * i);
    memcpy(raster->palette, bytes + HEADER_BYTES, (gsize)untrusted_colors * 4);
    const MgkLimits *limits = &reader->job->policy->limits;
    if (!mgk_raster_validate(raster, limits, error) || !mgk_raster_budget_take(&reader->budget, raster, limits, error))
        return FALSE;
    reader->row_bytes = mgk_raster_row_bytes(raster);
    reader->rows_left = mgk_raster_rows(raster);
    return TRUE;
}

gboolean mgk_raster_reader_next(MgkRasterReader *reader, const MgkRaster **ret_raster, GError **error)
{
    if (reader->rows_left > 0)
        return out_of_order(error);
    guint32 untrusted_type = 0;
    g_autofree guint8 *data = NULL;
    gsize size = 0;
    if (!reader->job->receive(reader->job, HEADER_MAX, &untrusted_type, &data, &size, error))
        return FALSE;
    if (untrusted_type == 0) {
        *ret_raster = NULL;
        return TRUE;
    }
    if (untrusted_type != MGK_RASTER_RECORD_HEADER)
        return out_of_order(error);
    if (!parse_header(reader, data, size, error))
        return FALSE;
    *ret_raster = &reader->raster;
    return TRUE;
}

/* Takes the next record, which must be of this type; an END is empty, ROWS are not. */
static gboolean take(MgkRasterReader *reader, MgkRasterRecord type, GError **error)
{
    guint32 untrusted_type = 0;
    g_clear_pointer(&reader->chunk, g_free);
    reader->chunk_used = reader->chunk_size = 0;
    if (!reader->job->receive(reader->job, MGK_RASTER_CHUNK, &untrusted_type, &reader->chunk, &reader->chunk_size,
                              error))
        return FALSE;
    gboolean empty = reader->chunk_size == 0;
    if (untrusted_type != (guint32)type || empty != (type == MGK_RASTER_RECORD_END))
        return out_of_order(error);
    return TRUE;
}

/* Bits behind the last sample of a row show nothing, and come from wherever the decoder left them. */
static void clear_unused(const MgkRaster *raster, guint8 *row, gsize row_bytes)
{
    gsize bits = (gsize)raster->width * mgk_raster_channels(raster) * raster->depth;
    if (raster->model != MGK_RASTER_YCC && bits % 8)
        row[row_bytes - 1] &= (guint8)(0xff << (8 - bits % 8));
}

gboolean mgk_raster_reader_row(MgkRasterReader *reader, guint8 *row, GError **error)
{
    if (reader->rows_left == 0)
        return out_of_order(error);
    for (gsize done = 0; done < reader->row_bytes;) {
        if (reader->chunk_used == reader->chunk_size && !take(reader, MGK_RASTER_RECORD_ROWS, error))
            return FALSE;
        gsize part = MIN(reader->row_bytes - done, reader->chunk_size - reader->chunk_used);
        memcpy(row + done, reader->chunk + reader->chunk_used, part);
        done += part;
        reader->chunk_used += part;
    }
    clear_unused(&reader->raster, row, reader->row_bytes);
    if (--reader->rows_left > 0)
        return TRUE;
    if (reader->chunk_used != reader->chunk_size)
        return out_of_order(error);
    return take(reader, MGK_RASTER_RECORD_END, error);
}
