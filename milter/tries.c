#include "tries.h"

#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOT_BYTES 64 /* a key */
#define PROCESSES 16  /* that may have one folder at a time: an old one that ends, a new one that starts */

struct MgkTries {
    GMutex lock;
    int folder;       /* borrowed */
    int under_way;    /* owned; a file of slots, locked while this process lives; -1: none */
    GPtrArray *slots; /* owned; of char*: the key in each slot, NULL where it is free */
};

/* One byte more under key. */
static gboolean count(int folder, const char *key)
{
    int fd = openat(folder, key, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return FALSE;
    gboolean good = mgk_fd_write_all(fd, "x", 1);
    close(fd);
    return good;
}

static guint counted(int folder, const char *key)
{
    struct stat status;
    return fstatat(folder, key, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (guint)MIN(status.st_size, G_MAXINT) : 0;
}

/* What still stands in the slots of a process that is gone ended it. */
static void recover(int folder, int fd)
{
    char key[SLOT_BYTES + 1] = "";
    for (guint64 at = 0; mgk_fd_read_at(fd, key, SLOT_BYTES, at) == SLOT_BYTES; at += SLOT_BYTES) {
        if (*key && strspn(key, "0123456789abcdef") == strlen(key))
            (void)count(folder, key);
    }
    (void)!ftruncate(fd, 0);
}

/* The first file of slots that no living process has; those of dead ones are read and emptied on the way. */
static int open_slots(int folder)
{
    int own = -1;
    for (guint i = 0; i < PROCESSES && folder >= 0; i++) {
        g_autofree char *name = g_strdup_printf(".under-way-%u", i);
        int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (own < 0 ? O_CREAT : 0);
        int fd = openat(folder, name, flags, 0600);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            recover(folder, fd);
            if (own < 0) {
                own = fd;
                continue;
            }
        }
        if (fd >= 0)
            close(fd);
    }
    return own;
}

MgkTries *mgk_tries_new(int folder)
{
    MgkTries *tries = g_new0(MgkTries, 1);
    g_mutex_init(&tries->lock);
    tries->folder = folder;
    tries->under_way = open_slots(folder);
    tries->slots = g_ptr_array_new_with_free_func(g_free);
    return tries;
}

void mgk_tries_free(MgkTries *tries)
{
    if (!tries)
        return;
    if (tries->under_way >= 0)
        close(tries->under_way);
    g_ptr_array_unref(tries->slots);
    g_mutex_clear(&tries->lock);
    g_free(tries);
}

/* Writes key (NULL: nothing) into a slot. */
static gboolean fill(MgkTries *tries, guint slot, const char *key)
{
    char bytes[SLOT_BYTES] = "";
    gsize length = key ? strlen(key) : 0;
    if (length > SLOT_BYTES) {
        errno = ENAMETOOLONG;
        return FALSE;
    }
    memcpy(bytes, key ? key : "", length);
    g_free(tries->slots->pdata[slot]);
    tries->slots->pdata[slot] = g_strdup(key);
    return pwrite(tries->under_way, bytes, sizeof bytes, (off_t)slot * SLOT_BYTES) == (ssize_t)sizeof bytes;
}

/* Slots are as many as there are tries at a time, a few for each worker: they are searched one by one. */
static guint slot_of(const MgkTries *tries, const char *key)
{
    guint slot = 0;
    while (slot < tries->slots->len && g_strcmp0(tries->slots->pdata[slot], key) != 0)
        slot++;
    return slot;
}

static gboolean take(MgkTries *tries, const char *key)
{
    guint slot = slot_of(tries, NULL);
    if (slot == tries->slots->len)
        g_ptr_array_add(tries->slots, NULL);
    return fill(tries, slot, key);
}

/* Best effort: a slot that stays filled counts once too often, when the next process reads it. */
static void give_back(MgkTries *tries, const char *key)
{
    guint slot = slot_of(tries, key);
    if (slot < tries->slots->len)
        (void)fill(tries, slot, NULL);
}

gboolean mgk_tries_begin(MgkTries *tries, const char *const *keys, guint *ret_failed, GError **error)
{
    guint most = 0;
    g_mutex_lock(&tries->lock);
    for (guint i = 0; keys[i]; i++) {
        if (!take(tries, keys[i])) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "attempts: %s", g_strerror(errno));
            for (guint taken = 0; taken <= i; taken++)
                give_back(tries, keys[taken]);
            g_mutex_unlock(&tries->lock);
            return FALSE;
        }
        most = MAX(most, counted(tries->folder, keys[i]));
    }
    g_mutex_unlock(&tries->lock);
    *ret_failed = most;
    return TRUE;
}

void mgk_tries_end(MgkTries *tries, const char *const *keys, MgkTryEnd how)
{
    g_mutex_lock(&tries->lock);
    for (guint i = 0; keys[i]; i++) {
        if (how == MGK_TRY_GOOD)
            unlinkat(tries->folder, keys[i], 0);
        else if (how == MGK_TRY_BAD)
            (void)count(tries->folder, keys[i]);
        give_back(tries, keys[i]);
    }
    g_mutex_unlock(&tries->lock);
}
