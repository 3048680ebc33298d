#include "engines/pdf_writer.h"

#include "engines/pdf_draw.h"
#include "engines/pdf_font.h"
#include "engines/pdf_image.h"
#include "engines/pdf_output.h"

#include <math.h>
#include <string.h>

/* Objects numbered beforehand: links and outline items point at pages that are still to come. */
enum { CATALOG = 1, PAGES, FIRST_PAGE };

typedef struct Item {
    MgkPageOutline item;
    char *title;
} Item;

struct MgkPdfWriter {
    MgkPdfOutput *output; /* owned */
    MgkPageDocument document;
    char *title;          /* owned */
    GArray *outline;      /* of Item */
    GString *labels;      /* owned: the entries of /PageLabels */
    gboolean labelled;    /* some label is not what a reader would count */
    guint64 next_label;   /* continues the numbering of the entry before, 0 when it cannot */
    MgkPdfFonts *fonts;   /* owned */
    MgkPdfDraw *draw;     /* owned */
    GArray *font_objects; /* of guint: object numbers by font */
    /* of the page being written */
    MgkPageHead page;
    GString *content, *text, *images, *annots; /* owned */
    guint n_images;
    guint64 page_fonts; /* a bit a font */
    gint current_font;  /* in the text object, -1 before the first */
    gint32 current_size;
};

static void clear_item(gpointer data)
{
    g_free(((Item *)data)->title);
}

MgkPdfWriter *mgk_pdf_writer_new(MgkJob *job, const MgkPageDocument *document, const char *title, GError **error)
{
    g_autoptr(MgkPdfOutput) output = mgk_pdf_output_new(job, FIRST_PAGE - 1 + document->pages, error);
    if (!output)
        return NULL;
    MgkPdfWriter *writer = g_new0(MgkPdfWriter, 1);
    writer->output = g_steal_pointer(&output);
    writer->document = *document;
    writer->title = g_strdup(title);
    writer->outline = g_array_new(FALSE, FALSE, sizeof(Item));
    g_array_set_clear_func(writer->outline, clear_item);
    writer->labels = g_string_new("");
    writer->fonts = mgk_pdf_fonts_new();
    writer->draw = mgk_pdf_draw_new(writer->output);
    writer->font_objects = g_array_new(FALSE, FALSE, sizeof(guint));
    writer->content = g_string_new("");
    writer->text = g_string_new("");
    writer->images = g_string_new("");
    writer->annots = g_string_new("");
    return writer;
}

void mgk_pdf_writer_free(MgkPdfWriter *writer)
{
    if (!writer)
        return;
    mgk_pdf_draw_free(writer->draw);
    mgk_pdf_output_free(writer->output);
    g_free(writer->title);
    g_array_unref(writer->outline);
    g_string_free(writer->labels, TRUE);
    mgk_pdf_fonts_free(writer->fonts);
    g_array_unref(writer->font_objects);
    g_string_free(writer->content, TRUE);
    g_string_free(writer->text, TRUE);
    g_string_free(writer->images, TRUE);
    g_string_free(writer->annots, TRUE);
    g_free(writer);
}

void mgk_pdf_writer_outline(MgkPdfWriter *writer, const MgkPageOutline *item, const char *title)
{
    Item copy = {.item = *item, .title = g_strdup(title)};
    g_array_append_val(writer->outline, copy);
}

static void append_numbers(GString *out, const double *values, guint n)
{
    for (guint i = 0; i < n; i++) {
        mgk_pdf_append_number(out, values[i]);
        g_string_append_c(out, ' ');
    }
}

/* ---- page labels ---- */

/* The number a label is, when it is one that /S/D would print; else 0. */
static guint64 label_number(const char *label)
{
    if (label[0] < '1' || label[0] > '9' || strlen(label) > 9)
        return 0;
    char *end = NULL;
    guint64 value = g_ascii_strtoull(label, &end, 10);
    return *end ? 0 : value;
}

static void add_label(MgkPdfWriter *writer, guint index, const char *label)
{
    guint64 number = label_number(label);
    if (number != index + 1)
        writer->labelled = TRUE;
    gboolean continues = number && number == writer->next_label;
    writer->next_label = number ? number + 1 : 0;
    if (continues)
        return;
    g_string_append_printf(writer->labels, "%u<<", index);
    if (number) {
        g_string_append_printf(writer->labels, "/S/D/St %u", (guint)number);
    } else {
        g_string_append(writer->labels, "/P");
        mgk_pdf_append_text(writer->labels, label);
    }
    g_string_append(writer->labels, ">>");
}

/* ---- pages ---- */

void mgk_pdf_writer_begin_page(MgkPdfWriter *writer, const MgkPageHead *page, const char *label)
{
    writer->page = *page;
    g_string_truncate(writer->content, 0);
    g_string_truncate(writer->text, 0);
    g_string_truncate(writer->images, 0);
    g_string_truncate(writer->annots, 0);
    writer->n_images = 0;
    writer->page_fonts = 0;
    writer->current_font = -1;
    mgk_pdf_draw_begin_page(writer->draw, page);
    add_label(writer, page->index, label);
}

/* From the pixel grid to points, y up. */
static double across(const MgkPdfWriter *writer, guint n)
{
    return n * 72000.0 / writer->page.millidpi_x;
}

static double down(const MgkPdfWriter *writer, guint n)
{
    return n * 72000.0 / writer->page.millidpi_y;
}

static double up(const MgkPdfWriter *writer, double y)
{
    return writer->page.height / 1000.0 - y;
}

static void place(MgkPdfWriter *writer, const MgkPageBand *band, double *ret_box)
{
    ret_box[0] = writer->page.left / 1000.0 + across(writer, band->x);
    ret_box[1] = up(writer, writer->page.top / 1000.0 + down(writer, band->y + band->height));
    ret_box[2] = across(writer, band->width);
    ret_box[3] = down(writer, band->height);
}

static void fill(MgkPdfWriter *writer, const MgkPageBand *band, guint32 color)
{
    double box[4];
    place(writer, band, box);
    append_numbers(writer->content,
                   (const double[]){(color >> 16) / 255.0, ((color >> 8) & 255) / 255.0, (color & 255) / 255.0}, 3);
    g_string_append(writer->content, "rg ");
    append_numbers(writer->content, box, 4);
    g_string_append(writer->content, "re f\n");
}

gboolean mgk_pdf_writer_band(MgkPdfWriter *writer, const MgkPageBand *band, const guint32 *colors, const guint8 *data,
                             GError **error)
{
    if (band->coding == MGK_CODING_FILL) {
        fill(writer, band, colors[0]);
        return TRUE;
    }
    guint number = mgk_pdf_output_number(writer->output);
    double box[4];
    place(writer, band, box);
    g_string_append(writer->content, "q ");
    append_numbers(writer->content, (const double[]){box[2], 0, 0, box[3], box[0], box[1]}, 6);
    g_string_append_printf(writer->content, "cm /I%u Do Q\n", writer->n_images);
    g_string_append_printf(writer->images, "/I%u %u 0 R", writer->n_images++, number);
    guint32 millidpi = MIN(writer->page.millidpi_x, writer->page.millidpi_y);
    return mgk_pdf_image_write(writer->output, number, &(MgkPdfImage){band, colors, data, millidpi, 0}, error);
}

gboolean mgk_pdf_writer_drawing(MgkPdfWriter *writer, const MgkPageRecord *record, GError **error)
{
    return mgk_pdf_draw_record(writer->draw, record, error);
}

/* ---- text ---- */

static void select_font(MgkPdfWriter *writer, guint font, gint32 size)
{
    if (writer->current_font == (gint)font && writer->current_size == size)
        return;
    g_string_append_printf(writer->text, "/F%u ", font);
    mgk_pdf_append_number(writer->text, size / 1000.0);
    g_string_append(writer->text, " Tf ");
    writer->current_font = (gint)font;
    writer->current_size = size;
    writer->page_fonts |= G_GUINT64_CONSTANT(1) << font;
}

static void move_to(MgkPdfWriter *writer, const MgkPageRun *run, double along)
{
    double c = run->cos / 1e6, s = run->sin / 1e6;
    append_numbers(writer->text,
                   (const double[]){c, -s, s, c, run->x / 1000.0 + c * along, up(writer, run->y / 1000.0 + s * along)},
                   6);
    g_string_append(writer->text, "Tm [<");
}

/* Four digits; printf takes ten times as long, for every letter. */
static void append_code(GString *out, guint code)
{
    static const char digits[] = "0123456789ABCDEF";
    const char four[] = {digits[code >> 12 & 15], digits[code >> 8 & 15], digits[code >> 4 & 15], digits[code & 15]};
    g_string_append_len(out, four, sizeof four);
}

/* One run becomes one TJ, or more where the font changes. Widths are rounded, so the pen drifts from where the
 * original's glyphs stood; a number in the array brings it back as soon as it shows. */
void mgk_pdf_writer_run(MgkPdfWriter *writer, const MgkPageRun *run, const MgkPageGlyph *glyphs)
{
    double size = run->size / 1000.0, wanted = 0, pen = 0;
    gint font = -1;
    for (guint i = 0; i < run->n; i++) {
        MgkPdfCode code;
        guint width = (guint)CLAMP(lround(glyphs[i].width / size), 0, 100000);
        if (mgk_pdf_fonts_code(writer->fonts, glyphs[i].character, width, &code)) {
            if (font != (gint)code.font) {
                if (font >= 0)
                    g_string_append(writer->text, ">]TJ\n");
                select_font(writer, code.font, run->size);
                move_to(writer, run, wanted);
                font = (gint)code.font;
                pen = wanted;
            }
            double drift = pen - wanted;
            if (fabs(drift) > MIN(0.03, size * 0.01)) {
                double kern = CLAMP(round(drift * 1000 / size), -1e6, 1e6);
                g_string_append_printf(writer->text, ">%.0f<", kern);
                pen -= kern * size / 1000;
            }
            append_code(writer->text, code.code);
            pen += code.width * size / 1000;
        }
        wanted += glyphs[i].advance / 1000.0;
    }
    if (font >= 0)
        g_string_append(writer->text, ">]TJ\n");
}

/* ---- links ---- */

static void append_dest(GString *out, guint page, gint32 x, gint32 y)
{
    g_string_append_printf(out, "/Dest[%u 0 R", FIRST_PAGE + page);
    if (y == MGK_PAGE_NO_POSITION) {
        g_string_append(out, "/Fit]");
        return;
    }
    g_string_append(out, "/XYZ ");
    if (x == MGK_PAGE_NO_POSITION)
        g_string_append(out, "null");
    else
        mgk_pdf_append_number(out, x / 1000.0);
    g_string_append_c(out, ' ');
    mgk_pdf_append_number(out, y / 1000.0); /* targets come in the target's own direction: y up */
    g_string_append(out, " null]");
}

static void append_uri(GString *out, const char *uri)
{
    g_string_append(out, "/A<</S/URI/URI(");
    for (; *uri; uri++) {
        if (*uri == '(' || *uri == ')')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *uri);
    }
    g_string_append(out, ")>>");
}

gboolean mgk_pdf_writer_link(MgkPdfWriter *writer, const MgkPageLink *link, const char *uri, GError **error)
{
    g_autoptr(GString) body = g_string_new("<</Type/Annot/Subtype/Link/Border[0 0 0]/F 4/Rect[");
    append_numbers(body,
                   (const double[]){link->x1 / 1000.0, up(writer, link->y2 / 1000.0), link->x2 / 1000.0,
                                    up(writer, link->y1 / 1000.0)},
                   4);
    g_string_append_c(body, ']');
    if (link->page == MGK_PAGE_NO_PAGE)
        append_uri(body, uri);
    else
        append_dest(body, link->page, link->x, link->y);
    g_string_append(body, ">>");
    guint number = mgk_pdf_output_number(writer->output);
    g_string_append_printf(writer->annots, "%u 0 R ", number);
    return mgk_pdf_output_object(writer->output, number, body->str, error);
}

/* ---- the end of a page ---- */

static void append_text_fonts(MgkPdfWriter *writer, GString *out)
{
    for (guint font = 0; font < 64; font++) {
        if (!(writer->page_fonts >> font & 1))
            continue;
        while (writer->font_objects->len <= font) {
            guint number = mgk_pdf_output_number(writer->output);
            g_array_append_val(writer->font_objects, number);
        }
        g_string_append_printf(out, "/F%u %u 0 R", font, g_array_index(writer->font_objects, guint, font));
    }
}

/* Puts the page's parts together; writer->content becomes all of it. */
static void compose(MgkPdfWriter *writer, GString *resources)
{
    g_autoptr(GString) fonts = g_string_new(""), others = g_string_new("");
    append_text_fonts(writer, fonts);
    mgk_pdf_draw_end_page(writer->draw, writer->content, writer->images, fonts, others);
    if (writer->text->len)
        g_string_append_printf(writer->content, "BT 3 Tr\n%sET\n", writer->text->str);
    g_string_append(resources, "/Resources<<");
    if (writer->images->len)
        g_string_append_printf(resources, "/XObject<<%s>>", writer->images->str);
    if (fonts->len)
        g_string_append_printf(resources, "/Font<<%s>>", fonts->str);
    g_string_append_printf(resources, "%s>>", others->str);
}

gboolean mgk_pdf_writer_end_page(MgkPdfWriter *writer, GError **error)
{
    guint contents = mgk_pdf_output_number(writer->output);
    g_autoptr(GString) resources = g_string_new("");
    compose(writer, resources);
    g_autoptr(GString) body = g_string_new("<</Type/Page/Parent 2 0 R/MediaBox[0 0 ");
    append_numbers(body, (const double[]){writer->page.width / 1000.0, writer->page.height / 1000.0}, 2);
    g_string_append_printf(body, "]/Contents %u 0 R%s", contents, resources->str);
    if (writer->annots->len)
        g_string_append_printf(body, "/Annots[%s]", writer->annots->str);
    g_string_append(body, ">>");
    guint number = FIRST_PAGE + writer->page.index;
    return mgk_pdf_output_deflated(writer->output, contents, "", (const guint8 *)writer->content->str,
                                   writer->content->len, error) &&
           mgk_pdf_output_object(writer->output, number, body->str, error);
}

/* ---- what all pages share ---- */

static gboolean write_font(MgkPdfWriter *writer, guint font, guint program, GError **error)
{
    MgkPdfOutput *output = writer->output;
    guint number = g_array_index(writer->font_objects, guint, font);
    guint descendant = mgk_pdf_output_number(output), descriptor = mgk_pdf_output_number(output),
          map = mgk_pdf_output_number(output), unicode = mgk_pdf_output_number(output);
    g_autoptr(GString) body = g_string_new("");
    g_string_printf(body,
                    "<</Type/Font/Subtype/Type0/BaseFont/" MGK_PDF_FONT_NAME
                    "/Encoding/Identity-H/DescendantFonts[%u 0 R]/ToUnicode %u 0 R>>",
                    descendant, unicode);
    if (!mgk_pdf_output_object(output, number, body->str, error))
        return FALSE;
    g_string_printf(body,
                    "<</Type/Font/Subtype/CIDFontType2/BaseFont/" MGK_PDF_FONT_NAME
                    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %u 0 R"
                    "/CIDToGIDMap %u 0 R/DW 1000/W",
                    descriptor, map);
    mgk_pdf_fonts_widths(writer->fonts, font, body);
    g_string_append(body, ">>");
    if (!mgk_pdf_output_object(output, descendant, body->str, error))
        return FALSE;
    g_string_printf(body,
                    "<</Type/FontDescriptor/FontName/" MGK_PDF_FONT_NAME
                    "/Flags 4/FontBBox[0 -%d 1000 %d]/ItalicAngle 0/Ascent %d/Descent -%d/CapHeight 700/StemV 80"
                    "/FontFile2 %u 0 R>>",
                    MGK_PDF_FONT_DESCENT, MGK_PDF_FONT_ASCENT, MGK_PDF_FONT_ASCENT, MGK_PDF_FONT_DESCENT, program);
    if (!mgk_pdf_output_object(output, descriptor, body->str, error))
        return FALSE;
    gsize map_size = 2 * ((gsize)mgk_pdf_fonts_codes(writer->fonts, font) + 1);
    g_autofree guint8 *zeros = g_malloc0(map_size);
    g_string_truncate(body, 0);
    mgk_pdf_fonts_to_unicode(writer->fonts, font, body);
    return mgk_pdf_output_deflated(output, map, "", zeros, map_size, error) &&
           mgk_pdf_output_deflated(output, unicode, "", (const guint8 *)body->str, body->len, error);
}

static gboolean write_fonts(MgkPdfWriter *writer, GError **error)
{
    if (!writer->font_objects->len)
        return TRUE;
    g_autoptr(GByteArray) file = mgk_pdf_fonts_program();
    g_autofree char *entries = g_strdup_printf("/Length1 %u", file->len);
    guint program = mgk_pdf_output_number(writer->output);
    if (!mgk_pdf_output_deflated(writer->output, program, entries, file->data, file->len, error))
        return FALSE;
    for (guint font = 0; font < writer->font_objects->len; font++) {
        if (!write_font(writer, font, program, error))
            return FALSE;
    }
    return TRUE;
}

/* How a tree of items hangs together, from their depths: indices + 1, 0 for none. */
typedef struct Kin {
    guint parent, prev, next, first, last, children;
} Kin;

static void relate(const GArray *items, Kin *kin, Kin *root)
{
    guint path[128] = {0}; /* path[d]: the item at depth d, + 1; bounded by page_stream */
    for (guint i = 0; i < items->len; i++) {
        guint depth = MIN(g_array_index(items, Item, i).item.depth, 126);
        Kin *parent = depth ? &kin[path[depth] - 1] : root;
        kin[i].parent = path[depth];
        kin[i].prev = parent->last;
        if (parent->last)
            kin[parent->last - 1].next = i + 1;
        else
            parent->first = i + 1;
        parent->last = i + 1;
        parent->children++;
        path[depth + 1] = i + 1;
    }
}

static void append_kin(GString *out, const char *key, guint item, guint base)
{
    if (item)
        g_string_append_printf(out, "/%s %u 0 R", key, base + item);
}

static gboolean write_outline(MgkPdfWriter *writer, guint *ret_root, GError **error)
{
    guint n = writer->outline->len;
    if (!n)
        return TRUE;
    g_autofree Kin *kin = g_new0(Kin, n);
    Kin root = {0};
    relate(writer->outline, kin, &root);
    guint base = mgk_pdf_output_number(writer->output);
    for (guint i = 0; i < n; i++)
        mgk_pdf_output_number(writer->output);
    g_autoptr(GString) body = g_string_new("<</Type/Outlines");
    append_kin(body, "First", root.first, base);
    append_kin(body, "Last", root.last, base);
    g_string_append_printf(body, "/Count %u>>", root.children);
    if (!mgk_pdf_output_object(writer->output, base, body->str, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const Item *item = &g_array_index(writer->outline, Item, i);
        g_string_assign(body, "<</Title");
        mgk_pdf_append_text(body, item->title);
        g_string_append_printf(body, "/Parent %u 0 R", base + kin[i].parent);
        append_kin(body, "Prev", kin[i].prev, base);
        append_kin(body, "Next", kin[i].next, base);
        append_kin(body, "First", kin[i].first, base);
        append_kin(body, "Last", kin[i].last, base);
        if (kin[i].children)
            g_string_append_printf(body, "/Count %s%u", item->item.open ? "" : "-", kin[i].children);
        if (item->item.page != MGK_PAGE_NO_PAGE)
            append_dest(body, item->item.page, item->item.x, item->item.y);
        g_string_append(body, ">>");
        if (!mgk_pdf_output_object(writer->output, base + i + 1, body->str, error))
            return FALSE;
    }
    *ret_root = base;
    return TRUE;
}

static gboolean write_pages(MgkPdfWriter *writer, GError **error)
{
    g_autoptr(GString) body = g_string_new("");
    g_string_printf(body, "<</Type/Pages/Count %u/Kids[", writer->document.pages);
    for (guint i = 0; i < writer->document.pages; i++)
        g_string_append_printf(body, "%u 0 R ", FIRST_PAGE + i);
    g_string_append(body, "]>>");
    return mgk_pdf_output_object(writer->output, PAGES, body->str, error);
}

gboolean mgk_pdf_writer_finish(MgkPdfWriter *writer, GError **error)
{
    guint outline = 0, info = 0;
    if (!write_fonts(writer, error) || !mgk_pdf_draw_finish(writer->draw, error) || !write_pages(writer, error) ||
        !write_outline(writer, &outline, error))
        return FALSE;
    g_autoptr(GString) body = g_string_new("<</Type/Catalog/Pages 2 0 R");
    if (outline)
        g_string_append_printf(body, "/Outlines %u 0 R/PageMode/UseOutlines", outline);
    if (writer->labelled)
        g_string_append_printf(body, "/PageLabels<</Nums[%s]>>", writer->labels->str);
    if (writer->title[0])
        g_string_append(body, "/ViewerPreferences<</DisplayDocTitle true>>");
    g_string_append(body, ">>");
    if (!mgk_pdf_output_object(writer->output, CATALOG, body->str, error))
        return FALSE;
    if (writer->title[0]) {
        info = mgk_pdf_output_number(writer->output);
        g_string_assign(body, "<</Title");
        mgk_pdf_append_text(body, writer->title);
        g_string_append(body, ">>");
        if (!mgk_pdf_output_object(writer->output, info, body->str, error))
            return FALSE;
    }
    return mgk_pdf_output_finish(writer->output, CATALOG, info, error);
}
