/* pdf_drawing.c - the second look at a page made of drawings, and at the glyphs it draws with: the operators that our
 * writer emits, each with its operands in its place (ISO 32000-1, annex A), and no others. No inline images, no marked
 * content, no forms, no colour spaces but the device's; text only in fonts of outlines. */
#include "checks/pdf_streams.h"

#include <string.h>

#define MAX_DEPTH 80
#define MAX_OPERANDS 6
#define MAX_DASHES 32
#define MOST 1e9 /* of a number */

typedef enum {
    PLAIN = 1,
    PATH = 2,
    CLIPPING = 4, /* behind W */
    TEXT = 8,
    HEAD = 16, /* of a glyph: d1 comes first */
    OUTLINE = 32,
    DONE = 64,
} Place;

typedef struct Drawing {
    const MgkPdfValue *resources; /* borrowed */
    MgkPdfCursor *cursor;
    guint place, depth, n;
    double operand[MAX_OPERANDS];
    gboolean whole[MAX_OPERANDS];
    char name[16];
    gboolean has_name, has_dashes, has_codes, font_set, placed;
} Drawing;

static gboolean is_known(const Drawing *drawing, const char *category)
{
    return mgk_pdf_get(mgk_pdf_get(drawing->resources, category), drawing->name) != NULL;
}

/* ---- operands ---- */

static gboolean number(MgkPdfCursor *cursor, double *ret_value, gboolean *ret_whole)
{
    gboolean negative = mgk_pdf_expect(cursor, "-");
    guint64 whole = 0;
    if (!mgk_pdf_unsigned(cursor, &whole))
        return FALSE;
    double value = (double)whole, scale = 1;
    *ret_whole = !mgk_pdf_expect(cursor, ".");
    guint digits = 0;
    for (; !*ret_whole && cursor->at < cursor->end && g_ascii_isdigit(*cursor->at); cursor->at++, digits++)
        value += (scale /= 10) * (*cursor->at - '0');
    *ret_value = negative ? -value : value;
    return value <= MOST && (*ret_whole || (digits >= 1 && digits <= 4));
}

static gboolean take_number(Drawing *drawing)
{
    if (drawing->n >= MAX_OPERANDS)
        return FALSE;
    guint i = drawing->n++;
    return number(drawing->cursor, &drawing->operand[i], &drawing->whole[i]);
}

static gboolean take_name(Drawing *drawing)
{
    MgkPdfCursor *cursor = drawing->cursor;
    gsize n = 0;
    for (cursor->at++; cursor->at < cursor->end && g_ascii_isalnum(*cursor->at); cursor->at++) {
        if (n + 1 >= sizeof drawing->name)
            return FALSE;
        drawing->name[n++] = (char)*cursor->at;
    }
    drawing->name[n] = '\0';
    gboolean again = drawing->has_name;
    drawing->has_name = TRUE;
    return n > 0 && !again;
}

static gboolean take_codes(MgkPdfCursor *cursor)
{
    gsize digits = 0;
    for (cursor->at++; cursor->at < cursor->end && g_ascii_isxdigit(*cursor->at); cursor->at++)
        digits++;
    return digits > 0 && digits % 2 == 0 && mgk_pdf_expect(cursor, ">");
}

/* The dashes of a line, or codes with the steps between them. */
static gboolean take_list(Drawing *drawing)
{
    MgkPdfCursor *cursor = drawing->cursor;
    guint dashes = 0;
    gboolean codes = FALSE, negative = FALSE;
    for (cursor->at++, mgk_pdf_skip_space(cursor); !mgk_pdf_expect(cursor, "]"); mgk_pdf_skip_space(cursor)) {
        double value = 0;
        gboolean whole = FALSE, code = cursor->at < cursor->end && *cursor->at == '<';
        if (code ? !take_codes(cursor) : !number(cursor, &value, &whole))
            return FALSE;
        codes = codes || code;
        negative = negative || value < 0;
        dashes += !code;
    }
    gboolean again = drawing->has_codes || drawing->has_dashes;
    drawing->has_codes = codes;
    drawing->has_dashes = !codes && !negative && dashes <= MAX_DASHES;
    return !again && (drawing->has_codes || drawing->has_dashes);
}

/* ---- operators ---- */

static gboolean go(Drawing *drawing)
{
    (void)drawing;
    return TRUE;
}

static gboolean on_move(Drawing *drawing)
{
    if (drawing->place == PLAIN)
        drawing->place = PATH;
    return TRUE;
}

static gboolean on_fill(Drawing *drawing)
{
    drawing->place = drawing->place == OUTLINE ? DONE : PLAIN;
    return TRUE;
}

static gboolean on_paint(Drawing *drawing)
{
    drawing->place = PLAIN;
    return TRUE;
}

static gboolean on_clip(Drawing *drawing)
{
    drawing->place = CLIPPING;
    return TRUE;
}

static gboolean on_save(Drawing *drawing)
{
    return drawing->depth++ < MAX_DEPTH;
}

static gboolean on_restore(Drawing *drawing)
{
    if (--drawing->depth == 0)
        drawing->place = DONE;
    return TRUE;
}

static gboolean on_color(Drawing *drawing)
{
    for (guint i = 0; i < drawing->n; i++) {
        if (drawing->operand[i] < 0 || drawing->operand[i] > 1)
            return FALSE;
    }
    return TRUE;
}

static gboolean on_positive(Drawing *drawing)
{
    return drawing->operand[0] >= 0;
}

static gboolean on_choice(Drawing *drawing)
{
    return drawing->whole[0] && drawing->operand[0] >= 0 && drawing->operand[0] <= 2;
}

static gboolean on_state(Drawing *drawing)
{
    return is_known(drawing, "ExtGState");
}

static gboolean on_image(Drawing *drawing)
{
    return is_known(drawing, "XObject");
}

static gboolean on_gradient(Drawing *drawing)
{
    return is_known(drawing, "Shading");
}

static gboolean on_text(Drawing *drawing)
{
    drawing->place = TEXT;
    drawing->font_set = drawing->placed = FALSE;
    return TRUE;
}

static gboolean on_font(Drawing *drawing)
{
    drawing->font_set = TRUE;
    return drawing->name[0] == 'T' && is_known(drawing, "Font") && drawing->operand[0] == 1;
}

static gboolean on_place(Drawing *drawing)
{
    drawing->placed = TRUE;
    return TRUE;
}

static gboolean on_show(Drawing *drawing)
{
    return drawing->font_set && drawing->placed;
}

static gboolean on_glyph(Drawing *drawing)
{
    drawing->place = OUTLINE;
    return drawing->operand[0] >= 0 && drawing->operand[1] == 0;
}

static const struct {
    const char *name;
    guint places, numbers;
    char other; /* N name, D dashes, C codes */
    gboolean (*act)(Drawing *);
} operators[] = {
    {"l", PATH | OUTLINE, 2, 0, go},
    {"m", PLAIN | PATH | OUTLINE, 2, 0, on_move},
    {"c", PATH | OUTLINE, 6, 0, go},
    {"h", PATH | OUTLINE, 0, 0, go},
    {"f", PATH | OUTLINE, 0, 0, on_fill},
    {"f*", PATH, 0, 0, on_paint},
    {"S", PATH, 0, 0, on_paint},
    {"W", PATH, 0, 0, on_clip},
    {"W*", PATH, 0, 0, on_clip},
    {"n", CLIPPING, 0, 0, on_paint},
    {"q", PLAIN, 0, 0, on_save},
    {"Q", PLAIN, 0, 0, on_restore},
    {"cm", PLAIN, 6, 0, go},
    {"g", PLAIN, 1, 0, on_color},
    {"G", PLAIN, 1, 0, on_color},
    {"rg", PLAIN, 3, 0, on_color},
    {"RG", PLAIN, 3, 0, on_color},
    {"w", PLAIN, 1, 0, on_positive},
    {"J", PLAIN, 1, 0, on_choice},
    {"j", PLAIN, 1, 0, on_choice},
    {"M", PLAIN, 1, 0, on_positive},
    {"d", PLAIN, 1, 'D', on_positive},
    {"gs", PLAIN, 0, 'N', on_state},
    {"Do", PLAIN, 0, 'N', on_image},
    {"sh", PLAIN, 0, 'N', on_gradient},
    {"BT", PLAIN, 0, 0, on_text},
    {"Tf", TEXT, 1, 'N', on_font},
    {"Tm", TEXT, 6, 0, on_place},
    {"TJ", TEXT, 0, 'C', on_show},
    {"ET", TEXT, 0, 0, on_paint},
    {"d1", HEAD, 6, 0, on_glyph},
};

static gboolean take_operator(Drawing *drawing)
{
    MgkPdfCursor *cursor = drawing->cursor;
    const guint8 *from = cursor->at;
    while (cursor->at < cursor->end && (g_ascii_isalnum(*cursor->at) || *cursor->at == '*'))
        cursor->at++;
    gsize length = (gsize)(cursor->at - from);
    char other = drawing->has_name ? 'N' : drawing->has_dashes ? 'D' : drawing->has_codes ? 'C' : 0;
    if (drawing->has_name + drawing->has_dashes + drawing->has_codes > 1)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(operators); i++) {
        if (strlen(operators[i].name) != length || memcmp(operators[i].name, from, length) != 0)
            continue;
        gboolean fits =
            (operators[i].places & drawing->place) && operators[i].numbers == drawing->n && operators[i].other == other;
        if (!fits || !operators[i].act(drawing))
            return FALSE;
        drawing->n = 0;
        drawing->has_name = drawing->has_dashes = drawing->has_codes = FALSE;
        return TRUE;
    }
    return FALSE;
}

static gboolean take_token(Drawing *drawing)
{
    guint8 c = *drawing->cursor->at;
    if (g_ascii_isdigit(c) || c == '-')
        return take_number(drawing);
    if (c == '/')
        return take_name(drawing);
    return c == '[' ? take_list(drawing) : take_operator(drawing);
}

static gboolean take_all(Drawing *drawing)
{
    MgkPdfCursor *cursor = drawing->cursor;
    for (mgk_pdf_skip_space(cursor); drawing->place != DONE; mgk_pdf_skip_space(cursor)) {
        if (cursor->at >= cursor->end || !take_token(drawing))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_pdf_drawing_ok(const MgkPdfValue *resources, double height, MgkPdfCursor *cursor)
{
    Drawing drawing = {.resources = resources, .cursor = cursor, .place = PLAIN, .depth = 1};
    double up = 0;
    gboolean whole = FALSE;
    return mgk_pdf_expect(cursor, "q 0.01 0 0 -0.01 0 ") && number(cursor, &up, &whole) && up == height &&
           mgk_pdf_expect(cursor, " cm\n") && take_all(&drawing);
}

const char *mgk_pdf_check_procedure(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = mgk_pdf_unpack(data, size);
    if (!bytes)
        return "packing of a glyph";
    gsize length = 0;
    const guint8 *text = g_bytes_get_data(bytes, &length);
    MgkPdfCursor cursor = {.at = text, .end = text + length};
    Drawing drawing = {.cursor = &cursor, .place = HEAD};
    return take_all(&drawing) && cursor.at == cursor.end ? NULL : "a glyph";
}

const char *mgk_pdf_check_spaces(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = mgk_pdf_unpack(data, size);
    gsize length = 0;
    const guint8 *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
    MgkPdfCursor cursor = {.at = text, .end = text + length};
    if (!text || !mgk_pdf_expect(&cursor, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                                          "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
                                          "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                                          "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"))
        return "CMap of outlines";
    for (guint code = 0; code < 256; code++) {
        char line[20];
        g_snprintf(line, sizeof line, "<%02X> <0020>\n", code);
        if ((code % 64 == 0 && !mgk_pdf_expect(&cursor, "64 beginbfchar\n")) || !mgk_pdf_expect(&cursor, line) ||
            (code % 64 == 63 && !mgk_pdf_expect(&cursor, "endbfchar\n")))
            return "CMap of outlines";
    }
    return mgk_pdf_expect(&cursor, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n") &&
                   cursor.at == cursor.end
               ? NULL
               : "CMap of outlines";
}
