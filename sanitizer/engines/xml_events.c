#include "engines/xml_events.h"

#include <libxml/parser.h>
#include <string.h>

#define CHUNK (32u << 10)

typedef struct Reading {
    const MgkXmlEvents *events; /* borrowed */
    gpointer user;
    xmlParserCtxtPtr parser; /* owned */
    gboolean refused;
} Reading;

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
    static const char *const none[] = {NULL};
    Reading *reading = context;
    if (reading->events->start)
        reading->events->start(reading->user, (const char *)name, attributes ? (const char *const *)attributes : none);
}

static void on_end(void *context, const xmlChar *name)
{
    Reading *reading = context;
    if (reading->events->end)
        reading->events->end(reading->user, (const char *)name);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    Reading *reading = context;
    if (reading->events->text)
        reading->events->text(reading->user, (const char *)text, (gsize)size);
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    Reading *reading = context;
    (void)name;
    (void)external;
    (void)system;
    reading->refused = TRUE;
    xmlStopParser(reading->parser);
}

static void on_complaint(void *context, const char *message, ...)
{
    (void)context; /* the parser's return value tells */
    (void)message;
}

/* SAX1 on purpose: qualified names, no namespace work. */
static const xmlSAXHandler handlers = {.startElement = on_start,
                                       .endElement = on_end,
                                       .characters = on_text,
                                       .cdataBlock = on_text,
                                       .internalSubset = on_doctype,
                                       .warning = on_complaint,
                                       .error = on_complaint};

const char *mgk_xml_events_get(const char *const *attributes, const char *name)
{
    for (; attributes[0]; attributes += 2) {
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    }
    return NULL;
}

static gboolean feed(Reading *reading, const void *data, gsize size, GError **error)
{
    if (xmlParseChunk(reading->parser, data, (int)size, size == 0) == XML_ERR_OK && !reading->refused)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "XML of a cleaned part");
    return FALSE;
}

static void reading_init(Reading *reading, const MgkXmlEvents *events, gpointer user)
{
    xmlSAXHandler sax = handlers;
    *reading = (Reading){.events = events, .user = user};
    reading->parser = xmlCreatePushParserCtxt(&sax, reading, NULL, 0, NULL);
    xmlCtxtUseOptions(reading->parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_SAX1);
}

static gboolean pump(MgkZipStream *stream, Reading *reading, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(CHUNK);
    for (;;) {
        gsize size = 0;
        if (!mgk_zip_stream_read(stream, buffer, CHUNK, &size, error) || !feed(reading, buffer, size, error))
            return FALSE;
        if (size == 0)
            return TRUE;
    }
}

gboolean mgk_xml_events_read_bytes(const guint8 *data, gsize size, const MgkXmlEvents *events, gpointer user,
                                   GError **error)
{
    Reading reading;
    gboolean ok = TRUE;
    reading_init(&reading, events, user);
    for (gsize at = 0; ok && at < size; at += CHUNK)
        ok = feed(&reading, data + at, MIN(CHUNK, size - at), error);
    ok = ok && feed(&reading, NULL, 0, error);
    xmlFreeParserCtxt(reading.parser);
    return ok;
}

gboolean mgk_xml_events_read(MgkZip *zip, const char *member, const MgkXmlEvents *events, gpointer user, GError **error)
{
    MgkZipEntry *entry = mgk_zip_find(zip, member);
    if (!entry)
        return TRUE;
    g_autoptr(MgkZipStream) stream = mgk_zip_stream_new(zip, entry, error);
    if (!stream)
        return FALSE;
    Reading reading;
    reading_init(&reading, events, user);
    gboolean ok = pump(stream, &reading, error);
    xmlFreeParserCtxt(reading.parser);
    return ok;
}

/* ---- relationships ---- */

typedef struct Relations {
    GHashTable *targets; /* borrowed */
    const char *folder;  /* borrowed */
    gboolean by_type;
} Relations;

/* "../media/x" seen from "ppt/slides" is "ppt/media/x"; "/a/b" is "a/b". */
static char *resolve(const char *folder, const char *target)
{
    if (*target == '/')
        return g_strdup(target + 1);
    g_autofree char *path = g_strdup(folder);
    while (g_str_has_prefix(target, "../")) {
        char *slash = strrchr(path, '/');
        *(slash ? slash : path) = '\0';
        target += 3;
    }
    return *path ? g_strdup_printf("%s/%s", path, target) : g_strdup(target);
}

static void on_relationship(gpointer user, const char *name, const char *const *attributes)
{
    Relations *relations = user;
    const char *id = mgk_xml_events_get(attributes, "Id"), *target = mgk_xml_events_get(attributes, "Target"),
               *type = mgk_xml_events_get(attributes, "Type");
    if (strcmp(name, "Relationship") != 0 || !id || !target || !type || mgk_xml_events_get(attributes, "TargetMode"))
        return;
    const char *slash = strrchr(type, '/');
    g_hash_table_replace(relations->targets, g_strdup(relations->by_type ? slash ? slash + 1 : type : id),
                         resolve(relations->folder, target));
}

GHashTable *mgk_xml_events_relationships(MgkZip *zip, const char *part, gboolean by_type, GError **error)
{
    static const MgkXmlEvents events = {.start = on_relationship};
    g_autoptr(GHashTable) targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *folder = g_path_get_dirname(part), *base = g_path_get_basename(part);
    const char *root = strcmp(folder, ".") == 0 ? "" : folder;
    g_autofree char *member =
        *part ? g_strdup_printf("%s%s_rels/%s.rels", root, *root ? "/" : "", base) : g_strdup("_rels/.rels");
    Relations relations = {.targets = targets, .folder = root, .by_type = by_type};
    if (!mgk_xml_events_read(zip, member, &events, &relations, error))
        return NULL;
    return g_steal_pointer(&targets);
}
