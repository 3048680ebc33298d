/* cab.c - cabinets ([MS-CAB]).
 *
 * Kept, gone, output: as zip.c. Gone besides: bytes after the cabinet, as a signature is. Held: cabinets that go on in
 * another one; Quantum compression, which libarchive lacks. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#define HEADER_BYTES 36

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "MSCF\0\0\0\0")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    enum { HAS_PREVIOUS = 1, HAS_NEXT = 2 };
    if (job->size < HEADER_BYTES || mgk_recognise_u32le(job->data + 8) > job->size)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off");
    if (mgk_recognise_u16le(job->data + 30) & (HAS_PREVIOUS | HAS_NEXT))
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FEATURE, "one of several cabinets");
    if (mgk_recognise_u32le(job->data + 8) < job->size)
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, "after the end");
    return mgk_archive_clean(job, MGK_ARCHIVE_CAB, job->data, job->size, error);
}

const MgkHandler mgk_format_cab = {.probe = probe, .clean = clean, .check = mgk_check_zip};
