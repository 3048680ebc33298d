#include "engines/doc_markup.h"

#include <stdlib.h>
#include <string.h>

typedef struct Word {
    gint32 value;
    const char *name;
} Word;

static const char *word_of(const Word *words, gsize n, gint32 value)
{
    for (gsize i = 0; i < n; i++) {
        if (words[i].value == value)
            return words[i].name;
    }
    return NULL;
}
#define WORD_OF(table, value) word_of(table, G_N_ELEMENTS(table), value)

void mgk_doc_put_char(GString *xml, gunichar c)
{
    if (c == '&')
        g_string_append(xml, "&amp;");
    else if (c == '<')
        g_string_append(xml, "&lt;");
    else if (c == '>')
        g_string_append(xml, "&gt;");
    else if (c == '"')
        g_string_append(xml, "&quot;");
    else if (c >= 0x20 && c != 0xfffe && c != 0xffff && !(c >= 0xd800 && c < 0xe000) && c < 0x110000)
        g_string_append_unichar(xml, c);
}

void mgk_doc_put_text(GString *xml, const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        mgk_doc_put_char(xml, g_utf8_get_char(p));
}

/* SttbfFfn (2.9.286): FFNs of cbFfnM1 + 1 bytes, the name at 40. */
GPtrArray *mgk_doc_fonts(const MgkDocFile *file)
{
    GPtrArray *fonts = g_ptr_array_new_with_free_func(g_free);
    MgkDocBytes table = mgk_doc_structure(file, MGK_DOC_FONTS);
    guint n = mgk_doc_u16(table, 0);
    gsize at = 4;
    for (guint i = 0; i < n && at < table.size; i++) {
        gsize size = table.data[at];
        MgkDocBytes ffn = mgk_doc_slice(table, at + 1, size);
        g_autoptr(GString) name = g_string_new(NULL);
        for (gsize k = 39; k + 2 <= ffn.size && mgk_doc_u16(ffn, k) && name->len < 96; k += 2) {
            guint16 c = mgk_doc_u16(ffn, k);
            if (c >= 0x20 && (c < 0xd800 || c >= 0xe000))
                g_string_append_unichar(name, c);
        }
        g_ptr_array_add(fonts, g_strdup(name->str));
        at += 1 + size;
    }
    return fonts;
}

static void put_flag(GString *xml, const char *name, gint32 value)
{
    if (value)
        g_string_append_printf(xml, "<w:%s/>", name);
}

static void put_number(GString *xml, const char *name, gint32 value)
{
    g_string_append_printf(xml, "<w:%s w:val=\"%d\"/>", name, value);
}

static void put_word(GString *xml, const char *name, const char *word)
{
    if (word)
        g_string_append_printf(xml, "<w:%s w:val=\"%s\"/>", name, word);
}

static void put_off(GString *xml, const char *name, gint32 value)
{
    if (!value)
        put_number(xml, name, 0);
}

void mgk_doc_put_border(GString *xml, const char *name, gint32 look, gint32 color)
{
    static const char *const types[] = {"nil",
                                        "single",
                                        "thick",
                                        "double",
                                        "single",
                                        "single",
                                        "dotted",
                                        "dashed",
                                        "dotDash",
                                        "dotDotDash",
                                        "triple",
                                        "thinThickSmallGap",
                                        "thickThinSmallGap",
                                        "thinThickThinSmallGap",
                                        "thinThickMediumGap",
                                        "thickThinMediumGap",
                                        "thinThickThinMediumGap",
                                        "thinThickLargeGap",
                                        "thickThinLargeGap",
                                        "thinThickThinLargeGap",
                                        "wave",
                                        "doubleWave",
                                        "dashSmallGap",
                                        "dashDotStroked",
                                        "threeDEmboss",
                                        "threeDEngrave",
                                        "outset",
                                        "inset"};
    gint32 type = look & 0xff;
    if (type == 0)
        return;
    g_string_append_printf(xml, "<w:%s w:val=\"%s\" w:sz=\"%d\" w:space=\"%d\" w:color=\"", name,
                           (gsize)type < G_N_ELEMENTS(types) ? types[type] : "single", CLAMP(look >> 8 & 0xff, 2, 96),
                           look >> 16 & 0x1f);
    if (color < 0)
        g_string_append(xml, "auto\"/>");
    else
        g_string_append_printf(xml, "%06X\"/>", (guint)color);
}

static void put_shade(GString *xml, gint32 color)
{
    if (color >= 0)
        g_string_append_printf(xml, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"%06X\"/>", (guint)color);
}

/* ---- runs ---- */

static void put_font(GString *xml, const char *attribute, const GPtrArray *fonts, gint32 number)
{
    if (number < 0 || (guint)number >= fonts->len)
        return;
    const char *name = g_ptr_array_index(fonts, (guint)number);
    if (!*name)
        return;
    g_string_append_printf(xml, " w:%s=\"", attribute);
    mgk_doc_put_text(xml, name);
    g_string_append_c(xml, '"');
}

static void put_fonts(GString *xml, const gint32 *v, const GPtrArray *fonts)
{
    g_string_append(xml, "<w:rFonts");
    put_font(xml, "ascii", fonts, v[MGK_DOC_FONT_ASCII]);
    put_font(xml, "eastAsia", fonts, v[MGK_DOC_FONT_EAST]);
    put_font(xml, "hAnsi", fonts, v[MGK_DOC_FONT_OTHER]);
    g_string_append(xml, "/>");
}

static void put_run_effects(GString *xml, const gint32 *v)
{
    static const struct {
        guint property;
        const char *name;
    } flags[] = {{MGK_DOC_BOLD, "b"},          {MGK_DOC_ITALIC, "i"},
                 {MGK_DOC_CAPS, "caps"},       {MGK_DOC_SMALL_CAPS, "smallCaps"},
                 {MGK_DOC_STRIKE, "strike"},   {MGK_DOC_DOUBLE_STRIKE, "dstrike"},
                 {MGK_DOC_OUTLINE, "outline"}, {MGK_DOC_SHADOW, "shadow"},
                 {MGK_DOC_EMBOSS, "emboss"},   {MGK_DOC_IMPRINT, "imprint"},
                 {MGK_DOC_HIDDEN, "vanish"}};
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
        put_flag(xml, flags[i].name, v[flags[i].property]);
}

static void put_run_measures(GString *xml, const gint32 *v)
{
    if (v[MGK_DOC_COLOR] >= 0)
        g_string_append_printf(xml, "<w:color w:val=\"%06X\"/>", (guint)v[MGK_DOC_COLOR]);
    if (v[MGK_DOC_SPACING])
        put_number(xml, "spacing", v[MGK_DOC_SPACING]);
    if (v[MGK_DOC_SCALE] != 100 && v[MGK_DOC_SCALE] > 0 && v[MGK_DOC_SCALE] <= 600)
        put_number(xml, "w", v[MGK_DOC_SCALE]);
    if (v[MGK_DOC_KERN])
        put_number(xml, "kern", v[MGK_DOC_KERN]);
    if (v[MGK_DOC_RAISE])
        put_number(xml, "position", v[MGK_DOC_RAISE]);
    gint32 size = CLAMP(v[MGK_DOC_SIZE], 2, 3276);
    put_number(xml, "sz", size);
    put_number(xml, "szCs", size);
}

static void put_east_layout(GString *xml, gint32 flags)
{
    if (flags & 2)
        g_string_append(xml, "<w:eastAsianLayout w:id=\"1\" w:combine=\"1\"/>");
    else if (flags & 1)
        g_string_append_printf(xml, "<w:eastAsianLayout w:id=\"1\" w:vert=\"1\"%s/>",
                               flags & 0x1000 ? " w:vertCompress=\"1\"" : "");
}

void mgk_doc_put_run_props(GString *xml, const MgkDocProps *props, const GPtrArray *fonts)
{
    static const Word underlines[] = {
        {1, "single"},       {2, "words"},         {3, "double"},           {4, "dotted"},     {6, "thick"},
        {7, "dash"},         {9, "dotDash"},       {10, "dotDotDash"},      {11, "wave"},      {20, "dottedHeavy"},
        {23, "dashedHeavy"}, {25, "dashDotHeavy"}, {26, "dashDotDotHeavy"}, {27, "wavyHeavy"}, {39, "dashLong"},
        {43, "wavyDouble"},  {55, "dashLongHeavy"}};
    static const Word highlights[] = {{1, "black"},    {2, "blue"},        {3, "cyan"},       {4, "green"},
                                      {5, "magenta"},  {6, "red"},         {7, "yellow"},     {8, "white"},
                                      {9, "darkBlue"}, {10, "darkCyan"},   {11, "darkGreen"}, {12, "darkMagenta"},
                                      {13, "darkRed"}, {14, "darkYellow"}, {15, "darkGray"},  {16, "lightGray"}};
    static const Word raised[] = {{1, "superscript"}, {2, "subscript"}};
    static const Word emphases[] = {{1, "dot"}, {2, "comma"}, {3, "circle"}, {4, "underDot"}};
    const gint32 *v = props->v;
    g_string_append(xml, "<w:rPr>");
    put_fonts(xml, v, fonts);
    put_run_effects(xml, v);
    put_run_measures(xml, v);
    put_word(xml, "highlight", WORD_OF(highlights, v[MGK_DOC_HIGHLIGHT]));
    put_word(xml, "u", WORD_OF(underlines, v[MGK_DOC_UNDERLINE]));
    put_shade(xml, v[MGK_DOC_RUN_SHADE]);
    if (v[MGK_DOC_FIT_WIDTH])
        g_string_append_printf(xml, "<w:fitText w:val=\"%d\" w:id=\"%d\"/>", v[MGK_DOC_FIT_WIDTH], v[MGK_DOC_FIT_ID]);
    put_word(xml, "vertAlign", WORD_OF(raised, v[MGK_DOC_SUPER]));
    put_word(xml, "em", WORD_OF(emphases, v[MGK_DOC_EMPHASIS]));
    put_east_layout(xml, v[MGK_DOC_EAST_LAYOUT]);
    g_string_append(xml, "</w:rPr>");
}

/* ---- paragraphs ---- */

static gint by_position(gconstpointer a, gconstpointer b)
{
    return ((const MgkDocTab *)a)->position - ((const MgkDocTab *)b)->position;
}

static void put_tabs(GString *xml, const MgkDocProps *props)
{
    static const char *const kinds[8] = {"left", "center", "right", "decimal", "bar", "left", "num", "left"};
    static const char *const leaders[8] = {"none", "dot", "hyphen", "underscore", "heavy", "middleDot", "none", "none"};
    MgkDocTab tabs[MGK_DOC_MAX_TABS];
    memcpy(tabs, props->tabs, sizeof tabs);
    qsort(tabs, props->n_tabs, sizeof *tabs, by_position);
    if (props->n_tabs)
        g_string_append(xml, "<w:tabs>");
    for (guint i = 0; i < props->n_tabs; i++)
        g_string_append_printf(xml, "<w:tab w:val=\"%s\" w:leader=\"%s\" w:pos=\"%d\"/>", kinds[tabs[i].how & 7],
                               leaders[tabs[i].how >> 3 & 7], tabs[i].position);
    if (props->n_tabs)
        g_string_append(xml, "</w:tabs>");
}

static void put_borders(GString *xml, const gint32 *v)
{
    static const char *const sides[] = {"top", "left", "bottom", "right"};
    gboolean any = FALSE;
    for (guint i = 0; i < 4; i++)
        any = any || (v[MGK_DOC_BORDER_TOP + i] & 0xff);
    if (!any)
        return;
    g_string_append(xml, "<w:pBdr>");
    for (guint i = 0; i < 4; i++)
        mgk_doc_put_border(xml, sides[i], v[MGK_DOC_BORDER_TOP + i], v[MGK_DOC_COLOR_TOP + i]);
    g_string_append(xml, "</w:pBdr>");
}

static void put_attribute(GString *xml, const char *name, gint32 value)
{
    if (value)
        g_string_append_printf(xml, " w:%s=\"%d\"", name, value);
}

/* LSPD (2.9.148): a factor of 240, a least or, below zero, an exact height. */
static void put_line(GString *xml, gint32 line)
{
    gint32 height = (gint16)(line & 0xffff);
    gboolean factor = (guint32)line >> 16 != 0;
    if (height)
        g_string_append_printf(xml, " w:line=\"%d\" w:lineRule=\"%s\"", abs(height),
                               factor       ? "auto"
                               : height < 0 ? "exact"
                                            : "atLeast");
}

static void put_spacing(GString *xml, const gint32 *v)
{
    g_string_append(xml, "<w:spacing");
    put_attribute(xml, "before", v[MGK_DOC_BEFORE]);
    put_attribute(xml, "beforeLines", MAX(v[MGK_DOC_LINES_BEFORE], 0));
    put_attribute(xml, "beforeAutospacing", v[MGK_DOC_AUTO_BEFORE] != 0);
    put_attribute(xml, "after", v[MGK_DOC_AFTER]);
    put_attribute(xml, "afterLines", MAX(v[MGK_DOC_LINES_AFTER], 0));
    put_attribute(xml, "afterAutospacing", v[MGK_DOC_AUTO_AFTER] != 0);
    put_line(xml, v[MGK_DOC_LINE]);
    g_string_append(xml, "/>");
}

static void put_indent(GString *xml, const gint32 *v)
{
    g_string_append(xml, "<w:ind");
    g_string_append_printf(xml, " w:left=\"%d\"", v[MGK_DOC_INDENT_LEFT]);
    put_attribute(xml, "leftChars", v[MGK_DOC_CHARS_LEFT]);
    g_string_append_printf(xml, " w:right=\"%d\"", v[MGK_DOC_INDENT_RIGHT]);
    put_attribute(xml, "rightChars", v[MGK_DOC_CHARS_RIGHT]);
    gboolean hangs = v[MGK_DOC_INDENT_FIRST] < 0 || (v[MGK_DOC_INDENT_FIRST] == 0 && v[MGK_DOC_CHARS_FIRST] < 0);
    g_string_append_printf(xml, " w:%s=\"%d\"", hangs ? "hanging" : "firstLine", abs(v[MGK_DOC_INDENT_FIRST]));
    if (v[MGK_DOC_CHARS_FIRST] && hangs == (v[MGK_DOC_CHARS_FIRST] < 0))
        put_attribute(xml, hangs ? "hangingChars" : "firstLineChars", abs(v[MGK_DOC_CHARS_FIRST]));
    g_string_append(xml, "/>");
}

void mgk_doc_put_paragraph_props(GString *xml, const MgkDocProps *props)
{
    static const Word aligns[] = {{0, "left"},        {1, "center"},     {2, "right"},
                                  {3, "both"},        {4, "distribute"}, {5, "mediumKashida"},
                                  {7, "highKashida"}, {8, "lowKashida"}, {9, "thaiDistribute"}};
    static const Word font_aligns[] = {{0, "top"}, {1, "center"}, {2, "baseline"}, {3, "bottom"}};
    const gint32 *v = props->v;
    g_string_append(xml, "<w:pPr>");
    put_flag(xml, "keepNext", v[MGK_DOC_KEEP_NEXT]);
    put_flag(xml, "keepLines", v[MGK_DOC_KEEP_LINES]);
    put_flag(xml, "pageBreakBefore", v[MGK_DOC_PAGE_BEFORE]);
    put_off(xml, "widowControl", v[MGK_DOC_WIDOWS]);
    if (v[MGK_DOC_LIST] > 0 && v[MGK_DOC_LIST] != 2047)
        g_string_append_printf(xml, "<w:numPr><w:ilvl w:val=\"%d\"/><w:numId w:val=\"%d\"/></w:numPr>",
                               CLAMP(v[MGK_DOC_LIST_LEVEL], 0, 8), v[MGK_DOC_LIST]);
    put_borders(xml, v);
    put_shade(xml, v[MGK_DOC_SHADE]);
    put_tabs(xml, props);
    put_off(xml, "kinsoku", v[MGK_DOC_KINSOKU]);
    put_off(xml, "wordWrap", v[MGK_DOC_WORD_WRAP]);
    put_off(xml, "overflowPunct", v[MGK_DOC_OVERHANG]);
    put_off(xml, "autoSpaceDE", v[MGK_DOC_SPACE_LATIN]);
    put_off(xml, "autoSpaceDN", v[MGK_DOC_SPACE_DIGITS]);
    put_flag(xml, "bidi", v[MGK_DOC_RIGHT_TO_LEFT]);
    put_off(xml, "snapToGrid", v[MGK_DOC_GRID]);
    put_spacing(xml, v);
    put_indent(xml, v);
    put_flag(xml, "contextualSpacing", v[MGK_DOC_CONTEXTUAL]);
    put_word(xml, "jc", WORD_OF(aligns, v[MGK_DOC_ALIGN]));
    put_word(xml, "textAlignment", WORD_OF(font_aligns, v[MGK_DOC_FONT_ALIGN]));
    if (v[MGK_DOC_OUTLINE_LEVEL] >= 0 && v[MGK_DOC_OUTLINE_LEVEL] < 9)
        put_number(xml, "outlineLvl", v[MGK_DOC_OUTLINE_LEVEL]);
}

/* ---- sections ---- */

static void put_page(GString *xml, const gint32 *v)
{
    g_string_append_printf(xml, "<w:pgSz w:w=\"%d\" w:h=\"%d\"%s/>", CLAMP(v[MGK_DOC_PAGE_WIDTH], 144, 31680),
                           CLAMP(v[MGK_DOC_PAGE_HEIGHT], 144, 31680),
                           v[MGK_DOC_ORIENTATION] == 2 ? " w:orient=\"landscape\"" : "");
    g_string_append_printf(xml,
                           "<w:pgMar w:top=\"%d\" w:right=\"%d\" w:bottom=\"%d\" w:left=\"%d\" w:header=\"%d\" "
                           "w:footer=\"%d\" w:gutter=\"%d\"/>",
                           v[MGK_DOC_MARGIN_TOP], v[MGK_DOC_MARGIN_RIGHT], v[MGK_DOC_MARGIN_BOTTOM],
                           v[MGK_DOC_MARGIN_LEFT], v[MGK_DOC_HEADER_TOP], v[MGK_DOC_FOOTER_BOTTOM], v[MGK_DOC_GUTTER]);
}

static void put_page_numbers(GString *xml, const gint32 *v)
{
    static const Word formats[] = {{1, "upperRoman"}, {2, "lowerRoman"}, {3, "upperLetter"}, {4, "lowerLetter"}};
    const char *format = WORD_OF(formats, v[MGK_DOC_PAGE_FORMAT]);
    if (!format && !v[MGK_DOC_PAGE_RESTART])
        return;
    g_string_append(xml, "<w:pgNumType");
    if (format)
        g_string_append_printf(xml, " w:fmt=\"%s\"", format);
    if (v[MGK_DOC_PAGE_RESTART])
        g_string_append_printf(xml, " w:start=\"%d\"", v[MGK_DOC_PAGE_START]);
    g_string_append(xml, "/>");
}

void mgk_doc_put_section_props(GString *xml, const MgkDocProps *props)
{
    static const Word breaks[] = {
        {0, "continuous"}, {1, "nextColumn"}, {2, "nextPage"}, {3, "evenPage"}, {4, "oddPage"}};
    static const Word aligns[] = {{1, "center"}, {2, "both"}, {3, "bottom"}};
    static const Word flows[] = {{1, "tbRl"}, {2, "btLr"}, {3, "tbRlV"}, {4, "lrTbV"}, {5, "tbRl"}};
    static const Word grids[] = {{1, "linesAndChars"}, {2, "lines"}, {3, "snapToChars"}};
    const gint32 *v = props->v;
    put_word(xml, "type", WORD_OF(breaks, v[MGK_DOC_SECTION_BREAK]));
    put_page(xml, v);
    put_page_numbers(xml, v);
    if (v[MGK_DOC_COLUMNS] > 0)
        g_string_append_printf(xml, "<w:cols w:num=\"%d\" w:sep=\"%d\" w:space=\"%d\"/>",
                               CLAMP(v[MGK_DOC_COLUMNS] + 1, 1, 45), v[MGK_DOC_COLUMN_LINE] != 0,
                               v[MGK_DOC_COLUMN_GAP]);
    put_word(xml, "vAlign", WORD_OF(aligns, v[MGK_DOC_PAGE_ALIGN]));
    put_flag(xml, "titlePg", v[MGK_DOC_TITLE_PAGE]);
    put_word(xml, "textDirection", WORD_OF(flows, v[MGK_DOC_TEXT_FLOW]));
    const char *grid = WORD_OF(grids, v[MGK_DOC_GRID_TYPE]);
    if (grid)
        g_string_append_printf(xml, "<w:docGrid w:type=\"%s\" w:linePitch=\"%d\" w:charSpace=\"%d\"/>", grid,
                               v[MGK_DOC_GRID_LINE], v[MGK_DOC_GRID_CHAR]);
}
