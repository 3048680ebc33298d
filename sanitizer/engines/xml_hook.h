/* xml_hook.h - decisions in the XML filter that need code.
 *
 * rules/xml_hooks.def names them, a rule row refers to one by name, a format supplies the functions in a table
 *   static const MgkXmlHook hooks[MGK_N_XML_HOOKS] = {[MGK_XML_HOOK_X] = {.start = on_x}};
 * Order for one element: attribute rules (and attribute()), start(), the start tag, children, text(), end(), end tag.
 */
#pragma once

#include "engines/xml_filter.h"

typedef struct MgkXmlAttribute {
    MgkNs ns;          /* NONE: no prefix */
    const char *name;  /* borrowed */
    const char *value; /* borrowed, not terminated; unescaped UTF-8 */
    gsize length;
    gboolean dropped;
    const MgkXmlRule *rule; /* the filter's own */
} MgkXmlAttribute;

/* An element before it is written: a hook may rename it (name: static string) and change attributes. */
typedef struct MgkXmlElement {
    MgkNs ns;
    const char *name;
    MgkXmlAttribute *attributes;
    guint n_attributes;
} MgkXmlElement;

struct MgkXmlHook {
    /* For actions CALL, CAPTURE and KEEP_FILLED. Returns KEEP, KEEP_FILLED, DROP, UNWRAP or CAPTURE. */
    MgkXmlAction (*start)(MgkXmlFilter *filter, MgkXmlElement *element);
    /* For CAPTURE: the whole text, which may be changed. Returns KEEP, or DROP: the element is taken back. */
    MgkXmlAction (*text)(MgkXmlFilter *filter, GString *text);
    /* The end of an element that was kept, unwrapped or captured; may still write children. */
    void (*end)(MgkXmlFilter *filter);
    /* For attributes with action CALL. Returns KEEP, DROP, REL_ELEMENT (drop the element) or REL_UNWRAP (unwrap it). */
    MgkXmlAction (*attribute)(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
};

gpointer mgk_xml_user(const MgkXmlFilter *filter);
MgkJob *mgk_xml_job(const MgkXmlFilter *filter);
/* mgk_job_find() for this part, told at most 16 times a kind; returns the policy's action. */
MgkAction mgk_xml_find(MgkXmlFilter *filter, MgkKind kind, const char *detail);
/* Ends the job with an error; the first one wins. */
void mgk_xml_fail(MgkXmlFilter *filter, MgkError code, const char *message);

MgkXmlAttribute *mgk_xml_attribute(const MgkXmlElement *element, MgkNs ns, const char *name); /* NULL if none */
char *mgk_xml_get(const MgkXmlElement *element, MgkNs ns, const char *name); /* owned by the caller; NULL if none */
gboolean mgk_xml_is(const MgkXmlElement *element, MgkNs ns, const char *name, const char *value);
/* Replaces or adds (value is copied; name: static string); at most 8 additions an element. */
void mgk_xml_set(MgkXmlFilter *filter, MgkXmlElement *element, MgkNs ns, const char *name, const char *value);
void mgk_xml_unset(MgkXmlElement *element, MgkNs ns, const char *name);
const char *mgk_xml_resolve(MgkXmlFilter *filter, const char *id); /* the new relationship id or NULL; borrowed */

/* What a prefix (length bytes of it; 0: none) means in the source here; UNKNOWN for what may not cross. */
MgkNs mgk_xml_prefix_ns(const MgkXmlFilter *filter, const char *prefix, gsize length);

/* Open source elements: depth 1 is the root; in start() the parent is mgk_xml_depth(). NULL outside. */
guint mgk_xml_depth(const MgkXmlFilter *filter);
const char *mgk_xml_open_name(const MgkXmlFilter *filter, guint depth, MgkNs *ret_ns);

/* A number for the innermost branch of AlternateContent, 0 outside: programs see one branch only. */
guint mgk_xml_branch(const MgkXmlFilter *filter);

/* Own output at the present place; every start needs its end. */
void mgk_xml_put_start(MgkXmlFilter *filter, MgkNs ns, const char *name, const MgkXmlAttribute *attributes, guint n);
void mgk_xml_put_text(MgkXmlFilter *filter, const char *text, gsize length);
void mgk_xml_put_end(MgkXmlFilter *filter);

/* Output that a later event may take back: mgk_xml_span() in start() covers the element about to be written, with its
 * children; nothing leaves while something is held; when the last hold is released, dropped spans vanish. */
guint mgk_xml_span(MgkXmlFilter *filter);
void mgk_xml_span_drop(MgkXmlFilter *filter, guint span);
/* The element stays after all: nothing waits for it any longer. To be called while it is open. */
void mgk_xml_span_keep(MgkXmlFilter *filter, guint span);
void mgk_xml_hold(MgkXmlFilter *filter);
void mgk_xml_release(MgkXmlFilter *filter);
gsize mgk_xml_held(const MgkXmlFilter *filter); /* bytes waiting */

/* http, https, mailto, or a fragment of the same document; no credentials, controls or backslashes. */
gboolean mgk_xml_url_is_harmless(const char *url, gsize length);
