/* odf_style.c - what is present but not shown: text:display, text too small to read, hidden sheets, slides, sections.
 * In OpenDocument almost everything hides through a style, so pass 1 collects the styles and pass 2 looks where they
 * are used. Automatic styles belong to their member, common ones to the whole document. */
#include "engines/odf_hooks.h"

#include <string.h>

#define TINY_POINTS 1.0

static char *style_key(char scope, const char *family, const char *name)
{
    return g_strdup_printf("%c/%s/%s", scope, family, name);
}

MgkXmlAction mgk_odf_on_style(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOdfPass *pass = mgk_odf_pass(filter);
    if (!pass->survey)
        return MGK_XML_KEEP;
    g_autofree char *name = mgk_xml_get(element, MGK_NS_STYLE, "name");
    g_autofree char *family = mgk_xml_get(element, MGK_NS_STYLE, "family");
    g_autofree char *parent = mgk_xml_get(element, MGK_NS_STYLE, "parent-style-name");
    gboolean automatic = g_strcmp0(mgk_odf_parent(filter), "automatic-styles") == 0;
    g_free(pass->style);
    pass->style = name && family ? style_key(automatic ? pass->scope : 'a', family, name) : NULL;
    if (!pass->style || !parent)
        return MGK_XML_KEEP;
    g_autofree char *inherited = style_key('a', family, parent);
    if (g_hash_table_contains(pass->document->hidden, inherited))
        g_hash_table_add(pass->document->hidden, g_strdup(pass->style));
    return MGK_XML_KEEP;
}

void mgk_odf_on_style_end(MgkXmlFilter *filter)
{
    g_clear_pointer(&mgk_odf_pass(filter)->style, g_free);
}

static gboolean is_tiny(const MgkXmlElement *element)
{
    g_autofree char *size = mgk_xml_get(element, MGK_NS_FO, "font-size");
    char *unit = NULL;
    double points = size ? g_ascii_strtod(size, &unit) : TINY_POINTS + 1;
    return points <= TINY_POINTS && unit && strcmp(unit, "pt") == 0;
}

MgkXmlAction mgk_odf_on_text_properties(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOdfPass *pass = mgk_odf_pass(filter);
    if (!pass->survey || !pass->style)
        return MGK_XML_KEEP;
    if (mgk_xml_is(element, MGK_NS_TEXT, "display", "none") || is_tiny(element))
        g_hash_table_add(pass->document->hidden, g_strdup(pass->style));
    else if (mgk_xml_is(element, MGK_NS_TEXT, "display", "true"))
        g_hash_table_remove(pass->document->hidden, pass->style);
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_odf_on_table_properties(MgkXmlFilter *filter, MgkXmlElement *element)
{
    if (mgk_xml_is(element, MGK_NS_TABLE, "display", "false"))
        mgk_odf_tell(filter, MGK_KIND_HIDDEN_TABLE, NULL);
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_odf_on_page_properties(MgkXmlFilter *filter, MgkXmlElement *element)
{
    if (mgk_xml_is(element, MGK_NS_PRESENTATION, "visibility", "hidden"))
        mgk_odf_tell(filter, MGK_KIND_HIDDEN_SLIDE, NULL);
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_odf_on_text(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    GHashTable *hidden = pass->document->hidden;
    if (!g_hash_table_size(hidden))
        return MGK_XML_KEEP;
    g_autofree char *name = mgk_xml_get(element, MGK_NS_TEXT, "style-name");
    if (!name)
        return MGK_XML_KEEP;
    const char *family = strcmp(element->name, "span") == 0 ? "text" : "paragraph";
    g_autofree char *own = style_key(pass->scope, family, name), *common = style_key('a', family, name);
    if (!g_hash_table_contains(hidden, own) && !g_hash_table_contains(hidden, common))
        return MGK_XML_KEEP;
    return mgk_odf_tell(filter, MGK_KIND_HIDDEN_TEXT, NULL) == MGK_ACTION_REMOVE ? MGK_XML_DROP : MGK_XML_KEEP;
}

/* Sections with a condition, and fields that hide a word or their paragraph. A field that hides its paragraph stays
 * even when hidden text is to go: without it the paragraph would show. */
MgkXmlAction mgk_odf_on_hidden(MgkXmlFilter *filter, MgkXmlElement *element)
{
    gboolean section = strcmp(element->name, "section") == 0;
    if (section && !mgk_xml_is(element, MGK_NS_TEXT, "display", "none") &&
        !mgk_xml_is(element, MGK_NS_TEXT, "display", "condition"))
        return MGK_XML_KEEP;
    gboolean goes = mgk_odf_tell(filter, MGK_KIND_HIDDEN_TEXT, element->name) == MGK_ACTION_REMOVE;
    return goes && strcmp(element->name, "hidden-paragraph") != 0 ? MGK_XML_DROP : MGK_XML_KEEP;
}
