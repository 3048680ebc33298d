/* zst.c - Zstandard (RFC 8878), frames and skippable frames: one file, or a tar; as gz.c. Held: frames that need a
 * dictionary. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x28\xb5\x2f\xfd"), MGK_MAGIC(1, "\x2a\x4d\x18")};
    return MGK_MAGIC_ANY(probe, table) && (probe->data[0] == 0x28 || probe->data[0] >> 4 == 5) ? 92 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_ZSTD, error);
}

const MgkHandler mgk_format_zst = {.probe = probe, .clean = clean, .check = mgk_check_zip};
