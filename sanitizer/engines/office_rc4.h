/* office_rc4.h - the password schemes of doc, xls and ppt ([MS-OFFCRYPTO]): RC4 with 40 bits (2.3.6), RC4 by CryptoAPI
 * (2.3.5) and XOR obfuscation, method 1 (2.3.7). None costs more than a few hashes. */
#pragma once

#include "engines/office_hash.h"
#include "model/error.h"

typedef struct MgkOfficeRc4 {
    const struct nettle_hash *hash; /* MD5: 40 bits; SHA-1: CryptoAPI */
    guint8 base[MGK_OFFICE_DIGEST]; /* hashed with the number of a block: that block's key */
    gsize base_size, key_size;
} MgkOfficeRc4;

/* header: from EncryptionVersionInfo on (FilePass behind its first number; the start of a doc's table stream; a ppt's
 * CryptSession10Container). FALSE with MGK_ERROR_ENCRYPTED (the password does not fit), MALFORMED or UNSUPPORTED. */
gboolean mgk_office_rc4_open(const guint8 *header, gsize size, const char *password, MgkOfficeRc4 *ret_rc4,
                             GError **error);
/* Decrypts in place what stands at the beginning of a stream whose key changes every block_size bytes (xls 1024, doc
 * 512), starting with the key of block `number` (a ppt's objects: one block each, of G_MAXSIZE). */
void mgk_office_rc4_apply(const MgkOfficeRc4 *rc4, guint32 number, gsize block_size, guint8 *data, gsize size);

#define MGK_OFFICE_XOR 16 /* bytes that repeat */
/* FALSE when the password does not fit the two numbers of FilePass, or is not ASCII of 1 to 15 characters. */
gboolean mgk_office_xor_open(guint16 key, guint16 verifier, const char *password, guint8 ret_array[MGK_OFFICE_XOR]);
/* Decrypts in place the data of one record of a workbook that stands at `place` of its stream. */
void mgk_office_xor_apply(const guint8 array[MGK_OFFICE_XOR], gsize place, guint8 *data, gsize size);
