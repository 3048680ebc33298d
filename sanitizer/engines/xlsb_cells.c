#include <string.h>

#include "engines/xlsb_internal.h"

#define CELL 8 /* bytes in front of every value: column, style */

/* ---- shared and array formulas ---- */

static gint64 cell_of(const MgkXlsbBook *book, const MgkXlsbRecord *record)
{
    return mgk_xlsb_cell(book->row, mgk_xlsb_u32(record->data));
}

static gboolean is_formula_cell(const MgkXlsbRecord *record)
{
    return record->id >= MGK_XLSB_FORMULA_FIRST && record->id <= MGK_XLSB_FORMULA_LAST && record->size >= CELL;
}

static gboolean shared_stays(MgkXlsbBook *book, const MgkXlsbRecord *record)
{
    MgkXlsbField fields[MGK_XLSB_FIELDS];
    guint n = 0;
    return mgk_xlsb_cut(book->rules[record->id]->shape, record, fields, &n) &&
           mgk_xlsb_stays(book, record, &fields[n - 1]);
}

void mgk_xlsb_find_masters(MgkXlsbBook *book, const guint8 *data, gsize size)
{
    gint64 cell = -1;
    MgkXlsbRecord record;
    g_hash_table_remove_all(book->masters);
    for (gsize at = 0; mgk_xlsb_next(data, size, &at, &record, NULL);) {
        if (record.id == MGK_XLSB_ROW && record.size >= 4)
            book->row = mgk_xlsb_u32(record.data);
        else if (is_formula_cell(&record))
            cell = cell_of(book, &record);
        else if ((record.id == MGK_XLSB_SHARED || record.id == MGK_XLSB_ARRAY) && cell >= 0 &&
                 shared_stays(book, &record))
            g_hash_table_add(book->masters, g_memdup2(&cell, sizeof cell));
    }
    book->row = 0;
}

void mgk_xlsb_shared_formula(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    (void)fields, (void)n;
    if (book->kept >= 0 && g_hash_table_contains(book->masters, &book->kept) && shared_stays(book, record))
        mgk_xlsb_put(book, record->id, record->data, record->size);
}

/* ---- cells ---- */

/* What the formula last showed, as a cell of its own. */
static void put_value(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields)
{
    static const struct {
        guint8 id, size;
    } values[] = {{6, 0 /* a text */}, {5, 16}, {4, 9}, {3, 9}}; /* St, Real, Bool, Error */
    guint which = record->id - MGK_XLSB_FORMULA_FIRST;
    gsize size = which == 0 ? fields[1].at + fields[1].size : values[which].size;
    mgk_xlsb_put(book, values[which].id, record->data, size);
}

void mgk_xlsb_cell_formula(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    const MgkXlsbField *formula = &fields[n - 1];
    const guint8 *p = record->data + formula->at;
    guint32 size = mgk_xlsb_u32(p);
    gint64 master = -1;
    MgkBiffVerdict verdict = mgk_xlsb_formula(&book->scope, p + 4, size, formula->size - 8 - size, &master);
    gboolean stays = verdict == MGK_BIFF_SAFE;
    if (verdict == MGK_BIFF_SHARED)
        stays = g_hash_table_contains(book->masters, &master);
    else if (!stays)
        mgk_xlsb_find(book, (MgkKind)mgk_biff_kind(verdict));
    book->kept = stays ? cell_of(book, record) : -1;
    if (stays)
        mgk_xlsb_put(book, record->id, record->data, record->size);
    else
        put_value(book, record, fields);
}

/* ---- formulas beside cells ---- */

/* Whether the counts of formulas, 0 for one that lacks, are those of the formulas that are there. */
static gboolean counts_fit(const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n, guint counter, guint last)
{
    for (guint i = 0; i < n; i++) {
        if (fields[i].kind != 'f' || fields[i].size == 0)
            continue;
        while (counter <= last && mgk_xlsb_u32(record->data + counter) == 0)
            counter += 4;
        guint32 counted = counter <= last ? mgk_xlsb_u32(record->data + counter) : 0;
        if (counted == 0 || (counted != fields[i].size && counted != mgk_xlsb_u32(record->data + fields[i].at)))
            return FALSE;
        counter += 4;
    }
    for (; counter <= last; counter += 4) {
        if (mgk_xlsb_u32(record->data + counter) != 0)
            return FALSE;
    }
    return TRUE;
}

/* Where the formula in field `which` is counted. */
static guint counter_of(const MgkXlsbRecord *record, const MgkXlsbField *fields, guint which, guint counter)
{
    for (guint i = 0; i <= which; i++) {
        if (fields[i].kind != 'f' || fields[i].size == 0)
            continue;
        while (mgk_xlsb_u32(record->data + counter) == 0)
            counter += 4;
        counter += i < which ? 4 : 0;
    }
    return counter;
}

/* What is counted in another way than it stands there could be read in two: without its formulas. */
static void put_bare_condition(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n,
                               guint counter, guint last)
{
    gsize size = 0;
    for (guint i = 0; i < n && fields[i].kind != 'f'; i++)
        size = fields[i].at + fields[i].size;
    g_autofree guint8 *copy = g_memdup2(record->data, size);
    for (; counter <= last; counter += 4)
        mgk_xlsb_set32(copy + counter, 0);
    mgk_xlsb_find(book, MGK_KIND_FORMULA_UNKNOWN);
    mgk_xlsb_put(book, record->id, copy, size);
}

/* CFRule (2.4.23): the sizes of its three formulas stand at 30, CFVO's (2.4.332) at 20. Programs count a formula's
 * tokens, or all of it: a formula that becomes FALSE is counted as the one before it was. */
void mgk_xlsb_condition(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    static const guint8 never[10] = {2, 0, 0, 0, 0x1d, 0};
    g_autoptr(GByteArray) out = g_byte_array_new();
    guint counter = record->id == 471 ? 20 : 30, last = record->id == 471 ? 20 : 38, formula = 0;
    if (!counts_fit(record, fields, n, counter, last)) {
        put_bare_condition(book, record, fields, n, counter, last);
        return;
    }
    for (guint i = 0; i < n; i++) {
        const MgkXlsbField *field = &fields[i];
        if (field->kind != 'f' || field->size == 0 || mgk_xlsb_stays(book, record, field)) {
            g_byte_array_append(out, record->data + field->at, (guint)field->size);
            continue;
        }
        formula = counter_of(record, fields, i, counter);
        guint32 counted = mgk_xlsb_u32(out->data + formula);
        mgk_xlsb_set32(out->data + formula, counted == field->size ? (guint32)sizeof never : 2);
        g_byte_array_append(out, never, sizeof never);
    }
    mgk_xlsb_put(book, record->id, out->data, out->len);
}

/* DVal (2.4.353): flags, cells, four texts, two formulas. One whose formulas may not stay allows any value. */
void mgk_xlsb_validation(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    static const guint8 none[16];
    if (mgk_xlsb_stays(book, record, &fields[n - 2]) && mgk_xlsb_stays(book, record, &fields[n - 1])) {
        mgk_xlsb_put(book, record->id, record->data, record->size);
        return;
    }
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_byte_array_append(out, record->data, (guint)fields[n - 2].at);
    out->data[0] &= 0xf0;
    g_byte_array_append(out, none, sizeof none);
    mgk_xlsb_put(book, record->id, out->data, out->len);
}

/* HLink (2.4.679): cells, a relationship, a place, a hint, a text. Without a relationship it leads into the workbook.
 */
void mgk_xlsb_link(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    MgkXlsbField copy[MGK_XLSB_FIELDS];
    g_autofree char *id = mgk_xlsb_text(record, &fields[1]);
    memcpy(copy, fields, n * sizeof *fields);
    if (!id || !*id)
        copy[1].kind = 'u';
    mgk_xlsb_copy(book, record, copy, n);
}

/* List (2.4.112): a table over a query or an XML map becomes one over its cells. */
void mgk_xlsb_table(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    enum { SOURCE = 16, CONNECTION = 60 };
    (void)fields, (void)n;
    g_autofree guint8 *copy = g_memdup2(record->data, record->size);
    if (mgk_xlsb_u32(copy + SOURCE) != 0)
        mgk_xlsb_find(book, MGK_KIND_EXTERNAL_DATA);
    mgk_xlsb_set32(copy + SOURCE, 0);
    mgk_xlsb_set32(copy + CONNECTION, 0);
    mgk_xlsb_put(book, record->id, copy, record->size);
}

void mgk_xlsb_table_formula(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    if (mgk_xlsb_stays(book, record, &fields[n - 1]))
        mgk_xlsb_put(book, record->id, record->data, record->size);
}
