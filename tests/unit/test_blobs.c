#include "store/blobs.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Store {
    char *folder, *key_path; /* owned */
    MgkKeys *keys;           /* owned */
    MgkBlobs *blobs;         /* owned */
} Store;

static void open_store(Store *s)
{
    g_autoptr(GError) error = NULL;
    s->keys = mgk_keys_open(s->key_path, &error);
    s->blobs = s->keys ? mgk_blobs_open(s->folder, s->keys, 0, &error) : NULL;
    ck_assert_msg(s->blobs != NULL, "%s", error ? error->message : "");
}

static void close_store(Store *s)
{
    g_clear_pointer(&s->blobs, mgk_blobs_free);
    g_clear_pointer(&s->keys, mgk_keys_free);
}

static Store make_store(void)
{
    Store s = {.folder = g_dir_make_tmp("mugaika-blobs-XXXXXX", NULL)};
    s.key_path = g_strconcat(s.folder, ".key", NULL);
    ck_assert(mgk_keys_create(s.key_path, NULL));
    open_store(&s);
    return s;
}

static void clear_store(Store *s)
{
    close_store(s);
    g_free(s->folder);
    g_free(s->key_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Store, clear_store)

static int file_of(const guint8 *bytes, gsize size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, bytes, size) == (gssize)size);
    return fd;
}

static MgkBlobId put(Store *s, const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    MgkBlobId id;
    int fd = file_of(bytes, size);
    ck_assert_msg(mgk_blobs_put(s->blobs, fd, G_MAXUINT64, &id, &error), "%s", error ? error->message : "");
    close(fd);
    return id;
}

static MgkBlobId put_text(Store *s, const char *text)
{
    return put(s, (const guint8 *)text, strlen(text));
}

static char *path_of(const Store *s, const MgkBlobId *id)
{
    return g_strdup_printf("%s/blobs/%.2s/%s", s->folder, id->sha256, id->sha256);
}

static void flip(const char *path, off_t at)
{
    guint8 byte = 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 1;
    ck_assert(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

START_TEST(test_blobs__what_goes_in_comes_out_sealed_at_every_size)
{
    static const gsize sizes[] = {0, 1, 65535, 65536, 65537, 131072, 1000000};
    g_auto(Store) s = make_store();
    g_autofree guint8 *bytes = g_malloc(1000000), *back = g_malloc(1000000);
    for (gsize i = 0; i < 1000000; i++)
        bytes[i] = (guint8)(i * 31 + i / 255);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        MgkBlobId id = put(&s, bytes, sizes[i]);
        g_autofree char *want = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, sizes[i]);
        ck_assert_str_eq(id.sha256, want);
        ck_assert(id.size == sizes[i] && !id.known);
        int fd = mgk_blobs_read(s.blobs, id.sha256, NULL);
        ck_assert_msg(fd >= 0, "%zu", sizes[i]);
        ck_assert_int_eq(read(fd, back, 1000000), (gssize)sizes[i]);
        ck_assert_mem_eq(back, bytes, sizes[i]);
        ck_assert_int_eq(write(fd, "x", 1), -1);
        ck_assert_int_eq(ftruncate(fd, 0), sizes[i] ? -1 : 0);
        close(fd);
    }
}
END_TEST

START_TEST(test_blobs__nothing_of_an_original_is_readable_on_the_disk)
{
    g_auto(Store) s = make_store();
    MgkBlobId id = put_text(&s, "CANARY CANARY CANARY");
    g_autofree char *path = path_of(&s, &id), *file = NULL;
    gsize size = 0;
    ck_assert(g_file_get_contents(path, &file, &size, NULL));
    ck_assert_ptr_null(g_strstr_len(file, (gssize)size, "CANARY"));
    struct stat status;
    ck_assert(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
}
END_TEST

START_TEST(test_blobs__equal_originals_are_kept_once)
{
    g_auto(Store) s = make_store();
    MgkBlobId first = put_text(&s, "same"), second = put_text(&s, "same");
    ck_assert(!first.known && second.known);
    ck_assert_str_eq(first.sha256, second.sha256);
    g_autoptr(GPtrArray) names = mgk_blobs_list(
        s.blobs, (guint)g_ascii_xdigit_value(first.sha256[0]) * 16 + (guint)g_ascii_xdigit_value(first.sha256[1]),
        NULL);
    ck_assert_uint_eq(names->len, 1);
    ck_assert_str_eq(g_ptr_array_index(names, 0), first.sha256);
}
END_TEST

START_TEST(test_blobs__a_changed_byte_anywhere_is_noticed_and_a_new_copy_mends_it)
{
    /* magic, size, stream header, slot's key id, nonce, wrap, body's first and last byte */
    static const off_t places[] = {0, 9, 17, 512, 521, 545, 1536, 1536 + 4 + 16};
    g_auto(Store) s = make_store();
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GError) error = NULL;
        MgkBlobId id = put_text(&s, "mend");
        g_autofree char *path = path_of(&s, &id);
        flip(path, places[i]);
        ck_assert_msg(mgk_blobs_read(s.blobs, id.sha256, &error) == -1, "byte %ld", (long)places[i]);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED), "byte %ld", (long)places[i]);
        MgkBlobId again = put_text(&s, "mend");
        ck_assert_msg(!again.known, "byte %ld", (long)places[i]);
        ck_assert(mgk_blobs_verify(s.blobs, id.sha256, NULL));
    }
}
END_TEST

START_TEST(test_blobs__a_cut_file_and_one_under_anothers_name_are_refused)
{
    g_auto(Store) s = make_store();
    MgkBlobId one = put_text(&s, "one"), two = put_text(&s, "two");
    g_autofree char *first = path_of(&s, &one), *second = path_of(&s, &two);
    ck_assert_int_eq(rename(first, second), 0);
    ck_assert(!mgk_blobs_verify(s.blobs, two.sha256, NULL));
    ck_assert_int_eq(truncate(second, 1538), 0);
    ck_assert(!mgk_blobs_verify(s.blobs, two.sha256, NULL));
    ck_assert_int_eq(truncate(second, 100), 0);
    ck_assert(!mgk_blobs_verify(s.blobs, two.sha256, NULL));
}
END_TEST

START_TEST(test_blobs__a_deleted_original_cannot_be_read_even_from_its_blocks)
{
    g_auto(Store) s = make_store();
    MgkBlobId id = put_text(&s, "secret");
    g_autofree char *path = path_of(&s, &id), *link = g_strconcat(s.folder, "/blocks", NULL);
    ck_assert_int_eq(linkat(AT_FDCWD, path, AT_FDCWD, link, 0), 0); /* stands for the blocks on the disk */
    ck_assert(mgk_blobs_delete(s.blobs, id.sha256, NULL));
    ck_assert(!mgk_blobs_has(s.blobs, id.sha256));
    ck_assert_int_eq(rename(link, path), 0);
    ck_assert(!mgk_blobs_verify(s.blobs, id.sha256, NULL));
    ck_assert(mgk_blobs_delete(s.blobs, id.sha256, NULL));
    ck_assert_msg(mgk_blobs_delete(s.blobs, id.sha256, NULL), "a second time");
}
END_TEST

START_TEST(test_blobs__the_next_start_finishes_a_deletion)
{
    g_auto(Store) s = make_store();
    MgkBlobId id = put_text(&s, "dying");
    g_autofree char *path = path_of(&s, &id), *link = g_strconcat(s.folder, "/blocks", NULL),
                    *dying = g_strdup_printf("%s/dying/%s", s.folder, id.sha256);
    ck_assert_int_eq(linkat(AT_FDCWD, path, AT_FDCWD, link, 0), 0);
    ck_assert_int_eq(rename(path, dying), 0);
    close_store(&s);
    open_store(&s);
    ck_assert(!g_file_test(dying, G_FILE_TEST_EXISTS));
    ck_assert_int_eq(rename(link, path), 0);
    ck_assert(!mgk_blobs_verify(s.blobs, id.sha256, NULL));
}
END_TEST

START_TEST(test_blobs__after_a_rotation_the_old_key_opens_nothing)
{
    g_auto(Store) s = make_store();
    g_autofree char *old_key = NULL;
    guint64 damaged = 0;
    MgkBlobId one = put_text(&s, "one"), two = put_text(&s, "two"), three = put_text(&s, "three");
    g_autofree char *bad = path_of(&s, &three);
    flip(bad, 600);
    flip(bad, 545);
    ck_assert(g_file_get_contents(s.key_path, &old_key, NULL, NULL));
    ck_assert(mgk_keys_add(s.keys, NULL));
    ck_assert(mgk_blobs_verify(s.blobs, one.sha256, NULL));
    ck_assert_int_eq(mgk_blobs_rewrap(s.blobs, &damaged, NULL), 2);
    ck_assert_uint_eq(damaged, 1);
    ck_assert_int_eq(mgk_blobs_rewrap(s.blobs, &damaged, NULL), 0);
    ck_assert(mgk_keys_drop(s.keys, NULL));
    ck_assert(mgk_blobs_verify(s.blobs, one.sha256, NULL) && mgk_blobs_verify(s.blobs, two.sha256, NULL));
    close_store(&s);
    ck_assert(g_file_set_contents_full(s.key_path, old_key, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    open_store(&s);
    ck_assert(!mgk_blobs_verify(s.blobs, one.sha256, NULL) && !mgk_blobs_verify(s.blobs, two.sha256, NULL));
}
END_TEST

START_TEST(test_blobs__what_is_too_large_or_has_no_room_is_refused)
{
    g_auto(Store) s = make_store();
    g_autoptr(GError) error = NULL;
    MgkBlobId id = {.size = 77};
    int fd = file_of((const guint8 *)"0123456789", 10);
    ck_assert(!mgk_blobs_put(s.blobs, fd, 9, &id, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT));
    ck_assert_uint_eq(id.size, 77);
    ck_assert(mgk_blobs_put(s.blobs, fd, 10, &id, NULL));
    close(fd);
    ck_assert(mgk_blobs_space(s.blobs, 1, NULL));
    g_clear_error(&error);
    ck_assert(!mgk_blobs_space(s.blobs, G_MAXUINT64 / 2, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
    ck_assert_ptr_nonnull(strstr(error->message, "store_free_bytes"));
}
END_TEST

START_TEST(test_blobs__names_that_are_no_hash_never_reach_the_disk)
{
    static const char *const bad[] = {"", "../../../../etc/passwd",
                                      "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
                                      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b982",
                                      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b98240"};
    g_auto(Store) s = make_store();
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_int_eq(mgk_blobs_read(s.blobs, bad[i], &error), -1);
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE));
        ck_assert(!mgk_blobs_delete(s.blobs, bad[i], NULL) && !mgk_blobs_has(s.blobs, bad[i]));
    }
    ck_assert(!mgk_blobs_delete(s.blobs, NULL, NULL));
}
END_TEST

START_TEST(test_blobs__one_process_has_the_folder)
{
    g_auto(Store) s = make_store();
    g_autoptr(GError) error = NULL;
    ck_assert_ptr_null(mgk_blobs_open(s.folder, s.keys, 0, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
}
END_TEST

START_TEST(test_blobs__a_backup_file_is_taken_in_only_when_it_is_what_it_says)
{
    g_auto(Store) s = make_store();
    MgkBlobId one = put_text(&s, "one"), two = put_text(&s, "two");
    int file = mgk_blobs_file(s.blobs, one.sha256, NULL);
    ck_assert(file >= 0 && mgk_blobs_delete(s.blobs, two.sha256, NULL));
    ck_assert(!mgk_blobs_restore(s.blobs, file, two.sha256, NULL));
    ck_assert(!mgk_blobs_has(s.blobs, two.sha256));
    g_autofree char *path = path_of(&s, &one);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(mgk_blobs_restore(s.blobs, file, one.sha256, NULL));
    ck_assert(mgk_blobs_verify(s.blobs, one.sha256, NULL));
    close(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("blobs");
    TCase *cases = tcase_create("blobs");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_blobs__what_goes_in_comes_out_sealed_at_every_size);
    tcase_add_test(cases, test_blobs__nothing_of_an_original_is_readable_on_the_disk);
    tcase_add_test(cases, test_blobs__equal_originals_are_kept_once);
    tcase_add_test(cases, test_blobs__a_changed_byte_anywhere_is_noticed_and_a_new_copy_mends_it);
    tcase_add_test(cases, test_blobs__a_cut_file_and_one_under_anothers_name_are_refused);
    tcase_add_test(cases, test_blobs__a_deleted_original_cannot_be_read_even_from_its_blocks);
    tcase_add_test(cases, test_blobs__the_next_start_finishes_a_deletion);
    tcase_add_test(cases, test_blobs__after_a_rotation_the_old_key_opens_nothing);
    tcase_add_test(cases, test_blobs__what_is_too_large_or_has_no_room_is_refused);
    tcase_add_test(cases, test_blobs__names_that_are_no_hash_never_reach_the_disk);
    tcase_add_test(cases, test_blobs__one_process_has_the_folder);
    tcase_add_test(cases, test_blobs__a_backup_file_is_taken_in_only_when_it_is_what_it_says);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
