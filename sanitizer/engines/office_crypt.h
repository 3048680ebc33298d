/* office_crypt.h - the stream of a binary workbook behind a password ([MS-XLS] 2.4.117 FilePass): XOR, RC4, RC4
 * CryptoAPI.
 *
 * Excel encrypts write-protected workbooks with the password "VelvetSweatshop" ([MS-OFFCRYPTO] 2.1 note, known since
 * Excel 95; MGK_OFFICE_DEFAULT) and opens them without asking, so senders do not know that their file is encrypted;
 * malware uses the same. */
#pragma once

#include "model/job.h"

/* Whether the stream Workbook (or Book) says that it is encrypted: FilePass in its globals. */
gboolean mgk_office_crypt_is_locked(const guint8 *stream, gsize size);
/* Decrypts the whole stream with a password (UTF-8): the same records in the same places, FilePass included.
 * Owned by the caller (g_free), `size` bytes. NULL with MGK_ERROR_ENCRYPTED (the password does not fit), MALFORMED
 * (no FilePass), or UNSUPPORTED (another scheme). */
guint8 *mgk_office_crypt_open_workbook(const guint8 *stream, gsize size, const char *password, GError **error);
/* Ends the job as held because of such an error. */
gboolean mgk_office_crypt_hold(MgkJob *job, const GError *why);
