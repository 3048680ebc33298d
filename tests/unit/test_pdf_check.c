#include "pdf_forge.h"

#define CONTENT "BT /F 14 Tf 50 250 Td (Plain words) Tj ET 1 0 0 rg 100 50 80 60 re f"
#define LINKS \
    "/Annots[<</Type/Annot/Subtype/Link/Rect[10 10 50 50]/A<</S/URI/URI(https://example.jp/)>>>>" \
    "<</Type/Annot/Subtype/Link/Rect[60 10 90 50]/Dest[3 0 R/XYZ 0 100 0]>>]"

static GByteArray *good_output(void)
{
    g_autoptr(GByteArray) pdf = forge_pdf(LINKS, "", CONTENT, "");
    g_autoptr(FakeRun) run = clean_pdf(pdf);
    return g_byte_array_ref(run->output);
}

static gboolean accepted(const guint8 *data, gsize size)
{
    g_autoptr(FakeRun) run = fake_run_new();
    return fake_run_check(run, data, size, MGK_FORMAT_ID_pdf, NULL);
}

/* Puts text of the same length in place of what is there, so that all offsets stay true. */
START_TEST(test_pdf_check__refuses_what_we_never_write)
{
    static const struct {
        const char *old, *new;
    } table[] = {
        {"%PDF-1.5", "%PDF-1.7"},
        {"/Border[0 0 0]", "/AA<</O 5 0 R>>"},
        {"/Border[0 0 0]", "/BorderX[0 0 ]"},
        {"/S/URI/URI(https://example.jp/)", "/S/URI/URI(file:///etc/passwd )"},
        {"/S/URI/URI(https://example.jp/)", "/S/JavaScript/JS(app.alert(1))"},
        {"/S/URI/URI(https://example.jp/)", "/S/Launch/F(https://example.j)"},
        {"/Type/Annot/Subtype/Link", "/Type/Annot/Subtype/Movi"},
        {"/Type/Catalog/Pages 2 0 R", "/Type/Catalog/OpenAct 2 R"},
        {"/Type/Catalog", "/Type/Catalox"},
        {"/Type/Page/Parent 2 0 R", "/Type/Page/Parent 1 0 R"},
        {"/MediaBox[0 0 400 300 ]", "/MediaBox[0 0 -40 300 ]"},
        {"/Filter/FlateDecode", "/Filter/LZWDecodeX "},
        {"/Encoding/Identity-H", "/Encoding/Identity-V"},
        {"endobj\n", "endobx\n"},
        {"xref\n0 ", "xref\n1 "},
        {"0000000000 65535 f ", "0000000000 65534 f "},
        {"startxref\n", "startxreg\n"},
        {"trailer\n<</Size", "trailer\n<</Sizf"},
        {"%%EOF\n", "%%EOG\n"},
        {"%%EOF\n", "%%EOF "},
    };
    g_autoptr(GByteArray) good = good_output();
    ck_assert(accepted(good->data, good->len));
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree guint8 *bytes = g_memdup2(good->data, good->len);
        guint8 *at = memmem(bytes, good->len, table[i].old, strlen(table[i].old));
        ck_assert_msg(at != NULL, "row %u: \"%s\" is not in the output", i, table[i].old);
        memcpy(at, table[i].new, MIN(strlen(table[i].new), strlen(table[i].old)));
        ck_assert_msg(!accepted(bytes, good->len), "row %u: \"%s\" is accepted", i, table[i].new);
    }
}
END_TEST

START_TEST(test_pdf_check__refuses_more_or_less)
{
    g_autoptr(GByteArray) good = good_output();
    for (guint cut = 1; cut < good->len; cut += 7)
        ck_assert_msg(!accepted(good->data, good->len - cut), "%u bytes less are accepted", cut);
    g_autoptr(GByteArray) longer = g_byte_array_new();
    g_byte_array_append(longer, good->data, good->len);
    g_byte_array_append(longer, (const guint8 *)"\n", 1);
    ck_assert(!accepted(longer->data, longer->len));
    g_byte_array_remove_index(longer, longer->len - 1);
    g_byte_array_prepend(longer, (const guint8 *)" ", 1);
    ck_assert(!accepted(longer->data, longer->len));
}
END_TEST

/* Every byte counts: changing any one of them is noticed, but for the value of a few harmless digits. */
START_TEST(test_pdf_check__notices_single_bytes)
{
    g_autoptr(GByteArray) good = good_output();
    guint missed = 0;
    for (guint i = 0; i < good->len; i++) {
        guint8 old = good->data[i];
        good->data[i] = (guint8)(old ^ 0x55);
        missed += accepted(good->data, good->len);
        good->data[i] = old;
    }
    ck_assert_msg(missed * 100 < good->len, "%u of %u changes go unnoticed", missed, good->len);
}
END_TEST

START_TEST(test_pdf_check__refuses_others_files)
{
    g_autoptr(GByteArray) foreign = forge_pdf("", "", CONTENT, "");
    ck_assert(!accepted(foreign->data, foreign->len));
    ck_assert(!accepted((const guint8 *)"", 0));
    ck_assert(!accepted((const guint8 *)"%PDF-1.5\n", 9));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdf_check");
    TCase *tc = tcase_create("pdf_check");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_pdf_check__refuses_what_we_never_write);
    tcase_add_test(tc, test_pdf_check__refuses_more_or_less);
    tcase_add_test(tc, test_pdf_check__notices_single_bytes);
    tcase_add_test(tc, test_pdf_check__refuses_others_files);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
