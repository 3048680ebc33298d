/* draw_internal.h - for draw_record.c and draw_note.c alone. */
#pragma once

#include "engines/draw_record.h"
#include "engines/glyph_samples.h"

typedef enum {
    MGK_NOTE_NOTHING, /* it cannot be seen: not even looked at */
    MGK_NOTE_KNOWN,
    MGK_NOTE_UNKNOWN, /* only its pixels can be had; its box is set */
    MGK_NOTE_GROUP,   /* the group that ended last is painted */
} MgkNote;

typedef struct MgkDrawGroup {
    guint first; /* operation */
    gboolean lost;
} MgkDrawGroup;

typedef struct MgkDrawNotes {
    cairo_t *cr;               /* borrowed, NULL between pages */
    GArray *states;            /* of guint: clips of the saved states */
    guint clip;                /* number of the clip in force */
    cairo_matrix_t source_ctm; /* as it was when the source was set */
    GArray *groups;            /* of MgkDrawGroup: those being drawn on */
    GArray *held;              /* of MgkDrawn: of the group that ended last */
    gboolean held_lost;
    cairo_surface_t *held_surface; /* owned: tells the group */
    /* the operation between its call and cairo's */
    MgkNote note;
    MgkDrawn pending;
    MgkCanvas canvas;
    GByteArray *before; /* the pixels of its box, every row_step-th row */
    gint row_step;
    guint64 copied;         /* pixels so far */
    guint64 picture_pixels; /* likewise, of all pictures */
    guint snapshots;
} MgkDrawNotes;

/* What shows at most: the clip's box, or the page. */
MgkDrawBox mgk_draw_note_bounds(const MgkDrawRecord *record);
gboolean mgk_draw_box_is_empty(const MgkDrawBox *box);
/* From cr's user space at some matrix to thousandths of a point on the page. */
cairo_matrix_t mgk_draw_note_to_page(const MgkDrawRecord *record, const cairo_matrix_t *ctm);
/* A box of thousandths of a point as pixels, `more` wider on each side, within what shows. */
MgkDrawBox mgk_draw_note_shown(const MgkDrawRecord *record, const double *box, double more);
/* The box of the unit square at some place. */
void mgk_draw_note_box_of(const cairo_matrix_t *place, double *ret_box);
gboolean mgk_draw_note_blend(cairo_t *cr, MgkDrawn *out);
gboolean mgk_draw_note_solid(cairo_pattern_t *source, MgkDrawn *out);
/* Note what is about to be drawn with cr in *ret; draw_note.c. */
MgkNote mgk_draw_note_fill(MgkDrawRecord *record, cairo_t *cr, MgkDrawn *ret);
MgkNote mgk_draw_note_stroke(MgkDrawRecord *record, cairo_t *cr, MgkDrawn *ret);
MgkNote mgk_draw_note_paint(MgkDrawRecord *record, cairo_t *cr, double alpha, MgkDrawn *ret);
MgkNote mgk_draw_note_mask(MgkDrawRecord *record, cairo_t *cr, cairo_pattern_t *mask, MgkDrawn *ret);
/* The watch's glyphs from `index` on, as they are in `glyphs`. */
MgkNote mgk_draw_note_glyphs(MgkDrawRecord *record, cairo_t *cr, const cairo_glyph_t *glyphs,
                             const MgkGlyphWatch *watch, guint index, MgkDrawn *ret);
/* A picture as the source of a fill, whose path has this box (thousandths of a point), or of a paint (NULL). */
MgkNote mgk_draw_note_source(MgkDrawRecord *record, cairo_t *cr, const double *path_box, MgkDrawn *out);
/* The clip that cr's path and the clip in force are together; its number. */
guint mgk_draw_note_clip(MgkDrawRecord *record, cairo_t *cr);
/* Adds a picture; both surfaces are taken over. Returns its number. */
guint mgk_draw_note_picture(MgkDrawRecord *record, cairo_surface_t *base, cairo_surface_t *mask);
