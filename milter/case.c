#include "case.h"

#include "model/json.h"
#include "model/names.h"
#include "subject.h"

#define SHOWN_COLUMNS 120

void mgk_case_clear(MgkCase *c)
{
    g_free(c->trouble);
    g_free(c->report);
    g_free(c->key);
    if (c->message)
        g_bytes_unref(c->message);
}

const char *mgk_outcome_name(MgkOutcome outcome)
{
    static const char *const names[] = {"tempfail", "notice", "cleaned", "dry-run"};
    return names[outcome];
}

char *mgk_case_envelope(const MgkCase *c)
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

char *mgk_case_result(const MgkCase *c)
{
    const MgkTransaction *t = c->transaction;
    g_autofree char *subject = mgk_subject_of(c->outcome == MGK_OUTCOME_CLEANED ? c->message : NULL);
    MgkJson json;
    mgk_json_begin(&json);
    mgk_json_string(&json, "schema", "mugaika-mail/1");
    mgk_json_string(&json, "id", t->mail ? mgk_mail_id(t->mail) : NULL);
    mgk_json_string(&json, "queue_id", c->queue_id);
    mgk_json_string(&json, "outcome", mgk_outcome_name(c->outcome));
    mgk_json_string(&json, "reason", mgk_reason_name(c->reason));
    mgk_json_string(&json, "detail", c->trouble);
    mgk_json_flag(&json, "holds", c->holds);
    mgk_json_string(&json, "subject", subject);
    mgk_json_string(&json, "sender", t->sender);
    mgk_json_strings(&json, "recipients", (const char *const *)t->recipients->pdata, t->recipients->len);
    mgk_json_string(&json, "client_address", t->client_address);
    mgk_json_number(&json, "size_in", t->mail ? (gint64)mgk_mail_size(t->mail) : 0);
    mgk_json_number(&json, "size_out", c->message ? (gint64)g_bytes_get_size(c->message) : 0);
    mgk_json_flag(&json, "repeated", c->repeated);
    mgk_json_number(&json, "failed_before", c->failed);
    mgk_json_string(&json, "policy_id", c->engine->policy_id);
    mgk_json_string(&json, "rule_version", c->engine->rule_version);
    mgk_json_number(&json, "received_us", t->started_us);
    mgk_json_number(&json, "finished_us", g_get_real_time());
    mgk_json_raw(&json, "report", c->report ? c->report : "null");
    return mgk_json_end(&json);
}

void mgk_case_log(const MgkCase *c)
{
    const MgkTransaction *t = c->transaction;
    g_autofree char *sender = mgk_names_display(t->sender, -1, SHOWN_COLUMNS);
    g_autofree char *trouble = mgk_names_display(c->trouble, -1, SHOWN_COLUMNS);
    gsize size_out = c->message ? g_bytes_get_size(c->message) : 0;
    gint64 took = (g_get_real_time() - t->started_us) / 1000;
    mgk_log(c->outcome == MGK_OUTCOME_CLEANED ? MGK_LOG_INFO : MGK_LOG_WARNING,
            "%s: %s: id=%s, reason=%s, from=%s, nrcpt=%u, client=%s, size=%" G_GUINT64_FORMAT "/%" G_GSIZE_FORMAT
            ", ms=%" G_GINT64_FORMAT "%s%s%s",
            c->queue_id ? c->queue_id : "NOQUEUE", mgk_outcome_name(c->outcome),
            mgk_mail_id(t->mail) ? mgk_mail_id(t->mail) : "none", mgk_reason_name(c->reason), sender,
            t->recipients->len, t->client_address ? t->client_address : "unknown", mgk_mail_size(t->mail), size_out,
            took, c->repeated ? ", repeated" : "", *trouble ? ", " : "", trouble);
    g_autofree char *line = mgk_case_result(c);
    mgk_mail_log_add(c->service->mail_log, line);
}
