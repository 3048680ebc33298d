/* csv_guard.h - finds the cells of a delimited text that a spreadsheet would run, whatever separator it assumes.
 *
 * Comma, tab, semicolon, pipe and the one a first line "sep=" names are followed at the same time, each with its own
 * idea of what is quoted. Where Excel would read other characters than we do (UTF-8 without mark, EUC-JP: a byte that
 * looks like the first half of a CP932 character swallows the quote behind it), or quotes never close, quotes are no
 * shelter: every separator may start a cell. */
#pragma once

#include "engines/csv_formula.h"

#define MGK_CSV_READINGS 10

typedef struct MgkCsvReading {
    gunichar separator;
    gboolean blind; /* to quotes */
    gboolean start; /* nothing but spaces and quotes since the cell began */
    gboolean quoted, quote_seen;
} MgkCsvReading;

typedef struct MgkCsvGuard {
    MgkCsvReading readings[MGK_CSV_READINGS];
    guint n;
    gboolean inside; /* every reading is in the middle of a cell: ordinary characters change nothing */
    MgkCsvFormula formula;
    guint64 row, cells, first_row; /* cells found, and the line of the first */
    gboolean exhausted;            /* too much to look at: the file cannot be judged */
} MgkCsvGuard;

/* Looks at the whole text once, for quotes that do not close and for "sep=". */
void mgk_csv_guard_init(MgkCsvGuard *guard, MgkCharset charset, const guint8 *data, gsize size);
/* An MgkTextHook: TRUE when c starts a formula. data is the MgkCsvGuard. */
gboolean mgk_csv_guard_hook(gpointer data, const MgkCharsetReader *at, const MgkChar *c);
