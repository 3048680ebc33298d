#include "engines/sheet_state.h"

static MgkSheetState *state_of(const MgkOpc *opc)
{
    return mgk_opc_state(opc);
}

MgkSheetPart *mgk_sheet_part_of(const MgkXmlFilter *filter)
{
    return &state_of(mgk_opc_of(filter))->part;
}

gboolean mgk_sheet_scan(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSheetState *state = state_of(opc);
    mgk_sheet_part_clear(&state->part);
    mgk_sheet_part_init(&state->part, &state->book);
    return mgk_opc_read(opc, part, mgk_sheet_scan_hooks, error);
}

void mgk_sheet_part_begin(MgkOpc *opc, MgkOpcPart *part, gboolean emptied)
{
    MgkSheetState *state = state_of(opc);
    mgk_sheet_part_clear(&state->part);
    mgk_sheet_part_init(&state->part, &state->book);
    state->part.emptied = emptied;
    /* what goes wrong here goes wrong again when the part is written, and is told there */
    if (part->rel == MGK_REL_CHART || part->rel == MGK_REL_X_DRAWING)
        mgk_opc_read(opc, part, mgk_sheet_scan_hooks, NULL);
}

void mgk_sheet_from_macros(MgkOpc *opc, MgkOpcPart *sheet)
{
    MgkOpcPart *book = mgk_opc_main(opc);
    mgk_job_find(mgk_opc_job(opc), MGK_KIND_MACRO_SHEET, sheet->name, NULL);
    sheet->rel = MGK_REL_X_WORKSHEET;
    sheet->binary = sheet->binary ? mgk_rel_binary(sheet->rel) : NULL;
    for (guint r = 0; r < sheet->relationships->len; r++)
        ((MgkOpcRelationship *)g_ptr_array_index(sheet->relationships, r))->dropped = TRUE;
    for (guint r = 0; r < book->relationships->len; r++) {
        MgkOpcRelationship *relationship = g_ptr_array_index(book->relationships, r);
        if (relationship->target == sheet)
            relationship->rel = MGK_REL_X_WORKSHEET;
    }
}
