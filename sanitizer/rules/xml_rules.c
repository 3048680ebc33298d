#include "rules/xml_rules.h"

#include <string.h>

typedef struct ElementRow {
    MgkNs ns;
    const char *names;
    MgkXmlRule rule;
} ElementRow;

typedef struct AttributeRow {
    MgkNs ns;
    const char *elements;
    MgkNs attribute_ns;
    const char *names;
    MgkXmlRule rule;
} AttributeRow;

const MgkNsInfo mgk_ns_table[MGK_N_NS] = {
    [MGK_NS_NONE] = {"", MGK_NS_CLOSED, "", 0},
#define MGK_NS(id, prefix, flags, uri) [MGK_NS_##id] = {prefix, flags, uri, sizeof(prefix) - 1},
#define MGK_NS_ALIAS(id, uri)
#include "rules/namespaces.def"
#undef MGK_NS
#undef MGK_NS_ALIAS
};

static const struct {
    const char *uri;
    MgkNs ns;
} spellings[] = {
#define MGK_NS(id, prefix, flags, uri) {uri, MGK_NS_##id},
#define MGK_NS_ALIAS(id, uri) {uri, MGK_NS_##id},
#include "rules/namespaces.def"
#undef MGK_NS
#undef MGK_NS_ALIAS
};

#define RULE(a, k, h) \
    { \
        .kind = MGK_KIND_##k, .action = MGK_XML_##a, .hook = MGK_XML_HOOK_##h \
    }

static const ElementRow element_rows[] = {
#define MGK_XML_ELEMENT(ns, names, action, kind, hook) {MGK_NS_##ns, names, RULE(action, kind, hook)},
#define MGK_XML_ATTRIBUTE(ns, elements, attribute_ns, names, action, kind, hook)
#include "rules/xml_vocabularies.def"
#undef MGK_XML_ELEMENT
#undef MGK_XML_ATTRIBUTE
};

static const AttributeRow attribute_rows[] = {
#define MGK_XML_ELEMENT(ns, names, action, kind, hook)
#define MGK_XML_ATTRIBUTE(ns, elements, attribute_ns, names, action, kind, hook) \
    {MGK_NS_##ns, elements, MGK_NS_##attribute_ns, names, RULE(action, kind, hook)},
#include "rules/xml_vocabularies.def"
#undef MGK_XML_ELEMENT
#undef MGK_XML_ATTRIBUTE
};

static const MgkXmlRule rule_keep = RULE(KEEP, NONE, NONE);
static const MgkXmlRule rule_drop = RULE(DROP, NONE, NONE);
static const MgkXmlRule rule_unknown = RULE(DROP, UNKNOWN_MARKUP, NONE);
static const MgkXmlRule rule_relationship = RULE(REL, NONE, NONE);

G_STATIC_ASSERT(MGK_N_NS <= 128); /* the filter keeps bound prefixes in 128 bits */
G_STATIC_ASSERT(MGK_N_XML_HOOKS <= 256);

/* One table for both: an element's key has no attribute name. Strings are borrowed from the static rows' copies. */
typedef struct Key {
    guint16 ns, attribute_ns;
    const char *element, *attribute;
} Key;

typedef struct Tables {
    GHashTable *uris;  /* uri → ns + 1 */
    GHashTable *rules; /* Key* → const MgkXmlRule* */
    GStringChunk *text;
} Tables;

static guint key_hash(gconstpointer data)
{
    const Key *key = data;
    guint hash = key->attribute ? g_str_hash(key->attribute) : 0;
    return (g_str_hash(key->element) * 31 + hash) * 31 + key->ns * 127u + key->attribute_ns;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const Key *p = a, *q = b;
    return p->ns == q->ns && p->attribute_ns == q->attribute_ns && strcmp(p->element, q->element) == 0 &&
           g_strcmp0(p->attribute, q->attribute) == 0;
}

static void add_rule(Tables *tables, const Key *key, const MgkXmlRule *rule)
{
    g_hash_table_replace(tables->rules, g_memdup2(key, sizeof *key), (gpointer)(guintptr)rule);
}

/* The words of a space separated list, NULL-terminated; the array is the caller's, the words are the tables'. */
static const char **split(Tables *tables, const char *names)
{
    g_autofree char *copy = g_strdup(names);
    GPtrArray *words = g_ptr_array_new();
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " "));)
        g_ptr_array_add(words, g_string_chunk_insert_const(tables->text, word));
    g_ptr_array_add(words, NULL);
    return (const char **)g_ptr_array_free(words, FALSE);
}

static void add_attribute_row(Tables *tables, const AttributeRow *row)
{
    g_autofree const char **elements = split(tables, row->elements), **names = split(tables, row->names);
    for (guint e = 0; elements[e]; e++) {
        for (guint n = 0; names[n]; n++) {
            Key key = {.ns = (guint16)row->ns,
                       .attribute_ns = (guint16)row->attribute_ns,
                       .element = elements[e],
                       .attribute = names[n]};
            add_rule(tables, &key, &row->rule);
        }
    }
}

static const Tables *build(void)
{
    Tables *tables = g_new0(Tables, 1);
    tables->text = g_string_chunk_new(16384);
    tables->uris = g_hash_table_new(g_str_hash, g_str_equal);
    tables->rules = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++)
        g_hash_table_insert(tables->uris, (gpointer)(guintptr)spellings[i].uri, GUINT_TO_POINTER(spellings[i].ns + 1));
    for (gsize i = 0; i < G_N_ELEMENTS(element_rows); i++) {
        g_autofree const char **names = split(tables, element_rows[i].names);
        for (guint n = 0; names[n]; n++)
            add_rule(tables, &(Key){.ns = (guint16)element_rows[i].ns, .element = names[n]}, &element_rows[i].rule);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(attribute_rows); i++)
        add_attribute_row(tables, &attribute_rows[i]);
    return tables;
}

static const Tables *get_tables(void)
{
    static gsize once = 0;
    if (g_once_init_enter(&once))
        g_once_init_leave(&once, (gsize)build());
    return (const Tables *)once;
}

void mgk_xml_rules_warm(void)
{
    get_tables();
}

gboolean mgk_ns_in_family(MgkNs ns, guint family)
{
    guint flags = mgk_ns_info(ns)->flags;
    if (ns == MGK_NS_NONE || flags & MGK_NS_SHARED)
        return TRUE;
    return family ? (flags & family) != 0 : !(flags & MGK_NS_FAMILIES);
}

MgkNs mgk_ns_from_uri(const char *uri)
{
    if (!uri || !*uri)
        return MGK_NS_NONE;
    guint found = GPOINTER_TO_UINT(g_hash_table_lookup(get_tables()->uris, uri));
    return found ? (MgkNs)(found - 1) : MGK_NS_UNKNOWN;
}

MgkNs mgk_ns_from_prefix(const char *prefix)
{
    gsize length = strcspn(prefix, ":");
    for (guint i = MGK_NS_NONE + 1; i < MGK_N_NS; i++) {
        if (strlen(mgk_ns_table[i].prefix) == length && strncmp(mgk_ns_table[i].prefix, prefix, length) == 0)
            return (MgkNs)i;
    }
    return MGK_NS_UNKNOWN;
}

const MgkXmlRule *mgk_xml_element_rule(MgkNs ns, const char *name)
{
    if (ns >= MGK_N_NS)
        return &rule_unknown;
    Key key = {.ns = (guint16)ns, .element = name};
    const MgkXmlRule *rule = g_hash_table_lookup(get_tables()->rules, &key);
    if (rule)
        return rule;
    return mgk_ns_table[ns].flags & MGK_NS_OPEN ? &rule_keep : &rule_unknown;
}

const MgkXmlRule *mgk_xml_attribute_rule(MgkNs ns, const char *element, MgkNs attribute_ns, const char *name)
{
    if (ns >= MGK_N_NS || attribute_ns >= MGK_N_NS)
        return &rule_drop;
    Key key = {.ns = (guint16)ns, .attribute_ns = (guint16)attribute_ns, .element = element, .attribute = name};
    const MgkXmlRule *rule = g_hash_table_lookup(get_tables()->rules, &key);
    if (rule)
        return rule;
    key.element = "*";
    rule = g_hash_table_lookup(get_tables()->rules, &key);
    if (!rule && mgk_ns_table[ns].flags & MGK_NS_ODF) {
        key.ns = MGK_NS_ODF_ANY;
        rule = g_hash_table_lookup(get_tables()->rules, &key);
    }
    if (rule)
        return rule;
    if (attribute_ns == MGK_NS_R)
        return &rule_relationship;
    MgkNs owner = attribute_ns == MGK_NS_NONE ? ns : attribute_ns;
    return mgk_ns_table[owner].flags & MGK_NS_OPEN_ATTRIBUTES ? &rule_keep : &rule_drop;
}
