/* xlsb_book.c - xl/workbook.bin: sheets, defined names, references to sheets ([MS-XLSB] 2.1.7.61). */
#include <string.h>

#include "engines/formula.h"
#include "engines/xlsb_internal.h"
#include "model/error.h"

#define MOST_ROUNDS 16  /* names that use names that use names… */
#define WHOLE_BOOK (-2) /* a reference to names of the workbook */
#define DELETED (-1)    /* to a sheet that is no more */
#define ENTRY 12        /* bytes of a reference: book, first and last sheet */
#define MOST_ENTRIES 65536

enum {
    FLAG_HIDDEN = 1 << 0,
    FLAG_FUNCTION = 1 << 1,
    FLAG_MACRO = 1 << 3,
    FLAG_BUILT_IN = 1 << 5,
    FLAG_FUTURE = 1 << 17,
    SHEET_HIDDEN_MOST = 2,
    MOST_SHEETS = 16384,
    NAME_TEXT = 1, /* fields of Name: 9 bytes, its text, its formula */
    NAME_FORMULA = 2,
    NAME_LOST = 0,
    NAME_FINE = 1,
    NAME_KNOWN_FUNCTION = 2,
};

static gboolean malformed(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "binary workbook: %s", what);
    return FALSE;
}

/* Excel runs what these names mean: Auto_Open, Auto_Open_2, _xlnm.Auto_Close … */
static gboolean starts_macros(const char *name)
{
    static const char *const words[] = {"auto_open", "auto_close", "auto_activate", "auto_deactivate"};
    if (g_ascii_strncasecmp(name, "_xlnm.", 6) == 0)
        name += 6;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_ascii_strncasecmp(name, words[i], strlen(words[i])) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Functions newer than the numbers of functions are called by the name of a name: _xlfn.STDEV.S. */
static gboolean is_known_function(const char *name)
{
    MgkFormula formula;
    g_autofree char *call = g_strconcat(name, "(1)", NULL);
    return g_str_has_prefix(name, "_xl") && mgk_formula_read(call, strlen(call), NULL, &formula) == 0;
}

static guint8 judge_name(const MgkXlsbRecord *record, const char *text)
{
    guint32 flags = mgk_xlsb_u32(record->data);
    if (!text || starts_macros(text))
        return NAME_LOST;
    if (flags & (FLAG_FUNCTION | FLAG_MACRO))
        return is_known_function(text) ? NAME_KNOWN_FUNCTION : NAME_LOST;
    return is_known_function(text) ? NAME_KNOWN_FUNCTION : NAME_FINE;
}

/* ---- survey ---- */

typedef struct Survey {
    MgkXlsbBook *book;
    GArray *records;       /* owned; of MgkXlsbRecord: names */
    MgkXlsbRecord externs; /* ExternSheet; its data NULL until seen */
    guint supports, self;  /* books so far, and this one's place among them; G_MAXUINT */
    MgkXlsbSheet (*sheet)(gpointer user, const char *id);
    gpointer user;
} Survey;

static gboolean survey_sheet(Survey *survey, const MgkXlsbRecord *record, GError **error)
{
    MgkXlsbField fields[MGK_XLSB_FIELDS];
    guint n = 0;
    if (!mgk_xlsb_cut("8is", record, fields, &n))
        return malformed(error, "a sheet's row");
    g_autofree char *id = mgk_xlsb_text(record, &fields[1]);
    MgkXlsbSheet sheet = id ? survey->sheet(survey->user, id) : MGK_XLSB_NO_SHEET;
    const guint8 stays = sheet == MGK_XLSB_CELL_SHEET;
    if (sheet == MGK_XLSB_NO_SHEET)
        return malformed(error, "a sheet is missing");
    if (survey->book->sheets->len > MOST_SHEETS)
        return malformed(error, "too many sheets");
    g_array_append_val(survey->book->sheets, stays);
    if ((mgk_xlsb_u32(record->data) & 3) == SHEET_HIDDEN_MOST)
        mgk_xlsb_find(survey->book, MGK_KIND_HIDDEN_SHEET);
    return TRUE;
}

/* Formulas count names: one of another shape would be counted here and not be written. */
static gboolean survey_name(Survey *survey, const MgkXlsbRecord *record, GError **error)
{
    MgkXlsbBook *book = survey->book;
    MgkXlsbField fields[MGK_XLSB_FIELDS];
    guint n = 0;
    if (!mgk_xlsb_cut(book->rules[MGK_XLSB_NAME]->shape, record, fields, &n))
        return malformed(error, "a name of another shape");
    char *text = mgk_xlsb_text(record, &fields[NAME_TEXT]);
    const guint8 stays = judge_name(record, text);
    g_array_append_val(book->names, stays);
    g_ptr_array_add(book->name_texts, text ? text : g_strdup(""));
    g_array_append_val(survey->records, *record);
    return TRUE;
}

static gint32 sheet_number(const guint8 *p)
{
    return (gint32)mgk_xlsb_u32(p);
}

/* An entry may be used when it names whole sheets of this workbook that cross. */
static gboolean extern_stays(const Survey *survey, const guint8 *entry)
{
    const GArray *sheets = survey->book->sheets;
    gint32 first = sheet_number(entry + 4), last = sheet_number(entry + 8);
    if (mgk_xlsb_u32(entry) != survey->self)
        return FALSE;
    if (first == WHOLE_BOOK || first == DELETED)
        return last == first;
    for (gint32 i = first; i >= 0 && i <= last && i < (gint32)sheets->len; i++) {
        if (!g_array_index(sheets, guint8, i))
            return FALSE;
    }
    return first >= 0 && first <= last && last < (gint32)sheets->len;
}

static gboolean survey_externs(Survey *survey, const MgkXlsbRecord *record, GError **error)
{
    guint32 untrusted_n = record->size >= 4 ? mgk_xlsb_u32(record->data) : 0;
    if (survey->book->externs->len > 0 || untrusted_n > MOST_ENTRIES || record->size != 4 + (gsize)untrusted_n * ENTRY)
        return malformed(error, "references to sheets");
    for (guint i = 0; i < untrusted_n; i++) {
        const guint8 stays = extern_stays(survey, record->data + 4 + (gsize)i * ENTRY) ? 1 : 0;
        g_array_append_val(survey->book->externs, stays);
    }
    return TRUE;
}

/* A name goes when its formula may not stay; those that use it go in the next round. */
static void settle_names(Survey *survey)
{
    MgkXlsbBook *book = survey->book;
    gboolean changed = TRUE;
    for (guint round = 0; changed; round++) {
        changed = FALSE;
        for (guint i = 0; i < survey->records->len; i++) {
            guint8 *stays = &g_array_index(book->names, guint8, i);
            const MgkXlsbRecord *record = &g_array_index(survey->records, MgkXlsbRecord, i);
            MgkXlsbField fields[MGK_XLSB_FIELDS];
            guint n = 0;
            if (*stays != NAME_FINE || !mgk_xlsb_cut(book->rules[MGK_XLSB_NAME]->shape, record, fields, &n))
                continue;
            if (round < MOST_ROUNDS && mgk_xlsb_stays(book, record, &fields[NAME_FORMULA]))
                continue;
            *stays = NAME_LOST;
            changed = TRUE;
        }
    }
}

static gboolean is_book(guint id)
{
    return id == 355 || id == 357 || id == 358 || id == 667;
}

static gboolean survey_record(Survey *survey, const MgkXlsbRecord *record, GError **error)
{
    if (record->id == MGK_XLSB_SUP_SELF && survey->self == G_MAXUINT)
        survey->self = survey->supports;
    survey->supports += is_book(record->id);
    if (record->id == MGK_XLSB_BUNDLE_SHEET)
        return survey_sheet(survey, record, error);
    if (record->id == MGK_XLSB_NAME)
        return survey_name(survey, record, error);
    if (record->id == MGK_XLSB_EXTERN_SHEET && survey->externs.data)
        return malformed(error, "references to sheets");
    if (record->id == MGK_XLSB_EXTERN_SHEET)
        survey->externs = *record;
    return TRUE;
}

/* At least the records that will be written, in their order: none in blocks that are left out. */
static gboolean survey_records(Survey *survey, const guint8 *data, gsize size, GError **error)
{
    MgkXlsbRecord record;
    g_autoptr(GError) local = NULL;
    for (gsize at = 0; mgk_xlsb_next(data, size, &at, &record, &local);) {
        const MgkXlsbRule *rule = record.id < MGK_XLSB_IDS ? survey->book->rules[record.id] : NULL;
        if (rule && rule->action == MGK_XLSB_BLOCK && (rule->parts & MGK_BINARY_BOOK)) {
            if (!mgk_xlsb_skip_block(rule, data, size, &at, error))
                return FALSE;
        } else if (!survey_record(survey, &record, error)) {
            return FALSE;
        }
    }
    if (local)
        return malformed(error, "a record is cut off");
    if (survey->book->sheets->len == 0)
        return malformed(error, "no sheets");
    return !survey->externs.data || survey_externs(survey, &survey->externs, error);
}

gboolean mgk_xlsb_survey(MgkXlsbBook *book, GBytes *workbook, MgkXlsbSheet (*sheet)(gpointer user, const char *id),
                         gpointer user, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(workbook, &size);
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(MgkXlsbRecord));
    Survey survey = {.book = book, .records = records, .self = G_MAXUINT, .sheet = sheet, .user = user};
    if (!survey_records(&survey, data, size, error))
        return FALSE;
    book->scope = (MgkBiffScope){.names = (const guint8 *)book->names->data,
                                 .n_names = book->names->len,
                                 .sheets = (const guint8 *)book->externs->data,
                                 .n_sheets = book->externs->len};
    settle_names(&survey);
    return TRUE;
}

void mgk_xlsb_lost_names(const MgkXlsbBook *book, GFunc lost, gpointer user)
{
    for (guint i = 0; i < book->names->len; i++) {
        if (g_array_index(book->names, guint8, i) == NAME_LOST)
            lost(g_ptr_array_index(book->name_texts, i), user);
    }
}

/* ---- CALL rows ---- */

/* WbProp (2.4.822): flags, the version of the theme, the name of a module. */
void mgk_xlsb_book_properties(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    enum { KEPT = 1u << 0 /* dates from 1904 */ | 3u << 13 /* objects shown */ | 1u << 16 /* pictures compressed */ };
    guint8 out[12] = {0};
    (void)fields, (void)n;
    mgk_xlsb_set32(out, mgk_xlsb_u32(record->data) & KEPT);
    memcpy(out + 4, record->data + 4, 4);
    mgk_xlsb_put(book, record->id, out, sizeof out);
}

/* BundleSh (2.4.311). The package has seen to it that every sheet's relationship crosses. */
void mgk_xlsb_bundle_sheet(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    g_autofree guint8 *copy = g_memdup2(record->data, record->size);
    MgkXlsbRecord clean = {.id = record->id, .data = copy, .size = record->size};
    mgk_xlsb_set32(copy, MIN(mgk_xlsb_u32(copy) & 3, SHEET_HIDDEN_MOST));
    mgk_xlsb_copy(book, &clean, fields, n);
}

/* A name that may not stay keeps its place and, when it starts no macros, its text: charts may mention it. */
static void put_lost_name(MgkXlsbBook *book, const MgkXlsbRecord *record, guint number)
{
    static const guint8 tail[] = {2, 0, 0, 0, 0x1c, 0x17 /* #REF! */, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
    g_autofree char *removed = g_strdup_printf("_removed_%u", number);
    const char *text = g_ptr_array_index(book->name_texts, number - 1);
    gboolean macro = !*text || starts_macros(text) || (mgk_xlsb_u32(record->data) & (FLAG_FUNCTION | FLAG_MACRO));
    if (macro)
        mgk_xlsb_find(book, MGK_KIND_MACRO_NAME);
    glong letters = 0;
    g_autofree gunichar2 *wide = g_utf8_to_utf16(macro ? removed : text, -1, NULL, &letters, NULL);
    g_autoptr(GByteArray) out = g_byte_array_new();
    guint8 head[13] = {0};
    mgk_xlsb_set32(head, macro ? FLAG_HIDDEN : mgk_xlsb_u32(record->data) & (FLAG_HIDDEN | FLAG_BUILT_IN));
    if (macro)
        mgk_xlsb_set32(head + 5, G_MAXUINT32); /* of no sheet */
    else
        memcpy(head + 5, record->data + 5, 4);
    mgk_xlsb_set32(head + 9, (guint32)letters);
    g_byte_array_append(out, head, sizeof head);
    for (glong i = 0; i < letters; i++) {
        const guint8 letter[2] = {(guint8)wide[i], (guint8)(wide[i] >> 8)};
        g_byte_array_append(out, letter, 2);
    }
    g_byte_array_append(out, tail, sizeof tail);
    mgk_xlsb_put(book, record->id, out->data, out->len);
}

/* Name (2.4.712): flags, a key, its sheet; text; formula; a remark, and texts of macros. */
void mgk_xlsb_name(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    static const guint8 none[4] = {0xff, 0xff, 0xff, 0xff}, no_name[10] = {2, 0, 0, 0, 0x1c, 0x1d /* #NAME? */};
    guint number = ++book->name;
    (void)n;
    if (number > book->names->len)
        return;
    guint8 state = g_array_index(book->names, guint8, number - 1);
    if (state == NAME_LOST) {
        put_lost_name(book, record, number);
        return;
    }
    gboolean function = state == NAME_KNOWN_FUNCTION;
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_byte_array_append(out, record->data, (guint)fields[NAME_FORMULA].at);
    guint32 kept = FLAG_HIDDEN | FLAG_BUILT_IN | (function ? FLAG_FUNCTION | FLAG_MACRO | FLAG_FUTURE : 0u);
    mgk_xlsb_set32(out->data, mgk_xlsb_u32(record->data) & kept);
    out->data[4] = 0;
    if (function)
        g_byte_array_append(out, no_name, sizeof no_name);
    else
        g_byte_array_append(out, record->data + fields[NAME_FORMULA].at, (guint)fields[NAME_FORMULA].size);
    gboolean macro = (mgk_xlsb_u32(out->data) & FLAG_MACRO) != 0;
    for (guint i = 0; i < (macro ? 5u : 1u); i++)
        g_byte_array_append(out, none, 4);
    mgk_xlsb_put(book, record->id, out->data, out->len);
}

/* ExternSheet (2.4.663): one book is left, this one, in front of the references. */
void mgk_xlsb_extern_sheet(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n)
{
    g_autofree guint8 *copy = g_memdup2(record->data, record->size);
    (void)fields, (void)n;
    for (guint i = 0; i < book->externs->len; i++) {
        guint8 *entry = copy + 4 + (gsize)i * ENTRY;
        mgk_xlsb_set32(entry, 0);
        if (!g_array_index(book->externs, guint8, i)) {
            mgk_xlsb_set32(entry + 4, (guint32)DELETED);
            mgk_xlsb_set32(entry + 8, (guint32)DELETED);
        }
    }
    mgk_xlsb_put(book, MGK_XLSB_SUP_SELF, NULL, 0);
    mgk_xlsb_put(book, record->id, copy, record->size);
}
