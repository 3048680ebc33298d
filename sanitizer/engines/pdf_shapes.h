/* pdf_shapes.h - glyphs redrawn: outlines as the procedures of Type 3 fonts of our own making (ISO 32000-1, 9.6.5).
 *
 * A shape is written once a document, whatever pages and fonts it comes from: 256 of them are a font, in the order in
 * which they were met. Codes say nothing of characters (all of them map to a space): what a page says is in its
 * invisible text alone. Procedures are d1 and a filled path. */
#pragma once

#include "engines/draw_ops.h"
#include "engines/pdf_output.h"

typedef struct MgkPdfShapes MgkPdfShapes;
MgkPdfShapes *mgk_pdf_shapes_new(MgkPdfOutput *output); /* borrowed */
void mgk_pdf_shapes_free(MgkPdfShapes *shapes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPdfShapes, mgk_pdf_shapes_free)

/* The number of a shape in the whole document, font × 256 + code; writes it when it is new. The shape was checked. */
gboolean mgk_pdf_shapes_add(MgkPdfShapes *shapes, const MgkDrawShape *shape, const guint32 *path, guint *ret_number,
                            GError **error);
/* Its advance in units of MGK_DRAW_EM. */
guint mgk_pdf_shapes_advance(const MgkPdfShapes *shapes, guint number);
/* Object number of a font. */
guint mgk_pdf_shapes_font(const MgkPdfShapes *shapes, guint font);
/* Writes the fonts. */
gboolean mgk_pdf_shapes_finish(MgkPdfShapes *shapes, GError **error);

/* Appends a path; its numbers are divided by `divide` and rounded. */
void mgk_pdf_append_path(GString *out, const guint32 *words, gsize n, gint divide);
/* Appends a whole number and a space. */
void mgk_pdf_append_whole(GString *out, gint64 value);
