#include "engines/office_crypt.h"

#include "engines/cfb_peek.h"
#include "engines/recognise.h"

#include <nettle/aes.h>
#include <nettle/arcfour.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD "VelvetSweatshop"
#define PASSWORD_UNITS (sizeof PASSWORD - 1)
#define MOST_SPINS 1000000 /* Office writes 100,000 */
#define INFO_BYTES 8192
#define STREAM_BYTES 4096
#define RECORD_FILEPASS 0x2f

static void password_utf16(guint8 out[PASSWORD_UNITS * 2])
{
    for (gsize i = 0; i < PASSWORD_UNITS; i++) {
        out[i * 2] = (guint8)PASSWORD[i];
        out[i * 2 + 1] = 0;
    }
}

static void put_u32le(guint8 *p, guint32 number)
{
    for (guint i = 0; i < 4; i++)
        p[i] = (guint8)(number >> (8 * i));
}

typedef struct Hash {
    const char *name;
    const struct nettle_hash *hash;
} Hash;

static const Hash hashes[] = {
    {"SHA1", &nettle_sha1}, {"SHA256", &nettle_sha256}, {"SHA384", &nettle_sha384}, {"SHA512", &nettle_sha512}};

typedef union Context {
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
} Context;

/* out = H(a || b); out may be a or b. */
static void hash_two(const struct nettle_hash *hash, const void *a, gsize a_size, const void *b, gsize b_size,
                     guint8 *out)
{
    Context context;
    hash->init(&context);
    hash->update(&context, a_size, a);
    hash->update(&context, b_size, b);
    hash->digest(&context, hash->digest_size, out);
}

/* 2.3.4.7, 2.3.4.11: salt and password, then `spins` rounds over a counter. */
static void stretch(const struct nettle_hash *hash, const guint8 *salt, gsize salt_size, guint32 spins, guint8 *out)
{
    guint8 password[PASSWORD_UNITS * 2], counter[4];
    password_utf16(password);
    hash_two(hash, salt, salt_size, password, sizeof password, out);
    for (guint32 i = 0; i < spins; i++) {
        put_u32le(counter, i);
        hash_two(hash, counter, sizeof counter, out, hash->digest_size, out);
    }
}

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

/* 2.3.4.7: the key is SHA-1 of the digest mixed with two pads. */
static void standard_key(const guint8 digest[SHA1_DIGEST_SIZE], guint8 key[SHA1_DIGEST_SIZE * 2])
{
    for (guint half = 0; half < 2; half++) {
        guint8 pad[64];
        memset(pad, half ? 0x5c : 0x36, sizeof pad);
        for (guint i = 0; i < SHA1_DIGEST_SIZE; i++)
            pad[i] ^= digest[i];
        hash_two(&nettle_sha1, pad, sizeof pad, NULL, 0, key + half * SHA1_DIGEST_SIZE);
    }
}

static void aes_ecb_decrypt(guint key_bits, const guint8 *key, gsize size, guint8 *out, const guint8 *in)
{
    struct aes256_ctx large;
    struct aes192_ctx middle;
    struct aes128_ctx small;
    if (key_bits == 256) {
        aes256_set_decrypt_key(&large, key);
        aes256_decrypt(&large, size, out, in);
    } else if (key_bits == 192) {
        aes192_set_decrypt_key(&middle, key);
        aes192_decrypt(&middle, size, out, in);
    } else {
        aes128_set_decrypt_key(&small, key);
        aes128_decrypt(&small, size, out, in);
    }
}

static gboolean is_key_size(guint bits)
{
    return bits == 128 || bits == 192 || bits == 256;
}

static gboolean standard_fits(const guint8 *p, gsize size)
{
    Verifier v;
    if (!parse_verifier(p, size, &v) || !is_key_size(v.key_bits) || v.hash_size < 32 || v.algorithm >> 8 != 0x66)
        return FALSE;
    static const guint8 block[4] = {0};
    guint8 digest[SHA1_DIGEST_SIZE], key[SHA1_DIGEST_SIZE * 2], verifier[16], want[32], got[SHA1_DIGEST_SIZE];
    stretch(&nettle_sha1, v.salt, 16, 50000, digest);
    hash_two(&nettle_sha1, digest, sizeof digest, block, sizeof block, digest);
    standard_key(digest, key);
    aes_ecb_decrypt(v.key_bits, key, sizeof verifier, verifier, v.verifier);
    aes_ecb_decrypt(v.key_bits, key, sizeof want, want, v.hash);
    hash_two(&nettle_sha1, verifier, sizeof verifier, NULL, 0, got);
    return memcmp(got, want, sizeof got) == 0;
}

/* The value of an attribute after `element` in the (ASCII) XML of EncryptionInfo. Owned by the caller; NULL when
 * missing. */
static char *attribute(const char *element, const char *name)
{
    g_autofree char *pattern = g_strdup_printf(" %s=\"", name);
    const char *end = strchr(element, '>'), *start = strstr(element, pattern);
    if (!start || !end || start > end)
        return NULL;
    start += strlen(pattern);
    return g_strndup(start, strcspn(start, "\""));
}

static guint32 attribute_number(const char *element, const char *name)
{
    g_autofree char *text = attribute(element, name);
    return text ? (guint32)strtoul(text, NULL, 10) : 0;
}

/* Decodes base64 into out, TRUE when it holds at least `least` bytes; more than max are cut. */
static gboolean attribute_bytes(const char *element, const char *name, guint8 *out, gsize least, gsize max)
{
    g_autofree char *text = attribute(element, name);
    gsize size = 0;
    g_autofree guchar *bytes = text && *text ? g_base64_decode(text, &size) : NULL;
    if (!bytes || size < least)
        return FALSE;
    memcpy(out, bytes, MIN(size, max));
    return TRUE;
}

/* 2.3.4.12, 2.3.4.13: decrypts `size` bytes with the key of one block name, IV is the salt. */
static void agile_decrypt(const struct nettle_hash *hash, const guint8 *digest, const guint8 block[8], guint key_bits,
                          const guint8 salt[16], gsize size, guint8 *out, const guint8 *in)
{
    guint8 key[SHA512_DIGEST_SIZE], previous[16];
    memset(key, 0x36, sizeof key);
    hash_two(hash, digest, hash->digest_size, block, 8, key);
    memcpy(previous, salt, sizeof previous);
    for (gsize at = 0; at < size; at += 16) {
        aes_ecb_decrypt(key_bits, key, 16, out + at, in + at);
        for (gsize i = 0; i < 16; i++)
            out[at + i] ^= previous[i];
        memcpy(previous, in + at, sizeof previous);
    }
}

static const struct nettle_hash *agile_hash(const char *element)
{
    g_autofree char *name = attribute(element, "hashAlgorithm");
    for (gsize i = 0; name && i < G_N_ELEMENTS(hashes); i++) {
        if (g_ascii_strcasecmp(name, hashes[i].name) == 0)
            return hashes[i].hash;
    }
    return NULL;
}

static gboolean agile_fits(const char *xml)
{
    static const guint8 input_block[8] = {0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79};
    static const guint8 value_block[8] = {0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e};
    const char *element = strstr(xml, "encryptedKey ");
    const struct nettle_hash *hash = element ? agile_hash(element) : NULL;
    if (!hash)
        return FALSE;
    guint32 spins = attribute_number(element, "spinCount"), bits = attribute_number(element, "keyBits");
    guint8 salt[16], input[16], value[64] = {0}, digest[SHA512_DIGEST_SIZE], got[64], plain[64];
    gsize rounded = (hash->digest_size + 15u) / 16 * 16;
    if (spins > MOST_SPINS || !is_key_size(bits) || attribute_number(element, "saltSize") != 16 ||
        !attribute_bytes(element, "saltValue", salt, 16, 16) ||
        !attribute_bytes(element, "encryptedVerifierHashInput", input, 16, 16) ||
        !attribute_bytes(element, "encryptedVerifierHashValue", value, rounded, sizeof value))
        return FALSE;
    stretch(hash, salt, sizeof salt, spins, digest);
    agile_decrypt(hash, digest, input_block, bits, salt, sizeof input, plain, input);
    hash_two(hash, plain, sizeof input, NULL, 0, got);
    agile_decrypt(hash, digest, value_block, bits, salt, rounded, plain, value);
    return memcmp(got, plain, hash->digest_size) == 0;
}

gboolean mgk_office_crypt_default(const guint8 *data, gsize size)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(data, size);
    guint8 info[INFO_BYTES + 1];
    gsize got = peek ? mgk_cfb_peek_read(peek, "EncryptionInfo", info, INFO_BYTES) : 0;
    if (got < 8)
        return FALSE;
    info[got] = 0;
    guint major = mgk_recognise_u16le(info), minor = mgk_recognise_u16le(info + 2);
    if (major == 4 && minor == 4)
        return agile_fits((const char *)info + 8);
    return minor == 2 && major >= 2 && major <= 4 && standard_fits(info + 4, got - 4);
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
    guint8 password[PASSWORD_UNITS * 2], digest[MD5_DIGEST_SIZE], key[9] = {0}, plain[32];
    struct md5_ctx md5;
    md5_init(&md5);
    password_utf16(password);
    md5_update(&md5, sizeof password, password);
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
    stretch(&nettle_sha1, v.salt, 16, 0, digest);
    hash_two(&nettle_sha1, digest, sizeof digest, block, sizeof block, digest);
    memcpy(key, digest, key_size);
    struct arcfour_ctx rc4;
    arcfour_set_key(&rc4, key_size == 5 ? 16 : key_size, key); /* 40 bits are filled up with zeros */
    arcfour_crypt(&rc4, 16, plain, v.verifier);
    arcfour_crypt(&rc4, SHA1_DIGEST_SIZE, plain + 16, v.hash);
    hash_two(&nettle_sha1, plain, 16, NULL, 0, got);
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
