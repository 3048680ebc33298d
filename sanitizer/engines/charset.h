/* charset.h - characters out of bytes, one at a time, each with the bytes it came from.
 *
 * A handler that changes text copies the bytes of every character it keeps, so what is not changed stays identical
 * whatever the encoding. Japanese mappings are read from glibc's CP932 and EUC-JP-MS once, in mgk_charset_warm(), into
 * tables; ISO-2022-JP is decoded by an own step onto them (row 13, IBM extensions, half-width kana, CP50221), because
 * glibc's converter refuses them. No iconv handle is needed after the lock-down. */
#pragma once

#include "model/error.h"

typedef enum {
    MGK_CHARSET_NONE, /* not known for sure */
    MGK_CHARSET_ASCII,
    MGK_CHARSET_UTF8,
    MGK_CHARSET_UTF16LE,
    MGK_CHARSET_UTF16BE,
    MGK_CHARSET_CP932,
    MGK_CHARSET_EUC_JP,
    MGK_CHARSET_ISO_2022_JP,
    MGK_CHARSET_CP1252,
    MGK_N_CHARSETS
} MgkCharset;

#define MGK_CHAR_INVALID ((gunichar)0xffffffff) /* bytes that mean nothing in this encoding */
#define MGK_CHAR_SHIFT ((gunichar)0xfffffffe)   /* a change of character set inside ISO-2022-JP, shows nothing */

typedef struct MgkChar {
    gunichar code; /* Unicode scalar value, MGK_CHAR_INVALID or MGK_CHAR_SHIFT */
    gsize offset;  /* of its first byte */
    gsize length;  /* bytes, at least 1 */
} MgkChar;

/* A place in a text; a plain value, copy it to look ahead. */
typedef struct MgkCharsetReader {
    const guint8 *data; /* borrowed */
    gsize size, offset;
    MgkCharset charset;
    guint8 set;         /* ISO-2022-JP: the set in force, see charset.c */
    gboolean irregular; /* ISO-2022-JP: a line ended outside ASCII, where decoders disagree */
} MgkCharsetReader;

/* Builds the tables. FALSE with MGK_ERROR_FAILED when the C library lacks CP932 or EUC-JP-MS. Called by the first
 * reader at the latest. */
gboolean mgk_charset_warm(GError **error);
/* charset must not be NONE. A byte order mark is an ordinary U+FEFF. */
void mgk_charset_reader_init(MgkCharsetReader *reader, MgkCharset charset, const guint8 *data, gsize size);
/* The next character; FALSE at the end. */
gboolean mgk_charset_next(MgkCharsetReader *reader, MgkChar *ret_char);
/* Encodes one ASCII character to stand where reader stands, with the shifts that ISO-2022-JP needs. Returns the number
 * of bytes in out. */
gsize mgk_charset_put_ascii(const MgkCharsetReader *reader, char c, guint8 out[16]);

/* Which encoding the whole of a text is in; NONE when it is in none, or could be two that differ. Looks at every byte,
 * in time linear in size. Without a byte order mark: ASCII, ISO-2022-JP, UTF-16, UTF-8, CP932 or EUC-JP, CP1252. */
MgkCharset mgk_charset_detect(const guint8 *data, gsize size);
/* The encoding that a label of a mail or page names ("Shift_JIS", "windows-31j", "x-sjis", "cp50221"); NONE when it
 * names none of ours. Labels: the IANA names and what Japanese mailers write. */
MgkCharset mgk_charset_from_label(const char *label);
const char *mgk_charset_name(MgkCharset charset); /* "CP932"; static, "unknown" for NONE */
/* All of a text as UTF-8 without byte order mark; what means nothing becomes U+FFFD and is counted. charset must not be
 * NONE. Owned by the caller. */
GString *mgk_charset_to_utf8_anyway(MgkCharset charset, const guint8 *data, gsize size, gsize *ret_bad);
/* All of a text as UTF-8 without byte order mark; MGK_ERROR_MALFORMED names the first byte that is invalid. Owned by
 * the caller; *ret_size excludes the terminating NUL. */
char *mgk_charset_to_utf8(MgkCharset charset, const guint8 *data, gsize size, gsize *ret_size, GError **error);
