#include "pdf_forge.h"

#include <cairo.h>
#include <math.h>

#define SEEN "BT /F 14 Tf 50 250 Td (Plain words) Tj ET "

/* Each plants HIDDEN so that nobody sees it. */
START_TEST(test_pdf__what_is_not_seen_is_not_copied)
{
    static const struct {
        const char *trick, *content, *resources, *extra;
    } table[] = {
        {"white on white", "1 g BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET", "", ""},
        {"nearly white", "0.99 g BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET", "", ""},
        {"invisible", "BT 3 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET", "", ""},
        {"invisible over other words", "BT /F 14 Tf 50 200 Td (OPENLY) Tj ET BT 3 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET",
         "", ""},
        {"tiny", "BT /F 1 Tf 50 200 Td (HIDDEN) Tj ET", "", ""},
        {"outside the page", "BT /F 14 Tf 500 200 Td (HIDDEN) Tj ET", "", ""},
        {"above the page", "BT /F 14 Tf 50 900 Td (HIDDEN) Tj ET", "", ""},
        {"clipped", "q 10 10 5 5 re W n BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET Q", "", ""},
        {"under white", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 1 g 40 190 200 30 re f", "", ""},
        {"under a black bar", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0 g 40 190 200 30 re f", "", ""},
        {"under a tight black bar", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0 g 50 199 60 12 re f", "", ""},
        {"under a gray bar", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0.5 g 40 190 200 30 re f", "", ""},
        {"under a picture",
         "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET q 200 0 0 100 30 150 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 20D0D020> "
         "EI "
         "Q",
         "", ""},
        {"clip path only", "q BT 7 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET Q", "", ""},
        {"clip path under other words",
         "q BT 7 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET Q BT /F 14 Tf 50 200 Td (OPENLY) Tj ET", "", ""},
        {"clip path inside a block, under other words",
         "q BT 7 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj /F 900 Tf -60 -180 Td (M) Tj ET BT 0 Tr /F 14 Tf 50 200 Td (OPENLY) "
         "Tj ET Q",
         "", ""},
        {"clip path, all of it painted", "q BT 7 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET 1 g 0 0 400 300 re f Q", "", ""},
        {"replacement text", "/Span <</ActualText(HIDDEN)>> BDC BT /F 14 Tf 50 200 Td (7) Tj ET EMC", "", ""},
        {"transparent", "/G gs BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET", ">>/ExtGState<</G<</ca 0>>", ""},
        {"one glyph for many characters", "BT /M 14 Tf 50 200 Td (A) Tj ET", "/M 6 0 R",
         "6 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 7 0 R>>\nendobj\n"
         "7 0 obj\n<</Length 183>>\nstream\n/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> "
         "<FF> endcodespacerange 1 beginbfchar <41> <00480049004400440045004E> endbfchar endcmap end          "
         "\nendstream\nendobj\n"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *content = g_strconcat(SEEN, table[i].content, NULL);
        g_autoptr(GByteArray) pdf = forge_pdf("", table[i].resources, content, table[i].extra);
        g_autoptr(FakeRun) run = clean_pdf(pdf);
        g_autofree char *text = text_of(run);
        ck_assert_msg(strstr(text, "Plain words") != NULL, "%s: got \"%s\"", table[i].trick, text);
        ck_assert_msg(!strpbrk(text, "HID"), "%s: got \"%s\"", table[i].trick, text);
    }
}
END_TEST

START_TEST(test_pdf__hidden_text_is_reported)
{
    static const char *const contents[] = {"1 g BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET",
                                           "BT 3 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET",
                                           "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0 g 40 190 200 30 re f"};
    for (guint i = 0; i < G_N_ELEMENTS(contents); i++) {
        g_autoptr(GByteArray) pdf = forge_pdf("", "", contents[i], "");
        g_autoptr(FakeRun) run = clean_pdf(pdf);
        ck_assert_msg(fake_run_found(run, MGK_KIND_PDF_HIDDEN_TEXT), "row %u", i);
    }
    g_autoptr(GByteArray) plain = forge_pdf("", "", SEEN, "");
    g_autoptr(FakeRun) run = clean_pdf(plain);
    ck_assert(!fake_run_found(run, MGK_KIND_PDF_HIDDEN_TEXT));
}
END_TEST

/* What the pages of the next test draw with. */
static const char seen_resources[] =
    "/V 9 0 R>>/ExtGState<</G<</ca 0.4>>>>/XObject<</X 6 0 R/Y 7 0 R/Z 8 0 R>>/Pattern<</P<</PatternType "
    "2/Shading<<"
    "/ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 400 0]/Function<</FunctionType 2/Domain[0 1]/C0[1 0 "
    "0]/C1[0 0 1]"
    "/N 1>>>>>>>>/Properties<<";
static const char seen_objects[] =
    "6 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Resources<</Font<</F 5 0 R>>>>/Length 41>>\n"
    "stream\nBT /F 14 Tf 50 200 Td (Inside) Tj ET      \nendstream\nendobj\n"
    "7 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency>>"
    "/Resources<</ExtGState<</M<</BM/Multiply>>>>>>/Length 36>>\n"
    "stream\n/M gs 1 1 0 rg 40 190 100 30 re f   \nendstream\nendobj\n"
    "8 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency>>"
    "/Resources<</Font<</F 5 0 R>>>>/Length 74>>\n"
    "stream\nBT 7 Tr /F 60 Tf 50 150 Td (Inside) Tj ET 1 0 0 rg 0 0 400 300 re f      \nendstream\nendobj\n"
    "9 0 obj\n<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/UniJIS-UTF16-V"
    "/DescendantFonts[10 0 R]>>\nendobj\n"
    "10 0 obj\n<</Type/Font/Subtype/CIDFontType0/BaseFont/Ryumin-Light/FontDescriptor 11 0 R"
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 6>>>>\nendobj\n"
    "11 0 obj\n<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 6/FontBBox[0 -200 1000 900]/ItalicAngle 0"
    "/Ascent 880/Descent -120/CapHeight 700/StemV 80>>\nendobj\n";

START_TEST(test_pdf__seen_text_survives)
{
    static const struct {
        const char *how, *content, *want, *page;
    } table[] = {
        {"plain", "BT /F 14 Tf 50 200 Td (Hello world) Tj ET", "Hello world", ""},
        {"kerned", "BT /F 14 Tf 50 200 Td [(Hel)20(lo)-300(wor)15(ld)] TJ ET", "Hello world", ""},
        {"letter by letter", "BT /F 14 Tf 50 200 Td (H) Tj 10.108 0 Td (e) Tj 7.784 0 Td (y) Tj ET", "Hey", ""},
        {"gray on white", "0.6 g BT /F 14 Tf 50 200 Td (Hello) Tj ET", "Hello", ""},
        {"white on black", "0 g 0 0 400 300 re f 1 g BT /F 14 Tf 50 200 Td (Hello) Tj ET", "Hello", ""},
        {"under a transparent wash", "BT /F 14 Tf 50 200 Td (Hello) Tj ET /G gs 1 1 0 rg 40 190 100 30 re f", "Hello",
         ""},
        {"turned", "BT 0 1 -1 0 200 50 Tm /F 14 Tf (Hello world) Tj ET", "Hello world", ""},
        {"upside down", "BT -1 0 0 -1 200 50 Tm /F 14 Tf (Hello) Tj ET", "Hello", ""},
        {"on a turned page", "BT /F 14 Tf 50 200 Td (Hello world) Tj ET", "Hello world", "/Rotate 90"},
        {"in a form", "/X Do", "Inside", ""},
        {"spaced", "BT /F 14 Tf 5 Tc 50 200 Td (A) Tj ET", "A", ""},
        {"large", "BT /F 120 Tf 20 100 Td (Big) Tj ET", "Big", ""},
        {"as outlines", "BT 1 Tr /F 24 Tf 50 200 Td (Hello) Tj ET", "Hello", ""},
        {"filled and outlined", "BT 2 Tr 1 0 0 RG /F 24 Tf 50 200 Td (Hello) Tj ET", "Hello", ""},
        {"marked with a highlighter", "BT /F 14 Tf 50 200 Td (Hello) Tj ET /Y Do", "Hello", ""},
        {"a colour seen through letters", "q BT 7 Tr /F 60 Tf 50 150 Td (Hello) Tj ET 1 0 0 rg 0 0 400 300 re f Q",
         "Hello", ""},
        {"a colour seen through letters, in a group", "/Z Do", "Inside", ""},
        {"filled with a shading", "/Pattern cs /P scn BT /F 60 Tf 50 150 Td (Hello) Tj ET", "Hello", ""},
        {"with full stops", "BT /F 9 Tf 50 200 Td (12.50 and 3.75 end.) Tj ET", "12.50 and 3.75 end.", ""},
        {"struck through", "BT /F 9 Tf 50 200 Td (will it no more) Tj ET 1 0 0 rg 45 202 90 0.8 re f",
         "will it no more", ""},
        {"on lines of two sizes", "BT /F 24 Tf 50 200 Td (Page) Tj /F 15 Tf 0 -7.9 Td (x) Tj ET", "Page", ""},
        {"with empty glyphs between", "BT /F 14 Tf 50 200 Td <0048006500790020004A006F> Tj ET", "Hey Jo", ""},
        {"Latin letters one below the other", "BT /V 20 Tf 200 250 Td <00570069006C006C006F> Tj ET", "Willo", ""},
        {"accented", "BT /F 14 Tf 50 200 Td (caf\\351) Tj ET", "caf\xC3\xA9", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) pdf = forge_pdf(table[i].page, seen_resources, table[i].content, seen_objects);
        g_autoptr(FakeRun) run = clean_pdf(pdf);
        g_autofree char *text = text_of(run);
        ck_assert_msg(strstr(text, table[i].want) != NULL, "%s: got \"%s\"", table[i].how, text);
        ck_assert_msg(!fake_run_found(run, MGK_KIND_PDF_HIDDEN_TEXT), "%s is called hidden", table[i].how);
    }
}
END_TEST

/* Where the first letter of the output's text stands, against where the original's stands. */
START_TEST(test_pdf__text_stays_in_its_place)
{
    g_autoptr(GByteArray) pdf = forge_pdf("", "", "BT /F 14 Tf 50 200 Td (Plain words here) Tj ET", "");
    g_autoptr(FakeRun) run = clean_pdf(pdf);
    g_autoptr(GBytes) original = g_bytes_new(pdf->data, pdf->len);
    g_autoptr(PopplerDocument) before = poppler_document_new_from_bytes(original, NULL, NULL), after = open_output(run);
    g_autoptr(PopplerPage) a = poppler_document_get_page(before, 0), b = poppler_document_get_page(after, 0);
    g_autofree PopplerRectangle *boxes_a = NULL, *boxes_b = NULL;
    guint n_a = 0, n_b = 0;
    ck_assert(poppler_page_get_text_layout(a, &boxes_a, &n_a) && poppler_page_get_text_layout(b, &boxes_b, &n_b));
    ck_assert_uint_eq(n_a, n_b);
    for (guint i = 0; i < n_a; i++)
        ck_assert_msg(fabs(boxes_a[i].x1 - boxes_b[i].x1) <= 0.1, "letter %u: %.3f, want %.3f", i, boxes_b[i].x1,
                      boxes_a[i].x1);
}
END_TEST

/* The output's first page, a pixel a point; owned by the caller. */
static cairo_surface_t *look_of(const FakeRun *run)
{
    g_autoptr(PopplerDocument) document = open_output(run);
    g_autoptr(PopplerPage) page = poppler_document_get_page(document, 0);
    double width, height;
    poppler_page_get_size(page, &width, &height);
    ck_assert_double_eq(width, 400);
    ck_assert_double_eq(height, 300);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 400, 300);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    poppler_page_render(page, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

static guint32 pixel_of(cairo_surface_t *surface, guint x, guint y)
{
    guint32 pixel;
    memcpy(&pixel,
           cairo_image_surface_get_data(surface) + y * (gsize)cairo_image_surface_get_stride(surface) + (gsize)x * 4,
           4);
    return pixel & 0xffffff;
}

START_TEST(test_pdf__page_looks_the_same)
{
    g_autoptr(GByteArray) pdf =
        forge_pdf("", "", SEEN "1 0 0 rg 100 50 80 60 re f 0 0 1 rg 180 50 80 60 re f 0.3 g 20 20 40 40 re f", "");
    g_autoptr(FakeRun) run = clean_pdf(pdf);
    cairo_surface_t *surface = look_of(run);
    static const struct {
        guint x, y;
        guint32 want;
    } points[] = {{140, 220, 0xff0000}, {220, 220, 0x0000ff}, {40, 260, 0x4c4c4c}, {350, 20, 0xffffff}};
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        guint32 got = pixel_of(surface, points[i].x, points[i].y);
        ck_assert_msg(got == points[i].want, "point %u: got %06x, want %06x", i, got, points[i].want);
    }
    cairo_surface_destroy(surface);
}
END_TEST

/* The renderer takes the shape of the soft mask inside for the shape of the group, and would punch it out of the page.
 */
START_TEST(test_pdf__knockout_group_leaves_the_page_alone)
{
    g_autoptr(GByteArray) pdf =
        forge_pdf("", ">>/XObject<</G 6 0 R>>/Properties<<", "0 1 0 rg 300 0 100 300 re f /G Do",
                  "6 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency/I true/K true>>"
                  "/Resources<</ExtGState<</S<</SMask<</S/Luminosity/BC[0]/G 7 0 R>>>>>>>>/Length 66>>\nstream\n"
                  "q 1 0 0 rg 20 50 100 100 re f /S gs 0 0 1 rg 150 50 100 100 re f Q\nendstream\nendobj\n"
                  "7 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency/CS/DeviceGray>>"
                  "/Length 23>>\nstream\n0.5 g 0 0 400 300 re f \nendstream\nendobj\n");
    g_autoptr(FakeRun) run = clean_pdf(pdf);
    cairo_surface_t *surface = look_of(run);
    guint32 paper = pixel_of(surface, 10, 10), behind = pixel_of(surface, 350, 10), red = pixel_of(surface, 50, 200),
            blue = pixel_of(surface, 200, 200);
    ck_assert_msg(paper == 0xffffff && behind == 0x00ff00 && red == 0xff0000, "paper %06x, behind %06x, red %06x",
                  paper, behind, red);
    ck_assert_msg((blue & 0xff) == 0xff && (blue >> 16) > 0x70 && (blue >> 16) < 0x90, "half blue: %06x", blue);
    cairo_surface_destroy(surface);
}
END_TEST

START_TEST(test_pdf__links_by_policy)
{
    static const struct {
        const char *uri;
        MgkAction policy;
        gboolean want;
    } table[] = {
        {"https://example.jp/a?b=%E3%81%82", MGK_ACTION_KEEP, TRUE},
        {"mailto:a@example.jp", MGK_ACTION_KEEP, TRUE},
        {"https://example.jp/", MGK_ACTION_REMOVE, FALSE},
        {"javascript:alert(1)", MGK_ACTION_KEEP, FALSE},
        {"file:///etc/passwd", MGK_ACTION_KEEP, FALSE},
        {"\\\\\\\\server\\\\share", MGK_ACTION_KEEP, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *page = g_strdup_printf(
            "/Annots[<</Type/Annot/Subtype/Link/Rect[10 10 50 50]/A<</S/URI/URI(%s)>>>>]", table[i].uri);
        g_autoptr(GByteArray) pdf = forge_pdf(page, "", SEEN, "");
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.actions[MGK_KIND_LINK_EXTERNAL] = (guint8)table[i].policy;
        ck_assert(fake_run_clean(run, pdf->data, pdf->len, "a.pdf", MGK_FORMAT_ID_pdf, NULL));
        g_autoptr(PopplerDocument) document = open_output(run);
        g_autoptr(PopplerPage) first = poppler_document_get_page(document, 0);
        GList *links = poppler_page_get_link_mapping(first);
        ck_assert_msg((links != NULL) == table[i].want, "row %u: %s", i, table[i].uri);
        poppler_page_free_link_mapping(links);
    }
}
END_TEST

START_TEST(test_pdf__nothing_of_the_file_itself_is_copied)
{
    g_autoptr(GByteArray) pdf =
        forge_pdf("/AA<</O<</S/JavaScript/JS(CANARY1)>>>>/Metadata 6 0 R", "", SEEN "% CANARY2\n",
                  "6 0 obj\n<</Type/Metadata/Length 7>>\nstream\nCANARY3\nendstream\nendobj\n"
                  "7 0 obj\n<</S/JavaScript/JS(CANARY4)>>\nendobj\nCANARY5\n");
    g_autoptr(FakeRun) run = clean_pdf(pdf);
    ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
    ck_assert(!memmem(run->output->data, run->output->len, "JavaScript", 10));
}
END_TEST

/* A scan with invisible text over its ink: gone by default, kept by policy; beside the ink it is hidden text. */
START_TEST(test_pdf__recognised_text_by_policy)
{
    static const char scan[] = "0 g 50 200 3 10 re f 58 200 3 10 re f 74 200 3 10 re f "
                               "BT 3 Tr /F 14 Tf 50 200 Td (OCR) Tj 0 -80 Td (XYZ) Tj ET";
    for (guint keep = 0; keep < 2; keep++) {
        g_autoptr(GByteArray) pdf = forge_pdf("", "", scan, "");
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.actions[MGK_KIND_PDF_TEXT_LAYER] = keep ? MGK_ACTION_KEEP : MGK_ACTION_REMOVE;
        ck_assert(fake_run_clean(run, pdf->data, pdf->len, "a.pdf", MGK_FORMAT_ID_pdf, NULL));
        g_autofree char *text = text_of(run);
        ck_assert_msg((strstr(text, "OCR") != NULL) == (keep == 1), "keep %u: got \"%s\"", keep, text);
        ck_assert_msg(!strpbrk(text, "XYZ"), "keep %u: got \"%s\"", keep, text);
        ck_assert(fake_run_found(run, MGK_KIND_PDF_TEXT_LAYER) && fake_run_found(run, MGK_KIND_PDF_HIDDEN_TEXT));
    }
}
END_TEST

START_TEST(test_pdf__output_is_the_same_every_time)
{
    g_autoptr(GByteArray) pdf = forge_pdf("", "", SEEN, "");
    g_autoptr(FakeRun) one = clean_pdf(pdf), two = clean_pdf(pdf), again = clean_pdf(one->output);
    ck_assert(one->output->len == two->output->len &&
              memcmp(one->output->data, two->output->data, one->output->len) == 0);
    g_autofree char *text = text_of(again);
    ck_assert_msg(again->report->findings->len == 0, "cleaning the output again finds something");
    ck_assert_msg(strstr(text, "Plain words") != NULL, "cleaning the output again loses its text: \"%s\"", text);
}
END_TEST

START_TEST(test_pdf__damaged_files_are_held)
{
    static const char *const files[] = {"%PDF-1.7\n", "%PDF-1.7\ntrailer<</Root 1 0 R>>",
                                        "%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj trailer<</Root 1 0 R>>"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        gboolean ok = fake_run_clean(run, (const guint8 *)files[i], strlen(files[i]), "a.pdf", MGK_FORMAT_ID_pdf, NULL);
        ck_assert_msg(!ok || !mgk_verdict_crosses(run->outcome.verdict), "row %u crosses", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdf");
    TCase *tc = tcase_create("pdf");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_pdf__what_is_not_seen_is_not_copied);
    tcase_add_test(tc, test_pdf__hidden_text_is_reported);
    tcase_add_test(tc, test_pdf__seen_text_survives);
    tcase_add_test(tc, test_pdf__text_stays_in_its_place);
    tcase_add_test(tc, test_pdf__page_looks_the_same);
    tcase_add_test(tc, test_pdf__knockout_group_leaves_the_page_alone);
    tcase_add_test(tc, test_pdf__links_by_policy);
    tcase_add_test(tc, test_pdf__nothing_of_the_file_itself_is_copied);
    tcase_add_test(tc, test_pdf__recognised_text_by_policy);
    tcase_add_test(tc, test_pdf__output_is_the_same_every_time);
    tcase_add_test(tc, test_pdf__damaged_files_are_held);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
