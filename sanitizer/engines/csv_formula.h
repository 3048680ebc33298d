/* csv_formula.h - would a spreadsheet run what follows =, +, - or @ at the start of a cell? */
#pragma once

#include "engines/text_filter.h"

typedef struct MgkCsvFormula {
    guint64 budget; /* characters that may still be looked at, all cells together */
    gsize line_end; /* what is known about the line in hand: where it ends, and the last place of ( ! or | */
    gsize last_strong;
} MgkCsvFormula;

/* at stands behind the sign (trigger: '=', '+', '-' or '@'). TRUE when what follows parses as a formula: a function's
 * name and (, a reference to a cell, another sheet or book (!), or a DDE link (|). Full-width forms count like ASCII.
 * quoted: the cell is inside CSV quotes, so that "" is a quote and lines go on. Numbers, names, dates, telephone
 * numbers and prose are FALSE. When formula->budget runs out the answer is TRUE; the caller looks at it. */
gboolean mgk_csv_formula(MgkCsvFormula *formula, const MgkTextCursor *at, char trigger, gboolean quoted);
/* The ASCII character that a code point stands for in a formula: full-width forms fold, other spaces become ' '; the
 * code itself otherwise. */
gunichar mgk_csv_fold(gunichar code);
