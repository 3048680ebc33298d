/* gif_read.h - decodes GIF87a and GIF89a into raster records: palette pictures of depth 8 with their places and times.
 */
#pragma once

#include "engines/raster.h"

/* Sends every picture of the file when job->outcome.format is gif and the policy keeps animations; else the first one,
 * laid on its canvas. Errors: MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT. */
gboolean mgk_gif_read(MgkJob *job, GError **error);
