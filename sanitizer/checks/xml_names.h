/* xml_names.h - the names of an XML walk: spellings seen, prefixes in scope, and what a spelling means there. */
#pragma once

#include "checks/xml_walk.h"

enum { MGK_XML_SPELLINGS = 2048 }; /* looked up without hashing again */

/* "w:p" as written; unique by its letters. */
typedef struct MgkXmlSpelling {
    char *text; /* owned */
    gsize length;
    const char *prefix, *local; /* prefix "" when there is none; unique by its letters */
    gboolean declares;          /* as an attribute: xmlns and xmlns:… */
    struct {
        MgkXmlWalkName *name;
        guint64 scope;
    } as[2]; /* what it meant last as an attribute and as an element, and where */
} MgkXmlSpelling;

typedef struct MgkXmlBinding {
    const char *prefix, *uri; /* both unique by their letters */
} MgkXmlBinding;

typedef struct MgkXmlNames {
    GHashTable *spellings; /* owned; text → MgkXmlSpelling* (owned) */
    GHashTable *names;     /* owned; MgkXmlWalkName* → itself (owned) */
    GStringChunk *strings; /* owned; uris, prefixes, local names */
    GArray *bindings;      /* owned; of MgkXmlBinding, the innermost last */
    guint64 scope, scopes; /* the present set of bindings, and how many there were */
    MgkXmlSpelling *recent[MGK_XML_SPELLINGS];
} MgkXmlNames;

void mgk_xml_names_init(MgkXmlNames *names);
void mgk_xml_names_clear(MgkXmlNames *names);

/* Eight bytes must be readable from text on. NULL when it is no qualified name. */
MgkXmlSpelling *mgk_xml_names_spelling(MgkXmlNames *names, const char *text, gsize length);
/* Binds what an attribute that declares something declares, in a tag whose bindings start at mark. FALSE when it must
 * not. */
gboolean mgk_xml_names_declare(MgkXmlNames *names, const MgkXmlSpelling *spelling, const char *uri, guint mark);
/* NULL when the prefix is not declared. */
MgkXmlWalkName *mgk_xml_names_resolve(MgkXmlNames *names, MgkXmlSpelling *spelling, gboolean element);
const char *mgk_xml_names_uri(const MgkXmlNames *names, const char *prefix); /* NULL when not declared */
