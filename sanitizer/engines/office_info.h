/* office_info.h - the stream EncryptionInfo: how an OOXML file behind a password is locked ([MS-OFFCRYPTO] 2.3.4.5
 * standard, 2.3.4.10 agile). Everything is a stranger's until mgk_office_info_parse() has returned TRUE; then all sizes
 * fit together and only `spins` is still to be bounded, by who pays for them. */
#pragma once

#include "engines/office_hash.h"
#include "model/error.h"

typedef struct MgkOfficeBytes {
    guint8 bytes[MGK_OFFICE_DIGEST];
    gsize size;
} MgkOfficeBytes;

typedef struct MgkOfficeCipher { /* AES */
    const struct nettle_hash *hash;
    guint key_bits; /* 128, 192, 256 */
    MgkOfficeBytes salt;
} MgkOfficeCipher;

typedef struct MgkOfficeInfo {
    gboolean agile;                                 /* AES-CBC with an inner key; else AES-ECB by the password alone */
    guint64 spins;                                  /* rounds of hashing that one password costs */
    MgkOfficeCipher key;                            /* of the password */
    MgkOfficeBytes verifier, verifier_hash;         /* encrypted, whole blocks */
    MgkOfficeCipher data;                           /* agile: of the package */
    MgkOfficeBytes inner_key, hmac_key, hmac_value; /* agile: encrypted, whole blocks */
} MgkOfficeInfo;

/* FALSE with MGK_ERROR_MALFORMED (sizes that lie, attributes missing or twice) or MGK_ERROR_UNSUPPORTED (another
 * cipher, chaining, hash or scheme). */
gboolean mgk_office_info_parse(const guint8 *data, gsize size, MgkOfficeInfo *ret_info, GError **error);
