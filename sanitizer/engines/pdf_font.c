#include "engines/pdf_font.h"

#include <string.h>

#define CODES_A_FONT 60000
#define MAX_FONTS 8
#define FINE_CODES 20000 /* beyond this many codes in all, widths are rounded coarsely */
#define FINE 4           /* 1/1000 em */
#define COARSE 100
#define MAX_WIDTH 8000

typedef struct Entry {
    guint32 character;
    guint32 width;
} Entry;

struct MgkPdfFonts {
    GArray *entries;   /* of Entry, in the order of codes: font × CODES_A_FONT + code - 1 */
    GHashTable *codes; /* (character << 16 | width) → index + 1 */
};

MgkPdfFonts *mgk_pdf_fonts_new(void)
{
    MgkPdfFonts *fonts = g_new0(MgkPdfFonts, 1);
    fonts->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    fonts->codes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return fonts;
}

void mgk_pdf_fonts_free(MgkPdfFonts *fonts)
{
    if (!fonts)
        return;
    g_array_unref(fonts->entries);
    g_hash_table_unref(fonts->codes);
    g_free(fonts);
}

static guint intern(MgkPdfFonts *fonts, guint32 character, guint width)
{
    gint64 key = (gint64)character << 16 | width;
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(fonts->codes, &key));
    if (known || fonts->entries->len >= CODES_A_FONT * MAX_FONTS)
        return known;
    Entry entry = {.character = character, .width = width};
    g_array_append_val(fonts->entries, entry);
    g_hash_table_insert(fonts->codes, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(fonts->entries->len));
    return fonts->entries->len;
}

gboolean mgk_pdf_fonts_code(MgkPdfFonts *fonts, guint32 character, guint width, MgkPdfCode *ret_code)
{
    guint step = fonts->entries->len < FINE_CODES ? FINE : COARSE;
    guint rounded = (MIN(width, MAX_WIDTH) + step / 2) / step * step;
    guint found = intern(fonts, character, rounded);
    if (!found)
        return FALSE;
    *ret_code =
        (MgkPdfCode){.font = (found - 1) / CODES_A_FONT, .code = (found - 1) % CODES_A_FONT + 1, .width = rounded};
    return TRUE;
}

guint mgk_pdf_fonts_count(const MgkPdfFonts *fonts)
{
    return (fonts->entries->len + CODES_A_FONT - 1) / CODES_A_FONT;
}

guint mgk_pdf_fonts_codes(const MgkPdfFonts *fonts, guint font)
{
    return MIN(fonts->entries->len - font * CODES_A_FONT, CODES_A_FONT);
}

static const Entry *entry_of(const MgkPdfFonts *fonts, guint font, guint code)
{
    return &g_array_index(fonts->entries, Entry, font * CODES_A_FONT + code - 1);
}

void mgk_pdf_fonts_widths(const MgkPdfFonts *fonts, guint font, GString *out)
{
    guint n = mgk_pdf_fonts_codes(fonts, font);
    g_string_append(out, "[1[");
    for (guint code = 1; code <= n; code++)
        g_string_append_printf(out, "%s%u", code > 1 ? " " : "", entry_of(fonts, font, code)->width);
    g_string_append(out, "]]");
}

static void append_utf16(GString *out, guint32 character)
{
    if (character < 0x10000) {
        g_string_append_printf(out, "%04X", character);
        return;
    }
    guint32 rest = character - 0x10000;
    g_string_append_printf(out, "%04X%04X", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
}

void mgk_pdf_fonts_to_unicode(const MgkPdfFonts *fonts, guint font, GString *out)
{
    guint n = mgk_pdf_fonts_codes(fonts, font);
    g_string_append(out, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                         "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
                         "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                         "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (guint code = 1; code <= n; code++) {
        if (code % 100 == 1)
            g_string_append_printf(out, "%u beginbfchar\n", MIN(100, n - code + 1));
        g_string_append_printf(out, "<%04X> <", code);
        append_utf16(out, entry_of(fonts, font, code)->character);
        g_string_append(out, code % 100 == 0 || code == n ? ">\nendbfchar\n" : ">\n");
    }
    g_string_append(out, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

/* ---- the TrueType file ---- */

static void put16(GByteArray *out, guint value)
{
    guint8 bytes[2] = {(guint8)(value >> 8), (guint8)value};
    g_byte_array_append(out, bytes, 2);
}

static void put32(GByteArray *out, guint32 value)
{
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}

static void put16s(GByteArray *out, const guint16 *values, gsize n)
{
    for (gsize i = 0; i < n; i++)
        put16(out, values[i]);
}

static guint32 sum32(const guint8 *data, gsize size)
{
    guint32 sum = 0;
    for (gsize i = 0; i < size; i++)
        sum += (guint32)data[i] << (24 - 8 * (i % 4));
    return sum;
}

/* The tables, as lists of 16-bit words: OpenType 1.9, one glyph, 1000 units an em. */
static const guint16 cmap[] = {0, 1, 3, 1, 0, 12, 4, 24, 0, 2, 2, 0, 0, 0xffff, 0, 0xffff, 1, 0};
static const guint16 glyf[] = {0, 0, 0, 0, 0, 0};
static const guint16 head[] = {1, 0, 1, 0, 0, 0,      0x5f0f, 0x3cf5, 11, 1000, 0, 0, 0, 0,
                               0, 0, 0, 0, 0, 0xff38, 1000,   800,    0,  8,    2, 0, 0};
static const guint16 hhea[] = {1, 0, 800, 0xff38, 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, 1};
static const guint16 hmtx[] = {1000, 0};
static const guint16 loca[] = {0, 6};
static const guint16 maxp[] = {1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
static const guint16 post[] = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

static const struct {
    const char *tag;
    const guint16 *words;
    guint n;
} tables[] = {
    {"cmap", cmap, G_N_ELEMENTS(cmap)}, {"glyf", glyf, G_N_ELEMENTS(glyf)}, {"head", head, G_N_ELEMENTS(head)},
    {"hhea", hhea, G_N_ELEMENTS(hhea)}, {"hmtx", hmtx, G_N_ELEMENTS(hmtx)}, {"loca", loca, G_N_ELEMENTS(loca)},
    {"maxp", maxp, G_N_ELEMENTS(maxp)}, {"post", post, G_N_ELEMENTS(post)},
};

GByteArray *mgk_pdf_fonts_program(void)
{
    const guint n = G_N_ELEMENTS(tables);
    GByteArray *out = g_byte_array_new();
    put32(out, 0x00010000);
    put16s(out, (const guint16[]){(guint16)n, 128, 3, (guint16)(n * 16 - 128)}, 4);
    guint offset = 12 + 16 * n, head_offset = 0;
    for (guint i = 0; i < n; i++) {
        g_autoptr(GByteArray) table = g_byte_array_new();
        put16s(table, tables[i].words, tables[i].n);
        if (strcmp(tables[i].tag, "head") == 0)
            head_offset = offset;
        g_byte_array_append(out, (const guint8 *)tables[i].tag, 4);
        put32(out, sum32(table->data, table->len));
        put32(out, offset);
        put32(out, table->len);
        offset += (table->len + 3) & ~3u;
    }
    for (guint i = 0; i < n; i++) {
        put16s(out, tables[i].words, tables[i].n);
        if (tables[i].n % 2)
            put16(out, 0);
    }
    guint32 adjustment = 0xb1b0afba - sum32(out->data, out->len);
    for (guint i = 0; i < 4; i++)
        out->data[head_offset + 8 + i] = (guint8)(adjustment >> (24 - 8 * i));
    return out;
}
