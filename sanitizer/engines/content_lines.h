/* content_lines.h - calendars and contacts (RFC 5545 3.1, RFC 6350 3.2, vCard 2.1, vCalendar 1.0): lines of a name,
 * parameters and a value, in components. Read by rules/content_lines.def, written afresh. */
#pragma once

#include "model/job.h"

typedef enum { MGK_CONTENT_CALENDAR, MGK_CONTENT_CONTACT } MgkContentFamily;

/* Cleans job->data into job->write: UTF-8, CRLF, lines of at most 75 bytes folded between characters. Pictures in
 * contacts are cleaned as children. Ends the job as held where components do not match. FALSE when the job must end. */
gboolean mgk_content_lines_clean(MgkJob *job, MgkContentFamily family, GError **error);
