/* table_csv.h - cells of a table, in any order, as comma separated text. */
#pragma once

#include "model/job.h"

typedef struct MgkTableCsv MgkTableCsv;

MgkTableCsv *mgk_table_csv_new(void);
void mgk_table_csv_free(MgkTableCsv *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkTableCsv, mgk_table_csv_free)
/* row and column count from 0; a later value of the same cell counts. text: UTF-8. What lies outside of any
 * spreadsheet (1,048,576 rows, 16,384 columns) is left out, and FALSE. */
gboolean mgk_table_csv_put(MgkTableCsv *table, guint64 row, guint64 column, const char *text, gsize size);
/* Gives the table out as a CSV file: UTF-8 with byte order mark, CRLF, rows as long as their last cell, guarded as
 * engines/csv_clean.h says; the job becomes CONVERTED to csv. A table without cells, or so sparse that its separators
 * are most of it, is held. */
gboolean mgk_table_csv_finish(MgkTableCsv *table, MgkJob *job, GError **error);
