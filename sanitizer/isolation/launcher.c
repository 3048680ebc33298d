#include "isolation/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_MS 20000
#define END_TIMEOUT_MS 2000
#define JOBS_PER_ZYGOTE 2000 /* a fork repeats its parent's address layout: do not let one live for ever */

typedef struct Zygote {
    gatomicrefcount refs;
    int socket; /* owned */
    pid_t pid;
    int landlock_abi;
    gboolean namespaces;
    guint jobs;
} Zygote;

typedef struct Factory {
    GMutex lock;
    char *path;     /* owned; NULL: the other one serves */
    Zygote *zygote; /* owned reference; NULL: start one at the next spawn */
    gboolean proved;
} Factory;

struct MgkLauncher {
    Factory factories[MGK_N_FACTORIES];
};

static gboolean sandbox_error(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean wait_readable(int fd, int timeout_ms)
{
    struct pollfd p = {fd, POLLIN, 0};
    int n;
    do
        n = poll(&p, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    return n > 0;
}

/* Ends at the end of its socket; one that hangs is killed, since a caller's lock may be held here. */
static void zygote_unref(Zygote *zygote)
{
    if (!zygote || !g_atomic_ref_count_dec(&zygote->refs))
        return;
    close(zygote->socket);
    int pidfd = (int)syscall(SYS_pidfd_open, zygote->pid, 0);
    if (pidfd < 0 ? errno != ESRCH : !wait_readable(pidfd, END_TIMEOUT_MS))
        kill(zygote->pid, SIGKILL);
    if (pidfd >= 0)
        close(pidfd);
    while (waitpid(zygote->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    g_free(zygote);
}

/* posix_spawn, never fork: the caller may have threads. Only the socket is passed on. */
static gboolean spawn_program(const char *path, int socket, pid_t *ret_pid, GError **error)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    char *const argv[] = {(char[]){"mugaika-worker"}, (char[]){"zygote"}, NULL};
    /* no slices: GLib's own caches are pages that every worker would copy */
    const char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC0", "G_SLICE=always-malloc", NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all); /* a caller that ignores SIGXFSZ must not make workers ignore it */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_adddup2(&actions, socket, 3);
    posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    int rc = posix_spawn(ret_pid, path, &actions, &attr, argv, (char *const *)(gpointer)environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    errno = rc;
    return rc == 0 ? TRUE : sandbox_error(error, path);
}

static Zygote *zygote_start(const char *path, GError **error)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        sandbox_error(error, "socketpair");
        return NULL;
    }
    pid_t pid;
    gboolean ok = spawn_program(path, pair[1], &pid, error);
    close(pair[1]);
    if (!ok) {
        close(pair[0]);
        return NULL;
    }
    Zygote *zygote = g_new0(Zygote, 1);
    g_atomic_ref_count_init(&zygote->refs);
    zygote->socket = pair[0];
    zygote->pid = pid;
    MgkMessage hello;
    if (!wait_readable(pair[0], START_TIMEOUT_MS) ||
        !mgk_wire_message_valid(&hello, recv(pair[0], &hello, sizeof hello, 0))) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "%s did not start, or is of another version", path);
        kill(pid, SIGKILL);
        zygote_unref(zygote);
        return NULL;
    }
    zygote->landlock_abi = (int)hello.b;
    zygote->namespaces = hello.c != 0;
    return zygote;
}

MgkLauncher *mgk_launcher_new(const char *path, const char *light, MgkFactory first, GError **error)
{
    gboolean start_light = light && first == MGK_FACTORY_LIGHT;
    Zygote *zygote = zygote_start(start_light ? light : path, error);
    if (!zygote)
        return NULL;
    MgkLauncher *launcher = g_new0(MgkLauncher, 1);
    for (guint i = 0; i < MGK_N_FACTORIES; i++)
        g_mutex_init(&launcher->factories[i].lock);
    launcher->factories[MGK_FACTORY_WHOLE].path = g_strdup(path);
    launcher->factories[MGK_FACTORY_LIGHT].path = g_strdup(light);
    launcher->factories[start_light ? MGK_FACTORY_LIGHT : MGK_FACTORY_WHOLE].zygote = zygote;
    return launcher;
}

void mgk_launcher_free(MgkLauncher *launcher)
{
    if (!launcher)
        return;
    for (guint i = 0; i < MGK_N_FACTORIES; i++) {
        zygote_unref(launcher->factories[i].zygote);
        g_mutex_clear(&launcher->factories[i].lock);
        g_free(launcher->factories[i].path);
    }
    g_free(launcher);
}

MgkFactory mgk_launcher_factory(const MgkLauncher *launcher, MgkFactory wanted)
{
    return launcher->factories[wanted].path ? wanted : MGK_FACTORY_WHOLE;
}

static gboolean send_request(int socket, const MgkRequest *request, const int fds[MGK_N_SEND])
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MGK_N_SEND)];
        struct cmsghdr align;
    } control = {0};
    int present[MGK_N_SEND];
    guint n = 0;
    for (guint i = 0; i < MGK_N_SEND; i++) {
        if (fds[i] >= 0)
            present[n++] = fds[i];
    }
    struct iovec iov = {(gpointer)(gsize)request, sizeof *request};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = CMSG_SPACE(sizeof(int) * n)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n);
    memcpy(CMSG_DATA(c), present, sizeof(int) * n);
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *request;
}

static int receive_pidfd(int socket)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    MgkSpawned spawned;
    struct iovec iov = {&spawned, sizeof spawned};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    if (!wait_readable(socket, START_TIMEOUT_MS))
        return -1;
    ssize_t n = -1;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    gboolean whole = n == (ssize_t)sizeof spawned && spawned.magic == MGK_WIRE_MAGIC;
    struct cmsghdr *c = whole ? CMSG_FIRSTHDR(&message) : NULL;
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
        return -1;
    int pidfd;
    memcpy(&pidfd, CMSG_DATA(c), sizeof pidfd);
    return pidfd;
}

/* The current zygote, started afresh when there is none or it has served its time. Lock held. */
static Zygote *current_zygote(Factory *factory, GError **error)
{
    if (factory->zygote && factory->zygote->jobs >= JOBS_PER_ZYGOTE)
        g_clear_pointer(&factory->zygote, zygote_unref);
    if (!factory->zygote)
        factory->zygote = zygote_start(factory->path, error);
    return factory->zygote;
}

static gboolean spawn_locked(Factory *factory, const MgkRequest *request, const int fds[MGK_N_SEND], MgkWorker *worker,
                             GError **error)
{
    Zygote *zygote = current_zygote(factory, error);
    if (!zygote)
        return FALSE;
    zygote->jobs++;
    worker->pidfd = send_request(zygote->socket, request, fds) ? receive_pidfd(zygote->socket) : -1;
    if (worker->pidfd < 0) {
        g_clear_pointer(&factory->zygote, zygote_unref);
        g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "the worker factory did not start a worker");
        return FALSE;
    }
    g_atomic_ref_count_inc(&zygote->refs);
    worker->zygote = zygote;
    return TRUE;
}

gboolean mgk_launcher_spawn(MgkLauncher *launcher, MgkFactory factory, MgkRequest *request, const int fds[MGK_N_SEND],
                            MgkWorker *ret_worker, GError **error)
{
    g_auto(MgkWorker) worker = MGK_WORKER_NONE;
    Factory *source = &launcher->factories[mgk_launcher_factory(launcher, factory)];
    int control[2], status[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
        return sandbox_error(error, "socketpair");
    worker.control = control[0];
    if (pipe2(status, O_CLOEXEC) < 0) {
        close(control[1]);
        return sandbox_error(error, "pipe");
    }
    worker.status = status[0];
    int all[MGK_N_SEND];
    memcpy(all, fds, sizeof all);
    all[MGK_SEND_CONTROL] = control[1];
    all[MGK_SEND_STATUS] = status[1];
    request->magic = MGK_WIRE_MAGIC;
    request->light = source == &launcher->factories[MGK_FACTORY_LIGHT];
    request->descriptors = 0;
    for (guint i = 0; i < MGK_N_SEND; i++)
        request->descriptors |= all[i] >= 0 ? 1u << i : 0u;
    g_mutex_lock(&source->lock);
    gboolean ok = spawn_locked(source, request, all, &worker, error);
    g_mutex_unlock(&source->lock);
    close(control[1]);
    close(status[1]);
    if (!ok)
        return FALSE;
    *ret_worker = worker;
    worker = MGK_WORKER_NONE;
    return TRUE;
}

void mgk_launcher_taint(MgkLauncher *launcher)
{
    for (guint i = 0; i < MGK_N_FACTORIES; i++) {
        Factory *factory = &launcher->factories[i];
        g_mutex_lock(&factory->lock);
        g_clear_pointer(&factory->zygote, zygote_unref);
        g_mutex_unlock(&factory->lock);
    }
}

gboolean mgk_launcher_proved(MgkLauncher *launcher, MgkFactory factory)
{
    return g_atomic_int_get(&launcher->factories[mgk_launcher_factory(launcher, factory)].proved);
}

void mgk_launcher_set_proved(MgkLauncher *launcher, MgkFactory factory)
{
    g_atomic_int_set(&launcher->factories[mgk_launcher_factory(launcher, factory)].proved, TRUE);
}

void mgk_launcher_level(MgkLauncher *launcher, int *ret_landlock_abi, gboolean *ret_namespaces)
{
    *ret_landlock_abi = 0;
    *ret_namespaces = FALSE;
    for (guint i = 0; i < MGK_N_FACTORIES; i++) {
        Factory *factory = &launcher->factories[i];
        g_mutex_lock(&factory->lock);
        if (factory->zygote) {
            *ret_landlock_abi = factory->zygote->landlock_abi;
            *ret_namespaces = factory->zygote->namespaces;
        }
        g_mutex_unlock(&factory->lock);
    }
}

void mgk_worker_kill(const MgkWorker *worker)
{
    if (worker->pidfd >= 0)
        (void)syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0);
}

void mgk_worker_clear(MgkWorker *worker)
{
    mgk_worker_kill(worker);
    const int fds[] = {worker->control, worker->status, worker->pidfd};
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    zygote_unref(worker->zygote);
    *worker = MGK_WORKER_NONE;
}
