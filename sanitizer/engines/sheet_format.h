/* sheet_format.h - a cell's number as its number format shows it (ISO/IEC 29500-1, 18.8.30 and .31), for taking text.
 */
#pragma once

#include <glib.h>

/* The built-in format with this id as a Japanese Excel shows it; NULL when it has none. */
const char *mgk_sheet_format_builtin(guint id);
/* The number by a format code, owned by the caller. date1904: serial 0 is 1904-01-01 instead of 1899-12-30. Fractions,
 * [DBNum] and what no code knows come out as plain numbers: never wrong, only less nice. */
char *mgk_sheet_format_number(double number, const char *code, gboolean date1904);
/* A text by the text section of a code (third semicolon), else the text itself. Owned by the caller. */
char *mgk_sheet_format_text(const char *text, const char *code);
