/* tar.c - tar in its v7, ustar, GNU and pax forms (POSIX.1-2001 pax), by signature or by the checksum of the first
 * header.
 *
 * Kept, gone, output: as zip.c; times are universal and shown as in Japan; owners, permissions, extended attributes and
 * comments go. Held: a second archive behind the end, which some programs read and others do not, and the later volumes
 * of a split archive. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(257, "ustar")};
    if (probe->size < 512)
        return 0;
    return MGK_MAGIC_ANY(probe, table) || mgk_archive_is_tar(probe->data, probe->size) ? 89 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->size > 156 && job->data[156] == 'M')
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FEATURE, "one of several volumes");
    return mgk_archive_clean(job, MGK_ARCHIVE_TAR, job->data, job->size, error);
}

const MgkHandler mgk_format_tar = {.probe = probe, .clean = clean, .check = mgk_check_zip};
