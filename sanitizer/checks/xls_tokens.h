/* xls_tokens.h - the second look at formula tokens of BIFF8. */
#pragma once

#include <glib.h>

/* n bytes of tokens, then `more` bytes of constants: TRUE when they are exactly that and call nothing but functions of
 * worksheets. */
gboolean mgk_check_xls_tokens(const guint8 *p, gsize n, gsize more);
