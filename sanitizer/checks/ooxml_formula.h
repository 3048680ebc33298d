/* ooxml_formula.h - a small scanner for what a spreadsheet formula must not do. */
#pragma once

#include <glib.h>

/* TRUE when a formula (as in a file: English names, no leading =) calls nothing outside the workbook: no forbidden
 * function, no DDE, no reference to another workbook, no HYPERLINK but to a constant safe target. */
gboolean mgk_look_formula_is_safe(const char *formula);
