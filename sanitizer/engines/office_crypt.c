#include "engines/office_crypt.h"

#include "engines/cfb_peek.h"
#include "engines/office_hash.h"
#include "engines/recognise.h"

#include <nettle/arcfour.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <string.h>

#define PASSWORD MGK_OFFICE_DEFAULT
#define PASSWORD_UNITS (sizeof PASSWORD - 1)
#define STREAM_BYTES 4096
#define RECORD_FILEPASS 0x2f

typedef struct Verifier {
    const guint8 *salt, *verifier, *hash; /* borrowed: 16 bytes, 16 bytes, hash_size bytes */
    gsize hash_size;
    guint key_bits;
    guint32 algorithm;
} Verifier;

/* EncryptionHeader and EncryptionVerifier (2.3.2, 2.3.3) after the version number. */
static gboolean parse_verifier(const guint8 *p, gsize size, Verifier *ret_verifier)
{
    if (size < 8 + 32)
        return FALSE;
    guint32 untrusted_header = mgk_recognise_u32le(p + 4);
    if (untrusted_header < 32 || untrusted_header > size - 8 || size - 8 - untrusted_header < 4 + 16 + 16 + 4 + 20)
        return FALSE;
    const guint8 *header = p + 8, *after = header + untrusted_header;
    gsize left = size - 8 - untrusted_header - 40;
    *ret_verifier = (Verifier){.salt = after + 4,
                               .verifier = after + 20,
                               .hash = after + 40,
                               .hash_size = MIN(left, 32),
                               .algorithm = mgk_recognise_u32le(header + 8),
                               .key_bits = mgk_recognise_u32le(header + 16)};
    return mgk_recognise_u32le(after) == 16;
}

/* 2.3.7.1: verifier of the XOR obfuscation, method 1. */
static gboolean xor_fits(const guint8 *p, gsize size)
{
    guint verifier = 0;
    for (gsize i = PASSWORD_UNITS + 1; i-- > 0;) {
        guint byte = i == 0 ? (guint)PASSWORD_UNITS : (guint8)PASSWORD[i - 1];
        verifier = ((verifier << 1 & 0x7fff) | (verifier >> 14 & 1)) ^ byte;
    }
    return size >= 4 && mgk_recognise_u16le(p + 2) == (verifier ^ 0xce4b);
}

/* 2.3.6.2: 40-bit RC4, MD5. */
static gboolean rc4_fits(const guint8 *p, gsize size)
{
    if (size < 48)
        return FALSE;
    g_autoptr(GByteArray) password = mgk_office_password(PASSWORD);
    guint8 digest[MD5_DIGEST_SIZE], key[9] = {0}, plain[32];
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, password->len, password->data);
    md5_digest(&md5, sizeof digest, digest);
    for (guint i = 0; i < 16; i++) {
        md5_update(&md5, 5, digest);
        md5_update(&md5, 16, p);
    }
    md5_digest(&md5, 5, key); /* then the block number 0 */
    md5_update(&md5, sizeof key, key);
    md5_digest(&md5, sizeof digest, digest);
    struct arcfour_ctx rc4;
    arcfour_set_key(&rc4, sizeof digest, digest);
    arcfour_crypt(&rc4, sizeof plain, plain, p + 16);
    md5_update(&md5, 16, plain);
    md5_digest(&md5, sizeof digest, digest);
    return memcmp(digest, plain + 16, sizeof digest) == 0;
}

/* 2.3.5.2: RC4 by CryptoAPI, SHA-1. */
static gboolean cryptoapi_fits(const guint8 *p, gsize size)
{
    Verifier v;
    if (!parse_verifier(p, size, &v) || v.hash_size < SHA1_DIGEST_SIZE || v.key_bits > 128 || v.key_bits % 8)
        return FALSE;
    static const guint8 block[4] = {0};
    guint8 digest[SHA1_DIGEST_SIZE], key[16] = {0}, plain[16 + SHA1_DIGEST_SIZE], got[SHA1_DIGEST_SIZE];
    gsize key_size = v.key_bits ? v.key_bits / 8 : 5;
    g_autoptr(GByteArray) password = mgk_office_password(PASSWORD);
    mgk_office_stretch(&nettle_sha1, v.salt, 16, password, 0, digest);
    mgk_office_hash(&nettle_sha1, digest, sizeof digest, block, sizeof block, digest);
    memcpy(key, digest, key_size);
    struct arcfour_ctx rc4;
    arcfour_set_key(&rc4, key_size == 5 ? 16 : key_size, key); /* 40 bits are filled up with zeros */
    arcfour_crypt(&rc4, 16, plain, v.verifier);
    arcfour_crypt(&rc4, SHA1_DIGEST_SIZE, plain + 16, v.hash);
    mgk_office_hash(&nettle_sha1, plain, 16, NULL, 0, got);
    return memcmp(got, plain + 16, sizeof got) == 0;
}

static gboolean filepass_fits(const guint8 *p, gsize size)
{
    if (size < 6)
        return FALSE;
    if (mgk_recognise_u16le(p) == 0)
        return xor_fits(p + 2, size - 2);
    guint major = mgk_recognise_u16le(p + 2), minor = mgk_recognise_u16le(p + 4);
    if (major == 1 && minor == 1)
        return rc4_fits(p + 6, size - 6);
    return minor == 2 && major >= 2 && major <= 4 && cryptoapi_fits(p + 6, size - 6);
}

MgkOfficeCrypt mgk_office_crypt_workbook(const guint8 *data, gsize size)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(data, size);
    guint8 stream[STREAM_BYTES];
    gsize got = 0;
    if (peek && (got = mgk_cfb_peek_read(peek, "Workbook", stream, sizeof stream)) == 0)
        got = mgk_cfb_peek_read(peek, "Book", stream, sizeof stream);
    for (gsize at = 0; got - at >= 4;) {
        guint id = mgk_recognise_u16le(stream + at), length = mgk_recognise_u16le(stream + at + 2);
        if (length > got - at - 4)
            break;
        /* BIFF5 has the two numbers of the XOR scheme alone */
        if (id == RECORD_FILEPASS && length == 4)
            return xor_fits(stream + at + 4, 4) ? MGK_OFFICE_DEFAULT_PASSWORD : MGK_OFFICE_PASSWORD;
        if (id == RECORD_FILEPASS)
            return filepass_fits(stream + at + 4, length) ? MGK_OFFICE_DEFAULT_PASSWORD : MGK_OFFICE_PASSWORD;
        at += 4 + length;
    }
    return MGK_OFFICE_PLAIN;
}
