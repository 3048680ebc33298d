/* Self-test and versions: workers that read no input. */
#include "isolation/probe.h"
#include "io/descriptor.h"
#include "isolation/selftest.h"
#include "isolation/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE_TIMEOUT_MS 10000

/* Runs one job without input; its TEXT message, if any, goes to *ret_text. FALSE: no worker, or it hung. */
static gboolean run_probe(MgkLauncher *launcher, MgkFactory factory, const MgkPolicy *policy, MgkJobKind kind,
                          guint first, MgkMessage *ret_text, int *ret_status)
{
    MgkRequest request = {
        .kind = kind, .format = MGK_FORMAT_ID_NONE, .want = MGK_FORMAT_ID_NONE, .first = first, .policy = *policy};
    int fds[MGK_N_SEND];
    memset(fds, -1, sizeof fds); /* all absent */
    g_auto(MgkWorker) worker = MGK_WORKER_NONE;
    if (!mgk_launcher_spawn(launcher, factory, &request, fds, &worker, NULL))
        return FALSE;
    struct pollfd p = {worker.status, POLLIN, 0};
    int n;
    do
        n = poll(&p, 1, PROBE_TIMEOUT_MS);
    while (n < 0 && errno == EINTR);
    MgkExit report;
    if (n <= 0 || mgk_fd_read(worker.status, &report, sizeof report) != (ssize_t)sizeof report)
        return FALSE;
    *ret_status = report.status;
    ret_text->type = 0;
    gssize got = recv(worker.control, ret_text, sizeof *ret_text, MSG_DONTWAIT);
    if (got > 0 && !mgk_wire_message_valid(ret_text, got))
        return FALSE;
    return TRUE;
}

gboolean mgk_probe_self_test(MgkLauncher *launcher, MgkFactory factory, const MgkPolicy *policy, gboolean full,
                             GError **error)
{
#ifdef MGK_DEBUG_SANDBOX
    (void)policy, (void)full, (void)error;
    mgk_launcher_set_proved(launcher, factory);
    return TRUE; /* a sanitizer build has no seccomp to prove */
#else
    guint n;
    const MgkForbidden *table = mgk_selftest_table(&n);
    for (guint i = 0; i < n; i++) {
        if (!full && !table[i].quick)
            continue;
        MgkMessage text;
        int status;
        if (!run_probe(launcher, factory, policy, MGK_JOB_SELF_TEST, i, &text, &status)) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "self-test “%s” could not be run", table[i].name);
            return FALSE;
        }
        gboolean killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        gboolean refused =
            WIFEXITED(status) && WEXITSTATUS(status) == 0 && text.type == MGK_MESSAGE_TEXT && text.a == 0;
        if (!killed && !refused) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "self-test “%s”: not prevented (status %#x)",
                        table[i].name, (guint)status);
            return FALSE;
        }
    }
    mgk_launcher_set_proved(launcher, factory);
    return TRUE;
#endif
}

char *mgk_probe_libraries(MgkLauncher *launcher, const MgkPolicy *policy, GError **error)
{
    MgkMessage text;
    int status;
    if (run_probe(launcher, MGK_FACTORY_WHOLE, policy, MGK_JOB_LIBRARIES, 0, &text, &status) &&
        text.type == MGK_MESSAGE_TEXT)
        return g_strdup(text.text);
    g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "the worker did not name its libraries");
    return NULL;
}
