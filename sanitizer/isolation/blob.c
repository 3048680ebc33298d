#include "isolation/blob.h"

#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define IN_MEMORY_MAX (64u << 20)
#define CHUNK (256u << 10)

static gboolean io_error(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

gboolean mgk_blob_create(guint64 expected, MgkBlob *ret_blob, GError **error)
{
    int fd = expected <= IN_MEMORY_MAX ? memfd_create("mugaika", MFD_CLOEXEC | MFD_ALLOW_SEALING)
                                       : open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error(error, "cannot create working storage");
    *ret_blob = (MgkBlob){.fd = fd};
    return TRUE;
}

static void name_digest(struct sha256_ctx *sum, MgkBlob *blob)
{
    guint8 digest[SHA256_DIGEST_SIZE];
    G_STATIC_ASSERT(sizeof blob->sha256 > 2 * SHA256_DIGEST_SIZE);
    sha256_digest(sum, sizeof digest, digest);
    for (guint i = 0; i < sizeof digest; i++)
        g_snprintf(blob->sha256 + 2 * (gsize)i, 3, "%02x", digest[i]);
}

/* One pass over fd: hash, and copy to `to` unless that is -1. Every byte in and out comes through here, hence nettle,
 * which uses the processor's own SHA-256 where there is one; GLib's is five times slower. */
static gboolean hash_pass(int fd, int to, guint64 max, MgkBlob *blob, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(CHUNK);
    struct sha256_ctx sum;
    sha256_init(&sum);
    guint64 offset = 0;
    for (;;) {
        gssize n = mgk_fd_read_at(fd, buffer, CHUNK, offset);
        if (n < 0)
            return io_error(error, "cannot read");
        if (n == 0)
            break;
        offset += (guint64)n;
        if (offset > max) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes", max);
            return FALSE;
        }
        sha256_update(&sum, (gsize)n, buffer);
        if (to >= 0 && !mgk_fd_write_all(to, buffer, (gsize)n))
            return io_error(error, "cannot write working storage");
    }
    blob->size = offset;
    name_digest(&sum, blob);
    return TRUE;
}

/* Memory files are sealed; it fails while anybody could still write by a mapping. An unlinked file on disk cannot be
 * sealed (EINVAL), but nobody but us holds it writable by now. */
static gboolean seal(int fd, GError **error)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if ((fcntl(fd, F_ADD_SEALS, seals) < 0 && errno != EINVAL) || lseek(fd, 0, SEEK_SET) < 0)
        return io_error(error, "cannot seal working storage");
    return TRUE;
}

gboolean mgk_blob_copy(int source, guint64 max, MgkBlob *ret_blob, GError **error)
{
    struct stat st;
    if (fstat(source, &st) < 0)
        return io_error(error, "cannot read");
    if (st.st_size > 0 && (guint64)st.st_size > max) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "%" G_GUINT64_FORMAT " bytes, allowed are %" G_GUINT64_FORMAT,
                    (guint64)st.st_size, max);
        return FALSE;
    }
    g_auto(MgkBlob) blob = MGK_BLOB_NONE;
    if (!mgk_blob_create((guint64)MAX(st.st_size, 0), &blob, error) || !hash_pass(source, blob.fd, max, &blob, error) ||
        !seal(blob.fd, error))
        return FALSE;
    *ret_blob = blob;
    blob.fd = -1;
    return TRUE;
}

gboolean mgk_blob_finish(MgkBlob *blob, guint64 max, GError **error)
{
    return seal(blob->fd, error) && hash_pass(blob->fd, -1, max, blob, error);
}

gboolean mgk_blob_from_bytes(const void *data, gsize size, MgkBlob *ret_blob, GError **error)
{
    g_auto(MgkBlob) blob = MGK_BLOB_NONE;
    if (!mgk_blob_create(size, &blob, error))
        return FALSE;
    if (!mgk_fd_write_all(blob.fd, data, size))
        return io_error(error, "cannot write working storage");
    if (!mgk_blob_finish(&blob, size, error))
        return FALSE;
    *ret_blob = blob;
    blob.fd = -1;
    return TRUE;
}

void mgk_blob_clear(MgkBlob *blob)
{
    if (blob->fd >= 0)
        close(blob->fd);
    *blob = MGK_BLOB_NONE;
}
