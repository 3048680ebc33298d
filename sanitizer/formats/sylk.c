/* sylk.c - Symbolic Link tables: recognised only, blocked, because Excel runs their formulas and Excel 4 macros without
 * protected view. A text that starts with ID; and a record is SYLK for Excel whatever its extension is. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    if (!g_str_has_prefix(head, "id;"))
        return 0;
    gboolean records = mgk_recognise_line(head, "c;") || mgk_recognise_line(head, "f;") ||
                       mgk_recognise_line(head, "o;") || mgk_recognise_line(head, "p;") ||
                       mgk_recognise_line(head, "b;") || mgk_recognise_line(head, "nn;");
    return g_str_has_prefix(head, "id;p") || records ? 88 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "SYLK");
}

const MgkHandler mgk_format_sylk = {.probe = probe, .clean = clean};
