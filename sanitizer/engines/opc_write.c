/* opc_write.c - pass 2: [Content_Types].xml first, then relationships and parts in the order they were reached. */
#include "engines/opc_internal.h"

#include <string.h>

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

static gboolean add(MgkOpc *opc, const char *name, const GString *text, GError **error)
{
    return mgk_zip_writer_add(opc->writer, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, text->str, text->len, error);
}

/* Our own types are lists in the rules: the first is written. */
static int type_length(const char *type)
{
    return (int)strcspn(type, " ");
}

static gboolean write_types(MgkOpc *opc, GError **error)
{
    static const struct {
        const char *extension, *type;
    } defaults[] = {{"rels", "application/vnd.openxmlformats-package.relationships+xml"},
                    {"xml", "application/xml"},
                    {"jpeg", "image/jpeg"},
                    {"png", "image/png"},
                    {"gif", "image/gif"},
                    {"svg", "image/svg+xml"},
                    {"emf", "image/x-emf"},
                    {"wmf", "image/x-wmf"},
                    {"vml", "application/vnd.openxmlformats-officedocument.vmlDrawing"}};
    g_autoptr(GString) text = g_string_new(XML_HEAD "<Types xmlns=\"");
    g_string_append_printf(text, "%s\">", mgk_ns_info(MGK_NS_CT)->uri);
    for (guint i = 0; i < G_N_ELEMENTS(defaults); i++)
        g_string_append_printf(text, "<Default Extension=\"%s\" ContentType=\"%s\"/>", defaults[i].extension,
                               defaults[i].type);
    for (guint i = 0; i < opc->parts->len; i++) {
        const MgkOpcPart *part = g_ptr_array_index(opc->parts, i);
        if (!g_str_has_suffix(part->out_name, ".xml") && !g_str_has_suffix(part->out_name, ".bin"))
            continue;
        g_string_append_printf(text, "<Override PartName=\"/%s\" ContentType=\"%.*s\"/>", part->out_name,
                               type_length(part->out_type), part->out_type);
    }
    g_string_append(text, "</Types>");
    return add(opc, "[Content_Types].xml", text, error);
}

/* The path from one part's folder to another part; both are names of our own making. */
static char *relative_path(const char *from, const char *to)
{
    gsize common = 0;
    for (gsize i = 0; from[i] && from[i] == to[i]; i++) {
        if (from[i] == '/')
            common = i + 1;
    }
    g_autoptr(GString) path = g_string_new(NULL);
    for (const char *step = strchr(from + common, '/'); step; step = strchr(step + 1, '/'))
        g_string_append(path, "../");
    g_string_append(path, to + common);
    return g_strdup(path->str);
}

static gboolean write_relationships(MgkOpc *opc, const MgkOpcPart *part, GError **error)
{
    const char *name = part->out_name ? part->out_name : "";
    g_autoptr(GString) text = g_string_new(XML_HEAD "<Relationships xmlns=\"");
    g_string_append_printf(text, "%s\">", mgk_ns_info(MGK_NS_PKGREL)->uri);
    guint n = 0;
    for (guint i = 0; i < part->relationships->len; i++) {
        const MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, i);
        if (relationship->dropped)
            continue;
        n++;
        g_autofree char *target = relationship->external ? g_markup_escape_text(relationship->url, -1)
                                                         : relative_path(name, relationship->target->out_name);
        g_string_append_printf(text, "<Relationship Id=\"%s\" Type=\"%s\" Target=\"%s\"%s/>", relationship->out_id,
                               mgk_rel_info(relationship->rel)->uri, target,
                               relationship->external ? " TargetMode=\"External\"" : "");
    }
    g_string_append(text, "</Relationships>");
    if (!n && part != opc->root)
        return TRUE;
    const char *slash = strrchr(name, '/');
    g_autofree char *rels = slash ? g_strdup_printf("%.*s/_rels/%s.rels", (int)(slash - name), name, slash + 1)
                                  : g_strdup_printf("_rels/%s.rels", name);
    return add(opc, rels, text, error);
}

/* ---- parts ---- */

gboolean mgk_opc_append(MgkOpc *opc, const void *data, gsize size, GError **error)
{
    return mgk_zip_writer_append(opc->writer, data, size, error);
}

static gboolean append(gpointer user, const void *data, gsize size, GError **error)
{
    return mgk_opc_append(((MgkOpcContext *)user)->opc, data, size, error);
}

static const char *resolve(gpointer user, const char *id)
{
    const MgkOpcContext *context = user;
    const MgkOpcRelationship *relationship = mgk_opc_relationship(context->part, id);
    return relationship && !relationship->dropped ? relationship->out_id : NULL;
}

static MgkNs root_namespace(const MgkOpc *opc, MgkRel rel)
{
    switch ((int)rel) {
    case MGK_REL_EXTENDED_PROPERTIES:
        return MGK_NS_EP;
    case MGK_REL_CUSTOM_PROPERTIES:
        return MGK_NS_CUSTOM;
    case MGK_REL_X_THREADED_COMMENTS:
    case MGK_REL_X_PERSONS:
        return MGK_NS_TC;
    default:
        return opc->format->id == MGK_FORMAT_ID_xlsx ? MGK_NS_X : MGK_NS_NONE;
    }
}

static gboolean write_xml(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    const char *root = mgk_rel_info(part->rel)->root;
    MgkOpcContext context = {.opc = opc, .part = part};
    MgkXmlFilterOptions options = {.job = opc->job,
                                   .where = part->name,
                                   .root = *root ? root : NULL,
                                   .root_ns = root_namespace(opc, part->rel),
                                   .hooks = opc->hooks,
                                   .user = &context,
                                   .sink = append,
                                   .resolve = resolve};
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    if (!mgk_zip_writer_begin(opc->writer, part->out_name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, error))
        return FALSE;
    if (opc->format->part_begin)
        opc->format->part_begin(opc, part, filter);
    if (!mgk_opc_feed(opc, part->entry, filter, error))
        return FALSE;
    if (opc->format->part_end)
        opc->format->part_end(opc, part, filter);
    return mgk_zip_writer_end(opc->writer, error);
}

static gboolean write_binary(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    return mgk_zip_writer_begin(opc->writer, part->out_name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, error) &&
           opc->format->write_binary(opc, part, error) && mgk_zip_writer_end(opc->writer, error);
}

static gboolean write_part(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    if (mgk_rel_info(part->rel)->action == MGK_OPC_IMAGE)
        return mgk_opc_write_picture(opc, part, error);
    if (part->binary || (part == opc->main && opc->format->write_binary))
        return write_binary(opc, part, error);
    return write_xml(opc, part, error);
}

gboolean mgk_opc_write(MgkOpc *opc, GError **error)
{
    opc->writer = mgk_zip_writer_new_for_job(opc->job);
    if (!write_types(opc, error) || !write_relationships(opc, opc->root, error))
        return FALSE;
    for (guint i = 0; i < opc->parts->len; i++) {
        MgkOpcPart *part = g_ptr_array_index(opc->parts, i);
        if (!write_part(opc, part, error) || !write_relationships(opc, part, error))
            return FALSE;
    }
    return mgk_zip_writer_finish(opc->writer, error);
}
