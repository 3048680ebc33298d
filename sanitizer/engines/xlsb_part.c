#include <string.h>

#include "engines/xlsb_internal.h"
#include "model/error.h"

#define FLUSH_BYTES 65536u
#define MOST_DEPTH 16 /* what opens in what, by the rules at most 5 */

enum {
    BOOK = MGK_BINARY_BOOK,
    SHEET = MGK_BINARY_SHEET,
    STYLES = MGK_BINARY_STYLES,
    STRINGS = MGK_BINARY_STRINGS,
    COMMENTS = MGK_BINARY_COMMENTS,
    TABLE = MGK_BINARY_TABLE,
};

#define MGK_KIND_NONE (-1)
static const MgkXlsbRule rules[] = {
#define MGK_XLSB(id, parts, action, kind, end, shape) {id, parts, end, MGK_XLSB_##action, MGK_KIND_##kind, shape},
#include "rules/xlsb.def"
#undef MGK_XLSB
};

static const struct {
    guint16 id;
    MgkXlsbCall *call;
} calls[] = {
    {8, mgk_xlsb_cell_formula},
    {9, mgk_xlsb_cell_formula},
    {10, mgk_xlsb_cell_formula},
    {11, mgk_xlsb_cell_formula},
    {39, mgk_xlsb_name},
    {64, mgk_xlsb_validation},
    {153, mgk_xlsb_book_properties},
    {156, mgk_xlsb_bundle_sheet},
    {343, mgk_xlsb_table},
    {351, mgk_xlsb_table_formula},
    {352, mgk_xlsb_table_formula},
    {362, mgk_xlsb_extern_sheet},
    {426, mgk_xlsb_shared_formula},
    {427, mgk_xlsb_shared_formula},
    {463, mgk_xlsb_condition},
    {471, mgk_xlsb_condition},
    {494, mgk_xlsb_link},
};

/* What is open while a part is rebuilt. */
typedef struct Nest {
    MgkBinaryPart part;
    guint16 ends[MOST_DEPTH]; /* the records that close it */
    guint depth;
    gboolean over; /* the outermost is closed */
} Nest;

MgkXlsbBook *mgk_xlsb_book_new(MgkJob *job)
{
    MgkXlsbBook *book = g_new0(MgkXlsbBook, 1);
    book->job = job;
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        book->rules[rules[i].id] = &rules[i];
    book->sheets = g_array_new(FALSE, FALSE, 1);
    book->externs = g_array_new(FALSE, FALSE, 1);
    book->names = g_array_new(FALSE, FALSE, 1);
    book->name_texts = g_ptr_array_new_with_free_func(g_free);
    book->masters = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    book->out = g_byte_array_new();
    return book;
}

void mgk_xlsb_book_free(MgkXlsbBook *book)
{
    if (!book)
        return;
    g_array_unref(book->sheets);
    g_array_unref(book->externs);
    g_array_unref(book->names);
    g_ptr_array_unref(book->name_texts);
    g_hash_table_unref(book->masters);
    g_byte_array_unref(book->out);
    g_free(book);
}

void mgk_xlsb_find(MgkXlsbBook *book, MgkKind kind)
{
    if (!book->found[kind])
        mgk_job_find(book->job, kind, NULL, NULL);
    book->found[kind] = TRUE;
}

gboolean mgk_xlsb_stays(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *formula)
{
    const guint8 *p = record->data + formula->at;
    if (formula->size == 0)
        return TRUE;
    guint32 size = mgk_xlsb_u32(p);
    MgkBiffVerdict verdict = mgk_xlsb_formula(&book->scope, p + 4, size, formula->size - 8 - size, NULL);
    if (verdict != MGK_BIFF_SAFE)
        mgk_xlsb_find(book, (MgkKind)mgk_biff_kind(verdict));
    return verdict == MGK_BIFF_SAFE;
}

/* A relationship's id under its new name; FALSE when it does not cross. */
static gboolean put_id(const MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *field, GByteArray *out)
{
    g_autofree char *id = mgk_xlsb_text(record, field);
    const char *crossing = id ? book->package->resolve(book->package->user, id) : NULL;
    guint8 number[4], letter[2] = {0};
    if (!crossing)
        return FALSE;
    mgk_xlsb_set32(number, (guint32)strlen(crossing));
    g_byte_array_append(out, number, 4);
    for (; *crossing; crossing++) {
        letter[0] = (guint8)*crossing;
        g_byte_array_append(out, letter, 2);
    }
    return TRUE;
}

void mgk_xlsb_copy(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    static const guint8 zeros[32], none[4] = {0xff, 0xff, 0xff, 0xff};
    g_autoptr(GByteArray) copy = g_byte_array_sized_new((guint)record->size + 16);
    for (guint i = 0; i < n; i++) {
        const MgkXlsbField *field = &fields[i];
        if (field->kind == 'i') {
            if (!put_id(book, record, field, copy))
                return;
        } else if (field->kind == 'Z') {
            g_byte_array_append(copy, zeros, (guint)MIN(field->size, sizeof zeros));
        } else if (field->kind == 'e') {
            g_byte_array_append(copy, zeros, 4);
        } else if (field->kind == 'u') {
            g_byte_array_append(copy, none, 4);
        } else {
            g_byte_array_append(copy, record->data + field->at, (guint)field->size);
        }
    }
    mgk_xlsb_put(book, record->id, copy->data, copy->len);
}

/* ---- the way through a part ---- */

/* The record that opens a part; its end closes it. */
static guint root_of(MgkBinaryPart part)
{
    static const guint16 roots[][2] = {{BOOK, MGK_XLSB_BEGIN_BOOK},
                                       {SHEET, MGK_XLSB_BEGIN_SHEET},
                                       {STYLES, 278},
                                       {STRINGS, 159},
                                       {COMMENTS, 628},
                                       {TABLE, 343}};
    guint i = 0;
    while (i + 1 < G_N_ELEMENTS(roots) && roots[i][0] != part)
        i++;
    return roots[i][1];
}

static gboolean malformed(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "binary workbook: %s", what);
    return FALSE;
}

static void do_call(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
        if (calls[i].id == record->id) {
            calls[i].call(book, record, fields, n);
            return;
        }
    }
}

gboolean mgk_xlsb_skip_block(const MgkXlsbRule *rule, const guint8 *data, gsize size, gsize *at, GError **error)
{
    MgkXlsbRecord record;
    for (guint depth = 1; depth > 0;) {
        g_autoptr(GError) local = NULL;
        if (!mgk_xlsb_next(data, size, at, &record, &local))
            return malformed(error, "a block does not end");
        depth += record.id == rule->id;
        depth -= record.id == rule->end;
    }
    return TRUE;
}

/* A record of which a rule says that it stays or is looked at. */
static gboolean write_record(MgkXlsbBook *book, Nest *nest, const MgkXlsbRule *rule, const MgkXlsbRecord *record,
                             GError **error)
{
    MgkXlsbField fields[MGK_XLSB_FIELDS];
    guint n = 0;
    gboolean fits = rule->id == MGK_XLSB_EXTERN_SHEET || mgk_xlsb_cut(rule->shape, record, fields, &n);
    if (!fits && rule->end)
        return malformed(error, "a record of another shape");
    if (!fits) {
        mgk_xlsb_find(book, MGK_KIND_UNKNOWN_PART);
        return TRUE;
    }
    if (rule->end && nest->depth == MOST_DEPTH)
        return malformed(error, "nested too deeply");
    if (rule->end)
        nest->ends[nest->depth++] = rule->end;
    if (record->id == MGK_XLSB_ROW)
        book->row = mgk_xlsb_u32(record->data);
    if (rule->action == MGK_XLSB_CALL)
        do_call(book, record, fields, n);
    else
        mgk_xlsb_copy(book, record, fields, n);
    return TRUE;
}

/* Everything stands inside the one record that opens the part. */
static gboolean step(MgkXlsbBook *book, Nest *nest, GBytes *bytes, gsize *at, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    MgkXlsbRecord record;
    g_autoptr(GError) local = NULL;
    if (!mgk_xlsb_next(data, size, at, &record, &local))
        return malformed(error, local ? "a record is cut off" : "it does not end");
    if (nest->depth > 0 && record.id == nest->ends[nest->depth - 1]) {
        mgk_xlsb_put(book, record.id, NULL, 0);
        nest->over = --nest->depth == 0;
        return TRUE;
    }
    const MgkXlsbRule *rule = record.id < MGK_XLSB_IDS ? book->rules[record.id] : NULL;
    gboolean here = rule && (rule->parts & nest->part);
    if (nest->depth == 0 && record.id != root_of(nest->part))
        return malformed(error, "a part of another kind");
    if (!here) {
        mgk_xlsb_find(book, MGK_KIND_UNKNOWN_PART);
        return TRUE;
    }
    if ((rule->action == MGK_XLSB_DROP || rule->action == MGK_XLSB_BLOCK) && rule->kind >= 0)
        mgk_xlsb_find(book, (MgkKind)rule->kind);
    if (rule->action == MGK_XLSB_BLOCK)
        return mgk_xlsb_skip_block(rule, data, size, at, error);
    return rule->action == MGK_XLSB_DROP || write_record(book, nest, rule, &record, error);
}

static gboolean flush(MgkXlsbBook *book, guint least, GError **error)
{
    if (book->out->len < least)
        return TRUE;
    gboolean ok = book->package->sink(book->package->user, book->out->data, book->out->len, error);
    g_byte_array_set_size(book->out, 0);
    return ok;
}

gboolean mgk_xlsb_rebuild(MgkXlsbBook *book, MgkBinaryPart part, GBytes *data, const MgkXlsbPackage *package,
                          GError **error)
{
    Nest nest = {.part = part};
    gsize at = 0, size = 0;
    const guint8 *p = g_bytes_get_data(data, &size);
    book->package = package;
    book->row = 0;
    book->kept = -1;
    g_byte_array_set_size(book->out, 0);
    if (part == MGK_BINARY_SHEET)
        mgk_xlsb_find_masters(book, p, size);
    while (!nest.over) {
        if (!step(book, &nest, data, &at, error) || !flush(book, FLUSH_BYTES, error))
            return FALSE;
    }
    if (at < size)
        mgk_xlsb_find(book, MGK_KIND_TRAILING_DATA);
    return flush(book, 1, error);
}

GByteArray *mgk_xlsb_empty_sheet(void)
{
    static const guint8 sheet[] = {0x81, 1, 0, 0x94, 1, 16, 0,    0, 0, 0,    0, 0, 0,    0, 0, 0,
                                   0,    0, 0, 0,    0, 0,  0x91, 1, 0, 0x92, 1, 0, 0x82, 1, 0};
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, sheet, sizeof sheet);
    return out;
}
