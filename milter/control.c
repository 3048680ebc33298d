#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_SECONDS 2

static gboolean fail(GError **error, const char *path, const char *words)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, words);
    return FALSE;
}

static gboolean make_address(const char *path, struct sockaddr_un *ret_address, GError **error)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret_address->sun_path)
        return fail(error, path, "too long for a socket's name");
    g_strlcpy(ret_address->sun_path, path, sizeof ret_address->sun_path);
    return TRUE;
}

/* A descriptor connected to path, or -1 with errno. */
static int connect_to(const struct sockaddr_un *address)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

gboolean mgk_control_remove_stale(const char *path, GError **error)
{
    struct sockaddr_un address;
    struct stat status;
    if (!make_address(path, &address, error))
        return FALSE;
    if (lstat(path, &status) != 0)
        return errno == ENOENT || fail(error, path, g_strerror(errno));
    if (!S_ISSOCK(status.st_mode))
        return fail(error, path, "something that is no socket is in the way");
    int fd = connect_to(&address);
    int number = errno;
    if (fd >= 0) {
        close(fd);
        return fail(error, path, "another process serves this socket");
    }
    if (number != ECONNREFUSED)
        return fail(error, path, g_strerror(number));
    return unlink(path) == 0 || fail(error, path, g_strerror(errno));
}

int mgk_control_listen(const char *path, GError **error)
{
    struct sockaddr_un address;
    if (!mgk_control_remove_stale(path, error) || !make_address(path, &address, error))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0660) == 0 &&
        listen(fd, 16) == 0)
        return fd;
    fail(error, path, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

void mgk_control_answer(int listener, MgkStats *stats)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    g_autofree char *text = mgk_stats_text(stats);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
        /* whoever asked is gone */
    }
    close(fd);
}

char *mgk_control_ask(const char *path, GError **error)
{
    struct sockaddr_un address;
    if (!make_address(path, &address, error))
        return NULL;
    int fd = connect_to(&address);
    if (fd < 0) {
        fail(error, path, g_strerror(errno));
        return NULL;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[4096];
    gssize n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0 && text->len < 16 * sizeof buffer)
        g_string_append_len(text, buffer, n);
    close(fd);
    if (n == 0)
        return g_string_free(g_steal_pointer(&text), FALSE);
    fail(error, path, "no complete answer");
    return NULL;
}
