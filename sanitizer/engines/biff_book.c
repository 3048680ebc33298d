#include <string.h>

#include "engines/biff_internal.h"
#include "model/error.h"

#define NAME_HEAD 14
#define MOST_ROUNDS 16
#define SELF 0x0401
#define ADD_IN 0x3a01

enum {
    LBL = 0x18,
    EXTERN_SHEET = 0x17,
    BOUND_SHEET = 0x85,
    SUP_BOOK = 0x1ae,
    WRITE_ACCESS = 0x5c,
    FILE_PASS = 0x2f,
    BOF = 0x809
};

static gboolean malformed(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "workbook: %s", what);
    return FALSE;
}

/* The bytes of a name's letters behind their flag; FALSE when they are cut off. */
static gboolean name_bytes(const MgkBiff *biff, const MgkBiffRecord *record, gsize *ret_bytes)
{
    const guint8 *p = biff->data + record->at;
    if (record->size < NAME_HEAD + 1 || p[NAME_HEAD] > 1)
        return FALSE;
    *ret_bytes = (gsize)p[3] << p[NAME_HEAD];
    return *ret_bytes <= record->size - (NAME_HEAD + 1u);
}

/* Auto_Open and its kin, built in or spelt out ([MS-XLS] 2.4.150, 2.5.66). */
static gboolean is_auto(const guint8 *p, gsize bytes)
{
    static const char *const words[] = {"auto_open", "auto_close", "auto_activate", "auto_deactivate"};
    gsize step = (gsize)1 << p[NAME_HEAD], n = bytes / step;
    const guint8 *letters = p + NAME_HEAD + 1;
    if ((p[0] & 0x20) && n == 1)
        return letters[0] == 1 || letters[0] == 2 || letters[0] == 10 || letters[0] == 11;
    for (guint w = 0; w < G_N_ELEMENTS(words); w++) {
        gsize i = 0;
        while (words[w][i] && i < n && g_ascii_tolower((char)letters[i * step]) == words[w][i])
            i++;
        if (!words[w][i])
            return TRUE;
    }
    return FALSE;
}

static gboolean is_recorder(const guint8 *p)
{
    return (p[0] & 0x20) && p[3] == 1 && (p[NAME_HEAD + 1] == 8 || p[NAME_HEAD + 1] > 13);
}

/* Whether a name may stay as it is. report: record why not. */
static gboolean name_stays(MgkBiff *biff, const MgkBiffRecord *record, gboolean report)
{
    const guint8 *p = biff->data + record->at;
    gsize bytes = 0;
    if (!name_bytes(biff, record, &bytes))
        return FALSE;
    gsize tokens = mgk_biff_u16(p + 4);
    if (is_auto(p, bytes) || is_recorder(p)) {
        if (report)
            mgk_biff_find(biff, MGK_KIND_MACRO_NAME, NULL);
        return FALSE;
    }
    gsize at = NAME_HEAD + 1 + bytes;
    gboolean texts = p[10] || p[11] || p[12] || p[13]; /* would stand behind the tokens */
    if ((p[0] & 0x0e) || texts || tokens > record->size - at)
        return FALSE;
    const guint8 *formula = p + at;
    if (report)
        return mgk_biff_stays(biff, formula, tokens, record->size - at - tokens);
    return mgk_biff_formula(&biff->scope, formula, tokens, record->size - at - tokens, NULL) == MGK_BIFF_SAFE;
}

/* Names may use names: those that use one that goes go too, until nothing changes. */
static gboolean judge_names(MgkBiff *biff, GError **error)
{
    gboolean changed = TRUE;
    for (guint round = 0; changed; round++) {
        if (round == MOST_ROUNDS)
            return malformed(error, "names use names too deeply");
        changed = FALSE;
        guint name = 0;
        for (guint i = 0; name < biff->names->len; i++) {
            const MgkBiffRecord *record = mgk_biff_record(biff, i);
            if (record->id != LBL)
                continue;
            guint8 *stays = &g_array_index(biff->names, guint8, name++);
            if (*stays && !name_stays(biff, record, FALSE)) {
                *stays = FALSE;
                changed = TRUE;
            }
        }
    }
    return TRUE;
}

static void survey_book(MgkBiff *biff, const MgkBiffRecord *record)
{
    const guint8 *p = biff->data + record->at;
    guint marker = record->size >= 4 ? mgk_biff_u16(p + 2) : 0;
    const guint8 self = marker == SELF && record->size == 4;
    g_array_append_val(biff->books, self);
    if (self || marker == ADD_IN)
        return;
    gboolean other_program = record->size > 4 && memchr(p + 4, 3, record->size - 4u) && mgk_biff_u16(p) == 0;
    mgk_biff_find(biff, other_program ? MGK_KIND_FORMULA_DANGEROUS : MGK_KIND_FORMULA_EXTERNAL, NULL);
}

static gboolean survey_sheet(MgkBiff *biff, const MgkBiffRecord *record, GError **error)
{
    const guint8 *p = biff->data + record->at;
    if (record->size < 8)
        return malformed(error, "a sheet without a name");
    MgkBiffSheet sheet = {.untrusted_place = mgk_biff_u32(p), .type = p[5]};
    if (sheet.type == 1)
        mgk_biff_find(biff, MGK_KIND_MACRO_SHEET, NULL);
    else if (sheet.type == 6)
        mgk_biff_find(biff, MGK_KIND_MACRO_VBA, NULL);
    if ((p[4] & 3) == 2)
        mgk_biff_find(biff, MGK_KIND_HIDDEN_SHEET, NULL);
    g_array_append_val(biff->sheets, sheet);
    return TRUE;
}

/* Entry i of EXTERNSHEET may be used when it names whole worksheets of this workbook. */
static gboolean extern_stays(const MgkBiff *biff, const guint8 *entry)
{
    guint book = mgk_biff_u16(entry), first = mgk_biff_u16(entry + 2), last = mgk_biff_u16(entry + 4);
    if (book >= biff->books->len || !g_array_index(biff->books, guint8, book))
        return FALSE;
    if (first >= 0xfffe)
        return TRUE; /* names of the workbook, or a sheet that was deleted */
    for (guint i = first; i <= last; i++) {
        if (i >= biff->sheets->len || g_array_index(biff->sheets, MgkBiffSheet, i).type != 0)
            return FALSE;
    }
    return first <= last;
}

static gboolean survey_externs(MgkBiff *biff, const MgkBiffRecord *record, GError **error)
{
    const guint8 *p = biff->data + record->at;
    guint n = record->size >= 2 ? mgk_biff_u16(p) : 0;
    if (biff->has_externs || record->size != 2 + n * 6)
        return malformed(error, "references to sheets");
    biff->has_externs = TRUE;
    for (guint i = 0; i < n; i++) {
        const guint8 stays = extern_stays(biff, p + 2 + (gsize)i * 6) ? 1 : 0;
        g_array_append_val(biff->externs, stays);
    }
    return TRUE;
}

/* BOUNDSHEET and SUPBOOK come before EXTERNSHEET, and that before names, but nobody is obliged: three passes. */
gboolean mgk_biff_survey(MgkBiff *biff, GError **error)
{
    static const guint8 yes = TRUE;
    guint end = 0;
    for (const MgkBiffRecord *record = NULL; (record = mgk_biff_record(biff, end)) && record->id != 0x0a; end++) {
        if (record->id == FILE_PASS && !biff->unlocked) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, "workbook: FilePass");
            return FALSE;
        }
        if (record->id == BOF && end > 0)
            return malformed(error, "a substream within the globals");
        if (record->id == SUP_BOOK)
            survey_book(biff, record);
        else if (record->id == LBL)
            g_array_append_val(biff->names, yes);
        else if (record->id == BOUND_SHEET && !survey_sheet(biff, record, error))
            return FALSE;
    }
    for (guint i = 0; i < end; i++) {
        const MgkBiffRecord *record = mgk_biff_record(biff, i);
        if (record->id == EXTERN_SHEET && !survey_externs(biff, record, error))
            return FALSE;
    }
    biff->scope = (MgkBiffScope){.names = (const guint8 *)biff->names->data,
                                 .n_names = biff->names->len,
                                 .sheets = (const guint8 *)biff->externs->data,
                                 .n_sheets = biff->externs->len};
    if (biff->sheets->len == 0)
        return malformed(error, "no sheets");
    return judge_names(biff, error);
}

/* A name stays, or an empty one that shows #NAME? stands in its place, since formulas count names. */
static void put_name(MgkBiff *biff, const MgkBiffRecord *record)
{
    const guint8 *p = biff->data + record->at;
    guint number = ++biff->name;
    if (g_array_index(biff->names, guint8, number - 1)) {
        g_autofree guint8 *copy = g_memdup2(p, record->size);
        copy[2] = 0; /* no key */
        mgk_biff_put(biff, record->id, copy, record->size);
        return;
    }
    name_stays(biff, record, TRUE);
    char name[16];
    int n = g_snprintf(name, sizeof name, "_removed_%u", number);
    guint8 empty[NAME_HEAD + 1 + sizeof name + 2] = {1, 0, 0, (guint8)n, 2}; /* hidden */
    memcpy(empty + NAME_HEAD + 1, name, (gsize)n);
    empty[NAME_HEAD + 1 + n] = 0x1c;
    empty[NAME_HEAD + 2 + n] = 0x1d;
    mgk_biff_put(biff, record->id, empty, NAME_HEAD + 3 + (gsize)n);
}

static void put_sheet(MgkBiff *biff, guint number, const MgkBiffRecord *record)
{
    MgkBiffSheet *sheet = &g_array_index(biff->sheets, MgkBiffSheet, number);
    g_autofree guint8 *copy = g_memdup2(biff->data + record->at, record->size);
    memset(copy, 0, 4);
    copy[4] &= 3;
    copy[5] = 0;
    sheet->place_at = biff->out->len + 4;
    mgk_biff_put(biff, record->id, copy, record->size);
}

/* One SupBook is left, this workbook, in front of its references. */
static void put_externs(MgkBiff *biff, const MgkBiffRecord *record)
{
    guint n = biff->externs->len;
    guint8 self[4] = {0, 0, 0x01, 0x04};
    g_autofree guint8 *copy = g_memdup2(biff->data + record->at, record->size);
    mgk_biff_set16(self, biff->sheets->len);
    mgk_biff_put(biff, SUP_BOOK, self, sizeof self);
    for (guint i = 0; i < n; i++) {
        guint8 *entry = copy + 2 + (gsize)i * 6;
        mgk_biff_set16(entry, 0);
        if (!g_array_index(biff->externs, guint8, i)) {
            mgk_biff_set16(entry + 2, 0xffff);
            mgk_biff_set16(entry + 4, 0xffff);
        }
    }
    mgk_biff_put(biff, record->id, copy, record->size);
}

gboolean mgk_biff_global(MgkBiff *biff, guint index)
{
    const MgkBiffRecord *record = mgk_biff_record(biff, index);
    static const guint8 nobody[3];
    switch (record->id) {
    case LBL:
        put_name(biff, record);
        return TRUE;
    case BOUND_SHEET:
        put_sheet(biff, biff->book++, record);
        return TRUE;
    case EXTERN_SHEET:
        put_externs(biff, record);
        return TRUE;
    case WRITE_ACCESS: {
        guint8 blank[112];
        memset(blank, ' ', sizeof blank);
        memcpy(blank, nobody, sizeof nobody);
        mgk_biff_put(biff, record->id, blank, sizeof blank);
        return TRUE;
    }
    default:
        return FALSE;
    }
}
