#include "xml_twin.h"

#include <libxml/parser.h>
#include <string.h>

static void tell_text(GString *told, const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (text[i] != '\r' && text[i] != '\n')
            g_string_append_c(told, text[i]);
    }
}

/* ---- the walk ---- */

static void walk_start(gpointer told, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    g_string_append_printf(told, "<{%s}%s", name->uri, name->local);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(told, " {%s}%s=\"%s\"", attributes[i].name->uri, attributes[i].name->local,
                               attributes[i].value);
    g_string_append_c(told, '>');
}

static void walk_end(gpointer told)
{
    g_string_append(told, "</>");
}

static void walk_text(gpointer told, const char *text, gsize length)
{
    tell_text(told, text, length);
}

GString *mgk_xml_twin_walk(const char *data, gsize size, gsize cut)
{
    static const MgkXmlWalkEvents events = {walk_start, walk_end, walk_text};
    GString *told = g_string_new(NULL);
    MgkXmlWalk *walk = mgk_xml_walk_new(&events, told, 100);
    gboolean ok = TRUE;
    for (gsize at = 0; ok && at < size; at += MIN(cut, size - at))
        ok = mgk_xml_walk_push(walk, data + at, MIN(cut, size - at));
    ok = ok && mgk_xml_walk_finish(walk);
    g_assert(ok == (mgk_xml_walk_why(walk) == NULL));
    mgk_xml_walk_free(walk);
    if (!ok)
        mgk_xml_twin_free(g_steal_pointer(&told));
    return told;
}

/* ---- libxml2 ---- */

typedef struct Twin {
    GString *told; /* borrowed */
    gboolean failed;
} Twin;

static void sax_start(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                      const xmlChar **declared, int n, int n_defaulted, const xmlChar **raw)
{
    GString *told = ((Twin *)user)->told;
    (void)prefix, (void)n_namespaces, (void)declared, (void)n_defaulted;
    g_string_append_printf(told, "<{%s}%s", uri ? (const char *)uri : "", local);
    for (int i = 0; i < n; i++, raw += 5)
        g_string_append_printf(told, " {%s}%s=\"%.*s\"", raw[2] ? (const char *)raw[2] : "", raw[0],
                               (int)(raw[4] - raw[3]), raw[3]);
    g_string_append_c(told, '>');
}

static void sax_end(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    (void)local, (void)prefix, (void)uri;
    g_string_append(((Twin *)user)->told, "</>");
}

static void sax_text(void *user, const xmlChar *text, int length)
{
    tell_text(((Twin *)user)->told, (const char *)text, (gsize)length);
}

/* A namespace whose name is no URI is none that the checker knows; libxml2 counts it as an error of namespaces. */
static void sax_message(void *user, xmlErrorPtr problem)
{
    Twin *twin = user;
    if (problem->level >= XML_ERR_ERROR && problem->code != XML_WAR_NS_URI)
        twin->failed = TRUE;
}

GString *mgk_xml_twin_libxml2(const char *data, gsize size)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = sax_start,
                         .endElementNs = sax_end,
                         .characters = sax_text,
                         .ignorableWhitespace = sax_text,
                         .cdataBlock = sax_text,
                         .serror = sax_message};
    GString *told = g_string_new(NULL);
    Twin twin = {.told = told};
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, &twin, NULL, 0, NULL);
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT);
    if (size)
        xmlParseChunk(parser, data, (int)size, 0);
    xmlParseChunk(parser, "", 0, 1);
    gboolean ok = parser->wellFormed && !twin.failed;
    xmlFreeParserCtxt(parser);
    if (!ok)
        mgk_xml_twin_free(g_steal_pointer(&told));
    return told;
}

void mgk_xml_twin_free(GString *told)
{
    if (told)
        g_string_free(told, TRUE);
}
