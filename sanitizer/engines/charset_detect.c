/* charset_detect.c - which encoding a text is in: by proof where there is one, by weighing only between the two
 * Japanese encodings that share bytes. What fits none for sure is NONE, and its file is held. */
#include "engines/charset.h"

#include <string.h>

static const char *const names[MGK_N_CHARSETS] = {
    [MGK_CHARSET_NONE] = "unknown",     [MGK_CHARSET_ASCII] = "US-ASCII",          [MGK_CHARSET_UTF8] = "UTF-8",
    [MGK_CHARSET_UTF16LE] = "UTF-16LE", [MGK_CHARSET_UTF16BE] = "UTF-16BE",        [MGK_CHARSET_CP932] = "CP932",
    [MGK_CHARSET_EUC_JP] = "EUC-JP",    [MGK_CHARSET_ISO_2022_JP] = "ISO-2022-JP", [MGK_CHARSET_CP1252] = "CP1252"};

static const struct {
    const char *label;
    MgkCharset charset;
} labels[] = {{"us-ascii", MGK_CHARSET_ASCII},
              {"ascii", MGK_CHARSET_ASCII},
              {"ansi_x3.4-1968", MGK_CHARSET_ASCII},
              {"utf-8", MGK_CHARSET_UTF8},
              {"utf8", MGK_CHARSET_UTF8},
              {"unicode-1-1-utf-8", MGK_CHARSET_UTF8},
              {"utf-16le", MGK_CHARSET_UTF16LE},
              {"utf-16", MGK_CHARSET_UTF16LE},
              {"utf-16be", MGK_CHARSET_UTF16BE},
              {"shift_jis", MGK_CHARSET_CP932},
              {"shift-jis", MGK_CHARSET_CP932},
              {"shiftjis", MGK_CHARSET_CP932},
              {"sjis", MGK_CHARSET_CP932},
              {"x-sjis", MGK_CHARSET_CP932},
              {"ms_kanji", MGK_CHARSET_CP932},
              {"csshiftjis", MGK_CHARSET_CP932},
              {"cp932", MGK_CHARSET_CP932},
              {"ms932", MGK_CHARSET_CP932},
              {"windows-31j", MGK_CHARSET_CP932},
              {"cswindows31j", MGK_CHARSET_CP932},
              {"euc-jp", MGK_CHARSET_EUC_JP},
              {"eucjp", MGK_CHARSET_EUC_JP},
              {"x-euc-jp", MGK_CHARSET_EUC_JP},
              {"eucjp-ms", MGK_CHARSET_EUC_JP},
              {"eucjp-win", MGK_CHARSET_EUC_JP},
              {"cp51932", MGK_CHARSET_EUC_JP},
              {"cseucpkdfmtjapanese", MGK_CHARSET_EUC_JP},
              {"iso-2022-jp", MGK_CHARSET_ISO_2022_JP},
              {"iso-2022-jp-1", MGK_CHARSET_ISO_2022_JP},
              {"iso-2022-jp-ms", MGK_CHARSET_ISO_2022_JP},
              {"csiso2022jp", MGK_CHARSET_ISO_2022_JP},
              {"cp50220", MGK_CHARSET_ISO_2022_JP},
              {"cp50221", MGK_CHARSET_ISO_2022_JP},
              {"iso-8859-1", MGK_CHARSET_CP1252},
              {"iso8859-1", MGK_CHARSET_CP1252},
              {"latin1", MGK_CHARSET_CP1252},
              {"windows-1252", MGK_CHARSET_CP1252},
              {"cp1252", MGK_CHARSET_CP1252}};

const char *mgk_charset_name(MgkCharset charset)
{
    return charset < MGK_N_CHARSETS ? names[charset] : names[MGK_CHARSET_NONE];
}

MgkCharset mgk_charset_from_label(const char *label)
{
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
        if (g_ascii_strcasecmp(label, labels[i].label) == 0)
            return labels[i].charset;
    }
    return MGK_CHARSET_NONE;
}

typedef struct Tally {
    gboolean valid;
    gsize invalid, ascii, wide, likely, kana, odd;
} Tally;

static gboolean is_likely(gunichar code)
{
    return (code >= 0x3000 && code <= 0x30ff) || (code >= 0x4e00 && code <= 0x9fff) ||
           (code >= 0xff01 && code <= 0xff5e);
}

/* Counts how a text reads in one encoding; stops early when it is hopeless. */
static Tally tally(MgkCharset charset, const guint8 *data, gsize size)
{
    Tally t = {0};
    MgkCharsetReader reader;
    MgkChar c;
    mgk_charset_reader_init(&reader, charset, data, size);
    while (mgk_charset_next(&reader, &c)) {
        if (c.code == MGK_CHAR_SHIFT)
            continue;
        t.invalid += c.code == MGK_CHAR_INVALID;
        t.ascii += c.code < 0x80;
        t.wide += c.code >= 0x80 && c.code != MGK_CHAR_INVALID;
        t.likely += is_likely(c.code);
        t.kana += c.code >= 0x3041 && c.code <= 0x30fe;
        t.odd += (c.code < 0x20 && !strchr("\t\r\n\f", (int)c.code)) || c.code == 0 ||
                 (c.code >= 0xe000 && c.code <= 0xf8ff) || (c.code >= 0xff61 && c.code <= 0xff9f);
    }
    t.valid = t.invalid == 0;
    return t;
}

static gboolean is_ascii(const guint8 *data, gsize size)
{
    guint8 all = 0;
    for (gsize i = 0; i < size; i++)
        all |= data[i];
    return all < 0x80;
}

static gboolean is_pure(MgkCharset charset, const guint8 *data, gsize size)
{
    if (charset == MGK_CHARSET_UTF8 && !memchr(data, 0, size)) /* GLib takes NUL for an end */
        return g_utf8_validate_len((const char *)data, size, NULL);
    MgkCharsetReader reader;
    MgkChar c;
    mgk_charset_reader_init(&reader, charset, data, size);
    while (mgk_charset_next(&reader, &c)) {
        if (c.code == MGK_CHAR_INVALID)
            return FALSE;
    }
    return TRUE;
}

static gboolean starts(const guint8 *data, gsize size, const char *bytes, gsize n)
{
    return size >= n && memcmp(data, bytes, n) == 0;
}

/* UTF-16 without a mark: every unit valid, nearly all of them what texts are made of, and not so the other way round.
 */
static MgkCharset detect_utf16(const guint8 *data, gsize size)
{
    if (size % 2 || size < 4)
        return MGK_CHARSET_NONE;
    Tally little = tally(MGK_CHARSET_UTF16LE, data, size), big = tally(MGK_CHARSET_UTF16BE, data, size);
    gsize units = size / 2, most = units - units / 20;
    gboolean is_little = little.valid && little.odd == 0 && little.ascii > 0 && little.ascii + little.likely >= most;
    gboolean is_big = big.valid && big.odd == 0 && big.ascii > 0 && big.ascii + big.likely >= most;
    if (is_little == is_big)
        return MGK_CHARSET_NONE;
    return is_little ? MGK_CHARSET_UTF16LE : MGK_CHARSET_UTF16BE;
}

/* Western text: few high bytes, each a letter or sign beside letters. */
static gboolean is_cp1252(const guint8 *data, gsize size)
{
    gsize high = 0, placed = 0, letters = 0;
    for (gsize i = 0; i < size; i++) {
        letters += g_ascii_isalpha(data[i]);
        if (data[i] < 0x80)
            continue;
        if (data[i] < 0xa0 && strchr("\x81\x8d\x8f\x90\x9d", data[i]))
            return FALSE;
        gboolean beside = (i > 0 && (g_ascii_isalpha(data[i - 1]) || data[i - 1] >= 0xc0)) ||
                          (i + 1 < size && (g_ascii_isalpha(data[i + 1]) || data[i + 1] >= 0xc0));
        high++;
        placed += data[i] >= 0xc0 ? beside && data[i] != 0xd7 && data[i] != 0xf7 : data[i] < 0xc0;
    }
    return high > 0 && high <= letters / 3 && placed >= high - high / 10;
}

/* Mostly UTF-8, yet broken somewhere: readers that guess would show two different texts. */
static gboolean is_broken_utf8(const guint8 *data, gsize size)
{
    Tally t = tally(MGK_CHARSET_UTF8, data, size);
    return t.wide > 0 && t.invalid * 10 < t.wide;
}

static MgkCharset detect_8bit(const guint8 *data, gsize size)
{
    if (is_pure(MGK_CHARSET_UTF8, data, size))
        return MGK_CHARSET_UTF8;
    if (is_broken_utf8(data, size))
        return MGK_CHARSET_NONE;
    gboolean sjis = is_pure(MGK_CHARSET_CP932, data, size), euc = is_pure(MGK_CHARSET_EUC_JP, data, size);
    gboolean western = is_cp1252(data, size);
    if (sjis && euc) {
        Tally a = tally(MGK_CHARSET_CP932, data, size), b = tally(MGK_CHARSET_EUC_JP, data, size);
        /* EUC-JP read as CP932 is full of half-width kana; real half-width kana read as EUC-JP gives kanji only */
        return b.kana > 0 && b.odd < a.odd && b.likely >= a.likely ? MGK_CHARSET_EUC_JP : MGK_CHARSET_CP932;
    }
    if (sjis || euc) {
        Tally t = tally(sjis ? MGK_CHARSET_CP932 : MGK_CHARSET_EUC_JP, data, size);
        gboolean japanese = t.likely + t.odd >= 4 || t.wide == t.likely;
        if (!western || japanese)
            return sjis ? MGK_CHARSET_CP932 : MGK_CHARSET_EUC_JP;
        return MGK_CHARSET_NONE;
    }
    return western ? MGK_CHARSET_CP1252 : MGK_CHARSET_NONE;
}

static gboolean is_iso2022(const guint8 *data, gsize size)
{
    Tally t = tally(MGK_CHARSET_ISO_2022_JP, data, size);
    return t.valid && t.wide > 0;
}

MgkCharset mgk_charset_detect(const guint8 *data, gsize size)
{
    if (size == 0)
        return MGK_CHARSET_ASCII;
    if (starts(data, size, "\xff\xfe\0\0", 4) || starts(data, size, "\0\0\xfe\xff", 4))
        return MGK_CHARSET_NONE; /* UTF-32, or UTF-16 that begins with NUL: readers disagree */
    MgkCharset marked = starts(data, size, "\xef\xbb\xbf", 3) ? MGK_CHARSET_UTF8
                        : starts(data, size, "\xff\xfe", 2)   ? MGK_CHARSET_UTF16LE
                        : starts(data, size, "\xfe\xff", 2)   ? MGK_CHARSET_UTF16BE
                                                              : MGK_CHARSET_NONE;
    if (marked != MGK_CHARSET_NONE)
        return is_pure(marked, data, size) ? marked : MGK_CHARSET_NONE;
    if (memchr(data, 0, size)) /* of no other encoding: dropping NULs would join what UTF-16 keeps apart */
        return detect_utf16(data, size);
    gboolean high = !is_ascii(data, size);
    if (!high && memchr(data, 0x1b, size) && is_iso2022(data, size))
        return MGK_CHARSET_ISO_2022_JP;
    return high ? detect_8bit(data, size) : MGK_CHARSET_ASCII;
}
