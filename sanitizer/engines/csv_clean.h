/* csv_clean.h - a table as text without what spreadsheets would run; what stays and goes: formats/csv.c. */
#pragma once

#include "model/job.h"

/* Cleans job->data; holds the job where the encoding or the table cannot be judged. */
gboolean mgk_csv_clean(MgkJob *job, GError **error);
/* The same with a table that another format became; UTF-8 with byte order mark. */
gboolean mgk_csv_clean_text(MgkJob *job, const GString *text, GError **error);
