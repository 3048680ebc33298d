/* rtf_token.h - RTF cut into tokens (Rich Text Format 1.9.1, "RTF Syntax").
 *
 * Every byte belongs to one token; CR, LF and NUL outside binary data mean nothing and are passed over. No input is an
 * error: a backslash at the end, half a \'x or a \bin that is too long give what is there. */
#pragma once

#include <glib.h>

enum { MGK_RTF_WORD_BYTES = 40 }; /* the specification allows 32 letters */

typedef enum {
    MGK_RTF_END,
    MGK_RTF_OPEN,
    MGK_RTF_CLOSE,
    MGK_RTF_WORD,   /* \word with or without parameter, its delimiting space consumed */
    MGK_RTF_SYMBOL, /* backslash and one other character, in byte */
    MGK_RTF_BYTE,   /* a byte of text, as such or as \'xx */
    MGK_RTF_BINARY, /* what \bin announces */
} MgkRtfType;

typedef struct MgkRtfToken {
    MgkRtfType type;
    char word[MGK_RTF_WORD_BYTES]; /* "" when it is longer than that */
    gboolean has_parameter;
    gint64 parameter; /* kept inside ±2^32 */
    guint8 byte;
    const guint8 *data; /* borrowed; BINARY */
    gsize size;
} MgkRtfToken;

typedef struct MgkRtfReader {
    const guint8 *data; /* borrowed */
    gsize size, at;
} MgkRtfReader;

/* The next token; FALSE (and END) at the end. */
gboolean mgk_rtf_next(MgkRtfReader *reader, MgkRtfToken *ret_token);
