#include "engines/glyph_samples.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS 8 /* a glyph is looked at in at most this many columns and rows */
#define ROWS 9
#define SEEN 12       /* difference of a colour channel, of 255, that an eye can see */
#define CLEAR 192     /* difference from which a better sample is not worth looking for */
#define UNCHANGED 24  /* difference that later smoothing may make */
#define WEAKEST 4     /* a sample shows a fourth of what the clearest one shows, or does not count */
#define FAR 100000.0f /* pixels: beyond any surface */

MgkCanvas mgk_canvas_of(cairo_surface_t *surface, gboolean page)
{
    MgkCanvas canvas = {.page = page};
    if (cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE)
        return canvas;
    cairo_format_t format = cairo_image_surface_get_format(surface);
    if (format != CAIRO_FORMAT_RGB24 && format != CAIRO_FORMAT_ARGB32)
        return canvas;
    double dx, dy;
    cairo_surface_flush(surface);
    cairo_surface_get_device_offset(surface, &dx, &dy);
    if (!(dx > -FAR && dx < FAR && dy > -FAR && dy < FAR))
        return canvas;
    canvas.data = cairo_image_surface_get_data(surface);
    canvas.stride = cairo_image_surface_get_stride(surface);
    canvas.width = cairo_image_surface_get_width(surface);
    canvas.height = cairo_image_surface_get_height(surface);
    canvas.mask = format == CAIRO_FORMAT_RGB24 ? 0xffffff : 0xffffffff;
    canvas.dx = (gint)dx;
    canvas.dy = (gint)dy;
    return canvas;
}

static const guint32 *pixels_at(const MgkCanvas *canvas, gint x, gint y)
{
    return (const guint32 *)(gconstpointer)(canvas->data + (gsize)y * (gsize)canvas->stride + (gsize)x * 4);
}

static gint channel_difference(guint32 a, guint32 b)
{
    gint d0 = abs((gint)(a & 255) - (gint)(b & 255)), d1 = abs((gint)(a >> 8 & 255) - (gint)(b >> 8 & 255));
    gint d2 = abs((gint)(a >> 16 & 255) - (gint)(b >> 16 & 255)), d3 = abs((gint)(a >> 24) - (gint)(b >> 24));
    return MAX(MAX(d0, d1), MAX(d2, d3));
}

/* Rounded down; the C library's own is a call on processors of twenty years ago, for which we are built. */
static gint whole(float value)
{
    return (gint)(CLAMP(value, -FAR, FAR) + FAR) - (gint)FAR;
}

MgkGlyphGrid mgk_glyph_grid(const MgkCanvas *canvas, const MgkGlyph *glyph)
{
    MgkGlyphGrid grid = {0};
    if (!canvas->data || !(glyph->box[2] >= glyph->box[0]) || !(glyph->box[3] >= glyph->box[1]))
        return grid;
    /* One pixel more on each side, or a dash would have no paper around it to be told from. */
    gint left = MAX(whole(glyph->box[0]) + canvas->dx - 1, 0), top = MAX(whole(glyph->box[1]) + canvas->dy - 1, 0);
    gint right = MIN(whole(glyph->box[2]) + canvas->dx + 2, canvas->width);
    gint bottom = MIN(whole(glyph->box[3]) + canvas->dy + 2, canvas->height);
    if (right <= left || bottom <= top)
        return grid;
    grid.x = left;
    grid.y = top;
    grid.step_x = 1 + (right - left - 1) / COLUMNS;
    grid.step_y = 1 + (bottom - top - 1) / ROWS;
    grid.columns = (right - left + grid.step_x - 1) / grid.step_x;
    grid.rows = (bottom - top + grid.step_y - 1) / grid.step_y;
    return grid;
}

gsize mgk_glyph_grid_copy(const MgkCanvas *canvas, const MgkGlyphGrid *grid, guint32 *out)
{
    guint32 *at = out;
    for (gint row = 0; row < grid->rows; row++) {
        const guint32 *pixels = pixels_at(canvas, grid->x, grid->y + row * grid->step_y);
        for (gint column = 0; column < grid->columns; column++)
            *at++ = pixels[column * grid->step_x] & canvas->mask;
    }
    return (gsize)(at - out);
}

static MgkSample sample_at(const MgkCanvas *canvas, const MgkGlyphGrid *grid, gint index)
{
    gint x = grid->x + index % grid->columns * grid->step_x, y = grid->y + index / grid->columns * grid->step_y;
    return (MgkSample){.x = x - canvas->dx, .y = y - canvas->dy, .color = *pixels_at(canvas, x, y) & canvas->mask};
}

/* The most changed pixel of each slice of a glyph's rows, and the unchanged one nearest to its middle. */
typedef struct Best {
    gint ink[MGK_GLYPH_SAMPLES], most[MGK_GLYPH_SAMPLES]; /* index or -1; its difference */
    gint paper, nearest;                                  /* index or -1; its distance */
} Best;

static void look_at_row(const MgkCanvas *canvas, const MgkGlyphGrid *grid, gint row, const guint32 *before, Best *best)
{
    const guint32 *pixels = pixels_at(canvas, grid->x, grid->y + row * grid->step_y);
    gint above = abs(2 * row - grid->rows), slice = row * MGK_GLYPH_SAMPLES / grid->rows;
    gint most = best->most[slice], index = row * grid->columns;
    for (gint column = 0; column < grid->columns; column++, index++) {
        guint32 now = pixels[column * grid->step_x] & canvas->mask;
        gboolean same = now == before[index];
        if (same ? above >= best->nearest : most >= CLEAR)
            continue;
        gint difference = same ? 0 : channel_difference(now, before[index]);
        if (difference > most) {
            most = difference;
            best->ink[slice] = index;
        }
        gint away = above + abs(2 * column - grid->columns);
        if (difference < SEEN / 2 && away < best->nearest) {
            best->nearest = away;
            best->paper = index;
        }
    }
    best->most[slice] = most;
}

/* The samples of a glyph's ink are where it changed the paper most, at several heights, without those that only its
 * smoothed edge touched: a line through a letter does not hide it. The paper sample is near its middle: what covers the
 * glyph will cover it too. */
void mgk_glyph_grid_compare(const MgkCanvas *canvas, const MgkGlyphGrid *grid, const guint32 *before, MgkGlyph *glyph)
{
    Best best = {.paper = -1, .nearest = G_MAXINT};
    gint most = 0;
    for (guint i = 0; i < MGK_GLYPH_SAMPLES; i++) {
        best.ink[i] = -1;
        best.most[i] = SEEN - 1;
    }
    for (gint row = 0; row < grid->rows; row++)
        look_at_row(canvas, grid, row, before, &best);
    for (guint i = 0; i < MGK_GLYPH_SAMPLES; i++)
        most = MAX(most, best.most[i]);
    for (guint i = 0; i < MGK_GLYPH_SAMPLES; i++) {
        if (best.ink[i] >= 0 && best.most[i] >= most / WEAKEST)
            glyph->ink[glyph->n_ink++] = sample_at(canvas, grid, best.ink[i]);
    }
    if (best.paper >= 0) {
        glyph->paper = sample_at(canvas, grid, best.paper);
        glyph->has_paper = TRUE;
    }
    glyph->exact = canvas->page ? 1 : 0;
    if (glyph->n_ink)
        glyph->state = MGK_GLYPH_SEEN; /* until judged */
}

gboolean mgk_glyph_grid_shaped(const MgkCanvas *canvas, const MgkGlyphGrid *grid, const guint32 *before,
                               cairo_surface_t *mask)
{
    guint inside = 0, filled = 0, outside = 0, spilt = 0;
    cairo_surface_flush(mask);
    const guint8 *data = cairo_image_surface_get_data(mask);
    gsize stride = (gsize)cairo_image_surface_get_stride(mask);
    for (gint i = 0; data && i < grid->columns * grid->rows; i++) {
        gint x = i % grid->columns * grid->step_x, y = i / grid->columns * grid->step_y;
        guint32 now = *pixels_at(canvas, grid->x + x, grid->y + y) & canvas->mask;
        gboolean changed = channel_difference(now, before[i]) >= SEEN;
        guint8 covered = data[(gsize)y * stride + (gsize)x];
        inside += covered >= 128;
        filled += covered >= 128 && changed;
        outside += covered == 0;
        spilt += covered == 0 && changed;
    }
    /* neighbours reach into the box, and colours that run from one to another may touch the paper's */
    return inside && outside && 10 * filled >= 7 * inside && 4 * spilt <= outside;
}

/* ---- judging ---- */

static gint brightness(guint32 color)
{
    return (gint)((color >> 16 & 255) * 77 + (color >> 8 & 255) * 150 + (color & 255) * 29) >> 8;
}

/* The sampled pixel as the finished page has it; FALSE outside. */
static gboolean final_color(const MgkCanvas *page, const MgkSample *sample, guint32 *ret_color)
{
    gint x = sample->x + page->dx, y = sample->y + page->dy;
    if (x < 0 || y < 0 || x >= page->width || y >= page->height)
        return FALSE;
    *ret_color = *pixels_at(page, x, y) & page->mask;
    return TRUE;
}

/* All ink samples stand out from the paper sample in the same sense, and about alike: the glyph shines through. */
static gboolean stands_out(const MgkCanvas *page, const MgkGlyph *glyph, guint32 paper)
{
    guint32 ink, first = 0;
    gint sign = 0;
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

/* Half of the ink samples have the colour that the glyph gave them, and the paper is still of another colour: black
 * letters under a black bar are gone. */
static gboolean still_there(const MgkCanvas *page, const MgkGlyph *glyph, guint32 paper)
{
    guint same = 0;
    guint32 ink;
    for (guint i = 0; i < glyph->n_ink; i++) {
        if (final_color(page, &glyph->ink[i], &ink) && channel_difference(ink, paper) >= SEEN &&
            channel_difference(ink, glyph->ink[i].color & 0xffffff) <= UNCHANGED)
            same++;
    }
    return 2 * same >= glyph->n_ink;
}

gboolean mgk_glyph_still_shows(const MgkCanvas *page, const MgkGlyph *glyph)
{
    guint32 paper;
    return glyph->has_paper && final_color(page, &glyph->paper, &paper) &&
           ((glyph->exact && still_there(page, glyph, paper)) || stands_out(page, glyph, paper));
}
