/* upkeep.h - what the daemon does by itself: requests and records come to their end, the log is sealed. */
#pragma once

#include "hold.h"

/* One round: requests that are too old become void; records whose time is over go, and with the last record of an
 * original the original's key; the log is sealed when its time has come. Goes on with what an interruption left. */
gboolean mgk_upkeep_round(MgkHold *hold, GError **error);
/* Logs the daemon's troubles for the operator: a line on standard error. */
void mgk_upkeep_complain(const char *what, const GError *error);
