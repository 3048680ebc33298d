#include "pdf_forge.h"

#include <cairo.h>
#include <libdeflate.h>
#include <math.h>

#define SEEN "BT /F 14 Tf 50 250 Td (Plain words) Tj ET "
#define SEEN_SHAPES "/LastChar 9/" /* P l a i n w o r d s */

static FakeRun *outlined(const GByteArray *pdf)
{
    g_autoptr(GError) error = NULL;
    FakeRun *run = fake_run_new();
    run->policy.pdf_outlines = TRUE;
    gboolean ok = fake_run_clean(run, pdf->data, pdf->len, "a.pdf", MGK_FORMAT_ID_pdf, &error);
    ck_assert_msg(ok, "%s", error ? error->message : "no error");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CONVERTED);
    return run;
}

static gboolean contains(const GByteArray *bytes, const char *what)
{
    return memmem(bytes->data, bytes->len, what, strlen(what)) != NULL;
}

/* The output with its deflated streams unpacked behind it. */
static GByteArray *opened(const FakeRun *run)
{
    static const char mark[] = "/Filter/FlateDecode/Length ";
    GByteArray *all = g_byte_array_new();
    g_byte_array_append(all, run->output->data, run->output->len);
    struct libdeflate_decompressor *deflate = libdeflate_alloc_decompressor();
    g_autofree guint8 *room = g_malloc(1 << 22);
    const guint8 *at = run->output->data, *end = at + run->output->len;
    while ((at = memmem(at, (gsize)(end - at), mark, strlen(mark))) != NULL) {
        gsize size = strtoul((const char *)at + strlen(mark), NULL, 10), out = 0;
        at = memmem(at, (gsize)(end - at), "stream\n", 7);
        ck_assert_int_eq(libdeflate_zlib_decompress(deflate, at + 7, size, room, 1 << 22, &out), LIBDEFLATE_SUCCESS);
        g_byte_array_append(all, room, (guint)out);
    }
    libdeflate_free_decompressor(deflate);
    return all;
}

/* Each plants HIDDEN so that nobody sees it: none of its letters may be among the outlines. */
START_TEST(test_pdf_outlines__what_is_not_seen_has_no_outline)
{
    static const char resources[] = ">>/XObject<</X 6 0 R/Y 7 0 R>>/ExtGState<</G<</ca 0>>";
    static const char objects[] =
        "6 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency>>"
        "/Resources<</Font<</F 5 0 R>>>>/Length 55>>\nstream\n1 g BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET                "
        "\nendstream\nendobj\n"
        "7 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency>>"
        "/Resources<</Font<</F 5 0 R>>>>/Length 75>>\nstream\nBT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 1 0 0 rg 40 190 "
        "200 30 re f             \nendstream\nendobj\n";
    static const struct {
        const char *trick, *content;
    } table[] = {
        {"white on white", "1 g BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET"},
        {"invisible", "BT 3 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET"},
        {"outside the page", "BT /F 14 Tf 500 200 Td (HIDDEN) Tj ET"},
        {"above the page", "BT /F 14 Tf 50 900 Td (HIDDEN) Tj ET"},
        {"clipped", "q 10 10 5 5 re W n BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET Q"},
        {"under white", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 1 g 40 190 200 30 re f"},
        {"under a black bar", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0 g 40 190 200 30 re f"},
        {"under a tight black bar", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0 g 50 199 60 12 re f"},
        {"under a gray bar", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0.5 g 40 190 200 30 re f"},
        {"under two bars", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 0.5 g 40 190 30 30 re f 60 190 200 30 re f"},
        {"under a thick line", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET 24 w 40 205 m 200 205 l S"},
        {"under a picture",
         "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET q 200 0 0 100 30 150 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 20D0D020> "
         "EI Q"},
        {"under clipped white", "BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET q 40 190 200 30 re W n 1 g 0 0 400 300 re f Q"},
        {"clip path only", "q BT 7 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET Q"},
        {"clip path, all of it painted", "q BT 7 Tr /F 14 Tf 50 200 Td (HIDDEN) Tj ET 1 g 0 0 400 300 re f Q"},
        {"transparent", "/G gs BT /F 14 Tf 50 200 Td (HIDDEN) Tj ET"},
        {"white in a group", "/X Do"},
        {"under a bar in a group", "/Y Do"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *content = g_strconcat(SEEN, table[i].content, NULL);
        g_autoptr(GByteArray) pdf = forge_pdf("", resources, content, objects);
        g_autoptr(FakeRun) run = outlined(pdf);
        ck_assert_msg(!fake_run_found(run, MGK_KIND_PDF_PAGE_PIXELS), "%s: became pixels", table[i].trick);
        ck_assert_msg(contains(run->output, SEEN_SHAPES), "%s: other letters than those seen", table[i].trick);
        g_autofree char *text = text_of(run);
        ck_assert_msg(strstr(text, "Plain words") && !strpbrk(text, "HID"), "%s: got \"%s\"", table[i].trick, text);
    }
}
END_TEST

/* Secret pixels are dead42, the seen ones 00c0de. */
START_TEST(test_pdf_outlines__pictures_keep_only_what_is_seen)
{
#define PICTURE "q 100 0 0 100 50 50 cm BI /W 2 /H 1 /CS /RGB /BPC 8 /F /AHx ID 00C0DEDEAD42> EI Q "
    static const struct {
        const char *how, *content;
        gboolean secret;
    } table[] = {
        {"open", PICTURE, TRUE},
        {"under a bar", PICTURE "0 g 95 40 70 120 re f", FALSE},
        {"under two bars", PICTURE "0 g 95 40 70 70 re f 95 100 70 60 re f", FALSE},
        {"under half a bar", PICTURE "0 g 95 40 70 60 re f", TRUE},
        {"clipped", "q 40 40 55 120 re W n " PICTURE "Q", FALSE},
        {"clipped by a circle", "q 50 100 m 95 100 95 60 70 60 c 55 60 50 70 50 100 c W n " PICTURE "Q", FALSE},
        {"outside the page", "q 1 0 0 1 301 0 cm " PICTURE "Q", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *content = g_strconcat(SEEN, table[i].content, NULL);
        g_autoptr(GByteArray) pdf = forge_pdf("", "", content, "");
        g_autoptr(FakeRun) run = outlined(pdf);
        ck_assert_msg(contains(run->output, "00C0DE"), "%s: the picture is gone", table[i].how);
        ck_assert_msg(contains(run->output, "DEAD42") == table[i].secret, "%s: secret pixels", table[i].how);
    }
}
END_TEST

/* Every place of the file where bytes of its author's choice can stand. */
START_TEST(test_pdf_outlines__no_byte_of_the_original_crosses)
{
    static const char objects[] =
        "6 0 obj\n<</Type/XObject/Subtype/Image/Width 2/Height 1/ColorSpace[/ICCBased 8 0 R]/BitsPerComponent 8"
        "/Filter/ASCIIHexDecode/Length 34>>\nstream\nFF000000FF00>CANARYINPICTURE      \nendstream\nendobj\n"
        "7 0 obj\n<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 65"
        "/LastChar 65/Widths[1000]/Encoding<</Differences[65/CANARYNAME]>>/CharProcs<</CANARYNAME 9 0 R>>"
        "/Resources<<>>>>\nendobj\n"
        "8 0 obj\n<</N 3/Length 20>>\nstream\nCANARYINPROFILE     \nendstream\nendobj\n"
        "9 0 obj\n<</Length 75>>\nstream\n1000 0 0 0 1000 1000 d1 % CANARYINGLYPH\n0 0 m 900 0 l 450 900 l f "
        "          \nendstream\nendobj\n"
        "10 0 obj\n<</FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1]/Length 40>>\nstream\n"
        "{ dup dup % CANARYINFUNCTION\n}          \nendstream\nendobj\n";
    g_autoptr(GByteArray) pdf =
        forge_pdf("/CANARYKEY(CANARYVALUE)",
                  "/T 7 0 R>>/XObject<</X 6 0 R>>/Shading<</S<</ShadingType 2/ColorSpace/DeviceRGB"
                  "/Coords[0 0 400 0]/Function 10 0 R>>",
                  SEEN "% CANARYINCONTENT\n/CANARYTAG BMC BT /T 40 Tf 50 100 Td (A) Tj ET EMC "
                       "q 60 0 0 30 200 100 cm /X Do Q q 0 0 400 40 re W n /S sh Q",
                  objects);
    g_autoptr(FakeRun) run = outlined(pdf);
    g_autoptr(GByteArray) all = opened(run);
    ck_assert(!fake_run_found(run, MGK_KIND_PDF_PAGE_PIXELS));
    ck_assert_msg(!contains(all, "CANARY"), "a canary came out");
    ck_assert(contains(all, "/Subtype/Type3"));
    ck_assert(contains(all, "/Subtype/Image"));
    ck_assert(!contains(all, "/FunctionType 4"));
}
END_TEST

static cairo_surface_t *picture_of(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(PopplerDocument) document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    ck_assert_ptr_nonnull(document);
    g_autoptr(PopplerPage) page = poppler_document_get_page(document, 0);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 800, 600);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, 2, 2);
    poppler_page_render(page, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

/* Mean difference of all channels, of 255. */
static double difference(const guint8 *a, gsize a_size, const guint8 *b, gsize b_size)
{
    cairo_surface_t *left = picture_of(a, a_size), *right = picture_of(b, b_size);
    const guint8 *x = cairo_image_surface_get_data(left), *y = cairo_image_surface_get_data(right);
    double sum = 0;
    gsize n = (gsize)cairo_image_surface_get_stride(left) * 600;
    for (gsize i = 0; i < n; i++)
        sum += i % 4 == 3 ? 0 : fabs((double)x[i] - y[i]);
    cairo_surface_destroy(left);
    cairo_surface_destroy(right);
    return sum / (double)n;
}

static const char looks_resources[] =
    ">>/ExtGState<</H<</ca 0.5/CA 0.5>>/M<</BM/Multiply>>>>/XObject<</X 6 0 R/Y 7 0 R>>/Pattern<</P<</PatternType 2"
    "/Shading<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 400 0]/Extend[true true]/Function<</FunctionType 2"
    "/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>>>>>/R<</PatternType 2/Shading<</ShadingType 3/ColorSpace/DeviceRGB"
    "/Coords[200 150 10 200 150 120]/Extend[true false]/Function<</FunctionType 2/Domain[0 1]/C0[1 1 0]/C1[0 1 1]"
    "/N 1>>>>>>/T 8 0 R";
static const char looks_objects[] =
    "6 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 400 300]/Group<</S/Transparency>>/Resources<<>>/Length 70>>\n"
    "stream\n1 0 0 rg 50 50 200 100 re f 0 0 1 rg 150 100 200 100 re f               \nendstream\nendobj\n"
    "7 0 obj\n<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceRGB/BitsPerComponent 8/SMask 9 0 R"
    "/Filter/ASCIIHexDecode/Length 25>>\nstream\nFF000000FF000000FFFFFF00>\nendstream\nendobj\n"
    "8 0 obj\n<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 20 20]/XStep 20/YStep 20/Resources<<>>/Length 30>>\n"
    "stream\n0 1 0 rg 0 0 10 10 re f       \nendstream\nendobj\n"
    "9 0 obj\n<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8"
    "/Filter/ASCIIHexDecode/Length 9>>\nstream\nFF8040C0>\nendstream\nendobj\n";

static const struct {
    const char *what, *content;
} looks[] = {
    {"text", "BT /F 30 Tf 20 200 Td (Sharp letters) Tj 0 1 -1 0 300 20 Tm (turned) Tj ET"},
    {"stretched text", "BT 2 0 0.5 1 20 100 Tm /F 30 Tf (slanted) Tj ET"},
    {"text as outlines", "BT 2 Tr 1 0 0 RG /F 60 Tf 20 100 Td (both) Tj ET"},
    {"lines", "3 w [10 5] 0 d 1 J 1 j 20 20 m 380 20 l 200 280 l S [] 0 d 0.2 w 20 100 m 380 140 l S"},
    {"a stretched pen", "q 4 0 0 1 0 0 cm 5 w 10 50 m 80 250 l S Q"},
    {"holes", "0 0 1 rg 50 50 200 200 re 100 100 100 100 re f* 0 1 0 rg 300 50 m 390 50 l 345 200 l h f"},
    {"clips", "q 100 50 m 300 50 l 200 250 l h W n q 0 100 400 50 re W n 1 0 0 rg 0 0 400 300 re f Q Q"},
    {"clip of letters", "q BT 7 Tr /F 120 Tf 20 100 Td (Clip) Tj ET 1 0 0 rg 0 0 400 150 re f Q"},
    {"half transparent", "1 0 0 rg 50 50 200 100 re f /H gs 0 0 1 rg 150 100 200 100 re f"},
    {"multiplied", "1 1 0 rg 50 50 200 100 re f /M gs 0 1 1 rg 150 100 200 100 re f"},
    {"group", "/X Do"},
    {"half transparent group", "/H gs /X Do"},
    {"linear gradient", "/Pattern cs /P scn 20 20 360 260 re f"},
    {"radial gradient", "/Pattern cs /R scn 20 20 360 260 re f"},
    {"letters of a gradient", "/Pattern cs /P scn BT /F 90 Tf 20 100 Td (Ramp) Tj ET"},
    {"tiles", "/Pattern cs /T scn 20 20 360 260 re f"},
    {"picture", "q 300 0 0 200 50 50 cm BI /W 2 /H 2 /CS /RGB /BPC 8 /F /AHx ID FF000000FF000000FFFFFF00> EI Q"},
    {"turned picture", "q 150 150 -100 100 200 20 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 20D0D020> EI Q"},
    {"picture with a mask", "0.5 g 0 0 200 300 re f q 300 0 0 200 50 50 cm /Y Do Q"},
    {"stencil", "1 0 0 rg q 300 0 0 200 50 50 cm BI /IM true /W 8 /H 2 /BPC 1 /F /AHx ID AA55> EI Q"},
};

START_TEST(test_pdf_outlines__keep_the_look)
{
    for (guint i = 0; i < G_N_ELEMENTS(looks); i++) {
        g_autofree char *content = g_strconcat("q ", looks[i].content, " Q 1 g 40 240 120 30 re f 0 g " SEEN, NULL);
        g_autoptr(GByteArray) pdf = forge_pdf("", looks_resources, content, looks_objects);
        g_autoptr(FakeRun) run = outlined(pdf), again = outlined(run->output);
        ck_assert_msg(!fake_run_found(run, MGK_KIND_PDF_PAGE_PIXELS), "%s: became pixels", looks[i].what);
        ck_assert_msg(contains(run->output, "/Subtype/Type3"), "%s: became pixels", looks[i].what);
        double once = difference(pdf->data, pdf->len, run->output->data, run->output->len);
        double twice = difference(pdf->data, pdf->len, again->output->data, again->output->len);
        ck_assert_msg(once < 1.5, "%s: differs by %.2f", looks[i].what, once);
        ck_assert_msg(twice < 2, "%s: cleaned again, differs by %.2f", looks[i].what, twice);
        g_autofree char *text = text_of(again);
        ck_assert_msg(strstr(text, "Plain words") != NULL, "%s: text of the second: \"%s\"", looks[i].what, text);
    }
}
END_TEST

/* Letters that the file draws itself, as paths or as little pictures, in units of any size. */
START_TEST(test_pdf_outlines__letters_that_are_drawings)
{
    static const struct {
        const char *what, *matrix, *size, *procedure;
    } table[] = {
        {"path", "0.001 0 0 0.001 0 0", "50", "1000 0 0 0 1000 1000 d1 0 0 m 900 0 l 450 900 l f"},
        {"stroke", "0.001 0 0 0.001 0 0", "50", "1000 0 0 0 1000 1000 d1 80 w 100 100 m 900 100 l 450 900 l S"},
        {"picture", "0.125 0 0 0.125 0 0", "50",
         "8 0 0 0 8 8 d1 8 0 0 8 0 0 cm BI /IM true /W 8 /H 8 /BPC 1 /F /AHx ID FF818181FF0F0F00> EI"},
        {"picture in huge units", "100 0 0 100 0 0", "0.0625",
         "8 0 0 0 8 8 d1 8 0 0 8 0 0 cm BI /IM true /W 8 /H 8 /BPC 1 /F /AHx ID FF818181FF0F0F00> EI"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *objects = g_strdup_printf(
            "7 0 obj\n<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[%s]/FirstChar 65/LastChar 65/Widths[8]"
            "/Encoding<</Differences[65/a]>>/CharProcs<</a 9 0 R>>/Resources<<>>>>\nendobj\n"
            "9 0 obj\n<</Length %u>>\nstream\n%s\nendstream\nendobj\n",
            table[i].matrix, (guint)strlen(table[i].procedure), table[i].procedure);
        g_autofree char *content = g_strdup_printf(SEEN "BT /T %s Tf 100 100 Td (A) Tj ET", table[i].size);
        g_autoptr(GByteArray) pdf = forge_pdf("", "/T 7 0 R", content, objects);
        g_autoptr(FakeRun) run = outlined(pdf);
        double off = difference(pdf->data, pdf->len, run->output->data, run->output->len);
        ck_assert_msg(off < 1, "%s: differs by %.2f", table[i].what, off);
    }
}
END_TEST

/* A page beyond the budget is a picture, and said to be one. */
START_TEST(test_pdf_outlines__too_much_becomes_pixels)
{
    g_autoptr(GString) content = g_string_new(SEEN "/Pattern cs /T scn ");
    for (guint i = 0; i < 80; i++)
        g_string_append_printf(content, "%u %u 15 15 re f ", 20 + i % 10 * 30, 20 + i / 10 * 25);
    g_autoptr(GByteArray) pdf = forge_pdf("", looks_resources, content->str, looks_objects);
    g_autoptr(FakeRun) run = outlined(pdf);
    ck_assert(fake_run_found(run, MGK_KIND_PDF_PAGE_PIXELS));
    ck_assert(!contains(run->output, "/Subtype/Type3"));
    g_autofree char *text = text_of(run);
    ck_assert_msg(strstr(text, "Plain words") != NULL, "got \"%s\"", text);
}
END_TEST

START_TEST(test_pdf_outlines__only_where_the_policy_says_so)
{
    g_autoptr(GByteArray) pdf = forge_pdf("", "", SEEN, "");
    g_autoptr(FakeRun) run = clean_pdf(pdf), other = outlined(pdf), look = fake_run_new();
    ck_assert(!contains(run->output, "/Subtype/Type3"));
    ck_assert(contains(other->output, "/Subtype/Type3"));
    ck_assert(!fake_run_check(look, other->output->data, other->output->len, MGK_FORMAT_ID_pdf, NULL));
    look->policy.pdf_outlines = TRUE;
    ck_assert(fake_run_check(look, other->output->data, other->output->len, MGK_FORMAT_ID_pdf, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdf_outlines");
    TCase *tc = tcase_create("pdf_outlines");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_pdf_outlines__what_is_not_seen_has_no_outline);
    tcase_add_test(tc, test_pdf_outlines__pictures_keep_only_what_is_seen);
    tcase_add_test(tc, test_pdf_outlines__no_byte_of_the_original_crosses);
    tcase_add_test(tc, test_pdf_outlines__keep_the_look);
    tcase_add_test(tc, test_pdf_outlines__letters_that_are_drawings);
    tcase_add_test(tc, test_pdf_outlines__too_much_becomes_pixels);
    tcase_add_test(tc, test_pdf_outlines__only_where_the_policy_says_so);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
