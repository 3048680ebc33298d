#include "log.h"

#include "model/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct MgkMailLog {
    char *path; /* owned, or NULL */
    int fd;
    GMutex lock;
};

void mgk_log(MgkLogLevel level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *words = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (getenv("JOURNAL_STREAM"))
        fprintf(stderr, "<%d>%s\n", (int)level, words);
    else
        fprintf(stderr, "mugaika-milter[%d]: %s\n", (int)getpid(), words);
}

static int open_for_append(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
}

MgkMailLog *mgk_mail_log_new(const char *path, GError **error)
{
    int fd = path ? open_for_append(path) : -1;
    if (path && fd < 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    MgkMailLog *log = g_new0(MgkMailLog, 1);
    log->path = g_strdup(path);
    log->fd = fd;
    g_mutex_init(&log->lock);
    return log;
}

void mgk_mail_log_free(MgkMailLog *log)
{
    if (!log)
        return;
    if (log->fd >= 0)
        close(log->fd);
    g_mutex_clear(&log->lock);
    g_free(log->path);
    g_free(log);
}

void mgk_mail_log_reopen(MgkMailLog *log)
{
    if (!log->path)
        return;
    int fd = open_for_append(log->path);
    if (fd < 0) {
        mgk_log(MGK_LOG_ERROR, "%s: %s; the old log file stays in use", log->path, g_strerror(errno));
        return;
    }
    g_mutex_lock(&log->lock);
    close(log->fd);
    log->fd = fd;
    g_mutex_unlock(&log->lock);
}

void mgk_mail_log_add(MgkMailLog *log, const char *line)
{
    if (!log->path)
        return;
    g_mutex_lock(&log->lock);
    gssize written = write(log->fd, line, strlen(line));
    g_mutex_unlock(&log->lock);
    if (written < 0 || (gsize)written != strlen(line))
        mgk_log(MGK_LOG_ERROR, "%s: %s", log->path, written < 0 ? g_strerror(errno) : "written in part");
}
