/* blob.h - bytes pinned in a descriptor: a sealed memory file, or an unlinked file on disk when large. */
#pragma once

#include "model/error.h"

typedef struct MgkBlob {
    int fd; /* owned; -1 when there is none */
    guint64 size;
    char sha256[65]; /* lower-case hex; "" until known */
} MgkBlob;

#define MGK_BLOB_NONE ((MgkBlob){.fd = -1})

/* An empty, writable blob; on disk when the expected bytes should not sit in memory. Errors: MGK_ERROR_IO. */
gboolean mgk_blob_create(guint64 expected, MgkBlob *ret_blob, GError **error);
/* Copies source from offset 0 (not its position) to its end, hashes the copy and seals it. More than max bytes:
 * MGK_ERROR_LIMIT. Errors: MGK_ERROR_IO. */
gboolean mgk_blob_copy(int source, guint64 max, MgkBlob *ret_blob, GError **error);
/* Its writer is done: takes the size, hashes, seals. More than max bytes: MGK_ERROR_LIMIT. */
gboolean mgk_blob_finish(MgkBlob *blob, guint64 max, GError **error);
/* A sealed blob of the given bytes. */
gboolean mgk_blob_from_bytes(const void *data, gsize size, MgkBlob *ret_blob, GError **error);
void mgk_blob_clear(MgkBlob *blob);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkBlob, mgk_blob_clear)
