/* jpeg_quality.h - how strongly a JPEG was compressed, as the number that our encoder needs to do the same. */
#pragma once

#include <glib.h>

/* The IJG quality (1 to 100) whose luma table (ITU-T T.81, table K.1, scaled) comes nearest to this one; steps in
 * natural order. */
guint mgk_jpeg_quality_estimate(const guint16 steps[64]);
