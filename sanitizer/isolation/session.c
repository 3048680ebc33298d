#include "isolation/probe.h"
#include "isolation/session_internal.h"
#include "model/names.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20)

#define PAGES_PER_DECODER 4 /* fewer are not worth another parse of the document */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pixels(MgkSession *session)
{
    for (guint i = 0; i < MGK_MAX_DECODERS; i++)
        close_fd(&session->pixels_in[i]);
}

static void session_clear(MgkSession *session)
{
    for (guint i = 0; i < N_MEMBERS; i++) {
        if (session->members[i].started)
            mgk_worker_clear(&session->members[i].worker);
    }
    mgk_blob_clear(&session->output);
    mgk_blob_clear(&session->encoded);
    close_fd(&session->ask_fd);
    close_fd(&session->answer_fd);
    close_pixels(session);
    if (session->decoders > 1)
        session->host->give_slots(session->host->slots, session->decoders - 1);
}

/* ---- starting ---- */

static gboolean starve(MgkSession *session)
{
    session->starved = TRUE;
    return FALSE;
}

static gboolean is_pixels(MgkFormatId format)
{
    const MgkFormatInfo *info = mgk_format_info(format);
    return info && (info->flags & MGK_FORMAT_PIXELS);
}

MgkFactory mgk_session_factory(const char *name)
{
    g_autofree char *extension = mgk_names_extension(name);
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        if (is_pixels((MgkFormatId)i) && mgk_format_has_extension((MgkFormatId)i, extension))
            return MGK_FACTORY_WHOLE;
    }
    return MGK_FACTORY_LIGHT;
}

/* The whole worker for pages and pictures. What a file is to be, or what its name says, is a guess that saves a light
 * worker's detection; a wrong one costs time only. */
static MgkFactory factory_for(const MgkRequest *request)
{
    if (request->kind != MGK_JOB_CLEAN || request->format != MGK_FORMAT_ID_NONE)
        return is_pixels((MgkFormatId)request->format) ? MGK_FACTORY_WHOLE : MGK_FACTORY_LIGHT;
    return is_pixels((MgkFormatId)request->want) ? MGK_FACTORY_WHOLE : mgk_session_factory(request->name);
}

/* A factory that is started late is proved late: before its first job. */
static gboolean proved(MgkSession *session, MgkFactory factory)
{
    const MgkSessionHost *host = session->host;
    return mgk_launcher_proved(host->launcher, factory) ||
           mgk_probe_self_test(host->launcher, factory, host->policy, FALSE, NULL);
}

static gboolean start(MgkSession *session, MemberId id, MgkRequest *request, const int fds[MGK_N_SEND])
{
    Member *member = &session->members[id];
    MgkFactory factory = factory_for(request);
    if (member->started)
        return FALSE;
    if (!proved(session, factory) ||
        !mgk_launcher_spawn(session->host->launcher, factory, request, fds, &member->worker, NULL))
        return starve(session);
    member->started = TRUE;
    member->deadline_us = g_get_monotonic_time() + (gint64)session->host->policy->limits.part_time * 1000;
    return TRUE;
}

static void no_descriptors(int fds[MGK_N_SEND])
{
    for (guint i = 0; i < MGK_N_SEND; i++)
        fds[i] = -1;
}

/* A decoder and its pipe; index 0 is MAIN, which also may ask. */
static gboolean start_decoder(MgkSession *session, guint index, MgkRequest *request, int fds[MGK_N_SEND])
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return starve(session);
    (void)fcntl(pipe_fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    session->pixels_in[index] = pipe_fds[0];
    fds[MGK_SEND_INPUT] = session->input->fd;
    fds[MGK_SEND_PIXELS_OUT] = pipe_fds[1];
    gboolean ok = start(session, index == 0 ? MAIN : (MemberId)(HELPER + index - 1), request, fds);
    close(pipe_fds[1]);
    return ok;
}

static gboolean writes(guint32 kind)
{
    return kind == MGK_JOB_CLEAN || kind == MGK_JOB_TEXT;
}

static gboolean start_main(MgkSession *session)
{
    int fds[MGK_N_SEND];
    no_descriptors(fds);
    if (writes(session->request.kind) && !mgk_blob_create(session->input->size, &session->output, NULL))
        return starve(session);
    fds[MGK_SEND_OUTPUT] = session->output.fd;
    if (session->request.kind != MGK_JOB_CLEAN) {
        fds[MGK_SEND_INPUT] = session->input->fd;
        return start(session, MAIN, &session->request, fds);
    }
    session->ask_fd = memfd_create("ask", MFD_CLOEXEC);
    session->answer_fd = memfd_create("answer", MFD_CLOEXEC);
    if (session->ask_fd < 0 || session->answer_fd < 0)
        return starve(session);
    fds[MGK_SEND_ASK] = session->ask_fd;
    fds[MGK_SEND_ANSWER] = session->answer_fd;
    return start_decoder(session, 0, &session->request, fds);
}

/* The light worker told a format of the whole one. Nothing of what it may have written is used. */
static gboolean start_again(MgkSession *session)
{
    mgk_worker_clear(&session->members[MAIN].worker);
    session->members[MAIN] = (Member){0};
    mgk_blob_clear(&session->output);
    close_fd(&session->ask_fd);
    close_fd(&session->answer_fd);
    session->request.format = session->detected;
    return start_main(session);
}

static gboolean start_encoder(MgkSession *session, MgkFormatId format)
{
    if (session->members[ENCODER].started || format >= MGK_N_FORMATS)
        return FALSE;
    if (!mgk_blob_create(session->input->size, &session->encoded, NULL))
        return starve(session);
    MgkRequest request = session->request;
    request.kind = MGK_JOB_ENCODE;
    request.format = format;
    request.input_size = 0;
    request.streams = session->decoders;
    int fds[MGK_N_SEND];
    no_descriptors(fds);
    fds[MGK_SEND_OUTPUT] = session->encoded.fd;
    for (guint i = 0; i < session->decoders; i++)
        fds[MGK_SEND_PIXELS_IN + i] = session->pixels_in[i];
    gboolean ok = start(session, ENCODER, &request, fds);
    close_pixels(session);
    return ok;
}

static gboolean start_walker(MgkSession *session, MgkFormatId format)
{
    MgkRequest request = session->request;
    request.kind = MGK_JOB_WALK;
    request.format = format;
    int fds[MGK_N_SEND];
    no_descriptors(fds);
    fds[MGK_SEND_INPUT] = session->input->fd;
    return start(session, WALKER, &request, fds);
}

/* ---- messages ---- */

static gboolean on_detected(MgkSession *session, const MgkMessage *message)
{
    if (session->told || (message->a >= MGK_N_FORMATS && message->a != MGK_FORMAT_ID_NONE))
        return FALSE;
    session->told = TRUE;
    const MgkFormatInfo *info = mgk_format_info((MgkFormatId)message->a);
    session->detected = (MgkFormatId)message->a;
    g_free(session->report->format);
    g_free(session->report->media_type);
    session->report->format = g_strdup(info ? info->id : "unknown");
    session->report->media_type = g_strdup(message->text);
    return !info || !(info->flags & MGK_FORMAT_HAS_WALK) || start_walker(session, (MgkFormatId)message->a);
}

static gboolean on_finding(MgkSession *session, const MgkMessage *message)
{
    if (message->a >= MGK_N_KINDS || message->b >= MGK_N_ACTIONS)
        return FALSE;
    /* mgk_report_find copies */
    MgkFinding finding = {.kind = (MgkKind)message->a,
                          .action = (MgkAction)message->b,
                          .count = message->c,
                          .where = (char *)(gpointer)(gsize)message->text,
                          .detail = (char *)(gpointer)(gsize)message->text2};
    mgk_report_find(session->report, &finding, session->host->policy->limits.findings);
    return TRUE;
}

/* Never waits: whoever asks reads the answer before it asks again, so there is room, unless it wants us to hang. */
static gboolean reply(MgkSession *session, MgkMessage *answer)
{
    ssize_t n;
    answer->magic = MGK_WIRE_MAGIC;
    answer->type = MGK_MESSAGE_ANSWER;
    do
        n = send(session->members[MAIN].worker.control, answer, sizeof *answer, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *answer;
}

/* Free slots are taken by trying, never by waiting: the document is done alone otherwise. */
static gboolean on_spread(MgkSession *session, guint64 pages)
{
    if (session->request.kind != MGK_JOB_CLEAN || session->decoders > 1 || session->members[ENCODER].started ||
        session->detected >= MGK_N_FORMATS)
        return FALSE;
    guint64 useful = MIN(pages / PAGES_PER_DECODER, MGK_MAX_DECODERS);
    guint extra =
        useful > 1 && session->host->try_slots ? session->host->try_slots(session->host->slots, (guint)useful - 1) : 0;
    session->decoders += extra;
    for (guint i = 1; i < session->decoders; i++) {
        MgkRequest request = session->request;
        request.format = session->detected;
        request.first = i;
        request.stride = session->decoders;
        int fds[MGK_N_SEND];
        no_descriptors(fds);
        if (!start_decoder(session, i, &request, fds))
            return FALSE;
    }
    MgkMessage answer = {.n = session->decoders};
    return reply(session, &answer);
}

/* The child's bytes, once, into storage the worker cannot write; then its file is emptied for the next. */
static gboolean take_ask(MgkSession *session, guint64 size, MgkBlob *ret_data)
{
    g_autoptr(GError) error = NULL;
    if (!mgk_blob_copy(session->ask_fd, session->host->policy->limits.total_bytes, ret_data, &error))
        return g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT) ? FALSE : starve(session);
    if (ret_data->size != size) {
        mgk_blob_clear(ret_data);
        return FALSE;
    }
    return ftruncate(session->ask_fd, 0) == 0 && lseek(session->ask_fd, 0, SEEK_SET) == 0;
}

/* One stretch from file to file; through memory where the kernel copies only within one file system (a large output
 * lies on disk, the answer in a memfd). */
static ssize_t copy_some(int source, off_t *from, int target, off_t *to, gsize size)
{
    char buffer[64 * 1024];
    ssize_t n = copy_file_range(source, from, target, to, size, 0);
    if (n >= 0 || (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP))
        return n;
    n = pread(source, buffer, MIN(size, sizeof buffer), *from);
    n = n > 0 ? pwrite(target, buffer, (gsize)n, *to) : n;
    if (n > 0) {
        *from += n;
        *to += n;
    }
    return n;
}

static gboolean give_answer(MgkSession *session, const MgkBlob *output)
{
    if (ftruncate(session->answer_fd, 0) < 0)
        return FALSE;
    for (off_t from = 0, to = 0; (guint64)from < output->size;) {
        ssize_t n = copy_some(output->fd, &from, session->answer_fd, &to, output->size - (guint64)from);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return FALSE;
    }
    return TRUE;
}

static gboolean on_ask(MgkSession *session, const MgkMessage *message)
{
    Member *member = &session->members[MAIN];
    if (session->request.kind != MGK_JOB_CLEAN || !session->host->ask ||
        (message->a != MGK_ROLE_MEMBER && message->a != MGK_ROLE_PART) ||
        (message->b >= MGK_N_FORMATS && message->b != MGK_FORMAT_ID_NONE))
        return FALSE;
    gint64 begin = g_get_monotonic_time();
    g_auto(MgkBlob) data = MGK_BLOB_NONE, output = MGK_BLOB_NONE;
    MgkMessage answer = {0};
    if (!take_ask(session, message->n, &data))
        return FALSE;
    if (!session->host->ask(session->host->context, message, &data, &answer, &output) ||
        (output.fd >= 0 && !give_answer(session, &output)))
        return starve(session);
    answer.d = output.fd >= 0;
    answer.n = output.fd >= 0 ? output.size : 0;
    member->deadline_us += g_get_monotonic_time() - begin; /* a child's time is not its container's */
    return reply(session, &answer);
}

static void add_omitted(MgkReport *report, guint64 untrusted_n)
{
    guint64 sum = report->findings_omitted + MIN(untrusted_n, G_MAXUINT);
    report->findings_omitted = (guint)MIN(sum, G_MAXUINT);
}

/* FALSE: the worker said something it must not. */
static gboolean handle(MgkSession *session, MemberId id, const MgkMessage *message)
{
    Member *member = &session->members[id];
    const MgkLimits *limits = &session->host->policy->limits;
    if (member->concluded || ++member->messages > limits->findings + limits->children + 16)
        return FALSE;
    switch ((MgkMessageType)message->type) {
    case MGK_MESSAGE_DETECTED:
        return id == MAIN && session->request.kind == MGK_JOB_CLEAN && on_detected(session, message);
    case MGK_MESSAGE_FINDING:
        return on_finding(session, message);
    case MGK_MESSAGE_OMITTED:
        add_omitted(session->report, message->n);
        return TRUE;
    case MGK_MESSAGE_ASK:
        return id == MAIN && on_ask(session, message);
    case MGK_MESSAGE_SPREAD:
        return id == MAIN && on_spread(session, message->n);
    case MGK_MESSAGE_PIXELS:
        if (id >= HELPER)
            return TRUE; /* MAIN asks for the encoder of all */
        return id == MAIN && session->request.kind == MGK_JOB_CLEAN && start_encoder(session, (MgkFormatId)message->a);
    case MGK_MESSAGE_ELSEWHERE:
        member->concluded = session->elsewhere = id == MAIN && session->request.light && is_pixels(session->detected);
        return member->concluded;
    case MGK_MESSAGE_DONE:
    case MGK_MESSAGE_FAILED:
        member->concluded = TRUE;
        member->last = *message;
        return TRUE;
    case MGK_MESSAGE_TEXT:
    case MGK_MESSAGE_ANSWER:
    case MGK_N_MESSAGES:
        break;
    }
    return FALSE;
}

static void read_messages(MgkSession *session, MemberId id)
{
    Member *member = &session->members[id];
    for (;;) {
        MgkMessage message;
        ssize_t n = recv(member->worker.control, &message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            member->silent = n == 0 || errno != EAGAIN;
            return;
        }
        if (!mgk_wire_message_valid(&message, n) || !handle(session, id, &message)) {
            member->misbehaved = TRUE;
            mgk_worker_kill(&member->worker);
            return;
        }
    }
}

static gboolean running(const MgkSession *session)
{
    for (guint i = 0; i < N_MEMBERS; i++) {
        if (session->members[i].started && !session->members[i].ended)
            return TRUE;
    }
    return FALSE;
}

static void kill_all(MgkSession *session)
{
    for (guint i = 0; i < N_MEMBERS; i++) {
        if (session->members[i].started && !session->members[i].ended)
            mgk_worker_kill(&session->members[i].worker);
    }
}

static gboolean exited_orderly(const Member *member)
{
    return WIFEXITED(member->exit.status) && WEXITSTATUS(member->exit.status) == 0;
}

static void read_exit(MgkSession *session, MemberId id)
{
    Member *member = &session->members[id];
    ssize_t n = read(member->worker.status, &member->exit, sizeof member->exit);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n != (ssize_t)sizeof member->exit || member->exit.magic != MGK_WIRE_MAGIC)
        member->exit = (MgkExit){.status = SIGKILL}; /* its zygote died with it */
    if (!member->misbehaved)
        read_messages(session, id);
    member->ended = TRUE;
    if (id == MAIN)
        close_pixels(session); /* an encoder never asked for */
    gboolean good = exited_orderly(member) && !member->misbehaved;
    if (good && id == MAIN && session->elsewhere) {
        session->elsewhere = FALSE;
        good = !session->interrupted && session->first_dead == N_MEMBERS && start_again(session);
    }
    if (good)
        return;
    if (session->first_dead == N_MEMBERS)
        session->first_dead = id;
    kill_all(session); /* nothing can come of it any more */
}

/* ---- the pump ---- */

static int enforce_deadlines(MgkSession *session)
{
    gint64 now = g_get_monotonic_time(), next = now + G_USEC_PER_SEC * 60;
    for (guint i = 0; i < N_MEMBERS; i++) {
        Member *member = &session->members[i];
        if (!member->started || member->ended)
            continue;
        gint64 deadline = MIN(member->deadline_us, session->host->deadline_us);
        if (now >= deadline && !member->timed_out) {
            member->timed_out = TRUE;
            kill_all(session);
        }
        if (!member->timed_out)
            next = MIN(next, deadline);
    }
    return (int)CLAMP((next - now) / 1000 + 1, 1, 60000);
}

/* The kernel has no memory for a poll: nobody may go on unwatched. Each end comes by a pipe of its own. */
static void end_blindly(MgkSession *session)
{
    starve(session);
    kill_all(session);
    for (guint i = 0; i < N_MEMBERS; i++) {
        if (session->members[i].started && !session->members[i].ended)
            read_exit(session, (MemberId)i);
    }
}

static void list_polled(const MgkSession *session, struct pollfd fds[2 * N_MEMBERS + 1])
{
    for (guint i = 0; i < N_MEMBERS; i++) {
        gboolean live = session->members[i].started && !session->members[i].ended;
        gboolean heed = live && !session->members[i].misbehaved && !session->members[i].silent;
        fds[2 * i] = (struct pollfd){heed ? session->members[i].worker.control : -1, POLLIN, 0};
        fds[2 * i + 1] = (struct pollfd){live ? session->members[i].worker.status : -1, POLLIN, 0};
    }
    fds[2 * N_MEMBERS] = (struct pollfd){session->interrupted ? -1 : session->host->interrupt_fd, POLLIN, 0};
}

static void pump(MgkSession *session)
{
    while (running(session)) {
        struct pollfd fds[2 * N_MEMBERS + 1];
        list_polled(session, fds);
        if (poll(fds, G_N_ELEMENTS(fds), enforce_deadlines(session)) < 0) {
            if (errno != EINTR)
                end_blindly(session);
            continue;
        }
        if (fds[2 * N_MEMBERS].revents) {
            session->interrupted = TRUE;
            kill_all(session);
        }
        for (guint i = 0; i < N_MEMBERS; i++) {
            if (fds[2 * i].revents)
                read_messages(session, (MemberId)i);
            if (fds[2 * i + 1].revents)
                read_exit(session, (MemberId)i);
        }
    }
}

void mgk_session_run(const MgkSessionHost *host, const MgkRequest *request, const MgkBlob *input, MgkReport *report,
                     MgkConclusion *ret_conclusion, MgkBlob *ret_output)
{
    MgkSession session = {.host = host,
                          .request = *request,
                          .input = input,
                          .report = report,
                          .output = MGK_BLOB_NONE,
                          .encoded = MGK_BLOB_NONE,
                          .detected = MGK_FORMAT_ID_NONE,
                          .decoders = 1,
                          .first_dead = N_MEMBERS,
                          .ask_fd = -1,
                          .answer_fd = -1};
    memset(session.pixels_in, -1, sizeof session.pixels_in);
    session.request.input_size = input->size;
    *ret_conclusion = (MgkConclusion){.format = MGK_FORMAT_ID_NONE};
    *ret_output = MGK_BLOB_NONE;
    if (!start_main(&session)) {
        mgk_session_hold(ret_conclusion, MGK_REASON_INTERNAL, "no worker could be started");
        ret_conclusion->starved = TRUE;
    } else {
        pump(&session);
        mgk_session_conclude(&session, ret_conclusion);
        if (writes(request->kind) && mgk_verdict_crosses(ret_conclusion->verdict))
            mgk_session_take_output(&session, ret_conclusion, ret_output);
    }
    session_clear(&session);
}
