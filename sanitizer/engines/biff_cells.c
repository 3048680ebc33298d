#include <string.h>

#include "engines/biff_internal.h"

#define FORMULA_HEAD 22
#define SHARED 0x04bc
#define ARRAY 0x0221
#define TABLE 0x0236
#define STRING 0x0207

gboolean mgk_biff_stays(MgkBiff *biff, const guint8 *tokens, gsize size, gsize extra)
{
    MgkBiffVerdict verdict = mgk_biff_formula(&biff->scope, tokens, size, extra, NULL);
    if (verdict != MGK_BIFF_SAFE)
        mgk_biff_find(biff, (MgkKind)mgk_biff_kind(verdict), NULL);
    return verdict == MGK_BIFF_SAFE;
}

/* Where the tokens of a ShrFmla or Array begin, and how many bytes there are; FALSE when they are cut off. */
static gboolean shared_tokens(const MgkBiff *biff, const MgkBiffRecord *record, gsize *ret_at, gsize *ret_size)
{
    gsize head = record->id == SHARED ? 10 : 14;
    if (record->size < head)
        return FALSE;
    *ret_at = record->at + head;
    *ret_size = mgk_biff_u16(biff->data + *ret_at - 2);
    return *ret_size <= record->size - head;
}

/* Whether the formula of a ShrFmla or Array may stay. */
static gboolean shared_stays(MgkBiff *biff, const MgkBiffRecord *record)
{
    gsize at = 0, size = 0;
    if (!shared_tokens(biff, record, &at, &size)) {
        mgk_biff_find(biff, MGK_KIND_FORMULA_UNKNOWN, NULL);
        return FALSE;
    }
    return mgk_biff_stays(biff, biff->data + at, size, record->at + record->size - at - size);
}

static guint32 cell_key(const guint8 *cell)
{
    return mgk_biff_u16(cell) << 8 | cell[2];
}

void mgk_biff_find_masters(MgkBiff *biff, guint first, guint last)
{
    gint64 cell = -1;
    g_hash_table_remove_all(biff->masters);
    for (guint i = first; i < last; i++) {
        const MgkBiffRecord *record = mgk_biff_record(biff, i);
        if (record->id == 0x0006 && record->size >= FORMULA_HEAD)
            cell = cell_key(biff->data + record->at);
        else if ((record->id == SHARED || record->id == ARRAY) && cell >= 0 && shared_stays(biff, record))
            g_hash_table_add(biff->masters, GUINT_TO_POINTER((guint)cell + 1));
    }
}

void mgk_biff_shared(MgkBiff *biff, guint index)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    if (biff->kept && shared_stays(biff, record))
        mgk_biff_put(biff, record->id, biff->data + record->at, record->size);
}

void mgk_biff_string(MgkBiff *biff, guint index)
{
    if (biff->text_follows)
        mgk_biff_copy(biff, index);
    biff->text_follows = FALSE;
}

/* The String of the formula at index, or NULL. */
static const MgkBiffRecord *string_of(const MgkBiff *biff, guint index)
{
    for (guint i = index + 1; i < index + 4; i++) {
        const MgkBiffRecord *record = mgk_biff_record(biff, i);
        if (record && record->id == STRING && record->size >= 3)
            return record;
        if (!record || (record->id != SHARED && record->id != ARRAY && record->id != TABLE))
            return NULL;
    }
    return NULL;
}

/* A text that a formula showed, as a cell of its own; without one an empty cell. */
static void put_text(MgkBiff *biff, const guint8 *cell, const MgkBiffRecord *string)
{
    guint8 label[6 + 8224];
    memcpy(label, cell, 6);
    gsize bytes = 0;
    if (string) {
        const guint8 *p = biff->data + string->at;
        gsize untrusted_bytes = (gsize)mgk_biff_u16(p) << (p[2] & 1);
        bytes = p[2] <= 1 && untrusted_bytes <= string->size - 3u && string->size <= 8000 ? untrusted_bytes : 0;
        memcpy(label + 6, p, 3 + bytes);
    }
    if (bytes > 0)
        mgk_biff_put(biff, 0x0204, label, 9 + bytes);
    else
        mgk_biff_put(biff, 0x0201, label, 6);
}

/* Puts what a formula last showed ([MS-XLS] 2.5.133 FormulaValue). */
static void put_value(MgkBiff *biff, guint index)
{
    const guint8 *p = biff->data + mgk_biff_record(biff, index)->at, *value = p + 6;
    guint8 cell[14];
    memcpy(cell, p, 14);
    if (mgk_biff_u16(value + 6) != 0xffff) {
        mgk_biff_put(biff, 0x0203, cell, 14);
    } else if (value[0] == 1 || value[0] == 2) {
        cell[6] = value[2];
        cell[7] = value[0] == 2;
        mgk_biff_put(biff, 0x0205, cell, 8);
    } else {
        put_text(biff, p, value[0] == 0 ? string_of(biff, index) : NULL);
    }
}

void mgk_biff_cell(MgkBiff *biff, guint index)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    const guint8 *p = biff->data + record->at;
    gsize size = mgk_biff_u16(p + 20), left = record->size - FORMULA_HEAD;
    guint32 master = 0;
    gboolean stays = FALSE;
    biff->kept = biff->text_follows = FALSE;
    if (size <= left) {
        MgkBiffVerdict verdict = mgk_biff_formula(&biff->scope, p + FORMULA_HEAD, size, left - size, &master);
        if (verdict == MGK_BIFF_SHARED)
            stays = g_hash_table_contains(biff->masters, GUINT_TO_POINTER(master + 1));
        else
            stays = mgk_biff_stays(biff, p + FORMULA_HEAD, size, left - size);
    }
    if (!stays) {
        put_value(biff, index);
        return;
    }
    g_autofree guint8 *copy = g_memdup2(p, record->size);
    memset(copy + 16, 0, 4); /* a cache of the program's own */
    mgk_biff_put(biff, record->id, copy, record->size);
    biff->kept = TRUE;
    biff->text_follows = mgk_biff_u16(p + 12) == 0xffff && p[6] == 0;
}

/* Bytes of a CF in front of its formulas: two of kind, four of lengths, and a DXFN (2.5.84) whose flags say which parts
 * it has. A record of another length would be read in two ways. */
static gsize condition_head(const guint8 *p, gsize size)
{
    static const guint8 parts[] = {2, 118, 8, 8, 4, 2}; /* number, font, alignment, border, pattern, protection */
    guint32 flags = mgk_biff_u32(p + 6);
    gsize head = 12;
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!(flags >> (25 + i) & 1))
            continue;
        gboolean own_number = i == 0 && (p[10] & 1);
        if (own_number && size - 12 < 2)
            return 0;
        head += own_number ? mgk_biff_u16(p + 12) : parts[i];
    }
    return head;
}

/* CF (2.4.42): one whose formulas may not stay becomes FALSE. */
void mgk_biff_condition(MgkBiff *biff, guint index)
{
    static const guint8 never[14] = {2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1d, 0}; /* an expression without a look */
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    const guint8 *p = biff->data + record->at;
    gsize one = mgk_biff_u16(p + 2), two = mgk_biff_u16(p + 4), head = condition_head(p, record->size);
    if (head == 0 || head + one + two != record->size)
        mgk_biff_find(biff, MGK_KIND_FORMULA_UNKNOWN, NULL);
    else if (mgk_biff_stays(biff, p + head, one, 0) && mgk_biff_stays(biff, p + head + one, two, 0)) {
        mgk_biff_put(biff, record->id, p, record->size);
        return;
    }
    mgk_biff_put(biff, record->id, never, sizeof never);
}

/* Steps over one XLUnicodeString; FALSE when it is cut off. */
static gboolean skip_text(const guint8 *p, gsize size, gsize *at)
{
    if (size - *at < 3 || p[*at + 2] > 1)
        return FALSE;
    gsize bytes = (gsize)mgk_biff_u16(p + *at) << p[*at + 2];
    *at += 3;
    if (bytes > size - *at)
        return FALSE;
    *at += bytes;
    return TRUE;
}

/* Steps over one formula of a Dv. */
static gboolean skip_formula(MgkBiff *biff, const guint8 *p, gsize size, gsize *at)
{
    gsize tokens = size - *at >= 4 ? mgk_biff_u16(p + *at) : size;
    if (tokens + 4 > size - *at) {
        mgk_biff_find(biff, MGK_KIND_FORMULA_UNKNOWN, NULL);
        return FALSE;
    }
    *at += 4;
    if (!mgk_biff_stays(biff, p + *at, tokens, 0))
        return FALSE;
    *at += tokens;
    return TRUE;
}

/* Dv (2.4.88): flags, four texts, two formulas, the cells. One whose formulas may not stay allows any value. */
void mgk_biff_validation(MgkBiff *biff, guint index)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    const guint8 *p = biff->data + record->at;
    gsize at = 4;
    gboolean whole = TRUE;
    for (guint i = 0; i < 4; i++)
        whole = whole && skip_text(p, record->size, &at);
    gsize formulas = at;
    if (whole && skip_formula(biff, p, record->size, &at) && skip_formula(biff, p, record->size, &at)) {
        mgk_biff_put(biff, record->id, p, record->size);
        return;
    }
    g_autoptr(GByteArray) copy = g_byte_array_new();
    static const guint8 none[8], no_texts[16] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    static const guint8 nowhere[10] = {1};
    if (whole)
        g_byte_array_append(copy, p, (guint)formulas);
    else
        g_byte_array_append(copy, none, 4);
    if (!whole)
        g_byte_array_append(copy, no_texts, sizeof no_texts);
    copy->data[0] &= 0xf0;
    g_byte_array_append(copy, none, 8);
    gsize cells = formulas;
    for (guint i = 0; whole && i < 2; i++)
        cells = cells + 4 <= record->size ? cells + 4 + mgk_biff_u16(p + cells) : record->size;
    if (whole && cells + 2 < record->size)
        g_byte_array_append(copy, p + cells, (guint)(record->size - cells));
    else
        g_byte_array_append(copy, nowhere, sizeof nowhere);
    mgk_biff_put(biff, record->id, copy->data, copy->len);
}
