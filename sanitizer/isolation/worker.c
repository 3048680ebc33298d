#include "isolation/worker.h"

#include "engines/warm.h"
#include "formats/formats.h"
#include "isolation/oom.h"
#include "isolation/port.h"
#include "isolation/resfs.h"
#include "isolation/sandbox.h"
#include "isolation/selftest.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

gboolean mgk_worker_warm(GError **error)
{
    mgk_engines_warm();
    mgk_resfs_load();
    return mgk_formats_warm(error);
}

static void place(int fd, int at)
{
    if (fd < 0)
        close(at);
    else if (dup2(fd, at) < 0)
        _exit(MGK_EXIT_SANDBOX);
}

/* Puts each descriptor at its fixed place; the zygote's copies lie above and are closed with everything else. */
static void place_descriptors(const MgkReceived *received)
{
    static const struct {
        MgkSend from;
        int to;
    } table[] = {{MGK_SEND_CONTROL, MGK_FD_CONTROL},
                 {MGK_SEND_PIXELS_OUT, MGK_FD_PIXELS_OUT},
                 {MGK_SEND_OUTPUT, MGK_FD_OUTPUT},
                 {MGK_SEND_ASK, MGK_FD_ASK},
                 {MGK_SEND_ANSWER, MGK_FD_ANSWER}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
        place(received->fds[table[i].from], table[i].to);
    for (guint i = 0; i < MGK_MAX_DECODERS; i++)
        place(received->fds[MGK_SEND_PIXELS_IN + i], (int)(MGK_FD_PIXELS_IN + i));
    if (syscall(SYS_close_range, MGK_FD_END, ~0u, 0) < 0)
        _exit(MGK_EXIT_SANDBOX); /* other workers' descriptors are among them */
}

static const guint8 *map_input(const MgkReceived *received)
{
    static const guint8 nothing[1];
    gsize size = received->request.input_size;
    if (size == 0)
        return nothing;
    if (received->fds[MGK_SEND_INPUT] < 0)
        _exit(MGK_EXIT_SANDBOX);
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, received->fds[MGK_SEND_INPUT], 0);
    if (data == MAP_FAILED)
        _exit(MGK_EXIT_MEMORY);
    return data;
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL); /* SIGPIPE stays ignored: a vanished encoder is an error, not a death */
}

static gboolean run_kind(const MgkRequest *request, MgkJob *job, gboolean *ret_here, GError **error)
{
    const MgkHandler *handler = job->format < MGK_N_FORMATS ? mgk_formats_handler(job->format) : NULL;
    gboolean (*act)(MgkJob *, GError **) = NULL;
    switch ((MgkJobKind)request->kind) {
    case MGK_JOB_CLEAN:
        return mgk_port_detect_and_clean(job, ret_here, error);
    case MGK_JOB_WALK:
        act = handler ? handler->walk : NULL;
        break;
    case MGK_JOB_ENCODE:
        act = handler ? handler->encode : NULL;
        break;
    case MGK_JOB_CHECK:
        act = handler ? handler->check : NULL;
        break;
    case MGK_JOB_TEXT:
        job->outcome.verdict = MGK_VERDICT_CONVERTED;
        job->outcome.format = MGK_FORMAT_ID_text;
        act = handler ? handler->text : NULL;
        break;
    case MGK_JOB_CONFIRM:
        act = handler ? handler->confirm : NULL;
        break;
    case MGK_JOB_SELF_TEST:
        mgk_port_say_allowed(job, mgk_selftest_act(request->first));
        return TRUE;
    case MGK_JOB_LIBRARIES: {
        g_autofree char *lines = mgk_engines_libraries();
        mgk_port_say_text(job, lines);
        return TRUE;
    }
    case MGK_N_JOBS:
        break;
    }
    if (act)
        return act(job, error);
    g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "no handler for job %u of format %u", request->kind,
                request->format);
    return FALSE;
}

void mgk_worker_run(const MgkReceived *received)
{
    const MgkRequest *request = &received->request;
    reset_signals();
    const guint8 *data = map_input(received);
    place_descriptors(received);
    mgk_resfs_serve();
    g_autoptr(GError) error = NULL;
    if (!mgk_sandbox_enter(&request->policy, &error))
        _exit(MGK_EXIT_SANDBOX);
    mgk_oom_arm();
    MgkJob job;
    mgk_port_open(&job, request, data);
    gboolean here = TRUE;
    gboolean ok = run_kind(request, &job, &here, &error);
    if (here)
        mgk_port_conclude(&job, ok, error);
    else
        mgk_port_hand_over(&job);
    _exit(0);
}
