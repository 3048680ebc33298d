/* biff_formula.h - walks the tokens of one BIFF8 formula ([MS-XLS] 2.2.2, 2.5.198) to say whether it may stay.
 *
 * It never evaluates and never rewrites. What it cannot walk to the last byte, and every token, function, name or sheet
 * that is not on a list of harmless ones, counts against the formula; the caller then puts its cached value there. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_BIFF_SAFE,
    MGK_BIFF_SHARED,   /* one token: the formula stands at *ret_master (row << 8 | column) */
    MGK_BIFF_EXTERNAL, /* refers to another workbook, or to a sheet that does not cross */
    MGK_BIFF_CODE,     /* calls a macro function */
    MGK_BIFF_LINK,     /* HYPERLINK */
    MGK_BIFF_UNKNOWN,  /* a function of an add-in, a name that does not cross, or tokens that make no sense */
} MgkBiffVerdict;

/* What the workbook has: by index (names from 0), TRUE for what formulas may use. Borrowed. */
typedef struct MgkBiffScope {
    const guint8 *names;
    gsize n_names;
    const guint8 *sheets; /* entries of EXTERNSHEET */
    gsize n_sheets;
} MgkBiffScope;

/* SAFE when a worksheet function of this number may be called (below 370: rules/biff_functions.def). */
MgkBiffVerdict mgk_biff_function(guint number);
/* The finding (MgkKind) behind a verdict other than SAFE. */
guint mgk_biff_kind(MgkBiffVerdict verdict);
/* tokens: `size` bytes of rgce, then `extra` bytes of rgcb, which must end with them. ret_master may be NULL. */
MgkBiffVerdict mgk_biff_formula(const MgkBiffScope *scope, const guint8 *tokens, gsize size, gsize extra,
                                guint32 *ret_master);
