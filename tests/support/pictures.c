#include "pictures.h"

#include <string.h>
#include <zlib.h>

static gboolean collect(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

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
    g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(&raster, collect, out);
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
    mgk_jpeg_writer_finish(writer, collect, out, NULL);
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

void picture_add_chunk(GByteArray *png, const char *type, const void *data, gsize size)
{
    g_autoptr(GByteArray) chunk = g_byte_array_new();
    append_be32(chunk, (guint32)size);
    g_byte_array_append(chunk, (const guint8 *)type, 4);
    g_byte_array_append(chunk, data, (guint)size);
    append_be32(chunk, (guint32)crc32(0, chunk->data + 4, chunk->len - 4));
    insert(png, 33, chunk);
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
