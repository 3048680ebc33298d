/* opc_plan.c - between the passes: which parts cross, in which order, under which names, types and ids. */
#include "engines/opc_internal.h"
#include "engines/picture_part.h"

#include <string.h>

static char *folder_of(const MgkOpc *opc, const MgkOpcPart *owner, MgkRel rel)
{
    if (rel == MGK_REL_W_GLOSSARY)
        return g_strconcat(owner->folder, "/glossary", NULL);
    return g_strdup(owner->folder ? owner->folder : opc->format->folder);
}

static char *main_name(const MgkOpc *opc)
{
    static const char *const names[] = {"document", "workbook", "presentation"};
    gboolean binary = opc->format->write_binary != NULL;
    guint which = opc->format->id == MGK_FORMAT_ID_docx ? 0 : opc->format->id == MGK_FORMAT_ID_xlsx || binary ? 1 : 2;
    return g_strdup_printf("%s/%s.%s", opc->format->folder, names[which], binary ? "bin" : "xml");
}

/* "~/header*.xml" with the folder in place of ~ and the first free number in place of *. */
static char *make_name(const char *pattern, const char *folder, const char *extension, GHashTable *counters,
                       GHashTable *taken)
{
    g_autofree char *head = *pattern == '~' ? g_strconcat(folder, pattern + 1, NULL) : g_strdup(pattern);
    char *star = strchr(head, '*');
    const char *dot = strrchr(head, '.');
    int stem = star ? (int)(star - head) : dot ? (int)(dot - head) : (int)strlen(head);
    const char *tail = star ? star + 1 : dot ? dot : "";
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(counters, head));
    g_autofree char *name = NULL;
    do {
        g_free(name);
        number++;
        name = star || number > 1 ? g_strdup_printf("%.*s%u%s%s", stem, head, number, tail, extension)
                                  : g_strconcat(head, extension, NULL);
    } while (g_hash_table_contains(taken, name));
    g_hash_table_replace(counters, g_strdup(head), GUINT_TO_POINTER(number));
    g_hash_table_add(taken, g_strdup(name));
    return g_steal_pointer(&name);
}

static gboolean name_part(MgkOpc *opc, MgkOpcPart *part, GHashTable *counters, GHashTable *taken, GError **error)
{
    const MgkRelInfo *info = mgk_rel_info(part->rel);
    if (part == opc->main) {
        part->out_name = main_name(opc);
        part->out_type = opc->package->out_type;
        g_hash_table_add(taken, g_strdup(part->out_name));
        return TRUE;
    }
    const char *extension = "";
    if (info->action == MGK_OPC_IMAGE) {
        if (!mgk_opc_foresee_picture(opc, part, error))
            return FALSE;
        extension = mgk_picture_part_extension(part->picture, FALSE);
        part->out_type = mgk_picture_part_media(part->picture);
    } else {
        part->out_type = part->binary ? part->binary->type : mgk_rel_out_type(part->rel, part->type);
    }
    const char *folder = part->folder;
    g_autofree char *parent = part->rel == MGK_REL_W_GLOSSARY ? g_path_get_dirname(folder) : NULL;
    part->out_name =
        make_name(part->binary ? part->binary->name : info->name, parent ? parent : folder, extension, counters, taken);
    return TRUE;
}

static void number_relationships(MgkOpcPart *part)
{
    guint n = 0;
    for (guint i = 0; i < part->relationships->len; i++) {
        MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, i);
        if (!relationship->dropped)
            relationship->out_id = g_strdup_printf("rId%u", ++n);
    }
}

gboolean mgk_opc_plan(MgkOpc *opc, GError **error)
{
    g_autoptr(GHashTable) counters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < opc->all->len; i++)
        ((MgkOpcPart *)g_ptr_array_index(opc->all, i))->reached = FALSE;
    MgkOpcPart *source = opc->root;
    for (guint next = 0; source; next++) {
        number_relationships(source);
        for (guint r = 0; r < source->relationships->len; r++) {
            const MgkOpcRelationship *relationship = g_ptr_array_index(source->relationships, r);
            MgkOpcPart *target = relationship->dropped ? NULL : relationship->target;
            if (!target || target->reached)
                continue;
            target->reached = TRUE;
            target->folder = folder_of(opc, source, target->rel);
            if (!name_part(opc, target, counters, taken, error))
                return FALSE;
            g_ptr_array_add(opc->parts, target);
        }
        source = next < opc->parts->len ? g_ptr_array_index(opc->parts, next) : NULL;
    }
    return TRUE;
}
