/* ooxml_encrypted.c - Office documents behind a password: a compound file with the streams EncryptionInfo and
 * EncryptedPackage ([MS-OFFCRYPTO] 2.3.4). Held as encrypted; workbooks that Excel itself protects with its built-in
 * password are named as such. */
#include "engines/cfb_peek.h"
#include "engines/office_crypt.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "EncryptedPackage")) ? 95 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    if (mgk_office_crypt_default(job->data, job->size))
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED_DEFAULT, "opens with the built-in password");
    return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "EncryptedPackage");
}

const MgkHandler mgk_format_ooxml_encrypted = {.probe = probe, .clean = clean};
