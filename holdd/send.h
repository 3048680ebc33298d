/* send.h - hands a mail to a relay by SMTP (libcurl). */
#pragma once

#include "model/error.h"

/* relay: HOST:PORT. recipients: NULL-terminated envelope addresses, each as it came ("<a@b>" or "a@b"); one with
 * control characters or spaces is refused. TRUE: the relay has taken the mail for all of them. Errors: MGK_ERROR_IO. */
gboolean mgk_send_mail(const char *relay, const char *from, const char *const *recipients, GBytes *mail,
                       GError **error);
