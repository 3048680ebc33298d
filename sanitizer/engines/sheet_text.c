#include "engines/sheet_text.h"

#include "engines/chart_text.h"
#include "engines/sheet_format.h"
#include "engines/text_out.h"
#include "engines/xml_events.h"

#include <stdlib.h>
#include <string.h>

#define GAP_MAX 64 /* tabs for a stretch of empty cells */

typedef struct Sheet {
    char *name, *id; /* owned; relationship id */
} Sheet;

typedef struct Range {
    guint first, last; /* columns from 1 */
} Range;

typedef struct Book {
    MgkTextOut *out;     /* borrowed */
    GPtrArray *strings;  /* owned; of char*, the shared ones */
    GArray *styles;      /* owned; guint: number format of a cell style */
    GHashTable *formats; /* owned; id → code */
    GPtrArray *sheets;   /* owned; of Sheet* that are seen */
    GArray *hidden;      /* owned; Range: columns of the present sheet */
    GPtrArray *charts;   /* owned; relationship ids of the present drawing */
    GString *text;       /* owned; of the present cell, string or comment */
    GString *reference;  /* owned; of the present comment */
    gboolean date1904;
    gboolean cell_styles; /* inside cellXfs */
    gboolean collect;     /* character data goes to text */
    guint phonetic;       /* open rPh: readings, shown above the text */
    gboolean row_hidden;
    guint row_column, column; /* last written and present column, from 1 */
    guint style;
    char kind; /* of the cell: n number, s shared, t text, b boolean */
} Book;

static gboolean is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

static gboolean is_on(const char *const *attributes, const char *name)
{
    const char *value = mgk_xml_events_get(attributes, name);
    return value && !is(value, "0") && !is(value, "false");
}

static guint number_of(const char *const *attributes, const char *name)
{
    const char *value = mgk_xml_events_get(attributes, name);
    return value ? (guint)MIN(g_ascii_strtoull(value, NULL, 10), G_MAXUINT) : 0;
}

static void sheet_free(gpointer data)
{
    Sheet *sheet = data;
    g_free(sheet->name);
    g_free(sheet->id);
    g_free(sheet);
}

/* ---- the book: sheets, strings, styles ---- */

static void on_workbook(gpointer user, const char *name, const char *const *attributes)
{
    Book *book = user;
    const char *state = mgk_xml_events_get(attributes, "state");
    if (is(name, "workbookPr")) {
        book->date1904 = is_on(attributes, "date1904");
    } else if (is(name, "sheet") && (!state || is(state, "visible"))) {
        Sheet *sheet = g_new0(Sheet, 1);
        sheet->name = g_strdup(mgk_xml_events_get(attributes, "name"));
        sheet->id = g_strdup(mgk_xml_events_get(attributes, "r:id"));
        g_ptr_array_add(book->sheets, sheet);
    }
}

static void on_styles(gpointer user, const char *name, const char *const *attributes)
{
    Book *book = user;
    guint id = number_of(attributes, "numFmtId");
    const char *code = mgk_xml_events_get(attributes, "formatCode");
    if (is(name, "numFmt") && code)
        g_hash_table_replace(book->formats, GUINT_TO_POINTER(id), g_strdup(code));
    else if (is(name, "cellXfs"))
        book->cell_styles = TRUE;
    else if (is(name, "xf") && book->cell_styles)
        g_array_append_val(book->styles, id);
}

static void on_styles_end(gpointer user, const char *name)
{
    Book *book = user;
    if (is(name, "cellXfs"))
        book->cell_styles = FALSE;
}

/* Runs of rich text are one string; readings (rPh) are no part of it. */
static void on_rich_start(Book *book, const char *name)
{
    if (is(name, "rPh"))
        book->phonetic++;
    else if (is(name, "t"))
        book->collect = book->phonetic == 0;
}

static void on_rich_end(Book *book, const char *name)
{
    if (is(name, "rPh"))
        book->phonetic--;
    else if (is(name, "t"))
        book->collect = FALSE;
}

static void on_string(gpointer user, const char *name, const char *const *attributes)
{
    Book *book = user;
    (void)attributes;
    if (is(name, "si"))
        g_string_truncate(book->text, 0);
    on_rich_start(book, name);
}

static void on_string_end(gpointer user, const char *name)
{
    Book *book = user;
    if (is(name, "si"))
        g_ptr_array_add(book->strings, g_strdup(book->text->str));
    on_rich_end(book, name);
}

static void on_text(gpointer user, const char *text, gsize size)
{
    Book *book = user;
    if (book->collect)
        g_string_append_len(book->text, text, (gssize)size);
}

/* ---- one sheet ---- */

/* "BC23" → 55; 0 when it is none. */
static guint column_of(const char *reference)
{
    guint column = 0;
    for (const char *at = reference ? reference : ""; g_ascii_isupper(*at) && column < 20000; at++)
        column = column * 26 + (guint)(*at - 'A') + 1;
    return column;
}

static gboolean column_hidden(const Book *book, guint column)
{
    for (guint i = 0; i < book->hidden->len; i++) {
        const Range *range = &g_array_index(book->hidden, Range, i);
        if (column >= range->first && column <= range->last)
            return TRUE;
    }
    return FALSE;
}

static void start_cell(Book *book, const char *const *attributes)
{
    const char *kind = mgk_xml_events_get(attributes, "t");
    guint column = column_of(mgk_xml_events_get(attributes, "r"));
    book->column = column ? column : book->column + 1;
    book->style = number_of(attributes, "s");
    book->kind = !kind || is(kind, "n") ? 'n' : is(kind, "s") ? 's' : is(kind, "b") ? 'b' : 't';
    g_string_truncate(book->text, 0);
}

static void on_cell(gpointer user, const char *name, const char *const *attributes)
{
    Book *book = user;
    if (is(name, "row")) {
        book->row_hidden = is_on(attributes, "hidden");
        book->column = 0;
        book->row_column = 1;
    } else if (is(name, "col") && is_on(attributes, "hidden")) {
        Range range = {number_of(attributes, "min"), number_of(attributes, "max")};
        g_array_append_val(book->hidden, range);
    } else if (is(name, "c")) {
        start_cell(book, attributes);
    } else if (is(name, "v")) {
        book->collect = TRUE;
    } else {
        on_rich_start(book, name);
    }
}

static const char *code_of(const Book *book)
{
    guint id = book->style < book->styles->len ? g_array_index(book->styles, guint, book->style) : 0;
    const char *code = g_hash_table_lookup(book->formats, GUINT_TO_POINTER(id));
    return code ? code : mgk_sheet_format_builtin(id);
}

static char *shown(const Book *book)
{
    if (book->kind == 's') {
        guint64 index = g_ascii_strtoull(book->text->str, NULL, 10);
        return mgk_sheet_format_text(index < book->strings->len ? g_ptr_array_index(book->strings, index) : "",
                                     code_of(book));
    }
    if (book->kind == 'b')
        return g_strdup(is(book->text->str, "0") ? "FALSE" : "TRUE");
    if (book->kind == 't' || book->text->len == 0)
        return mgk_sheet_format_text(book->text->str, code_of(book));
    return mgk_sheet_format_number(g_ascii_strtod(book->text->str, NULL), code_of(book), book->date1904);
}

/* One line a row: a line break inside a cell is a blank. */
static void put_cell(Book *book)
{
    if (book->row_hidden || book->text->len == 0 || column_hidden(book, book->column))
        return;
    g_autofree char *text = shown(book);
    guint gap = book->column > book->row_column ? book->column - book->row_column : 0;
    for (guint i = 0; i < MIN(gap, GAP_MAX); i++)
        mgk_text_out_add(book->out, "\t", 1);
    book->row_column = MAX(book->row_column, book->column);
    mgk_text_out_add(book->out, g_strdelimit(text, "\r\n\t", ' '), -1);
}

static void on_cell_end(gpointer user, const char *name)
{
    Book *book = user;
    if (is(name, "c"))
        put_cell(book);
    else if (is(name, "v"))
        book->collect = FALSE;
    else if (is(name, "row") && !book->row_hidden)
        mgk_text_out_newline(book->out);
    else
        on_rich_end(book, name);
}

static void on_comment(gpointer user, const char *name, const char *const *attributes)
{
    Book *book = user;
    if (is(name, "comment")) {
        g_string_assign(book->reference, mgk_xml_events_get(attributes, "ref") ?: "");
        g_string_truncate(book->text, 0);
    }
    on_rich_start(book, name);
}

static void on_comment_end(gpointer user, const char *name)
{
    Book *book = user;
    on_rich_end(book, name);
    if (!is(name, "comment"))
        return;
    mgk_text_out_add(book->out, book->reference->str, -1);
    mgk_text_out_add(book->out, ": ", 2);
    mgk_text_out_add(book->out, g_strdelimit(book->text->str, "\r\n", ' '), -1);
    mgk_text_out_break(book->out);
}

/* ---- boxes and charts that float over a sheet ---- */

static void on_drawing(gpointer user, const char *name, const char *const *attributes)
{
    Book *book = user;
    const char *id = mgk_xml_events_get(attributes, "r:id");
    if (is(name, "c:chart") && id)
        g_ptr_array_add(book->charts, g_strdup(id));
    else if (is(name, "a:t"))
        book->collect = TRUE;
    else if (is(name, "a:p"))
        g_string_truncate(book->text, 0);
}

static void on_drawing_end(gpointer user, const char *name)
{
    Book *book = user;
    if (is(name, "a:t"))
        book->collect = FALSE;
    if (!is(name, "a:p"))
        return;
    mgk_text_out_add(book->out, book->text->str, -1);
    mgk_text_out_break(book->out);
}

static gboolean read_drawing(Book *book, MgkZip *zip, const char *member, GError **error)
{
    static const MgkXmlEvents events = {.start = on_drawing, .end = on_drawing_end, .text = on_text};
    g_ptr_array_set_size(book->charts, 0);
    g_autoptr(GHashTable) members = mgk_xml_events_relationships(zip, member, FALSE, error);
    mgk_text_out_gap(book->out);
    if (!members || !mgk_xml_events_read(zip, member, &events, book, error))
        return FALSE;
    for (guint i = 0; i < book->charts->len; i++) {
        const char *chart = g_hash_table_lookup(members, g_ptr_array_index(book->charts, i));
        if (chart && !mgk_chart_text(zip, chart, book->out, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_sheet(Book *book, MgkZip *zip, const Sheet *sheet, const char *member, GError **error)
{
    static const MgkXmlEvents cells = {.start = on_cell, .end = on_cell_end, .text = on_text},
                              comments = {.start = on_comment, .end = on_comment_end, .text = on_text};
    g_autoptr(GHashTable) by_type = mgk_xml_events_relationships(zip, member, TRUE, error);
    if (!by_type)
        return FALSE;
    mgk_text_out_gap(book->out);
    mgk_text_out_add(book->out, "【", -1);
    mgk_text_out_add(book->out, sheet->name ? sheet->name : "", -1);
    mgk_text_out_add(book->out, "】\n", -1);
    g_array_set_size(book->hidden, 0);
    if (!mgk_xml_events_read(zip, member, &cells, book, error))
        return FALSE;
    const char *comment_member = g_hash_table_lookup(by_type, "comments"),
               *drawing = g_hash_table_lookup(by_type, "drawing");
    if (drawing && !read_drawing(book, zip, drawing, error))
        return FALSE;
    mgk_text_out_gap(book->out);
    return !comment_member || mgk_xml_events_read(zip, comment_member, &comments, book, error);
}

/* ---- all of it ---- */

static void book_init(Book *book, MgkTextOut *out)
{
    *book = (Book){.out = out,
                   .strings = g_ptr_array_new_with_free_func(g_free),
                   .styles = g_array_new(FALSE, FALSE, sizeof(guint)),
                   .formats = g_hash_table_new_full(NULL, NULL, NULL, g_free),
                   .sheets = g_ptr_array_new_with_free_func(sheet_free),
                   .hidden = g_array_new(FALSE, FALSE, sizeof(Range)),
                   .charts = g_ptr_array_new_with_free_func(g_free),
                   .text = g_string_new(NULL),
                   .reference = g_string_new(NULL)};
}

static void book_clear(Book *book)
{
    g_ptr_array_unref(book->strings);
    g_array_unref(book->styles);
    g_hash_table_unref(book->formats);
    g_ptr_array_unref(book->sheets);
    g_array_unref(book->hidden);
    g_ptr_array_unref(book->charts);
    g_string_free(book->text, TRUE);
    g_string_free(book->reference, TRUE);
}

static gboolean read_book(Book *book, MgkZip *zip, const char *main, GError **error)
{
    static const MgkXmlEvents workbook = {.start = on_workbook},
                              strings = {.start = on_string, .end = on_string_end, .text = on_text},
                              styles = {.start = on_styles, .end = on_styles_end};
    g_autoptr(GHashTable) by_type = mgk_xml_events_relationships(zip, main, TRUE, error);
    g_autoptr(GHashTable) members = by_type ? mgk_xml_events_relationships(zip, main, FALSE, error) : NULL;
    if (!members)
        return FALSE;
    const char *string_member = g_hash_table_lookup(by_type, "sharedStrings"),
               *style_member = g_hash_table_lookup(by_type, "styles");
    if (!mgk_xml_events_read(zip, main, &workbook, book, error) ||
        (string_member && !mgk_xml_events_read(zip, string_member, &strings, book, error)) ||
        (style_member && !mgk_xml_events_read(zip, style_member, &styles, book, error)))
        return FALSE;
    for (guint i = 0; i < book->sheets->len; i++) {
        const Sheet *sheet = g_ptr_array_index(book->sheets, i);
        const char *member = sheet->id ? g_hash_table_lookup(members, sheet->id) : NULL;
        if (member && !read_sheet(book, zip, sheet, member, error))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_sheet_text(MgkJob *job, GError **error)
{
    g_autoptr(MgkZip) zip = mgk_zip_open(job->data, job->size, &job->policy->limits, error);
    g_autoptr(GHashTable) package = zip ? mgk_xml_events_relationships(zip, "", TRUE, error) : NULL;
    const char *main = package ? g_hash_table_lookup(package, "officeDocument") : NULL;
    if (!main)
        return package ? mgk_job_hold(job, MGK_REASON_NO_TEXT, "no main part") : FALSE;
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    Book book;
    book_init(&book, out);
    gboolean ok = read_book(&book, zip, main, error) && mgk_text_out_finish(out, error);
    book_clear(&book);
    return ok;
}
