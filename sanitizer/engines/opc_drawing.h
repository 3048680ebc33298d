/* opc_drawing.h - hooks for what docx, xlsx and pptx draw with DrawingML (ISO/IEC 29500-1 clauses 20, 21). */
#pragma once

#include "engines/opc.h"

/* a:hlinkClick, a:hlinkHover, a:hlinkMouseOver: a web link, or in slides a jump inside the presentation; else gone. */
MgkXmlAction mgk_drawing_link(MgkXmlFilter *filter, MgkXmlElement *element);
/* dsp:dataModelExt/@relId: names a relationship of the part that shows the diagram, not of the data part. */
MgkXmlAction mgk_drawing_diagram(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
/* What only slides may hold, elsewhere. */
MgkXmlAction mgk_drawing_drop(MgkXmlFilter *filter, MgkXmlElement *element);
/* c:f outside workbooks: the workbook behind is gone, what stays is a plain reference, or nothing. */
MgkXmlAction mgk_drawing_formula(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_drawing_formula_text(MgkXmlFilter *filter, GString *text);
