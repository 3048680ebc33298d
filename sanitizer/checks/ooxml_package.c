#include "checks/ooxml_package.h"

#include "checks/ooxml_part.h"

#include <string.h>

#define RELATIONSHIPS_TYPE "application/vnd.openxmlformats-package.relationships+xml"

static const MgkLookPartRow rows[] = {
#define LOOK_PART(families, relationship, content_type, ns, root) \
    {families, relationship, content_type, MGK_LOOK_NS_##ns, root},
#include "checks/ooxml_parts.def"
#undef LOOK_PART
};

typedef struct Types {
    MgkLook *look;
    GHashTable *defaults;  /* owned; lower-case extension → content type, both owned */
    GHashTable *overrides; /* owned; part name without slash → content type, both owned */
} Types;

typedef struct Relations {
    MgkLook *look;
    const char *source; /* borrowed; part name, "" for the package */
    GHashTable *rels;   /* borrowed */
} Relations;

const MgkLookPartRow *mgk_look_part_row(int row)
{
    return row < 0 ? NULL : &rows[row];
}

void mgk_look_part_free(gpointer data)
{
    MgkLookPart *part = data;
    g_free(part->name);
    if (part->rels)
        g_hash_table_unref(part->rels);
    g_free(part);
}

static int find_type(const MgkLook *look, const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if ((rows[i].families & look->family) && strcmp(rows[i].content_type, type) == 0)
            return (int)i;
    }
    return -1;
}

static void add_type(Types *types, GHashTable *to, char *key, const char *type)
{
    gboolean general = strcmp(type, RELATIONSHIPS_TYPE) == 0 || strcmp(type, "application/xml") == 0;
    if (!general && find_type(types->look, type) < 0)
        mgk_look_reject(types->look, "content-type", type);
    if (!g_hash_table_insert(to, key, g_strdup(type)))
        mgk_look_reject(types->look, "content-type-twice", type);
}

static void on_type(gpointer context, const MgkLookElement *element, guint depth)
{
    Types *types = context;
    if (depth == 0)
        return;
    const char *type = mgk_look_value(element, MGK_LOOK_NS_NONE, "ContentType");
    const char *extension = mgk_look_value(element, MGK_LOOK_NS_NONE, "Extension");
    const char *name = mgk_look_value(element, MGK_LOOK_NS_NONE, "PartName");
    if (type && extension && strcmp(element->local, "Default") == 0)
        add_type(types, types->defaults, g_ascii_strdown(extension, -1), type);
    else if (type && name && name[0] == '/' && strcmp(element->local, "Override") == 0)
        add_type(types, types->overrides, g_strdup(name + 1), type);
    else
        mgk_look_reject(types->look, "content-type", element->local);
}

static gboolean is_relationships(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash && g_str_has_suffix(name, ".rels") && slash - name >= 5 && memcmp(slash - 5, "_rels", 5) == 0 &&
           (slash - name == 5 || slash[-6] == '/');
}

static const char *type_of(const Types *types, const char *name)
{
    const char *type = g_hash_table_lookup(types->overrides, name);
    const char *dot = strrchr(name, '.');
    if (type || !dot)
        return type;
    g_autofree char *extension = g_ascii_strdown(dot + 1, -1);
    return g_hash_table_lookup(types->defaults, extension);
}

static void assign_types(MgkLook *look, const Types *types)
{
    GHashTableIter iter;
    gpointer key = NULL, value = NULL;
    g_hash_table_iter_init(&iter, look->parts);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        MgkLookPart *part = value;
        const char *type = type_of(types, key);
        gboolean rels = is_relationships(key);
        part->row = type ? find_type(look, type) : -1;
        if (!type || rels != (strcmp(type, RELATIONSHIPS_TYPE) == 0) || (!rels && part->row < 0))
            mgk_look_reject(look, "part-without-type", key);
    }
    g_hash_table_iter_init(&iter, types->overrides);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!g_hash_table_contains(look->parts, key))
            mgk_look_reject(look, "type-without-part", key);
    }
}

/* "m:2011/relationships/people" for a relationship URI; NULL when it is in none of the known trees. Owned by caller. */
static char *short_relationship(const char *uri)
{
    static const struct {
        const char *prefix, *letter;
    } trees[] = {{"http://schemas.openxmlformats.org/officeDocument/2006/relationships/", "o:"},
                 {"http://purl.oclc.org/ooxml/officeDocument/relationships/", "o:"},
                 {"http://schemas.openxmlformats.org/package/2006/relationships/", "p:"},
                 {"http://schemas.microsoft.com/office/", "m:"}};
    for (gsize i = 0; i < G_N_ELEMENTS(trees); i++) {
        if (g_str_has_prefix(uri, trees[i].prefix))
            return g_strconcat(trees[i].letter, uri + strlen(trees[i].prefix), NULL);
    }
    return NULL;
}

/* The part name a target means, seen from the source part's folder; NULL when it leaves the package. */
static char *resolve(const char *source, const char *target)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_path_get_dirname(source);
    gboolean absolute = target[0] == '/' || strcmp(folder, ".") == 0;
    g_autofree char *path = absolute ? g_strdup(target) : g_strconcat(folder, "/", target, NULL);
    g_auto(GStrv) segments = g_strsplit(path, "/", -1);
    for (char **s = segments; *s; s++) {
        if (**s == '\0' || strcmp(*s, ".") == 0)
            continue;
        if (strcmp(*s, "..") != 0)
            g_ptr_array_add(out, g_strdup(*s));
        else if (out->len == 0)
            return NULL;
        else
            g_ptr_array_set_size(out, (int)out->len - 1);
    }
    g_ptr_array_add(out, NULL);
    return g_strjoinv("/", (char **)out->pdata);
}

static const char *judge_internal(const Relations *relations, const char *type, const char *target)
{
    MgkLook *look = relations->look;
    if (strcmp(type, "o:hyperlink") == 0 && target[0] == '#')
        return "";
    g_autofree char *bare = g_strndup(target, strcspn(target, "#"));
    g_autofree char *name = strchr(bare, ':') || strchr(bare, '\\') ? NULL : resolve(relations->source, bare);
    MgkLookPart *part = name ? g_hash_table_lookup(look->parts, name) : NULL;
    if (!part) {
        mgk_look_reject(look, "dangling-relationship", target);
        return "";
    }
    const MgkLookPartRow *row = mgk_look_part_row(part->row);
    for (gsize i = 0; row && i < G_N_ELEMENTS(rows); i++) {
        if ((rows[i].families & look->family) && strcmp(rows[i].relationship, type) == 0 &&
            strcmp(rows[i].content_type, row->content_type) == 0)
            return part->name;
    }
    mgk_look_reject(look, "relationship-type", type);
    return part->name;
}

static void on_relationship(gpointer context, const MgkLookElement *element, guint depth)
{
    const Relations *relations = context;
    MgkLook *look = relations->look;
    if (depth == 0)
        return;
    const char *id = mgk_look_value(element, MGK_LOOK_NS_NONE, "Id");
    const char *uri = mgk_look_value(element, MGK_LOOK_NS_NONE, "Type");
    const char *target = mgk_look_value(element, MGK_LOOK_NS_NONE, "Target");
    const char *mode = mgk_look_value(element, MGK_LOOK_NS_NONE, "TargetMode");
    if (!id || !uri || !target || strcmp(element->local, "Relationship") != 0) {
        mgk_look_reject(look, "relationship", element->local);
        return;
    }
    g_autofree char *type = short_relationship(uri);
    const char *part = "";
    if (!type)
        mgk_look_reject(look, "relationship-type", uri);
    else if (!mode || strcmp(mode, "Internal") == 0)
        part = judge_internal(relations, type, target);
    else if (strcmp(mode, "External") != 0 || strcmp(type, "o:hyperlink") != 0 || *target == '\0' ||
             !mgk_look_link_is_safe(target))
        mgk_look_reject(look, "external-target", target);
    if (!g_hash_table_insert(relations->rels, g_strdup(id), g_strdup(part)))
        mgk_look_reject(look, "relationship-twice", id);
}

/* "word/document.xml" for "word/_rels/document.xml.rels". Owned by the caller. */
static char *source_of(const char *rels_name)
{
    const char *slash = strrchr(rels_name, '/');
    g_autofree char *folder = g_strndup(rels_name, (gsize)(slash - rels_name) - 5);
    g_autofree char *leaf = g_strndup(slash + 1, strlen(slash + 1) - 5);
    return g_strconcat(folder, leaf, NULL);
}

static gboolean read_relationships(MgkLook *look, MgkLookPart *part, GHashTable *package, GError **error)
{
    g_autofree char *source = source_of(part->name);
    MgkLookPart *owner = *source ? g_hash_table_lookup(look->parts, source) : NULL;
    if (*source && !owner) {
        mgk_look_reject(look, "relationships-without-part", part->name);
        return TRUE;
    }
    if (owner && !owner->rels)
        owner->rels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    part->reached = TRUE;
    look->part = part;
    Relations relations = {look, source, owner ? owner->rels : package};
    return mgk_look_read_xml(look, on_relationship, &relations, error);
}

static void reach(MgkLook *look, GHashTable *package)
{
    g_autoptr(GQueue) queue = g_queue_new();
    g_queue_push_tail(queue, package);
    GHashTable *rels = NULL;
    while ((rels = g_queue_pop_head(queue))) {
        GHashTableIter iter;
        gpointer target = NULL;
        g_hash_table_iter_init(&iter, rels);
        while (g_hash_table_iter_next(&iter, NULL, &target)) {
            MgkLookPart *part = g_hash_table_lookup(look->parts, target);
            if (!part || part->reached)
                continue;
            part->reached = TRUE;
            if (part->rels)
                g_queue_push_tail(queue, part->rels);
        }
    }
}

static gboolean read_all_relationships(MgkLook *look, GError **error)
{
    g_autoptr(GHashTable) package = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer value = NULL;
    g_hash_table_iter_init(&iter, look->parts);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        MgkLookPart *part = value;
        if (is_relationships(part->name) && !read_relationships(look, part, package, error))
            return FALSE;
    }
    reach(look, package);
    g_hash_table_iter_init(&iter, look->parts);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const MgkLookPart *part = value;
        if (!part->reached)
            mgk_look_reject(look, "unreachable-part", part->name);
    }
    return TRUE;
}

static void collect_parts(MgkLook *look)
{
    look->parts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, mgk_look_part_free);
    for (guint i = 1; i < look->zip.entries->len; i++) {
        MgkLookPart *part = g_new0(MgkLookPart, 1);
        part->entry = &g_array_index(look->zip.entries, MgkZipWalkEntry, i);
        part->name = g_strdup(part->entry->name);
        part->row = -1;
        g_hash_table_insert(look->parts, part->name, part);
    }
}

gboolean mgk_look_read_package(MgkLook *look, GError **error)
{
    const MgkZipWalkEntry *first =
        look->zip.entries->len ? &g_array_index(look->zip.entries, MgkZipWalkEntry, 0) : NULL;
    if (!first || strcmp(first->name, "[Content_Types].xml") != 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "content types do not come first");
        return FALSE;
    }
    collect_parts(look);
    char name[] = "[Content_Types].xml";
    MgkLookPart part = {.name = name, .entry = first, .row = -1};
    look->part = &part;
    Types types = {look, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                   g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    gboolean ok = mgk_look_read_xml(look, on_type, &types, error);
    look->part = NULL;
    if (ok)
        assign_types(look, &types);
    g_hash_table_unref(types.defaults);
    g_hash_table_unref(types.overrides);
    ok = ok && read_all_relationships(look, error);
    look->part = NULL;
    return ok;
}
