/* webp_read.h - decodes WebP (RFC 9649), still or moving, with libwebp into raster records: RGB or RGBA of depth 8. */
#pragma once

#include "engines/raster.h"

/* Sends the picture, or every picture of an animation when job->outcome.format is webp and the policy keeps it. quality
 * is 0 for lossless sources. Errors: MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT. */
gboolean mgk_webp_read(MgkJob *job, GError **error);
