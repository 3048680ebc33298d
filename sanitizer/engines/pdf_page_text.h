/* pdf_page_text.h - the text of a PDF that we wrote: handler->text of pdf. */
#pragma once

#include "model/job.h"

/* The text layer of our own output, which holds only what is seen, in poppler's reading order; pages stand behind a
 * line with their number. Errors: MALFORMED, those of job->write. */
gboolean mgk_pdf_page_text(MgkJob *job, GError **error);
