/* decide.c - request, approve, reject, revoke, freeze: who asks, who agrees. The ledger's triggers refuse what breaks
 * the rule of two people, whatever stands here; roles and departments are checked here. */
#include "hold.h"

#include "model/words.h"
#include "store/hold_wire.h"

#include <string.h>

#define ROLE(id) (1u << MGK_ROLE_##id)
#define DAY_US (24 * (gint64)3600 * G_USEC_PER_SEC)
#define REASON_BYTES 2000

/* A reason that a reader of the log understands a year later: there is one, and it is not a novel. */
static const char *reason_of(const MgkAsk *ask, GError **error)
{
    const char *reason = mgk_hold_text(ask->arguments, "reason");
    g_autofree char *bare = g_strstrip(g_strdup(reason));
    if (*bare && strlen(reason) <= REASON_BYTES)
        return reason;
    mgk_ask_refuse(error, N_("a reason is needed, of at most 2,000 bytes"));
    return NULL;
}

gboolean mgk_answer_request(MgkAsk *ask, GError **error)
{
    MgkHold *hold = ask->hold;
    GVariant *a = ask->arguments;
    g_autoptr(MgkRecords) records = mgk_ask_record(ask, error);
    const char *reason = records ? reason_of(ask, error) : NULL;
    if (!reason)
        return FALSE;
    const MgkRecord *record = mgk_records_get(records, 0);
    g_autofree const char **departments = mgk_hold_texts(a, "departments");
    for (guint i = 0; departments[i]; i++) {
        if (!mgk_caller_sees(ask->caller, departments[i]))
            return mgk_ask_refuse(error, N_("one of these departments is not yours"));
    }
    gint64 now = g_get_real_time();
    MgkRequest request = {.person = mgk_ask_person(ask, MGK_ROLE_CLERK),
                          .reason = reason,
                          .chain = mgk_hold_config_chain(hold->config, record->department),
                          .emergency = mgk_hold_flag(a, "emergency"),
                          .expires_us = now + (gint64)hold->config->request_days * DAY_US,
                          .departments = departments[0] ? departments : NULL,
                          .until_us = (gint64)mgk_hold_number(a, "until")};
    if (departments[0] && request.until_us <= now)
        return mgk_ask_refuse(error, N_("a release for departments needs a day on which it ends"));
    if (!departments[0])
        request.until_us = 0;
    g_strlcpy(request.record, record->id, sizeof request.record);
    g_strlcpy(request.sha256, record->sha256, sizeof request.sha256);
    guint64 number = 0;
    if (!mgk_ledger_request(hold->ledger, &request, &number, error))
        return FALSE;
    g_variant_dict_insert(&ask->answer, "number", "t", number);
    g_variant_dict_insert(&ask->answer, "chain", "s", request.chain);
    return TRUE;
}

/* The request of the arguments, when its record is for the caller's eyes. */
static MgkRequests *find_request(const MgkAsk *ask, GError **error)
{
    const MgkRequestFilter filter = {.number = mgk_hold_number(ask->arguments, "number")};
    g_autoptr(MgkRequests) requests = filter.number ? mgk_ledger_requests(ask->hold->ledger, &filter, error) : NULL;
    if (filter.number && !requests)
        return NULL;
    if (requests && requests->requests->len == 1) {
        const MgkRequest *request = &g_array_index(requests->requests, MgkRequest, 0);
        g_autoptr(MgkRecords) record = mgk_ledger_get(ask->hold->ledger, request->record, NULL);
        if (record && mgk_caller_sees(ask->caller, mgk_records_get(record, 0)->department))
            return g_steal_pointer(&requests);
    }
    mgk_ask_refuse(error, N_("there is no request of this number for you"));
    return NULL;
}

/* The next role of a chain: the word after those that agreed already. */
static MgkRole next_role(const MgkRequest *request)
{
    g_auto(GStrv) words = g_strsplit(request->chain ? request->chain : "", " ", -1);
    return words[0] ? mgk_role_from_name(words[0]) : MGK_N_ROLES;
}

static gboolean decide(const MgkAsk *ask, const MgkRequest *request, MgkDecisionKind kind, MgkRole role,
                       const char *reason, GError **error)
{
    MgkDecision decision = {
        .kind = kind, .request = request->number, .person = mgk_ask_person(ask, role), .reason = reason};
    g_strlcpy(decision.sha256, request->sha256, sizeof decision.sha256);
    return mgk_ledger_decide(ask->hold->ledger, &decision, error);
}

/* What the person looked at is what they agree to: the client sends the hash that it showed. */
static gboolean is_what_was_seen(const MgkAsk *ask, const MgkRequest *request, GError **error)
{
    const char *seen = mgk_hold_text(ask->arguments, "sha256");
    if (strcmp(seen, request->sha256) == 0)
        return TRUE;
    const char *const data[] = {"why", "other bytes", "shown", seen, NULL};
    return mgk_ask_note(ask, "decision.refused", NULL, data, error) &&
           mgk_ask_refuse(error, N_("these are not the bytes that were requested"));
}

gboolean mgk_answer_approve(MgkAsk *ask, GError **error)
{
    g_autoptr(MgkRequests) requests = find_request(ask, error);
    if (!requests)
        return FALSE;
    const MgkRequest *request = &g_array_index(requests->requests, MgkRequest, 0);
    MgkRole role = next_role(request);
    if (!is_what_was_seen(ask, request, error))
        return FALSE;
    if (role == MGK_N_ROLES || !mgk_caller_has(ask->caller, role))
        return mgk_ask_refuse(error, N_("it is another role's turn to agree"));
    if (!mgk_blobs_verify(ask->hold->blobs, request->sha256, error))
        return FALSE;
    return decide(ask, request, MGK_DECIDE_APPROVE, role, mgk_hold_text(ask->arguments, "reason"), error);
}

gboolean mgk_answer_reject(MgkAsk *ask, GError **error)
{
    g_autoptr(MgkRequests) requests = find_request(ask, error);
    const char *reason = requests ? reason_of(ask, error) : NULL;
    if (!reason)
        return FALSE;
    const MgkRequest *request = &g_array_index(requests->requests, MgkRequest, 0);
    MgkRole role = next_role(request);
    if (role == MGK_N_ROLES || !mgk_caller_has(ask->caller, role))
        return mgk_ask_refuse(error, N_("it is another role's turn to agree"));
    return decide(ask, request, MGK_DECIDE_REJECT, role, reason, error);
}

gboolean mgk_answer_revoke(MgkAsk *ask, GError **error)
{
    g_autoptr(MgkRequests) requests = find_request(ask, error);
    const char *reason = requests ? reason_of(ask, error) : NULL;
    if (!reason)
        return FALSE;
    const MgkRequest *request = &g_array_index(requests->requests, MgkRequest, 0);
    MgkRole role = mgk_ask_role(ask, ROLE(CLERK) | ROLE(APPROVER) | ROLE(CISO));
    return decide(ask, request, MGK_DECIDE_REVOKE, role, reason, error);
}

gboolean mgk_answer_report_emergency(MgkAsk *ask, GError **error)
{
    g_autoptr(MgkRequests) requests = find_request(ask, error);
    const char *reason = requests ? reason_of(ask, error) : NULL;
    if (!reason)
        return FALSE;
    const MgkRequest *request = &g_array_index(requests->requests, MgkRequest, 0);
    return decide(ask, request, MGK_DECIDE_REPORT, mgk_ask_role(ask, ROLE(APPROVER) | ROLE(CISO)), reason, error);
}

gboolean mgk_answer_freeze(MgkAsk *ask, GError **error)
{
    g_autoptr(MgkRecords) records = mgk_ask_record(ask, error);
    const char *reason = records ? reason_of(ask, error) : NULL;
    if (!reason)
        return FALSE;
    const MgkPerson person = mgk_ask_person(ask, mgk_ask_role(ask, ROLE(CISO) | ROLE(APPROVER) | ROLE(AUDITOR)));
    return mgk_ledger_freeze(ask->hold->ledger, mgk_records_get(records, 0)->id, !mgk_hold_flag(ask->arguments, "thaw"),
                             &person, reason, error);
}
