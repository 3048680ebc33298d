/* doc_props.h - what runs, paragraphs and sections of a Word 97-2003 document look like ([MS-DOC] 2.6, 2.9.135 STSH).
 */
#pragma once

#include "engines/doc_file.h"

typedef enum {
#define MGK_DOC_PROPERTY(name, unsaid) MGK_DOC_##name,
#include "rules/doc_properties.def"
#undef MGK_DOC_PROPERTY
    MGK_DOC_N_PROPERTIES
} MgkDocProperty;

enum { MGK_DOC_MAX_TABS = 64 };

typedef struct MgkDocTab {
    gint16 position; /* twips */
    guint8 how;      /* TBD (2.9.311): alignment and leader */
} MgkDocTab;

typedef struct MgkDocProps {
    gint32 v[MGK_DOC_N_PROPERTIES];
    MgkDocTab tabs[MGK_DOC_MAX_TABS];
    guint n_tabs;
} MgkDocProps;

typedef struct MgkDocSprm {
    guint16 code;
    MgkDocBytes operand; /* without its length byte */
} MgkDocSprm;

/* Takes the next property off the front of *grpprl; FALSE at its end or where it is cut short. */
gboolean mgk_doc_sprm_next(MgkDocBytes *grpprl, MgkDocSprm *ret_sprm);

typedef struct MgkDocStyles MgkDocStyles;
MgkDocStyles *mgk_doc_styles_new(const MgkDocFile *file); /* file is borrowed */
/* TRUE when so much was applied that the document is an attack, or beyond use. */
gboolean mgk_doc_styles_exhausted(const MgkDocStyles *styles);
void mgk_doc_styles_free(MgkDocStyles *styles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDocStyles, mgk_doc_styles_free)

void mgk_doc_props_init(MgkDocProps *props);
/* The paragraph that ends at a position, with the run properties of its style. */
void mgk_doc_paragraph_props(MgkDocStyles *styles, guint32 position, MgkDocProps *ret_props);
/* The bytes of a paragraph's own properties, for what tables say. */
MgkDocBytes mgk_doc_paragraph_bytes(const MgkDocStyles *styles, guint32 position);
/* A run inside a paragraph; *ret_end is the first position that may look different. */
void mgk_doc_run_props(MgkDocStyles *styles, const MgkDocProps *paragraph, guint32 position, MgkDocProps *ret_props,
                       guint32 *ret_end);
/* A section or a level of a list: what a grpprl says over *props. */
void mgk_doc_props_apply(MgkDocStyles *styles, MgkDocBytes grpprl, MgkDocProps *props);
/* Borders: *ret_look holds type, width and space in its bytes 0, 1, 2; *ret_color RRGGBB or -1. `old`: BRC80. */
void mgk_doc_border(MgkDocBytes brc, gboolean old, gint32 *ret_look, gint32 *ret_color);
/* RRGGBB of a COLORREF, -1 for automatic; of one of the 17 colours of old. */
gint32 mgk_doc_color(guint32 colorref);
gint32 mgk_doc_color_index(guint index);
