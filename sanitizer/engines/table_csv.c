#include "engines/table_csv.h"

#include "engines/csv_clean.h"

#include <string.h>

#define ROWS (1u << 20)
#define COLUMNS (1u << 14)
#define SEPARATORS (64u << 20) /* commas and line ends in one table */

typedef struct Cell {
    guint32 row, column;
    gsize order, at, size; /* order: of arrival; at: in texts */
} Cell;

struct MgkTableCsv {
    GArray *cells; /* owned; of Cell */
    GString *texts;
};

MgkTableCsv *mgk_table_csv_new(void)
{
    MgkTableCsv *table = g_new0(MgkTableCsv, 1);
    table->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
    table->texts = g_string_new(NULL);
    return table;
}

void mgk_table_csv_free(MgkTableCsv *table)
{
    if (!table)
        return;
    g_array_unref(table->cells);
    g_string_free(table->texts, TRUE);
    g_free(table);
}

gboolean mgk_table_csv_put(MgkTableCsv *table, guint64 row, guint64 column, const char *text, gsize size)
{
    if (row >= ROWS || column >= COLUMNS)
        return FALSE;
    Cell cell = {.row = (guint32)row,
                 .column = (guint32)column,
                 .order = table->cells->len,
                 .at = table->texts->len,
                 .size = size};
    g_array_append_val(table->cells, cell);
    g_string_append_len(table->texts, text, (gssize)size);
    return TRUE;
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const Cell *p = a, *q = b;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    if (p->column != q->column)
        return p->column < q->column ? -1 : 1;
    return p->order < q->order ? -1 : 1;
}

static void put_text(GString *out, const char *text, gsize size)
{
    gboolean edge = size > 0 && (g_ascii_isspace(text[0]) || g_ascii_isspace(text[size - 1]));
    gboolean quote = edge;
    for (gsize i = 0; i < size && !quote; i++)
        quote = strchr(",;\t|\"\r\n", text[i]) != NULL;
    if (quote)
        g_string_append_c(out, '"');
    for (gsize i = 0; i < size; i++) {
        if (text[i] == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, text[i]);
    }
    if (quote)
        g_string_append_c(out, '"');
}

/* NULL when there are more separators than anybody wants. */
static GString *as_csv(const MgkTableCsv *table)
{
    g_autoptr(GString) out = g_string_new("\xef\xbb\xbf");
    guint64 row = 0, column = 0, separators = 0;
    for (guint i = 0; i < table->cells->len; i++) {
        const Cell *cell = &g_array_index(table->cells, Cell, i), *next = cell + 1;
        gboolean replaced = i + 1 < table->cells->len && next->row == cell->row && next->column == cell->column;
        if (replaced)
            continue;
        separators += (cell->row - row) + (cell->row == row ? cell->column - column : cell->column);
        if (separators > SEPARATORS)
            return NULL;
        for (; row < cell->row; row++, column = 0)
            g_string_append(out, "\r\n");
        for (; column < cell->column; column++)
            g_string_append_c(out, ',');
        put_text(out, table->texts->str + cell->at, cell->size);
    }
    g_string_append(out, "\r\n");
    return g_steal_pointer(&out);
}

gboolean mgk_table_csv_finish(MgkTableCsv *table, MgkJob *job, GError **error)
{
    if (table->cells->len == 0)
        return mgk_job_hold(job, MGK_REASON_NOTHING_LEFT, "a table without cells");
    g_array_sort(table->cells, by_place);
    g_autoptr(GString) csv = as_csv(table);
    if (!csv)
        return mgk_job_hold(job, MGK_REASON_BOMB, "a table of separators");
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    job->outcome.format = MGK_FORMAT_ID_csv;
    return mgk_csv_clean_text(job, csv, error);
}
