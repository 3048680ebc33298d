#include "store/blob_file.h"

#include "io/descriptor.h"
#include "store/disk.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define STREAM(name) crypto_secretstream_xchacha20poly1305_##name
#define WRAP(name) crypto_aead_xchacha20poly1305_ietf_##name

#define PIECE ((gsize)64 * 1024)
#define PIECE_SEALED (PIECE + STREAM(ABYTES))
#define HEAD_BYTES 40
#define SLOT_AT(i) (512 * ((guint64)(i) + 1))
#define N_SLOTS 2
#define BODY_AT 1536
#define FILE_KEY_BYTES ((gsize)STREAM(KEYBYTES))

static const guint8 magic[8] = "MGKBLOB1"; /* no NUL */

typedef struct Head {
    guint8 magic[8], size[8], stream[STREAM(HEADERBYTES)];
} Head;

typedef struct Slot {
    guint8 key_id[MGK_KEY_ID_BYTES], nonce[WRAP(NPUBBYTES)], wrapped[STREAM(KEYBYTES) + WRAP(ABYTES)];
} Slot;

/* What a wrap is bound to. */
typedef struct Bond {
    Head head;
    guint8 sha256[MGK_SHA256_BYTES];
} Bond;

G_STATIC_ASSERT(sizeof(Head) == HEAD_BYTES && sizeof(Slot) == 80 && sizeof(Bond) == HEAD_BYTES + MGK_SHA256_BYTES);
G_STATIC_ASSERT(STREAM(KEYBYTES) == MGK_KEY_BYTES && WRAP(KEYBYTES) == MGK_KEY_BYTES);

static gboolean damaged(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "a kept original cannot be read: %s", what);
    return FALSE;
}

static gboolean write_at(int fd, const void *bytes, gsize size, guint64 at)
{
    return lseek(fd, (off_t)at, SEEK_SET) >= 0 && mgk_fd_write_all(fd, bytes, size);
}

/* Up to size bytes from offset at; fewer only at the end of the file. */
static gssize read_at(int fd, guint8 *bytes, gsize size, guint64 at)
{
    gsize have = 0;
    while (have < size) {
        gssize n = mgk_fd_read_at(fd, bytes + have, size - have, at + have);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (gsize)n;
    }
    return (gssize)have;
}

static gboolean read_exactly(int fd, void *ret_bytes, gsize size, guint64 at, GError **error)
{
    gssize n = read_at(fd, ret_bytes, size, at);
    if (n < 0)
        return mgk_disk_fail(error, "original");
    return (gsize)n == size || damaged(error, "it ends early");
}

static void wrap(Slot *slot, const Bond *bond, const guint8 *file_key, const MgkKeys *keys)
{
    memcpy(slot->key_id, mgk_keys_current(keys), sizeof slot->key_id);
    randombytes_buf(slot->nonce, sizeof slot->nonce);
    WRAP(encrypt)
    (slot->wrapped, NULL, file_key, FILE_KEY_BYTES, (const guint8 *)bond, sizeof *bond, NULL, slot->nonce,
     mgk_keys_find(keys, slot->key_id));
}

static gboolean unwrap(const Slot *slot, const Bond *bond, const MgkKeys *keys, guint8 *ret_file_key)
{
    const guint8 *secret = mgk_keys_find(keys, slot->key_id);
    return secret && WRAP(decrypt)(ret_file_key, NULL, NULL, slot->wrapped, sizeof slot->wrapped, (const guint8 *)bond,
                                   sizeof *bond, slot->nonce, secret) == 0;
}

static void make_bond(Bond *ret_bond, const guint8 *stream, const MgkBlobFacts *facts)
{
    guint64 size = GUINT64_TO_LE(facts->size);
    memcpy(ret_bond->head.magic, magic, sizeof magic);
    memcpy(ret_bond->head.size, &size, sizeof size);
    memcpy(ret_bond->head.stream, stream, sizeof ret_bond->head.stream);
    memcpy(ret_bond->sha256, facts->sha256, sizeof ret_bond->sha256);
}

static gboolean write_pieces(int source, guint64 max, int target, STREAM(state) * state, MgkBlobFacts *facts,
                             GError **error)
{
    crypto_hash_sha256_state hash;
    g_autofree guint8 *plain = g_malloc(PIECE), *sealed = g_malloc(PIECE_SEALED);
    crypto_hash_sha256_init(&hash);
    for (gssize n = (gssize)PIECE; n == (gssize)PIECE;) {
        n = read_at(source, plain, PIECE, facts->size);
        if (n < 0)
            return mgk_disk_fail(error, "original");
        if ((guint64)n > max - facts->size) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT,
                        "store_bytes: the original has more than %" G_GUINT64_FORMAT " bytes", max);
            return FALSE;
        }
        unsigned long long length = 0;
        crypto_hash_sha256_update(&hash, plain, (guint64)n);
        STREAM(push)
        (state, sealed, &length, plain, (guint64)n, NULL, 0, n < (gssize)PIECE ? STREAM(TAG_FINAL) : 0);
        if (!mgk_fd_write_all(target, sealed, (gsize)length))
            return mgk_disk_fail(error, "store");
        facts->size += (guint64)n;
    }
    crypto_hash_sha256_final(&hash, facts->sha256);
    return TRUE;
}

gboolean mgk_blob_file_write(int source, guint64 max, int target, const MgkKeys *keys, MgkBlobFacts *ret_facts,
                             GError **error)
{
    STREAM(state) state;
    Slot slot;
    Bond bond;
    MgkBlobFacts facts = {.size = 0};
    guint8 file_key[MGK_KEY_BYTES], stream[STREAM(HEADERBYTES)];
    STREAM(keygen)(file_key);
    STREAM(init_push)(&state, stream, file_key);
    gboolean good = lseek(target, BODY_AT, SEEK_SET) == BODY_AT || mgk_disk_fail(error, "store");
    good = good && write_pieces(source, max, target, &state, &facts, error);
    if (good) {
        make_bond(&bond, stream, &facts);
        wrap(&slot, &bond, file_key, keys);
        good =
            (write_at(target, &bond.head, sizeof bond.head, 0) && write_at(target, &slot, sizeof slot, SLOT_AT(0))) ||
            mgk_disk_fail(error, "store");
    }
    if (good)
        *ret_facts = facts;
    sodium_memzero(file_key, sizeof file_key);
    sodium_memzero(&state, sizeof state);
    return good;
}

/* The file's own key, and in which slot it was found. */
static gboolean open_key(int fd, const guint8 *sha256, const MgkKeys *keys, Bond *ret_bond, guint8 *ret_file_key,
                         guint *ret_slot, GError **error)
{
    if (!read_exactly(fd, &ret_bond->head, sizeof ret_bond->head, 0, error))
        return FALSE;
    if (memcmp(ret_bond->head.magic, magic, sizeof magic) != 0)
        return damaged(error, "it does not begin as one");
    memcpy(ret_bond->sha256, sha256, MGK_SHA256_BYTES);
    for (guint i = 0; i < N_SLOTS; i++) {
        Slot slot;
        if (!read_exactly(fd, &slot, sizeof slot, SLOT_AT(i), error))
            return FALSE;
        if (unwrap(&slot, ret_bond, keys, ret_file_key)) {
            *ret_slot = i;
            return TRUE;
        }
    }
    return damaged(error, "no master key opens it");
}

static gboolean read_pieces(int fd, STREAM(state) * state, int target, const Bond *bond, GError **error)
{
    crypto_hash_sha256_state hash;
    guint8 sha256[MGK_SHA256_BYTES], tag = 0;
    guint64 at = BODY_AT, size = 0, wanted = 0;
    g_autofree guint8 *plain = g_malloc(PIECE), *sealed = g_malloc(PIECE_SEALED);
    crypto_hash_sha256_init(&hash);
    while (tag != STREAM(TAG_FINAL)) {
        unsigned long long length = 0;
        gssize n = read_at(fd, sealed, PIECE_SEALED, at);
        if (n < 0)
            return mgk_disk_fail(error, "original");
        if (STREAM(pull)(state, plain, &length, &tag, sealed, (guint64)n, NULL, 0) != 0)
            return damaged(error, "a piece is not what was written");
        crypto_hash_sha256_update(&hash, plain, length);
        if (target >= 0 && !mgk_fd_write_all(target, plain, (gsize)length))
            return mgk_disk_fail(error, "original");
        at += (guint64)n;
        size += length;
    }
    crypto_hash_sha256_final(&hash, sha256);
    memcpy(&wanted, bond->head.size, sizeof wanted);
    if (size != GUINT64_FROM_LE(wanted) || sodium_memcmp(sha256, bond->sha256, sizeof sha256) != 0)
        return damaged(error, "its hash is another");
    return TRUE;
}

gboolean mgk_blob_file_read(int fd, const guint8 *sha256, const MgkKeys *keys, int target, GError **error)
{
    STREAM(state) state;
    Bond bond;
    guint8 file_key[MGK_KEY_BYTES];
    guint slot = 0;
    gboolean good = open_key(fd, sha256, keys, &bond, file_key, &slot, error);
    if (good && STREAM(init_pull)(&state, bond.head.stream, file_key) != 0)
        good = damaged(error, "its stream does not begin");
    good = good && read_pieces(fd, &state, target, &bond, error);
    sodium_memzero(file_key, sizeof file_key);
    sodium_memzero(&state, sizeof state);
    return good;
}

static gboolean has_key_id(int fd, guint slot, const MgkKeys *keys)
{
    guint8 id[MGK_KEY_ID_BYTES];
    return read_at(fd, id, sizeof id, SLOT_AT(slot)) == (gssize)sizeof id &&
           memcmp(id, mgk_keys_current(keys), sizeof id) == 0;
}

gboolean mgk_blob_file_rewrap(int fd, const guint8 *sha256, const MgkKeys *keys, gboolean *ret_changed, GError **error)
{
    static const Slot empty;
    Bond bond;
    Slot slot;
    guint8 file_key[MGK_KEY_BYTES];
    guint old = 0;
    if (!open_key(fd, sha256, keys, &bond, file_key, &old, error))
        return FALSE;
    gboolean good = TRUE, changed = !has_key_id(fd, old, keys);
    if (changed) {
        wrap(&slot, &bond, file_key, keys);
        good = write_at(fd, &slot, sizeof slot, SLOT_AT(1 - old)) && fsync(fd) == 0 &&
               write_at(fd, &empty, sizeof empty, SLOT_AT(old)) && fsync(fd) == 0;
    }
    sodium_memzero(file_key, sizeof file_key);
    if (!good)
        return mgk_disk_fail(error, "store");
    *ret_changed = changed;
    return TRUE;
}

gboolean mgk_blob_file_destroy(int fd)
{
    static const Slot empty;
    return write_at(fd, &empty, sizeof empty, SLOT_AT(0)) && write_at(fd, &empty, sizeof empty, SLOT_AT(1)) &&
           fsync(fd) == 0;
}
