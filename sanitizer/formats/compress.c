/* compress.c - Unix compress (.Z): one file, or a tar; as gz.c. It has no end mark and no checksum: a file that was cut
 * off unpacks to the part that is there, and is judged as such. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x1f\x9d")};
    return MGK_MAGIC_ANY(probe, table) ? 87 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_COMPRESS, error);
}

const MgkHandler mgk_format_compress = {.probe = probe, .clean = clean, .check = mgk_check_zip};
