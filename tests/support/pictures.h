/* pictures.h - small PNG and JPEG files made on the spot, and segments to plant in them. */
#pragma once

#include "engines/jpeg_write.h"

/* A colourful picture of this model and size, encoded as PNG (or JPEG for GRAY and RGB of depth 8). */
GByteArray *picture_png(MgkRasterModel model, guint8 depth, guint width, guint height);
GByteArray *picture_jpeg(MgkRasterModel model, guint width, guint height, guint8 quality, guint8 sampling);
/* One row of 8-bit grey pixels, packed by zlib at this level: at 0 the samples stand in the file as they are. */
GByteArray *picture_gray_row(const guint8 *row, guint8 width, int level);
/* Inserts a chunk behind IHDR, or a segment behind SOI. */
void picture_add_chunk(GByteArray *png, const char *type, const void *data, gsize size);
void picture_add_segment(GByteArray *jpeg, guint8 marker, const void *data, gsize size);
/* An EXIF block ("Exif\0\0" first) with this orientation, with coordinates when gps. */
GByteArray *picture_exif(guint orientation, gboolean gps);
