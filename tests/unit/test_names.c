#include "model/names.h"

#include <check.h>
#include <string.h>

typedef struct Row {
    const char *in, *arg, *want;
} Row;

START_TEST(test_names__display_is_one_harmless_line)
{
    static const Row table[] = {
        {"報告書.docx", "", "報告書.docx"},
        {"a\nb\tc\x1b[31m", "", "a\\x0Ab\\x09c\\x1B[31m"},
        {"photo\xE2\x80\xAEgpj.exe", "", "photo\\u{202E}gpj.exe"},
        {"a\xE2\x80\x8B"
         "b",
         "", "a\\u{200B}b"},
        {"bad\xff\x83", "", "bad\\xFF\\x83"},
        {"cut \xE6\xBC", "", "cut \\xE6\\xBC"},
        {"葛\xF3\xA0\x84\x80城", "", "葛\xF3\xA0\x84\x80城"},
        {"外字\xEE\x80\x80", "", "外字\xEE\x80\x80"},
        {"a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81", "", "a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\\u{0301}"},
        {"line\xE2\x80\xA8sep", "", "line\\u{2028}sep"},
        {"", "", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_names_display(table[i].in, -1, 0);
        ck_assert_msg(strcmp(got, table[i].want) == 0, "row %u: got '%s' want '%s'", i, got, table[i].want);
    }
    g_autofree char *nul = mgk_names_display("a\0b", 3, 0);
    ck_assert_str_eq(nul, "a\\x00b");
    g_autofree char *none = mgk_names_display(NULL, -1, 10);
    ck_assert_str_eq(none, "");
}
END_TEST

START_TEST(test_names__display_is_cut_by_columns)
{
    static const struct {
        const char *in;
        gsize columns;
        const char *want;
    } table[] = {
        {"abcdef", 6, "abcdef"},
        {"abcdef", 5, "abcd…"},
        {"漢字漢字", 8, "漢字漢字"},
        {"漢字漢字", 7, "漢字漢…"},
        {"漢字漢字", 6, "漢字…"},
        {"\x01\x01\x01", 6, "\\x01…"},
        {"ab", 1, "…"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_names_display(table[i].in, -1, table[i].columns);
        ck_assert_msg(strcmp(got, table[i].want) == 0, "row %u: got '%s' want '%s'", i, got, table[i].want);
    }
}
END_TEST

START_TEST(test_names__extension_is_what_windows_sees)
{
    static const Row table[] = {
        {"a.DOCX", "", "docx"},          {"a", "", ""},          {"a.", "", ""},  {"a.exe. .", "", "exe"},
        {"a.pdf.exe", "", "exe"},        {".bat", "", "bat"},    {"", "", ""},    {"a.exe::$DATA", "", "exe"},
        {"報告.令和6年", "", "令和6年"}, {"a.\xff", "", "\xff"}, {"...", "", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_names_extension(table[i].in);
        ck_assert_msg(strcmp(got, table[i].want) == 0, "'%s': got '%s' want '%s'", table[i].in, got, table[i].want);
    }
}
END_TEST

START_TEST(test_names__with_extension_gives_the_true_one)
{
    static const Row table[] = {
        {"報告.docm", "docx", "報告.docx"},
        {"報告.DOCX", "docx", "報告.DOCX"},
        {"報告.docx . ", "docx", "報告.docx"},
        {"報告", "pdf", "報告.pdf"},
        {"invoice.pdf.exe", "pdf", "invoice.pdf.pdf"},
        {"資料.tar.gz", "zip", "資料.zip"},
        {"資料.TAR.bz2", "zip", "資料.zip"},
        {".tar.gz", "zip", ".tar.zip"},
        {"資料.tar.gz", "txt", "資料.tar.txt"},
        {"議事録 R6.10", "docx", "議事録 R6.10.docx"},
        {"Mr. Smith report", "txt", "Mr. Smith report.txt"},
        {"x.settingcontent-ms", "txt", "x.settingcontent-ms.txt"},
        {".bat", "txt", ".bat.txt"},
        {".txt", "txt", ".txt.txt"},
        {"...", "txt", "file.txt"},
        {"", "txt", "file.txt"},
        {"\x83\x65.xlsm", "xlsx", "\x83\x65.xlsx"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_names_with_extension(table[i].in, table[i].arg);
        ck_assert_msg(strcmp(got, table[i].want) == 0, "'%s': got '%s' want '%s'", table[i].in, got, table[i].want);
    }
}
END_TEST

START_TEST(test_names__numbers_stand_before_the_extension)
{
    static const Row table[] = {
        {"報告.docx", "", "報告 (2).docx"}, {"報告", "", "報告 (2)"}, {"R6.10", "", "R6.10 (2)"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_names_numbered(table[i].in, 2);
        ck_assert_str_eq(got, table[i].want);
    }
    g_autoptr(GString) name = g_string_new("x");
    while (name->len < 248)
        g_string_append(name, "漢");
    g_string_append(name, ".docx");
    g_autofree char *got = mgk_names_numbered(name->str, 1234);
    ck_assert_uint_le(strlen(got), 255);
    ck_assert_uint_gt(strlen(got), 251);
    ck_assert(g_utf8_validate(got, -1, NULL) && g_str_has_suffix(got, "漢 (1234).docx"));
}
END_TEST

/* 3-byte characters, 4-byte characters and letters with marks, with every offset of the cut. */
START_TEST(test_names__long_names_are_cut_on_a_character)
{
    static const char *const units[] = {"漢", "𠮷", "葛\xF3\xA0\x84\x80", "か\xE3\x82\x99", "a"};
    for (guint u = 0; u < G_N_ELEMENTS(units); u++) {
        for (guint shift = 0; shift < 8; shift++) {
            g_autoptr(GString) name = g_string_new(NULL);
            for (guint i = 0; i < shift; i++)
                g_string_append_c(name, 'x');
            while (name->len < 300)
                g_string_append(name, units[u]);
            g_string_append(name, ".docm");
            g_autofree char *got = mgk_names_with_extension(name->str, "docx");
            gsize length = strlen(got);
            ck_assert_msg(length <= 255 && length > 255 - 8, "unit %u shift %u: %zu bytes", u, shift, length);
            ck_assert_msg(g_utf8_validate(got, -1, NULL), "unit %u shift %u: no UTF-8", u, shift);
            ck_assert_msg(g_str_has_suffix(got, ".docx"), "unit %u shift %u: '%s'", u, shift, got);
            ck_assert_msg((length - 5 - shift) % strlen(units[u]) == 0, "unit %u shift %u: mark torn off", u, shift);
            g_autofree char *safe = mgk_names_safe_component(name->str);
            ck_assert_msg(strlen(safe) <= 255 && g_str_has_suffix(safe, ".docm"), "unit %u: '%s'", u, safe);
        }
    }
}
END_TEST

START_TEST(test_names__safe_component_can_be_created_anywhere)
{
    static const Row table[] = {
        {"../../etc/passwd", "", "passwd"},
        {"..\\..\\evil.txt", "", "evil.txt"},
        {"C:\\Windows\\a.txt", "", "a.txt"},
        {"C:a.txt", "", "a.txt"},
        {"..", "", "file"},
        {"", "", "file"},
        {"/", "", "file"},
        {" . . ", "", "file"},
        {"nul", "", "_nul"},
        {"NUL.txt", "", "_NUL.txt"},
        {"con .txt", "", "_con .txt"},
        {"COM1", "", "_COM1"},
        {"com10", "", "com10"},
        {"LPT².x", "", "_LPT².x"},
        {"console.txt", "", "console.txt"},
        {"a.txt:evil.exe", "", "a.txt_evil.exe"},
        {"a<b>|?*\".txt", "", "a_b_____.txt"},
        {"a\x01"
         "b\n.txt. ",
         "", "ab.txt"},
        {"photo\xE2\x80\xAEgpj.exe", "", "photogpj.exe"},
        {"か\xE3\x82\x99"
         "は\xE3\x82\x9A.txt",
         "", "がぱ.txt"},
        {"e\xCC\x81.txt", "", "é.txt"},
        {"\xEF\xA8\x99社.txt", "", "\xEF\xA8\x99社.txt"},
        {"葛\xF3\xA0\x84\x80.txt", "", "葛\xF3\xA0\x84\x80.txt"},
        {"👨\xE2\x80\x8D👩.txt", "", "👨\xE2\x80\x8D👩.txt"},
        {"a\xE2\x80\x8D"
         "b.txt",
         "", "ab.txt"},
        {"\xff.txt", "", "\xEF\xBF\xBD.txt"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_names_safe_component(table[i].in);
        ck_assert_msg(strcmp(got, table[i].want) == 0, "'%s': got '%s' want '%s'", table[i].in, got, table[i].want);
    }
}
END_TEST

START_TEST(test_names__to_utf8_replaces_only_what_is_invalid)
{
    g_autofree char *good = mgk_names_to_utf8("漢字", -1), *bad = mgk_names_to_utf8("a\xff"
                                                                                    "b",
                                                                                    -1);
    g_autofree char *nul = mgk_names_to_utf8("a\0b", 3), *none = mgk_names_to_utf8(NULL, -1);
    ck_assert_str_eq(good, "漢字");
    ck_assert_str_eq(bad, "a\xEF\xBF\xBD"
                          "b");
    ck_assert_str_eq(nul, "a\xEF\xBF\xBD"
                          "b");
    ck_assert_str_eq(none, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *tc = tcase_create("names");
    tcase_add_test(tc, test_names__display_is_one_harmless_line);
    tcase_add_test(tc, test_names__display_is_cut_by_columns);
    tcase_add_test(tc, test_names__extension_is_what_windows_sees);
    tcase_add_test(tc, test_names__with_extension_gives_the_true_one);
    tcase_add_test(tc, test_names__numbers_stand_before_the_extension);
    tcase_add_test(tc, test_names__long_names_are_cut_on_a_character);
    tcase_add_test(tc, test_names__safe_component_can_be_created_anywhere);
    tcase_add_test(tc, test_names__to_utf8_replaces_only_what_is_invalid);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
