/* csv_cell.h - cells of the CSV files that we write: nothing in them runs, breaks a line or turns text around. */
#pragma once

#include <glib.h>

/* What such a file starts with, so that spreadsheets read UTF-8. */
#define MGK_CSV_MARK "\xef\xbb\xbf"

/* Appends text as one quoted cell: invalid bytes, controls, bidi and invisible characters as escapes (names.h), and an
 * apostrophe before =, +, - and @ (full-width ones too) wherever some separator would make them the start of a cell.
 * text may be NULL. */
void mgk_csv_cell(GString *row, const char *text);
/* Appends n cells separated by commas, and the line's end. */
void mgk_csv_row(GString *out, const char *const *cells, guint n);
