#include "store/store.h"

#include "store_forge.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Place {
    char *folder; /* owned; the store is FOLDER/store, a copy FOLDER/copy */
    MgkStore *store;
} Place;

static MgkStore *open_at(const Place *p, const char *which, GError **error)
{
    g_autofree char *folder = g_build_filename(p->folder, which, NULL);
    g_autofree char *key = g_build_filename(p->folder, "master.key", NULL);
    g_autofree char *seal = g_build_filename(p->folder, "seal.key", NULL);
    const MgkStoreOptions options = {.folder = folder, .key_path = key, .seal_path = seal};
    return mgk_store_open(&options, error);
}

static Place make_place(void)
{
    char anchor[65];
    Place p = {.folder = g_dir_make_tmp("mugaika-store-XXXXXX", NULL)};
    g_autofree char *key = g_build_filename(p.folder, "master.key", NULL);
    g_autofree char *seal = g_build_filename(p.folder, "seal.key", NULL);
    ck_assert(mgk_keys_create(key, NULL) && mgk_seal_create_key(seal, anchor, NULL));
    g_autoptr(GError) error = NULL;
    p.store = open_at(&p, "store", &error);
    ck_assert_msg(p.store != NULL, "%s", error ? error->message : "");
    return p;
}

static void clear_place(Place *p)
{
    mgk_store_free(p->store);
    g_free(p->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, clear_place)

static MgkBlobId put(Place *p, const char *text, char ret_id[MGK_RECORD_ID])
{
    g_autoptr(GError) error = NULL;
    MgkBlobId blob;
    const MgkRecord record = forge_record("sales@example.com", "");
    int fd = memfd_create("mail", MFD_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (gssize)strlen(text));
    ck_assert_msg(mgk_store_put(p->store, fd, 1000, &record, ret_id, &blob, &error), "%s", error ? error->message : "");
    close(fd);
    return blob;
}

static gboolean verify(MgkStore *store, guint64 *ret_originals)
{
    return mgk_store_verify(store, NULL, NULL, ret_originals, NULL);
}

START_TEST(test_store__what_was_taken_in_is_there_after_a_restart)
{
    g_auto(Place) p = make_place();
    char id[MGK_RECORD_ID], text[16] = "";
    guint64 originals = 0;
    MgkBlobId blob = put(&p, "hello", id);
    g_clear_pointer(&p.store, mgk_store_free);
    p.store = open_at(&p, "store", NULL);
    g_autoptr(MgkRecords) records = mgk_ledger_get(mgk_store_ledger(p.store), id, NULL);
    ck_assert_str_eq(mgk_records_get(records, 0)->sha256, blob.sha256);
    ck_assert_uint_eq(mgk_records_get(records, 0)->size, 5);
    int fd = mgk_blobs_read(mgk_store_blobs(p.store), blob.sha256, NULL);
    ck_assert(fd >= 0 && read(fd, text, sizeof text) == 5);
    close(fd);
    ck_assert_str_eq(text, "hello");
    ck_assert(verify(p.store, &originals) && originals == 1);
}
END_TEST

START_TEST(test_store__a_second_process_is_kept_out)
{
    g_auto(Place) p = make_place();
    ck_assert_ptr_null(open_at(&p, "store", NULL));
}
END_TEST

START_TEST(test_store__an_original_goes_with_its_last_record)
{
    g_auto(Place) p = make_place();
    char first[MGK_RECORD_ID], second[MGK_RECORD_ID];
    MgkBlobId blob = put(&p, "same", first);
    put(&p, "same", second);
    MgkLedger *ledger = mgk_store_ledger(p.store);
    const char *const ids[] = {first, second};
    for (guint i = 0; i < 2; i++) {
        ck_assert(mgk_ledger_step(ledger, ids[i], MGK_STATE_HELD, &clerk, NULL, NULL));
        ck_assert(mgk_store_delete(p.store, ids[i], &clerk, "asked for", NULL));
        ck_assert(mgk_blobs_has(mgk_store_blobs(p.store), blob.sha256) == (i == 0));
        g_autoptr(MgkRecords) records = mgk_ledger_get(ledger, ids[i], NULL);
        ck_assert_int_eq(mgk_records_get(records, 0)->state, MGK_STATE_DELETED);
    }
    ck_assert(!mgk_store_delete(p.store, first, &clerk, "again", NULL));
}
END_TEST

START_TEST(test_store__frozen_originals_stay)
{
    g_auto(Place) p = make_place();
    char id[MGK_RECORD_ID];
    MgkBlobId blob = put(&p, "evidence", id);
    MgkLedger *ledger = mgk_store_ledger(p.store);
    const MgkRetention retention = {.received_days = 1};
    ck_assert(mgk_ledger_freeze(ledger, id, TRUE, &clerk, "police", NULL));
    ck_assert_int_eq(mgk_store_expire(p.store, &retention, g_get_real_time() + 10 * DAY_US, 10, NULL), 0);
    ck_assert(!mgk_store_delete(p.store, id, &clerk, "x", NULL));
    ck_assert(mgk_blobs_has(mgk_store_blobs(p.store), blob.sha256));
    ck_assert(mgk_ledger_freeze(ledger, id, FALSE, &clerk, "done", NULL));
    ck_assert_int_eq(mgk_store_expire(p.store, &retention, g_get_real_time() + 10 * DAY_US, 10, NULL), 1);
    ck_assert(!mgk_blobs_has(mgk_store_blobs(p.store), blob.sha256));
}
END_TEST

START_TEST(test_store__originals_without_a_record_are_swept_and_told)
{
    g_auto(Place) p = make_place();
    char id[MGK_RECORD_ID];
    guint n = 0;
    MgkBlobId orphan, kept = put(&p, "kept", id);
    int fd = memfd_create("mail", MFD_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, "orphan", 6) == 6);
    ck_assert(mgk_blobs_put(mgk_store_blobs(p.store), fd, 10, &orphan, NULL));
    close(fd);
    ck_assert_int_eq(mgk_store_sweep(p.store, NULL), 1);
    ck_assert_int_eq(mgk_store_sweep(p.store, NULL), 0);
    ck_assert(!mgk_blobs_has(mgk_store_blobs(p.store), orphan.sha256));
    ck_assert(mgk_blobs_has(mgk_store_blobs(p.store), kept.sha256));
    const MgkLogFilter filter = {.event = "original.orphan", .sha256 = orphan.sha256};
    ck_assert(mgk_log_search(mgk_store_log_folder(p.store), &filter, forge_count, &n, NULL) && n == 1);
}
END_TEST

START_TEST(test_store__a_backup_follows_the_store_and_brings_it_back)
{
    g_auto(Place) p = make_place();
    char first[MGK_RECORD_ID], second[MGK_RECORD_ID], third[MGK_RECORD_ID];
    g_autofree char *copy_folder = g_build_filename(p.folder, "copy", NULL);
    g_autofree char *key = g_build_filename(p.folder, "master.key", NULL);
    g_autofree char *fresh = g_build_filename(p.folder, "fresh", NULL);
    MgkStoreCopy copy;
    MgkSeal seal;
    guint64 originals = 0;
    put(&p, "one", first);
    MgkBlobId two = put(&p, "two", second);
    ck_assert(mgk_store_seal(p.store, &seal, NULL));
    ck_assert(mgk_store_backup(p.store, copy_folder, &copy, NULL));
    ck_assert(copy.originals == 2 && copy.copied == 2 && copy.removed == 0 && copy.log.seals == 1);
    put(&p, "three", third);
    ck_assert(mgk_ledger_step(mgk_store_ledger(p.store), second, MGK_STATE_HELD, &clerk, NULL, NULL));
    ck_assert(mgk_store_delete(p.store, second, &clerk, "x", NULL));
    ck_assert(mgk_store_backup(p.store, copy_folder, &copy, NULL));
    ck_assert(copy.originals == 2 && copy.copied == 1 && copy.removed == 1);
    g_clear_pointer(&p.store, mgk_store_free); /* the active one is gone: the copy opens as it is */
    {
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkStore) standby = open_at(&p, "copy", &error);
        ck_assert_msg(standby != NULL, "%s", error ? error->message : "");
        ck_assert(verify(standby, &originals) && originals == 2);
        ck_assert(!mgk_blobs_has(mgk_store_blobs(standby), two.sha256));
    }
    const MgkStoreOptions options = {.folder = fresh, .key_path = key};
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_store_restore(copy_folder, &options, &copy, &error), "%s", error ? error->message : "");
    ck_assert_msg(!mgk_store_restore(copy_folder, &options, &copy, NULL), "over an existing store");
    p.store = open_at(&p, "fresh", NULL);
    ck_assert(p.store && verify(p.store, &originals) && originals == 2);
    ck_assert(mgk_store_seal(p.store, &seal, NULL));
    put(&p, "four", first);
}
END_TEST

#define CROWD 4
#define CROWD_MAILS 25

static gpointer crowd_put(gpointer user)
{
    char id[MGK_RECORD_ID];
    for (guint i = 0; i < CROWD_MAILS; i++) {
        g_autofree char *text = g_strdup_printf("mail %u", i % 5); /* the same bytes come and go all the time */
        put(user, text, id);
    }
    return NULL;
}

static gpointer crowd_delete(gpointer user)
{
    const MgkRetention retention = {.received_days = 1};
    Place *p = user;
    for (guint i = 0; i < 20; i++) {
        ck_assert_int_ge(mgk_store_expire(p->store, &retention, g_get_real_time() + 10 * DAY_US, 5, NULL), 0);
        ck_assert_int_eq(mgk_store_sweep(p->store, NULL), 0); /* never one between its name and its record */
    }
    return NULL;
}

START_TEST(test_store__many_at_once_leave_no_record_without_its_original)
{
    g_auto(Place) p = make_place();
    GThread *threads[CROWD + 1];
    guint64 originals = 0;
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < CROWD; i++)
        threads[i] = g_thread_new("put", crowd_put, &p);
    threads[CROWD] = g_thread_new("delete", crowd_delete, &p);
    for (guint i = 0; i <= CROWD; i++)
        g_thread_join(threads[i]);
    ck_assert_msg(mgk_store_verify(p.store, NULL, NULL, &originals, &error), "%s", error ? error->message : "");
    g_autoptr(MgkRecords) all = mgk_ledger_list(mgk_store_ledger(p.store), &(MgkFilter){.limit = 1000}, NULL);
    ck_assert_uint_eq(all->records->len, CROWD * CROWD_MAILS);
}
END_TEST

START_TEST(test_store__verify_names_the_record_whose_original_is_damaged)
{
    g_auto(Place) p = make_place();
    g_autoptr(GError) error = NULL;
    char id[MGK_RECORD_ID];
    guint64 originals = 0;
    MgkBlobId blob = put(&p, "damaged", id);
    g_autofree char *path = g_strdup_printf("%s/store/blobs/%.2s/%s", p.folder, blob.sha256, blob.sha256);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert(fd >= 0 && pwrite(fd, "x", 1, 1540) == 1);
    close(fd);
    ck_assert(!mgk_store_verify(p.store, NULL, NULL, &originals, &error));
    ck_assert_msg(strstr(error->message, id) != NULL, "%s", error->message);
}
END_TEST

START_TEST(test_store__a_copy_with_damaged_bytes_is_not_taken_back)
{
    g_auto(Place) p = make_place();
    char id[MGK_RECORD_ID];
    MgkStoreCopy copy;
    g_autofree char *copy_folder = g_build_filename(p.folder, "copy", NULL);
    g_autofree char *key = g_build_filename(p.folder, "master.key", NULL);
    g_autofree char *fresh = g_build_filename(p.folder, "fresh", NULL);
    MgkBlobId blob = put(&p, "damaged", id);
    ck_assert(mgk_store_backup(p.store, copy_folder, &copy, NULL));
    g_autofree char *path = g_strdup_printf("%s/blobs/%.2s/%s", copy_folder, blob.sha256, blob.sha256);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert(fd >= 0 && pwrite(fd, "x", 1, 1540) == 1);
    close(fd);
    const MgkStoreOptions options = {.folder = fresh, .key_path = key};
    ck_assert(!mgk_store_restore(copy_folder, &options, &copy, NULL));
}
END_TEST

int main(void)
{
    const TTest *const all[] = {test_store__what_was_taken_in_is_there_after_a_restart,
                                test_store__a_second_process_is_kept_out,
                                test_store__an_original_goes_with_its_last_record,
                                test_store__frozen_originals_stay,
                                test_store__originals_without_a_record_are_swept_and_told,
                                test_store__a_backup_follows_the_store_and_brings_it_back,
                                test_store__many_at_once_leave_no_record_without_its_original,
                                test_store__verify_names_the_record_whose_original_is_damaged,
                                test_store__a_copy_with_damaged_bytes_is_not_taken_back,
                                NULL};
    return forge_run("store", all);
}
