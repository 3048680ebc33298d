/* finish.c - the order in which nothing is lost and nothing leaks:
 *
 *   original and envelope written → a worker free in time → clean → our grammar? → all, with the result, on the disk →
 *   edits → 250
 *
 * Trouble of ours (disk, time, workers) is 451: the sender keeps the mail and tries again. Trouble with the mail itself
 * is the strict path: the original stays in the spool, a notice of our own making is delivered. There is no third way
 * out; Postfix's milter_default_action = tempfail covers our death. */
#include "finish.h"

#include "case.h"
#include "edit.h"
#include "kept.h"
#include "model/policy_file.h"
#include "model/report_json.h"
#include "model/words.h"

#include <string.h>
#include <unistd.h>

#define GROWTH_BYTES 4096 /* what Postfix itself may put on top of a mail */

static gboolean tempfail(MgkCase *c, const char *trouble)
{
    c->outcome = MGK_OUTCOME_TEMPFAIL;
    g_free(c->trouble);
    c->trouble = g_strdup(trouble);
    return FALSE;
}

static void fill_envelope(MgkCase *c)
{
    MgkTransaction *t = c->transaction;
    g_ptr_array_add(t->recipients, NULL);
    c->envelope = (MgkEnvelope){.sender = t->sender,
                                .recipients = (const char *const *)t->recipients->pdata,
                                .client_address = t->client_address,
                                .id = mgk_mail_id(t->mail)};
    g_ptr_array_set_size(t->recipients, (int)t->recipients->len - 1); /* the NULL stays behind the end */
}

static gboolean keep_original(MgkCase *c)
{
    g_autoptr(GError) error = NULL;
    MgkStats *stats = c->service->stats;
    if (!mgk_mail_end(c->transaction->mail, c->queue_id, &error)) {
        gboolean large = g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT);
        mgk_stats_add(stats, large ? MGK_STAT_TOO_LARGE : MGK_STAT_SPOOL_FAILURES, 1);
        return tempfail(c, error->message);
    }
    fill_envelope(c);
    g_autofree char *envelope = mgk_case_envelope(c);
    if (mgk_mail_keep(c->transaction->mail, envelope, &error))
        return TRUE;
    mgk_stats_add(stats, MGK_STAT_SPOOL_FAILURES, 1);
    return tempfail(c, error->message);
}

/* Reasons that say nothing about the mail, or nothing sure: try again. Of these the first ones do not even count as
 * tries. */
typedef enum { BLAME_NONE, BLAME_PERHAPS, BLAME_MAIL } Blame;

static Blame blame(MgkReason reason)
{
    static const struct {
        MgkReason reason;
        Blame blame;
    } table[] = {{MGK_REASON_INTERRUPTED, BLAME_NONE},      {MGK_REASON_SANDBOX, BLAME_NONE},
                 {MGK_REASON_NOT_SCANNED, BLAME_NONE},      {MGK_REASON_INPUT_UNREADABLE, BLAME_PERHAPS},
                 {MGK_REASON_INPUT_CHANGED, BLAME_PERHAPS}, {MGK_REASON_OUTPUT_FAILED, BLAME_PERHAPS},
                 {MGK_REASON_INTERNAL, BLAME_PERHAPS},      {MGK_REASON_CRASH, BLAME_PERHAPS},
                 {MGK_REASON_TIMEOUT, BLAME_PERHAPS},       {MGK_REASON_MEMORY, BLAME_PERHAPS}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].reason == reason)
            return table[i].blame;
    }
    return BLAME_MAIL;
}

/* The strict path, or what the policy wants instead. */
static gboolean hold(MgkCase *c, MgkReason reason, const char *trouble)
{
    char *host = smfi_getsymval(c->context, (char[]){"j"});
    c->reason = reason;
    if (c->engine->policy.milter.unclean_tempfail)
        return tempfail(c, trouble && *trouble ? trouble : mgk_reason_name(reason));
    const MgkKeptMail kept = {.id = mgk_mail_id(c->transaction->mail),
                              .sender = c->transaction->sender,
                              .host = host,
                              .reason = reason,
                              .time_us = c->transaction->started_us};
    c->message = mgk_kept_mail(&kept);
    c->holds = TRUE;
    c->outcome = MGK_OUTCOME_NOTICE;
    g_free(c->trouble);
    c->trouble = g_strdup(trouble);
    return TRUE;
}

/* The work failed: later again, unless it failed too often. */
static gboolean retry(MgkCase *c, MgkReason reason, const char *detail)
{
    c->reason = reason;
    c->nobody = blame(reason) == BLAME_NONE;
    if (c->nobody || c->failed + 1 < c->engine->policy.milter.attempts)
        return tempfail(c, *detail ? detail : mgk_reason_name(reason));
    mgk_stats_add(c->service->stats, MGK_STAT_POISON, 1);
    return hold(c, reason, "kept after too many tries");
}

static GBytes *read_output(int fd)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(fd, FALSE, &error);
    return file ? g_mapped_file_get_bytes(file) : NULL;
}

/* An output crosses when it came from the mail handler, has our grammar, and Postfix will not bounce it for its size.
 */
static gboolean take_output(MgkCase *c, const MgkReport *report, int output)
{
    g_autoptr(GError) error = NULL;
    GBytes *message = output >= 0 ? read_output(output) : NULL;
    if (!message)
        return retry(c, MGK_REASON_OUTPUT_FAILED, "no output came with the verdict");
    c->message = message;
    g_autoptr(MgkEdit) edit = strcmp(report->format, "eml") == 0 ? mgk_edit_parse(message, &error) : NULL;
    gboolean large = g_bytes_get_size(message) + GROWTH_BYTES > c->engine->policy.milter.message_bytes;
    if (edit && !large) {
        c->outcome = MGK_OUTCOME_CLEANED;
        return TRUE;
    }
    g_clear_pointer(&c->message, g_bytes_unref);
    if (edit)
        return hold(c, MGK_REASON_TOO_LARGE, "the result is larger than message_bytes");
    return hold(c, error ? MGK_REASON_CHECK_FAILED : MGK_REASON_UNKNOWN_FORMAT,
                error ? error->message : "not recognised as a mail");
}

/* Whether a part stayed behind, so that the kept original is more than a copy of what was delivered. */
static gboolean holds_anything(const MgkReport *report)
{
    if (!mgk_verdict_crosses(report->verdict))
        return TRUE;
    for (guint i = 0; i < report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(report->findings, i);
        if (finding->action == MGK_ACTION_HOLD || finding->action == MGK_ACTION_BLOCK)
            return TRUE;
    }
    for (guint i = 0; i < report->children->len; i++) {
        if (holds_anything(g_ptr_array_index(report->children, i)))
            return TRUE;
    }
    return report->findings_omitted > 0;
}

/* Whether a part stayed behind for a trouble of ours alone: with the next try it may cross. */
static gboolean want_of_workers(const MgkReport *report)
{
    if (!mgk_verdict_crosses(report->verdict) &&
        (blame(report->reason) == BLAME_NONE || report->reason == MGK_REASON_INTERNAL))
        return TRUE;
    for (guint i = 0; i < report->children->len; i++) {
        if (want_of_workers(g_ptr_array_index(report->children, i)))
            return TRUE;
    }
    return FALSE;
}

static gboolean clean(MgkCase *c)
{
    int output = -1;
    const MgkInput input = {.fd = mgk_mail_file(c->transaction->mail), .name = "mail.eml", .envelope = &c->envelope};
    g_autoptr(MgkReport) report = mgk_sanitizer_clean(c->engine->sanitizer, &input, &output);
    const MgkReportContext context = {.policy = &c->engine->policy,
                                      .sandbox_level = mgk_sanitizer_sandbox_level(c->engine->sanitizer)};
    c->report = mgk_report_json(report, &context);
    c->holds = holds_anything(report);
    gboolean good;
    if (mgk_verdict_crosses(report->verdict))
        good = want_of_workers(report) ? retry(c, MGK_REASON_INTERNAL, "a part could not be worked on")
                                       : take_output(c, report, output);
    else if (blame(report->reason) == BLAME_MAIL)
        good = hold(c, report->reason, report->reason_detail);
    else
        good = retry(c, report->reason, report->reason_detail);
    if (output >= 0)
        close(output);
    return good;
}

/* What names a mail that comes again: its bytes, or the Message-ID that its sender gave it. */
static const char *const *try_keys(const MgkCase *c, const char *ret_keys[3])
{
    ret_keys[0] = mgk_mail_sha256(c->transaction->mail);
    ret_keys[1] = c->transaction->message_key;
    ret_keys[2] = NULL;
    return ret_keys;
}

/* Noted before the work, so that a mail that ends this very process is counted too. */
static gboolean begin_try(MgkCase *c)
{
    const char *keys[3];
    g_autoptr(GError) error = NULL;
    c->trying = mgk_tries_begin(c->service->tries, try_keys(c, keys), &c->failed, &error);
    return c->trying || tempfail(c, error->message);
}

static void end_try(const MgkCase *c)
{
    const char *keys[3];
    gboolean done = c->outcome != MGK_OUTCOME_TEMPFAIL;
    if (c->trying)
        mgk_tries_end(c->service->tries, try_keys(c, keys),
                      done        ? MGK_TRY_GOOD
                      : c->nobody ? MGK_TRY_NOBODY
                                  : MGK_TRY_BAD);
}

/* A mail with that many failures and no end is one that ends us: not again. */
static gboolean try_once(MgkCase *c)
{
    return c->failed >= c->engine->policy.milter.attempts ? retry(c, MGK_REASON_CRASH, "") : clean(c);
}

static gboolean clean_in_turn(MgkCase *c)
{
    MgkEngines *engines = c->service->engines;
    g_autoptr(GError) error = NULL;
    MgkGate gate = mgk_engines_enter(engines, &c->engine->policy);
    if (gate != MGK_GATE_OPEN) {
        mgk_stats_add(c->service->stats, gate == MGK_GATE_LATE ? MGK_STAT_QUEUE_DEADLINES : MGK_STAT_REFUSED_SESSIONS,
                      1);
        return tempfail(c, gate == MGK_GATE_LATE ? "no worker was free in time" : "too many mails are waiting");
    }
    gboolean good = begin_try(c) && try_once(c);
    mgk_engines_leave(engines);
    return good;
}

/* Everything that a result depends on: the bytes, the rules, and the policy as it is for this envelope. */
static char *cache_key(const MgkCase *c)
{
    g_autofree MgkPolicy *policy = g_memdup2(&c->engine->policy, sizeof *policy);
    mgk_mail_policy_resolve(policy, &c->envelope);
    g_autofree char *policy_id = mgk_policy_file_id(policy);
    return g_strjoin(":", mgk_mail_sha256(c->transaction->mail), policy_id, policy->mail.mixed_profiles ? "mixed" : "",
                     c->engine->rule_version, mgk_words_language(), NULL);
}

static gboolean find_result(MgkCase *c)
{
    c->key = cache_key(c);
    c->message = mgk_cache_get(c->service->cache, c->key, &c->holds);
    if (c->message) {
        c->repeated = TRUE;
        c->outcome = MGK_OUTCOME_CLEANED;
        mgk_stats_add(c->service->stats, MGK_STAT_REPEATED, 1);
        return TRUE;
    }
    return clean_in_turn(c);
}

static gboolean sink_progress(void *data)
{
    const MgkCase *c = data;
    return smfi_progress(c->context) == MI_SUCCESS;
}

static gboolean sink_remove(void *data, const char *name, guint index)
{
    const MgkCase *c = data;
    g_autofree char *field = g_strdup(name);
    return smfi_chgheader(c->context, field, (int)index, NULL) == MI_SUCCESS;
}

static gboolean sink_add(void *data, const char *name, const char *value)
{
    const MgkCase *c = data;
    g_autofree char *field = g_strdup(name);
    /* Where the space was not negotiated, Postfix puts one itself. */
    g_autofree char *text = g_strdup(c->transaction->leading_space ? value : value + 1);
    return smfi_addheader(c->context, field, text) == MI_SUCCESS;
}

static gboolean sink_body(void *data, const guint8 *bytes, gsize size)
{
    const MgkCase *c = data;
    return smfi_replacebody(c->context, (unsigned char *)(guintptr)bytes, (int)size) == MI_SUCCESS;
}

static MgkEditSink sink_of(MgkCase *c)
{
    return (MgkEditSink){
        .data = c, .progress = sink_progress, .remove = sink_remove, .add = sink_add, .body = sink_body};
}

static gboolean deliver(MgkCase *c)
{
    g_autoptr(GError) error = NULL;
    const MgkEditSink sink = sink_of(c);
    g_autofree char *result = mgk_case_result(c);
    g_autoptr(MgkEdit) edit = mgk_edit_parse(c->message, &error);
    if (!edit || !mgk_mail_record(c->transaction->mail, result, c->holds, &error)) {
        mgk_stats_add(c->service->stats, MGK_STAT_SPOOL_FAILURES, 1);
        return tempfail(c, error->message);
    }
    /* Not earlier: the result names the id under which the original is kept, for good from now on. */
    if (c->outcome == MGK_OUTCOME_CLEANED && !c->repeated)
        mgk_cache_put(c->service->cache, c->key, c->message, c->holds);
    if (mgk_edit_apply(edit, c->transaction->fields, mgk_mail_id(c->transaction->mail), &sink))
        return TRUE;
    mgk_stats_add(c->service->stats, MGK_STAT_EDIT_FAILURES, 1);
    return tempfail(c, "Postfix did not take the result");
}

/* The mail goes on as it came, but with a mark that says so, and without one that says anything else. */
static void pass_unchanged(MgkCase *c)
{
    const MgkEditSink sink = sink_of(c);
    const char *words = mgk_outcome_name(c->outcome);
    g_autofree char *value = g_strdup_printf(" dry-run; NOT MADE SAFE; the outcome would be %s", words);
    mgk_log(MGK_LOG_WARNING, "%s: DRY RUN: the mail passes UNCHANGED; the outcome would be %s",
            c->queue_id ? c->queue_id : "NOQUEUE", words);
    mgk_mail_drop(c->transaction->mail); /* the mail itself goes on: there is nothing to keep */
    c->outcome = MGK_OUTCOME_DRY_RUN;
    if (!mgk_edit_mark(c->transaction->fields, value, &sink))
        tempfail(c, "Postfix did not take the mark");
}

static MgkStat counter_of(MgkOutcome outcome)
{
    static const MgkStat counters[] = {[MGK_OUTCOME_TEMPFAIL] = MGK_STAT_TEMPFAILED,
                                       [MGK_OUTCOME_NOTICE] = MGK_STAT_NOTICES,
                                       [MGK_OUTCOME_CLEANED] = MGK_STAT_CLEANED,
                                       [MGK_OUTCOME_DRY_RUN] = MGK_STAT_DRY_RUNS};
    return counters[outcome];
}

static sfsistat conclude(MgkCase *c)
{
    end_try(c);
    mgk_stats_add(c->service->stats, counter_of(c->outcome), 1);
    if (c->outcome != MGK_OUTCOME_TEMPFAIL && c->message)
        mgk_stats_add(c->service->stats, MGK_STAT_BYTES_OUT, (gint64)g_bytes_get_size(c->message));
    mgk_case_log(c);
    if (c->outcome != MGK_OUTCOME_TEMPFAIL)
        return SMFIS_CONTINUE;
    mgk_mail_drop(c->transaction->mail);
    smfi_setreply(c->context, (char[]){"451"}, (char[]){"4.7.1"},
                  (char[]){"Mail filter busy or in trouble, try again later"});
    return SMFIS_TEMPFAIL;
}

sfsistat mgk_finish(const MgkService *service, MgkTransaction *transaction, SMFICTX *context)
{
    g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
    g_auto(MgkCase) c = {.service = service,
                         .transaction = transaction,
                         .context = context,
                         .queue_id = smfi_getsymval(context, (char[]){"i"}),
                         .engine = engine,
                         .reason = MGK_REASON_NONE};
    mgk_stats_add(service->stats, MGK_STAT_ENDING, 1);
    mgk_stats_add(service->stats, MGK_STAT_RECEIVED, 1);
    mgk_stats_add(service->stats, MGK_STAT_BYTES_IN, (gint64)mgk_mail_size(transaction->mail));
    gboolean good = keep_original(&c) && find_result(&c);
    if (service->dry_run)
        pass_unchanged(&c);
    else if (good)
        deliver(&c);
    sfsistat answer = conclude(&c);
    mgk_stats_add(service->stats, MGK_STAT_ENDING, -1);
    return answer;
}
