/* doc_list.c - lists ([MS-DOC] 2.9.148 LSTF, 2.9.150 LVL, 2.9.131 LFO) as word/numbering.xml: one definition for each
 * use, so that counters that restart do. */
#include "engines/doc_write.h"

#include <string.h>

enum { LSTF_BYTES = 28, LVLF_BYTES = 28, LFO_BYTES = 16, N_LEVELS = 9, MAX_LISTS = 4096, SIMPLE = 1 };

typedef struct Level {
    MgkDocBytes fixed, paragraph, run, text;
} Level;

typedef struct List {
    guint32 id;
    guint n;
    Level levels[N_LEVELS];
} List;

static gsize read_level(MgkDocBytes bytes, gsize at, Level *ret_level)
{
    ret_level->fixed = mgk_doc_slice(bytes, at, LVLF_BYTES);
    if (!ret_level->fixed.data)
        return bytes.size;
    gsize run = ret_level->fixed.data[24], paragraph = ret_level->fixed.data[25];
    at += LVLF_BYTES;
    ret_level->paragraph = mgk_doc_slice(bytes, at, paragraph);
    ret_level->run = mgk_doc_slice(bytes, at + paragraph, run);
    at += paragraph + run;
    gsize length = mgk_doc_u16(bytes, at);
    ret_level->text = mgk_doc_slice(bytes, at + 2, 2 * length);
    return at + 2 + 2 * length;
}

/* The levels lie behind the structure that counts the lists. */
static GArray *read_lists(const MgkDocFile *file)
{
    GArray *lists = g_array_new(FALSE, TRUE, sizeof(List));
    MgkDocBytes table = mgk_doc_structure(file, MGK_DOC_LISTS);
    guint untrusted_n = mgk_doc_u16(table, 0);
    guint n = MIN(untrusted_n, MAX_LISTS);
    gsize at = table.data ? (gsize)(table.data - file->table.data) + table.size : 0;
    for (guint i = 0; i < n; i++) {
        MgkDocBytes lstf = mgk_doc_slice(table, 2 + LSTF_BYTES * (gsize)i, LSTF_BYTES);
        List list = {.id = mgk_doc_u32(lstf, 0), .n = lstf.data && (lstf.data[26] & SIMPLE) ? 1 : N_LEVELS};
        for (guint k = 0; k < list.n; k++)
            at = read_level(file->table, at, &list.levels[k]);
        g_array_append_val(lists, list);
    }
    return lists;
}

static const char *format_of(guint nfc)
{
    static const char *const names[] = {"decimal",
                                        "upperRoman",
                                        "lowerRoman",
                                        "upperLetter",
                                        "lowerLetter",
                                        "ordinal",
                                        "cardinalText",
                                        "ordinalText",
                                        "hex",
                                        "chicago",
                                        "ideographDigital",
                                        "japaneseCounting",
                                        "aiueo",
                                        "iroha",
                                        "decimalFullWidth",
                                        "decimalHalfWidth",
                                        "japaneseLegal",
                                        "japaneseDigitalTenThousand",
                                        "decimalEnclosedCircle",
                                        "decimalFullWidth2",
                                        "aiueoFullWidth",
                                        "irohaFullWidth",
                                        "decimalZero",
                                        "bullet",
                                        "ganada",
                                        "chosung",
                                        "decimalEnclosedFullstop",
                                        "decimalEnclosedParen",
                                        "decimalEnclosedCircleChinese",
                                        "ideographEnclosedCircle",
                                        "ideographTraditional",
                                        "ideographZodiac"};
    if (nfc == 255)
        return "none";
    return nfc < G_N_ELEMENTS(names) ? names[nfc] : "decimal";
}

static void put_label(GString *xml, MgkDocBytes text)
{
    g_string_append(xml, "<w:lvlText w:val=\"");
    for (gsize i = 0; i < text.size; i += 2) {
        guint16 c = mgk_doc_u16(text, i);
        if (c < N_LEVELS)
            g_string_append_printf(xml, "%%%u", c + 1u);
        else
            mgk_doc_put_char(xml, c);
    }
    g_string_append(xml, "\"/>");
}

static void put_level(MgkDocWriter *writer, GString *xml, const Level *level, guint number, gint start)
{
    static const char *const follows[] = {"tab", "space", "nothing"};
    static const char *const aligns[] = {"left", "center", "right", "left"};
    const guint8 *fixed = level->fixed.data;
    if (!fixed)
        return;
    MgkDocProps props;
    mgk_doc_props_init(&props);
    mgk_doc_props_apply(writer->styles, level->paragraph, &props);
    gint from = start >= 0 ? start : (gint)(mgk_doc_u32(level->fixed, 0) & 0x7fff);
    g_string_append_printf(xml, "<w:lvl w:ilvl=\"%u\"><w:start w:val=\"%d\"/><w:numFmt w:val=\"%s\"/>", number, from,
                           format_of(fixed[4]));
    g_string_append_printf(xml, "<w:suff w:val=\"%s\"/>", follows[MIN(fixed[15], 2)]);
    put_label(xml, level->text);
    g_string_append_printf(xml, "<w:lvlJc w:val=\"%s\"/>", aligns[fixed[5] & 3]);
    gint first = props.v[MGK_DOC_INDENT_FIRST];
    g_string_append_printf(xml, "<w:pPr><w:ind w:left=\"%d\" w:%s=\"%d\"/></w:pPr>", props.v[MGK_DOC_INDENT_LEFT],
                           first < 0 ? "hanging" : "firstLine", ABS(first));
    if (fixed[4] == 23) {
        mgk_doc_props_apply(writer->styles, level->run, &props);
        mgk_doc_put_run_props(xml, &props, writer->fonts);
    }
    g_string_append(xml, "</w:lvl>");
}

static const List *list_of(const GArray *lists, guint32 id)
{
    for (guint i = 0; i < lists->len; i++) {
        if (g_array_index(lists, List, i).id == id)
            return &g_array_index(lists, List, i);
    }
    return NULL;
}

/* LFOData (2.9.132): what one use of a list says over its levels. Returns where the next begins. */
static gsize read_overrides(MgkDocBytes uses, gsize at, guint n, Level *levels, gint *starts)
{
    at += 4;
    for (guint i = 0; i < n && at < uses.size; i++) {
        guint32 flags = mgk_doc_u32(uses, at + 4);
        guint level = flags & 15;
        if (level < N_LEVELS && (flags & 0x10))
            starts[level] = (gint)(mgk_doc_u32(uses, at) & 0x7fff);
        at += 8;
        Level own = {0};
        if (flags & 0x20)
            at = read_level(uses, at, &own);
        if (level < N_LEVELS && own.fixed.data) {
            levels[level] = own;
            starts[level] = -1;
        }
    }
    return at;
}

GString *mgk_doc_numbering(MgkDocWriter *writer)
{
    MgkDocBytes uses = mgk_doc_structure(writer->file, MGK_DOC_LIST_USES);
    guint untrusted_n = mgk_doc_u16(uses, 0);
    guint n = MIN(untrusted_n, MAX_LISTS);
    if (n == 0)
        return NULL;
    g_autoptr(GArray) lists = read_lists(writer->file);
    GString *xml = g_string_new(NULL);
    gsize at = 4 + LFO_BYTES * (gsize)n;
    for (guint i = 0; i < n; i++) {
        MgkDocBytes lfo = mgk_doc_slice(uses, 4 + LFO_BYTES * (gsize)i, LFO_BYTES);
        const List *list = list_of(lists, mgk_doc_u32(lfo, 0));
        List own = list ? *list : (List){0};
        gint starts[N_LEVELS] = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
        at = read_overrides(uses, at, lfo.data ? lfo.data[12] : 0, own.levels, starts);
        g_string_append_printf(xml, "<w:abstractNum w:abstractNumId=\"%u\"><w:multiLevelType w:val=\"%s\"/>", i + 1,
                               own.n == 1 ? "singleLevel" : "multilevel");
        for (guint k = 0; k < N_LEVELS; k++)
            put_level(writer, xml, &own.levels[k], k, starts[k]);
        g_string_append(xml, "</w:abstractNum>");
    }
    for (guint i = 1; i <= n; i++)
        g_string_append_printf(xml, "<w:num w:numId=\"%u\"><w:abstractNumId w:val=\"%u\"/></w:num>", i, i);
    return xml;
}
