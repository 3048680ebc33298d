/* draw_shapes.h - the outlines of the glyphs that a document draws with, each taken from its font once. */
#pragma once

#include "engines/draw_ops.h"

#include <cairo.h>

typedef struct MgkDrawShapes MgkDrawShapes;
MgkDrawShapes *mgk_draw_shapes_new(void);
void mgk_draw_shapes_free(MgkDrawShapes *shapes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDrawShapes, mgk_draw_shapes_free)

#define MGK_DRAW_NO_SHAPE G_MAXUINT32

/* The number of a glyph's outline; MGK_DRAW_NO_SHAPE when it has none to show, or none that can be had. */
guint32 mgk_draw_shapes_find(MgkDrawShapes *shapes, cairo_font_face_t *face, gulong glyph);
/* An outline and its path, borrowed until the next find. */
const MgkDrawShape *mgk_draw_shapes_get(const MgkDrawShapes *shapes, guint32 number, const guint32 **ret_path);
/* Its box in units of the em, y up: left, bottom, right, top. */
const gint32 *mgk_draw_shapes_box(const MgkDrawShapes *shapes, guint32 number);
/* Forgets all when there are many: between pages. */
void mgk_draw_shapes_trim(MgkDrawShapes *shapes);

/* Appends a path in the wire's form (draw_ops.h): each point by the matrix, rounded. FALSE when a number is out of
 * bounds. *box (left, top, right, bottom; may be NULL) is widened by all points. */
gboolean mgk_draw_append_path(GArray *words, const cairo_path_t *path, const cairo_matrix_t *matrix, double *box);
