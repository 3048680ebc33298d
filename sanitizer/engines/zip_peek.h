/* zip_peek.h - which names a ZIP's central directory lists: enough to tell kinds of packages apart, no more.
 *
 * Judges nothing; engines/zip_reader.h does. Bounded: the first 2,000 records. */
#pragma once

#include <glib.h>

/* The names, NUL-terminated UTF-8 or not, lower case, '\\' as '/'; NULL when the bytes are no ZIP or have no directory.
 * Owned by the caller (g_strfreev). */
char **mgk_zip_peek(const guint8 *data, gsize size);
gboolean mgk_zip_peek_has(char **names, const char *name);          /* exact, lower case */
gboolean mgk_zip_peek_has_suffix(char **names, const char *suffix); /* any name that ends so */
/* The text of a stored (not compressed) first member called "mimetype", cut to 127 bytes, or "". Owned by the caller.
 */
char *mgk_zip_peek_mimetype(const guint8 *data, gsize size);
