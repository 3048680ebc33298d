/* sevenzip.c - 7z archives (7zFormat.txt of the LZMA SDK).
 *
 * Kept, gone, output: as zip.c; names are UTF-16, times universal and shown as in Japan. With a password, archives
 * encrypted by AES-256 are opened, those with hidden names, too (engines/sevenzip_lock.h). Held: archives whose files
 * or names are all encrypted, without the password or with another; passwords that cost more rounds of hashing than the
 * limit kdf_rounds; archives cut off, as the pieces of a split one are; methods that libarchive lacks. An encrypted
 * member among others is replaced by its notice. Limits known: encrypted archives beyond 2 GiB stay closed; whether a
 * password is right is seen from the first file, so that a damaged one passes for a wrong password. */
#include "checks/checks.h"
#include "engines/archive_out.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "engines/sevenzip_lock.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "7z\xbc\xaf'\x1c")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

static guint64 u64(const guint8 *p)
{
    return mgk_recognise_u32le(p) | (guint64)mgk_recognise_u32le(p + 4) << 32;
}

static gboolean hold_for(MgkJob *job, const GError *why)
{
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_LIMIT))
        return mgk_job_hold(job, MGK_REASON_KDF_COST, why->message);
    mgk_job_find(job, MGK_KIND_ARCHIVE_ENCRYPTED, NULL, NULL);
    return mgk_job_hold(job, mgk_archive_reason(why), why->message);
}

/* plain: job->data without its encryption. */
static gboolean clean_unlocked(MgkJob *job, GBytes *plain, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(plain, &size);
    if (!mgk_archive_opens(MGK_ARCHIVE_SEVENZIP, data, size, &job->policy->limits))
        return mgk_job_hold(job, MGK_REASON_WRONG_PASSWORD, "the first file does not open");
    mgk_job_find(job, MGK_KIND_ARCHIVE_UNLOCKED, NULL, NULL);
    if (!mgk_verdict_crosses(job->outcome.verdict))
        return TRUE;
    gboolean ok = mgk_archive_clean(job, MGK_ARCHIVE_SEVENZIP, data, size, error);
    if (ok && job->outcome.reason == MGK_REASON_MALFORMED) /* files in the open came first */
        mgk_job_hold(job, MGK_REASON_WRONG_PASSWORD, "a file behind the first does not open");
    return ok;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->size < MGK_SEVENZIP_START)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off");
    guint64 untrusted_offset = u64(job->data + 12), untrusted_size = u64(job->data + 20);
    gsize left = job->size - MGK_SEVENZIP_START;
    if (untrusted_offset > left || untrusted_size > left - untrusted_offset)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off, or one of several pieces");
    if (untrusted_offset + untrusted_size < left)
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, "after the end");
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) plain = NULL;
    if (!mgk_sevenzip_unlock(job->data, job->size, job->password, &job->policy->limits, &plain, &why))
        return hold_for(job, why);
    if (plain)
        return clean_unlocked(job, plain, error);
    return mgk_archive_clean(job, MGK_ARCHIVE_SEVENZIP, job->data, job->size, error);
}

const MgkHandler mgk_format_sevenzip = {.probe = probe, .clean = clean, .check = mgk_check_zip};
