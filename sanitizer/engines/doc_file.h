/* doc_file.h - a Word 97-2003 file taken apart ([MS-DOC]): its text by character position, and where its properties
 * lie.
 *
 * The file information block, the piece table, the formatted disk pages. Fast-saved files are read like others: their
 * piece table says what the text is. */
#pragma once

#include "engines/cfb_read.h"
#include "model/job.h"

/* Structures that the file information block points to (2.5.6: number in FibRgFcLcb97). */
enum {
    MGK_DOC_STYLES = 1,
    MGK_DOC_FOOTNOTE_REFS = 2,
    MGK_DOC_FOOTNOTES = 3,
    MGK_DOC_COMMENT_REFS = 4,
    MGK_DOC_COMMENTS = 5,
    MGK_DOC_SECTIONS = 6,
    MGK_DOC_HEADERS = 11,
    MGK_DOC_RUN_PAGES = 12,
    MGK_DOC_PARAGRAPH_PAGES = 13,
    MGK_DOC_FONTS = 15,
    MGK_DOC_COMMANDS = 24,
    MGK_DOC_DOP = 31,
    MGK_DOC_NAMES = 32,
    MGK_DOC_CLX = 33,
    MGK_DOC_SHAPES = 40,
    MGK_DOC_HEADER_SHAPES = 41,
    MGK_DOC_ENDNOTE_REFS = 46,
    MGK_DOC_ENDNOTES = 47,
    MGK_DOC_DRAWINGS = 50,
    MGK_DOC_TEXT_BOXES = 56,
    MGK_DOC_HEADER_TEXT_BOXES = 58,
    MGK_DOC_VARIABLES = 60,
    MGK_DOC_LISTS = 73,
    MGK_DOC_LIST_USES = 74,
};

/* The documents inside, one after another (2.3). */
typedef enum {
    MGK_DOC_MAIN,
    MGK_DOC_STORY_FOOTNOTES,
    MGK_DOC_STORY_HEADERS,
    MGK_DOC_STORY_MACROS,
    MGK_DOC_STORY_COMMENTS,
    MGK_DOC_STORY_ENDNOTES,
    MGK_DOC_STORY_TEXT_BOXES,
    MGK_DOC_STORY_HEADER_TEXT_BOXES,
    MGK_DOC_N_STORIES
} MgkDocStory;

typedef struct MgkDocBytes {
    const guint8 *data; /* borrowed from the file, NULL when empty */
    gsize size;
} MgkDocBytes;

typedef struct MgkDocSpan {
    guint32 start, end; /* in the WordDocument stream */
    MgkDocBytes grpprl;
    guint16 style; /* paragraphs only */
} MgkDocSpan;

typedef struct MgkDocFile {
    MgkCfb *cfb;        /* owned */
    guint8 *streams[3]; /* owned; WordDocument, the table stream, Data */
    MgkDocBytes word, table, data;
    gunichar2 *text; /* owned; length of them, by character position */
    guint32 *place;  /* owned; where each character stands in WordDocument */
    guint32 length;
    guint32 story[MGK_DOC_N_STORIES + 1]; /* where each document begins */
    GArray *runs, *paragraphs;            /* owned; of MgkDocSpan, sorted */
    GArray *pieces;                       /* owned; of MgkDocPiece */
    MgkDocBytes clx;
} MgkDocFile;

/* Reads job->data, decrypted by job->password where it is encrypted, which ret_locked tells (set at failures, too, else
 * untouched). NULL with MGK_ERROR_MALFORMED, _ENCRYPTED (no password, or it does not fit), _UNSUPPORTED (Word 6 and 95;
 * a way of encryption) or _LIMIT. */
MgkDocFile *mgk_doc_file_open(const MgkJob *job, gboolean *ret_locked, GError **error);
void mgk_doc_file_free(MgkDocFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDocFile, mgk_doc_file_free)

/* A structure of the table stream; empty when there is none or it does not lie inside. */
MgkDocBytes mgk_doc_structure(const MgkDocFile *file, guint which);
/* size bytes at offset; empty when they do not lie inside. */
MgkDocBytes mgk_doc_slice(MgkDocBytes bytes, gsize offset, gsize size);
/* Numbers; 0 when they do not lie inside. */
guint16 mgk_doc_u16(MgkDocBytes bytes, gsize offset);
guint32 mgk_doc_u32(MgkDocBytes bytes, gsize offset);
/* A PLC (2.2.2) of n data elements of `element` bytes behind n + 1 positions. */
guint mgk_doc_plc_count(MgkDocBytes plc, gsize element);
/* The span around a place, NULL when none is. */
const MgkDocSpan *mgk_doc_span_at(const GArray *spans, guint32 place);
/* The properties that a fast save hung on the piece around a character (Prm1). */
MgkDocBytes mgk_doc_piece_properties(const MgkDocFile *file, guint32 position);
