/* xlsx.c - Excel workbooks: xlsx and xltx, their macro twins, transitional and strict (ISO/IEC 29500-1 clause 18,
 * [MS-XLSX], [MS-OFFMACRO2] for macro sheets).
 *
 * Kept: cells with formulas and values, names, styles, tables, validation, conditional formats, sparklines, pivots with
 * their stored data, charts, comments and threads, pictures, protection, print layout, document labels.
 * Goes: macros, controls, embedded objects, connections, query tables, XML maps, external links, data models, slicers
 * and timelines (the tables they filter stay as filtered), calcChain (programs make it anew), printer settings.
 * Formulas that run or fetch something, read another workbook or call functions of macros and add-ins become the value
 * they last had (engines/formula.h says which, rules/spreadsheetml.def where they live); names with such formulas
 * become #REF!, as when Excel deletes what a name points to. Macro and dialog sheets become empty worksheets: positions
 * of sheets count in names and views, and formulas may mention them. Output: .xlsx or .xltx, parts streamed in constant
 * memory (a bit per shared formula, a string per defined name). Known limits: a formula whose value was never computed
 * leaves an empty cell; pictures inside cells and web pictures of IMAGE() show as #VALUE!; add-ins (xlam) are held. */
#include "checks/ooxml.h"
#include "engines/opc.h"
#include "engines/sheet_state.h"
#include "engines/sheet_text.h"
#include "formats/formats.h"

typedef struct State {
    MgkSheetState sheet;
    GHashTable *emptied; /* owned; of MgkOpcPart*: macro and dialog sheets */
} State;

static gboolean leads_to(const MgkOpcPart *part, const MgkOpcPart *target)
{
    for (guint r = 0; r < part->relationships->len; r++) {
        const MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, r);
        if (relationship->target == target && !relationship->dropped)
            return TRUE;
    }
    return FALSE;
}

/* A cube's cache is of no use without its server: the tables over it go, their cells stay. */
static void drop_cube(MgkOpc *opc, const MgkOpcPart *cache)
{
    GPtrArray *parts = mgk_opc_parts(opc);
    mgk_job_find(mgk_opc_job(opc), MGK_KIND_PIVOT_EXTERNAL, cache->name, NULL);
    for (guint i = 0; i < parts->len; i++) {
        const MgkOpcPart *part = g_ptr_array_index(parts, i);
        if (part->rel == MGK_REL_X_PIVOT_TABLE && leads_to(part, cache))
            mgk_opc_drop(opc, part);
    }
    mgk_opc_drop(opc, cache);
}

static gboolean survey_metadata(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->sheet.book;
    book->rich_values = FALSE;
    if (!mgk_sheet_scan(opc, part, error))
        return FALSE;
    book->dynamic_arrays = !book->rich_values;
    if (book->rich_values)
        mgk_opc_drop(opc, part);
    return TRUE;
}

static gboolean survey_pivot_cache(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->sheet.book;
    book->cube = FALSE;
    if (!mgk_sheet_scan(opc, part, error))
        return FALSE;
    if (book->cube)
        drop_cube(opc, part);
    return TRUE;
}

static gboolean survey_external_link(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->sheet.book;
    mgk_opc_drop(opc, part);
    if (!book->told_external)
        mgk_job_find(book->job, MGK_KIND_FORMULA_EXTERNAL, NULL, NULL);
    book->told_external = TRUE;
    return mgk_sheet_scan(opc, part, error);
}

static gboolean survey_macro_sheet(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    (void)error;
    g_hash_table_add(((State *)mgk_opc_state(opc))->emptied, part);
    mgk_sheet_from_macros(opc, part);
    return TRUE;
}

static gboolean survey_part(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    static const struct {
        MgkRel rel;
        gboolean (*survey)(MgkOpc *opc, MgkOpcPart *part, GError **error);
    } table[] = {
        {MGK_REL_VML_DRAWING, mgk_sheet_scan},
        {MGK_REL_X_MACRO_SHEET, survey_macro_sheet},
        {MGK_REL_X_MACRO_SHEET_INTERNATIONAL, survey_macro_sheet},
        {MGK_REL_X_DIALOG_SHEET, survey_macro_sheet},
        {MGK_REL_X_EXTERNAL_LINK, survey_external_link},
        {MGK_REL_X_PIVOT_CACHE, survey_pivot_cache},
        {MGK_REL_X_METADATA, survey_metadata},
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
    if (!mgk_sheet_scan(opc, mgk_opc_main(opc), error))
        return FALSE;
    mgk_sheet_book_settle(&state->sheet.book);
    for (guint i = 0; i < parts->len; i++) {
        if (!survey_part(opc, g_ptr_array_index(parts, i), error))
            return FALSE;
    }
    return TRUE;
}

static void part_begin(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter)
{
    const State *state = mgk_opc_state(opc);
    (void)filter;
    mgk_sheet_part_begin(opc, part, g_hash_table_contains(state->emptied, part));
}

static void state_clear(gpointer data)
{
    State *state = data;
    mgk_sheet_part_clear(&state->sheet.part);
    mgk_sheet_book_clear(&state->sheet.book);
    g_clear_pointer(&state->emptied, g_hash_table_unref);
}

static const MgkOpcFormat format = {
    .id = MGK_FORMAT_ID_xlsx,
    .folder = "xl",
    .hooks = mgk_sheet_hooks,
    .state_size = sizeof(State),
    .survey = survey,
    .part_begin = part_begin,
    .state_clear = state_clear,
};

static guint probe(const MgkProbe *look)
{
    return mgk_opc_probe(look, MGK_FORMAT_ID_xlsx);
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_opc_clean(job, &format, error);
}

const MgkHandler mgk_format_xlsx = {.probe = probe, .clean = clean, .check = mgk_check_xlsx, .text = mgk_sheet_text};
