/* xml_rules.h - the threat table of XML formats as data: namespaces, elements, attributes; what each becomes.
 *
 * To add a namespace: a row in namespaces.def (and MGK_NS_ALIAS rows for its other spellings).
 * To add a rule: a row in the .def of its vocabulary (wordprocessingml.def, spreadsheetml.def, drawingml.def, …),
 * listed in xml_vocabularies.def: MGK_XML_ELEMENT(NS, "names", ACTION, KIND, HOOK) MGK_XML_ATTRIBUTE(NS, "elements or
 * *", ATTRIBUTE_NS, "names", ACTION, KIND, HOOK) names and elements are space separated local names. KIND is a kind id
 * or NONE; HOOK an id of xml_hooks.def or NONE. ATTRIBUTE_NS is NONE for attributes without a prefix. The last row for
 * a name wins; a row for an element beats "*", that beats ODF_ANY. What has no row follows its namespace: OPEN keeps,
 * CLOSED drops with the subtree (elements) or alone (attributes). Attributes of the relationships namespace without a
 * row follow MGK_XML_REL, unknown namespaces never cross. */
#pragma once

#include "model/kind.h"

typedef enum {
    MGK_XML_KEEP,
    MGK_XML_DROP,        /* an element with its subtree, or an attribute */
    MGK_XML_KEEP_FILLED, /* element: kept, but taken back when all that was in it went */
    MGK_XML_UNWRAP,      /* element: tags go, children stay */
    MGK_XML_ASK,         /* as the policy says for KIND: kept, or dropped with the subtree */
    MGK_XML_ASK_UNWRAP,  /* as the policy says for KIND: kept, or unwrapped */
    MGK_XML_CAPTURE,     /* element: its text goes to the hook's text() as a whole; child elements are dropped */
    MGK_XML_CALL,        /* the hook decides */
    MGK_XML_REL,         /* attribute: a relationship id; renamed, or dropped when the relationship is not kept */
    MGK_XML_REL_ELEMENT, /* the same, but without its relationship the element goes with its subtree */
    MGK_XML_REL_UNWRAP,  /* the same, but without its relationship the element is unwrapped */
    MGK_XML_URL,         /* attribute: a link; dropped unless url_is_harmless (http, https, mailto, #fragment) */
} MgkXmlAction;

enum {
    MGK_NS_CLOSED = 0,
    MGK_NS_OPEN = 1 << 0,
    MGK_NS_OPEN_ATTRIBUTES = 1 << 1,
    MGK_NS_IGNORABLE = 1 << 2,
    MGK_NS_ODF = 1 << 3,
    MGK_NS_SHARED = 1 << 4,
    MGK_NS_DRAWING = 1 << 5, /* SVG */
    MGK_NS_FAMILIES = MGK_NS_ODF | MGK_NS_DRAWING,
};

typedef enum {
    MGK_NS_NONE, /* no namespace */
#define MGK_NS(id, prefix, flags, uri) MGK_NS_##id,
#define MGK_NS_ALIAS(id, uri)
#include "rules/namespaces.def"
#undef MGK_NS
#undef MGK_NS_ALIAS
    MGK_N_NS,
    MGK_NS_UNKNOWN = MGK_N_NS,
    MGK_NS_ODF_ANY /* in attribute rows: every element of the OpenDocument family */
} MgkNs;

typedef enum {
    MGK_XML_HOOK_NONE,
#define MGK_XML_HOOK(id) MGK_XML_HOOK_##id,
#include "rules/xml_hooks.def"
#undef MGK_XML_HOOK
    MGK_N_XML_HOOKS
} MgkXmlHookId;

enum { MGK_KIND_NONE = MGK_N_KINDS }; /* a rule that reports nothing */

typedef struct MgkXmlRule {
    guint16 kind; /* MgkKind or MGK_KIND_NONE */
    guint8 action, hook;
} MgkXmlRule;

typedef struct MgkNsInfo {
    const char *prefix; /* the one we write; "" for the default namespace */
    guint flags;
    const char *uri; /* the one we write */
    gsize prefix_length;
} MgkNsInfo;

extern const MgkNsInfo mgk_ns_table[MGK_N_NS];

/* Builds the tables; called once before lock-down so that workers share them (they build themselves otherwise). */
void mgk_xml_rules_warm(void);
static inline const MgkNsInfo *mgk_ns_info(MgkNs ns)
{
    return &mgk_ns_table[ns < MGK_N_NS ? ns : MGK_NS_NONE];
}
/* TRUE when the namespace means something in the family: MGK_NS_ODF, MGK_NS_DRAWING, or 0 for OOXML. */
gboolean mgk_ns_in_family(MgkNs ns, guint family);
MgkNs mgk_ns_from_uri(const char *uri);       /* through the aliases; NONE for NULL, UNKNOWN when no row has it */
MgkNs mgk_ns_from_prefix(const char *prefix); /* our own prefix, length up to ':' or the end */
/* The rule of an element; falls back to its namespace's default. Static. */
const MgkXmlRule *mgk_xml_element_rule(MgkNs ns, const char *name);
/* The rule of an attribute on an element; falls back as above. Static. */
const MgkXmlRule *mgk_xml_attribute_rule(MgkNs ns, const char *element, MgkNs attribute_ns, const char *name);
