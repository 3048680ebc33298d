#include "tries.h"

#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct MgkTries {
    GMutex lock;
    GHashTable *under_way; /* owned; key → number of tries */
    int folder;            /* borrowed */
};

MgkTries *mgk_tries_new(int folder)
{
    MgkTries *tries = g_new0(MgkTries, 1);
    g_mutex_init(&tries->lock);
    tries->under_way = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    tries->folder = folder;
    return tries;
}

void mgk_tries_free(MgkTries *tries)
{
    if (!tries)
        return;
    g_hash_table_unref(tries->under_way);
    g_mutex_clear(&tries->lock);
    g_free(tries);
}

static guint change_under_way(MgkTries *tries, const char *key, int by)
{
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(tries->under_way, key)) + (guint)by;
    if (n > 0)
        g_hash_table_replace(tries->under_way, g_strdup(key), GUINT_TO_POINTER(n));
    else
        g_hash_table_remove(tries->under_way, key);
    return n;
}

/* One byte more under key; all there are now, or -1 with errno. */
static gint64 note(const MgkTries *tries, const char *key)
{
    struct stat status;
    int fd = openat(tries->folder, key, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    gint64 size = mgk_fd_write_all(fd, "x", 1) && fstat(fd, &status) == 0 ? (gint64)status.st_size : -1;
    int number = errno;
    close(fd);
    errno = number;
    return size;
}

static void take_back(const MgkTries *tries, const char *key)
{
    struct stat status;
    int fd = openat(tries->folder, key, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    gboolean several = fstat(fd, &status) == 0 && status.st_size > 1;
    if (!several || ftruncate(fd, status.st_size - 1) != 0)
        unlinkat(tries->folder, key, 0);
    close(fd);
}

gboolean mgk_tries_begin(MgkTries *tries, const char *const *keys, guint *ret_failed, GError **error)
{
    guint most = 0;
    g_mutex_lock(&tries->lock);
    for (guint i = 0; keys[i]; i++) {
        gint64 begun = note(tries, keys[i]);
        if (begun < 0) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "attempts: %s", g_strerror(errno));
            for (; i > 0; i--) {
                take_back(tries, keys[i - 1]);
                change_under_way(tries, keys[i - 1], -1);
            }
            g_mutex_unlock(&tries->lock);
            return FALSE;
        }
        guint open = change_under_way(tries, keys[i], 1);
        most = MAX(most, (guint)CLAMP(begun - (gint64)open, 0, G_MAXINT));
    }
    g_mutex_unlock(&tries->lock);
    *ret_failed = most;
    return TRUE;
}

void mgk_tries_end(MgkTries *tries, const char *const *keys, MgkTryEnd how)
{
    g_mutex_lock(&tries->lock);
    for (guint i = 0; keys[i]; i++) {
        change_under_way(tries, keys[i], -1);
        if (how == MGK_TRY_GOOD)
            unlinkat(tries->folder, keys[i], 0);
        else if (how == MGK_TRY_NOBODY)
            take_back(tries, keys[i]);
    }
    g_mutex_unlock(&tries->lock);
}
