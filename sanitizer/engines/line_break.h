/* line_break.h - columns of characters and where Japanese and Latin lines may end (禁則, JIS X 4051; classes in
 * rules/kinsoku.def). No break inside Latin words, numbers, addresses of the net, emoji sequences. */
#pragma once

#include <glib.h>

/* Columns that code takes after before (0: none): 0, 1 or 2. japanese: ambiguous characters take two. */
guint mgk_char_columns(gunichar before, gunichar code, gboolean japanese);
/* Columns of length bytes of UTF-8 (-1: up to the NUL). */
gsize mgk_text_columns(const char *text, gssize length, gboolean japanese);
/* Whether a line may end between two characters that no space parts. */
gboolean mgk_may_break(gunichar before, gunichar after);

/* Where a line begins and how long it is, without the spaces at its end. */
typedef void (*MgkLineFunc)(gpointer data, const char *line, gsize length, gsize columns);
typedef struct MgkWrap {
    guint columns;     /* of a line; a word that is longer stays whole unless split */
    guint split;       /* columns above which a word is cut; 0: never */
    gboolean japanese; /* see mgk_char_columns() */
    guint64 steps;     /* out: characters visited */
} MgkWrap;
/* Breaks text (valid UTF-8, spaces collapsed by the caller, LF = forced break, U+00A0 = space that holds) into lines.
 * Linear in length. func gets pointers into text. */
void mgk_wrap(MgkWrap *wrap, const char *text, gsize length, MgkLineFunc func, gpointer data);
