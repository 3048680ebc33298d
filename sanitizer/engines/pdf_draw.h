/* pdf_draw.h - drawing operations as a page's content: paths, clips, gradients, our own glyphs, re-encoded pictures.
 *
 * The content is one q … Q whose unit is a hundredth of a point, x to the right and y down, so that nearly all its
 * numbers are whole. A shape, and a picture with its mask, is written once a document however often it is used.
 * checks/pdf_drawing.c accepts exactly this. */
#pragma once

#include "engines/page_stream.h"
#include "engines/pdf_output.h"

typedef struct MgkPdfDraw MgkPdfDraw;
MgkPdfDraw *mgk_pdf_draw_new(MgkPdfOutput *output); /* borrowed */
void mgk_pdf_draw_free(MgkPdfDraw *draw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPdfDraw, mgk_pdf_draw_free)

void mgk_pdf_draw_begin_page(MgkPdfDraw *draw, const MgkPageHead *page);
/* One SHAPES, IMAGE or DRAW record, as the reader handed it out. */
gboolean mgk_pdf_draw_record(MgkPdfDraw *draw, const MgkPageRecord *record, GError **error);
/* Appends the page's drawing to its content, and what it draws with to the entries of its resources; each may be left
 * as it is. */
void mgk_pdf_draw_end_page(MgkPdfDraw *draw, GString *content, GString *xobjects, GString *fonts, GString *resources);
/* Writes the fonts. */
gboolean mgk_pdf_draw_finish(MgkPdfDraw *draw, GError **error);
