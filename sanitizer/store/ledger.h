/* ledger.h - the index of the hold: records, decisions and counters in SQLite.
 *
 * WAL, synchronous=FULL, foreign keys; the schema's version is user_version, steps in ledger_schema.c. Every change is
 * one transaction that carries its log record with it (table outbox), and the log record follows before the function
 * returns: TRUE means both are on the disk. After a crash between the two the next opening writes what is missing,
 * once.
 *
 * One process writes. All functions may be called from several threads and take turns; a second MgkLedger, opened for
 * reading, runs beside it. Errors: MGK_ERROR_IO (disk, log), MGK_ERROR_USAGE (no such record, a step that is not
 * allowed, a decision that is refused), MGK_ERROR_MALFORMED (damaged, or made by a newer version). */
#pragma once

#include "store/log.h"
#include "store/record.h"

typedef struct MgkLedger MgkLedger;

/* Who does it: as the kernel says, never as the client says. role is the one that was used ("clerk", "ciso"). */
typedef struct MgkPerson {
    guint32 uid;
    const char *name, *role;
} MgkPerson;

/* A count of a report: "verdict:held", "kind:macro.vba", "reason:encrypted". */
typedef struct MgkTally {
    const char *what;
    guint64 count;
} MgkTally;

/* log: where changes are told, borrowed, outlives it; NULL opens for reading only. */
MgkLedger *mgk_ledger_open(const char *path, MgkLog *log, GError **error);
void mgk_ledger_free(MgkLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkLedger, mgk_ledger_free)

/* A new record, state RECEIVED; its id, parts and conclusion are not read. time_us 0: now. Counts for the quotas. */
gboolean mgk_ledger_add(MgkLedger *ledger, const MgkRecord *record, char ret_id[MGK_RECORD_ID], GError **error);
/* The record of a delivery that was added before with this queue_id; ret_id "" when there is none. */
gboolean mgk_ledger_find_delivery(MgkLedger *ledger, const char *queue_id, char ret_id[MGK_RECORD_ID], GError **error);
/* A verdict was reached: state KEPT or HELD (result->state), verdict, reason, policy, rules, clean_copy, department
 * (unless empty) and parts of result. tallies: n_tallies counts for the reports, beside the verdict's own. */
gboolean mgk_ledger_conclude(MgkLedger *ledger, const char *id, const MgkRecord *result, const MgkTally *tallies,
                             guint n_tallies, GError **error);
/* A step of states.def that is no decision: WITHDRAWN, EXPIRED, DELETED, HELD to RELEASED after an unlock. detail goes
 * into the log; may be NULL. */
gboolean mgk_ledger_step(MgkLedger *ledger, const char *id, MgkState to, const MgkPerson *person, const char *detail,
                         GError **error);

/* Which records; NULL, "" and 0 match all. */
typedef struct MgkFilter {
    gint64 from_us, to_us;          /* from ≤ time < to */
    const char *sender;             /* "a@b", "@b" for a domain, else a part of the address */
    const char *recipient;          /* likewise */
    const char *subject;            /* a part of it; looks at every record in turn */
    const char *sha256;             /* of the original or of any part */
    guint states;                   /* bit per MgkState; 0: all */
    gboolean frozen;                /* only those */
    const char *const *departments; /* NULL-terminated: only these; NULL: all */
    const char *before;             /* id: the page behind it, older records */
    guint limit;                    /* 0: 50; at most 1000 */
} MgkFilter;

/* Newest first, without parts. */
MgkRecords *mgk_ledger_list(MgkLedger *ledger, const MgkFilter *filter, GError **error);
/* One record with its parts. */
MgkRecords *mgk_ledger_get(MgkLedger *ledger, const char *id, GError **error);
