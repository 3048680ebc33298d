/* office_hash.h - what all password schemes of Office share: hashing pairs of things, and stretching a password
 * ([MS-OFFCRYPTO] 2.3.4.7, 2.3.4.11, 2.3.5.2, 2.3.6.2). */
#pragma once

#include <glib.h>
#include <nettle/nettle-meta.h>

#define MGK_OFFICE_DIGEST 64 /* bytes of the largest digest, SHA-512 */
/* The password that Excel itself uses for write-protected workbooks and tries without asking ([MS-OFFCRYPTO] 2.1). */
#define MGK_OFFICE_DEFAULT "VelvetSweatshop"

/* A password (UTF-8) as UTF-16LE without terminator; owned by the caller. NULL when it is no UTF-8. */
GByteArray *mgk_office_password(const char *password);
/* out = H(a || b), hash->digest_size bytes; out may be a or b. For MD5 and the SHA family. */
void mgk_office_hash(const struct nettle_hash *hash, const void *a, gsize a_size, const void *b, gsize b_size,
                     guint8 *out);
/* out = H(salt || password), then `spins` rounds of H(counter || out). The caller has bounded spins. */
void mgk_office_stretch(const struct nettle_hash *hash, const guint8 *salt, gsize salt_size, const GByteArray *password,
                        guint32 spins, guint8 *out);
void mgk_office_put_u32le(guint8 *p, guint32 number);
