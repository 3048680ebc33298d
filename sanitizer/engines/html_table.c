#include "engines/html_layout.h"

#include <string.h>

#define COMPACT_COLUMNS 600 /* text of a cell above this is no data */
#define DATA_COLUMNS 4000
#define LABEL_COLUMNS 24 /* a first column up to this is one of labels */
#define SIDE_COLUMNS 40  /* cells of a single row up to this stand side by side … */
#define SIDE_PARAS 6     /* … and with up to so many paragraphs */

MgkTable *mgk_table_new(void)
{
    MgkTable *table = g_new0(MgkTable, 1);
    table->cells = g_array_new(FALSE, TRUE, sizeof(MgkCell));
    return table;
}

static void forget_cells(MgkTable *table)
{
    for (guint i = 0; i < table->cells->len; i++)
        g_clear_pointer(&g_array_index(table->cells, MgkCell, i).paras, g_ptr_array_unref);
    g_array_set_size(table->cells, 0);
    table->paras = 0;
}

void mgk_table_free(MgkTable *table)
{
    if (!table)
        return;
    forget_cells(table);
    g_array_unref(table->cells);
    g_free(table);
}

void mgk_table_row(MgkTable *table)
{
    table->row++;
    table->column = 0;
    for (guint c = 0; c < table->columns; c++)
        table->left[c] = (guint16)(table->left[c] > 0 ? table->left[c] - 1 : 0);
}

MgkCell *mgk_table_cell(MgkTable *table, guint column_span, guint row_span)
{
    guint column = table->column;
    while (column < MGK_HTML_COLUMNS && table->left[column] > 0)
        column++;
    if (column >= MGK_HTML_COLUMNS) {
        table->linear = TRUE;
        column = MGK_HTML_COLUMNS - 1;
    }
    guint span = CLAMP(column_span, 1, MGK_HTML_COLUMNS - column);
    for (guint c = column; c < column + span; c++)
        table->left[c] = (guint16)CLAMP(row_span, 1, 1000);
    table->column = column + span;
    table->columns = MAX(table->columns, column + span);
    MgkCell cell = {.row = table->row, .column = (guint8)column, .span = (guint8)span};
    g_array_append_val(table->cells, cell);
    return &g_array_index(table->cells, MgkCell, table->cells->len - 1);
}

void mgk_cell_take(MgkTable *table, MgkCell *cell, MgkPara *para)
{
    if (!cell->paras)
        cell->paras = g_ptr_array_new_full(1, (GDestroyNotify)mgk_para_free);
    g_ptr_array_add(cell->paras, para);
    table->paras++;
}

/* One cell after the other, as they stand in the source; blank lines around those of several paragraphs. */
static void flush_linear(MgkTable *table, MgkHtmlOut *out, MgkParaFunc func, gpointer data)
{
    guint gap = 0;
    for (guint i = 0; i < table->cells->len; i++) {
        MgkCell *cell = &g_array_index(table->cells, MgkCell, i);
        g_autoptr(GPtrArray) paras = g_steal_pointer(&cell->paras);
        out->steps++;
        gboolean several = paras && paras->len > 1;
        for (guint p = 0; paras && p < paras->len; p++) {
            MgkPara *para = g_steal_pointer(&g_ptr_array_index(paras, p));
            para->gap = p == 0 ? MAX(para->gap, several ? 1 : gap) : para->gap;
            out->steps++;
            func(data, para);
        }
        gap = paras ? MAX(cell->gap, several ? 1 : 0) : MAX(gap, cell->gap);
    }
    forget_cells(table);
}

typedef struct Lines {
    GString *text; /* owned: lines one after the other */
    GArray *ends;  /* owned gsize: where each ends */
    const char *prefix, *rest;
} Lines;

static void add_line(gpointer data, const char *line, gsize length, gsize columns)
{
    (void)columns;
    Lines *lines = data;
    g_string_append(lines->text, lines->prefix);
    g_string_append_len(lines->text, line, (gssize)length);
    g_array_append_val(lines->ends, lines->text->len);
    lines->prefix = lines->rest;
}

static void cell_lines(const MgkCell *cell, guint width, MgkHtmlOut *out, Lines *lines)
{
    for (guint i = 0; cell->paras && i < cell->paras->len; i++) {
        const MgkPara *para = g_ptr_array_index(cell->paras, i);
        lines->prefix = para->first ? para->first : "";
        lines->rest = para->rest ? para->rest : "";
        guint taken = (guint)mgk_text_columns(lines->prefix, -1, out->japanese);
        MgkWrap wrap = {.columns = width > taken + 2 ? width - taken : 2, .japanese = out->japanese};
        wrap.split = wrap.columns;
        if (para->kind != MGK_PARA_RULE)
            mgk_wrap(&wrap, para->text, para->length, add_line, lines);
        out->steps += wrap.steps;
    }
}

typedef struct Grid {
    MgkTable *table;
    MgkHtmlOut *out;
    MgkColumns columns;
    const char *separator;         /* two or three columns */
    guint gap;                     /* its columns */
    GString *text;                 /* owned */
    Lines lines[MGK_HTML_COLUMNS]; /* of the cells of one row, by column */
    gboolean wrapped;
} Grid;

static void pad(GString *text, gsize n)
{
    for (gsize i = 0; i < n; i++)
        g_string_append_c(text, ' ');
}

/* Line n of a cell, padded to width. */
static void put_cell(Grid *grid, const MgkCell *cell, const Lines *lines, guint n, guint width)
{
    const char *line = "";
    gsize length = 0;
    if (cell && n < lines->ends->len) {
        gsize start = n ? g_array_index(lines->ends, gsize, n - 1) : 0;
        line = lines->text->str + start;
        length = g_array_index(lines->ends, gsize, n) - start;
    }
    gsize columns = mgk_text_columns(line, (gssize)length, grid->out->japanese);
    gsize spare = width > columns ? width - columns : 0;
    gsize before = cell && cell->align == MGK_CSS_RIGHTWARD ? spare : 0;
    if (cell && cell->align == MGK_CSS_CENTER)
        before = spare / 2;
    pad(grid->text, before);
    g_string_append_len(grid->text, line, (gssize)length);
    pad(grid->text, spare - before);
}

static guint span_width(const Grid *grid, guint column, guint span)
{
    guint width = 0;
    for (guint c = column; c < column + span; c++) {
        guint own = grid->columns.widths[c];
        width += own + (own && width ? grid->gap : 0);
    }
    return width;
}

static void put_row_line(Grid *grid, MgkCell *const *by_column, guint n)
{
    gboolean first = TRUE;
    for (guint c = 0; c < grid->table->columns;) {
        const MgkCell *cell = by_column[c];
        guint span = cell ? cell->span : 1;
        guint width = span_width(grid, c, span);
        if (width > 0) {
            if (!first)
                g_string_append(grid->text, grid->separator);
            first = FALSE;
            put_cell(grid, cell, &grid->lines[c], n, width);
        }
        c += span;
    }
    while (grid->text->len > 0 && grid->text->str[grid->text->len - 1] == ' ')
        g_string_truncate(grid->text, grid->text->len - 1);
    g_string_append_c(grid->text, '\n');
}

/* ----+---- below the heads of a table. */
static void put_rule(Grid *grid)
{
    gboolean first = TRUE;
    for (guint c = 0; c < grid->table->columns; c++) {
        if (!grid->columns.widths[c])
            continue;
        if (!first)
            g_string_append(grid->text, "-+-");
        first = FALSE;
        for (guint i = 0; i < grid->columns.widths[c]; i++)
            g_string_append_c(grid->text, '-');
    }
    g_string_append_c(grid->text, '\n');
}

/* The cells from first with the same row. Returns the index after them; *ret_heads: all are header cells. */
static guint put_row(Grid *grid, guint first, gboolean *ret_heads)
{
    GArray *cells = grid->table->cells;
    MgkCell *by_column[MGK_HTML_COLUMNS] = {NULL};
    guint row = g_array_index(cells, MgkCell, first).row, height = 0, i = first;
    *ret_heads = TRUE;
    for (; i < cells->len && g_array_index(cells, MgkCell, i).row == row; i++) {
        MgkCell *cell = &g_array_index(cells, MgkCell, i);
        Lines *lines = &grid->lines[cell->column];
        g_string_truncate(lines->text, 0);
        g_array_set_size(lines->ends, 0);
        by_column[cell->column] = cell;
        cell_lines(cell, span_width(grid, cell->column, cell->span), grid->out, lines);
        height = MAX(height, lines->ends->len);
        *ret_heads &= cell->header;
    }
    for (guint n = 0; n < height; n++)
        put_row_line(grid, by_column, n);
    grid->out->steps += (guint64)height * grid->table->columns + (i - first);
    return i;
}

/* Whether any cell takes more than one line: rows then need a rule between them to be told apart. */
static gboolean wraps(const Grid *grid)
{
    for (guint c = 0; c < grid->table->columns; c++) {
        if (grid->columns.widths[c] < grid->columns.natural[c])
            return TRUE;
    }
    return grid->columns.paras > 1;
}

static gboolean is_head_row(const MgkTable *table, guint first)
{
    guint row = g_array_index(table->cells, MgkCell, first).row;
    for (guint i = first; i < table->cells->len && g_array_index(table->cells, MgkCell, i).row == row; i++) {
        if (!g_array_index(table->cells, MgkCell, i).header)
            return FALSE;
    }
    return TRUE;
}

static void flush_grid(Grid *grid, MgkParaFunc func, gpointer data)
{
    MgkTable *table = grid->table;
    for (guint c = 0; c < table->columns; c++)
        grid->lines[c] = (Lines){.text = g_string_new(NULL), .ends = g_array_new(FALSE, FALSE, sizeof(gsize))};
    grid->text = g_string_new(NULL);
    gboolean ruled = table->data && wraps(grid);
    gboolean above = TRUE, heads = FALSE; /* only header rows so far; this one is */
    for (guint i = 0; i < table->cells->len && grid->text->len < MGK_HTML_TEXT_BYTES;) {
        gsize before = grid->text->len;
        i = put_row(grid, i, &heads);
        gboolean ends_heads = above && heads && i < table->cells->len && !is_head_row(table, i);
        if (grid->text->len > before && i < table->cells->len && (ends_heads || (ruled && !(above && heads))))
            put_rule(grid);
        above = above && heads;
    }
    if (grid->text->len > 0)
        g_string_truncate(grid->text, grid->text->len - 1);
    MgkPara *para = mgk_para_new(MGK_PARA_FIXED, grid->text->str, grid->text->len);
    para->table = TRUE;
    para->gap = table->data || grid->columns.paras > 1 ? 1 : 0;
    func(data, para);
    for (guint c = 0; c < table->columns; c++) {
        g_string_free(grid->lines[c].text, TRUE);
        g_array_unref(grid->lines[c].ends);
    }
    g_string_free(grid->text, TRUE);
    forget_cells(table);
}

/* Whether columns serve the reader: tables that are only there for layout read better one cell after the other. */
static gboolean wants_grid(const MgkTable *table, const MgkColumns *columns, guint width, guint gap)
{
    if (table->linear || columns->used < 2)
        return FALSE;
    if (table->data && !columns->mixed)
        return columns->longest <= DATA_COLUMNS && columns->paras <= 40;
    guint total = 0;
    for (guint c = 0; c < table->columns; c++)
        total += columns->natural[c] ? columns->natural[c] + gap : 0;
    gboolean fits = total <= width + gap;
    if (columns->rows == 1)
        return fits && columns->paras <= SIDE_PARAS && columns->longest <= SIDE_COLUMNS;
    if (columns->mixed)
        return FALSE;
    if (fits)
        return columns->paras <= 3;
    return columns->used == 2 && columns->natural[0] > 0 && columns->natural[0] <= LABEL_COLUMNS &&
           columns->longest <= COMPACT_COLUMNS && columns->paras <= 6;
}

gboolean mgk_table_flush(MgkTable *table, MgkHtmlOut *out, guint width, MgkParaFunc func, gpointer data)
{
    Grid grid = {.table = table, .out = out, .separator = table->data ? " | " : "  ", .gap = table->data ? 3 : 2};
    if (!table->linear)
        mgk_columns_measure(&grid.columns, table, out);
    if (!wants_grid(table, &grid.columns, width, grid.gap) ||
        !mgk_columns_fit(&grid.columns, table->columns, grid.gap, width)) {
        if (table->data && !table->linear && !grid.columns.mixed && grid.columns.used > 1)
            mgk_table_records(table, out, func, data);
        flush_linear(table, out, func, data);
        return FALSE;
    }
    flush_grid(&grid, func, data);
    return TRUE;
}
