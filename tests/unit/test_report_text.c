#include "model/report_text.h"
#include "model/words.h"

#include <check.h>
#include <string.h>

static void find(MgkReport *report, MgkKind kind, MgkAction action, guint count, const char *detail)
{
    g_autofree char *copy = g_strdup(detail);
    const MgkFinding finding = {.kind = kind, .action = action, .count = count, .detail = copy};
    mgk_report_find(report, &finding, 100);
}

static MgkReport *cleaned(const char *name)
{
    MgkReport *report = mgk_report_new(name);
    report->verdict = MGK_VERDICT_CLEANED;
    report->reason = MGK_REASON_NONE;
    return report;
}

static void expect(const MgkReport *report, const MgkReportContext *context, const char *want)
{
    g_autofree char *got = mgk_report_text(report, context);
    ck_assert_msg(strcmp(got, want) == 0, "got:\n%swant:\n%s", got, want);
}

START_TEST(test_report_text__nothing_worth_a_clerks_time_is_one_line)
{
    g_autoptr(MgkReport) report = cleaned("a.txt");
    find(report, MGK_KIND_METADATA, MGK_ACTION_REMOVE, 5, "Canon");
    const MgkReportContext context = {.input = "dir/a.txt", .output = "/o/cleaned/a.txt"};
    expect(report, &context, "「a.txt」 変化なし（危険因子除去済） → 「/o/cleaned/a.txt」\n");
}
END_TEST

START_TEST(test_report_text__changes_are_listed_by_what_was_done)
{
    g_autoptr(MgkReport) report = cleaned("報告.docm");
    find(report, MGK_KIND_TRAILING_DATA, MGK_ACTION_REMOVE, 1, "");
    find(report, MGK_KIND_LINK_DANGEROUS, MGK_ACTION_REMOVE, 2, "");
    find(report, MGK_KIND_EMBEDDED_FILE, MGK_ACTION_REPLACE, 1, "");
    find(report, MGK_KIND_NAME_MISMATCH, MGK_ACTION_KEEP, 1, "");
    expect(report, NULL,
           "「報告.docm」 要確認（危険因子除去済）\n"
           "  取り除いたもの: プログラムの実行や共有フォルダーへの接続につながるリンク（2）、ファイル末尾の隠しデータ"
           "／置き換えたもの: 埋め込みファイル\n"
           "  ご確認ください: ファイル名と中身の不一致\n");
}
END_TEST

START_TEST(test_report_text__signers_are_marked_unverified)
{
    g_autoptr(MgkReport) report = cleaned("契約.pdf");
    find(report, MGK_KIND_SIGNATURE_LOST, MGK_ACTION_REMOVE, 1, "小諸市長\n");
    expect(report, NULL,
           "「契約.pdf」 一部変更（危険因子除去済）\n"
           "  取り除いたもの: 電子署名（作り直しにより失われます）『小諸市長\\x0A（未検証）』\n");
}
END_TEST

START_TEST(test_report_text__held_files_say_why)
{
    g_autoptr(MgkReport) report = mgk_report_new("秘密.xlsx");
    report->reason = MGK_REASON_ENCRYPTED;
    g_free(report->reason_detail);
    report->reason_detail = g_strdup("engineer's words");
    expect(report, NULL, "「秘密.xlsx」 要確認（保留）\n  理由: パスワードで保護されています。\n");
    g_free(report->format);
    report->format = g_strdup("xlsx");
    expect(report, NULL, "「秘密.xlsx」 要確認（保留）\n  理由: パスワードで保護されています。（Excel ブック）\n");
    report->reason = MGK_REASON_POLICY;
    find(report, MGK_KIND_TRAILING_DATA, MGK_ACTION_HOLD, 1, "");
    expect(report, NULL,
           "「秘密.xlsx」 要確認（保留）\n  理由: 設定（ポリシー）により保留しました。（ファイル末尾の隠しデータ）\n"
           "  見つかったもの: ファイル末尾の隠しデータ\n");
}
END_TEST

START_TEST(test_report_text__members_left_behind_are_named)
{
    g_autoptr(MgkReport) report = cleaned("a.zip");
    for (guint i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("%u\n.exe", i);
        MgkReport *child = mgk_report_new(name);
        child->verdict = MGK_VERDICT_BLOCKED;
        child->reason = MGK_REASON_EXECUTABLE;
        g_ptr_array_add(report->children, child);
    }
    find(report, MGK_KIND_MEMBER_NOT_CROSSED, MGK_ACTION_REPLACE, 4, "");
    expect(report, NULL,
           "「a.zip」 要確認（危険因子除去済）\n"
           "  渡せなかった中のファイル: 「0\\x0A.exe」（プログラムやスクリプトは持ち込めません。）、"
           "「1\\x0A.exe」（プログラムやスクリプトは持ち込めません。）、ほか2個\n");
}
END_TEST

START_TEST(test_report_text__parts_of_documents_are_not_named)
{
    g_autoptr(MgkReport) report = cleaned("a.docx");
    MgkReport *child = mgk_report_new("word/media/image1.png");
    child->reason = MGK_REASON_UNSUPPORTED_FORMAT;
    g_ptr_array_add(report->children, child);
    find(report, MGK_KIND_EMBEDDED_FILE, MGK_ACTION_REPLACE, 1, "");
    expect(report, NULL, "「a.docx」 要確認（危険因子除去済）\n  置き換えたもの: 埋め込みファイル\n");
}
END_TEST

/* Everything at once, with the worst names: still three lines, no control character. */
START_TEST(test_report_text__never_more_than_three_lines)
{
    for (guint v = 0; v < MGK_N_VERDICTS; v++) {
        for (guint r = 0; r < MGK_N_REASONS; r++) {
            g_autoptr(MgkReport) report = mgk_report_new("a\n\x1b[2J\xE2\x80\xAEz");
            report->verdict = (MgkVerdict)v;
            report->reason = (MgkReason)r;
            g_free(report->reason_detail);
            report->reason_detail = g_strdup("x\ny");
            for (guint k = 0; k < MGK_N_KINDS; k++) {
                for (guint a = 0; a < MGK_N_ACTIONS; a++)
                    find(report, (MgkKind)k, (MgkAction)a, 2, "evil\r\n\x07");
            }
            g_ptr_array_add(report->children, mgk_report_new("c\n"));
            g_autofree char *got = mgk_report_text(report, NULL);
            guint lines = 0;
            for (const char *p = got; *p; p++) {
                lines += *p == '\n';
                ck_assert_msg(*p == '\n' || (guint8)*p >= 0x20, "control character in: %s", got);
            }
            ck_assert_msg(lines >= 1 && lines <= 3, "verdict %u reason %u: %u lines", v, r, lines);
        }
    }
}
END_TEST

START_TEST(test_report_text__english_is_there_too)
{
    mgk_words_init("en");
    g_autoptr(MgkReport) report = cleaned("a.docm");
    find(report, MGK_KIND_EMBEDDED_FILE, MGK_ACTION_REMOVE, 2, "");
    g_autofree char *got = mgk_report_text(report, NULL);
    mgk_words_init("ja");
    ck_assert_str_eq(got, "「a.docm」 please check (dangerous content removed)\n  Removed: Embedded files (2)\n");
}
END_TEST

int main(void)
{
    mgk_words_init("ja");
    Suite *suite = suite_create("report_text");
    TCase *tc = tcase_create("report_text");
    tcase_add_test(tc, test_report_text__nothing_worth_a_clerks_time_is_one_line);
    tcase_add_test(tc, test_report_text__changes_are_listed_by_what_was_done);
    tcase_add_test(tc, test_report_text__signers_are_marked_unverified);
    tcase_add_test(tc, test_report_text__held_files_say_why);
    tcase_add_test(tc, test_report_text__members_left_behind_are_named);
    tcase_add_test(tc, test_report_text__parts_of_documents_are_not_named);
    tcase_add_test(tc, test_report_text__never_more_than_three_lines);
    tcase_add_test(tc, test_report_text__english_is_there_too);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
