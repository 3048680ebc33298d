/* zip_names.h - names in ZIP directories: three encodings, told apart by what the bytes can be. */
#pragma once

#include <glib.h>

typedef enum { MGK_ZIP_UTF8, MGK_ZIP_CP932, MGK_ZIP_CP437, MGK_ZIP_N_CHARSETS } MgkZipCharset;

/* The name as UTF-8, or NULL when the bytes are no text of this charset. CP437 takes anything. Owned by the caller. */
char *mgk_zip_names_decode(MgkZipCharset charset, const guint8 *bytes, gsize size);
/* TRUE when a unicode path extra can be the true form of a header's name: the same text in one of the charsets, or the
 * header's bytes with '?' or '_' in place of characters that its charset lacks. */
gboolean mgk_zip_names_same(const guint8 *header, gsize header_size, const char *path);
/* What two names share when a file system may take them for one: case and composition folded. Owned by the caller. */
char *mgk_zip_names_key(const char *name, gsize size);
gboolean mgk_zip_names_ascii(const guint8 *bytes, gsize size);
