/* webp_write.h - our WebP encoder: libwebp's bit streams without any metadata. */
#pragma once

#include "engines/raster.h"
#include "engines/sink.h"

typedef struct MgkWebpWriter MgkWebpWriter;
MgkWebpWriter *mgk_webp_writer_new(MgkSink sink, gpointer user);
void mgk_webp_writer_free(MgkWebpWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkWebpWriter, mgk_webp_writer_free)
/* One picture: RGB or RGBA of depth 8, validated; pixels are taken over (g_free). quality 0 means lossless. Several
 * pictures make an animation; all must be of one size. Errors: MGK_ERROR_LIMIT beyond 16383 pixels a side. */
gboolean mgk_webp_writer_add(MgkWebpWriter *writer, const MgkRaster *raster, guint8 *pixels, GError **error);
gboolean mgk_webp_writer_finish(MgkWebpWriter *writer, GError **error);
