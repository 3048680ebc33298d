#include "engines/charset_world.h"

#include <iconv.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ESC 0x1b
#define SHIFT_OUT 0x0e
#define SHIFT_IN 0x0f

/* One encoding a row; labels are separated by spaces, lower case. */
static const struct {
    const char *labels, *upper;
} singles[] = {
#define MGK_CHARSET_SINGLE(labels, upper) {labels, upper},
#include "rules/charset_single.def"
#undef MGK_CHARSET_SINGLE
};

typedef enum { GB, BIG5, KOREAN, TAIWAN, JIS_2, JIS_3, EUC_2004, SJIS_2004, JOHAB, N_HANDLES } Handle;

static const char *const handle_names[N_HANDLES] = {[GB] = "GB18030",
                                                    [BIG5] = "BIG5-HKSCS",
                                                    [KOREAN] = "UHC",
                                                    [TAIWAN] = "EUC-TW",
                                                    [JIS_2] = "ISO-2022-JP-2",
                                                    [JIS_3] = "ISO-2022-JP-3",
                                                    [EUC_2004] = "EUC-JISX0213",
                                                    [SJIS_2004] = "SHIFT_JISX0213",
                                                    [JOHAB] = "JOHAB"};

/* Filled once before any hostile byte. */
static struct {
    gboolean ready;
    iconv_t handles[N_HANDLES];
} store;

/* A text while it is decoded. */
typedef struct Decoding {
    GString *text; /* owned */
    gsize bad;
} Decoding;

typedef void (*Decode)(Decoding *d, guint parameter, const guint8 *data, gsize size);

static void put_bad(Decoding *d)
{
    g_string_append(d->text, REPLACEMENT);
    d->bad++;
}

void mgk_charset_world_warm(void)
{
    for (guint i = 0; !store.ready && i < N_HANDLES; i++)
        store.handles[i] = iconv_open("UTF-8", handle_names[i]);
    store.ready = TRUE;
}

/* ---- one encoding after another ---- */

static void decode_single(Decoding *d, guint index, const guint8 *data, gsize size)
{
    const char *upper[129] = {singles[index].upper};
    for (guint i = 0; i < 128; i++)
        upper[i + 1] = g_utf8_next_char(upper[i]);
    for (gsize i = 0; i < size; i++) {
        if (data[i] < 0x80) {
            g_string_append_c(d->text, (char)data[i]);
            continue;
        }
        const char *from = upper[data[i] - 0x80];
        d->bad += memcmp(from, REPLACEMENT, 2) == 0 && from[2] == REPLACEMENT[2];
        g_string_append_len(d->text, from, upper[data[i] - 0x7f] - from);
    }
}

static void decode_iconv(Decoding *d, guint index, const guint8 *data, gsize size)
{
    iconv_t handle = store.handles[index];
    g_autofree char *in = g_memdup2(data, size ? size : 1); /* iconv's argument is not const */
    char *from = in;
    gsize left = handle == (iconv_t)-1 ? 0 : size;
    if (left)
        iconv(handle, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char out[4096], *to = out;
        gsize room = sizeof out, before = left;
        gsize done = iconv(handle, &from, &left, &to, &room);
        g_string_append_len(d->text, out, to - out);
        if (done == (gsize)-1 && to == out && left == before) { /* no progress: a byte that means nothing */
            put_bad(d);
            from++;
            left--;
        }
    }
}

static void decode_utf32(Decoding *d, guint big, const guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i += 4) {
        const guint8 *p = data + i;
        gunichar c = 0xffffffff;
        if (size - i >= 4)
            c = big ? (gunichar)p[0] << 24 | (gunichar)p[1] << 16 | (gunichar)p[2] << 8 | p[3]
                    : (gunichar)p[3] << 24 | (gunichar)p[2] << 16 | (gunichar)p[1] << 8 | p[0];
        if (!g_unichar_validate(c))
            put_bad(d);
        else if (c != 0xfeff || i > 0)
            g_string_append_unichar(d->text, c);
    }
}

static void decode_utf32_marked(Decoding *d, guint parameter, const guint8 *data, gsize size)
{
    (void)parameter;
    decode_utf32(d, size < 4 || memcmp(data, "\xff\xfe\0\0", 4) != 0, data, size);
}

/* ---- seven-bit forms ---- */

/* Two-byte characters wait until their run ends, then they are decoded at once. */
typedef struct Shifted {
    Decoding *d;      /* borrowed */
    GByteArray *wide; /* owned */
    Handle handle;    /* of the set in G1 */
    gboolean out;     /* G1 is in force */
} Shifted;

static void flush(Shifted *s)
{
    decode_iconv(s->d, s->handle, s->wide->data, s->wide->len);
    g_byte_array_set_size(s->wide, 0);
}

static void set_handle(Shifted *s, Handle handle)
{
    flush(s);
    s->handle = handle;
}

/* Takes one or two bytes of text at p; returns how many. */
static gsize take_text(Shifted *s, const guint8 *p, gsize left)
{
    gboolean pair = s->out && left >= 2 && p[0] > 0x20 && p[0] < 0x7f && p[1] > 0x20 && p[1] < 0x7f;
    if (pair) {
        const guint8 two[] = {p[0] | 0x80, p[1] | 0x80};
        g_byte_array_append(s->wide, two, 2);
        return 2;
    }
    flush(s);
    if (p[0] >= 0x80)
        put_bad(s->d);
    else
        g_string_append_c(s->d->text, (char)p[0]);
    s->out = s->out && p[0] != '\n';
    return 1;
}

/* ESC N: one character of CNS 11643 plane 2, which is EUC-TW's 8E A2. */
static gsize take_plane_2(Shifted *s, const guint8 *p, gsize left)
{
    if (left < 4 || p[2] <= 0x20 || p[2] >= 0x7f || p[3] <= 0x20 || p[3] >= 0x7f)
        return 2;
    const guint8 four[] = {0x8e, 0xa2, p[2] | 0x80, p[3] | 0x80};
    flush(s);
    decode_iconv(s->d, TAIWAN, four, sizeof four);
    return 4;
}

/* ISO-2022-KR (RFC 1557), ISO-2022-CN (RFC 1922). Designations of sets that we do not know show nothing. */
static void decode_iso2022(Decoding *d, guint first, const guint8 *data, gsize size)
{
    Shifted s = {.d = d, .wide = g_byte_array_new(), .handle = (Handle)first};
    for (gsize i = 0; i < size;) {
        const guint8 *p = data + i;
        gsize left = size - i;
        if (p[0] == SHIFT_OUT || p[0] == SHIFT_IN) {
            flush(&s);
            s.out = p[0] == SHIFT_OUT;
            i++;
        } else if (p[0] == ESC && left >= 4 && p[1] == '$') {
            if (p[2] == ')')
                set_handle(&s, p[3] == 'C' ? KOREAN : p[3] == 'G' ? TAIWAN : GB);
            i += 4;
        } else if (p[0] == ESC && left >= 2 && p[1] == 'N') {
            i += take_plane_2(&s, p, left);
        } else {
            i += take_text(&s, p, left);
        }
    }
    flush(&s);
    g_byte_array_unref(s.wide);
}

/* HZ (RFC 1843): ~{ and ~} shift, ~~ is a tilde, ~ at a line's end joins lines. */
static void decode_hz(Decoding *d, guint parameter, const guint8 *data, gsize size)
{
    (void)parameter;
    Shifted s = {.d = d, .wide = g_byte_array_new(), .handle = GB};
    for (gsize i = 0; i < size;) {
        const guint8 *p = data + i;
        guint8 next = size - i >= 2 && p[0] == '~' ? p[1] : 0;
        if (next == '{' || next == '}') {
            flush(&s);
            s.out = next == '{';
            i += 2;
        } else if (!s.out && (next == '~' || next == '\n')) {
            g_string_append(d->text, next == '~' ? "~" : "");
            i += 2;
        } else {
            i += take_text(&s, p, size - i);
        }
    }
    flush(&s);
    g_byte_array_unref(s.wide);
}

/* ---- labels ---- */

static const struct {
    const char *labels;
    Decode decode;
    guint parameter;
} others[] = {
    {"gb2312 gb_2312-80 gb_2312 chinese csgb2312 euc-cn gbk x-gbk cp936 ms936 windows-936 gb18030 x-euc-cn "
     "csiso58gb231280 iso-ir-58 gb2312-80",
     decode_iconv, GB},
    {"big5 big-5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 cp950 windows-950 big5-eten ms950", decode_iconv, BIG5},
    {"euc-kr euckr cseuckr ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ksc5601 ksc_5601 korean cp949 ms949 windows-949 uhc "
     "iso-ir-149 csksc56011987 x-windows-949",
     decode_iconv, KOREAN},
    {"euc-tw x-euc-tw euctw", decode_iconv, TAIWAN},
    {"johab cp1361", decode_iconv, JOHAB},
    {"iso-2022-jp-2", decode_iconv, JIS_2},
    {"iso-2022-jp-3 iso-2022-jp-2004", decode_iconv, JIS_3},
    {"euc-jisx0213 euc-jis-2004", decode_iconv, EUC_2004},
    {"shift_jisx0213 shift_jis-2004", decode_iconv, SJIS_2004},
    {"iso-2022-kr csiso2022kr", decode_iso2022, KOREAN},
    {"iso-2022-cn iso-2022-cn-ext csiso2022cn", decode_iso2022, GB},
    {"hz-gb-2312 hz", decode_hz, 0},
    {"utf-32 utf32 ucs-4 iso-10646-ucs-4", decode_utf32_marked, 0},
    {"utf-32le utf32le", decode_utf32, 0},
    {"utf-32be utf32be", decode_utf32, 1},
};

static gboolean lists(const char *labels, const char *label)
{
    gsize length = strchr(label, ' ') ? 0 : strlen(label);
    for (const char *at = labels; length && (at = strstr(at, label)); at += length) {
        gboolean whole = (at == labels || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' ');
        if (whole)
            return TRUE;
    }
    return FALSE;
}

/* What decodes label; NULL when nothing here does. */
static Decode find(const char *label, guint *ret_parameter)
{
    g_autofree char *lower = g_ascii_strdown(label, -1);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        *ret_parameter = others[i].parameter;
        if (lists(others[i].labels, lower))
            return others[i].decode;
    }
    for (guint i = 0; i < G_N_ELEMENTS(singles); i++) {
        *ret_parameter = i;
        if (lists(singles[i].labels, lower))
            return decode_single;
    }
    return NULL;
}

gboolean mgk_charset_world_knows(const char *label)
{
    guint parameter;
    return find(label, &parameter) != NULL;
}

char *mgk_charset_world_to_utf8(const char *label, const guint8 *data, gsize size, gsize *ret_size, gsize *ret_bad)
{
    guint parameter = 0;
    Decode decode = find(label, &parameter);
    if (!decode)
        return NULL;
    mgk_charset_world_warm();
    Decoding d = {.text = g_string_sized_new(size + size / 2 + 1)};
    decode(&d, parameter, data, size);
    *ret_size = d.text->len;
    *ret_bad = d.bad;
    return g_string_free(d.text, FALSE);
}
