#include "engines/detect.h"
#include "formats/formats.h"

#include <check.h>
#include <string.h>

START_TEST(test_detect__extension_is_what_windows_opens)
{
    static const struct {
        const char *name, *want;
    } table[] = {{"a.TXT", "txt"},        {"a.exe. . ", "exe"},      {"dir.x/a", ""}, {"c:\\a.b\\c.Pdf", "pdf"},
                 {"a.hta::$DATA", "hta"}, {"Re: 報告.docx", "docx"}, {"", ""},        {"a.j\xc5\xbf", "js"},
                 {"報告.\xff", "\xff"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = mgk_detect_extension(table[i].name);
        ck_assert_msg(strcmp(got, table[i].want) == 0, "%s: got '%s' want '%s'", table[i].name, got, table[i].want);
    }
}
END_TEST

START_TEST(test_detect__dangerous_names_are_blocked)
{
    static const char *const names[] = {"a.exe",
                                        "A.EXE",
                                        "a.txt.js",
                                        "a.pdf    .scr",
                                        "a.exe.",
                                        "a.exe ",
                                        "desktop.ini",
                                        "x/Desktop.INI",
                                        "AUTORUN.inf",
                                        "folder.htt",
                                        "a.library-ms",
                                        "a.searchConnector-ms",
                                        "a.settingcontent-ms",
                                        "a.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}",
                                        "a.txt:b.exe",
                                        "a.hta::$DATA",
                                        "ann\xe2\x80\xae"
                                        "cod.exe",
                                        "a.iqy",
                                        "a.oqy",
                                        "a.dqy",
                                        "a.rqy",
                                        "a.odc",
                                        "a.udl",
                                        "a.j\xc5\xbf"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        MgkNameVerdict got = mgk_detect_name_verdict(names[i], NULL, MGK_FORMAT_ID_text);
        ck_assert_msg(got.verdict == MGK_VERDICT_BLOCKED && got.reason == MGK_REASON_DANGEROUS_NAME, "%s: got %s",
                      names[i], mgk_verdict_name(got.verdict));
    }
}
END_TEST

START_TEST(test_detect__name_and_content_are_compared)
{
    static const struct {
        const char *name, *declared;
        MgkFormatId format;
        gboolean mismatch, deceptive;
        MgkVerdict verdict;
    } table[] = {
        {"a.txt", NULL, MGK_FORMAT_ID_text, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"a.csv", "text/plain", MGK_FORMAT_ID_csv, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"a.jpeg", "image/jpeg", MGK_FORMAT_ID_jpeg, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"a.JPG", "application/octet-stream", MGK_FORMAT_ID_jpeg, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"a.docm", NULL, MGK_FORMAT_ID_docx, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"README", NULL, MGK_FORMAT_ID_text, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"example.com.txt", NULL, MGK_FORMAT_ID_text, FALSE, FALSE, MGK_VERDICT_CLEANED},
        {"a.docx", NULL, MGK_FORMAT_ID_png, TRUE, FALSE, MGK_VERDICT_CLEANED},
        {"a.png", "image/jpeg", MGK_FORMAT_ID_png, TRUE, FALSE, MGK_VERDICT_CLEANED},
        {"a.xyz", NULL, MGK_FORMAT_ID_text, TRUE, FALSE, MGK_VERDICT_HELD},
        {".bashrc", NULL, MGK_FORMAT_ID_text, TRUE, FALSE, MGK_VERDICT_HELD},
        {"a.docx", NULL, MGK_FORMAT_ID_text, TRUE, FALSE, MGK_VERDICT_HELD},
        {"a.xyz", NULL, MGK_FORMAT_ID_png, TRUE, FALSE, MGK_VERDICT_CLEANED},
        {"a\xe2\x80\xaetxt.png", NULL, MGK_FORMAT_ID_png, FALSE, TRUE, MGK_VERDICT_CLEANED},
        {"setup.exe.png", NULL, MGK_FORMAT_ID_png, FALSE, TRUE, MGK_VERDICT_CLEANED},
        {"a.pdf         .png", NULL, MGK_FORMAT_ID_png, FALSE, TRUE, MGK_VERDICT_CLEANED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkNameVerdict got = mgk_detect_name_verdict(table[i].name, table[i].declared, table[i].format);
        ck_assert_msg(got.mismatch == table[i].mismatch && got.deceptive == table[i].deceptive &&
                          got.verdict == table[i].verdict,
                      "%s: got mismatch %d deceptive %d %s", table[i].name, got.mismatch, got.deceptive,
                      mgk_verdict_name(got.verdict));
    }
}
END_TEST

START_TEST(test_detect__media_type_comes_from_libmagic)
{
    static const guint8 gif[] = "GIF89a\1\0\1\0\0\0\0;";
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_detect_warm(&error), "%s", error ? error->message : "");
    g_autofree char *got = mgk_detect_media_type(gif, sizeof gif - 1), *none = mgk_detect_media_type(gif, 0);
    ck_assert_str_eq(got, "image/gif");
    ck_assert_str_eq(none, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detect");
    TCase *tc = tcase_create("detect");
    tcase_add_test(tc, test_detect__extension_is_what_windows_opens);
    tcase_add_test(tc, test_detect__dangerous_names_are_blocked);
    tcase_add_test(tc, test_detect__name_and_content_are_compared);
    tcase_add_test(tc, test_detect__media_type_comes_from_libmagic);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
