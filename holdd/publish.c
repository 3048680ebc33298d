#include "publish.h"

#include "io/descriptor.h"
#include "model/names.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (1u << 20)
#define COPIES 100

static gboolean copy(int from, int to)
{
    g_autofree guint8 *buffer = g_malloc(PIECE_BYTES);
    guint64 at = 0;
    for (gssize n; (n = mgk_fd_read_at(from, buffer, PIECE_BYTES, at)) != 0; at += (guint64)n) {
        if (n < 0 || !mgk_fd_write_all(to, buffer, (gsize)n))
            return FALSE;
    }
    return TRUE;
}

static gboolean same_bytes(int folder, const char *name, int wanted)
{
    g_autofree guint8 *a = g_malloc(PIECE_BYTES), *b = g_malloc(PIECE_BYTES);
    guint64 at = 0;
    gssize n = -1, m = -1;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    while (fd >= 0) {
        n = mgk_fd_read_at(fd, a, PIECE_BYTES, at);
        m = mgk_fd_read_at(wanted, b, PIECE_BYTES, at);
        if (n != m || n <= 0 || memcmp(a, b, (gsize)n) != 0)
            break;
        at += (guint64)n;
    }
    if (fd >= 0)
        close(fd);
    return n == 0 && m == 0;
}

static char *give_name(int folder, int fd, const char *name)
{
    for (guint i = 1; i <= COPIES; i++) {
        g_autofree char *tried = i == 1 ? g_strdup(name) : mgk_names_numbered(name, i);
        if (mgk_disk_publish(fd, folder, tried))
            return g_steal_pointer(&tried);
        if (errno != EEXIST)
            return NULL;
        if (same_bytes(folder, tried, fd))
            return g_steal_pointer(&tried);
    }
    return NULL;
}

char *mgk_hold_publish(const char *folder, int fd, const char *name, GError **error)
{
    int place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int file = place >= 0 ? mgk_disk_nameless(place) : -1;
    g_autofree char *given = NULL;
    if (file >= 0 && copy(fd, file) && fchmod(file, 0640) == 0)
        given = give_name(place, file, name);
    if (!given)
        mgk_disk_fail(error, folder);
    if (file >= 0)
        close(file);
    if (place >= 0)
        close(place);
    return given ? g_build_filename(folder, given, NULL) : NULL;
}
