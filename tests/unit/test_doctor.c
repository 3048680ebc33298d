/* Every check that reads configuration only: seen passing, and failing for each planted mistake. What needs a running
 * Postfix and filter is in tests/integration/postfix/doctor.py. */
#include "doctor/exam.h"
#include "doctor/print.h"

#include <check.h>
#include <string.h>

static const char good_values[] = "compatibility_level = 3.6\n"
                                  "queue_directory = /spool\n"
                                  "smtpd_milters = inet:127.0.0.1:8891, unix:/run/m.sock\n"
                                  "non_smtpd_milters =\n"
                                  "milter_default_action = tempfail\n"
                                  "milter_protocol = 6\n"
                                  "milter_content_timeout = 300s\n"
                                  "milter_command_timeout = 30s\n"
                                  "milter_connect_timeout = 30s\n"
                                  "milter_connect_macros = j {daemon_name}\n"
                                  "milter_end_of_data_macros = i\n"
                                  "authorized_submit_users = root\n"
                                  "message_size_limit = 10240000\n"
                                  "mailbox_size_limit = 0\n"
                                  "virtual_mailbox_limit = 51200000\n"
                                  "queue_minfree = 20480000\n"
                                  "smtpd_forbid_bare_newline = yes\n"
                                  "smtpd_forbid_bare_newline_exclusions = 127.0.0.0/8, [::1]/128\n"
                                  "smtputf8_enable = no\n"
                                  "enable_long_queue_ids = yes\n"
                                  "smtp_data_done_timeout = 600s\n"
                                  "maximal_queue_lifetime = 5d\n";
static const char good_services[] = "smtp inet n - n - - smtpd\n"
                                    "smtpd pass - - n - - smtpd\n"
                                    "submission inet n - y - - smtpd\n"
                                    "pickup unix n - n 60 1 pickup\n"
                                    "cleanup unix n - n - 0 cleanup\n";
/* submission runs in a chroot, in which the filter's socket has another name. */
static const char good_overrides[] = "submission/inet/smtpd_milters = unix:/run/m.sock\n";

/* A mistake: lines added to (and so overriding) the good configuration. */
typedef struct Mistake {
    const char *check, *values, *services, *overrides;
} Mistake;

static const Mistake mistakes[] = {
    {"filter_everywhere", "smtpd_milters =\n", "", ""},
    {"filter_everywhere", "", "127.0.0.1:10025 inet n - n - - smtpd\n", "127.0.0.1:10025/inet/smtpd_milters =\n"},
    {"filter_everywhere", "", "x inet n - n - - smtpd\n", "x/inet/smtpd_milters = unix:/run/other.sock\n"},
    {"filter_last", "smtpd_milters = unix:/run/m.sock inet:127.0.0.1:8891\n", "", ""},
    {"filter_last", "", "", "smtp/inet/smtpd_milters = {unix:/run/m.sock, protocol=6}, inet:127.0.0.1:8891\n"},
    {"default_action", "milter_default_action = accept\n", "", ""},
    {"default_action", "milter_default_action = quarantine\n", "", ""},
    {"default_action", "smtpd_milters = { unix:/run/m.sock, default_action=accept }\n", "", ""},
    {"default_action", "", "", "smtp/inet/milter_default_action = accept\n"},
    {"no_milters", "receive_override_options = no_milters\n", "", ""},
    {"no_milters", "", "", "pickup/unix/receive_override_options = no_address_mappings,No_Milters\n"},
    {"milter_maps", "smtpd_milter_maps = cidr:/etc/postfix/exempt\n", "", ""},
    {"milter_maps", "", "", "smtp/inet/smtpd_milter_maps = inline:{10.0.0.1=DISABLE}\n"},
    {"proxy_filter", "", "", "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10024\n"},
    {"local_submission", "authorized_submit_users = static:anyone\n", "", ""},
    {"local_submission", "authorized_submit_users = !eve, static:all\n", "", ""},
    {"qmqpd", "", "628 inet n - n - - qmqpd\n", ""},
    {"protocol", "milter_protocol = 2\n", "", ""},
    {"protocol", "smtpd_milters = { unix:/run/m.sock, protocol=3 }\n", "", ""},
    {"content_timeout", "milter_content_timeout = 200s\n", "", ""},
    {"content_timeout", "smtpd_milters = { unix:/run/m.sock, content_timeout=3m }\n", "", ""},
    {"content_timeout", "milter_content_timeout = soon\n", "", ""},
    {"command_timeout", "milter_command_timeout = 5s\n", "", ""},
    {"command_timeout", "milter_connect_timeout = 1s\n", "", ""},
    {"message_size", "message_size_limit = 20480000\nqueue_minfree = 40960000\n", "", ""},
    {"message_size", "message_size_limit = 0\n", "", ""},
    {"message_size", "", "", "smtp/inet/message_size_limit = 1000000\n"},
    {"mailbox_size", "mailbox_size_limit = 5000000\n", "", ""},
    {"mailbox_size", "virtual_mailbox_limit = 10239999\n", "", ""},
    {"queue_minfree", "queue_minfree = 0\n", "", ""},
    {"bare_newline", "smtpd_forbid_bare_newline = no\n", "", ""},
    {"bare_newline", "smtpd_forbid_bare_newline =\n", "", ""},
    {"bare_newline_exclusions", "smtpd_forbid_bare_newline_exclusions = 127.0.0.1 192.0.2.0/24\n", "", ""},
    {"smtputf8", "smtputf8_enable = yes\n", "", ""},
    {"long_queue_ids", "enable_long_queue_ids = no\n", "", ""},
    {"copies", "always_bcc = archive@example.jp\n", "", ""},
    {"copies", "recipient_bcc_maps = hash:/etc/postfix/bcc\n", "", ""},
    {"rewrites", "content_filter = smtp:127.0.0.1:10024\n", "", ""},
    {"rewrites", "milter_header_checks = regexp:/etc/postfix/x\n", "", ""},
    {"macros", "milter_end_of_data_macros = {x}\n", "", ""},
    {"macros", "milter_connect_macros = v\n", "", ""},
};

static const MgkFilter no_filter;

static MgkExam *examine(const Mistake *mistake, MgkPolicy *policy, GPtrArray *results, MgkPostconf **ret_postconf)
{
    g_autofree char *values = g_strconcat(good_values, mistake->values, NULL);
    g_autofree char *services = g_strconcat(good_services, mistake->services, NULL);
    g_autofree char *overrides = g_strconcat(good_overrides, mistake->overrides, NULL);
    MgkExam *exam = g_new0(MgkExam, 1);
    mgk_policy_init(policy);
    *ret_postconf = mgk_postconf_parse(values, services, overrides);
    *exam = (MgkExam){.postconf = *ret_postconf,
                      .policy = policy,
                      .filter = &no_filter,
                      .socket = "unix:/run/m.sock",
                      .results = results};
    return exam;
}

/* The ids of what is not good, in order and once each, separated by spaces; checks of the file system left out. */
static char *complaints(const GPtrArray *results)
{
    guint n = 0;
    const MgkCheck *table = mgk_exam_table(&n);
    g_autoptr(GString) list = g_string_new(NULL);
    const char *last = "";
    for (guint i = 0; i < results->len; i++) {
        const MgkResult *result = g_ptr_array_index(results, i);
        const char *id = table[result->check].id;
        if (result->found == MGK_FOUND_GOOD || strcmp(id, last) == 0 || strcmp(id, "reachable") == 0 ||
            strcmp(id, "queue_disk") == 0)
            continue;
        last = id;
        g_string_append_printf(list, "%s%s", list->len ? " " : "", id);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static char *complaints_about(const Mistake *mistake, MgkCheckScope scope)
{
    MgkPolicy policy;
    g_autoptr(MgkPostconf) postconf = NULL;
    g_autoptr(GPtrArray) results = mgk_exam_results_new();
    g_autofree MgkExam *exam = examine(mistake, &policy, results, &postconf);
    g_autoptr(MgkPostconf) inner =
        mgk_postconf_parse("message_size_limit = 10244096\nmilter_content_timeout = 5m\n", "", "");
    exam->inner = inner;
    mgk_exam_run(exam, scope);
    return complaints(results);
}

START_TEST(test_doctor__a_good_configuration_has_no_complaint)
{
    const Mistake none = {"", "", "", ""};
    g_autofree char *inner = complaints_about(&none, MGK_CHECK_POSTFIX);
    g_autofree char *outer = complaints_about(&none, MGK_CHECK_OUTER);
    ck_assert_str_eq(inner, "");
    ck_assert_str_eq(outer, "");
}
END_TEST

START_TEST(test_doctor__each_mistake_is_found_and_no_other)
{
    const Mistake *mistake = &mistakes[_i];
    g_autofree char *got = complaints_about(mistake, MGK_CHECK_POSTFIX);
    ck_assert_msg(strcmp(got, mistake->check) == 0, "%s%s%s: got '%s', want '%s'", mistake->values, mistake->services,
                  mistake->overrides, got, mistake->check);
}
END_TEST

START_TEST(test_doctor__local_mail_may_go_through_the_filter_or_not_exist)
{
    static const Mistake ways[] = {
        {"", "authorized_submit_users = static:anyone\nnon_smtpd_milters = unix:/run/m.sock\n", "", ""},
        {"", "authorized_submit_users =\n", "", ""},
        {"", "authorized_submit_users = root, backup\n", "", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *got = complaints_about(&ways[i], MGK_CHECK_POSTFIX);
        ck_assert_msg(*got == '\0', "%s: got '%s'", ways[i].values, got);
    }
}
END_TEST

START_TEST(test_doctor__instances_in_front_have_rules_of_their_own)
{
    static const Mistake rows[] = {
        {"outer_size", "message_size_limit = 10240001\n", "", ""},
        {"outer_size", "message_size_limit = 0\n", "", ""},
        {"outer_patience", "smtp_data_done_timeout = 300s\n", "", ""},
        {"outer_lifetime", "maximal_queue_lifetime = 1d\n", "", ""},
        {"bare_newline", "smtpd_forbid_bare_newline = no\n", "", ""},
        {"", "smtpd_milters =\nmaximal_queue_lifetime = 5\nrecipient_bcc_maps = hash:x\n", "", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = complaints_about(&rows[i], MGK_CHECK_OUTER);
        ck_assert_msg(strcmp(got, rows[i].check) == 0, "%s: got '%s', want '%s'", rows[i].values, got, rows[i].check);
    }
}
END_TEST

START_TEST(test_doctor__policies_are_judged)
{
    MgkPolicy policy;
    g_autoptr(MgkPostconf) postconf = NULL;
    g_autoptr(GPtrArray) results = mgk_exam_results_new();
    const Mistake none = {"", "", "", ""};
    g_autofree MgkExam *exam = examine(&none, &policy, results, &postconf);
    policy.limits.input_bytes = policy.milter.message_bytes - 1;
    mgk_check_policy_sizes(exam);
    policy.limits.input_bytes++;
    mgk_check_policy_sizes(exam);
    ck_assert_uint_eq(results->len, 1);
    mgk_check_daily_word(exam);
    mgk_check_own_domains(exam);
    ck_assert_uint_eq(results->len, 3);
    g_strlcpy(policy.mail.daily_word, "さくら", sizeof policy.mail.daily_word);
    g_strlcpy(policy.mail.own_domains, "town.example.jp", sizeof policy.mail.own_domains);
    mgk_check_daily_word(exam);
    mgk_check_own_domains(exam);
    ck_assert_uint_eq(results->len, 3);
}
END_TEST

START_TEST(test_doctor__filters_whose_marks_are_believed_must_not_be_missing)
{
    static const struct {
        const char *ids;
        guint want;
    } rows[] = {{"", 0}, {"gateway.town.example.jp", 2}}; /* two services use the list of main.cf */
    const Mistake careless = {"", "smtpd_milters = {inet:127.0.0.1:8891, default_action=accept}, unix:/run/m.sock\n",
                              "", ""};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkPolicy policy;
        g_autoptr(MgkPostconf) postconf = NULL;
        g_autoptr(GPtrArray) results = mgk_exam_results_new();
        g_autofree MgkExam *exam = examine(&careless, &policy, results, &postconf);
        g_strlcpy(policy.mail.authserv_ids, rows[i].ids, sizeof policy.mail.authserv_ids);
        mgk_check_default_action(exam);
        ck_assert_msg(results->len == rows[i].want, "'%s': got %u, want %u", rows[i].ids, results->len, rows[i].want);
    }
}
END_TEST

START_TEST(test_doctor__marks_of_everybody_are_nobodys)
{
    static const struct {
        const char *peers, *ids, *headers;
        guint want;
    } rows[] = {{"", "gw", "X-Spam-Flag", 0},
                {"192.0.2.1 198.51.100.0/24", "gw", "X-Spam-Flag", 0},
                {"0.0.0.0/0 ::/0", "", "", 0},
                {"0.0.0.0/0 ::/0", "gw", "", 1}, /* submission has no filter in front of ours, the others have */
                {"192.0.2.1 ::/0", "", "X-Spam-Flag", 1}};
    const Mistake none = {"", "", "", ""};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkPolicy policy;
        g_autoptr(MgkPostconf) postconf = NULL;
        g_autoptr(GPtrArray) results = mgk_exam_results_new();
        g_autofree MgkExam *exam = examine(&none, &policy, results, &postconf);
        g_strlcpy(policy.mail.trusted_peers, rows[i].peers, sizeof policy.mail.trusted_peers);
        g_strlcpy(policy.mail.authserv_ids, rows[i].ids, sizeof policy.mail.authserv_ids);
        g_strlcpy(policy.mail.trusted_headers, rows[i].headers, sizeof policy.mail.trusted_headers);
        mgk_check_marks(exam);
        ck_assert_msg(results->len == rows[i].want, "row %u: got %u, want %u", i, results->len, rows[i].want);
    }
}
END_TEST

START_TEST(test_doctor__reports_escape_what_stands_in_files)
{
    MgkPolicy policy;
    g_autoptr(MgkPostconf) postconf = NULL;
    g_autoptr(GPtrArray) results = mgk_exam_results_new();
    const Mistake bell = {"", "always_bcc = \x1b]0;x\x07\n", "", ""};
    g_autofree MgkExam *exam = examine(&bell, &policy, results, &postconf);
    mgk_exam_run(exam, MGK_CHECK_POSTFIX);
    g_autofree char *text = mgk_print_text(exam), *json = mgk_print_json(exam);
    ck_assert(strstr(text, "always_bcc") && !strchr(text, '\x1b') && !strchr(json, '\x1b'));
    ck_assert(g_str_has_prefix(json, "{\"schema\":\"mugaika-doctor/1\""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("doctor");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, test_doctor__a_good_configuration_has_no_complaint);
    tcase_add_loop_test(cases, test_doctor__each_mistake_is_found_and_no_other, 0, (int)G_N_ELEMENTS(mistakes));
    tcase_add_test(cases, test_doctor__local_mail_may_go_through_the_filter_or_not_exist);
    tcase_add_test(cases, test_doctor__instances_in_front_have_rules_of_their_own);
    tcase_add_test(cases, test_doctor__policies_are_judged);
    tcase_add_test(cases, test_doctor__filters_whose_marks_are_believed_must_not_be_missing);
    tcase_add_test(cases, test_doctor__marks_of_everybody_are_nobodys);
    tcase_add_test(cases, test_doctor__reports_escape_what_stands_in_files);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
