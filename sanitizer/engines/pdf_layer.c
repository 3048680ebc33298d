#include "engines/pdf_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INK 48     /* difference of brightness, of 255, between a letter and its paper */
#define STEPS 24   /* places looked at across and down a letter's box */
#define BASE 0.2   /* of the box's height: from its lower edge to the base line */
#define TOUCH 0.05 /* points between neighbours in a word */

static guint8 brightness_at(const guint8 *data, gint stride, gint x, gint y)
{
    guint32 color;
    memcpy(&color, data + (gsize)y * (gsize)stride + (gsize)x * 4, 4);
    return (guint8)(((color >> 16 & 255) * 77 + (color >> 8 & 255) * 150 + (color & 255) * 29) >> 8);
}

static gboolean lies_on_ink(const PopplerRectangle *box, cairo_surface_t *page, const MgkPdfScale *scale)
{
    const guint8 *data = cairo_image_surface_get_data(page);
    gint stride = cairo_image_surface_get_stride(page), width = cairo_image_surface_get_width(page),
         height = cairo_image_surface_get_height(page);
    gint darkest = 255, brightest = 0;
    for (guint i = 0; i < STEPS * STEPS; i++) {
        guint column = i % STEPS, row = i / STEPS;
        double x = box->x1 + (box->x2 - box->x1) * column / (STEPS - 1);
        double y = box->y1 + (box->y2 - box->y1) * row / (STEPS - 1);
        double px = (x * 1000 - scale->left) / scale->x, py = (y * 1000 - scale->top) / scale->y;
        if (!(px >= 0) || !(py >= 0) || px >= width || py >= height)
            continue;
        gint now = brightness_at(data, stride, (gint)px, (gint)py);
        darkest = MIN(darkest, now);
        brightest = MAX(brightest, now);
    }
    return brightest - darkest >= INK;
}

typedef enum { RIGHT, DOWN, LEFT, UP } Way;

/* Which way a word runs, from a letter to the one after it; else as before. */
static Way way_of(const PopplerRectangle *a, const PopplerRectangle *b, Way before)
{
    if (b && fabs(a->y1 - b->y1) < TOUCH && fabs(a->y2 - b->y2) < TOUCH && fabs(a->x2 - b->x1) < TOUCH)
        return RIGHT;
    if (b && fabs(a->y1 - b->y1) < TOUCH && fabs(a->y2 - b->y2) < TOUCH && fabs(a->x1 - b->x2) < TOUCH)
        return LEFT;
    if (b && fabs(a->x1 - b->x1) < TOUCH && fabs(a->x2 - b->x2) < TOUCH && fabs(a->y2 - b->y1) < TOUCH)
        return DOWN;
    if (b && fabs(a->x1 - b->x1) < TOUCH && fabs(a->x2 - b->x2) < TOUCH && fabs(a->y1 - b->y2) < TOUCH)
        return UP;
    return before;
}

static void adopt_letter(const MgkPdfLetter *letter, Way way, const MgkPdfScale *scale, GArray *glyphs)
{
    static const gint along[][2] = {[RIGHT] = {1, 0}, [DOWN] = {0, 1}, [LEFT] = {-1, 0}, [UP] = {0, -1}};
    const PopplerRectangle *box = &letter->box;
    gboolean level = way == RIGHT || way == LEFT;
    double em = level ? box->y2 - box->y1 : box->x2 - box->x1;
    double width = level ? box->x2 - box->x1 : box->y2 - box->y1;
    double x = way == RIGHT ? box->x1 : way == LEFT ? box->x2 : way == DOWN ? box->x1 + BASE * em : box->x2 - BASE * em;
    double y = way == RIGHT ? box->y2 - BASE * em : way == LEFT ? box->y1 + BASE * em : way == DOWN ? box->y1 : box->y2;
    MgkGlyph glyph = {
        .x = (x * 1000 - scale->left) / scale->x,
        .y = (y * 1000 - scale->top) / scale->y,
        .along_x = along[way][0] * em * 1000 / scale->x,
        .along_y = along[way][1] * em * 1000 / scale->y,
        .em = em * 1000 / scale->y,
        .width = width * 1000 / (level ? scale->x : scale->y),
        .box = {(float)((box->x1 * 1000 - scale->left) / scale->x), (float)((box->y1 * 1000 - scale->top) / scale->y),
                (float)((box->x2 * 1000 - scale->left) / scale->x), (float)((box->y2 * 1000 - scale->top) / scale->y)},
        .characters = {letter->character},
        .n_characters = 1,
        .state = MGK_GLYPH_SEEN};
    if (em > 0)
        g_array_append_val(glyphs, glyph);
}

guint mgk_pdf_layer_find(const GArray *letters, cairo_surface_t *page, const MgkPdfScale *scale, gboolean adopt,
                         GArray *glyphs)
{
    guint n = 0;
    Way way = RIGHT;
    for (guint i = 0; i < letters->len; i++) {
        const MgkPdfLetter *letter = &g_array_index(letters, MgkPdfLetter, i);
        way = way_of(&letter->box, i + 1 < letters->len ? &letter[1].box : NULL, i ? way : RIGHT);
        if (!lies_on_ink(&letter->box, page, scale))
            continue;
        n++;
        if (adopt)
            adopt_letter(letter, way, scale, glyphs);
    }
    return n;
}
