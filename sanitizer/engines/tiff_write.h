/* tiff_write.h - our TIFF encoder: little-endian TIFF 6; for each page its directory, the directory's longer values and
 * the strips, one behind the other. Bilevel pages are Group 4, lossy ones JPEG, all others Deflate. */
#pragma once

#include "engines/raster.h"
#include "engines/sink.h"

typedef struct MgkTiffWriter MgkTiffWriter;
MgkTiffWriter *mgk_tiff_writer_new(MgkSink sink, gpointer user);
void mgk_tiff_writer_free(MgkTiffWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkTiffWriter, mgk_tiff_writer_free)
/* One page: any model but YCC, validated; rows are its mgk_raster_row_bytes() × height bytes, and changed. Errors:
 * MGK_ERROR_LIMIT beyond 4 GiB. */
gboolean mgk_tiff_writer_add(MgkTiffWriter *writer, const MgkRaster *raster, guint8 *rows, GError **error);
/* Ends the file; at least one page must have been added. */
gboolean mgk_tiff_writer_finish(MgkTiffWriter *writer, GError **error);
