/* SYLK and DIF: their cells come out as CSV, and nothing that a spreadsheet would run. */
#include "fake_job.h"

#include <check.h>
#include <string.h>

#define MARK "\xef\xbb\xbf"
#define NONE MGK_N_KINDS
#define DIF "TABLE\r\n0,1\r\n\"CANARY\"\r\nVECTORS\r\n0,2\r\n\"\"\r\nTUPLES\r\n0,2\r\n\"\"\r\nDATA\r\n0,0\r\n\"\"\r\n"
#define BOT "-1,0\r\nBOT\r\n"
#define EOD "-1,0\r\nEOD\r\n"

static const struct {
    const char *name, *in, *out; /* out NULL: held */
    MgkKind kind;
} rows[] = {
    {"a.slk", "ID;PWXL;N;E\r\nC;Y1;X1;K\"a\"\r\nC;X2;K1.5\r\nE\r\n", "a,1.5\r\n", NONE},
    {"a.slk", "ID;P\nC;Y2;X2;K\"a\"\nE\n", "\r\n,a\r\n", NONE},
    {"a.slk", "ID;P\nC;Y2;X1;K2\nC;Y1;X1;K1\nE\n", "1\r\n2\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K1\nC;Y1;X1;K2\nE\n", "2\r\n", NONE},
    {"a.slk", "ID;P\nF;Y1;X3;FG0G\nC;K1\nE\n", ",,1\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K\"a;;b\"\nE\n", "\"a;b\"\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K\"a\"\"b\"\nE\n", "\"a\"\"b\"\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K\"a\x1b :b\"\nE\n", "\"a\nb\"\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;KTRUE\nC;X2;K#N/A\nE\n", "TRUE,#N/A\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K3;ER[1]C+R[2]C\nE\n", "3\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K\"\x95\x5c\x8f\x94\"\nC;X2;K\"\x82\xa0\"\nE\n", "表諸,あ\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1;K\"漢字\"\nE\nC;Y2;X1;K\"CANARY\"\n", "漢字\r\n", NONE},
    {"a.csv", "ID;P\nC;Y1;X1;K\"a\"\nE\n", "a\r\n", NONE},
    {"a.slk", "ID;P\nO;L;E\nC;Y1;X1;K0;EEXEC(\"CANARY\")\nE\n", "0\r\n", MGK_KIND_MACRO_SHEET},
    {"a.slk", "ID;P\nC;Y1;X1;K0;EEXEC(\"CANARY\")\nE\n", "0\r\n", MGK_KIND_FORMULA_DANGEROUS},
    {"a.slk", "ID;P\nC;Y1;X1;K0;ECALL(\"CANARY\",\"x\")\nE\n", "0\r\n", MGK_KIND_FORMULA_DANGEROUS},
    {"a.slk", "ID;P\nC;Y1;X1;K0;Ecmd|'/c CANARY'!A1\nE\n", "0\r\n", MGK_KIND_FORMULA_DANGEROUS},
    {"a.slk", "ID;P\nC;Y1;X1;K0;EWEBSERVICE(\"http://CANARY\")\nE\n", "0\r\n", MGK_KIND_FORMULA_DANGEROUS},
    {"a.slk", "ID;P\nC;Y1;X1;K0;E'C:\\[CANARY.xls]S'!R1C1\nE\n", "0\r\n", MGK_KIND_FORMULA_EXTERNAL},
    {"a.slk", "ID;P\nC;Y1;X1;K0;ECANARY(1)\nE\n", "0\r\n", MGK_KIND_FORMULA_UNKNOWN},
    {"a.slk", "ID;P\nNN;NAuto_open;ER1C1;F\nC;Y1;X1;K0\nE\n", "0\r\n", MGK_KIND_MACRO_NAME},
    {"a.slk", "ID;P\nNE;ECANARY.xls;SA1\nC;Y1;X1;K0\nE\n", "0\r\n", MGK_KIND_FORMULA_EXTERNAL},
    {"a.slk", "ID;P\nC;Y1;X1;K\"=cmd|'/c x'!A1\"\nE\n", "\"'=cmd|'/c x'!A1\"\r\n", MGK_KIND_CSV_FORMULA},
    {"a.slk", "ID;P\nC;Y1;X1;K\"@SUM(1)\"\nE\n", "'@SUM(1)\r\n", MGK_KIND_CSV_FORMULA},
    {"a.slk", "ID;P\nC;Y1;X1;K\"ok\"\nP;PCANARY\nW;NCANARY\nE\n", "ok\r\n", NONE},
    {"a.slk", "ID;P\nC;Y1;X1\nE\n", NULL, NONE},
    {"a.slk", "ID;P\nE\n", NULL, NONE},
    {"a.slk", "ID;P\nC;Y1048577;X1;K1\nE\n", NULL, NONE},
    {"a.slk", "ID;P\nC;Y1;X16385;K1\nE\n", NULL, NONE},
    {"a.slk", "ID;P\nC;Y0;X1;K1\nE\n", NULL, NONE},
    {"a.slk", "ID;P\nC;Y99999999999999999999999;X1;K1\nE\n", NULL, NONE},
    {"a.dif", DIF BOT "1,0\r\n\"a\"\r\n0,1.5\r\nV\r\n" BOT "0,2\r\nV\r\n" EOD, "a,1.5\r\n2\r\n", NONE},
    {"a.dif", DIF BOT "1,0\r\na b\r\n0,0\r\nTRUE\r\n0,0\r\nNA\r\n" EOD, "a b,TRUE,NA\r\n", NONE},
    {"a.dif", DIF BOT "1,0\r\n\"a \"\"b\"\"\"\r\n" EOD, "\"a \"\"b\"\"\"\r\n", NONE},
    {"a.dif", DIF BOT "1,0\r\n=cmd|'/c x'!A1\r\n" EOD, "\"'=cmd|'/c x'!A1\"\r\n", MGK_KIND_CSV_FORMULA},
    {"a.dif", DIF BOT "1,0\r\n\"a\"\r\n" EOD "CANARY\r\n", "a\r\n", NONE},
    {"a.dif", DIF EOD, NULL, NONE},
    {"a.dif", DIF BOT "1,0\r\n\"a\"\r\n", NULL, NONE},
    {"a.dif", DIF BOT "7,0\r\n\"a\"\r\n" EOD, NULL, NONE},
    {"a.dif", DIF "1,0\r\n\"a\"\r\n" EOD, NULL, NONE},
    {"a.dif", "TABLE\r\n0,1\r\n\"\"\r\nDATA\r\n", NULL, NONE},
};

START_TEST(test_sylk__cells_become_csv)
{
    const char *in = rows[_i].in, *name = rows[_i].name;
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert_msg(fake_run_clean(run, (const guint8 *)in, strlen(in), name, MGK_FORMAT_ID_NONE, &error), "%s: %s", in,
                  error ? error->message : "");
    ck_assert_msg((run->outcome.verdict == MGK_VERDICT_CONVERTED) == (rows[_i].out != NULL), "%s: %s", in,
                  run->outcome.detail);
    ck_assert_msg(rows[_i].kind == NONE || fake_run_found(run, rows[_i].kind), "%s: no finding", in);
    if (!rows[_i].out)
        return;
    ck_assert_int_eq(run->outcome.format, MGK_FORMAT_ID_csv);
    g_autofree char *want = g_strconcat(MARK, rows[_i].out, NULL);
    g_autofree char *got = g_strndup((const char *)run->output->data, run->output->len);
    ck_assert_msg(strcmp(got, want) == 0, "%s: got '%s', want '%s'", in, got, want);
}
END_TEST

START_TEST(test_sylk__a_table_of_separators_is_held)
{
    g_autoptr(GString) text = g_string_new("ID;P\n");
    for (guint row = 1; row <= 10000; row++)
        g_string_append_printf(text, "C;Y%u;X16384;K1\n", row);
    g_string_append(text, "E\n");
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, (const guint8 *)text->str, text->len, "a.slk", MGK_FORMAT_ID_sylk, NULL));
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_BOMB);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sylk");
    TCase *tests = tcase_create("sylk");
    tcase_add_loop_test(tests, test_sylk__cells_become_csv, 0, (int)G_N_ELEMENTS(rows));
    tcase_add_test(tests, test_sylk__a_table_of_separators_is_held);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
