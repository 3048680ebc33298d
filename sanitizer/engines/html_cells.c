#include "engines/html_flow.h"

#include <stdlib.h>

#define MOST_PARAS 200000 /* kept before a table is laid out in pieces */
#define MOST_CELLS 200000

static void take(gpointer data, MgkPara *para)
{
    mgk_flow_emit(data, para);
}

/* Columns that the text around a table leaves. */
static guint room(const MgkFlow *flow)
{
    gsize taken = mgk_text_columns(flow->prefix->str, -1, flow->options->japanese);
    guint width = flow->options->width;
    return taken + 20 < width ? width - (guint)taken : 20;
}

/* Paragraphs of a table's cells begin with what lines around the table begin with. */
typedef struct Around {
    MgkFlow *flow;
    const char *prefix;
    char *first; /* owned: for the first of them */
    guint gap;
} Around;

static void take_around(gpointer data, MgkPara *para)
{
    Around *around = data;
    g_autofree char *first = g_steal_pointer(&around->first);
    if (around->prefix[0] || first) {
        char *old_first = para->first, *old_rest = para->rest;
        para->first = g_strconcat(first ? first : around->prefix, old_first, NULL);
        para->rest = g_strconcat(around->prefix, old_rest, NULL);
        g_free(old_first);
        g_free(old_rest);
    }
    para->gap = MAX(para->gap, around->gap);
    around->gap = 0;
    take(around->flow, para);
}

/* Lays out what the innermost open table holds, into what is around it. */
static void flush_table(MgkFlow *flow, MgkOpenTable *open)
{
    Around around = {.flow = flow,
                     .prefix = flow->prefix->str + flow->prefix_base,
                     .first = g_steal_pointer(&open->first),
                     .gap = open->gap};
    if (mgk_table_flush(open->table, &flow->out, room(flow), take_around, &around))
        flow->r->count.tables++;
    open->first = g_steal_pointer(&around.first);
    open->gap = around.gap;
}

static MgkOpenTable *innermost(MgkFlow *flow)
{
    return flow->n_tables > 0 && flow->skipped_tables == 0 ? &flow->tables[flow->n_tables - 1] : NULL;
}

void mgk_flow_table_open(MgkFlow *flow, MgkBox *box)
{
    if (flow->n_tables >= MGK_HTML_TABLES) {
        flow->skipped_tables++;
        return;
    }
    MgkOpenTable *open = &flow->tables[flow->n_tables++];
    *open = (MgkOpenTable){.table = mgk_table_new(), .outer = flow->table, .outer_cell = flow->cell, .gap = flow->gap};
    open->first = g_steal_pointer(&flow->first);
    const char *border = mgk_html_attr(&flow->t, MGK_ATTR_BORDER), *role = mgk_html_attr(&flow->t, MGK_ATTR_ROLE);
    open->table->data = border && atoi(border) > 0 && !(role && g_ascii_strcasecmp(role, "presentation") == 0);
    box->mark = flow->n_tables;
}

void mgk_flow_table_close(MgkFlow *flow, MgkBox *box)
{
    if (!box->mark) {
        flow->skipped_tables--;
        return;
    }
    MgkOpenTable *open = &flow->tables[flow->n_tables - 1];
    flow->table = open->outer;
    flow->cell = open->outer_cell;
    guint gap = MAX(flow->gap, open->table->data ? 1 : 0);
    flush_table(flow, open);
    flow->gap = MAX(gap, open->gap);
    flow->first = g_steal_pointer(&open->first);
    mgk_table_free(open->table);
    flow->n_tables--;
}

void mgk_flow_row(MgkFlow *flow)
{
    MgkOpenTable *open = innermost(flow);
    mgk_flow_break(flow, 0);
    if (!open)
        return;
    if (open->table->cells->len >= MOST_CELLS || open->table->paras >= MOST_PARAS)
        flush_table(flow, open);
    mgk_table_row(open->table);
}

static guint number_attr(const MgkFlow *flow, MgkHtmlAttr attr)
{
    const char *value = mgk_html_attr(&flow->t, attr);
    return value ? (guint)CLAMP(strtol(value, NULL, 10), 1, 1000) : 1;
}

void mgk_flow_cell_open(MgkFlow *flow, MgkBox *box)
{
    MgkOpenTable *open = innermost(flow);
    mgk_flow_break(flow, 0);
    if (!open || flow->table == open->table)
        return;
    if (open->table->cells->len >= 2 * MOST_CELLS) {
        open->table->linear = TRUE;
        flush_table(flow, open);
    }
    MgkCell *cell =
        mgk_table_cell(open->table, number_attr(flow, MGK_ATTR_COLSPAN), number_attr(flow, MGK_ATTR_ROWSPAN));
    cell->header = box->tag == MGK_TAG_TH;
    cell->align = (guint8)box->align;
    open->table->data |= cell->header;
    flow->table = open->table;
    flow->cell = open->table->cells->len - 1;
    box->prefix_base = flow->prefix_base;
    flow->prefix_base = flow->prefix->len;
    flow->gap = 0;
    box->mark = 1;
}

void mgk_flow_cell_close(MgkFlow *flow, MgkBox *box)
{
    mgk_flow_break(flow, 0);
    if (!box->mark)
        return;
    MgkOpenTable *open = &flow->tables[flow->n_tables - 1];
    flow->table = open->outer;
    flow->cell = open->outer_cell;
    flow->prefix_base = box->prefix_base;
    g_array_index(open->table->cells, MgkCell, open->table->cells->len - 1).gap = flow->gap;
    g_clear_pointer(&flow->first, g_free);
    flow->gap = 0;
}
