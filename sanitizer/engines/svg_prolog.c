#include "engines/svg_prolog.h"

#include <string.h>

#define ENTITIES_MOST 256u
#define VALUE_BYTES 1024u
#define GROWTH_BYTES (1u << 20)
#define NAME_BYTES 64u

typedef struct Prolog {
    const char *at, *end;
    GHashTable *entities; /* owned; name → text, both owned */
    MgkSvgProlog *ret;    /* borrowed */
    gboolean subset;
} Prolog;

static gboolean refuse(GError **error, MgkError code, const char *what)
{
    g_set_error(error, MGK_ERROR, (gint)code, "SVG prolog: %s", what);
    return FALSE;
}

static gboolean starts(const Prolog *p, const char *word)
{
    gsize length = strlen(word);
    return (gsize)(p->end - p->at) >= length && memcmp(p->at, word, length) == 0;
}

static void skip_spaces(Prolog *p)
{
    while (p->at < p->end && g_ascii_isspace(*p->at))
        p->at++;
}

/* Behind the next occurrence of word. */
static gboolean skip_past(Prolog *p, const char *word, GError **error)
{
    const char *found = memmem(p->at, (gsize)(p->end - p->at), word, strlen(word));
    if (!found)
        return refuse(error, MGK_ERROR_MALFORMED, "it does not end");
    p->at = found + strlen(word);
    return TRUE;
}

static gboolean skip_instruction(Prolog *p, GError **error)
{
    if (starts(p, "<?xml-stylesheet"))
        p->ret->stylesheet = TRUE;
    return skip_past(p, "?>", error);
}

static gboolean skip_comment(Prolog *p, GError **error)
{
    p->at += strlen("<!--");
    return skip_past(p, "-->", error);
}

/* A quoted text at p->at. */
static gboolean take_quoted(Prolog *p, const char **ret_text, gsize *ret_length, GError **error)
{
    char quote = p->at < p->end ? *p->at : '\0';
    const char *close = quote == '"' || quote == '\'' ? memchr(p->at + 1, quote, (gsize)(p->end - p->at) - 1) : NULL;
    if (!close)
        return refuse(error, MGK_ERROR_MALFORMED, "a quotation mark is missing");
    *ret_text = p->at + 1;
    *ret_length = (gsize)(close - p->at) - 1;
    p->at = close + 1;
    return TRUE;
}

/* To behind the '>' of a declaration, past quoted texts. */
static gboolean skip_declaration(Prolog *p, GError **error)
{
    const char *text = NULL;
    gsize length = 0;
    while (p->at < p->end && *p->at != '>') {
        if (*p->at != '"' && *p->at != '\'')
            p->at++;
        else if (!take_quoted(p, &text, &length, error))
            return FALSE;
    }
    return skip_past(p, ">", error);
}

static gsize name_length(const char *at, const char *end)
{
    gsize length = 0;
    while (at + length < end && length < NAME_BYTES && (g_ascii_isalnum(at[length]) || strchr("_-.", at[length])) &&
           at[length])
        length++;
    return length;
}

/* Text without markup; references to characters are left for the parser. */
static gboolean is_plain(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '<' || text[i] == '%' || (text[i] == '&' && (i + 1 == length || text[i + 1] != '#')))
            return FALSE;
    }
    return length <= VALUE_BYTES;
}

/* <!ENTITY name "text">; those that lie elsewhere are passed over, so that nothing refers to them. */
static gboolean take_entity(Prolog *p, GError **error)
{
    const char *text = NULL;
    gsize length = 0;
    p->at += strlen("<!ENTITY");
    skip_spaces(p);
    gsize size = name_length(p->at, p->end);
    if (!size)
        return refuse(error, MGK_ERROR_MALFORMED, "an entity of parameters, or without a name");
    g_autofree char *name = g_strndup(p->at, size);
    p->at += size;
    skip_spaces(p);
    if (p->at < p->end && (*p->at == '"' || *p->at == '\'')) {
        if (!take_quoted(p, &text, &length, error))
            return FALSE;
        if (is_plain(text, length) && g_hash_table_size(p->entities) < ENTITIES_MOST &&
            !g_hash_table_contains(p->entities, name))
            g_hash_table_insert(p->entities, g_steal_pointer(&name), g_strndup(text, length));
    }
    return skip_declaration(p, error);
}

static gboolean take_subset(Prolog *p, GError **error)
{
    p->subset = TRUE;
    for (p->at++; p->at < p->end;) {
        gboolean ok = TRUE;
        skip_spaces(p);
        if (p->at < p->end && *p->at == ']') {
            p->at++;
            return TRUE;
        }
        if (starts(p, "<!--"))
            ok = skip_comment(p, error);
        else if (starts(p, "<?"))
            ok = skip_instruction(p, error);
        else if (starts(p, "<!ENTITY"))
            ok = take_entity(p, error);
        else if (starts(p, "<!"))
            ok = skip_declaration(p, error);
        else
            return refuse(error, MGK_ERROR_MALFORMED, "a document type with something that is no declaration");
        if (!ok)
            return FALSE;
    }
    return refuse(error, MGK_ERROR_MALFORMED, "it does not end");
}

static gboolean take_doctype(Prolog *p, GError **error)
{
    const char *text = NULL;
    gsize length = 0;
    gboolean usual = FALSE;
    p->at += strlen("<!DOCTYPE");
    while (p->at < p->end && *p->at != '>') {
        if (*p->at == '[') {
            if (!take_subset(p, error))
                return FALSE;
        } else if (*p->at != '"' && *p->at != '\'') {
            p->at++;
        } else {
            if (!take_quoted(p, &text, &length, error))
                return FALSE;
            usual = usual || g_strstr_len(text, (gssize)length, "//W3C//DTD SVG");
        }
    }
    p->ret->doctype = p->ret->doctype || !usual || p->subset;
    return skip_past(p, ">", error);
}

static gboolean read_prolog(Prolog *p, GError **error)
{
    for (gboolean ok = TRUE; ok;) {
        skip_spaces(p);
        if (starts(p, "<!--"))
            ok = skip_comment(p, error);
        else if (starts(p, "<?"))
            ok = skip_instruction(p, error);
        else if (starts(p, "<!DOCTYPE"))
            ok = take_doctype(p, error);
        else
            return TRUE;
    }
    return FALSE;
}

/* The body with its entities in place. */
static GString *expand(const Prolog *p, GError **error)
{
    g_autoptr(GString) out = g_string_sized_new((gsize)(p->end - p->at));
    gsize growth = 0;
    const char *at = p->at;
    while (at < p->end) {
        const char *mark = memchr(at, '&', (gsize)(p->end - at));
        g_string_append_len(out, at, (mark ? mark : p->end) - at);
        if (!mark)
            break;
        gsize length = name_length(mark + 1, p->end);
        g_autofree char *name = g_strndup(mark + 1, length);
        const char *value =
            mark + 1 + length < p->end && mark[1 + length] == ';' ? g_hash_table_lookup(p->entities, name) : NULL;
        g_string_append(out, value ? value : "&");
        at = value ? mark + length + 2 : mark + 1;
        growth += value ? strlen(value) : 0;
        if (growth > GROWTH_BYTES) {
            refuse(error, MGK_ERROR_LIMIT, "entities that grow");
            return NULL;
        }
    }
    return g_steal_pointer(&out);
}

GString *mgk_svg_prolog(const GString *text, MgkSvgProlog *ret, GError **error)
{
    *ret = (MgkSvgProlog){.doctype = FALSE};
    Prolog p = {.at = text->str, .end = text->str + text->len, .ret = ret};
    p.entities = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GString *body = read_prolog(&p, error) ? expand(&p, error) : NULL;
    g_hash_table_unref(p.entities);
    return body;
}
