/* The foreign-signature scan by itself, and that each format's second look asks it. */
#include "checks/foreign.h"
#include "engines/zip_writer.h"
#include "fake_job.h"
#include "pictures.h"

#include <check.h>
#include <string.h>

#define DATA(s) (s), sizeof(s) - 1
#define END \
    "PK\5\6" \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
    "\0\0"
#define PROGRAM \
    "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@" \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\x0e"

START_TEST(test_foreign__signatures)
{
    static const struct {
        const char *what, *data;
        gsize size;
        MgkFormatId format;
        gboolean want;
    } table[] = {
        {"a picture", DATA("\x89PNG\r\n\x1a\n data"), MGK_FORMAT_ID_png, TRUE},
        {"a PDF", DATA("%PDF-1.7 data"), MGK_FORMAT_ID_pdf, TRUE},
        {"nothing", DATA(""), MGK_FORMAT_ID_text, TRUE},
        {"a text of MZ", DATA("MZ-700 was a computer, and this line is longer than a header of sixty-four bytes."),
         MGK_FORMAT_ID_text, TRUE},
        {"a program as text", DATA(PROGRAM), MGK_FORMAT_ID_text, FALSE},
        {"a program as archive", DATA(PROGRAM), MGK_FORMAT_ID_zip, FALSE},
        {"ELF", DATA("\177ELF\2\1\1"), MGK_FORMAT_ID_text, FALSE},
        {"a script by its first line as picture", DATA("#!/bin/sh"), MGK_FORMAT_ID_png, FALSE},
        {"a script by its first line as text", DATA("#!/bin/sh"), MGK_FORMAT_ID_text, FALSE},
        {"a heading as text", DATA("#! heading"), MGK_FORMAT_ID_text, TRUE},
        {"markup in a picture", DATA("\x89PNG <ScRiPt>"), MGK_FORMAT_ID_png, FALSE},
        {"hta in a JPEG", DATA("\xff\xd8 <HTA:"), MGK_FORMAT_ID_jpeg, FALSE},
        {"php in a PDF", DATA("%PDF-1.7 <?php"), MGK_FORMAT_ID_pdf, FALSE},
        {"markup in a text", DATA("about <script>"), MGK_FORMAT_ID_text, TRUE},
        {"markup in a table", DATA("tag,use\n<script>,code\n<html>,page\n"), MGK_FORMAT_ID_csv, TRUE},
        {"a text that begins as markup", DATA("<ScripT>1</script>"), MGK_FORMAT_ID_text, FALSE},
        {"and behind a mark", DATA("\xef\xbb\xbf<html>"), MGK_FORMAT_ID_text, FALSE},
        {"a text that begins as PDF", DATA("%PDF-1.4\n"), MGK_FORMAT_ID_text, FALSE},
        {"a text about PDF", DATA("The header is %PDF-1.4\n"), MGK_FORMAT_ID_text, TRUE},
        {"a rich text", DATA("{\\rtf1}"), MGK_FORMAT_ID_csv, FALSE},
        {"markup in an archive", DATA("PK\3\4 <script>" END), MGK_FORMAT_ID_zip, TRUE},
        {"a stored PDF in an archive", DATA("PK\3\4 a.pdf %PDF-1.7" END), MGK_FORMAT_ID_zip, TRUE},
        {"a PDF at the head of a document", DATA("PK\3\4 %PDF-1.7" END), MGK_FORMAT_ID_docx, FALSE},
        {"a PDF in a picture's head", DATA("\x89PNG %PDF-1.4"), MGK_FORMAT_ID_png, FALSE},
        {"an entry at 0 of a picture", DATA("PK\3\4"), MGK_FORMAT_ID_png, FALSE},
        {"an entry at 0 of a text", DATA("PK\3\4"), MGK_FORMAT_ID_text, FALSE},
        {"an end record behind a picture", DATA("\x89PNG" END), MGK_FORMAT_ID_png, FALSE},
        {"an end record behind a PDF", DATA("%PDF-1.7" END), MGK_FORMAT_ID_pdf, FALSE},
        {"a cut end record", DATA("%PDF-1.7 PK\5\6"), MGK_FORMAT_ID_pdf, TRUE},
        {"an archive in an archive", DATA("PK\3\4" END END), MGK_FORMAT_ID_docx, TRUE},
        {"a second end that claims the rest",
         DATA("PK\3\4"
              "PK\5\6"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
              "\x16\0" END),
         MGK_FORMAT_ID_docx, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree guint8 *exact = g_memdup2(table[i].data, table[i].size);
        g_autoptr(GError) error = NULL;
        gboolean got = mgk_check_foreign(exact, table[i].size, mgk_foreign_shape(table[i].format), &error);
        ck_assert_msg(got == table[i].want, "%s: got %d (%s)", table[i].what, got, error ? error->message : "");
        ck_assert_msg(got == (error == NULL), "%s: error and result differ", table[i].what);
    }
}
END_TEST

START_TEST(test_foreign__windows)
{
    const gsize size = 200000;
    g_autofree guint8 *data = g_malloc0(size);
    memcpy(data + 2000, "%PDF-", 5);
    memcpy(data + 50000, END, 22);
    ck_assert(mgk_check_foreign(data, size, MGK_FOREIGN_PACKAGE, NULL));  /* nobody looks there */
    ck_assert(!mgk_check_foreign(data, size, MGK_FOREIGN_PICTURE, NULL)); /* but pictures hold none of it */
    memcpy(data + 1023, "%PDF-", 5);
    ck_assert(!mgk_check_foreign(data, size, MGK_FOREIGN_PACKAGE, NULL));
    memset(data + 1023, 0, 5);
    ck_assert(mgk_check_foreign(data, size, MGK_FOREIGN_PDF, NULL));
    memcpy(data + size - 1000, END, 22);
    ck_assert(!mgk_check_foreign(data, size, MGK_FOREIGN_PDF, NULL));
}
END_TEST

START_TEST(test_foreign__shapes)
{
    static const struct {
        const char *name;
        MgkForeignShape want;
    } table[] = {
        {"a.JPG", MGK_FOREIGN_PICTURE}, {"a.b.docx", MGK_FOREIGN_PACKAGE}, {"a.pdf", MGK_FOREIGN_PDF},
        {"a.zip", MGK_FOREIGN_ARCHIVE}, {"a.csv", MGK_FOREIGN_TEXT},       {"a.eml", MGK_FOREIGN_TEXT},
        {"a.txt", MGK_FOREIGN_TEXT},    {"README", MGK_FOREIGN_ARCHIVE},   {"a.", MGK_FOREIGN_ARCHIVE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
        ck_assert_msg(mgk_foreign_shape_of_name(table[i].name) == table[i].want, "%s", table[i].name);
}
END_TEST

/* ---- every format's check asks ---- */

/* NULL when the format's second look lets the bytes pass, else its words. Owned by the caller. */
static char *complaint(const GByteArray *bytes, MgkFormatId format)
{
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    return fake_run_check(run, bytes->data, bytes->len, format, &error) ? NULL : g_strdup(error->message);
}

static void demand(const char *what, const GByteArray *bytes, MgkFormatId format, gboolean foreign)
{
    g_autofree char *words = complaint(bytes, format);
    gboolean got = words && strstr(words, "foreign signature");
    ck_assert_msg(got == foreign && (foreign || !words), "%s: %s", what, words ? words : "passes");
}

static void demand_text(const char *what, const char *data, gsize size, MgkFormatId format, gboolean foreign)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)data, (guint)size);
    demand(what, bytes, format, foreign);
}

START_TEST(test_foreign__texts)
{
    demand_text("words about tags", DATA("<p>\n<script>\n"), MGK_FORMAT_ID_text, FALSE);
    demand_text("rich text", DATA("{\\rtf1 x}"), MGK_FORMAT_ID_text, TRUE);
    demand_text("page", DATA("<html>,x\n1,2\n"), MGK_FORMAT_ID_csv, TRUE);
    demand_text("table about tags", DATA("x,<html>\n1,2\n"), MGK_FORMAT_ID_csv, FALSE);
    /* U+4B50 U+0605 spell an end record in UTF-16, and nothing forbids these characters */
    demand_text("archive of letters",
                DATA("\xff\xfe"
                     "PK\5\6"
                     "a\0b\0c\0d\0e\0f\0g\0h\0\2\0\n\0"),
                MGK_FORMAT_ID_text, TRUE);
    demand_text("the same, cut",
                DATA("\xff\xfe"
                     "PK\5\6"
                     "a\0b\0c\0"),
                MGK_FORMAT_ID_text, FALSE);
}
END_TEST

/* What an invisible character hides from detection must not come out without it. */
START_TEST(test_foreign__taking_away_makes_no_other_format)
{
    static const char *const table[] = {"{\\rtf1 x}", "<html>x", "#!/bin/sh", "<script>1</script>", "<?php 1"};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *text = g_strconcat("\xe2\x80\x8b", table[i], NULL);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        gboolean crosses =
            fake_run_clean(run, (const guint8 *)text, strlen(text), "a.txt", MGK_FORMAT_ID_text, &error) &&
            mgk_verdict_crosses(run->outcome.verdict);
        ck_assert_msg(!crosses, "%s crosses as %.*s", table[i], (int)run->output->len, (char *)run->output->data);
    }
}
END_TEST

START_TEST(test_foreign__members)
{
    static const struct {
        const char *what, *name, *text;
        gsize size;
        MgkZipMethod method;
        gboolean foreign;
    } table[] = {
        {"words in a stored text", "a.txt", DATA("x <script> y"), MGK_ZIP_STORE, FALSE},
        {"markup in a stored picture", "a.png", DATA("\x89PNG <script>"), MGK_ZIP_STORE, TRUE},
        {"markup in a stored PDF", "a.pdf", DATA("%PDF-1.5 <script>"), MGK_ZIP_STORE, TRUE},
        {"a stored page", "a.txt", DATA("<html>"), MGK_ZIP_STORE, TRUE},
        {"a packed page", "a.txt", DATA("<html> <html> <html> <html> <html>"), MGK_ZIP_PACK, TRUE},
        {"a packed program", "a", DATA(PROGRAM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), MGK_ZIP_PACK, TRUE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) zip = g_byte_array_new();
        g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, zip);
        ck_assert(mgk_zip_writer_add(writer, table[i].name, table[i].method, MGK_ZIP_EPOCH, table[i].text,
                                     table[i].size, NULL));
        ck_assert(mgk_zip_writer_finish(writer, NULL));
        g_autofree char *words = complaint(zip, MGK_FORMAT_ID_zip);
        gboolean got = words && strstr(words, "begins like something else");
        ck_assert_msg(got == table[i].foreign && (got || !words), "%s: %s", table[i].what, words ? words : "passes");
    }
}
END_TEST

/* Codes of a photo are bytes that can be chosen: somewhere among them "<script" decodes as well as what was there. */
static void demand_any_chosen(const GByteArray *photo)
{
    const guint8 *scan = memmem(photo->data, photo->len, "\xff\xda", 2); /* SOS */
    ck_assert(scan != NULL);
    for (gsize at = (gsize)(scan - photo->data) + 64; at < photo->len - 64; at++) {
        g_autoptr(GByteArray) chosen = g_byte_array_new();
        g_byte_array_append(chosen, photo->data, photo->len);
        memcpy(chosen->data + at, "<script", 7);
        g_autofree char *words = complaint(chosen, MGK_FORMAT_ID_jpeg);
        ck_assert_msg(words != NULL, "a chosen photo passes");
        if (strstr(words, "foreign signature"))
            return;
    }
    ck_abort_msg("no place where the photo decodes with chosen bytes");
}

START_TEST(test_foreign__pictures)
{
    g_autoptr(GByteArray) plain = picture_gray_row((const guint8 *)"12345678", 8, 0);
    g_autoptr(GByteArray) chosen = picture_gray_row((const guint8 *)"<script>", 8, 0);
    demand("plain pixels", plain, MGK_FORMAT_ID_png, FALSE);
    demand("chosen pixels", chosen, MGK_FORMAT_ID_png, TRUE);
    g_autofree char *data = NULL;
    gsize size = 0;
    ck_assert(g_file_get_contents(FIXTURES "/samples/現場写真.jpg", &data, &size, NULL));
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, (const guint8 *)data, size, "a.jpg", MGK_FORMAT_ID_jpeg, NULL));
    demand("photo", run->output, MGK_FORMAT_ID_jpeg, FALSE);
    demand_any_chosen(run->output);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("foreign");
    TCase *tc = tcase_create("foreign");
    tcase_add_test(tc, test_foreign__signatures);
    tcase_add_test(tc, test_foreign__windows);
    tcase_add_test(tc, test_foreign__shapes);
    tcase_add_test(tc, test_foreign__texts);
    tcase_add_test(tc, test_foreign__taking_away_makes_no_other_format);
    tcase_add_test(tc, test_foreign__members);
    tcase_add_test(tc, test_foreign__pictures);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
