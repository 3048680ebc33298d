/* xml_names.c - Namespaces in XML 1.0 (third edition); characters of names by XML 1.0 (fifth edition), 2.3. */
#include "checks/xml_names.h"

#include <string.h>

#define XML_URI "http://www.w3.org/XML/1998/namespace"
#define XMLNS_URI "http://www.w3.org/2000/xmlns/"

static guint name_hash(gconstpointer data)
{
    const MgkXmlWalkName *name = data;
    return g_str_hash(name->local) * 31 + g_direct_hash(name->uri);
}

static gboolean name_equal(gconstpointer a, gconstpointer b)
{
    const MgkXmlWalkName *p = a, *q = b;
    return p->uri == q->uri && strcmp(p->local, q->local) == 0;
}

static void spelling_free(gpointer data)
{
    MgkXmlSpelling *spelling = data;
    g_free(spelling->text);
    g_free(spelling);
}

static void bind(MgkXmlNames *names, const char *prefix, const char *uri)
{
    MgkXmlBinding binding = {g_string_chunk_insert_const(names->strings, prefix),
                             g_string_chunk_insert_const(names->strings, uri)};
    g_array_append_val(names->bindings, binding);
    names->scope = ++names->scopes;
}

void mgk_xml_names_init(MgkXmlNames *names)
{
    *names = (MgkXmlNames){.spellings = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, spelling_free),
                           .names = g_hash_table_new_full(name_hash, name_equal, g_free, NULL),
                           .strings = g_string_chunk_new(4096),
                           .bindings = g_array_new(FALSE, FALSE, sizeof(MgkXmlBinding))};
    bind(names, "", "");
    bind(names, "xml", XML_URI);
}

void mgk_xml_names_clear(MgkXmlNames *names)
{
    g_hash_table_unref(names->spellings);
    g_hash_table_unref(names->names);
    g_string_chunk_free(names->strings);
    g_array_unref(names->bindings);
}

/* ---- spellings ---- */

static gboolean starts_name(gunichar c)
{
    static const struct {
        gunichar first, last;
    } ranges[] = {{0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},
                  {0x37f, 0x1fff},  {0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef},
                  {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff}};
    for (gsize i = 0; c >= 0x80 && i < G_N_ELEMENTS(ranges); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return TRUE;
    }
    return c == '_' || (c < 0x80 && g_ascii_isalpha((char)c));
}

static gboolean continues_name(gunichar c)
{
    return starts_name(c) || c == '-' || c == '.' || (c >= '0' && c <= '9') || c == 0xb7 ||
           (c >= 0x300 && c <= 0x36f) || (c >= 0x203f && c <= 0x2040);
}

static gboolean is_plain_name(const char *text, gsize length)
{
    if (length == 0 || !g_utf8_validate(text, (gssize)length, NULL) || !starts_name(g_utf8_get_char(text)))
        return FALSE;
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        if (!continues_name(g_utf8_get_char(p)))
            return FALSE;
    }
    return TRUE;
}

static MgkXmlSpelling *add_spelling(MgkXmlNames *names, const char *text)
{
    const char *colon = strchr(text, ':');
    const char *local = colon ? colon + 1 : text;
    if ((colon && !is_plain_name(text, (gsize)(colon - text))) || !is_plain_name(local, strlen(local)))
        return NULL;
    MgkXmlSpelling *spelling = g_new0(MgkXmlSpelling, 1);
    g_autofree char *prefix = colon ? g_strndup(text, (gsize)(colon - text)) : g_strdup("");
    spelling->text = g_strdup(text);
    spelling->length = strlen(text);
    spelling->prefix = g_string_chunk_insert_const(names->strings, prefix);
    spelling->local = spelling->text + (local - text);
    spelling->declares = strcmp(colon ? spelling->prefix : spelling->local, "xmlns") == 0;
    g_hash_table_insert(names->spellings, spelling->text, spelling);
    return spelling;
}

/* A mix of the length and of the first and last eight bytes; most names are no longer. */
static gsize slot_of(const char *text, gsize length)
{
    guint64 head, tail = 0;
    memcpy(&head, text, sizeof head);
    if (length < sizeof head)
        head = GUINT64_FROM_LE(head) & ((G_GUINT64_CONSTANT(1) << (8 * length)) - 1);
    else
        memcpy(&tail, text + length - sizeof tail, sizeof tail);
    guint64 mix = (head ^ (tail * 31) ^ length) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    return (gsize)(mix >> 40) % MGK_XML_SPELLINGS;
}

MgkXmlSpelling *mgk_xml_names_spelling(MgkXmlNames *names, const char *text, gsize length)
{
    MgkXmlSpelling **recent = &names->recent[slot_of(text, length)];
    if (*recent && (*recent)->length == length && memcmp((*recent)->text, text, length) == 0)
        return *recent;
    g_autofree char *copy = g_strndup(text, length);
    MgkXmlSpelling *spelling = g_hash_table_lookup(names->spellings, copy);
    if (!spelling)
        spelling = add_spelling(names, copy);
    if (spelling)
        *recent = spelling;
    return spelling;
}

/* ---- namespaces ---- */

gboolean mgk_xml_names_declare(MgkXmlNames *names, const MgkXmlSpelling *spelling, const char *uri, guint mark)
{
    const char *prefix = *spelling->prefix ? spelling->local : "";
    gboolean xml = strcmp(prefix, "xml") == 0;
    if (strcmp(prefix, "xmlns") == 0 || strcmp(uri, XMLNS_URI) == 0 || xml != (strcmp(uri, XML_URI) == 0) ||
        (*prefix && !*uri))
        return FALSE;
    for (guint i = mark; i < names->bindings->len; i++) {
        if (strcmp(g_array_index(names->bindings, MgkXmlBinding, i).prefix, prefix) == 0)
            return FALSE;
    }
    bind(names, prefix, uri);
    return TRUE;
}

const char *mgk_xml_names_uri(const MgkXmlNames *names, const char *prefix)
{
    for (guint i = names->bindings->len; i > 0; i--) {
        const MgkXmlBinding *binding = &g_array_index(names->bindings, MgkXmlBinding, i - 1);
        if (strcmp(binding->prefix, prefix) == 0)
            return binding->uri;
    }
    return NULL;
}

static MgkXmlWalkName *find_name(MgkXmlNames *names, const char *local, const char *uri)
{
    MgkXmlWalkName wanted = {.local = local, .uri = uri};
    MgkXmlWalkName *name = g_hash_table_lookup(names->names, &wanted);
    if (name)
        return name;
    name = g_new0(MgkXmlWalkName, 1);
    name->local = g_string_chunk_insert_const(names->strings, local);
    name->uri = uri;
    g_hash_table_add(names->names, name);
    return name;
}

MgkXmlWalkName *mgk_xml_names_resolve(MgkXmlNames *names, MgkXmlSpelling *spelling, gboolean element)
{
    guint as = element ? 1 : 0;
    if (spelling->as[as].scope == names->scope)
        return spelling->as[as].name;
    /* the first binding is of the empty prefix to nothing, which is what attributes without a prefix have */
    const char *uri = *spelling->prefix || element ? mgk_xml_names_uri(names, spelling->prefix)
                                                   : g_array_index(names->bindings, MgkXmlBinding, 0).uri;
    MgkXmlWalkName *last = spelling->as[as].name;
    if (!uri)
        return NULL;
    if (!last || last->uri != uri)
        spelling->as[as].name = find_name(names, spelling->local, uri);
    spelling->as[as].scope = names->scope;
    return spelling->as[as].name;
}
