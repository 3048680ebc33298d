/* bz2.c - bzip2: one file, or a tar; as gz.c. Its signature is text, so the block or end mark after it must be there.
 */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(4, "1AY&SY"), MGK_MAGIC(4, "\x17\x72\x45\x38\x50\x90")};
    static const MgkMagic start[] = {MGK_MAGIC(0, "BZh")};
    return MGK_MAGIC_ANY(probe, start) && MGK_MAGIC_ANY(probe, table) ? 92 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_BZIP2, error);
}

const MgkHandler mgk_format_bz2 = {.probe = probe, .clean = clean, .check = mgk_check_zip};
