/* glyph_samples.h - what a glyph's pixels say: samples of its ink and its paper, taken while it is drawn, and whether
 * they still show it on the finished page. For glyph_watch.c. */
#pragma once

#include "engines/glyph_watch.h"

/* Where glyphs land: the page itself, or a transparency group on its way to the page. */
typedef struct MgkCanvas {
    guint8 *data; /* borrowed; NULL: cannot be looked at */
    gint stride, width, height;
    gint dx, dy;  /* surface pixel = device pixel + this */
    guint32 mask; /* channels that count */
    gboolean page;
} MgkCanvas;

/* The pixels of a glyph's box that are looked at: columns × rows of them. */
typedef struct MgkGlyphGrid {
    gint x, y, columns, rows, step_x, step_y;
} MgkGlyphGrid;

MgkCanvas mgk_canvas_of(cairo_surface_t *surface, gboolean page);
/* No columns when nothing of the glyph's box lies on the canvas. */
MgkGlyphGrid mgk_glyph_grid(const MgkCanvas *canvas, const MgkGlyph *glyph);
/* Copies the grid's pixels to out (room for columns × rows). Returns how many. */
gsize mgk_glyph_grid_copy(const MgkCanvas *canvas, const MgkGlyphGrid *grid, guint32 *out);
/* Compares the grid's pixels with a copy made before: where the glyph changed them most is its ink. */
void mgk_glyph_grid_compare(const MgkCanvas *canvas, const MgkGlyphGrid *grid, const guint32 *before, MgkGlyph *glyph);
/* Do the changed pixels have the shape that mask (CAIRO_FORMAT_A8, a pixel for each of the grid's box, from its upper
 * left) says? */
gboolean mgk_glyph_grid_shaped(const MgkCanvas *canvas, const MgkGlyphGrid *grid, const guint32 *before,
                               cairo_surface_t *mask);
/* Does the finished page still show a glyph that was seen when it was drawn? */
gboolean mgk_glyph_still_shows(const MgkCanvas *page, const MgkGlyph *glyph);
