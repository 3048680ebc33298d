/* html_token.h - tags, attributes and text of an HTML page, one after the other (WHATWG HTML 13.2.5, no tree).
 *
 * Linear time: every byte is visited a bounded number of times, attributes that nobody asks for are skipped, values are
 * cut at MGK_HTML_VALUE_BYTES. The input is valid UTF-8; NULs are skipped. */
#pragma once

#include <glib.h>

#define MGK_HTML_VALUE_BYTES 8192

typedef enum {
#define MGK_HTML_ELEMENT(id, name, flags, start, end) MGK_TAG_##id,
#include "rules/html_elements.def"
#undef MGK_HTML_ELEMENT
    MGK_TAG_UNKNOWN,
    MGK_N_TAGS
} MgkHtmlTag;

typedef enum {
#define MGK_HTML_ATTRIBUTE(id, name) MGK_ATTR_##id,
#include "rules/html_attributes.def"
#undef MGK_HTML_ATTRIBUTE
    MGK_N_ATTRS
} MgkHtmlAttr;

enum {
    MGK_HTML_VOID = 1,
    MGK_HTML_BLOCK = 2,
    MGK_HTML_PARA = 4,
    MGK_HTML_RAW = 8,
    MGK_HTML_SCOPE = 16,
    MGK_HTML_DROP = 32,
    MGK_HTML_PRE = 64,
};

typedef enum {
    MGK_HTML_EOF,
    MGK_HTML_TEXT,
    MGK_HTML_RAWTEXT, /* content of a RAW element; references decoded where HTML does */
    MGK_HTML_START,
    MGK_HTML_END,
    MGK_HTML_CONDITIONAL, /* a comment that only Outlook reads */
} MgkHtmlTokenType;

typedef struct MgkHtmlTokenizer {
    const char *data; /* borrowed */
    gsize size, at;
    MgkHtmlTag raw;        /* the RAW element whose content comes next, else UNKNOWN */
    guint64 steps;         /* bytes visited */
    guint handlers;        /* attributes named on…: scripts */
    MgkHtmlTokenType type; /* the token that mgk_html_next() found */
    MgkHtmlTag tag;        /* START, END; RAWTEXT: of the element around */
    gboolean self_closing; /* written <x/>: means nothing on HTML elements */
    GString *text;         /* owned: TEXT, RAWTEXT: references decoded; START, END: name, lower case, cut to 32 bytes */
    GString *values[MGK_N_ATTRS]; /* owned; use mgk_html_attr() */
    guint64 present;              /* bit n: values[n] was given */
} MgkHtmlTokenizer;

void mgk_html_tokenizer_init(MgkHtmlTokenizer *t, const char *data, gsize size);
void mgk_html_tokenizer_clear(MgkHtmlTokenizer *t);
/* The next token; FALSE at the end. A tag that the end of the input cuts is dropped, as browsers do. */
gboolean mgk_html_next(MgkHtmlTokenizer *t);
/* The value of an attribute of the START token, "" when it has none, NULL when it is absent. Borrowed. */
const char *mgk_html_attr(const MgkHtmlTokenizer *t, MgkHtmlAttr attr);
guint mgk_html_tag_flags(MgkHtmlTag tag);
MgkHtmlTag mgk_html_tag(const char *name, gsize length);
/* Appends text with character references decoded (13.2.5.72). in_attribute: legacy names need care before = and
 * letters. */
void mgk_html_decode(GString *out, const char *text, gsize length, gboolean in_attribute);
