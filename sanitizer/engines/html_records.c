#include "engines/html_layout.h"

#include <string.h>

#define HEAD_BYTES 120 /* of a head that are repeated in each record */

/* The heads of the columns, from the first row; NULL where there is none. */
typedef struct Heads {
    char *text[MGK_HTML_COLUMNS]; /* owned */
} Heads;

/* All paragraphs of a cell in one line. */
static GString *cell_text(const MgkCell *cell)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; cell->paras && i < cell->paras->len; i++) {
        const MgkPara *para = g_ptr_array_index(cell->paras, i);
        if (out->len > 0)
            g_string_append_c(out, ' ');
        for (gsize n = 0; n < para->length; n++)
            g_string_append_c(out, para->text[n] == '\n' ? ' ' : para->text[n]);
    }
    return out;
}

/* Takes the heads from the first row. Returns the index of the first cell below; 0 when that row is no head. */
static guint read_heads(const MgkTable *table, Heads *heads)
{
    guint i = 0, filled = 0, row = table->cells->len > 0 ? g_array_index(table->cells, MgkCell, 0).row : 0;
    for (; i < table->cells->len && g_array_index(table->cells, MgkCell, i).row == row; i++) {
        const MgkCell *cell = &g_array_index(table->cells, MgkCell, i);
        g_autoptr(GString) text = cell_text(cell);
        if (text->len == 0 || text->len > HEAD_BYTES || cell->span > 1)
            continue;
        g_free(heads->text[cell->column]);
        heads->text[cell->column] = g_strdup(text->str);
        filled++;
    }
    return filled > 1 && i < table->cells->len ? i : 0;
}

static MgkPara *record_para(const Heads *heads, const MgkCell *cell)
{
    g_autoptr(GString) text = cell_text(cell);
    const char *head = heads->text[cell->column];
    if (text->len == 0)
        return NULL;
    if (head) {
        g_string_prepend(text, ": ");
        g_string_prepend(text, head);
    }
    MgkPara *para = mgk_para_new(MGK_PARA_FLOW, text->str, text->len);
    para->first = g_strdup("");
    para->rest = g_strdup("  ");
    return para;
}

void mgk_table_records(MgkTable *table, MgkHtmlOut *out, MgkParaFunc func, gpointer data)
{
    Heads heads = {{NULL}};
    guint first = read_heads(table, &heads), row = G_MAXUINT;
    for (guint i = first; first > 0 && i < table->cells->len; i++) {
        const MgkCell *cell = &g_array_index(table->cells, MgkCell, i);
        MgkPara *para = record_para(&heads, cell);
        out->steps++;
        if (!para)
            continue;
        out->steps += para->length;
        para->gap = cell->row != row ? 1 : 0;
        row = cell->row;
        func(data, para);
    }
    for (guint c = 0; c < MGK_HTML_COLUMNS; c++)
        g_free(heads.text[c]);
    for (guint i = 0; first > 0 && i < table->cells->len; i++)
        g_clear_pointer(&g_array_index(table->cells, MgkCell, i).paras, g_ptr_array_unref);
}
