/* 7z archives behind a password: fixtures/sevenzip, opened and refused, and damaged in every byte. */
#include "engines/sevenzip_header.h"
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

/* A locked folder as 7-Zip writes it: AES feeds LZMA2. */
static GByteArray *locked_streams(void)
{
    static const guint8 lock[18] = {0x53, 0x0f}, dictionary[1] = {0x18};
    MgkSevenzipFolder folder = {.coders = {{.method = {0x21},
                                            .method_size = 1,
                                            .n_in = 1,
                                            .n_out = 1,
                                            .properties = dictionary,
                                            .properties_size = 1},
                                           {.method = {6, 0xf1, 7, 1},
                                            .method_size = 4,
                                            .n_in = 1,
                                            .n_out = 1,
                                            .properties = lock,
                                            .properties_size = 18}},
                                .bonds = {{.in = 0, .out = 1}},
                                .packed = {1},
                                .sizes = {1000, 40},
                                .n_coders = 2,
                                .n_bonds = 1,
                                .n_packed = 1,
                                .n_in = 2,
                                .n_out = 2,
                                .has_crc = TRUE,
                                .crc = 0x12345678};
    guint64 size = 48;
    g_autoptr(GArray) sizes = g_array_new(FALSE, FALSE, sizeof size);
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    g_array_append_val(sizes, size);
    g_ptr_array_add(folders, &folder);
    const MgkSevenzipStreams streams = {.sizes = sizes, .folders = folders};
    GByteArray *bytes = g_byte_array_new();
    mgk_sevenzip_streams_write(&streams, bytes);
    return bytes;
}

START_TEST(test_sevenzip__a_coder_is_taken_out)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    gsize used = 0;
    g_autoptr(GByteArray) bytes = locked_streams(), again = g_byte_array_new();
    g_autoptr(MgkSevenzipStreams) streams = mgk_sevenzip_streams_read(bytes->data, bytes->len, &limits, &used);
    ck_assert_ptr_nonnull(streams);
    ck_assert_uint_eq(used, bytes->len);
    mgk_sevenzip_streams_write(streams, again);
    ck_assert_uint_eq(again->len, bytes->len);
    ck_assert_mem_eq(again->data, bytes->data, bytes->len);
    MgkSevenzipFolder *folder = g_ptr_array_index(streams->folders, 0);
    mgk_sevenzip_folder_bypass(folder, 1);
    ck_assert_uint_eq(folder->n_coders, 1);
    ck_assert_uint_eq(folder->n_bonds, 0);
    ck_assert_uint_eq(folder->packed[0], 0);
    ck_assert_uint_eq(folder->sizes[0], 1000);
    mgk_sevenzip_folder_bypass(folder, 0); /* the only one becomes a copy */
    ck_assert_uint_eq(folder->n_coders, 1);
    ck_assert(mgk_sevenzip_coder_is(&folder->coders[0], "\0", 1));
}
END_TEST

static gboolean is_fed_by_archive(const MgkSevenzipFolder *folder, guint coder)
{
    guint in = 0;
    for (guint i = 0; i < coder; i++)
        in += folder->coders[i].n_in;
    for (guint i = 0; i < folder->n_packed; i++) {
        if (folder->packed[i] == in)
            return TRUE;
    }
    return FALSE;
}

/* Every byte of the block replaced by every other: what is still read keeps its numbers within its arrays. */
START_TEST(test_sevenzip__damaged_blocks_stay_in_bounds)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(GByteArray) bytes = locked_streams();
    for (guint at = 0; at < bytes->len; at++) {
        guint8 original = bytes->data[at];
        for (guint value = 0; value < 256; value++) {
            gsize used = 0;
            bytes->data[at] = (guint8)value;
            g_autoptr(MgkSevenzipStreams) streams = mgk_sevenzip_streams_read(bytes->data, bytes->len, &limits, &used);
            g_autoptr(GByteArray) out = g_byte_array_new();
            ck_assert_uint_le(used, bytes->len);
            for (guint i = 0; streams && i < streams->folders->len; i++) {
                MgkSevenzipFolder *folder = g_ptr_array_index(streams->folders, i);
                ck_assert_uint_le(folder->n_in, MGK_SEVENZIP_STREAMS);
                ck_assert_uint_le(folder->n_out, MGK_SEVENZIP_STREAMS);
                ck_assert_uint_le(folder->n_coders, MGK_SEVENZIP_CODERS);
                for (guint k = 0; k < folder->n_coders; k++) {
                    const MgkSevenzipCoder *coder = &folder->coders[k];
                    if (coder->n_in == 1 && coder->n_out == 1 && is_fed_by_archive(folder, k))
                        mgk_sevenzip_folder_bypass(folder, k);
                }
            }
            if (streams)
                mgk_sevenzip_streams_write(streams, out);
        }
        bytes->data[at] = original;
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
    tcase_add_test(tests, test_sevenzip__a_coder_is_taken_out);
    tcase_add_test(tests, test_sevenzip__damaged_blocks_stay_in_bounds);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
