#include "engines/doc_table.h"

#include "engines/doc_markup.h"

#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 20, FLAG_MERGE = 3, FLAG_VERTICAL = 0x60, VERTICAL_GOES_ON = 0x20 };

/* sprmTDefTable (2.9.311 TDefTableOperand): edges, then as many cells as were written. */
static void define(MgkDocRow *row, MgkDocBytes operand)
{
    guint untrusted_n = operand.size ? operand.data[0] : 0;
    guint n = MIN(untrusted_n, MGK_DOC_MAX_CELLS);
    row->n = n;
    for (guint i = 0; i <= n; i++) {
        row->edges[i] = (gint16)mgk_doc_u16(operand, 1 + 2 * (gsize)i);
        if (i && row->edges[i] < row->edges[i - 1])
            row->edges[i] = row->edges[i - 1];
    }
    for (guint i = 0; i < n; i++) {
        MgkDocBytes cell = mgk_doc_slice(operand, 1 + 2 * ((gsize)untrusted_n + 1) + CELL_BYTES * (gsize)i, CELL_BYTES);
        row->cells[i].flags = mgk_doc_u16(cell, 0);
        for (guint side = 0; side < 4; side++)
            mgk_doc_border(mgk_doc_slice(cell, 4 + 4 * (gsize)side, 4), TRUE, &row->cells[i].look[side],
                           &row->cells[i].color[side]);
    }
}

static void shade_cells(MgkDocRow *row, MgkDocBytes operand, guint first)
{
    for (guint i = 0; first + i < row->n && 10 * ((gsize)i + 1) <= operand.size; i++) {
        gint32 fore = mgk_doc_color(mgk_doc_u32(operand, 10 * (gsize)i));
        gint32 back = mgk_doc_color(mgk_doc_u32(operand, 10 * (gsize)i + 4));
        row->cells[first + i].shade = mgk_doc_u16(operand, 10 * (gsize)i + 8) == 1 ? MAX(fore, 0) : back;
    }
}

static void shade_cells_old(MgkDocRow *row, MgkDocBytes operand)
{
    for (guint i = 0; i < row->n && 2 * ((gsize)i + 1) <= operand.size; i++) {
        guint16 value = mgk_doc_u16(operand, 2 * (gsize)i);
        row->cells[i].shade = mgk_doc_color_index(value >> 10 == 1 ? value & 31u : value >> 5 & 31u);
    }
}

static void color_side(MgkDocRow *row, MgkDocBytes operand, guint side)
{
    for (guint i = 0; i < row->n && 4 * ((gsize)i + 1) <= operand.size; i++)
        row->cells[i].color[side] = mgk_doc_color(mgk_doc_u32(operand, 4 * (gsize)i));
}

static void set_borders(MgkDocRow *row, MgkDocBytes operand, gboolean old)
{
    MgkDocBytes brc = mgk_doc_slice(operand, 3, old ? 4 : 8);
    if (!brc.data)
        return;
    for (guint i = operand.data[0]; i < MIN(operand.data[1], row->n); i++) {
        for (guint side = 0; side < 4; side++) {
            if (operand.data[2] >> side & 1)
                mgk_doc_border(brc, old, &row->cells[i].look[side], &row->cells[i].color[side]);
        }
    }
}

static void set_flags(MgkDocRow *row, guint first, guint end, guint mask, guint value)
{
    for (guint i = first; i < MIN(end, row->n); i++)
        row->cells[i].flags = (guint16)((row->cells[i].flags & ~mask) | (value & mask));
}

static void table_borders(MgkDocRow *row, MgkDocBytes operand, gboolean old)
{
    gsize size = old ? 4 : 8;
    for (guint i = 0; i < 6; i++)
        mgk_doc_border(mgk_doc_slice(operand, size * i, size), old, &row->look[i], &row->color[i]);
}

static void set_width(MgkDocRow *row, MgkDocBytes operand)
{
    gint width = (gint16)mgk_doc_u16(operand, 2);
    for (guint i = operand.data[0]; i < MIN(operand.data[1], row->n); i++) {
        gint shift = width - (row->edges[i + 1] - row->edges[i]);
        for (guint k = i + 1; k <= row->n; k++)
            row->edges[k] = (gint16)CLAMP(row->edges[k] + shift, row->edges[k - 1], G_MAXINT16);
    }
}

static void apply_cells(MgkDocRow *row, const MgkDocSprm *sprm)
{
    MgkDocBytes operand = sprm->operand;
    switch (sprm->code) {
    case 0xd608:
        define(row, operand);
        break;
    case 0xd605:
    case 0xd613:
        table_borders(row, operand, sprm->code == 0xd605);
        break;
    case 0xd620:
    case 0xd62f:
        set_borders(row, operand, sprm->code == 0xd620);
        break;
    case 0xd609:
        shade_cells_old(row, operand);
        break;
    case 0xd612:
        shade_cells(row, operand, 0);
        break;
    case 0xd616:
        shade_cells(row, operand, 22);
        break;
    case 0xd60c:
        shade_cells(row, operand, 44);
        break;
    case 0x7623:
        set_width(row, operand);
        break;
    case 0x7629:
        set_flags(row, operand.data[0], operand.data[1], 0x1c, (guint)mgk_doc_u16(operand, 2) << 2);
        break;
    case 0x5624:
        set_flags(row, operand.data[0], operand.data[0] + 1u, FLAG_MERGE, 1);
        set_flags(row, operand.data[0] + 1u, operand.data[1], FLAG_MERGE, 2);
        break;
    default:
        if (sprm->code >= 0xd61a && sprm->code <= 0xd61d)
            color_side(row, operand, sprm->code - 0xd61au);
        if (sprm->code == 0xd62b && operand.size >= 2)
            set_flags(row, operand.data[0], operand.data[0] + 1u, FLAG_VERTICAL, (guint)operand.data[1] << 5);
        if (sprm->code == 0xd62c && operand.size >= 3)
            set_flags(row, operand.data[0], operand.data[1], 0x180, (guint)operand.data[2] << 7);
        break;
    }
}

static gboolean apply_row(MgkDocRow *row, const MgkDocSprm *sprm)
{
    switch (sprm->code) {
    case 0x5400:
    case 0x548a:
        row->align = mgk_doc_u16(sprm->operand, 0);
        return TRUE;
    case 0x9407:
        row->height = (gint16)mgk_doc_u16(sprm->operand, 0);
        return TRUE;
    case 0x9602:
        row->gap = (gint16)mgk_doc_u16(sprm->operand, 0);
        return TRUE;
    case 0x3403:
    case 0x3466:
        row->whole = sprm->operand.data[0] != 0;
        return TRUE;
    case 0x3404:
        row->header = sprm->operand.data[0] != 0;
        return TRUE;
    default:
        return FALSE;
    }
}

static void apply_all(MgkDocRow *row, const MgkDocFile *file, MgkDocBytes grpprl, guint depth)
{
    MgkDocSprm sprm = {0};
    while (mgk_doc_sprm_next(&grpprl, &sprm)) {
        gsize at = mgk_doc_u32(sprm.operand, 0);
        if (sprm.code == 0x6646 && depth == 0)
            apply_all(row, file, mgk_doc_slice(file->data, at + 2, mgk_doc_u16(file->data, at)), 1);
        else if (!apply_row(row, &sprm))
            apply_cells(row, &sprm);
    }
}

void mgk_doc_row_read(MgkDocRow *row, const MgkDocFile *file, MgkDocBytes grpprl)
{
    memset(row, 0, sizeof *row);
    for (guint i = 0; i < MGK_DOC_MAX_CELLS; i++)
        row->cells[i].shade = -1;
    apply_all(row, file, grpprl, 0);
}

/* Writers disagree about which of 1 and 2 is the first of merged cells: the first of either kind is. */
guint mgk_doc_row_merged(const MgkDocRow *row, guint first)
{
    guint head = row->cells[first].flags & FLAG_MERGE, last = first;
    while (head && last + 1 < row->n && (row->cells[last + 1].flags & FLAG_MERGE) &&
           (row->cells[last + 1].flags & FLAG_MERGE) != head)
        last++;
    return last;
}

void mgk_doc_put_table_start(GString *xml, const MgkDocRow *first, const GArray *edges)
{
    static const char *const sides[] = {"top", "left", "bottom", "right", "insideH", "insideV"};
    static const char *const aligns[] = {"left", "center", "right"};
    const gint16 *edge = (const gint16 *)(const void *)edges->data;
    g_string_append(xml, "<w:tbl><w:tblPr>");
    g_string_append_printf(xml, "<w:tblW w:w=\"%d\" w:type=\"dxa\"/>", edge[edges->len - 1] - edge[0]);
    if (first->align > 0 && first->align < 3)
        g_string_append_printf(xml, "<w:jc w:val=\"%s\"/>", aligns[first->align]);
    else
        g_string_append_printf(xml, "<w:tblInd w:w=\"%d\" w:type=\"dxa\"/>", edge[0] + first->gap);
    g_string_append(xml, "<w:tblBorders>");
    for (guint i = 0; i < 6; i++)
        mgk_doc_put_border(xml, sides[i], first->look[i], first->color[i]);
    g_string_append(xml, "</w:tblBorders><w:tblLayout w:type=\"fixed\"/>");
    gint32 gap = CLAMP(first->gap, 0, 1440);
    g_string_append_printf(xml,
                           "<w:tblCellMar><w:left w:w=\"%d\" w:type=\"dxa\"/><w:right w:w=\"%d\" "
                           "w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>",
                           gap, gap);
    for (guint i = 0; i + 1 < edges->len; i++)
        g_string_append_printf(xml, "<w:gridCol w:w=\"%d\"/>", edge[i + 1] - edge[i]);
    g_string_append(xml, "</w:tblGrid>");
}

void mgk_doc_put_row_start(GString *xml, const MgkDocRow *row, guint before, guint after)
{
    g_string_append(xml, "<w:tr><w:trPr>");
    if (before)
        g_string_append_printf(xml, "<w:gridBefore w:val=\"%u\"/>", before);
    if (after)
        g_string_append_printf(xml, "<w:gridAfter w:val=\"%u\"/>", after);
    if (row->whole)
        g_string_append(xml, "<w:cantSplit/>");
    if (row->height)
        g_string_append_printf(xml, "<w:trHeight w:val=\"%d\" w:hRule=\"%s\"/>", abs(row->height),
                               row->height < 0 ? "exact" : "atLeast");
    if (row->header)
        g_string_append(xml, "<w:tblHeader/>");
    g_string_append(xml, "</w:trPr>");
}

void mgk_doc_put_cell_start(GString *xml, const MgkDocRow *row, guint first, guint last, guint span)
{
    static const char *const sides[] = {"top", "left", "bottom", "right"};
    static const char *const aligns[] = {NULL, "center", "bottom", NULL};
    static const char *const flows[8] = {NULL, "tbRl", NULL, "btLr", "lrTbV", "tbRlV", NULL, NULL};
    const MgkDocCell *cell = &row->cells[first];
    g_string_append_printf(xml, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>",
                           row->edges[last + 1] - row->edges[first]);
    if (span > 1)
        g_string_append_printf(xml, "<w:gridSpan w:val=\"%u\"/>", span);
    if (cell->flags & FLAG_VERTICAL)
        g_string_append_printf(xml, "<w:vMerge w:val=\"%s\"/>",
                               (cell->flags & FLAG_VERTICAL) == VERTICAL_GOES_ON ? "continue" : "restart");
    g_string_append(xml, "<w:tcBorders>");
    for (guint i = 0; i < 4; i++) {
        const MgkDocCell *from = i == 3 ? &row->cells[last] : cell;
        mgk_doc_put_border(xml, sides[i], from->look[i], from->color[i]);
    }
    g_string_append(xml, "</w:tcBorders>");
    if (cell->shade >= 0)
        g_string_append_printf(xml, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"%06X\"/>", (guint)cell->shade);
    if (flows[cell->flags >> 2 & 7])
        g_string_append_printf(xml, "<w:textDirection w:val=\"%s\"/>", flows[cell->flags >> 2 & 7]);
    if (aligns[cell->flags >> 7 & 3])
        g_string_append_printf(xml, "<w:vAlign w:val=\"%s\"/>", aligns[cell->flags >> 7 & 3]);
    g_string_append(xml, "</w:tcPr>");
}
