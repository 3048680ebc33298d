/* 一太郎: the text of made-up documents in the profile text, and nothing in the others. */
#include "engines/cfb_write.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

#define CANARY "CANARY-b0c4"
#define SHOWN "\x1c\1\7\x80\x80\3\x1d"  /* \x80 stands for zero */
#define BESIDE "\x1c\1\7\x80\1\x81\x1d" /* \x81 for 0x82 */
#define NOTE "\x1c\1\7\x80\1\x80\x1d"
#define SHUT "\x1e\5\x80\1\x1f"

/* The units of a text in which ASCII controls stand for themselves. Owned by the caller. */
static GByteArray *units_of(const char *text)
{
    GByteArray *bytes = g_byte_array_new();
    for (const char *p = text; *p;) {
        guint8 c = (guint8)*p;
        gunichar code = c == 0x80 ? 0 : c == 0x81 ? 0x82 : g_utf8_get_char(p);
        p = c == 0x80 || c == 0x81 ? p + 1 : g_utf8_next_char(p);
        guint16 pair[2] = {(guint16)code, 0};
        guint n = 1;
        if (code > 0xffff) {
            pair[0] = (guint16)(0xd800 + ((code - 0x10000) >> 10));
            pair[1] = (guint16)(0xdc00 + (code & 0x3ff));
            n = 2;
        }
        for (guint i = 0; i < n; i++) {
            guint8 big[2] = {(guint8)(pair[i] >> 8), (guint8)pair[i]};
            g_byte_array_append(bytes, big, 2);
        }
    }
    return bytes;
}

static GByteArray *document(const GByteArray *units, guint32 claimed, const char *stream)
{
    static const guint8 class[16] = {0};
    guint8 head[32] = "SsmgV.01";
    memcpy(head + 20, "TextV.01", 8);
    for (guint i = 0; i < 4; i++)
        head[28 + i] = (guint8)(claimed >> (24 - 8 * i));
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_byte_array_append(text, head, sizeof head);
    g_byte_array_append(text, units->data, units->len);
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class);
    mgk_cfb_writer_add(writer, stream, text->data, text->len);
    mgk_cfb_writer_add(writer, "DocumentMacro", (const guint8 *)CANARY, strlen(CANARY));
    return mgk_cfb_writer_finish(writer, NULL);
}

static FakeRun *clean(const GByteArray *bytes, MgkProfile profile)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    run->policy.profile = profile;
    gboolean ok = fake_run_clean(run, bytes->data, bytes->len, "文書.jtd", MGK_FORMAT_ID_jtd, &error);
    ck_assert_msg(ok, "%s", ok ? "" : error->message);
    return run;
}

static const struct {
    const char *what, *units, *want;
} rows[] = {
    {"lines", "一行目\n二行目", "一行目\r\n二行目\r\n"},
    {"carriage returns", "a\r\nb\rc", "a\r\nb\r\nc\r\n"},
    {"tabs", "a\tb", "a\tb\r\n"},
    {"a page", "a\fb", "a\r\nb\r\n"},
    {"a row of a table",
     "a\x0e"
     "b",
     "a\r\nb\r\n"},
    {"names of people", "神\xef\xa8\x99𠮟葛\xf3\xa0\x84\x80", "神\xef\xa8\x99𠮟葛\xf3\xa0\x84\x80\r\n"},
    {"a record",
     "a\x1c\x10\6\6\x10\x1f"
     "b",
     "ab\r\n"},
    {"a record whose length lies", "a\x1c\x10\7xyb", "a\x10"},
    {"a ruby", SHOWN "午后" SHUT BESIDE "ごご" SHUT "の授業", "午后(ごご)の授業\r\n"},
    {"an instruction", "a" NOTE CANARY SHUT "b", "ab\r\n"},
    {"an inline text without end", "a" NOTE "b", "ab\r\n"},
    {"marks alone",
     "a\x1d\x1e\x1f"
     "b",
     "ab\r\n"},
    {"controls", "a\1\2\x1b[31mb\xc2\x90", "a[31mb\r\n"},
    {"reading order",
     "a\xe2\x80\xae"
     "b",
     "ab\r\n"},
};

START_TEST(test_jtd__text_crosses_in_its_profile)
{
    g_autoptr(GByteArray) units = units_of(rows[_i].units);
    g_autoptr(GByteArray) bytes = document(units, units->len / 2, "DocumentText");
    g_autoptr(FakeRun) run = clean(bytes, MGK_PROFILE_TEXT);
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: %s", rows[_i].what, run->outcome.detail);
    ck_assert_int_eq(run->outcome.format, MGK_FORMAT_ID_text);
    g_autofree char *got = g_strndup((const char *)run->output->data, run->output->len);
    ck_assert_msg(!strstr(got, CANARY), "%s: %s", rows[_i].what, got);
    g_autofree char *want = g_strconcat("\xef\xbb\xbf", rows[_i].want, NULL);
    gboolean lies = strchr(rows[_i].want, '\x10') != NULL; /* only that it ends */
    ck_assert_msg(lies || strcmp(got, want) == 0, "%s: got '%s'", rows[_i].what, got);
}
END_TEST

START_TEST(test_jtd__what_has_no_text_is_held)
{
    g_autoptr(GByteArray) units = units_of("words");
    g_autoptr(GByteArray) other = document(units, 5, "Other"), odd = document(units, 5, "DocumentText");
    g_autoptr(FakeRun) standard = clean(odd, MGK_PROFILE_STANDARD);
    ck_assert_int_eq(standard->outcome.reason, MGK_REASON_ASK_FOR_PDF);
    g_autoptr(FakeRun) without = clean(other, MGK_PROFILE_TEXT);
    ck_assert_int_eq(without->outcome.reason, MGK_REASON_NO_TEXT);
    guint8 *magic = memmem(odd->data, odd->len, "TextV.01", 8);
    magic[7] = '9';
    g_autoptr(FakeRun) version = clean(odd, MGK_PROFILE_TEXT);
    ck_assert_int_eq(version->outcome.reason, MGK_REASON_NO_TEXT);
    g_autoptr(GByteArray) cut = document(units, 5, "DocumentText");
    g_byte_array_set_size(cut, cut->len / 2);
    g_autoptr(FakeRun) damaged = clean(cut, MGK_PROFILE_TEXT);
    ck_assert_int_eq(damaged->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_jtd__a_claimed_length_is_bounded)
{
    g_autoptr(GByteArray) units = units_of("words");
    g_autoptr(GByteArray) more = document(units, G_MAXUINT32, "DocumentText"),
                          less = document(units, 2, "DocumentText");
    g_autoptr(FakeRun) all = clean(more, MGK_PROFILE_TEXT), two = clean(less, MGK_PROFILE_TEXT);
    ck_assert_ptr_nonnull(memmem(all->output->data, all->output->len, "words", 5));
    ck_assert_ptr_nonnull(memmem(two->output->data, two->output->len, "wo\r\n", 4));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jtd");
    TCase *tests = tcase_create("jtd");
    tcase_add_loop_test(tests, test_jtd__text_crosses_in_its_profile, 0, (int)G_N_ELEMENTS(rows));
    tcase_add_test(tests, test_jtd__what_has_no_text_is_held);
    tcase_add_test(tests, test_jtd__a_claimed_length_is_bounded);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
