#include "isolation/session_internal.h"

#include <signal.h>
#include <sys/wait.h>

void mgk_session_hold(MgkConclusion *conclusion, MgkReason reason, const char *detail)
{
    conclusion->verdict = MGK_VERDICT_HELD;
    conclusion->reason = reason;
    mgk_wire_set_text(conclusion->detail, detail);
}

static MgkReason reason_of_error(guint32 code)
{
    switch ((MgkError)code) {
    case MGK_ERROR_MALFORMED:
        return MGK_REASON_MALFORMED;
    case MGK_ERROR_LIMIT:
        return MGK_REASON_TOO_LARGE;
    case MGK_ERROR_UNSUPPORTED:
        return MGK_REASON_UNSUPPORTED_FEATURE;
    case MGK_ERROR_ENCRYPTED:
        return MGK_REASON_ENCRYPTED;
    case MGK_ERROR_IO:
        return MGK_REASON_OUTPUT_FAILED;
    case MGK_ERROR_SANDBOX:
        return MGK_REASON_CRASH;
    case MGK_ERROR_FAILED:
    case MGK_ERROR_USAGE:
        break;
    }
    return MGK_REASON_INTERNAL;
}

static MgkReason reason_of_exit(int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == MGK_EXIT_MEMORY)
        return MGK_REASON_MEMORY;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return MGK_REASON_TIMEOUT;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        return MGK_REASON_TOO_LARGE;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return MGK_REASON_SECURITY_EVENT;
    return MGK_REASON_CRASH;
}

/* FALSE with a held conclusion unless the member ended in good order with DONE. */
static gboolean ended_well(MgkSession *session, MemberId id, MgkConclusion *conclusion)
{
    const char *name = id == MAIN ? "worker" : id == ENCODER ? "encoder" : id == WALKER ? "walker" : "helper";
    const Member *member = &session->members[id];
    int status = member->exit.status;
    if (session->starved && !session->interrupted) {
        mgk_session_hold(conclusion, MGK_REASON_INTERNAL, "descriptors, storage or processes are lacking");
        conclusion->starved = TRUE;
        return FALSE;
    }
    if (session->interrupted || member->timed_out || member->misbehaved) {
        mgk_session_hold(conclusion,
                         session->interrupted ? MGK_REASON_INTERRUPTED
                         : member->timed_out  ? MGK_REASON_TIMEOUT
                                              : MGK_REASON_CRASH,
                         name);
        return FALSE;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !member->concluded) {
        g_autofree char *detail = WIFSIGNALED(status) ? g_strdup_printf("%s: signal %d", name, WTERMSIG(status))
                                                      : g_strdup_printf("%s: exit %d", name, WEXITSTATUS(status));
        mgk_session_hold(conclusion, reason_of_exit(status), detail);
        if (conclusion->reason != MGK_REASON_MEMORY)
            mgk_launcher_taint(session->host->launcher);
        return FALSE;
    }
    if (member->last.type == MGK_MESSAGE_FAILED) {
        mgk_session_hold(conclusion, reason_of_error(member->last.a), member->last.text);
        return FALSE;
    }
    return TRUE;
}

/* Takes the worker's own verdict after checking every field of it. */
static void adopt(const MgkMessage *done, MgkConclusion *conclusion)
{
    g_autofree char *extension = mgk_format_extension((MgkFormatId)done->c, done->d);
    if (done->a >= MGK_N_VERDICTS || done->b >= MGK_N_REASONS ||
        (mgk_verdict_crosses((MgkVerdict)done->a) && !extension)) {
        mgk_session_hold(conclusion, MGK_REASON_CRASH, "impossible verdict");
        return;
    }
    *conclusion = (MgkConclusion){.verdict = (MgkVerdict)done->a,
                                  .reason = (MgkReason)done->b,
                                  .format = (MgkFormatId)done->c,
                                  .extension = done->d};
    g_strlcpy(conclusion->detail, done->text, sizeof conclusion->detail);
}

/* Whose failure is to be told when several failed: who died first and took the others along; an encoder's, when its
 * decoder only lost its listener. */
static MemberId cause(const MgkSession *session)
{
    const Member *decoder = &session->members[MAIN], *encoder = &session->members[ENCODER];
    for (guint i = 0; i < N_MEMBERS; i++) {
        if (session->members[i].timed_out)
            return (MemberId)i;
    }
    if (session->first_dead != N_MEMBERS)
        return session->first_dead;
    gboolean unheard = decoder->last.type == MGK_MESSAGE_FAILED && decoder->last.a == MGK_ERROR_SANDBOX;
    return encoder->started && unheard ? ENCODER : MAIN;
}

void mgk_session_conclude(MgkSession *session, MgkConclusion *conclusion)
{
    Member *members = session->members;
    if (!ended_well(session, cause(session), conclusion))
        return;
    for (guint i = MAIN; i < N_MEMBERS; i++) {
        if (members[i].started && !ended_well(session, (MemberId)i, conclusion))
            return;
    }
    adopt(&members[MAIN].last, conclusion);
    for (guint i = WALKER; i < N_MEMBERS; i++) { /* the strictest of all that looked */
        MgkConclusion other;
        if (!members[i].started)
            continue;
        adopt(&members[i].last, &other);
        if (other.verdict > conclusion->verdict)
            *conclusion = other;
    }
}

void mgk_session_take_output(MgkSession *session, MgkConclusion *conclusion, MgkBlob *ret_output)
{
    gboolean encoded = session->members[ENCODER].started;
    MgkBlob *output = encoded ? &session->encoded : &session->output;
    guint64 claimed = session->members[encoded ? ENCODER : MAIN].last.n;
    g_autoptr(GError) error = NULL;
    if (!mgk_blob_finish(output, session->host->policy->limits.output_bytes, &error)) {
        gboolean large = g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT);
        mgk_session_hold(conclusion, large ? MGK_REASON_TOO_LARGE : MGK_REASON_OUTPUT_FAILED, error->message);
    } else if (output->size != claimed || output->size == 0) {
        mgk_session_hold(conclusion, output->size ? MGK_REASON_CRASH : MGK_REASON_NOTHING_LEFT, "output size");
    } else {
        *ret_output = *output;
        *output = MGK_BLOB_NONE;
    }
}
