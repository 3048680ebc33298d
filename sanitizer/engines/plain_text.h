/* plain_text.h - a cleaned text or table in UTF-8: handler->text of text and csv. */
#pragma once

#include "model/job.h"

/* Every character and line end as it is, behind a byte order mark, for programs that guess encodings badly. Ends the
 * job as held (TRUE) when the encoding is not sure. Errors: those of job->write. */
gboolean mgk_plain_text(MgkJob *job, GError **error);
