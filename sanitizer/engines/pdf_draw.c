#include "engines/pdf_draw.h"

#include "engines/pdf_image.h"
#include "engines/pdf_shading.h"
#include "engines/pdf_shapes.h"

#include <math.h>
#include <nettle/sha2.h>
#include <string.h>

#define UNIT 10 /* thousandths of a point in the content's unit */
#define UNSET G_MAXUINT32
#define A_FONT 256

static const char *const blends[MGK_DRAW_N_BLENDS] = {
    "Normal",    "Multiply",  "Screen",     "Overlay",   "Darken", "Lighten",    "ColorDodge", "ColorBurn",
    "HardLight", "SoftLight", "Difference", "Exclusion", "Hue",    "Saturation", "Color",      "Luminosity"};

/* What the content has set, as far as it is known. */
typedef struct Pen {
    guint32 fill, stroke, state; /* state: alpha, blend mode */
    guint32 width, cap, join, miter;
    gboolean dashed;
} Pen;

struct MgkPdfDraw {
    MgkPdfOutput *output; /* borrowed */
    MgkPdfShapes *shapes; /* owned */
    GHashTable *pictures; /* GBytes (digest) → object number */
    /* of the page */
    guint32 height, millidpi;
    GString *content;      /* owned */
    GArray *shape_numbers; /* of guint: in the document, by number on the page */
    GArray *image_objects; /* of guint, likewise */
    GArray *named_images;  /* of guint: objects that the content names, I0, I1 … */
    GHashTable *fonts;     /* set of font + 1 */
    GHashTable *states;    /* set of alpha << 8 | blend, + 1 */
    GArray *shadings;      /* of guint: objects */
    Pen pens[MGK_DRAW_MAX_DEPTH + 2];
    guint depth;
};

MgkPdfDraw *mgk_pdf_draw_new(MgkPdfOutput *output)
{
    MgkPdfDraw *draw = g_new0(MgkPdfDraw, 1);
    draw->output = output;
    draw->shapes = mgk_pdf_shapes_new(output);
    draw->pictures = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    draw->content = g_string_new("");
    draw->shape_numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    draw->image_objects = g_array_new(FALSE, FALSE, sizeof(guint));
    draw->named_images = g_array_new(FALSE, FALSE, sizeof(guint));
    draw->fonts = g_hash_table_new(NULL, NULL);
    draw->states = g_hash_table_new(NULL, NULL);
    draw->shadings = g_array_new(FALSE, FALSE, sizeof(guint));
    return draw;
}

void mgk_pdf_draw_free(MgkPdfDraw *draw)
{
    if (!draw)
        return;
    mgk_pdf_shapes_free(draw->shapes);
    g_hash_table_unref(draw->pictures);
    g_string_free(draw->content, TRUE);
    g_array_unref(draw->shape_numbers);
    g_array_unref(draw->image_objects);
    g_array_unref(draw->named_images);
    g_hash_table_unref(draw->fonts);
    g_hash_table_unref(draw->states);
    g_array_unref(draw->shadings);
    g_free(draw);
}

void mgk_pdf_draw_begin_page(MgkPdfDraw *draw, const MgkPageHead *page)
{
    draw->height = (guint32)page->height;
    draw->millidpi = MIN(page->millidpi_x, page->millidpi_y);
    g_string_truncate(draw->content, 0);
    g_array_set_size(draw->shape_numbers, 0);
    g_array_set_size(draw->image_objects, 0);
    g_array_set_size(draw->named_images, 0);
    g_array_set_size(draw->shadings, 0);
    g_hash_table_remove_all(draw->fonts);
    g_hash_table_remove_all(draw->states);
    draw->depth = 0;
    draw->pens[0] = (Pen){.fill = 0, .stroke = 0, .state = 255 << 8, .width = UNSET};
}

static gint64 unit(gint32 length)
{
    return (length + (length < 0 ? -UNIT / 2 : UNIT / 2)) / UNIT;
}

static void append_numbers(GString *out, const double *values, guint n)
{
    for (guint i = 0; i < n; i++) {
        mgk_pdf_append_number(out, values[i]);
        g_string_append_c(out, ' ');
    }
}

/* ---- the pen ---- */

static Pen *pen(MgkPdfDraw *draw)
{
    return &draw->pens[draw->depth];
}

static void save(MgkPdfDraw *draw)
{
    g_string_append(draw->content, "q ");
    draw->pens[draw->depth + 1] = draw->pens[draw->depth];
    draw->depth++;
}

static void restore(MgkPdfDraw *draw)
{
    g_string_append(draw->content, "Q\n");
    draw->depth--;
}

static void set_color(MgkPdfDraw *draw, guint32 *now, guint32 color, gboolean stroke)
{
    if (*now == color)
        return;
    *now = color;
    guint red = color >> 16, green = color >> 8 & 255, blue = color & 255;
    if (red == green && green == blue) {
        append_numbers(draw->content, (const double[]){red / 255.0}, 1);
        g_string_append(draw->content, stroke ? "G " : "g ");
        return;
    }
    append_numbers(draw->content, (const double[]){red / 255.0, green / 255.0, blue / 255.0}, 3);
    g_string_append(draw->content, stroke ? "RG " : "rg ");
}

static void set_state(MgkPdfDraw *draw, const MgkDrawOp *op)
{
    guint32 state = op->alpha << 8 | op->blend;
    if (pen(draw)->state == state)
        return;
    pen(draw)->state = state;
    g_string_append_printf(draw->content, "/G%ux%u gs ", op->alpha, op->blend);
    g_hash_table_add(draw->states, GUINT_TO_POINTER(state + 1));
}

static void set_line(MgkPdfDraw *draw, const MgkDrawOp *op, const guint32 *dashes)
{
    GString *out = draw->content;
    Pen *now = pen(draw);
    gboolean first = now->width == UNSET;
    if (now->width != op->width) {
        mgk_pdf_append_number(out, op->width / (double)UNIT);
        g_string_append(out, " w ");
    }
    if (first || now->cap != op->cap)
        g_string_append_printf(out, "%u J ", op->cap);
    if (first || now->join != op->join)
        g_string_append_printf(out, "%u j ", op->join);
    if (first || now->miter != op->miter) {
        mgk_pdf_append_number(out, op->miter / 1000.0);
        g_string_append(out, " M ");
    }
    if (op->n_small || now->dashed) {
        g_string_append_c(out, '[');
        for (guint i = 0; i < op->n_small; i++)
            append_numbers(out, (const double[]){dashes[i] / (double)UNIT}, 1);
        g_string_append(out, "] ");
        mgk_pdf_append_number(out, op->n_small ? MAX(op->dash_start, 0) / (double)UNIT : 0);
        g_string_append(out, " d ");
    }
    now->width = op->width;
    now->cap = op->cap;
    now->join = op->join;
    now->miter = op->miter;
    now->dashed = op->n_small > 0;
}

/* ---- operations ---- */

static void clip(MgkPdfDraw *draw, const MgkDrawOp *op, const guint32 *path)
{
    save(draw);
    mgk_pdf_append_path(draw->content, path, op->n_path, UNIT);
    g_string_append(draw->content, op->rule ? "W* n\n" : "W n\n");
}

static gboolean fill(MgkPdfDraw *draw, const MgkDrawOp *op, const guint32 *small, const guint32 *path, GError **error)
{
    if (op->paint == MGK_PAINT_SOLID) {
        set_state(draw, op);
        set_color(draw, &pen(draw)->fill, op->color, FALSE);
        mgk_pdf_append_path(draw->content, path, op->n_path, UNIT);
        g_string_append(draw->content, op->rule ? "f*\n" : "f\n");
        return TRUE;
    }
    guint number = mgk_pdf_output_number(draw->output);
    clip(draw, op, path);
    set_state(draw, op);
    g_string_append_printf(draw->content, "/S%u sh ", draw->shadings->len);
    restore(draw);
    g_array_append_val(draw->shadings, number);
    return mgk_pdf_shading_write(draw->output, number, op, small, UNIT, error);
}

static gboolean is_plain(const gint32 *m)
{
    return m[0] == 1000000 && m[1] == 0 && m[2] == 0 && m[3] == 1000000;
}

static void stroke(MgkPdfDraw *draw, const MgkDrawOp *op, const guint32 *dashes, const guint32 *path)
{
    gboolean plain = is_plain(op->matrix);
    if (!plain) {
        save(draw);
        const gint32 *m = op->matrix;
        append_numbers(draw->content, (const double[]){m[0] / 1e6, m[1] / 1e6, m[2] / 1e6, m[3] / 1e6, 0, 0}, 6);
        g_string_append(draw->content, "cm ");
    }
    set_state(draw, op);
    set_color(draw, &pen(draw)->stroke, op->color, TRUE);
    set_line(draw, op, dashes);
    mgk_pdf_append_path(draw->content, path, op->n_path, UNIT);
    g_string_append(draw->content, "S\n");
    if (!plain)
        restore(draw);
}

/* Text being shown: the pen's place in ems of the line begun last. */
typedef struct Line {
    gint32 x, y;
    double along;
    gint font;
    gboolean open;
} Line;

static void append_code(GString *out, guint code)
{
    static const char digits[] = "0123456789ABCDEF";
    g_string_append_c(out, digits[code >> 4 & 15]);
    g_string_append_c(out, digits[code & 15]);
}

static void begin_line(MgkPdfDraw *draw, const MgkDrawOp *op, const MgkDrawGlyph *glyph, gint font, Line *line)
{
    GString *out = draw->content;
    if (line->open)
        g_string_append(out, ">]TJ ");
    if (line->font != font) {
        g_string_append_printf(out, "/T%d 1 Tf ", font);
        g_hash_table_add(draw->fonts, GUINT_TO_POINTER((guint)font + 1));
    }
    for (guint i = 0; i < 4; i++) {
        mgk_pdf_append_number(out, op->matrix[i] / (double)UNIT);
        g_string_append_c(out, ' ');
    }
    mgk_pdf_append_whole(out, unit(glyph->x));
    mgk_pdf_append_whole(out, unit(glyph->y));
    g_string_append(out, "Tm [<");
    *line = (Line){.x = glyph->x, .y = glyph->y, .font = font, .open = TRUE};
}

/* Does the glyph stand on the line, at *ret_along ems? */
static gboolean on_line(const MgkDrawOp *op, const Line *line, const MgkDrawGlyph *glyph, double *ret_along)
{
    double a = op->matrix[0], b = op->matrix[1], c = op->matrix[2], d = op->matrix[3], area = a * d - b * c;
    double dx = (double)glyph->x - line->x, dy = (double)glyph->y - line->y;
    if (fabs(area) < 1)
        return FALSE;
    double across = (dy * a - dx * b) / area;
    *ret_along = (dx * d - dy * c) / area;
    return fabs(across) < 0.001 && fabs(*ret_along - line->along) < 20;
}

static void glyphs(MgkPdfDraw *draw, const MgkDrawOp *op, const guint32 *words)
{
    Line line = {.font = -1};
    set_state(draw, op);
    set_color(draw, &pen(draw)->fill, op->color, FALSE);
    g_string_append(draw->content, "BT ");
    for (guint i = 0; i < op->n_path; i++) {
        MgkDrawGlyph glyph;
        memcpy(&glyph, words + (gsize)3 * i, sizeof glyph);
        guint number = g_array_index(draw->shape_numbers, guint, glyph.shape);
        gint font = (gint)(number / A_FONT);
        double along = 0;
        if (!line.open || font != line.font || !on_line(op, &line, &glyph, &along))
            begin_line(draw, op, &glyph, font, &line);
        else if (fabs(line.along - along) > 0.0006) {
            double kern = round((line.along - along) * 1000);
            g_string_append_c(draw->content, '>');
            g_string_append_printf(draw->content, "%d", (gint)kern);
            g_string_append_c(draw->content, '<');
            line.along -= kern / 1000;
        }
        append_code(draw->content, number % A_FONT);
        line.along += mgk_pdf_shapes_advance(draw->shapes, number) / (double)MGK_DRAW_EM;
    }
    g_string_append(draw->content, ">]TJ ET\n");
}

static guint name_image(MgkPdfDraw *draw, guint object)
{
    for (guint i = draw->named_images->len; i-- > 0;) {
        if (g_array_index(draw->named_images, guint, i) == object)
            return i;
    }
    g_array_append_val(draw->named_images, object);
    return draw->named_images->len - 1;
}

static void image(MgkPdfDraw *draw, const MgkDrawOp *op)
{
    guint name = name_image(draw, g_array_index(draw->image_objects, guint, op->image));
    set_state(draw, op);
    save(draw);
    for (guint i = 0; i < 6; i++) {
        mgk_pdf_append_number(draw->content, op->matrix[i] / (double)UNIT);
        g_string_append_c(draw->content, ' ');
    }
    g_string_append_printf(draw->content, "cm /I%u Do ", name);
    restore(draw);
}

static gboolean operate(MgkPdfDraw *draw, const MgkPageRecord *record, GError **error)
{
    gsize offset = 0;
    MgkDrawOp op;
    const guint32 *small, *path;
    while (mgk_draw_next(record->data, record->size, &offset, &op, &small, &path)) {
        switch ((MgkDrawType)op.type) {
        case MGK_DRAW_CLIP:
            clip(draw, &op, path);
            break;
        case MGK_DRAW_UNCLIP:
            restore(draw);
            break;
        case MGK_DRAW_FILL:
            if (!fill(draw, &op, small, path, error))
                return FALSE;
            break;
        case MGK_DRAW_STROKE:
            stroke(draw, &op, small, path);
            break;
        case MGK_DRAW_GLYPHS:
            glyphs(draw, &op, path);
            break;
        case MGK_DRAW_IMAGE:
            image(draw, &op);
            break;
        }
    }
    return TRUE;
}

/* ---- shapes and pictures ---- */

static gboolean take_shapes(MgkPdfDraw *draw, const MgkPageRecord *record, GError **error)
{
    gsize offset = 0;
    MgkDrawShape shape;
    const guint32 *path;
    while (mgk_draw_next_shape(record->data, record->size, &offset, &shape, &path)) {
        guint number = 0;
        if (!mgk_pdf_shapes_add(draw->shapes, &shape, path, &number, error))
            return FALSE;
        g_array_append_val(draw->shape_numbers, number);
    }
    return TRUE;
}

static GBytes *digest_of(const MgkPdfDraw *draw, const MgkPageRecord *record)
{
    guint8 digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx sum;
    sha256_init(&sum);
    sha256_update(&sum, sizeof record->image, (const guint8 *)&record->image);
    sha256_update(&sum, sizeof draw->millidpi, (const guint8 *)&draw->millidpi);
    sha256_update(&sum, record->image.n_colors * sizeof(guint32), (const guint8 *)record->colors);
    sha256_update(&sum, record->size, record->data);
    sha256_digest(&sum, sizeof digest, digest);
    return g_bytes_new(digest, sizeof digest);
}

static gboolean write_mask(MgkPdfDraw *draw, guint number, const MgkPageImage *image, const guint8 *mask,
                           GError **error)
{
    gsize n = (gsize)image->width * image->height, row = (image->width + 7) / 8;
    gboolean hard = TRUE;
    for (gsize i = 0; i < n && hard; i++)
        hard = mask[i] == 0 || mask[i] == 255;
    g_autofree guint8 *bits = hard ? g_malloc0(row * image->height) : NULL;
    for (gsize i = 0; hard && i < n; i++)
        bits[i / image->width * row + i % image->width / 8] |= (guint8)((mask[i] & 1) << (7 - i % image->width % 8));
    g_autofree char *entries =
        g_strdup_printf("/Type/XObject/Subtype/Image/Width %u/Height %u/ColorSpace/DeviceGray/BitsPerComponent %u",
                        image->width, image->height, hard ? 1 : 8);
    return mgk_pdf_output_deflated(draw->output, number, entries, hard ? bits : mask, hard ? row * image->height : n,
                                   error);
}

static gboolean write_picture(MgkPdfDraw *draw, const MgkPageRecord *record, guint number, GError **error)
{
    static const guint8 nothing[1];
    const MgkPageImage *image = &record->image;
    MgkPageBand band = mgk_page_stream_image_band(image);
    gsize pixels = mgk_page_stream_row_bytes(&band) * band.height;
    MgkPdfImage picture = {&band, record->colors, record->data, draw->millidpi, 0};
    if (band.coding == MGK_CODING_FILL) { /* one pixel of this colour, behind its mask */
        band = (MgkPageBand){.width = 1, .height = 1, .coding = MGK_CODING_PALETTE, .bits = 1, .n_colors = 1};
        picture.data = nothing;
    }
    if (image->mask) {
        picture.mask = mgk_pdf_output_number(draw->output);
        if (!write_mask(draw, picture.mask, image, record->data + pixels, error))
            return FALSE;
    }
    return mgk_pdf_image_write(draw->output, number, &picture, error);
}

static gboolean take_image(MgkPdfDraw *draw, const MgkPageRecord *record, GError **error)
{
    g_autoptr(GBytes) digest = digest_of(draw, record);
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(draw->pictures, digest));
    if (!number) {
        number = mgk_pdf_output_number(draw->output);
        if (!write_picture(draw, record, number, error))
            return FALSE;
        g_hash_table_insert(draw->pictures, g_bytes_ref(digest), GUINT_TO_POINTER(number));
    }
    g_array_append_val(draw->image_objects, number);
    return TRUE;
}

gboolean mgk_pdf_draw_record(MgkPdfDraw *draw, const MgkPageRecord *record, GError **error)
{
    if (record->type == MGK_PAGE_SHAPES)
        return take_shapes(draw, record, error);
    return record->type == MGK_PAGE_IMAGE ? take_image(draw, record, error) : operate(draw, record, error);
}

/* ---- the end ---- */

static gint by_number(gconstpointer a, gconstpointer b)
{
    return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

static void append_states(MgkPdfDraw *draw, GString *out)
{
    if (!g_hash_table_size(draw->states))
        return;
    g_string_append(out, "/ExtGState<<");
    GList *list = g_list_sort(g_hash_table_get_keys(draw->states), by_number);
    for (GList *at = list; at; at = at->next) {
        guint state = GPOINTER_TO_UINT(at->data) - 1, alpha = state >> 8, blend = state & 255;
        g_string_append_printf(out, "/G%ux%u<</ca ", alpha, blend);
        mgk_pdf_append_number(out, alpha / 255.0);
        g_string_append(out, "/CA ");
        mgk_pdf_append_number(out, alpha / 255.0);
        g_string_append_printf(out, "/BM/%s>>", blends[blend]);
    }
    g_list_free(list);
    g_string_append(out, ">>");
}

static void append_fonts(MgkPdfDraw *draw, GString *out)
{
    GList *list = g_list_sort(g_hash_table_get_keys(draw->fonts), by_number);
    for (GList *at = list; at; at = at->next) {
        guint font = GPOINTER_TO_UINT(at->data) - 1;
        g_string_append_printf(out, "/T%u %u 0 R", font, mgk_pdf_shapes_font(draw->shapes, font));
    }
    g_list_free(list);
}

void mgk_pdf_draw_end_page(MgkPdfDraw *draw, GString *content, GString *xobjects, GString *fonts, GString *resources)
{
    if (!draw->content->len)
        return;
    g_string_append(content, "q 0.01 0 0 -0.01 0 ");
    mgk_pdf_append_number(content, draw->height / 1000.0);
    g_string_append_printf(content, " cm\n%sQ\n", draw->content->str);
    for (guint i = 0; i < draw->named_images->len; i++)
        g_string_append_printf(xobjects, "/I%u %u 0 R", i, g_array_index(draw->named_images, guint, i));
    append_fonts(draw, fonts);
    append_states(draw, resources);
    if (!draw->shadings->len)
        return;
    g_string_append(resources, "/Shading<<");
    for (guint i = 0; i < draw->shadings->len; i++)
        g_string_append_printf(resources, "/S%u %u 0 R", i, g_array_index(draw->shadings, guint, i));
    g_string_append(resources, ">>");
}

gboolean mgk_pdf_draw_finish(MgkPdfDraw *draw, GError **error)
{
    return mgk_pdf_shapes_finish(draw->shapes, error);
}
