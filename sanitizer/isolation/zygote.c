/* mugaika-worker - the zygote: warms up once, then forks one locked worker per request.
 *
 * Started by the broker with one seqpacket socket as descriptor 3. Reads requests and descriptors from it, nothing
 * hostile. Ends when the socket does; its workers end with it (PR_SET_PDEATHSIG). Single-threaded. */
#include "isolation/heap.h"
#include "isolation/sandbox.h"
#include "isolation/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_FD 3
#define MAX_WORKERS 256

typedef struct Child {
    pid_t pid;
    int status_fd; /* owned; the broker waits at its other end */
} Child;

typedef struct Zygote {
    Child children[MAX_WORKERS];
    guint n_children;
    int signal_fd;
} Zygote;

static void close_received(MgkReceived *received)
{
    for (guint i = 0; i < MGK_N_SEND; i++) {
        if (received->fds[i] >= 0)
            close(received->fds[i]);
        received->fds[i] = -1;
    }
}

/* Takes the descriptors out of a control message and puts them where `descriptors` says, above the worker's own. FALSE
 * when they are not all there (the kernel hands over fewer when no number is free); none is lost track of. */
static gboolean take_descriptors(struct msghdr *message, MgkReceived *received)
{
    int fds[MGK_N_SEND];
    guint n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        n = MIN((guint)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int)), MGK_N_SEND); /* no room was given for more */
        memcpy(fds, CMSG_DATA(c), n * sizeof(int));
    }
    guint used = 0;
    gboolean whole = (int)n == __builtin_popcount(received->request.descriptors);
    for (guint i = 0; i < MGK_N_SEND && used < n; i++) {
        if (received->request.descriptors & (1u << i)) {
            received->fds[i] = fcntl(fds[used++], F_DUPFD_CLOEXEC, 64);
            whole = whole && received->fds[i] >= 0;
        }
    }
    for (guint i = 0; i < n; i++)
        close(fds[i]);
    return whole;
}

/* One request; FALSE at the end of the socket. A malformed one comes back with magic 0. */
static gboolean receive(MgkReceived *received)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MGK_N_SEND)];
        struct cmsghdr align;
    } control;
    struct iovec iov = {&received->request, sizeof received->request};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    memset(received->fds, -1, sizeof received->fds);
    memset(&received->request, 0, sizeof received->request);
    ssize_t n = -1;
    do
        n = recvmsg(SOCKET_FD, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return FALSE;
    gboolean whole = take_descriptors(&message, received) && n == (ssize_t)sizeof received->request &&
                     !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    if (!whole)
        received->request.magic = 0;
    return TRUE;
}

/* A worker that the broker has no hold of must not live. */
static void reply(pid_t pid)
{
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pid > 0 && pidfd < 0)
        kill(pid, SIGKILL);
    MgkSpawned spawned = {.magic = MGK_WIRE_MAGIC, .pid = pidfd >= 0 ? pid : -1};
    struct iovec iov = {&spawned, sizeof spawned};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    if (pidfd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &pidfd, sizeof pidfd);
    }
    if (sendmsg(SOCKET_FD, &message, MSG_NOSIGNAL) < 0)
        exit(EXIT_FAILURE); /* the broker is gone */
    if (pidfd >= 0)
        close(pidfd);
}

static void spawn(Zygote *zygote, MgkReceived *received)
{
    if (received->request.magic != MGK_WIRE_MAGIC || received->fds[MGK_SEND_STATUS] < 0 ||
        zygote->n_children >= MAX_WORKERS) {
        close_received(received);
        reply(-1);
        return;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(MGK_EXIT_SANDBOX);
        mgk_worker_run(received);
    }
    if (pid > 0) {
        zygote->children[zygote->n_children++] = (Child){.pid = pid, .status_fd = received->fds[MGK_SEND_STATUS]};
        received->fds[MGK_SEND_STATUS] = -1;
    }
    close_received(received);
    reply(pid);
}

static void forget(Zygote *zygote, pid_t pid, int status, const struct rusage *usage)
{
    for (guint i = 0; i < zygote->n_children; i++) {
        if (zygote->children[i].pid != pid)
            continue;
        MgkExit report = {.magic = MGK_WIRE_MAGIC,
                          .status = status,
                          .cpu_us = (guint64)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * G_USEC_PER_SEC +
                                    (guint64)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec),
                          .peak_kib = (guint64)usage->ru_maxrss};
        if (write(zygote->children[i].status_fd, &report, sizeof report) < 0) {
            /* nobody waits any more: the broker sees the end of the pipe as a failure */
        }
        close(zygote->children[i].status_fd);
        zygote->children[i] = zygote->children[--zygote->n_children];
        return;
    }
}

static void reap(Zygote *zygote)
{
    struct signalfd_siginfo info;
    while (read(zygote->signal_fd, &info, sizeof info) > 0) {
    }
    struct rusage usage;
    int status;
    for (pid_t pid; (pid = wait4(-1, &status, WNOHANG, &usage)) > 0;)
        forget(zygote, pid, status, &usage);
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    /* a terminal's Ctrl-C is the broker's to handle; the zygote ends with its socket */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Only the socket stays; standard streams go to /dev/null so that no library prints a stranger's words. */
static void tidy_descriptors(void)
{
    (void)syscall(SYS_close_range, SOCKET_FD + 1, ~0u, 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++) {
#ifdef MGK_DEBUG_SANDBOX
        if (fd == 2)
            continue; /* sanitizer reports */
#endif
        dup2(null, fd);
    }
    if (null > 2)
        close(null);
}

static int serve(Zygote *zygote)
{
    struct pollfd fds[2] = {{SOCKET_FD, POLLIN, 0}, {zygote->signal_fd, POLLIN, 0}};
    for (;;) {
        if (poll(fds, 2, -1) < 0) {
            if (errno != EINTR)
                return EXIT_FAILURE;
            continue;
        }
        if (fds[1].revents)
            reap(zygote);
        if (!fds[0].revents)
            continue;
        MgkReceived received;
        if (!receive(&received))
            return EXIT_SUCCESS;
        spawn(zygote, &received);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "zygote") != 0) {
        fputs("mugaika-worker is started by mugaika; it is of no use by itself.\n", stderr);
        return 64;
    }
    tidy_descriptors();
    setenv("TZ", "UTC0", 1);
    static Zygote zygote;
    zygote.signal_fd = open_signals();
    MgkSandboxLevel level;
    g_autoptr(GError) error = NULL;
    if (zygote.signal_fd < 0 || !mgk_worker_warm(&error) || !mgk_sandbox_prepare(&level, &error))
        return MGK_EXIT_SANDBOX;
    mgk_heap_fill();
    MgkMessage hello = {.magic = MGK_WIRE_MAGIC,
                        .type = MGK_MESSAGE_TEXT,
                        .b = (guint32)level.landlock_abi,
                        .c = (guint32)level.namespaces};
    if (send(SOCKET_FD, &hello, sizeof hello, MSG_NOSIGNAL) != (ssize_t)sizeof hello)
        return EXIT_FAILURE;
    return serve(&zygote);
}
