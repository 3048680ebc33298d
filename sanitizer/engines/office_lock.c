#include "engines/office_lock.h"

#include "engines/cfb_peek.h"
#include "engines/office_info.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

#define BLOCK AES_BLOCK_SIZE
#define INFO_BYTES (64u << 10)
#define SEGMENT 4096 /* 2.3.4.15: each with an IV of its own */
#define HEADER 8     /* StreamSize */

struct MgkOfficeLock {
    const guint8 *data; /* borrowed */
    gsize size;
    MgkOfficeInfo info;
    guint8 key[AES256_KEY_SIZE]; /* of the package, once opened */
};

typedef union Aes {
    struct aes128_ctx small;
    struct aes192_ctx middle;
    struct aes256_ctx large;
} Aes;

typedef union HashState {
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
} HashState;

static const struct nettle_cipher *aes_of(guint key_bits)
{
    return key_bits == 256 ? &nettle_aes256 : key_bits == 192 ? &nettle_aes192 : &nettle_aes128;
}

static void decrypt_ecb(guint key_bits, const guint8 *key, gsize size, guint8 *out, const guint8 *in)
{
    Aes aes;
    aes_of(key_bits)->set_decrypt_key(&aes, key);
    aes_of(key_bits)->decrypt(&aes, size, out, in);
}

static void decrypt_cbc(guint key_bits, const guint8 *key, const guint8 iv[BLOCK], gsize size, guint8 *out,
                        const guint8 *in)
{
    Aes aes;
    guint8 previous[BLOCK];
    memcpy(previous, iv, sizeof previous);
    aes_of(key_bits)->set_decrypt_key(&aes, key);
    cbc_decrypt(&aes, aes_of(key_bits)->decrypt, BLOCK, previous, size, out, in);
}

/* ---- standard ---- */

/* 2.3.4.7: the key is SHA-1 of the digest mixed with two pads. */
static void standard_key(const guint8 digest[SHA1_DIGEST_SIZE], guint8 key[2 * SHA1_DIGEST_SIZE])
{
    for (guint half = 0; half < 2; half++) {
        guint8 pad[64];
        memset(pad, half ? 0x5c : 0x36, sizeof pad);
        for (guint i = 0; i < SHA1_DIGEST_SIZE; i++)
            pad[i] ^= digest[i];
        mgk_office_hash(&nettle_sha1, pad, sizeof pad, NULL, 0, key + (gsize)half * SHA1_DIGEST_SIZE);
    }
}

static gboolean try_standard(MgkOfficeLock *lock, const guint8 *stretched)
{
    static const guint8 block_number[4] = {0};
    const MgkOfficeInfo *info = &lock->info;
    guint8 digest[SHA1_DIGEST_SIZE], key[2 * SHA1_DIGEST_SIZE], verifier[BLOCK], want[2 * BLOCK];
    mgk_office_hash(&nettle_sha1, stretched, sizeof digest, block_number, sizeof block_number, digest);
    standard_key(digest, key);
    decrypt_ecb(info->key.key_bits, key, sizeof verifier, verifier, info->verifier.bytes);
    decrypt_ecb(info->key.key_bits, key, sizeof want, want, info->verifier_hash.bytes);
    mgk_office_hash(&nettle_sha1, verifier, sizeof verifier, NULL, 0, digest);
    memcpy(lock->key, key, sizeof lock->key);
    return memcmp(digest, want, sizeof digest) == 0;
}

/* ---- agile ---- */

/* 2.3.4.11, 2.3.4.12: a digest cut, or filled up with 0x36, to the size that is needed. out holds a whole digest. */
static void derive(const MgkOfficeCipher *cipher, const guint8 *from, gsize from_size, const guint8 *block,
                   gsize block_size, guint8 out[MGK_OFFICE_DIGEST])
{
    memset(out, 0x36, MGK_OFFICE_DIGEST);
    mgk_office_hash(cipher->hash, from, from_size, block, block_size, out);
}

static void unwrap(const MgkOfficeInfo *info, const guint8 *stretched, const guint8 block[8], const MgkOfficeBytes *in,
                   guint8 out[MGK_OFFICE_DIGEST])
{
    guint8 key[MGK_OFFICE_DIGEST], iv[MGK_OFFICE_DIGEST];
    derive(&info->key, stretched, info->key.hash->digest_size, block, 8, key);
    memset(iv, 0x36, sizeof iv);
    memcpy(iv, info->key.salt.bytes, info->key.salt.size);
    decrypt_cbc(info->key.key_bits, key, iv, in->size, out, in->bytes);
}

static gboolean try_agile(MgkOfficeLock *lock, const guint8 *stretched)
{
    static const guint8 input_block[8] = {0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79};
    static const guint8 value_block[8] = {0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e};
    static const guint8 key_block[8] = {0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6};
    const MgkOfficeInfo *info = &lock->info;
    guint8 input[MGK_OFFICE_DIGEST], want[MGK_OFFICE_DIGEST], got[MGK_OFFICE_DIGEST], key[MGK_OFFICE_DIGEST] = {0};
    unwrap(info, stretched, input_block, &info->verifier, input);
    unwrap(info, stretched, value_block, &info->verifier_hash, want);
    mgk_office_hash(info->key.hash, input, info->key.salt.size, NULL, 0, got);
    unwrap(info, stretched, key_block, &info->inner_key, key);
    memcpy(lock->key, key, sizeof lock->key);
    return memcmp(got, want, info->key.hash->digest_size) == 0;
}

/* 2.3.4.14: encrypted by the package's key, the IV made of its salt and a name. */
static void open_seal(const MgkOfficeLock *lock, const guint8 block[8], const MgkOfficeBytes *in,
                      guint8 out[MGK_OFFICE_DIGEST])
{
    const MgkOfficeCipher *data = &lock->info.data;
    guint8 iv[MGK_OFFICE_DIGEST];
    derive(data, data->salt.bytes, data->salt.size, block, 8, iv);
    decrypt_cbc(data->key_bits, lock->key, iv, in->size, out, in->bytes);
}

static gboolean seal_holds(const MgkOfficeLock *lock, const guint8 *stream, gsize size)
{
    static const guint8 key_block[8] = {0x5f, 0xb2, 0xad, 0x01, 0x0c, 0xb9, 0xe1, 0xf6};
    static const guint8 value_block[8] = {0xa0, 0x67, 0x7f, 0x02, 0xb2, 0x2c, 0x84, 0x33};
    const struct nettle_hash *hash = lock->info.data.hash;
    guint8 key[MGK_OFFICE_DIGEST], want[MGK_OFFICE_DIGEST], got[MGK_OFFICE_DIGEST];
    open_seal(lock, key_block, &lock->info.hmac_key, key);
    open_seal(lock, value_block, &lock->info.hmac_value, want);
    HashState outer, inner, state;
    hmac_set_key(&outer, &inner, &state, hash, hash->digest_size, key);
    hmac_update(&state, hash, size, stream);
    hmac_digest(&outer, &inner, &state, hash, hash->digest_size, got);
    return memcmp(got, want, hash->digest_size) == 0;
}

static void decrypt_segments(const MgkOfficeLock *lock, guint8 *data, gsize size)
{
    const MgkOfficeCipher *cipher = &lock->info.data;
    guint32 number = 0;
    for (gsize at = 0; at < size; number++) {
        guint8 counter[4], iv[MGK_OFFICE_DIGEST];
        gsize n = MIN(size - at, SEGMENT);
        mgk_office_put_u32le(counter, number);
        derive(cipher, cipher->salt.bytes, cipher->salt.size, counter, sizeof counter, iv);
        decrypt_cbc(cipher->key_bits, lock->key, iv, n, data + at, data + at);
        at += n;
    }
}

/* ---- both ---- */

MgkOfficeLock *mgk_office_lock_open(const guint8 *data, gsize size, guint64 most_rounds, GError **error)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(data, size);
    g_autofree guint8 *info = g_malloc(INFO_BYTES);
    gsize got = peek ? mgk_cfb_peek_read(peek, "EncryptionInfo", info, INFO_BYTES) : 0;
    if (got == 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "no EncryptionInfo: rights management");
        return NULL;
    }
    g_autoptr(MgkOfficeLock) lock = g_new0(MgkOfficeLock, 1);
    lock->data = data;
    lock->size = size;
    if (!mgk_office_info_parse(info, got, &lock->info, error))
        return NULL;
    if (lock->info.spins > most_rounds || lock->info.spins > G_MAXUINT32) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "kdf_rounds: %" G_GUINT64_FORMAT " for one password",
                    lock->info.spins);
        return NULL;
    }
    return g_steal_pointer(&lock);
}

void mgk_office_lock_free(MgkOfficeLock *lock)
{
    g_free(lock);
}

gboolean mgk_office_lock_try(MgkOfficeLock *lock, const char *password)
{
    const MgkOfficeCipher *cipher = &lock->info.key;
    guint8 stretched[MGK_OFFICE_DIGEST];
    g_autoptr(GByteArray) bytes = mgk_office_password(password);
    if (!bytes)
        return FALSE;
    mgk_office_stretch(cipher->hash, cipher->salt.bytes, cipher->salt.size, bytes, (guint32)lock->info.spins,
                       stretched);
    return lock->info.agile ? try_agile(lock, stretched) : try_standard(lock, stretched);
}

static gboolean broken(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "EncryptedPackage: %s", what);
    return FALSE;
}

/* 2.3.4.4: the size of what is inside, then whole blocks that hold at least as much. */
static gboolean plain_size(const guint8 *stream, gsize size, gsize *ret_plain, GError **error)
{
    guint64 untrusted_plain = 0;
    for (guint i = 0; size >= HEADER && i < HEADER; i++)
        untrusted_plain |= (guint64)stream[i] << (8 * i);
    if (size < HEADER || untrusted_plain == 0 || untrusted_plain > (size - HEADER) / BLOCK * BLOCK)
        return broken(error, "its size is not what it says");
    *ret_plain = (gsize)untrusted_plain;
    return TRUE;
}

GBytes *mgk_office_lock_take(MgkOfficeLock *lock, GError **error)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(lock->data, lock->size);
    g_autofree guint8 *stream = g_malloc(lock->size); /* no stream is larger than its file */
    gsize plain = 0, size = peek ? mgk_cfb_peek_read(peek, "EncryptedPackage", stream, lock->size) : 0;
    if (!plain_size(stream, size, &plain, error))
        return NULL;
    if (lock->info.agile && !seal_holds(lock, stream, size)) {
        broken(error, "its seal is broken");
        return NULL;
    }
    gsize whole = (plain + BLOCK - 1) / BLOCK * BLOCK;
    if (lock->info.agile)
        decrypt_segments(lock, stream + HEADER, whole);
    else
        decrypt_ecb(lock->info.key.key_bits, lock->key, whole, stream + HEADER, stream + HEADER);
    memmove(stream, stream + HEADER, plain);
    return g_bytes_new_take(g_steal_pointer(&stream), plain);
}
