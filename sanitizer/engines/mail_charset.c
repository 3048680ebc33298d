#include "engines/mail_charset.h"

#include "engines/charset.h"
#include "engines/charset_world.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static char *finish(GString *text, gsize *ret_size)
{
    *ret_size = text->len;
    return g_string_free(text, FALSE);
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
            GString *part = mgk_charset_to_utf8_anyway(MGK_CHARSET_UTF16BE, units->data, units->len, &bad);
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
    if (looks_western(data, size) && !g_utf8_validate_len((const char *)data, size, NULL))
        return finish(mgk_charset_to_utf8_anyway(MGK_CHARSET_CP1252, data, size, &bad), ret_size);
    if (charset != MGK_CHARSET_NONE)
        return finish(mgk_charset_to_utf8_anyway(charset, data, size, &bad), ret_size);
    static const MgkCharset guesses[] = {MGK_CHARSET_UTF8, MGK_CHARSET_ISO_2022_JP, MGK_CHARSET_CP932,
                                         MGK_CHARSET_EUC_JP, MGK_CHARSET_CP1252};
    GString *best = NULL;
    gsize least = G_MAXSIZE;
    for (gsize i = 0; i < G_N_ELEMENTS(guesses) && least > 0; i++) {
        GString *text = mgk_charset_to_utf8_anyway(guesses[i], data, size, &bad);
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

/* By its mark; without one as the bytes say, else as RFC 2781 wants it. */
static MgkCharset utf16_order(const guint8 *data, gsize size)
{
    if (data[0] == 0xff && data[1] == 0xfe)
        return MGK_CHARSET_UTF16LE;
    MgkCharset seen = mgk_charset_detect(data, size);
    return seen == MGK_CHARSET_UTF16LE ? seen : MGK_CHARSET_UTF16BE;
}

/* Valid UTF-8 with more than one character beyond ASCII: whatever its label, no text of a single-byte encoding is. */
static gboolean is_surely_utf8(const guint8 *data, gsize size)
{
    gsize high = 0;
    for (gsize i = 0; i < size && high < 3; i++)
        high += data[i] >= 0x80;
    return high >= 3 && g_utf8_validate_len((const char *)data, size, NULL);
}

gboolean mgk_mail_charset_is_utf7(const char *label)
{
    static const char *const names[] = {"utf-7", "utf7", "unicode-1-1-utf-7", "unicode-2-0-utf-7"};
    gboolean found = FALSE;
    for (gsize i = 0; label && i < G_N_ELEMENTS(names) && !found; i++)
        found = g_ascii_strcasecmp(label, names[i]) == 0;
    return found;
}

/* By its label; NULL when that says nothing, or the bytes are surely something else. */
static char *decode_labelled(const char *name, const guint8 *data, gsize size, gsize *ret_size)
{
    MgkCharset charset = own_charset(name);
    gsize bad = 0;
    if (mgk_mail_charset_is_utf7(name))
        return decode_utf7(data, size, ret_size);
    if (strcmp(name, "utf-16") == 0 && size >= 2)
        charset = utf16_order(data, size);
    gboolean western = charset == MGK_CHARSET_CP1252 || (charset == MGK_CHARSET_NONE && mgk_charset_world_knows(name));
    if (western && is_surely_utf8(data, size))
        charset = MGK_CHARSET_UTF8;
    if (charset == MGK_CHARSET_NONE)
        return mgk_charset_world_to_utf8(name, data, size, ret_size, &bad);
    if (charset == MGK_CHARSET_ASCII) /* says nothing: 7-bit Japanese and raw 8-bit text travel under it */
        return NULL;
    g_autoptr(GString) text = mgk_charset_to_utf8_anyway(charset, data, size, &bad);
    MgkCharset sure = bad ? mgk_charset_detect(data, size) : MGK_CHARSET_NONE;
    if (sure != MGK_CHARSET_NONE && sure != charset)
        return finish(mgk_charset_to_utf8_anyway(sure, data, size, &bad), ret_size);
    return finish(g_steal_pointer(&text), ret_size);
}

char *mgk_mail_to_utf8(const char *label, const guint8 *data, gsize size, gsize *ret_size)
{
    g_autofree char *name = clean_label(label ? label : "");
    char *text = decode_labelled(name, data, size, ret_size);
    return text ? text : decode_unlabelled(data, size, ret_size);
}
