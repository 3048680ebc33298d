/* xml_copy.h - XML data of any vocabulary read and written again: elements, attributes and text, nothing else.
 *
 * Not for documents whose vocabulary is known: engines/xml_filter.h is. Prefixes and namespaces stay as they are. */
#pragma once

#include "engines/text_tidy.h"

typedef struct MgkXmlCopied {
    guint comments, instructions, doctypes; /* left out */
    const char *active; /* static: what in it programs obey (rules/xml_active.def); NULL when there is nothing */
    gboolean known;     /* the root's namespace is in rules/xml_roots.def */
    MgkTextTally tally;
} MgkXmlCopied;

/* The encoding that an XML declaration at the start names, or NULL. Owned by the caller. */
char *mgk_xml_copy_label(const guint8 *data, gsize size);
/* text: valid UTF-8, no byte order mark; a declaration at its start is skipped. Appends the copy to out. FALSE with
 * MGK_ERROR_MALFORMED (not well-formed, a document type with declarations of its own, entities) or MGK_ERROR_LIMIT. */
gboolean mgk_xml_copy(const GString *text, const MgkLimits *limits, GString *out, MgkXmlCopied *ret, GError **error);
