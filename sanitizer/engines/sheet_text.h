/* sheet_text.h - the text of a cleaned workbook: handler->text of xlsx. */
#pragma once

#include "model/job.h"

/* Sheets in order, each behind a line with its name; rows are lines, cells stand behind tabs in their columns; numbers
 * and dates as their formats show them. Hidden sheets, rows and columns are left out; text boxes, charts and
 * comments follow their sheet.
 * Errors: those of the reader and of job->write. */
gboolean mgk_sheet_text(MgkJob *job, GError **error);
