/* dib_internal.h - what the parts of dib share. */
#pragma once

#include "engines/dib.h"

typedef enum { MGK_DIB_PLAIN, MGK_DIB_RLE8, MGK_DIB_RLE4, MGK_DIB_RLE24, MGK_DIB_MASKS } MgkDibCoding;

struct MgkDib {
    const guint8 *data; /* borrowed; from the header on */
    gsize size;
    MgkRaster raster;
    gboolean icon, top_down;
    guint bits; /* a pixel, as stored */
    MgkDibCoding coding;
    guint32 masks[4]; /* red green blue alpha; of 16 and 32 bits */
    gsize pixels, stride, end;
    gsize profile, profile_size;
    guint8 *unpacked; /* owned; run-length coded: all rows, bottom first, 1 or 3 bytes a pixel */
    guint32 rows_there;
    gboolean ignore_alpha; /* icon of 32 bits whose alpha is all zeros: the mask counts */
};

/* Undoes run-length coding into dib->unpacked; sets rows_there and end. */
void mgk_dib_unpack(MgkDib *dib);
