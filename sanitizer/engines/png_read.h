/* png_read.h - decodes a PNG (or the first picture of an animated one) with libpng into raster records. */
#pragma once

#include "engines/png_scan.h"
#include "engines/turn.h"

/* Sends one picture to the encoder. A damaged file of which at least an eighth can be read is sent with the rest blank
 * and a finding. Errors: MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT. */
gboolean mgk_png_read(MgkJob *job, const MgkPngScan *scan, GError **error);
