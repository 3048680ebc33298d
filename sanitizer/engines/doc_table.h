/* doc_table.h - what the end of a row says of the row and its cells ([MS-DOC] 2.6.3, 2.9.316 TC80). */
#pragma once

#include "engines/doc_props.h"

enum { MGK_DOC_MAX_CELLS = 64 };

typedef struct MgkDocCell {
    guint16 flags; /* TCGRF */
    gint32 shade;
    gint32 look[4], color[4]; /* top, left, bottom, right */
} MgkDocCell;

typedef struct MgkDocRow {
    guint n;
    gint16 edges[MGK_DOC_MAX_CELLS + 1]; /* twips; never falling */
    MgkDocCell cells[MGK_DOC_MAX_CELLS];
    gint32 look[6], color[6]; /* of the whole table: top, left, bottom, right, between rows, between cells */
    gint32 align, height, gap;
    gboolean header, whole;
} MgkDocRow;

void mgk_doc_row_read(MgkDocRow *row, const MgkDocFile *file, MgkDocBytes grpprl);
/* w:tblPr with the grid's edges behind it; edges: sorted, n_edges of them. */
void mgk_doc_put_table_start(GString *xml, const MgkDocRow *first, const GArray *edges);
void mgk_doc_put_row_start(GString *xml, const MgkDocRow *row, guint before, guint after);
/* The start of a cell that ends at cell `last` (horizontally merged cells are one) and spans columns of the grid. */
void mgk_doc_put_cell_start(GString *xml, const MgkDocRow *row, guint first, guint last, guint span);
/* The last of the cells merged with this one. */
guint mgk_doc_row_merged(const MgkDocRow *row, guint first);
