/* gif_write.h - our GIF encoder: GIF89a, one global palette, the loop block, and for each picture a graphic control,
 * its place, its own palette where it differs, and LZW data; nothing else. */
#pragma once

#include "engines/raster.h"
#include "engines/sink.h"

typedef struct MgkGifWriter MgkGifWriter;
MgkGifWriter *mgk_gif_writer_new(MgkSink sink, gpointer user);
void mgk_gif_writer_free(MgkGifWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkGifWriter, mgk_gif_writer_free)
/* One picture: PALETTE of depth 8, validated, width × height indices. The first decides the canvas and the loops.
 * Errors: MGK_ERROR_LIMIT beyond 65535 pixels a side; MGK_ERROR_MALFORMED for another model or canvas. */
gboolean mgk_gif_writer_add(MgkGifWriter *writer, const MgkRaster *raster, const guint8 *indices, GError **error);
gboolean mgk_gif_writer_finish(MgkGifWriter *writer, GError **error);
