/* jpeg_write.h - our JPEG encoder: baseline, gray or YCbCr, SOI APP0(JFIF) DQT SOF0 DHT SOS EOI and nothing else. */
#pragma once

#include "engines/png_write.h"

typedef struct MgkJpegWriter MgkJpegWriter;
/* raster must be GRAY, RGB or YCC of depth 8, validated; it is copied. Its quality and sampling decide the compression;
 * quality 0 stands for a lossless source and becomes a high one. Errors: MGK_ERROR_LIMIT beyond 65500 pixels a side. */
MgkJpegWriter *mgk_jpeg_writer_new(const MgkRaster *raster, GError **error);
void mgk_jpeg_writer_free(MgkJpegWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkJpegWriter, mgk_jpeg_writer_free)
/* One row of mgk_raster_row_bytes(), top to bottom, mgk_raster_rows() times. */
gboolean mgk_jpeg_writer_row(MgkJpegWriter *writer, const guint8 *row, GError **error);
/* Ends the picture and hands the whole file to the sink. */
gboolean mgk_jpeg_writer_finish(MgkJpegWriter *writer, MgkSink sink, gpointer user, GError **error);
