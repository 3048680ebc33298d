/* iso.c - images of CDs and DVDs: ISO 9660 (ECMA-119) with Joliet or Rock Ridge names.
 *
 * Blocked unless the policy says otherwise (archive.image = replace): a double click mounts them, and the files on them
 * carry no mark of origin. Then: kept, gone, output as tar.c. Held: images that carry a UDF (ECMA-167) directory, too,
 * which another system would show. Other images of disks: disk.c. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

#define SECTOR 2048u
#define FIRST 0x8000u /* the volume descriptors, a sector each */
#define DESCRIPTORS 64u

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(FIRST + 1, "CD001"), MGK_MAGIC(0x8801, "CD001"),
                                     MGK_MAGIC(0x9001, "CD001")};
    return MGK_MAGIC_ANY(probe, table) ? 88 : 0; /* below a program or archive that merely has such bytes inside */
}

static gboolean has_udf(const MgkJob *job)
{
    for (guint i = 0; i < DESCRIPTORS; i++) {
        gsize at = FIRST + i * SECTOR + 1;
        if (job->size < at + 5)
            return FALSE;
        if (memcmp(job->data + at, "NSR0", 4) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean clean(MgkJob *job, GError **error)
{
    MgkAction action = mgk_job_find(job, MGK_KIND_ARCHIVE_IMAGE, NULL, NULL);
    if (action == MGK_ACTION_BLOCK)
        return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "disk image");
    if (action != MGK_ACTION_REPLACE)
        return mgk_job_hold(job, MGK_REASON_POLICY, "disk image");
    if (has_udf(job))
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "ISO 9660 and UDF in one image");
    return mgk_archive_clean(job, MGK_ARCHIVE_ISO, job->data, job->size, error);
}

const MgkHandler mgk_format_iso = {.probe = probe, .clean = clean, .check = mgk_check_zip};
