#include "engines/html_layout.h"

/* Columns of the widest line and of the widest piece that may not be broken. */
static void measure_text(const MgkPara *para, MgkHtmlOut *out, guint *natural, guint *least)
{
    guint line = 0, piece = 0;
    gunichar before = 0;
    const char *end = para->text + para->length;
    for (const char *p = para->text; p < end; p = g_utf8_next_char(p)) {
        gunichar code = g_utf8_get_char(p);
        guint columns = mgk_char_columns(before, code, out->japanese);
        out->steps++;
        if (code == '\n')
            line = 0;
        if (code == '\n' || code == ' ' || before == ' ' || mgk_may_break(before, code))
            piece = 0;
        line += columns;
        piece += code == ' ' ? 0 : columns;
        *natural = MAX(*natural, line);
        *least = MAX(*least, piece);
        before = code == '\n' ? 0 : code;
    }
}

static guint prefix_columns(const MgkPara *para, MgkHtmlOut *out)
{
    return para->first ? (guint)mgk_text_columns(para->first, -1, out->japanese) : 0;
}

static void measure_cell(MgkColumns *columns, const MgkCell *cell, MgkHtmlOut *out, guint *natural, guint *least)
{
    guint total = 0;
    for (guint i = 0; i < cell->paras->len; i++) {
        const MgkPara *para = g_ptr_array_index(cell->paras, i);
        guint n = 0, l = 0, prefix = prefix_columns(para, out);
        measure_text(para, out, &n, &l);
        *natural = MAX(*natural, n + prefix);
        *least = MAX(*least, l + prefix);
        total += (guint)MIN(para->length, G_MAXINT16);
        total = MIN(total, G_MAXINT32 / 2);
        columns->mixed |= para->table;
    }
    columns->longest = MAX(columns->longest, MAX(*natural, total / 3));
    columns->paras = MAX(columns->paras, cell->paras->len);
}

/* What a cell over several columns needs more than they have goes to the last of them. */
static void spread(MgkColumns *columns, const MgkCell *cell, guint natural)
{
    guint have = 0, last = cell->column;
    for (guint c = cell->column; c < cell->column + cell->span; c++) {
        have += columns->natural[c];
        last = columns->natural[c] ? c : last;
    }
    if (natural > have)
        columns->natural[last] += natural - have;
}

void mgk_columns_measure(MgkColumns *columns, const MgkTable *table, MgkHtmlOut *out)
{
    guint row = G_MAXUINT;
    for (guint spans = 0; spans < 2; spans++) {
        for (guint i = 0; i < table->cells->len; i++) {
            const MgkCell *cell = &g_array_index(table->cells, MgkCell, i);
            out->steps++;
            if (!cell->paras || (cell->span > 1) != (spans > 0))
                continue;
            guint natural = 0, least = 0;
            measure_cell(columns, cell, out, &natural, &least);
            if (cell->row != row && !spans)
                columns->rows++;
            row = cell->row;
            if (spans) {
                spread(columns, cell, natural);
                continue;
            }
            columns->natural[cell->column] = MAX(columns->natural[cell->column], natural);
            columns->least[cell->column] = MAX(columns->least[cell->column], least);
        }
    }
    for (guint c = 0; c < table->columns; c++)
        columns->used += columns->natural[c] > 0;
}

/* Gives the columns that are not settled what is left, evenly. FALSE when one would be too narrow to read. */
static gboolean share_out(MgkColumns *columns, const gboolean *settled, guint count, guint open, guint room)
{
    for (guint c = 0; c < count && open > 0; c++) {
        if (settled[c] || columns->natural[c] == 0)
            continue;
        columns->widths[c] = room / open;
        room -= room / open;
        open--;
        if (columns->widths[c] < MIN(8, columns->natural[c]))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_columns_fit(MgkColumns *columns, guint count, guint separator, guint width)
{
    guint open = columns->used, gaps = (open - 1) * separator;
    if (gaps >= width)
        return FALSE;
    guint room = width - gaps;
    gboolean settled[MGK_HTML_COLUMNS] = {FALSE};
    for (gboolean again = TRUE; again && open > 0;) {
        again = FALSE;
        for (guint c = 0; c < count; c++) {
            guint share = open > 0 ? room / open : 0;
            guint want = columns->natural[c] <= share ? columns->natural[c] : columns->least[c];
            if (settled[c] || columns->natural[c] == 0 || (columns->natural[c] > share && columns->least[c] < share))
                continue;
            if (want > room)
                return FALSE;
            settled[c] = again = TRUE;
            columns->widths[c] = want;
            room -= want;
            open--;
        }
    }
    return share_out(columns, settled, count, open, room);
}
