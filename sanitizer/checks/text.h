/* text.h - the second look at texts; shares nothing with the cleaning. */
#pragma once

#include "model/job.h"

/* Accepts a text that has no control character but TAB, CR, LF and FF, and, as far as its encoding can express them, no
 * bidi control, zero-width character out of place, or tag. MGK_ERROR_MALFORMED otherwise. */
gboolean mgk_check_text(MgkJob *job, GError **error);
