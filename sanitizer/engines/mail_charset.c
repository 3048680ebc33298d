#include "engines/mail_charset.h"

#include "engines/charset.h"

#include <iconv.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Labels by which mails name an encoding, and the C library's name of it. Neighbours of one name share a handle. */
static const struct {
    const char *label, *name;
} foreign[] = {{"iso-8859-2", "ISO-8859-2"},
               {"latin2", "ISO-8859-2"},
               {"iso-8859-3", "ISO-8859-3"},
               {"iso-8859-4", "ISO-8859-4"},
               {"iso-8859-5", "ISO-8859-5"},
               {"iso-8859-6", "ISO-8859-6"},
               {"iso-8859-7", "ISO-8859-7"},
               {"iso-8859-8", "ISO-8859-8"},
               {"iso-8859-8-i", "ISO-8859-8"},
               {"iso-8859-9", "ISO-8859-9"},
               {"iso-8859-10", "ISO-8859-10"},
               {"iso-8859-11", "ISO-8859-11"},
               {"iso-8859-13", "ISO-8859-13"},
               {"iso-8859-14", "ISO-8859-14"},
               {"iso-8859-15", "ISO-8859-15"},
               {"iso-8859-16", "ISO-8859-16"},
               {"windows-1250", "CP1250"},
               {"cp1250", "CP1250"},
               {"windows-1251", "CP1251"},
               {"cp1251", "CP1251"},
               {"windows-1253", "CP1253"},
               {"windows-1254", "CP1254"},
               {"windows-1255", "CP1255"},
               {"windows-1256", "CP1256"},
               {"windows-1257", "CP1257"},
               {"windows-1258", "CP1258"},
               {"windows-874", "CP874"},
               {"koi8-r", "KOI8-R"},
               {"koi8-u", "KOI8-U"},
               {"tis-620", "TIS-620"},
               {"gb2312", "GBK"},
               {"gbk", "GBK"},
               {"cp936", "GBK"},
               {"gb18030", "GB18030"},
               {"big5", "BIG5-HKSCS"},
               {"big5-hkscs", "BIG5-HKSCS"},
               {"euc-kr", "UHC"},
               {"ks_c_5601-1987", "UHC"},
               {"ks_c_5601", "UHC"},
               {"cp949", "UHC"},
               {"iso-2022-kr", "ISO-2022-KR"},
               {"ibm437", "CP437"},
               {"cp437", "CP437"},
               {"cp850", "CP850"},
               {"ibm850", "CP850"},
               {"cp866", "CP866"},
               {"macintosh", "MACINTOSH"},
               {"x-mac-roman", "MACINTOSH"},
               {"hz-gb-2312", "GBK"},
               {"utf-32", "UTF-32"},
               {"utf-32le", "UTF-32LE"},
               {"utf-32be", "UTF-32BE"},
               {"iso-2022-jp-2", "ISO-2022-JP-2"},
               {"iso-2022-jp-3", "ISO-2022-JP-3"},
               {"iso-2022-jp-2004", "ISO-2022-JP-3"},
               {"euc-jisx0213", "EUC-JISX0213"},
               {"shift_jisx0213", "SHIFT_JISX0213"},
               {"shift_jis-2004", "SHIFT_JISX0213"}};

/* Filled once before any hostile byte. */
static struct {
    gboolean ready;
    iconv_t handles[G_N_ELEMENTS(foreign)];
} store;

void mgk_mail_charset_warm(void)
{
    for (gsize i = 0; !store.ready && i < G_N_ELEMENTS(foreign); i++) {
        gboolean same = i > 0 && strcmp(foreign[i].name, foreign[i - 1].name) == 0;
        store.handles[i] = same ? store.handles[i - 1] : iconv_open("UTF-8", foreign[i].name);
    }
    store.ready = TRUE;
}

static char *finish(GString *text, gsize *ret_size)
{
    *ret_size = text->len;
    return g_string_free(text, FALSE);
}

/* charset must not be NONE. *ret_bad counts what became U+FFFD. */
static GString *decode_own(MgkCharset charset, const guint8 *data, gsize size, gsize *ret_bad)
{
    GString *text = g_string_sized_new(size + size / 2 + 1);
    MgkCharsetReader reader;
    MgkChar c;
    *ret_bad = 0;
    mgk_charset_reader_init(&reader, charset, data, size);
    while (mgk_charset_next(&reader, &c)) {
        if (c.code == MGK_CHAR_INVALID) {
            g_string_append(text, REPLACEMENT);
            ++*ret_bad;
        } else if (c.code < 0x80) {
            g_string_append_c(text, (char)c.code);
        } else if (c.code != MGK_CHAR_SHIFT && !(c.code == 0xfeff && c.offset == 0)) {
            g_string_append_unichar(text, c.code);
        }
    }
    return text;
}

static char *decode_iconv(iconv_t handle, const guint8 *data, gsize size, gsize *ret_size)
{
    g_autoptr(GString) text = g_string_sized_new(size + size / 2 + 1);
    g_autofree char *in = g_memdup2(data, size ? size : 1); /* iconv's argument is not const */
    char *from = in;
    gsize left = size;
    iconv(handle, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char out[4096], *to = out;
        gsize room = sizeof out, before = left;
        gsize done = iconv(handle, &from, &left, &to, &room);
        g_string_append_len(text, out, to - out);
        if (done == (gsize)-1 && to == out && left == before) { /* no progress: a byte that means nothing */
            g_string_append(text, REPLACEMENT);
            from++;
            left--;
        }
    }
    return finish(g_steal_pointer(&text), ret_size);
}

static int base64_value(guint8 c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* One shifted stretch of UTF-7 (RFC 2152) from p[at], after its '+', as UTF-16BE; returns where it ends. */
static gsize take_utf7(const guint8 *p, gsize size, gsize at, GByteArray *units)
{
    guint32 bits = 0;
    guint have = 0;
    for (; at < size && base64_value(p[at]) >= 0; at++) {
        bits = bits << 6 | (guint32)base64_value(p[at]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            guint8 byte = (guint8)(bits >> have);
            g_byte_array_append(units, &byte, 1);
        }
    }
    g_byte_array_set_size(units, units->len & ~1u); /* padding bits */
    return at < size && p[at] == '-' ? at + 1 : at;
}

static char *decode_utf7(const guint8 *data, gsize size, gsize *ret_size)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < size;) {
        if (data[i] != '+') {
            g_string_append_printf(text, "%s", data[i] < 0x80 ? (char[]){(char)data[i], 0} : REPLACEMENT);
            i++;
        } else if (i + 1 < size && data[i + 1] == '-') {
            g_string_append_c(text, '+');
            i += 2;
        } else {
            g_autoptr(GByteArray) units = g_byte_array_new();
            gsize bad = 0;
            i = take_utf7(data, size, i + 1, units);
            GString *part = decode_own(MGK_CHARSET_UTF16BE, units->data, units->len, &bad);
            g_string_append_len(text, part->str, (gssize)part->len);
            g_string_free(part, TRUE);
        }
    }
    return finish(g_steal_pointer(&text), ret_size);
}

/* Unlabelled Western text whose bytes happen to be Japanese too: accented letters stand behind ASCII letters, which
 * Japanese characters hardly ever do. */
static gboolean looks_western(const guint8 *data, gsize size)
{
    gsize high = 0, accents = 0;
    for (gsize i = 0; i < size; i++) {
        if (data[i] < 0x80)
            continue;
        high++;
        accents += data[i] >= 0xc0 && i > 0 && g_ascii_isalpha(data[i - 1]) && (i + 1 == size || data[i + 1] < 0x80);
    }
    return high > 0 && accents * 10 >= high * 8;
}

/* Without a usable label: what the bytes surely are, else UTF-8 with gaps, else the Windows encoding of whom is likely.
 */
static char *decode_unlabelled(const guint8 *data, gsize size, gsize *ret_size)
{
    gsize bad = 0;
    MgkCharset charset = mgk_charset_detect(data, size);
    if (charset != MGK_CHARSET_NONE)
        return finish(decode_own(charset, data, size, &bad), ret_size);
    static const MgkCharset guesses[] = {MGK_CHARSET_UTF8, MGK_CHARSET_ISO_2022_JP, MGK_CHARSET_CP932,
                                         MGK_CHARSET_EUC_JP, MGK_CHARSET_CP1252};
    if (looks_western(data, size))
        return finish(decode_own(MGK_CHARSET_CP1252, data, size, &bad), ret_size);
    GString *best = NULL;
    gsize least = G_MAXSIZE;
    for (gsize i = 0; i < G_N_ELEMENTS(guesses) && least > 0; i++) {
        GString *text = decode_own(guesses[i], data, size, &bad);
        gboolean better = bad < least;
        GString *worse = better ? best : text;
        best = better ? text : best;
        least = MIN(bad, least);
        if (worse)
            g_string_free(worse, TRUE);
    }
    return finish(best, ret_size);
}

static char *clean_label(const char *label)
{
    g_autofree char *lower = g_ascii_strdown(label, -1);
    g_strstrip(lower);
    g_strdelimit(lower, "\"'", ' ');
    g_strstrip(lower);
    return g_steal_pointer(&lower);
}

/* What Japanese mailers write beyond charset.h's labels. */
static MgkCharset own_charset(const char *label)
{
    static const struct {
        const char *label;
        MgkCharset charset;
    } more[] = {{"utf8", MGK_CHARSET_UTF8},
                {"utf-16le", MGK_CHARSET_UTF16LE},
                {"utf-16be", MGK_CHARSET_UTF16BE},
                {"shift-jis", MGK_CHARSET_CP932},
                {"sjis", MGK_CHARSET_CP932},
                {"x-sjis", MGK_CHARSET_CP932},
                {"windows-31j", MGK_CHARSET_CP932},
                {"ms932", MGK_CHARSET_CP932},
                {"ms_kanji", MGK_CHARSET_CP932},
                {"x-ms-cp932", MGK_CHARSET_CP932},
                {"x-euc-jp", MGK_CHARSET_EUC_JP},
                {"eucjp", MGK_CHARSET_EUC_JP},
                {"euc-jp-ms", MGK_CHARSET_EUC_JP},
                {"ujis", MGK_CHARSET_EUC_JP},
                {"jis", MGK_CHARSET_ISO_2022_JP},
                {"iso2022jp", MGK_CHARSET_ISO_2022_JP},
                {"iso-2022-jp-ms", MGK_CHARSET_ISO_2022_JP},
                {"cp50222", MGK_CHARSET_ISO_2022_JP},
                {"x-windows-iso2022jp", MGK_CHARSET_ISO_2022_JP}};
    MgkCharset known = mgk_charset_from_label(label);
    for (gsize i = 0; known == MGK_CHARSET_NONE && i < G_N_ELEMENTS(more); i++)
        known = strcmp(label, more[i].label) == 0 ? more[i].charset : MGK_CHARSET_NONE;
    return known;
}

char *mgk_mail_to_utf8(const char *label, const guint8 *data, gsize size, gsize *ret_size)
{
    g_autofree char *name = clean_label(label ? label : "");
    MgkCharset charset = own_charset(name);
    gsize bad = 0;
    if (strcmp(name, "utf-7") == 0 || strcmp(name, "unicode-1-1-utf-7") == 0 || strcmp(name, "utf7") == 0)
        return decode_utf7(data, size, ret_size);
    if (strcmp(name, "utf-16") == 0 && size >= 2)
        charset = data[0] == 0xff && data[1] == 0xfe ? MGK_CHARSET_UTF16LE : MGK_CHARSET_UTF16BE;
    mgk_mail_charset_warm();
    for (gsize i = 0; charset == MGK_CHARSET_NONE && i < G_N_ELEMENTS(foreign); i++) {
        if (strcmp(foreign[i].label, name) == 0 && store.handles[i] != (iconv_t)-1)
            return decode_iconv(store.handles[i], data, size, ret_size);
    }
    /* ASCII says nothing: 7-bit Japanese and raw 8-bit text travel under it */
    if (charset == MGK_CHARSET_NONE || charset == MGK_CHARSET_ASCII)
        return decode_unlabelled(data, size, ret_size);
    g_autoptr(GString) text = decode_own(charset, data, size, &bad);
    MgkCharset sure = bad ? mgk_charset_detect(data, size) : MGK_CHARSET_NONE;
    if (sure != MGK_CHARSET_NONE && sure != charset)
        return finish(decode_own(sure, data, size, &bad), ret_size);
    return finish(g_steal_pointer(&text), ret_size);
}
