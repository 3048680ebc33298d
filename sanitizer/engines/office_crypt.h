/* office_crypt.h - is a binary workbook behind a password, and is it the one that Excel tries by itself?
 *
 * Excel encrypts write-protected workbooks with the password "VelvetSweatshop" ([MS-OFFCRYPTO] 2.1 note, known since
 * Excel 95) and opens them without asking, so senders do not know that their file is encrypted; malware uses the same.
 */
#pragma once

#include <glib.h>

typedef enum {
    MGK_OFFICE_PLAIN,            /* no FilePass record */
    MGK_OFFICE_DEFAULT_PASSWORD, /* encrypted, the built-in password fits */
    MGK_OFFICE_PASSWORD,         /* encrypted, it does not fit, or the scheme is unknown */
} MgkOfficeCrypt;

/* A binary workbook (compound file with Workbook or Book): FilePass by XOR, RC4 or RC4 CryptoAPI ([MS-XLS] 2.4.117). */
MgkOfficeCrypt mgk_office_crypt_workbook(const guint8 *data, gsize size);
