/* xml_internal.h - what the files of the XML filter share; nobody else includes it. */
#pragma once

#include "engines/xml_hook.h"
#include "engines/xml_out.h"

#include <libxml/parser.h>
#include <string.h>

/* ---- xml_input.c: encodings ---- */
typedef struct MgkXmlInput {
    GByteArray *head; /* owned; bytes before the decision */
    enum { MGK_XML_UNDECIDED, MGK_XML_UTF8, MGK_XML_UTF16LE, MGK_XML_UTF16BE } encoding;
    guint8 odd; /* half a code unit */
    gboolean has_odd;
    guint32 high; /* pending high surrogate */
    gboolean (*sink)(gpointer user, const void *utf8, gsize size);
    gpointer user;
} MgkXmlInput;

void mgk_xml_input_init(MgkXmlInput *input, gboolean (*sink)(gpointer, const void *, gsize), gpointer user);
void mgk_xml_input_clear(MgkXmlInput *input);
gboolean mgk_xml_input_push(MgkXmlInput *input, const guint8 *data, gsize size, GError **error);
gboolean mgk_xml_input_finish(MgkXmlInput *input, GError **error);

/* ---- xml_filter.c ---- */
typedef enum { MGK_FRAME_EMIT, MGK_FRAME_UNWRAP, MGK_FRAME_CAPTURE, MGK_FRAME_ALTERNATE } MgkXmlFrameMode;

typedef struct MgkXmlFrame {
    MgkNs ns, out_ns;
    const char *name, *out_name;
    guint8 mode, hook;
    gboolean written;    /* ALTERNATE: its start tag is out */
    gboolean parent_tag; /* the parent's start tag was open */
    gsize start;         /* where the element's output starts */
    gboolean shy;        /* may still be taken back: nothing is written in it so far */
    gboolean lost;       /* shy: something in it was dropped */
    gboolean opened;     /* a shy Choice that brought its AlternateContent */
    guint span;          /* index + 1, or 0 */
    guint64 bound[2];    /* bit per MgkNs: our prefix is declared */
    guint branch;        /* serial number of the branch of AlternateContent */
    MgkNs default_ns;    /* bound to the empty prefix */
} MgkXmlFrame;

/* What a pair of interned pointers means; the parser's dictionary keeps them stable. */
typedef struct MgkXmlElementMemo {
    const xmlChar *local, *uri;
    const MgkXmlRule *rule;
    MgkNs ns;
} MgkXmlElementMemo;
typedef struct MgkXmlAttributeMemo {
    const xmlChar *local, *uri, *element;
    const MgkXmlRule *rule;
    MgkNs element_ns, ns;
} MgkXmlAttributeMemo;

enum { MGK_XML_ELEMENT_MEMOS = 256, MGK_XML_ATTRIBUTE_MEMOS = 1024 };

struct MgkXmlFilter {
    MgkXmlFilterOptions options; /* strings borrowed */
    xmlParserCtxtPtr parser;     /* owned */
    MgkXmlInput input;
    MgkXmlOut out;
    MgkXmlFrame *frames; /* owned; depth of frames_room: open elements that are not skipped */
    guint depth, frames_room;
    GArray *attributes;   /* owned; of MgkXmlAttribute: of the present element */
    GStringChunk *values; /* owned; decoded and replaced values of the present element */
    gboolean values_used;
    GString *captured; /* owned */
    guint branches;    /* serial numbers given out */
    guint skipping;    /* depth inside a dropped subtree */
    guint pending_span;
    guint shy;         /* frames that may still be taken back */
    gsize since_event; /* bytes pushed since the parser last said something */
    GError *error;     /* owned; the first failure */
    gboolean in_start; /* attributes are being looked at: stopping the parser would free them */
    guint8 told[MGK_N_KINDS + 1];
    /* caches, keyed by pointers into the parser's dictionary */
    MgkXmlElementMemo element_memos[MGK_XML_ELEMENT_MEMOS];
    MgkXmlAttributeMemo attribute_memos[MGK_XML_ATTRIBUTE_MEMOS];
};

/* Pushes a frame that inherits the bindings of its parent. */
MgkXmlFrame *mgk_xml_push_frame(MgkXmlFilter *filter, MgkNs ns, const char *name, MgkXmlFrameMode mode);
MgkAction mgk_xml_tell(MgkXmlFilter *filter, const MgkXmlRule *rule, const char *name); /* not when quiet */
void mgk_xml_skip(MgkXmlFilter *filter);
/* Makes a frame shy, whose output started at start. */
void mgk_xml_make_shy(MgkXmlFilter *filter, MgkXmlFrame *frame, gsize start, gboolean parent_tag);
/* Something is about to be written: what is open stays. */
void mgk_xml_commit(MgkXmlFilter *filter);
/* The namespace of a uri in the filter's family; UNKNOWN for those of the other. */
MgkNs mgk_xml_ns(const MgkXmlFilter *filter, const char *uri);
/* ---- xml_element.c ---- */
const MgkXmlElementMemo *mgk_xml_element_memo(MgkXmlFilter *filter, const xmlChar *local, const xmlChar *uri);
const MgkXmlHook *mgk_xml_hook_of(const MgkXmlFilter *filter, guint hook); /* NULL when the format has none */
/* Applies attribute rules (source: five pointers an attribute, as in SAX2); what becomes of the element: KEEP,
 * REL_ELEMENT or REL_UNWRAP. */
MgkXmlAction mgk_xml_take_attributes(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, MgkXmlElement *element,
                                     const xmlChar **source, guint64 ignorable[2]);
/* Writes a start tag with the declarations it needs; declared and ignorable: a bit per MgkNs, declared as well. */
void mgk_xml_write_start(MgkXmlFilter *filter, MgkXmlFrame *frame, const MgkXmlElement *element,
                         const guint64 declared[2], const guint64 ignorable[2]);

/* ---- xml_mce.c: markup compatibility ---- */
/* TRUE when the element was AlternateContent, Choice or Fallback, or must not be there, and is dealt with. */
gboolean mgk_xml_mce_start(MgkXmlFilter *filter, MgkNs ns, const char *name, int n_attributes,
                           const xmlChar **attributes);
/* An mc:… attribute of an ordinary element; adds known ignorable namespaces to ignorable. */
void mgk_xml_mce_attribute(MgkXmlFilter *filter, const char *name, const char *value, gsize length,
                           guint64 ignorable[2]);

/* The innermost open element; NULL outside the root. */
static inline MgkXmlFrame *mgk_xml_top(const MgkXmlFilter *filter)
{
    return filter->depth ? &filter->frames[filter->depth - 1] : NULL;
}

static inline void mgk_ns_set_add(guint64 set[2], MgkNs ns)
{
    set[ns >> 6] |= G_GUINT64_CONSTANT(1) << (ns & 63);
}

static inline gboolean mgk_ns_set_has(const guint64 set[2], MgkNs ns)
{
    return set[ns >> 6] >> (ns & 63) & 1;
}
