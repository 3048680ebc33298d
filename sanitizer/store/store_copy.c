/* store_copy.c - backup, restore, verify. A copy is a store of its own: what makes one also brings it back. */
#include "io/descriptor.h"
#include "store/disk.h"
#include "store/log_line.h"
#include "store/seal_line.h"
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES ((gsize)65536)

static gboolean copy_bytes(int from, int to)
{
    g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
    gssize n;
    while ((n = mgk_fd_read(from, buffer, COPY_BYTES)) > 0) {
        if (!mgk_fd_write_all(to, buffer, (gsize)n))
            return FALSE;
    }
    return n == 0;
}

static gboolean same_size(int from, int to_folder, const char *name)
{
    struct stat ours, theirs;
    return fstat(from, &ours) == 0 && fstatat(to_folder, name, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_size == theirs.st_size;
}

/* Files of the log only grow: one of the same size is the same, which the chain proves afterwards. */
static gboolean copy_file(int from_folder, int to_folder, const char *name)
{
    int from = openat(from_folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0)
        return errno == ENOENT;
    int to = same_size(from, to_folder, name) ? -1 : mgk_disk_nameless(to_folder);
    gboolean good =
        same_size(from, to_folder, name) || (to >= 0 && copy_bytes(from, to) && mgk_disk_replace(to, to_folder, name));
    int number = errno;
    close(from);
    if (to >= 0)
        close(to);
    errno = number;
    return good;
}

/* Seals first: what they seal is in the files that follow. */
static gboolean copy_log_files(int from, int to)
{
    g_autoptr(GPtrArray) names = copy_file(from, to, MGK_SEAL_FILE) ? mgk_log_files(from) : NULL;
    for (guint i = 0; names && i < names->len; i++) {
        if (!copy_file(from, to, g_ptr_array_index(names, i)))
            return FALSE;
    }
    return names != NULL;
}

static gboolean copy_torn(int from, int to)
{
    int from_torn = mgk_disk_folder(from, "torn"), to_torn = mgk_disk_folder(to, "torn");
    g_autoptr(GPtrArray) names = from_torn >= 0 && to_torn >= 0 ? mgk_disk_list(from_torn) : NULL;
    gboolean good = names != NULL;
    for (guint i = 0; good && i < names->len; i++)
        good = copy_file(from_torn, to_torn, g_ptr_array_index(names, i));
    if (from_torn >= 0)
        close(from_torn);
    if (to_torn >= 0)
        close(to_torn);
    return good;
}

static gboolean copy_log(const char *from_folder, const char *to_folder, MgkLogVerdict *ret_verdict, GError **error)
{
    int from = open(from_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), to = mgk_disk_path(to_folder);
    gboolean good =
        (from >= 0 && to >= 0 && copy_log_files(from, to) && copy_torn(from, to)) || mgk_disk_fail(error, to_folder);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return good && mgk_log_verify(to_folder, NULL, NULL, ret_verdict, error);
}

/* A new copy beside the old one, then in its place. */
static gboolean copy_ledger(MgkLedger *ledger, const char *folder, GError **error)
{
    g_autofree char *unfinished = g_build_filename(folder, "." MGK_STORE_LEDGER ".new", NULL);
    g_autofree char *name = g_build_filename(folder, MGK_STORE_LEDGER, NULL);
    g_autofree char *wal = g_strconcat(name, "-wal", NULL), *shm = g_strconcat(name, "-shm", NULL);
    if (unlink(unfinished) != 0 && errno != ENOENT)
        return mgk_disk_fail(error, unfinished);
    if (!mgk_ledger_backup(ledger, unfinished, error))
        return FALSE;
    /* Beside a copy that was opened for reading lies what would not fit the new one. */
    if ((unlink(wal) != 0 && errno != ENOENT) || (unlink(shm) != 0 && errno != ENOENT))
        return mgk_disk_fail(error, name);
    int fd = rename(unfinished, name) == 0 ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    gboolean good = (fd >= 0 && fsync(fd) == 0) || mgk_disk_fail(error, name);
    if (fd >= 0)
        close(fd);
    return good;
}

static gboolean copy_blob(MgkBlobs *from, MgkBlobs *to, const char *sha256, GError **error)
{
    int file = mgk_blobs_file(from, sha256, error);
    gboolean good = file >= 0 && mgk_blobs_restore(to, file, sha256, error);
    if (file >= 0)
        close(file);
    return good;
}

static gboolean add_missing(MgkBlobs *from, MgkBlobs *to, const GPtrArray *names, MgkStoreCopy *copy, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        const char *sha256 = g_ptr_array_index(names, i);
        gboolean has = mgk_blobs_has(to, sha256);
        if (!has && !copy_blob(from, to, sha256, error))
            return FALSE;
        copy->originals++;
        copy->copied += !has;
    }
    return TRUE;
}

/* What the store deleted is deleted in the copy, its key with it. */
static gboolean remove_gone(MgkBlobs *from, MgkBlobs *to, const GPtrArray *names, MgkStoreCopy *copy, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        const char *sha256 = g_ptr_array_index(names, i);
        if (mgk_blobs_has(from, sha256))
            continue;
        if (!mgk_blobs_delete(to, sha256, error))
            return FALSE;
        copy->removed++;
    }
    return TRUE;
}

static gboolean copy_blobs(MgkBlobs *from, MgkBlobs *to, MgkStoreCopy *copy, GError **error)
{
    for (guint i = 0; i < 256; i++) {
        g_autoptr(GPtrArray) ours = mgk_blobs_list(from, i, error);
        g_autoptr(GPtrArray) theirs = ours ? mgk_blobs_list(to, i, error) : NULL;
        if (!theirs || !add_missing(from, to, ours, copy, error) || !remove_gone(from, to, theirs, copy, error))
            return FALSE;
    }
    return TRUE;
}

/* The copy's originals are locked while it is made: two backups into one folder wait for nobody, the second one fails.
 */
static gboolean copy_all(MgkLedger *ledger, const char *log_folder, MgkBlobs *blobs, MgkKeys *keys, const char *folder,
                         MgkStoreCopy *ret_copy, GError **error)
{
    g_autofree char *to_log = g_build_filename(folder, MGK_STORE_LOG, NULL);
    g_autoptr(MgkBlobs) to = mgk_blobs_open(folder, keys, 0, error);
    memset(ret_copy, 0, sizeof *ret_copy);
    return to && copy_ledger(ledger, folder, error) && copy_log(log_folder, to_log, &ret_copy->log, error) &&
           copy_blobs(blobs, to, ret_copy, error);
}

gboolean mgk_store_backup(MgkStore *store, const char *folder, MgkStoreCopy *ret_copy, GError **error)
{
    g_rw_lock_reader_lock(&store->lock);
    gboolean good = copy_all(store->ledger, store->log_folder, store->blobs, store->keys, folder, ret_copy, error);
    g_rw_lock_reader_unlock(&store->lock);
    return good;
}

gboolean mgk_store_restore(const char *backup, const MgkStoreOptions *options, MgkStoreCopy *ret_copy, GError **error)
{
    g_autofree char *log = g_build_filename(backup, MGK_STORE_LOG, NULL);
    g_autofree char *ledger_path = g_build_filename(backup, MGK_STORE_LEDGER, NULL);
    g_autofree char *target = g_build_filename(options->folder, MGK_STORE_LEDGER, NULL);
    if (g_file_test(target, G_FILE_TEST_EXISTS)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: is there already", target);
        return FALSE;
    }
    g_autoptr(MgkKeys) keys = mgk_keys_open(options->key_path, error);
    g_autoptr(MgkBlobs) blobs = keys ? mgk_blobs_open(backup, keys, 0, error) : NULL;
    g_autoptr(MgkLedger) ledger = blobs ? mgk_ledger_open(ledger_path, NULL, error) : NULL;
    return ledger && copy_all(ledger, log, blobs, keys, options->folder, ret_copy, error);
}

/* Every original that a record needs, page by page. */
static gboolean verify_originals(MgkStore *store, guint64 *ret_originals, GError **error)
{
    MgkFilter filter = {.limit = 1000, .states = (1u << MGK_STATE_DELETED) - 1};
    char before[MGK_RECORD_ID] = "";
    for (gboolean more = TRUE; more;) {
        filter.before = before;
        g_autoptr(MgkRecords) page = mgk_ledger_list(store->ledger, &filter, error);
        for (guint i = 0; page && i < page->records->len; i++) {
            const MgkRecord *record = mgk_records_get(page, i);
            gboolean dying = record->state == MGK_STATE_EXPIRED && !mgk_blobs_has(store->blobs, record->sha256);
            if (!dying && !mgk_blobs_verify(store->blobs, record->sha256, error)) {
                g_prefix_error(error, "record %s: ", record->id);
                return FALSE;
            }
            memcpy(before, record->id, sizeof before);
            ++*ret_originals;
        }
        if (!page)
            return FALSE;
        more = page->more;
    }
    return TRUE;
}

gboolean mgk_store_verify(MgkStore *store, const char *anchor, const MgkLogRoot *root, guint64 *ret_originals,
                          GError **error)
{
    MgkLogVerdict verdict;
    *ret_originals = 0;
    return mgk_ledger_check(store->ledger, error) && mgk_log_verify(store->log_folder, anchor, root, &verdict, error) &&
           verify_originals(store, ret_originals, error);
}
