#include "spool.h"

#include "cache.h"
#include "model/json.h"
#include "stats.h"
#include "sweep.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *make_folder(void)
{
    char *folder = g_dir_make_tmp("mugaika-spool-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
    return folder;
}

static MgkMail *receive(MgkSpool *spool, const char *text)
{
    g_autoptr(GError) error = NULL;
    MgkMail *mail = mgk_mail_new(spool, 1000, 0, &error);
    ck_assert_msg(mail != NULL, "%s", error ? error->message : "");
    mgk_mail_add(mail, text, strlen(text));
    return mail;
}

static char *path_of(const char *folder, const MgkMail *mail, const char *suffix)
{
    const char *id = mgk_mail_id(mail);
    return g_strdup_printf("%s/mail/%.4s-%.2s-%.2s/%s%s", folder, id, id + 4, id + 6, id, suffix);
}

START_TEST(test_spool__a_kept_mail_has_its_bytes_and_a_dropped_one_is_gone)
{
    g_autofree char *folder = make_folder();
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSpool) spool = mgk_spool_new(folder, &error);
    g_autoptr(MgkMail) mail = receive(spool, "hello");
    ck_assert(mgk_mail_end(mail, "../4AB/c", &error));
    ck_assert_ptr_nonnull(strstr(mgk_mail_id(mail), "-4ABc-"));
    ck_assert_str_eq(mgk_mail_sha256(mail), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    g_autofree char *original = path_of(folder, mail, ".eml"), *envelope = path_of(folder, mail, ".json");
    ck_assert(!g_file_test(original, G_FILE_TEST_EXISTS));
    ck_assert(mgk_mail_keep(mail, "{}\n", &error));
    g_autofree char *text = NULL;
    ck_assert(g_file_get_contents(original, &text, NULL, NULL));
    ck_assert_str_eq(text, "hello");
    ck_assert(g_file_test(envelope, G_FILE_TEST_EXISTS));
    mgk_mail_drop(mail);
    ck_assert(!g_file_test(original, G_FILE_TEST_EXISTS) && !g_file_test(envelope, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(test_spool__an_accepted_mail_is_never_dropped)
{
    g_autofree char *folder = make_folder();
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSpool) spool = mgk_spool_new(folder, &error);
    g_autoptr(MgkMail) mail = receive(spool, "hello");
    ck_assert(mgk_mail_end(mail, NULL, &error) && mgk_mail_keep(mail, "{}\n", &error));
    ck_assert(mgk_mail_record(mail, "{}\n", FALSE, &error));
    mgk_mail_drop(mail);
    g_autofree char *original = path_of(folder, mail, ".eml");
    ck_assert(g_file_test(original, G_FILE_TEST_EXISTS));
    ck_assert(!mgk_mail_record(mail, "{}\n", FALSE, &error)); /* a name is given once */
}
END_TEST

START_TEST(test_spool__too_many_bytes_and_too_little_space_are_errors)
{
    g_autofree char *folder = make_folder();
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSpool) spool = mgk_spool_new(folder, &error);
    for (guint bytes = 998; bytes < 1003; bytes++) {
        g_autofree char *text = g_strnfill(bytes, 'x');
        g_autoptr(GError) problem = NULL;
        g_autoptr(MgkMail) mail = receive(spool, text);
        ck_assert_int_eq(mgk_mail_end(mail, "A", &problem), bytes <= 1000);
        ck_assert(!problem || g_error_matches(problem, MGK_ERROR, MGK_ERROR_LIMIT));
    }
    ck_assert_ptr_null(mgk_mail_new(spool, 1, G_MAXUINT64, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
}
END_TEST

static MgkMail *keep(MgkSpool *spool, const char *text)
{
    MgkMail *mail = receive(spool, text);
    ck_assert(mgk_mail_end(mail, "A", NULL) && mgk_mail_keep(mail, "{}\n", NULL));
    return mail;
}

static guint links_of(const char *folder, const MgkMail *mail)
{
    g_autofree char *path = path_of(folder, mail, ".eml");
    GStatBuf status;
    return g_stat(path, &status) == 0 ? (guint)status.st_nlink : 0;
}

START_TEST(test_spool__equal_originals_are_stored_once)
{
    g_autofree char *folder = make_folder();
    g_autoptr(MgkSpool) spool = mgk_spool_new(folder, NULL);
    g_autoptr(MgkMail) first = keep(spool, "hello"), second = keep(spool, "hello"), other = keep(spool, "other");
    ck_assert_uint_eq(links_of(folder, first), 3); /* two mails and the hash */
    ck_assert_uint_eq(links_of(folder, other), 2);
    mgk_mail_drop(first);
    ck_assert_uint_eq(links_of(folder, second), 2);
    mgk_mail_drop(second);
    g_autofree char *hash = g_build_filename(folder, "hashes", mgk_mail_sha256(first), NULL);
    ck_assert(!g_file_test(hash, G_FILE_TEST_EXISTS));
}
END_TEST

/* What is left of four mails (unfinished, done, held, and one with the bytes of the done one) after some days. */
START_TEST(test_sweep__originals_go_when_their_time_is_over)
{
    static const struct {
        MgkSweepAges ages;
        guint days;
        const char *left; /* u, d, h, s */
    } table[] = {{{.done_days = 0, .held_days = 0}, 7, "udhs"}, {{.done_days = 0, .held_days = 0}, 9, "dhs"},
                 {{.done_days = 3, .held_days = 0}, 3, "udhs"}, {{.done_days = 3, .held_days = 0}, 5, "uh"},
                 {{.done_days = 3, .held_days = 4}, 6, "u"},    {{.done_days = 3, .held_days = 400}, 402, ""},
                 {{.done_days = 0, .held_days = 1}, 3, "uds"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *folder = make_folder();
        g_autoptr(MgkSpool) spool = mgk_spool_new(folder, NULL);
        MgkMail *mails[] = {keep(spool, "unfinished"), keep(spool, "done"), keep(spool, "held"), keep(spool, "done")};
        ck_assert(mgk_mail_record(mails[1], "{}\n", FALSE, NULL) && mgk_mail_record(mails[2], "{}\n", TRUE, NULL));
        ck_assert(mgk_mail_record(mails[3], "{}\n", FALSE, NULL));
        gint64 now = g_get_real_time() + (gint64)table[i].days * G_TIME_SPAN_DAY;
        guint removed = mgk_sweep(spool, &table[i].ages, now);
        g_autoptr(GString) left = g_string_new(NULL);
        for (guint m = 0; m < 4; m++) {
            if (links_of(folder, mails[m]) > 0)
                g_string_append_c(left, "udhs"[m]);
            mgk_mail_free(mails[m]);
        }
        ck_assert_msg(strcmp(left->str, table[i].left) == 0, "row %u: got %s, want %s", i, left->str, table[i].left);
        ck_assert_uint_eq(removed, 4 - left->len);
        g_autofree char *hashes = g_build_filename(folder, "hashes", NULL);
        g_autoptr(GDir) dir = g_dir_open(hashes, 0, NULL);
        guint names = 0;
        while (g_dir_read_name(dir))
            names++;
        ck_assert_uint_eq(names, left->len - (strstr(left->str, "s") ? 1 : 0));
    }
}
END_TEST

START_TEST(test_cache__the_least_used_goes_first)
{
    g_autoptr(MgkCache) cache = mgk_cache_new(4096);
    g_autoptr(GBytes) result = g_bytes_new_static("x", 1);
    gboolean holds = FALSE;
    for (guint i = 0; i < 30; i++) {
        g_autofree char *key = g_strdup_printf("%u", i);
        mgk_cache_put(cache, key, result, i == 0);
        g_autoptr(GBytes) first = mgk_cache_get(cache, "0", &holds);
        ck_assert_ptr_eq(first, result);
        ck_assert(holds);
    }
    ck_assert_ptr_null(mgk_cache_get(cache, "1", &holds));
    g_autofree char *big = g_strnfill(2000, 'x');
    g_autoptr(GBytes) large = g_bytes_new(big, 2000);
    mgk_cache_put(cache, "large", large, FALSE);
    ck_assert_ptr_null(mgk_cache_get(cache, "large", &holds));
}
END_TEST

START_TEST(test_json__any_bytes_become_one_ascii_line)
{
    MgkJson json;
    mgk_json_begin(&json);
    mgk_json_string(&json, "a", "x\n\"\\\x1b\xff\xe6\x97\xa5\xf0\x9f\x98\x80");
    mgk_json_string(&json, "n", NULL);
    mgk_json_number(&json, "i", -5);
    mgk_json_strings(&json, "l", (const char *const[]){"1", "2"}, 2);
    g_autofree char *got = mgk_json_end(&json);
    ck_assert_str_eq(got, "{\"a\":\"x\\u000a\\\"\\\\\\u001b\\ufffd\\u65e5\\ud83d\\ude00\",\"n\":null,\"i\":-5,"
                          "\"l\":[\"1\",\"2\"]}\n");
}
END_TEST

START_TEST(test_stats__entering_stops_at_the_bound)
{
    MgkStats *stats = mgk_stats_new();
    ck_assert(mgk_stats_enter(stats, MGK_STAT_SESSIONS, 2) && mgk_stats_enter(stats, MGK_STAT_SESSIONS, 2));
    ck_assert(!mgk_stats_enter(stats, MGK_STAT_SESSIONS, 2));
    g_autofree char *text = mgk_stats_text(stats), *prometheus = mgk_stats_prometheus(stats);
    ck_assert_ptr_nonnull(strstr(text, "sessions 2\n"));
    ck_assert_ptr_nonnull(strstr(prometheus, "# TYPE mugaika_milter_sessions gauge\nmugaika_milter_sessions 2\n"));
    mgk_stats_free(stats);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spool");
    TCase *cases = tcase_create("spool");
    tcase_add_test(cases, test_spool__a_kept_mail_has_its_bytes_and_a_dropped_one_is_gone);
    tcase_add_test(cases, test_spool__an_accepted_mail_is_never_dropped);
    tcase_add_test(cases, test_spool__too_many_bytes_and_too_little_space_are_errors);
    tcase_add_test(cases, test_spool__equal_originals_are_stored_once);
    tcase_add_test(cases, test_sweep__originals_go_when_their_time_is_over);
    tcase_add_test(cases, test_cache__the_least_used_goes_first);
    tcase_add_test(cases, test_json__any_bytes_become_one_ascii_line);
    tcase_add_test(cases, test_stats__entering_stops_at_the_bound);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
