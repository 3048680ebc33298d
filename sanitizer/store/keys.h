/* keys.h - the key file: master keys that wrap the keys of originals. It lies apart from the store, and its backup
 * apart from the store's.
 *
 *   # any comment
 *   ID SECRET            16 and 64 hex digits, one key a line; the last line wraps what is new
 *
 * Rotation: mgk_keys_add(), mgk_blobs_rewrap(), mgk_keys_drop() of the old ones. After that nothing that was ever
 * wrapped by a dropped key can be opened again: neither in old backups, nor in blocks that a flash disk kept of files
 * that were overwritten. Secrets live in locked memory. Errors: MGK_ERROR_IO, MGK_ERROR_MALFORMED, MGK_ERROR_USAGE
 * (a file that others may read). */
#pragma once

#include "model/error.h"

#define MGK_KEY_BYTES 32
#define MGK_KEY_ID_BYTES 8

typedef struct MgkKeys MgkKeys;

/* Makes a key file with one new key; fails when the path exists. */
gboolean mgk_keys_create(const char *path, GError **error);
/* Reads a key file: a regular file of ours or of root that nobody else may read. */
MgkKeys *mgk_keys_open(const char *path, GError **error);
void mgk_keys_free(MgkKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkKeys, mgk_keys_free)
/* Appends a new key, on the disk before it is used. */
gboolean mgk_keys_add(MgkKeys *keys, GError **error);
/* Leaves only the last key, in the file and in memory; the old file is overwritten first. */
gboolean mgk_keys_drop(MgkKeys *keys, GError **error);
/* Id of the key that wraps what is new: MGK_KEY_ID_BYTES bytes; borrowed until add or drop. */
const guint8 *mgk_keys_current(const MgkKeys *keys);
/* The secret of an id: MGK_KEY_BYTES bytes, borrowed until drop; NULL when the file has no such key. */
const guint8 *mgk_keys_find(const MgkKeys *keys, const guint8 *id);
