/* opc_internal.h - what the files of the package engine share; nobody else includes it. */
#pragma once

#include "engines/opc.h"
#include "engines/zip_reader.h"
#include "engines/zip_writer.h"

struct MgkOpc {
    MgkJob *job;                /* borrowed */
    const MgkOpcFormat *format; /* borrowed */
    MgkZip *zip;                /* owned */
    GHashTable *entries;        /* owned; lower-case name → entry index + 1 */
    GHashTable *defaults;       /* owned; lower-case extension → content type, lower case */
    GHashTable *overrides;      /* owned; lower-case part name without '/' → content type, lower case */
    GHashTable *by_name;        /* owned; lower-case part name → MgkOpcPart* (borrowed from all) */
    GPtrArray *all;             /* owned; every part ever made */
    GPtrArray *parts;           /* owned array of borrowed parts, in the order reached */
    MgkOpcPart *root;           /* owned; the package itself: relationships of _rels/.rels */
    MgkOpcPart *main;           /* borrowed */
    const MgkPackageInfo *package;
    MgkZipWriter *writer; /* owned */
    gpointer state;       /* owned; the format's */
    MgkXmlHook hooks[MGK_N_XML_HOOKS];
};

/* What a hook finds behind mgk_xml_user(). */
typedef struct MgkOpcContext {
    MgkOpc *opc;
    MgkOpcPart *part;
} MgkOpcContext;

/* opc_types.c */
gboolean mgk_opc_read_types(MgkOpc *opc, GError **error);
/* The content type of a part name (lower case), or "" when nothing says. Borrowed. */
const char *mgk_opc_type_of(const MgkOpc *opc, const char *lower_name);

/* opc_graph.c */
MgkOpcPart *mgk_opc_part_new(void);
void mgk_opc_part_free(MgkOpcPart *part);
/* Reads _rels/.rels and all that is reachable; fills main, package and all. FALSE with an error, or TRUE with
 * job->outcome held. */
gboolean mgk_opc_read_graph(MgkOpc *opc, GError **error);

/* opc_plan.c */
/* Parts in order, output names, types and ids. FALSE only when the job must end. */
gboolean mgk_opc_plan(MgkOpc *opc, GError **error);

/* opc_picture.c; FALSE only when the job must end */
gboolean mgk_opc_foresee_picture(MgkOpc *opc, MgkOpcPart *part, GError **error); /* what it is written as */
gboolean mgk_opc_write_picture(MgkOpc *opc, MgkOpcPart *part, GError **error);

/* opc_write.c */
gboolean mgk_opc_write(MgkOpc *opc, GError **error);

/* opc.c */
MgkZipEntry *mgk_opc_entry(const MgkOpc *opc, const char *lower_name, guint *ret_index); /* NULL when absent */
/* Pushes an entry through a filter. */
gboolean mgk_opc_feed(MgkOpc *opc, guint entry, MgkXmlFilter *filter, GError **error);

/* opc_hooks.c */
extern const MgkXmlHook mgk_opc_shared_hooks[MGK_N_XML_HOOKS];
