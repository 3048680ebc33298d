/* chm.c - compiled help (HTML Help, Windows Help, Help 2): recognised only, blocked, because its pages run scripts and
 * programs. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "ITSF\3\0\0\0"), MGK_MAGIC(0, "ITOLITLS"),
                                     MGK_MAGIC(0, "\x3f\x5f\3\0")};
    return MGK_MAGIC_ANY(probe, table) ? 94 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "compiled help");
}

const MgkHandler mgk_format_chm = {.probe = probe, .clean = clean};
