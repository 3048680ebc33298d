/* odf_formula.c - formulas, conditions and cell references: in cells, names, validations, conditional formats, charts,
 * fields. A formula that reaches out goes, its last value stays in the cell. A value's prefix is looked up by the
 * namespace it has in the source and written as ours. */
#include "engines/formula.h"
#include "engines/odf_hooks.h"

#include <string.h>

#define PREFIX_MAX 32

/* Bytes of "of:" in front of a value, with the colon; 0 when there is no prefix. */
static gsize prefix_length(const char *value, gsize length)
{
    gsize n = 0;
    while (n < length && n < PREFIX_MAX && (g_ascii_isalnum(value[n]) || value[n] == '_' || value[n] == '-'))
        n++;
    return n && n < length && value[n] == ':' ? n + 1 : 0;
}

/* Writes our prefix where the source has its own. value stays valid while the element is being judged. */
static void rename_prefix(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute, gsize prefix,
                          MgkNs ns)
{
    const char *ours = mgk_ns_info(ns)->prefix;
    if (strlen(ours) + 1 == prefix && memcmp(ours, attribute->value, prefix - 1) == 0)
        return;
    g_autofree char *value =
        g_strdup_printf("%s:%.*s", ours, (int)MIN(attribute->length - prefix, G_MAXINT), attribute->value + prefix);
    mgk_xml_set(filter, element, attribute->ns, attribute->name, value);
}

static void tell_flags(MgkXmlFilter *filter, const MgkFormula *formula)
{
    MgkOdfPass *pass = mgk_odf_pass(filter);
    if (formula->flags & (MGK_FORMULA_CODE | MGK_FORMULA_FETCH))
        mgk_odf_tell(filter, MGK_KIND_FORMULA_DANGEROUS, formula->name);
    else if (formula->flags & MGK_FORMULA_LINK)
        mgk_odf_tell(filter, MGK_KIND_FORMULA_LINK, NULL);
    else if (formula->flags & (MGK_FORMULA_UNKNOWN | MGK_FORMULA_MALFORMED) && !(formula->flags & MGK_FORMULA_EXTERNAL))
        mgk_odf_tell(filter, MGK_KIND_FORMULA_UNKNOWN, formula->name);
    if (formula->flags & MGK_FORMULA_EXTERNAL && !pass->told_external) {
        mgk_odf_tell(filter, MGK_KIND_FORMULA_EXTERNAL, NULL);
        pass->told_external = TRUE;
    }
}

/* The text of a formula in Writer ("ooow:A+B", a condition of a field) computes with fields and cells of its document.
 */
static gboolean text_formula_is_plain(const char *value, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if ((guint8)value[i] < 0x20 || value[i] == '\\')
            return FALSE;
    }
    return !g_strstr_len(value, (gssize)length, "://");
}

typedef struct Judged {
    gsize prefix; /* bytes */
    MgkNs ns;     /* of the prefix; NONE without one */
    MgkFormula formula;
} Judged;

/* TRUE when the formula may stay. */
static gboolean judge(const MgkXmlFilter *filter, const char *value, gsize length, GHashTable *lost, Judged *judged)
{
    *judged = (Judged){.prefix = prefix_length(value, length), .ns = MGK_NS_NONE};
    MgkFormulaNames names = {.lost = lost};
    if (judged->prefix)
        judged->ns = mgk_xml_prefix_ns(filter, value, judged->prefix - 1);
    const char *text = value + judged->prefix;
    gsize size = length - judged->prefix;
    switch ((int)judged->ns) {
    case MGK_NS_OOOW:
        if (!text_formula_is_plain(text, size))
            judged->formula.flags = MGK_FORMULA_EXTERNAL;
        break;
    case MGK_NS_MSOXL:
        mgk_formula_read(text, size, &names, &judged->formula);
        break;
    case MGK_NS_NONE:
    case MGK_NS_OF:
    case MGK_NS_OOOC:
        mgk_formula_read_as(MGK_FORMULA_OPEN, text, size, &names, &judged->formula);
        break;
    default: /* a language nobody knows */
        judged->formula.flags = MGK_FORMULA_UNKNOWN;
    }
    return !judged->formula.flags;
}

MgkXmlAction mgk_odf_on_formula(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    Judged judged;
    if (pass->survey)
        return MGK_XML_KEEP;
    if (judge(filter, attribute->value, attribute->length, pass->document->lost, &judged)) {
        if (judged.prefix)
            rename_prefix(filter, element, attribute, judged.prefix, judged.ns);
        return MGK_XML_KEEP;
    }
    tell_flags(filter, &judged.formula);
    mgk_xml_unset(element, MGK_NS_TABLE, "number-matrix-columns-spanned");
    mgk_xml_unset(element, MGK_NS_TABLE, "number-matrix-rows-spanned");
    return MGK_XML_DROP;
}

/* table:named-expression: pass 1 finds out which do not cross, so that formulas that use them become values. */
MgkXmlAction mgk_odf_on_name(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    g_autofree char *name = mgk_xml_get(element, MGK_NS_TABLE, "name");
    MgkXmlAttribute *expression = mgk_xml_attribute(element, MGK_NS_TABLE, "expression");
    Judged judged;
    if (!name || !expression)
        return MGK_XML_DROP;
    if (judge(filter, expression->value, expression->length, NULL, &judged)) {
        if (judged.prefix)
            rename_prefix(filter, element, expression, judged.prefix, judged.ns);
        return MGK_XML_KEEP;
    }
    if (pass->survey)
        g_hash_table_add(pass->document->lost, mgk_formula_name_key(name, -1));
    tell_flags(filter, &judged.formula);
    return MGK_XML_DROP;
}

MgkXmlAction mgk_odf_on_expression(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)filter, (void)attribute;
    return strcmp(element->name, "named-expression") == 0 ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* A format, or a validation, whose condition reaches out: the format goes, the validation loses its condition. */
MgkXmlAction mgk_odf_on_condition(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    Judged judged;
    if (pass->survey)
        return MGK_XML_KEEP;
    if (judge(filter, attribute->value, attribute->length, pass->document->lost, &judged)) {
        if (judged.prefix)
            rename_prefix(filter, element, attribute, judged.prefix, judged.ns);
        return MGK_XML_KEEP;
    }
    tell_flags(filter, &judged.formula);
    return attribute->ns == MGK_NS_TABLE ? MGK_XML_DROP : MGK_XML_REL_ELEMENT;
}

MgkXmlAction mgk_odf_on_text_formula(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    gsize prefix = prefix_length(attribute->value, attribute->length);
    MgkNs ns = prefix ? mgk_xml_prefix_ns(filter, attribute->value, prefix - 1) : MGK_NS_NONE;
    gboolean known = !prefix || ns == MGK_NS_OOOW || ns == MGK_NS_OF || ns == MGK_NS_OOOC;
    if (!known || !text_formula_is_plain(attribute->value, attribute->length)) {
        mgk_odf_tell(filter, MGK_KIND_FORMULA_UNKNOWN, attribute->name);
        return MGK_XML_DROP;
    }
    if (prefix)
        rename_prefix(filter, element, attribute, prefix, ns);
    return MGK_XML_KEEP;
}

/* Addresses of cells in this document: "Sheet1.A1:Sheet1.B2 'My Sheet'.C3"; with another file in front they are gone.
 */
MgkXmlAction mgk_odf_on_range(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    const char *value = attribute->value;
    gssize length = (gssize)attribute->length;
    if (!g_strstr_len(value, length, "'#") && !g_strstr_len(value, length, "://") &&
        !memchr(value, '\\', attribute->length))
        return MGK_XML_KEEP;
    mgk_odf_tell(filter, MGK_KIND_FORMULA_EXTERNAL, NULL);
    return MGK_XML_DROP;
}

/* chart:class="chart:bar", script:event-name="dom:click", config:name="ooo:view-settings" */
MgkXmlAction mgk_odf_on_qname(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    gsize prefix = prefix_length(attribute->value, attribute->length);
    if (element->ns == MGK_NS_CONFIG && strcmp(element->name, "config-item-set") != 0)
        return MGK_XML_KEEP; /* names of settings and of sheets */
    if (!prefix)
        return MGK_XML_KEEP;
    MgkNs ns = mgk_xml_prefix_ns(filter, attribute->value, prefix - 1);
    if (ns != MGK_NS_CHART && ns != MGK_NS_DOM && ns != MGK_NS_OOO)
        return MGK_XML_DROP;
    rename_prefix(filter, element, attribute, prefix, ns);
    return MGK_XML_KEEP;
}
