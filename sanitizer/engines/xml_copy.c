#include "engines/xml_copy.h"

#include "engines/xml_value.h"

#include <libxml/parser.h>
#include <string.h>

typedef struct Rule {
    const char *text, *why;
} Rule;

static const Rule roots[] = {
#define MGK_XML_ROOT(prefix) {prefix, NULL},
#include "rules/xml_roots.def"
#undef MGK_XML_ROOT
};
static const char *const authorities[] = {
#define MGK_XML_AUTHORITY(suffix) suffix,
#include "rules/xml_authorities.def"
#undef MGK_XML_AUTHORITY
};
static const Rule active[] = {
#define MGK_XML_ACTIVE(prefix, why) {prefix, why},
#define MGK_XML_ACTIVE_ROOT(name, why)
#include "rules/xml_active.def"
#undef MGK_XML_ACTIVE
#undef MGK_XML_ACTIVE_ROOT
};
static const Rule active_roots[] = {
#define MGK_XML_ACTIVE(prefix, why)
#define MGK_XML_ACTIVE_ROOT(name, why) {name, why},
#include "rules/xml_active.def"
#undef MGK_XML_ACTIVE
#undef MGK_XML_ACTIVE_ROOT
};

typedef struct Copy {
    xmlParserCtxtPtr parser; /* owned */
    const MgkLimits *limits; /* borrowed */
    GString *out;            /* borrowed */
    MgkXmlCopied *told;      /* borrowed */
    const char *refused;     /* static */
    gboolean limit, open;    /* open: the last start tag lacks its '>' */
    guint64 depth;
} Copy;

static void refuse(Copy *c, const char *why, gboolean limit)
{
    c->refused = c->refused ? c->refused : why;
    c->limit = limit;
    xmlStopParser(c->parser);
}

/* ---- what is judged ---- */

static const char *why_active(const char *uri)
{
    for (guint i = 0; i < G_N_ELEMENTS(active); i++) {
        if (g_ascii_strncasecmp(uri, active[i].text, strlen(active[i].text)) == 0)
            return active[i].why;
    }
    return NULL;
}

static const char *why_active_root(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(active_roots); i++) {
        if (g_ascii_strcasecmp(name, active_roots[i].text) == 0)
            return active_roots[i].why;
    }
    return NULL;
}

/* "http://xml.kishou.go.jp/…": the host ends so. */
static gboolean is_of_authority(const char *uri)
{
    const char *host = strstr(uri, "://");
    host = host ? host + 3 : uri;
    gsize length = strcspn(host, "/:");
    for (guint i = 0; i < G_N_ELEMENTS(authorities); i++) {
        gsize suffix = strlen(authorities[i]);
        if (length > suffix && g_ascii_strncasecmp(host + length - suffix, authorities[i], suffix) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_known_root(const char *uri)
{
    for (guint i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (g_str_has_prefix(uri, roots[i].text))
            return TRUE;
    }
    return *uri == '\0' || is_of_authority(uri);
}

/* ---- what is written ---- */

static void close_tag(Copy *c)
{
    if (c->open)
        g_string_append_c(c->out, '>');
    c->open = FALSE;
}

static void escape(Copy *c, const char *text, gsize size, gboolean in_attribute)
{
    g_autoptr(GString) tidy = g_string_sized_new(size);
    mgk_text_tidy_append(tidy, text, size, &c->told->tally);
    for (const char *p = tidy->str; *p; p++) {
        switch (*p) {
        case '&':
            g_string_append(c->out, "&amp;");
            break;
        case '<':
            g_string_append(c->out, "&lt;");
            break;
        case '>':
            g_string_append(c->out, "&gt;");
            break;
        case '\r':
            g_string_append(c->out, "&#13;");
            break;
        case '"':
        case '\t':
        case '\n':
            if (in_attribute)
                g_string_append_printf(c->out, "&#%d;", *p);
            else
                g_string_append_c(c->out, *p);
            break;
        default:
            g_string_append_c(c->out, *p);
        }
    }
}

static void put_value(Copy *c, const char *value, gsize size)
{
    g_autoptr(GString) plain = g_string_sized_new(size);
    if (!mgk_xml_value_append(plain, value, size))
        refuse(c, "an entity", FALSE);
    g_string_append(c->out, "=\"");
    escape(c, plain->str, plain->len, TRUE);
    g_string_append_c(c->out, '"');
}

static void put_name(Copy *c, const xmlChar *prefix, const xmlChar *name)
{
    if (prefix)
        g_string_append_printf(c->out, "%s:", (const char *)prefix);
    g_string_append(c->out, (const char *)name);
}

static void put_namespaces(Copy *c, int n, const xmlChar **pairs)
{
    for (int i = 0; i < n; i++) {
        const char *prefix = (const char *)pairs[2 * i], *uri = (const char *)pairs[2 * i + 1];
        g_string_append_printf(c->out, " xmlns%s%s", prefix ? ":" : "", prefix ? prefix : "");
        put_value(c, uri ? uri : "", uri ? strlen(uri) : 0);
    }
}

/* ---- events ---- */

static void judge(Copy *c, const char *name, const char *uri)
{
    MgkXmlCopied *told = c->told;
    if (!told->active)
        told->active = why_active(uri);
    if (c->depth > 1)
        return;
    told->known = is_known_root(uri);
    if (!told->active && !*uri)
        told->active = why_active_root(name);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    Copy *c = context;
    (void)n_defaulted; /* there are no declarations */
    if (++c->depth > c->limits->xml_depth || (guint64)n_attributes > c->limits->xml_attributes) {
        refuse(c, "depth or attributes", TRUE);
        return;
    }
    judge(c, (const char *)name, uri ? (const char *)uri : "");
    close_tag(c);
    g_string_append_c(c->out, '<');
    put_name(c, prefix, name);
    put_namespaces(c, n_namespaces, namespaces);
    for (int i = 0; i < n_attributes; i++, attributes += 5) {
        g_string_append_c(c->out, ' ');
        put_name(c, attributes[1], attributes[0]);
        put_value(c, (const char *)attributes[3], (gsize)(attributes[4] - attributes[3]));
    }
    c->open = TRUE;
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    Copy *c = context;
    (void)uri;
    c->depth--;
    if (c->open) {
        g_string_append(c->out, "/>");
        c->open = FALSE;
        return;
    }
    g_string_append(c->out, "</");
    put_name(c, prefix, name);
    g_string_append_c(c->out, '>');
}

static void on_text(void *context, const xmlChar *text, int size)
{
    Copy *c = context;
    close_tag(c);
    escape(c, (const char *)text, (gsize)size, FALSE);
}

static void on_comment(void *context, const xmlChar *text)
{
    (void)text;
    ((Copy *)context)->told->comments++;
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
    (void)target;
    (void)data;
    ((Copy *)context)->told->instructions++;
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    Copy *c = context;
    (void)name;
    (void)external;
    (void)system;
    c->told->doctypes++;
    if (c->parser->input && c->parser->input->cur) { /* a '[' follows where declarations do */
        const xmlChar *at = c->parser->input->cur;
        while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
            at++;
        if (*at == '[')
            refuse(c, "a document type with declarations", FALSE);
    }
}

static void on_reference(void *context, const xmlChar *name)
{
    (void)name;
    refuse(context, "an entity", FALSE);
}

static xmlEntityPtr no_entity(void *context, const xmlChar *name)
{
    xmlEntityPtr known = xmlGetPredefinedEntity(name);
    if (!known)
        refuse(context, "an entity", FALSE);
    return known;
}

static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *public, const xmlChar *system,
                      xmlChar *content)
{
    (void)name;
    (void)type;
    (void)public;
    (void)system;
    (void)content;
    refuse(context, "an entity's declaration", FALSE);
}

static void on_complaint(void *context, const char *message, ...)
{
    (void)context; /* the parser's return value tells */
    (void)message;
}

static const xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC,
                                       .startElementNs = on_start,
                                       .endElementNs = on_end,
                                       .characters = on_text,
                                       .ignorableWhitespace = on_text,
                                       .cdataBlock = on_text,
                                       .comment = on_comment,
                                       .processingInstruction = on_instruction,
                                       .internalSubset = on_doctype,
                                       .entityDecl = on_entity,
                                       .getEntity = no_entity,
                                       .reference = on_reference,
                                       .warning = on_complaint,
                                       .error = on_complaint};

/* Bytes of "<?xml … ?>" at the start. */
static gsize declaration_size(const char *text, gsize size)
{
    if (size < 6 || memcmp(text, "<?xml", 5) != 0 || !g_ascii_isspace(text[5]))
        return 0;
    const char *end = g_strstr_len(text, (gssize)size, "?>");
    return end ? (gsize)(end - text) + 2 : 0;
}

char *mgk_xml_copy_label(const guint8 *data, gsize size)
{
    gsize length = declaration_size((const char *)data, MIN(size, 512));
    const char *at = length ? g_strstr_len((const char *)data, (gssize)length, "encoding") : NULL;
    const char *end = (const char *)data + length;
    for (at = at ? at + strlen("encoding") : end; at < end && (g_ascii_isspace(*at) || *at == '=');)
        at++;
    if (at >= end || (*at != '"' && *at != '\''))
        return NULL;
    const char *close = memchr(at + 1, *at, (gsize)(end - at - 1));
    return close ? g_strndup(at + 1, (gsize)(close - at - 1)) : NULL;
}

gboolean mgk_xml_copy(const GString *text, const MgkLimits *limits, GString *out, MgkXmlCopied *ret, GError **error)
{
    gsize skip = declaration_size(text->str, text->len);
    skip += strspn(text->str + skip, " \t\r\n"); /* what follows is markup in any case */
    xmlSAXHandler sax = handlers;
    *ret = (MgkXmlCopied){.comments = 0};
    Copy c = {.limits = limits, .out = out, .told = ret};
    if (text->len - skip > G_MAXINT / 2) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "XML of more than 1 GiB");
        return FALSE;
    }
    if (!mgk_xml_value_count_all(text->str + skip, text->len - skip, limits->xml_attributes)) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "XML: depth or attributes");
        return FALSE;
    }
    c.parser = xmlCreatePushParserCtxt(&sax, &c, NULL, 0, NULL);
    xmlCtxtUseOptions(c.parser, XML_PARSE_NONET | XML_PARSE_HUGE);
    g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    int result = xmlParseChunk(c.parser, text->str + skip, (int)(text->len - skip), 1);
    gboolean ok = !c.refused && result == XML_ERR_OK && c.parser->wellFormed && c.parser->nsWellFormed;
    xmlFreeParserCtxt(c.parser);
    g_string_append_c(out, '\n');
    if (!ok)
        g_set_error(error, MGK_ERROR, c.limit ? MGK_ERROR_LIMIT : MGK_ERROR_MALFORMED, "XML: %s",
                    c.refused ? c.refused : "not well-formed");
    return ok;
}
