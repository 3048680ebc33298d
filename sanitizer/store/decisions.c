#include "store/decisions.h"

#include "store/ledger_internal.h"

#include <unistd.h>

static const char *const state_names[] = {
    [MGK_REQUEST_OPEN] = "open", [MGK_REQUEST_APPROVED] = "approved", [MGK_REQUEST_REJECTED] = "rejected",
    [MGK_REQUEST_USED] = "used", [MGK_REQUEST_EXPIRED] = "expired",   [MGK_REQUEST_REVOKED] = "revoked"};

static const char *const decision_names[] = {[MGK_DECIDE_APPROVE] = "approve",
                                             [MGK_DECIDE_REJECT] = "reject",
                                             [MGK_DECIDE_REVOKE] = "revoke",
                                             [MGK_DECIDE_RELEASE] = "release",
                                             [MGK_DECIDE_REPORT] = "report"};

const char *mgk_request_state_name(MgkRequestState state)
{
    return state_names[state];
}

static gboolean no_request(GError **error)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "no such request");
    return FALSE;
}

static gboolean insert_steps(MgkLedger *ledger, gint64 number, const char *chain, GError **error)
{
    g_auto(GStrv) roles = g_strsplit(chain ? chain : "", " ", 0);
    gint64 step = 0;
    for (char **role = roles; *role; role++) {
        if (**role && !mgk_sql_run(ledger, "INSERT INTO request_steps VALUES(?,?,?)",
                                   MGK_BINDS(MGK_INT(number), MGK_INT(step++), MGK_TEXT(*role)), error))
            return FALSE;
    }
    if (step > 0)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "nobody is named who could approve it");
    return FALSE;
}

static gboolean insert_departments(MgkLedger *ledger, gint64 number, const char *const *departments, GError **error)
{
    for (const char *const *d = departments; d && *d; d++) {
        gint64 id = 0;
        if (!mgk_ledger_department(ledger, *d, &id, error) ||
            !mgk_sql_run(ledger, "INSERT OR IGNORE INTO request_departments VALUES(?,?)",
                         MGK_BINDS(MGK_INT(number), MGK_INT(id)), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean insert_request(MgkLedger *ledger, const MgkRequest *request, gint64 record, gint64 *ret_number,
                               GError **error)
{
    gint64 time_us = request->time_us ? request->time_us : g_get_real_time();
    const MgkPerson *person = &request->person;
    if (!mgk_ledger_set_state(ledger, record, MGK_STATE_REQUESTED, error) ||
        !mgk_sql_run(ledger,
                     "INSERT INTO requests(record, sha256, uid, person, role, reason, emergency, time_us, expires_us,"
                     " until_us) VALUES(?,ifnull(?,x''),?,ifnull(?,''),ifnull(?,''),ifnull(?,''),?,?,?,?)",
                     MGK_BINDS(MGK_INT(record), MGK_HASH(request->sha256), MGK_INT(person->uid), MGK_TEXT(person->name),
                               MGK_TEXT(person->role), MGK_TEXT(request->reason), MGK_INT(request->emergency != 0),
                               MGK_INT(time_us), MGK_INT(request->expires_us), MGK_INT(request->until_us)),
                     error))
        return FALSE;
    *ret_number = sqlite3_last_insert_rowid(ledger->db);
    return insert_steps(ledger, *ret_number, request->chain, error) &&
           insert_departments(ledger, *ret_number, request->departments, error);
}

/* A try that was refused stays in the log. When even that fails, its error counts. */
static gboolean refused(MgkLedger *ledger, const char *what, const char *record, const MgkPerson *person,
                        const char *sha256, GError *trouble, GError **error)
{
    const char *const data[] = {"what", what, "role", person->role ? person->role : "", "why", trouble->message, NULL};
    const MgkEvent event = {.name = "decision.refused",
                            .uid = person->uid,
                            .actor = person->name,
                            .record = record,
                            .sha256 = sha256,
                            .data = data};
    if (g_error_matches(trouble, MGK_ERROR, MGK_ERROR_USAGE) && !mgk_log_append(ledger->log, &event, error))
        g_error_free(trouble);
    else
        g_propagate_error(error, trouble);
    return FALSE;
}

/* Names separated by spaces; owned by the caller. */
static char *join(const char *const *names)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (const char *const *name = names; name && *name; name++)
        g_string_append_printf(text, "%s%s", name == names ? "" : " ", *name);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

gboolean mgk_ledger_request(MgkLedger *ledger, const MgkRequest *request, guint64 *ret_number, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    gint64 record = 0, number = 0;
    if (!mgk_ledger_number(request->record, &record, error) || !mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good = insert_request(ledger, request, record, &number, &trouble);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);
    g_autofree char *until = g_strdup_printf("%" G_GINT64_FORMAT, request->until_us / G_USEC_PER_SEC);
    g_autofree char *departments = join(request->departments);
    const char *const data[] = {"request",     text,
                                "reason",      request->reason ? request->reason : "",
                                "role",        request->person.role ? request->person.role : "",
                                "chain",       request->chain ? request->chain : "",
                                "emergency",   request->emergency ? "yes" : "no",
                                "departments", departments,
                                "until",       until,
                                NULL};
    const MgkEvent event = {.name = "request.open",
                            .uid = request->person.uid,
                            .actor = request->person.name,
                            .record = request->record,
                            .sha256 = request->sha256,
                            .data = data};
    if (!mgk_ledger_end(ledger, good ? &event : NULL, &trouble))
        return refused(ledger, "request", request->record, &request->person, request->sha256, g_steal_pointer(&trouble),
                       error);
    *ret_number = (guint64)number;
    return TRUE;
}

/* What a decision needs to know of its request. */
typedef struct Facts {
    gint64 record, approvals, steps, state;
} Facts;

static gboolean find_facts(MgkLedger *ledger, guint64 request, Facts *ret_facts, GError **error)
{
    gboolean row = FALSE;
    g_autoptr(MgkRows) rows =
        mgk_sql_rows(ledger,
                     "SELECT record, approvals, (SELECT count(*) FROM request_steps WHERE request = number), state"
                     " FROM requests WHERE number = ?",
                     MGK_BINDS(MGK_INT(request)), error);
    if (!rows || !mgk_rows_next(ledger, rows, &row, error))
        return FALSE;
    if (!row)
        return no_request(error);
    *ret_facts = (Facts){sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1), sqlite3_column_int64(rows, 2),
                         sqlite3_column_int64(rows, 3)};
    return TRUE;
}

static gboolean set_request(MgkLedger *ledger, guint64 request, MgkRequestState state, GError **error)
{
    return mgk_sql_run(ledger, "UPDATE requests SET state = ? WHERE number = ?",
                       MGK_BINDS(MGK_INT(state), MGK_INT(request)), error);
}

static gboolean end_request(MgkLedger *ledger, guint64 request, const Facts *facts, MgkRequestState state,
                            MgkState record, GError **error)
{
    return set_request(ledger, request, state, error) && mgk_ledger_set_state(ledger, facts->record, record, error);
}

static gboolean approve(MgkLedger *ledger, guint64 request, const Facts *facts, GError **error)
{
    if (!mgk_sql_run(ledger, "UPDATE requests SET approvals = approvals + 1 WHERE number = ?",
                     MGK_BINDS(MGK_INT(request)), error))
        return FALSE;
    return facts->approvals + 1 < facts->steps ||
           end_request(ledger, request, facts, MGK_REQUEST_APPROVED, MGK_STATE_APPROVED, error);
}

/* A used one is taken back for other copies only; its own record is out. */
static gboolean take_back(MgkLedger *ledger, guint64 request, const Facts *facts, GError **error)
{
    if (facts->state == MGK_REQUEST_USED)
        return set_request(ledger, request, MGK_REQUEST_REVOKED, error);
    return end_request(ledger, request, facts, MGK_REQUEST_REVOKED, MGK_STATE_HELD, error);
}

static gboolean carry_out(MgkLedger *ledger, const MgkDecision *decision, const Facts *facts, gint64 time_us,
                          GError **error)
{
    switch (decision->kind) {
    case MGK_DECIDE_APPROVE:
        return approve(ledger, decision->request, facts, error);
    case MGK_DECIDE_REJECT:
        return end_request(ledger, decision->request, facts, MGK_REQUEST_REJECTED, MGK_STATE_REJECTED, error);
    case MGK_DECIDE_REVOKE:
        return take_back(ledger, decision->request, facts, error);
    case MGK_DECIDE_RELEASE:
        return end_request(ledger, decision->request, facts, MGK_REQUEST_USED, MGK_STATE_RELEASED, error);
    case MGK_DECIDE_REPORT:
        return mgk_sql_run(ledger, "UPDATE requests SET reported_us = ? WHERE number = ?",
                           MGK_BINDS(MGK_INT(time_us), MGK_INT(decision->request)), error);
    case MGK_N_DECISIONS:
        break;
    }
    return no_request(error);
}

static gboolean decide(MgkLedger *ledger, const MgkDecision *decision, Facts *ret_facts, GError **error)
{
    gint64 time_us = decision->time_us ? decision->time_us : g_get_real_time();
    const MgkPerson *person = &decision->person;
    return find_facts(ledger, decision->request, ret_facts, error) &&
           mgk_sql_run(ledger,
                       "INSERT INTO decisions(request, kind, uid, person, role, reason, time_us, sha256)"
                       " VALUES(?,?,?,ifnull(?,''),ifnull(?,''),?,?,?)",
                       MGK_BINDS(MGK_INT(decision->request), MGK_INT(decision->kind), MGK_INT(person->uid),
                                 MGK_TEXT(person->name), MGK_TEXT(person->role), MGK_TEXT(decision->reason),
                                 MGK_INT(time_us), MGK_HASH(decision->sha256)),
                       error) &&
           carry_out(ledger, decision, ret_facts, time_us, error);
}

gboolean mgk_ledger_decide(MgkLedger *ledger, const MgkDecision *decision, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    Facts facts = {.record = 0};
    char id[MGK_RECORD_ID] = "";
    if (!mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good = decide(ledger, decision, &facts, &trouble);
    if (facts.record)
        mgk_ledger_id(facts.record, id);
    const char *what = decision->kind < MGK_N_DECISIONS ? decision_names[decision->kind] : "nothing";
    g_autofree char *name = g_strconcat("request.", what, NULL);
    g_autofree char *request = g_strdup_printf("%" G_GUINT64_FORMAT, decision->request);
    const char *const data[] = {"request", request,
                                "role",    decision->person.role ? decision->person.role : "",
                                "reason",  decision->reason ? decision->reason : "",
                                NULL};
    const MgkEvent event = {.name = name,
                            .uid = decision->person.uid,
                            .actor = decision->person.name,
                            .record = id,
                            .sha256 = decision->sha256,
                            .data = data};
    return mgk_ledger_end(ledger, good ? &event : NULL, &trouble) ||
           refused(ledger, what, id, &decision->person, decision->sha256, g_steal_pointer(&trouble), error);
}

/* One request past its time, as a change of its own. *ret_any: there was one. */
static gboolean expire_one(MgkLedger *ledger, gint64 now_us, gboolean *ret_any, GError **error)
{
    gint64 number = 0;
    Facts facts = {.record = 0};
    char id[MGK_RECORD_ID] = "";
    *ret_any = FALSE;
    if (!mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good =
        mgk_sql_value(ledger, "SELECT number FROM requests WHERE state IN (0,1) AND expires_us <= ? LIMIT 1",
                      MGK_BINDS(MGK_INT(now_us)), &number, error);
    if (good && number == 0) {
        mgk_ledger_end(ledger, NULL, NULL);
        return TRUE;
    }
    good = good && find_facts(ledger, (guint64)number, &facts, error) &&
           end_request(ledger, (guint64)number, &facts, MGK_REQUEST_EXPIRED, MGK_STATE_HELD, error);
    mgk_ledger_id(facts.record, id);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);
    const char *const data[] = {"request", text, NULL};
    const MgkEvent event = {.name = "request.expired", .uid = geteuid(), .actor = "store", .record = id, .data = data};
    *ret_any = mgk_ledger_end(ledger, good ? &event : NULL, error);
    return *ret_any;
}

gint mgk_ledger_expire_requests(MgkLedger *ledger, gint64 now_us, GError **error)
{
    gboolean any = TRUE;
    gint n = 0;
    while (any) {
        if (!expire_one(ledger, now_us, &any, error))
            return -1;
        n += any;
    }
    return n;
}

gboolean mgk_ledger_find_grant(MgkLedger *ledger, const char *sha256, const char *department, gint64 now_us,
                               guint64 *ret_request, GError **error)
{
    gint64 number = 0;
    g_mutex_lock(&ledger->mutex);
    gboolean good = mgk_sql_value(ledger,
                                  "SELECT r.number FROM requests r JOIN request_departments q ON q.request = r.number"
                                  " JOIN departments d ON d.id = q.department WHERE r.sha256 = ? AND r.until_us > ?"
                                  " AND r.until_us > 0 AND r.state IN (1,3) AND d.name = ? ORDER BY r.number LIMIT 1",
                                  MGK_BINDS(MGK_HASH(sha256), MGK_INT(now_us), MGK_TEXT(department)), &number, error);
    g_mutex_unlock(&ledger->mutex);
    *ret_request = (guint64)number;
    return good;
}
