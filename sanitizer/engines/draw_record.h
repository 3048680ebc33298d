/* draw_record.h - what a page is drawn with, noted while the renderer draws it: the decoder's side of draw_ops.h.
 *
 * This module stands between the renderer and cairo, as glyph_watch.h does; the two call it for what they see. Each
 * operation is noted as the numbers that cross, then drawn, then looked at: one that changed no pixel of the page is
 * forgotten, so that white letters on white paper, what is clipped away and what lies outside the page are not there.
 * What the operations cannot say (patterns, meshes, soft masks over pictures, letters that are pictures) is noted as a
 * picture of the pixels that it left on the page; a transparency group that is nothing but its parts counts as them. */
#pragma once

#include "engines/draw_shapes.h"
#include "engines/glyph_watch.h"
#include "engines/pdf_text.h"

typedef struct MgkDrawBox {
    gint left, top, right, bottom; /* pixels of the page */
} MgkDrawBox;

typedef struct MgkDrawGlyphNote {
    MgkDrawBox box;
    guint index; /* of the glyph in the watch's list */
} MgkDrawGlyphNote;

typedef struct MgkDrawClip {
    guint parent, depth;      /* parent: number of the clip that this one is inside, 0 for none */
    guint path, n_path, rule; /* words */
    MgkDrawBox box;           /* of what may show */
} MgkDrawClip;

typedef struct MgkDrawPicture {
    cairo_surface_t *base; /* owned: RGB24 or ARGB32; NULL: the operation's colour */
    cairo_surface_t *mask; /* owned: A8, or NULL */
} MgkDrawPicture;

typedef struct MgkDrawn {
    MgkDrawOp op;    /* lengths as they cross; IMAGE: op.image is the number of the picture */
    guint clip;      /* number, 0 for none */
    guint small;     /* words: stops or dashes */
    guint path;      /* words: the path, or glyphs */
    guint notes;     /* GLYPHS: the first of its glyph notes */
    MgkDrawBox box;  /* of all that it may touch */
    gboolean covers; /* what it touches hides what is below */
} MgkDrawn;

typedef struct MgkDrawRecord {
    MgkPdfScale scale;
    gint width, height;         /* of the page, pixels */
    GArray *drawn;              /* of MgkDrawn, in drawing order */
    GArray *clips;              /* of MgkDrawClip, by number - 1 */
    GArray *words;              /* of guint32 */
    GArray *glyph_notes;        /* of MgkDrawGlyphNote */
    GArray *pictures;           /* of MgkDrawPicture */
    MgkDrawShapes *shapes;      /* owned */
    gboolean over;              /* too much was drawn, or what cannot be followed: of no use */
    guint others;               /* operations that were no picture */
    guint unseen;               /* operations that changed nothing */
    struct MgkDrawNotes *notes; /* owned: this module's own */
} MgkDrawRecord;

MgkDrawRecord *mgk_draw_record_new(void);
void mgk_draw_record_free(MgkDrawRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDrawRecord, mgk_draw_record_free)
/* Forgets the page before, and notes what is drawn with cr on its image surface until mgk_draw_record_end(). */
void mgk_draw_record_begin(MgkDrawRecord *record, cairo_t *cr, const MgkPdfScale *scale);
void mgk_draw_record_end(MgkDrawRecord *record);
/* Looks up cairo's own functions; call it before a sandbox closes. */
void mgk_draw_record_warm(void);

/* For glyph_watch.c and blend_groups.c. Each of the first five is called right before cairo's own function, and
 * mgk_draw_record_done() right after it. */
void mgk_draw_record_fill(cairo_t *cr);
void mgk_draw_record_stroke(cairo_t *cr);
void mgk_draw_record_paint(cairo_t *cr, double alpha);
void mgk_draw_record_mask(cairo_t *cr, cairo_pattern_t *mask);
/* noted: the n that were measured of `drawn` glyphs, the first of them number `index` in the watch's list */
void mgk_draw_record_glyphs(cairo_t *cr, const cairo_glyph_t *glyphs, guint drawn, const MgkGlyphWatch *watch,
                            guint index);
void mgk_draw_record_done(cairo_t *cr);
void mgk_draw_record_group_begins(cairo_t *cr);
/* Right after cairo's own function; the group as a pattern. */
void mgk_draw_record_group_ended(cairo_t *cr, cairo_pattern_t *group);
