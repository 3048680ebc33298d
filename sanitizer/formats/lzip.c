/* lzip.c - lzip (its manual, "File format"): one file, or a tar; as gz.c. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "LZIP\0"), MGK_MAGIC(0, "LZIP\1")};
    return MGK_MAGIC_ANY(probe, table) ? 87 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_archive_clean_stream(job, MGK_STREAM_LZIP, error);
}

const MgkHandler mgk_format_lzip = {.probe = probe, .clean = clean, .check = mgk_check_zip};
