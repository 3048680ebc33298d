/* sheet_cells.c - formulas of cells, rules, validations, tables, shapes; hyperlinks; extensions; and the two tables
 * that tie rules/spreadsheetml.def to code. */
#include "engines/sheet_internal.h"

#include <string.h>

#define SHARED_MAX (1u << 24) /* shared formula indices beyond this become values; 2 MiB of bits */

void mgk_sheet_part_init(MgkSheetPart *part, MgkSheetBook *book)
{
    *part = (MgkSheetPart){.book = book,
                           .scopes = g_array_new(FALSE, FALSE, sizeof(MgkSheetScope)),
                           .shared = g_byte_array_new(),
                           .chart_refs = g_byte_array_new(),
                           .ghosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                           .chart_text = g_string_new(NULL)};
}

void mgk_sheet_part_clear(MgkSheetPart *part)
{
    g_clear_pointer(&part->scopes, g_array_unref);
    g_clear_pointer(&part->shared, g_byte_array_unref);
    g_clear_pointer(&part->chart_refs, g_byte_array_unref);
    g_clear_pointer(&part->ghosts, g_hash_table_unref);
    g_clear_pointer(&part->shape_id, g_free);
    if (part->chart_text)
        g_string_free(g_steal_pointer(&part->chart_text), TRUE);
}

/* ---- one formula ---- */

gboolean mgk_sheet_judge(MgkXmlFilter *filter, const char *text, gsize size)
{
    MgkSheetBook *book = mgk_sheet_part_of(filter)->book;
    MgkFormula formula;
    guint flags = mgk_formula_read(text, size, &book->set, &formula);
    if (G_LIKELY(!flags))
        return TRUE;
    if (flags & (MGK_FORMULA_CODE | MGK_FORMULA_FETCH))
        mgk_xml_find(filter, MGK_KIND_FORMULA_DANGEROUS, formula.name);
    else if (flags & MGK_FORMULA_LINK)
        mgk_xml_find(filter, MGK_KIND_FORMULA_LINK, NULL);
    else if (flags & (MGK_FORMULA_UNKNOWN | MGK_FORMULA_MALFORMED) && !(flags & MGK_FORMULA_EXTERNAL))
        mgk_xml_find(filter, MGK_KIND_FORMULA_UNKNOWN, formula.name);
    if (flags & MGK_FORMULA_EXTERNAL && !book->told_external) {
        mgk_job_find(book->job, MGK_KIND_FORMULA_EXTERNAL, NULL, NULL);
        book->told_external = TRUE;
    }
    return FALSE;
}

/* ---- cells ---- */

static gboolean shared_stays(const MgkSheetPart *part, guint32 index)
{
    return index / 8 < part->shared->len && part->shared->data[index / 8] >> (index % 8) & 1;
}

static void set_shared(MgkSheetPart *part, guint32 index, gboolean stays)
{
    gsize length = part->shared->len, needed = (gsize)index / 8 + 1;
    if (needed > length) {
        g_byte_array_set_size(part->shared, (guint)MAX(needed, MIN(length * 2, SHARED_MAX / 8)));
        memset(part->shared->data + length, 0, part->shared->len - length);
    }
    guint8 bit = (guint8)(1u << (index % 8));
    part->shared->data[index / 8] = (guint8)((part->shared->data[index / 8] & ~bit) | (stays ? bit : 0));
}

static gboolean read_index(const MgkXmlAttribute *attribute, guint32 *ret_index)
{
    guint64 untrusted_index = 0;
    if (!attribute || !attribute->length || attribute->length > 10)
        return FALSE;
    for (gsize i = 0; i < attribute->length; i++) {
        if (!g_ascii_isdigit(attribute->value[i]))
            return FALSE;
        untrusted_index = untrusted_index * 10 + (guint64)(attribute->value[i] - '0');
    }
    *ret_index = (guint32)MIN(untrusted_index, SHARED_MAX);
    return untrusted_index < SHARED_MAX;
}

static MgkXmlAction cell_formula_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    part->cell = MGK_CELL_NORMAL;
    const MgkXmlAttribute *type = mgk_xml_attribute(element, MGK_NS_NONE, "t");
    if (!type)
        return MGK_XML_CAPTURE;
    if (mgk_xml_is(element, MGK_NS_NONE, "t", "shared")) {
        part->cell = MGK_CELL_SHARED;
        return read_index(mgk_xml_attribute(element, MGK_NS_NONE, "si"), &part->shared_index) ? MGK_XML_CAPTURE
                                                                                              : MGK_XML_DROP;
    }
    if (mgk_xml_is(element, MGK_NS_NONE, "t", "dataTable"))
        part->cell = MGK_CELL_TABLE;
    else if (mgk_xml_is(element, MGK_NS_NONE, "t", "array"))
        part->cell = MGK_CELL_ARRAY;
    else if (!mgk_xml_is(element, MGK_NS_NONE, "t", "normal"))
        return MGK_XML_DROP;
    return MGK_XML_CAPTURE;
}

/* A cell without its formula is a plain value: v follows and stays. Followers of a shared formula hold no text of their
 * own and go with their master. */
static MgkXmlAction cell_formula_text(MgkXmlFilter *filter, GString *text)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    if (part->cell == MGK_CELL_SHARED && !text->len)
        return shared_stays(part, part->shared_index) ? MGK_XML_KEEP : MGK_XML_DROP;
    if (!text->len)
        return part->cell == MGK_CELL_TABLE ? MGK_XML_KEEP : MGK_XML_DROP;
    gboolean stays = mgk_sheet_judge(filter, text->str, text->len);
    if (part->cell == MGK_CELL_SHARED)
        set_shared(part, part->shared_index, stays);
    return stays ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* r1 and r2 of a data table, sqref …: references only, so the same reader serves. */
static MgkXmlAction reference_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    return mgk_sheet_judge(filter, attribute->value, attribute->length) ? MGK_XML_KEEP : MGK_XML_REL_ELEMENT;
}

static MgkXmlAction cell_metadata(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element, (void)attribute;
    return mgk_sheet_part_of(filter)->book->dynamic_arrays ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* ---- rules, validations, sparklines ---- */

static MgkXmlAction container_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    mgk_sheet_scope_open(filter, TRUE);
    return MGK_XML_KEEP;
}

static MgkXmlAction item_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    mgk_sheet_scope_open(filter, FALSE);
    mgk_sheet_scope_top(mgk_sheet_part_of(filter))->needs_child = strcmp(element->name, "sparklineGroup") == 0;
    return MGK_XML_KEEP;
}

static void spoil(MgkXmlFilter *filter)
{
    MgkSheetScope *scope = mgk_sheet_scope_top(mgk_sheet_part_of(filter));
    if (scope)
        scope->bad = TRUE;
}

static MgkXmlAction item_formula_text(MgkXmlFilter *filter, GString *text)
{
    if (mgk_sheet_judge(filter, text->str, text->len))
        return MGK_XML_KEEP;
    spoil(filter);
    return MGK_XML_DROP;
}

/* Where an extension applies: cells of this sheet only. */
static MgkXmlAction place_text(MgkXmlFilter *filter, GString *text)
{
    if (!mgk_sheet_judge(filter, text->str, text->len))
        g_string_assign(text, "A1");
    return MGK_XML_KEEP;
}

static MgkXmlAction item_formula_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    if (mgk_sheet_judge(filter, attribute->value, attribute->length))
        return MGK_XML_KEEP;
    spoil(filter);
    return MGK_XML_DROP;
}

/* ---- tables ---- */

static MgkXmlAction column_formula_text(MgkXmlFilter *filter, GString *text)
{
    return mgk_sheet_judge(filter, text->str, text->len) ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* totalsRowFunction="custom" demands a formula; the cell below keeps its value. */
static MgkXmlAction total_formula_text(MgkXmlFilter *filter, GString *text)
{
    if (!mgk_sheet_judge(filter, text->str, text->len))
        g_string_assign(text, "#REF!");
    return MGK_XML_KEEP;
}

/* ---- hyperlinks ---- */

static gboolean location_is_safe(const MgkXmlAttribute *location)
{
    MgkFormula formula;
    if (memchr(location->value, '\\', location->length) || memchr(location->value, '|', location->length))
        return FALSE;
    mgk_formula_read(location->value, location->length, NULL, &formula);
    return !(formula.flags & (MGK_FORMULA_EXTERNAL | MGK_FORMULA_CODE | MGK_FORMULA_FETCH));
}

/* Attribute rules ran: an r:id that is still there leads to an approved address. */
static MgkXmlAction hyperlink_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkXmlAttribute *location = mgk_xml_attribute(element, MGK_NS_NONE, "location");
    gboolean outside = mgk_xml_attribute(element, MGK_NS_R, "id") != NULL;
    if (!outside && location && !location_is_safe(location)) {
        mgk_xml_find(filter, MGK_KIND_LINK_DANGEROUS, NULL);
        return MGK_XML_DROP;
    }
    mgk_sheet_scope_survived(filter);
    return MGK_XML_KEEP;
}

/* ---- extensions: [MS-XLSX] 2.2.4; what is inside has rules of its own ---- */

static gboolean extension_is_known(const MgkXmlElement *element)
{
    static const char *const uris[] = {
        "{78C0D931-6437-407d-A8EE-F0AAD7539E65}", /* sheet: conditional formats */
        "{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}", /* sheet: data validations */
        "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}", /* sheet: sparklines */
        "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}", /* conditional format: id of its twin */
        "{79F54976-1DA5-4618-B147-4CDE4B953A38}", /* workbook: properties 2010 */
        "{140A7094-0E35-4892-8432-C4D2E57EDEB5}", /* workbook: properties 2013 */
        "{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}", /* workbook: calculation features */
        "{EB79DEF2-80B8-43e5-95BD-54CBDDF9020C}", /* styles: slicer styles */
        "{9260A510-F301-46a8-8635-F512D64BE5F5}", /* styles: timeline styles */
        "{46F421CA-312F-682f-3DD2-61675219B42D}", /* styles: differential formats of slicers */
        "{504A1905-F514-4f6f-8877-14C23A59335A}", /* table: alternative text */
        "{962EF5D1-5CA2-4c93-8EF4-DBF5C05439D2}", /* pivot table 2010 */
        "{747A6164-185A-40DC-8AA5-F01512510D54}", /* pivot table: default layout */
        "{725AE2AE-9491-48be-B2B4-4EB974FC3084}", /* pivot cache 2010 */
        "{2946ED86-A175-432a-8AC1-64E0C546D7DE}", /* pivot field 2010 */
        "{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}", /* cell metadata: dynamic array */
    };
    const MgkXmlAttribute *uri = mgk_xml_attribute(element, MGK_NS_NONE, "uri");
    for (guint i = 0; uri && i < G_N_ELEMENTS(uris); i++) {
        if (strlen(uris[i]) == uri->length && g_ascii_strncasecmp(uris[i], uri->value, uri->length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean extension_holds_items(const MgkXmlElement *element)
{
    return mgk_xml_is(element, MGK_NS_NONE, "uri", "{78C0D931-6437-407d-A8EE-F0AAD7539E65}") ||
           mgk_xml_is(element, MGK_NS_NONE, "uri", "{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}") ||
           mgk_xml_is(element, MGK_NS_NONE, "uri", "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}");
}

static MgkXmlAction extension_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    if (!extension_is_known(element))
        return MGK_XML_DROP;
    mgk_sheet_scope_open(filter, extension_holds_items(element));
    return MGK_XML_KEEP;
}

/* ---- sheets, people, shapes ---- */

static MgkXmlAction sheet_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    if (mgk_xml_is(element, MGK_NS_NONE, "state", "veryHidden")) {
        g_autofree char *name = mgk_xml_get(element, MGK_NS_NONE, "name");
        mgk_xml_find(filter, MGK_KIND_HIDDEN_SHEET, name);
    }
    return MGK_XML_KEEP;
}

/* A macro or dialog sheet, or one that only its root element gives away: CAPTURE drops all child elements, so nothing
 * of it is left but the place it takes. */
static MgkXmlAction worksheet_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetPart *part = mgk_sheet_part_of(filter);
    gboolean plain = element->ns == MGK_NS_X && strcmp(element->name, "worksheet") == 0;
    if (plain && !part->emptied)
        return MGK_XML_KEEP;
    if (!part->emptied)
        mgk_xml_find(filter, MGK_KIND_MACRO_SHEET, NULL);
    part->emptied = TRUE;
    element->ns = MGK_NS_X;
    element->name = "worksheet";
    element->n_attributes = 0;
    return MGK_XML_CAPTURE;
}

static MgkXmlAction worksheet_text(MgkXmlFilter *filter, GString *text)
{
    (void)filter;
    g_string_truncate(text, 0);
    return MGK_XML_KEEP;
}

static void worksheet_end(MgkXmlFilter *filter)
{
    if (!mgk_sheet_part_of(filter)->emptied)
        return;
    mgk_xml_put_start(filter, MGK_NS_X, "sheetData", NULL, 0);
    mgk_xml_put_end(filter);
}

/* userId holds directory ids and mail addresses; without a directory Excel writes the shown name there. */
static MgkXmlAction person_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *name = mgk_xml_get(element, MGK_NS_NONE, "displayName");
    mgk_xml_set(filter, element, MGK_NS_NONE, "userId", name ? name : "");
    mgk_xml_set(filter, element, MGK_NS_NONE, "providerId", "None");
    return MGK_XML_KEEP;
}

/* A frame for a chart or diagram that is no more, or for a slicer: an empty one makes Excel repair the drawing. */
static MgkXmlAction frame_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    mgk_sheet_scope_open(filter, FALSE);
    mgk_sheet_scope_top(mgk_sheet_part_of(filter))->needs_child = TRUE;
    return MGK_XML_KEEP;
}

static MgkXmlAction frame_content(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    mgk_sheet_scope_survived(filter);
    return MGK_XML_KEEP;
}

static void frame_end(MgkXmlFilter *filter)
{
    gboolean empty = !mgk_sheet_scope_top(mgk_sheet_part_of(filter))->has_child;
    const char *parent = mgk_xml_open_name(filter, mgk_xml_depth(filter) - 1, NULL);
    mgk_sheet_scope_close(filter);
    if (empty && parent && g_str_has_suffix(parent, "Anchor"))
        spoil(filter);
}

/* Legacy drawings place comments; a shape that belongs to a control or an object goes with it. */
static MgkXmlAction vml_data_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSheetScope *scope = mgk_sheet_scope_top(mgk_sheet_part_of(filter));
    if (scope && !mgk_xml_is(element, MGK_NS_NONE, "ObjectType", "Note"))
        scope->bad = TRUE;
    return MGK_XML_KEEP;
}

static MgkXmlAction shape_macro(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    if (!attribute->length)
        return MGK_XML_KEEP;
    mgk_xml_find(filter, MGK_KIND_MACRO_SHAPE, NULL);
    return MGK_XML_DROP;
}

/* A shape that shows a cell: its present text is in the shape, too. */
static MgkXmlAction shape_text(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    (void)element;
    return mgk_sheet_judge(filter, attribute->value, attribute->length) ? MGK_XML_KEEP : MGK_XML_DROP;
}

static MgkXmlAction drop_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter, (void)element;
    return MGK_XML_DROP;
}

/* ---- first pass ---- */

static MgkXmlAction scan_cube(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    mgk_sheet_part_of(filter)->book->cube = TRUE;
    return MGK_XML_DROP;
}

static MgkXmlAction scan_metadata_type(MgkXmlFilter *filter, MgkXmlElement *element)
{
    if (!mgk_xml_is(element, MGK_NS_NONE, "name", "XLDAPR"))
        mgk_sheet_part_of(filter)->book->rich_values = TRUE;
    return MGK_XML_DROP;
}

static MgkXmlAction scan_dde_link(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *service = mgk_xml_get(element, MGK_NS_NONE, "ddeService");
    g_autofree char *topic = mgk_xml_get(element, MGK_NS_NONE, "ddeTopic");
    g_autofree char *program = mgk_xml_get(element, MGK_NS_NONE, "progId");
    g_autofree char *detail = service ? g_strdup_printf("DDE %s|%s", service, topic ? topic : "")
                                      : g_strdup_printf("OLE %s", program ? program : "");
    mgk_xml_find(filter, MGK_KIND_FORMULA_DANGEROUS, detail);
    return MGK_XML_DROP;
}

const MgkXmlHook mgk_sheet_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_XLSX_SHEET] = {.start = sheet_start},
    [MGK_XML_HOOK_XLSX_CONTAINER] = {.start = container_start, .end = mgk_sheet_scope_close},
    [MGK_XML_HOOK_XLSX_ITEM] = {.start = item_start, .end = mgk_sheet_scope_close},
    [MGK_XML_HOOK_XLSX_ITEM_FORMULA] = {.text = item_formula_text, .attribute = item_formula_attribute},
    [MGK_XML_HOOK_XLSX_PLACE] = {.text = place_text},
    [MGK_XML_HOOK_XLSX_NAME] = {.start = mgk_sheet_name_start,
                                .text = mgk_sheet_name_text,
                                .attribute = mgk_sheet_name_attribute},
    [MGK_XML_HOOK_XLSX_CELL_META] = {.attribute = cell_metadata},
    [MGK_XML_HOOK_XLSX_CELL_FORMULA] = {.start = cell_formula_start,
                                        .text = cell_formula_text,
                                        .attribute = reference_attribute},
    [MGK_XML_HOOK_XLSX_COLUMN_FORMULA] = {.text = column_formula_text},
    [MGK_XML_HOOK_XLSX_TOTAL_FORMULA] = {.text = total_formula_text},
    [MGK_XML_HOOK_XLSX_HYPERLINK] = {.start = hyperlink_start},
    [MGK_XML_HOOK_XLSX_EXTENSION] = {.start = extension_start, .end = mgk_sheet_scope_close},
    [MGK_XML_HOOK_XLSX_PERSON] = {.start = person_start},
    [MGK_XML_HOOK_XLSX_SHAPE_MACRO] = {.attribute = shape_macro},
    [MGK_XML_HOOK_XLSX_SHAPE_TEXT] = {.attribute = shape_text},
    [MGK_XML_HOOK_XLSX_WORKSHEET] = {.start = worksheet_start, .text = worksheet_text, .end = worksheet_end},
    [MGK_XML_HOOK_VML_SHAPE] = {.start = item_start, .end = mgk_sheet_scope_close},
    [MGK_XML_HOOK_XLSX_VML_DATA] = {.start = vml_data_start},
    [MGK_XML_HOOK_XLSX_VML_CHECKED] = {.start = drop_start},
    [MGK_XML_HOOK_XLSX_FRAME] = {.start = frame_start, .end = frame_end},
    [MGK_XML_HOOK_DRAWING_CONTENT] = {.start = frame_content},
    [MGK_XML_HOOK_XLSX_SHAPE] = {.start = mgk_sheet_ghost_start, .end = mgk_sheet_ghost_end},
    [MGK_XML_HOOK_XLSX_SHAPE_NAME] = {.start = mgk_sheet_ghost_name},
    [MGK_XML_HOOK_XLSX_SHAPE_LEGACY] = {.start = mgk_sheet_ghost_legacy},
    [MGK_XML_HOOK_XLSX_SHAPE_BODY] = {.start = mgk_sheet_ghost_body},
    [MGK_XML_HOOK_DRAWING_TEXT] = {.start = mgk_sheet_ghost_text_start, .text = mgk_sheet_ghost_text},
    [MGK_XML_HOOK_XLSX_PIVOT_CUBE] = {.start = drop_start},
    [MGK_XML_HOOK_XLSX_DDE_LINK] = {.start = drop_start},
    [MGK_XML_HOOK_XLSX_PIVOT_SOURCE] = {.start = mgk_sheet_pivot_source_start, .end = mgk_sheet_pivot_source_end},
    [MGK_XML_HOOK_XLSX_PIVOT_RANGE] = {.start = mgk_sheet_pivot_range_start,
                                       .attribute = mgk_sheet_pivot_range_attribute},
    [MGK_XML_HOOK_XLSX_PIVOT_FORMULA] = {.attribute = mgk_sheet_pivot_formula},
    [MGK_XML_HOOK_XLSX_CHART_REF] = {.start = mgk_sheet_chart_ref_start, .end = mgk_sheet_chart_ref_end},
    [MGK_XML_HOOK_XLSX_CHART_FORMULA] = {.start = mgk_sheet_chart_formula_start},
    [MGK_XML_HOOK_XLSX_CHART_CACHE] = {.start = mgk_sheet_chart_cache_start},
    [MGK_XML_HOOK_XLSX_CHART_VALUE] = {.start = mgk_sheet_chart_value_start, .text = mgk_sheet_chart_value_text},
};

const MgkXmlHook mgk_sheet_scan_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_XLSX_NAME] = {.start = mgk_sheet_name_scan_start,
                                .text = mgk_sheet_name_scan_text,
                                .attribute = mgk_sheet_name_scan_attribute},
    [MGK_XML_HOOK_VML_SHAPE] = {.start = mgk_sheet_ghost_scan_shape},
    [MGK_XML_HOOK_XLSX_VML_DATA] = {.start = mgk_sheet_ghost_scan_data},
    [MGK_XML_HOOK_XLSX_VML_CHECKED] = {.start = mgk_sheet_ghost_scan_capture, .text = mgk_sheet_ghost_scan_checked},
    [MGK_XML_HOOK_XLSX_SHAPE_NAME] = {.start = mgk_sheet_ghost_scan_name},
    [MGK_XML_HOOK_XLSX_SHAPE_LEGACY] = {.start = mgk_sheet_ghost_scan_legacy},
    [MGK_XML_HOOK_XLSX_PIVOT_CUBE] = {.start = scan_cube},
    [MGK_XML_HOOK_XLSX_METADATA_TYPE] = {.start = scan_metadata_type},
    [MGK_XML_HOOK_XLSX_DDE_LINK] = {.start = scan_dde_link},
    [MGK_XML_HOOK_XLSX_CHART_REF] = {.start = mgk_sheet_chart_scan_start},
    [MGK_XML_HOOK_XLSX_CHART_FORMULA] = {.start = mgk_sheet_chart_scan_formula, .text = mgk_sheet_chart_scan_text},
};
