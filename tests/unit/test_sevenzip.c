/* 7z archives behind a password: fixtures/sevenzip, opened and refused, and damaged in every byte. */
#include "engines/sevenzip_lock.h"
#include "engines/zip_reader.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

#define PASSWORD "himitsu"

static const char *const archives[] = {"files.7z",    "names.7z", "stored.7z", "lzma.7z",
                                       "filtered.7z", "apart.7z", "mixed.7z"};

static GByteArray *load(const char *name)
{
    g_autofree char *path = g_build_filename(FIXTURES, "sevenzip", name, NULL);
    char *bytes = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(path, &bytes, &size, NULL), "%s", path);
    return g_byte_array_new_take((guint8 *)bytes, size);
}

static FakeRun *clean(const GByteArray *bytes, const char *password)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    run->password = password;
    gboolean ok = fake_run_clean(run, bytes->data, bytes->len, "a.7z", MGK_FORMAT_ID_sevenzip, &error);
    ck_assert_msg(ok, "%s", ok ? "" : error->message);
    return run;
}

START_TEST(test_sevenzip__the_password_opens)
{
    g_autoptr(GByteArray) bytes = load(archives[_i]);
    g_autoptr(FakeRun) run = clean(bytes, PASSWORD);
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: %s", archives[_i], run->outcome.detail);
    ck_assert(fake_run_found(run, MGK_KIND_ARCHIVE_UNLOCKED));
    g_autoptr(MgkZip) zip = mgk_zip_open(run->output->data, run->output->len, &run->policy.limits, NULL);
    ck_assert_ptr_nonnull(zip);
    ck_assert_uint_eq(mgk_zip_anomalies(zip), 0);
    MgkZipEntry *entry = mgk_zip_find(zip, "表/議事録.txt");
    ck_assert_msg(entry != NULL, "%s: member lost", archives[_i]);
    g_autoptr(GBytes) text = mgk_zip_entry_bytes(zip, entry, 1 << 20, NULL);
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    ck_assert_uint_eq(size, 40 * strlen("本日の議題\r\n"));
    ck_assert_int_eq(memcmp(data, "本日の議題\r\n", strlen("本日の議題\r\n")), 0);
}
END_TEST

START_TEST(test_sevenzip__without_or_with_a_wrong_one_it_is_held)
{
    g_autoptr(GByteArray) bytes = load(archives[_i]);
    g_autoptr(FakeRun) none = clean(bytes, NULL);
    ck_assert_int_eq(none->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_msg(none->outcome.reason == MGK_REASON_ENCRYPTED, "%s: %s", archives[_i], none->outcome.detail);
    static const char *const wrong[] = {"", "Himitsu", "himitsu ", "秘密", "\xff"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(FakeRun) run = clean(bytes, wrong[i]);
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD, "%s opens with '%s'", archives[_i], wrong[i]);
        gboolean asks = run->outcome.reason == MGK_REASON_WRONG_PASSWORD || run->outcome.reason == MGK_REASON_ENCRYPTED;
        ck_assert_msg(asks, "%s: %s", archives[_i], mgk_reason_name(run->outcome.reason));
    }
}
END_TEST

START_TEST(test_sevenzip__costly_passwords_are_not_tried)
{
    g_autoptr(GByteArray) bytes = load(archives[_i]);
    g_autoptr(FakeRun) run = fake_run_new();
    run->password = PASSWORD;
    run->policy.limits.kdf_rounds = (1 << 19) - 1; /* 7-Zip's own number of rounds is 2^19 */
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "a.7z", MGK_FORMAT_ID_sevenzip, NULL));
    ck_assert_msg(run->outcome.reason == MGK_REASON_KDF_COST, "%s: %s", archives[_i], run->outcome.detail);
}
END_TEST

START_TEST(test_sevenzip__what_is_not_encrypted_is_left_alone)
{
    static const char *const none[] = {"", "7z\xbc\xaf'\x1c"};
    MgkLimits limits;
    mgk_limits_init(&limits);
    for (guint i = 0; i < G_N_ELEMENTS(none); i++) {
        guint8 start[64] = {0};
        memcpy(start, none[i], strlen(none[i]));
        g_autoptr(GBytes) plain = NULL;
        ck_assert(mgk_sevenzip_unlock(start, sizeof start, PASSWORD, &limits, &plain, NULL));
        ck_assert_ptr_null(plain);
    }
}
END_TEST

/* Every byte of the archive turned over, without the price of the password: nothing but order may come of it. */
START_TEST(test_sevenzip__damage_is_survived)
{
    g_autoptr(GByteArray) bytes = load(archives[_i]);
    MgkLimits limits;
    mgk_limits_init(&limits);
    limits.kdf_rounds = 1000;
    for (guint at = 12; at < bytes->len; at++) {
        for (guint bit = 1; bit < 256; bit *= 4) {
            g_autoptr(GBytes) plain = NULL;
            g_autoptr(GError) error = NULL;
            bytes->data[at] ^= (guint8)bit;
            gboolean ok = mgk_sevenzip_unlock(bytes->data, bytes->len, PASSWORD, &limits, &plain, &error);
            bytes->data[at] ^= (guint8)bit;
            ck_assert(ok == (error == NULL));
            ck_assert(ok || plain == NULL);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sevenzip");
    TCase *tests = tcase_create("sevenzip");
    int n = (int)G_N_ELEMENTS(archives);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_sevenzip__the_password_opens, 0, n);
    tcase_add_loop_test(tests, test_sevenzip__without_or_with_a_wrong_one_it_is_held, 0, n);
    tcase_add_loop_test(tests, test_sevenzip__costly_passwords_are_not_tried, 0, n);
    tcase_add_test(tests, test_sevenzip__what_is_not_encrypted_is_left_alone);
    tcase_add_loop_test(tests, test_sevenzip__damage_is_survived, 0, n);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
