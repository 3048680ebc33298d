/* ppt_internal.h - shared by ppt_*.c; not for others. */
#pragma once

#include "engines/metafile.h"
#include "engines/ppt.h"
#include "engines/recognise.h"

/* Where a record stands: bits of rules/ppt.def. */
typedef enum {
    MGK_PPT_IN_NOWHERE = 0,
    MGK_PPT_IN_TOP = 1 << 0,
    MGK_PPT_IN_DOCUMENT = 1 << 1,
    MGK_PPT_IN_SETTINGS = 1 << 2,
    MGK_PPT_IN_LIST = 1 << 3,
    MGK_PPT_IN_SHEET = 1 << 4,
    MGK_PPT_IN_FOOTERS = 1 << 5,
    MGK_PPT_IN_SHOWS = 1 << 6,
    MGK_PPT_IN_SHOW = 1 << 7,
    MGK_PPT_IN_FONTS = 1 << 8,
    MGK_PPT_IN_KINSOKU = 1 << 9,
    MGK_PPT_IN_GROUP = 1 << 10,
    MGK_PPT_IN_DRAWING = 1 << 11,
    MGK_PPT_IN_SHAPE = 1 << 12,
    MGK_PPT_IN_SOLVER = 1 << 13,
    MGK_PPT_IN_CLIENT = 1 << 14,
    MGK_PPT_IN_EFFECT = 1 << 15,
    MGK_PPT_IN_TEXT = 1 << 16,
    MGK_PPT_IN_TEXTS = 1 << 17,
    MGK_PPT_IN_TAGS = 1 << 18,
    MGK_PPT_IN_BLOB = 1 << 19,
    MGK_PPT_IN_OUTLINE = 1 << 20,
    MGK_PPT_IN_REMARK = 1 << 21,
    MGK_PPT_IN_REMARKS = 1 << 22,
    MGK_PPT_IN_BUILDS = 1 << 23,
    MGK_PPT_IN_TIME = 1 << 24,
} MgkPptPlace;

/* One picture of the store. */
typedef struct MgkPptPicture {
    MgkPptRecord entry;   /* OfficeArtFBSE, or the picture itself */
    guint32 uses;         /* by shapes that stay */
    guint32 place, size;  /* in the new stream; size 0: not there */
    guint8 sort, uid[16]; /* of the new picture */
} MgkPptPicture;

typedef struct MgkPpt {
    MgkJob *job;
    const MgkPptFile *file;
    GByteArray *out;     /* owned; the document's stream */
    GByteArray *store;   /* owned; the pictures' stream */
    GArray *pictures;    /* owned; MgkPptPicture, shapes count them from 1 */
    gsize picture_bytes; /* read from the input so far */
    GHashTable *numbers; /* owned; an object's number to its new one */
    GHashTable *named;   /* owned; new numbers that the lists named so far */
    GHashTable *links;   /* owned; numbers of links that stay, to where each stands */
    GHashTable *slides;  /* owned; those of them that lead to a slide */
    char label[24];      /* what is being written: "slide 3" */
    guint depth;
    const char *failed;  /* why it makes no sense, or NULL */
    GError *error;       /* owned; why the whole job must end */
    gsize letters;       /* of the text in hand */
    gboolean text_gone;  /* texts of an outline whose slide is not there */
    gboolean link_stays; /* the last InteractiveInfo of a text */
    gboolean comments;   /* stay */
    gboolean stored;     /* the store is written: no more pictures */
    guint8 found[MGK_N_KINDS];
} MgkPpt;

/* Records a finding with its place, each kind once a presentation. */
void mgk_ppt_find(MgkPpt *ppt, MgkKind kind, const char *detail);
/* Writes the header of a record; the end fills in its size. */
guint mgk_ppt_begin(MgkPpt *ppt, const MgkPptRecord *record, guint version);
void mgk_ppt_end(MgkPpt *ppt, guint start);
void mgk_ppt_put(MgkPpt *ppt, const MgkPptRecord *record, const guint8 *data, gsize size);
/* Judges and writes a record, or a container's children, by rules/ppt.def. */
void mgk_ppt_filter(MgkPpt *ppt, const MgkPptRecord *record, MgkPptPlace place);
void mgk_ppt_children(MgkPpt *ppt, const MgkPptRecord *record, MgkPptPlace place);
/* A container whose children stand in another place. */
void mgk_ppt_tree(MgkPpt *ppt, const MgkPptRecord *record, guint version, MgkPptPlace inside);

/* CALL rows, by the part that they belong to; each writes the record, or leaves it out. */
void mgk_ppt_sheet(MgkPpt *ppt, const MgkPptRecord *record); /* ppt_sheet.c: slides, effects, tags, times */
void mgk_ppt_link(MgkPpt *ppt, const MgkPptRecord *record);  /* ppt_link.c: what a click does */
void mgk_ppt_shape(MgkPpt *ppt, const MgkPptRecord *record); /* ppt_shape.c */
void mgk_ppt_text(MgkPpt *ppt, const MgkPptRecord *record);  /* ppt_text.c */
void mgk_ppt_store(MgkPpt *ppt, const MgkPptRecord *record); /* ppt_picture.c: the store, picture bullets */
/* ppt_link.c: finds out which links stay. */
void mgk_ppt_survey_links(MgkPpt *ppt, const MgkPptRecord *document);
/* ppt_picture.c: finds the store. */
void mgk_ppt_survey_pictures(MgkPpt *ppt, const MgkPptRecord *document);
/* ppt_write.c: the new number of an object; 0 when it does not cross. */
guint32 mgk_ppt_number(const MgkPpt *ppt, guint32 number);
