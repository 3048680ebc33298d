/* pdf_layout.h - the renderer's own idea of a page's text, held against the glyphs that were really drawn. */
#pragma once

#include "engines/pdf_text.h"
#include "engines/poppler_auto.h"

typedef struct MgkPdfLetter {
    gunichar character;
    PopplerRectangle box; /* points, y down */
    gint glyph;           /* index, -1 for none */
} MgkPdfLetter;

/* Gives glyphs that came without characters those that the page's text has in their place, and returns the letters of
 * that text (of MgkPdfLetter, owned by the caller) that no glyph was drawn for: invisible text. Where the text has two
 * different characters for one such glyph, it is marked ambiguous. The page must just have been rendered. */
GArray *mgk_pdf_layout_name(PopplerPage *page, GArray *glyphs, const MgkPdfScale *scale);
