/* ppt_reading.h - the text of a cleaned PowerPoint 97-2003 presentation: handler->text of ppt. */
#pragma once

#include "model/job.h"

/* Slides in order, each behind a line with its number; shapes in the order of the slide, then the slide's notes. Hidden
 * slides are left out. Errors: those of job->write. */
gboolean mgk_ppt_reading(MgkJob *job, GError **error);
