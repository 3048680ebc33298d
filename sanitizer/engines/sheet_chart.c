/* sheet_chart.c - series of charts: c:f says where the data come from, the cache beside it what they were (ISO/IEC
 * 29500-1 21.2.2). A reference that cannot stay becomes a literal with the cached data, as Excel's "break links" does:
 * numRef → numLit, strRef → strLit, the name of a series → v, a title → rich text. The reference's tag comes before its
 * formula, so the first pass decides and the second writes. */
#include "engines/sheet_internal.h"

#include <string.h>

/* ---- first pass ---- */

MgkXmlAction mgk_sheet_chart_scan_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const guint8 without_formula = 1;
    (void)element;
    g_byte_array_append(mgk_sheet_part_of(filter)->chart_refs, &without_formula, 1);
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_chart_scan_formula(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter, (void)element;
    return MGK_XML_CAPTURE;
}

MgkXmlAction mgk_sheet_chart_scan_text(MgkXmlFilter *filter, GString *text)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (part->chart_refs->len && text->len)
        part->chart_refs->data[part->chart_refs->len - 1] = !mgk_sheet_judge(filter, text->str, text->len);
    return MGK_XML_KEEP;
}

/* ---- second pass ---- */

static MgkChartMode literal_mode(const MgkXmlFilter *filter)
{
    guint depth = mgk_xml_depth(filter);
    const char *parent = mgk_xml_open_name(filter, depth, NULL);
    if (!parent || strcmp(parent, "tx") != 0)
        return MGK_CHART_LITERAL;
    const char *owner = depth > 1 ? mgk_xml_open_name(filter, depth - 1, NULL) : NULL;
    return owner && strcmp(owner, "ser") == 0 ? MGK_CHART_VALUE : MGK_CHART_RICH;
}

MgkXmlAction mgk_sheet_chart_ref_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    guint index = part->chart_ref++;
    part->chart = MGK_CHART_KEEP;
    part->chart_points = part->chart_levels = 0;
    g_string_truncate(part->chart_text, 0);
    if (index < part->chart_refs->len && !part->chart_refs->data[index])
        return MGK_XML_KEEP;
    part->chart = literal_mode(filter);
    if (part->chart != MGK_CHART_LITERAL)
        return MGK_XML_UNWRAP;
    element->name = strcmp(element->name, "numRef") == 0 ? "numLit" : "strLit";
    return MGK_XML_KEEP;
}

static void put(MgkXmlFilter *filter, MgkNs ns, const char *name)
{
    mgk_xml_put_start(filter, ns, name, NULL, 0);
}

void mgk_sheet_chart_ref_end(MgkXmlFilter *filter)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (part->chart == MGK_CHART_VALUE) {
        put(filter, MGK_NS_C, "v");
        mgk_xml_put_text(filter, part->chart_text->str, part->chart_text->len);
        mgk_xml_put_end(filter);
    } else if (part->chart == MGK_CHART_RICH) {
        put(filter, MGK_NS_C, "rich");
        put(filter, MGK_NS_A, "bodyPr");
        mgk_xml_put_end(filter);
        put(filter, MGK_NS_A, "p");
        put(filter, MGK_NS_A, "r");
        put(filter, MGK_NS_A, "t");
        mgk_xml_put_text(filter, part->chart_text->str, part->chart_text->len);
        for (guint i = 0; i < 4; i++)
            mgk_xml_put_end(filter);
    }
    part->chart = MGK_CHART_KEEP;
}

MgkXmlAction mgk_sheet_chart_formula_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    return mgk_sheet_part_of(filter)->chart == MGK_CHART_KEEP ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* The cache and what is in it: tags go where the literal has none, of several levels the first stays. */
MgkXmlAction mgk_sheet_chart_cache_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    gboolean is_point = strcmp(element->name, "pt") == 0;
    if (part->chart == MGK_CHART_KEEP)
        return MGK_XML_KEEP;
    if (strcmp(element->name, "extLst") == 0)
        return MGK_XML_DROP;
    if (strcmp(element->name, "lvl") == 0)
        return part->chart_levels++ ? MGK_XML_DROP : MGK_XML_UNWRAP;
    if (strcmp(element->name, "ptCount") == 0 || strcmp(element->name, "formatCode") == 0 || is_point) {
        if (part->chart == MGK_CHART_LITERAL)
            return MGK_XML_KEEP;
        return is_point && !part->chart_points++ ? MGK_XML_UNWRAP : MGK_XML_DROP;
    }
    return MGK_XML_UNWRAP; /* numCache, strCache, multiLvlStrCache */
}

MgkXmlAction mgk_sheet_chart_value_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkSheetPart *part = mgk_sheet_part_of(filter);
    (void)element;
    return part->chart == MGK_CHART_VALUE || part->chart == MGK_CHART_RICH ? MGK_XML_CAPTURE : MGK_XML_KEEP;
}

MgkXmlAction mgk_sheet_chart_value_text(MgkXmlFilter *filter, GString *text)
{
    g_string_append_len(mgk_sheet_part_of(filter)->chart_text, text->str, (gssize)text->len);
    return MGK_XML_DROP;
}
