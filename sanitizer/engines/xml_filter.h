/* xml_filter.h - rebuilds XML by rules: events in (libxml2's push SAX2), rule lookup, events out by our own writer.
 *
 * Nothing of the input's markup is copied: names are known ones, namespaces get our prefixes, text and values are
 * escaped afresh; comments, processing instructions and what no rule knows are gone; a document type ends the job.
 * Memory is constant: output leaves through the sink as it grows, except while a hook holds it.
 * Rules: rules/xml_rules.h. Decisions that need code are hooks: engines/xml_hook.h.
 * ISO/IEC 29500-3 (markup compatibility): every branch of AlternateContent is filtered by the same rules. */
#pragma once

#include "model/job.h"
#include "rules/xml_rules.h"

typedef struct MgkXmlFilter MgkXmlFilter;
typedef struct MgkXmlHook MgkXmlHook;

typedef struct MgkXmlFilterOptions {
    MgkJob *job;             /* findings, limits */
    const char *where;       /* part name in findings; borrowed */
    const char *root;        /* "w:document w:glossaryDocument": allowed roots in our prefixes (":types" without one);
                                NULL accepts any (one no rule keeps leaves nothing but the declaration) */
    MgkNs root_ns;           /* the namespace of roots written without a prefix, else NONE */
    guint family;            /* MGK_NS_ODF, MGK_NS_DRAWING or 0, OOXML; namespaces of others are unknown */
    guint64 declare[2];      /* namespaces the root declares in any case: a bit per MgkNs */
    gsize capture_bytes;     /* longest text a hook may ask for; 0: 1 MiB */
    gsize tag_bytes;         /* longest tag or comment; 0: 4 MiB */
    gboolean quiet;          /* findings of rules are not told (hooks tell theirs): a part read twice */
    const MgkXmlHook *hooks; /* MGK_N_XML_HOOKS of them, or NULL */
    gpointer user;           /* for the hooks and the two below */
    /* Output; NULL to read only (hooks run, nothing is written). */
    gboolean (*sink)(gpointer user, const void *data, gsize size, GError **error);
    /* The relationship id to write instead of id, or NULL when that relationship is not kept. */
    const char *(*resolve)(gpointer user, const char *id);
} MgkXmlFilterOptions;

MgkXmlFilter *mgk_xml_filter_new(const MgkXmlFilterOptions *options);
void mgk_xml_filter_free(MgkXmlFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkXmlFilter, mgk_xml_filter_free)

/* Bytes of the part in any cut. Errors: MALFORMED (not well-formed, encoding, DTD, root), LIMIT, those of the sink. */
gboolean mgk_xml_filter_push(MgkXmlFilter *filter, const void *data, gsize size, GError **error);
gboolean mgk_xml_filter_finish(MgkXmlFilter *filter, GError **error);
