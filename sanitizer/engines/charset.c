#include "engines/charset.h"

#include <iconv.h>
#include <string.h>

/* Sets of ISO-2022-JP (RFC 1468, RFC 2237, and what CP50221 adds). */
enum { SET_ASCII, SET_ROMAN, SET_KANA, SET_JIS, SET_JIS_OLD, SET_JIS_LONG, SET_SUPPLEMENT };

#define CP932_LEADS 60   /* 81-9F, E0-FC */
#define CP932_TRAILS 189 /* 40-FC */
#define CELLS (94 * 94)

/* Filled once before any hostile byte; code points fit in 16 bits, 0 means unassigned. */
static struct {
    gboolean ready;
    guint16 cp932[CP932_LEADS * CP932_TRAILS];
    guint16 euc[CELLS];        /* EUC-JP-MS, two bytes */
    guint16 supplement[CELLS]; /* EUC-JP-MS after 8F: JIS X 0212 and IBM extensions */
} tables;

static const guint16 cp1252_high[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                        0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

#define ROW_CELLS 192

/* Converts n codes of `width` bytes each. One call takes all up to the first that is unassigned: that cell stays 0.
 * FALSE when a code is not one character of 16 bits: then these are not the converters that the tables are made for. */
static gboolean convert_row(iconv_t handle, guint8 *codes, gsize width, gsize n, guint16 *cells)
{
    guint8 out[2 * ROW_CELLS];
    for (gsize done = 0; done < n; done++) {
        char *from = (char *)codes + done * width, *to = (char *)out;
        gsize left = (n - done) * width, room = sizeof out;
        iconv(handle, &from, &left, &to, &room);
        gsize good = (n - done) - (left + width - 1) / width;
        if (room != sizeof out - 2 * good)
            return FALSE;
        for (gsize i = 0; i < good; i++)
            cells[done + i] = (guint16)(out[2 * i] << 8 | out[2 * i + 1]);
        done += good;
    }
    return TRUE;
}

static gboolean fill_cp932(iconv_t handle)
{
    gboolean good = TRUE;
    guint8 codes[2 * ROW_CELLS];
    for (guint lead = 0; lead < CP932_LEADS; lead++) {
        for (guint trail = 0; trail < CP932_TRAILS; trail++) {
            codes[2 * trail] = (guint8)(lead + (lead < 31 ? 0x81 : 0xc1));
            codes[2 * trail + 1] = (guint8)(trail + 0x40);
        }
        good = convert_row(handle, codes, 2, CP932_TRAILS, tables.cp932 + (gsize)lead * CP932_TRAILS) && good;
    }
    return good;
}

static gboolean fill_euc(iconv_t handle)
{
    gboolean good = TRUE;
    guint8 codes[2 * 94], long_codes[3 * 94];
    for (guint row = 0; row < 94; row++) {
        for (guint cell = 0; cell < 94; cell++) {
            long_codes[3 * cell] = 0x8f;
            codes[2 * cell] = long_codes[3 * cell + 1] = (guint8)(row + 0xa1);
            codes[2 * cell + 1] = long_codes[3 * cell + 2] = (guint8)(cell + 0xa1);
        }
        good = convert_row(handle, codes, 2, 94, tables.euc + (gsize)row * 94) && good;
        good = convert_row(handle, long_codes, 3, 94, tables.supplement + (gsize)row * 94) && good;
    }
    return good;
}

gboolean mgk_charset_warm(GError **error)
{
    if (tables.ready)
        return TRUE;
    iconv_t cp932 = iconv_open("UTF-16BE", "CP932"), euc = iconv_open("UTF-16BE", "EUC-JP-MS");
    const iconv_t none = (iconv_t)-1;
    tables.ready = cp932 != none && euc != none && fill_cp932(cp932) && fill_euc(euc);
    if (!tables.ready) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED,
                    "the C library's converters for CP932 or EUC-JP-MS are missing");
    }
    if (cp932 != none)
        iconv_close(cp932);
    if (euc != none)
        iconv_close(euc);
    return tables.ready;
}

static gunichar or_invalid(gunichar code)
{
    return code ? code : MGK_CHAR_INVALID;
}

static gunichar cp932_pair(guint8 lead, guint8 trail)
{
    gboolean low = lead >= 0x81 && lead <= 0x9f, high = lead >= 0xe0 && lead <= 0xfc;
    if ((!low && !high) || trail < 0x40 || trail > 0xfc)
        return MGK_CHAR_INVALID;
    guint row = (guint)lead - (low ? 0x81 : 0xc1);
    return or_invalid(tables.cp932[row * CP932_TRAILS + trail - 0x40]);
}

/* JIS row and cell (0-93 each) by way of CP932, which knows row 13 and the NEC selection of IBM's extensions in rows 89
 * to 92 as Windows writes them; EUC-JP-MS has private use there. */
static gunichar jis_pair(guint row, guint cell)
{
    guint lead = row / 2 + (row < 62 ? 0x81 : 0xc1);
    guint trail = row % 2 ? cell + 0x9f : cell + (cell < 63 ? 0x40 : 0x41);
    return cp932_pair((guint8)lead, (guint8)trail);
}

static gunichar euc_pair(guint8 a, guint8 b)
{
    if (a < 0xa1 || a == 0xff || b < 0xa1 || b == 0xff)
        return MGK_CHAR_INVALID;
    guint row = a - 0xa1u, cell = b - 0xa1u;
    gunichar code = jis_pair(row, cell);
    return code != MGK_CHAR_INVALID ? code : or_invalid(tables.euc[row * 94 + cell]);
}

static gunichar supplement_pair(guint8 a, guint8 b)
{
    if (a < 0xa1 || a == 0xff || b < 0xa1 || b == 0xff)
        return MGK_CHAR_INVALID;
    return or_invalid(tables.supplement[(a - 0xa1u) * 94 + b - 0xa1u]);
}

/* Each decoder looks at p[0..left), left >= 1, and returns the bytes it took. */

static gsize next_utf8(const guint8 *p, gsize left, gunichar *ret_code)
{
    *ret_code = p[0];
    if (p[0] < 0x80)
        return 1;
    gsize length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    static const gunichar least[5] = {0, 0, 0x80, 0x800, 0x10000};
    gunichar code = p[0] & (0x7fu >> length);
    gsize taken = 1;
    while (taken < length && taken < left && (p[taken] & 0xc0) == 0x80)
        code = code << 6 | (p[taken++] & 0x3fu);
    gboolean good = p[0] >= 0xc2 && p[0] <= 0xf4 && taken == length && code >= least[length] && code <= 0x10ffff &&
                    !(code >= 0xd800 && code <= 0xdfff);
    *ret_code = good ? code : MGK_CHAR_INVALID;
    return good ? length : 1;
}

static gsize next_utf16(const guint8 *p, gsize left, gboolean big, gunichar *ret_code)
{
    *ret_code = MGK_CHAR_INVALID;
    if (left < 2)
        return left;
    gunichar unit = (gunichar)(big ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
    if (unit < 0xd800 || unit > 0xdfff) {
        *ret_code = unit;
        return 2;
    }
    if (unit >= 0xdc00 || left < 4)
        return 2;
    gunichar low = (gunichar)(big ? p[2] << 8 | p[3] : p[3] << 8 | p[2]);
    if (low < 0xdc00 || low > 0xdfff)
        return 2;
    *ret_code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    return 4;
}

static gsize next_cp932(const guint8 *p, gsize left, gunichar *ret_code)
{
    *ret_code = p[0];
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xa1 && p[0] <= 0xdf) {
        *ret_code = 0xff61u + p[0] - 0xa1u;
        return 1;
    }
    *ret_code = left >= 2 ? cp932_pair(p[0], p[1]) : MGK_CHAR_INVALID;
    return *ret_code == MGK_CHAR_INVALID ? 1 : 2;
}

static gsize next_euc(const guint8 *p, gsize left, gunichar *ret_code)
{
    *ret_code = p[0];
    gsize length = p[0] < 0x80 ? 1 : p[0] == 0x8f ? 3 : 2;
    if (length == 1)
        return 1;
    if (left < length)
        *ret_code = MGK_CHAR_INVALID;
    else if (p[0] == 0x8e)
        *ret_code = p[1] >= 0xa1 && p[1] <= 0xdf ? 0xff61u + p[1] - 0xa1u : MGK_CHAR_INVALID;
    else
        *ret_code = length == 3 ? supplement_pair(p[1], p[2]) : euc_pair(p[0], p[1]);
    return *ret_code == MGK_CHAR_INVALID ? 1 : length;
}

static gsize next_cp1252(const guint8 *p, gunichar *ret_code)
{
    *ret_code = p[0] >= 0x80 && p[0] < 0xa0 ? or_invalid(cp1252_high[p[0] - 0x80]) : p[0];
    return 1;
}

static const struct {
    const char *bytes;
    guint8 set;
} shifts[] = {{"\033(B", SET_ASCII},     {"\033(J", SET_ROMAN},       {"\033(H", SET_ROMAN},
              {"\033(I", SET_KANA},      {"\033$@", SET_JIS_OLD},     {"\033$B", SET_JIS},
              {"\033$(B", SET_JIS_LONG}, {"\033$(D", SET_SUPPLEMENT}, {"\033&@\033$B", SET_JIS}};

static gsize shift_at(const guint8 *p, gsize left, guint8 *ret_set)
{
    for (gsize i = 0; i < G_N_ELEMENTS(shifts); i++) {
        gsize length = strlen(shifts[i].bytes);
        if (left >= length && memcmp(p, shifts[i].bytes, length) == 0) {
            *ret_set = shifts[i].set;
            return length;
        }
    }
    return 0;
}

static gsize next_iso2022(MgkCharsetReader *reader, const guint8 *p, gsize left, gunichar *ret_code)
{
    gsize shift = p[0] == 0x1b ? shift_at(p, left, &reader->set) : 0;
    *ret_code = shift ? MGK_CHAR_SHIFT : p[0];
    if (shift)
        return shift;
    if (p[0] == '\n' || p[0] == '\r') {
        reader->irregular |= reader->set != SET_ASCII && reader->set != SET_ROMAN;
        reader->set = SET_ASCII; /* as RFC 1468 demands of the writer */
    }
    if (p[0] >= 0x80)
        *ret_code = MGK_CHAR_INVALID;
    if (p[0] <= 0x20 || p[0] >= 0x7f || reader->set == SET_ASCII || reader->set == SET_ROMAN)
        return 1;
    if (reader->set == SET_KANA) {
        *ret_code = p[0] <= 0x5f ? 0xff61u + p[0] - 0x21u : MGK_CHAR_INVALID;
        return 1;
    }
    *ret_code = MGK_CHAR_INVALID;
    if (left < 2 || p[1] < 0x21 || p[1] > 0x7e)
        return 1;
    *ret_code = reader->set == SET_SUPPLEMENT ? supplement_pair((guint8)(p[0] | 0x80), (guint8)(p[1] | 0x80))
                                              : jis_pair(p[0] - 0x21u, p[1] - 0x21u);
    return 2;
}

void mgk_charset_reader_init(MgkCharsetReader *reader, MgkCharset charset, const guint8 *data, gsize size)
{
    mgk_charset_warm(NULL);
    *reader = (MgkCharsetReader){.data = data, .size = size, .charset = charset, .set = SET_ASCII};
}

gboolean mgk_charset_next(MgkCharsetReader *reader, MgkChar *ret_char)
{
    if (reader->offset >= reader->size)
        return FALSE;
    const guint8 *p = reader->data + reader->offset;
    gsize left = reader->size - reader->offset, length = 1;
    gunichar code = MGK_CHAR_INVALID;
    switch (reader->charset) {
    case MGK_CHARSET_ASCII:
        code = p[0] < 0x80 ? p[0] : MGK_CHAR_INVALID;
        break;
    case MGK_CHARSET_UTF8:
        length = next_utf8(p, left, &code);
        break;
    case MGK_CHARSET_UTF16LE:
    case MGK_CHARSET_UTF16BE:
        length = next_utf16(p, left, reader->charset == MGK_CHARSET_UTF16BE, &code);
        break;
    case MGK_CHARSET_CP932:
        length = next_cp932(p, left, &code);
        break;
    case MGK_CHARSET_EUC_JP:
        length = next_euc(p, left, &code);
        break;
    case MGK_CHARSET_ISO_2022_JP:
        length = next_iso2022(reader, p, left, &code);
        break;
    case MGK_CHARSET_CP1252:
        length = next_cp1252(p, &code);
        break;
    case MGK_CHARSET_NONE:
    case MGK_N_CHARSETS:
        break;
    }
    *ret_char = (MgkChar){.code = code, .offset = reader->offset, .length = length};
    reader->offset += length;
    return TRUE;
}

static gsize append(guint8 *out, gsize at, const char *bytes)
{
    gsize length = strlen(bytes);
    memcpy(out + at, bytes, length);
    return at + length;
}

gsize mgk_charset_put_ascii(const MgkCharsetReader *reader, char c, guint8 out[16])
{
    static const char *const back[] = {
        [SET_ASCII] = "",         [SET_ROMAN] = "",           [SET_KANA] = "\033(I",       [SET_JIS] = "\033$B",
        [SET_JIS_OLD] = "\033$@", [SET_JIS_LONG] = "\033$(B", [SET_SUPPLEMENT] = "\033$(D"};
    gsize at = 0;
    gboolean shifted = reader->charset == MGK_CHARSET_ISO_2022_JP && back[reader->set][0] != '\0';
    if (shifted)
        at = append(out, at, "\033(B");
    if (reader->charset == MGK_CHARSET_UTF16BE)
        out[at++] = 0;
    out[at++] = (guint8)c;
    if (reader->charset == MGK_CHARSET_UTF16LE)
        out[at++] = 0;
    return shifted ? append(out, at, back[reader->set]) : at;
}

/* TRUE when the bytes are what the decoder would make of them. */
static gboolean is_utf8_already(MgkCharset charset, const guint8 *data, gsize size)
{
    return charset == MGK_CHARSET_UTF8 && !memchr(data, 0, size) && g_utf8_validate_len((const char *)data, size, NULL);
}

/* How many bytes from here are printable ASCII and stand for themselves. */
static gsize plain_run(const MgkCharsetReader *reader)
{
    static const gboolean ascii_within[MGK_N_CHARSETS] = {[MGK_CHARSET_ASCII] = TRUE,
                                                          [MGK_CHARSET_UTF8] = TRUE,
                                                          [MGK_CHARSET_CP932] = TRUE,
                                                          [MGK_CHARSET_EUC_JP] = TRUE,
                                                          [MGK_CHARSET_CP1252] = TRUE};
    gsize at = reader->offset;
    while (ascii_within[reader->charset] && at < reader->size && reader->data[at] >= 0x20 && reader->data[at] < 0x7f)
        at++;
    return at - reader->offset;
}

GString *mgk_charset_to_utf8_anyway(MgkCharset charset, const guint8 *data, gsize size, gsize *ret_bad)
{
    gsize mark = charset == MGK_CHARSET_UTF8 && size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    *ret_bad = 0;
    if (size == 0) /* then there may be no data at all */
        return g_string_new(NULL);
    if (is_utf8_already(charset, data + mark, size - mark))
        return g_string_new_len((const char *)data + mark, (gssize)(size - mark));
    GString *out = g_string_sized_new(size + size / 2 + 1);
    MgkCharsetReader reader;
    MgkChar c;
    mgk_charset_reader_init(&reader, charset, data, size);
    for (;;) {
        gsize run = plain_run(&reader);
        g_string_append_len(out, (const char *)reader.data + reader.offset, (gssize)run);
        reader.offset += run;
        if (!mgk_charset_next(&reader, &c))
            return out;
        if (c.code == MGK_CHAR_SHIFT || (c.code == 0xfeff && c.offset == 0))
            continue;
        *ret_bad += c.code == MGK_CHAR_INVALID;
        if (c.code < 0x80)
            g_string_append_c(out, (char)c.code);
        else
            g_string_append_unichar(out, c.code == MGK_CHAR_INVALID ? 0xfffd : c.code);
    }
}

char *mgk_charset_to_utf8(MgkCharset charset, const guint8 *data, gsize size, gsize *ret_size, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    MgkCharsetReader reader;
    MgkChar c;
    mgk_charset_reader_init(&reader, charset, data, size);
    while (mgk_charset_next(&reader, &c)) {
        if (c.code == MGK_CHAR_INVALID) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "byte %02x at %" G_GSIZE_FORMAT " is no %s",
                        data[c.offset], c.offset, mgk_charset_name(charset));
            return NULL;
        }
        if (c.code != MGK_CHAR_SHIFT && !(c.code == 0xfeff && c.offset == 0))
            g_string_append_unichar(text, c.code);
    }
    *ret_size = text->len;
    return g_string_free(g_steal_pointer(&text), FALSE);
}
