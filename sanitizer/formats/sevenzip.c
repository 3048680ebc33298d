/* sevenzip.c - 7z archives (7zFormat.txt of the LZMA SDK).
 *
 * Kept, gone, output: as zip.c; names are UTF-16, times universal and shown as in Japan. Held: encrypted headers, and
 * archives whose files are all encrypted, because libarchive opens neither (the notice says that a password does not
 * help); archives cut off, as the pieces of a split one are; methods that libarchive lacks. An encrypted member among
 * others is replaced by its notice. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#define START_BYTES 32 /* signature, version, and where the real header is */

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "7z\xbc\xaf'\x1c")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

static guint64 u64(const guint8 *p)
{
    return mgk_recognise_u32le(p) | (guint64)mgk_recognise_u32le(p + 4) << 32;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->size < START_BYTES)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off");
    guint64 untrusted_offset = u64(job->data + 12), untrusted_size = u64(job->data + 20);
    gsize left = job->size - START_BYTES;
    if (untrusted_offset > left || untrusted_size > left - untrusted_offset)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off, or one of several pieces");
    if (untrusted_offset + untrusted_size < left)
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, "after the end");
    return mgk_archive_clean(job, MGK_ARCHIVE_SEVENZIP, job->data, job->size, error);
}

const MgkHandler mgk_format_sevenzip = {.probe = probe, .clean = clean, .check = mgk_check_zip};
