#include "pictures.h"
#include "fake_job.h"

#include <string.h>
#include <zlib.h>

/* A gradient with a dark corner top left, so that every turn shows. */
static void paint(guint8 *row, gsize size, guint y, guint height)
{
    for (gsize i = 0; i < size; i++)
        row[i] = (guint8)(y * 3 < height && i * 3 < size ? 0x11 : 90 + (i * 100) / size + (y * 60) / height);
}

GByteArray *picture_png(MgkRasterModel model, guint8 depth, guint width, guint height)
{
    MgkRaster raster = {.width = width, .height = height, .model = model, .depth = depth};
    raster.n_colors = (guint16)(model == MGK_RASTER_PALETTE ? 1u << depth : 0);
    for (guint i = 0; i < raster.n_colors; i++) {
        guint8 color[4] = {(guint8)(i * 7), (guint8)(i * 11), (guint8)(255 - i), 255};
        memcpy(raster.palette[i], color, 4);
    }
    GByteArray *out = g_byte_array_new();
    g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(&raster, fake_sink, out);
    gsize size = mgk_raster_row_bytes(&raster);
    g_autofree guint8 *row = g_malloc(size);
    for (guint y = 0; y < height; y++) {
        paint(row, size, y, height);
        mgk_png_writer_row(writer, row, NULL);
    }
    mgk_png_writer_finish(writer, NULL);
    return out;
}

GByteArray *picture_jpeg(MgkRasterModel model, guint width, guint height, guint8 quality, guint8 sampling)
{
    MgkRaster raster = {.width = width,
                        .height = height,
                        .model = model,
                        .depth = 8,
                        .quality = quality,
                        .sample_h = sampling,
                        .sample_v = sampling};
    GByteArray *out = g_byte_array_new();
    g_autoptr(MgkJpegWriter) writer = mgk_jpeg_writer_new(&raster, NULL);
    gsize size = mgk_raster_row_bytes(&raster);
    g_autofree guint8 *row = g_malloc(size);
    for (guint y = 0; y < height; y++) {
        paint(row, size, y, height);
        mgk_jpeg_writer_row(writer, row, NULL);
    }
    mgk_jpeg_writer_finish(writer, fake_sink, out, NULL);
    return out;
}

static void insert(GByteArray *file, gsize at, const GByteArray *piece)
{
    gsize tail = file->len - at;
    g_autofree guint8 *rest = g_memdup2(file->data + at, tail);
    g_byte_array_set_size(file, (guint)at);
    g_byte_array_append(file, piece->data, piece->len);
    g_byte_array_append(file, rest, (guint)tail);
}

static void append_be32(GByteArray *out, guint32 value)
{
    guint32 big = GUINT32_TO_BE(value);
    g_byte_array_append(out, (const guint8 *)&big, 4);
}

static GByteArray *chunk_of(const char *type, const void *data, gsize size)
{
    GByteArray *chunk = g_byte_array_new();
    append_be32(chunk, (guint32)size);
    g_byte_array_append(chunk, (const guint8 *)type, 4);
    g_byte_array_append(chunk, data, (guint)size);
    append_be32(chunk, (guint32)crc32(0, chunk->data + 4, chunk->len - 4));
    return chunk;
}

void picture_add_chunk(GByteArray *png, const char *type, const void *data, gsize size)
{
    g_autoptr(GByteArray) chunk = chunk_of(type, data, size);
    insert(png, 33, chunk);
}

GByteArray *picture_gray_row(const guint8 *row, guint8 width, int level)
{
    const guint8 header[13] = {0, 0, 0, width, 0, 0, 0, 1, 8};
    guint8 raw[G_MAXUINT8 + 1] = {0}, packed[2 * sizeof raw];
    memcpy(raw + 1, row, width);
    uLongf size = sizeof packed;
    compress2(packed, &size, raw, width + 1u, level);
    g_autoptr(GByteArray) ihdr = chunk_of("IHDR", header, sizeof header), idat = chunk_of("IDAT", packed, size);
    g_autoptr(GByteArray) iend = chunk_of("IEND", "", 0);
    GByteArray *png = g_byte_array_new();
    g_byte_array_append(png, (const guint8 *)"\x89PNG\r\n\x1a\n", 8);
    g_byte_array_append(png, ihdr->data, ihdr->len);
    g_byte_array_append(png, idat->data, idat->len);
    g_byte_array_append(png, iend->data, iend->len);
    return png;
}

void picture_add_segment(GByteArray *jpeg, guint8 marker, const void *data, gsize size)
{
    g_autoptr(GByteArray) segment = g_byte_array_new();
    guint8 head[4] = {0xff, marker, (guint8)((size + 2) >> 8), (guint8)(size + 2)};
    g_byte_array_append(segment, head, 4);
    g_byte_array_append(segment, data, (guint)size);
    insert(jpeg, 2, segment);
}

GByteArray *picture_exif(guint orientation, gboolean gps)
{
    GByteArray *exif = g_byte_array_new();
    const guint8 head[] = {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, gps ? 2 : 1};
    const guint8 turn[12] = {0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (guint8)orientation, 0, 0};
    const guint8 place[12] = {0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 60};
    const guint8 end[4] = {0};
    g_byte_array_append(exif, head, sizeof head);
    g_byte_array_append(exif, turn, sizeof turn);
    if (gps)
        g_byte_array_append(exif, place, sizeof place);
    g_byte_array_append(exif, end, sizeof end);
    return exif;
}
