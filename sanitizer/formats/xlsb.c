/* xlsb.c - Excel's binary workbooks ([MS-XLSB]): an OPC package whose workbook, sheets, styles, strings, comments and
 * tables are binary records, and whose drawings, charts, themes and properties are the XML of xlsx.
 *
 * Kept: cells, formulas of worksheet functions, names, styles, tables, filters, validation, conditional formats,
 * comments, drawings with their pictures and charts, links to web and mail addresses and into the workbook, print
 * layout, document labels. Gone: macros, controls, embedded objects, connections, external links, pivot tables (their
 * cells stay), printer settings, calcChain, what Excel 2010 and later add inside records (sparklines and the like).
 * Records stay by rules/xlsb.def, each with the bytes that its shape accounts for and no others (engines/xlsb.h).
 * Formulas that may not stay become the values they show; macro and dialog sheets become empty worksheets.
 * Output: .xlsb, whose only content type says "macroEnabled" whether there are macros or not.
 * Known limits: one part lies in memory at a time; data tables and spilled arrays become values. */
#include "engines/xlsb.h"
#include "checks/ooxml.h"
#include "engines/sheet_state.h"
#include "engines/xlsb_text.h"
#include "formats/formats.h"

typedef struct State {
    MgkSheetState sheet;
    MgkXlsbBook *book;   /* owned */
    GHashTable *emptied; /* owned; of MgkOpcPart*: macro and dialog sheets */
    GBytes *workbook;    /* owned */
} State;

/* The part being written, for callbacks. */
typedef struct Writing {
    MgkOpc *opc;
    const MgkOpcPart *part;
} Writing;

static MgkXlsbSheet sheet_of(gpointer user, const char *id)
{
    const MgkOpcRelationship *relationship = mgk_opc_relationship(mgk_opc_main(user), id);
    if (!relationship || relationship->dropped || !relationship->target || !relationship->target->binary)
        return MGK_XLSB_NO_SHEET;
    switch ((int)relationship->rel) {
    case MGK_REL_X_WORKSHEET:
        return MGK_XLSB_CELL_SHEET;
    case MGK_REL_X_CHART_SHEET:
    case MGK_REL_X_MACRO_SHEET:
    case MGK_REL_X_MACRO_SHEET_INTERNATIONAL:
    case MGK_REL_X_DIALOG_SHEET:
        return MGK_XLSB_OTHER_SHEET;
    default:
        return MGK_XLSB_NO_SHEET;
    }
}

static void lose_name(gpointer text, gpointer user)
{
    g_hash_table_add(((State *)user)->sheet.book.set.lost, mgk_formula_name_key(text, -1));
}

/* Charts mention names; those that do not cross are lost to them, too. */
static gboolean survey_book(MgkOpc *opc, GError **error)
{
    State *state = mgk_opc_state(opc);
    state->workbook = mgk_opc_bytes(opc, mgk_opc_main(opc), error);
    if (!state->workbook || !mgk_xlsb_survey(state->book, state->workbook, sheet_of, opc, error))
        return FALSE;
    mgk_xlsb_lost_names(state->book, lose_name, state);
    return TRUE;
}

static gboolean survey_macros(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    (void)error;
    g_hash_table_add(((State *)mgk_opc_state(opc))->emptied, part);
    mgk_sheet_from_macros(opc, part);
    return TRUE;
}

/* The first record says whether it is a workbook, a DDE conversation or an OLE object (2.4.114 BeginSupBook). */
static gboolean survey_external(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    g_autoptr(GBytes) bytes = mgk_opc_bytes(opc, part, error);
    gsize size = 0;
    const guint8 *p = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->sheet.book;
    if (!bytes)
        return FALSE;
    if (size >= 4 && (p[3] == 1 || p[3] == 2))
        mgk_job_find(mgk_opc_job(opc), MGK_KIND_FORMULA_DANGEROUS, part->name, p[3] == 1 ? "DDE" : "OLE");
    else if (!book->told_external)
        mgk_job_find(mgk_opc_job(opc), MGK_KIND_FORMULA_EXTERNAL, NULL, NULL);
    book->told_external = TRUE;
    mgk_opc_drop(opc, part);
    return TRUE;
}

static gboolean survey_pivot(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    (void)error;
    if (part->rel == MGK_REL_X_PIVOT_TABLE)
        mgk_job_find(mgk_opc_job(opc), MGK_KIND_PIVOT_EXTERNAL, part->name, NULL);
    mgk_opc_drop(opc, part);
    return TRUE;
}

static gboolean survey_part(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    static const struct {
        MgkRel rel;
        gboolean (*survey)(MgkOpc *opc, MgkOpcPart *part, GError **error);
    } table[] = {
        {MGK_REL_VML_DRAWING, mgk_sheet_scan},
        {MGK_REL_X_MACRO_SHEET, survey_macros},
        {MGK_REL_X_MACRO_SHEET_INTERNATIONAL, survey_macros},
        {MGK_REL_X_DIALOG_SHEET, survey_macros},
        {MGK_REL_X_EXTERNAL_LINK, survey_external},
        {MGK_REL_X_PIVOT_TABLE, survey_pivot},
        {MGK_REL_X_PIVOT_CACHE, survey_pivot},
        {MGK_REL_X_PIVOT_RECORDS, survey_pivot},
        {MGK_REL_X_METADATA, survey_pivot},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].rel == part->rel)
            return table[i].survey(opc, part, error);
    }
    return TRUE;
}

static gboolean survey(MgkOpc *opc, GError **error)
{
    State *state = mgk_opc_state(opc);
    GPtrArray *parts = mgk_opc_parts(opc);
    mgk_sheet_book_init(&state->sheet.book, mgk_opc_job(opc));
    state->emptied = g_hash_table_new(NULL, NULL);
    state->book = mgk_xlsb_book_new(mgk_opc_job(opc));
    if (!survey_book(opc, error)) /* before macro sheets look like others */
        return FALSE;
    for (guint i = 0; i < parts->len; i++) {
        if (!survey_part(opc, g_ptr_array_index(parts, i), error))
            return FALSE;
    }
    return TRUE;
}

static const char *resolve(gpointer user, const char *id)
{
    const MgkOpcRelationship *relationship = mgk_opc_relationship(((const Writing *)user)->part, id);
    return relationship && !relationship->dropped ? relationship->out_id : NULL;
}

static gboolean sink(gpointer user, const void *data, gsize size, GError **error)
{
    return mgk_opc_append(((const Writing *)user)->opc, data, size, error);
}

static gboolean write_binary(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    State *state = mgk_opc_state(opc);
    Writing writing = {opc, part};
    MgkXlsbPackage package = {.resolve = resolve, .sink = sink, .user = &writing};
    if (g_hash_table_contains(state->emptied, part)) {
        g_autoptr(GByteArray) empty = mgk_xlsb_empty_sheet();
        return mgk_opc_append(opc, empty->data, empty->len, error);
    }
    if (part == mgk_opc_main(opc))
        return mgk_xlsb_rebuild(state->book, MGK_BINARY_BOOK, state->workbook, &package, error);
    g_autoptr(GBytes) bytes = mgk_opc_bytes(opc, part, error);
    return bytes && mgk_xlsb_rebuild(state->book, part->binary->part, bytes, &package, error);
}

static void part_begin(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter)
{
    (void)filter;
    mgk_sheet_part_begin(opc, part, FALSE);
}

static void state_clear(gpointer data)
{
    State *state = data;
    mgk_sheet_part_clear(&state->sheet.part);
    mgk_sheet_book_clear(&state->sheet.book);
    mgk_xlsb_book_free(state->book);
    g_clear_pointer(&state->emptied, g_hash_table_unref);
    g_clear_pointer(&state->workbook, g_bytes_unref);
}

static const MgkOpcFormat format = {
    .id = MGK_FORMAT_ID_xlsb,
    .folder = "xl",
    .hooks = mgk_sheet_hooks,
    .state_size = sizeof(State),
    .survey = survey,
    .part_begin = part_begin,
    .state_clear = state_clear,
    .write_binary = write_binary,
};

static guint probe(const MgkProbe *look)
{
    return mgk_opc_probe(look, MGK_FORMAT_ID_xlsb);
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_opc_clean(job, &format, error);
}

const MgkHandler mgk_format_xlsb = {
    .probe = probe, .clean = clean, .check = mgk_check_xlsb, .text = mgk_xlsb_sheet_text};
