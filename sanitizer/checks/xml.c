/* The document is walked by checks/xml_walk.h, which knows neither document types nor instructions. */
#include "checks/data.h"
#include "checks/text.h"
#include "checks/xml_walk.h"

#include <string.h>

/* What browsers and Office act on wherever it stands, by the part of the namespace that tells it. */
static const char *const acted_on[] = {"/xhtml",   "/svg",         "/math",    "/xsl",       "xforms",
                                       "xinclude", "/kml",         "mozilla.", "microsoft",  "openxml",
                                       "ooxml",    "opendocument", "adobe.",   "/xml-events"};
/* What the root may belong to, by the beginning of its namespace, or by the ending of the host that names it: data of
 * known kinds, and of public administration. The second look's own list. */
static const char *const vocabularies[] = {"http://www.opengis.net/",
                                           "https://www.geospatial.jp/",
                                           "http://www.isotc211.org/",
                                           "http://standards.iso.org/",
                                           "http://www.topografix.com/gpx/",
                                           "http://www.w3.org/2005/atom",
                                           "http://purl.org/",
                                           "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
                                           "http://www.w3.org/2004/02/skos/",
                                           "http://www.w3.org/2001/xmlschema",
                                           "http://www.w3.org/2000/09/xmldsig#",
                                           "http://www.xbrl.org/",
                                           "http://www.openarchives.org/",
                                           "http://www.loc.gov/",
                                           "http://hul.harvard.edu/ois/xml/",
                                           "urn:oasis:names:tc:emergency:cap:",
                                           "urn:oasis:names:specification:ubl:",
                                           "urn:un:unece:uncefact:",
                                           "urn:iso:std:iso:20022:",
                                           "urn:hl7-org:"};
static const char *const administrations[] = {".go.jp", ".lg.jp", ".j-lis.or.jp"};
static const char *const roots[] = {"html",      "svg",  "package", "job",           "component",
                                    "scriptlet", "jnlp", "project", "configuration", "assembly"};

typedef struct Look {
    MgkXmlWalk *walk; /* owned */
    guint depth;
} Look;

static gboolean is_known(const char *uri)
{
    if (!*uri)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(vocabularies); i++) {
        if (g_str_has_prefix(uri, vocabularies[i]))
            return TRUE;
    }
    const char *host = strstr(uri, "://");
    host = host ? host + 3 : uri;
    g_autofree char *name = g_strndup(host, strcspn(host, "/:"));
    for (guint i = 0; i < G_N_ELEMENTS(administrations); i++) {
        if (g_str_has_suffix(name, administrations[i]) && strlen(name) > strlen(administrations[i]))
            return TRUE;
    }
    return FALSE;
}

static void on_start(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    Look *look = context;
    g_autofree char *uri = g_ascii_strdown(name->uri, -1);
    (void)attributes;
    (void)n;
    for (guint i = 0; i < G_N_ELEMENTS(acted_on); i++) {
        if (strstr(uri, acted_on[i]))
            mgk_xml_walk_stop(look->walk, "a namespace that programs act on");
    }
    for (guint i = 0; look->depth == 0 && !*uri && i < G_N_ELEMENTS(roots); i++) {
        if (g_ascii_strcasecmp(name->local, roots[i]) == 0)
            mgk_xml_walk_stop(look->walk, "a root that programs obey");
    }
    if (look->depth == 0 && !is_known(uri))
        mgk_xml_walk_stop(look->walk, "a vocabulary that is not listed");
    look->depth++;
}

static void on_end(gpointer context)
{
    ((Look *)context)->depth--;
}

static void on_text(gpointer context, const char *text, gsize length)
{
    (void)context; /* our writer escapes no character that mgk_check_text() forbids */
    (void)text;
    (void)length;
}

gboolean mgk_check_xml(MgkJob *job, GError **error)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    static const MgkXmlWalkEvents events = {.start = on_start, .end = on_end, .text = on_text};
    if (!mgk_check_text(job, error))
        return FALSE;
    if (job->size < sizeof head || memcmp(job->data, head, sizeof head - 1) != 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "XML: not our declaration");
        return FALSE;
    }
    Look look = {.depth = 0};
    look.walk = mgk_xml_walk_new(&events, &look, job->policy->limits.xml_attributes);
    gboolean ok = mgk_xml_walk_push(look.walk, job->data, job->size) && mgk_xml_walk_finish(look.walk);
    if (!ok)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "XML: %s", mgk_xml_walk_why(look.walk));
    mgk_xml_walk_free(look.walk);
    return ok;
}
