#include "engines/gif_write.h"

#include "engines/gif_lzw.h"
#include "engines/signature.h"

#include <string.h>

#define NO_INDEX 256u
/* Other spellings of a picture whose bytes happen to show a foreign signature. */
#define VARIANTS 4

typedef struct Palette {
    guint8 rgb[256 * 3];
    guint bits; /* 1 << bits colours */
} Palette;

struct MgkGifWriter {
    MgkSink sink;
    gpointer user; /* borrowed */
    guint32 width, height;
    guint16 loops;
    gboolean started;
    Palette global;
};

MgkGifWriter *mgk_gif_writer_new(MgkSink sink, gpointer user)
{
    MgkGifWriter *writer = g_new0(MgkGifWriter, 1);
    writer->sink = sink;
    writer->user = user;
    return writer;
}

void mgk_gif_writer_free(MgkGifWriter *writer)
{
    g_free(writer);
}

static void put16(GByteArray *out, guint value)
{
    guint8 bytes[2] = {(guint8)value, (guint8)(value >> 8)};
    g_byte_array_append(out, bytes, 2);
}

static void put8(GByteArray *out, guint value)
{
    guint8 byte = (guint8)value;
    g_byte_array_append(out, &byte, 1);
}

/* The colours, as many as the indices need. From the second spelling on their lowest bits are let go: nobody sees it,
 * and a palette can be a text. */
static void make_palette(const MgkRaster *raster, const guint8 *indices, guint variant, Palette *ret_palette)
{
    guint most = raster->n_colors ? raster->n_colors - 1u : 0;
    for (gsize i = 0, n = (gsize)raster->width * raster->height; i < n; i++)
        most = MAX(most, indices[i]);
    *ret_palette = (Palette){.bits = 1};
    while (1u << ret_palette->bits <= most)
        ret_palette->bits++;
    for (guint i = 0; i < raster->n_colors; i++) {
        for (guint c = 0; c < 3; c++)
            ret_palette->rgb[3 * i + c] = (guint8)(raster->palette[i][c] >> variant << variant);
    }
}

static gboolean same_palette(const Palette *a, const Palette *b)
{
    return a->bits == b->bits && memcmp(a->rgb, b->rgb, sizeof a->rgb) == 0;
}

static void put_palette(const Palette *palette, GByteArray *out)
{
    g_byte_array_append(out, palette->rgb, 3u << palette->bits);
}

static void put_screen(const MgkGifWriter *writer, const Palette *global, GByteArray *out)
{
    g_byte_array_append(out, (const guint8 *)"GIF89a", 6);
    put16(out, writer->width);
    put16(out, writer->height);
    put8(out, 0xf0 | (global->bits - 1)); /* global palette, 8 bits a sample */
    put8(out, 0);                         /* background */
    put8(out, 0);                         /* aspect */
    put_palette(global, out);
    if (writer->loops == 1)
        return;
    g_byte_array_append(out, (const guint8 *)"\x21\xff\x0bNETSCAPE2.0\x03\x01", 16);
    put16(out, writer->loops ? writer->loops - 1u : 0);
    put8(out, 0);
}

static guint transparent_index(const MgkRaster *raster)
{
    for (guint i = 0; i < raster->n_colors; i++) {
        if (raster->palette[i][3] < 128)
            return i;
    }
    return NO_INDEX;
}

static void put_picture(const MgkRaster *raster, const Palette *local, const guint8 *indices, guint bits, guint variant,
                        GByteArray *out)
{
    guint transparent = transparent_index(raster);
    g_byte_array_append(out, (const guint8 *)"\x21\xf9\x04", 3);
    put8(out, (guint)(raster->disposal << 2) | (transparent < NO_INDEX ? 1 : 0));
    put16(out, MIN(raster->duration / 10, G_MAXUINT16));
    put8(out, transparent < NO_INDEX ? transparent : 0);
    put8(out, 0);
    put8(out, 0x2c);
    put16(out, raster->left);
    put16(out, raster->top);
    put16(out, raster->width);
    put16(out, raster->height);
    put8(out, local ? 0x80 | (local->bits - 1) : 0);
    if (local)
        put_palette(local, out);
    bits = MAX(bits, MGK_GIF_MIN_BITS);
    put8(out, bits);
    mgk_gif_pack(indices, (gsize)raster->width * raster->height, bits, variant, out);
}

static gboolean fits(MgkGifWriter *writer, const MgkRaster *raster, GError **error)
{
    guint32 width = raster->canvas_width ? raster->canvas_width : raster->width;
    guint32 height = raster->canvas_width ? raster->canvas_height : raster->height;
    if (width > G_MAXUINT16 || height > G_MAXUINT16) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "GIF: at most %u pixels a side", (guint)G_MAXUINT16);
        return FALSE;
    }
    if (!writer->started) {
        writer->width = width;
        writer->height = height;
        writer->loops = raster->loops;
    }
    if (raster->model != MGK_RASTER_PALETTE || raster->depth != 8 || width != writer->width ||
        height != writer->height) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no GIF picture");
        return FALSE;
    }
    return TRUE;
}

gboolean mgk_gif_writer_add(MgkGifWriter *writer, const MgkRaster *raster, const guint8 *indices, GError **error)
{
    if (!fits(writer, raster, error))
        return FALSE;
    for (guint variant = 0; variant < VARIANTS; variant++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        Palette palette;
        make_palette(raster, indices, variant, &palette);
        gboolean local = writer->started && !same_palette(&palette, &writer->global);
        if (!writer->started)
            put_screen(writer, &palette, out);
        put_picture(raster, local ? &palette : NULL, indices, palette.bits, variant, out);
        if (mgk_signature_foreign(out->data, out->len))
            continue;
        if (!writer->started)
            writer->global = palette;
        writer->started = TRUE;
        return writer->sink(writer->user, out->data, out->len, error);
    }
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "pixels keep spelling a foreign signature");
    return FALSE;
}

gboolean mgk_gif_writer_finish(MgkGifWriter *writer, GError **error)
{
    return writer->sink(writer->user, ";", 1, error);
}
