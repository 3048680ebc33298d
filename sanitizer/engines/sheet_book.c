/* sheet_book.c - what is known of a whole workbook: its defined names, and which of them cannot cross.
 *
 * A name whose formula is dangerous or reads another workbook keeps its place with the content #REF!, as Excel itself
 * leaves names whose target was deleted: charts, validations and print areas that mention it stay well-formed. Names
 * that start or describe macros go altogether. Formulas that use any of them become values (MGK_FORMULA_LOST). */
#include "engines/sheet_internal.h"

#include <string.h>

#define SETTLE_ROUNDS 8 /* names that use names that use names…; deeper chains only lose their recalculation */

static void name_free(gpointer data)
{
    MgkSheetName *name = data;
    g_free(name->key);
    g_free(name->text);
    g_free(name);
}

void mgk_sheet_book_init(MgkSheetBook *book, MgkJob *job)
{
    *book = (MgkSheetBook){.job = job, .names = g_ptr_array_new_with_free_func(name_free)};
    book->ghosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    book->set.callable = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    book->set.lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void mgk_sheet_book_clear(MgkSheetBook *book)
{
    g_clear_pointer(&book->names, g_ptr_array_unref);
    g_clear_pointer(&book->ghosts, g_hash_table_unref);
    g_clear_pointer(&book->set.callable, g_hash_table_unref);
    g_clear_pointer(&book->set.lost, g_hash_table_unref);
}

static gboolean holds_lambda(const char *text)
{
    while (*text == '=' || g_ascii_isspace(*text))
        text++;
    if (g_ascii_strncasecmp(text, "_xlfn.", 6) == 0)
        text += 6;
    return g_ascii_strncasecmp(text, "LAMBDA(", 7) == 0;
}

static gboolean settle_round(MgkSheetBook *book)
{
    gboolean changed = FALSE;
    for (guint i = 0; i < book->names->len; i++) {
        const MgkSheetName *name = g_ptr_array_index(book->names, i);
        MgkFormula formula;
        if (g_hash_table_contains(book->set.lost, name->key))
            continue;
        if (name->text && !mgk_formula_read(name->text, strlen(name->text), &book->set, &formula))
            continue;
        g_hash_table_remove(book->set.callable, name->key);
        g_hash_table_add(book->set.lost, g_strdup(name->key));
        changed = TRUE;
    }
    return changed;
}

void mgk_sheet_book_settle(MgkSheetBook *book)
{
    for (guint i = 0; i < book->names->len; i++) {
        const MgkSheetName *name = g_ptr_array_index(book->names, i);
        if (name->text && holds_lambda(name->text))
            g_hash_table_add(book->set.callable, g_strdup(name->key));
    }
    for (guint round = 0; round < SETTLE_ROUNDS && settle_round(book); round++)
        continue;
}

/* Excel runs every name that begins like this: Auto_Open, Auto_Open_2, _xlnm.Auto_Close … */
static gboolean starts_macros(const char *name)
{
    static const char *const prefixes[] = {"auto_open", "auto_close", "auto_activate", "auto_deactivate"};
    if (g_ascii_strncasecmp(name, "_xlnm.", 6) == 0)
        name += 6;
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_ascii_strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean mgk_sheet_attribute_is_true(const MgkXmlAttribute *attribute)
{
    return (attribute->length == 1 && attribute->value[0] == '1') ||
           (attribute->length == 4 && memcmp(attribute->value, "true", 4) == 0) ||
           (attribute->length == 2 && memcmp(attribute->value, "on", 2) == 0);
}

/* ---- first pass ---- */

static MgkSheetName *last_name(MgkSheetBook *book)
{
    return g_ptr_array_index(book->names, book->names->len - 1);
}

static void add_name(MgkXmlFilter *filter, const MgkXmlElement *element, gboolean goes)
{
    MgkSheetBook *book = mgk_sheet_part_of(filter)->book;
    g_autofree char *text = mgk_xml_get(element, MGK_NS_NONE, "name");
    MgkSheetName *name = g_new0(MgkSheetName, 1);
    name->key = mgk_formula_name_key(text ? text : "", -1);
    name->text = goes ? NULL : g_strdup("");
    g_ptr_array_add(book->names, name);
}

/* function, vbProcedure and xlm come here before start(), which then is not called. */
MgkXmlAction mgk_sheet_name_scan_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    if (!mgk_sheet_attribute_is_true(attribute))
        return MGK_XML_DROP;
    add_name(filter, element, TRUE);
    return MGK_XML_REL_ELEMENT;
}

MgkXmlAction mgk_sheet_name_scan_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *name = mgk_xml_get(element, MGK_NS_NONE, "name");
    gboolean goes = !name || starts_macros(name);
    add_name(filter, element, goes);
    return goes ? MGK_XML_DROP : MGK_XML_CAPTURE;
}

MgkXmlAction mgk_sheet_name_scan_text(MgkXmlFilter *filter, GString *text)
{
    MgkSheetName *name = last_name(mgk_sheet_part_of(filter)->book);
    g_free(name->text);
    name->text = g_strdup(text->str);
    return MGK_XML_KEEP;
}

/* ---- second pass ---- */

MgkXmlAction mgk_sheet_name_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    if (!mgk_sheet_attribute_is_true(attribute))
        return MGK_XML_DROP;
    g_autofree char *name = mgk_xml_get(element, MGK_NS_NONE, "name");
    mgk_xml_find(filter, MGK_KIND_MACRO_NAME, name);
    return MGK_XML_REL_ELEMENT;
}

MgkXmlAction mgk_sheet_name_start(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *name = mgk_xml_get(element, MGK_NS_NONE, "name");
    if (!name)
        return MGK_XML_DROP;
    if (!starts_macros(name))
        return MGK_XML_CAPTURE;
    mgk_xml_find(filter, MGK_KIND_MACRO_NAME, name);
    return MGK_XML_DROP;
}

MgkXmlAction mgk_sheet_name_text(MgkXmlFilter *filter, GString *text)
{
    if (!mgk_sheet_judge(filter, text->str, text->len))
        g_string_assign(text, "#REF!");
    mgk_sheet_scope_survived(filter);
    return MGK_XML_KEEP;
}
