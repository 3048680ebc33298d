/* json_copy.h - JSON (RFC 8259) read strictly and written again: the same tokens and spaces, strings without characters
 * that nobody sees. */
#pragma once

#include "engines/text_tidy.h"

#define MGK_JSON_DEPTH 500

/* text: valid UTF-8 without NUL, size bytes. Appends the copy to out. FALSE with MGK_ERROR_MALFORMED (no JSON, or what
 * programs read differently: names given twice, halves of characters) or MGK_ERROR_LIMIT (deeper than MGK_JSON_DEPTH);
 * the message tells the byte. */
gboolean mgk_json_copy(const char *text, gsize size, GString *out, MgkTextTally *tally, GError **error);
