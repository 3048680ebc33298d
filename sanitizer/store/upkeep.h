/* upkeep.h - what keeps the ledger in order: freeze, retention, quotas, counts for reports. */
#pragma once

#include "store/ledger.h"

/* Frozen records never expire (the ledger's triggers refuse it). Both are logged with person and reason. */
gboolean mgk_ledger_freeze(MgkLedger *ledger, const char *id, gboolean frozen, const MgkPerson *person,
                           const char *reason, GError **error);

/* Days by what became of a record; 0: for ever. */
typedef struct MgkRetention {
    guint verdict_days[MGK_N_VERDICTS]; /* records that are concluded, by verdict */
    guint received_days;                /* never concluded, and withdrawn ones: the sender has them */
} MgkRetention;

/* Ids of records whose time is over, oldest first, at most max; owned by the caller. Never frozen ones, nor those with
 * an open request or approval. */
GPtrArray *mgk_ledger_due(MgkLedger *ledger, const MgkRetention *retention, gint64 now_us, guint max, GError **error);
/* Ids of records in state EXPIRED: their deletion was begun. */
GPtrArray *mgk_ledger_expired(MgkLedger *ledger, guint max, GError **error);
/* How many records that are not DELETED, apart from this one, have this original. except may be NULL. */
gboolean mgk_ledger_references(MgkLedger *ledger, const char *sha256, const char *except, guint64 *ret_count,
                               GError **error);

typedef struct MgkUsage {
    guint64 domain_bytes, client_bytes; /* taken in from them on that day (UTC) */
    guint64 domain_holds, client_holds; /* records held and not decided; counting stops at 10,000 */
} MgkUsage;

/* What a source has used; sender is an envelope sender, its domain counts. Both may be NULL. */
gboolean mgk_ledger_usage(MgkLedger *ledger, const char *sender, const char *client, gint64 now_us, MgkUsage *ret_usage,
                          GError **error);

/* One line of a report: what ("verdict:held", "kind:macro.vba"), where, how often. */
typedef struct MgkReportRow {
    const char *department, *what; /* interned strings (g_intern_string) */
    guint64 count;
} MgkReportRow;

/* Counts of the days from_us ≤ day < to_us (local days), by department; departments NULL: all. Array of MgkReportRow,
 * owned by the caller. */
GArray *mgk_ledger_counts(MgkLedger *ledger, gint64 from_us, gint64 to_us, const char *const *departments,
                          GError **error);
/* A copy of the whole ledger as it is at one moment, while it is in use and without holding anybody up; path must not
 * exist. On the disk at return. */
gboolean mgk_ledger_backup(MgkLedger *ledger, const char *path, GError **error);
/* Reads every page and index, and follows every reference. MGK_ERROR_MALFORMED with the first bad thing. */
gboolean mgk_ledger_check(MgkLedger *ledger, GError **error);
