/* log.h - one line an event on standard error, with systemd's level prefix under systemd; and, when asked for, one JSON
 * line a mail in a file. Any thread may log. */
#pragma once

#include <glib.h>

typedef enum { MGK_LOG_ERROR = 3, MGK_LOG_WARNING = 4, MGK_LOG_NOTICE = 5, MGK_LOG_INFO = 6 } MgkLogLevel;

/* Writes one line. Strings of strangers in it must come from mgk_names_display(). */
void mgk_log(MgkLogLevel level, const char *format, ...) G_GNUC_PRINTF(2, 3);

typedef struct MgkMailLog MgkMailLog;
/* Opens path for appending (mode 0640); path NULL: a log that drops everything. Errors: MGK_ERROR_IO. */
MgkMailLog *mgk_mail_log_new(const char *path, GError **error);
void mgk_mail_log_free(MgkMailLog *log);
/* Opens the path again, after logrotate moved the file away; keeps the old file when that fails. */
void mgk_mail_log_reopen(MgkMailLog *log);
/* Appends line, which ends in a newline, in one write. */
void mgk_mail_log_add(MgkMailLog *log, const char *line);
