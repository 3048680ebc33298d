#include "engines/office_rc4.h"

#include "engines/recognise.h"

#include <nettle/arcfour.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <string.h>

#define SALT 16
#define VERIFIER 16

static gboolean fail(GError **error, MgkError code, const char *what)
{
    g_set_error_literal(error, MGK_ERROR, (gint)code, what);
    return FALSE;
}

/* ---- RC4 ---- */

static void set_block(const MgkOfficeRc4 *rc4, guint32 number, struct arcfour_ctx *cipher)
{
    guint8 counter[4], key[MGK_OFFICE_DIGEST];
    mgk_office_put_u32le(counter, number);
    mgk_office_hash(rc4->hash, rc4->base, rc4->base_size, counter, sizeof counter, key);
    if (rc4->key_size == 5) /* CryptoAPI fills 40 bits up with zeros */
        memset(key + 5, 0, 11);
    arcfour_set_key(cipher, rc4->key_size == 5 ? 16 : rc4->key_size, key);
}

void mgk_office_rc4_apply(const MgkOfficeRc4 *rc4, guint32 number, gsize block_size, guint8 *data, gsize size)
{
    for (gsize at = 0; at < size; number++) {
        struct arcfour_ctx cipher;
        gsize n = MIN(size - at, block_size);
        set_block(rc4, number, &cipher);
        arcfour_crypt(&cipher, n, data + at, data + at);
        at += n;
    }
}

/* The verifier and its hash are one piece, encrypted by the key of block 0. */
static gboolean verifier_fits(const MgkOfficeRc4 *rc4, const guint8 *verifier, const guint8 *hash, GError **error)
{
    struct arcfour_ctx cipher;
    guint8 plain[VERIFIER], want[SHA1_DIGEST_SIZE], got[MGK_OFFICE_DIGEST];
    set_block(rc4, 0, &cipher);
    arcfour_crypt(&cipher, VERIFIER, plain, verifier);
    arcfour_crypt(&cipher, rc4->hash->digest_size, want, hash);
    mgk_office_hash(rc4->hash, plain, VERIFIER, NULL, 0, got);
    return memcmp(got, want, rc4->hash->digest_size) == 0 || fail(error, MGK_ERROR_ENCRYPTED, "wrong password");
}

/* 2.3.6.1, 2.3.6.2: salt, verifier, its hash; five bytes of MD5 are all the password counts for. */
static gboolean open_small(const guint8 *p, gsize size, const GByteArray *password, MgkOfficeRc4 *rc4, GError **error)
{
    if (size < SALT + VERIFIER + MD5_DIGEST_SIZE)
        return fail(error, MGK_ERROR_MALFORMED, "RC4 header: cut short");
    guint8 mixed[(5 + SALT) * 16], digest[MD5_DIGEST_SIZE];
    mgk_office_hash(&nettle_md5, password->data, password->len, NULL, 0, digest);
    for (gsize i = 0; i < 16; i++) {
        memcpy(mixed + i * (5 + SALT), digest, 5);
        memcpy(mixed + i * (5 + SALT) + 5, p, SALT);
    }
    *rc4 = (MgkOfficeRc4){.hash = &nettle_md5, .base_size = 5, .key_size = MD5_DIGEST_SIZE};
    mgk_office_hash(&nettle_md5, mixed, sizeof mixed, NULL, 0, rc4->base);
    return verifier_fits(rc4, p + SALT, p + SALT + VERIFIER, error);
}

/* 2.3.5.1, 2.3.5.2: flags, size of EncryptionHeader, it, EncryptionVerifier. */
static gboolean open_cryptoapi(const guint8 *p, gsize size, const GByteArray *password, MgkOfficeRc4 *rc4,
                               GError **error)
{
    enum { FLAG_CRYPTOAPI = 1 << 2, FLAG_EXTERNAL = 1 << 4, FLAG_AES = 1 << 5 };
    const gsize verifier = 4 + SALT + VERIFIER + 4 + SHA1_DIGEST_SIZE;
    if (size < 8)
        return fail(error, MGK_ERROR_MALFORMED, "CryptoAPI header: cut short");
    guint32 untrusted_header = mgk_recognise_u32le(p + 4);
    if (untrusted_header < 32 || untrusted_header > size - 8 || size - 8 - untrusted_header < verifier)
        return fail(error, MGK_ERROR_MALFORMED, "CryptoAPI header: cut short");
    const guint8 *header = p + 8, *after = header + untrusted_header;
    guint32 flags = mgk_recognise_u32le(header), cipher = mgk_recognise_u32le(header + 8);
    guint32 hash = mgk_recognise_u32le(header + 12), bits = mgk_recognise_u32le(header + 16);
    if ((flags & (FLAG_EXTERNAL | FLAG_AES)) || (cipher != 0x6801 && cipher != 0) || (hash != 0x8004 && hash != 0))
        return fail(error, MGK_ERROR_UNSUPPORTED, "CryptoAPI header: cipher or hash");
    bits = bits ? bits : 40;
    if (bits < 40 || bits > 128 || bits % 8 != 0 || mgk_recognise_u32le(after) != SALT ||
        mgk_recognise_u32le(after + 36) != SHA1_DIGEST_SIZE)
        return fail(error, MGK_ERROR_MALFORMED, "CryptoAPI header: sizes");
    *rc4 = (MgkOfficeRc4){.hash = &nettle_sha1, .base_size = SHA1_DIGEST_SIZE, .key_size = bits / 8};
    mgk_office_stretch(&nettle_sha1, after + 4, SALT, password, 0, rc4->base);
    return verifier_fits(rc4, after + 20, after + 40, error);
}

gboolean mgk_office_rc4_open(const guint8 *header, gsize size, const char *password, MgkOfficeRc4 *ret_rc4,
                             GError **error)
{
    g_autoptr(GByteArray) bytes = mgk_office_password(password);
    if (size < 4)
        return fail(error, MGK_ERROR_MALFORMED, "RC4 header: cut short");
    if (!bytes)
        return fail(error, MGK_ERROR_ENCRYPTED, "wrong password");
    guint major = mgk_recognise_u16le(header), minor = mgk_recognise_u16le(header + 2);
    if (major == 1 && minor == 1)
        return open_small(header + 4, size - 4, bytes, ret_rc4, error);
    if (minor == 2 && major >= 2 && major <= 4)
        return open_cryptoapi(header + 4, size - 4, bytes, ret_rc4, error);
    return fail(error, MGK_ERROR_UNSUPPORTED, "RC4 header: scheme");
}

/* ---- XOR ---- */

/* 2.3.7.1: a sum over the length and the characters, last first. */
static guint16 xor_verifier(const char *password, gsize length)
{
    guint sum = 0;
    for (gsize i = length + 1; i-- > 0;) {
        guint byte = i == 0 ? (guint)length : (guint8)password[i - 1];
        sum = ((sum << 1 & 0x7fff) | (sum >> 14 & 1)) ^ byte;
    }
    return (guint16)(sum ^ 0xce4b);
}

/* 2.3.7.2: the lower seven bits of each character choose from seven numbers, each the one before shifted by the
 * polynomial of CRC-CCITT; the specification prints all 105 of them. */
static guint16 xor_key(const char *password, gsize length)
{
    static const guint16 initial[15] = {0xe1f0, 0x1d0f, 0xcc9c, 0x84c0, 0x110c, 0x0e10, 0xf1ce, 0x313e,
                                        0x1872, 0xe139, 0xd40f, 0x84f9, 0x280c, 0xa96a, 0x4ec3};
    static const guint16 rows[15] = {0xaefc, 0x7b61, 0x4563, 0x0375, 0xd849, 0x6f45, 0xeb23, 0x47d3,
                                     0xb861, 0x45a0, 0xaa51, 0x76b4, 0x3730, 0x3331, 0x1021};
    guint16 key = initial[length - 1];
    for (gsize i = 0; i < length; i++) {
        guint16 number = rows[15 - length + i];
        for (guint bit = 0; bit < 7; bit++) {
            key ^= password[i] >> bit & 1 ? number : 0;
            number = (guint16)(number << 1 ^ (number & 0x8000 ? 0x1021 : 0));
        }
    }
    return key;
}

static guint8 rotate_right(guint8 byte, guint bits)
{
    return (guint8)(byte >> bits | byte << (8 - bits));
}

gboolean mgk_office_xor_open(guint16 key, guint16 verifier, const char *password, guint8 ret_array[MGK_OFFICE_XOR])
{
    static const guint8 pad[] = {0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80,
                                 0x00, 0xbe, 0x0f, 0x00, 0xbf, 0x0f, 0x00};
    gsize length = strlen(password);
    if (length < 1 || length > 15 || !g_str_is_ascii(password) || xor_verifier(password, length) != verifier ||
        xor_key(password, length) != key)
        return FALSE;
    for (gsize i = 0; i < MGK_OFFICE_XOR; i++) {
        guint8 from = i < length ? (guint8)password[i] : pad[i - length];
        ret_array[i] = rotate_right((guint8)(from ^ (i % 2 ? key >> 8 : key & 0xff)), 1);
    }
    return TRUE;
}

void mgk_office_xor_apply(const guint8 array[MGK_OFFICE_XOR], gsize place, guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i++)
        data[i] = rotate_right(data[i] ^ array[(place + size + i) % MGK_OFFICE_XOR], 5);
}
