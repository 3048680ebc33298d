/* jp2_read.h - decodes JPEG 2000 (ISO/IEC 15444-1), file or code stream, with OpenJPEG into raster records. */
#pragma once

#include "engines/raster.h"

/* Sends the picture, gray or RGB, with transparency where a channel declares it, 8 bits a sample. Errors:
 * MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT, MGK_ERROR_UNSUPPORTED. */
gboolean mgk_jp2_read(MgkJob *job, GError **error);
