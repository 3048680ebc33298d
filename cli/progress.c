#include "progress.h"

#include "model/names.h"
#include "model/words.h"

#include <stdio.h>
#include <unistd.h>

#define BAR_COLUMNS 24
#define NAME_COLUMNS 60
#define PATIENCE_US ((gint64)2 * G_USEC_PER_SEC) /* no guess about the end before */

void mgk_progress_init(MgkProgress *progress, guint files, guint64 bytes, int stream)
{
    *progress =
        (MgkProgress){.files = files, .bytes = bytes, .started_us = g_get_monotonic_time(), .terminal = isatty(stream)};
}

/* 0 to 1000: by bytes and files together, since a small file costs time as well. */
static guint permille(const MgkProgress *progress)
{
    double files = progress->files ? (double)progress->files_done / progress->files : 1;
    double bytes = progress->bytes ? (double)progress->bytes_done / (double)progress->bytes : files;
    return (guint)(500 * files + 500 * MIN(bytes, 1));
}

static char *time_left(const MgkProgress *progress, guint done, gint64 now_us)
{
    gint64 spent = now_us - progress->started_us;
    if (done == 0 || spent < PATIENCE_US)
        return g_strdup("");
    guint seconds = (guint)(spent * (1000 - done) / done / G_USEC_PER_SEC) + 1;
    if (seconds < 60)
        return g_strdup_printf(mgk_words(N_("about %u s left")), seconds);
    if (seconds < 3600)
        return g_strdup_printf(mgk_words(N_("about %u min left")), (seconds + 59) / 60);
    return g_strdup_printf(mgk_words(N_("about %u h %u min left")), seconds / 3600, seconds / 60 % 60);
}

char *mgk_progress_text(const MgkProgress *progress, guint bar_columns, gint64 now_us)
{
    guint done = permille(progress), filled = bar_columns * done / 1000;
    g_autofree char *left = progress->files_done < progress->files ? time_left(progress, done, now_us) : g_strdup("");
    g_autoptr(GString) bar = g_string_new("[");
    for (guint i = 0; i < bar_columns; i++)
        g_string_append_c(bar, i < filled ? '#' : '.');
    g_string_append_printf(bar, "] %u/%u%s%s", progress->files_done, progress->files, *left ? "  " : "", left);
    return g_string_free(g_steal_pointer(&bar), FALSE);
}

void mgk_progress_draw(MgkProgress *progress)
{
    if (!progress->terminal)
        return;
    g_autofree char *text = mgk_progress_text(progress, BAR_COLUMNS, g_get_monotonic_time());
    fprintf(stderr, "\r\033[K%s", text);
    fflush(stderr);
    progress->shown = TRUE;
}

void mgk_progress_hide(MgkProgress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = FALSE;
}

void mgk_progress_step(MgkProgress *progress, const char *name, const char *words, guint64 bytes)
{
    progress->files_done++;
    progress->bytes_done += bytes;
    if (progress->terminal)
        return;
    g_autofree char *shown = mgk_names_display(name, -1, NAME_COLUMNS);
    fprintf(stderr, "%u/%u 「%s」 %s\n", progress->files_done, progress->files, shown, words);
}
