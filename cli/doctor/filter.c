#include "doctor/filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10
#define HEAD_BYTES 5    /* length of what follows, command */
#define NEGOTIATION 'O' /* version, actions, protocol: 32 bits each, network order */
#define QUIT 'Q'
#define VERSION 6
#define ALL_ACTIONS 0x1ff
#define ALL_STEPS 0x1fffff
#define NEEDED_ACTIONS (0x01 | 0x02 | 0x10) /* add headers, change body, change headers */

typedef enum { STEP_DONE, STEP_CHROOT, STEP_USER, STEP_CONNECT, STEP_NEGOTIATE, STEP_ACTIONS } Step;
static const char *const step_names[] = {"", "chroot", "setuid", "connect", "negotiation", "actions"};

/* What the child reports. */
typedef struct Outcome {
    Step step; /* the one that failed */
    int error_number;
    int pid;
} Outcome;

typedef struct Address {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in inet;
    };
    socklen_t length;
} Address;

/* "127.0.0.1:8891" or "localhost:8891": names are not looked up, for nothing here asks the network. */
static gboolean make_inet(const char *text, Address *address)
{
    g_autofree char *host = g_strdup(text);
    char *colon = strrchr(host, ':');
    guint64 port = 0;
    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
        return FALSE;
    *colon = '\0';
    address->inet = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((guint16)port)};
    address->length = sizeof address->inet;
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &address->inet.sin_addr) == 1;
}

static gboolean make_address(const char *endpoint, Address *address)
{
    const char *path = g_str_has_prefix(endpoint, "unix:") ? endpoint + strlen("unix:") : NULL;
    if (!path)
        return g_str_has_prefix(endpoint, "inet:") && make_inet(endpoint + strlen("inet:"), address);
    address->local = (struct sockaddr_un){.sun_family = AF_UNIX};
    address->length = sizeof address->local;
    return g_strlcpy(address->local.sun_path, path, sizeof address->local.sun_path) < sizeof address->local.sun_path;
}

/* Postfix' daemons have their user's own group and no other. */
static gboolean become(const struct passwd *user)
{
    return setgroups(1, &user->pw_gid) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
}

static gboolean read_all(int fd, guint8 *bytes, gsize size)
{
    for (gsize done = 0; done < size;) {
        gssize n = read(fd, bytes + done, size - done);
        if (n <= 0) {
            errno = n == 0 ? ECONNRESET : errno;
            return FALSE;
        }
        done += (gsize)n;
    }
    return TRUE;
}

static Step negotiate(int fd)
{
    const guint32 offer[] = {htonl(VERSION), htonl(ALL_ACTIONS), htonl(ALL_STEPS)};
    const guint32 length = htonl(1 + sizeof offer), end = htonl(1);
    guint8 message[HEAD_BYTES + sizeof offer], quit[HEAD_BYTES];
    guint32 answer[G_N_ELEMENTS(offer)];
    memcpy(message, &length, sizeof length);
    message[HEAD_BYTES - 1] = NEGOTIATION;
    memcpy(message + HEAD_BYTES, offer, sizeof offer);
    if (write(fd, message, sizeof message) != (gssize)sizeof message || !read_all(fd, message, sizeof message))
        return STEP_NEGOTIATE;
    memcpy(answer, message + HEAD_BYTES, sizeof answer);
    errno = EPROTO;
    if (memcmp(message, &length, sizeof length) != 0 || message[HEAD_BYTES - 1] != NEGOTIATION)
        return STEP_NEGOTIATE;
    memcpy(quit, &end, sizeof end);
    quit[HEAD_BYTES - 1] = QUIT;
    if (write(fd, quit, sizeof quit) < 0)
        return STEP_NEGOTIATE;
    return (ntohl(answer[1]) & NEEDED_ACTIONS) == NEEDED_ACTIONS ? STEP_DONE : STEP_ACTIONS;
}

/* In the child; nothing here allocates or returns to the caller's state. */
static Step go(const MgkRoute *route, const Address *address, const struct passwd *user, int *ret_pid)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    struct ucred peer = {.pid = 0};
    socklen_t size = sizeof peer;
    if (chdir(route->folder) != 0 || (route->chroot && chroot(".") != 0))
        return STEP_CHROOT;
    if (user && geteuid() != user->pw_uid && !become(user))
        return STEP_USER;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return STEP_CONNECT;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, &address->any, address->length) != 0)
        return STEP_CONNECT;
    if (address->any.sa_family == AF_UNIX && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
        *ret_pid = peer.pid;
    return negotiate(fd);
}

static char *carry_out(const MgkRoute *route, const Address *address, const struct passwd *user, Outcome *outcome)
{
    int pipes[2];
    if (pipe(pipes) != 0)
        return g_strdup(g_strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        outcome->step = go(route, address, user, &outcome->pid);
        outcome->error_number = errno;
        _exit(write(pipes[1], outcome, sizeof *outcome) == (gssize)sizeof *outcome ? 0 : 1);
    }
    close(pipes[1]);
    gboolean told = child > 0 && read_all(pipes[0], (guint8 *)outcome, sizeof *outcome);
    int number = errno;
    close(pipes[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return told ? NULL : g_strdup(g_strerror(number));
}

char *mgk_filter_try(const MgkRoute *route, int *ret_pid)
{
    Address address;
    Outcome outcome = {.step = STEP_DONE};
    const struct passwd *user = route->user ? getpwnam(route->user) : NULL;
    *ret_pid = 0;
    if (route->user && !user)
        return g_strdup_printf("user %s", route->user);
    if (!make_address(route->endpoint, &address))
        return g_strdup(g_strerror(EADDRNOTAVAIL));
    char *trouble = carry_out(route, &address, user, &outcome);
    if (trouble)
        return trouble;
    *ret_pid = outcome.pid;
    if (outcome.step == STEP_DONE)
        return NULL;
    return g_strdup_printf("%s: %s", step_names[outcome.step], g_strerror(outcome.error_number));
}

void mgk_filter_free(MgkFilter *filter)
{
    if (!filter)
        return;
    g_free(filter->program);
    g_free(filter->policy);
    g_free(filter->state);
    g_free(filter);
}

/* The last "--name=value" or "--name value" among arguments, which is the one that counts; a copy of the value, or
 * NULL.
 */
static char *find_option(char *const *arguments, const char *name)
{
    const char *value = NULL;
    gsize n = strlen(name);
    for (guint i = 1; arguments[0] && arguments[i]; i++) {
        if (strncmp(arguments[i], name, n) != 0)
            continue;
        if (arguments[i][n] == '=')
            value = arguments[i] + n + 1;
        else if (arguments[i][n] == '\0' && arguments[i + 1])
            value = arguments[i + 1];
    }
    return g_strdup(value);
}

static char **read_arguments(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid), *text = NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL))
        return NULL;
    for (gsize at = 0; at < length; at += strlen(text + at) + 1)
        g_ptr_array_add(list, g_strdup(text + at));
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

/* The effective user of a process; FALSE when /proc does not tell. */
static gboolean read_user(int pid, guint *ret_uid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", pid), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    const char *line = strstr(text, "\nUid:");
    g_auto(GStrv) fields = g_strsplit_set(line ? line + strlen("\nUid:") : "", "\t \n", 4);
    guint64 uid = 0; /* fields: "", real, effective */
    if (g_strv_length(fields) < 3 || !g_ascii_string_to_unsigned(fields[2], 10, 0, G_MAXUINT, &uid, NULL))
        return FALSE;
    *ret_uid = (guint)uid;
    return TRUE;
}

MgkFilter *mgk_filter_look(int pid)
{
    g_auto(GStrv) arguments = pid > 0 ? read_arguments(pid) : NULL;
    guint uid = 0;
    if (!arguments || !arguments[0] || !read_user(pid, &uid))
        return NULL;
    MgkFilter *filter = g_new0(MgkFilter, 1);
    *filter = (MgkFilter){.pid = pid,
                          .uid = uid,
                          .dry_run = g_strv_contains((const char *const *)arguments, "--dry-run"),
                          .program = g_path_get_basename(arguments[0]),
                          .policy = find_option(arguments, "--policy"),
                          .state = find_option(arguments, "--state")};
    return filter;
}
