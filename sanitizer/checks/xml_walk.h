/* xml_walk.h - the second look's own reader of XML: fast because it is strict, and not the parser the cleaner used.
 *
 * XML 1.0 with namespaces in UTF-8, in pieces and in memory bounded by the longest tag. Well-formedness is demanded in
 * full (names, characters, references, unique attributes, declared prefixes, one root). Document types, comments,
 * processing instructions, entities of one's own and other encodings end the walk: our writer makes none of them.
 * Line ends are given as they are. */
#pragma once

#include "model/error.h"

typedef struct MgkXmlWalk MgkXmlWalk;

/* Every (namespace, local name) of a walk is one of these, and equal uris are one pointer. Owned by the walk. */
typedef struct MgkXmlWalkName {
    const char *local, *uri;           /* uri "": no namespace */
    gpointer as_element, as_attribute; /* the caller's; NULL at first */
    guint64 tag;                       /* the walk's: the last start tag that had it as an attribute */
} MgkXmlWalkName;

typedef struct MgkXmlWalkAttribute {
    MgkXmlWalkName *name;
    const char *value; /* decoded; borrowed until the event returns */
} MgkXmlWalkAttribute;

/* Declarations of namespaces are no attributes. Text comes in any number of pieces. */
typedef struct MgkXmlWalkEvents {
    void (*start)(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n);
    void (*end)(gpointer context);
    void (*text)(gpointer context, const char *text, gsize length);
} MgkXmlWalkEvents;

/* events and context are borrowed. More attributes in one tag end the walk. */
MgkXmlWalk *mgk_xml_walk_new(const MgkXmlWalkEvents *events, gpointer context, guint64 max_attributes);
void mgk_xml_walk_free(MgkXmlWalk *walk);
/* A longer tag ends the walk; 8 MiB when nothing is said. */
void mgk_xml_walk_allow(MgkXmlWalk *walk, gsize bytes);

/* FALSE when the walk has ended: mgk_xml_walk_why() tells. */
gboolean mgk_xml_walk_push(MgkXmlWalk *walk, const void *data, gsize size);
gboolean mgk_xml_walk_finish(MgkXmlWalk *walk);
void mgk_xml_walk_stop(MgkXmlWalk *walk, const char *why); /* from within an event; why is a static string */
const char *mgk_xml_walk_why(const MgkXmlWalk *walk);      /* NULL while all is well */

/* What a prefix ("" the default one) is bound to at present; NULL when it is not declared. */
const char *mgk_xml_walk_resolve(const MgkXmlWalk *walk, const char *prefix);
