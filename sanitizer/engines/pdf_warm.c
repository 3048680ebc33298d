#include "engines/pdf_warm.h"

#include "engines/pdf_render.h"

#include <poppler.h>

/* Fonts by name only, with predefined character maps: what poppler finds through fontconfig and poppler-data. */
static const struct {
    const char *font, *ordering, *encoding, *text; /* text: hexadecimal, in that encoding */
} families[] = {
    {"Ryumin-Light", "Japan1", "90ms-RKSJ-H", "93FA967B"},
    {"GothicBBB-Medium", "Japan1", "UniJIS-UTF16-H", "65E5672C"},
    {"STSong-Light", "GB1", "UniGB-UTF16-H", "4E2D6587"},
    {"MSung-Light", "CNS1", "UniCNS-UTF16-H", "4E2D6587"},
    {"HYSMyeongJo-Medium", "Korea1", "UniKS-UTF16-H", "D55C"},
};
static const char *const latin[] = {"Helvetica", "Times-Roman", "Courier", "Symbol", "ZapfDingbats"};

static void add_object(GString *pdf, GArray *offsets, const char *body)
{
    guint offset = (guint)pdf->len;
    g_array_append_val(offsets, offset);
    g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", offsets->len, body);
}

/* Objects: 1 catalog, 2 pages, 3 page, 4 content, then a font each, and for the CJK ones a descendant font each. */
static GString *make_document(void)
{
    const guint first = 5, n_latin = G_N_ELEMENTS(latin), n_cjk = G_N_ELEMENTS(families);
    g_autoptr(GString) content = g_string_new("BT 20 TL 10 280 Td ");
    g_autoptr(GString) fonts = g_string_new("");
    for (guint i = 0; i < n_latin + n_cjk; i++) {
        g_string_append_printf(fonts, "/F%u %u 0 R", i, first + i);
        g_string_append_printf(content, "/F%u 12 Tf <%s> Tj T* ", i, i < n_latin ? "4142" : families[i - n_latin].text);
    }
    g_string_append(content, "ET");
    GString *pdf = g_string_new("%PDF-1.4\n");
    g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(guint));
    add_object(pdf, offsets, "<</Type/Catalog/Pages 2 0 R>>");
    add_object(pdf, offsets, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
    g_autofree char *page = g_strdup_printf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 300]/Contents 4 0 R"
                                            "/Resources<</Font<<%s>>>>>>",
                                            fonts->str);
    add_object(pdf, offsets, page);
    g_autofree char *stream =
        g_strdup_printf("<</Length %" G_GSIZE_FORMAT ">>stream\n%s\nendstream", content->len, content->str);
    add_object(pdf, offsets, stream);
    for (guint i = 0; i < n_latin; i++) {
        g_autofree char *font = g_strdup_printf("<</Type/Font/Subtype/Type1/BaseFont/%s>>", latin[i]);
        add_object(pdf, offsets, font);
    }
    for (guint i = 0; i < n_cjk; i++) {
        g_autofree char *font =
            g_strdup_printf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/%s/DescendantFonts[%u 0 R]>>",
                            families[i].font, families[i].encoding, first + n_latin + n_cjk + i);
        add_object(pdf, offsets, font);
    }
    for (guint i = 0; i < n_cjk; i++) {
        g_autofree char *font =
            g_strdup_printf("<</Type/Font/Subtype/CIDFontType0/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)"
                            "/Ordering(%s)/Supplement 2>>>>",
                            families[i].font, families[i].ordering);
        add_object(pdf, offsets, font);
    }
    guint start = (guint)pdf->len;
    g_string_append_printf(pdf, "xref\n0 %u\n0000000000 65535 f \n", offsets->len + 1);
    for (guint i = 0; i < offsets->len; i++)
        g_string_append_printf(pdf, "%010u 00000 n \n", g_array_index(offsets, guint, i));
    g_string_append_printf(pdf, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%u\n%%%%EOF\n", offsets->len + 1, start);
    return pdf;
}

static void draw(PopplerDocument *document)
{
    PopplerPage *page = poppler_document_get_page(document, 0);
    if (!page)
        return;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 100, 300);
    cairo_t *cr = cairo_create(surface);
    poppler_page_render(page, cr);
    g_autofree char *text = poppler_page_get_text(page);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    g_object_unref(page);
}

void mgk_pdf_warm(void)
{
    static PopplerDocument *kept; /* never closed, see the header */
    static GBytes *bytes;
    static GIConv converter; /* poppler converts passwords; glibc loads a converter only once it may open files */
    if (kept)
        return;
    converter = g_iconv_open("ISO-8859-1", "UTF-8");
    (void)converter;
    mgk_pdf_render_warm();
    bytes = g_string_free_to_bytes(make_document());
    kept = poppler_document_new_from_bytes(bytes, NULL, NULL);
    if (kept)
        draw(kept);
}
