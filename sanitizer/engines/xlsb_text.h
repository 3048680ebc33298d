/* xlsb_text.h - the text of a binary workbook, for the profile text. */
#pragma once

#include "model/job.h"

/* Reads our own .xlsb in job->data; handler->text. */
gboolean mgk_xlsb_sheet_text(MgkJob *job, GError **error);
