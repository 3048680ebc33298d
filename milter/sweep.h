/* sweep.h - removes kept mails whose time is over. */
#pragma once

#include "spool.h"

typedef struct MgkSweepAges {
    guint done_days; /* originals of which everything was delivered; 0: never */
    guint held_days; /* originals of which something was not; 0: never */
} MgkSweepAges;

/* One pass over the spool. Whole days count, by UTC: a mail of day D goes when now is past the end of day D + N. What
 * has no result was answered by 451, or we died before any answer: the sender has it, and it goes after a week; so do
 * counted tries. Returns how many mails went; failures are left for the next pass. */
guint mgk_sweep(MgkSpool *spool, const MgkSweepAges *ages, gint64 now_us);
