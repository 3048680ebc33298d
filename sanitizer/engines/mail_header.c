#include "engines/mail_header.h"

#include "engines/charset.h"
#include "engines/mail_charset.h"

#include <string.h>

#define PARAMS_MAX 64
#define PARAM_NAME_BYTES 64

char *mgk_mail_header_flatten(const char *raw)
{
    gsize size = strlen(raw), length = 0;
    g_autofree char *flat = g_memdup2(raw, size + 1);
    gboolean odd = FALSE;
    for (gsize i = 0; i < size; i++) {
        guint8 c = (guint8)raw[i];
        odd |= c >= 0x80 || c == 0x1b;
        if (c != '\r' && c != '\n')
            flat[length++] = c == '\t' ? ' ' : raw[i];
    }
    flat[length] = '\0';
    return odd ? mgk_mail_to_utf8(NULL, (const guint8 *)flat, length, &length) : g_steal_pointer(&flat);
}

/* ---- encoded words ---- */

typedef struct Word {
    const char *begin, *end; /* "=?" to after "?=" */
    char *charset;           /* owned; without RFC 2231's language */
    GByteArray *bytes;       /* owned; the text, B or Q undone */
} Word;

static void word_clear(Word *word)
{
    g_clear_pointer(&word->charset, g_free);
    g_clear_pointer(&word->bytes, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Word, word_clear)

static int hex(char c)
{
    return g_ascii_xdigit_value(c);
}

static void undo_q(const char *text, const char *end, GByteArray *bytes)
{
    for (; text < end; text++) {
        guint8 byte = (guint8)(*text == '_' ? ' ' : *text);
        if (*text == '=' && end - text > 2 && hex(text[1]) >= 0 && hex(text[2]) >= 0) {
            byte = (guint8)(hex(text[1]) << 4 | hex(text[2]));
            text += 2;
        }
        g_byte_array_append(bytes, &byte, 1);
    }
}

static void undo_b(const char *text, const char *end, GByteArray *bytes)
{
    int state = 0;
    guint save = 0;
    gsize room = (gsize)(end - text) / 4 * 3 + 6;
    g_autofree guint8 *out = g_malloc(room);
    gsize n = g_base64_decode_step(text, (gsize)(end - text), out, &state, &save);
    g_byte_array_append(bytes, out, (guint)n);
    static const char pads[] = "===";
    gsize digits = 0; /* some writers leave the padding out */
    for (const char *p = text; p < end; p++)
        digits += g_ascii_isalnum(*p) || *p == '+' || *p == '/' || *p == '=';
    if (digits % 4)
        n = g_base64_decode_step(pads, 4 - digits % 4, out, &state, &save);
    else
        n = 0;
    g_byte_array_append(bytes, out, (guint)n);
}

/* An encoded word at p. Tolerates spaces inside (everyday) but no '?'. */
static gboolean word_at(const char *p, Word *ret_word)
{
    if (p[0] != '=' || p[1] != '?')
        return FALSE;
    gsize name = strcspn(p + 2, "? \r\n\t=()<>@,;:\"/[]");
    const char *encoding = p + 2 + name;
    if (name == 0 || name > 40 || encoding[0] != '?' || !encoding[1] || encoding[2] != '?')
        return FALSE;
    char kind = g_ascii_toupper(encoding[1]);
    const char *text = encoding + 3, *end = strstr(text, "?=");
    /* "?=" of "=?…?Q?=E3…": the mark that ends is the first whose '?' is not the text's beginning */
    if (!end || (kind != 'B' && kind != 'Q') || memchr(text, '?', (gsize)(end - text)))
        return FALSE;
    *ret_word = (Word){.begin = p, .end = end + 2, .charset = g_strndup(p + 2, name), .bytes = g_byte_array_new()};
    ret_word->charset[strcspn(ret_word->charset, "*")] = '\0';
    (kind == 'B' ? undo_b : undo_q)(text, end, ret_word->bytes);
    return TRUE;
}

static void append_decoded(GString *text, const char *charset, const GByteArray *bytes)
{
    gsize length = 0;
    g_autofree char *utf8 = mgk_mail_to_utf8(charset, bytes->data, bytes->len, &length);
    for (gsize i = 0; i < length; i++) {
        if (utf8[i] == '\0' || utf8[i] == '\r' || utf8[i] == '\n')
            utf8[i] = ' ';
    }
    g_string_append_len(text, utf8, (gssize)length);
}

char *mgk_mail_header_decode(const char *raw)
{
    g_autofree char *flat = mgk_mail_header_flatten(raw);
    g_autoptr(GString) text = g_string_new(NULL);
    const char *p = flat;
    while (*p) {
        g_auto(Word) word = {0};
        if (!word_at(p, &word)) {
            g_string_append_c(text, *p++);
            continue;
        }
        for (;;) { /* neighbours of the same charset are one text */
            g_auto(Word) next = {0};
            const char *after = word.end + strspn(word.end, " ");
            if (!word_at(after, &next) || g_ascii_strcasecmp(next.charset, word.charset) != 0) {
                p = next.charset ? after : word.end;
                break;
            }
            g_byte_array_append(word.bytes, next.bytes->data, next.bytes->len);
            word.end = next.end;
        }
        append_decoded(text, word.charset, word.bytes);
    }
    g_strstrip(text->str);
    return g_strdup(text->str);
}

/* ---- parameters ---- */

typedef struct Param {
    char name[PARAM_NAME_BYTES + 1]; /* lower case, without index and star */
    int index;                       /* of a continuation, -1 for none */
    gboolean star;                   /* percent-encoded */
    char *value;                     /* owned */
} Param;

struct MgkMailParams {
    char *value; /* owned */
    guint n;
    Param params[PARAMS_MAX];
};

void mgk_mail_params_free(MgkMailParams *params)
{
    for (guint i = 0; params && i < params->n; i++)
        g_free(params->params[i].value);
    if (params)
        g_free(params->value);
    g_free(params);
}

static const char *skip_blank(const char *p)
{
    guint depth = 0;
    for (; *p && (depth || *p == ' ' || *p == '('); p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '(')
            depth++;
        else if (*p == ')')
            depth--;
    }
    return p;
}

/* A value at p: quoted, or up to the next ';' (spaces inside tolerated). Returns where it ends. */
static const char *take_value(const char *p, char **ret_value)
{
    g_autoptr(GString) value = g_string_new(NULL);
    gboolean quoted = *p == '"';
    for (p += quoted; *p && *p != (quoted ? '"' : ';'); p++) {
        if (quoted && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        g_string_append_c(value, *p);
    }
    if (!quoted)
        g_strchomp(value->str);
    *ret_value = g_strdup(value->str);
    return p + strcspn(p, ";");
}

/* "filename*0*" → name filename, index 0, star. FALSE when it is no parameter's name. */
static gboolean read_name(const char *begin, const char *end, Param *param)
{
    while (end > begin && end[-1] == ' ')
        end--;
    if (begin == end || end - begin > PARAM_NAME_BYTES)
        return FALSE;
    for (const char *p = begin; p < end; p++) {
        if (*p <= ' ' || (guint8)*p >= 0x7f || strchr("()<>@,;:\\\"/[]?=", *p))
            return FALSE;
    }
    g_autofree char *name = g_ascii_strdown(begin, end - begin);
    char *star = strchr(name, '*');
    param->index = -1;
    param->star = g_str_has_suffix(name, "*");
    if (star && g_ascii_isdigit(star[1]))
        param->index = (int)g_ascii_strtoull(star + 1, NULL, 10) & 0xffff;
    if (star)
        *star = '\0';
    g_strlcpy(param->name, name, sizeof param->name);
    return TRUE;
}

MgkMailParams *mgk_mail_params_parse(const char *raw)
{
    MgkMailParams *params = g_new0(MgkMailParams, 1);
    g_autofree char *flat = mgk_mail_header_flatten(raw ? raw : "");
    const char *p = skip_blank(flat);
    gsize length = strcspn(p, ";(");
    params->value = g_ascii_strdown(p, (gssize)length);
    g_strstrip(params->value);
    p += strcspn(p, ";");
    while (*p && params->n < PARAMS_MAX) {
        p = skip_blank(p + 1);
        gsize name = strcspn(p, "=;");
        Param param = {0};
        if (p[name] != '=') {
            p += name;
            continue;
        }
        gboolean ok = read_name(p, p + name, &param);
        p = take_value(skip_blank(p + name + 1), &param.value);
        if (ok)
            params->params[params->n++] = param;
        else
            g_free(param.value);
    }
    return params;
}

const char *mgk_mail_params_value(const MgkMailParams *params)
{
    return params->value;
}

static void append_percent(GByteArray *bytes, const char *text, gboolean percent)
{
    for (; *text; text++) {
        guint8 byte = (guint8)*text;
        if (percent && *text == '%' && hex(text[1]) >= 0 && hex(text[2]) >= 0) {
            byte = (guint8)(hex(text[1]) << 4 | hex(text[2]));
            text += 2;
        }
        g_byte_array_append(bytes, &byte, 1);
    }
}

static const Param *find(const MgkMailParams *params, const char *name, int index, gboolean star)
{
    for (guint i = 0; i < params->n; i++) {
        const Param *param = &params->params[i];
        if (param->index == index && param->star == star && strcmp(param->name, name) == 0)
            return param;
    }
    return NULL;
}

/* charset'language'text of the first piece; *ret_text is where the text begins. */
static char *take_charset(const char *value, const char **ret_text)
{
    const char *first = strchr(value, '\''), *second = first ? strchr(first + 1, '\'') : NULL;
    *ret_text = second ? second + 1 : value;
    return second ? g_strndup(value, (gsize)(first - value)) : NULL;
}

static char *decode_pieces(const MgkMailParams *params, const char *name, int index)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *charset = NULL;
    gboolean star = FALSE;
    for (gboolean first = TRUE;; first = FALSE) {
        const Param *piece = find(params, name, index, TRUE);
        if (!piece)
            piece = find(params, name, index, FALSE);
        if (!piece)
            break;
        const char *text = piece->value;
        if (first && piece->star)
            charset = take_charset(piece->value, &text);
        star |= piece->star;
        append_percent(bytes, text, piece->star);
        if (index++ < 0)
            break;
    }
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    gsize length = 0;
    if (!star)
        return mgk_mail_header_decode((const char *)bytes->data);
    char *utf8 = mgk_mail_to_utf8(charset, bytes->data, strlen((const char *)bytes->data), &length);
    return g_strdelimit(utf8, "\r\n", ' ');
}

char *mgk_mail_params_get(const MgkMailParams *params, const char *name)
{
    if (find(params, name, -1, TRUE))
        return decode_pieces(params, name, -1);
    if (find(params, name, 0, TRUE) || find(params, name, 0, FALSE))
        return decode_pieces(params, name, 0);
    return find(params, name, -1, FALSE) ? decode_pieces(params, name, -1) : NULL;
}
