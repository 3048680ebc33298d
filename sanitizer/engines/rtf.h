/* rtf.h - rebuilds RTF group by group, by the rules of rules/rtf.def. */
#pragma once

#include "model/job.h"

gboolean mgk_rtf_clean(MgkJob *job, GError **error);
/* handler->text: the text of what mgk_rtf_clean() wrote. */
gboolean mgk_rtf_text(MgkJob *job, GError **error);
