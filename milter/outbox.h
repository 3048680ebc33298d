/* outbox.h - the filter's side of the hold: what it asks before it takes a mail, and what it hands over afterwards. */
#pragma once

#include "service.h"

/* FALSE: the hold says that this source sent too much. A hold that does not answer, or has no room, is no reason to
 * refuse: the spool takes the mail, and has a watermark of its own. sender, client may be NULL. */
gboolean mgk_outbox_admits(const MgkService *service, const char *sender, const char *client);
/* Passes over the spool (courier.h) until `stop` is readable. */
void mgk_outbox_run(const MgkService *service, int stop);
