/* progress.h - tells how far a run is, on standard error: a bar with counts and time left on a terminal, else a line a
 * file. One thread uses it. */
#pragma once

#include <glib.h>

typedef struct MgkProgress {
    guint files, files_done;
    guint64 bytes, bytes_done;
    gint64 started_us; /* g_get_monotonic_time */
    gboolean terminal, shown;
} MgkProgress;

/* bytes: sum of the sizes of all files. stream: a descriptor, asked whether it is a terminal. */
void mgk_progress_init(MgkProgress *progress, guint files, guint64 bytes, int stream);
/* Counts one more file; without a terminal prints "3/10 「name」 words". */
void mgk_progress_step(MgkProgress *progress, const char *name, const char *words, guint64 bytes);
/* Draws the bar again, or takes it away before something else is printed; nothing without a terminal. */
void mgk_progress_draw(MgkProgress *progress);
void mgk_progress_hide(MgkProgress *progress);
/* The bar as text, for bar_columns of bar; owned by the caller. now_us: monotonic. */
char *mgk_progress_text(const MgkProgress *progress, guint bar_columns, gint64 now_us);
