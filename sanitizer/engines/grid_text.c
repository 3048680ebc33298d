#include "engines/grid_text.h"

#include <string.h>

#include "engines/sheet_format.h"
#include "engines/text_out.h"

#define GAP_MAX 64 /* tabs for a stretch of empty cells */
#define NO_ROW G_MAXUINT
#define COLUMNS 16384
#define MOST_RANGES 16384 /* of hidden columns: each takes time */

struct MgkGrid {
    MgkTextOut *out;     /* owned */
    GPtrArray *strings;  /* owned; of char* */
    GArray *styles;      /* owned; guint: number format */
    GHashTable *formats; /* owned; id → code */
    guint8 hidden_columns[COLUMNS];
    guint ranges;            /* of hidden columns so far, in this sheet */
    GHashTable *hidden_rows; /* owned; row + 1 */
    gboolean date1904;
    guint row, column; /* of the cell written last */
};

MgkGrid *mgk_grid_new(MgkJob *job)
{
    MgkGrid *grid = g_new0(MgkGrid, 1);
    grid->out = mgk_text_out_new(job);
    grid->strings = g_ptr_array_new_with_free_func(g_free);
    grid->styles = g_array_new(FALSE, FALSE, sizeof(guint));
    grid->formats = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    grid->hidden_rows = g_hash_table_new(NULL, NULL);
    grid->row = NO_ROW;
    return grid;
}

void mgk_grid_free(MgkGrid *grid)
{
    if (!grid)
        return;
    mgk_text_out_free(grid->out);
    g_ptr_array_unref(grid->strings);
    g_array_unref(grid->styles);
    g_hash_table_unref(grid->formats);
    g_hash_table_unref(grid->hidden_rows);
    g_free(grid);
}

void mgk_grid_dates_from_1904(MgkGrid *grid)
{
    grid->date1904 = TRUE;
}

void mgk_grid_format(MgkGrid *grid, guint id, char *code)
{
    if (code)
        g_hash_table_replace(grid->formats, GUINT_TO_POINTER(id), code);
}

void mgk_grid_style(MgkGrid *grid, guint format)
{
    g_array_append_val(grid->styles, format);
}

void mgk_grid_string(MgkGrid *grid, char *text)
{
    g_ptr_array_add(grid->strings, text ? text : g_strdup(""));
}

void mgk_grid_sheet(MgkGrid *grid, const char *name)
{
    mgk_text_out_gap(grid->out);
    mgk_text_out_add(grid->out, "【", -1);
    mgk_text_out_add(grid->out, name, -1);
    mgk_text_out_add(grid->out, "】\n", -1);
    memset(grid->hidden_columns, 0, sizeof grid->hidden_columns);
    grid->ranges = 0;
    g_hash_table_remove_all(grid->hidden_rows);
    grid->row = NO_ROW;
}

void mgk_grid_hide_columns(MgkGrid *grid, guint first, guint last)
{
    if (first < COLUMNS && first <= last && grid->ranges++ < MOST_RANGES)
        memset(grid->hidden_columns + first, TRUE, MIN(last, COLUMNS - 1) - first + 1);
}

void mgk_grid_hide_row(MgkGrid *grid, guint row)
{
    g_hash_table_add(grid->hidden_rows, GUINT_TO_POINTER(row + 1));
}

/* ---- cells ---- */

static gboolean is_hidden(const MgkGrid *grid, MgkGridCell cell)
{
    if (cell.column < COLUMNS && grid->hidden_columns[cell.column])
        return TRUE;
    return g_hash_table_contains(grid->hidden_rows, GUINT_TO_POINTER(cell.row + 1));
}

/* text: owned. A line break inside a cell is a blank. */
static void put(MgkGrid *grid, MgkGridCell cell, char *text)
{
    g_autofree char *shown = text;
    if (is_hidden(grid, cell) || *shown == '\0')
        return;
    if (cell.row != grid->row) {
        mgk_text_out_break(grid->out);
        grid->column = 0;
    }
    guint gap = cell.column > grid->column ? cell.column - grid->column : 0;
    for (guint i = 0; i < MIN(gap, GAP_MAX); i++)
        mgk_text_out_add(grid->out, "\t", 1);
    grid->row = cell.row;
    grid->column = MAX(grid->column, cell.column);
    mgk_text_out_add(grid->out, g_strdelimit(shown, "\r\n\t", ' '), -1);
}

static const char *code_of(const MgkGrid *grid, guint style)
{
    guint id = style < grid->styles->len ? g_array_index(grid->styles, guint, style) : 0;
    const char *code = g_hash_table_lookup(grid->formats, GUINT_TO_POINTER(id));
    return code ? code : mgk_sheet_format_builtin(id);
}

void mgk_grid_number(MgkGrid *grid, MgkGridCell cell, double number)
{
    put(grid, cell, mgk_sheet_format_number(number, code_of(grid, cell.style), grid->date1904));
}

void mgk_grid_text(MgkGrid *grid, MgkGridCell cell, const char *text)
{
    put(grid, cell, mgk_sheet_format_text(text ? text : "", code_of(grid, cell.style)));
}

void mgk_grid_shared(MgkGrid *grid, MgkGridCell cell, guint string)
{
    mgk_grid_text(grid, cell, string < grid->strings->len ? g_ptr_array_index(grid->strings, string) : "");
}

void mgk_grid_truth(MgkGrid *grid, MgkGridCell cell, gboolean truth)
{
    put(grid, cell, g_strdup(truth ? "TRUE" : "FALSE"));
}

void mgk_grid_error(MgkGrid *grid, MgkGridCell cell, guint8 error)
{
    static const struct {
        guint8 error;
        const char *name;
    } names[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0f, "#VALUE!"}, {0x17, "#REF!"},
                 {0x1d, "#NAME?"}, {0x24, "#NUM!"},   {0x2a, "#N/A"}};
    guint i = 0;
    while (i + 1 < G_N_ELEMENTS(names) && names[i].error != error)
        i++;
    put(grid, cell, g_strdup(names[i].name));
}

void mgk_grid_remark(MgkGrid *grid, guint row, guint column, const char *text)
{
    char letters[8];
    guint at = sizeof letters - 1;
    letters[at] = '\0';
    for (guint n = column + 1; n > 0 && at > 0; n = (n - 1) / 26)
        letters[--at] = (char)('A' + (n - 1) % 26);
    g_autofree char *line = g_strdup_printf("%s%u: %s", letters + at, row + 1, text);
    mgk_text_out_break(grid->out);
    mgk_text_out_add(grid->out, g_strdelimit(line, "\r\n", ' '), -1);
    mgk_text_out_break(grid->out);
}

gboolean mgk_grid_finish(MgkGrid *grid, GError **error)
{
    return mgk_text_out_finish(grid->out, error);
}

double mgk_grid_rk(guint32 rk)
{
    double number = 0;
    if (rk & 2) {
        number = (gint32)rk >> 2;
    } else {
        const guint64 bits = (guint64)(rk & ~3u) << 32;
        memcpy(&number, &bits, sizeof number);
    }
    return rk & 1 ? number / 100 : number;
}
