/* rtf.h - the second look at RTF; shares nothing with the cleaning. */
#pragma once

#include "model/job.h"

/* TRUE when job->data is the RTF that we write: seven bits, known words only, whole pictures, harmless fields. */
gboolean mgk_check_rtf(MgkJob *job, GError **error);
