/* blobs.h - originals by SHA-256, encrypted (blob_file.h), equal ones once.
 *
 *   FOLDER/blobs/2c/2cf24dba…     an original, whole; it appears under its name when it is on the disk
 *   FOLDER/dying/2cf24dba…        on its way out: moved here, its key overwritten, removed. mgk_blobs_open() goes on
 *                                 with what an interruption left here
 *
 * Nothing is deleted by itself, and nothing here is logged: that is the caller's (store.h). Thread-safe; one process at
 * a time has the folder, by a lock on it. sha256 is lower-case hex of 64 digits everywhere. Errors: MGK_ERROR_IO,
 * MGK_ERROR_LIMIT, MGK_ERROR_MALFORMED (an original is damaged or its key is gone), MGK_ERROR_USAGE (no such thing). */
#pragma once

#include "store/keys.h"

typedef struct MgkBlobs MgkBlobs;

typedef struct MgkBlobId {
    char sha256[65];
    guint64 size;   /* of the original, bytes */
    gboolean known; /* was kept already, and was read through again before it was believed */
} MgkBlobId;

/* Opens the store's folder, made when it is missing. keys is borrowed and outlives it. free_bytes: less free space than
 * this, counted without what is asked for, and nothing is taken in. */
MgkBlobs *mgk_blobs_open(const char *folder, MgkKeys *keys, guint64 free_bytes, GError **error);
void mgk_blobs_free(MgkBlobs *blobs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkBlobs, mgk_blobs_free)

/* Whether bytes more can be taken in and free_bytes are left: to be asked before a mail is accepted. FALSE is
 * MGK_ERROR_IO, "store_free_bytes: …". */
gboolean mgk_blobs_space(MgkBlobs *blobs, guint64 bytes, GError **error);
/* Takes in the file fd, from offset 0 to its end; its position does not change. When it returns TRUE the original is on
 * the disk under its name. More than max bytes: MGK_ERROR_LIMIT. */
gboolean mgk_blobs_put(MgkBlobs *blobs, int fd, guint64 max, MgkBlobId *ret_id, GError **error);
/* The original as a sealed memory file at offset 0, its hash verified; the caller closes it. -1 with error. */
int mgk_blobs_read(MgkBlobs *blobs, const char *sha256, GError **error);
/* Reads the original through without giving it to anybody. */
gboolean mgk_blobs_verify(MgkBlobs *blobs, const char *sha256, GError **error);
gboolean mgk_blobs_has(MgkBlobs *blobs, const char *sha256);
/* Destroys the original's key, on the disk, then removes the file: nobody can read it any more. What is not there
 * counts as deleted. The caller has made sure that no record needs it, and that none is made meanwhile. */
gboolean mgk_blobs_delete(MgkBlobs *blobs, const char *sha256, GError **error);
/* Every kept original's hash, sorted: of one subfolder, 0 to 255, so that a store of any size is walked in bounded
 * memory. Owned by the caller. */
GPtrArray *mgk_blobs_list(MgkBlobs *blobs, guint subfolder, GError **error);
/* Wraps every key by the current master key (keys.h). Returns how many were rewrapped, -1 with error; may be called
 * again after an interruption. Damaged ones are counted in *ret_damaged and left alone. */
gint64 mgk_blobs_rewrap(MgkBlobs *blobs, guint64 *ret_damaged, GError **error);
/* Descriptor of the original's file, encrypted, for a backup; the caller closes it. -1 with error. */
int mgk_blobs_file(MgkBlobs *blobs, const char *sha256, GError **error);
/* Takes in an encrypted file out of a backup, when it hashes to sha256. */
gboolean mgk_blobs_restore(MgkBlobs *blobs, int file, const char *sha256, GError **error);
