/* formula.h - reads one formula of SpreadsheetML (ECMA-376 Part 1 18.17) or OpenFormula (ODF 1.3 part 4) far enough to
 * say what it can do.
 *
 * It never evaluates and never rewrites: a formula is either left alone or replaced by its cached value by the caller.
 * Doubt counts against the formula: what does not tokenise is MALFORMED, a function without a row in
 * rules/formula_functions.def is UNKNOWN. Time is linear in the text, memory constant. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_FORMULA_EXTERNAL = 1 << 0,  /* refers to another workbook: [1]Sheet!A1, '\\host\[b.xls]S'!A1 */
    MGK_FORMULA_CODE = 1 << 1,      /* runs code: macro functions, CALL, PY, DDE (app|topic!item) */
    MGK_FORMULA_FETCH = 1 << 2,     /* reaches out of the workbook: WEBSERVICE, RTD, IMAGE, CUBEVALUE */
    MGK_FORMULA_LINK = 1 << 3,      /* HYPERLINK whose target is computed or unsafe */
    MGK_FORMULA_UNKNOWN = 1 << 4,   /* calls a function nobody knows: VBA, add-in, newer than this program */
    MGK_FORMULA_LOST = 1 << 5,      /* uses a defined name that does not cross */
    MGK_FORMULA_MALFORMED = 1 << 6, /* unbalanced quotes or brackets, control characters */
} MgkFormulaFlags;

#define MGK_FORMULA_MAX_INDICES 16

/* What the workbook defines; both sets hold keys of mgk_formula_name_key() and may be NULL (empty). */
typedef struct MgkFormulaNames {
    GHashTable *callable; /* borrowed; names that hold a LAMBDA, so that `Name(…)` is no unknown function */
    GHashTable *lost;     /* borrowed; names that do not cross */
} MgkFormulaNames;

typedef struct MgkFormula {
    guint flags;     /* of MgkFormulaFlags; 0 = harmless */
    char name[64];   /* the first function or name that raised a flag, upper case, "DDE" for a pipe; "" when none */
    guint n_indices; /* distinct external indices seen, at most MGK_FORMULA_MAX_INDICES are listed */
    guint32 indices[MGK_FORMULA_MAX_INDICES];
} MgkFormula;

/* OPEN: references in brackets, [.A1] and ['file:///x.ods'#$S.A1]; {1;2|3;4}; ';' between arguments; and conditions
 * such as cell-content-is-in-list("a";"b"). */
typedef enum { MGK_FORMULA_EXCEL, MGK_FORMULA_OPEN } MgkFormulaDialect;

/* Reads a formula of size bytes (UTF-8, with or without a leading '='). names may be NULL. Returns the flags. */
guint mgk_formula_read(const char *text, gsize size, const MgkFormulaNames *names, MgkFormula *ret_formula);
guint mgk_formula_read_as(MgkFormulaDialect dialect, const char *text, gsize size, const MgkFormulaNames *names,
                          MgkFormula *ret_formula);
/* The key under which a defined name is looked up: case folded. Owned by the caller. */
char *mgk_formula_name_key(const char *name, gssize size);
