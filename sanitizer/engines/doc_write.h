/* doc_write.h - a Word 97-2003 document written anew as an OOXML package.
 *
 * What comes out is not yet clean: fields, hidden text, comments and pictures are in it as they were, for the cleaning
 * of docx to judge, which knows them all. Nothing that holds a program is ever written: macros, objects and controls
 * have no place here. */
#pragma once

#include "engines/doc_markup.h"

typedef struct MgkDocPart {
    GString *xml, *relations; /* owned */
    guint n_relations;
    MgkDocStory story;
} MgkDocPart;

typedef struct MgkDocPicture {
    char *name;    /* owned; in the package */
    GBytes *bytes; /* owned */
} MgkDocPicture;

typedef struct MgkDocWriter {
    MgkJob *job;            /* borrowed */
    const MgkDocFile *file; /* borrowed */
    MgkDocStyles *styles;   /* owned */
    GPtrArray *fonts;       /* owned */
    GPtrArray *pictures;    /* owned; of MgkDocPicture */
    gsize picture_bytes;
    GPtrArray *sections;   /* owned; of w:sectPr */
    GHashTable *fields;    /* owned; positions of field marks that have their fellows */
    GHashTable *notes;     /* owned; position of a reference → MgkDocNote* (owned) */
    GHashTable *bookmarks; /* owned; position → GString* of markup (owned) */
    guint next_id;
    guint depth;       /* text boxes in text boxes */
    guint64 written;   /* characters of all stories */
    guint64 steps;     /* records looked at for pictures and shapes */
    gboolean exceeded; /* text or pictures were left out: there is too much */
} MgkDocWriter;

/* All of the document, as a package. NULL with MGK_ERROR_LIMIT or of the archive. */
GByteArray *mgk_doc_write(MgkJob *job, const MgkDocFile *file, GError **error);

/* FALSE when the document has taken more work than any of its size should. */
gboolean mgk_doc_goes_on(MgkDocWriter *writer);

/* ---- doc_story.c ---- */
typedef struct MgkDocNote {
    const char *reference; /* the element that refers to it */
    guint id;
} MgkDocNote;

/* Notes, bookmarks and fields of the whole text, before the first story. */
void mgk_doc_survey(MgkDocWriter *writer);
/* The paragraphs and tables of [start, end); mark: NULL or markup that stands for the number of a note. */
void mgk_doc_put_story(MgkDocWriter *writer, MgkDocPart *part, guint32 start, guint32 end, const char *mark);
/* The w:sectPr of a section that ends at a position of the body, NULL when none does; the last one does not count. */
const char *mgk_doc_section_at(const MgkDocWriter *writer, guint32 end);

/* ---- doc_art.c ---- */
/* The picture in Data at offset as a run's content. */
void mgk_doc_put_picture(MgkDocWriter *writer, MgkDocPart *part, guint32 offset);
/* The shape that hangs on a position: a picture or a text box. */
void mgk_doc_put_shape(MgkDocWriter *writer, MgkDocPart *part, guint32 position);

/* ---- doc_list.c ---- */
/* word/numbering.xml, NULL when there are no lists. */
GString *mgk_doc_numbering(MgkDocWriter *writer);
