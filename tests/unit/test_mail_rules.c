/* Which profile a mail gets by its envelope, and whose marks are believed. */
#include "model/mail_rules.h"
#include "model/policy_file.h"

#include <check.h>
#include <string.h>

static MgkPolicy policy_of(const char *text)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    mgk_policy_init(&policy);
    ck_assert_msg(mgk_policy_file_parse(&policy, "p", text, strlen(text), &error), "%s", error ? error->message : "");
    return policy;
}

#define RULES \
    "[mail.rules]\n" \
    "partner = standard from *@partner.example to *@city.example.jp\n" \
    "counter = text-only to *@counter.city.example.jp\n" \
    "bounce = text-only from <>\n" \
    "boss = text-only from Boss@*.Example\n"

START_TEST(test_mail_rules__the_first_rule_that_fits_counts)
{
    static const struct {
        const char *what, *sender, *recipient;
        MgkMailProfile want;
    } rows[] = {
        {"no rule", "<a@b.example.com>", "<x@city.example.jp>", MGK_MAIL_STANDARD},
        {"recipient", "a@b.example.com", "x@counter.city.example.jp", MGK_MAIL_TEXT_ONLY},
        {"in capitals", "a@b.example.com", "<X@COUNTER.City.example.JP>", MGK_MAIL_TEXT_ONLY},
        {"final dot", "a@b.example.com", "x@counter.city.example.jp.", MGK_MAIL_TEXT_ONLY},
        {"route", "a@b.example.com", "<@relay.example,@b:x@counter.city.example.jp>", MGK_MAIL_TEXT_ONLY},
        {"quoted local part", "a@b.example.com", "\"x y\"@counter.city.example.jp", MGK_MAIL_TEXT_ONLY},
        {"other domain in the local part", "a@b.example.com", "\"x@counter.city.example.jp\"@evil.example",
         MGK_MAIL_STANDARD},
        {"longer domain", "a@b.example.com", "x@counter.city.example.jp.evil.example", MGK_MAIL_STANDARD},
        {"both", "k@partner.example", "x@city.example.jp", MGK_MAIL_STANDARD},
        {"sender in capitals", "BOSS@evil.example", "x@city.example.jp", MGK_MAIL_TEXT_ONLY},
        {"bounce", "<>", "x@city.example.jp", MGK_MAIL_TEXT_ONLY},
        {"bounce without brackets", "", "x@city.example.jp", MGK_MAIL_TEXT_ONLY},
        {"no address", "a", "x@city.example.jp", MGK_MAIL_STANDARD},
        {"unknown sender", NULL, "x@counter.city.example.jp", MGK_MAIL_TEXT_ONLY},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkPolicy policy = policy_of(RULES);
        const MgkEnvelope envelope = {.sender = rows[i].sender,
                                      .recipients = (const char *const[]){rows[i].recipient, NULL}};
        mgk_mail_policy_resolve(&policy, &envelope);
        ck_assert_msg(policy.mail.profile == rows[i].want, "%s: got %d", rows[i].what, policy.mail.profile);
        ck_assert_msg(!policy.mail.mixed_profiles, "%s", rows[i].what);
    }
}
END_TEST

START_TEST(test_mail_rules__the_strictest_profile_of_several_recipients_holds)
{
    static const char *const to[][4] = {{"a@city.example.jp", "b@counter.city.example.jp", "c@city.example.jp", NULL},
                                        {"b@counter.city.example.jp", "a@city.example.jp", NULL},
                                        {"a@city.example.jp", "c@city.example.jp", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(to); i++) {
        MgkPolicy policy = policy_of(RULES);
        const MgkEnvelope envelope = {.sender = "x@y.example.com", .recipients = to[i]};
        mgk_mail_policy_resolve(&policy, &envelope);
        ck_assert_msg(policy.mail.profile == (i < 2 ? MGK_MAIL_TEXT_ONLY : MGK_MAIL_STANDARD), "row %u", i);
        ck_assert_msg(policy.mail.mixed_profiles == (i < 2), "row %u", i);
    }
}
END_TEST

START_TEST(test_mail_rules__an_unknown_envelope_gets_the_general_profile)
{
    MgkPolicy policy =
        policy_of("[mail]\nprofile=text-only\nauthserv_ids=mx\n[mail.rules]\na=standard from *@x.example\n");
    mgk_mail_policy_resolve(&policy, NULL);
    ck_assert_int_eq(policy.mail.profile, MGK_MAIL_TEXT_ONLY);
    ck_assert_str_eq(policy.mail.authserv_ids, "");
    ck_assert_str_eq(policy.mail.id, "");
}
END_TEST

START_TEST(test_mail_rules__stars_match_in_bounded_time)
{
    MgkPolicy policy = policy_of("[mail.rules]\na=text-only from *a*a*a*@x.example\n");
    g_autoptr(GString) sender = g_string_new(NULL);
    for (guint i = 0; i < 1000; i++)
        g_string_append_c(sender, 'a');
    g_string_append(sender, "@y.example");
    const char *recipients[20001];
    for (guint i = 0; i < 20000; i++)
        recipients[i] = sender->str;
    recipients[20000] = NULL;
    const MgkEnvelope envelope = {.sender = sender->str, .recipients = recipients};
    mgk_mail_policy_resolve(&policy, &envelope);
    ck_assert_int_eq(policy.mail.profile, MGK_MAIL_STANDARD);
}
END_TEST

START_TEST(test_mail_rules__only_trusted_peers_marks_are_believed)
{
    static const struct {
        const char *peers, *client;
        gboolean vouched, want;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", FALSE, TRUE},
        {"192.0.2.1", "192.0.2.10", FALSE, FALSE},
        {"192.0.2.0/24", "192.0.2.200", FALSE, TRUE},
        {"192.0.2.0/24", "192.0.3.1", FALSE, FALSE},
        {"192.0.2.128/25", "192.0.2.127", FALSE, FALSE},
        {"198.51.100.1 192.0.2.1", "192.0.2.1", FALSE, TRUE},
        {"0.0.0.0/0", "203.0.113.9", FALSE, TRUE},
        {"0.0.0.0/0", "2001:db8::1", FALSE, FALSE},
        {"2001:db8::/32", "IPv6:2001:db8:1::1", FALSE, TRUE},
        {"2001:db8::/32", "2001:db9::1", FALSE, FALSE},
        {"192.0.2.1", "::ffff:192.0.2.1", FALSE, TRUE},
        {"192.0.2.1", "unknown", FALSE, FALSE},
        {"192.0.2.1", "192.0.2.1/0", FALSE, FALSE},
        {"192.0.2.1", NULL, FALSE, FALSE},
        {"", "192.0.2.1", FALSE, FALSE},
        {"", NULL, TRUE, TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            "[mail]\nauthserv_ids=mx.example\ntrusted_headers=X-Spam-Flag\ntrusted_peers=%s\n", rows[i].peers);
        MgkPolicy policy = policy_of(text);
        const MgkEnvelope envelope = {.client_address = rows[i].client, .trusted_peer = rows[i].vouched};
        mgk_mail_policy_resolve(&policy, &envelope);
        ck_assert_msg((*policy.mail.authserv_ids != '\0') == rows[i].want, "row %zu", i);
        ck_assert_msg((*policy.mail.trusted_headers != '\0') == rows[i].want, "row %zu", i);
    }
}
END_TEST

START_TEST(test_mail_rules__ids_hold_nothing_but_their_characters)
{
    static const struct {
        const char *id, *want;
    } rows[] = {{"20261120T1200-4f.a_1", "20261120T1200-4f.a_1"},
                {"a b", ""},
                {"a\r\nX: y", ""},
                {"0123456789012345678901234567890123456789012345678901234567890123", ""},
                {"", ""},
                {NULL, ""}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkPolicy policy = policy_of("");
        const MgkEnvelope envelope = {.id = rows[i].id};
        mgk_mail_policy_resolve(&policy, &envelope);
        ck_assert_str_eq(policy.mail.id, rows[i].want);
    }
}
END_TEST

START_TEST(test_mail_rules__mistakes_in_rules_are_errors)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"[mail.rules]\na=text from *@x.example\n", "p:2: [mail.rules] a: the profile is none of"},
        {"[mail.rules]\na=text-only\n", "a rule is: PROFILE from PATTERN"},
        {"[mail.rules]\na=\n", "a rule is: PROFILE from PATTERN"},
        {"[mail.rules]\na=text-only from\n", "a rule is: PROFILE from PATTERN"},
        {"[mail.rules]\na=text-only by *@x.example\n", "a rule is: PROFILE from PATTERN"},
        {"[mail.rules]\na=text-only to a@x.example to b@x.example\n", "a rule is: PROFILE from PATTERN"},
        {"[mail.rules]\na=text-only to city.example.jp\n", "a pattern is an address"},
        {"[mail.rules]\na=text-only to *@\n", "a pattern is an address"},
        {"[mail.rules]\na=text-only to *a*b*c*d*@x.example\n", "a pattern has at most four"},
        {"[mail.rules]\na=text-only to *@市.example\n", "written in ASCII"},
        {"[mail.rules]\na=text-only to 0123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "90123456789@x.example\n",
         "longer than 95 bytes"},
        {"[mail.rules]\na=text-only to *\na=standard to *\n", "given again in line 3"},
        {"[mail]\ntrusted_peers=192.0.2.0/33\n", "[mail] trusted_peers: not a list of addresses"},
        {"[mail]\ntrusted_peers=mx.example.jp\n", "[mail] trusted_peers: not a list of addresses"},
        {"[mail]\ncharset=sjis\n", "not one of: utf-8 iso-2022-jp"},
        {"[mail]\nnotice=none\n", "not one of: first last"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkPolicy policy;
        g_autoptr(GError) error = NULL;
        mgk_policy_init(&policy);
        ck_assert_msg(!mgk_policy_file_parse(&policy, "p", rows[i].text, strlen(rows[i].text), &error), "row %zu", i);
        ck_assert_msg(strstr(error->message, rows[i].want), "row %zu: got '%s'", i, error->message);
        ck_assert_uint_eq(policy.n_mail_rules, 0);
    }
}
END_TEST

START_TEST(test_mail_rules__are_read_and_written_and_part_of_the_id)
{
    MgkPolicy policy = policy_of(RULES), plain = policy_of("");
    g_autofree char *text = mgk_policy_file_generate(&policy);
    MgkPolicy again = policy_of(text);
    ck_assert_uint_eq(again.n_mail_rules, 4);
    for (guint i = 0; i < 4; i++) {
        ck_assert_str_eq(again.mail_rules[i].name, policy.mail_rules[i].name);
        ck_assert_str_eq(again.mail_rules[i].from, policy.mail_rules[i].from);
        ck_assert_str_eq(again.mail_rules[i].to, policy.mail_rules[i].to);
        ck_assert_int_eq(again.mail_rules[i].profile, policy.mail_rules[i].profile);
    }
    g_autofree char *id = mgk_policy_file_id(&policy), *same = mgk_policy_file_id(&again);
    g_autofree char *other = mgk_policy_file_id(&plain);
    ck_assert_str_eq(id, same);
    ck_assert_str_ne(id, other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_rules");
    TCase *tests = tcase_create("mail_rules");
    tcase_add_test(tests, test_mail_rules__the_first_rule_that_fits_counts);
    tcase_add_test(tests, test_mail_rules__the_strictest_profile_of_several_recipients_holds);
    tcase_add_test(tests, test_mail_rules__an_unknown_envelope_gets_the_general_profile);
    tcase_add_test(tests, test_mail_rules__stars_match_in_bounded_time);
    tcase_add_test(tests, test_mail_rules__only_trusted_peers_marks_are_believed);
    tcase_add_test(tests, test_mail_rules__ids_hold_nothing_but_their_characters);
    tcase_add_test(tests, test_mail_rules__mistakes_in_rules_are_errors);
    tcase_add_test(tests, test_mail_rules__are_read_and_written_and_part_of_the_id);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
