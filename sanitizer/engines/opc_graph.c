/* opc_graph.c - pass 1: relationships (ISO/IEC 29500-2 clause 9.3) from the package's own to every reachable part. */
#include "engines/opc_internal.h"

#include <string.h>

#define RELATIONSHIPS_MAX 100000u /* of one part */

static void relationship_free(gpointer data)
{
    MgkOpcRelationship *relationship = data;
    g_free(relationship->id);
    g_free(relationship->out_id);
    g_free(relationship->url);
    g_free(relationship);
}

MgkOpcPart *mgk_opc_part_new(void)
{
    MgkOpcPart *part = g_new0(MgkOpcPart, 1);
    part->relationships = g_ptr_array_new_with_free_func(relationship_free);
    part->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    part->type = part->out_type = "";
    return part;
}

void mgk_opc_part_free(MgkOpcPart *part)
{
    if (!part)
        return;
    g_free(part->name);
    g_free(part->out_name);
    g_clear_pointer(&part->rebuilt, g_bytes_unref);
    g_free(part->folder);
    g_hash_table_unref(part->by_id);
    g_ptr_array_unref(part->relationships);
    g_free(part);
}

/* ---- targets ---- */

/* A relative reference to a part name without leading '/', lower case; NULL when it leaves the package or is odd. */
static char *resolve_target(const char *source_name, const char *target)
{
    g_autofree char *path = g_strndup(target, strcspn(target, "#?"));
    g_strdelimit(path, "\\", '/');
    g_autofree char *plain = g_uri_unescape_string(path, "/");
    if (!plain || !*plain)
        return NULL;
    g_autofree char *folder = source_name ? g_path_get_dirname(source_name) : g_strdup(".");
    g_autofree char *joined = *plain == '/' ? g_strdup(plain) : g_strconcat(folder, "/", plain, NULL);
    g_auto(GStrv) steps = g_strsplit(joined, "/", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (guint i = 0; steps[i]; i++) {
        if (strcmp(steps[i], "..") == 0) {
            if (kept->len)
                g_ptr_array_set_size(kept, (gint)kept->len - 1);
        } else if (*steps[i] && strcmp(steps[i], ".") != 0) {
            g_ptr_array_add(kept, steps[i]);
        }
    }
    g_ptr_array_add(kept, NULL);
    g_autofree char *name = g_strjoinv("/", (char **)kept->pdata);
    return *name ? g_ascii_strdown(name, -1) : NULL;
}

static MgkOpcPart *part_at(MgkOpc *opc, const char *lower_name)
{
    MgkOpcPart *part = g_hash_table_lookup(opc->by_name, lower_name);
    guint index = 0;
    if (part)
        return part;
    const MgkZipEntry *entry = mgk_opc_entry(opc, lower_name, &index);
    if (!entry)
        return NULL;
    part = mgk_opc_part_new();
    part->name = g_strdup(entry->name);
    part->entry = index;
    part->type = mgk_opc_type_of(opc, lower_name);
    g_ptr_array_add(opc->all, part);
    g_hash_table_insert(opc->by_name, g_strdup(lower_name), part);
    return part;
}

static MgkOpcPart *placeholder_part(MgkOpc *opc)
{
    MgkOpcPart *part = mgk_opc_part_new();
    part->name = g_strdup("");
    part->placeholder = TRUE;
    g_ptr_array_add(opc->all, part);
    return part;
}

/* ---- judging one relationship ---- */

static void drop(MgkOpc *opc, MgkOpcRelationship *relationship, guint kind, const char *where)
{
    relationship->dropped = TRUE;
    relationship->target = NULL;
    if (kind != MGK_KIND_NONE)
        mgk_job_find(opc->job, (MgkKind)kind, where, NULL);
}

static void judge_link(MgkOpc *opc, MgkOpcPart *source, MgkOpcRelationship *relationship, const char *target)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(target));
    g_auto(GStrv) pieces = g_strsplit(trimmed, " ", -1);
    g_autofree char *url = g_strjoinv("%20", pieces);
    if (!mgk_xml_url_is_harmless(url, strlen(url))) {
        relationship->dropped = TRUE;
        mgk_job_find(opc->job, MGK_KIND_LINK_DANGEROUS, source->name, target);
        return;
    }
    relationship->external = TRUE;
    if (*url != '#' && mgk_job_find(opc->job, MGK_KIND_LINK_EXTERNAL, source->name, url) != MGK_ACTION_KEEP)
        relationship->dropped = TRUE;
    relationship->url = g_steal_pointer(&url);
}

/* What goes with a relationship; behind a chart it is the data it was made from, not an object to open. */
static MgkKind dropped_kind(const MgkOpcPart *source, const MgkRelInfo *info, gboolean external)
{
    if (source->rel == MGK_REL_CHART || source->rel == MGK_REL_CHART_EX)
        return external ? MGK_KIND_EXTERNAL_DATA : MGK_KIND_CHART_DATA;
    return external && info->kind == MGK_KIND_NONE ? MGK_KIND_EXTERNAL_CONTENT : (MgkKind)info->kind;
}

static void judge_external(MgkOpc *opc, MgkOpcPart *source, MgkOpcRelationship *relationship, const char *target)
{
    const MgkRelInfo *info = mgk_rel_info(relationship->rel);
    relationship->external = TRUE;
    switch (info->action) {
    case MGK_OPC_LINK:
        judge_link(opc, source, relationship, target);
        return;
    case MGK_OPC_IMAGE:
        mgk_job_find(opc->job, MGK_KIND_EXTERNAL_CONTENT, source->name, target);
        relationship->external = FALSE;
        relationship->target = placeholder_part(opc);
        relationship->target->rel = relationship->rel;
        return;
    case MGK_OPC_DROP:
        relationship->dropped = TRUE;
        mgk_job_find(opc->job, dropped_kind(source, info, TRUE), source->name, target);
        return;
    case MGK_OPC_IGNORE:
        drop(opc, relationship, MGK_KIND_NONE, NULL);
        return;
    case MGK_OPC_MAIN:
    case MGK_OPC_XML:
        drop(opc, relationship, MGK_KIND_EXTERNAL_CONTENT, source->name);
        return;
    }
}

/* A part that is the only one of its kind appears once. */
static gboolean is_repeated(const MgkOpcPart *source, const MgkOpcRelationship *relationship)
{
    return !strchr(mgk_rel_info(relationship->rel)->name, '*') && source->has[relationship->rel];
}

static const MgkBinaryInfo *binary_of(const MgkOpc *opc, MgkRel rel)
{
    return opc->format->write_binary ? mgk_rel_binary(rel) : NULL;
}

static void adopt(MgkOpc *opc, MgkOpcPart *source, MgkOpcRelationship *relationship, MgkOpcPart *part)
{
    const MgkRelInfo *info = mgk_rel_info(relationship->rel);
    if (part->rel == MGK_REL_UNKNOWN) {
        if (info->kind != MGK_KIND_NONE &&
            mgk_job_find(opc->job, (MgkKind)info->kind, part->name, NULL) != MGK_ACTION_KEEP) {
            drop(opc, relationship, MGK_KIND_NONE, NULL);
            return;
        }
        part->rel = relationship->rel;
    }
    relationship->target = part;
    part->binary = binary_of(opc, part->rel);
    if (part->rel != relationship->rel)
        drop(opc, relationship, MGK_KIND_UNKNOWN_PART, part->name);
    else
        source->has[relationship->rel] = TRUE;
}

/* In a binary workbook, what can be binary has to be. */
static gboolean has_type(const MgkOpc *opc, MgkRel rel, const MgkOpcPart *part)
{
    const MgkBinaryInfo *binary = binary_of(opc, rel);
    return binary ? g_ascii_strcasecmp(binary->type, part->type) == 0 : mgk_rel_has_type(rel, part->type);
}

static void judge_internal(MgkOpc *opc, MgkOpcPart *source, MgkOpcRelationship *relationship, const char *target)
{
    const MgkRelInfo *info = mgk_rel_info(relationship->rel);
    if (info->action == MGK_OPC_LINK) {
        judge_link(opc, source, relationship, target);
        return;
    }
    g_autofree char *name = resolve_target(source == opc->root ? NULL : source->name, target);
    MgkOpcPart *part = name && info->action != MGK_OPC_DROP ? part_at(opc, name) : NULL;
    if (info->action == MGK_OPC_DROP) {
        drop(opc, relationship, dropped_kind(source, info, FALSE), name ? name : source->name);
    } else if (info->action == MGK_OPC_IMAGE) {
        relationship->target = part ? part : placeholder_part(opc);
        if (relationship->target->rel == MGK_REL_UNKNOWN)
            relationship->target->rel = relationship->rel;
        if (relationship->target->rel != relationship->rel)
            drop(opc, relationship, MGK_KIND_UNKNOWN_PART, part ? part->name : source->name);
    } else if (!part || info->action == MGK_OPC_IGNORE) {
        drop(opc, relationship, MGK_KIND_NONE, NULL); /* dangling, or made anew by us: nothing is lost */
    } else if ((info->action == MGK_OPC_MAIN ? source != opc->root : !has_type(opc, relationship->rel, part)) ||
               is_repeated(source, relationship)) {
        drop(opc, relationship, MGK_KIND_UNKNOWN_PART, part->name);
    } else {
        adopt(opc, source, relationship, part);
    }
}

/* ---- reading ---- */

static MgkXmlAction on_relationship(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOpc *opc = mgk_opc_of(filter);
    MgkOpcPart *source = mgk_opc_part_of(filter);
    g_autofree char *id = mgk_xml_get(element, MGK_NS_NONE, "Id"), *type = mgk_xml_get(element, MGK_NS_NONE, "Type");
    g_autofree char *target = mgk_xml_get(element, MGK_NS_NONE, "Target");
    g_autofree char *mode = mgk_xml_get(element, MGK_NS_NONE, "TargetMode");
    if (source->relationships->len >= RELATIONSHIPS_MAX)
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "too many relationships");
    if (!id || !type || !target) /* leads nowhere: nothing can refer to it, and nothing is lost */
        return MGK_XML_DROP;
    if (g_hash_table_contains(source->by_id, id)) {
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "two relationships with one id");
        return MGK_XML_DROP;
    }
    MgkOpcRelationship *relationship = g_new0(MgkOpcRelationship, 1);
    relationship->id = g_steal_pointer(&id);
    relationship->rel = mgk_rel_from_uri(g_strstrip(type));
    g_ptr_array_add(source->relationships, relationship);
    g_hash_table_insert(source->by_id, relationship->id, relationship);
    if (mode && g_ascii_strcasecmp(mode, "External") == 0)
        judge_external(opc, source, relationship, target);
    else
        judge_internal(opc, source, relationship, target);
    return MGK_XML_DROP;
}

static const MgkXmlHook relationship_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_RELATIONSHIP] = {.start = on_relationship},
};

static char *rels_name(const MgkOpcPart *part)
{
    if (!part->name)
        return g_strdup("_rels/.rels");
    const char *slash = strrchr(part->name, '/');
    g_autofree char *name =
        slash ? g_strdup_printf("%.*s/_rels/%s.rels", (int)(slash - part->name), part->name, slash + 1)
              : g_strdup_printf("_rels/%s.rels", part->name);
    return g_ascii_strdown(name, -1);
}

static gboolean read_relationships(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    g_autofree char *name = rels_name(part);
    guint entry = 0;
    if (!mgk_opc_entry(opc, name, &entry))
        return TRUE;
    MgkOpcContext context = {.opc = opc, .part = part};
    MgkXmlFilterOptions options = {.job = opc->job,
                                   .where = name,
                                   .root = ":Relationships",
                                   .root_ns = MGK_NS_PKGREL,
                                   .hooks = relationship_hooks,
                                   .user = &context};
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    return mgk_opc_feed(opc, entry, filter, error);
}

static MgkOpcPart *find_main(const MgkOpc *opc)
{
    for (guint i = 0; i < opc->root->relationships->len; i++) {
        const MgkOpcRelationship *relationship = g_ptr_array_index(opc->root->relationships, i);
        if (relationship->rel == MGK_REL_OFFICE_DOCUMENT && relationship->target)
            return relationship->target;
    }
    return NULL;
}

/* Breadth first; parts reached are appended to the queue once. */
static gboolean read_all(MgkOpc *opc, GError **error)
{
    g_autoptr(GPtrArray) queue = g_ptr_array_new();
    g_ptr_array_add(queue, opc->root);
    for (guint i = 0; i < queue->len; i++) {
        MgkOpcPart *part = g_ptr_array_index(queue, i);
        if (!read_relationships(opc, part, error))
            return FALSE;
        for (guint r = 0; r < part->relationships->len; r++) {
            const MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, r);
            MgkOpcPart *target = relationship->target;
            if (!target || target->reached)
                continue;
            target->reached = TRUE;
            if (mgk_rel_info(target->rel)->action != MGK_OPC_IMAGE)
                g_ptr_array_add(queue, target);
        }
    }
    return TRUE;
}

gboolean mgk_opc_read_graph(MgkOpc *opc, GError **error)
{
    opc->root = mgk_opc_part_new();
    if (!read_all(opc, error))
        return FALSE;
    opc->main = find_main(opc);
    if (!opc->main) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no main document");
        return FALSE;
    }
    opc->package = mgk_package_from_type(opc->main->type);
    if (!opc->package || opc->package->format != opc->format->id || opc->package->held)
        return mgk_job_hold(opc->job, MGK_REASON_UNSUPPORTED_FORMAT, "type of the main document");
    if (opc->package->macros)
        mgk_job_find(opc->job, MGK_KIND_MACRO_VBA, opc->main->name, "macro-enabled type");
    return TRUE;
}
