/* opc_types.c - [Content_Types].xml (ISO/IEC 29500-2 10.1.2.2): what two readers could take differently is refused. */
#include "engines/opc_internal.h"

#include <string.h>

#define TYPES_NAME "[content_types].xml"

static void add_type(MgkXmlFilter *filter, GHashTable *table, char *key, const MgkXmlElement *element)
{
    g_autofree char *type = mgk_xml_get(element, MGK_NS_NONE, "ContentType");
    g_autofree char *name = key;
    if (!name || !type || !*name) {
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "content type without a name or type");
        return;
    }
    g_autofree char *lower = g_ascii_strdown(name, -1), *lower_type = g_ascii_strdown(g_strstrip(type), -1);
    const char *earlier = g_hash_table_lookup(table, lower);
    if (earlier && strcmp(earlier, lower_type) != 0)
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "two content types for one part");
    else
        g_hash_table_replace(table, g_steal_pointer(&lower), g_steal_pointer(&lower_type));
}

static MgkXmlAction on_default(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOpc *opc = mgk_opc_of(filter);
    add_type(filter, opc->defaults, mgk_xml_get(element, MGK_NS_NONE, "Extension"), element);
    return MGK_XML_DROP;
}

static MgkXmlAction on_override(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOpc *opc = mgk_opc_of(filter);
    g_autofree char *name = mgk_xml_get(element, MGK_NS_NONE, "PartName");
    char *key = name ? g_strdup(name + strspn(name, "/")) : NULL;
    add_type(filter, opc->overrides, key, element);
    return MGK_XML_DROP;
}

static const MgkXmlHook type_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_TYPES_DEFAULT] = {.start = on_default},
    [MGK_XML_HOOK_TYPES_OVERRIDE] = {.start = on_override},
};

gboolean mgk_opc_read_types(MgkOpc *opc, GError **error)
{
    guint entry = 0;
    if (!mgk_opc_entry(opc, TYPES_NAME, &entry)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no [Content_Types].xml");
        return FALSE;
    }
    MgkOpcContext context = {.opc = opc};
    MgkXmlFilterOptions options = {.job = opc->job,
                                   .where = "[Content_Types].xml",
                                   .root = ":Types",
                                   .root_ns = MGK_NS_CT,
                                   .hooks = type_hooks,
                                   .user = &context};
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    return mgk_opc_feed(opc, entry, filter, error);
}

const char *mgk_opc_type_of(const MgkOpc *opc, const char *lower_name)
{
    const char *type = g_hash_table_lookup(opc->overrides, lower_name);
    if (type)
        return type;
    const char *dot = strrchr(lower_name, '.'), *slash = strrchr(lower_name, '/');
    if (!dot || (slash && dot < slash))
        return "";
    type = g_hash_table_lookup(opc->defaults, dot + 1);
    return type ? type : "";
}
