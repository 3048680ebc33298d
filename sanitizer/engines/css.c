#include "engines/css.h"

#include "engines/css_token.h"
#include "rules/xml_rules.h"

#include <string.h>

#define NESTING 8u

static const char *const functions[] = {
#define MGK_SVG_FUNCTION(name) name,
#include "rules/svg_functions.def"
#undef MGK_SVG_FUNCTION
};

/* ---- tokens as they are written ---- */

/* Decoded text that may stand as a word: no character that would have to be escaped. */
static gboolean is_plain_word(const GString *text)
{
    for (gsize i = 0; i < text->len; i++) {
        char c = text->str[i];
        if (!g_ascii_isalnum(c) && c != '-' && c != '_' && (guchar)c < 0x80)
            return FALSE;
    }
    return text->len > 0;
}

static gboolean put_word(const GString *text, GString *out)
{
    if (!is_plain_word(text))
        return FALSE;
    g_string_append_len(out, text->str, (gssize)text->len);
    return TRUE;
}

static gboolean put_string(const GString *text, GString *out)
{
    char quote = strchr(text->str, '\'') ? '"' : '\'';
    for (gsize i = 0; i < text->len; i++) {
        guchar c = (guchar)text->str[i];
        if (c < 0x20 || c == 0x7f || c == '\\' || c == '<' || c == (guchar)quote)
            return FALSE;
    }
    g_string_append_c(out, quote);
    g_string_append_len(out, text->str, (gssize)text->len);
    g_string_append_c(out, quote);
    return TRUE;
}

/* "#name": a place in the same document. */
static gboolean put_url(const GString *text, GString *out)
{
    if (text->len < 2 || text->str[0] != '#')
        return FALSE;
    for (gsize i = 1; i < text->len; i++) {
        if ((guchar)text->str[i] <= 0x20 || strchr("#\"'()\\<>\x7f", text->str[i]))
            return FALSE;
    }
    g_string_append_printf(out, "url(%s)", text->str);
    return TRUE;
}

static gboolean put_function(const GString *text, GString *out)
{
    g_autofree char *name = g_ascii_strdown(text->str, -1);
    for (gsize i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (strcmp(functions[i], name) == 0) {
            g_string_append_printf(out, "%s(", text->str);
            return TRUE;
        }
    }
    return FALSE;
}

/* A run of tokens: depth of its parentheses, and the characters that may stand alone. */
typedef struct Run {
    const char *delims;
    guint depth;
} Run;

static gboolean put_delim(Run *run, char delim, GString *out)
{
    if (delim == ')' ? !run->depth : delim != '(' && !strchr(run->delims, delim))
        return FALSE;
    if (delim == '(' || delim == ')')
        run->depth += delim == '(' ? 1u : -1u;
    g_string_append_c(out, delim);
    return TRUE;
}

static gboolean put_token(Run *run, const MgkCssReader *reader, MgkCssType type, GString *out)
{
    switch (type) {
    case MGK_CSS_SPACE:
        g_string_append_c(out, ' ');
        return TRUE;
    case MGK_CSS_WORD:
        return put_word(reader->text, out);
    case MGK_CSS_NUMBER:
        g_string_append_len(out, reader->text->str, (gssize)reader->text->len);
        return !strchr(reader->text->str, '\\') && !strchr(reader->text->str, '<');
    case MGK_CSS_HASH:
        g_string_append_c(out, '#');
        return put_word(reader->text, out);
    case MGK_CSS_STRING:
        return put_string(reader->text, out);
    case MGK_CSS_URL:
        return put_url(reader->text, out);
    case MGK_CSS_FUNCTION:
        run->depth++;
        return put_function(reader->text, out);
    case MGK_CSS_DELIM:
        return put_delim(run, reader->delim, out);
    case MGK_CSS_END:
    case MGK_CSS_AT:
    case MGK_CSS_BAD:
        break;
    }
    return FALSE;
}

/* Everything in the text, rebuilt; FALSE, and out as it was, when something of it may not cross. */
static gboolean put_run(const char *text, gsize length, const char *delims, GString *out)
{
    gsize before = out->len;
    Run run = {.delims = delims};
    g_auto(MgkCssReader) reader = {0};
    mgk_css_reader_init(&reader, text, length);
    gboolean ok = TRUE;
    for (MgkCssType type; ok && (type = mgk_css_next(&reader)) != MGK_CSS_END;)
        ok = put_token(&run, &reader, type, out);
    while (out->len > before && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    if (out->len > before && out->str[before] == ' ')
        g_string_erase(out, (gssize)before, 1);
    if (ok && run.depth == 0)
        return TRUE;
    g_string_truncate(out, before);
    return FALSE;
}

gboolean mgk_css_value(const char *text, gsize length, gboolean list, GString *out)
{
    return put_run(text, length, list ? ",/*+-=.;:" : ",/*+-=.", out);
}

/* ---- declarations ---- */

/* Reads on to the end of what began: a semicolon or the end outside of brackets, a closing brace one level up, or with
 * `block` an opening brace. Returns the delimiter ('\0' at the end), ret_end is before it. */
static char skip_to_end(MgkCssReader *reader, gboolean block, const char **ret_end)
{
    guint depth = 0;
    for (;;) {
        MgkCssType type = mgk_css_next(reader);
        *ret_end = reader->start;
        if (type == MGK_CSS_END)
            return '\0';
        if (type == MGK_CSS_FUNCTION)
            depth++;
        if (type != MGK_CSS_DELIM)
            continue;
        char c = reader->delim;
        if (!depth && (c == ';' || c == '}' || (block && c == '{')))
            return c;
        if (strchr("([{", c))
            depth++;
        else if (depth && strchr(")]}", c))
            depth--;
    }
}

static gboolean is_property(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    const MgkXmlRule *rule = mgk_xml_attribute_rule(MGK_NS_SVGD, "*", MGK_NS_NONE, lower);
    return rule->hook == MGK_XML_HOOK_SVG_PROPERTY;
}

/* name: its tokens were read; at the colon or not. */
static gboolean put_declaration(MgkCssReader *reader, const char *name, GString *out)
{
    gsize before = out->len;
    MgkCssType type = mgk_css_next(reader);
    if (type == MGK_CSS_SPACE)
        type = mgk_css_next(reader);
    gboolean colon = type == MGK_CSS_DELIM && reader->delim == ':';
    const char *from = colon ? reader->at : reader->start, *end = from;
    if (!colon)
        reader->at = reader->start;
    skip_to_end(reader, FALSE, &end);
    if (!colon || (!is_property(name) && !g_str_has_prefix(name, "--")))
        return FALSE;
    g_string_append_printf(out, "%s:", name);
    if (put_run(from, (gsize)(end - from), ",/*+-=.!", out)) {
        g_string_append_c(out, ';');
        return TRUE;
    }
    g_string_truncate(out, before);
    return FALSE;
}

guint mgk_css_declarations(const char *text, gsize length, GString *out)
{
    gsize before = out->len;
    guint lost = 0;
    g_auto(MgkCssReader) reader = {0};
    mgk_css_reader_init(&reader, text, length);
    for (MgkCssType type; (type = mgk_css_next(&reader)) != MGK_CSS_END;) {
        const char *end = NULL;
        if (type == MGK_CSS_SPACE || (type == MGK_CSS_DELIM && reader.delim == ';'))
            continue;
        if (type == MGK_CSS_WORD && is_plain_word(reader.text)) {
            g_autofree char *name = g_strdup(reader.text->str);
            lost += !put_declaration(&reader, name, out);
            continue;
        }
        lost++;
        reader.at = type == MGK_CSS_DELIM && strchr("([{", reader.delim) ? reader.start : reader.at;
        skip_to_end(&reader, FALSE, &end);
    }
    if (out->len > before)
        g_string_truncate(out, out->len - 1); /* the last semicolon */
    return lost;
}

/* ---- style sheets ---- */

/* The inside of a block whose brace was just read; reader is behind its closing brace then. */
static const char *skip_block(MgkCssReader *reader)
{
    const char *end = NULL;
    while (skip_to_end(reader, FALSE, &end) == ';') { /* declarations */
    }
    return end;
}

static guint put_rules(const char *text, gsize length, guint depth, GString *out);

static gboolean put_rule(const char *selector, const char *open, const char *end, guint *lost, GString *out)
{
    gsize before = out->len;
    if (!put_run(selector, (gsize)(open - selector), ".,>+~*:[]=|^$", out) || out->len == before)
        return FALSE;
    g_string_append_c(out, '{');
    gsize inside = out->len;
    *lost += mgk_css_declarations(open + 1, (gsize)(end - open - 1), out);
    gboolean filled = out->len > inside;
    g_string_append(out, "}\n");
    if (!filled)
        g_string_truncate(out, before);
    return TRUE;
}

/* prelude: from behind "@media" to the brace. */
static gboolean put_media(const char *prelude, const char *open, const char *end, guint depth, guint *lost,
                          GString *out)
{
    gsize before = out->len;
    g_string_append(out, "@media ");
    if (depth >= NESTING || !put_run(prelude, (gsize)(open - prelude), ",:.<=>", out)) {
        g_string_truncate(out, before);
        return FALSE;
    }
    g_string_append(out, "{\n");
    *lost += put_rules(open + 1, (gsize)(end - open - 1), depth + 1, out);
    g_string_append(out, "}\n");
    return TRUE;
}

/* One statement whose first token was read. Returns how much of it was left out. */
static guint put_statement(MgkCssReader *reader, MgkCssType type, guint depth, GString *out)
{
    gboolean at_rule = type == MGK_CSS_AT, media = at_rule && g_ascii_strcasecmp(reader->text->str, "media") == 0;
    const char *from = at_rule ? reader->at : reader->start, *open = NULL;
    guint lost = 0;
    reader->at = from;
    if (skip_to_end(reader, TRUE, &open) != '{')
        return 1;
    const char *end = skip_block(reader);
    gboolean ok =
        media ? put_media(from, open, end, depth, &lost, out) : !at_rule && put_rule(from, open, end, &lost, out);
    return lost + !ok;
}

static guint put_rules(const char *text, gsize length, guint depth, GString *out)
{
    guint lost = 0;
    g_auto(MgkCssReader) reader = {0};
    mgk_css_reader_init(&reader, text, length);
    for (MgkCssType type; (type = mgk_css_next(&reader)) != MGK_CSS_END;) {
        gsize rest = (gsize)(reader.end - reader.start);
        if (type == MGK_CSS_SPACE)
            continue;
        if (rest >= 4 && memcmp(reader.start, "<!--", 4) == 0)
            reader.at = reader.start + 4;
        else if (rest >= 3 && memcmp(reader.start, "-->", 3) == 0)
            reader.at = reader.start + 3;
        else
            lost += put_statement(&reader, type, depth, out);
    }
    return lost;
}

guint mgk_css_sheet(const char *text, gsize length, GString *out)
{
    return put_rules(text, length, 0, out);
}
