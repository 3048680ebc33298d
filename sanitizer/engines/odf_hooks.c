/* odf_hooks.c - the hooks of OpenDocument and the smaller decisions among them. */
#include "engines/odf_hooks.h"

#include <string.h>

MgkAction mgk_odf_tell(MgkXmlFilter *filter, MgkKind kind, const char *detail)
{
    if (!mgk_odf_pass(filter)->survey)
        return mgk_xml_find(filter, kind, detail);
    return (MgkAction)mgk_xml_job(filter)->policy->actions[kind];
}

const char *mgk_odf_parent(const MgkXmlFilter *filter)
{
    return mgk_xml_open_name(filter, mgk_xml_depth(filter), NULL);
}

/* ---- the document ---- */

static MgkXmlAction on_body(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const char *const bodies[] = {"text", "spreadsheet", "presentation", "drawing", "chart"};
    MgkOdfPass *pass = mgk_odf_pass(filter);
    gboolean top = mgk_xml_depth(filter) == (element->ns == MGK_NS_MATHML ? 0 : 2);
    if (!pass->survey || !top || pass->document->body)
        return MGK_XML_KEEP;
    if (element->ns == MGK_NS_MATHML)
        pass->document->body = "";
    for (guint i = 0; i < G_N_ELEMENTS(bodies) && element->ns == MGK_NS_OFFICE; i++) {
        if (strcmp(element->name, bodies[i]) == 0)
            pass->document->body = bodies[i];
    }
    return MGK_XML_KEEP;
}

/* "1.0" to "1.4"; it decides how strictly programs read the manifest. */
static MgkXmlAction on_version(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    MgkOdfDocument *document = mgk_odf_pass(filter)->document;
    (void)element;
    if (attribute->length != 3 || memcmp(attribute->value, "1.", 2) != 0 || !g_ascii_isdigit(attribute->value[2]))
        return MGK_XML_DROP;
    if (mgk_xml_depth(filter) == 0 && mgk_odf_pass(filter)->scope != 's')
        g_strlcpy(document->version, attribute->value, 4);
    return MGK_XML_KEEP;
}

static MgkXmlAction on_mimetype(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    MgkOdfPass *pass = mgk_odf_pass(filter);
    (void)element;
    g_autofree char *media_type = g_strndup(attribute->value, attribute->length);
    const MgkOdfType *type = mgk_odf_type(media_type);
    if (pass->survey && mgk_xml_depth(filter) == 0)
        pass->document->type = type;
    return type ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* ---- links, clicks ---- */

static MgkXmlAction on_link(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    g_autofree char *value = g_strstrip(g_strndup(attribute->value, attribute->length));
    MgkXmlAction without = strcmp(element->name, "a") == 0 ? MGK_XML_REL_UNWRAP : MGK_XML_REL_ELEMENT;
    gboolean inside = *value == '#' && !g_strstr_len(value, -1, "\\");
    if (inside || !*value)
        return MGK_XML_KEEP;
    g_auto(GStrv) pieces = g_strsplit(value, " ", -1);
    g_autofree char *url = g_strjoinv("%20", pieces);
    if (!mgk_xml_url_is_harmless(url, strlen(url))) {
        mgk_odf_tell(filter, MGK_KIND_LINK_DANGEROUS, value);
        return without;
    }
    if (mgk_odf_tell(filter, MGK_KIND_LINK_EXTERNAL, url) != MGK_ACTION_KEEP)
        return without;
    mgk_xml_set(filter, element, MGK_NS_XLINK, "href", url);
    return MGK_XML_KEEP;
}

/* presentation:event-listener: turning pages and showing shapes stays; programs, objects and sounds go. */
static MgkXmlAction on_event(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const char *const plain[] = {"none", "previous-page", "next-page",         "first-page", "last-page",
                                        "hide", "stop",          "last-visited-page", "fade-out",   NULL};
    g_autofree char *action = mgk_xml_get(element, MGK_NS_PRESENTATION, "action");
    g_autofree char *href = mgk_xml_get(element, MGK_NS_XLINK, "href");
    if (action && g_strv_contains(plain, action)) {
        mgk_xml_unset(element, MGK_NS_XLINK, "href");
        return MGK_XML_KEEP;
    }
    if (g_strcmp0(action, "show") == 0 && href && mgk_xml_url_is_harmless(href, strlen(href)))
        return MGK_XML_KEEP;
    if (g_strcmp0(action, "show") == 0 && href && *href == '#') /* a page whose name has spaces */
        return MGK_XML_KEEP;
    gboolean sound = g_strcmp0(action, "sound") == 0;
    mgk_odf_tell(filter, sound ? MGK_KIND_MEDIA : MGK_KIND_LINK_DANGEROUS, href ? href : action);
    return MGK_XML_DROP;
}

/* ---- tables ---- */

/* A copy of a sheet of another file, which Calc keeps beside formulas that read it. */
static MgkXmlAction on_table(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *name = mgk_xml_get(element, MGK_NS_TABLE, "name");
    if (name && strstr(name, "'#") && *name == '\'') {
        mgk_odf_tell(filter, MGK_KIND_FORMULA_EXTERNAL, NULL);
        return MGK_XML_DROP;
    }
    return mgk_odf_on_shown(filter, element);
}

static MgkXmlAction on_pilot(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    if (mgk_odf_pass(filter)->survey)
        return MGK_XML_KEEP;
    mgk_xml_hold(filter);
    mgk_odf_pass(filter)->pilot = mgk_xml_span(filter);
    return MGK_XML_KEEP;
}

static void on_pilot_end(MgkXmlFilter *filter)
{
    if (!mgk_odf_pass(filter)->pilot)
        return;
    mgk_xml_release(filter);
    mgk_odf_pass(filter)->pilot = 0;
}

/* A pivot table over a database, or over a service of the program: its last values stay in the cells. */
static MgkXmlAction on_pilot_source(MgkXmlFilter *filter, MgkXmlElement *element)
{
    guint span = mgk_odf_pass(filter)->pilot;
    mgk_odf_tell(filter, span ? MGK_KIND_PIVOT_EXTERNAL : MGK_KIND_EXTERNAL_DATA, element->name);
    if (span)
        mgk_xml_span_drop(filter, span);
    return MGK_XML_DROP;
}

/* ---- fields ---- */

static MgkXmlAction on_fixed(MgkXmlFilter *filter, MgkXmlElement *element)
{
    mgk_xml_set(filter, element, MGK_NS_TEXT, "fixed", "true");
    return MGK_XML_KEEP;
}

/* Fields of Word's making: those of forms stay, the others may carry any field instruction. */
static MgkXmlAction on_field_mark(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const char *const kinds[] = {"FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "FORMDATE", "DATE", NULL};
    g_autofree char *type = mgk_xml_get(element, MGK_NS_FIELD, "type");
    const char *kind = type ? strrchr(type, '.') : NULL;
    gboolean stays = kind && g_strv_contains(kinds, kind + 1);
    if (strcmp(element->name, "fieldmark-start") == 0)
        g_array_append_val(mgk_odf_pass(filter)->marks, stays);
    if (!stays)
        mgk_odf_tell(filter, MGK_KIND_FIELD_ACTIVE, type);
    return stays ? MGK_XML_KEEP : MGK_XML_DROP;
}

static MgkXmlAction on_field_mark_end(MgkXmlFilter *filter, MgkXmlElement *element)
{
    GArray *marks = mgk_odf_pass(filter)->marks;
    (void)element;
    if (!marks->len)
        return MGK_XML_DROP;
    gboolean stays = g_array_index(marks, gboolean, marks->len - 1);
    g_array_set_size(marks, marks->len - 1);
    return stays ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* ---- metadata, settings, forms ---- */

static MgkXmlAction on_creator(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const char *parent = mgk_odf_parent(filter);
    if (g_strcmp0(parent, "annotation") == 0 || g_strcmp0(parent, "change-info") == 0)
        return MGK_XML_KEEP;
    mgk_odf_tell(filter, MGK_KIND_METADATA, element->name);
    return MGK_XML_DROP;
}

static MgkXmlAction on_user_defined(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *name = mgk_xml_get(element, MGK_NS_META, "name");
    if (name && g_str_has_prefix(name, "MSIP_Label_"))
        return MGK_XML_KEEP;
    mgk_odf_tell(filter, MGK_KIND_METADATA, NULL);
    return MGK_XML_DROP;
}

static MgkXmlAction on_setting(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkXmlAttribute *name = mgk_xml_attribute(element, MGK_NS_CONFIG, "name");
    gboolean bytes = mgk_xml_is(element, MGK_NS_CONFIG, "type", "base64Binary");
    MgkOdfSetting setting = name ? mgk_odf_setting(name->value, name->length) : MGK_ODF_SETTING_GOES;
    if (setting == MGK_ODF_SETTING_PRINTER)
        mgk_odf_tell(filter, MGK_KIND_PRINTER_SETTINGS, NULL);
    gboolean stays = setting == MGK_ODF_SETTING_LAYERS || (setting == MGK_ODF_SETTING_STAYS && !bytes);
    return stays ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* A service of the program that draws a control: one of those that show and take text, marks and numbers. */
static MgkXmlAction on_control(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    static const char package[] = "com.sun.star.form.component.";
    static const char *const services[] = {
        "Form",          "TextField",    "CheckBox",        "ComboBox",    "ListBox",     "RadioButton",
        "GroupBox",      "FixedText",    "CommandButton",   "DateField",   "TimeField",   "NumericField",
        "CurrencyField", "PatternField", "FormattedField",  "ImageButton", "FileControl", "SpinButton",
        "ScrollBar",     "GridControl",  "RichTextControl", NULL};
    g_autofree char *value = g_strndup(attribute->value, attribute->length);
    const char *colon = strchr(value, ':');
    gboolean ours = colon && mgk_xml_prefix_ns(filter, value, (gsize)(colon - value)) == MGK_NS_OOO &&
                    g_str_has_prefix(colon + 1, package) && g_strv_contains(services, colon + sizeof package);
    if (!ours)
        return MGK_XML_DROP;
    return mgk_odf_on_qname(filter, element, attribute);
}

/* Where a form gets its data and where it sends what was entered; empty ones are written by habit. */
static MgkXmlAction on_form_data(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    g_autofree char *value = g_strndup(attribute->value, attribute->length);
    if (*value)
        mgk_odf_tell(filter, MGK_KIND_EXTERNAL_DATA, value);
    return MGK_XML_DROP;
}

const MgkXmlHook mgk_odf_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_CREATOR] = {.start = on_creator},
    [MGK_XML_HOOK_ODF_BODY] = {.start = on_body},
    [MGK_XML_HOOK_ODF_STYLE] = {.start = mgk_odf_on_style, .end = mgk_odf_on_style_end},
    [MGK_XML_HOOK_ODF_TEXT_PROPERTIES] = {.start = mgk_odf_on_text_properties},
    [MGK_XML_HOOK_ODF_TABLE_PROPERTIES] = {.start = mgk_odf_on_table_properties},
    [MGK_XML_HOOK_ODF_PAGE_PROPERTIES] = {.start = mgk_odf_on_page_properties},
    [MGK_XML_HOOK_ODF_TEXT] = {.start = mgk_odf_on_text},
    [MGK_XML_HOOK_ODF_HIDDEN] = {.start = mgk_odf_on_hidden},
    [MGK_XML_HOOK_ODF_FRAME] = {.start = mgk_odf_on_frame, .end = mgk_odf_on_frame_end},
    [MGK_XML_HOOK_ODF_TEXT_BOX] = {.start = mgk_odf_on_shown},
    [MGK_XML_HOOK_ODF_IMAGE] = {.start = mgk_odf_on_image},
    [MGK_XML_HOOK_ODF_OBJECT] = {.start = mgk_odf_on_object},
    [MGK_XML_HOOK_ODF_FOREIGN] = {.start = mgk_odf_on_foreign},
    [MGK_XML_HOOK_ODF_PICTURE] = {.start = mgk_odf_on_picture},
    [MGK_XML_HOOK_ODF_BINARY] = {.start = mgk_odf_on_binary, .text = mgk_odf_on_binary_text},
    [MGK_XML_HOOK_ODF_EVENT] = {.start = on_event},
    [MGK_XML_HOOK_ODF_TABLE] = {.start = on_table},
    [MGK_XML_HOOK_ODF_PILOT] = {.start = on_pilot, .end = on_pilot_end},
    [MGK_XML_HOOK_ODF_PILOT_SOURCE] = {.start = on_pilot_source},
    [MGK_XML_HOOK_ODF_NAME] = {.start = mgk_odf_on_name},
    [MGK_XML_HOOK_ODF_FIXED] = {.start = on_fixed},
    [MGK_XML_HOOK_ODF_FIELDMARK] = {.start = on_field_mark},
    [MGK_XML_HOOK_ODF_FIELDMARK_END] = {.start = on_field_mark_end},
    [MGK_XML_HOOK_ODF_USER_DEFINED] = {.start = on_user_defined},
    [MGK_XML_HOOK_ODF_SETTING] = {.start = on_setting},
    [MGK_XML_HOOK_ODF_LINK] = {.attribute = on_link},
    [MGK_XML_HOOK_ODF_QNAME] = {.attribute = mgk_odf_on_qname},
    [MGK_XML_HOOK_ODF_VERSION] = {.attribute = on_version},
    [MGK_XML_HOOK_ODF_MIMETYPE] = {.attribute = on_mimetype},
    [MGK_XML_HOOK_ODF_FORMULA] = {.attribute = mgk_odf_on_formula},
    [MGK_XML_HOOK_ODF_EXPRESSION] = {.attribute = mgk_odf_on_expression},
    [MGK_XML_HOOK_ODF_CONDITION] = {.attribute = mgk_odf_on_condition},
    [MGK_XML_HOOK_ODF_TEXT_FORMULA] = {.attribute = mgk_odf_on_text_formula},
    [MGK_XML_HOOK_ODF_RANGE] = {.attribute = mgk_odf_on_range},
    [MGK_XML_HOOK_ODF_CONTROL] = {.attribute = on_control},
    [MGK_XML_HOOK_ODF_FORM_DATA] = {.attribute = on_form_data},
};
