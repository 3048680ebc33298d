/* thread_mail.h - a mail of our own making becomes an answer in the thread of the one that it was made of. */
#pragma once

#include <glib.h>

/* message: as our writer makes it, with CRLF. Its Message-ID becomes one of its own, In-Reply-To and References point
 * to the one that it had (both left out when it had none). id: of the record. Owned by the caller. */
GBytes *mgk_thread_mail(const char *message, gsize size, const char *id);
