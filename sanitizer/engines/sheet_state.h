/* sheet_state.h - what the hooks of SpreadsheetML share; included by engines/sheet_*.c, formats/xlsx.c and xlsb.c only.
 *
 * A workbook is read in two passes: the first collects names, sheets and sources (scan hooks, nothing is written), the
 * second rebuilds (mgk_sheet_hooks). MgkSheetBook lives as long as the job, MgkSheetPart as long as one part. */
#pragma once

#include "engines/formula.h"
#include "engines/opc.h"

typedef struct MgkSheetName {
    char *key;  /* owned; mgk_formula_name_key() */
    char *text; /* owned; NULL when the name must go whatever it holds */
} MgkSheetName;

typedef struct MgkSheetBook {
    MgkJob *job;         /* borrowed */
    GPtrArray *names;    /* owned; of MgkSheetName*: found by the scan */
    MgkFormulaNames set; /* owned tables; what formulas may and may not use, after mgk_sheet_book_settle() */
    GHashTable *ghosts;  /* owned; VML shape id → mark (static): shapes of objects and controls */
    gboolean told_external;
    gboolean dynamic_arrays; /* xl/metadata.xml crosses */
    gboolean rich_values;    /* scan: it holds more than flags of dynamic arrays */
    gboolean cube;           /* scan: a pivot cache over a cube */
} MgkSheetBook;

/* One open element that may be taken back: an item when a formula inside is bad, a container when nothing stays. */
typedef struct MgkSheetScope {
    guint span;
    gboolean container, bad, needs_child, has_child;
    gboolean settled; /* container: it stays, the span is closed */
} MgkSheetScope;

typedef enum { MGK_CHART_KEEP, MGK_CHART_LITERAL, MGK_CHART_VALUE, MGK_CHART_RICH } MgkChartMode;

typedef struct MgkSheetPart {
    MgkSheetBook *book; /* borrowed */
    GArray *scopes;     /* owned; of MgkSheetScope */
    GByteArray *shared; /* owned; bit per shared formula index whose master stays */
    guint32 shared_index;
    enum { MGK_CELL_NORMAL, MGK_CELL_SHARED, MGK_CELL_ARRAY, MGK_CELL_TABLE } cell;
    gboolean emptied; /* a macro or dialog sheet: only its tag stays */
    gboolean pivot_external;
    GByteArray *chart_refs; /* owned; scan: a byte per reference, 1 = becomes a literal */
    guint chart_ref;        /* next index */
    MgkChartMode chart;
    guint chart_points, chart_levels;
    GString *chart_text; /* owned */
    GHashTable *ghosts;  /* owned; id of a drawing's shape → mark (static): it is shown instead of its VML twin */
    char *shape_id;      /* owned; of the shape being read; second pass: its name */
    const char *mark;    /* of that shape; NULL when it is no ghost */
    gboolean has_body, option;
} MgkSheetPart;

void mgk_sheet_book_init(MgkSheetBook *book, MgkJob *job);
void mgk_sheet_book_clear(MgkSheetBook *book);
/* After the scan: which names cannot cross, and which others use them. */
void mgk_sheet_book_settle(MgkSheetBook *book);
void mgk_sheet_part_init(MgkSheetPart *part, MgkSheetBook *book);
void mgk_sheet_part_clear(MgkSheetPart *part);

/* What the state (engines/opc.h) of the formats with these hooks begins with. */
typedef struct MgkSheetState {
    MgkSheetBook book;
    MgkSheetPart part; /* of the part being read */
} MgkSheetState;

/* Where the hooks find the state of the part being read. */
MgkSheetPart *mgk_sheet_part_of(const MgkXmlFilter *filter);
/* Reads a part through the scan hooks (first pass). */
gboolean mgk_sheet_scan(MgkOpc *opc, MgkOpcPart *part, GError **error);
/* A macro or dialog sheet, reached by a relationship of its own, becomes a worksheet without relationships; its writer
 * empties it. */
void mgk_sheet_from_macros(MgkOpc *opc, MgkOpcPart *sheet);
/* Before a part is written (second pass); emptied: only the root stays. */
void mgk_sheet_part_begin(MgkOpc *opc, MgkOpcPart *part, gboolean emptied);

/* The functions behind rules/spreadsheetml.def: for the second pass, and for the first (read only). */
extern const MgkXmlHook mgk_sheet_hooks[MGK_N_XML_HOOKS];
extern const MgkXmlHook mgk_sheet_scan_hooks[MGK_N_XML_HOOKS];
