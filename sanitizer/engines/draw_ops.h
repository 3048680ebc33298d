/* draw_ops.h - drawing operations on their way from a page decoder to an encoder that never saw the file.
 *
 * A page of drawings is, between its PAGE and PAGE_END: SHAPES records (glyph outlines), IMAGE records with their
 * PIXELS, DRAW records, in any order, but an operation names only shapes and images that came before it. Nothing but
 * numbers crosses: paths, colours, dashes, clips, gradients as stops, pictures as pixels. Everything is made of 32-bit
 * words in the machine's own order; lengths are thousandths of a point, x to the right and y down from the upper left
 * corner of the page. The receiving side takes the sender for hostile (mgk_draw_check). */
#pragma once

#include <glib.h>

#define MGK_DRAW_EM 2000              /* units of a shape's em */
#define MGK_DRAW_MAX_LENGTH 400000000 /* 1/1000 pt, either way */
#define MGK_DRAW_MAX_DEPTH 64         /* clips inside clips */
#define MGK_DRAW_MAX_STOPS 256
#define MGK_DRAW_MAX_DASHES 32
#define MGK_DRAW_MAX_SHAPES 30000 /* of one page */
#define MGK_DRAW_MAX_IMAGES 4096
#define MGK_DRAW_MAX_SIDE 32767               /* pixels of an image */
#define MGK_DRAW_MAX_WORDS (16 * 1024 * 1024) /* of one page's shapes and operations */

typedef enum { MGK_PATH_MOVE = 1, MGK_PATH_LINE, MGK_PATH_CURVE, MGK_PATH_CLOSE } MgkPathVerb; /* 2, 2, 6, 0 numbers */

typedef enum {
    MGK_DRAW_CLIP = 1, /* from here on only what lies in the path; until UNCLIP */
    MGK_DRAW_UNCLIP,
    MGK_DRAW_FILL,
    MGK_DRAW_STROKE,
    MGK_DRAW_GLYPHS,
    MGK_DRAW_IMAGE,
} MgkDrawType;

typedef enum { MGK_PAINT_SOLID, MGK_PAINT_LINEAR, MGK_PAINT_RADIAL, MGK_N_PAINTS } MgkPaint;

/* The blend modes of ISO 32000-1, 11.3.5, in this order. */
#define MGK_DRAW_N_BLENDS 16

typedef struct MgkDrawOp {
    guint32 type;             /* MgkDrawType */
    guint32 rule;             /* CLIP, FILL: 1 even-odd */
    guint32 paint;            /* FILL: MgkPaint */
    guint32 color;            /* FILL, STROKE, GLYPHS: 0xRRGGBB */
    guint32 alpha;            /* all that paint: 1 to 255 */
    guint32 blend;            /* below MGK_DRAW_N_BLENDS */
    gint32 matrix[6];         /* IMAGE: of the unit square, y up in it; GLYPHS: four of an em, y up in it; STROKE: four,
                                 1/1000000, from the path's space to the page's; gradient: x y radius, twice */
    guint32 extend;           /* gradient: 1 before its begin, 2 behind its end */
    guint32 width;            /* STROKE */
    guint32 cap, join, miter; /* as in PDF; miter 1/1000 */
    gint32 dash_start;
    guint32 image;   /* IMAGE: number on this page */
    guint32 n_small; /* gradient: stops; STROKE: dashes */
    guint32 n_path;  /* words of the path; GLYPHS: glyphs */
} MgkDrawOp;         /* followed by n_small stops or dashes (guint32), then the path's words, or n_path MgkDrawGlyph */

typedef struct MgkDrawStop {
    guint32 at; /* 1/1000000, never falling */
    guint32 color;
} MgkDrawStop;

typedef struct MgkDrawGlyph {
    guint32 shape; /* number on this page */
    gint32 x, y;
} MgkDrawGlyph;

typedef struct MgkDrawShape {
    gint32 advance; /* of the em's units */
    guint32 n_path;
} MgkDrawShape; /* followed by its path, y up; a SHAPES record holds whole shapes */

typedef struct MgkPageImage {
    guint32 width, height, coding, bits, n_colors, smooth; /* as MgkPageBand; FILL: one colour */
    guint32 mask;                                          /* 1: behind the rows a byte a pixel: how much of it shows */
} MgkPageImage; /* followed by n_colors of 0xRRGGBB; then PIXELS records hold its rows and its mask */

/* What the checker knows of the page so far; zeros at its begin. */
typedef struct MgkDrawState {
    guint32 shapes, images, depth;
    gsize words;
} MgkDrawState;

/* TRUE when all operations (or shapes) of a record are whole and in bounds; updates *state. Errors: MALFORMED, LIMIT.
 */
gboolean mgk_draw_check(MgkDrawState *state, const guint8 *data, gsize size, GError **error);
gboolean mgk_draw_check_shapes(MgkDrawState *state, const guint8 *data, gsize size, GError **error);
/* The operation at *offset of a checked record, and moves *offset behind it; FALSE at the end. Lists are borrowed. */
gboolean mgk_draw_next(const guint8 *data, gsize size, gsize *offset, MgkDrawOp *ret_op, const guint32 **ret_small,
                       const guint32 **ret_path);
gboolean mgk_draw_next_shape(const guint8 *data, gsize size, gsize *offset, MgkDrawShape *ret_shape,
                             const guint32 **ret_path);
/* How many numbers follow a verb; 0 for one that is none. */
guint mgk_path_numbers(guint32 verb);
