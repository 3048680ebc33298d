#include "io/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void mgk_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (*path == '@') /* an abstract name starts with NUL */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, length) < 0) {
        /* the manager went away: nobody left to tell */
    }
    close(fd);
}

guint mgk_notify_watchdog_seconds(void)
{
    const char *text = getenv("WATCHDOG_USEC");
    guint64 usec = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    const char *pid = getenv("WATCHDOG_PID");
    if (usec == 0 || (pid && g_ascii_strtoull(pid, NULL, 10) != (guint64)getpid()))
        return 0;
    return (guint)CLAMP(usec / (2 * G_USEC_PER_SEC), 1, 3600);
}
