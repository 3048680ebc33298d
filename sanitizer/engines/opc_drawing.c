#include "engines/opc_drawing.h"

#include <string.h>

/* Actions that stay inside the presentation and need no relationship ([MS-PPTX] 2.4, ISO/IEC 29500-1 21.1.2.3.5). */
static gboolean is_jump(const char *action)
{
    static const char jump[] = "ppaction://hlinkshowjump?jump=";
    static const char *const places[] = {"firstslide", "lastslide",       "nextslide",
                                         "endshow",    "lastslideviewed", "previousslide"};
    if (strcmp(action, "ppaction://noaction") == 0)
        return TRUE;
    for (guint i = 0; g_str_has_prefix(action, jump) && i < G_N_ELEMENTS(places); i++) {
        if (strcmp(action + sizeof jump - 1, places[i]) == 0)
            return TRUE;
    }
    static const char show[] = "ppaction://customshow?";
    return g_str_has_prefix(action, show) &&
           strspn(action + sizeof show - 1, "abcdefghijklmnopqrstuvwxyz0123456789=&") ==
               strlen(action + sizeof show - 1);
}

/* What the relationship leads to: NULL when it does not cross. */
static const MgkOpcRelationship *kept_relationship(const MgkXmlFilter *filter, const char *id)
{
    const MgkOpcRelationship *relationship = id && *id ? mgk_opc_relationship(mgk_opc_part_of(filter), id) : NULL;
    return relationship && !relationship->dropped ? relationship : NULL;
}

static MgkXmlAction link_by_relationship(MgkXmlFilter *filter, MgkXmlElement *element, const char *id)
{
    const char *resolved = id && *id ? mgk_xml_resolve(filter, id) : NULL;
    if (!resolved)
        return MGK_XML_DROP;
    mgk_xml_set(filter, element, MGK_NS_R, "id", resolved);
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_drawing_link(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *id = mgk_xml_get(element, MGK_NS_R, "id");
    g_autofree char *action = mgk_xml_get(element, MGK_NS_NONE, "action");
    const MgkOpcRelationship *relationship = kept_relationship(filter, id);
    gboolean slides = mgk_opc_package(mgk_opc_of(filter))->format == MGK_FORMAT_ID_pptx;
    gboolean to_slide = relationship && relationship->rel == MGK_REL_P_SLIDE;
    if (slides && action && is_jump(action)) {
        mgk_xml_set(filter, element, MGK_NS_R, "id", "");
        return MGK_XML_KEEP;
    }
    if (slides && to_slide && g_strcmp0(action, "ppaction://hlinksldjump") == 0)
        return link_by_relationship(filter, element, id);
    if (action && *action && strcmp(action, "ppaction://hlinksldjump") != 0) {
        gboolean media = g_str_has_prefix(action, "ppaction://media");
        mgk_xml_find(filter, media ? MGK_KIND_MEDIA : MGK_KIND_LINK_DANGEROUS, action);
        return MGK_XML_DROP;
    }
    mgk_xml_unset(element, MGK_NS_NONE, "action");
    return relationship && relationship->external ? link_by_relationship(filter, element, id) : MGK_XML_DROP;
}

MgkXmlAction mgk_drawing_diagram(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    const MgkOpcPart *data = mgk_opc_part_of(filter);
    GPtrArray *parts = mgk_opc_parts(mgk_opc_of(filter));
    g_autofree char *id = g_strndup(attribute->value, attribute->length);
    for (guint i = 0; i < parts->len; i++) {
        const MgkOpcPart *part = g_ptr_array_index(parts, i);
        const MgkOpcRelationship *drawing = mgk_opc_relationship(part, id);
        if (!drawing || drawing->dropped || drawing->rel != MGK_REL_DIAGRAM_DRAWING)
            continue;
        for (guint r = 0; r < part->relationships->len; r++) {
            const MgkOpcRelationship *shown = g_ptr_array_index(part->relationships, r);
            if (shown->target != data)
                continue;
            mgk_xml_set(filter, element, MGK_NS_NONE, "relId", drawing->out_id);
            return MGK_XML_KEEP;
        }
    }
    return MGK_XML_DROP;
}

MgkXmlAction mgk_drawing_drop(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter, (void)element;
    return MGK_XML_DROP;
}

MgkXmlAction mgk_drawing_formula(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter, (void)element;
    return MGK_XML_CAPTURE;
}

/* "'[Book1.xlsx]Sheet 1'!$A$1" becomes "'Sheet 1'!$A$1"; what is no list of references becomes nothing. */
MgkXmlAction mgk_drawing_formula_text(MgkXmlFilter *filter, GString *text)
{
    (void)filter;
    const char *close = strrchr(text->str, ']');
    const char *open = close ? strchr(text->str, '[') : NULL;
    if (open && open < close)
        g_string_erase(text, open - text->str, close - open + 1);
    const char *name = strchr(text->str, '\'');
    const char *rest = name ? strrchr(text->str, '\'') : text->str;
    if (strpbrk(text->str, "[]\\|\"/") || strpbrk(rest, "&<>=*+^"))
        g_string_truncate(text, 0);
    for (const char *paren = strchr(rest, '('); paren && text->len; paren = strchr(paren + 1, '(')) {
        if (paren > text->str && (g_ascii_isalnum(paren[-1]) || paren[-1] == '.'))
            g_string_truncate(text, 0); /* a function, not a union of areas */
    }
    return MGK_XML_KEEP;
}
