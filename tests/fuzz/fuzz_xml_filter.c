/* engines/xml_filter: what comes out does not depend on how the input was cut, and passes unchanged a second time. */
#include "engines/xml_filter.h"

#include "fuzz.h"

#include <string.h>

static void no_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    (void)job, (void)kind, (void)action, (void)where, (void)detail;
}

static gboolean to_string(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_string_append_len(user, data, (gssize)size);
    return TRUE;
}

/* NULL when refused. */
static GString *filter(const char *xml, gsize size, gsize cut)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    MgkJob job = {.policy = &policy, .find = no_find};
    g_autoptr(GString) out = g_string_new(NULL);
    MgkXmlFilterOptions options = {.job = &job, .where = "part.xml", .sink = to_string, .user = out};
    g_autoptr(MgkXmlFilter) work = mgk_xml_filter_new(&options);
    for (gsize at = 0; at < size; at += MIN(cut, size - at)) {
        if (!mgk_xml_filter_push(work, xml + at, MIN(cut, size - at), NULL))
            return NULL;
    }
    if (!mgk_xml_filter_finish(work, NULL))
        return NULL;
    GString *result = g_steal_pointer(&out);
    return result;
}

static void free_string(GString *string)
{
    if (string)
        g_string_free(string, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GString *once = filter((const char *)data, size, 4096);
    GString *pieces = filter((const char *)data, size, 61);
    g_assert((once == NULL) == (pieces == NULL));
    if (once && strstr(once->str, "\n<")) { /* a root that no rule keeps leaves the declaration alone */
        g_assert(g_string_equal(once, pieces));
        GString *twice = filter(once->str, once->len, 4096);
        g_assert(twice && g_string_equal(once, twice));
        free_string(twice);
    }
    free_string(once);
    free_string(pieces);
    return 0;
}
