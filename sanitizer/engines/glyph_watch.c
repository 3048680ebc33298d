#include "engines/glyph_watch.h"

#include "engines/blend_groups.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_GLYPHS 400000
#define MAX_PICTURES 4096
#define SAMPLE_COLUMNS 12 /* a glyph is looked at in at most this many columns and rows */
#define SAMPLE_ROWS 12
#define SEEN 12            /* difference of a colour channel, of 255, that an eye can see */
#define UNCHANGED 24       /* difference that later smoothing may make */
#define PICTURE_FILLS 0.85 /* share of the page */

typedef void (*ShowTextGlyphs)(cairo_t *, const char *, int, const cairo_glyph_t *, int, const cairo_text_cluster_t *,
                               int, cairo_text_cluster_flags_t);
typedef void (*Glyphs)(cairo_t *, const cairo_glyph_t *, int);
typedef void (*Stroke)(cairo_t *);
typedef cairo_bool_t (*HasShowTextGlyphs)(cairo_surface_t *);
typedef cairo_surface_t *(*ImageCreate)(cairo_format_t, int, int);

static struct {
    ShowTextGlyphs show_text_glyphs;
    Glyphs show_glyphs, glyph_path;
    Stroke stroke;
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
    find("cairo_surface_has_show_text_glyphs", &real.has_show_text_glyphs);
    find("cairo_image_surface_create", &real.image_create);
}

MgkGlyphWatch *mgk_glyph_watch_new(void)
{
    mgk_glyph_watch_warm();
    MgkGlyphWatch *watch = g_new0(MgkGlyphWatch, 1);
    watch->glyphs = g_array_new(FALSE, FALSE, sizeof(MgkGlyph));
    watch->pictures = g_array_new(FALSE, FALSE, sizeof(MgkPicture));
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
    g_free(watch->before);
    g_free(watch);
}

/* ---- the surface under the pen ---- */

/* Where glyphs land: the page itself, or a transparency group on its way to the page. */
typedef struct Canvas {
    guint8 *data; /* NULL: cannot be looked at */
    gint stride, width, height;
    double dx, dy; /* surface pixel = device pixel + this */
    guint32 mask;  /* channels that count */
    gboolean page;
} Canvas;

/* The glyphs of one string: where in the list, drawn on what. */
typedef struct Watched {
    guint first, n;
    Canvas canvas;
} Watched;

static Watched outlined; /* glyphs whose path waits for its stroke */

static Canvas canvas_of(cairo_surface_t *surface, gboolean page)
{
    Canvas canvas = {.page = page};
    if (cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE)
        return canvas;
    cairo_format_t format = cairo_image_surface_get_format(surface);
    if (format != CAIRO_FORMAT_RGB24 && format != CAIRO_FORMAT_ARGB32)
        return canvas;
    cairo_surface_flush(surface);
    canvas.data = cairo_image_surface_get_data(surface);
    canvas.stride = cairo_image_surface_get_stride(surface);
    canvas.width = cairo_image_surface_get_width(surface);
    canvas.height = cairo_image_surface_get_height(surface);
    canvas.mask = format == CAIRO_FORMAT_RGB24 ? 0xffffff : 0xffffffff;
    cairo_surface_get_device_offset(surface, &canvas.dx, &canvas.dy);
    return canvas;
}

static guint32 pixel_at(const Canvas *canvas, gint x, gint y)
{
    guint32 color;
    memcpy(&color, canvas->data + (gsize)y * canvas->stride + (gsize)x * 4, 4);
    return color & canvas->mask;
}

static gint channel_difference(guint32 a, guint32 b)
{
    gint d0 = abs((gint)(a & 255) - (gint)(b & 255)), d1 = abs((gint)(a >> 8 & 255) - (gint)(b >> 8 & 255));
    gint d2 = abs((gint)(a >> 16 & 255) - (gint)(b >> 16 & 255)), d3 = abs((gint)(a >> 24) - (gint)(b >> 24));
    return MAX(MAX(d0, d1), MAX(d2, d3));
}

/* The pixels of a glyph's box that are looked at. */
typedef struct Grid {
    gint x, y, columns, rows, step_x, step_y;
} Grid;

static Grid grid_of(const Canvas *canvas, const MgkGlyph *glyph)
{
    Grid grid = {0};
    /* One pixel more on each side, or a dash would have no paper around it to be told from. */
    double left = floor(glyph->box[0] + canvas->dx) - 1, top = floor(glyph->box[1] + canvas->dy) - 1;
    double right = ceil(glyph->box[2] + canvas->dx) + 1, bottom = ceil(glyph->box[3] + canvas->dy) + 1;
    if (!canvas->data || !(right > left) || !(bottom > top) || !(right > 0) || !(bottom > 0) || left >= canvas->width ||
        top >= canvas->height)
        return grid;
    grid.x = (gint)MAX(left, 0);
    grid.y = (gint)MAX(top, 0);
    gint width = (gint)MIN(right, canvas->width) - grid.x, height = (gint)MIN(bottom, canvas->height) - grid.y;
    grid.step_x = 1 + (width - 1) / SAMPLE_COLUMNS;
    grid.step_y = 1 + (height - 1) / SAMPLE_ROWS;
    grid.columns = (width + grid.step_x - 1) / grid.step_x;
    grid.rows = (height + grid.step_y - 1) / grid.step_y;
    return grid;
}

static const guint32 *row_at(const Canvas *canvas, const Grid *grid, gint row)
{
    gsize offset = (gsize)(grid->y + row * grid->step_y) * (gsize)canvas->stride + (gsize)grid->x * 4;
    return (const guint32 *)(gconstpointer)(canvas->data + offset);
}

static gsize copy_grid(const Canvas *canvas, const Grid *grid, guint32 *out)
{
    guint32 *at = out;
    for (gint row = 0; row < grid->rows; row++) {
        const guint32 *pixels = row_at(canvas, grid, row);
        for (gint column = 0; column < grid->columns; column++)
            *at++ = pixels[column * grid->step_x] & canvas->mask;
    }
    return (gsize)(at - out);
}

static MgkSample sample_at(const Canvas *canvas, const Grid *grid, gint index)
{
    gint x = grid->x + index % grid->columns * grid->step_x, y = grid->y + index / grid->columns * grid->step_y;
    return (MgkSample){.x = x - (gint)canvas->dx, .y = y - (gint)canvas->dy, .color = pixel_at(canvas, x, y)};
}

/* The most changed pixel of each third of a glyph's rows, and the unchanged one nearest to its middle. */
typedef struct Best {
    gint ink[3], most[3]; /* index or -1; its difference */
    gint paper, nearest;  /* index or -1; its distance */
} Best;

static void look_at_row(const Canvas *canvas, const Grid *grid, gint row, const guint32 *before, Best *best)
{
    const guint32 *pixels = row_at(canvas, grid, row);
    gint third = row * 3 / grid->rows, above = abs(2 * row - grid->rows), index = row * grid->columns;
    for (gint column = 0; column < grid->columns; column++, index++) {
        guint32 now = pixels[column * grid->step_x] & canvas->mask;
        if (now == before[index] && above >= best->nearest)
            continue;
        gint difference = channel_difference(now, before[index]);
        if (difference > best->most[third]) {
            best->most[third] = difference;
            best->ink[third] = index;
        }
        if (difference < SEEN / 2 && above < best->nearest && above + abs(2 * column - grid->columns) < best->nearest) {
            best->nearest = above + abs(2 * column - grid->columns);
            best->paper = index;
        }
    }
}

/* Compares a glyph's pixels with those before. The samples of its ink are where it changed most; the paper sample is
 * near its middle: what covers the glyph will cover it too. */
static void take_samples(const Canvas *canvas, const Grid *grid, const guint32 *before, MgkGlyph *glyph)
{
    Best best = {.ink = {-1, -1, -1}, .most = {SEEN - 1, SEEN - 1, SEEN - 1}, .paper = -1, .nearest = G_MAXINT};
    for (gint row = 0; row < grid->rows; row++)
        look_at_row(canvas, grid, row, before, &best);
    for (guint third = 0; third < 3; third++) {
        if (best.ink[third] >= 0)
            glyph->ink[glyph->n_ink++] = sample_at(canvas, grid, best.ink[third]);
    }
    if (best.paper >= 0) {
        glyph->paper = sample_at(canvas, grid, best.paper);
        glyph->has_paper = TRUE;
    }
    glyph->exact = canvas->page ? 1 : 0;
    if (glyph->n_ink)
        glyph->state = MGK_GLYPH_SEEN; /* until judged */
}

/* ---- glyphs ---- */

static void set_box(MgkGlyph *glyph, const cairo_matrix_t *ctm, const cairo_text_extents_t *extents, double x, double y)
{
    double corners[4][2] = {{0, 0}, {extents->width, 0}, {0, extents->height}, {extents->width, extents->height}};
    for (guint i = 0; i < 4; i++) {
        double px = x + extents->x_bearing + corners[i][0], py = y + extents->y_bearing + corners[i][1];
        cairo_matrix_transform_point(ctm, &px, &py);
        glyph->box[0] = (float)(i ? MIN(glyph->box[0], px) : px);
        glyph->box[1] = (float)(i ? MIN(glyph->box[1], py) : py);
        glyph->box[2] = (float)(i ? MAX(glyph->box[2], px) : px);
        glyph->box[3] = (float)(i ? MAX(glyph->box[3], py) : py);
    }
}

static gboolean finite_glyph(const MgkGlyph *glyph)
{
    double sum = glyph->x + glyph->y + glyph->along_x + glyph->along_y + glyph->em + glyph->width + glyph->box[0] +
                 glyph->box[1] + glyph->box[2] + glyph->box[3];
    return isfinite(sum) && glyph->em > 0;
}

/* Pen and paper at the moment of a call. */
typedef struct Pen {
    cairo_matrix_t ctm, font;
    cairo_scaled_font_t *scaled; /* borrowed */
} Pen;

static MgkGlyph glyph_of(const Pen *pen, const cairo_glyph_t *drawn)
{
    MgkGlyph glyph = {.x = drawn->x, .y = drawn->y};
    cairo_text_extents_t extents;
    cairo_glyph_t at_origin = {.index = drawn->index};
    cairo_scaled_font_glyph_extents(pen->scaled, &at_origin, 1, &extents);
    set_box(&glyph, &pen->ctm, &extents, drawn->x, drawn->y);
    cairo_matrix_transform_point(&pen->ctm, &glyph.x, &glyph.y);
    double ax = pen->font.xx, ay = pen->font.yx, ux = pen->font.xy, uy = pen->font.yy;
    double wx = extents.x_advance, wy = extents.y_advance;
    cairo_matrix_transform_distance(&pen->ctm, &ax, &ay);
    cairo_matrix_transform_distance(&pen->ctm, &ux, &uy);
    cairo_matrix_transform_distance(&pen->ctm, &wx, &wy);
    glyph.along_x = ax;
    glyph.along_y = ay;
    glyph.em = hypot(ux, uy);
    double em_along = hypot(ax, ay);
    glyph.width = em_along > 0 ? (wx * ax + wy * ay) / em_along : 0;
    if (!(extents.width > 0) || !(extents.height > 0))
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
    gsize size = pixels * sizeof(guint32);
    if (size > watch->before_size) {
        watch->before = g_realloc(watch->before, size * 2);
        watch->before_size = size * 2;
    }
    return (guint32 *)(gpointer)watch->before;
}

/* Notes the glyphs of one string and their pixels before they are drawn. */
static Watched note(MgkGlyphWatch *watch, cairo_t *cr, const cairo_glyph_t *glyphs, int n)
{
    Watched watched = {.first = watch->glyphs->len};
    outlined.n = 0; /* their pixels are about to be overwritten */
    Pen pen = {.scaled = cairo_get_scaled_font(cr)};
    cairo_get_matrix(cr, &pen.ctm);
    cairo_get_font_matrix(cr, &pen.font);
    cairo_surface_t *target = cairo_get_group_target(cr);
    watched.canvas = canvas_of(target, target == cairo_get_target(cr));
    gsize pixels = 0;
    watch->strings++;
    for (int i = 0; i < n && watch->glyphs->len < MAX_GLYPHS; i++) {
        MgkGlyph glyph = glyph_of(&pen, &glyphs[i]);
        if (!finite_glyph(&glyph))
            glyph = (MgkGlyph){.em = 0};
        glyph.string = watch->strings;
        g_array_append_val(watch->glyphs, glyph);
        Grid grid = grid_of(&watched.canvas, &glyph);
        pixels += (gsize)grid.columns * (gsize)grid.rows;
    }
    watched.n = watch->glyphs->len - watched.first;
    guint32 *before = scratch(watch, pixels);
    for (guint i = 0; i < watched.n; i++) {
        Grid grid = grid_of(&watched.canvas, &g_array_index(watch->glyphs, MgkGlyph, watched.first + i));
        before += copy_grid(&watched.canvas, &grid, before);
    }
    return watched;
}

static void compare(MgkGlyphWatch *watch, const Watched *watched)
{
    const guint32 *before = (const guint32 *)(gconstpointer)watch->before;
    for (guint i = 0; i < watched->n; i++) {
        MgkGlyph *glyph = &g_array_index(watch->glyphs, MgkGlyph, watched->first + i);
        Grid grid = grid_of(&watched->canvas, glyph);
        if (grid.columns > 0)
            take_samples(&watched->canvas, &grid, before, glyph);
        before += grid.columns * grid.rows;
    }
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
    draw(cr, utf8, utf8_len, glyphs, num_glyphs, clusters, num_clusters, cluster_flags);
    watched.canvas = canvas_of(cairo_get_group_target(cr), watched.canvas.page);
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
    if (active && active->cr == cr && !active->abandoned)
        outlined = note(active, cr, glyphs, num_glyphs);
    real.glyph_path(cr, glyphs, num_glyphs);
}

void cairo_stroke(cairo_t *cr)
{
    mgk_glyph_watch_warm();
    if (active && active->cr == cr)
        active->strokes++;
    mgk_blend_groups_note(cr);
    real.stroke(cr);
    if (active && active->cr == cr && outlined.n) {
        outlined.canvas = canvas_of(cairo_get_group_target(cr), outlined.canvas.page);
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

static gint brightness(guint32 color)
{
    return (gint)((color >> 16 & 255) * 77 + (color >> 8 & 255) * 150 + (color & 255) * 29) >> 8;
}

/* The sampled pixel as the finished page has it; FALSE outside. */
static gboolean final_color(const Canvas *page, const MgkSample *sample, guint32 *ret_color)
{
    double x = sample->x + page->dx, y = sample->y + page->dy;
    if (x < 0 || y < 0 || x >= page->width || y >= page->height)
        return FALSE;
    *ret_color = pixel_at(page, (gint)x, (gint)y);
    return TRUE;
}

/* All ink samples stand out from the paper sample in the same sense, and about alike: the glyph shines through. */
static gboolean stands_out(const Canvas *page, const MgkGlyph *glyph)
{
    guint32 paper, ink, first = 0;
    gint sign = 0;
    if (!glyph->has_paper || !final_color(page, &glyph->paper, &paper))
        return FALSE;
    for (guint i = 0; i < glyph->n_ink; i++) {
        if (!final_color(page, &glyph->ink[i], &ink) || channel_difference(ink, paper) < SEEN)
            return FALSE;
        gint contrast = brightness(ink) - brightness(paper);
        if (i && (contrast > 0 ? 1 : -1) != sign)
            return FALSE;
        sign = contrast > 0 ? 1 : -1;
        if (!i)
            first = ink;
        else if (channel_difference(ink, first) > channel_difference(glyph->ink[i].color, glyph->ink[0].color) + 64)
            return FALSE;
    }
    return TRUE;
}

/* Most ink samples have the colour that the glyph gave them, and the paper is still of another colour: black letters
 * under a black bar are gone. */
static gboolean still_there(const Canvas *page, const MgkGlyph *glyph)
{
    guint same = 0;
    guint32 paper, ink;
    if (!glyph->has_paper || !final_color(page, &glyph->paper, &paper))
        return FALSE;
    for (guint i = 0; i < glyph->n_ink; i++) {
        if (final_color(page, &glyph->ink[i], &ink) && channel_difference(ink, paper) >= SEEN &&
            channel_difference(ink, glyph->ink[i].color & 0xffffff) <= UNCHANGED)
            same++;
    }
    return 2 * same > glyph->n_ink;
}

void mgk_glyph_watch_end(MgkGlyphWatch *watch, cairo_surface_t *surface)
{
    active = NULL;
    watch->cr = NULL;
    Canvas page = canvas_of(surface, TRUE);
    if (!page.data)
        return;
    for (guint i = 0; i < watch->glyphs->len; i++) {
        MgkGlyph *glyph = &g_array_index(watch->glyphs, MgkGlyph, i);
        if (glyph->state != MGK_GLYPH_SEEN)
            continue;
        if (!(glyph->exact && still_there(&page, glyph)) && !stands_out(&page, glyph))
            glyph->state = MGK_GLYPH_HIDDEN;
    }
}
