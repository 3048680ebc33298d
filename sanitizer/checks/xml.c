/* The document is walked by checks/xml_walk.h, which knows neither document types nor instructions. */
#include "checks/data.h"
#include "checks/text.h"
#include "checks/xml_walk.h"

#include <string.h>

/* What browsers and Office act on wherever it stands, by the part of the namespace that tells it. */
static const char *const acted_on[] = {"/xhtml",   "/svg",         "/math",    "/xsl",       "xforms",
                                       "xinclude", "/kml",         "mozilla.", "microsoft",  "openxml",
                                       "ooxml",    "opendocument", "adobe.",   "/xml-events"};
static const char *const roots[] = {"html",      "svg",  "package", "job",           "component",
                                    "scriptlet", "jnlp", "project", "configuration", "assembly"};

typedef struct Look {
    MgkXmlWalk *walk; /* owned */
    guint depth;
} Look;

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
