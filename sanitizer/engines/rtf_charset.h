/* rtf_charset.h - what bytes of RTF text mean: code pages of documents and fonts, and text collected from bytes and \u.
 */
#pragma once

#include <glib.h>

/* The code page of a font's \fcharset; 0 when it has none of its own. */
guint mgk_rtf_codepage(guint fcharset);
/* TRUE when byte may be the first of two in that code page. */
gboolean mgk_rtf_is_lead(guint codepage, guint8 byte);
/* The character that a word such as "emdash" is; 0 for other words. */
gunichar mgk_rtf_character(const char *word);

/* Text as it is read: bytes in some code page, UTF-16 units, characters. */
typedef struct MgkRtfWords {
    GString *text;   /* owned; UTF-8 */
    GByteArray *run; /* owned; bytes of one code page, not yet in text */
    guint codepage;  /* of run */
    guint16 high;    /* a high surrogate that waits for its low one, or 0 */
} MgkRtfWords;

void mgk_rtf_words_init(MgkRtfWords *words);
void mgk_rtf_words_clear(MgkRtfWords *words);
void mgk_rtf_words_empty(MgkRtfWords *words);
void mgk_rtf_words_byte(MgkRtfWords *words, guint codepage, guint8 byte);
void mgk_rtf_words_unit(MgkRtfWords *words, guint16 unit);
void mgk_rtf_words_char(MgkRtfWords *words, gunichar code);
/* All of it; valid until the next call. What means nothing is U+FFFD. */
const char *mgk_rtf_words_text(MgkRtfWords *words);
