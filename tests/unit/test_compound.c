#include "engines/cfb_peek.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

static GBytes *fixture(const char *name)
{
    g_autofree char *path = g_build_filename(FIXTURES, "compound", name, NULL);
    g_autoptr(GError) error = NULL;
    char *data = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(path, &data, &size, &error), "%s", error ? error->message : "");
    return g_bytes_new_take(data, size);
}

START_TEST(test_compound__files_are_named_and_the_reason_is_given)
{
    static const struct {
        const char *file;
        MgkFormatId format;
        MgkVerdict verdict;
        MgkReason reason;
    } table[] = {
        {"plain.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"xor-default.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"xor-other.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"rc4-default.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"rc4-other.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"capi40-default.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"capi128-default.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"capi128-other.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"whole-xor.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"whole-rc4.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"whole-capi40.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_CLEANED, MGK_REASON_NONE},
        {"whole-capi128.xls", MGK_FORMAT_ID_xls, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"agile-default.xlsx", MGK_FORMAT_ID_ooxml_encrypted, MGK_VERDICT_CLEANED, MGK_REASON_NONE},
        {"agile-sha1-default.xlsx", MGK_FORMAT_ID_ooxml_encrypted, MGK_VERDICT_CLEANED, MGK_REASON_NONE},
        {"agile-other.xlsx", MGK_FORMAT_ID_ooxml_encrypted, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"agile-spins.xlsx", MGK_FORMAT_ID_ooxml_encrypted, MGK_VERDICT_HELD, MGK_REASON_KDF_COST},
        {"standard-default.xlsx", MGK_FORMAT_ID_ooxml_encrypted, MGK_VERDICT_CLEANED, MGK_REASON_NONE},
        {"standard-other.xlsx", MGK_FORMAT_ID_ooxml_encrypted, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"plain.doc", MGK_FORMAT_ID_doc, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"encrypted.doc", MGK_FORMAT_ID_doc, MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED},
        {"plain.ppt", MGK_FORMAT_ID_ppt, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"encrypted.ppt", MGK_FORMAT_ID_ppt, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"plain.jtd", MGK_FORMAT_ID_jtd, MGK_VERDICT_HELD, MGK_REASON_ASK_FOR_PDF},
        {"plain.msi", MGK_FORMAT_ID_installer, MGK_VERDICT_BLOCKED, MGK_REASON_EXECUTABLE},
        {"other.vsd", MGK_FORMAT_ID_cfb, MGK_VERDICT_HELD, MGK_REASON_UNSUPPORTED_FORMAT},
        {"loop-fat.doc", MGK_FORMAT_ID_doc, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
        {"loop-tree.doc", MGK_FORMAT_ID_doc, MGK_VERDICT_HELD, MGK_REASON_MALFORMED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GBytes) bytes = fixture(table[i].file);
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(bytes, &size);
        MgkFormatId format = fake_detect(data, size, "x");
        ck_assert_msg(format == table[i].format, "%s: detected as %s", table[i].file,
                      format == MGK_FORMAT_ID_NONE ? "nothing" : mgk_format_info(format)->id);
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert(fake_run_clean(run, data, size, "x", format, NULL));
        ck_assert_msg(run->outcome.verdict == table[i].verdict && run->outcome.reason == table[i].reason,
                      "%s: got %s %s", table[i].file, mgk_verdict_name(run->outcome.verdict),
                      mgk_reason_name(run->outcome.reason));
    }
}
END_TEST

START_TEST(test_compound__peek_reads_big_and_mini_streams)
{
    g_autoptr(GBytes) xls = fixture("plain.xls"), ppt = fixture("plain.ppt");
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(xls, &size);
    g_autoptr(MgkCfbPeek) big = mgk_cfb_peek_open(data, size);
    guint8 buffer[5000];
    ck_assert_ptr_nonnull(big);
    ck_assert_uint_eq(mgk_cfb_peek_read(big, "workbook", buffer, sizeof buffer), 4200);
    ck_assert_mem_eq(buffer, "\x09\x08", 2);
    ck_assert_uint_eq(mgk_cfb_peek_read(big, "absent", buffer, sizeof buffer), 0);
    data = g_bytes_get_data(ppt, &size);
    g_autoptr(MgkCfbPeek) mini = mgk_cfb_peek_open(data, size);
    ck_assert_uint_eq(mgk_cfb_peek_read(mini, "Current User", buffer, sizeof buffer), 16);
    ck_assert_mem_eq(buffer + 12, "\x5f\xc0\x91\xe3", 4);
    ck_assert(mgk_cfb_peek_has_prefix(mini, "power") && !mgk_cfb_peek_has(mini, "power"));
}
END_TEST

START_TEST(test_compound__damage_is_survived)
{
    static const char *const files[] = {"rights.docx", "capi128-default.xls", "encrypted.ppt", "loop-tree.doc"};
    for (guint f = 0; f < G_N_ELEMENTS(files); f++) {
        g_autoptr(GBytes) bytes = fixture(files[f]);
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(bytes, &size);
        for (gsize at = 64; at < size; at += 7) {
            g_autofree guint8 *copy = g_memdup2(data, size), *cut = g_memdup2(data, at + 1);
            copy[at] ^= 0xff;
            g_autoptr(FakeRun) run = fake_run_new();
            fake_run_clean(run, copy, size, "x", MGK_FORMAT_ID_NONE, NULL);
            fake_run_clean(run, cut, at + 1, "x", MGK_FORMAT_ID_NONE, NULL);
            ck_assert(!mgk_verdict_crosses(run->outcome.verdict));
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compound");
    TCase *tc = tcase_create("compound");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_compound__files_are_named_and_the_reason_is_given);
    tcase_add_test(tc, test_compound__peek_reads_big_and_mini_streams);
    tcase_add_test(tc, test_compound__damage_is_survived);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
