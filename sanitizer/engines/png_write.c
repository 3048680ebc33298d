/* Pictures up to WHOLE_BYTES are collected, so that a trial can say what they are. Drawings and small photos are then
 * compressed in one piece by libdeflate; large photos, in which no search for repetitions pays, and whatever is not
 * collected stream through igzip row by row. On a filtered photo its level 1 takes a quarter of the time of libdeflate
 * 1 for as many bytes, and three per cent more of them than libdeflate 4.
 *
 * Pixels can be chosen so that compressed bytes spell a foreign signature: a new chunk begins within it. */
#include "engines/png_write.h"

#include "engines/png_filter.h"
#include "engines/signature.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <string.h>

#define WHOLE_BYTES (128 * MGK_MIB)
#define IDAT_BYTES (1 * MGK_MIB)
#define STEP_BYTES (128 * MGK_KIB) /* filtered rows that igzip gets at a time, or one row if that is longer */
#define STREAM_LEVEL 1
/* Bytes of raw rows on which "filter or not" is decided. */
#define TRIAL_BYTES (96 * MGK_KIB)

/* libdeflate's levels; STREAM is none of them. Small pictures can afford a search that big ones cannot. Photos hold few
 * repetitions, so searching long for them gains next to nothing; drawings and screenshots are all repetition. */
#define STREAM 0
static const struct {
    gsize bytes;
    int noisy, plain;
} efforts[] = {
    {256 * MGK_KIB, 8, 8},
    {1 * MGK_MIB, 5, 6},
    {4 * MGK_MIB, 2, 5},
    {WHOLE_BYTES, STREAM, 4},
};

/* What a quick trial says of a picture. */
typedef struct Trial {
    gboolean filter; /* filtered rows compress better */
    gboolean noisy;  /* and do not become half as long even so */
} Trial;

typedef struct Stream {
    struct isal_zstream z;
    guint8 *rows; /* owned; filtered, not yet compressed */
    gsize used, room;
    guint8 packed[IDAT_BYTES];
    guint8 work[ISAL_DEF_LVL1_DEFAULT];
} Stream;

struct MgkPngWriter {
    MgkRaster raster;
    MgkSink sink;
    gpointer user; /* borrowed */
    gsize row_bytes;
    guint step;      /* bytes of a pixel */
    guint max_index; /* highest palette index seen */
    guint32 rows;
    guint8 *raw;    /* owned; rows as they came, row_bytes each; NULL when none are collected */
    guint8 *above;  /* owned; without raw: the row before */
    Stream *stream; /* owned; once streaming */
};

static void put_be32(guint8 *at, guint32 value)
{
    guint32 big = GUINT32_TO_BE(value);
    memcpy(at, &big, 4);
}

static gboolean put_chunk(MgkPngWriter *writer, const char type[4], const void *data, gsize size, GError **error)
{
    guint8 head[8], tail[4];
    put_be32(head, (guint32)size);
    memcpy(head + 4, type, 4);
    guint32 crc = libdeflate_crc32(0, head + 4, 4);
    if (size)
        crc = libdeflate_crc32(crc, data, size);
    put_be32(tail, crc);
    return writer->sink(writer->user, head, 8, error) && (!size || writer->sink(writer->user, data, size, error)) &&
           writer->sink(writer->user, tail, 4, error);
}

static gboolean put_header(MgkPngWriter *writer, GError **error)
{
    static const guint8 magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const guint8 color_types[] = {[MGK_RASTER_GRAY] = 0,
                                         [MGK_RASTER_GRAY_ALPHA] = 4,
                                         [MGK_RASTER_RGB] = 2,
                                         [MGK_RASTER_RGBA] = 6,
                                         [MGK_RASTER_PALETTE] = 3};
    guint8 header[13] = {0};
    put_be32(header, writer->raster.width);
    put_be32(header + 4, writer->raster.height);
    header[8] = writer->raster.depth;
    header[9] = color_types[writer->raster.model];
    return writer->sink(writer->user, magic, sizeof magic, error) && put_chunk(writer, "IHDR", header, 13, error);
}

/* Indices beyond the palette show as black in most viewers: the palette grows to cover them. */
static gboolean put_palette(MgkPngWriter *writer, GError **error)
{
    const MgkRaster *raster = &writer->raster;
    guint8 colors[256 * 3] = {0}, alpha[256];
    guint n = MAX(raster->n_colors, writer->max_index + 1), n_alpha = 0;
    for (guint i = 0; i < raster->n_colors; i++) {
        memcpy(colors + 3 * (gsize)i, raster->palette[i], 3);
        alpha[i] = raster->palette[i][3];
        if (alpha[i] != 255)
            n_alpha = i + 1;
    }
    return put_chunk(writer, "PLTE", colors, (gsize)n * 3, error) &&
           (n_alpha == 0 || put_chunk(writer, "tRNS", alpha, n_alpha, error));
}

static gboolean put_key(MgkPngWriter *writer, GError **error)
{
    guint8 key[6];
    guint n = mgk_raster_channels(&writer->raster);
    for (guint i = 0; i < n; i++) {
        key[2 * i] = (guint8)(writer->raster.key[i] >> 8);
        key[2 * i + 1] = (guint8)writer->raster.key[i];
    }
    return put_chunk(writer, "tRNS", key, (gsize)n * 2, error);
}

static gboolean put_front(MgkPngWriter *writer, GError **error)
{
    const MgkRaster *raster = &writer->raster;
    if (!put_header(writer, error))
        return FALSE;
    if (raster->model == MGK_RASTER_PALETTE && !put_palette(writer, error))
        return FALSE;
    if (raster->has_key && !put_key(writer, error))
        return FALSE;
    if (!raster->density_x)
        return TRUE;
    guint8 density[9];
    put_be32(density, raster->density_x);
    put_be32(density + 4, raster->density_y);
    density[8] = raster->density_ratio ? 0 : 1;
    return put_chunk(writer, "pHYs", density, 9, error);
}

/* Palettes and pixels of less than a byte compress best unfiltered (PNG 3rd edition, 12.7). */
static gboolean filterable(const MgkPngWriter *writer)
{
    return writer->raster.model != MGK_RASTER_PALETTE && writer->raster.depth >= 8;
}

static void start_stream(MgkPngWriter *writer)
{
    Stream *stream = writer->stream = g_new(Stream, 1);
    stream->room = MAX(STEP_BYTES, writer->row_bytes + 1);
    stream->rows = g_malloc(stream->room);
    stream->used = 0;
    isal_deflate_init(&stream->z);
    stream->z.gzip_flag = IGZIP_ZLIB;
    stream->z.level = STREAM_LEVEL;
    stream->z.level_buf = stream->work;
    stream->z.level_buf_size = sizeof stream->work;
    stream->z.next_out = stream->packed;
    stream->z.avail_out = IDAT_BYTES;
}

MgkPngWriter *mgk_png_writer_new(const MgkRaster *raster, MgkSink sink, gpointer user)
{
    MgkPngWriter *writer = g_new0(MgkPngWriter, 1);
    writer->raster = *raster;
    writer->sink = sink;
    writer->user = user;
    writer->row_bytes = mgk_raster_row_bytes(raster);
    writer->step = MAX(1, mgk_raster_channels(raster) * raster->depth / 8);
    if (writer->row_bytes <= WHOLE_BYTES / raster->height) {
        writer->raw = g_malloc(writer->row_bytes * raster->height);
        return writer;
    }
    writer->above = g_malloc0(writer->row_bytes);
    writer->max_index = raster->model == MGK_RASTER_PALETTE ? (1u << raster->depth) - 1 : 0; /* PLTE goes first */
    start_stream(writer);
    return writer;
}

void mgk_png_writer_free(MgkPngWriter *writer)
{
    if (!writer)
        return;
    if (writer->stream)
        g_free(writer->stream->rows);
    g_free(writer->stream);
    g_free(writer->raw);
    g_free(writer->above);
    g_free(writer);
}

static guint row_max_index(const MgkRaster *raster, const guint8 *row)
{
    guint max = 0, mask = (1u << raster->depth) - 1, per_byte = 8u / raster->depth;
    for (guint32 x = 0; x < raster->width; x++) {
        guint shift = 8 - raster->depth * (x % per_byte + 1);
        max = MAX(max, (guint)(row[x / per_byte] >> shift) & mask);
    }
    return max;
}

static gboolean put_pixels(MgkPngWriter *writer, const guint8 *packed, gsize size, GError **error)
{
    for (gsize done = 0; done < size;) {
        gsize part = MIN(size - done, IDAT_BYTES), at = 0;
        if (mgk_signature_foreign_at(packed + done, part, &at))
            part = at + 1;
        if (!put_chunk(writer, "IDAT", packed + done, part, error))
            return FALSE;
        done += part;
    }
    return TRUE;
}

/* Compresses the rows of this step; full blocks of output become chunks. */
static gboolean deflate_step(MgkPngWriter *writer, gboolean last, GError **error)
{
    Stream *stream = writer->stream;
    struct isal_zstream *z = &stream->z;
    z->next_in = stream->rows;
    z->avail_in = (guint32)stream->used;
    z->end_of_stream = last ? 1 : 0;
    stream->used = 0;
    for (;;) {
        if (isal_deflate(z) != COMP_OK) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "igzip refused the picture");
            return FALSE;
        }
        gboolean full = z->avail_out == 0, ended = z->internal_state.state == ZSTATE_END;
        if (!full && !ended)
            return TRUE;
        if (!put_pixels(writer, stream->packed, IDAT_BYTES - z->avail_out, error))
            return FALSE;
        if (ended)
            return put_chunk(writer, "IEND", NULL, 0, error);
        z->next_out = stream->packed;
        z->avail_out = IDAT_BYTES;
    }
}

static gboolean stream_row(MgkPngWriter *writer, const guint8 *row, const guint8 *above, gboolean adaptive,
                           GError **error)
{
    Stream *stream = writer->stream;
    if (stream->room - stream->used < writer->row_bytes + 1 && !deflate_step(writer, FALSE, error))
        return FALSE;
    MgkPngFilter filter =
        adaptive ? mgk_png_filter_choose(row, above, writer->row_bytes, writer->step) : MGK_PNG_FILTER_NONE;
    guint8 *at = stream->rows + stream->used;
    *at = (guint8)filter;
    mgk_png_filter_apply(filter, at + 1, row, above, writer->row_bytes, writer->step);
    stream->used += writer->row_bytes + 1;
    return TRUE;
}

static gboolean stream_first_time(MgkPngWriter *writer, const guint8 *row, GError **error)
{
    if (writer->rows == 0 && !put_front(writer, error))
        return FALSE;
    if (!stream_row(writer, row, writer->above, filterable(writer), error))
        return FALSE;
    memcpy(writer->above, row, writer->row_bytes);
    return TRUE;
}

gboolean mgk_png_writer_row(MgkPngWriter *writer, const guint8 *row, GError **error)
{
    g_return_val_if_fail(writer->rows < writer->raster.height, FALSE);
    if (!writer->raw) {
        if (!stream_first_time(writer, row, error))
            return FALSE;
    } else {
        memcpy(writer->raw + writer->rows * writer->row_bytes, row, writer->row_bytes);
        if (writer->raster.model == MGK_RASTER_PALETTE)
            writer->max_index = MAX(writer->max_index, row_max_index(&writer->raster, row));
    }
    writer->rows++;
    return TRUE;
}

/* Filters rows first to first + n - 1 into out; returns the bytes written. */
static gsize filter_rows(const MgkPngWriter *writer, guint32 first, guint32 n, gboolean adaptive, guint8 *out)
{
    g_autofree guint8 *zeros = g_malloc0(writer->row_bytes);
    guint8 *at = out;
    for (guint32 y = first; y < first + n; y++) {
        const guint8 *row = writer->raw + y * writer->row_bytes;
        const guint8 *above = y ? row - writer->row_bytes : zeros;
        MgkPngFilter filter =
            adaptive ? mgk_png_filter_choose(row, above, writer->row_bytes, writer->step) : MGK_PNG_FILTER_NONE;
        *at++ = (guint8)filter;
        mgk_png_filter_apply(filter, at, row, above, writer->row_bytes, writer->step);
        at += writer->row_bytes;
    }
    return (gsize)(at - out);
}

/* Drawings with few colours compress better unfiltered, photos filtered: a band from the middle decides. */
static Trial try_band(const MgkPngWriter *writer)
{
    if (!filterable(writer))
        return (Trial){FALSE, FALSE};
    guint32 height = writer->raster.height;
    guint32 n = (guint32)CLAMP(TRIAL_BYTES / writer->row_bytes, 1, height);
    gsize size = (writer->row_bytes + 1) * n, packed_size[2];
    g_autofree guint8 *rows = g_malloc(size);
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(1);
    gsize bound = libdeflate_zlib_compress_bound(deflater, size);
    g_autofree guint8 *packed = g_malloc(bound);
    for (guint i = 0; i < 2; i++) {
        filter_rows(writer, (height - n) / 2, n, i == 1, rows);
        packed_size[i] = libdeflate_zlib_compress(deflater, rows, size, packed, bound);
    }
    libdeflate_free_compressor(deflater);
    return (Trial){packed_size[1] <= packed_size[0], MIN(packed_size[0], packed_size[1]) > size / 2};
}

static int effort(gsize size, gboolean noisy)
{
    guint i = 0;
    while (i + 1 < G_N_ELEMENTS(efforts) && size > efforts[i].bytes)
        i++;
    return noisy ? efforts[i].noisy : efforts[i].plain;
}

static gboolean finish_whole(MgkPngWriter *writer, int level, gboolean adaptive, GError **error)
{
    gsize size = (writer->row_bytes + 1) * writer->raster.height;
    g_autofree guint8 *rows = g_malloc(size);
    filter_rows(writer, 0, writer->raster.height, adaptive, rows);
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(level);
    gsize bound = libdeflate_zlib_compress_bound(deflater, size);
    g_autofree guint8 *packed = g_malloc(bound);
    gsize packed_size = libdeflate_zlib_compress(deflater, rows, size, packed, bound);
    libdeflate_free_compressor(deflater);
    g_return_val_if_fail(packed_size > 0, FALSE);
    return put_front(writer, error) && put_pixels(writer, packed, packed_size, error) &&
           put_chunk(writer, "IEND", NULL, 0, error);
}

static gboolean stream_collected(MgkPngWriter *writer, gboolean adaptive, GError **error)
{
    g_autofree guint8 *zeros = g_malloc0(writer->row_bytes);
    start_stream(writer);
    if (!put_front(writer, error))
        return FALSE;
    for (guint32 y = 0; y < writer->raster.height; y++) {
        const guint8 *row = writer->raw + y * writer->row_bytes;
        if (!stream_row(writer, row, y ? row - writer->row_bytes : zeros, adaptive, error))
            return FALSE;
    }
    return deflate_step(writer, TRUE, error);
}

gboolean mgk_png_writer_finish(MgkPngWriter *writer, GError **error)
{
    g_return_val_if_fail(writer->rows == writer->raster.height, FALSE);
    if (!writer->raw)
        return deflate_step(writer, TRUE, error);
    Trial trial = try_band(writer);
    int level = effort(writer->row_bytes * writer->raster.height, trial.noisy);
    return level == STREAM ? stream_collected(writer, trial.filter, error)
                           : finish_whole(writer, level, trial.filter, error);
}
