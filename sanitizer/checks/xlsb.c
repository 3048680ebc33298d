#include "checks/xlsb.h"

#include <string.h>

enum { IN_BOOK = 1, IN_SHEET = 2, IN_STYLES = 4, IN_STRINGS = 8, IN_COMMENTS = 16, IN_TABLE = 32 };

/* Runs of records that may stand in a rebuilt part: from, to. */
static const struct {
    guint16 from, to;
    guint8 parts;
} allowed[] = {
    {0, 11, IN_SHEET},     {19, 19, IN_STRINGS},    {39, 39, IN_BOOK},      {43, 48, IN_STYLES},
    {60, 60, IN_SHEET},    {62, 62, IN_SHEET},      {64, 64, IN_SHEET},     {128, 128, IN_BOOK},
    {129, 130, IN_SHEET},  {131, 132, IN_BOOK},     {133, 134, IN_SHEET},   {135, 136, IN_BOOK},
    {137, 142, IN_SHEET},  {143, 144, IN_BOOK},     {145, 148, IN_SHEET},   {151, 152, IN_SHEET},
    {153, 153, IN_BOOK},   {156, 158, IN_BOOK},     {159, 160, IN_STRINGS}, {161, 175, IN_SHEET | IN_TABLE},
    {176, 178, IN_SHEET},  {278, 279, IN_STYLES},   {343, 348, IN_TABLE},   {351, 352, IN_TABLE},
    {353, 354, IN_BOOK},   {357, 357, IN_BOOK},     {362, 362, IN_BOOK},    {390, 396, IN_SHEET},
    {426, 427, IN_SHEET},  {461, 471, IN_SHEET},    {473, 475, IN_STYLES},  {476, 480, IN_SHEET},
    {485, 485, IN_SHEET},  {494, 494, IN_SHEET},    {505, 512, IN_STYLES},  {513, 513, IN_TABLE},
    {534, 534, IN_BOOK},   {535, 535, IN_SHEET},    {537, 537, IN_SHEET},   {550, 552, IN_SHEET},
    {562, 562, IN_SHEET},  {564, 564, IN_SHEET},    {565, 566, IN_STYLES},  {569, 570, IN_STYLES},
    {572, 572, IN_STYLES}, {573, 574, IN_SHEET},    {603, 604, IN_STYLES},  {611, 620, IN_STYLES},
    {626, 627, IN_STYLES}, {628, 637, IN_COMMENTS}, {648, 652, IN_SHEET},   {660, 663, IN_SHEET},
    {669, 669, IN_SHEET},
};

static const struct {
    const char *type;
    guint8 part;
    guint16 root, end;
} parts[] = {
    {"application/vnd.ms-excel.sheet.binary.macroEnabled.main", IN_BOOK, 131, 132},
    {"application/vnd.ms-excel.worksheet", IN_SHEET, 129, 130},
    {"application/vnd.ms-excel.chartsheet", IN_SHEET, 129, 130},
    {"application/vnd.ms-excel.sharedStrings", IN_STRINGS, 159, 160},
    {"application/vnd.ms-excel.styles", IN_STYLES, 278, 279},
    {"application/vnd.ms-excel.comments", IN_COMMENTS, 628, 629},
    {"application/vnd.ms-excel.table", IN_TABLE, 343, 344},
};

typedef struct Record {
    guint id;
    const guint8 *p;
    gsize size, at; /* at: the next field */
} Record;

static guint32 le32(const guint8 *p)
{
    return p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static gboolean next(const guint8 **data, gsize *left, Record *record)
{
    const guint8 *p = *data, *end = p + *left;
    guint32 size = 0;
    if (p == end)
        return FALSE;
    record->id = *p & 0x7f;
    if (*p++ & 0x80) {
        if (p == end || *p & 0x80)
            return FALSE;
        record->id |= (guint)*p++ << 7;
    }
    for (guint shift = 0;; shift += 7) {
        if (p == end || shift > 21)
            return FALSE;
        size |= (guint32)(*p & 0x7f) << shift;
        if (!(*p++ & 0x80))
            break;
    }
    if (size > (gsize)(end - p))
        return FALSE;
    record->p = p;
    record->size = size;
    record->at = 0;
    *left = (gsize)(end - p) - size;
    *data = p + size;
    return TRUE;
}

static gboolean pass(Record *record, guint64 n)
{
    if (n > record->size - record->at)
        return FALSE;
    record->at += (gsize)n;
    return TRUE;
}

/* A text; *ret_letters is G_MAXUINT32 for none. */
static gboolean pass_text(Record *record, const guint8 **ret_text, guint32 *ret_letters)
{
    if (!pass(record, 4))
        return FALSE;
    *ret_letters = le32(record->p + record->at - 4);
    *ret_text = record->p + record->at;
    return *ret_letters == G_MAXUINT32 || pass(record, (guint64)*ret_letters * 2);
}

static gboolean pass_texts(Record *record, guint n)
{
    const guint8 *text = NULL;
    guint32 letters = 0;
    for (guint i = 0; i < n; i++) {
        if (!pass_text(record, &text, &letters))
            return FALSE;
    }
    return TRUE;
}

static gboolean pass_formula(Record *record)
{
    gsize tokens = record->at + 4;
    if (!pass(record, 4) || !pass(record, le32(record->p + tokens - 4)))
        return FALSE;
    gsize n = record->at - tokens;
    if (!pass(record, 4) || !pass(record, le32(record->p + record->at - 4)))
        return FALSE;
    return mgk_check_xlsb_tokens(record->p + tokens, n, record->at - tokens - n - 4);
}

/* Formulas up to the end of the record. */
static gboolean only_formulas(Record *record, gsize head)
{
    if (!pass(record, head))
        return FALSE;
    while (record->at < record->size) {
        if (!pass_formula(record))
            return FALSE;
    }
    return TRUE;
}

/* A relationship's id that this part has; `outside`: one that leads to the web. */
static gboolean pass_id(Record *record, GHashTable *rels, gboolean outside, gboolean may_lack)
{
    const guint8 *text = NULL;
    guint32 letters = 0;
    char id[16] = "";
    if (!pass_text(record, &text, &letters))
        return FALSE;
    if (letters == G_MAXUINT32 || letters == 0)
        return may_lack;
    for (guint32 i = 0; i < letters; i++) {
        if (i + 1 >= sizeof id || text[2 * i + 1] != 0)
            return FALSE;
        id[i] = (char)text[2 * i];
    }
    const char *target = rels ? g_hash_table_lookup(rels, id) : NULL;
    return target && (*target == '\0') == outside;
}

static gboolean letters_begin(const guint8 *text, guint32 letters, const char *with)
{
    for (gsize i = 0; with[i]; i++) {
        if (i >= letters || text[2 * i + 1] != 0 || g_ascii_tolower((char)text[2 * i]) != with[i])
            return FALSE;
    }
    return TRUE;
}

static gboolean name_stays(Record *record)
{
    const guint8 *text = NULL;
    guint32 letters = 0;
    guint32 flags = record->size >= 4 ? le32(record->p) : ~0u;
    if (!pass(record, 9) || !pass_text(record, &text, &letters) || letters == G_MAXUINT32)
        return FALSE;
    if (flags & ~(guint32)(1 | 2 | 8 | 32 | 1 << 17) || ((flags & (2 | 8)) && !letters_begin(text, letters, "_xl")))
        return FALSE;
    static const char *const starts[] = {"auto_open", "auto_close", "auto_activate", "auto_deactivate"};
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
        g_autofree char *built_in = g_strconcat("_xlnm.", starts[i], NULL);
        if (letters_begin(text, letters, starts[i]) || letters_begin(text, letters, built_in))
            return FALSE;
    }
    return pass_formula(record);
}

static gboolean references_stay(const Record *record)
{
    guint32 n = record->size >= 4 ? le32(record->p) : 0;
    if (record->size != 4 + (guint64)n * 12)
        return FALSE;
    for (guint32 i = 0; i < n; i++) {
        if (le32(record->p + 4 + (gsize)i * 12) != 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean validation_stays(Record *record)
{
    guint64 ranges = record->size >= 8 ? le32(record->p + 4) : G_MAXUINT32;
    return pass(record, 8) && pass(record, ranges * 16) && pass_texts(record, 4) && pass_formula(record) &&
           pass_formula(record);
}

/* Page setup ends with the id of printer settings, which never cross. */
static gboolean has_no_printer(const Record *record)
{
    return record->size >= 4 && le32(record->p + record->size - 4) == G_MAXUINT32;
}

static const char *look_at_record(Record *record, GHashTable *rels)
{
    gboolean ok = TRUE;
    switch (record->id) {
    case 8:
        ok = pass(record, 8) && pass_texts(record, 1) && only_formulas(record, 2);
        break;
    case 9:
        ok = only_formulas(record, 18);
        break;
    case 10:
    case 11:
        ok = only_formulas(record, 11);
        break;
    case 39:
        return name_stays(record) ? NULL : "a name";
    case 64:
        return validation_stays(record) ? NULL : "a validation";
    case 156:
        return pass(record, 8) && pass_id(record, rels, FALSE, FALSE) ? NULL : "a sheet";
    case 343:
        return record->size >= 64 && le32(record->p + 16) == 0 && le32(record->p + 60) == 0 ? NULL : "a table";
    case 351:
    case 352:
        ok = only_formulas(record, 1);
        break;
    case 362:
        return references_stay(record) ? NULL : "a reference to elsewhere";
    case 426:
        ok = only_formulas(record, 17);
        break;
    case 427:
        ok = only_formulas(record, 16);
        break;
    case 463:
        ok = pass(record, 42) && pass_texts(record, 1) && only_formulas(record, 0);
        break;
    case 471:
        ok = only_formulas(record, 24);
        break;
    case 478:
    case 652:
        return has_no_printer(record) ? NULL : "a printer";
    case 494:
        return pass(record, 16) && pass_id(record, rels, TRUE, TRUE) ? NULL : "a link";
    case 550:
    case 551:
    case 552:
    case 562:
    case 661:
        return pass_id(record, rels, FALSE, FALSE) ? NULL : "a relationship";
    default:
        break;
    }
    return ok ? NULL : "a formula";
}

static gboolean is_allowed(guint id, guint part)
{
    for (guint i = 0; i < G_N_ELEMENTS(allowed); i++) {
        if (id >= allowed[i].from && id <= allowed[i].to)
            return (allowed[i].parts & part) != 0;
    }
    return FALSE;
}

const char *mgk_check_xlsb_part(const char *content_type, const guint8 *data, gsize size, GHashTable *rels)
{
    guint row = 0;
    while (row < G_N_ELEMENTS(parts) && strcmp(parts[row].type, content_type) != 0)
        row++;
    if (row == G_N_ELEMENTS(parts))
        return "a part of another kind";
    Record record = {0};
    if (!next(&data, &size, &record) || record.id != parts[row].root)
        return "another root";
    while (record.id != parts[row].end) {
        if (!is_allowed(record.id, parts[row].part))
            return "a record that has to go";
        const char *why = look_at_record(&record, rels);
        if (why)
            return why;
        if (!next(&data, &size, &record))
            return "a record is cut off";
    }
    return size == 0 ? NULL : "bytes behind its end";
}
