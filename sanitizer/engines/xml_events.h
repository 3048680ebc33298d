/* xml_events.h - reads the XML of our own outputs as events, for taking text from it.
 *
 * Not for a stranger's XML: engines/xml_filter.h is. Names come as they are written, prefix included ("w:p"), because
 * our writer uses fixed prefixes. Document types end the reading. */
#pragma once

#include "engines/zip_reader.h"

typedef struct MgkXmlEvents {
    /* attributes: name, value, name, value, NULL. Any of the three may be NULL. */
    void (*start)(gpointer user, const char *name, const char *const *attributes);
    void (*end)(gpointer user, const char *name);
    void (*text)(gpointer user, const char *text, gsize size);
} MgkXmlEvents;

/* The value of an attribute, or NULL. */
const char *mgk_xml_events_get(const char *const *attributes, const char *name);
/* Reads one member in constant memory. A member that is not there has no events. Errors: those of zip_reader.h,
 * MALFORMED. */
gboolean mgk_xml_events_read(MgkZip *zip, const char *member, const MgkXmlEvents *events, gpointer user,
                             GError **error);
/* The same for a document in memory. */
gboolean mgk_xml_events_read_bytes(const guint8 *data, gsize size, const MgkXmlEvents *events, gpointer user,
                                   GError **error);
/* Relationships of a part: id → member name, owned by the caller (keys and values by the table); external ones are left
 * out. With by_type, last part of the relationship type ("header") → the last member of that type. */
GHashTable *mgk_xml_events_relationships(MgkZip *zip, const char *part, gboolean by_type, GError **error);
