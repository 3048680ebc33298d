/* xml_twin.h - one XML document read twice, by checks/xml_walk and by libxml2, as comparable text. */
#pragma once

#include "checks/xml_walk.h"

/* What the walk said of a document that came in pieces of cut bytes: <{uri}name {uri}attribute="value"…>text</>, text
 * without line ends, which the walk gives as they are. NULL when it was refused. */
GString *mgk_xml_twin_walk(const char *data, gsize size, gsize cut);
/* The same by libxml2, which must neither know nor need a document type. */
GString *mgk_xml_twin_libxml2(const char *data, gsize size);
void mgk_xml_twin_free(GString *told);
