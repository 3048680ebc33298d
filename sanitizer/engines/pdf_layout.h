/* pdf_layout.h - the renderer's own idea of a page's text, held against the glyphs that were really drawn. */
#pragma once

#include "engines/pdf_text.h"
#include "engines/poppler_auto.h"

/* Gives glyphs that came without characters those that the page's text has in their place, and returns how many
 * characters of that text no glyph was drawn for (invisible text). Where the text has two different characters for one
 * such glyph, it gets none and is marked ambiguous. The page must just have been rendered. */
guint mgk_pdf_layout_name(PopplerPage *page, GArray *glyphs, const MgkPdfScale *scale);
