/* log.h - what happened, in order, so that it can be proved: JSON lines in a chain of hashes.
 *
 *   FOLDER/00000017-2026-11-21.jsonl    the records of a day, or of a part of it; file after file by number
 *   FOLDER/seals.jsonl                  signed roots (seal.h)
 *   FOLDER/torn/00000017-41873          what a crash left behind the last whole record, kept as it was
 *
 *   {"seq":42,"time":"2026-11-21T01:02:03.000004Z","prev":"HASH","event":"record.held","uid":110,"actor":"mugaika",
 *    "record":"261121-0042","sha256":"…","department":"…","data":{"reason":"encrypted"},"hash":"HASH"}
 *
 * One record a line, ASCII only. hash is the SHA-256 of the line's bytes before ,"hash": and prev is the record's
 * before, over all files; so a file's first record holds the last hash of the file before. When append returns TRUE the
 * records are on the disk. A torn tail is cut off at the next opening, kept in torn/, and logged as "log.repaired".
 * Errors: MGK_ERROR_IO; after a failed fsync the file is opened anew, and its end written again, before the next
 * record. Thread-safe. */
#pragma once

#include "model/error.h"

typedef struct MgkLog MgkLog;

typedef struct MgkEvent {
    const char *name;        /* "record.held": letters, digits, dot, underscore, hyphen */
    guint32 uid;             /* who did it; the store's own user when nobody did */
    const char *actor;       /* account name of uid */
    const char *record;      /* id of a record, or NULL */
    const char *sha256;      /* of an original or part, or NULL */
    const char *department;  /* or NULL */
    const char *const *data; /* NULL-terminated pairs of key and value, any bytes, or NULL; never a secret */
} MgkEvent;

typedef struct MgkLogOptions {
    guint64 file_bytes; /* a new file begins past this size; 0: 64 MiB. A new day always begins one */
} MgkLogOptions;

/* Where the chain stands: this, on paper or in a mail, is what makes a cut end visible. */
typedef struct MgkLogRoot {
    guint64 seq; /* of the last record; 0: there is none */
    char hash[65];
    char time[32]; /* of the last record */
} MgkLogRoot;

/* Opens or makes the log, repairs its end. options may be NULL. */
MgkLog *mgk_log_open(const char *folder, const MgkLogOptions *options, GError **error);
void mgk_log_free(MgkLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkLog, mgk_log_free)

/* Appends one record. When it fails nothing is promised: the record may be found there later. */
gboolean mgk_log_append(MgkLog *log, const MgkEvent *event, GError **error);
/* The ledger's way: records that were formatted by mgk_event_format() and have numbers of their own, "ref" in the log,
 * ascending. Those that are there are not written again. All are on the disk, or nothing is
 * promised. */
typedef struct MgkLogEntry {
    guint64 ref;
    const char *members; /* borrowed */
} MgkLogEntry;
gboolean mgk_log_append_entries(MgkLog *log, const MgkLogEntry *entries, guint n, GError **error);
/* The last ref in the log; 0: none yet. */
guint64 mgk_log_last_ref(MgkLog *log);
/* The event as members of a record ("\"event\":…" without braces); owned by the caller. */
char *mgk_event_format(const MgkEvent *event);
void mgk_log_root(MgkLog *log, MgkLogRoot *ret_root);
