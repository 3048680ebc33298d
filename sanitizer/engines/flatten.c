#include "engines/flatten.h"

#include <string.h>

static gboolean is_gray(const MgkRaster *raster)
{
    return raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_GRAY_ALPHA;
}

gboolean mgk_flatten_needless(const MgkRaster *raster)
{
    if (raster->model == MGK_RASTER_YCC)
        return TRUE;
    gboolean opaque = raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_RGB;
    return opaque && raster->depth == 8 && !raster->has_key;
}

void mgk_flatten_header(const MgkRaster *raster, MgkRaster *ret_flat)
{
    MgkRaster flat = *raster;
    if (raster->model != MGK_RASTER_YCC)
        flat.model = is_gray(raster) ? MGK_RASTER_GRAY : MGK_RASTER_RGB;
    flat.depth = 8;
    flat.has_key = FALSE;
    flat.n_colors = 0;
    *ret_flat = flat;
}

static guint sample(const MgkRaster *raster, const guint8 *row, gsize index)
{
    if (raster->depth == 8)
        return row[index];
    if (raster->depth == 16)
        return (guint)(row[2 * index] << 8 | row[2 * index + 1]);
    guint per_byte = 8u / raster->depth, shift = 8 - raster->depth * (guint)(index % per_byte + 1);
    return (guint)(row[index / per_byte] >> shift) & ((1u << raster->depth) - 1);
}

static guint8 to_eight(guint value, guint depth)
{
    guint max = (1u << depth) - 1;
    return (guint8)(depth == 8 ? value : (value * 255 + max / 2) / max);
}

static guint8 onto_white(guint8 value, guint8 alpha)
{
    return (guint8)((value * alpha + 255u * (255u - alpha) + 127u) / 255u);
}

static void flatten_palette(const MgkRaster *raster, const guint8 *row, guint8 *out)
{
    for (gsize x = 0; x < raster->width; x++) {
        const guint8 *color = raster->palette[sample(raster, row, x)];
        gboolean known = sample(raster, row, x) < raster->n_colors;
        for (guint c = 0; c < 3; c++)
            out[3 * x + c] = (guint8)(known ? onto_white(color[c], color[3]) : 0);
    }
}

static void flatten_pixel(const MgkRaster *raster, const guint8 *row, gsize x, guint8 *out)
{
    guint channels = mgk_raster_channels(raster), colors = is_gray(raster) ? 1 : 3;
    gsize first = x * channels;
    guint8 alpha = channels > colors ? to_eight(sample(raster, row, first + colors), raster->depth) : 255;
    gboolean key = raster->has_key;
    for (guint c = 0; c < colors; c++) {
        guint value = sample(raster, row, first + c);
        key = key && value == raster->key[c];
        out[c] = onto_white(to_eight(value, raster->depth), alpha);
    }
    if (key)
        memset(out, 0xff, colors);
}

void mgk_flatten_row(const MgkRaster *raster, const guint8 *row, guint8 *out)
{
    if (raster->model == MGK_RASTER_PALETTE) {
        flatten_palette(raster, row, out);
    } else if (mgk_flatten_needless(raster)) {
        memcpy(out, row, mgk_raster_row_bytes(raster));
    } else {
        guint colors = is_gray(raster) ? 1 : 3;
        for (gsize x = 0; x < raster->width; x++)
            flatten_pixel(raster, row, x, out + x * colors);
    }
}
