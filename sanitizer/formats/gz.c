/* gz.c - gzip (RFC 1952): one file, or a tar. Both become a ZIP archive (see zip.c, tar.c); the file is named after
 * the archive. Gone: the name, comment and time in the header; what stands after the end. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x1f\x8b\x08")};
    return MGK_MAGIC_ANY(probe, table) ? 92 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_GZIP, error);
}

const MgkHandler mgk_format_gz = {.probe = probe, .clean = clean, .check = mgk_check_zip};
