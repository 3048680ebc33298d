/* xls.h - the second look at binary workbooks. */
#pragma once

#include "model/job.h"

/* TRUE when job->data is a compound file of our shape whose workbook holds nothing but records and formula tokens that
 * may cross; else FALSE with MGK_ERROR_MALFORMED. */
gboolean mgk_check_xls(MgkJob *job, GError **error);
