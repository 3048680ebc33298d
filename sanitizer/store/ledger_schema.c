/* ledger_schema.c - the schema, step by step: user_version counts the steps that a file has seen. A step is never
 * changed once it was released; a new one is added. Numbers of states, request states, decisions and origins stand in
 * files and in the texts below: their enums only grow. Verdicts, reasons and formats are kept by name (words). */
#include "store/ledger_internal.h"

static const char *const steps[] = {
    /* 1 */
    "CREATE TABLE words(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE departments(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE addresses(id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, domain TEXT NOT NULL) STRICT;"
    "CREATE INDEX addresses_domain ON addresses(domain);"
    "CREATE TABLE steps(from_state INTEGER NOT NULL, to_state INTEGER NOT NULL, PRIMARY KEY(from_state, to_state))"
    " STRICT, WITHOUT ROWID;"

    "CREATE TABLE records(number INTEGER PRIMARY KEY, time_us INTEGER NOT NULL,"
    " origin INTEGER NOT NULL CHECK(origin BETWEEN 0 AND 2), state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 9),"
    " frozen INTEGER NOT NULL DEFAULT 0 CHECK(frozen IN (0,1)), sha256 BLOB NOT NULL CHECK(length(sha256) = 32),"
    " size INTEGER NOT NULL CHECK(size >= 0), sender INTEGER NOT NULL REFERENCES addresses(id),"
    " department INTEGER REFERENCES departments(id), verdict INTEGER REFERENCES words(id),"
    " reason INTEGER REFERENCES words(id), policy INTEGER REFERENCES words(id), rules INTEGER REFERENCES words(id),"
    " client TEXT, queue_id TEXT, message_id TEXT, clean_copy TEXT, subject TEXT) STRICT;"
    "CREATE UNIQUE INDEX records_queue_id ON records(queue_id) WHERE queue_id IS NOT NULL;"
    "CREATE INDEX records_sender ON records(sender);"
    "CREATE INDEX records_state ON records(state);"
    "CREATE INDEX records_department ON records(department);"
    "CREATE INDEX records_time ON records(time_us);"
    "CREATE INDEX records_sha256 ON records(sha256);"
    "CREATE INDEX records_open_sender ON records(sender) WHERE " MGK_SQL_OPEN ";"
    "CREATE INDEX records_open_client ON records(client) WHERE " MGK_SQL_OPEN ";"
    "CREATE INDEX records_settled ON records(verdict, time_us) WHERE " MGK_SQL_SETTLED ";"
    "CREATE INDEX records_unfinished ON records(time_us) WHERE " MGK_SQL_UNFINISHED ";"
    "CREATE INDEX records_frozen ON records(number) WHERE frozen = 1;"
    "CREATE TRIGGER records_begin BEFORE INSERT ON records WHEN NEW.state <> 0 OR NEW.frozen <> 0 BEGIN"
    " SELECT RAISE(ABORT, 'step'); END;"
    "CREATE TRIGGER records_step BEFORE UPDATE OF state ON records BEGIN"
    " SELECT RAISE(ABORT, 'frozen') WHERE OLD.frozen = 1 AND NEW.state IN (8,9);"
    " SELECT RAISE(ABORT, 'step') WHERE NOT EXISTS"
    "  (SELECT 1 FROM steps WHERE from_state = OLD.state AND to_state = NEW.state); END;"
    "CREATE TRIGGER records_fixed BEFORE UPDATE OF number, time_us, origin, sha256, size, sender ON records BEGIN"
    " SELECT RAISE(ABORT, 'fixed'); END;"
    "CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'fixed'); END;"

    "CREATE TABLE recipients(address INTEGER NOT NULL REFERENCES addresses(id),"
    " record INTEGER NOT NULL REFERENCES records(number), PRIMARY KEY(address, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX recipients_record ON recipients(record);"
    "CREATE TABLE parts(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, size INTEGER NOT NULL, sha256 BLOB,"
    " format INTEGER REFERENCES words(id), verdict INTEGER REFERENCES words(id), reason INTEGER REFERENCES words(id),"
    " name TEXT, findings TEXT) STRICT;"
    "CREATE INDEX parts_sha256 ON parts(sha256) WHERE sha256 IS NOT NULL;"

    "CREATE TABLE requests(number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " record INTEGER NOT NULL REFERENCES records(number), sha256 BLOB NOT NULL, state INTEGER NOT NULL DEFAULT 0"
    " CHECK(state BETWEEN 0 AND 5), uid INTEGER NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL,"
    " reason TEXT NOT NULL CHECK(length(reason) > 0), approvals INTEGER NOT NULL DEFAULT 0,"
    " emergency INTEGER NOT NULL CHECK(emergency IN (0,1)), time_us INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL CHECK(expires_us > time_us), until_us INTEGER NOT NULL, reported_us INTEGER NOT NULL"
    " DEFAULT 0) STRICT;"
    "CREATE INDEX requests_record ON requests(record);"
    "CREATE INDEX requests_sha256 ON requests(sha256) WHERE until_us > 0;"
    "CREATE INDEX requests_open ON requests(expires_us) WHERE state IN (0,1);"
    "CREATE INDEX requests_unreported ON requests(number) WHERE emergency = 1 AND reported_us = 0;"
    "CREATE TABLE request_steps(request INTEGER NOT NULL REFERENCES requests(number), step INTEGER NOT NULL,"
    " role TEXT NOT NULL, PRIMARY KEY(request, step)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE request_departments(request INTEGER NOT NULL REFERENCES requests(number),"
    " department INTEGER NOT NULL REFERENCES departments(id), PRIMARY KEY(request, department)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER requests_bytes BEFORE INSERT ON requests BEGIN"
    " SELECT RAISE(ABORT, 'other-bytes') WHERE NEW.sha256 <> (SELECT sha256 FROM records WHERE number = NEW.record); "
    "END;"
    "CREATE TRIGGER requests_fixed BEFORE UPDATE OF number, record, sha256, uid, person, reason, emergency, time_us,"
    " expires_us, until_us ON requests BEGIN SELECT RAISE(ABORT, 'fixed'); END;"

    "CREATE TABLE decisions(id INTEGER PRIMARY KEY AUTOINCREMENT, request INTEGER NOT NULL REFERENCES requests(number),"
    " kind INTEGER NOT NULL CHECK(kind BETWEEN 0 AND 4), uid INTEGER NOT NULL, person TEXT NOT NULL, role TEXT NOT "
    "NULL,"
    " reason TEXT, time_us INTEGER NOT NULL, sha256 BLOB) STRICT;"
    "CREATE INDEX decisions_request ON decisions(request);"
    /* approve, release: over the same bytes, in time */
    "CREATE TRIGGER decisions_bound BEFORE INSERT ON decisions WHEN NEW.kind IN (0,3) BEGIN"
    " SELECT RAISE(ABORT, 'other-bytes') FROM requests WHERE number = NEW.request AND NEW.sha256 IS NOT sha256;"
    " SELECT RAISE(ABORT, 'too-late') FROM requests WHERE number = NEW.request AND NEW.time_us >= expires_us; END;"
    "CREATE TRIGGER decisions_role BEFORE INSERT ON decisions WHEN NEW.kind IN (0,1) BEGIN"
    " SELECT RAISE(ABORT, 'not-open') FROM requests WHERE number = NEW.request AND state <> 0;"
    " SELECT RAISE(ABORT, 'wrong-role') WHERE NEW.role IS NOT (SELECT s.role FROM request_steps s JOIN requests r"
    "  ON s.request = r.number AND s.step = r.approvals WHERE r.number = NEW.request); END;"
    "CREATE TRIGGER decisions_two_people BEFORE INSERT ON decisions WHEN NEW.kind = 0 BEGIN"
    " SELECT RAISE(ABORT, 'same-person') FROM requests WHERE number = NEW.request AND (uid = NEW.uid OR EXISTS"
    "  (SELECT 1 FROM decisions WHERE request = NEW.request AND kind = 0 AND uid = NEW.uid)); END;"
    "CREATE TRIGGER decisions_revoke BEFORE INSERT ON decisions WHEN NEW.kind = 2 BEGIN"
    " SELECT RAISE(ABORT, 'not-open') FROM requests WHERE number = NEW.request AND state NOT IN (0,1) AND NOT"
    "  (state = 3 AND until_us > 0);"
    " SELECT RAISE(ABORT, 'not-yours') FROM requests WHERE number = NEW.request AND uid <> NEW.uid AND NOT EXISTS"
    "  (SELECT 1 FROM decisions WHERE request = NEW.request AND kind = 0 AND uid = NEW.uid); END;"
    "CREATE TRIGGER decisions_release BEFORE INSERT ON decisions WHEN NEW.kind = 3 BEGIN"
    " SELECT RAISE(ABORT, 'used') FROM requests WHERE number = NEW.request AND state = 3;"
    " SELECT RAISE(ABORT, 'not-approved') FROM requests WHERE number = NEW.request AND state <> 1; END;"
    "CREATE TRIGGER decisions_report BEFORE INSERT ON decisions WHEN NEW.kind = 4 BEGIN"
    " SELECT RAISE(ABORT, 'reported') FROM requests WHERE number = NEW.request AND (emergency = 0 OR reported_us > 0);"
    " END;"
    "CREATE TRIGGER decisions_fixed BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'fixed'); END;"
    "CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'fixed'); END;"

    "CREATE TABLE usage(source TEXT NOT NULL, day INTEGER NOT NULL, mails INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " PRIMARY KEY(source, day)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE counts(day INTEGER NOT NULL, department INTEGER NOT NULL, what INTEGER NOT NULL REFERENCES words(id),"
    " count INTEGER NOT NULL, PRIMARY KEY(day, department, what)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox(ref INTEGER PRIMARY KEY, members TEXT NOT NULL) STRICT;",
};

static gboolean execute(MgkLedger *ledger, const char *sql, GError **error)
{
    return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK || mgk_sql_fail(ledger, error);
}

/* The steps of states.def, as this version knows them. */
static gboolean fill_steps(MgkLedger *ledger, GError **error)
{
    if (!execute(ledger, "DELETE FROM steps", error))
        return FALSE;
    for (guint from = 0; from < MGK_N_STATES; from++) {
        for (guint to = 0; to < MGK_N_STATES; to++) {
            if (mgk_state_may_become((MgkState)from, (MgkState)to) &&
                !mgk_sql_run(ledger, "INSERT INTO steps VALUES(?,?)", MGK_BINDS(MGK_INT(from), MGK_INT(to)), error))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean run_steps(MgkLedger *ledger, gint64 version, GError **error)
{
    for (gsize i = (gsize)version; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *stamp = g_strdup_printf("PRAGMA user_version=%" G_GSIZE_FORMAT, i + 1);
        if (!execute(ledger, steps[i], error) || !execute(ledger, stamp, error))
            return FALSE;
    }
    return fill_steps(ledger, error);
}

gboolean mgk_ledger_migrate(MgkLedger *ledger, GError **error)
{
    gint64 version = 0;
    if (!mgk_sql_value(ledger, "PRAGMA user_version", NULL, 0, &version, error))
        return FALSE;
    if (version < 0 || version > (gint64)G_N_ELEMENTS(steps)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s: was made by a newer version", ledger->path);
        return FALSE;
    }
    if (!ledger->log)
        return TRUE;
    if (!execute(ledger, "BEGIN IMMEDIATE", error))
        return FALSE;
    if (run_steps(ledger, version, error) && execute(ledger, "COMMIT", error))
        return TRUE;
    sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    return FALSE;
}
