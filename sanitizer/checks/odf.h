/* odf.h - the second look over a rebuilt OpenDocument file (ISO/IEC 26300, ODF 1.3 part 2): job->data is our own
 * output.
 *
 * Shares no code with what cleaned it: own zip walk, own list of names (odf_names.def), own scanners. A package must be
 * what our writer makes: mimetype first and stored, members that the manifest lists and documents lead to, pictures our
 * encoders wrote; every element and attribute known; links, references and formulas of kinds that do nothing. */
#pragma once

#include "model/job.h"

/* FALSE with MGK_ERROR_MALFORMED and a message "rule (member: detail); …" when job->data must not cross. */
gboolean mgk_check_odt(MgkJob *job, GError **error);
gboolean mgk_check_ods(MgkJob *job, GError **error);
gboolean mgk_check_odp(MgkJob *job, GError **error);
gboolean mgk_check_odg(MgkJob *job, GError **error);
gboolean mgk_check_odf(MgkJob *job, GError **error);
gboolean mgk_check_fodt(MgkJob *job, GError **error);
