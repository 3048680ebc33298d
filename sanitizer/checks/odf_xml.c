/* odf_xml.c - the second look's strict reader of one OpenDocument XML member: only listed names, only values that do
 * nothing, no declarations, instructions or comments; pictures in base64 are what our encoders write. */
#include "checks/odf_look.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <string.h>

typedef struct Space {
    const char *id, *uri, *elements, *attributes;
} Space;

static const Space spaces[] = {
#define LOOK_ODF(id, uri, elements, attributes) {#id, uri, elements, attributes},
#include "checks/odf_names.def"
#undef LOOK_ODF
};

enum { MAX_DEPTH = 10000, CHUNK = 65536 };

struct MgkOdfReader {
    MgkOdfLookPart *part;    /* borrowed */
    xmlParserCtxtPtr parser; /* owned */
    GHashTable *elements;    /* owned; "uri local" → Space */
    GHashTable *attributes;  /* owned; the same */
    GPtrArray *open;         /* owned; local names, the parser's own */
    GString *key;            /* owned; for lookups */
    GString *value;          /* owned */
    GString *picture;        /* owned; base64 of the present office:binary-data */
    gboolean in_picture;
};

static GHashTable *index_names(gboolean elements)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(spaces); i++) {
        g_auto(GStrv) words = g_strsplit(elements ? spaces[i].elements : spaces[i].attributes, " ", -1);
        for (char **word = words; *word; word++)
            g_hash_table_insert(table, g_strdup_printf("%s %s", spaces[i].uri, *word), (gpointer)(gsize)&spaces[i]);
    }
    return table;
}

static void reject(MgkOdfReader *reader, const char *rule, const char *detail)
{
    mgk_odf_look_reject(reader->part->look, reader->part->name, rule, detail);
}

static const Space *find(MgkOdfReader *reader, GHashTable *table, const xmlChar *uri, const xmlChar *local)
{
    g_string_assign(reader->key, uri ? (const char *)uri : "");
    g_string_append_c(reader->key, ' ');
    g_string_append(reader->key, (const char *)local);
    return g_hash_table_lookup(table, reader->key->str);
}

/* The parser writes an ampersand in a value as "&#38;". */
static void read_value(MgkOdfReader *reader, const xmlChar *start, const xmlChar *end)
{
    g_string_truncate(reader->value, 0);
    for (const xmlChar *p = start; p < end; p++) {
        g_string_append_c(reader->value, (char)*p);
        if (*p == '&' && end - p >= 5 && memcmp(p, "&#38;", 5) == 0)
            p += 4;
    }
}

static void judge_attribute(MgkOdfReader *reader, const char *element, const xmlChar **attribute)
{
    const Space *space = find(reader, reader->attributes, attribute[2], attribute[0]);
    if (!space) {
        reject(reader, "unknown-attribute", (const char *)attribute[0]);
        return;
    }
    read_value(reader, attribute[3], attribute[4]);
    const char *why =
        mgk_odf_look_value(reader->part, element, space->id, (const char *)attribute[0], reader->value->str);
    if (why)
        reject(reader, why, reader->value->str);
}

static const char *parent_of(const MgkOdfReader *reader)
{
    return reader->open->len ? g_ptr_array_index(reader->open, reader->open->len - 1) : "";
}

static void judge_place(MgkOdfReader *reader, const char *local)
{
    const MgkOdfLook *look = reader->part->look;
    gboolean content = strcmp(reader->part->root, "document-content") == 0;
    if (!reader->open->len && strcmp(local, reader->part->root) != 0 && !(content && strcmp(local, "math") == 0))
        reject(reader, "wrong-root", local);
    if (*look->media && !*reader->part->folder && reader->open->len == 2 && strcmp(parent_of(reader), "body") == 0 &&
        strcmp(local, look->body) != 0)
        reject(reader, "wrong-body", local);
    if (reader->open->len >= MAX_DEPTH)
        reject(reader, "too-deep", local);
}

static void on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    MgkOdfReader *reader = data;
    (void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
    if (!find(reader, reader->elements, uri, local))
        reject(reader, "unknown-element", (const char *)local);
    judge_place(reader, (const char *)local);
    for (int i = 0; i < n_attributes; i++)
        judge_attribute(reader, (const char *)local, attributes + 5 * (gsize)i);
    reader->in_picture = strcmp((const char *)local, "binary-data") == 0;
    g_string_truncate(reader->picture, 0);
    g_ptr_array_add(reader->open, (gpointer)(gsize)local);
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    MgkOdfReader *reader = data;
    (void)local, (void)prefix, (void)uri;
    if (reader->in_picture) {
        gsize size = 0;
        guint8 *bytes = g_base64_decode_inplace(reader->picture->str, &size);
        mgk_odf_look_picture(reader->part->look, reader->part->name, bytes, size);
    }
    reader->in_picture = FALSE;
    if (reader->open->len)
        g_ptr_array_set_size(reader->open, (gint)reader->open->len - 1);
}

static void on_text(void *data, const xmlChar *text, int length)
{
    MgkOdfReader *reader = data;
    if (reader->in_picture)
        g_string_append_len(reader->picture, (const char *)text, length);
}

static void on_subset(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)external, (void)system;
    reject(data, "doctype", (const char *)name);
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)text;
    reject(data, "processing-instruction", (const char *)target);
}

static void on_comment(void *data, const xmlChar *text)
{
    reject(data, "xml-comment", (const char *)text);
}

static void on_reference(void *data, const xmlChar *name)
{
    reject(data, "entity", (const char *)name);
}

static void on_error(void *data, const xmlError *error)
{
    (void)data, (void)error; /* wellFormed says what matters */
}

MgkOdfReader *mgk_odf_reader_new(MgkOdfLookPart *part)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .endElementNs = on_end,
                         .characters = on_text,
                         .cdataBlock = on_text,
                         .internalSubset = on_subset,
                         .processingInstruction = on_instruction,
                         .comment = on_comment,
                         .reference = on_reference,
                         .serror = (xmlStructuredErrorFunc)on_error};
    MgkOdfReader *reader = g_new0(MgkOdfReader, 1);
    reader->part = part;
    reader->elements = index_names(TRUE);
    reader->attributes = index_names(FALSE);
    reader->open = g_ptr_array_new();
    reader->key = g_string_new(NULL);
    reader->value = g_string_new(NULL);
    reader->picture = g_string_new(NULL);
    reader->parser = xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL);
    if (reader->parser)
        xmlCtxtUseOptions(reader->parser, XML_PARSE_NONET | XML_PARSE_HUGE);
    return reader;
}

void mgk_odf_reader_free(MgkOdfReader *reader)
{
    if (!reader)
        return;
    if (reader->parser)
        xmlFreeParserCtxt(reader->parser);
    g_hash_table_unref(reader->elements);
    g_hash_table_unref(reader->attributes);
    g_ptr_array_unref(reader->open);
    g_string_free(reader->key, TRUE);
    g_string_free(reader->value, TRUE);
    g_string_free(reader->picture, TRUE);
    g_free(reader);
}

static gboolean refuse(const MgkOdfReader *reader, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "malformed-xml (%s)", reader->part->name);
    return FALSE;
}

gboolean mgk_odf_reader_push(gpointer context, const guint8 *data, gsize size, GError **error)
{
    MgkOdfReader *reader = context;
    for (gsize at = 0; at < size && reader->parser; at += CHUNK)
        xmlParseChunk(reader->parser, (const char *)data + at, (int)MIN(CHUNK, size - at), 0);
    return reader->parser && reader->parser->wellFormed ? TRUE : refuse(reader, error);
}

gboolean mgk_odf_reader_finish(MgkOdfReader *reader, GError **error)
{
    if (reader->parser)
        xmlParseChunk(reader->parser, NULL, 0, 1);
    gboolean ok = reader->parser && reader->parser->wellFormed && reader->parser->nsWellFormed;
    const char *encoding = ok ? (const char *)reader->parser->encoding : NULL;
    return ok && (!encoding || g_ascii_strcasecmp(encoding, "UTF-8") == 0) ? TRUE : refuse(reader, error);
}
