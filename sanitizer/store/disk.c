#include "store/disk.h"

#include "io/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNFINISHED ".new-" /* the name on the way to another one */

gboolean mgk_disk_fail(GError **error, const char *what)
{
    int number = errno;
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", what, g_strerror(number));
    return FALSE;
}

/* Also when it is there already: whoever made it may have died before its name was on the disk. */
int mgk_disk_folder(int parent, const char *name)
{
    if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
        return -1;
    if (fsync(parent) != 0)
        return -1;
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int mgk_disk_path(const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    int above = g_mkdir_with_parents(path, 0700) == 0 ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int fd = above >= 0 && fsync(above) == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int number = errno;
    if (above >= 0)
        close(above);
    errno = number;
    return fd;
}

int mgk_disk_nameless(int folder)
{
    return openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static gboolean give_name(int fd, int folder, const char *name)
{
    char path[64];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW) == 0;
}

gboolean mgk_disk_publish(int fd, int folder, const char *name)
{
    return fsync(fd) == 0 && give_name(fd, folder, name) && fsync(folder) == 0;
}

gboolean mgk_disk_replace(int fd, int folder, const char *name)
{
    g_autofree char *unfinished = g_strconcat(UNFINISHED, name, NULL);
    if (unlinkat(folder, unfinished, 0) != 0 && errno != ENOENT)
        return FALSE;
    return fsync(fd) == 0 && give_name(fd, folder, unfinished) && renameat(folder, unfinished, folder, name) == 0 &&
           fsync(folder) == 0;
}

gboolean mgk_disk_write(int folder, const char *name, const void *bytes, gsize size)
{
    int fd = mgk_disk_nameless(folder);
    if (fd < 0)
        return FALSE;
    gboolean good = mgk_fd_write_all(fd, bytes, size) && mgk_disk_replace(fd, folder, name);
    int number = errno;
    close(fd);
    errno = number;
    return good;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean read_names(DIR *stream, GPtrArray *names)
{
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
    }
    return errno == 0;
}

GPtrArray *mgk_disk_list(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        errno = number;
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    gboolean good = read_names(stream, names);
    int number = errno;
    closedir(stream);
    errno = number;
    g_ptr_array_sort(names, by_name);
    return good ? g_steal_pointer(&names) : NULL;
}

gboolean mgk_disk_wipe(int fd)
{
    static const guint8 zeros[4096];
    struct stat status;
    if (fstat(fd, &status) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return FALSE;
    for (guint64 left = (guint64)status.st_size; left > 0;) {
        gsize n = (gsize)MIN(left, sizeof zeros);
        if (!mgk_fd_write_all(fd, zeros, n))
            return FALSE;
        left -= n;
    }
    return fsync(fd) == 0;
}

gboolean mgk_disk_tidy(int folder)
{
    g_autoptr(GPtrArray) names = mgk_disk_list(folder);
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (g_str_has_prefix(name, UNFINISHED) && unlinkat(folder, name, 0) != 0)
            return FALSE;
    }
    return names != NULL;
}
