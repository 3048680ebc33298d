#include "fake_job.h"

#include <check.h>
#include <string.h>

typedef struct Row {
    const char *what, *in, *want;
    gsize in_size, want_size;
    MgkKind kind; /* MGK_N_KINDS: no finding */
} Row;

#define ROW(what, in, want, kind) \
    { \
        what, in, want, sizeof in - 1, sizeof want - 1, kind \
    }
#define SAME(what, bytes) ROW(what, bytes, bytes, MGK_N_KINDS)

static void run_rows(const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        gboolean ok =
            fake_run_clean(run, (const guint8 *)rows[i].in, rows[i].in_size, "a.txt", MGK_FORMAT_ID_NONE, &error);
        ck_assert_msg(ok && run->outcome.verdict == MGK_VERDICT_CLEANED, "%s: %s %s", rows[i].what,
                      mgk_verdict_name(run->outcome.verdict), error ? error->message : run->outcome.detail);
        ck_assert_msg(
            run->output->len == rows[i].want_size && memcmp(run->output->data, rows[i].want, rows[i].want_size) == 0,
            "%s: got '%.*s' (%u bytes)", rows[i].what, (int)run->output->len, run->output->data, run->output->len);
        ck_assert_msg(run->report->findings->len == (rows[i].kind != MGK_N_KINDS), "%s: got %u findings", rows[i].what,
                      run->report->findings->len);
        ck_assert_msg(rows[i].kind == MGK_N_KINDS || fake_run_found(run, rows[i].kind), "%s: kind", rows[i].what);
    }
}

START_TEST(test_text__ordinary_texts_stay_byte_for_byte)
{
    static const Row rows[] = {
        SAME("ascii", "Hello\r\nWorld\t1\n"),
        SAME("no end of line", "007"),
        SAME("form feed", "page 1\fpage 2\n"),
        SAME("utf-8", "無害化、ｱｲｳ①髙﨑\n"),
        SAME("utf-8 mark", "\xef\xbb\xbf無害化\r\n"),
        SAME("cp932", "\x93\xfa\x96\x7b\x8c\xea\x87\x40\xfb\xfc\xb1\xb2\xb3\r\n"),
        SAME("euc-jp", "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xc7\xa4\xb9\xad\xa1\n"),
        SAME("iso-2022-jp", "a\033$BF|K\\8l-!\033(B\r\n\033(I123\033(B b\n"),
        SAME("utf-16le mark", "\xff\xfe\x42\x30\x0d\x00\x0a\x00"),
        SAME("utf-16be mark", "\xfe\xff\x30\x42\x00\x0a"),
        SAME("utf-16le no mark", "\x42\x30\x44\x30\x2c\x00\x31\x00\x0a\x00\x46\x30"),
        SAME("latin", "caf\xe9 M\xfcnchen\n"),
        SAME("ideographic variation", "\xe8\x91\x9b\xf3\xa0\x84\x80城市\n"),
        SAME("compatibility ideograph", "\xef\xa8\x99\n"),
        SAME("private use", "\xee\x80\x80\n"),
        SAME("emoji family", "👨\xe2\x80\x8d👩\xe2\x80\x8d👧 1\xef\xb8\x8f\xe2\x83\xa3\n"),
        SAME("persian", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\n"),
        SAME("formula in prose", "=SUM(A1)\n"),
    };
    run_rows(rows, G_N_ELEMENTS(rows));
}
END_TEST

START_TEST(test_text__what_nobody_sees_goes)
{
    static const Row rows[] = {
        ROW("nul-free control",
            "a\x01"
            "b\n",
            "ab\n", MGK_KIND_TEXT_CONTROL),
        ROW("dos end of file", "abc\r\n\x1a", "abc\r\n", MGK_KIND_TEXT_CONTROL),
        ROW("c1", "あ\xc2\x85い\n", "あい\n", MGK_KIND_TEXT_CONTROL),
        ROW("colour", "a\033[31mred\033[0m\n", "ared\n", MGK_KIND_TEXT_ESCAPE),
        ROW("title", "a\033]0;evil\007b\n", "ab\n", MGK_KIND_TEXT_ESCAPE),
        ROW("lone escape", "a\033cb\n", "acb\n", MGK_KIND_TEXT_ESCAPE),
        ROW("open title", "a\033]0;x\nb\n", "a]0;x\nb\n", MGK_KIND_TEXT_ESCAPE),
        ROW("override",
            "a\xe2\x80\xae"
            "cod.exe\n",
            "acod.exe\n", MGK_KIND_TEXT_BIDI),
        ROW("zero width", "pass\xe2\x80\x8bword\n", "password\n", MGK_KIND_TEXT_INVISIBLE),
        ROW("mark inside",
            "a\xef\xbb\xbf"
            "b\n",
            "ab\n", MGK_KIND_TEXT_INVISIBLE),
        ROW("joiner between kanji", "山\xe2\x80\x8d田\n", "山田\n", MGK_KIND_TEXT_INVISIBLE),
        ROW("selector smuggling", "☺\xef\xb8\x8f\xef\xb8\x81\xef\xb8\x82\n", "☺\xef\xb8\x8f\n",
            MGK_KIND_TEXT_INVISIBLE),
        ROW("tags", "a\xf3\xa0\x81\x81\xf3\xa0\x81\x82\n", "a\n", MGK_KIND_TEXT_TAG),
        ROW("utf-16", "\xff\xfe\x42\x30\x0b\x20\x0a\x00", "\xff\xfe\x42\x30\x0a\x00", MGK_KIND_TEXT_INVISIBLE),
        ROW("cp932 control", "\x93\xfa\x07\x96\x7b\n", "\x93\xfa\x96\x7b\n", MGK_KIND_TEXT_CONTROL),
        ROW("iso-2022-jp control", "\033$BF|\033(B\x07!\n", "\033$BF|\033(B!\n", MGK_KIND_TEXT_CONTROL),
    };
    run_rows(rows, G_N_ELEMENTS(rows));
}
END_TEST

START_TEST(test_text__doubtful_encodings_do_not_cross)
{
    static const struct {
        const char *what, *in;
        gsize size;
    } rows[] = {{"empty", "", 0},
                {"utf-8 with one broken byte", "無害化無害化無害化無害化\xff\n", 38},
                {"utf-32", "\xff\xfe\0\0a\0\0\0", 8},
                {"line ends in JIS", "\033$BF|\nF|\033(B\n", 12},
                {"binary", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e", 20},
                {"utf-16 half", "\xff\xfe\x42\x30\x0a", 5}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        gboolean ok = fake_run_clean(run, (const guint8 *)rows[i].in, rows[i].size, "a.txt", MGK_FORMAT_ID_text, NULL);
        ck_assert_msg(!ok || !mgk_verdict_crosses(run->outcome.verdict), "%s crossed", rows[i].what);
    }
}
END_TEST

START_TEST(test_text__policy_holds)
{
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_TEXT_BIDI] = MGK_ACTION_HOLD;
    static const char in[] = "a\xe2\x80\xae"
                             "b\n";
    ck_assert(fake_run_clean(run, (const guint8 *)in, sizeof in - 1, "a.txt", MGK_FORMAT_ID_text, NULL));
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_text__check_refuses_what_clean_removes)
{
    static const char *const rows[] = {"a\x01",
                                       "a\033[0m",
                                       "a\xe2\x80\xae",
                                       "a\xe2\x80\x8b",
                                       "x\xef\xbb\xbf",
                                       "a\xf3\xa0\x81\x81",
                                       "山\xef\xb8\x8f\xef\xb8\x8f",
                                       "a\xe2\x80\x8d",
                                       "あ\xc2\x9b"
                                       "1m",
                                       "\x93\xfa\x7f"};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert_msg(!fake_run_check(run, (const guint8 *)rows[i], strlen(rows[i]), MGK_FORMAT_ID_text, NULL),
                      "row %u passed", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tc = tcase_create("text");
    tcase_add_test(tc, test_text__ordinary_texts_stay_byte_for_byte);
    tcase_add_test(tc, test_text__what_nobody_sees_goes);
    tcase_add_test(tc, test_text__doubtful_encodings_do_not_cross);
    tcase_add_test(tc, test_text__policy_holds);
    tcase_add_test(tc, test_text__check_refuses_what_clean_removes);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
