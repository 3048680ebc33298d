/* names.h - file names and strings out of files: made safe to show and to store, never changed in meaning. */
#pragma once

#include <glib.h>

/* A string safe for terminals, logs and mails: valid UTF-8, controls, bidi controls, zero-width and invalid bytes shown
 * as \xHH or \u{HHHH}, cut to max_columns with "…" (East-Asian width counts 2). Owned by the caller. */
char *mgk_names_display(const char *text, gssize length, gsize max_columns);
/* The name with its extension replaced by the true one ("報告.docm", "docx" → "報告.docx"); an extension that is
 * already the true one (any case) stays as it is. Cut to 255 bytes on a character, keeping the extension. Owned by the
 * caller. */
char *mgk_names_with_extension(const char *name, const char *extension);
/* The extension of a name, lower case, without the dot, "" when none. Owned by the caller. */
char *mgk_names_extension(const char *name);
/* A member's or attachment's name that is safe to create anywhere: no path, no drive, no reserved DOS name, no trailing
 * dot or space, no control or bidi characters; never empty. Owned by the caller. */
char *mgk_names_safe_component(const char *name);
/* Valid UTF-8 from any bytes: invalid ones become U+FFFD. Owned by the caller. */
char *mgk_names_to_utf8(const char *bytes, gssize length);
