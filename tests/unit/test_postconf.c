#include "doctor/milters.h"
#include "doctor/postconf.h"

#include <check.h>

static const char services[] =
    "smtp       inet  n       -       y       -       -       smtpd -o {smtpd_milters=unix:/a, inet:b:1}\n"
    "127.0.0.1:10025 inet n   -       -       -       -       smtpd -o smtpd_milters=\n"
    "pickup     unix  n       -       n       60      1       pickup\n"
    "too few fields\n"
    "\n";

START_TEST(test_postconf__values_services_and_overrides_are_read)
{
    g_autoptr(MgkPostconf) postconf =
        mgk_postconf_parse("compatibility_level = 3.6\nempty =\nlist = a = b, c\nnonsense\n = nameless\n", services,
                           "smtp/inet/smtpd_milters = unix:/a, inet:b:1\n127.0.0.1:10025/inet/smtpd_milters =\n"
                           "nobody/inet/x = y\n");
    ck_assert_str_eq(mgk_postconf_get(postconf, NULL, "list"), "a = b, c");
    ck_assert_str_eq(mgk_postconf_get(postconf, NULL, "empty"), "");
    ck_assert_str_eq(mgk_postconf_get(postconf, NULL, "unknown"), "");
    ck_assert_uint_eq(postconf->services->len, 3);
    const MgkService *smtp = g_ptr_array_index(postconf->services, 0), *back = g_ptr_array_index(postconf->services, 1);
    ck_assert_str_eq(smtp->program, "smtpd");
    ck_assert(smtp->chroot && !back->chroot);
    ck_assert_str_eq(mgk_postconf_get(postconf, smtp, "smtpd_milters"), "unix:/a, inet:b:1");
    ck_assert_str_eq(mgk_postconf_get(postconf, back, "smtpd_milters"), "");
    ck_assert_str_eq(mgk_postconf_get(postconf, back, "list"), "a = b, c");
}
END_TEST

START_TEST(test_postconf__a_dash_means_chroot_before_compatibility_level_1)
{
    static const struct {
        const char *values;
        gboolean want;
    } rows[] = {{"compatibility_level = 0\n", TRUE}, {"", TRUE}, {"compatibility_level = 2\n", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(MgkPostconf) postconf = mgk_postconf_parse(rows[i].values, "a inet n - - - - smtpd\n", "");
        const MgkService *service = g_ptr_array_index(postconf->services, 0);
        ck_assert_msg(service->chroot == rows[i].want, "'%s': chroot is %d", rows[i].values, service->chroot);
    }
}
END_TEST

START_TEST(test_postconf__times_are_seconds)
{
    static const struct {
        const char *text;
        gint64 want; /* -1: no time */
    } rows[] = {{"30", 30},
                {"30s", 30},
                {"5m", 300},
                {"1h", 3600},
                {"5d", 432000},
                {"1w", 604800},
                {"1W", 604800},
                {"", -1},
                {"s", -1},
                {"5x", -1},
                {"5ms", -1},
                {"-1s", -1},
                {"99999999999999999999w", -1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint64 got = 0;
        gboolean good = mgk_postconf_seconds(rows[i].text, &got);
        ck_assert_msg(good == (rows[i].want >= 0) && (!good || got == (guint64)rows[i].want),
                      "'%s': %d, %" G_GUINT64_FORMAT, rows[i].text, good, got);
    }
}
END_TEST

START_TEST(test_postconf__words_respect_braces)
{
    static const char *const want[] = {"a", "{ b, c {d e} }", "f", "{g"};
    g_autoptr(GPtrArray) words = mgk_postconf_words(" a,, { b, c {d e} }\tf {g");
    ck_assert_uint_eq(words->len, G_N_ELEMENTS(want));
    for (guint i = 0; i < words->len; i++)
        ck_assert_str_eq(g_ptr_array_index(words, i), want[i]);
}
END_TEST

START_TEST(test_postconf__filters_with_options_are_read)
{
    g_autoptr(GPtrArray) milters = mgk_milters_parse(
        "inet:127.0.0.1:8891, { unix:/run/m.sock, default_action=accept, { content_timeout = 10s } } {} {unix:x");
    static const char *const endpoints[] = {"inet:127.0.0.1:8891", "unix:/run/m.sock", "", "unix:x"};
    ck_assert_uint_eq(milters->len, G_N_ELEMENTS(endpoints));
    for (guint i = 0; i < milters->len; i++)
        ck_assert_str_eq(((const MgkMilter *)g_ptr_array_index(milters, i))->endpoint, endpoints[i]);
    const MgkMilter *second = g_ptr_array_index(milters, 1);
    ck_assert_str_eq(g_hash_table_lookup(second->options, "default_action"), "accept");
    ck_assert_str_eq(g_hash_table_lookup(second->options, "content_timeout"), "10s");
}
END_TEST

START_TEST(test_postconf__socket_paths_as_a_chroot_sees_them)
{
    static const struct {
        const char *endpoint;
        gboolean chroot;
        const char *want;
    } rows[] = {{"unix:/run/m.sock", FALSE, "/run/m.sock"},
                {"unix:/run/m.sock", TRUE, "/spool/run/m.sock"},
                {"unix:run/m.sock", FALSE, "/spool/run/m.sock"},
                {"unix:run/m.sock", TRUE, "/spool/run/m.sock"},
                {"inet:localhost:1", FALSE, NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = mgk_milters_path(rows[i].endpoint, "/spool", rows[i].chroot);
        ck_assert_msg(g_strcmp0(got, rows[i].want) == 0, "%s: %s", rows[i].endpoint, got);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("postconf");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, test_postconf__values_services_and_overrides_are_read);
    tcase_add_test(cases, test_postconf__a_dash_means_chroot_before_compatibility_level_1);
    tcase_add_test(cases, test_postconf__times_are_seconds);
    tcase_add_test(cases, test_postconf__words_respect_braces);
    tcase_add_test(cases, test_postconf__filters_with_options_are_read);
    tcase_add_test(cases, test_postconf__socket_paths_as_a_chroot_sees_them);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
