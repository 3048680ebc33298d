#include "server.h"

#include "model/words.h"
#include "store/hold_wire.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS 64
#define PER_ACCOUNT 16  /* so that no account keeps the others out */
#define IDLE_SECONDS 30 /* a client that says nothing for so long is gone */

#define ROLE(id) (1u << MGK_ROLE_##id)
#define PEOPLE (ROLE(CLERK) | ROLE(APPROVER) | ROLE(CISO) | ROLE(AUDITOR))
#define ANYBODY 0

static const struct {
    const char *word;
    guint roles; /* 0: everybody */
    MgkAnswer answer;
} commands[] = {
#define MGK_HOLD_COMMAND(word, roles, answer) {(word), (roles), (answer)},
#include "commands.def"
#undef MGK_HOLD_COMMAND
};

struct MgkServer {
    MgkHold *hold; /* borrowed */
    int listener;
    char *path;        /* owned */
    GThreadPool *pool; /* owned */
    GMutex lock;
    GHashTable *open; /* owned; connections by uid, under the lock */
};

typedef struct Connection {
    int fd;
    guint32 uid;
} Connection;

static gboolean fail(GError **error, const char *path)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, g_strerror(errno));
    return FALSE;
}

/* ---- one question ---- */

static gboolean answer(MgkAsk *ask, const char *word, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].word, word) != 0)
            continue;
        if (!commands[i].roles || (commands[i].roles & ask->caller->roles))
            return commands[i].answer(ask, error);
        const char *const data[] = {"question", word, NULL};
        return mgk_ask_note(ask, "access.refused", NULL, data, error) &&
               mgk_ask_refuse(error, N_("your account has no role that may do this"));
    }
    return mgk_ask_refuse(error, N_("the daemon does not know this question"));
}

static gboolean send_refusal(int connection, const GError *problem)
{
    GVariantDict refusal;
    g_variant_dict_init(&refusal, NULL);
    g_autofree char *message = g_utf8_make_valid(problem->message, -1);
    g_variant_dict_insert(&refusal, "code", "t", (guint64)problem->code);
    g_variant_dict_insert(&refusal, "message", "s", message);
    return mgk_hold_send(connection, "refused", g_variant_dict_end(&refusal), -1, NULL);
}

/* Roles and departments are looked up for every question: who left a group is out at once. */
static gboolean answer_frame(MgkHold *hold, int connection, guint32 uid, GVariant *frame, int fd)
{
    const char *word = NULL;
    g_autoptr(GVariant) arguments = NULL;
    g_autoptr(GError) problem = NULL;
    g_auto(MgkCaller) caller = {0};
    g_variant_get(frame, "(&s@a{sv})", &word, &arguments);
    g_rw_lock_reader_lock(&hold->lock);
    MgkAsk ask = {.hold = hold, .caller = &caller, .arguments = arguments, .fd = fd, .answer_fd = -1};
    g_variant_dict_init(&ask.answer, NULL);
    gboolean good = mgk_caller_find(hold->config, hold->departments, uid, g_get_real_time(), &caller)
                        ? answer(&ask, word, &problem)
                        : mgk_ask_refuse(&problem, N_("your account is not known here"));
    g_rw_lock_reader_unlock(&hold->lock);
    GVariant *values = g_variant_dict_end(&ask.answer);
    if (good) {
        good = mgk_hold_send(connection, "ok", values, ask.answer_fd, NULL);
    } else {
        g_variant_unref(g_variant_ref_sink(values));
        good = send_refusal(connection, problem);
    }
    if (ask.answer_fd >= 0)
        close(ask.answer_fd);
    return good;
}

void mgk_server_serve(MgkHold *hold, int connection, guint32 uid)
{
    const struct timeval patience = {.tv_sec = IDLE_SECONDS};
    gboolean good = setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
                    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0;
    while (good) {
        int fd = -1;
        g_autoptr(GVariant) frame = mgk_hold_receive(connection, &fd, NULL);
        good = frame && answer_frame(hold, connection, uid, frame, fd);
        if (fd >= 0)
            close(fd);
    }
    close(connection);
}

/* One more, or one less, connection of this account. FALSE: it has as many as it may. */
static gboolean count(MgkServer *server, guint32 uid, gint step)
{
    gpointer key = GUINT_TO_POINTER(uid);
    g_mutex_lock(&server->lock);
    gint n = GPOINTER_TO_INT(g_hash_table_lookup(server->open, key)) + step;
    if (n == 0)
        g_hash_table_remove(server->open, key);
    else if (n <= PER_ACCOUNT)
        g_hash_table_insert(server->open, key, GINT_TO_POINTER(n));
    g_mutex_unlock(&server->lock);
    return n <= PER_ACCOUNT;
}

static void serve_one(gpointer data, gpointer user)
{
    MgkServer *server = user;
    g_autofree Connection *connection = data;
    mgk_server_serve(server->hold, connection->fd, connection->uid);
    count(server, connection->uid, -1);
}

static void take(MgkServer *server, int fd)
{
    struct ucred who = {0};
    socklen_t length = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 || !count(server, who.uid, 1)) {
        close(fd);
        return;
    }
    Connection *connection = g_new(Connection, 1);
    *connection = (Connection){.fd = fd, .uid = who.uid};
    g_thread_pool_push(server->pool, connection, NULL);
}

/* ---- the socket ---- */

static gboolean remove_stale(const struct sockaddr_un *address, GError **error)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return errno == ENOENT || fail(error, address->sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    gboolean served = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    if (fd >= 0)
        close(fd);
    if (S_ISSOCK(status.st_mode) && !served)
        return unlink(address->sun_path) == 0 || fail(error, address->sun_path);
    errno = EADDRINUSE;
    return fail(error, address->sun_path);
}

static gboolean set_group(const char *path, const char *name, GError **error)
{
    if (!*name)
        return TRUE;
    const struct group *group = getgrnam(name);
    if (!group) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, mgk_words(N_("there is no group '%s'")), name);
        return FALSE;
    }
    return lchown(path, (uid_t)-1, group->gr_gid) == 0 || fail(error, path);
}

static int listen_at(const MgkHoldConfig *config, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(config->socket) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(error, config->socket);
        return -1;
    }
    g_strlcpy(address.sun_path, config->socket, sizeof address.sun_path);
    if (!remove_stale(&address, error))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177); /* nobody connects before group and mode are right */
    gboolean bound = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    umask(before);
    if (!bound)
        fail(error, config->socket);
    if (bound && set_group(config->socket, config->group, error)) {
        if (chmod(config->socket, 0660) == 0 && listen(fd, CONNECTIONS) == 0)
            return fd;
        fail(error, config->socket);
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

MgkServer *mgk_server_new(MgkHold *hold, GError **error)
{
    int listener = listen_at(hold->config, error);
    if (listener < 0)
        return NULL;
    MgkServer *server = g_new0(MgkServer, 1);
    *server = (MgkServer){.hold = hold, .listener = listener, .path = g_strdup(hold->config->socket)};
    g_mutex_init(&server->lock);
    server->open = g_hash_table_new(NULL, NULL);
    server->pool = g_thread_pool_new(serve_one, server, CONNECTIONS, FALSE, NULL);
    return server;
}

void mgk_server_run(MgkServer *server, int stop)
{
    struct pollfd files[] = {{.fd = stop, .events = POLLIN}, {.fd = server->listener, .events = POLLIN}};
    while (!files[0].revents) {
        if (poll(files, G_N_ELEMENTS(files), -1) <= 0 || !files[1].revents)
            continue;
        int connection = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0)
            take(server, connection);
        else if (errno == EMFILE || errno == ENFILE)
            g_usleep(100000); /* until somebody ends */
    }
}

void mgk_server_free(MgkServer *server)
{
    if (!server)
        return;
    unlink(server->path);
    close(server->listener);
    g_thread_pool_free(server->pool, FALSE, TRUE);
    g_hash_table_unref(server->open);
    g_mutex_clear(&server->lock);
    g_free(server->path);
    g_free(server);
}
