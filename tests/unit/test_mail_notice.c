/* What the notice, the details and the mark of a converted mail tell. */
#include "engines/mail_auth.h"
#include "mail_forge.h"

#define HEAD "From: a@example.com\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n"

static MgkMailPolicy built_in(void)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    return policy.mail;
}

START_TEST(test_mail_notice__results_of_authentication_are_read_from_results_only)
{
    static const struct {
        const char *value, *id;
        MgkAuth want;
    } rows[] = {
        {"mx.example; spf=pass smtp.mailfrom=a@b", "mx.example", MGK_AUTH_PASS},
        {"mx.example 1; spf=fail smtp.mailfrom=a@b", "mx.example", MGK_AUTH_FAIL},
        {"mx.example; none", "mx.example", MGK_AUTH_NONE},
        {"mx.example", "mx.example", MGK_AUTH_NONE},
        {"mx.example; spf=none; dkim=neutral", "mx.example", MGK_AUTH_NONE},
        {"mx.example; spf=fail; dkim=pass; dmarc=pass (p=none)", "mx.example", MGK_AUTH_PASS},
        {"mx.example; spf=pass; dkim=pass; dmarc=fail", "mx.example", MGK_AUTH_FAIL},
        {"mx.example; spf=softfail; dkim=pass", "mx.example", MGK_AUTH_PASS},
        {"mx.example; dkim=fail; dkim=pass", "mx.example", MGK_AUTH_PASS},
        {"mx.example; dkim=pass; dkim=fail", "mx.example", MGK_AUTH_PASS},
        {"mx.example; dkim/1 = pass", "mx.example", MGK_AUTH_PASS},
        {"mx.example; spf=temperror", "mx.example", MGK_AUTH_NONE},
        /* words of the sender */
        {"mx.example; spf=fail smtp.mailfrom=dmarc=pass", "mx.example", MGK_AUTH_FAIL},
        {"mx.example; spf=fail (domain says; dmarc=pass)", "mx.example", MGK_AUTH_FAIL},
        {"mx.example; spf=fail (a \\) (b) ; dmarc=pass) smtp.helo=x", "mx.example", MGK_AUTH_FAIL},
        {"mx.example; spf=fail reason=\"x; dmarc=pass\"", "mx.example", MGK_AUTH_FAIL},
        {"mx.example; spf=fail reason=\"x\\\"; dmarc=pass\"", "mx.example", MGK_AUTH_FAIL},
        {"(c) mx.example; spf=fail header.from=x dkim=pass", "mx.example", MGK_AUTH_FAIL},
        {"", "", MGK_AUTH_NONE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkAuthResults results = {0};
        g_autofree char *id = mgk_mail_auth_read(rows[i].value, &results);
        ck_assert_msg(strcmp(id, rows[i].id) == 0, "%s: id '%s'", rows[i].value, id);
        ck_assert_msg(mgk_mail_auth_judge(&results) == rows[i].want, "%s: got %d", rows[i].value,
                      mgk_mail_auth_judge(&results));
    }
}
END_TEST

START_TEST(test_mail_notice__authentication_is_told_where_somebody_checks)
{
    static const struct {
        const char *ids, *fields, *want;
    } rows[] = {{"mx.example", "Authentication-Results: mx.example; spf=pass\r\n", "送信元認証: 成功"},
                {"mx.example", "Authentication-Results: mx.example; spf=fail\r\n", "送信元認証: 失敗"},
                {"mx.example", "", "送信元認証: なし"},
                {"mx.example", "Authentication-Results: evil.example; spf=pass\r\n", "送信元認証: なし"},
                {"", "Authentication-Results: mx.example; spf=pass\r\n", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkMailPolicy policy = built_in();
        g_strlcpy(policy.authserv_ids, rows[i].ids, sizeof policy.authserv_ids);
        g_autofree char *mail = g_strconcat(rows[i].fields, HEAD "\r\nwords\r\n", NULL);
        g_auto(Converted) c = convert(mail, strlen(mail), &policy);
        const char *end = strstr(c.text, "\n\n"), *at = strstr(c.text, rows[i].want ? rows[i].want : "送信元認証");
        ck_assert_msg((at && at < end) == (rows[i].want != NULL), "row %zu: %s", i, c.text);
    }
}
END_TEST

START_TEST(test_mail_notice__id_stands_in_mark_and_details_and_not_in_the_body)
{
    static const char mail[] =
        HEAD "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.bat\r\n\r\n"
             "@echo off\r\n";
    MgkMailPolicy policy = built_in();
    g_strlcpy(policy.id, "20261120-4f1", sizeof policy.id);
    policy.mixed_profiles = TRUE;
    g_auto(Converted) c = convert(mail, sizeof mail - 1, &policy);
    g_autofree char *marker = field(&c, "X-Mugaika"), *details = part_text(part_at(c.tree, 1));
    ck_assert_msg(g_str_has_suffix(marker, "; id=20261120-4f1") && strstr(marker, "(strictest)"), "got '%s'", marker);
    ck_assert_msg(strstr(details, "保管番号: 20261120-4f1"), "got '%s'", details);
    ck_assert_ptr_null(strstr(c.text, "20261120-4f1"));
    ck_assert_ptr_nonnull(strstr(c.text, "最も厳しい方針"));
}
END_TEST

START_TEST(test_mail_notice__stands_last_by_policy_and_stays_short)
{
    static const char mail[] = "Authentication-Results: mx.example; spf=fail\r\nSubject: a\r\nSubject: b\r\n" HEAD
                               "Content-Type: text/html\r\n\r\n<p>words<p style=display:none>hidden</p><a "
                               "href=http://evil.example>http://good.example</a><form><input type=password>\r\n";
    for (guint last = 0; last < 2; last++) {
        MgkMailPolicy policy = built_in();
        policy.notice = last;
        policy.mixed_profiles = TRUE;
        g_strlcpy(policy.daily_word, "ほたる", sizeof policy.daily_word);
        g_strlcpy(policy.authserv_ids, "mx.example", sizeof policy.authserv_ids);
        g_auto(Converted) c = convert(mail, sizeof mail - 1, &policy);
        const char *frame = strstr(c.text, "┃【無害化】"), *words = strstr(c.text, "words");
        guint lines = 0;
        for (const char *p = strstr(c.text, "┃"); p; p = strstr(p + 1, "┃"))
            lines++;
        ck_assert_msg(frame && words && (frame > words) == last, "last %u: '%s'", last, c.text);
        ck_assert_msg(lines >= 3 && lines <= 4, "last %u: %u lines", last, lines);
        ck_assert_ptr_nonnull(strstr(frame, "ほたる"));
    }
}
END_TEST

START_TEST(test_mail_notice__cautions_stand_in_the_notice_and_remarks_in_the_details)
{
    static const char png[] =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    static const struct {
        const char *what, *head, *body, *notice, *details;
    } rows[] = {
        {"own name", "From: \"city.example.lg.jp\" <x@evil.example>\r\n", "x", "庁内を名乗って", "x@evil.example"},
        {"look-alike", "From: x@c1ty.example.lg.jp\r\n", "x", "似せてあります", "c1ty.example.lg.jp"},
        {"other address", "From: \"b@bank.example\" <x@evil.example>\r\n", "x", "別のアドレス", NULL},
        {"gaiji", "", "\xee\x80\x80", NULL, "U+E000"},
        {"soft hyphen", "",
         "a\xc2\xad"
         "b",
         NULL, "見えない文字"},
        {"bidi", "",
         "a\xe2\x80\xae"
         "b",
         "文字の並びを変える記号", NULL},
        {"mixed host", "", "http://b\xd0\xb0nk.example/", "見分けにくい文字を使ったリンク", "xn--bnk-6cd.example"},
        {"user as host", "", "http://city.lg.jp@evil.example/", "行き先の異なるリンク", "city.lg.jp@evil.example"},
        {"page with a form", "Content-Type: text/html\r\n", "x<form><input type=password></form>", "パスワードの入力欄",
         NULL},
        {"page with hidden words", "Content-Type: text/html\r\n", "x<i style='display:none'>y</i>",
         "見えない文字がありました", NULL},
        {"page with trackers", "Content-Type: text/html\r\n", "x<img src=http://a.example/1 width=1 height=1>", NULL,
         "外部から読み込む画像"},
        {"bad date", "Date: tomorrow\r\n", "x", NULL, "日付が読み取れません"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkMailPolicy policy = built_in();
        g_strlcpy(policy.own_domains, "city.example.lg.jp", sizeof policy.own_domains);
        gboolean from = g_str_has_prefix(rows[i].head, "From"), typed = g_str_has_prefix(rows[i].head, "Content");
        g_autofree char *mail =
            g_strdup_printf("%s%s%sMIME-Version: 1.0\r\n\r\n%s\r\n", rows[i].head, from ? "" : "From: a@b.example\r\n",
                            typed ? "" : "Content-Type: text/plain; charset=utf-8\r\n", rows[i].body);
        g_auto(Converted) c = convert(mail, strlen(mail), &policy);
        g_autofree char *notice = g_strndup(c.text, (gsize)(body(&c) - c.text));
        g_autofree char *details = part_at(c.tree, 1) ? part_text(part_at(c.tree, 1)) : g_strdup("");
        ck_assert_msg(!rows[i].notice || strstr(notice, rows[i].notice), "%s: got '%s'", rows[i].what, notice);
        ck_assert_msg(!rows[i].details || strstr(details, rows[i].details), "%s: got '%s'", rows[i].what, details);
        ck_assert_msg(rows[i].notice || !strstr(notice, "ご注意"), "%s: got '%s'", rows[i].what, notice);
    }
    g_autofree char *logo =
        g_strdup_printf(HEAD "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html"
                             "\r\n\r\nx<img src=cid:1>\r\n--b\r\nContent-Type: image/png; name=logo.png\r\n"
                             "Content-ID: <1>\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n",
                        png);
    g_auto(Converted) c = convert(logo, strlen(logo), NULL);
    g_autofree char *details = part_text(part_at(c.tree, 1));
    ck_assert_msg(strstr(details, "小さな画像") && strstr(details, "logo.png"), "got '%s'", details);
    ck_assert_uint_eq(c.tree->root->children->len, 2);
}
END_TEST

START_TEST(test_mail_notice__speaks_english_by_policy)
{
    static const char mail[] =
        HEAD "Subject: a\r\nSubject: b\r\nContent-Type: application/octet-stream; name=a.bat\r\n\r\n@echo off\r\n";
    MgkMailPolicy policy = built_in();
    policy.language = 1;
    g_strlcpy(policy.daily_word, "firefly", sizeof policy.daily_word);
    g_auto(Converted) c = convert(mail, sizeof mail - 1, &policy);
    g_autofree char *details = part_text(part_at(c.tree, 1));
    ck_assert_msg(strstr(c.text, "[Sanitized]") && strstr(c.text, "Today's word: firefly"), "got '%s'", c.text);
    ck_assert_msg(strstr(details, "Result of sanitizing") && strstr(details, "Programs and scripts never cross"),
                  "got '%s'", details);
    ck_assert_ptr_null(strstr(details, "バイト"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_notice");
    TCase *tests = tcase_create("mail_notice");
    tcase_add_test(tests, test_mail_notice__results_of_authentication_are_read_from_results_only);
    tcase_add_test(tests, test_mail_notice__authentication_is_told_where_somebody_checks);
    tcase_add_test(tests, test_mail_notice__id_stands_in_mark_and_details_and_not_in_the_body);
    tcase_add_test(tests, test_mail_notice__cautions_stand_in_the_notice_and_remarks_in_the_details);
    tcase_add_test(tests, test_mail_notice__speaks_english_by_policy);
    tcase_add_test(tests, test_mail_notice__stands_last_by_policy_and_stays_short);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
