/* sheet_scope.c - elements that may be taken back: a conditional format whose formula is bad goes as a whole, and its
 * container goes when nothing is left in it (an empty <conditionalFormatting/> makes Excel repair the file). */
#include "engines/sheet_internal.h"

MgkSheetScope *mgk_sheet_scope_top(MgkSheetPart *part)
{
    return part->scopes->len ? &g_array_index(part->scopes, MgkSheetScope, part->scopes->len - 1) : NULL;
}

void mgk_sheet_scope_open(MgkXmlFilter *filter, gboolean container)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    MgkSheetScope scope = {.span = mgk_xml_span(filter), .container = container, .needs_child = container};
    g_array_append_val(part->scopes, scope);
}

/* From the innermost scope outwards: a container with one child that stays will stay, too, so its output needs not wait
 * any longer; an item still may meet a bad formula of its own. */
void mgk_sheet_scope_survived(MgkXmlFilter *filter)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    for (guint i = part->scopes->len; i--;) {
        MgkSheetScope *scope = &g_array_index(part->scopes, MgkSheetScope, i);
        scope->has_child = TRUE;
        if (!scope->container || scope->settled)
            return;
        mgk_xml_span_keep(filter, scope->span);
        scope->settled = TRUE;
    }
}

void mgk_sheet_scope_close(MgkXmlFilter *filter)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    MgkSheetScope scope = *mgk_sheet_scope_top(part);
    g_array_set_size(part->scopes, part->scopes->len - 1);
    if (scope.settled)
        return;
    if (scope.bad || (scope.needs_child && !scope.has_child))
        mgk_xml_span_drop(filter, scope.span);
    else
        mgk_sheet_scope_survived(filter);
}
