#include "store/ledger.h"

#include "store/disk.h"
#include "store/ledger_internal.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void finalize(gpointer rows)
{
    sqlite3_finalize(rows);
}

void mgk_ledger_free(MgkLedger *ledger)
{
    if (!ledger)
        return;
    g_hash_table_unref(ledger->cache);
    sqlite3_close(ledger->db);
    g_mutex_clear(&ledger->mutex);
    g_free(ledger->path);
    g_free(ledger);
}

static gboolean set_up(MgkLedger *ledger, GError **error)
{
    static const char pragmas[] = "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                                  "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA mmap_size=0;";
    static const char writer[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                                 "PRAGMA journal_size_limit=67108864;";
    sqlite3_busy_timeout(ledger->db, MGK_LEDGER_BUSY_MS);
    sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (sqlite3_exec(ledger->db, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
        (ledger->log && sqlite3_exec(ledger->db, writer, NULL, NULL, NULL) != SQLITE_OK))
        return mgk_sql_fail(ledger, error);
    return TRUE;
}

/* Appends what was committed and is not in the log. Under the mutex. */
static gboolean tell(MgkLedger *ledger, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(MgkLogEntry));
    g_autoptr(GStringChunk) text = g_string_chunk_new(4096);
    gboolean row = TRUE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(ledger, "SELECT ref, members FROM outbox WHERE ref > ? ORDER BY ref",
                                           MGK_BINDS(MGK_INT(mgk_log_last_ref(ledger->log))), error);
    if (!rows)
        return FALSE;
    for (;;) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
        if (!row)
            break;
        const MgkLogEntry entry = {.ref = (guint64)sqlite3_column_int64(rows, 0),
                                   .members = g_string_chunk_insert(text, mgk_rows_text(rows, 1))};
        g_array_append_val(entries, entry);
    }
    return mgk_log_append_entries(ledger->log, (const MgkLogEntry *)entries->data, entries->len, error);
}

/* Numbers of log records go on behind both: a ledger out of a backup is older than its log. */
static gboolean begin_refs(MgkLedger *ledger, GError **error)
{
    gint64 last = 0;
    if (!mgk_sql_value(ledger, "SELECT max(ref) FROM outbox", NULL, 0, &last, error) || !tell(ledger, error))
        return FALSE;
    ledger->next_ref = MAX((guint64)last, mgk_log_last_ref(ledger->log)) + 1;
    return TRUE;
}

/* An empty file with the right mode, which SQLite gives to those beside it; its name is on the disk before the first
 * record is. */
static gboolean make_file(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int parent = fd >= 0 ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    gboolean good = (parent >= 0 && fsync(parent) == 0) || mgk_disk_fail(error, path);
    if (parent >= 0)
        close(parent);
    if (fd >= 0)
        close(fd);
    return good;
}

MgkLedger *mgk_ledger_open(const char *path, MgkLog *log, GError **error)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (log ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    g_autoptr(MgkLedger) ledger = g_new0(MgkLedger, 1);
    g_mutex_init(&ledger->mutex);
    ledger->log = log;
    ledger->path = g_strdup(path);
    ledger->cache = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    if (log && !make_file(path, error))
        return NULL;
    int code = sodium_init() < 0 ? SQLITE_ERROR : sqlite3_open_v2(path, &ledger->db, flags, NULL);
    if (code != SQLITE_OK) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, sqlite3_errstr(code));
        return NULL;
    }
    if (!set_up(ledger, error) || !mgk_ledger_migrate(ledger, error) || (log && !begin_refs(ledger, error)))
        return NULL;
    return g_steal_pointer(&ledger);
}

gboolean mgk_ledger_begin(MgkLedger *ledger, GError **error)
{
    g_mutex_lock(&ledger->mutex);
    if (ledger->log && mgk_sql_run(ledger, "BEGIN IMMEDIATE", NULL, 0, error)) {
        /* What is in the log goes with the next change, so that no change needs two commits. */
        if (mgk_sql_run(ledger, "DELETE FROM outbox WHERE ref <= ?", MGK_BINDS(MGK_INT(mgk_log_last_ref(ledger->log))),
                        error))
            return TRUE;
        return mgk_ledger_end(ledger, NULL, NULL);
    }
    g_mutex_unlock(&ledger->mutex);
    if (!ledger->log)
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "the ledger is open for reading only");
    return FALSE;
}

static gboolean put_out(MgkLedger *ledger, const MgkEvent *event, GError **error)
{
    g_autofree char *members = mgk_event_format(event);
    return mgk_sql_run(ledger, "INSERT INTO outbox VALUES(?,?)",
                       MGK_BINDS(MGK_INT(ledger->next_ref++), MGK_TEXT(members)), error);
}

gboolean mgk_ledger_end(MgkLedger *ledger, const MgkEvent *event, GError **error)
{
    gboolean good = event && put_out(ledger, event, error) && mgk_sql_run(ledger, "COMMIT", NULL, 0, error);
    if (!good && !sqlite3_get_autocommit(ledger->db))
        sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    good = good && tell(ledger, error);
    g_mutex_unlock(&ledger->mutex);
    return good;
}

static gboolean intern(MgkLedger *ledger, const char *select, const char *insert, const char *text, gint64 *ret_id,
                       GError **error)
{
    *ret_id = 0;
    if (!text || !*text)
        return TRUE;
    if (!mgk_sql_value(ledger, select, MGK_BINDS(MGK_TEXT(text)), ret_id, error))
        return FALSE;
    if (*ret_id == 0) {
        if (!mgk_sql_run(ledger, insert, MGK_BINDS(MGK_TEXT(text)), error))
            return FALSE;
        *ret_id = sqlite3_last_insert_rowid(ledger->db);
    }
    return TRUE;
}

gboolean mgk_ledger_word(MgkLedger *ledger, const char *text, gint64 *ret_id, GError **error)
{
    return intern(ledger, "SELECT id FROM words WHERE text = ?", "INSERT INTO words(text) VALUES(?)", text, ret_id,
                  error);
}

gboolean mgk_ledger_department(MgkLedger *ledger, const char *name, gint64 *ret_id, GError **error)
{
    return intern(ledger, "SELECT id FROM departments WHERE name = ?", "INSERT INTO departments(name) VALUES(?)", name,
                  ret_id, error);
}

char *mgk_ledger_domain(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    return g_ascii_strdown(at ? at + 1 : "", -1);
}

gboolean mgk_ledger_number(const char *id, gint64 *ret_number, GError **error)
{
    guint day = 0, n = 0;
    int end = 0;
    if (id && strlen(id) < MGK_RECORD_ID && strspn(id, "0123456789-") == strlen(id) &&
        sscanf(id, "%6u-%6u%n", &day, &n, &end) == 2 && (gsize)end == strlen(id)) {
        *ret_number = (gint64)day * MGK_DAY_RECORDS + n;
        return TRUE;
    }
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "no such record");
    return FALSE;
}

void mgk_ledger_id(gint64 number, char ret_id[MGK_RECORD_ID])
{
    g_snprintf(ret_id, MGK_RECORD_ID, "%06d-%04d", (int)(number / MGK_DAY_RECORDS), (int)(number % MGK_DAY_RECORDS));
}

gint64 mgk_ledger_day(gint64 time_us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_us / G_USEC_PER_SEC);
    return (gint64)(g_date_time_get_year(time) % 100) * 10000 + (gint64)g_date_time_get_month(time) * 100 +
           g_date_time_get_day_of_month(time);
}

gboolean mgk_ledger_set_state(MgkLedger *ledger, gint64 number, MgkState to, GError **error)
{
    if (!mgk_sql_run(ledger, "UPDATE records SET state = ? WHERE number = ?", MGK_BINDS(MGK_INT(to), MGK_INT(number)),
                     error))
        return FALSE;
    if (sqlite3_changes(ledger->db) == 1)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "no such record");
    return FALSE;
}
