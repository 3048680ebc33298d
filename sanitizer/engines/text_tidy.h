/* text_tidy.h - texts with a structure of their own (XML, JSON, calendars, contacts): decoded whole, and their strings
 * without the characters that nobody sees. */
#pragma once

#include "engines/text_filter.h"

typedef struct MgkTextTally {
    guint64 dropped[MGK_N_TEXT_CLASSES];
} MgkTextTally;

/* Appends valid UTF-8 without what mgk_text_class() leaves out, and counts it. tally may be NULL. */
void mgk_text_tidy_append(GString *out, const char *text, gsize size, MgkTextTally *tally);
/* One finding for each class that was left out. */
void mgk_text_tidy_report(MgkJob *job, const MgkTextTally *tally);
/* All of a text as UTF-8 without byte order mark, by its mark, by label (may be NULL) where the bytes agree with it, or
 * by what the bytes are for sure. NULL when none of it fits, or it holds a NUL; the job is then held. Owned by the
 * caller (g_string_free). */
GString *mgk_text_tidy_decode(MgkJob *job, const char *label);
