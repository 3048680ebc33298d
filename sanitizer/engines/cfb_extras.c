#include "engines/cfb_extras.h"

#include "engines/property_set.h"

#include <string.h>

/* Streams and storages that people should hear of, by how their name begins; the others go as unknown. */
static const struct {
    const char *begin;
    gint kind; /* MgkKind, or -1 for what says nothing */
} others[] = {
    {"_VBA_PROJECT_CUR", MGK_KIND_MACRO_VBA},
    {"_VBA_PROJECT", MGK_KIND_MACRO_VBA},
    {"VBA", MGK_KIND_MACRO_VBA},
    {"MBD", MGK_KIND_OLE_OBJECT},
    {"LNK", MGK_KIND_OLE_OBJECT},
    {"\1Ole10Native", MGK_KIND_OLE_OBJECT},
    {"ObjectPool", MGK_KIND_OLE_OBJECT},
    {"Equation Native", MGK_KIND_OLE_OBJECT},
    {"Ctls", MGK_KIND_ACTIVEX},
    {"_signatures", MGK_KIND_SIGNATURE_LOST},
    {"_xmlsignatures", MGK_KIND_SIGNATURE_LOST},
    {"MsoDataStore", MGK_KIND_CUSTOM_XML},
    {"EncryptedSummary", MGK_KIND_METADATA},
    {"_SX_DB_CUR", -1},
    {"\1CompObj", -1},
    {"\1Ole", -1},
    {"\3", -1},
};

static gint kind_of(const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        if (g_ascii_strncasecmp(path, others[i].begin, strlen(others[i].begin)) == 0)
            return others[i].kind;
    }
    return MGK_KIND_UNKNOWN_PART;
}

static gboolean is_own(const char *path, const char *const *own, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (g_ascii_strcasecmp(path, own[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

void mgk_cfb_report_extras(MgkJob *job, const MgkCfb *cfb, const char *const *own, gsize n)
{
    gboolean seen[MGK_N_KINDS] = {FALSE};
    for (guint i = 0; i < mgk_cfb_count(cfb); i++) {
        const char *path = mgk_cfb_item(cfb, i)->path;
        gint kind = kind_of(path);
        if (strchr(path, '/') || is_own(path, own, n) || kind < 0 || seen[kind] ||
            g_str_has_suffix(path, "SummaryInformation"))
            continue;
        mgk_job_find(job, (MgkKind)kind, path, NULL);
        seen[kind] = TRUE;
    }
}

static void free_bytes(gpointer bytes)
{
    g_byte_array_unref(bytes);
}

GPtrArray *mgk_cfb_add_properties(MgkJob *job, const MgkCfb *cfb, MgkCfbWriter *writer)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func(free_bytes);
    for (guint which = MGK_PROPERTIES_SUMMARY; which <= MGK_PROPERTIES_DOCUMENT; which++) {
        const char *name = mgk_properties_stream((MgkProperties)which);
        gsize size = 0;
        gint index = mgk_cfb_find(cfb, name);
        g_autofree guint8 *data = index >= 0 ? mgk_cfb_read(cfb, (guint)index, &size) : NULL;
        GByteArray *set = data ? mgk_properties_rebuild(job, (MgkProperties)which, data, size) : NULL;
        if (!set)
            continue;
        mgk_cfb_writer_add(writer, name, set->data, set->len);
        g_ptr_array_add(kept, set);
    }
    return kept;
}
