/* ooxml_part.h - reads one XML part of an output by SAX and holds it against every rule, in constant memory. */
#pragma once

#include "checks/ooxml_look.h"

/* Called at each start tag of a part. */
typedef void (*MgkLookOnElement)(gpointer context, const MgkLookElement *element, guint depth);

/* Reads look->part. on_element may be NULL. FALSE with error when the part is not well-formed, has a DTD, is not UTF-8
 * or its zip entry is broken; broken rules are recorded in look. */
gboolean mgk_look_read_xml(MgkLook *look, MgkLookOnElement on_element, gpointer context, GError **error);
