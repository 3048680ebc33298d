/* ledger_sql.c - statements: prepared once, values bound, never pasted. */
#include "store/ledger_internal.h"

#include <sodium.h>
#include <string.h>

/* What the triggers say, in words. */
static const char *const refusals[][2] = {
    {"step", "this record's state does not allow it"},
    {"frozen", "the record is frozen"},
    {"fixed", "what is recorded is not changed"},
    {"other-bytes", "the bytes are not those that were asked for"},
    {"too-late", "its time is over"},
    {"not-open", "it is not open any more"},
    {"wrong-role", "it is another role's turn"},
    {"same-person", "the same person cannot request and approve, or approve twice"},
    {"not-yours", "only who asked or approved can take it back"},
    {"used", "it was used already"},
    {"not-approved", "it is not approved"},
    {"reported", "there is nothing to report"}};

static gboolean refuse(const char *message, GError **error)
{
    const char *words = message;
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (strcmp(refusals[i][0], message) == 0)
            words = refusals[i][1];
    }
    g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: %s", message, words);
    return FALSE;
}

gboolean mgk_sql_fail(MgkLedger *ledger, GError **error)
{
    const char *message = sqlite3_errmsg(ledger->db);
    int code = sqlite3_errcode(ledger->db) & 0xff;
    if (code == SQLITE_CONSTRAINT)
        return refuse(message, error);
    g_set_error(error, MGK_ERROR, code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? MGK_ERROR_MALFORMED : MGK_ERROR_IO,
                "ledger: %s", message);
    return FALSE;
}

static MgkRows *prepare(MgkLedger *ledger, const char *sql)
{
    MgkRows *rows = g_hash_table_lookup(ledger->cache, sql);
    if (!rows && sqlite3_prepare_v3(ledger->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &rows, NULL) == SQLITE_OK)
        g_hash_table_insert(ledger->cache, g_strdup(sql), rows);
    return rows;
}

static int bind(MgkRows *rows, int at, const MgkBind *value)
{
    guint8 hash[32];
    gsize n = 0;
    gboolean empty = !value->text || !*value->text;
    if (value->type == MGK_BIND_INT)
        return sqlite3_bind_int64(rows, at, value->number);
    if (empty)
        return sqlite3_bind_null(rows, at);
    if (value->type == MGK_BIND_TEXT)
        return sqlite3_bind_text(rows, at, value->text, -1, SQLITE_TRANSIENT);
    /* What is no hash is a blob that no hash equals. */
    if (sodium_hex2bin(hash, sizeof hash, value->text, strlen(value->text), NULL, &n, NULL) != 0 || n != sizeof hash)
        return sqlite3_bind_zeroblob(rows, at, 0);
    return sqlite3_bind_blob(rows, at, hash, sizeof hash, SQLITE_TRANSIENT);
}

MgkRows *mgk_sql_rows(MgkLedger *ledger, const char *sql, const MgkBind *binds, gsize n, GError **error)
{
    g_autoptr(MgkRows) rows = prepare(ledger, sql);
    gboolean good = rows != NULL;
    for (gsize i = 0; good && i < n; i++)
        good = bind(rows, (int)i + 1, &binds[i]) == SQLITE_OK;
    if (good)
        return g_steal_pointer(&rows);
    mgk_sql_fail(ledger, error);
    return NULL;
}

void mgk_rows_done(MgkRows *rows)
{
    sqlite3_reset(rows);
    sqlite3_clear_bindings(rows);
}

gboolean mgk_rows_next(MgkLedger *ledger, MgkRows *rows, gboolean *ret_row, GError **error)
{
    int code = sqlite3_step(rows);
    *ret_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE || mgk_sql_fail(ledger, error);
}

gboolean mgk_sql_run(MgkLedger *ledger, const char *sql, const MgkBind *binds, gsize n, GError **error)
{
    gboolean row = TRUE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(ledger, sql, binds, n, error);
    while (rows && row) {
        if (!mgk_rows_next(ledger, rows, &row, error))
            return FALSE;
    }
    return rows != NULL;
}

gboolean mgk_sql_value(MgkLedger *ledger, const char *sql, const MgkBind *binds, gsize n, gint64 *ret_value,
                       GError **error)
{
    gboolean row = FALSE;
    g_autoptr(MgkRows) rows = mgk_sql_rows(ledger, sql, binds, n, error);
    if (!rows || !mgk_rows_next(ledger, rows, &row, error))
        return FALSE;
    if (row)
        *ret_value = sqlite3_column_int64(rows, 0);
    return TRUE;
}

void mgk_rows_hash(MgkRows *rows, int column, char ret_hex[65])
{
    int size = sqlite3_column_bytes(rows, column);
    ret_hex[0] = '\0';
    if (size == 32)
        sodium_bin2hex(ret_hex, 65, sqlite3_column_blob(rows, column), 32);
}

const char *mgk_rows_text(MgkRows *rows, int column)
{
    const char *text = (const char *)sqlite3_column_text(rows, column);
    return text ? text : "";
}
