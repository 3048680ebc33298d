#include "sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_US (G_TIME_SPAN_DAY)
#define UNFINISHED_DAYS 7 /* senders give up earlier */

/* The names in a folder, those beginning with a dot left out; owned by the caller. */
static GPtrArray *list(int folder)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    while (stream && (entry = readdir(stream))) {
        if (entry->d_name[0] != '.')
            g_ptr_array_add(names, g_strdup(entry->d_name));
    }
    if (stream)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    return names;
}

/* How many whole days ago the day ended; negative for today and for what is no day. */
static gint64 days_since(const char *day, gint64 now_us)
{
    g_autofree char *text = g_strconcat(day, "T00:00:00Z", NULL);
    g_autoptr(GDateTime) start = strlen(day) == strlen("2026-11-20") ? g_date_time_new_from_iso8601(text, NULL) : NULL;
    return start ? (now_us - g_date_time_to_unix(start) * G_USEC_PER_SEC) / DAY_US - 1 : -1;
}

static gboolean exists(int folder, const char *stem, const char *suffix)
{
    struct stat status;
    g_autofree char *name = g_strconcat(stem, suffix, NULL);
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static gboolean due(int folder, const char *stem, const MgkSweepAges *ages, gint64 days)
{
    guint bound = exists(folder, stem, MGK_SPOOL_HELD)   ? ages->held_days
                  : exists(folder, stem, MGK_SPOOL_DONE) ? ages->done_days
                                                         : UNFINISHED_DAYS;
    return bound > 0 && days >= (gint64)bound;
}

/* The result goes last: without it the rest would look unfinished, with it alone nothing is lost. */
static gboolean remove_mail(int folder, const char *stem)
{
    static const char *const suffixes[] = {".eml", ".json", MGK_SPOOL_DONE, MGK_SPOOL_HELD};
    guint removed = 0;
    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(stem, suffixes[i], NULL);
        removed += unlinkat(folder, name, 0) == 0;
    }
    return removed > 0;
}

/* "20261120-120102.123456-QUEUEID-1": up to the suffix, which begins at the second dot. */
static char *stem_of(const char *name)
{
    const char *dot = strchr(name, '.');
    dot = dot ? strchr(dot + 1, '.') : NULL;
    return dot ? g_strndup(name, (gsize)(dot - name)) : NULL;
}

static guint sweep_day(int folder, const MgkSweepAges *ages, gint64 days)
{
    g_autoptr(GPtrArray) names = list(folder);
    guint removed = 0;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *stem = stem_of(g_ptr_array_index(names, i));
        if (stem && due(folder, stem, ages, days))
            removed += remove_mail(folder, stem);
    }
    return removed;
}

static guint sweep_mails(int mail, const MgkSweepAges *ages, gint64 now_us)
{
    g_autoptr(GPtrArray) names = list(mail);
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
    g_autoptr(GPtrArray) names = list(attempts);
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
    g_autoptr(GPtrArray) hashes = list(mgk_spool_folder(spool, MGK_SPOOL_HASHES));
    for (guint i = 0; i < hashes->len; i++)
        mgk_spool_forget_hash(spool, g_ptr_array_index(hashes, i));
    sweep_tries(mgk_spool_folder(spool, MGK_SPOOL_ATTEMPTS), now_us);
    return removed;
}
