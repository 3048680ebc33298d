/* notify.h - tells systemd about the service (sd_notify(3)'s protocol, without its library). */
#pragma once

#include <glib.h>

/* Sends state ("READY=1") to $NOTIFY_SOCKET; does nothing when there is none. */
void mgk_notify(const char *state);
/* Half of $WATCHDOG_USEC, in seconds, at least 1: how often WATCHDOG=1 is due; 0 when no watchdog is asked for. */
guint mgk_notify_watchdog_seconds(void);
