/* cab.c - cabinets ([MS-CAB]).
 *
 * Kept, gone, output: as zip.c. Gone besides: bytes after the cabinet, as a signature is. Held: cabinets that go on in
 * another one; Quantum compression, which libarchive lacks. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#define HEADER_BYTES 36
#define FOLDER_BYTES 8
#define DATA_BYTES 8
#define BLOCK_MOST 32768 /* bytes that a block unpacks to */

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "MSCF\0\0\0\0")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

/* The blocks of a folder, one behind the other from `at` on: inside the file, and as long as stored ones say. */
static gboolean blocks_are_sound(const MgkJob *job, gsize at, guint n, gboolean stored, gsize reserved)
{
    for (; n > 0; n--) {
        if (at > job->size || job->size - at < DATA_BYTES + reserved)
            return FALSE;
        gsize packed = mgk_recognise_u16le(job->data + at + 4), whole = mgk_recognise_u16le(job->data + at + 6);
        at += DATA_BYTES + reserved;
        if (packed == 0 || packed > job->size - at || whole == 0 || whole > BLOCK_MOST || (stored && packed != whole))
            return FALSE;
        at += packed;
    }
    return TRUE;
}

/* libarchive 3.6 reads from nowhere when a folder's blocks are not what they say; 2.2, 2.6 (CFFOLDER, CFDATA). */
static gboolean folders_are_sound(const MgkJob *job)
{
    enum { HAS_RESERVE = 4 };
    gboolean reserve = mgk_recognise_u16le(job->data + 30) & HAS_RESERVE;
    guint n = mgk_recognise_u16le(job->data + 26);
    gsize at = HEADER_BYTES, in_folder = 0, in_data = 0;
    if (reserve) {
        if (job->size - at < 4)
            return FALSE;
        in_folder = job->data[at + 2];
        in_data = job->data[at + 3];
        at += 4 + (gsize)mgk_recognise_u16le(job->data + at);
    }
    for (; n > 0; n--, at += FOLDER_BYTES + in_folder) {
        if (at > job->size || job->size - at < FOLDER_BYTES + in_folder)
            return FALSE;
        gboolean stored = (mgk_recognise_u16le(job->data + at + 6) & 15) == 0;
        if (!blocks_are_sound(job, mgk_recognise_u32le(job->data + at), mgk_recognise_u16le(job->data + at + 4), stored,
                              in_data))
            return FALSE;
    }
    return TRUE;
}

static gboolean clean(MgkJob *job, GError **error)
{
    enum { HAS_PREVIOUS = 1, HAS_NEXT = 2 };
    if (job->size < HEADER_BYTES || mgk_recognise_u32le(job->data + 8) > job->size)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off");
    if (mgk_recognise_u16le(job->data + 30) & (HAS_PREVIOUS | HAS_NEXT))
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FEATURE, "one of several cabinets");
    if (!folders_are_sound(job))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "a folder's blocks are not what they say");
    if (mgk_recognise_u32le(job->data + 8) < job->size)
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, "after the end");
    return mgk_archive_clean(job, MGK_ARCHIVE_CAB, job->data, job->size, error);
}

const MgkHandler mgk_format_cab = {.probe = probe, .clean = clean, .check = mgk_check_zip};
