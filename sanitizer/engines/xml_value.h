/* xml_value.h - attributes: values as libxml2's SAX2 gives them, and how many a tag has before it parses them. */
#pragma once

#include <glib.h>

/* Appends a value. The parser leaves "&#38;" for an ampersand because entities are not substituted; no other '&' can
 * be there, and FALSE says that one was. */
gboolean mgk_xml_value_append(GString *out, const char *value, gsize length);
/* FALSE when a tag of the text has more attributes than most: the parser compares each with each before it tells. One
 * pass over the text, which need not be well-formed. */
gboolean mgk_xml_value_count_all(const char *text, gsize size, guint64 most);
