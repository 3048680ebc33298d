/* odf_internal.h - what the files of the OpenDocument engine share; nobody else includes it. */
#pragma once

#include "engines/odf.h"
#include "engines/xml_hook.h"
#include "engines/zip_reader.h"
#include "engines/zip_writer.h"
#include "rules/odf_rules.h"

/* A picture that a document shows; several places may share one. */
typedef struct MgkOdfPicture {
    const struct MgkOdfDocument *owner; /* borrowed; whose folder it goes into */
    char *source;                       /* owned; the member's name, or a reference that leads outside */
    guint entry;                        /* index in the zip directory + 1; 0: none, a stand-in */
    char *out_name;                     /* owned; in the package, once it is sure to cross */
    const char *media;                  /* static; of what is written */
    gboolean needed;                    /* where it does not cross a gray box must stand */
    gboolean external;                  /* the reference leads outside */
    gboolean crosses;                   /* its child job gave a picture … */
    gboolean box;                       /* … which is the gray box of an earlier cleaning */
} MgkOdfPicture;

typedef struct MgkOdfDocument MgkOdfDocument;

/* A draw:frame: one thing to show in several renderings. */
typedef struct MgkOdfFrame {
    GPtrArray *pictures;     /* owned; of borrowed MgkOdfPicture */
    MgkOdfDocument *object;  /* borrowed; the embedded object */
    MgkOdfPicture *stand_in; /* borrowed; for a frame that loses all it shows */
    gboolean shown;          /* text, a table or an inline object */
    gboolean lost;           /* an object of another program, media … was dropped */
    guint inline_pictures;   /* in base64 */
} MgkOdfFrame;

struct MgkOdfDocument {
    char *prefix;           /* owned; "" or "Object 1/" */
    char *out_prefix;       /* owned; NULL until it is sure to cross */
    const MgkOdfType *type; /* NULL: unknown so far */
    const char *body;       /* static; the element in office:body, "" for MathML, NULL: none seen */
    char version[8];        /* office:version, "" when none */
    guint depth;
    gboolean refused;     /* cannot be rebuilt: the object is dropped */
    GHashTable *pictures; /* owned; reference → MgkOdfPicture (borrowed) */
    GHashTable *objects;  /* owned; reference → MgkOdfDocument (borrowed) */
    GPtrArray *frames;    /* owned; of MgkOdfFrame, in reading order */
    GHashTable *hidden;   /* owned; "scope/family/style" that shows no text */
    GHashTable *lost;     /* owned; keys of named expressions that do not cross */
};

typedef struct MgkOdf {
    MgkJob *job; /* borrowed */
    gboolean flat;
    MgkZip *zip;          /* owned */
    GHashTable *entries;  /* owned; lower-case name → entry index + 1 */
    GHashTable *media;    /* owned; full path in the manifest → media type, both owned */
    gboolean encrypted;   /* the manifest says so */
    char version[8];      /* manifest:version */
    GPtrArray *documents; /* owned; of MgkOdfDocument, in the order reached */
    GPtrArray *pictures;  /* owned; of MgkOdfPicture, in the order reached */
    MgkZipWriter *writer; /* owned */
    GString *manifest;    /* owned; file entries of what was written */
} MgkOdf;

/* One reading of one XML member: what a hook finds behind mgk_xml_user(). */
typedef struct MgkOdfPass {
    MgkOdf *odf;
    MgkOdfDocument *document;
    gboolean survey; /* pass 1: nothing is written, nothing is told */
    char scope;      /* of automatic styles: 's'tyles, 'c'ontent or 'f'lat */
    guint *frame;    /* counter over the document's frames, kept from member to member */
    GArray *open;    /* owned; indices of open frames */
    GArray *marks;   /* owned; of gboolean: open field marks that stay */
    char *style;     /* owned; key of the open style */
    guint pilot;     /* span of the open pivot table, 0 outside */
    gboolean told_external;
} MgkOdfPass;

static inline MgkOdfPass *mgk_odf_pass(const MgkXmlFilter *filter)
{
    return mgk_xml_user(filter);
}

/* Records a finding in pass 2; returns the policy's action in both. */
MgkAction mgk_odf_tell(MgkXmlFilter *filter, MgkKind kind, const char *detail);
/* The name of the element that is open around the present one, in the source. */
const char *mgk_odf_parent(const MgkXmlFilter *filter);

/* odf.c */
MgkZipEntry *mgk_odf_entry(const MgkOdf *odf, const char *name, guint *ret_index); /* any case; NULL when absent */
/* What a reference inside a document leads to: a member's name, or NULL when it leads outside. Owned by the caller. */
char *mgk_odf_resolve(const MgkOdfDocument *document, const char *href);
MgkOdfDocument *mgk_odf_document_new(MgkOdf *odf, const char *prefix, guint depth); /* borrowed from odf->documents */
MgkOdfPicture *mgk_odf_picture_new(MgkOdf *odf, const MgkOdfDocument *owner, const char *source); /* borrowed */
typedef gboolean (*MgkOdfSink)(gpointer user, const void *data, gsize size, GError **error);
/* Reads one XML member (of the flat format: the whole input) through hooks; sink NULL: nothing is written. */
gboolean mgk_odf_feed(MgkOdfPass *pass, const MgkXmlHook *hooks, const char *where, guint entry, const char *roots,
                      MgkOdfSink sink, GError **error);

/* odf_manifest.c */
gboolean mgk_odf_read_manifest(MgkOdf *odf, GError **error);
gboolean mgk_odf_write_manifest(MgkOdf *odf, const char *version, GError **error);
void mgk_odf_list(MgkOdf *odf, const char *name, const char *media_type, const char *version);
/* Tells what lies in the package and no document leads to. */
void mgk_odf_report_rest(MgkOdf *odf);

/* odf_picture.c */
/* Has a picture rebuilt: *ret_bytes NULL when it does not cross. FALSE only when the job must end. */
gboolean mgk_odf_ask_picture(MgkOdf *odf, const char *name, const guint8 *data, gsize size, GBytes **ret_bytes,
                             const char **ret_media, GError **error);
gboolean mgk_odf_rebuild_pictures(MgkOdf *odf, GError **error);
GBytes *mgk_odf_gray_box(void);
