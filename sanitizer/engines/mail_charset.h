/* mail_charset.h - text of mails as UTF-8, whatever its label says: never an error, never mojibake where it can be
 * told.
 *
 * Japanese goes through charset.h, the rest of the world through charset_world.h, UTF-7 by an own step. */
#pragma once

#include <glib.h>

/* All of the bytes as valid UTF-8; what the encoding does not have becomes U+FFFD. label: as a mail gives it, may be
 * NULL or nonsense; bytes that are surely in another encoding than labelled are read as what they are. *ret_size
 * excludes the terminating NUL. Owned by the caller. */
char *mgk_mail_to_utf8(const char *label, const guint8 *data, gsize size, gsize *ret_size);
/* Whether label names UTF-7, which only mails may. NULL: no. */
gboolean mgk_mail_charset_is_utf7(const char *label);
