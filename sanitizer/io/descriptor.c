#include "io/descriptor.h"

#include <errno.h>
#include <unistd.h>

gboolean mgk_fd_write_all(int fd, const void *data, gsize size)
{
    const guint8 *at = data;
    while (size > 0) {
        gssize n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return FALSE;
        at += n;
        size -= (gsize)n;
    }
    return TRUE;
}

gboolean mgk_fd_read_all(int fd, void *ret_data, gsize size)
{
    guint8 *at = ret_data;
    while (size > 0) {
        gssize n = mgk_fd_read(fd, at, size);
        if (n == 0)
            errno = EPIPE;
        if (n <= 0)
            return FALSE;
        at += n;
        size -= (gsize)n;
    }
    return TRUE;
}

gssize mgk_fd_read(int fd, void *ret_data, gsize size)
{
    gssize n = -1;
    do {
        n = read(fd, ret_data, size);
    } while (n < 0 && errno == EINTR);
    return n;
}

gssize mgk_fd_read_at(int fd, void *ret_data, gsize size, guint64 offset)
{
    gssize n = -1;
    do {
        n = pread(fd, ret_data, size, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n;
}
