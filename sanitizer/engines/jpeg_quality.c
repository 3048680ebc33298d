#include "engines/jpeg_quality.h"

#include <stdlib.h>

/* ITU-T T.81, table K.1. */
static const guint8 luma[64] = {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

/* The scaling of the Independent JPEG Group's software, baseline range. */
static guint scaled(guint step, guint quality)
{
    guint percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    return CLAMP((step * percent + 50) / 100, 1, 255);
}

guint mgk_jpeg_quality_estimate(const guint16 steps[64])
{
    guint best = 1, best_difference = G_MAXUINT;
    for (guint quality = 1; quality <= 100; quality++) {
        guint difference = 0;
        for (guint i = 0; i < 64; i++)
            difference += (guint)abs((int)steps[i] - (int)scaled(luma[i], quality));
        if (difference <= best_difference) {
            best = quality;
            best_difference = difference;
        }
    }
    return best;
}
