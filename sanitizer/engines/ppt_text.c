/* ppt_text.c - texts and their properties ([MS-PPT] 2.9), by rules/ppt_text.def: masks with the fields that they name,
 * in runs over as many letters as the text has. What is not walked to its end does not stay. */
#include "engines/ppt_internal.h"

#define MOST_LEVELS 5
#define TABS 0xfe  /* a count of 16 bits, then 4 bytes each */
#define WORDS 0xff /* a count of 32 bits, then 4 bytes each */

typedef enum {
    PARAGRAPH,
    CHARACTER,
    SPECIAL,
    PARAGRAPH9,
    CHARACTER9,
    CHARACTER10,
    RULER,
    N_LISTS,
} List;

typedef enum { DROP, KEEP } Keep;

static const struct {
    List list;
    guint32 mask;
    guint8 bytes;
    Keep keep;
} fields[] = {
#define MGK_PPT_FIELD(list, mask, bytes, keep) {list, mask, bytes, keep},
#include "rules/ppt_text.def"
#undef MGK_PPT_FIELD
};

typedef struct Reader {
    const guint8 *at;
    gsize left;
    GByteArray *out; /* borrowed */
} Reader;

/* Copies the next n bytes. */
static gboolean copy(Reader *reader, gsize n)
{
    if (n > reader->left)
        return FALSE;
    g_byte_array_append(reader->out, reader->at, (guint)n);
    reader->at += n;
    reader->left -= n;
    return TRUE;
}

/* How long the next field is; G_MAXSIZE when it is cut off. */
static gsize field_size(const Reader *reader, guint8 bytes)
{
    gsize head = bytes == TABS ? 2 : 4;
    if (bytes != TABS && bytes != WORDS)
        return bytes;
    if (reader->left < head)
        return G_MAXSIZE;
    gsize untrusted_n = bytes == TABS ? mgk_recognise_u16le(reader->at) : mgk_recognise_u32le(reader->at);
    return untrusted_n > (reader->left - head) / 4 ? G_MAXSIZE : head + 4 * untrusted_n;
}

/* A mask and its fields. */
static gboolean copy_list(Reader *reader, List list)
{
    guint mask_at = reader->out->len;
    guint32 mask = reader->left >= 4 ? mgk_recognise_u32le(reader->at) : 0, kept = 0;
    if (!copy(reader, 4))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (fields[i].list != list || !(mask & fields[i].mask))
            continue;
        gsize size = field_size(reader, fields[i].bytes);
        guint before = reader->out->len;
        if (size == G_MAXSIZE || !copy(reader, size))
            return FALSE;
        if (fields[i].keep == KEEP)
            kept |= mask & fields[i].mask;
        else
            g_byte_array_set_size(reader->out, before);
    }
    mgk_meta_set32(reader->out, mask_at, kept);
    return TRUE;
}

/* Runs of a count, `extra` bytes and a list, until the letters are covered; a count that goes beyond ends with them. */
static gboolean copy_runs(Reader *reader, gsize letters, gsize extra, gint list)
{
    while (letters > 0 && reader->left > 0) {
        guint at = reader->out->len;
        guint32 untrusted_n = reader->left >= 4 ? mgk_recognise_u32le(reader->at) : 0;
        if (!copy(reader, 4 + extra) || (list >= 0 && !copy_list(reader, (List)list)))
            return FALSE;
        guint32 n = (guint32)MIN(untrusted_n, letters);
        mgk_meta_set32(reader->out, at, n);
        letters -= n;
    }
    return TRUE;
}

/* Lists one after another, again and again to the end. */
static gboolean copy_all(Reader *reader, const List *lists, guint n)
{
    while (reader->left > 0) {
        for (guint i = 0; i < n; i++) {
            if (!copy_list(reader, lists[i]))
                return FALSE;
        }
    }
    return TRUE;
}

/* Styles of levels (2.9.35): how many, then for each, when `numbered`, its number, and its lists. */
static gboolean copy_levels(Reader *reader, gboolean numbered, const List *lists, guint n)
{
    guint levels = reader->left >= 2 ? mgk_recognise_u16le(reader->at) : G_MAXUINT;
    if (levels > MOST_LEVELS || !copy(reader, 2))
        return FALSE;
    for (guint level = 0; level < levels; level++) {
        if (numbered && !copy(reader, 2))
            return FALSE;
        for (guint i = 0; i < n; i++) {
            if (!copy_list(reader, lists[i]))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean copy_style(Reader *reader, gsize letters)
{
    return copy_runs(reader, letters + 1, 2, PARAGRAPH) && copy_runs(reader, letters + 1, 0, CHARACTER);
}

static gboolean copy_properties(Reader *reader, const MgkPptRecord *record, gsize letters)
{
    static const List both[] = {PARAGRAPH, CHARACTER}, style9[] = {PARAGRAPH9, CHARACTER9, SPECIAL};
    static const List default9[] = {CHARACTER9, PARAGRAPH9}, style10[] = {CHARACTER10};
    gboolean numbered = record->instance >= 5; /* styles of the kinds of text from 5 on */
    switch (record->type) {
    case 4001:
        return copy_style(reader, letters);
    case 4002:
        return copy_runs(reader, letters + 1, 2, -1);
    case 4003:
        return copy_levels(reader, numbered, both, 2);
    case 4004:
        return copy_list(reader, CHARACTER);
    case 4005:
        return copy(reader, 2) && copy_list(reader, PARAGRAPH);
    case 4006:
    case 4011:
        return copy_list(reader, RULER);
    case 4009:
        return copy_list(reader, SPECIAL);
    case 4010:
        return copy_runs(reader, letters + 1, 0, SPECIAL);
    case 4012:
        return copy_all(reader, style9, 3);
    case 4013:
        return copy_levels(reader, numbered, style9, 2);
    case 4016:
        return copy_list(reader, default9[0]) && copy_list(reader, default9[1]);
    case 4017:
        return copy_all(reader, style10, 1);
    case 4018:
        return copy_levels(reader, numbered, style10, 1);
    case 4020:
        return copy_list(reader, CHARACTER10);
    default:
        return FALSE;
    }
}

static void put_properties(MgkPpt *ppt, const MgkPptRecord *record)
{
    Reader reader = {record->data, record->size, ppt->out};
    guint whole = ppt->out->len, start = mgk_ppt_begin(ppt, record, record->version == 15 ? 0 : record->version);
    if (copy_properties(&reader, record, ppt->letters)) {
        mgk_ppt_end(ppt, start);
        return;
    }
    mgk_ppt_find(ppt, MGK_KIND_UNKNOWN_PART, "properties of a text are damaged");
    g_byte_array_set_size(ppt->out, whole);
}

void mgk_ppt_text(MgkPpt *ppt, const MgkPptRecord *record)
{
    switch (record->type) {
    case 3999:
        ppt->letters = 0;
        mgk_ppt_put(ppt, record, record->data, record->size);
        break;
    case 4000:
        ppt->letters = record->size / 2;
        mgk_ppt_put(ppt, record, record->data, record->size / 2 * 2);
        break;
    case 4008:
        ppt->letters = record->size;
        mgk_ppt_put(ppt, record, record->data, record->size);
        break;
    default:
        put_properties(ppt, record);
    }
}
