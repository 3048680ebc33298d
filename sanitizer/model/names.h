/* names.h - file names and strings out of files: made safe to show and to store, never changed in meaning. */
#pragma once

#include <glib.h>

/* A string safe for terminals, logs and mails: valid UTF-8, controls, bidi controls, zero-width and invalid bytes shown
 * as \xHH or \u{HHHH}, cut to max_columns (0: no bound) with "…" (East-Asian width counts 2). text may be NULL. Owned
 * by the caller. */
char *mgk_names_display(const char *text, gssize length, gsize max_columns);
/* The name with its extension replaced by the true one ("報告.docm", "docx" → "報告.docx"); an extension that is
 * already the true one (any case) stays as it is; an ending that is no extension ("R6.10") stays and the true one is
 * added; "資料.tar.gz" becomes "資料.zip". Cut to 255 bytes on a character, keeping the extension. Any bytes are taken.
 * Owned by the caller. */
char *mgk_names_with_extension(const char *name, const char *extension);
/* The name with a number before its extension ("報告.docx", 2 → "報告 (2).docx"), cut to 255 bytes in the same way.
 * Owned by the caller. */
char *mgk_names_numbered(const char *name, guint number);
/* The extension of a name as Windows sees it (dots and spaces at the end ignored), ASCII letters lower, without the
 * dot, "" when none; ".bat" has one. Any bytes are taken. Owned by the caller. */
char *mgk_names_extension(const char *name);
/* A member's or attachment's name that is safe to create anywhere: no path, no drive, no reserved DOS name, no trailing
 * dot or space, no control or bidi characters, at most 255 bytes; never empty. Split kana and Latin marks are joined,
 * nothing else is normalised. Owned by the caller. */
char *mgk_names_safe_component(const char *name);
/* Valid UTF-8 from any bytes: invalid ones and NUL become U+FFFD. bytes may be NULL. Owned by the caller. */
char *mgk_names_to_utf8(const char *bytes, gssize length);
