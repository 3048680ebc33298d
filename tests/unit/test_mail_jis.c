/* Mails written in ISO-2022-JP, for programs that read nothing newer. */
#include "engines/mail_jis.h"
#include "mail_forge.h"

static MgkMailPolicy in_jis(void)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    policy.mail.charset = 1;
    return policy.mail;
}

START_TEST(test_mail_jis__writes_what_rfc_1468_has_and_nothing_else)
{
    static const struct {
        const char *text, *want; /* NULL: does not fit */
    } rows[] = {{"", ""},
                {"abc", "abc"},
                {"本文", "\033$BK\\J8\033(B"},
                {"a本b文", "a\033$BK\\\033(Bb\033$BJ8\033(B"},
                {"本\n文\n", "\033$BK\\\033(B\n\033$BJ8\033(B\n"},
                {"┃│─〓「」、。", "\033$B(-(\"(!\".!V!W!\"!#\033(B"},
                {"〜～−－∥‖¢£¬", "\033$B!A!A!]!]!B!B!q!r\"L\033(B"},
                {"①", NULL},
                {"㈱", NULL},
                {"髙", NULL},
                {"ｱ", NULL},
                {"é", NULL},
                {"\xf0\xa0\xae\xb7", NULL},
                {"\xe8\x91\x9b\xf3\xa0\x84\x80", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = mgk_jis_from_utf8(rows[i].text);
        ck_assert_msg((got == NULL) == (rows[i].want == NULL), "%s: got %s", rows[i].text, got ? got : "nothing");
        ck_assert_msg(!got || strcmp(got, rows[i].want) == 0, "%s: got '%s'", rows[i].text, got);
    }
}
END_TEST

START_TEST(test_mail_jis__every_character_reads_back)
{
    guint n = 0;
    for (gunichar c = 0x80; c <= 0xffff; c++) {
        g_autoptr(GString) text = g_string_new(NULL);
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        g_string_append_unichar(text, c);
        g_autofree char *jis = mgk_jis_from_utf8(text->str);
        gsize size = 0;
        g_autofree char *back = jis ? mgk_mail_to_utf8("iso-2022-jp", (guint8 *)jis, strlen(jis), &size) : NULL;
        gboolean twin = strchr("\xe3\xe2\xc2", *text->str) && strstr("〜‖−¢£¬—￣", text->str);
        ck_assert_msg(!back || twin || strcmp(back, text->str) == 0, "U+%04X came back as '%s'", c, back);
        n += jis != NULL;
    }
    ck_assert_msg(n >= 6879, "%u characters", n);
}
END_TEST

START_TEST(test_mail_jis__mails_are_in_jis_where_all_fits)
{
    static const struct {
        const char *subject, *body, *charset, *word, *encoding;
    } rows[] = {
        {"会議の件", "本文です", "charset=ISO-2022-JP", "=?ISO-2022-JP?B?", "7bit"},
        {"plain", "plain words", "charset=ISO-2022-JP", "Subject: plain", "7bit"},
        {"会議①", "本文です", "charset=ISO-2022-JP", "=?UTF-8?B?", "7bit"},
        {"会議の件", "本文① です", "charset=UTF-8", "=?ISO-2022-JP?B?", "base64"},
        {"会議の件", ".\r\n本文です", "charset=ISO-2022-JP", "=?ISO-2022-JP?B?", "base64"},
        {"会議の件", "From 本文です", "charset=ISO-2022-JP", "=?ISO-2022-JP?B?", "base64"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkMailPolicy policy = in_jis();
        g_autofree char *mail = g_strdup_printf("From: 山田 <a@b.example>\r\nSubject: %s\r\nContent-Type: text/plain; "
                                                "charset=utf-8\r\n\r\n%s\r\n",
                                                rows[i].subject, rows[i].body);
        g_auto(Converted) c = convert(mail, strlen(mail), &policy);
        g_autofree char *wire = g_strndup((const char *)c.run->output->data, c.run->output->len);
        g_autofree char *encoding = g_strdup_printf("Content-Transfer-Encoding: %s\r\n", rows[i].encoding);
        g_autofree char *subject = field(&c, "Subject"), *words = body_words(&c);
        g_auto(GStrv) lines = g_strsplit(rows[i].body, "\r\n", -1);
        g_autofree char *want = g_strjoinv("\n", lines);
        ck_assert_msg(strstr(wire, rows[i].charset) && strstr(wire, rows[i].word), "row %zu: %s", i, wire);
        ck_assert_msg(strstr(wire, "From: =?ISO-2022-JP?B?") && strstr(wire, encoding), "row %zu: %s", i, wire);
        ck_assert_str_eq(subject, rows[i].subject);
        ck_assert_str_eq(words, want);
    }
}
END_TEST

START_TEST(test_mail_jis__long_words_are_cut_between_characters)
{
    MgkMailPolicy policy = in_jis();
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 3000; i++)
        g_string_append(text, i % 7 == 0 ? "a" : i % 7 == 3 ? "b c" : "漢");
    g_autofree char *mail =
        g_strdup_printf("Subject: %.*s\r\nFrom: a@b.example\r\n\r\n%s\r\n", 900, text->str, text->str);
    g_auto(Converted) c = convert(mail, strlen(mail), &policy);
    g_autofree char *subject = field(&c, "Subject"), *words = body_words(&c);
    ck_assert_msg(strncmp(subject, text->str, 890) == 0, "got '%s'", subject);
    ck_assert_str_eq(words, text->str);
    g_autofree char *wire = g_strndup((const char *)c.run->output->data, c.run->output->len);
    g_auto(GStrv) lines = g_strsplit(wire, "\r\n", -1);
    for (guint i = 0; lines[i]; i++)
        ck_assert_msg(strlen(lines[i]) <= 76, "a line of %zu", strlen(lines[i]));
}
END_TEST

START_TEST(test_mail_jis__second_look_knows_the_encoding)
{
    static const struct {
        const char *what, *encoding, *text;
        gboolean good;
    } rows[] = {
        {"ours", "7bit", "a\033$BK\\J8\033(Bb\r\n", TRUE},
        {"quoted-printable", "quoted-printable", "a\r\n", FALSE},
        {"line ends shifted", "7bit", "\033$BK\\J8\r\n\033(B\r\n", FALSE},
        {"text ends shifted", "base64", "GyRCS1xKOA==\r\n", FALSE},
        {"half a character", "7bit", "\033$BK\\J\033(B\r\n", FALSE},
        {"row 13", "7bit", "\033$B-!\033(B\r\n", FALSE},
        {"kana set", "7bit", "\033(I123\033(B\r\n", FALSE},
        {"terminal command", "7bit", "\033[31m\r\n", FALSE},
        {"empty shift", "7bit", "a\033(B\r\n", FALSE},
        {"8 bit in base64", "base64", "4w==\r\n", FALSE},
        {"nothing", "base64", "", FALSE},
    };
    g_autoptr(FakeRun) run = fake_run_new();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strdup_printf("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n"
                                                "Content-Transfer-Encoding: %s\r\n\r\n%s",
                                                rows[i].encoding, rows[i].text);
        g_autoptr(GError) error = NULL;
        gboolean good = fake_run_check(run, (const guint8 *)mail, strlen(mail), MGK_FORMAT_ID_eml, &error);
        ck_assert_msg(good == rows[i].good, "%s: %s", rows[i].what, error ? error->message : "accepted");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_jis");
    TCase *tests = tcase_create("mail_jis");
    tcase_add_test(tests, test_mail_jis__writes_what_rfc_1468_has_and_nothing_else);
    tcase_add_test(tests, test_mail_jis__every_character_reads_back);
    tcase_add_test(tests, test_mail_jis__mails_are_in_jis_where_all_fits);
    tcase_add_test(tests, test_mail_jis__long_words_are_cut_between_characters);
    tcase_add_test(tests, test_mail_jis__second_look_knows_the_encoding);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
