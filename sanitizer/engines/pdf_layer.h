/* pdf_layer.h - invisible text over a picture of text: the layer of character recognition, and our own outputs'. */
#pragma once

#include "engines/pdf_layout.h"

/* Counts those of the letters (of MgkPdfLetter, none of them drawn) that lie on ink of the finished page: what they say
 * cannot be told from what the picture shows. With adopt they are appended to glyphs as if they had been drawn. */
guint mgk_pdf_layer_find(const GArray *letters, cairo_surface_t *page, const MgkPdfScale *scale, gboolean adopt,
                         GArray *glyphs);
