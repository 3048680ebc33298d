/* odf_hooks.h - the decisions of OpenDocument, named as in rules/xml_hooks_odf.def; inside the engine only. */
#pragma once

#include "engines/odf_internal.h"

extern const MgkXmlHook mgk_odf_hooks[MGK_N_XML_HOOKS];
MgkXmlAction mgk_odf_on_frame(MgkXmlFilter *filter, MgkXmlElement *element);
void mgk_odf_on_frame_end(MgkXmlFilter *filter);
MgkXmlAction mgk_odf_on_shown(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_image(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_object(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_foreign(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_picture(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_binary(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_binary_text(MgkXmlFilter *filter, GString *text);
MgkXmlAction mgk_odf_on_name(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_formula(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_odf_on_expression(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_odf_on_condition(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_odf_on_text_formula(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_odf_on_range(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_odf_on_qname(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_odf_on_style(MgkXmlFilter *filter, MgkXmlElement *element);
void mgk_odf_on_style_end(MgkXmlFilter *filter);
MgkXmlAction mgk_odf_on_text_properties(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_table_properties(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_page_properties(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_text(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_odf_on_hidden(MgkXmlFilter *filter, MgkXmlElement *element);
