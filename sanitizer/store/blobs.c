#include "store/blobs.h"

#include "io/descriptor.h"
#include "store/blob_file.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define N_FOLDERS 256
#define HASH_DIGITS 64

struct MgkBlobs {
    int root, blobs, dying; /* descriptors */
    int folders[N_FOLDERS]; /* descriptors, or -1 until needed */
    MgkKeys *keys;          /* borrowed */
    guint64 free_bytes;
    GMutex mutex; /* names: between looking whether one is there and giving or taking it */
};

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void mgk_blobs_free(MgkBlobs *blobs)
{
    if (!blobs)
        return;
    for (guint i = 0; i < N_FOLDERS; i++)
        close_if_open(blobs->folders[i]);
    close_if_open(blobs->dying);
    close_if_open(blobs->blobs);
    close_if_open(blobs->root);
    g_mutex_clear(&blobs->mutex);
    g_free(blobs);
}

/* The last steps of a deletion; what is not there was done before. */
static gboolean finish_dying(const MgkBlobs *blobs, const char *name)
{
    int fd = openat(blobs->dying, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    gboolean good = mgk_blob_file_destroy(fd) && unlinkat(blobs->dying, name, 0) == 0 && fsync(blobs->dying) == 0;
    int number = errno;
    close(fd);
    errno = number;
    return good;
}

static gboolean finish_all_dying(const MgkBlobs *blobs)
{
    g_autoptr(GPtrArray) names = mgk_disk_list(blobs->dying);
    for (guint i = 0; names && i < names->len; i++) {
        if (!finish_dying(blobs, g_ptr_array_index(names, i)))
            return FALSE;
    }
    return names != NULL;
}

/* The descriptor of the subfolder, which is made when it is missing and wanted; -1 with errno. Under the mutex. */
static int subfolder(MgkBlobs *blobs, guint which, gboolean make)
{
    char name[3];
    g_snprintf(name, sizeof name, "%02x", which);
    if (blobs->folders[which] >= 0)
        return blobs->folders[which];
    int fd = make ? mgk_disk_folder(blobs->blobs, name)
                  : openat(blobs->blobs, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && !mgk_disk_tidy(fd)) {
        int number = errno;
        close(fd);
        errno = number;
        return -1;
    }
    return blobs->folders[which] = fd;
}

static gboolean open_folders(MgkBlobs *blobs, const char *folder)
{
    /* Names of subfolders whose maker died before he synced them are synced here, once for all. */
    return (blobs->root = mgk_disk_path(folder)) >= 0 && flock(blobs->root, LOCK_EX | LOCK_NB) == 0 &&
           (blobs->blobs = mgk_disk_folder(blobs->root, "blobs")) >= 0 && fsync(blobs->blobs) == 0 &&
           (blobs->dying = mgk_disk_folder(blobs->root, "dying")) >= 0 && finish_all_dying(blobs);
}

MgkBlobs *mgk_blobs_open(const char *folder, MgkKeys *keys, guint64 free_bytes, GError **error)
{
    g_autoptr(MgkBlobs) blobs = g_new0(MgkBlobs, 1);
    blobs->root = blobs->blobs = blobs->dying = -1;
    for (guint i = 0; i < N_FOLDERS; i++)
        blobs->folders[i] = -1;
    blobs->keys = keys;
    blobs->free_bytes = free_bytes;
    g_mutex_init(&blobs->mutex);
    if (open_folders(blobs, folder))
        return g_steal_pointer(&blobs);
    mgk_disk_fail(error, folder);
    return NULL;
}

gboolean mgk_blobs_space(MgkBlobs *blobs, guint64 bytes, GError **error)
{
    struct statvfs space;
    if (fstatvfs(blobs->blobs, &space) != 0)
        return mgk_disk_fail(error, "store");
    guint64 free_bytes = (guint64)space.f_bavail * space.f_frsize;
    if (free_bytes >= blobs->free_bytes && free_bytes - blobs->free_bytes >= bytes)
        return TRUE;
    errno = ENOSPC;
    return mgk_disk_fail(error, "store_free_bytes");
}

/* A hash as it comes from records and clients: only digits reach the disk. */
static gboolean parse_hash(const char *text, guint8 *ret_sha256, GError **error)
{
    gsize n = 0;
    if (text && strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS &&
        sodium_hex2bin(ret_sha256, MGK_SHA256_BYTES, text, HASH_DIGITS, NULL, &n, NULL) == 0)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "no SHA-256");
    return FALSE;
}

static int open_file(MgkBlobs *blobs, const char *name, const guint8 *sha256, int flags)
{
    g_mutex_lock(&blobs->mutex);
    int folder = subfolder(blobs, sha256[0], FALSE);
    int fd = folder < 0 ? -1 : openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
    g_mutex_unlock(&blobs->mutex);
    return fd;
}

/* Whether the original is here already and can be read to its end. Returns its descriptor, or -1. */
static int open_whole(MgkBlobs *blobs, const char *name, const guint8 *sha256)
{
    int fd = open_file(blobs, name, sha256, O_RDONLY);
    if (fd >= 0 && !mgk_blob_file_read(fd, sha256, blobs->keys, -1, NULL)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Whether the name is still that of the file that was read; a deletion may have come between. */
static gboolean still_has(int folder, const char *name, int fd)
{
    struct stat named, opened;
    return fd >= 0 && fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &opened) == 0 &&
           named.st_ino == opened.st_ino;
}

/* Gives a finished nameless file its name, unless a good one has it. A damaged one is replaced. */
static gboolean settle(MgkBlobs *blobs, int file, const char *name, const guint8 *sha256, gboolean *ret_known)
{
    int whole = open_whole(blobs, name, sha256);
    g_mutex_lock(&blobs->mutex);
    int folder = subfolder(blobs, sha256[0], TRUE);
    gboolean known = folder >= 0 && still_has(folder, name, whole);
    /* A known one may be so new that its name is not on the disk yet. */
    gboolean good = folder >= 0 && (known ? fsync(folder) == 0 : mgk_disk_replace(file, folder, name));
    int number = errno;
    g_mutex_unlock(&blobs->mutex);
    close_if_open(whole);
    *ret_known = known;
    errno = number;
    return good;
}

gboolean mgk_blobs_put(MgkBlobs *blobs, int fd, guint64 max, MgkBlobId *ret_id, GError **error)
{
    MgkBlobFacts facts = {.size = 0};
    MgkBlobId id = {.size = 0};
    int file = mgk_disk_nameless(blobs->blobs);
    if (file < 0)
        return mgk_disk_fail(error, "store");
    gboolean good = mgk_blob_file_write(fd, max, file, blobs->keys, &facts, error);
    if (good) {
        sodium_bin2hex(id.sha256, sizeof id.sha256, facts.sha256, sizeof facts.sha256);
        id.size = facts.size;
        good = settle(blobs, file, id.sha256, facts.sha256, &id.known) || mgk_disk_fail(error, "store");
    }
    close(file);
    if (good)
        *ret_id = id;
    return good;
}

static int open_known(MgkBlobs *blobs, const char *sha256, guint8 *ret_hash, int flags, GError **error)
{
    if (!parse_hash(sha256, ret_hash, error))
        return -1;
    int fd = open_file(blobs, sha256, ret_hash, flags);
    if (fd < 0 && errno == ENOENT)
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "no such original: %s", sha256);
    else if (fd < 0)
        mgk_disk_fail(error, sha256);
    return fd;
}

static gboolean seal(int fd)
{
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0 &&
           lseek(fd, 0, SEEK_SET) == 0;
}

int mgk_blobs_read(MgkBlobs *blobs, const char *sha256, GError **error)
{
    guint8 hash[MGK_SHA256_BYTES];
    int file = open_known(blobs, sha256, hash, O_RDONLY, error);
    if (file < 0)
        return -1;
    int memory = memfd_create("original", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    gboolean good = memory >= 0 || mgk_disk_fail(error, "original");
    good = good && mgk_blob_file_read(file, hash, blobs->keys, memory, error) &&
           (seal(memory) || mgk_disk_fail(error, "original"));
    close(file);
    if (good)
        return memory;
    close_if_open(memory);
    return -1;
}

gboolean mgk_blobs_verify(MgkBlobs *blobs, const char *sha256, GError **error)
{
    guint8 hash[MGK_SHA256_BYTES];
    int file = open_known(blobs, sha256, hash, O_RDONLY, error);
    gboolean good = file >= 0 && mgk_blob_file_read(file, hash, blobs->keys, -1, error);
    close_if_open(file);
    return good;
}

gboolean mgk_blobs_has(MgkBlobs *blobs, const char *sha256)
{
    guint8 hash[MGK_SHA256_BYTES];
    int fd = parse_hash(sha256, hash, NULL) ? open_file(blobs, sha256, hash, O_PATH) : -1;
    close_if_open(fd);
    return fd >= 0;
}

/* Out of the folder of names: from here on it is not an original any more, whatever happens. */
static gboolean begin_dying(MgkBlobs *blobs, const char *name, const guint8 *sha256)
{
    g_mutex_lock(&blobs->mutex);
    int folder = subfolder(blobs, sha256[0], FALSE);
    gboolean gone = folder < 0 && errno == ENOENT;
    gboolean good = gone || (folder >= 0 && (renameat(folder, name, blobs->dying, name) == 0 || errno == ENOENT) &&
                             fsync(blobs->dying) == 0 && fsync(folder) == 0);
    int number = errno;
    g_mutex_unlock(&blobs->mutex);
    errno = number;
    return good;
}

gboolean mgk_blobs_delete(MgkBlobs *blobs, const char *sha256, GError **error)
{
    guint8 hash[MGK_SHA256_BYTES];
    if (!parse_hash(sha256, hash, error))
        return FALSE;
    /* First what an earlier try may have left: a rename would take its name before its key is gone. */
    return (finish_dying(blobs, sha256) && begin_dying(blobs, sha256, hash) && finish_dying(blobs, sha256)) ||
           mgk_disk_fail(error, sha256);
}

GPtrArray *mgk_blobs_list(MgkBlobs *blobs, guint which, GError **error)
{
    g_return_val_if_fail(which < N_FOLDERS, NULL);
    g_mutex_lock(&blobs->mutex);
    int folder = subfolder(blobs, which, FALSE);
    int number = errno;
    g_mutex_unlock(&blobs->mutex);
    if (folder < 0 && number == ENOENT)
        return g_ptr_array_new_with_free_func(g_free);
    errno = number;
    g_autoptr(GPtrArray) names = folder >= 0 ? mgk_disk_list(folder) : NULL;
    if (!names)
        mgk_disk_fail(error, "store");
    for (guint i = names ? names->len : 0; i-- > 0;) {
        guint8 hash[MGK_SHA256_BYTES];
        if (!parse_hash(g_ptr_array_index(names, i), hash, NULL))
            g_ptr_array_remove_index(names, i);
    }
    return g_steal_pointer(&names);
}

/* Under the mutex, or a deletion could destroy the key between the two slots. */
static gboolean rewrap_one(MgkBlobs *blobs, const char *name, gboolean *ret_changed, GError **error)
{
    guint8 hash[MGK_SHA256_BYTES];
    if (!parse_hash(name, hash, error))
        return FALSE;
    g_mutex_lock(&blobs->mutex);
    int folder = subfolder(blobs, hash[0], FALSE);
    int fd = folder < 0 ? -1 : openat(folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    gboolean gone = fd < 0 && folder >= 0 && errno == ENOENT;
    gboolean good =
        fd >= 0 ? mgk_blob_file_rewrap(fd, hash, blobs->keys, ret_changed, error) : gone || mgk_disk_fail(error, name);
    close_if_open(fd);
    g_mutex_unlock(&blobs->mutex);
    return good;
}

gint64 mgk_blobs_rewrap(MgkBlobs *blobs, guint64 *ret_damaged, GError **error)
{
    gint64 changed = 0;
    *ret_damaged = 0;
    for (guint i = 0; i < N_FOLDERS; i++) {
        g_autoptr(GPtrArray) names = mgk_blobs_list(blobs, i, error);
        if (!names)
            return -1;
        for (guint k = 0; k < names->len; k++) {
            g_autoptr(GError) trouble = NULL;
            gboolean one = FALSE;
            if (!rewrap_one(blobs, g_ptr_array_index(names, k), &one, &trouble) &&
                g_error_matches(trouble, MGK_ERROR, MGK_ERROR_IO)) {
                g_propagate_error(error, g_steal_pointer(&trouble));
                return -1;
            }
            *ret_damaged += g_error_matches(trouble, MGK_ERROR, MGK_ERROR_MALFORMED);
            changed += one;
        }
    }
    return changed;
}

int mgk_blobs_file(MgkBlobs *blobs, const char *sha256, GError **error)
{
    guint8 hash[MGK_SHA256_BYTES];
    return open_known(blobs, sha256, hash, O_RDONLY, error);
}

static gboolean copy_file(int from, int to)
{
    g_autofree guint8 *buffer = g_malloc(65536);
    guint64 at = 0;
    gssize n;
    while ((n = mgk_fd_read_at(from, buffer, 65536, at)) > 0) {
        if (!mgk_fd_write_all(to, buffer, (gsize)n))
            return FALSE;
        at += (guint64)n;
    }
    return n == 0;
}

gboolean mgk_blobs_restore(MgkBlobs *blobs, int file, const char *sha256, GError **error)
{
    guint8 hash[MGK_SHA256_BYTES];
    gboolean known = FALSE;
    if (!parse_hash(sha256, hash, error))
        return FALSE;
    int copy = mgk_disk_nameless(blobs->blobs);
    gboolean good = (copy >= 0 && copy_file(file, copy)) || mgk_disk_fail(error, "store");
    good = good && mgk_blob_file_read(copy, hash, blobs->keys, -1, error) &&
           (settle(blobs, copy, sha256, hash, &known) || mgk_disk_fail(error, "store"));
    close_if_open(copy);
    return good;
}
