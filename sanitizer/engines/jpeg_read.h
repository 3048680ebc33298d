/* jpeg_read.h - decodes a JPEG with libjpeg-turbo into raster records: gray or RGB, 8 bits, upright. */
#pragma once

#include "engines/jpeg_scan.h"

/* Sends one picture to the encoder. Damage that viewers gloss over is reported; a file of which less than an eighth can
 * be read is refused. Errors: MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT, MGK_ERROR_UNSUPPORTED (12 bits, lossless, odd
 * channel counts). */
gboolean mgk_jpeg_read(MgkJob *job, const MgkJpegScan *scan, GError **error);
