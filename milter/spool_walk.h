/* spool_walk.h - looking through the spool's folders: for the sweep and for the courier. */
#pragma once

#include <glib.h>

/* The names in a folder (a descriptor), sorted, those beginning with a dot left out; owned by the caller. */
GPtrArray *mgk_spool_list(int folder);
/* Of a day's folder: what stands before the suffixes, each mail once, in order of arrival; owned by the caller. */
GPtrArray *mgk_spool_stems(int folder);
/* Whether the mail has a file with this suffix. */
gboolean mgk_spool_has(int folder, const char *stem, const char *suffix);
/* Removes all files of a mail; TRUE when there was one. The bytes' other name (hashes/) is the sweep's. */
gboolean mgk_spool_remove(int folder, const char *stem);
