#include "store/keys.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *make_path(void)
{
    g_autofree char *folder = g_dir_make_tmp("mugaika-keys-XXXXXX", NULL);
    return g_build_filename(folder, "master.key", NULL);
}

static MgkKeys *make_keys(const char *path)
{
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_keys_create(path, &error), "%s", error ? error->message : "");
    MgkKeys *keys = mgk_keys_open(path, &error);
    ck_assert_msg(keys != NULL, "%s", error ? error->message : "");
    return keys;
}

START_TEST(test_keys__a_new_key_is_the_current_one_and_old_ones_stay_until_dropped)
{
    g_autofree char *path = make_path();
    g_autoptr(MgkKeys) keys = make_keys(path);
    guint8 first[MGK_KEY_ID_BYTES], second[MGK_KEY_ID_BYTES];
    memcpy(first, mgk_keys_current(keys), sizeof first);
    ck_assert(mgk_keys_add(keys, NULL));
    memcpy(second, mgk_keys_current(keys), sizeof second);
    ck_assert_int_ne(memcmp(first, second, sizeof first), 0);
    g_autoptr(MgkKeys) again = mgk_keys_open(path, NULL);
    ck_assert_mem_eq(mgk_keys_current(again), second, sizeof second);
    ck_assert_mem_eq(mgk_keys_find(again, first), mgk_keys_find(keys, first), MGK_KEY_BYTES);
    ck_assert(mgk_keys_drop(again, NULL));
    ck_assert_ptr_null(mgk_keys_find(again, first));
    g_autoptr(MgkKeys) last = mgk_keys_open(path, NULL);
    ck_assert_ptr_null(mgk_keys_find(last, first));
    ck_assert_mem_eq(mgk_keys_find(last, second), mgk_keys_find(keys, second), MGK_KEY_BYTES);
}
END_TEST

START_TEST(test_keys__a_key_file_is_never_overwritten_by_a_new_one)
{
    g_autofree char *path = make_path();
    g_autoptr(MgkKeys) keys = make_keys(path);
    g_autoptr(GError) error = NULL;
    ck_assert(!mgk_keys_create(path, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
    g_autoptr(MgkKeys) again = mgk_keys_open(path, NULL);
    ck_assert_mem_eq(mgk_keys_current(again), mgk_keys_current(keys), MGK_KEY_ID_BYTES);
}
END_TEST

START_TEST(test_keys__what_others_may_read_is_refused)
{
    g_autofree char *path = make_path();
    g_autoptr(MgkKeys) keys = make_keys(path);
    static const mode_t modes[] = {0640, 0604, 0620, 0601};
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_int_eq(chmod(path, modes[i]), 0);
        ck_assert_msg(!mgk_keys_open(path, &error), "mode %o", (guint)modes[i]);
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE));
    }
    ck_assert_int_eq(chmod(path, 0400), 0);
    g_autoptr(MgkKeys) readable = mgk_keys_open(path, NULL);
    ck_assert_ptr_nonnull(readable);
}
END_TEST

START_TEST(test_keys__damaged_files_are_refused)
{
    static const char good[] = "0011223344556677 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const char *const bad[] = {
        "",
        "\n",
        "# no key\n",
        "0011223344556677\n",
        "001122334455667 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
        "0011223344556677 00112233445566778899aabbccddeeff00112233445566778899aabbccddeef\n",
        "0011223344556677 00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg\n",
        "0011223344556677_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"};
    g_autofree char *path = make_path();
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert(g_file_set_contents_full(path, bad[i], -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
        ck_assert_msg(!mgk_keys_open(path, &error), "%u", i);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED), "%u: %s", i, error->message);
    }
    ck_assert(g_file_set_contents_full(path, good, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    g_autoptr(MgkKeys) keys = mgk_keys_open(path, NULL);
    ck_assert_ptr_nonnull(keys);
    ck_assert_int_eq(mgk_keys_current(keys)[1], 0x11);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *cases = tcase_create("keys");
    tcase_add_test(cases, test_keys__a_new_key_is_the_current_one_and_old_ones_stay_until_dropped);
    tcase_add_test(cases, test_keys__a_key_file_is_never_overwritten_by_a_new_one);
    tcase_add_test(cases, test_keys__what_others_may_read_is_refused);
    tcase_add_test(cases, test_keys__damaged_files_are_refused);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
