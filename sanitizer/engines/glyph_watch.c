#include "engines/glyph_watch.h"

#include "engines/blend_groups.h"
#include "engines/draw_record.h"
#include "engines/glyph_samples.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_GLYPHS 400000
#define MAX_PICTURES 4096
#define MAX_SHAPE_PIXELS 4000000 /* kept of glyphs that may be clip paths */
#define SIZES 256                /* of the table of a font's glyphs */
#define MAX_MASK 4096            /* pixels: side of the mask of such a glyph */
#define PICTURE_FILLS 0.85       /* share of the page */

typedef void (*ShowTextGlyphs)(cairo_t *, const char *, int, const cairo_glyph_t *, int, const cairo_text_cluster_t *,
                               int, cairo_text_cluster_flags_t);
typedef void (*Glyphs)(cairo_t *, const cairo_glyph_t *, int);
typedef void (*Stroke)(cairo_t *);
typedef cairo_bool_t (*HasShowTextGlyphs)(cairo_surface_t *);
typedef cairo_surface_t *(*ImageCreate)(cairo_format_t, int, int);

static struct {
    ShowTextGlyphs show_text_glyphs;
    Glyphs show_glyphs, glyph_path;
    Stroke stroke, fill;
    HasShowTextGlyphs has_show_text_glyphs;
    ImageCreate image_create;
} real;

static MgkGlyphWatch *active; /* the library above has no way to carry a pointer through the renderer */

static void find(const char *name, gpointer ret_function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        g_error("cairo lacks %s", name);
    memcpy(ret_function, &symbol, sizeof symbol);
}

void mgk_glyph_watch_warm(void)
{
    if (real.show_text_glyphs)
        return;
    find("cairo_show_text_glyphs", &real.show_text_glyphs);
    find("cairo_show_glyphs", &real.show_glyphs);
    find("cairo_glyph_path", &real.glyph_path);
    find("cairo_stroke", &real.stroke);
    find("cairo_fill", &real.fill);
    find("cairo_surface_has_show_text_glyphs", &real.has_show_text_glyphs);
    find("cairo_image_surface_create", &real.image_create);
}

/* Measures of the last font's glyphs. */
typedef struct Sizes {
    cairo_scaled_font_t *font; /* owned */
    cairo_text_extents_t extents[SIZES];
    gulong index[SIZES];
    gboolean known[SIZES];
} Sizes;

/* A glyph whose path was taken and not stroked: a clip path, through which a picture or pattern shows. */
typedef struct Shape {
    guint glyph;               /* in the list */
    cairo_scaled_font_t *font; /* owned */
    cairo_matrix_t ctm;
    cairo_glyph_t drawn;
    MgkCanvas canvas;
    gsize before; /* its pixels in shape_pixels */
} Shape;

typedef struct MgkGlyphNotes {
    GByteArray *before;   /* owned: what the string's glyphs are about to be drawn on */
    GArray *shapes;       /* owned: of Shape */
    GArray *shape_pixels; /* owned: what is below them */
    Sizes sizes;
} MgkGlyphNotes;

static void clear_shape(gpointer data)
{
    cairo_scaled_font_destroy(((Shape *)data)->font);
}

MgkGlyphWatch *mgk_glyph_watch_new(void)
{
    mgk_glyph_watch_warm();
    MgkGlyphWatch *watch = g_new0(MgkGlyphWatch, 1);
    watch->glyphs = g_array_new(FALSE, FALSE, sizeof(MgkGlyph));
    watch->pictures = g_array_new(FALSE, FALSE, sizeof(MgkPicture));
    watch->notes = g_new0(MgkGlyphNotes, 1);
    watch->notes->before = g_byte_array_new();
    watch->notes->shapes = g_array_new(FALSE, FALSE, sizeof(Shape));
    watch->notes->shape_pixels = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_array_set_clear_func(watch->notes->shapes, clear_shape);
    return watch;
}

void mgk_glyph_watch_free(MgkGlyphWatch *watch)
{
    if (!watch)
        return;
    if (active == watch)
        active = NULL;
    g_array_unref(watch->glyphs);
    g_array_unref(watch->pictures);
    g_byte_array_unref(watch->notes->before);
    g_array_unref(watch->notes->shapes);
    g_array_unref(watch->notes->shape_pixels);
    g_clear_pointer(&watch->notes->sizes.font, cairo_scaled_font_destroy);
    g_free(watch->notes);
    g_free(watch);
}

/* ---- glyphs ---- */

/* The glyphs of one string: where in the list, drawn on what. */
typedef struct Watched {
    guint first, n;
    MgkCanvas canvas;
} Watched;

static Watched outlined; /* glyphs whose path waits for its stroke */

static void set_box(MgkGlyph *glyph, const cairo_matrix_t *m, const cairo_text_extents_t *extents)
{
    double x = extents->x_bearing, y = extents->y_bearing, w = extents->width, h = extents->height;
    double left = glyph->x + m->xx * x + m->xy * y, top = glyph->y + m->yx * x + m->yy * y;
    glyph->box[0] = (float)(left + MIN(m->xx * w, 0) + MIN(m->xy * h, 0));
    glyph->box[1] = (float)(top + MIN(m->yx * w, 0) + MIN(m->yy * h, 0));
    glyph->box[2] = (float)(left + MAX(m->xx * w, 0) + MAX(m->xy * h, 0));
    glyph->box[3] = (float)(top + MAX(m->yx * w, 0) + MAX(m->yy * h, 0));
}

static gboolean finite_glyph(const MgkGlyph *glyph)
{
    double sum = glyph->x + glyph->y + glyph->along_x + glyph->along_y + glyph->em + glyph->width + glyph->box[0] +
                 glyph->box[1] + glyph->box[2] + glyph->box[3];
    return isfinite(sum) && glyph->em > 0;
}

/* The pen at the moment of a call. */
typedef struct Pen {
    cairo_matrix_t ctm;
    cairo_scaled_font_t *scaled; /* borrowed */
    double ax, ay, em, em_along; /* the font's own directions, pixels */
} Pen;

static Pen pen_of(cairo_t *cr)
{
    Pen pen = {.scaled = cairo_get_scaled_font(cr)};
    cairo_matrix_t font;
    cairo_get_matrix(cr, &pen.ctm);
    cairo_get_font_matrix(cr, &font);
    double ux = font.xy, uy = font.yy;
    pen.ax = font.xx;
    pen.ay = font.yx;
    cairo_matrix_transform_distance(&pen.ctm, &pen.ax, &pen.ay);
    cairo_matrix_transform_distance(&pen.ctm, &ux, &uy);
    pen.em = hypot(ux, uy);
    pen.em_along = hypot(pen.ax, pen.ay);
    return pen;
}

/* A glyph's measures, from a table of the last font's: cairo's own takes its locks and tables for every letter. */
static const cairo_text_extents_t *extents_of(Sizes *sizes, cairo_scaled_font_t *font, gulong index)
{
    if (sizes->font != font) {
        g_clear_pointer(&sizes->font, cairo_scaled_font_destroy);
        sizes->font = cairo_scaled_font_reference(font);
        memset(sizes->known, 0, sizeof sizes->known);
    }
    guint slot = index % SIZES;
    if (!sizes->known[slot] || sizes->index[slot] != index) {
        cairo_glyph_t at_origin = {.index = index};
        cairo_scaled_font_glyph_extents(font, &at_origin, 1, &sizes->extents[slot]);
        sizes->index[slot] = index;
        sizes->known[slot] = TRUE;
    }
    return &sizes->extents[slot];
}

static MgkGlyph glyph_of(MgkGlyphWatch *watch, const Pen *pen, const cairo_glyph_t *drawn)
{
    const cairo_matrix_t *m = &pen->ctm;
    const cairo_text_extents_t *extents = extents_of(&watch->notes->sizes, pen->scaled, drawn->index);
    MgkGlyph glyph = {.x = m->xx * drawn->x + m->xy * drawn->y + m->x0,
                      .y = m->yx * drawn->x + m->yy * drawn->y + m->y0,
                      .along_x = pen->ax,
                      .along_y = pen->ay,
                      .em = pen->em};
    double wx = m->xx * extents->x_advance + m->xy * extents->y_advance;
    double wy = m->yx * extents->x_advance + m->yy * extents->y_advance;
    glyph.width = pen->em_along > 0 ? (wx * pen->ax + wy * pen->ay) / pen->em_along : 0;
    set_box(&glyph, m, extents);
    if (!(extents->width > 0) || !(extents->height > 0))
        glyph.state = MGK_GLYPH_BLANK;
    return glyph;
}

static void set_characters(MgkGlyph *glyph, const char *utf8, gsize size)
{
    const char *end = utf8 + size;
    while (utf8 < end) {
        gunichar c = g_utf8_get_char_validated(utf8, end - utf8);
        if (c >= 0x110000)
            return;
        if (glyph->n_characters == MGK_GLYPH_CHARACTERS) {
            glyph->overlong = TRUE;
            return;
        }
        if (c)
            glyph->characters[glyph->n_characters++] = c;
        utf8 = g_utf8_next_char(utf8);
    }
}

static guint32 *scratch(MgkGlyphWatch *watch, gsize pixels)
{
    GByteArray *before = watch->notes->before;
    if (pixels * sizeof(guint32) > before->len)
        g_byte_array_set_size(before, (guint)(pixels * sizeof(guint32)));
    return (guint32 *)(gpointer)before->data;
}

/* Notes the glyphs of one string and their pixels before they are drawn. */
static Watched note(MgkGlyphWatch *watch, cairo_t *cr, const cairo_glyph_t *glyphs, int n)
{
    Watched watched = {.first = watch->glyphs->len};
    outlined.n = 0; /* their pixels are about to be overwritten */
    Pen pen = pen_of(cr);
    cairo_surface_t *target = cairo_get_group_target(cr);
    watched.canvas = mgk_canvas_of(target, target == cairo_get_target(cr));
    gsize pixels = 0;
    watch->strings++;
    for (int i = 0; i < n && watch->glyphs->len < MAX_GLYPHS; i++) {
        MgkGlyph glyph = glyph_of(watch, &pen, &glyphs[i]);
        if (!finite_glyph(&glyph))
            glyph = (MgkGlyph){.em = 0};
        glyph.string = watch->strings;
        g_array_append_val(watch->glyphs, glyph);
        MgkGlyphGrid grid = mgk_glyph_grid(&watched.canvas, &glyph);
        pixels += (gsize)grid.columns * (gsize)grid.rows;
    }
    watched.n = watch->glyphs->len - watched.first;
    guint32 *before = scratch(watch, pixels);
    for (guint i = 0; i < watched.n; i++) {
        MgkGlyphGrid grid = mgk_glyph_grid(&watched.canvas, &g_array_index(watch->glyphs, MgkGlyph, watched.first + i));
        before += mgk_glyph_grid_copy(&watched.canvas, &grid, before);
    }
    return watched;
}

static void compare(MgkGlyphWatch *watch, const Watched *watched)
{
    const guint32 *before = (const guint32 *)(gconstpointer)watch->notes->before->data;
    for (guint i = 0; i < watched->n; i++) {
        MgkGlyph *glyph = &g_array_index(watch->glyphs, MgkGlyph, watched->first + i);
        MgkGlyphGrid grid = mgk_glyph_grid(&watched->canvas, glyph);
        if (grid.columns > 0)
            mgk_glyph_grid_compare(&watched->canvas, &grid, before, glyph);
        before += grid.columns * grid.rows;
    }
}

/* ---- glyphs as clip paths ---- */

/* Keeps what is needed to see later whether these glyphs' shapes were filled. */
static void remember_shapes(MgkGlyphWatch *watch, cairo_t *cr, const cairo_glyph_t *drawn, const Watched *watched)
{
    Shape shape = {.font = cairo_get_scaled_font(cr), .canvas = watched->canvas};
    const guint32 *before = (const guint32 *)(gconstpointer)watch->notes->before->data;
    cairo_get_matrix(cr, &shape.ctm);
    if (cairo_scaled_font_get_type(shape.font) == CAIRO_FONT_TYPE_USER)
        return; /* the renderer would have to draw it once more */
    for (guint i = 0; i < watched->n; i++) {
        shape.glyph = watched->first + i;
        shape.drawn = drawn[i];
        shape.before = watch->notes->shape_pixels->len;
        MgkGlyphGrid grid = mgk_glyph_grid(&shape.canvas, &g_array_index(watch->glyphs, MgkGlyph, shape.glyph));
        guint pixels = (guint)(grid.columns * grid.rows);
        if (pixels && shape.before + pixels <= MAX_SHAPE_PIXELS) {
            g_array_append_vals(watch->notes->shape_pixels, before, pixels);
            cairo_scaled_font_reference(shape.font);
            g_array_append_val(watch->notes->shapes, shape);
        }
        before += pixels;
    }
}

/* The glyph alone, as coverage of the pixels of the grid's box; NULL when it is too large. */
static cairo_surface_t *mask_of(const Shape *shape, const MgkGlyphGrid *grid)
{
    gint width = grid->columns * grid->step_x, height = grid->rows * grid->step_y;
    if (width > MAX_MASK || height > MAX_MASK)
        return NULL;
    cairo_surface_t *mask = real.image_create(CAIRO_FORMAT_A8, width, height);
    cairo_t *cr = cairo_create(mask);
    cairo_matrix_t matrix = shape->ctm;
    matrix.x0 += shape->canvas.dx - grid->x;
    matrix.y0 += shape->canvas.dy - grid->y;
    cairo_set_matrix(cr, &matrix);
    cairo_set_scaled_font(cr, shape->font);
    real.glyph_path(cr, &shape->drawn, 1);
    real.fill(cr);
    cairo_destroy(cr);
    return mask;
}

/* Looks at the shapes on a canvas that is complete: those that were filled are seen like any other glyph. */
static void settle_shapes(MgkGlyphWatch *watch, const MgkCanvas *canvas)
{
    for (guint i = 0; i < watch->notes->shapes->len; i++) {
        Shape *shape = &g_array_index(watch->notes->shapes, Shape, i);
        MgkGlyph *glyph = &g_array_index(watch->glyphs, MgkGlyph, shape->glyph);
        MgkGlyphGrid grid = mgk_glyph_grid(&shape->canvas, glyph);
        gboolean here = canvas->data && canvas->data == shape->canvas.data && canvas->stride == shape->canvas.stride &&
                        canvas->height == shape->canvas.height;
        if (!here || glyph->state == MGK_GLYPH_SEEN)
            continue;
        shape->canvas.data = NULL; /* the memory will be another group's */
        const guint32 *before = &g_array_index(watch->notes->shape_pixels, guint32, shape->before);
        cairo_surface_t *mask = mask_of(shape, &grid);
        if (mask && mgk_glyph_grid_shaped(canvas, &grid, before, mask))
            mgk_glyph_grid_compare(canvas, &grid, before, glyph);
        cairo_surface_destroy(mask);
    }
}

void mgk_glyph_watch_group_ends(cairo_t *cr)
{
    if (!active || active->cr != cr || !active->notes->shapes->len)
        return;
    MgkCanvas canvas = mgk_canvas_of(cairo_get_group_target(cr), FALSE);
    settle_shapes(active, &canvas);
}

void mgk_glyph_watch_begin(MgkGlyphWatch *watch, cairo_t *cr, double width, double height)
{
    watch->cr = cr;
    watch->width = width;
    watch->height = height;
    watch->strokes = watch->strings = 0;
    outlined.n = 0;
    watch->abandoned = FALSE;
    g_array_set_size(watch->glyphs, 0);
    g_array_set_size(watch->pictures, 0);
    g_array_set_size(watch->notes->shapes, 0);
    g_array_set_size(watch->notes->shape_pixels, 0);
    active = watch;
}

/* Text that is filled and then stroked: what the stroke left is what is seen of it. */
static void share_outlines(MgkGlyphWatch *watch)
{
    for (guint i = 0; outlined.first >= outlined.n && i < outlined.n; i++) {
        const MgkGlyph *outline = &g_array_index(watch->glyphs, MgkGlyph, outlined.first + i);
        MgkGlyph *fill = &g_array_index(watch->glyphs, MgkGlyph, outlined.first - outlined.n + i);
        if (fill->x != outline->x || fill->y != outline->y || !outline->n_ink)
            continue;
        memcpy(fill->ink, outline->ink, sizeof fill->ink);
        fill->n_ink = outline->n_ink;
        fill->paper = outline->paper;
        fill->has_paper = outline->has_paper;
        fill->state = outline->state;
    }
}

/* ---- what the renderer calls instead of cairo ---- */

cairo_bool_t cairo_surface_has_show_text_glyphs(cairo_surface_t *surface)
{
    mgk_glyph_watch_warm();
    /* "Yes" makes the renderer pass the characters along with the glyphs. */
    return active ? TRUE : real.has_show_text_glyphs(surface);
}

static void draw(cairo_t *cr, const char *utf8, int utf8_len, const cairo_glyph_t *glyphs, int num_glyphs,
                 const cairo_text_cluster_t *clusters, int num_clusters, cairo_text_cluster_flags_t cluster_flags)
{
    if (clusters)
        real.show_text_glyphs(cr, utf8, utf8_len, glyphs, num_glyphs, clusters, num_clusters, cluster_flags);
    else
        real.show_glyphs(cr, glyphs, num_glyphs);
}

void cairo_show_text_glyphs(cairo_t *cr, const char *utf8, int utf8_len, const cairo_glyph_t *glyphs, int num_glyphs,
                            const cairo_text_cluster_t *clusters, int num_clusters,
                            cairo_text_cluster_flags_t cluster_flags)
{
    mgk_glyph_watch_warm();
    MgkGlyphWatch *watch = active && active->cr == cr ? active : NULL;
    if (!watch) {
        draw(cr, utf8, utf8_len, glyphs, num_glyphs, clusters, num_clusters, cluster_flags);
        return;
    }
    if (watch->abandoned)
        return;
    mgk_blend_groups_note(cr);
    Watched watched = note(watch, cr, glyphs, num_glyphs);
    gsize byte = 0;
    guint glyph = 0;
    for (int i = 0; i < num_clusters && glyph < watched.n; i++) {
        if (clusters[i].num_glyphs > 0)
            set_characters(&g_array_index(watch->glyphs, MgkGlyph, watched.first + glyph), utf8 + byte,
                           (gsize)clusters[i].num_bytes);
        byte += (gsize)clusters[i].num_bytes;
        glyph += (guint)clusters[i].num_glyphs;
    }
    mgk_draw_record_glyphs(cr, glyphs, (guint)MAX(num_glyphs, 0), watch, watched.first);
    draw(cr, utf8, utf8_len, glyphs, num_glyphs, clusters, num_clusters, cluster_flags);
    mgk_draw_record_done(cr);
    watched.canvas = mgk_canvas_of(cairo_get_group_target(cr), watched.canvas.page);
    compare(watch, &watched);
}

/* Fonts without a table of their characters come this way; pdf_layout.h finds out the characters. */
void cairo_show_glyphs(cairo_t *cr, const cairo_glyph_t *glyphs, int num_glyphs)
{
    cairo_show_text_glyphs(cr, NULL, 0, glyphs, num_glyphs, NULL, 0, 0);
}

void cairo_glyph_path(cairo_t *cr, const cairo_glyph_t *glyphs, int num_glyphs)
{
    mgk_glyph_watch_warm();
    if (active && active->cr == cr && !active->abandoned) {
        outlined = note(active, cr, glyphs, num_glyphs);
        remember_shapes(active, cr, glyphs, &outlined);
    }
    real.glyph_path(cr, glyphs, num_glyphs);
}

void cairo_stroke(cairo_t *cr)
{
    mgk_glyph_watch_warm();
    if (active && active->cr == cr)
        active->strokes++;
    mgk_blend_groups_note(cr);
    mgk_draw_record_stroke(cr);
    real.stroke(cr);
    mgk_draw_record_done(cr);
    if (active && active->cr == cr && outlined.n) {
        outlined.canvas = mgk_canvas_of(cairo_get_group_target(cr), outlined.canvas.page);
        compare(active, &outlined);
        share_outlines(active);
    }
    outlined.n = 0;
}

/* A picture that fills the page, before anything else was drawn: the page is a scan or a photograph. */
static gboolean fills_page(const MgkGlyphWatch *watch, const MgkPicture *picture)
{
    const cairo_matrix_t *m = &picture->place;
    gboolean straight = fabs(m->yx) < 0.5 && fabs(m->xy) < 0.5;
    double width = fabs(m->xx), height = fabs(m->yy);
    return straight && width * height >= PICTURE_FILLS * watch->width * watch->height && !watch->glyphs->len &&
           watch->pictures->len == 1;
}

cairo_surface_t *cairo_image_surface_create(cairo_format_t format, int width, int height)
{
    mgk_glyph_watch_warm();
    MgkGlyphWatch *watch = active;
    if (!watch || width < 64 || height < 64 || watch->pictures->len >= MAX_PICTURES)
        return real.image_create(format, watch && watch->abandoned ? -1 : width, height);
    MgkPicture picture = {.width = (guint)width, .height = (guint)height};
    cairo_get_matrix(watch->cr, &picture.place);
    g_array_append_val(watch->pictures, picture);
    if (watch->may_abandon && fills_page(watch, &picture))
        watch->abandoned = TRUE;
    /* A failed surface makes the renderer skip the picture without decoding it. */
    return real.image_create(format, watch->abandoned ? -1 : width, height);
}

/* ---- judging ---- */

void mgk_glyph_watch_end(MgkGlyphWatch *watch, cairo_surface_t *surface)
{
    active = NULL;
    watch->cr = NULL;
    MgkCanvas page = mgk_canvas_of(surface, TRUE);
    settle_shapes(watch, &page);
    g_clear_pointer(&watch->notes->sizes.font, cairo_scaled_font_destroy);
    for (guint i = 0; i < watch->glyphs->len; i++) {
        MgkGlyph *glyph = &g_array_index(watch->glyphs, MgkGlyph, i);
        if (glyph->state == MGK_GLYPH_SEEN && !(page.data && mgk_glyph_still_shows(&page, glyph)))
            glyph->state = MGK_GLYPH_HIDDEN;
    }
}
