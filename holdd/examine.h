/* examine.h - a second look at an original before it leaves unsanitized: a virus scanner's, and the sanitizer's own. */
#pragma once

#include "hold.h"

/* Whether the original may go at all. No: the scanner found something, or is needed and does not answer; anything in
 * it is blocked (programs, scripts, installers): such things are never released, whoever agreed. name: what it is
 * called. On refusal *ret_why says so in an engineer's words (owned by the caller) and error in a person's. */
gboolean mgk_examine_original(const MgkHold *hold, int original, const char *name, char **ret_why, GError **error);
