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
 * leaves an empty cell; pictures inside cells and web pictures of IMAGE() show as #VALUE!; add-ins (xlam) and binary
 * workbooks (xlsb) are held. */
#include "checks/ooxml.h"
#include "engines/opc.h"
#include "engines/sheet_state.h"
#include "engines/sheet_text.h"
#include "formats/formats.h"

typedef struct State {
    MgkSheetBook book;
    MgkSheetPart part;   /* of the part being read */
    GHashTable *emptied; /* owned; of MgkOpcPart*: macro and dialog sheets */
} State;

MgkSheetPart *mgk_sheet_part_of(const MgkXmlFilter *filter)
{
    return &((State *)mgk_opc_state(mgk_opc_of(filter)))->part;
}

static gboolean scan(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    State *state = mgk_opc_state(opc);
    mgk_sheet_part_clear(&state->part);
    mgk_sheet_part_init(&state->part, &state->book);
    return mgk_opc_read(opc, part, mgk_sheet_scan_hooks, error);
}

/* Takes every relationship to a part away. */
static void drop_part(MgkOpc *opc, const MgkOpcPart *gone)
{
    GPtrArray *parts = mgk_opc_parts(opc);
    for (guint i = 0; i < parts->len; i++) {
        const MgkOpcPart *part = g_ptr_array_index(parts, i);
        for (guint r = 0; r < part->relationships->len; r++) {
            MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, r);
            if (relationship->target == gone)
                relationship->dropped = TRUE;
        }
    }
}

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
            drop_part(opc, part);
    }
    drop_part(opc, cache);
}

/* Macro sheets are reached by a relationship of their own, which is changed to a worksheet's. */
static void turn_into_sheet(MgkOpc *opc, MgkOpcPart *sheet)
{
    State *state = mgk_opc_state(opc);
    MgkOpcPart *book = mgk_opc_main(opc);
    mgk_job_find(mgk_opc_job(opc), MGK_KIND_MACRO_SHEET, sheet->name, NULL);
    g_hash_table_add(state->emptied, sheet);
    sheet->rel = MGK_REL_X_WORKSHEET;
    for (guint r = 0; r < sheet->relationships->len; r++)
        ((MgkOpcRelationship *)g_ptr_array_index(sheet->relationships, r))->dropped = TRUE;
    for (guint r = 0; r < book->relationships->len; r++) {
        MgkOpcRelationship *relationship = g_ptr_array_index(book->relationships, r);
        if (relationship->target == sheet)
            relationship->rel = MGK_REL_X_WORKSHEET;
    }
}

static gboolean survey_metadata(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->book;
    book->rich_values = FALSE;
    if (!scan(opc, part, error))
        return FALSE;
    book->dynamic_arrays = !book->rich_values;
    if (book->rich_values)
        drop_part(opc, part);
    return TRUE;
}

static gboolean survey_pivot_cache(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->book;
    book->cube = FALSE;
    if (!scan(opc, part, error))
        return FALSE;
    if (book->cube)
        drop_cube(opc, part);
    return TRUE;
}

static gboolean survey_external_link(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetBook *book = &((State *)mgk_opc_state(opc))->book;
    drop_part(opc, part);
    if (!book->told_external)
        mgk_job_find(book->job, MGK_KIND_FORMULA_EXTERNAL, NULL, NULL);
    book->told_external = TRUE;
    return scan(opc, part, error);
}

static gboolean survey_macro_sheet(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    (void)error;
    turn_into_sheet(opc, part);
    return TRUE;
}

static gboolean survey_part(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    static const struct {
        MgkRel rel;
        gboolean (*survey)(MgkOpc *opc, MgkOpcPart *part, GError **error);
    } table[] = {
        {MGK_REL_VML_DRAWING, scan},
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
    mgk_sheet_book_init(&state->book, mgk_opc_job(opc));
    state->emptied = g_hash_table_new(NULL, NULL);
    if (!scan(opc, mgk_opc_main(opc), error))
        return FALSE;
    mgk_sheet_book_settle(&state->book);
    for (guint i = 0; i < parts->len; i++) {
        if (!survey_part(opc, g_ptr_array_index(parts, i), error))
            return FALSE;
    }
    return TRUE;
}

static void part_begin(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter)
{
    State *state = mgk_opc_state(opc);
    (void)filter;
    mgk_sheet_part_clear(&state->part);
    mgk_sheet_part_init(&state->part, &state->book);
    state->part.emptied = g_hash_table_contains(state->emptied, part);
    /* what goes wrong here goes wrong again when the part is written, and is told there */
    if (part->rel == MGK_REL_CHART || part->rel == MGK_REL_X_DRAWING)
        mgk_opc_read(opc, part, mgk_sheet_scan_hooks, NULL);
}

static void state_clear(gpointer data)
{
    State *state = data;
    mgk_sheet_part_clear(&state->part);
    mgk_sheet_book_clear(&state->book);
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
