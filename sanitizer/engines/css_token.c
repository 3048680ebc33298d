#include "engines/css_token.h"

#include <string.h>

void mgk_css_reader_init(MgkCssReader *reader, const char *text, gsize length)
{
    *reader = (MgkCssReader){.at = text, .end = text + length, .start = text, .text = g_string_new(NULL)};
}

void mgk_css_reader_clear(MgkCssReader *reader)
{
    g_string_free(reader->text, TRUE);
    reader->text = NULL;
}

/* The byte n places ahead, NUL behind the end. */
static char peek(const MgkCssReader *reader, gsize n)
{
    return (gsize)(reader->end - reader->at) > n ? reader->at[n] : '\0';
}

static gboolean is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static gboolean is_name_start(char c)
{
    return g_ascii_isalpha(c) || c == '_' || (guchar)c >= 0x80;
}

static gboolean is_name(char c)
{
    return is_name_start(c) || g_ascii_isdigit(c) || c == '-';
}

/* A backslash that begins an escape, n places ahead (4.3.8). */
static gboolean is_escape(const MgkCssReader *reader, gsize n)
{
    char next = peek(reader, n + 1);
    return peek(reader, n) == '\\' && next && next != '\n' && next != '\r' && next != '\f';
}

/* Would three characters start an identifier (4.3.9)? */
static gboolean starts_word(const MgkCssReader *reader)
{
    if (peek(reader, 0) != '-')
        return is_name_start(peek(reader, 0)) || is_escape(reader, 0);
    return is_name_start(peek(reader, 1)) || peek(reader, 1) == '-' || is_escape(reader, 1);
}

/* Would three characters start a number (4.3.10)? */
static gboolean starts_number(const MgkCssReader *reader)
{
    gsize n = peek(reader, 0) == '+' || peek(reader, 0) == '-';
    n += peek(reader, n) == '.';
    return g_ascii_isdigit(peek(reader, n)) != 0;
}

/* 4.3.7: the backslash and what it stands for. */
static void take_escape(MgkCssReader *reader)
{
    guint32 code = 0;
    guint digits = 0;
    for (reader->at++; digits < 6 && g_ascii_isxdigit(peek(reader, 0)); digits++)
        code = code << 4 | (guint32)g_ascii_xdigit_value(*reader->at++);
    if (!digits) {
        const char *next = g_utf8_next_char(reader->at);
        g_string_append_len(reader->text, reader->at, next - reader->at);
        reader->at = next;
        return;
    }
    if (is_space(peek(reader, 0)))
        reader->at += peek(reader, 0) == '\r' && peek(reader, 1) == '\n' ? 2 : 1;
    g_string_append_unichar(reader->text, code && g_unichar_validate(code) ? code : 0xfffd);
}

static void take_name(MgkCssReader *reader)
{
    for (;;) {
        if (is_name(peek(reader, 0)))
            g_string_append_c(reader->text, *reader->at++);
        else if (is_escape(reader, 0))
            take_escape(reader);
        else
            return;
    }
}

static void take_digits(MgkCssReader *reader)
{
    while (g_ascii_isdigit(peek(reader, 0)))
        g_string_append_c(reader->text, *reader->at++);
}

static MgkCssType take_number(MgkCssReader *reader)
{
    if (peek(reader, 0) == '+' || peek(reader, 0) == '-')
        g_string_append_c(reader->text, *reader->at++);
    take_digits(reader);
    if (peek(reader, 0) == '.' && g_ascii_isdigit(peek(reader, 1))) {
        g_string_append_c(reader->text, *reader->at++);
        take_digits(reader);
    }
    gsize sign = peek(reader, 1) == '+' || peek(reader, 1) == '-';
    if ((peek(reader, 0) == 'e' || peek(reader, 0) == 'E') && g_ascii_isdigit(peek(reader, 1 + sign))) {
        g_string_append_len(reader->text, reader->at, 1 + (gssize)sign);
        reader->at += 1 + sign;
        take_digits(reader);
    }
    if (peek(reader, 0) == '%')
        g_string_append_c(reader->text, *reader->at++);
    else if (starts_word(reader))
        take_name(reader);
    return MGK_CSS_NUMBER;
}

static MgkCssType take_string(MgkCssReader *reader)
{
    char quote = *reader->at++;
    for (; reader->at < reader->end; reader->at++) {
        char c = *reader->at;
        if (c == quote) {
            reader->at++;
            return MGK_CSS_STRING;
        }
        if (c == '\n' || c == '\r' || c == '\f')
            return MGK_CSS_BAD;
        if (is_escape(reader, 0)) {
            take_escape(reader);
            reader->at--;
        } else if (c != '\\') {
            g_string_append_c(reader->text, c);
        } else if (reader->end - reader->at > 1) { /* a line goes on */
            reader->at += reader->at[1] == '\r' && peek(reader, 2) == '\n' ? 2 : 1;
        }
    }
    return MGK_CSS_BAD;
}

static void skip_spaces(MgkCssReader *reader)
{
    while (is_space(peek(reader, 0)))
        reader->at++;
}

/* Behind "url(". */
static MgkCssType take_url(MgkCssReader *reader)
{
    g_string_truncate(reader->text, 0);
    skip_spaces(reader);
    if (peek(reader, 0) == '"' || peek(reader, 0) == '\'') {
        if (take_string(reader) == MGK_CSS_BAD)
            return MGK_CSS_BAD;
        skip_spaces(reader);
    } else {
        while (reader->at < reader->end && *reader->at != ')' && !is_space(*reader->at)) {
            if (is_escape(reader, 0))
                take_escape(reader);
            else if (strchr("\"'(\\", *reader->at))
                return MGK_CSS_BAD;
            else
                g_string_append_c(reader->text, *reader->at++);
        }
        skip_spaces(reader);
    }
    if (peek(reader, 0) != ')')
        return MGK_CSS_BAD;
    reader->at++;
    return MGK_CSS_URL;
}

static MgkCssType take_word(MgkCssReader *reader)
{
    take_name(reader);
    if (peek(reader, 0) != '(')
        return MGK_CSS_WORD;
    reader->at++;
    return g_ascii_strcasecmp(reader->text->str, "url") == 0 ? take_url(reader) : MGK_CSS_FUNCTION;
}

/* White space and comments; FALSE when there was none. */
static gboolean take_blank(MgkCssReader *reader)
{
    const char *from = reader->at;
    for (;;) {
        skip_spaces(reader);
        if (peek(reader, 0) != '/' || peek(reader, 1) != '*')
            return reader->at > from;
        const char *close = g_strstr_len(reader->at + 2, reader->end - reader->at - 2, "*/");
        reader->at = close ? close + 2 : reader->end;
    }
}

MgkCssType mgk_css_next(MgkCssReader *reader)
{
    g_string_truncate(reader->text, 0);
    reader->start = reader->at;
    if (reader->at >= reader->end)
        return MGK_CSS_END;
    if (take_blank(reader))
        return MGK_CSS_SPACE;
    char c = *reader->at;
    if (c == '"' || c == '\'')
        return take_string(reader);
    if (starts_number(reader))
        return take_number(reader);
    if (starts_word(reader))
        return take_word(reader);
    reader->at++;
    if (c == '#' && (is_name(peek(reader, 0)) || is_escape(reader, 0))) {
        take_name(reader);
        return MGK_CSS_HASH;
    }
    if (c == '@' && starts_word(reader)) {
        take_name(reader);
        return MGK_CSS_AT;
    }
    reader->delim = c;
    return MGK_CSS_DELIM;
}
