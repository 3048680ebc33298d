/* mail_jis.h - text as ISO-2022-JP (RFC 1468): ASCII and JIS X 0208 only, for programs that read nothing newer. */
#pragma once

#include <glib.h>

/* One stretch of output. */
typedef struct MgkJisWriter {
    GString *out;     /* borrowed */
    gboolean shifted; /* in JIS X 0208 */
} MgkJisWriter;

/* Appends one character with the shift it needs; FALSE, and nothing appended, when ISO-2022-JP has no such character.
 * Line ends must come from mgk_jis_end() first: a line ends in ASCII. */
gboolean mgk_jis_put(MgkJisWriter *writer, gunichar character);
/* Back to ASCII. */
void mgk_jis_end(MgkJisWriter *writer);
/* All of a text (UTF-8, \n line ends); NULL when a character does not fit. Owned by the caller. */
char *mgk_jis_from_utf8(const char *text);
