/* interrupt.h - Ctrl-C and SIGTERM end a run orderly; a second one ends it at once. */
#pragma once

#include "sanitizer.h"

/* Installs the handlers; ignores SIGPIPE and SIGXFSZ, so that they become errors of a write. Call once. */
void mgk_interrupt_install(void);
/* The sanitizer whose running calls a signal shall end; NULL before it is freed. */
void mgk_interrupt_watch(MgkSanitizer *sanitizer);
gboolean mgk_interrupt_seen(void);
