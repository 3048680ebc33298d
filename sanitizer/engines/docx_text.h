/* docx_text.h - the text of a cleaned Word document in reading order: handler->text of docx. */
#pragma once

#include "model/job.h"

/* Body; then notes, comments, headers and footers, diagrams, charts, each behind an empty line. Table rows are lines,
 * cells stand behind tabs; list labels are counted; ruby as 漢字(かな); moved and deleted text and hidden runs are left
 * out. Errors: those of the reader and of job->write. */
gboolean mgk_docx_text(MgkJob *job, GError **error);
