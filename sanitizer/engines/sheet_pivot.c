/* sheet_pivot.c - pivot caches: data from outside (a connection, another workbook) becomes a cache whose source is
 * gone. Excel shows and re-arranges such a table from its stored records; only refreshing fails, with a plain message.
 */
#include "engines/sheet_internal.h"

/* A name that no workbook defines; a sheet's name could exist here and would silently feed other data. */
#define GONE "source_removed"

MgkXmlAction mgk_sheet_pivot_source_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    part->pivot_external = mgk_xml_is(element, MGK_NS_NONE, "type", "external");
    if (part->pivot_external) {
        mgk_xml_find(filter, MGK_KIND_PIVOT_EXTERNAL, NULL);
        mgk_xml_set(filter, element, MGK_NS_NONE, "type", "worksheet");
    }
    return MGK_XML_KEEP;
}

void mgk_sheet_pivot_source_end(MgkXmlFilter *filter)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (!part->pivot_external)
        return;
    part->pivot_external = FALSE;
    static const MgkXmlAttribute name = {.ns = MGK_NS_NONE, .name = "name", .value = GONE, .length = sizeof GONE - 1};
    mgk_xml_put_start(filter, MGK_NS_X, "worksheetSource", &name, 1);
    mgk_xml_put_end(filter);
}

/* r:id of a source: it lies in another workbook. Comes before start(). */
MgkXmlAction mgk_sheet_pivot_range_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element, (void)attribute;
    mgk_xml_find(filter, MGK_KIND_PIVOT_EXTERNAL, NULL);
    mgk_xml_unset(element, MGK_NS_NONE, "ref");
    mgk_xml_unset(element, MGK_NS_NONE, "sheet");
    mgk_xml_set(filter, element, MGK_NS_NONE, "name", GONE);
    return MGK_XML_DROP;
}

MgkXmlAction mgk_sheet_pivot_range_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    return mgk_sheet_part_of(filter)->pivot_external ? MGK_XML_DROP : MGK_XML_KEEP;
}

/* Calculated fields and items know functions and fields only. */
MgkXmlAction mgk_sheet_pivot_formula(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    if (!mgk_sheet_judge(filter, attribute->value, attribute->length))
        mgk_xml_set(filter, element, MGK_NS_NONE, "formula", "0");
    return MGK_XML_KEEP;
}
