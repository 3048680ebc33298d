/* sheet_ghost.c - what is seen in place of objects and controls that went.
 *
 * Excel 2010 and later describe each embedded object, form control and ActiveX control twice: as a VML shape, and as a
 * hidden DrawingML shape with the same place and often the same text, tied together by a14:compatExt/@spid
 * ([MS-ODRAWXML] 2.3.1.2). The VML shape goes with the object; the hidden twin is shown in its stead: with its text, a
 * mark for the state of check boxes and option buttons, or a line that says what stood there. */
#include "engines/sheet_internal.h"

#include <string.h>

#define NOTE_TAIL "：安全のため取り除きました"

/* ---- first pass: legacy drawings ---- */

MgkXmlAction mgk_sheet_ghost_scan_shape(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    g_free(part->shape_id);
    part->shape_id = mgk_xml_get(element, MGK_NS_O, "spid");
    if (!part->shape_id)
        part->shape_id = mgk_xml_get(element, MGK_NS_NONE, "id");
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_scan_data(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (!part->shape_id || mgk_xml_is(element, MGK_NS_NONE, "ObjectType", "Note"))
        return MGK_XML_KEEP;
    part->option = mgk_xml_is(element, MGK_NS_NONE, "ObjectType", "Radio");
    const char *mark = part->option ? "○ " : mgk_xml_is(element, MGK_NS_NONE, "ObjectType", "Checkbox") ? "☐ " : "";
    g_hash_table_replace(part->book->ghosts, g_strdup(part->shape_id), (gpointer)(guintptr)mark);
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_scan_capture(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter, (void)element;
    return MGK_XML_CAPTURE;
}

MgkXmlAction mgk_sheet_ghost_scan_checked(MgkXmlFilter *filter, GString *text)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (part->shape_id && text->str[0] == '1')
        g_hash_table_replace(part->book->ghosts, g_strdup(part->shape_id),
                             (gpointer)(guintptr)(part->option ? "◉ " : "☑ "));
    return MGK_XML_KEEP;
}

/* ---- first pass: drawings ---- */

MgkXmlAction mgk_sheet_ghost_scan_name(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    g_free(part->shape_id);
    part->shape_id = mgk_xml_get(element, MGK_NS_NONE, "id");
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_scan_legacy(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    g_autofree char *legacy = mgk_xml_get(element, MGK_NS_NONE, "spid");
    const char *mark = legacy ? g_hash_table_lookup(part->book->ghosts, legacy) : NULL;
    if (mark && part->shape_id)
        g_hash_table_replace(part->ghosts, g_strdup(part->shape_id), (gpointer)(guintptr)mark);
    return MGK_XML_KEEP;
}

/* ---- second pass ---- */

MgkXmlAction mgk_sheet_ghost_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    (void)element;
    part->mark = NULL;
    part->has_body = FALSE;
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_name(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    g_autofree char *id = mgk_xml_get(element, MGK_NS_NONE, "id");
    part->mark = id ? g_hash_table_lookup(part->ghosts, id) : NULL;
    if (!part->mark)
        return MGK_XML_KEEP;
    mgk_xml_unset(element, MGK_NS_NONE, "hidden");
    g_free(part->shape_id);
    part->shape_id = mgk_xml_get(element, MGK_NS_NONE, "name");
    return MGK_XML_KEEP;
}

/* Without its VML twin Excel would look for, the shape is an ordinary one. */
MgkXmlAction mgk_sheet_ghost_legacy(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    return mgk_sheet_part_of(filter)->mark ? MGK_XML_DROP : MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_body(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    mgk_sheet_part_of(filter)->has_body = TRUE;
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_text_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkSheetPart *part = mgk_sheet_part_of(filter);
    (void)element;
    return part->mark && *part->mark ? MGK_XML_CAPTURE : MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_ghost_text(MgkXmlFilter *filter, GString *text)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    g_string_prepend(text, part->mark);
    part->mark = ""; /* once a shape */
    return MGK_XML_KEEP;
}

void mgk_sheet_ghost_end(MgkXmlFilter *filter)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (!part->mark || part->has_body)
        return;
    g_autofree char *text =
        g_strconcat(part->mark, part->shape_id ? part->shape_id : "", *part->mark ? "" : NOTE_TAIL, NULL);
    mgk_xml_put_start(filter, MGK_NS_XDR, "txBody", NULL, 0);
    mgk_xml_put_start(filter, MGK_NS_A, "bodyPr", NULL, 0);
    mgk_xml_put_end(filter);
    mgk_xml_put_start(filter, MGK_NS_A, "p", NULL, 0);
    mgk_xml_put_start(filter, MGK_NS_A, "r", NULL, 0);
    mgk_xml_put_start(filter, MGK_NS_A, "t", NULL, 0);
    mgk_xml_put_text(filter, text, strlen(text));
    for (guint i = 0; i < 4; i++)
        mgk_xml_put_end(filter);
}
