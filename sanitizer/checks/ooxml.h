/* ooxml.h - the second look over a rebuilt Office document (ECMA-376, MS-OI29500): job->data is our own output.
 *
 * Shares no code with what cleaned it: own zip walk, own tables, own scanners. Two classes of rules:
 *   security  anything that could act, link out, hide or dangle: FALSE, the file is held
 *   schema    where Office is stricter than other readers (order of children, unique ids, indices in range). The
 *             senders' own files break these rules too and must not be held for it: a finding of kind
 *             schema.deviation, level none. Tests demand that an output has no deviation its input did not have. */
#pragma once

#include "model/job.h"

/* Checks job->data as the family says. FALSE with MGK_ERROR_MALFORMED and a message "rule (part: detail); …" when it
 * must not cross. */
gboolean mgk_check_docx(MgkJob *job, GError **error);
gboolean mgk_check_xlsx(MgkJob *job, GError **error);
gboolean mgk_check_xlsb(MgkJob *job, GError **error);
gboolean mgk_check_pptx(MgkJob *job, GError **error);
