/* biff_text.h - the text of a workbook of Excel 97 to 2003, for the profile text. */
#pragma once

#include "model/job.h"

/* Reads our own .xls in job->data; handler->text. */
gboolean mgk_biff_text(MgkJob *job, GError **error);
