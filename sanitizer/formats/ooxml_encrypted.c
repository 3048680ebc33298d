/* ooxml_encrypted.c - Office documents behind a password: a compound file with the streams EncryptionInfo and
 * EncryptedPackage ([MS-OFFCRYPTO] 2.3.4), agile (AES-CBC, SHA-1 to SHA-512, sealed by HMAC) or standard (AES-ECB).
 *
 * Kept: the document inside, cleaned as a child in a worker of its own; it crosses under its true extension, without
 * password. Excel's built-in password of write-protected workbooks is tried without being asked.
 * Gone: the protection, and with it everything else in the compound file.
 * Held: no password or a wrong one; a password that costs more rounds of hashing than the limit kdf_rounds (nothing is
 * hashed then); a broken seal or sizes that lie; packages that are no OOXML; ciphers other than AES-CBC and AES-ECB,
 * certificates and rights management.
 * Limits known: the seal is required, though the schema calls it optional. */
#include "engines/cfb_peek.h"
#include "engines/inner_document.h"
#include "engines/office_hash.h"
#include "engines/office_lock.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "EncryptedPackage")) ? 95 : 0;
}

static gboolean hold_for(MgkJob *job, const GError *why)
{
    MgkReason reason = MGK_REASON_MALFORMED;
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_LIMIT))
        reason = MGK_REASON_KDF_COST;
    else if (g_error_matches(why, MGK_ERROR, MGK_ERROR_UNSUPPORTED))
        reason = MGK_REASON_UNSUPPORTED_FEATURE;
    return mgk_job_hold(job, reason, why->message);
}

static gboolean clean_inside(MgkJob *job, GBytes *package, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(package, &size);
    if (size < 4 || memcmp(data, "PK\3\4", 4) != 0)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "the package is no archive");
    return mgk_inner_document_clean(job, data, size, error);
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkOfficeLock) lock = mgk_office_lock_open(job->data, job->size, job->policy->limits.kdf_rounds, &local);
    if (!lock)
        return hold_for(job, local);
    if (!mgk_office_lock_try(lock, job->password ? job->password : MGK_OFFICE_DEFAULT))
        return mgk_job_hold(job, job->password ? MGK_REASON_WRONG_PASSWORD : MGK_REASON_ENCRYPTED, "EncryptedPackage");
    g_autoptr(GBytes) package = mgk_office_lock_take(lock, &local);
    if (!package)
        return hold_for(job, local);
    mgk_job_find(job, MGK_KIND_DOCUMENT_UNLOCKED, NULL, job->password ? NULL : "built-in password of Excel");
    return !mgk_verdict_crosses(job->outcome.verdict) || clean_inside(job, package, error);
}

const MgkHandler mgk_format_ooxml_encrypted = {.probe = probe, .clean = clean};
