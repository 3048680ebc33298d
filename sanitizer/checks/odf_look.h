/* odf_look.h - what the pieces of the OpenDocument checker share. */
#pragma once

#include "checks/zip_walk.h"
#include "model/job.h"

typedef struct MgkOdfLook {
    MgkJob *job;
    const char *media; /* static; the package's type without "-template"; "" in a flat document */
    const char *body;  /* static; the element that must stand in office:body, "" for MathML */
    MgkZipWalk zip;
    GHashTable *members; /* owned; name → MgkZipWalkEntry*, borrowed from zip */
    GHashTable *reached; /* owned; names (owned) that documents lead to */
    GString *complaint;  /* owned; "" while nothing must be held */
} MgkOdfLook;

/* One XML member. */
typedef struct MgkOdfLookPart {
    MgkOdfLook *look;
    const char *name;            /* borrowed; "" when flat */
    char *folder;                /* owned; "" or "Object 1/" */
    const char *root;            /* static; "document-content", …; "math" too where content is expected */
    struct MgkOdfReader *reader; /* borrowed; set by it */
} MgkOdfLookPart;

/* The file will be held. rule is a static string; detail is untrusted, may be NULL. */
void mgk_odf_look_reject(MgkOdfLook *look, const char *part, const char *rule, const char *detail);

/* odf_xml.c: the strict reader of one part, fed in pieces. */
typedef struct MgkOdfReader MgkOdfReader;
MgkOdfReader *mgk_odf_reader_new(MgkOdfLookPart *part);
gboolean mgk_odf_reader_push(gpointer reader, const guint8 *data, gsize size, GError **error);
gboolean mgk_odf_reader_finish(MgkOdfReader *reader, GError **error);
void mgk_odf_reader_free(MgkOdfReader *reader);
/* What a prefix in a value is bound to where it stands; NULL when it is not declared. */
const char *mgk_odf_look_resolve(const MgkOdfLookPart *part, const char *prefix);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkOdfReader, mgk_odf_reader_free)

/* odf_value.c: why a value must not be there, a static string, or NULL. element: its local name; ns: a row of
 * odf_names.def. */
const char *mgk_odf_look_value(MgkOdfLookPart *part, const char *element, const char *ns, const char *name,
                               const char *value);
/* Pictures must be what our encoders write. */
void mgk_odf_look_picture(MgkOdfLook *look, const char *name, const guint8 *data, gsize size);
