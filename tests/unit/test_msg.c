#include "engines/msg_read.h"
#include "mail_forge.h"

static Converted cleaned(const guint8 *data, gsize size, const char *name)
{
    Converted c = {.run = fake_run_new()};
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(c.run, data, size, name, MGK_FORMAT_ID_NONE, &error);
    ck_assert_msg(ok, "%s: %s", name, error ? error->message : "");
    if (!mgk_verdict_crosses(c.run->outcome.verdict))
        return c;
    c.tree = mgk_mime_parse(c.run->output->data, c.run->output->len, NULL);
    c.text = part_text(part_at(c.tree, 0));
    return c;
}

static Converted fixture(const char *name)
{
    g_autofree char *path = g_build_filename(FIXTURES, "msg", name, NULL), *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(path, &data, &size, &error), "%s", error ? error->message : "");
    return cleaned((const guint8 *)data, size, name);
}

static void demand_field(const Converted *c, const char *name, const char *value)
{
    const char *raw = mgk_mime_field(root_of(c), name, NULL);
    g_autofree char *got = raw ? mgk_mail_header_decode(raw) : g_strdup("(none)");
    ck_assert_msg(strcmp(g_strstrip(got), value) == 0, "%s: got %s, want %s", name, got, value);
}

START_TEST(test_msg__keeps_people_date_and_subject)
{
    g_auto(Converted) c = fixture("plain.msg");
    ck_assert_uint_eq(c.run->outcome.verdict, MGK_VERDICT_CONVERTED);
    ck_assert_uint_eq(c.run->outcome.format, MGK_FORMAT_ID_eml);
    demand_field(&c, "From", "青木 花子 <aoki@city.example.jp>");
    demand_field(&c, "To", "総務課 <soumu@city.example.jp>");
    demand_field(&c, "Cc", "高橋 <takahashi@city.example.jp>");
    demand_field(&c, "Date", "Sat, 21 Nov 2026 08:26:59 +0900");
    demand_field(&c, "Subject", "会議の案内");
    demand_field(&c, "Message-ID", "<1@city.example.jp>");
    ck_assert_msg(says(&c, "本文 VISIBLE\n二行目"), "%s", c.text);
    ck_assert(!memmem(c.run->output->data, c.run->output->len, "CANARY", 6));
}
END_TEST

START_TEST(test_msg__takes_the_page_where_it_is_the_body)
{
    g_auto(Converted) c = fixture("page.msg");
    ck_assert_msg(says(&c, "ページの本文 VISIBLE") && !says(&c, "CANARY"), "%s", c.text);
    ck_assert(fake_run_found(c.run, MGK_KIND_MAIL_HIDDEN));
}
END_TEST

START_TEST(test_msg__reads_strings_of_a_code_page)
{
    g_auto(Converted) c = fixture("cp932.msg");
    demand_field(&c, "Subject", "会議の案内");
    ck_assert_msg(says(&c, "本文 VISIBLE ①"), "%s", c.text);
}
END_TEST

START_TEST(test_msg__cleans_every_attachment)
{
    g_auto(Converted) c = fixture("files.msg");
    g_autofree char *memo = part_text(part_at(c.tree, 1)), *notice = part_text(part_at(c.tree, 2));
    ck_assert_str_eq(part_at(c.tree, 1)->name, "議事録.txt");
    ck_assert_msg(strstr(memo, "メモ VISIBLE") != NULL, "%s", memo);
    ck_assert_msg(strstr(notice, "案内.exe") && strstr(notice, "object"), "%s", notice);
    ck_assert(fake_run_found(c.run, MGK_KIND_MEMBER_NOT_CROSSED));
    ck_assert(!memmem(c.run->output->data, c.run->output->len, "Q0FOQVJZ", 8));
}
END_TEST

START_TEST(test_msg__shows_items_inside_in_line)
{
    g_auto(Converted) c = fixture("inside.msg");
    ck_assert_msg(says(&c, "外の本文") && says(&c, "中の件名") && says(&c, "中の本文 VISIBLE"), "%s", c.text);
    ck_assert(fake_run_found(c.run, MGK_KIND_MEMBER_NOT_CROSSED));
}
END_TEST

START_TEST(test_msg__no_property_becomes_a_header_field_or_part)
{
    g_auto(Converted) c = fixture("forged.msg");
    ck_assert_ptr_null(mgk_mime_field(root_of(&c), "Bcc", NULL));
    ck_assert_ptr_null(mgk_mime_field(root_of(&c), "X-Evil", NULL));
    ck_assert_msg(says(&c, "--=_part_00"), "%s", c.text);
}
END_TEST

START_TEST(test_msg__a_body_in_rtf_is_attached)
{
    g_auto(Converted) c = fixture("rtf.msg");
    ck_assert_ptr_nonnull(c.run->report->children);
    ck_assert(mgk_verdict_crosses(c.run->outcome.verdict));
}
END_TEST

START_TEST(test_msg__holds_what_is_nested_without_end)
{
    g_auto(Converted) c = fixture("deep.msg");
    ck_assert_uint_eq(c.run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(c.run->outcome.reason, MGK_REASON_TOO_MANY);
}
END_TEST

/* The example of [MS-OXRTFCP] 4.1.1, and the same with its end cut off. */
START_TEST(test_msg__expands_compressed_rtf)
{
    static const guint8 packed[] = {0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1,
                                    0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32,
                                    0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62,
                                    0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0};
    g_autoptr(GString) rtf = mgk_msg_expand_rtf(packed, sizeof packed);
    ck_assert_ptr_nonnull(rtf);
    ck_assert_str_eq(rtf->str, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    for (gsize size = 0; size < sizeof packed; size++)
        ck_assert_msg(!mgk_msg_expand_rtf(packed, size), "%zu bytes", size);
}
END_TEST

START_TEST(test_msg__winmail_dat_becomes_a_mail)
{
    static const guint8 envelope[] = "\x78\x9f\x3e\x22\1\0"
                                     "\1\7\x90\6\0\x8\0\0\0\xa4\3\0\0\0\0\0\0\xa7\0"
                                     "\1\x0c\x80\2\0\5\0\0\0\x96\x7b\x95\xb6\0\x3c\2";
    g_auto(Converted) c = cleaned(envelope, sizeof envelope - 1, "winmail.dat");
    ck_assert_uint_eq(c.run->outcome.verdict, MGK_VERDICT_CONVERTED);
    ck_assert_msg(says(&c, "本文"), "%s", c.text);
    g_auto(Converted) cut = cleaned(envelope, sizeof envelope - 5, "winmail.dat");
    ck_assert_uint_eq(cut.run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("msg");
    TCase *tc = tcase_create("msg");
    tcase_add_test(tc, test_msg__keeps_people_date_and_subject);
    tcase_add_test(tc, test_msg__takes_the_page_where_it_is_the_body);
    tcase_add_test(tc, test_msg__reads_strings_of_a_code_page);
    tcase_add_test(tc, test_msg__cleans_every_attachment);
    tcase_add_test(tc, test_msg__shows_items_inside_in_line);
    tcase_add_test(tc, test_msg__no_property_becomes_a_header_field_or_part);
    tcase_add_test(tc, test_msg__a_body_in_rtf_is_attached);
    tcase_add_test(tc, test_msg__holds_what_is_nested_without_end);
    tcase_add_test(tc, test_msg__expands_compressed_rtf);
    tcase_add_test(tc, test_msg__winmail_dat_becomes_a_mail);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
