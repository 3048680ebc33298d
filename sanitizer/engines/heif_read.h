/* heif_read.h - decodes the primary picture of a HEIC or AVIF file into raster records, upright, RGB or RGBA, 8 bits.
 */
#pragma once

#include "engines/raster.h"

/* Sets job->outcome.format and verdict: JPEG, or PNG where there is transparency. Errors: MGK_ERROR_MALFORMED,
 * MGK_ERROR_LIMIT, MGK_ERROR_UNSUPPORTED. */
gboolean mgk_heif_read(MgkJob *job, GError **error);
