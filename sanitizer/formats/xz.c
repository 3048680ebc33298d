/* xz.c - xz, and the older LZMA stream by its properties byte and dictionary size: one file, or a tar; as gz.c. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\xfd"
                                                  "7zXZ\0")};
    static const MgkMagic old[] = {MGK_MAGIC(0, "\x5d\0\0\x80\0"), MGK_MAGIC(0, "\x5d\0\0\0\4"),
                                   MGK_MAGIC(0, "\x5d\0\0\x10\0"), MGK_MAGIC(0, "\x5d\0\0\0\1"),
                                   MGK_MAGIC(0, "\x5d\0\0\0\2")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : MGK_MAGIC_ANY(probe, old) ? 80 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_XZ, error);
}

const MgkHandler mgk_format_xz = {.probe = probe, .clean = clean, .check = mgk_check_zip};
