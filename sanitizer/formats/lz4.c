/* lz4.c - LZ4 frames (LZ4 Frame Format 1.6), the older one too: one file, or a tar; as gz.c. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\4\x22\x4d\x18"), MGK_MAGIC(0, "\2\x21\x4c\x18")};
    return MGK_MAGIC_ANY(probe, table) ? 87 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_LZ4, error);
}

const MgkHandler mgk_format_lz4 = {.probe = probe, .clean = clean, .check = mgk_check_zip};
