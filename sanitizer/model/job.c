#include "model/job.h"

#include <string.h>

#define EXCERPT_BYTES 200

void mgk_answer_clear(MgkAnswer *answer)
{
    g_clear_pointer(&answer->output, g_bytes_unref);
}

/* Cuts to EXCERPT_BYTES on a character; anything that is no UTF-8 becomes U+FFFD. */
static char *excerpt(const char *text)
{
    if (!text)
        return g_strdup("");
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, EXCERPT_BYTES * 2));
    gsize length = strlen(valid);
    if (length > EXCERPT_BYTES) {
        const char *end = g_utf8_find_prev_char(valid, valid + EXCERPT_BYTES + 1);
        valid[end ? end - valid : 0] = '\0';
    }
    return g_steal_pointer(&valid);
}

void mgk_job_report(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    g_autofree char *short_where = excerpt(where), *short_detail = excerpt(detail);
    job->find(job, kind, action, short_where, short_detail);
}

MgkAction mgk_job_find(MgkJob *job, MgkKind kind, const char *where, const char *detail)
{
    MgkAction action = (MgkAction)job->policy->actions[kind];
    mgk_job_report(job, kind, action, where, detail);
    if (action == MGK_ACTION_HOLD && job->outcome.verdict < MGK_VERDICT_HELD) {
        mgk_job_hold(job, MGK_REASON_POLICY, mgk_kind_info(kind)->name);
    } else if (action == MGK_ACTION_BLOCK) {
        mgk_job_block(job, MGK_REASON_POLICY, mgk_kind_info(kind)->name);
    }
    return action;
}

static gboolean conclude(MgkJob *job, MgkVerdict verdict, MgkReason reason, const char *detail)
{
    job->outcome.verdict = verdict;
    job->outcome.reason = reason;
    g_strlcpy(job->outcome.detail, detail ? detail : "", sizeof job->outcome.detail);
    return TRUE;
}

gboolean mgk_job_hold(MgkJob *job, MgkReason reason, const char *detail)
{
    return conclude(job, MGK_VERDICT_HELD, reason, detail);
}

gboolean mgk_job_block(MgkJob *job, MgkReason reason, const char *detail)
{
    return conclude(job, MGK_VERDICT_BLOCKED, reason, detail);
}
