/* iqy.c - queries that make Excel fetch data when they are opened (web query, ODBC and OLE DB queries, Office data
 * connection): recognised only, blocked. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    static const char *const starts[] = {"web\r\n1\r\n", "web\n1\n",  "web\r1\r", "xlodbc\r\n",
                                         "xlodbc\n",     "query\r\n", "query\n",  "[oledb]"};
    static const char *const words[] = {"odc:connectionstring", "application/x-oleds", "text/x-ms-odc"};
    gboolean query =
        MGK_HEAD_STARTS(head, starts) && (strstr(head, "://") || strstr(head, "dsn=") || strstr(head, "provider="));
    return query || MGK_HEAD_COUNT(head, words) > 0 ? 87 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "query file");
}

const MgkHandler mgk_format_iqy = {.probe = probe, .clean = clean};
