/* blob_file.h - one original, encrypted in one file.
 *
 *   0     "MGKBLOB1"
 *   8     size of the original, 64 bits, little endian
 *   16    header of the secretstream, 24 bytes
 *   512   slot: id of a master key (8), nonce (24), this file's own key wrapped by it (48)
 *   1024  a second slot, or zeros
 *   1536  the original as crypto_secretstream_xchacha20poly1305: pieces of 64 KiB (+17); the last one is shorter and
 *         carries TAG_FINAL
 *
 * The wrap authenticates magic, size, stream header and the original's SHA-256, so that no file passes for another.
 * Two slots, a sector each: a new wrap is on the disk before the old one goes. Zeros in both slots are the end: the
 * file's own key is nowhere else. */
#pragma once

#include "store/keys.h"

#define MGK_SHA256_BYTES 32

typedef struct MgkBlobFacts {
    guint8 sha256[MGK_SHA256_BYTES];
    guint64 size; /* of the original, bytes */
} MgkBlobFacts;

/* Encrypts source (from offset 0 to its end, by pread) into the empty file target, under a new key wrapped by the
 * current one. More than max bytes: MGK_ERROR_LIMIT. Errors: MGK_ERROR_IO. Not synced. */
gboolean mgk_blob_file_write(int source, guint64 max, int target, const MgkKeys *keys, MgkBlobFacts *ret_facts,
                             GError **error);
/* Decrypts fd into target (its position; -1: nowhere), and demands that it hashes to sha256. Errors:
 * MGK_ERROR_MALFORMED (damaged, or its key is gone), MGK_ERROR_IO. On failure target holds anything. */
gboolean mgk_blob_file_read(int fd, const guint8 *sha256, const MgkKeys *keys, int target, GError **error);
/* Wraps the file's key by the current master key, on the disk; *ret_changed is FALSE when it was already. */
gboolean mgk_blob_file_rewrap(int fd, const guint8 *sha256, const MgkKeys *keys, gboolean *ret_changed, GError **error);
/* Overwrites the file's key, on the disk. FALSE with errno. */
gboolean mgk_blob_file_destroy(int fd);
