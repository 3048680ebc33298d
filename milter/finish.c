/* finish.c - the order in which nothing is lost and nothing leaks:
 *
 *   original and envelope on the disk → a worker free in time → clean → our grammar? → result on the disk → edits → 250
 *
 * Trouble of ours (disk, time, workers) is 451: the sender keeps the mail and tries again. Trouble with the mail itself
 * is the strict path: the original stays in the spool, a notice of our own making is delivered. There is no third way
 * out; Postfix's milter_default_action = tempfail covers our death. */
#include "finish.h"

#include "edit.h"
#include "json.h"
#include "kept.h"
#include "model/names.h"
#include "model/report_json.h"
#include "model/words.h"

#include <string.h>
#include <unistd.h>

#define SHOWN_COLUMNS 120
#define GROWTH_BYTES 4096 /* what Postfix itself may put on top of a mail */

typedef enum { OUTCOME_TEMPFAIL, OUTCOME_NOTICE, OUTCOME_CLEANED, OUTCOME_DRY_RUN } Outcome;
static const char *const outcome_names[] = {"tempfail", "notice", "cleaned", "dry-run"};

typedef struct Case {
    const MgkService *service; /* borrowed, as the next four */
    MgkTransaction *transaction;
    SMFICTX *context;
    const char *queue_id;
    const MgkEngine *engine;
    Outcome outcome;
    MgkReason reason;
    char *trouble;     /* owned; engineer's words, or NULL */
    char *report;      /* owned; JSON of the sanitizer's report, or NULL */
    GBytes *message;   /* owned; what takes the mail's place, or NULL */
    gboolean repeated; /* the result came from memory */
    guint attempts;
} Case;

static void case_clear(Case *c)
{
    g_free(c->trouble);
    g_free(c->report);
    if (c->message)
        g_bytes_unref(c->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static gboolean tempfail(Case *c, const char *trouble)
{
    c->outcome = OUTCOME_TEMPFAIL;
    g_free(c->trouble);
    c->trouble = g_strdup(trouble);
    return FALSE;
}

static char *make_envelope(const Case *c)
{
    const MgkTransaction *t = c->transaction;
    MgkJson json;
    mgk_json_begin(&json);
    mgk_json_string(&json, "schema", "mugaika-envelope/1");
    mgk_json_string(&json, "id", mgk_mail_id(t->mail));
    mgk_json_string(&json, "queue_id", c->queue_id);
    mgk_json_string(&json, "sha256", mgk_mail_sha256(t->mail));
    mgk_json_number(&json, "size", (gint64)mgk_mail_size(t->mail));
    mgk_json_number(&json, "received_us", t->started_us);
    mgk_json_string(&json, "client_name", t->client_name);
    mgk_json_string(&json, "client_address", t->client_address);
    mgk_json_string(&json, "helo", t->helo);
    mgk_json_string(&json, "sender", t->sender);
    mgk_json_strings(&json, "recipients", (const char *const *)t->recipients->pdata, t->recipients->len);
    return mgk_json_end(&json);
}

static gboolean keep_original(Case *c)
{
    g_autoptr(GError) error = NULL;
    MgkStats *stats = c->service->stats;
    if (!mgk_mail_end(c->transaction->mail, c->queue_id, &error)) {
        gboolean large = g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT);
        mgk_stats_add(stats, large ? MGK_STAT_TOO_LARGE : MGK_STAT_SPOOL_FAILURES, 1);
        return tempfail(c, error->message);
    }
    g_autofree char *envelope = make_envelope(c);
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
    } table[] = {{MGK_REASON_INTERRUPTED, BLAME_NONE},
                 {MGK_REASON_SANDBOX, BLAME_NONE},
                 {MGK_REASON_INPUT_UNREADABLE, BLAME_PERHAPS},
                 {MGK_REASON_INPUT_CHANGED, BLAME_PERHAPS},
                 {MGK_REASON_OUTPUT_FAILED, BLAME_PERHAPS},
                 {MGK_REASON_INTERNAL, BLAME_PERHAPS},
                 {MGK_REASON_CRASH, BLAME_PERHAPS},
                 {MGK_REASON_TIMEOUT, BLAME_PERHAPS},
                 {MGK_REASON_MEMORY, BLAME_PERHAPS}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].reason == reason)
            return table[i].blame;
    }
    return BLAME_MAIL;
}

/* The strict path, or what the policy wants instead. */
static gboolean hold(Case *c, MgkReason reason, const char *trouble)
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
    c->outcome = OUTCOME_NOTICE;
    g_free(c->trouble);
    c->trouble = g_strdup(trouble);
    return TRUE;
}

/* The work failed: later again, unless it failed too often. */
static gboolean retry(Case *c, MgkReason reason, const char *detail)
{
    const char *sha256 = mgk_mail_sha256(c->transaction->mail);
    c->reason = reason;
    if (blame(reason) == BLAME_NONE) {
        mgk_spool_attempt_undo(c->service->spool, sha256);
        return tempfail(c, mgk_reason_name(reason));
    }
    if (c->attempts < c->engine->policy.milter.attempts)
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
static gboolean take_output(Case *c, const MgkReport *report, int output)
{
    g_autoptr(GError) error = NULL;
    GBytes *message = output >= 0 ? read_output(output) : NULL;
    if (!message)
        return retry(c, MGK_REASON_OUTPUT_FAILED, "no output came with the verdict");
    c->message = message;
    g_autoptr(MgkEdit) edit = strcmp(report->format, "eml") == 0 ? mgk_edit_parse(message, &error) : NULL;
    gboolean large = g_bytes_get_size(message) + GROWTH_BYTES > c->engine->policy.milter.message_bytes;
    if (edit && !large) {
        c->outcome = OUTCOME_CLEANED;
        return TRUE;
    }
    g_clear_pointer(&c->message, g_bytes_unref);
    if (edit)
        return hold(c, MGK_REASON_TOO_LARGE, "the result is larger than message_bytes");
    return hold(c, error ? MGK_REASON_CHECK_FAILED : MGK_REASON_UNKNOWN_FORMAT,
                error ? error->message : "not recognised as a mail");
}

static gboolean clean(Case *c)
{
    int output = -1;
    const MgkInput input = {.fd = mgk_mail_file(c->transaction->mail), .name = "mail.eml"};
    g_autoptr(MgkReport) report = mgk_sanitizer_clean(c->engine->sanitizer, &input, &output);
    const MgkReportContext context = {.policy = &c->engine->policy,
                                      .sandbox_level = mgk_sanitizer_sandbox_level(c->engine->sanitizer)};
    c->report = mgk_report_json(report, &context);
    gboolean good;
    if (mgk_verdict_crosses(report->verdict))
        good = take_output(c, report, output);
    else if (blame(report->reason) == BLAME_MAIL)
        good = hold(c, report->reason, report->reason_detail);
    else
        good = retry(c, report->reason, report->reason_detail);
    if (output >= 0)
        close(output);
    return good;
}

static gboolean clean_in_turn(Case *c)
{
    MgkEngines *engines = c->service->engines;
    g_autoptr(GError) error = NULL;
    MgkGate gate = mgk_engines_enter(engines, &c->engine->policy);
    if (gate != MGK_GATE_OPEN) {
        mgk_stats_add(c->service->stats, gate == MGK_GATE_LATE ? MGK_STAT_QUEUE_DEADLINES : MGK_STAT_REFUSED_SESSIONS,
                      1);
        return tempfail(c, gate == MGK_GATE_LATE ? "no worker was free in time" : "too many mails are waiting");
    }
    /* Noted before the work, so that a mail that ends this very process is counted too. */
    gboolean good = mgk_spool_attempt(c->service->spool, mgk_mail_sha256(c->transaction->mail), &c->attempts, &error)
                        ? clean(c)
                        : tempfail(c, error->message);
    mgk_engines_leave(engines);
    return good;
}

/* Everything that a result depends on. */
static char *cache_key(const Case *c)
{
    return g_strjoin(":", mgk_mail_sha256(c->transaction->mail), c->engine->policy_id, c->engine->rule_version,
                     mgk_words_language(), NULL);
}

static gboolean find_result(Case *c)
{
    g_autofree char *key = cache_key(c);
    c->message = mgk_cache_get(c->service->cache, key);
    if (c->message) {
        c->repeated = TRUE;
        c->outcome = OUTCOME_CLEANED;
        mgk_stats_add(c->service->stats, MGK_STAT_REPEATED, 1);
        return TRUE;
    }
    if (!clean_in_turn(c))
        return FALSE;
    if (c->outcome == OUTCOME_CLEANED)
        mgk_cache_put(c->service->cache, key, c->message);
    return TRUE;
}

static char *make_result(const Case *c)
{
    const MgkTransaction *t = c->transaction;
    MgkJson json;
    mgk_json_begin(&json);
    mgk_json_string(&json, "schema", "mugaika-mail/1");
    mgk_json_string(&json, "id", t->mail ? mgk_mail_id(t->mail) : NULL);
    mgk_json_string(&json, "queue_id", c->queue_id);
    mgk_json_string(&json, "outcome", outcome_names[c->outcome]);
    mgk_json_string(&json, "reason", mgk_reason_name(c->reason));
    mgk_json_string(&json, "detail", c->trouble);
    mgk_json_string(&json, "sender", t->sender);
    mgk_json_strings(&json, "recipients", (const char *const *)t->recipients->pdata, t->recipients->len);
    mgk_json_string(&json, "client_address", t->client_address);
    mgk_json_number(&json, "size_in", t->mail ? (gint64)mgk_mail_size(t->mail) : 0);
    mgk_json_number(&json, "size_out", c->message ? (gint64)g_bytes_get_size(c->message) : 0);
    mgk_json_flag(&json, "repeated", c->repeated);
    mgk_json_number(&json, "attempts", c->attempts);
    mgk_json_string(&json, "policy_id", c->engine->policy_id);
    mgk_json_string(&json, "rule_version", c->engine->rule_version);
    mgk_json_number(&json, "received_us", t->started_us);
    mgk_json_number(&json, "finished_us", g_get_real_time());
    mgk_json_raw(&json, "report", c->report ? c->report : "null");
    return mgk_json_end(&json);
}

static gboolean sink_progress(void *data)
{
    const Case *c = data;
    return smfi_progress(c->context) == MI_SUCCESS;
}

static gboolean sink_remove(void *data, const char *name, guint index)
{
    const Case *c = data;
    g_autofree char *field = g_strdup(name);
    return smfi_chgheader(c->context, field, (int)index, NULL) == MI_SUCCESS;
}

static gboolean sink_add(void *data, const char *name, const char *value)
{
    const Case *c = data;
    g_autofree char *field = g_strdup(name);
    /* Where the space was not negotiated, Postfix puts one itself. */
    g_autofree char *text = g_strdup(c->transaction->leading_space ? value : value + 1);
    return smfi_addheader(c->context, field, text) == MI_SUCCESS;
}

static gboolean sink_body(void *data, const guint8 *bytes, gsize size)
{
    const Case *c = data;
    return smfi_replacebody(c->context, (unsigned char *)(guintptr)bytes, (int)size) == MI_SUCCESS;
}

static gboolean deliver(Case *c)
{
    g_autoptr(GError) error = NULL;
    const MgkEditSink sink = {
        .data = c, .progress = sink_progress, .remove = sink_remove, .add = sink_add, .body = sink_body};
    g_autofree char *result = make_result(c);
    g_autoptr(MgkEdit) edit = mgk_edit_parse(c->message, &error);
    if (!edit || !mgk_mail_record(c->transaction->mail, result, &error)) {
        mgk_stats_add(c->service->stats, MGK_STAT_SPOOL_FAILURES, 1);
        return tempfail(c, error->message);
    }
    if (mgk_edit_apply(edit, c->transaction->fields, mgk_mail_id(c->transaction->mail), &sink)) {
        mgk_spool_attempts_forget(c->service->spool, mgk_mail_sha256(c->transaction->mail));
        return TRUE;
    }
    mgk_stats_add(c->service->stats, MGK_STAT_EDIT_FAILURES, 1);
    return tempfail(c, "Postfix did not take the result");
}

static void write_log(const Case *c)
{
    const MgkTransaction *t = c->transaction;
    g_autofree char *sender = mgk_names_display(t->sender, -1, SHOWN_COLUMNS);
    g_autofree char *trouble = mgk_names_display(c->trouble, -1, SHOWN_COLUMNS);
    gsize size_out = c->message ? g_bytes_get_size(c->message) : 0;
    gint64 took = (g_get_real_time() - t->started_us) / 1000;
    mgk_log(c->outcome == OUTCOME_CLEANED ? MGK_LOG_INFO : MGK_LOG_WARNING,
            "%s: %s: id=%s, reason=%s, from=%s, nrcpt=%u, client=%s, size=%" G_GUINT64_FORMAT "/%" G_GSIZE_FORMAT
            ", ms=%" G_GINT64_FORMAT "%s%s%s",
            c->queue_id ? c->queue_id : "NOQUEUE", outcome_names[c->outcome],
            mgk_mail_id(t->mail) ? mgk_mail_id(t->mail) : "none", mgk_reason_name(c->reason), sender,
            t->recipients->len, t->client_address ? t->client_address : "unknown", mgk_mail_size(t->mail), size_out,
            took, c->repeated ? ", repeated" : "", *trouble ? ", " : "", trouble);
    g_autofree char *line = make_result(c);
    mgk_mail_log_add(c->service->mail_log, line);
}

static sfsistat conclude(Case *c)
{
    static const MgkStat counters[] = {MGK_STAT_TEMPFAILED, MGK_STAT_NOTICES, MGK_STAT_CLEANED, MGK_STAT_DRY_RUNS};
    mgk_stats_add(c->service->stats, counters[c->outcome], 1);
    if (c->outcome != OUTCOME_TEMPFAIL && c->message)
        mgk_stats_add(c->service->stats, MGK_STAT_BYTES_OUT, (gint64)g_bytes_get_size(c->message));
    write_log(c);
    if (c->outcome != OUTCOME_TEMPFAIL)
        return SMFIS_CONTINUE;
    mgk_mail_drop(c->transaction->mail);
    smfi_setreply(c->context, (char[]){"451"}, (char[]){"4.7.1"},
                  (char[]){"Mail filter busy or in trouble, try again later"});
    return SMFIS_TEMPFAIL;
}

sfsistat mgk_finish(const MgkService *service, MgkTransaction *transaction, SMFICTX *context)
{
    g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
    g_auto(Case) c = {.service = service,
                      .transaction = transaction,
                      .context = context,
                      .queue_id = smfi_getsymval(context, (char[]){"i"}),
                      .engine = engine,
                      .reason = MGK_REASON_NONE};
    mgk_stats_add(service->stats, MGK_STAT_RECEIVED, 1);
    mgk_stats_add(service->stats, MGK_STAT_BYTES_IN, (gint64)mgk_mail_size(transaction->mail));
    gboolean good = keep_original(&c) && find_result(&c);
    if (service->dry_run) {
        mgk_log(MGK_LOG_WARNING, "%s: DRY RUN: the mail passes UNCHANGED; the outcome would be %s",
                c.queue_id ? c.queue_id : "NOQUEUE", outcome_names[c.outcome]);
        mgk_spool_attempts_forget(service->spool, mgk_mail_sha256(transaction->mail));
        mgk_mail_drop(transaction->mail); /* the mail itself goes on: there is nothing to keep */
        c.outcome = OUTCOME_DRY_RUN;
    } else if (good) {
        deliver(&c);
    }
    return conclude(&c);
}
