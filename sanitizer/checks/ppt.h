/* ppt.h - the second look at PowerPoint 97-2003 presentations; shares no code with the cleaning. */
#pragma once

#include "model/job.h"

gboolean mgk_check_ppt(MgkJob *job, GError **error);
