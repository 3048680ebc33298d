#include "checks/bytes.h"

#include <check.h>
#include <string.h>

#define DATA(s) (s), sizeof(s) - 1
#define END \
    "PK\5\6" \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
    "\0\0"

START_TEST(test_check_bytes__signatures)
{
    static const struct {
        const char *what, *data;
        gsize size;
        MgkFormatId format;
        gboolean want;
    } table[] = {
        {"a picture", DATA("\x89PNG\r\n\x1a\n data"), MGK_FORMAT_ID_png, TRUE},
        {"a PDF", DATA("%PDF-1.7 data"), MGK_FORMAT_ID_pdf, TRUE},
        {"a text of MZ", DATA("MZ-700 was a computer, and this line is longer than a header of sixty-four bytes."),
         MGK_FORMAT_ID_text, TRUE},
        {"a program as text",
         DATA("MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\x0e"),
         MGK_FORMAT_ID_text, FALSE},
        {"ELF", DATA("\177ELF\2\1\1"), MGK_FORMAT_ID_text, FALSE},
        {"a script by its first line as picture", DATA("#!/bin/sh"), MGK_FORMAT_ID_png, FALSE},
        {"a shell comment as text", DATA("#!/bin/sh"), MGK_FORMAT_ID_text, TRUE},
        {"markup in a picture", DATA("\x89PNG <ScRiPt>"), MGK_FORMAT_ID_png, FALSE},
        {"hta in a JPEG", DATA("\xff\xd8 <HTA:"), MGK_FORMAT_ID_jpeg, FALSE},
        {"php in a PDF", DATA("%PDF-1.7 <?php"), MGK_FORMAT_ID_pdf, FALSE},
        {"markup in a text", DATA("about <script>"), MGK_FORMAT_ID_text, TRUE},
        {"markup in an archive", DATA("PK\3\4 <script>" END), MGK_FORMAT_ID_zip, TRUE},
        {"a PDF in a picture's head", DATA("\x89PNG %PDF-1.4"), MGK_FORMAT_ID_png, FALSE},
        {"an entry at 0 of a picture", DATA("PK\3\4"), MGK_FORMAT_ID_png, FALSE},
        {"an end record behind a picture", DATA("\x89PNG" END), MGK_FORMAT_ID_png, FALSE},
        {"a cut end record", DATA("\x89PNG PK\5\6"), MGK_FORMAT_ID_png, TRUE},
        {"an archive in an archive", DATA("PK\3\4" END END), MGK_FORMAT_ID_docx, TRUE},
        {"a second end that claims the rest",
         DATA("PK\3\4"
              "PK\5\6"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
              "\x16\0" END),
         MGK_FORMAT_ID_docx, FALSE},
        {"nothing", DATA(""), MGK_FORMAT_ID_text, TRUE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree guint8 *exact = g_memdup2(table[i].data, table[i].size);
        g_autoptr(GError) error = NULL;
        gboolean got = mgk_check_foreign_signatures(exact, table[i].size, table[i].format, &error);
        ck_assert_msg(got == table[i].want, "%s: got %d (%s)", table[i].what, got, error ? error->message : "");
        ck_assert_msg(got == (error == NULL), "%s: error and result differ", table[i].what);
    }
}
END_TEST

START_TEST(test_check_bytes__windows)
{
    g_autofree guint8 *data = g_malloc0(200000);
    memcpy(data + 2000, "%PDF-", 5);
    memcpy(data + 50000, END, 22);
    ck_assert(mgk_check_foreign_signatures(data, 200000, MGK_FORMAT_ID_png, NULL)); /* nobody looks there */
    memcpy(data + 1000, "%PDF-", 5);
    ck_assert(!mgk_check_foreign_signatures(data, 200000, MGK_FORMAT_ID_png, NULL));
    memset(data + 1000, 0, 5);
    memcpy(data + 199000, END, 22);
    ck_assert(!mgk_check_foreign_signatures(data, 200000, MGK_FORMAT_ID_png, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_bytes");
    TCase *tc = tcase_create("check_bytes");
    tcase_add_test(tc, test_check_bytes__signatures);
    tcase_add_test(tc, test_check_bytes__windows);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
