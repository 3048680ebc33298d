/* Numbers as a Japanese Excel shows them. Expected values: by the rules of ISO/IEC 29500-1, 18.8.31, worked out by
 * hand. */
#include "engines/sheet_format.h"

#include <check.h>

static const struct {
    const char *code;
    double number;
    const char *want;
} numbers[] = {
    {NULL, 12000, "12000"},
    {"General", 1.5, "1.5"},
    {"General", 0.1, "0.1"},
    {"0", 2.6, "3"},
    {"0", -0.4, "0"},
    {"00000", 42, "00042"},
    {"0.00", 3.14159, "3.14"},
    {"#.##", 0.5, ".5"},
    {"#,##0", 1234567, "1,234,567"},
    {"#,##0", 999, "999"},
    {"#,##0;[Red]-#,##0", -1234, "-1,234"},
    {"#,##0_);(#,##0)", -1234, "(1,234)"},
    {"#,##0;△ #,##0", -1234, "△ 1,234"},
    {"#,##0,", 1234567, "1,235"},
    {"0%", 0.256, "26%"},
    {"0.0%", 0.256, "25.6%"},
    {"0.00E+00", 12345, "1.23E+04"},
    {"\"¥\"#,##0", 500, "¥500"},
    {"[$¥-411]#,##0", 500, "¥500"},
    {"#,##0\"円\"", 98000, "98,000円"},
    {"0;0;\"なし\"", 0, "なし"},
    {";;;", 5, ""},
    {"# ?/?", 0.5, "0.5"},
    {"[>=100]0.0;0", 150, "150"},
    {"@", 7, "7"},
    {"yyyy/m/d", 45383, "2024/4/1"},
    {"yyyy\"年\"m\"月\"d\"日\"", 45383, "2024年4月1日"},
    {"[$-411]ggge\"年\"m\"月\"d\"日\";@", 45383, "令和6年4月1日"},
    {"[$-411]ggge年m月d日", 43585, "平成31年4月30日"},
    {"[$-411]ggge年m月d日", 43586, "令和1年5月1日"},
    {"[$-411]ge.m.d", 32516, "H1.1.8"},
    {"gggee年", 45383, "令和06年"},
    {"m月d日(aaa)", 45383, "4月1日(月)"},
    {"aaaa", 45383, "月曜日"},
    {"ddd d mmm yy", 45383, "Mon 1 Apr 24"},
    {"h:mm", 0.5, "12:00"},
    {"h:mm AM/PM", 0.75, "6:00 PM"},
    {"[h]:mm", 1.5, "36:00"},
    {"mm:ss.0", 0.000732, "01:03.2"},
    {"yyyy/m/d h:mm", 45383.999999, "2024/4/2 0:00"},
    {"yyyy/m/d", 1, "1900/1/1"},
    {"yyyy/m/d", -1, "-1"},
    {"Qn", 3, "3"},
    {"\"abc", 3, "abc"},
    {"[", 3, "3"},
};

START_TEST(test_sheet_format__numbers)
{
    g_autofree char *got = mgk_sheet_format_number(numbers[_i].number, numbers[_i].code, FALSE);
    ck_assert_msg(g_strcmp0(got, numbers[_i].want) == 0, "%s of %g: got “%s”, want “%s”", numbers[_i].code,
                  numbers[_i].number, got, numbers[_i].want);
}
END_TEST

START_TEST(test_sheet_format__epoch_of_1904)
{
    g_autofree char *got = mgk_sheet_format_number(0, "yyyy/m/d", TRUE);
    ck_assert_str_eq(got, "1904/1/1");
}
END_TEST

START_TEST(test_sheet_format__texts)
{
    static const struct {
        const char *code, *text, *want;
    } rows[] = {{NULL, "甲", "甲"}, {"0;0;0;@\"様\"", "山田", "山田様"}, {";;;", "秘密", ""}, {"0;-0", "甲", "甲"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = mgk_sheet_format_text(rows[i].text, rows[i].code);
        ck_assert_msg(g_str_equal(got, rows[i].want), "%s: got “%s”, want “%s”", rows[i].code, got, rows[i].want);
    }
}
END_TEST

START_TEST(test_sheet_format__builtins_of_japan)
{
    g_autofree char *era = mgk_sheet_format_number(45383, mgk_sheet_format_builtin(58), FALSE);
    ck_assert_str_eq(era, "令和6年4月1日");
    ck_assert_ptr_null(mgk_sheet_format_builtin(0));
    ck_assert_ptr_null(mgk_sheet_format_builtin(49));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("sheet_format");
    tcase_add_loop_test(tcase, test_sheet_format__numbers, 0, (int)G_N_ELEMENTS(numbers));
    tcase_add_test(tcase, test_sheet_format__epoch_of_1904);
    tcase_add_test(tcase, test_sheet_format__texts);
    tcase_add_test(tcase, test_sheet_format__builtins_of_japan);
    Suite *suite = suite_create("sheet_format");
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
