/* glyph_watch.h - which characters a page really shows: every glyph is watched while it is drawn.
 *
 * The renderer draws through cairo. This module stands between the two (it defines cairo's text functions; the linker
 * binds the renderer to them, and they call cairo's own), so that it sees each glyph with its character, its place and
 * the pixels before and after. A character counts as visible when its glyph changed pixels, and when those pixels
 * still show it after the whole page is painted. Text drawn in the paper's colour, invisibly, outside the clip or
 * the page, or covered later, does not get into the text layer. Glyphs that only clip what is drawn after them count
 * when that has got their shape. Without the interposition nothing is visible: text would be missing, never forged.
 *
 * It also measures pictures, to render a scanned page in the scan's own pixels. */
#pragma once

#include <cairo.h>
#include <glib.h>

#define MGK_GLYPH_CHARACTERS 4 /* one glyph may stand for: ligatures */
#define MGK_GLYPH_SAMPLES 6    /* of its ink */

typedef struct MgkSample {
    gint32 x, y;   /* device pixels */
    guint32 color; /* there, right after the glyph was drawn */
} MgkSample;

typedef enum { MGK_GLYPH_HIDDEN, MGK_GLYPH_BLANK, MGK_GLYPH_SEEN } MgkGlyphState;

typedef struct MgkGlyph {
    double x, y;                              /* origin, pixels */
    double along_x, along_y;                  /* one em in the font's own x direction, pixels */
    double em;                                /* height of the em, pixels */
    double width;                             /* the font's advance along that direction, pixels */
    float box[4];                             /* of the outline: left, top, right, bottom, pixels */
    guint32 characters[MGK_GLYPH_CHARACTERS]; /* n_characters of them */
    guint32 string;                           /* glyphs drawn by one call share it */
    guint8 n_characters;
    guint8 named;                   /* its characters came from the page's text (pdf_layout.h) */
    guint8 ambiguous;               /* the page's text has several characters in its place */
    guint8 overlong;                /* the file maps it to more than that */
    guint8 state;                   /* MgkGlyphState */
    guint8 n_ink, has_paper, exact; /* exact: samples were taken on the page itself */
    MgkSample ink[MGK_GLYPH_SAMPLES], paper;
} MgkGlyph;

typedef struct MgkPicture {
    guint width, height;  /* its own pixels */
    cairo_matrix_t place; /* of the unit square, device pixels */
} MgkPicture;

typedef struct MgkGlyphWatch {
    cairo_t *cr;          /* borrowed: the page's context while it is rendered */
    GArray *glyphs;       /* of MgkGlyph, in drawing order */
    GArray *pictures;     /* of MgkPicture */
    guint strokes;        /* lines drawn */
    guint strings;        /* text calls so far */
    double width, height; /* of the page, device pixels: to see whether a picture fills it */
    gboolean may_abandon; /* stop as soon as a picture that fills the page comes first */
    gboolean abandoned;
    struct MgkGlyphNotes *notes; /* owned: this module's own */
} MgkGlyphWatch;

MgkGlyphWatch *mgk_glyph_watch_new(void);
void mgk_glyph_watch_free(MgkGlyphWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkGlyphWatch, mgk_glyph_watch_free)
/* Forgets the page before and watches what is drawn with cr until mgk_glyph_watch_end(). One watch at a time. */
void mgk_glyph_watch_begin(MgkGlyphWatch *watch, cairo_t *cr, double width, double height);
/* Stops watching and judges each glyph by the finished page. */
void mgk_glyph_watch_end(MgkGlyphWatch *watch, cairo_surface_t *page);
/* For blend_groups.c: the group that is being drawn on is complete. */
void mgk_glyph_watch_group_ends(cairo_t *cr);
/* Looks up cairo's own functions; call it before a sandbox closes. */
void mgk_glyph_watch_warm(void);
