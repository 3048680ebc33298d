/* Which header fields cross, and how they are written. */
#include "engines/mail_fields.h"
#include "mail_forge.h"

#define BODY "\r\nwords\r\n"

START_TEST(test_mail_header__known_fields_stay_and_all_others_go)
{
    static const struct {
        const char *name, *value, *want; /* NULL: gone */
    } rows[] = {
        {"From", "Taro <a@b.example>", "Taro <a@b.example>"},
        {"Sender", "c@b.example", "c@b.example"},
        {"Reply-To", "d@b.example", "d@b.example"},
        {"Cc", "e@b.example, f@b.example", "e@b.example, f@b.example"},
        {"Message-ID", "<1.2@b.example>", "<1.2@b.example>"},
        {"In-Reply-To", "<0@b.example> and words", "<0@b.example>"},
        {"References", "<0@b.example>\r\n\t<1@b.example>", "<0@b.example> <1@b.example>"},
        {"Auto-Submitted", "auto-replied", "auto-replied"},
        {"Precedence", "bulk", "bulk"},
        {"Precedence", "<script>", NULL},
        {"List-Id", "Our list <l.b.example>", "Our list <l.b.example>"},
        {"Date", "Fri, 20 Nov 2026 10:00:00 +0900", "Fri, 20 Nov 2026 10:00:00 +0900"},
        {"Bcc", "secret@b.example", NULL},
        {"Return-Path", "<x@b.example>", NULL},
        {"Disposition-Notification-To", "x@b.example", NULL},
        {"Return-Receipt-To", "x@b.example", NULL},
        {"X-Confirm-Reading-To", "x@b.example", NULL},
        {"List-Unsubscribe", "<http://evil.example>", NULL},
        {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click", NULL},
        {"DKIM-Signature", "v=1; d=b.example", NULL},
        {"ARC-Seal", "i=1", NULL},
        {"Authentication-Results", "mx.b.example; spf=pass", NULL},
        {"X-Spam-Flag", "NO", NULL},
        {"X-Mugaika-Id", "forged", NULL},
        {"Content-Location", "http://evil.example", NULL},
        {"Resent-From", "x@b.example", NULL},
        {"Autocrypt", "addr=x", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail =
            g_strdup_printf("%s: %s\r\nMIME-Version: 1.0\r\nTo: z@b.example\r\n" BODY, rows[i].name, rows[i].value);
        g_auto(Converted) c = convert(mail, strlen(mail), NULL);
        guint count = 0;
        g_autofree char *got = field(&c, rows[i].name);
        mgk_mime_field(root_of(&c), rows[i].name, &count);
        ck_assert_msg(count == (rows[i].want ? 1 : 0), "%s: %u times", rows[i].name, count);
        ck_assert_msg(!rows[i].want || strcmp(got, rows[i].want) == 0, "%s: got '%s'", rows[i].name, got);
        g_autofree char *wire = g_strndup((const char *)c.run->output->data, c.run->output->len);
        ck_assert_msg(rows[i].want || !strstr(wire, rows[i].value), "%s: its value is still there", rows[i].name);
    }
}
END_TEST

START_TEST(test_mail_header__dates_are_read_as_people_write_them)
{
    static const struct {
        const char *in, *want; /* NULL: none */
    } rows[] = {
        {"Fri, 20 Nov 2026 10:00:00 +0900", "Fri, 20 Nov 2026 10:00:00 +0900"},
        {"20 Nov 2026 10:00 +0900", "Fri, 20 Nov 2026 10:00:00 +0900"},
        {"Mon, 20 Nov 2026 10:00:00 +0900 (JST)", "Fri, 20 Nov 2026 10:00:00 +0900"}, /* the wrong day of the week */
        {"Fri, 20 Nov 26 10:00:00 JST", "Fri, 20 Nov 2026 10:00:00 +0900"},
        {"Fri, 20 Nov 99 10:00:00 GMT", "Sat, 20 Nov 1999 10:00:00 +0000"},
        {"Fri Nov 20 10:00:00 2026", "Fri, 20 Nov 2026 10:00:00 -0000"},
        {"Fri, 31 Dec 2027 23:59:60 +0000", "Fri, 31 Dec 2027 23:59:59 +0000"},
        {"Fri, 20 Nov 2026 10:00:00 +9999", "Fri, 20 Nov 2026 10:00:00 -0000"},
        {"31 Feb 2026 10:00:00 +0900", NULL},
        {"20 Nov 2026 25:00:00 +0900", NULL},
        {"20 Nov 2026", NULL},
        {"tomorrow", NULL},
        {"", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = mgk_mail_date(rows[i].in);
        ck_assert_msg(g_strcmp0(got, rows[i].want) == 0, "%s: got '%s'", rows[i].in, got ? got : "none");
    }
}
END_TEST

START_TEST(test_mail_header__traces_are_capped)
{
    g_autoptr(GString) mail = g_string_new(NULL);
    for (guint i = 0; i < 100; i++)
        g_string_append_printf(mail, "Received: from h%u by x; Fri, 20 Nov 2026 10:00:00 +0900\r\n", i);
    g_string_append(mail, "From: a@b.example\r\n" BODY);
    g_auto(Converted) c = convert(mail->str, mail->len, NULL);
    guint count = 0;
    const char *first = mgk_mime_field(c.tree->root, "Received", &count);
    ck_assert_uint_eq(count, 30);
    ck_assert_ptr_nonnull(strstr(first, "from h0 by x"));
}
END_TEST

START_TEST(test_mail_header__bcc_and_long_names_do_not_reach_the_notice)
{
    g_autoptr(GString) mail = g_string_new("From: a@b.example\r\nBcc: secret@b.example\r\nMIME-Version: 1.0\r\n"
                                           "Content-Type: application/octet-stream; name=\"");
    for (guint i = 0; i < 60; i++)
        g_string_append(mail, "長");
    g_string_append(mail, "】.bat\"\r\n\r\n@echo off\r\n");
    g_auto(Converted) c = convert(mail->str, mail->len, NULL);
    g_autofree char *details = part_text(part_at(c.tree, 1));
    ck_assert_ptr_null(strstr(c.text, "secret"));
    ck_assert_ptr_null(strstr(details, "secret"));
    const char *name = strstr(c.text, "「"), *end = strstr(c.text, "」");
    ck_assert_msg(name && end && end - name <= 3 * 24, "got '%s'", c.text);
    const char *listed = strstr(details, "「"), *last = strstr(details, "」");
    ck_assert_msg(listed && last && last - listed <= 3 * 44 && strstr(listed, "…"), "got '%s'", details);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_header");
    TCase *tests = tcase_create("mail_header");
    tcase_add_test(tests, test_mail_header__known_fields_stay_and_all_others_go);
    tcase_add_test(tests, test_mail_header__dates_are_read_as_people_write_them);
    tcase_add_test(tests, test_mail_header__traces_are_capped);
    tcase_add_test(tests, test_mail_header__bcc_and_long_names_do_not_reach_the_notice);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
