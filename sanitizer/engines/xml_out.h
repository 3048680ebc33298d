/* xml_out.h - the writer inside the XML filter: a growing buffer of escaped markup, parts of which may vanish again. */
#pragma once

#include "rules/xml_rules.h"

#include <string.h>

typedef struct MgkXmlSpan {
    gsize start, end;
    gboolean open, dropped;
} MgkXmlSpan;

typedef struct MgkXmlOut {
    guint8 *data; /* owned */
    gsize length, capacity;
    gboolean tag_open; /* the last start tag still lacks its '>' */
    gboolean silent;   /* read only: nothing is stored */
    guint holds, open_spans;
    GArray *spans; /* owned; of MgkXmlSpan */
} MgkXmlOut;

void mgk_xml_out_init(MgkXmlOut *out, gboolean silent);
void mgk_xml_out_clear(MgkXmlOut *out);
void mgk_xml_out_grow(MgkXmlOut *out, const void *data, gsize size); /* mgk_xml_out_raw() when there is no room */
void mgk_xml_out_name(MgkXmlOut *out, MgkNs ns, const char *name);
void mgk_xml_out_escape(MgkXmlOut *out, const char *text, gsize size, gboolean in_attribute);
void mgk_xml_out_close_tag(MgkXmlOut *out);
void mgk_xml_out_end(MgkXmlOut *out, MgkNs ns, const char *name);
guint mgk_xml_out_span_start(MgkXmlOut *out);
void mgk_xml_out_settle(MgkXmlOut *out); /* removes dropped spans when nothing is held or open */

static inline void mgk_xml_out_raw(MgkXmlOut *out, const void *data, gsize size)
{
    if (G_UNLIKELY(size >= out->capacity - out->length)) { /* a silent writer has no room at all */
        mgk_xml_out_grow(out, data, size);
        return;
    }
    memcpy(out->data + out->length, data, size);
    out->length += size;
}
