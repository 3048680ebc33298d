/* png_write.h - our PNG encoder: IHDR PLTE tRNS pHYs IDAT IEND and nothing else (PNG 3rd edition, section 11). */
#pragma once

#include "engines/raster.h"
#include "engines/sink.h"

typedef struct MgkPngWriter MgkPngWriter;
/* raster is validated by the caller and copied; the sink is called from mgk_png_writer_row() and _finish(). */
MgkPngWriter *mgk_png_writer_new(const MgkRaster *raster, MgkSink sink, gpointer user);
void mgk_png_writer_free(MgkPngWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPngWriter, mgk_png_writer_free)
/* One row of mgk_raster_row_bytes(raster), top to bottom, height times. */
gboolean mgk_png_writer_row(MgkPngWriter *writer, const guint8 *row, GError **error);
gboolean mgk_png_writer_finish(MgkPngWriter *writer, GError **error);
