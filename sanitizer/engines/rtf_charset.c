#include "engines/rtf_charset.h"

#include "engines/charset.h"
#include "engines/charset_world.h"

#include <string.h>

static const struct {
    guint fcharset, codepage;
} charsets[] = {
    {77, 10000}, {78, 10001}, {128, 932},  {129, 949},  {130, 1361}, {134, 936}, {136, 950},  {161, 1253}, {162, 1254},
    {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257}, {204, 1251}, {222, 874}, {238, 1250}, {254, 437},  {255, 850},
};

static const struct {
    const char *word;
    gunichar code;
} characters[] = {
    {"emspace", 0x2003}, {"enspace", 0x2002}, {"qmspace", 0x2005}, {"emdash", 0x2014},    {"endash", 0x2013},
    {"bullet", 0x2022},  {"lquote", 0x2018},  {"rquote", 0x2019},  {"ldblquote", 0x201c}, {"rdblquote", 0x201d},
    {"zwj", 0x200d},     {"zwnj", 0x200c},    {"ltrmark", 0x200e}, {"rtlmark", 0x200f},
};

guint mgk_rtf_codepage(guint fcharset)
{
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
        if (charsets[i].fcharset == fcharset)
            return charsets[i].codepage;
    }
    return 0;
}

gboolean mgk_rtf_is_lead(guint codepage, guint8 byte)
{
    switch (codepage) {
    case 932:
    case 10001:
        return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc);
    case 936:
    case 949:
    case 950:
    case 1361:
        return byte >= 0x81 && byte <= 0xfe;
    default:
        return FALSE;
    }
}

gunichar mgk_rtf_character(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(characters); i++) {
        if (strcmp(characters[i].word, word) == 0)
            return characters[i].code;
    }
    return 0;
}

/* By charset.h where it can, by charset_world.h else; as CP1252 when neither knows the code page. */
static void decode(GString *text, guint codepage, const GByteArray *run)
{
    gsize bad = 0, size = 0;
    MgkCharset charset = MGK_CHARSET_CP1252;
    if (codepage == 932 || codepage == 10001)
        charset = MGK_CHARSET_CP932;
    else if (codepage == 65001)
        charset = MGK_CHARSET_UTF8;
    else if (codepage != 1252) {
        static const struct {
            guint codepage;
            const char *label;
        } labels[] = {{936, "gbk"}, {949, "euc-kr"}, {950, "big5"}, {10000, "macintosh"}, {874, "windows-874"}};
        g_autofree char *label = g_strdup_printf("windows-%u", codepage);
        const char *name = label;
        for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
            name = labels[i].codepage == codepage ? labels[i].label : name;
        g_autofree char *other = mgk_charset_world_to_utf8(name, run->data, run->len, &size, &bad);
        if (other) {
            g_string_append_len(text, other, (gssize)size);
            return;
        }
    }
    GString *utf8 = mgk_charset_to_utf8_anyway(charset, run->data, run->len, &bad);
    g_string_append_len(text, utf8->str, (gssize)utf8->len);
    g_string_free(utf8, TRUE);
}

static void end_run(MgkRtfWords *words)
{
    if (words->high)
        g_string_append(words->text, "\xef\xbf\xbd");
    words->high = 0;
    if (words->run->len)
        decode(words->text, words->codepage, words->run);
    g_byte_array_set_size(words->run, 0);
}

void mgk_rtf_words_init(MgkRtfWords *words)
{
    *words = (MgkRtfWords){.text = g_string_new(NULL), .run = g_byte_array_new()};
}

void mgk_rtf_words_clear(MgkRtfWords *words)
{
    g_string_free(words->text, TRUE);
    g_byte_array_unref(words->run);
    *words = (MgkRtfWords){0};
}

void mgk_rtf_words_empty(MgkRtfWords *words)
{
    g_string_truncate(words->text, 0);
    g_byte_array_set_size(words->run, 0);
    words->high = 0;
}

void mgk_rtf_words_byte(MgkRtfWords *words, guint codepage, guint8 byte)
{
    if (words->high || words->codepage != codepage)
        end_run(words);
    words->codepage = codepage;
    g_byte_array_append(words->run, &byte, 1);
}

void mgk_rtf_words_unit(MgkRtfWords *words, guint16 unit)
{
    gboolean low = unit >= 0xdc00 && unit <= 0xdfff, high = unit >= 0xd800 && unit <= 0xdbff;
    if (words->high && low) {
        gunichar code = 0x10000 + ((gunichar)(words->high - 0xd800) << 10) + (unit - 0xdc00u);
        words->high = 0;
        g_string_append_unichar(words->text, code);
        return;
    }
    end_run(words);
    if (high)
        words->high = unit;
    else
        g_string_append_unichar(words->text, low || unit == 0 ? 0xfffd : unit);
}

void mgk_rtf_words_char(MgkRtfWords *words, gunichar code)
{
    end_run(words);
    g_string_append_unichar(words->text, code);
}

const char *mgk_rtf_words_text(MgkRtfWords *words)
{
    end_run(words);
    return words->text->str;
}
