/* pdf_render.h - turns a PDF document into page records: pixels, seen text, links, outline. Runs in a locked worker. */
#pragma once

#include "engines/page_stream.h"

/* Opens job->data (password job->password) and sends its pages (all, or those that job->spread() leaves to
 * it) with job->policy's resolutions and limits. An encrypted document without the right password, one without pages
 * and one beyond the limits end as held (TRUE, see job->outcome). Errors: MGK_ERROR_MALFORMED when the document cannot
 * be read at all, or those of job->send. own: the input has the form of our own outputs, so that invisible text over
 * ink is no finding and stays. */
gboolean mgk_pdf_render(MgkJob *job, gboolean own, GError **error);
/* Before a sandbox closes: opens the renderer's tables and fonts, and keeps them open. */
void mgk_pdf_render_warm(void);
