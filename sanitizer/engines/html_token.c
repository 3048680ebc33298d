#include "engines/html_token.h"

#include <string.h>

#define NAME_BYTES 32

typedef struct Word {
    const char *name;
    guint flags;
} Word;

#define VOID MGK_HTML_VOID
#define BLOCK MGK_HTML_BLOCK
#define PARA MGK_HTML_PARA
#define RAW MGK_HTML_RAW
#define SCOPE MGK_HTML_SCOPE
#define DROP MGK_HTML_DROP
#define PRE MGK_HTML_PRE
static const Word tags[] = {
#define MGK_HTML_ELEMENT(id, name, flags, start, end) {name, flags},
#include "rules/html_elements.def"
#undef MGK_HTML_ELEMENT
};
#undef VOID
#undef BLOCK
#undef PARA
#undef RAW
#undef SCOPE
#undef DROP
#undef PRE

static const Word attributes[] = {
#define MGK_HTML_ATTRIBUTE(id, name) {name, 0},
#include "rules/html_attributes.def"
#undef MGK_HTML_ATTRIBUTE
};
G_STATIC_ASSERT(G_N_ELEMENTS(attributes) <= 64);

/* Index of a name in a sorted table, or count. */
static guint find_word(const Word *table, guint count, const char *name, gsize length)
{
    guint low = 0, high = count;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        int order = strncmp(table[middle].name, name, length);
        if (order == 0 && table[middle].name[length])
            order = 1;
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return count;
}

MgkHtmlTag mgk_html_tag(const char *name, gsize length)
{
    if (length == 5 && memcmp(name, "image", 5) == 0)
        return MGK_TAG_IMG;
    return (MgkHtmlTag)find_word(tags, G_N_ELEMENTS(tags), name, length);
}

guint mgk_html_tag_flags(MgkHtmlTag tag)
{
    return tag < MGK_TAG_UNKNOWN ? tags[tag].flags : 0;
}

void mgk_html_tokenizer_init(MgkHtmlTokenizer *t, const char *data, gsize size)
{
    *t = (MgkHtmlTokenizer){.data = data, .size = size, .raw = MGK_TAG_UNKNOWN, .text = g_string_new(NULL)};
    for (guint i = 0; i < MGK_N_ATTRS; i++)
        t->values[i] = g_string_new(NULL);
}

void mgk_html_tokenizer_clear(MgkHtmlTokenizer *t)
{
    if (!t->text)
        return;
    g_string_free(t->text, TRUE);
    for (guint i = 0; i < MGK_N_ATTRS; i++)
        g_string_free(t->values[i], TRUE);
    *t = (MgkHtmlTokenizer){.data = NULL};
}

const char *mgk_html_attr(const MgkHtmlTokenizer *t, MgkHtmlAttr attr)
{
    return t->present & (G_GUINT64_CONSTANT(1) << attr) ? t->values[attr]->str : NULL;
}

static gboolean is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* The byte at place; 0 at the end. */
static char peek(const MgkHtmlTokenizer *t, gsize place)
{
    return place < t->size ? t->data[place] : '\0';
}

static void skip_spaces(MgkHtmlTokenizer *t)
{
    while (t->at < t->size && is_space(t->data[t->at]))
        t->at++;
}

/* Reads a name up to a byte of stops into name, lower case, cut. Returns its length. */
static gsize read_name(MgkHtmlTokenizer *t, const char *stops, char name[NAME_BYTES])
{
    gsize length = 0, first = t->at;
    while (t->at < t->size) {
        char c = t->data[t->at];
        if (is_space(c) || (c && strchr(stops, c) && !(c == '=' && t->at == first)))
            break;
        if (c && length < NAME_BYTES)
            name[length++] = g_ascii_tolower(c);
        t->at++;
    }
    return length;
}

/* Appends bytes without NULs, cut at a whole character. */
static void set_value(GString *value, const char *bytes, gsize length)
{
    if (length > MGK_HTML_VALUE_BYTES) {
        length = MGK_HTML_VALUE_BYTES;
        while (length > 0 && ((guchar)bytes[length] & 0xc0) == 0x80)
            length--;
    }
    mgk_html_decode(value, bytes, length, TRUE);
}

static void read_value(MgkHtmlTokenizer *t, GString *value)
{
    skip_spaces(t);
    char quote = peek(t, t->at);
    gsize first = t->at;
    if (quote == '"' || quote == '\'') {
        const char *end = memchr(t->data + first + 1, quote, t->size - first - 1);
        t->at = end ? (gsize)(end - t->data) + 1 : t->size;
        if (end && value)
            set_value(value, t->data + first + 1, t->at - first - 2);
        return;
    }
    while (t->at < t->size && !is_space(t->data[t->at]) && t->data[t->at] != '>')
        t->at++;
    if (value)
        set_value(value, t->data + first, t->at - first);
}

static void read_attribute(MgkHtmlTokenizer *t)
{
    char name[NAME_BYTES];
    gsize length = read_name(t, "/>=", name);
    t->handlers += length > 2 && name[0] == 'o' && name[1] == 'n';
    guint attr = find_word(attributes, G_N_ELEMENTS(attributes), name, length);
    GString *value = NULL;
    if (attr < MGK_N_ATTRS && !(t->present & (G_GUINT64_CONSTANT(1) << attr))) {
        t->present |= G_GUINT64_CONSTANT(1) << attr;
        value = t->values[attr];
        g_string_truncate(value, 0);
    }
    skip_spaces(t);
    if (peek(t, t->at) == '=') {
        t->at++;
        read_value(t, value);
    }
}

/* A tag whose name begins at t->at. FALSE when the input ends inside. */
static gboolean read_tag(MgkHtmlTokenizer *t, MgkHtmlTokenType type)
{
    char name[NAME_BYTES];
    gsize length = read_name(t, "/>", name);
    t->type = type;
    t->tag = mgk_html_tag(name, length);
    t->present = 0;
    t->self_closing = FALSE;
    g_string_truncate(t->text, 0);
    g_string_append_len(t->text, name, (gssize)length);
    while (t->at < t->size) {
        char c = t->data[t->at];
        if (c == '>') {
            t->at++;
            if (type == MGK_HTML_START && (mgk_html_tag_flags(t->tag) & MGK_HTML_RAW))
                t->raw = t->tag;
            return TRUE;
        }
        t->self_closing = c == '/';
        if (is_space(c) || c == '/')
            t->at++;
        else
            read_attribute(t);
    }
    return FALSE;
}

static gsize find_byte(const MgkHtmlTokenizer *t, gsize from, char c)
{
    const char *found = from < t->size ? memchr(t->data + from, c, t->size - from) : NULL;
    return found ? (gsize)(found - t->data) : t->size;
}

/* Skips a comment that begins after <!--. */
static void skip_comment(MgkHtmlTokenizer *t)
{
    if (peek(t, t->at) == '>' || (peek(t, t->at) == '-' && peek(t, t->at + 1) == '>')) {
        t->at = find_byte(t, t->at, '>') + 1;
        return;
    }
    for (gsize i = find_byte(t, t->at, '-'); i < t->size; i = find_byte(t, i + 1, '-')) {
        if (peek(t, i + 1) == '-' && (peek(t, i + 2) == '>' || (peek(t, i + 2) == '!' && peek(t, i + 3) == '>'))) {
            t->at = find_byte(t, i, '>') + 1;
            return;
        }
    }
    t->at = t->size;
}

/* <!…>, <?…>, </3: comments, declarations and what HTML reads as such. TRUE when it is a conditional comment. */
static gboolean skip_markup(MgkHtmlTokenizer *t)
{
    if (t->size - t->at >= 4 && memcmp(t->data + t->at, "<!--", 4) == 0) {
        t->at += 4;
        gsize look = t->at;
        while (look < t->size && is_space(t->data[look]))
            look++;
        gboolean conditional = t->size - look >= 3 && g_ascii_strncasecmp(t->data + look, "[if", 3) == 0;
        skip_comment(t);
        t->at = MIN(t->at, t->size);
        return conditional;
    }
    t->at = MIN(find_byte(t, t->at, '>') + 1, t->size);
    return FALSE;
}

/* TRUE when the < at place begins a tag, comment or declaration; else it is text. */
static gboolean is_markup(const MgkHtmlTokenizer *t, gsize place)
{
    char next = peek(t, place + 1);
    if (next == '/')
        return place + 2 < t->size;
    return g_ascii_isalpha(next) || next == '!' || next == '?';
}

static gboolean read_text(MgkHtmlTokenizer *t)
{
    gsize first = t->at;
    while (t->at < t->size && !(t->data[t->at] == '<' && is_markup(t, t->at)))
        t->at = find_byte(t, t->at + 1, '<');
    g_string_truncate(t->text, 0);
    mgk_html_decode(t->text, t->data + first, t->at - first, FALSE);
    t->type = MGK_HTML_TEXT;
    return TRUE;
}

/* Content of a RAW element up to its end tag. */
static gboolean read_raw(MgkHtmlTokenizer *t)
{
    const char *name = tags[t->raw].name;
    gsize length = strlen(name), first = t->at, end = t->size;
    for (gsize i = find_byte(t, first, '<'); t->raw != MGK_TAG_PLAINTEXT && i < t->size; i = find_byte(t, i + 1, '<')) {
        if (t->size - i < length + 3 || t->data[i + 1] != '/' ||
            g_ascii_strncasecmp(t->data + i + 2, name, length) != 0)
            continue;
        char after = t->data[i + 2 + length];
        if (is_space(after) || after == '/' || after == '>') {
            end = i;
            break;
        }
    }
    g_string_truncate(t->text, 0);
    if (t->raw == MGK_TAG_TITLE || t->raw == MGK_TAG_TEXTAREA)
        mgk_html_decode(t->text, t->data + first, end - first, FALSE);
    else
        g_string_append_len(t->text, t->data + first, (gssize)(end - first));
    t->at = end;
    t->type = MGK_HTML_RAWTEXT;
    t->tag = t->raw;
    t->raw = MGK_TAG_UNKNOWN;
    return TRUE;
}

static gboolean read_token(MgkHtmlTokenizer *t)
{
    if (t->raw != MGK_TAG_UNKNOWN)
        return read_raw(t);
    while (t->at < t->size) {
        if (t->data[t->at] != '<' || !is_markup(t, t->at))
            return read_text(t);
        char next = t->data[t->at + 1];
        if (g_ascii_isalpha(next)) {
            t->at++;
            return read_tag(t, MGK_HTML_START);
        }
        if (next == '/' && g_ascii_isalpha(t->data[t->at + 2])) {
            t->at += 2;
            return read_tag(t, MGK_HTML_END);
        }
        if (skip_markup(t)) {
            t->type = MGK_HTML_CONDITIONAL;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean mgk_html_next(MgkHtmlTokenizer *t)
{
    gsize first = t->at;
    gboolean found = read_token(t);
    t->steps += t->at - first;
    if (!found)
        t->type = MGK_HTML_EOF;
    return found;
}
