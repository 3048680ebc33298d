/* pdf_text.h - the text layer of a page: the characters that are seen, where they are seen. */
#pragma once

#include "engines/glyph_watch.h"
#include "engines/page_stream.h"

/* From pixels of the rendered grid to thousandths of a point on the page. */
typedef struct MgkPdfScale {
    double x, y;      /* 1/1000 pt a pixel */
    double left, top; /* of the grid's corner */
} MgkPdfScale;

typedef struct MgkPdfTextCount {
    guint seen, hidden, layer; /* characters; layer: invisible ones over ink (pdf_layer.h) */
    guint overlong;            /* glyphs that the file maps to long texts */
} MgkPdfTextCount;

/* Joins the seen glyphs to runs and sends them as TEXT records. Adds to *ret_count. */
gboolean mgk_pdf_text_send(MgkJob *job, const GArray *glyphs, const MgkPdfScale *scale, MgkPdfTextCount *ret_count,
                           GError **error);
/* Dots per inch that the smallest seen text needs to stay readable: 16 pixels for a kanji, 12 for kana and hangul, 10
 * for a letter. dpi: that of the glyphs' pixels. 0 when nothing is seen. */
double mgk_pdf_text_needs_dpi(const GArray *glyphs, double dpi);
