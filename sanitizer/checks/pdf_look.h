/* pdf_look.h - the second look at a PDF, what its parts share: objects, the roles they have, the keys of each role. */
#pragma once

#include "checks/pdf_syntax.h"
#include "model/job.h"

typedef enum {
    MGK_PDF_ROLE_NONE,
    MGK_PDF_ROLE_CATALOG,
    MGK_PDF_ROLE_INFO,
    MGK_PDF_ROLE_PAGES,
    MGK_PDF_ROLE_PAGE,
    MGK_PDF_ROLE_CONTENT,
    MGK_PDF_ROLE_IMAGE,
    MGK_PDF_ROLE_FONT,
    MGK_PDF_ROLE_DESCENDANT,
    MGK_PDF_ROLE_DESCRIPTOR,
    MGK_PDF_ROLE_PROGRAM,
    MGK_PDF_ROLE_MAP,
    MGK_PDF_ROLE_UNICODE,
    MGK_PDF_ROLE_OUTLINES,
    MGK_PDF_ROLE_ITEM,
    MGK_PDF_ROLE_LINK,
    /* these only where the policy wants drawings */
    MGK_PDF_ROLE_SHAPES,    /* a font of ours made of outlines */
    MGK_PDF_ROLE_PROCEDURE, /* one of its glyphs */
    MGK_PDF_ROLE_SPACES,    /* what its codes say to readers */
    MGK_PDF_ROLE_SHADING,
    MGK_PDF_ROLE_MASK,
} MgkPdfRole;

typedef struct MgkPdfObject {
    gsize offset; /* of its number; 0: not there */
    gsize body;
    gsize stream, stream_size; /* stream 0: none */
    guint8 role;
} MgkPdfObject;

typedef struct MgkPdfLook {
    MgkJob *job;
    GArray *objects; /* of MgkPdfObject, by number - 1 */
    GQueue todo;     /* numbers whose role is new */
    guint pages;     /* as /Count says */
    const char *wrong;
} MgkPdfLook;

typedef gboolean (*MgkPdfCheckValue)(MgkPdfLook *look, const MgkPdfValue *value);

typedef struct MgkPdfKey {
    const char *key;
    gboolean required;
    const char *name;       /* the value must be this name … */
    MgkPdfRole role;        /* … or a reference to such an object … */
    MgkPdfCheckValue check; /* … or pass this */
} MgkPdfKey;

/* Notes what is wrong, unless something was before, and returns FALSE. */
gboolean mgk_pdf_wrong(MgkPdfLook *look, const char *what);
/* TRUE when value refers to an object that has, or now gets, this role. */
gboolean mgk_pdf_refer(MgkPdfLook *look, const MgkPdfValue *value, MgkPdfRole role);
/* A font of outlines: as many glyphs as codes and widths. Its keys were looked at. */
gboolean mgk_pdf_shapes_font_ok(const MgkPdfValue *dict);
/* The keys that an object of a role has; ends with a row without key. */
const MgkPdfKey *mgk_pdf_keys(MgkPdfRole role);
