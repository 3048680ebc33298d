/* slide_text.h - the text of a cleaned presentation: handler->text of pptx. */
#pragma once

#include "model/job.h"

/* Slides in order, each behind a line with its number; shapes in the order of the slide (PowerPoint's own reading
 * order), table rows as lines with tabs, diagrams and charts, then the slide's notes. Hidden slides are left out.
 * Errors: those of the reader and of job->write. */
gboolean mgk_slide_text(MgkJob *job, GError **error);
