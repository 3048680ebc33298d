#include "checks/pdf_streams.h"

#include "checks/checks.h"

#include <libdeflate.h>
#include <string.h>

#define MAX_UNPACKED (64 * 1024 * 1024)
#define FONT_PROGRAM_SHA256 "a80350518b152d2e4f43444941dbb8ef91ae5a26c0f51150cb11c5794a6be761"

/* Unpacks a whole stream of at most MAX_UNPACKED bytes; NULL when it is broken or does not end where it should. */
GBytes *mgk_pdf_unpack(const guint8 *data, gsize size)
{
    struct libdeflate_decompressor *deflate = libdeflate_alloc_decompressor();
    GBytes *result = NULL;
    for (gsize room = MIN(MAX(size * 4, 4096), MAX_UNPACKED); deflate && !result; room = MIN(room * 4, MAX_UNPACKED)) {
        guint8 *out = g_malloc(room);
        gsize in_size = 0, out_size = 0;
        enum libdeflate_result state =
            libdeflate_zlib_decompress_ex(deflate, data, size, out, room, &in_size, &out_size);
        if (state == LIBDEFLATE_SUCCESS && in_size == size)
            result = g_bytes_new_take(g_steal_pointer(&out), out_size);
        g_free(out);
        if (state != LIBDEFLATE_INSUFFICIENT_SPACE || room == MAX_UNPACKED)
            break;
    }
    libdeflate_free_decompressor(deflate);
    return result;
}

/* ---- images ---- */

static gboolean unpacks_to(const guint8 *data, gsize size, gsize expected)
{
    struct libdeflate_decompressor *deflate = libdeflate_alloc_decompressor();
    g_autofree guint8 *out = g_malloc(MAX(expected, 1));
    gsize in_size = 0, out_size = 0;
    gboolean ok =
        deflate &&
        libdeflate_zlib_decompress_ex(deflate, data, size, out, expected, &in_size, &out_size) == LIBDEFLATE_SUCCESS &&
        in_size == size && out_size == expected;
    libdeflate_free_decompressor(deflate);
    return ok;
}

const char *mgk_pdf_check_mask(MgkJob *job, const MgkPdfValue *dict, const guint8 *data, gsize size)
{
    const MgkPdfValue *width = mgk_pdf_get(dict, "Width"), *height = mgk_pdf_get(dict, "Height");
    const MgkPdfValue *bits = mgk_pdf_get(dict, "BitsPerComponent");
    if (!mgk_pdf_is_integer(width, 1, 65500) || !mgk_pdf_is_integer(height, 1, 65500) ||
        width->number * height->number > (double)job->policy->limits.page_pixels ||
        !(mgk_pdf_is_integer(bits, 1, 1) || mgk_pdf_is_integer(bits, 8, 8)))
        return "size of a mask";
    gsize row = ((gsize)width->number * (gsize)bits->number + 7) / 8;
    return unpacks_to(data, size, row * (gsize)height->number) ? NULL : "pixels of a mask";
}

static const char *check_indexed(const MgkPdfValue *dict, guint64 width, guint64 height, const guint8 *data, gsize size)
{
    const MgkPdfValue *space = mgk_pdf_get(dict, "ColorSpace"), *bits = mgk_pdf_get(dict, "BitsPerComponent");
    if (!mgk_pdf_is_integer(bits, 1, 8) || ((guint)bits->number & ((guint)bits->number - 1)))
        return "bits of an image";
    if (space->type != MGK_PDF_ARRAY || mgk_pdf_count(space) != 4 ||
        !mgk_pdf_is(mgk_pdf_item(space, 0), MGK_PDF_NAME, "Indexed"))
        return "colour space";
    gboolean gray = mgk_pdf_is(mgk_pdf_item(space, 1), MGK_PDF_NAME, "DeviceGray");
    const MgkPdfValue *last = mgk_pdf_item(space, 2), *table = mgk_pdf_item(space, 3);
    if ((!gray && !mgk_pdf_is(mgk_pdf_item(space, 1), MGK_PDF_NAME, "DeviceRGB")) ||
        !mgk_pdf_is_integer(last, 0, (1 << (guint)bits->number) - 1) || table->type != MGK_PDF_HEX ||
        table->length != ((gsize)last->number + 1) * (gray ? 2 : 6))
        return "palette";
    gsize row = (gsize)(width * (guint)bits->number + 7) / 8;
    return unpacks_to(data, size, row * (gsize)height) ? NULL : "pixels of an image";
}

/* Width and height as the JPEG's own frame header has them. */
static gboolean jpeg_is(const guint8 *data, gsize size, guint64 width, guint64 height, guint components)
{
    for (gsize at = 2; at + 10 < size;) {
        gsize length = (gsize)(data[at + 2] << 8 | data[at + 3]);
        if (data[at] != 0xff)
            return FALSE;
        if (data[at + 1] == 0xc0)
            return (guint64)(data[at + 5] << 8 | data[at + 6]) == height &&
                   (guint64)(data[at + 7] << 8 | data[at + 8]) == width && data[at + 9] == components;
        at += 2 + length;
    }
    return FALSE;
}

static const char *check_photo(MgkJob *job, const MgkPdfValue *dict, guint64 width, guint64 height, const guint8 *data,
                               gsize size)
{
    gboolean gray = mgk_pdf_is(mgk_pdf_get(dict, "ColorSpace"), MGK_PDF_NAME, "DeviceGray");
    if (!gray && !mgk_pdf_is(mgk_pdf_get(dict, "ColorSpace"), MGK_PDF_NAME, "DeviceRGB"))
        return "colour space";
    MgkJob picture = {.data = data, .size = size, .name = "", .policy = job->policy, .format = MGK_FORMAT_ID_jpeg};
    if (!mgk_pdf_is_integer(mgk_pdf_get(dict, "BitsPerComponent"), 8, 8) || !mgk_check_jpeg(&picture, NULL))
        return "JPEG";
    return jpeg_is(data, size, width, height, gray ? 1 : 3) ? NULL : "size of a JPEG";
}

const char *mgk_pdf_check_image(MgkJob *job, const MgkPdfValue *dict, const guint8 *data, gsize size)
{
    const MgkPdfValue *width = mgk_pdf_get(dict, "Width"), *height = mgk_pdf_get(dict, "Height");
    if (!mgk_pdf_is_integer(width, 1, 65500) || !mgk_pdf_is_integer(height, 1, 65500) ||
        width->number * height->number > (double)job->policy->limits.page_pixels || !mgk_pdf_get(dict, "ColorSpace"))
        return "size of an image";
    guint64 w = (guint64)width->number, h = (guint64)height->number;
    if (mgk_pdf_is(mgk_pdf_get(dict, "Filter"), MGK_PDF_NAME, "DCTDecode"))
        return check_photo(job, dict, w, h, data, size);
    return check_indexed(dict, w, h, data, size);
}

/* ---- contents ---- */

typedef enum { IN_PAGE = 1, IN_IMAGE = 2, IN_TEXT = 4 } Place;

typedef struct Content {
    const MgkPdfValue *resources;
    Place place;
    gboolean mode_set, font_set, placed, painted;
    gboolean drawn; /* only text may follow */
    guint texts;
} Content;

static gboolean one_of(const Content *content, const char *category, const MgkPdfValue *name)
{
    char key[65];
    g_snprintf(key, sizeof key, "%.*s", (int)MIN(name->length, 64), (const char *)name->text);
    return mgk_pdf_get(mgk_pdf_get(content->resources, category), key) != NULL;
}

static gboolean on_q(Content *content, const MgkPdfValue *operands)
{
    (void)operands;
    content->place = IN_IMAGE;
    content->painted = content->placed = FALSE;
    return !content->drawn;
}

static gboolean on_cm(Content *content, const MgkPdfValue *operands)
{
    gboolean again = content->placed;
    content->placed = TRUE;
    return !again && operands[0].number > 0 && operands[1].number == 0 && operands[2].number == 0 &&
           operands[3].number > 0;
}

static gboolean on_do(Content *content, const MgkPdfValue *operands)
{
    gboolean again = content->painted;
    content->painted = TRUE;
    return !again && content->placed && one_of(content, "XObject", &operands[0]);
}

static gboolean on_end_q(Content *content, const MgkPdfValue *operands)
{
    (void)operands;
    content->place = IN_PAGE;
    return content->painted;
}

static gboolean on_bt(Content *content, const MgkPdfValue *operands)
{
    (void)operands;
    content->place = IN_TEXT;
    content->mode_set = content->font_set = FALSE;
    return content->texts++ == 0;
}

static gboolean on_tr(Content *content, const MgkPdfValue *operands)
{
    gboolean again = content->mode_set;
    content->mode_set = TRUE;
    return !again && operands[0].integer && operands[0].number == 3;
}

static gboolean on_tf(Content *content, const MgkPdfValue *operands)
{
    content->font_set = TRUE;
    return content->mode_set && operands[1].number > 0 && operands[0].text[0] == 'F' &&
           one_of(content, "Font", &operands[0]);
}

static gboolean on_tm(Content *content, const MgkPdfValue *operands)
{
    (void)operands;
    return content->font_set;
}

static gboolean on_tj(Content *content, const MgkPdfValue *operands)
{
    for (guint i = 0; i < mgk_pdf_count(&operands[0]); i++) {
        const MgkPdfValue *item = mgk_pdf_item(&operands[0], i);
        if (item->type == MGK_PDF_HEX ? item->length % 4 != 0 || !item->length : item->type != MGK_PDF_NUMBER)
            return FALSE;
    }
    return content->font_set;
}

static gboolean on_et(Content *content, const MgkPdfValue *operands)
{
    (void)operands;
    content->place = IN_PAGE;
    return content->font_set;
}

static gboolean on_fill(Content *content, const MgkPdfValue *operands)
{
    (void)operands;
    return !content->drawn;
}

static const struct {
    const char *name;
    guint places;
    const char *operands; /* n number, N name, A array */
    gboolean (*act)(Content *, const MgkPdfValue *);
} operators[] = {
    {"rg", IN_PAGE, "nnn", on_fill}, {"re", IN_PAGE, "nnnn", on_fill},  {"f", IN_PAGE, "", on_fill},
    {"q", IN_PAGE, "", on_q},        {"cm", IN_IMAGE, "nnnnnn", on_cm}, {"Do", IN_IMAGE, "N", on_do},
    {"Q", IN_IMAGE, "", on_end_q},   {"BT", IN_PAGE, "", on_bt},        {"Tr", IN_TEXT, "n", on_tr},
    {"Tf", IN_TEXT, "Nn", on_tf},    {"Tm", IN_TEXT, "nnnnnn", on_tm},  {"TJ", IN_TEXT, "A", on_tj},
    {"ET", IN_TEXT, "", on_et},
};

static gboolean operands_fit(const char *wanted, const GArray *operands)
{
    if (strlen(wanted) != operands->len)
        return FALSE;
    for (guint i = 0; i < operands->len; i++) {
        MgkPdfType type = g_array_index(operands, MgkPdfValue, i).type;
        if (type != (wanted[i] == 'n' ? MGK_PDF_NUMBER : wanted[i] == 'N' ? MGK_PDF_NAME : MGK_PDF_ARRAY))
            return FALSE;
    }
    return TRUE;
}

static gboolean operate(Content *content, const MgkPdfValue *operator, const GArray * operands)
{
    for (guint i = 0; i < G_N_ELEMENTS(operators); i++) {
        if (!mgk_pdf_is(operator, MGK_PDF_OPERATOR, operators[i].name))
            continue;
        return (operators[i].places & content->place) && operands_fit(operators[i].operands, operands) &&
               operators[i].act(content, (const MgkPdfValue *)(gconstpointer)operands->data);
    }
    return FALSE;
}

static gboolean content_ok(Content *content, MgkPdfCursor *cursor)
{
    g_autoptr(GArray) operands = g_array_new(FALSE, FALSE, sizeof(MgkPdfValue));
    g_array_set_clear_func(operands, (GDestroyNotify)mgk_pdf_value_clear);
    for (mgk_pdf_skip_space(cursor); cursor->at < cursor->end; mgk_pdf_skip_space(cursor)) {
        MgkPdfValue value;
        if (!mgk_pdf_value_read(cursor, FALSE, &value) || operands->len > 8) {
            mgk_pdf_value_clear(&value);
            return FALSE;
        }
        if (value.type != MGK_PDF_OPERATOR) {
            g_array_append_val(operands, value);
            continue;
        }
        if (!operate(content, &value, operands))
            return FALSE;
        g_array_set_size(operands, 0);
    }
    return !operands->len && content->place == IN_PAGE;
}

const char *mgk_pdf_check_content(MgkJob *job, const MgkPdfValue *page, const guint8 *data, gsize size)
{
    static const char drawing[] = "q 0.01 0 0 -0.01 0 ";
    g_autoptr(GBytes) bytes = mgk_pdf_unpack(data, size);
    if (!bytes)
        return "packing of a page's content";
    gsize length = 0;
    const guint8 *text = g_bytes_get_data(bytes, &length);
    MgkPdfCursor cursor = {.at = text, .end = text + length};
    Content content = {.resources = mgk_pdf_get(page, "Resources"), .place = IN_PAGE};
    content.drawn =
        job->policy->pdf_outlines && length > strlen(drawing) && memcmp(text, drawing, strlen(drawing)) == 0;
    double height = mgk_pdf_item(mgk_pdf_get(page, "MediaBox"), 3)->number;
    if (content.drawn && !mgk_pdf_drawing_ok(content.resources, height, &cursor))
        return "drawing of a page";
    return content_ok(&content, &cursor) ? NULL : "content of a page";
}

/* ---- fonts ---- */

static gboolean harmless(guint32 c)
{
    return c >= 0x20 && (c < 0x7f || c >= 0xa0) && !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
           (c < 0xe0000 || c > 0xe007f);
}

static gboolean hex16(MgkPdfCursor *cursor, guint *ret_value)
{
    *ret_value = 0;
    for (guint i = 0; i < 4; i++, cursor->at++) {
        int digit = cursor->at < cursor->end ? g_ascii_xdigit_value((char)*cursor->at) : -1;
        if (digit < 0)
            return FALSE;
        *ret_value = *ret_value << 4 | (guint)digit;
    }
    return TRUE;
}

static gboolean one_character(MgkPdfCursor *cursor)
{
    guint high = 0, low = 0;
    if (!mgk_pdf_expect(cursor, "<") || !hex16(cursor, &high))
        return FALSE;
    if (high >= 0xd800 && high < 0xdc00) {
        if (!hex16(cursor, &low) || low < 0xdc00 || low > 0xdfff)
            return FALSE;
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    return !(high >= 0xdc00 && high < 0xe000) && harmless(high) && mgk_pdf_expect(cursor, ">\n");
}

static gboolean unicode_ok(MgkPdfCursor *cursor)
{
    guint expected = 1;
    if (!mgk_pdf_expect(cursor, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                                "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
                                "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                                "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"))
        return FALSE;
    while (!mgk_pdf_expect(cursor, "endcmap\n")) {
        guint64 n = 0;
        if (!mgk_pdf_unsigned(cursor, &n) || n < 1 || n > 100 || !mgk_pdf_expect(cursor, " beginbfchar\n"))
            return FALSE;
        for (guint64 i = 0; i < n; i++) {
            guint code = 0;
            if (!mgk_pdf_expect(cursor, "<") || !hex16(cursor, &code) || code != expected++ ||
                !mgk_pdf_expect(cursor, "> ") || !one_character(cursor))
                return FALSE;
        }
        if (!mgk_pdf_expect(cursor, "endbfchar\n"))
            return FALSE;
    }
    return mgk_pdf_expect(cursor, "CMapName currentdict /CMap defineresource pop\nend\nend\n") &&
           cursor->at == cursor->end;
}

const char *mgk_pdf_check_unicode(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = mgk_pdf_unpack(data, size);
    if (!bytes)
        return "packing of a CMap";
    gsize length = 0;
    const guint8 *text = g_bytes_get_data(bytes, &length);
    MgkPdfCursor cursor = {.at = text, .end = text + length};
    return unicode_ok(&cursor) ? NULL : "CMap";
}

const char *mgk_pdf_check_map(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = mgk_pdf_unpack(data, size);
    gsize length = 0;
    const guint8 *map = bytes ? g_bytes_get_data(bytes, &length) : NULL;
    if (!length || length % 2 || length > 2 * 65536)
        return "size of a glyph map";
    for (gsize i = 0; i < length; i++) {
        if (map[i])
            return "glyph map";
    }
    return NULL;
}

const char *mgk_pdf_check_program(const guint8 *data, gsize size, guint64 length1)
{
    g_autoptr(GBytes) bytes = mgk_pdf_unpack(data, size);
    if (!bytes || g_bytes_get_size(bytes) != length1)
        return "size of the font program";
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    return strcmp(sum, FONT_PROGRAM_SHA256) == 0 ? NULL : "font program";
}
