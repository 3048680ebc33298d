/* dif.c - Data Interchange Format (TABLE, VECTORS, TUPLES, DATA): recognised only, blocked, because spreadsheets take
 * its strings for formulas and open it past the guards that CSV files meet. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    static const char *const starts[] = {"table\r\n0,1", "table\n0,1", "table\r0,1"};
    static const char *const words[] = {"vectors", "tuples", "data"};
    return MGK_HEAD_STARTS(head, starts) && MGK_HEAD_COUNT(head, words) > 0 ? 87 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "DIF");
}

const MgkHandler mgk_format_dif = {.probe = probe, .clean = clean};
