#include "io/clamd.h"

#include "io/descriptor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE_BYTES (128u << 10)
#define REPLY_BYTES 4096

static MgkClamdAnswer fail(char *ret_words, const char *words)
{
    g_strlcpy(ret_words, words, MGK_CLAMD_NAME);
    return MGK_CLAMD_FAILED;
}

/* -1 with errno. */
static int connect_to(const char *path, guint seconds)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = seconds};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

static gboolean send_all(int socket, const guint8 *bytes, gsize size)
{
    while (size > 0) {
        gssize n = send(socket, bytes, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        bytes += n;
        size -= (gsize)n;
    }
    return TRUE;
}

/* Pieces, each behind its length (32 bits, big endian); a length of 0 ends. */
static gboolean send_file(int socket, int fd)
{
    g_autofree guint8 *piece = g_malloc(4 + PIECE_BYTES);
    guint64 at = 0;
    for (;;) {
        gssize n = mgk_fd_read_at(fd, piece + 4, PIECE_BYTES, at);
        if (n < 0)
            return FALSE;
        guint32 length = GUINT32_TO_BE((guint32)n);
        memcpy(piece, &length, 4);
        if (!send_all(socket, piece, 4 + (gsize)n))
            return FALSE;
        if (n == 0)
            return TRUE;
        at += (guint64)n;
    }
}

/* Up to the NUL that ends it; FALSE when none came. */
static gboolean read_reply(int socket, char reply[REPLY_BYTES])
{
    gsize length = 0;
    while (length < REPLY_BYTES - 1) {
        gssize n = mgk_fd_read(socket, reply + length, REPLY_BYTES - 1 - length);
        if (n <= 0)
            break;
        length += (gsize)n;
        if (memchr(reply, '\0', length))
            return TRUE;
    }
    reply[length] = '\0';
    return FALSE;
}

/* "stream: OK", "stream: NAME FOUND", "… ERROR". Anything else is no verdict. */
static MgkClamdAnswer judge(char *reply, char *ret_words)
{
    static const char begin[] = "stream: ", found[] = " FOUND";
    for (char *p = reply; *p; p++)
        *p = g_ascii_isprint(*p) ? *p : '?';
    if (strcmp(reply, "stream: OK") == 0)
        return MGK_CLAMD_CLEAN;
    if (!g_str_has_prefix(reply, begin) || !g_str_has_suffix(reply, found))
        return fail(ret_words, *reply ? reply : "no answer");
    reply[strlen(reply) - strlen(found)] = '\0';
    g_strlcpy(ret_words, reply + strlen(begin), MGK_CLAMD_NAME);
    return MGK_CLAMD_FOUND;
}

MgkClamdAnswer mgk_clamd_scan(const char *socket, int fd, guint seconds, char ret_words[MGK_CLAMD_NAME])
{
    static const guint8 command[] = "zINSTREAM"; /* with its NUL */
    char reply[REPLY_BYTES] = "";
    *ret_words = '\0';
    int daemon = connect_to(socket, seconds);
    if (daemon < 0)
        return fail(ret_words, g_strerror(errno));
    /* A daemon that has enough answers before it has everything: then sending fails and the answer is there. */
    gboolean sent = send_all(daemon, command, sizeof command) && send_file(daemon, fd);
    gboolean answered = read_reply(daemon, reply);
    close(daemon);
    if (!answered)
        return fail(ret_words, "no answer");
    MgkClamdAnswer answer = judge(reply, ret_words);
    return answer == MGK_CLAMD_CLEAN && !sent ? fail(ret_words, "it answered before it had all") : answer;
}
