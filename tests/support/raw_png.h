/* raw_png.h - reads a PNG's samples untouched, for comparing with what was written. */
#pragma once

#include <glib.h>

typedef struct RawPng {
    guint32 width, height;
    int color_type, depth;
    gsize row_bytes;
    int n_colors, n_alpha; /* of PLTE and tRNS */
    guint32 density_x, density_y;
    guint8 *rows; /* owned; row_bytes × height */
} RawPng;

/* NULL when libpng refuses the file. */
RawPng *raw_png_read(const guint8 *data, gsize size);
void raw_png_free(RawPng *png);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RawPng, raw_png_free)
