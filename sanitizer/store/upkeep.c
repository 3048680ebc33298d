#include "store/upkeep.h"

#include "store/disk.h"
#include "store/ledger_internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define COUNTED_HOLDS 10000

static gboolean set_frozen(MgkLedger *ledger, gint64 number, gboolean frozen, GError **error)
{
    if (!mgk_sql_run(ledger, "UPDATE records SET frozen = ?1 WHERE number = ?2 AND state NOT IN (8,9)",
                     MGK_BINDS(MGK_INT(frozen != 0), MGK_INT(number)), error))
        return FALSE;
    if (sqlite3_changes(ledger->db) == 1)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "no such record, or its original is gone");
    return FALSE;
}

gboolean mgk_ledger_freeze(MgkLedger *ledger, const char *id, gboolean frozen, const MgkPerson *person,
                           const char *reason, GError **error)
{
    gint64 number = 0;
    if (!mgk_ledger_number(id, &number, error) || !mgk_ledger_begin(ledger, error))
        return FALSE;
    gboolean good = set_frozen(ledger, number, frozen, error);
    const char *const data[] = {"role", person->role ? person->role : "", "reason", reason ? reason : "", NULL};
    const MgkEvent event = {.name = frozen ? "record.frozen" : "record.thawed",
                            .uid = person->uid,
                            .actor = person->name,
                            .record = id,
                            .data = data};
    return mgk_ledger_end(ledger, good ? &event : NULL, error);
}

/* Appends the ids that a statement gives. */
static gboolean take_ids(MgkLedger *ledger, GPtrArray *ids, const char *sql, const MgkBind *binds, gsize n,
                         GError **error)
{
    gboolean row = TRUE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(ledger, sql, binds, n, error);
    while (rows && row) {
        char id[MGK_RECORD_ID];
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        mgk_ledger_id(row ? sqlite3_column_int64(rows, 0) : 0, id);
        if (row)
            g_ptr_array_add(ids, g_strdup(id));
    }
    return rows != NULL;
}

static gboolean take_due(MgkLedger *ledger, const MgkRetention *retention, gint64 now_us, guint max, GPtrArray *ids,
                         GError **error)
{
    gint64 unfinished_us = now_us - (gint64)retention->received_days * G_TIME_SPAN_DAY;
    if (retention->received_days && !take_ids(ledger, ids,
                                              "SELECT number FROM records WHERE " MGK_SQL_UNFINISHED
                                              " AND time_us < ? AND frozen = 0 ORDER BY time_us LIMIT ?",
                                              MGK_BINDS(MGK_INT(unfinished_us), MGK_INT(max)), error))
        return FALSE;
    for (guint i = 0; i < MGK_N_VERDICTS; i++) {
        gint64 before_us = now_us - (gint64)retention->verdict_days[i] * G_TIME_SPAN_DAY;
        if (retention->verdict_days[i] == 0 || ids->len >= max)
            continue;
        if (!take_ids(ledger, ids,
                      "SELECT number FROM records WHERE " MGK_SQL_SETTLED
                      " AND verdict = (SELECT id FROM words WHERE text = ?) AND time_us < ? AND frozen = 0"
                      " ORDER BY time_us LIMIT ?",
                      MGK_BINDS(MGK_TEXT(mgk_verdict_name((MgkVerdict)i)), MGK_INT(before_us), MGK_INT(max - ids->len)),
                      error))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *mgk_ledger_due(MgkLedger *ledger, const MgkRetention *retention, gint64 now_us, guint max, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    g_mutex_lock(&ledger->mutex);
    gboolean good = take_due(ledger, retention, now_us, max, ids, error);
    g_mutex_unlock(&ledger->mutex);
    return good ? g_steal_pointer(&ids) : NULL;
}

GPtrArray *mgk_ledger_expired(MgkLedger *ledger, guint max, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    g_mutex_lock(&ledger->mutex);
    gboolean good = take_ids(ledger, ids, "SELECT number FROM records WHERE state = 8 ORDER BY number LIMIT ?",
                             MGK_BINDS(MGK_INT(max)), error);
    g_mutex_unlock(&ledger->mutex);
    return good ? g_steal_pointer(&ids) : NULL;
}

gboolean mgk_ledger_references(MgkLedger *ledger, const char *sha256, const char *except, guint64 *ret_count,
                               GError **error)
{
    gint64 number = 0, count = 0;
    if (except && !mgk_ledger_number(except, &number, error))
        return FALSE;
    g_mutex_lock(&ledger->mutex);
    gboolean good =
        mgk_sql_value(ledger, "SELECT count(*) FROM records WHERE sha256 = ? AND state <> 9 AND number <> ?",
                      MGK_BINDS(MGK_HASH(sha256), MGK_INT(number)), &count, error);
    g_mutex_unlock(&ledger->mutex);
    *ret_count = (guint64)count;
    return good;
}

static gboolean used_bytes(MgkLedger *ledger, const char *kind, const char *source, gint64 now_us, guint64 *ret_bytes,
                           GError **error)
{
    gint64 bytes = 0;
    g_autofree char *key = g_strconcat(kind, source ? source : "", NULL);
    gboolean good = mgk_sql_value(ledger, "SELECT bytes FROM usage WHERE source = ? AND day = ?",
                                  MGK_BINDS(MGK_TEXT(key), MGK_INT(now_us / G_TIME_SPAN_DAY)), &bytes, error);
    *ret_bytes = (guint64)bytes;
    return good;
}

static gboolean open_holds(MgkLedger *ledger, const char *sql, const char *source, guint64 *ret_count, GError **error)
{
    gint64 count = 0;
    gboolean good = !source || !*source ||
                    mgk_sql_value(ledger, sql, MGK_BINDS(MGK_TEXT(source), MGK_INT(COUNTED_HOLDS)), &count, error);
    *ret_count = (guint64)count;
    return good;
}

gboolean mgk_ledger_usage(MgkLedger *ledger, const char *sender, const char *client, gint64 now_us, MgkUsage *ret_usage,
                          GError **error)
{
    MgkUsage usage;
    g_autofree char *domain = mgk_ledger_domain(sender);
    g_mutex_lock(&ledger->mutex);
    gboolean good =
        used_bytes(ledger, "domain:", domain, now_us, &usage.domain_bytes, error) &&
        used_bytes(ledger, "client:", client, now_us, &usage.client_bytes, error) &&
        open_holds(ledger,
                   "SELECT count(*) FROM (SELECT 1 FROM addresses a JOIN records r ON r.sender = a.id AND"
                   " r." MGK_SQL_OPEN " WHERE a.domain = ? LIMIT ?)",
                   domain, &usage.domain_holds, error) &&
        open_holds(ledger, "SELECT count(*) FROM (SELECT 1 FROM records WHERE client = ? AND " MGK_SQL_OPEN " LIMIT ?)",
                   client, &usage.client_holds, error);
    g_mutex_unlock(&ledger->mutex);
    if (good)
        *ret_usage = usage;
    return good;
}

static gboolean is_wanted(const char *const *departments, const char *name)
{
    return !departments || g_strv_contains(departments, name);
}

static gboolean read_counts(MgkLedger *ledger, gint64 from, gint64 to, const char *const *departments, GArray *counts,
                            GError **error)
{
    gboolean row = TRUE;
    g_autoptr(MgkRows) rows =
        mgk_sql_rows(ledger,
                     "SELECT ifnull(d.name, ''), w.text, sum(c.count) FROM counts c LEFT JOIN departments d"
                     " ON d.id = c.department JOIN words w ON w.id = c.what WHERE c.day >= ? AND c.day < ?"
                     " GROUP BY c.department, c.what ORDER BY 1, 2",
                     MGK_BINDS(MGK_INT(from), MGK_INT(to)), error);
    while (rows && row) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        if (!row || !is_wanted(departments, mgk_rows_text(rows, 0)))
            continue;
        const MgkReportRow count = {.department = g_intern_string(mgk_rows_text(rows, 0)),
                                    .what = g_intern_string(mgk_rows_text(rows, 1)),
                                    .count = (guint64)sqlite3_column_int64(rows, 2)};
        g_array_append_val(counts, count);
    }
    return rows != NULL;
}

GArray *mgk_ledger_counts(MgkLedger *ledger, gint64 from_us, gint64 to_us, const char *const *departments,
                          GError **error)
{
    g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(MgkReportRow));
    g_mutex_lock(&ledger->mutex);
    gboolean good = read_counts(ledger, mgk_ledger_day(from_us), mgk_ledger_day(to_us), departments, counts, error);
    g_mutex_unlock(&ledger->mutex);
    return good ? g_steal_pointer(&counts) : NULL;
}

static gboolean sync_copy(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    int file = open(path, O_RDONLY | O_CLOEXEC), folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean good = (file >= 0 && folder >= 0 && fsync(file) == 0 && fsync(folder) == 0) || mgk_disk_fail(error, path);
    if (file >= 0)
        close(file);
    if (folder >= 0)
        close(folder);
    return good;
}

static gboolean sqlite_trouble(const char *path, int code, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, sqlite3_errstr(code));
    return FALSE;
}

/* The whole copy in one step: it is a reader of one moment, the writer goes on beside it. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite3_errcode(to);
    int stepped = sqlite3_backup_step(backup, -1), finished = sqlite3_backup_finish(backup);
    return stepped == SQLITE_DONE ? finished : stepped;
}

gboolean mgk_ledger_backup(MgkLedger *ledger, const char *path, GError **error)
{
    sqlite3 *from = NULL, *to = NULL;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return mgk_disk_fail(error, path);
    close(fd);
    int code = sqlite3_open_v2(ledger->path, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(from, MGK_LEDGER_BUSY_MS);
        code = copy_pages(from, to);
    }
    int closed = sqlite3_close(to);
    sqlite3_close(from);
    if (code != SQLITE_OK || closed != SQLITE_OK)
        return sqlite_trouble(path, code != SQLITE_OK ? code : closed, error);
    return sync_copy(path, error);
}

/* "ok" is what a sound file says. */
static gboolean is_sound(MgkLedger *ledger, const char *pragma, const char *good, GError **error)
{
    gboolean row = FALSE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(ledger, pragma, NULL, 0, error);
    if (!rows || !mgk_rows_next(ledger, rows, &row, error))
        return FALSE;
    const char *said = row ? mgk_rows_text(rows, 0) : "";
    if (strcmp(said, good) == 0)
        return TRUE;
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s: %s", ledger->path, said);
    return FALSE;
}

gboolean mgk_ledger_check(MgkLedger *ledger, GError **error)
{
    g_mutex_lock(&ledger->mutex);
    gboolean good = is_sound(ledger, "PRAGMA integrity_check(1)", "ok", error) &&
                    is_sound(ledger, "PRAGMA foreign_key_check", "", error);
    g_mutex_unlock(&ledger->mutex);
    return good;
}
