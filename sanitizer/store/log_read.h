/* log_read.h - reading the log back: verify, search, export. Works on a folder, beside a running writer or without. */
#pragma once

#include "store/log.h"

/* Which records; NULL and 0 match all. Times are RFC 3339 in UTC, or the beginning of one ("2026-11"), both included.
 * event: a name, or its beginning up to a dot ("record."). */
typedef struct MgkLogFilter {
    const char *from, *to;
    const char *event, *actor, *record, *sha256, *department;
    guint64 from_seq;
    guint64 limit;
} MgkLogFilter;

typedef enum { MGK_LOG_JSON, MGK_LOG_CSV } MgkLogForm;

/* One record's line without its newline; FALSE ends the reading. */
typedef gboolean (*MgkLogSink)(gpointer user, const char *line, gsize size);

/* Gives the records that pass, oldest first. Records whose own hash is wrong are an error, MGK_ERROR_MALFORMED: use
 * mgk_log_verify(). TRUE also when the sink ended it. */
gboolean mgk_log_search(const char *folder, const MgkLogFilter *filter, MgkLogSink sink, gpointer user, GError **error);
/* A record as a row of CSV, ended by CR LF: every cell quoted, controls and bidi shown as escapes, nothing that a
 * spreadsheet would run. Owned by the caller; NULL when the line is no record. */
char *mgk_log_csv(const char *line, gsize size);
/* The heading row. Static. */
const char *mgk_log_csv_heading(void);

typedef struct MgkLogVerdict {
    guint64 records, seals; /* read and found good */
    MgkLogRoot root;        /* where the chain ends */
    guint64 sealed;         /* records up to this one are under a seal */
    char anchor[65];        /* first public key of the seals, hex; "" without seals */
    char where[128];        /* of the first bad thing: "00000017-2026-11-21.jsonl line 42 (seq 4711)" */
} MgkLogVerdict;

/* Reads all of the log: every record's hash, number and link, every file's place, every seal's signature and key.
 * anchor: the first public key as it was printed, or NULL (then it is believed, and told). root: where the chain stood
 * at some time according to paper, or NULL: that record must still be there. FALSE with MGK_ERROR_MALFORMED and
 * ret_verdict->where at the first bad thing; MGK_ERROR_IO. ret_verdict is always filled. */
gboolean mgk_log_verify(const char *folder, const char *anchor, const MgkLogRoot *root, MgkLogVerdict *ret_verdict,
                        GError **error);
