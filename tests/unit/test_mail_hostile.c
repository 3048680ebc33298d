/* Mails built to mislead, to exhaust, or to pass for something else. */
#include "engines/mail_address.h"
#include "mail_forge.h"

#include "checks/checks.h"

#define HEAD "From: a@example.com\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n"

static MgkMailPolicy policy_with(const char *own, const char *word, const char *tag)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    g_strlcpy(policy.mail.own_domains, own, sizeof policy.mail.own_domains);
    g_strlcpy(policy.mail.daily_word, word, sizeof policy.mail.daily_word);
    g_strlcpy(policy.mail.subject_tag, tag, sizeof policy.mail.subject_tag);
    return policy.mail;
}

/* # in a piece is its number. */
static GString *repeat(const char *head, const char *piece, guint times, const char *tail)
{
    GString *mail = g_string_new(head);
    for (guint i = 0; i < times; i++) {
        for (const char *p = piece; *p; p++) {
            if (*p == '#')
                g_string_append_printf(mail, "%u", i);
            else
                g_string_append_c(mail, *p);
        }
    }
    g_string_append(mail, tail);
    return mail;
}

START_TEST(test_mail_hostile__long_parameter_name_ends)
{
    /* the parser's own encoder of parameters would never end */
    g_autoptr(GString) mail = g_string_new(HEAD "Content-Type: multipart/mixed; ");
    for (guint i = 0; i < 35; i++)
        g_string_append(mail, "\xc3\xa9");
    g_string_append(mail, "=x\r\n\r\nwords\r\n");
    g_auto(Converted) c = convert(mail->str, mail->len, NULL);
    ck_assert_ptr_nonnull(strstr(c.text, "words"));
}
END_TEST

START_TEST(test_mail_hostile__bounds_hold)
{
    static const struct {
        const char *what, *head, *piece;
        guint times;
        const char *tail;
        MgkReason want;
    } rows[] = {
        {"200 parts", HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n", 190, "--b--\r\n",
         MGK_REASON_NONE},
        {"200,000 parts", HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\n\r\n", 200000,
         "--b--\r\n", MGK_REASON_TOO_MANY},
        {"nested 1,000 deep", HEAD "Content-Type: multipart/mixed; boundary=b\r\n",
         "\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n", 1000, "\r\n", MGK_REASON_TOO_DEEP},
        {"mails in mails", HEAD "Content-Type: message/rfc822\r\n\r\n",
         "Subject: #\r\nContent-Type: message/rfc822\r\n\r\n", 1000, "\r\nx\r\n", MGK_REASON_TOO_DEEP},
        {"header of 60,000 bytes", HEAD "Subject: ", "word#-# ", 5000, "\r\n\r\nx\r\n", MGK_REASON_NONE},
        {"header of 60,000 bytes without a space", HEAD "Subject: ", "word#-#-", 5000, "\r\n\r\nx\r\n",
         MGK_REASON_NONE},
        {"10,000 addresses", "Cc: a@example.com", ",\r\n n# <a#@example.com>", 10000, "\r\n" HEAD "\r\nx\r\n",
         MGK_REASON_NONE},
        {"20,000 fields", HEAD, "X-#: #\r\n", 20000, "\r\nx\r\n", MGK_REASON_NONE},
        {"5,000 parameters", HEAD "Content-Type: text/plain", ";\r\n p#=#", 5000, "\r\n\r\nx\r\n", MGK_REASON_NONE},
        {"100,000 references", HEAD "References:", "\r\n <#@x#.example>", 20000, "\r\n\r\nx\r\n", MGK_REASON_NONE},
        {"one line of 1 MB", HEAD "\r\n", "word##", 100000, "\r\n", MGK_REASON_NONE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) mail = repeat(rows[i].head, rows[i].piece, rows[i].times, rows[i].tail);
        gint64 begin = g_get_monotonic_time();
        g_auto(Converted) c = convert(mail->str, mail->len, NULL);
        ck_assert_msg(c.run->outcome.reason == rows[i].want, "%s: %s", rows[i].what,
                      mgk_reason_name(c.run->outcome.reason));
        ck_assert_msg(g_get_monotonic_time() - begin < 20 * G_USEC_PER_SEC, "%s: slow", rows[i].what);
    }
}
END_TEST

START_TEST(test_mail_hostile__nothing_is_injected)
{
    static const char *const rows[] = {
        "Subject: =?UTF-8?Q?a=0D=0AX-Evil:_b?=\r\n",
        "Subject: a\r\n X-Evil: b\r\n",
        "Subject: a\rX-Evil: b\r\n",
        "From: =?UTF-8?Q?=0D=0AX-Evil:_b?= <a@example.com>\r\n",
        "From: \"a\\\r\nX-Evil: b\" <a@example.com>\r\n",
        "From: <a@example.com\r\nX-Evil: b>\r\n",
        "Message-ID: <a@b\r\nX-Evil: b>\r\n",
        "Date: Fri, 20 Nov 2026 10:00:00 +0900\r\nX-Evil: b\r\n",
        "X-Evil: b\r\n",
        "X-Mugaika: sanitized; X-Evil: b\r\n",
        "DKIM-Signature: X-Evil: b\r\n",
        "List-Id: a\r\n <b\r\nX-Evil: b>\r\n",
        "Received: from x\r\n\tX-Evil: b; Fri, 20 Nov 2026 10:00:00 +0900\r\n",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strconcat(rows[i], "To: b@example.com\r\nMIME-Version: 1.0\r\n\r\nx\r\n", NULL);
        g_auto(Converted) c = convert(mail, strlen(mail), NULL);
        guint count = 0;
        mgk_mime_field(root_of(&c), "X-Evil", &count);
        ck_assert_msg(count == 0, "row %zu: %.*s", i, (int)c.run->output->len, c.run->output->data);
        mgk_mime_field(root_of(&c), "X-Mugaika", &count);
        ck_assert_msg(count == 1, "row %zu: %u marks", i, count);
    }
}
END_TEST

START_TEST(test_mail_hostile__fields_given_twice_are_pointed_out)
{
    static const char *const rows[] = {
        "From: a@example.com\r\nFrom: c@example.com\r\n",
        "From: a@example.com\r\nSubject: a\r\nSubject: b\r\n",
        "From: a@example.com\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n",
        "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=a; boundary=b\r\n",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strconcat(rows[i], "MIME-Version: 1.0\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", NULL);
        g_auto(Converted) c = convert(mail, strlen(mail), NULL);
        ck_assert_msg(fake_run_found(c.run, MGK_KIND_MAIL_AMBIGUOUS), "row %zu", i);
    }
}
END_TEST

START_TEST(test_mail_hostile__notice_is_first_and_short_and_cannot_be_imitated)
{
    static const char mail[] =
        HEAD "Subject: [M] hi 【無害化】\r\n\r\n┃【無害化】本日の合言葉: さくら\r\n  ┃ more\r\n> 【無害化】 "
             "quoted\r\nplain\r\n";
    MgkMailPolicy policy = policy_with("", "ほたる", "[M]");
    g_auto(Converted) c = convert(mail, sizeof mail - 1, &policy);
    g_autofree char *subject = field(&c, "Subject");
    ck_assert_str_eq(subject, "[M] hi");
    ck_assert_ptr_nonnull(strstr(c.text, "ほたる"));
    ck_assert_ptr_nonnull(strstr(body(&c), "│ ┃【無害化】"));
    ck_assert_ptr_nonnull(strstr(body(&c), "\n│   ┃ more\n│ > 【無害化】"));
    ck_assert_ptr_nonnull(strstr(body(&c), "\nplain\n"));
    ck_assert(g_str_has_prefix(c.text, "┃【無害化】"));
    guint lines = 0;
    for (const char *p = c.text; p < body(&c); p++)
        lines += *p == '\n';
    ck_assert_msg(lines <= 5, "%u lines with the empty one", lines);
    ck_assert(fake_run_found(c.run, MGK_KIND_MAIL_IMITATION));
}
END_TEST

START_TEST(test_mail_hostile__senders_are_judged)
{
    static const struct {
        const char *from, *own;
        MgkSender want;
    } rows[] = {
        {"Taro <taro@example.com>", "city.example.lg.jp", MGK_SENDER_HONEST},
        {"taro@city.example.lg.jp", "city.example.lg.jp", MGK_SENDER_HONEST},
        {"\"taro@city.example.lg.jp\" <taro@city.example.lg.jp>", "city.example.lg.jp", MGK_SENDER_HONEST},
        {"\"taro@sub.example.com\" <taro@example.com>", "", MGK_SENDER_HONEST},
        {"\"mayor@bank.example\" <x@evil.example>", "", MGK_SENDER_OTHER_ADDRESS},
        {"\"mayor\xef\xbc\xa0"
         "bank.example\" <x@evil.example>",
         "", MGK_SENDER_OTHER_ADDRESS},
        {"=?UTF-8?Q?mayor=40bank.example?= <x@evil.example>", "", MGK_SENDER_OTHER_ADDRESS},
        {"\"City (city.example.lg.jp)\" <x@evil.example>", "city.example.lg.jp", MGK_SENDER_OWN_NAME},
        {"x@c1ty.example.lg.jp", "city.example.lg.jp", MGK_SENDER_LOOKALIKE},
        {"x@city-example.lg.jp", "city.example.lg.jp", MGK_SENDER_HONEST},
        {"x@city.examp1e.lg.jp", "city.example.lg.jp", MGK_SENDER_LOOKALIKE},
        {"x@city.exarnple.lg.jp", "city.example.lg.jp", MGK_SENDER_LOOKALIKE},
        {"x@city.example.lg.jp.evil.example", "city.example.lg.jp", MGK_SENDER_LOOKALIKE},
        {"x@\xd1\x81ity.example.lg.jp", "city.example.lg.jp", MGK_SENDER_LOOKALIKE},
        {"x@b\xd0\xb0nk.example", "", MGK_SENDER_MIXED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) list = mgk_mail_addresses_parse(rows[i].from);
        ck_assert_uint_eq(list->len, 1);
        MgkSender got = mgk_mail_sender_judge(g_ptr_array_index(list, 0), rows[i].own);
        ck_assert_msg(got == rows[i].want, "%s: got %d, want %d", rows[i].from, got, rows[i].want);
    }
}
END_TEST

START_TEST(test_mail_hostile__addresses_are_written_strictly)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        {"a@b.example", "a@b.example"},
        {"Taro Yamada <a@b.example>", "Taro Yamada <a@b.example>"},
        {"\"Yamada, Taro\" <a@b.example>, c@d.example", "\"Yamada, Taro\" <a@b.example>, c@d.example"},
        {"a@b.example (Taro)", "Taro <a@b.example>"},
        {"Staff: a@b.example, c@d.example;", "a@b.example, c@d.example"},
        {"undisclosed-recipients:;", ""},
        {"<<a@b.example>>", "a@b.example"},
        {"taro..x.@b.example", "\"taro..x.\"@b.example"},
        {"a b@c.example", "\"a b@c.example\":;"},
        {"=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <a@b.example>", "=?UTF-8?B?5bGx55Sw?= <a@b.example>"},
        {"\"=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=\" <a@b.example>", "=?UTF-8?B?5bGx55Sw?= <a@b.example>"},
        {"\x1b$B;3ED\x1b(B <a@b.example>", "=?UTF-8?B?5bGx55Sw?= <a@b.example>"},
        {"\xe5\xb1\xb1@b.example", "=?UTF-8?B?5bGxQGIuZXhhbXBsZQ==?=:;"},
        {"x <a@b.example\n>", "x <a@b.example>"},
        {"=?UTF-8?B?PT9VVEYtOD9RP2E/PQ==?= <a@b.example>", "=?UTF-8?B?PT9VVEYtOD9RP2E/PQ==?= <a@b.example>"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) list = mgk_mail_addresses_parse(rows[i].in);
        g_autofree char *got = mgk_mail_addresses_write(NULL, list);
        ck_assert_msg(strcmp(got, rows[i].want) == 0, "%s: got '%s', want '%s'", rows[i].in, got, rows[i].want);
    }
}
END_TEST

START_TEST(test_mail_hostile__links_by_policy)
{
    static const struct {
        guint mode;
        const char *want;
    } rows[] = {{0, "see https://a.example/x?y=1 and hint"},
                {1, "see hxxps://a[.]example/x?y=1 and hint"},
                {2, "see （リンク削除） and hint"}};
    static const char mail[] = HEAD "\r\nsee https://a.example/x?y=1 and hint\r\n";
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkMailPolicy policy = policy_with("", "", "");
        policy.links = rows[i].mode;
        g_auto(Converted) c = convert(mail, sizeof mail - 1, &policy);
        g_autofree char *got = body_words(&c);
        ck_assert_str_eq(got, rows[i].want);
    }
}
END_TEST

START_TEST(test_mail_hostile__only_own_marks_of_others_stay)
{
    static const char mail[] = "Authentication-Results: mx.own.example; spf=fail smtp.mailfrom=a@b.example\r\n"
                               "Authentication-Results: mx.evil.example; spf=pass\r\nX-Spam-Flag: YES\r\n"
                               "X-Other: secret\r\nX-Mugaika: sanitized; forged\r\n" HEAD "\r\nx\r\n";
    MgkMailPolicy policy = policy_with("", "", "");
    g_strlcpy(policy.trusted_headers, "X-Spam-Flag X-Mugaika Received-SPF", sizeof policy.trusted_headers);
    g_strlcpy(policy.authserv_ids, "mx.own.example", sizeof policy.authserv_ids);
    g_auto(Converted) c = convert(mail, sizeof mail - 1, &policy);
    g_autofree char *results = field(&c, "Authentication-Results"), *flag = field(&c, "X-Spam-Flag");
    g_autofree char *other = field(&c, "X-Other"), *marker = field(&c, "X-Mugaika");
    guint count = 0;
    mgk_mime_field(root_of(&c), "Authentication-Results", &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_msg(g_str_has_prefix(results, "mx.own.example; spf=fail"), "got '%s'", results);
    ck_assert_str_eq(flag, "YES");
    ck_assert_str_eq(other, "");
    ck_assert_msg(!strstr(marker, "forged"), "got '%s'", marker);
    ck_assert_ptr_nonnull(strstr(c.text, "送信元認証: 失敗"));
}
END_TEST

START_TEST(test_mail_hostile__second_look_refuses_what_is_not_ours)
{
    static const char good[] = "Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                               "Content-Transfer-Encoding: 7bit\r\n\r\nwords\r\n";
    static const struct {
        const char *what, *from, *to;
    } rows[] = {
        {"bare line feed", "words\r\n", "words\n"},
        {"8 bit", "words", "w\xc3\xb6rds"},
        {"foreign field", "Subject", "Subjekt"},
        {"field twice", "Subject: a\r\n", "Subject: a\r\nSubject: b\r\n"},
        {"html", "text/plain", "text/html"},
        {"other charset", "UTF-8", "UTF-7"},
        {"other encoding", "7bit", "8bit"},
        {"no version", "MIME-Version: 1.0\r\n", ""},
        {"hidden in base64", "7bit\r\n\r\nwords\r\n", "base64\r\n\r\n4oCu\r\n"},
        {"not base64", "7bit\r\n\r\nwords\r\n", "base64\r\n\r\n....\r\n"},
        {"broken escape", "7bit\r\n\r\nwords\r\n", "quoted-printable\r\n\r\n=XX\r\n"},
        {"parts that stop before the text",
         "text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nwords\r\n",
         "multipart/mixed;\r\n boundary=\"=_mgk_0123456789abcdef0123\"\r\n\r\n--=_mgk_0123456789abcdef0123\r\n"},
        {"null byte", "7bit\r\n\r\nwords\r\n", "quoted-printable\r\n\r\n=00\r\n"},
    };
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_check(run, (const guint8 *)good, sizeof good - 1, MGK_FORMAT_ID_eml, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) around = g_strsplit(good, rows[i].from, 2);
        g_autofree char *bad = g_strjoinv(rows[i].to, around);
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!fake_run_check(run, (const guint8 *)bad, strlen(bad), MGK_FORMAT_ID_eml, &error), "%s",
                      rows[i].what);
        ck_assert_msg(error != NULL, "%s: no error", rows[i].what);
    }
}
END_TEST

START_TEST(test_mail_hostile__second_look_refuses_foreign_files)
{
    static const struct {
        const char *what, *type, *name, *bytes;
        gboolean crosses;
    } rows[] = {
        {"text", "application/octet-stream", "a.txt", "d29yZHM=", TRUE},
        {"script by name", "application/octet-stream", "a.js", "d29yZHM=", FALSE},
        {"no ending", "application/octet-stream", "a", "d29yZHM=", FALSE},
        {"held kind", "application/octet-stream", "a.jtd", "d29yZHM=", FALSE},
        {"type", "text/html", "a.txt", "d29yZHM=", FALSE},
        {"program", "application/octet-stream", "a.txt", "f0VMRgIBAQA=", FALSE},
        {"compound file", "application/octet-stream", "a.xlsx", "0M8R4KGxGuE=", FALSE},
        {"old workbook", "application/vnd.ms-excel", "a.xls", "0M8R4KGxGuE=", TRUE},
        {"read, never written: document", "application/octet-stream", "a.doc", "d29yZHM=", FALSE},
        {"read, never written: macros", "application/octet-stream", "a.docm", "d29yZHM=", FALSE},
        {"read, never written: picture", "application/octet-stream", "a.bmp", "d29yZHM=", FALSE},
        {"read, never written: archive", "application/octet-stream", "a.lzh", "d29yZHM=", FALSE},
        {"type of what is never written", "application/msword", "a.docx", "d29yZHM=", FALSE},
        {"path", "application/octet-stream", "../a.txt", "d29yZHM=", FALSE},
        {"words about markup", "application/octet-stream", "a.txt", "YSA8c2NyaXB0Pg==", TRUE}, /* a <script> */
        {"markup in a picture", "image/png", "a.png", "YSA8c2NyaXB0Pg==", FALSE},
        {"rich text as text", "application/octet-stream", "a.txt", "e1xydGYxfQ==", FALSE},      /* {\\rtf1} */
        {"PDF in a document", "application/octet-stream", "a.docx", "ICAlUERGLTEuNw==", FALSE}, /* %PDF-1.7 */
    };
    g_autoptr(FakeRun) run = fake_run_new();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strdup_printf(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"=_mgk_0123456789abcdef0123\"\r\n\r\n"
            "--=_mgk_0123456789abcdef0123\r\nContent-Type: text/plain; charset=UTF-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n\r\nwords\r\n--=_mgk_0123456789abcdef0123\r\nContent-Type: %s;\r\n"
            " name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n"
            " filename=\"%s\"\r\n\r\n%s\r\n--=_mgk_0123456789abcdef0123--\r\n",
            rows[i].type, rows[i].name, rows[i].name, rows[i].bytes);
        g_autoptr(GError) error = NULL;
        gboolean got = fake_run_check(run, (const guint8 *)mail, strlen(mail), MGK_FORMAT_ID_eml, &error);
        ck_assert_msg(got == rows[i].crosses, "%s: %s", rows[i].what, error ? error->message : "crosses");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_hostile");
    TCase *tests = tcase_create("mail_hostile");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_mail_hostile__long_parameter_name_ends);
    tcase_add_test(tests, test_mail_hostile__bounds_hold);
    tcase_add_test(tests, test_mail_hostile__nothing_is_injected);
    tcase_add_test(tests, test_mail_hostile__fields_given_twice_are_pointed_out);
    tcase_add_test(tests, test_mail_hostile__notice_is_first_and_short_and_cannot_be_imitated);
    tcase_add_test(tests, test_mail_hostile__senders_are_judged);
    tcase_add_test(tests, test_mail_hostile__addresses_are_written_strictly);
    tcase_add_test(tests, test_mail_hostile__links_by_policy);
    tcase_add_test(tests, test_mail_hostile__only_own_marks_of_others_stay);
    tcase_add_test(tests, test_mail_hostile__second_look_refuses_what_is_not_ours);
    tcase_add_test(tests, test_mail_hostile__second_look_refuses_foreign_files);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
