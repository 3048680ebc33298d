/* doc_markup.h - properties of a Word 97-2003 document in the words of WordprocessingML (ISO/IEC 29500-1 17.3). */
#pragma once

#include "engines/doc_props.h"

/* Names of fonts by number; owned strings. */
GPtrArray *mgk_doc_fonts(const MgkDocFile *file);
/* Escaped text; what XML forbids is left out. */
void mgk_doc_put_char(GString *xml, gunichar c);
void mgk_doc_put_text(GString *xml, const char *text);
/* w:rPr, w:pPr without its end (a section or run properties may follow), w:sectPr without its end. */
void mgk_doc_put_run_props(GString *xml, const MgkDocProps *props, const GPtrArray *fonts);
void mgk_doc_put_paragraph_props(GString *xml, const MgkDocProps *props);
void mgk_doc_put_section_props(GString *xml, const MgkDocProps *props);
/* A border element; nothing when there is none. */
void mgk_doc_put_border(GString *xml, const char *name, gint32 look, gint32 color);
