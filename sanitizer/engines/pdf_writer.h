/* pdf_writer.h - writes the only kind of PDF that leaves this program: pages of pixels, or of drawings (pdf_draw.h),
 * with an invisible text layer.
 *
 * PDF 1.5 with a plain cross-reference table (ISO 32000-1, 7.5), written in one pass through job->write: catalog,
 * pages, images, one content stream a page, link annotations (to pages, http, https, mailto), outline, page labels,
 * title, our own invisible fonts. checks/pdf.c accepts exactly this grammar. */
#pragma once

#include "engines/page_stream.h"

typedef struct MgkPdfWriter MgkPdfWriter;
/* Begins a document; title may be "". The job is borrowed. All records must have been validated (page_stream.h). */
MgkPdfWriter *mgk_pdf_writer_new(MgkJob *job, const MgkPageDocument *document, const char *title, GError **error);
void mgk_pdf_writer_free(MgkPdfWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPdfWriter, mgk_pdf_writer_free)

void mgk_pdf_writer_outline(MgkPdfWriter *writer, const MgkPageOutline *item, const char *title);
/* Pages in order of their index. */
void mgk_pdf_writer_begin_page(MgkPdfWriter *writer, const MgkPageHead *page, const char *label);
/* Compresses and writes a band's pixels (data of mgk_page_stream_row_bytes() × height) and places it on the page. */
gboolean mgk_pdf_writer_band(MgkPdfWriter *writer, const MgkPageBand *band, const guint32 *colors, const guint8 *data,
                             GError **error);
/* A SHAPES, IMAGE or DRAW record. */
gboolean mgk_pdf_writer_drawing(MgkPdfWriter *writer, const MgkPageRecord *record, GError **error);
void mgk_pdf_writer_run(MgkPdfWriter *writer, const MgkPageRun *run, const MgkPageGlyph *glyphs);
gboolean mgk_pdf_writer_link(MgkPdfWriter *writer, const MgkPageLink *link, const char *uri, GError **error);
gboolean mgk_pdf_writer_end_page(MgkPdfWriter *writer, GError **error);
/* Writes what all pages share and ends the file. */
gboolean mgk_pdf_writer_finish(MgkPdfWriter *writer, GError **error);
