/* xlsb_internal.h - shared by engines/xlsb_*.c; not for others. */
#pragma once

#include "engines/biff_formula.h"
#include "engines/xlsb.h"

enum {
    MGK_XLSB_ROW = 0,
    MGK_XLSB_BEGIN_BOOK = 131,
    MGK_XLSB_BEGIN_SHEET = 129,
    MGK_XLSB_BUNDLE_SHEET = 156,
    MGK_XLSB_NAME = 39,
    MGK_XLSB_EXTERN_SHEET = 362,
    MGK_XLSB_SUP_SELF = 357,
    MGK_XLSB_FORMULA_FIRST = 8,
    MGK_XLSB_FORMULA_LAST = 11,
    MGK_XLSB_ARRAY = 426,
    MGK_XLSB_SHARED = 427,
};

#define MGK_XLSB_IDS 700   /* records of rules/xlsb.def have smaller numbers */
#define MGK_XLSB_FIELDS 16 /* of one shape */

typedef struct MgkXlsbRecord {
    guint id;
    const guint8 *data; /* borrowed */
    gsize size;
} MgkXlsbRecord;

/* A piece of a record, by the letter of its shape; '.' for bytes. */
typedef struct MgkXlsbField {
    char kind;
    gsize at, size;
} MgkXlsbField;

typedef struct MgkXlsbRule {
    guint16 id, parts, end;
    guint8 action;
    gint kind; /* MgkKind or -1 */
    const char *shape;
} MgkXlsbRule;

typedef enum { MGK_XLSB_KEEP, MGK_XLSB_DROP, MGK_XLSB_BLOCK, MGK_XLSB_CALL } MgkXlsbAction;

struct MgkXlsbBook {
    MgkJob *job; /* borrowed */
    const MgkXlsbRule *rules[MGK_XLSB_IDS];
    guint8 found[MGK_N_KINDS];
    GArray *sheets, *externs, *names; /* owned; guint8 each: may be used, by place */
    GPtrArray *name_texts;            /* owned; UTF-8 */
    MgkBiffScope scope;
    guint name;                    /* while writing: the next one */
    const MgkXlsbPackage *package; /* borrowed, while writing */
    GByteArray *out;               /* owned; not yet handed on */
    guint32 row;                   /* of the sheet in hand */
    GHashTable *masters;           /* owned; cells whose shared formula may stay */
    gint64 kept;                   /* the cell before, when its formula stayed; -1 */
};

/* ---- xlsb_record.c ---- */
/* The record at *at, which moves behind it. FALSE at the end, or with an error where there is no whole record. */
gboolean mgk_xlsb_next(const guint8 *data, gsize size, gsize *at, MgkXlsbRecord *ret_record, GError **error);
/* Cuts a record by a shape; FALSE when it has not just these fields. */
gboolean mgk_xlsb_cut(const char *shape, const MgkXlsbRecord *record, MgkXlsbField ret_fields[MGK_XLSB_FIELDS],
                      guint *ret_n);
void mgk_xlsb_put(MgkXlsbBook *book, guint id, const void *data, gsize size);
/* A text of a record as UTF-8; newly allocated, NULL for none or no Unicode. */
char *mgk_xlsb_text(const MgkXlsbRecord *record, const MgkXlsbField *field);

/* ---- xlsb_part.c ---- */
void mgk_xlsb_find(MgkXlsbBook *book, MgkKind kind); /* each once a workbook */
/* Moves behind the record that ends a block; blocks of one kind may lie in each other. */
gboolean mgk_xlsb_skip_block(const MgkXlsbRule *rule, const guint8 *data, gsize size, gsize *at, GError **error);
/* Judges a field F and records why it may not stay. */
gboolean mgk_xlsb_stays(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *formula);
/* Writes a record field by field, as the shape says; nothing when its relationship does not cross. */
void mgk_xlsb_copy(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n);

/* ---- xlsb_formula.c: as mgk_biff_formula(); the master's row and column are put together by mgk_xlsb_cell() ---- */
MgkBiffVerdict mgk_xlsb_formula(const MgkBiffScope *scope, const guint8 *tokens, gsize size, gsize extra,
                                gint64 *ret_master);

/* ---- CALL rows ---- */
typedef void MgkXlsbCall(MgkXlsbBook *book, const MgkXlsbRecord *record, const MgkXlsbField *fields, guint n);
MgkXlsbCall mgk_xlsb_book_properties, mgk_xlsb_bundle_sheet, mgk_xlsb_name, mgk_xlsb_extern_sheet; /* xlsb_book.c */
MgkXlsbCall mgk_xlsb_cell_formula, mgk_xlsb_shared_formula, mgk_xlsb_condition, mgk_xlsb_validation, mgk_xlsb_link,
    mgk_xlsb_table, mgk_xlsb_table_formula; /* xlsb_cells.c */
/* Fills book->masters for a sheet. */
void mgk_xlsb_find_masters(MgkXlsbBook *book, const guint8 *data, gsize size);

static inline guint mgk_xlsb_u16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

static inline guint32 mgk_xlsb_u32(const guint8 *p)
{
    return mgk_xlsb_u16(p) | (guint32)mgk_xlsb_u16(p + 2) << 16;
}

static inline void mgk_xlsb_set32(guint8 *p, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        p[i] = (guint8)(value >> (8 * i));
}

/* One number for a cell; -1 when a sheet has none there. */
static inline gint64 mgk_xlsb_cell(guint32 row, guint32 column)
{
    return row < 1u << 20 && column < 1u << 14 ? (gint64)row << 14 | column : -1;
}
