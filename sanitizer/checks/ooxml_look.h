/* ooxml_look.h - what the pieces of the OOXML checker share: the look, its parts, and how to complain. */
#pragma once

#include "checks/zip_walk.h"
#include "model/job.h"

typedef enum { MGK_LOOK_D = 1, MGK_LOOK_X = 2, MGK_LOOK_P = 4, MGK_LOOK_B = 8, MGK_LOOK_ALL = 15 } MgkLookFamily;

typedef enum {
    MGK_LOOK_NS_UNKNOWN,
#define LOOK_NAMESPACE(id, uri) MGK_LOOK_NS_##id,
#define LOOK_ALIAS(id, uri)
#include "checks/ooxml_namespaces.def"
#undef LOOK_NAMESPACE
#undef LOOK_ALIAS
    MGK_LOOK_NS_ANY
} MgkLookNs;

typedef struct MgkLookPart {
    char *name;                   /* owned; as in the zip, no leading slash */
    const MgkZipWalkEntry *entry; /* borrowed */
    int row;                      /* in the parts table, -1 unknown */
    GHashTable *rels;             /* owned; id (owned) → "" or the target part's name (owned); NULL when none */
    gboolean reached;
} MgkLookPart;

typedef struct MgkLook {
    MgkJob *job;
    MgkLookFamily family;
    MgkZipWalk zip;
    GHashTable *parts;  /* owned; name (borrowed from the part) → MgkLookPart* (owned) */
    GString *complaint; /* owned; "" while nothing must be held */
    GHashTable *rules;  /* owned; names of the security rules broken so far, static strings */
    GHashTable *ids;    /* owned; what must be unique in the package */
    struct MgkLookCounts *counts;
    MgkLookPart *part; /* borrowed; the one being read */
} MgkLook;

/* A security rule is broken: the file will be held. rule is a static string; detail is untrusted, may be NULL. */
void mgk_look_reject(MgkLook *look, const char *rule, const char *detail);
/* A schema rule is broken: a finding, no more. */
void mgk_look_deviation(MgkLook *look, const char *rule, const char *detail);
/* http, https or mailto, or inside the file (#…), or empty. */
gboolean mgk_look_link_is_safe(const char *target);

typedef struct MgkLookAttribute {
    MgkLookNs ns;
    const char *local, *value;
    guint matters; /* to the reader of parts */
} MgkLookAttribute;

typedef struct MgkLookElement {
    MgkLookNs ns;
    const char *local;
    const MgkLookAttribute *attributes;
    guint n_attributes;
} MgkLookElement;

/* The value of an attribute, NULL when absent. */
const char *mgk_look_value(const MgkLookElement *element, MgkLookNs ns, const char *local);
