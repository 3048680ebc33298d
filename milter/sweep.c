#include "sweep.h"

#include "spool_walk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_US (G_TIME_SPAN_DAY)
#define UNFINISHED_DAYS 7 /* senders give up earlier */

/* How many whole days ago the day ended; negative for today and for what is no day. */
static gint64 days_since(const char *day, gint64 now_us)
{
    g_autofree char *text = g_strconcat(day, "T00:00:00Z", NULL);
    g_autoptr(GDateTime) start = strlen(day) == strlen("2026-11-20") ? g_date_time_new_from_iso8601(text, NULL) : NULL;
    return start ? (now_us - g_date_time_to_unix(start) * G_USEC_PER_SEC) / DAY_US - 1 : -1;
}

static gboolean due(int folder, const char *stem, const MgkSweepAges *ages, gint64 days)
{
    guint bound = mgk_spool_has(folder, stem, MGK_SPOOL_HELD)   ? ages->held_days
                  : mgk_spool_has(folder, stem, MGK_SPOOL_DONE) ? ages->done_days
                                                                : UNFINISHED_DAYS;
    return bound > 0 && days >= (gint64)bound;
}

static guint sweep_day(int folder, const MgkSweepAges *ages, gint64 days)
{
    g_autoptr(GPtrArray) stems = mgk_spool_stems(folder);
    guint removed = 0;
    for (guint i = 0; i < stems->len; i++) {
        const char *stem = g_ptr_array_index(stems, i);
        if (due(folder, stem, ages, days))
            removed += mgk_spool_remove(folder, stem);
    }
    return removed;
}

static guint sweep_mails(int mail, const MgkSweepAges *ages, gint64 now_us)
{
    g_autoptr(GPtrArray) names = mgk_spool_list(mail);
    guint removed = 0;
    for (guint i = 0; i < names->len; i++) {
        const char *day = g_ptr_array_index(names, i);
        gint64 days = days_since(day, now_us);
        int folder = days > 0 ? openat(mail, day, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (folder < 0)
            continue;
        removed += sweep_day(folder, ages, days);
        close(folder);
        unlinkat(mail, day, AT_REMOVEDIR); /* stays when it is not empty */
    }
    return removed;
}

static void sweep_tries(int attempts, gint64 now_us)
{
    g_autoptr(GPtrArray) names = mgk_spool_list(attempts);
    for (guint i = 0; i < names->len; i++) {
        struct stat status;
        const char *name = g_ptr_array_index(names, i);
        if (fstatat(attempts, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            (gint64)status.st_mtime < now_us / G_USEC_PER_SEC - UNFINISHED_DAYS * DAY_US / G_USEC_PER_SEC)
            unlinkat(attempts, name, 0);
    }
}

guint mgk_sweep(MgkSpool *spool, const MgkSweepAges *ages, gint64 now_us)
{
    guint removed = sweep_mails(mgk_spool_folder(spool, MGK_SPOOL_MAIL), ages, now_us);
    g_autoptr(GPtrArray) hashes = mgk_spool_list(mgk_spool_folder(spool, MGK_SPOOL_HASHES));
    for (guint i = 0; i < hashes->len; i++)
        mgk_spool_forget_hash(spool, g_ptr_array_index(hashes, i));
    sweep_tries(mgk_spool_folder(spool, MGK_SPOOL_ATTEMPTS), now_us);
    return removed;
}
