/* opc.h - the engine behind docx, xlsx and pptx: packages by ISO/IEC 29500-2 (OPC).
 *
 * Pass 1 reads the zip directory, [Content_Types].xml and the relationships, and follows what rules/relationships.def
 * knows from _rels/.rels on; a part is what its relationship and content type say, never its name. Then the format's
 * survey() may look into parts. Then output names, content types and relationship ids are decided.
 * Pass 2 writes [Content_Types].xml, the relationships and every part, in the order in which they were reached, through
 * the XML filter or a child job, into a new archive. Cleaning an output again gives the same bytes.
 * To add a part type: a row in rules/relationships.def and element rules; code only for what rules cannot say. */
#pragma once

#include "engines/xml_hook.h"
#include "rules/opc_rules.h"

typedef struct MgkOpc MgkOpc;
typedef struct MgkOpcPart MgkOpcPart;

typedef struct MgkOpcRelationship {
    char *id;     /* owned; in the source */
    char *out_id; /* owned; as written, NULL while dropped */
    char *url;    /* owned; LINK: the target as written */
    MgkRel rel;
    gboolean external;
    MgkOpcPart *target; /* borrowed; NULL for external and dropped ones */
    gboolean dropped;   /* survey() may set it */
} MgkOpcRelationship;

struct MgkOpcPart {
    char *name;               /* owned; in the source: "word/document.xml" */
    char *out_name;           /* owned; as written */
    const char *type;         /* borrowed; content type in the source, lower case */
    const char *out_type;     /* borrowed; as written */
    char *folder;             /* owned; of the document it belongs to: "word", "word/glossary" */
    MgkRel rel;               /* how it was reached first */
    guint entry;              /* index in the zip directory */
    GPtrArray *relationships; /* owned; of MgkOpcRelationship* in file order */
    GHashTable *by_id;        /* owned; id → MgkOpcRelationship* (borrowed) */
    gboolean placeholder;     /* no source, or none that crosses: a gray box */
    GBytes *rebuilt;          /* owned; IMAGE: when it was needed early, or NULL */
    MgkFormatId picture;      /* IMAGE: what it is written as */
    gboolean reached;
    guint8 has[MGK_N_RELS];      /* relationship types it leads on by */
    const MgkBinaryInfo *binary; /* borrowed; a binary part of a format with write_binary; else NULL */
};

typedef struct MgkOpcFormat {
    MgkFormatId id;
    const char *folder;                              /* "word", "xl", "ppt" */
    const MgkXmlHook *hooks;                         /* MGK_N_XML_HOOKS; shared hooks are filled in where NULL */
    gsize state_size;                                /* of the format's own state, zeroed */
    gboolean (*survey)(MgkOpc *opc, GError **error); /* or NULL */
    /* Around each XML part in pass 2; or NULL. */
    void (*part_begin)(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter);
    void (*part_end)(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter);
    void (*state_clear)(gpointer state); /* or NULL */
    /* Binary workbooks: writes such a part by mgk_opc_append(); or NULL. */
    gboolean (*write_binary)(MgkOpc *opc, MgkOpcPart *part, GError **error);
} MgkOpcFormat;

/* handler->clean of the three formats. */
gboolean mgk_opc_clean(MgkJob *job, const MgkOpcFormat *format, GError **error);
/* handler->probe of the three formats, for macro, template and strict variants. */
guint mgk_opc_probe(const MgkProbe *probe, MgkFormatId format);

/* ---- for the formats' hooks ---- */
MgkOpc *mgk_opc_of(const MgkXmlFilter *filter);
MgkOpcPart *mgk_opc_part_of(const MgkXmlFilter *filter);
gpointer mgk_opc_state(const MgkOpc *opc); /* state_size bytes */
MgkJob *mgk_opc_job(const MgkOpc *opc);
const MgkPackageInfo *mgk_opc_package(const MgkOpc *opc);
MgkOpcPart *mgk_opc_main(const MgkOpc *opc);
GPtrArray *
mgk_opc_parts(const MgkOpc *opc); /* of MgkOpcPart*, in the order reached (survey(): all that were found); borrowed */
MgkOpcRelationship *mgk_opc_relationship(const MgkOpcPart *part, const char *id); /* NULL when none has this id */
/* Takes every relationship to a part away (survey()). */
void mgk_opc_drop(MgkOpc *opc, const MgkOpcPart *gone);
/* A part's bytes as they are in the source; owned by the caller. */
GBytes *mgk_opc_bytes(MgkOpc *opc, const MgkOpcPart *part, GError **error);
/* Adds to the part being written. */
gboolean mgk_opc_append(MgkOpc *opc, const void *data, gsize size, GError **error);
/* Reads a part through the filter without output: hooks (a table of its own) see it; user for mgk_opc_state_of(). */
gboolean mgk_opc_read(MgkOpc *opc, MgkOpcPart *part, const MgkXmlHook *hooks, GError **error);
