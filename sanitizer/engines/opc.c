#include "engines/opc_internal.h"
#include "engines/package_zip.h"

#include <string.h>

#define FEED_BYTES 65536

MgkOpc *mgk_opc_of(const MgkXmlFilter *filter)
{
    return ((const MgkOpcContext *)mgk_xml_user(filter))->opc;
}

MgkOpcPart *mgk_opc_part_of(const MgkXmlFilter *filter)
{
    return ((const MgkOpcContext *)mgk_xml_user(filter))->part;
}

gpointer mgk_opc_state(const MgkOpc *opc)
{
    return opc->state;
}

MgkJob *mgk_opc_job(const MgkOpc *opc)
{
    return opc->job;
}

const MgkPackageInfo *mgk_opc_package(const MgkOpc *opc)
{
    return opc->package;
}

MgkOpcPart *mgk_opc_main(const MgkOpc *opc)
{
    return opc->main;
}

GPtrArray *mgk_opc_parts(const MgkOpc *opc)
{
    return opc->parts->len ? opc->parts : opc->all;
}

MgkOpcRelationship *mgk_opc_relationship(const MgkOpcPart *part, const char *id)
{
    return g_hash_table_lookup(part->by_id, id);
}

MgkZipEntry *mgk_opc_entry(const MgkOpc *opc, const char *lower_name, guint *ret_index)
{
    guint found = GPOINTER_TO_UINT(g_hash_table_lookup(opc->entries, lower_name));
    if (!found)
        return NULL;
    *ret_index = found - 1;
    return mgk_zip_entry(opc->zip, found - 1);
}

gboolean mgk_opc_feed(MgkOpc *opc, guint entry, MgkXmlFilter *filter, GError **error)
{
    g_autoptr(MgkZipStream) stream = mgk_zip_stream_new(opc->zip, mgk_zip_entry(opc->zip, entry), error);
    if (!stream)
        return FALSE;
    g_autofree guint8 *buffer = g_malloc(FEED_BYTES);
    for (gsize size = 1; size;) {
        if (!mgk_zip_stream_read(stream, buffer, FEED_BYTES, &size, error))
            return FALSE;
        if (size && !mgk_xml_filter_push(filter, buffer, size, error))
            return FALSE;
    }
    return mgk_xml_filter_finish(filter, error);
}

/* While reading, ids keep their names: what counts is whether their relationship crosses. */
static const char *resolve_same(gpointer user, const char *id)
{
    const MgkOpcRelationship *relationship = mgk_opc_relationship(((const MgkOpcContext *)user)->part, id);
    return relationship && !relationship->dropped ? relationship->id : NULL;
}

gboolean mgk_opc_read(MgkOpc *opc, MgkOpcPart *part, const MgkXmlHook *hooks, GError **error)
{
    MgkOpcContext context = {.opc = opc, .part = part};
    MgkXmlFilterOptions options = {
        .job = opc->job, .where = part->name, .quiet = TRUE, .hooks = hooks, .user = &context, .resolve = resolve_same};
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    return mgk_opc_feed(opc, part->entry, filter, error);
}

GBytes *mgk_opc_bytes(MgkOpc *opc, const MgkOpcPart *part, GError **error)
{
    return mgk_zip_entry_bytes(opc->zip, mgk_zip_entry(opc->zip, part->entry), opc->job->policy->limits.total_bytes,
                               error);
}

void mgk_opc_drop(MgkOpc *opc, const MgkOpcPart *gone)
{
    GPtrArray *parts = mgk_opc_parts(opc);
    for (guint i = 0; i < parts->len; i++) {
        const MgkOpcPart *part = g_ptr_array_index(parts, i);
        for (guint r = 0; r < part->relationships->len; r++) {
            MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, r);
            if (relationship->target == gone)
                relationship->dropped = TRUE;
        }
    }
}

/* ---- the job ---- */

static void fill_hooks(MgkOpc *opc)
{
    for (guint i = 0; i < MGK_N_XML_HOOKS; i++) {
        const MgkXmlHook *own = opc->format->hooks ? &opc->format->hooks[i] : NULL;
        gboolean has = own && (own->start || own->text || own->end || own->attribute);
        opc->hooks[i] = has ? *own : mgk_opc_shared_hooks[i];
    }
}

static MgkOpc *opc_new(MgkJob *job, const MgkOpcFormat *format)
{
    MgkOpc *opc = g_new0(MgkOpc, 1);
    opc->job = job;
    opc->format = format;
    opc->defaults = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    opc->overrides = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    opc->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    opc->all = g_ptr_array_new_with_free_func((GDestroyNotify)mgk_opc_part_free);
    opc->parts = g_ptr_array_new();
    opc->state = g_malloc0(MAX(format->state_size, 1));
    fill_hooks(opc);
    return opc;
}

static void opc_free(MgkOpc *opc)
{
    if (opc->format->state_clear)
        opc->format->state_clear(opc->state);
    g_free(opc->state);
    mgk_zip_writer_free(opc->writer);
    g_clear_pointer(&opc->entries, g_hash_table_unref);
    g_hash_table_unref(opc->defaults);
    g_hash_table_unref(opc->overrides);
    g_hash_table_unref(opc->by_name);
    g_ptr_array_unref(opc->parts);
    g_ptr_array_unref(opc->all);
    mgk_opc_part_free(opc->root);
    mgk_zip_free(opc->zip);
    g_free(opc);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkOpc, opc_free)

static gboolean still_crosses(const MgkOpc *opc)
{
    return mgk_verdict_crosses(opc->job->outcome.verdict);
}

gboolean mgk_opc_clean(MgkJob *job, const MgkOpcFormat *format, GError **error)
{
    g_autoptr(MgkOpc) opc = opc_new(job, format);
    if (!mgk_package_open(job, MGK_ZIP_NAME_PERCENT, &opc->zip, &opc->entries, error))
        return FALSE;
    if (!opc->zip)
        return TRUE;
    if (!mgk_opc_read_types(opc, error) || !mgk_opc_read_graph(opc, error))
        return FALSE;
    if (still_crosses(opc) && format->survey && !format->survey(opc, error))
        return FALSE;
    if (!still_crosses(opc))
        return TRUE;
    job->outcome.extension = opc->package->extension;
    return mgk_opc_plan(opc, error) && mgk_opc_write(opc, error);
}
