/* xml_value.h - attribute values as libxml2's SAX2 gives them. */
#pragma once

#include <glib.h>

/* Appends a value. The parser leaves "&#38;" for an ampersand because entities are not substituted; no other '&' can
 * be there, and FALSE says that one was. */
gboolean mgk_xml_value_append(GString *out, const char *value, gsize length);
