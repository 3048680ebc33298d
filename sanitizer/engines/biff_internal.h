/* biff_internal.h - shared by biff_book.c, biff_sheet.c, biff_cells.c; not for others. */
#pragma once

#include "engines/biff.h"
#include "engines/biff_formula.h"

typedef struct MgkBiffRecord {
    guint16 id, size;
    gsize at; /* of its data in the stream */
} MgkBiffRecord;

typedef struct MgkBiffSheet {
    guint32 untrusted_place; /* where its BOF is said to be */
    guint8 type;             /* 0 worksheet, 1 macros, 2 chart, 6 module */
    guint first, last;       /* its records; last is the EOF; 0 when it stays empty */
    guint place_at;          /* where in out its place is to be written */
} MgkBiffSheet;

typedef struct MgkBiff {
    MgkJob *job;
    const guint8 *data;
    GArray *records; /* MgkBiffRecord */
    GArray *sheets;  /* MgkBiffSheet */
    GArray *names;   /* guint8, TRUE: may be used */
    GArray *externs; /* guint8, TRUE: may be used */
    GArray *books;   /* guint8, TRUE: this workbook itself */
    gboolean has_externs, unlocked;
    guint name, book; /* while writing: the next of each */
    MgkBiffScope scope;
    GHashTable *masters;         /* of the sheet in hand: cells (row << 8 | column) whose shared formula may stay */
    gboolean kept, text_follows; /* the last Formula stayed; its String is still to come */
    GByteArray *out;
    guint8 found[MGK_N_KINDS];
} MgkBiff;

/* Records a finding, each kind once a workbook. */
void mgk_biff_find(MgkBiff *biff, MgkKind kind, const char *detail);
const MgkBiffRecord *mgk_biff_record(const MgkBiff *biff, guint index); /* NULL behind the end */
void mgk_biff_put(MgkBiff *biff, guint id, const void *data, gsize size);
/* Copies a record, and the CONTINUE records of a long text. */
void mgk_biff_copy(MgkBiff *biff, guint index);
/* Judges a formula and records why it may not stay. */
gboolean mgk_biff_stays(MgkBiff *biff, const guint8 *tokens, gsize size, gsize extra);

/* Reads the globals: sheets, names, references (biff_book.c). */
gboolean mgk_biff_survey(MgkBiff *biff, GError **error);
/* CALL rows of the globals; FALSE when the record is none. */
gboolean mgk_biff_global(MgkBiff *biff, guint index);
/* CALL rows of sheets. */
void mgk_biff_cell(MgkBiff *biff, guint index);       /* Formula, with its String */
void mgk_biff_shared(MgkBiff *biff, guint index);     /* ShrFmla, Array */
void mgk_biff_string(MgkBiff *biff, guint index);     /* String */
void mgk_biff_condition(MgkBiff *biff, guint index);  /* CF */
void mgk_biff_validation(MgkBiff *biff, guint index); /* Dv */
void mgk_biff_link(MgkBiff *biff, guint index);       /* HLink */
/* Fills biff->masters for the records of a sheet. */
void mgk_biff_find_masters(MgkBiff *biff, guint first, guint last);

static inline guint mgk_biff_u16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

static inline guint32 mgk_biff_u32(const guint8 *p)
{
    return mgk_biff_u16(p) | (guint32)mgk_biff_u16(p + 2) << 16;
}

static inline void mgk_biff_set16(guint8 *p, guint value)
{
    p[0] = (guint8)value;
    p[1] = (guint8)(value >> 8);
}
