#include "engines/flat_opc.h"

#include "engines/sink.h"
#include "engines/xml_out.h"
#include "engines/xml_value.h"
#include "engines/zip_writer.h"

#include <libxml/parser.h>

#define NAME_BYTES 1000
#define SCOPES 128 /* each part repeats them */

/* Depths of elements. */
enum { PACKAGE = 1, PART, CONTENT, ROOT };

typedef struct Scope {
    char *prefix, *uri; /* owned; prefix "": the default namespace */
    guint64 depth;
} Scope;

typedef struct Part {
    char *name, *type; /* owned */
    GBytes *bytes;     /* owned */
} Part;

typedef struct Reading {
    xmlParserCtxtPtr parser; /* owned */
    const MgkLimits *limits; /* borrowed */
    const char *refused;     /* static */
    gboolean limit;
    guint64 depth;
    GPtrArray *parts; /* owned; of Part* */
    GArray *scopes;   /* owned; of Scope: what is declared outside the parts' own roots */
    gboolean base64;
    guint contents, roots; /* of the present part */
    MgkXmlOut out;         /* of the present part */
    GByteArray *bytes;     /* owned; of the present part, when base64 */
    gint state;
    guint save;
} Reading;

static void part_free(gpointer data)
{
    Part *part = data;
    g_free(part->name);
    g_free(part->type);
    g_clear_pointer(&part->bytes, g_bytes_unref);
    g_free(part);
}

static void scope_clear(gpointer data)
{
    Scope *scope = data;
    g_free(scope->prefix);
    g_free(scope->uri);
}

static void refuse(Reading *r, const char *why, gboolean limit)
{
    if (!r->refused)
        r->limit = limit;
    r->refused = r->refused ? r->refused : why;
    xmlStopParser(r->parser);
}

/* ---- parts ---- */

/* "/word/document.xml" as an archive names it; NULL when it cannot be a part's name. */
static char *member_name(const char *name)
{
    gsize length = strlen(name);
    if (length < 2 || length > NAME_BYTES || name[0] != '/' || name[1] == '/' || name[length - 1] == '/')
        return NULL;
    return g_ascii_strcasecmp(name + 1, "[Content_Types].xml") == 0 ? NULL : g_strdup(name + 1);
}

static char *take_attribute(const xmlChar **attributes, int n, const char *name)
{
    for (int i = 0; i < n; i++, attributes += 5) {
        if (strcmp((const char *)attributes[0], name) != 0 ||
            g_strcmp0((const char *)attributes[2], MGK_FLAT_OPC_NAMESPACE) != 0)
            continue;
        g_autoptr(GString) value = g_string_new(NULL);
        gboolean sound =
            mgk_xml_value_append(value, (const char *)attributes[3], (gsize)(attributes[4] - attributes[3]));
        return sound ? g_string_free(g_steal_pointer(&value), FALSE) : NULL;
    }
    return NULL;
}

static void begin_part(Reading *r, int n, const xmlChar **attributes)
{
    g_autofree char *name = take_attribute(attributes, n, "name");
    Part *part = g_new0(Part, 1);
    part->name = name ? member_name(name) : NULL;
    part->type = take_attribute(attributes, n, "contentType");
    g_ptr_array_add(r->parts, part);
    r->contents = 0;
    if (!part->name || !part->type)
        refuse(r, "a part without name or type", FALSE);
    else if (r->parts->len >= r->limits->zip_entries)
        refuse(r, "zip_entries", TRUE);
}

static void begin_content(Reading *r, const char *name)
{
    r->base64 = strcmp(name, "binaryData") == 0;
    r->roots = 0;
    r->state = 0;
    r->save = 0;
    if (r->contents++ || (!r->base64 && strcmp(name, "xmlData") != 0)) {
        refuse(r, "a part with two contents, or an unknown one", FALSE);
        return;
    }
    if (r->base64)
        r->bytes = g_byte_array_new();
    else
        mgk_xml_out_init(&r->out, FALSE);
}

static void end_content(Reading *r)
{
    Part *part = g_ptr_array_index(r->parts, r->parts->len - 1);
    if (r->base64)
        part->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&r->bytes));
    else
        part->bytes = g_bytes_new(r->out.data, r->out.length);
    mgk_xml_out_clear(&r->out);
}

/* ---- a part's markup ---- */

static void put(Reading *r, const char *text)
{
    mgk_xml_out_raw(&r->out, text, strlen(text));
}

static void put_name(Reading *r, const xmlChar *prefix, const xmlChar *name)
{
    if (prefix) {
        put(r, (const char *)prefix);
        put(r, ":");
    }
    put(r, (const char *)name);
}

static void put_value(Reading *r, const char *value, gsize size)
{
    g_autoptr(GString) plain = g_string_sized_new(size);
    if (!mgk_xml_value_append(plain, value, size))
        refuse(r, "an entity", FALSE);
    put(r, "=\"");
    mgk_xml_out_escape(&r->out, plain->str, plain->len, TRUE);
    put(r, "\"");
}

static void put_namespace(Reading *r, const char *prefix, const char *uri)
{
    put(r, *prefix ? " xmlns:" : " xmlns");
    put(r, prefix);
    put_value(r, uri, strlen(uri));
}

/* What the part's root inherits and does not declare itself, innermost first. */
static void put_inherited(Reading *r, int n, const xmlChar **own)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < n; i++)
        g_hash_table_add(known, g_strdup(own[2 * i] ? (const char *)own[2 * i] : ""));
    for (guint i = r->scopes->len; i-- > 0;) {
        const Scope *scope = &g_array_index(r->scopes, Scope, i);
        if (g_hash_table_add(known, g_strdup(scope->prefix)) && strcmp(scope->uri, MGK_FLAT_OPC_NAMESPACE) != 0)
            put_namespace(r, scope->prefix, scope->uri);
    }
}

static void put_start(Reading *r, const xmlChar *name, const xmlChar *prefix, int n_namespaces,
                      const xmlChar **namespaces)
{
    mgk_xml_out_close_tag(&r->out);
    put(r, "<");
    put_name(r, prefix, name);
    for (int i = 0; i < n_namespaces; i++)
        put_namespace(r, namespaces[2 * i] ? (const char *)namespaces[2 * i] : "",
                      namespaces[2 * i + 1] ? (const char *)namespaces[2 * i + 1] : "");
    if (r->depth == ROOT)
        put_inherited(r, n_namespaces, namespaces);
    r->out.tag_open = TRUE;
}

/* ---- events ---- */

static void remember_scopes(Reading *r, int n, const xmlChar **namespaces)
{
    if (n > SCOPES || r->scopes->len + (guint)n > SCOPES)
        refuse(r, "namespaces", TRUE);
    for (int i = 0; i < n && !r->refused; i++) {
        const char *prefix = (const char *)namespaces[2 * i], *uri = (const char *)namespaces[2 * i + 1];
        Scope scope = {.prefix = g_strdup(prefix ? prefix : ""), .uri = g_strdup(uri ? uri : ""), .depth = r->depth};
        g_array_append_val(r->scopes, scope);
    }
}

static void on_frame(Reading *r, const char *name, const char *uri, int n, const xmlChar **attributes)
{
    static const char *const names[] = {[PACKAGE] = "package", [PART] = "part"};
    if (g_strcmp0(uri, MGK_FLAT_OPC_NAMESPACE) != 0 || (r->depth < CONTENT && strcmp(name, names[r->depth]) != 0))
        refuse(r, "no flat package", FALSE);
    else if (r->depth == PART)
        begin_part(r, n, attributes);
    else if (r->depth == CONTENT)
        begin_content(r, name);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    Reading *r = context;
    (void)n_defaulted; /* there are no declarations */
    if (r->refused)
        return;
    if (++r->depth > r->limits->xml_depth || (guint64)n_attributes > r->limits->xml_attributes) {
        refuse(r, "depth or attributes", TRUE);
        return;
    }
    if (r->depth < ROOT) {
        remember_scopes(r, n_namespaces, namespaces);
        on_frame(r, (const char *)name, (const char *)uri, n_attributes, attributes);
        return;
    }
    if (r->base64 || (r->depth == ROOT && r->roots++)) {
        refuse(r, "a part with two roots", FALSE);
        return;
    }
    put_start(r, name, prefix, n_namespaces, namespaces);
    for (int i = 0; i < n_attributes; i++, attributes += 5) {
        put(r, " ");
        put_name(r, attributes[1], attributes[0]);
        put_value(r, (const char *)attributes[3], (gsize)(attributes[4] - attributes[3]));
    }
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    Reading *r = context;
    (void)uri;
    if (r->refused)
        return;
    if (r->depth >= ROOT) {
        mgk_xml_out_close_tag(&r->out);
        put(r, "</");
        put_name(r, prefix, name);
        put(r, ">");
    } else if (r->depth == CONTENT) {
        end_content(r);
    } else if (r->depth == PART && r->contents == 0) {
        refuse(r, "a part without content", FALSE);
    }
    while (r->scopes->len && g_array_index(r->scopes, Scope, r->scopes->len - 1).depth == r->depth)
        g_array_set_size(r->scopes, r->scopes->len - 1);
    r->depth--;
}

static void on_text(void *context, const xmlChar *text, int size)
{
    Reading *r = context;
    if (r->refused || r->depth < CONTENT)
        return;
    if (r->depth > CONTENT) {
        mgk_xml_out_close_tag(&r->out);
        mgk_xml_out_escape(&r->out, (const char *)text, (gsize)size, FALSE);
    } else if (r->base64) {
        guint start = r->bytes->len;
        g_byte_array_set_size(r->bytes, start + (guint)size / 4 * 3 + 6); /* and those saved */
        gsize used = g_base64_decode_step((const char *)text, (gsize)size, r->bytes->data + start, &r->state, &r->save);
        g_byte_array_set_size(r->bytes, start + (guint)used);
    }
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    refuse(context, "a document type", FALSE);
}

static void on_reference(void *context, const xmlChar *name)
{
    (void)name;
    refuse(context, "an entity", FALSE);
}

static void on_message(void *context, const xmlError *error)
{
    (void)context, (void)error; /* the parser's wellFormed and nsWellFormed tell */
}

static gboolean parse(Reading *r, const char *text, gsize size)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .internalSubset = on_doctype,
                         .startElementNs = on_start,
                         .endElementNs = on_end,
                         .characters = on_text,
                         .ignorableWhitespace = on_text,
                         .cdataBlock = on_text,
                         .reference = on_reference,
                         .serror = (xmlStructuredErrorFunc)on_message};
    r->parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    xmlCtxtUseOptions(r->parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC);
    int result = xmlParseChunk(r->parser, text, (int)size, 1);
    gboolean ok = !r->refused && result == XML_ERR_OK && r->parser->wellFormed && r->parser->nsWellFormed;
    xmlFreeParserCtxt(r->parser);
    return ok;
}

/* ---- the archive ---- */

static gboolean write_types(MgkZipWriter *writer, const GPtrArray *parts, GError **error)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">";
    g_autoptr(GString) types = g_string_new(head);
    for (guint i = 0; i < parts->len; i++) {
        const Part *part = g_ptr_array_index(parts, i);
        g_autofree char *entry =
            g_markup_printf_escaped("<Override PartName=\"/%s\" ContentType=\"%s\"/>", part->name, part->type);
        g_string_append(types, entry);
    }
    g_string_append(types, "</Types>");
    return mgk_zip_writer_add(writer, "[Content_Types].xml", MGK_ZIP_PACK, MGK_ZIP_EPOCH, types->str, types->len,
                              error);
}

static GBytes *pack(const GPtrArray *parts, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(mgk_sink_array, bytes);
    if (!write_types(writer, parts, error))
        return NULL;
    for (guint i = 0; i < parts->len; i++) {
        const Part *part = g_ptr_array_index(parts, i);
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(part->bytes, &size);
        if (!mgk_zip_writer_add(writer, part->name, MGK_ZIP_STORE, MGK_ZIP_EPOCH, data, size, error))
            return NULL;
    }
    if (!mgk_zip_writer_finish(writer, error))
        return NULL;
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

GBytes *mgk_flat_opc_pack(const GString *text, const MgkLimits *limits, GError **error)
{
    if (text->len > G_MAXINT / 2) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "XML of more than 1 GiB");
        return NULL;
    }
    if (!mgk_xml_value_count_all(text->str, text->len, limits->xml_attributes)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "flat package: attributes");
        return NULL;
    }
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(part_free);
    g_autoptr(GArray) scopes = g_array_new(FALSE, FALSE, sizeof(Scope));
    g_array_set_clear_func(scopes, scope_clear);
    Reading reading = {.limits = limits, .parts = parts, .scopes = scopes};
    gboolean ok = parse(&reading, text->str, text->len);
    g_clear_pointer(&reading.bytes, g_byte_array_unref);
    mgk_xml_out_clear(&reading.out);
    if (ok)
        return pack(parts, error);
    g_set_error(error, MGK_ERROR, reading.limit ? MGK_ERROR_LIMIT : MGK_ERROR_MALFORMED, "flat package: %s",
                reading.refused ? reading.refused : "not well-formed");
    return NULL;
}
