#include "store/decisions.h"
#include "store/ledger_internal.h"

#include <string.h>

#define DEFAULT_LIMIT 100

void mgk_requests_free(MgkRequests *requests)
{
    if (!requests)
        return;
    g_array_unref(requests->requests);
    g_string_chunk_free(requests->text);
    g_ptr_array_unref(requests->memory);
    g_free(requests);
}

static MgkRequests *new_requests(void)
{
    MgkRequests *requests = g_new0(MgkRequests, 1);
    requests->requests = g_array_new(FALSE, TRUE, sizeof(MgkRequest));
    requests->text = g_string_chunk_new(2048);
    requests->memory = g_ptr_array_new_with_free_func(g_free);
    return requests;
}

static void take_request(MgkRequests *requests, MgkRows *rows)
{
    MgkRequest r = {.number = (guint64)sqlite3_column_int64(rows, 0),
                    .state = (MgkRequestState)sqlite3_column_int(rows, 3),
                    .person.uid = (guint32)sqlite3_column_int64(rows, 4),
                    .person.name = g_string_chunk_insert(requests->text, mgk_rows_text(rows, 5)),
                    .person.role = g_string_chunk_insert(requests->text, mgk_rows_text(rows, 6)),
                    .reason = g_string_chunk_insert(requests->text, mgk_rows_text(rows, 7)),
                    .approvals = (guint)sqlite3_column_int(rows, 8),
                    .emergency = sqlite3_column_int(rows, 9),
                    .time_us = sqlite3_column_int64(rows, 10),
                    .expires_us = sqlite3_column_int64(rows, 11),
                    .until_us = sqlite3_column_int64(rows, 12),
                    .reported_us = sqlite3_column_int64(rows, 13),
                    .chain = g_string_chunk_insert(requests->text, mgk_rows_text(rows, 14))};
    mgk_ledger_id(sqlite3_column_int64(rows, 1), r.record);
    mgk_rows_hash(rows, 2, r.sha256);
    g_array_append_val(requests->requests, r);
}

static gboolean take_departments(MgkLedger *ledger, MgkRequests *requests, MgkRequest *request, GError **error)
{
    gboolean row = TRUE;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(MgkRows) rows = mgk_sql_rows(ledger,
                                           "SELECT name FROM request_departments JOIN departments ON id = department"
                                           " WHERE request = ? ORDER BY name",
                                           MGK_BINDS(MGK_INT(request->number)), error);
    while (rows && row) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        if (row)
            g_ptr_array_add(names, g_string_chunk_insert(requests->text, mgk_rows_text(rows, 0)));
    }
    g_ptr_array_add(names, NULL);
    gpointer list = g_ptr_array_steal(names, NULL);
    g_ptr_array_add(requests->memory, list);
    request->departments = list;
    return rows != NULL;
}

/* Every condition is in the text; a value that asks for nothing switches its own off. */
static gboolean read_requests(MgkLedger *ledger, const MgkRequestFilter *filter, gint64 record, MgkRequests *requests,
                              GError **error)
{
    gboolean row = TRUE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(
        ledger,
        "SELECT number, record, sha256, state, uid, person, role, reason, approvals, emergency, time_us, expires_us,"
        " until_us, reported_us, ifnull((SELECT group_concat(role, ' ') FROM (SELECT role FROM request_steps"
        "  WHERE request = r.number AND step >= r.approvals ORDER BY step)), '') FROM requests r"
        " WHERE (?1 = 0 OR number = ?1) AND (?2 = 0 OR record = ?2) AND (?3 = 0 OR (1 << state) & ?3)"
        " AND (?4 = 0 OR (emergency = 1 AND reported_us = 0)) AND (?5 = 0 OR time_us >= ?5)"
        " AND (?6 = 0 OR time_us < ?6) ORDER BY number DESC LIMIT ?7",
        MGK_BINDS(MGK_INT(filter->number), MGK_INT(record), MGK_INT(filter->states), MGK_INT(filter->unreported != 0),
                  MGK_INT(filter->from_us), MGK_INT(filter->to_us),
                  MGK_INT(filter->limit ? filter->limit : DEFAULT_LIMIT)),
        error);
    while (rows && row) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        if (row)
            take_request(requests, rows);
    }
    return rows != NULL;
}

MgkRequests *mgk_ledger_requests(MgkLedger *ledger, const MgkRequestFilter *filter, GError **error)
{
    gint64 record = 0;
    g_autoptr(MgkRequests) requests = new_requests();
    if (filter->record && *filter->record && !mgk_ledger_number(filter->record, &record, error))
        return NULL;
    g_mutex_lock(&ledger->mutex);
    gboolean good = read_requests(ledger, filter, record, requests, error);
    for (guint i = 0; good && i < requests->requests->len; i++)
        good = take_departments(ledger, requests, &g_array_index(requests->requests, MgkRequest, i), error);
    g_mutex_unlock(&ledger->mutex);
    return good ? g_steal_pointer(&requests) : NULL;
}
