/* inner_document.h - files that are nothing but the wrapping of one Office document. */
#pragma once

#include "model/job.h"

/* Has the document inside cleaned as a part in a worker of its own, and gives it out under its true format and
 * extension; the verdict stays as the job has it. Holds or blocks the job when the document does not cross, or is no
 * document that Office opens. */
gboolean mgk_inner_document_clean(MgkJob *job, const guint8 *data, gsize size, GError **error);
