#include "store/hold_wire.h"

#include "io/descriptor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

/* The length goes first and alone, with the descriptor: the receiver then knows where to look for it. */
static gboolean send_length(int socket, guint32 length, int fd)
{
    guint32 wire = GUINT32_TO_LE(length);
    struct iovec piece = {.iov_base = &wire, .iov_len = sizeof wire};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    gssize n = 0;
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (gssize)sizeof wire;
}

static gboolean send_bytes(int socket, const guint8 *bytes, gsize size)
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

gboolean mgk_hold_send(int socket, const char *word, GVariant *arguments, int fd, GError **error)
{
    if (!arguments)
        arguments = g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0);
    g_autoptr(GVariant) frame = g_variant_ref_sink(g_variant_new("(s@a{sv})", word, arguments));
    if (G_BYTE_ORDER == G_BIG_ENDIAN) {
        GVariant *swapped = g_variant_byteswap(frame);
        g_variant_unref(frame);
        frame = swapped;
    }
    gsize size = g_variant_get_size(frame);
    if (size > MGK_HOLD_FRAME) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "hold_frame: too long");
        return FALSE;
    }
    return (send_length(socket, (guint32)size, fd) && send_bytes(socket, g_variant_get_data(frame), size)) ||
           fail(error, "hold");
}

static int take_descriptor(struct msghdr *message)
{
    int fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd) && fd < 0)
            memcpy(&fd, CMSG_DATA(c), sizeof fd);
    }
    return fd;
}

/* TRUE with *ret_length 0: the other side ended. */
static gboolean receive_length(int socket, guint32 *ret_length, int *ret_fd)
{
    guint32 wire = 0;
    struct iovec piece = {.iov_base = &wire, .iov_len = sizeof wire};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
    gssize n = 0;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    *ret_fd = n > 0 ? take_descriptor(&message) : -1;
    if (n > 0 && n < (gssize)sizeof wire && !mgk_fd_read_all(socket, (char *)&wire + n, sizeof wire - (gsize)n))
        n = -1;
    *ret_length = GUINT32_FROM_LE(wire);
    if (n > 0 && (*ret_length == 0 || *ret_length > MGK_HOLD_FRAME)) {
        errno = EPROTO;
        return FALSE;
    }
    return n >= 0;
}

static GVariant *receive_body(int socket, guint32 length, GError **error)
{
    g_autofree guint8 *bytes = g_try_malloc(length);
    if (!bytes || !mgk_fd_read_all(socket, bytes, length)) {
        fail(error, "hold");
        return NULL;
    }
    GVariant *frame = g_variant_new_from_data(G_VARIANT_TYPE(MGK_HOLD_TYPE), bytes, length, FALSE, g_free, bytes);
    bytes = NULL;
    if (G_BYTE_ORDER == G_BIG_ENDIAN) {
        GVariant *swapped = g_variant_byteswap(g_variant_ref_sink(frame));
        g_variant_unref(frame);
        frame = swapped;
    } else {
        g_variant_ref_sink(frame);
    }
    if (g_variant_is_normal_form(frame))
        return frame;
    g_variant_unref(frame);
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "hold: not a frame");
    return NULL;
}

GVariant *mgk_hold_receive(int socket, int *ret_fd, GError **error)
{
    guint32 length = 0;
    int fd = -1;
    GVariant *frame = NULL;
    if (!receive_length(socket, &length, &fd))
        fail(error, "hold");
    else if (length > 0)
        frame = receive_body(socket, length, error);
    if (fd >= 0 && (!frame || !ret_fd)) {
        close(fd);
        fd = -1;
    }
    if (ret_fd)
        *ret_fd = fd;
    return frame;
}

int mgk_hold_connect(const char *path, guint seconds, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = seconds};
    if (!path)
        path = MGK_HOLD_SOCKET;
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(error, path);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    fail(error, path);
    if (fd >= 0)
        close(fd);
    return -1;
}

static void take_refusal(GVariant *arguments, GError **error)
{
    guint64 code = mgk_hold_number(arguments, "code");
    g_set_error_literal(error, MGK_ERROR, code <= MGK_ERROR_USAGE ? (gint)code : MGK_ERROR_FAILED,
                        mgk_hold_text(arguments, "message"));
}

GVariant *mgk_hold_ask(int socket, const char *word, GVariant *arguments, int fd, int *ret_fd, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (!mgk_hold_send(socket, word, arguments, fd, error))
        return NULL;
    g_autoptr(GVariant) frame = mgk_hold_receive(socket, ret_fd, &problem);
    if (!frame) {
        if (!problem)
            g_set_error_literal(&problem, MGK_ERROR, MGK_ERROR_IO, "hold: no answer");
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    const char *answer = NULL;
    g_autoptr(GVariant) values = NULL;
    g_variant_get(frame, "(&s@a{sv})", &answer, &values);
    if (strcmp(answer, "ok") == 0)
        return g_steal_pointer(&values);
    take_refusal(values, error);
    if (ret_fd && *ret_fd >= 0) {
        close(*ret_fd);
        *ret_fd = -1;
    }
    return NULL;
}

const char *mgk_hold_text(GVariant *arguments, const char *name)
{
    const char *text = "";
    return g_variant_lookup(arguments, name, "&s", &text) ? text : "";
}

guint64 mgk_hold_number(GVariant *arguments, const char *name)
{
    guint64 number = 0;
    return g_variant_lookup(arguments, name, "t", &number) ? number : 0;
}

gboolean mgk_hold_flag(GVariant *arguments, const char *name)
{
    gboolean flag = FALSE;
    return g_variant_lookup(arguments, name, "b", &flag) && flag;
}

const char **mgk_hold_texts(GVariant *arguments, const char *name)
{
    const char **texts = NULL;
    return g_variant_lookup(arguments, name, "^a&s", &texts) ? texts : g_new0(const char *, 1);
}
