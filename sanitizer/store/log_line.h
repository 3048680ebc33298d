/* log_line.h - one record of the log as bytes. log.h says what it looks like. */
#pragma once

#include "model/error.h"

#define MGK_LOG_HASH 65 /* hex digits of a SHA-256 and NUL */
#define MGK_LOG_TIME 32

/* What links a record to the others. */
typedef struct MgkLogLine {
    guint64 seq, ref; /* ref 0: none */
    char time[MGK_LOG_TIME], prev[MGK_LOG_HASH], hash[MGK_LOG_HASH];
} MgkLogLine;

/* The link before the first record. */
void mgk_log_line_begin(MgkLogLine *ret_line);
/* Appends the record behind *last, with its newline, to text; *last becomes the new record. members as from
 * mgk_event_format(). */
void mgk_log_line_append(GString *text, MgkLogLine *last, gint64 time_us, guint64 ref, const char *members);
/* Reads a line without its newline. FALSE when it is no record, or its hash is not its own. */
gboolean mgk_log_line_parse(const char *line, gsize size, MgkLogLine *ret_line);
/* The last good record in a file's bytes and where it ends, newline included; FALSE when there is none. */
gboolean mgk_log_line_last(const char *bytes, gsize size, MgkLogLine *ret_line, gsize *ret_end);
/* RFC 3339 in UTC with microseconds: 27 characters. */
void mgk_log_line_time(gint64 time_us, char ret_time[MGK_LOG_TIME]);
/* Names of the log's files, in order; owned by the caller. NULL with errno. */
GPtrArray *mgk_log_files(int folder);
/* The number in a file's name ("00000017-2026-11-21.jsonl"); 0 when it is no such name. */
guint64 mgk_log_file_number(const char *name);
