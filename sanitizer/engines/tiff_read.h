/* tiff_read.h - decodes the pages of a TIFF with libtiff into raster records, upright. */
#pragma once

#include "engines/raster.h"

/* Sends every page when job->outcome.format is tiff, else the first. Errors: MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT,
 * MGK_ERROR_UNSUPPORTED. */
gboolean mgk_tiff_read(MgkJob *job, GError **error);
