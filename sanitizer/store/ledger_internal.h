/* ledger_internal.h - what the files of the ledger share: statements, transactions, names as numbers. */
#pragma once

#include "store/ledger.h"

#include <sqlite3.h>

#define MGK_DAY_RECORDS 1000000  /* a record's number: YYMMDD × this + n of the day */
#define MGK_LEDGER_BUSY_MS 10000 /* wait for another connection's checkpoint or copy */
#define MGK_PART_SHIFT 20        /* a part's: the record's number << this, + its index */

/* States by what they mean to queries; the partial indexes of the schema have the same words. */
#define MGK_SQL_OPEN "state IN (2,3,4)"      /* HELD REQUESTED APPROVED: somebody waits */
#define MGK_SQL_SETTLED "state IN (1,2,5,6)" /* KEPT HELD RELEASED REJECTED: time runs */
#define MGK_SQL_UNFINISHED "state IN (0,7)"  /* RECEIVED WITHDRAWN */

struct MgkLedger {
    sqlite3 *db;
    MgkLog *log;       /* borrowed; NULL when reading only */
    char *path;        /* owned */
    GHashTable *cache; /* owned; SQL → sqlite3_stmt */
    guint64 next_ref;  /* of the next log record */
    GMutex mutex;
};

/* A value for a ?, in order. TEXT: NULL and "" are NULL. HASH: hex, "" is NULL. */
typedef struct MgkBind {
    enum { MGK_BIND_INT, MGK_BIND_TEXT, MGK_BIND_HASH } type;
    gint64 number;
    const char *text;
} MgkBind;
#define MGK_INT(value) ((MgkBind){.type = MGK_BIND_INT, .number = (gint64)(value)})
#define MGK_TEXT(value) ((MgkBind){.type = MGK_BIND_TEXT, .text = (value)})
#define MGK_HASH(value) ((MgkBind){.type = MGK_BIND_HASH, .text = (value)})
#define MGK_BINDS(...) (const MgkBind[]){__VA_ARGS__}, G_N_ELEMENTS(((const MgkBind[]){__VA_ARGS__}))

/* A statement with its values, to be stepped; it goes back with mgk_rows_done(), which g_autoptr does. */
typedef struct sqlite3_stmt MgkRows;
MgkRows *mgk_sql_rows(MgkLedger *ledger, const char *sql, const MgkBind *binds, gsize n, GError **error);
void mgk_rows_done(MgkRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkRows, mgk_rows_done)
/* TRUE with *ret_row: whether there is another one. */
gboolean mgk_rows_next(MgkLedger *ledger, MgkRows *rows, gboolean *ret_row, GError **error);
/* Runs a statement for its effect. */
gboolean mgk_sql_run(MgkLedger *ledger, const char *sql, const MgkBind *binds, gsize n, GError **error);
/* The first column of the first row; *ret_value stays as it is when there is none. */
gboolean mgk_sql_value(MgkLedger *ledger, const char *sql, const MgkBind *binds, gsize n, gint64 *ret_value,
                       GError **error);
/* Sets the error for what SQLite says last; FALSE. */
gboolean mgk_sql_fail(MgkLedger *ledger, GError **error);
/* The hash in a column as hex, "" for NULL; its text, or "". */
void mgk_rows_hash(MgkRows *rows, int column, char ret_hex[65]);
const char *mgk_rows_text(MgkRows *rows, int column);

/* Takes the ledger's turn and begins a change. */
gboolean mgk_ledger_begin(MgkLedger *ledger, GError **error);
/* Ends it: event NULL gives everything up, else the change is committed together with the event, and the event is in
 * the log. Gives the turn back. */
gboolean mgk_ledger_end(MgkLedger *ledger, const MgkEvent *event, GError **error);

/* Numbers for names, made when they are new. 0 for "" and NULL. */
gboolean mgk_ledger_word(MgkLedger *ledger, const char *text, gint64 *ret_id, GError **error);
gboolean mgk_ledger_department(MgkLedger *ledger, const char *name, gint64 *ret_id, GError **error);
/* The domain of an address in lower case; owned by the caller. */
char *mgk_ledger_domain(const char *address);
/* "261121-0042" to its number and back. FALSE with MGK_ERROR_USAGE when it is no id. */
gboolean mgk_ledger_number(const char *id, gint64 *ret_number, GError **error);
void mgk_ledger_id(gint64 number, char ret_id[MGK_RECORD_ID]);
/* YYMMDD of the local day. */
gint64 mgk_ledger_day(gint64 time_us);
/* Takes the record to a state; the triggers judge the step. */
gboolean mgk_ledger_set_state(MgkLedger *ledger, gint64 number, MgkState to, GError **error);

/* Brings the schema to this version's; inside no transaction. */
gboolean mgk_ledger_migrate(MgkLedger *ledger, GError **error);
