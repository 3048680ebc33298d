/* mail_charset.h - text of mails as UTF-8, whatever its label says: never an error, never mojibake where it can be
 * told.
 *
 * Japanese goes through charset.h; UTF-7 by an own step; the rest of the world through iconv handles that are opened
 * before the lock-down and kept, because the C library loads its tables by names out of mail headers. */
#pragma once

#include <glib.h>

/* Opens the handles. Called in the zygote; the first conversion does it at the latest. */
void mgk_mail_charset_warm(void);
/* All of the bytes as valid UTF-8; what the encoding does not have becomes U+FFFD. label: as a mail gives it, may be
 * NULL or nonsense; bytes that are surely in another encoding than labelled are read as what they are. *ret_size
 * excludes the terminating NUL. Owned by the caller. */
char *mgk_mail_to_utf8(const char *label, const guint8 *data, gsize size, gsize *ret_size);
