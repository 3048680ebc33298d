/* xlsb.h - the second look over the binary parts of a rebuilt .xlsb ([MS-XLSB]); checks/ooxml.c sees to the rest. */
#pragma once

#include <glib.h>

/* NULL when a part of this content type may cross; else which rule it breaks (static). rels: id → part or "", or NULL.
 */
const char *mgk_check_xlsb_part(const char *content_type, const guint8 *data, gsize size, GHashTable *rels);
/* Whether n bytes of tokens, with `more` bytes of constants behind their count, are a formula that may stay. */
gboolean mgk_check_xlsb_tokens(const guint8 *tokens, gsize n, gsize more);
