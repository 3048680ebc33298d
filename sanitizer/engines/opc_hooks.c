/* opc_hooks.c - hooks that docx, xlsx and pptx share. */
#include "engines/opc_drawing.h"
#include "engines/opc_internal.h"

#include <string.h>

/* href of a VML shape: a web link or a place in the document. */
static MgkXmlAction on_vml_link(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    g_autofree char *url = g_strndup(attribute->value, attribute->length);
    if (!mgk_xml_url_is_harmless(attribute->value, attribute->length)) {
        mgk_xml_find(filter, MGK_KIND_LINK_DANGEROUS, url);
        return MGK_XML_DROP;
    }
    if (*url == '#' || !*url)
        return MGK_XML_KEEP;
    return mgk_xml_find(filter, MGK_KIND_LINK_EXTERNAL, url) == MGK_ACTION_KEEP ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* A style sheet may fetch or run: url(), expression(), behavior; with backslashes the words may be spelt otherwise. */
static MgkXmlAction on_vml_style(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    static const char *const words[] = {"url(", "expression", "behavior", "import", "\\", "/*"};
    (void)element;
    g_autofree char *style = g_ascii_strdown(attribute->value, (gssize)attribute->length);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strstr(style, words[i])) {
            mgk_xml_find(filter, MGK_KIND_EXTERNAL_CONTENT, attribute->name);
            return MGK_XML_DROP;
        }
    }
    return MGK_XML_KEEP;
}

/* The value names a type by prefix, and prefixes are ours now. */
static MgkXmlAction on_core_date(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    static const char type[] = "dcterms:W3CDTF";
    (void)filter, (void)element;
    attribute->value = type;
    attribute->length = sizeof type - 1;
    return MGK_XML_KEEP;
}

/* r:link of a blip pointed outside; pass 1 made it a gray box of ours, which is embedded like any picture. */
static MgkXmlAction on_linked_image(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    if (mgk_xml_attribute(element, MGK_NS_R, "embed"))
        return MGK_XML_DROP;
    g_autofree char *id = g_strndup(attribute->value, attribute->length);
    const char *resolved = mgk_xml_resolve(filter, id);
    if (!resolved)
        return MGK_XML_DROP;
    attribute->name = "embed";
    mgk_xml_set(filter, element, MGK_NS_R, "embed", resolved);
    return MGK_XML_KEEP;
}

/* The drawing that a picture stands in for: newer programs show it, so it goes when all that is left is a gray box. */
static MgkXmlAction on_svg_blip(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    g_autofree char *id = g_strndup(attribute->value, attribute->length);
    const MgkOpcRelationship *relationship = mgk_opc_relationship(mgk_opc_part_of(filter), id);
    const char *resolved = mgk_xml_resolve(filter, id);
    if (!resolved || !relationship || !relationship->target || relationship->target->placeholder ||
        mgk_rel_info(relationship->rel)->action != MGK_OPC_IMAGE)
        return MGK_XML_REL_ELEMENT;
    mgk_xml_set(filter, element, MGK_NS_R, "embed", resolved);
    return MGK_XML_KEEP;
}

static MgkXmlAction on_custom_property(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkXmlAttribute *name = mgk_xml_attribute(element, MGK_NS_NONE, "name");
    static const char label[] = "MSIP_Label_";
    if (name && name->length >= sizeof label - 1 && memcmp(name->value, label, sizeof label - 1) == 0)
        return MGK_XML_KEEP;
    mgk_xml_find(filter, MGK_KIND_METADATA, NULL);
    return MGK_XML_DROP;
}

static MgkXmlAction on_creator(MgkXmlFilter *filter, MgkXmlElement *element)
{
    mgk_xml_find(filter, MGK_KIND_METADATA, element->name);
    return MGK_XML_DROP;
}

const MgkXmlHook mgk_opc_shared_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_VML_LINK] = {.attribute = on_vml_link},
    [MGK_XML_HOOK_VML_STYLE] = {.attribute = on_vml_style},
    [MGK_XML_HOOK_CORE_DATE] = {.attribute = on_core_date},
    [MGK_XML_HOOK_LINKED_IMAGE] = {.attribute = on_linked_image},
    [MGK_XML_HOOK_SVG_BLIP] = {.attribute = on_svg_blip},
    [MGK_XML_HOOK_CUSTOM_PROPERTY] = {.start = on_custom_property},
    [MGK_XML_HOOK_CREATOR] = {.start = on_creator},
    [MGK_XML_HOOK_DRAWING_LINK] = {.start = mgk_drawing_link},
    [MGK_XML_HOOK_DIAGRAM_DRAWING] = {.attribute = mgk_drawing_diagram},
    [MGK_XML_HOOK_XLSX_CHART_FORMULA] = {.start = mgk_drawing_formula, .text = mgk_drawing_formula_text},
    [MGK_XML_HOOK_XLSX_ITEM_FORMULA] = {.text = mgk_drawing_formula_text},
    [MGK_XML_HOOK_PPTX_OBJECT] = {.start = mgk_drawing_drop},
    [MGK_XML_HOOK_PPTX_CONTROLS] = {.start = mgk_drawing_drop},
    [MGK_XML_HOOK_PPTX_CONTROL] = {.start = mgk_drawing_drop},
};
