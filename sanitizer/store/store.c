#include "store/store.h"

#include "store/disk.h"
#include "store/store_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#define EXPIRE_BATCH 100

static const MgkPerson *itself(void)
{
    static const MgkPerson person = {.name = "store", .role = "retention"};
    return &person;
}

void mgk_store_free(MgkStore *store)
{
    if (!store)
        return;
    mgk_ledger_free(store->ledger);
    mgk_log_free(store->log);
    mgk_blobs_free(store->blobs);
    mgk_keys_free(store->keys);
    g_rw_lock_clear(&store->lock);
    g_mutex_clear(&store->expiring);
    g_free(store->folder);
    g_free(store->log_folder);
    g_free(store->seal_path);
    g_free(store);
}

/* The blobs come first: their lock keeps a second process away from the rest. */
MgkStore *mgk_store_open(const MgkStoreOptions *options, GError **error)
{
    g_autoptr(MgkStore) store = g_new0(MgkStore, 1);
    const MgkLogOptions log = {.file_bytes = options->log_bytes};
    g_autofree char *ledger = g_build_filename(options->folder, MGK_STORE_LEDGER, NULL);
    g_rw_lock_init(&store->lock);
    g_mutex_init(&store->expiring);
    store->folder = g_strdup(options->folder);
    store->log_folder = g_build_filename(options->folder, MGK_STORE_LOG, NULL);
    store->seal_path = g_strdup(options->seal_path);
    if (!(store->keys = mgk_keys_open(options->key_path, error)) ||
        !(store->blobs = mgk_blobs_open(options->folder, store->keys, options->free_bytes, error)) ||
        !(store->log = mgk_log_open(store->log_folder, &log, error)) ||
        !(store->ledger = mgk_ledger_open(ledger, store->log, error)))
        return NULL;
    return g_steal_pointer(&store);
}

MgkBlobs *mgk_store_blobs(MgkStore *store)
{
    return store->blobs;
}

MgkKeys *mgk_store_keys(MgkStore *store)
{
    return store->keys;
}

MgkLedger *mgk_store_ledger(MgkStore *store)
{
    return store->ledger;
}

MgkLog *mgk_store_log(MgkStore *store)
{
    return store->log;
}

const char *mgk_store_log_folder(MgkStore *store)
{
    return store->log_folder;
}

static gboolean put(MgkStore *store, int fd, guint64 max_bytes, const MgkRecord *record, char ret_id[MGK_RECORD_ID],
                    MgkBlobId *ret_blob, GError **error)
{
    MgkRecord full = *record;
    MgkBlobId blob;
    if (!mgk_blobs_put(store->blobs, fd, max_bytes, &blob, error))
        return FALSE;
    g_strlcpy(full.sha256, blob.sha256, sizeof full.sha256);
    full.size = blob.size;
    if (!mgk_ledger_add(store->ledger, &full, ret_id, error))
        return FALSE;
    if (ret_blob)
        *ret_blob = blob;
    return TRUE;
}

/* Many take in at the same time; who deletes is alone, or it could take an original between its name and its record. */
gboolean mgk_store_put(MgkStore *store, int fd, guint64 max_bytes, const MgkRecord *record, char ret_id[MGK_RECORD_ID],
                       MgkBlobId *ret_blob, GError **error)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return mgk_disk_fail(error, "original");
    if (!mgk_blobs_space(store->blobs, (guint64)status.st_size, error))
        return FALSE;
    g_rw_lock_reader_lock(&store->lock);
    gboolean good = put(store, fd, max_bytes, record, ret_id, ret_blob, error);
    g_rw_lock_reader_unlock(&store->lock);
    return good;
}

/* The second half of a deletion, from state EXPIRED on. Alone. */
static gboolean finish_deletion(MgkStore *store, const char *id, const MgkPerson *person, const char *reason,
                                GError **error)
{
    guint64 others = 0;
    g_autoptr(MgkRecords) records = mgk_ledger_get(store->ledger, id, error);
    if (!records)
        return FALSE;
    const char *sha256 = mgk_records_get(records, 0)->sha256;
    return mgk_ledger_references(store->ledger, sha256, id, &others, error) &&
           (others > 0 || mgk_blobs_delete(store->blobs, sha256, error)) &&
           mgk_ledger_step(store->ledger, id, MGK_STATE_DELETED, person, others > 0 ? "others have it" : reason, error);
}

static gboolean delete_one(MgkStore *store, const char *id, const MgkPerson *person, const char *reason, GError **error)
{
    g_rw_lock_writer_lock(&store->lock);
    gboolean good = mgk_ledger_step(store->ledger, id, MGK_STATE_EXPIRED, person, reason, error) &&
                    finish_deletion(store, id, person, reason, error);
    g_rw_lock_writer_unlock(&store->lock);
    return good;
}

gboolean mgk_store_delete(MgkStore *store, const char *id, const MgkPerson *person, const char *reason, GError **error)
{
    return delete_one(store, id, person, reason, error);
}

static gboolean finish_begun(MgkStore *store, gint *ret_count, GError **error)
{
    for (;;) {
        g_autoptr(GPtrArray) ids = mgk_ledger_expired(store->ledger, EXPIRE_BATCH, error);
        if (!ids || ids->len == 0)
            return ids != NULL;
        for (guint i = 0; i < ids->len; i++) {
            g_rw_lock_writer_lock(&store->lock);
            gboolean good = finish_deletion(store, g_ptr_array_index(ids, i), itself(), "begun before", error);
            g_rw_lock_writer_unlock(&store->lock);
            if (!good)
                return FALSE;
            ++*ret_count;
        }
    }
}

static gint expire(MgkStore *store, const MgkRetention *retention, gint64 now_us, guint max, GError **error)
{
    gint count = 0;
    if (!finish_begun(store, &count, error))
        return -1;
    g_autoptr(GPtrArray) ids = mgk_ledger_due(store->ledger, retention, now_us, max, error);
    for (guint i = 0; ids && i < ids->len; i++, count++) {
        if (!delete_one(store, g_ptr_array_index(ids, i), itself(), "its time is over", error))
            return -1;
    }
    return ids ? count : -1;
}

gint mgk_store_expire(MgkStore *store, const MgkRetention *retention, gint64 now_us, guint max, GError **error)
{
    g_mutex_lock(&store->expiring);
    gint count = expire(store, retention, now_us, max, error);
    g_mutex_unlock(&store->expiring);
    return count;
}

/* Told before it is done: a crash in between leaves a log record of something that the next sweep does. */
static gboolean sweep_one(MgkStore *store, const char *sha256, GError **error)
{
    const MgkEvent event = {.name = "original.orphan", .uid = geteuid(), .actor = "store", .sha256 = sha256};
    return mgk_log_append(store->log, &event, error) && mgk_blobs_delete(store->blobs, sha256, error);
}

static gint sweep_folder(MgkStore *store, guint folder, GError **error)
{
    gint count = 0;
    g_autoptr(GPtrArray) names = mgk_blobs_list(store->blobs, folder, error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *sha256 = g_ptr_array_index(names, i);
        guint64 records = 0;
        g_rw_lock_writer_lock(&store->lock);
        gboolean good = mgk_ledger_references(store->ledger, sha256, NULL, &records, error) &&
                        (records > 0 || sweep_one(store, sha256, error));
        g_rw_lock_writer_unlock(&store->lock);
        if (!good)
            return -1;
        count += records == 0;
    }
    return names ? count : -1;
}

gint mgk_store_sweep(MgkStore *store, GError **error)
{
    gint count = 0;
    for (guint i = 0; i < 256; i++) {
        gint n = sweep_folder(store, i, error);
        if (n < 0)
            return -1;
        count += n;
    }
    return count;
}

gboolean mgk_store_seal(MgkStore *store, MgkSeal *ret_seal, GError **error)
{
    if (store->seal_path)
        return mgk_seal(store->log, store->log_folder, store->seal_path, ret_seal, error);
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "there is no key for seals");
    return FALSE;
}
