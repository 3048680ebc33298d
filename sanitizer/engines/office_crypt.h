/* office_crypt.h - binary workbooks behind a password: is it the one that Excel tries by itself, and opening them.
 *
 * Excel encrypts write-protected workbooks with the password "VelvetSweatshop" ([MS-OFFCRYPTO] 2.1 note, known since
 * Excel 95) and opens them without asking, so senders do not know that their file is encrypted; malware uses the same.
 */
#pragma once

#include "model/error.h"

typedef enum {
    MGK_OFFICE_PLAIN,            /* no FilePass record */
    MGK_OFFICE_DEFAULT_PASSWORD, /* encrypted, the built-in password fits */
    MGK_OFFICE_PASSWORD,         /* encrypted, it does not fit, or the scheme is unknown */
} MgkOfficeCrypt;

/* A binary workbook (compound file with Workbook or Book): FilePass by XOR, RC4 or RC4 CryptoAPI ([MS-XLS] 2.4.117). */
MgkOfficeCrypt mgk_office_crypt_workbook(const guint8 *data, gsize size);
/* Decrypts the whole stream Workbook with a password (UTF-8): the same records in the same places, FilePass included.
 * Owned by the caller (g_free), `size` bytes. NULL with MGK_ERROR_ENCRYPTED (the password does not fit), MALFORMED
 * (no FilePass), or UNSUPPORTED (another scheme). */
guint8 *mgk_office_crypt_open_workbook(const guint8 *stream, gsize size, const char *password, GError **error);
