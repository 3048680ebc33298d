/* planes.h - brightness and colour planes of a video codec into RGB (ITU-T H.273). */
#pragma once

#include <glib.h>

typedef struct MgkPlanes {
    guint32 width, height;
    guint depth;            /* bits of a sample: 8 in bytes, 9 to 16 in native 16-bit words */
    gboolean gray;          /* brightness only */
    guint halve_x, halve_y; /* 1 where colour has half the samples */
    const guint8 *plane[3]; /* borrowed */
    gsize stride[3];        /* bytes */
    guint matrix;           /* H.273 MatrixCoefficients */
    gboolean full;          /* full range */
} MgkPlanes;

/* Columns 0 to n - 1 of row y as RGB of 8 bits; n at most width, y below height. */
void mgk_planes_row(const MgkPlanes *planes, guint32 y, guint32 n, guint8 *out);
/* Brightness alone as 8 bits, step bytes apart: the transparency of an auxiliary picture. */
void mgk_planes_luma(const MgkPlanes *planes, guint32 y, guint32 n, guint8 *out, guint step);
