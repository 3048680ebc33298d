/* opc_rules.h - which relationships of an OOXML package are followed, and what their targets become.
 *
 * To add a part type: a row in relationships.def, its root element's rules in the vocabulary's .def. */
#pragma once

#include "model/format.h"
#include "model/kind.h"

typedef enum {
    MGK_OPC_MAIN,   /* the document itself; types in packages.def */
    MGK_OPC_XML,    /* a part rebuilt by the XML filter */
    MGK_OPC_IMAGE,  /* a picture: a child job, PNG or JPEG comes out; an external one becomes a gray box */
    MGK_OPC_LINK,   /* an external hyperlink: http, https, mailto or a fragment */
    MGK_OPC_DROP,   /* never crosses, wherever it points */
    MGK_OPC_IGNORE, /* the same, and what it belonged to was already told */
} MgkOpcAction;

typedef enum {
    MGK_REL_UNKNOWN,
#define MGK_REL(id, action, kind, name, root, types, uri) MGK_REL_##id,
#define MGK_REL_ALIAS(id, uri)
#include "rules/relationships.def"
#undef MGK_REL
#undef MGK_REL_ALIAS
    MGK_N_RELS
} MgkRel;

typedef struct MgkRelInfo {
    MgkOpcAction action;
    guint kind;        /* reported when it goes; MGK_N_KINDS for nothing */
    const char *name;  /* "~/header*.xml": ~ is the folder of the owner's document, * a number */
    const char *root;  /* allowed roots, as MgkXmlFilterOptions.root */
    const char *types; /* content types, space separated; the first is written */
    const char *uri;   /* the relationship type that is written */
} MgkRelInfo;

typedef struct MgkPackageInfo {
    MgkFormatId format;
    guint extension;      /* index into the format's extensions */
    gboolean macros;      /* a macro twin: the plain type is written */
    gboolean held;        /* recognised, but has no plain twin */
    const char *type;     /* content type of the main part */
    const char *out_type; /* written */
} MgkPackageInfo;

/* Parts of binary workbooks; bits of the rules in xlsb.def. */
typedef enum {
    MGK_BINARY_NONE = 0,
    MGK_BINARY_BOOK = 1 << 0,
    MGK_BINARY_SHEET = 1 << 1,
    MGK_BINARY_STYLES = 1 << 2,
    MGK_BINARY_STRINGS = 1 << 3,
    MGK_BINARY_COMMENTS = 1 << 4,
    MGK_BINARY_TABLE = 1 << 5,
} MgkBinaryPart;

typedef struct MgkBinaryInfo {
    MgkRel rel;
    const char *type, *name; /* content type; name as in MgkRelInfo */
    MgkBinaryPart part;
} MgkBinaryInfo;

const MgkRelInfo *mgk_rel_info(MgkRel rel);                      /* UNKNOWN: dropped as UNKNOWN_PART */
MgkRel mgk_rel_from_uri(const char *uri);                        /* through the aliases */
gboolean mgk_rel_has_type(MgkRel rel, const char *content_type); /* any case; application/xml passes for XML parts */
/* The content type to write for a part of this type: the same when the list has it, else the first; ends at a blank. */
const char *mgk_rel_out_type(MgkRel rel, const char *content_type);
/* The binary twin of a relationship's parts, by rules/xlsb_parts.def; NULL when they are XML in any workbook. */
const MgkBinaryInfo *mgk_rel_binary(MgkRel rel);
const MgkPackageInfo *mgk_package_from_type(const char *content_type); /* NULL when it is no main type */
