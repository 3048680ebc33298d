/* ledger_list.c - records that pass a filter: conditions are put together from fixed texts, values are bound. */
#include "store/ledger_internal.h"

#include <string.h>

#define DEFAULT_LIMIT 50
#define MAX_LIMIT 1000
#define DENSE_ROWS 20000

#define COLUMNS \
    "SELECT r.number, r.time_us, r.origin, r.state, r.frozen, r.sha256, r.size, r.client, r.subject, r.message_id," \
    " r.queue_id, r.clean_copy, a.address, d.name, v.text, e.text, p.text, u.text FROM records r" \
    " JOIN addresses a ON a.id = r.sender LEFT JOIN departments d ON d.id = r.department" \
    " LEFT JOIN words v ON v.id = r.verdict LEFT JOIN words e ON e.id = r.reason" \
    " LEFT JOIN words p ON p.id = r.policy LEFT JOIN words u ON u.id = r.rules "

/* A statement under construction. */
typedef struct Query {
    GString *sql;     /* owned */
    GArray *binds;    /* owned; of MgkBind */
    GPtrArray *texts; /* owned; what some binds point to */
} Query;

static void query_clear(Query *query)
{
    g_string_free(query->sql, TRUE);
    g_array_unref(query->binds);
    g_ptr_array_unref(query->texts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Query, query_clear)

static void add_condition(Query *query, const char *condition)
{
    g_string_append_printf(query->sql, " %s %s", strstr(query->sql->str, "WHERE") ? "AND" : "WHERE", condition);
}

static void add_bind(Query *query, MgkBind bind)
{
    g_array_append_val(query->binds, bind);
}

/* The text as a LIKE pattern for "contains"; kept by the query. */
static const char *like(Query *query, const char *text)
{
    g_autoptr(GString) pattern = g_string_new("%");
    for (const char *p = text; *p; p++) {
        if (strchr("%_\\", *p))
            g_string_append_c(pattern, '\\');
        g_string_append_c(pattern, *p);
    }
    g_string_append_c(pattern, '%');
    g_ptr_array_add(query->texts, g_string_free(g_steal_pointer(&pattern), FALSE));
    return g_ptr_array_index(query->texts, query->texts->len - 1);
}

/* "a@b" the address, "@b" the domain, anything else a part of the address. */
static const char *address_condition(Query *query, const char *text)
{
    if (text[0] == '@') {
        g_ptr_array_add(query->texts, g_ascii_strdown(text + 1, -1));
        add_bind(query, MGK_TEXT(g_ptr_array_index(query->texts, query->texts->len - 1)));
        return "domain = ?";
    }
    if (strchr(text, '@')) {
        add_bind(query, MGK_TEXT(text));
        return "address = ?";
    }
    add_bind(query, MGK_TEXT(like(query, text)));
    return "address LIKE ? ESCAPE '\\'";
}

static gboolean given(const char *text)
{
    return text && *text;
}

/* Whether so many rows pass that walking all records from the newest on finds a page sooner than collecting and sorting
 * those that pass. from: a table and its condition, with the binds from `first` on. */
static gboolean is_dense(MgkLedger *ledger, const Query *query, const char *from, guint first)
{
    gint64 count = 0;
    g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d)", from, DENSE_ROWS);
    return mgk_sql_value(ledger, sql, &g_array_index(query->binds, MgkBind, first), query->binds->len - first, &count,
                         NULL) &&
           count == DENSE_ROWS;
}

/* A column of records has one of the ids that a subquery gives. "+" keeps SQLite from its index. */
static void add_set(MgkLedger *ledger, Query *query, const char *column, const char *ids, guint first)
{
    g_autofree char *from = g_strdup_printf("records WHERE %s IN (%s)", column, ids);
    g_autofree char *condition =
        g_strdup_printf("%sr.%s IN (%s)", is_dense(ledger, query, from, first) ? "+" : "", column, ids);
    add_condition(query, condition);
}

static void add_sender(MgkLedger *ledger, Query *query, const char *sender)
{
    guint first = query->binds->len;
    g_autofree char *ids = g_strdup_printf("SELECT id FROM addresses WHERE %s", address_condition(query, sender));
    add_set(ledger, query, "sender", ids, first);
}

static void add_recipient(MgkLedger *ledger, Query *query, const char *recipient)
{
    guint first = query->binds->len;
    const char *which = address_condition(query, recipient);
    g_autofree char *from =
        g_strdup_printf("recipients q WHERE q.address IN (SELECT id FROM addresses WHERE %s)", which);
    g_autofree char *condition = is_dense(ledger, query, from, first)
                                     ? g_strdup_printf("EXISTS (SELECT 1 FROM %s AND q.record = r.number)", from)
                                     : g_strdup_printf("r.number IN (SELECT q.record FROM %s)", from);
    add_condition(query, condition);
}

static void add_departments(MgkLedger *ledger, Query *query, const char *const *departments)
{
    guint first = query->binds->len;
    g_autoptr(GString) ids = g_string_new("SELECT id FROM departments WHERE name IN (");
    for (const char *const *d = departments; *d; d++) {
        g_string_append(ids, d == departments ? "?" : ",?");
        add_bind(query, MGK_TEXT(*d));
    }
    g_string_append_c(ids, ')');
    add_set(ledger, query, "department", ids->str, first);
}

static void add_states(Query *query, guint states)
{
    g_autoptr(GString) condition = g_string_new("r.state IN (");
    for (guint i = 0, n = 0; i < MGK_N_STATES; i++) {
        if (states & 1u << i)
            g_string_append_printf(condition, "%s%u", n++ ? "," : "", i);
    }
    g_string_append_c(condition, ')');
    add_condition(query, condition->str);
}

static void add_bytes(Query *query, const char *sha256)
{
    add_condition(query, "r.number IN (SELECT number FROM records WHERE sha256 = ? UNION ALL"
                         " SELECT id >> 20 FROM parts WHERE sha256 = ?)");
    add_bind(query, MGK_HASH(sha256));
    add_bind(query, MGK_HASH(sha256));
}

static void add_time(Query *query, const MgkFilter *filter)
{
    if (filter->from_us) {
        add_condition(query, "r.time_us >= ?");
        add_bind(query, MGK_INT(filter->from_us));
    }
    if (filter->to_us) {
        add_condition(query, "r.time_us < ?");
        add_bind(query, MGK_INT(filter->to_us));
    }
}

static gboolean add_filter(MgkLedger *ledger, Query *query, const MgkFilter *filter, GError **error)
{
    gint64 before = 0;
    if (given(filter->sender))
        add_sender(ledger, query, filter->sender);
    if (given(filter->recipient))
        add_recipient(ledger, query, filter->recipient);
    add_time(query, filter);
    if (given(filter->subject)) {
        add_condition(query, "r.subject LIKE ? ESCAPE '\\'");
        add_bind(query, MGK_TEXT(like(query, filter->subject)));
    }
    if (given(filter->sha256))
        add_bytes(query, filter->sha256);
    if (filter->states)
        add_states(query, filter->states);
    if (filter->frozen)
        add_condition(query, "r.frozen = 1");
    if (filter->departments)
        add_departments(ledger, query, filter->departments);
    if (given(filter->before)) {
        if (!mgk_ledger_number(filter->before, &before, error))
            return FALSE;
        add_condition(query, "r.number < ?");
        add_bind(query, MGK_INT(before));
    }
    return TRUE;
}

static MgkRecords *new_records(void)
{
    MgkRecords *records = g_new0(MgkRecords, 1);
    records->records = g_array_new(FALSE, TRUE, sizeof(MgkRecord));
    records->text = g_string_chunk_new(8192);
    records->memory = g_ptr_array_new_with_free_func(g_free);
    return records;
}

static char *keep(MgkRecords *records, MgkRows *rows, int column)
{
    return g_string_chunk_insert(records->text, mgk_rows_text(rows, column));
}

/* A verdict and a reason by name; what this version does not know is held for an internal reason. */
static MgkVerdict verdict_of(const char *name)
{
    for (guint i = 0; i < MGK_N_VERDICTS; i++) {
        if (strcmp(mgk_verdict_name((MgkVerdict)i), name) == 0)
            return (MgkVerdict)i;
    }
    return MGK_VERDICT_HELD;
}

static MgkReason reason_of(const char *name)
{
    for (guint i = 0; i < MGK_N_REASONS; i++) {
        if (strcmp(mgk_reason_name((MgkReason)i), name) == 0)
            return (MgkReason)i;
    }
    return *name ? MGK_REASON_INTERNAL : MGK_REASON_NONE;
}

static void take_record(MgkRecords *records, MgkRows *rows)
{
    MgkRecord r = {.time_us = sqlite3_column_int64(rows, 1),
                   .origin = (MgkOrigin)sqlite3_column_int(rows, 2),
                   .state = (MgkState)sqlite3_column_int(rows, 3),
                   .frozen = sqlite3_column_int(rows, 4),
                   .size = (guint64)sqlite3_column_int64(rows, 6),
                   .client = keep(records, rows, 7),
                   .subject = keep(records, rows, 8),
                   .message_id = keep(records, rows, 9),
                   .queue_id = keep(records, rows, 10),
                   .clean_copy = keep(records, rows, 11),
                   .sender = keep(records, rows, 12),
                   .department = keep(records, rows, 13),
                   .verdict = verdict_of(mgk_rows_text(rows, 14)),
                   .reason = reason_of(mgk_rows_text(rows, 15)),
                   .policy = keep(records, rows, 16),
                   .rules = keep(records, rows, 17)};
    mgk_ledger_id(sqlite3_column_int64(rows, 0), r.id);
    mgk_rows_hash(rows, 5, r.sha256);
    g_array_append_val(records->records, r);
}

static gboolean take_recipients(MgkLedger *ledger, MgkRecords *records, MgkRecord *record, GError **error)
{
    gint64 number = 0;
    gboolean row = TRUE;
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    if (!mgk_ledger_number(record->id, &number, error))
        return FALSE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(
        ledger, "SELECT a.address FROM recipients r JOIN addresses a ON a.id = r.address WHERE r.record = ? ORDER BY 1",
        MGK_BINDS(MGK_INT(number)), error);
    while (rows && row) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        if (row)
            g_ptr_array_add(list, keep(records, rows, 0));
    }
    g_ptr_array_add(list, NULL);
    gpointer recipients = g_ptr_array_steal(list, NULL);
    g_ptr_array_add(records->memory, recipients);
    record->recipients = recipients;
    return rows != NULL;
}

static gboolean read_records(MgkLedger *ledger, const Query *query, guint limit, MgkRecords *records, GError **error)
{
    gboolean row = TRUE;
    g_autoptr(MgkRows) rows =
        mgk_sql_rows(ledger, query->sql->str, (const MgkBind *)query->binds->data, query->binds->len, error);
    if (!rows)
        return FALSE;
    while (mgk_rows_next(ledger, rows, &row, error)) {
        records->more = row && records->records->len == limit;
        if (!row || records->more)
            return TRUE;
        take_record(records, rows);
    }
    return FALSE;
}

static gboolean list(MgkLedger *ledger, const Query *query, guint limit, MgkRecords *records, GError **error)
{
    gboolean good = read_records(ledger, query, limit, records, error);
    for (guint i = 0; good && i < records->records->len; i++)
        good = take_recipients(ledger, records, &g_array_index(records->records, MgkRecord, i), error);
    return good;
}

MgkRecords *mgk_ledger_list(MgkLedger *ledger, const MgkFilter *filter, GError **error)
{
    g_auto(Query) query = {.sql = g_string_new(COLUMNS),
                           .binds = g_array_new(FALSE, FALSE, sizeof(MgkBind)),
                           .texts = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(MgkRecords) records = new_records();
    guint limit = filter->limit ? MIN(filter->limit, MAX_LIMIT) : DEFAULT_LIMIT;
    g_mutex_lock(&ledger->mutex);
    gboolean good = add_filter(ledger, &query, filter, error);
    g_string_append(query.sql, " ORDER BY r.number DESC LIMIT ?");
    add_bind(&query, MGK_INT(limit + 1));
    good = good && list(ledger, &query, limit, records, error);
    g_mutex_unlock(&ledger->mutex);
    return good ? g_steal_pointer(&records) : NULL;
}

static void take_part(MgkRecords *records, GArray *parts, MgkRows *rows)
{
    MgkRecordPart part = {.parent = (guint)sqlite3_column_int(rows, 0),
                          .size = (guint64)sqlite3_column_int64(rows, 1),
                          .format = keep(records, rows, 3),
                          .verdict = verdict_of(mgk_rows_text(rows, 4)),
                          .reason = reason_of(mgk_rows_text(rows, 5)),
                          .name = keep(records, rows, 6),
                          .findings = keep(records, rows, 7)};
    mgk_rows_hash(rows, 2, part.sha256);
    g_array_append_val(parts, part);
}

static gboolean take_parts(MgkLedger *ledger, MgkRecords *records, gint64 number, GError **error)
{
    MgkRecord *record = &g_array_index(records->records, MgkRecord, 0);
    gboolean row = TRUE;
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(MgkRecordPart));
    g_autoptr(MgkRows) rows = mgk_sql_rows(
        ledger,
        "SELECT parent, size, sha256, f.text, v.text, e.text, name, findings FROM parts"
        " LEFT JOIN words f ON f.id = format LEFT JOIN words v ON v.id = verdict LEFT JOIN words e ON e.id = reason"
        " WHERE parts.id >= ? AND parts.id < ? ORDER BY parts.id",
        MGK_BINDS(MGK_INT(number << MGK_PART_SHIFT), MGK_INT((number + 1) << MGK_PART_SHIFT)), error);
    while (rows && row) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        if (row)
            take_part(records, parts, rows);
    }
    record->n_parts = parts->len;
    gpointer all = g_array_steal(parts, NULL);
    g_ptr_array_add(records->memory, all);
    record->parts = all;
    return rows != NULL;
}

MgkRecords *mgk_ledger_get(MgkLedger *ledger, const char *id, GError **error)
{
    gint64 number = 0;
    if (!mgk_ledger_number(id, &number, error))
        return NULL;
    const MgkBind bind = MGK_INT(number);
    g_auto(Query) query = {.sql = g_string_new(COLUMNS "WHERE r.number = ?"),
                           .binds = g_array_new(FALSE, FALSE, sizeof(MgkBind)),
                           .texts = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(MgkRecords) records = new_records();
    add_bind(&query, bind);
    g_mutex_lock(&ledger->mutex);
    gboolean good = list(ledger, &query, 1, records, error);
    gboolean found = good && records->records->len == 1;
    good = found && take_parts(ledger, records, number, error);
    g_mutex_unlock(&ledger->mutex);
    if (!found && error && !*error)
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "no such record: %s", id);
    return good ? g_steal_pointer(&records) : NULL;
}
