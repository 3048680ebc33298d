/* css_token.h - tokens of CSS (CSS Syntax 3, section 4), with escapes decoded. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_CSS_END,
    MGK_CSS_SPACE,    /* white space and comments */
    MGK_CSS_WORD,     /* identifier; text */
    MGK_CSS_FUNCTION, /* identifier with its opening parenthesis; text is the name */
    MGK_CSS_URL,      /* url(…) or url("…"); text is what it names */
    MGK_CSS_STRING,   /* text without quotes */
    MGK_CSS_NUMBER,   /* with sign, exponent, unit or percent sign, as it is written; text */
    MGK_CSS_HASH,     /* text without # */
    MGK_CSS_AT,       /* text without @ */
    MGK_CSS_DELIM,    /* any other character: delim */
    MGK_CSS_BAD,      /* a string or url() that does not end */
} MgkCssType;

typedef struct MgkCssReader {
    const char *at, *end; /* borrowed, valid UTF-8 */
    const char *start;    /* where the present token begins */
    GString *text;        /* owned; of the present token, decoded */
    char delim;
} MgkCssReader;

void mgk_css_reader_init(MgkCssReader *reader, const char *text, gsize length);
void mgk_css_reader_clear(MgkCssReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkCssReader, mgk_css_reader_clear)
/* Each byte is read a bounded number of times. */
MgkCssType mgk_css_next(MgkCssReader *reader);
