#include "store/log.h"

#include "io/descriptor.h"
#include "store/disk.h"
#include "store/log_line.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES ((guint64)64 * 1024 * 1024)
#define DAY_CHARS 10
#define PENDING "pending-" /* a torn end that is kept, but not told in the log yet */
#define TOLD_BYTES 1024    /* of a torn end, in the log itself */

struct MgkLog {
    int folder, torn;   /* descriptors */
    int fd;             /* of the file that grows, or -1 */
    guint64 size;       /* of that file, all of it good */
    guint64 number;     /* of that file; 0: there is none yet */
    guint64 file_bytes; /* bound */
    char day[DAY_CHARS + 1];
    MgkLogLine last;
    guint64 last_ref;
    gboolean failed; /* nobody knows what is on the disk: open anew first */
    GMutex mutex;
};

static void close_file(MgkLog *log)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}

void mgk_log_free(MgkLog *log)
{
    if (!log)
        return;
    close_file(log);
    if (log->torn >= 0)
        close(log->torn);
    if (log->folder >= 0)
        close(log->folder);
    g_mutex_clear(&log->mutex);
    g_free(log);
}

/* The file name of number and time. */
static char *file_name(guint64 number, const char *time)
{
    return g_strdup_printf("%08" G_GUINT64_FORMAT "-%.*s.jsonl", number, DAY_CHARS, time);
}

/* A new file with these records, or none at all. */
static gboolean begin_file(MgkLog *log, const GString *lines, const MgkLogLine *last)
{
    g_autofree char *name = file_name(log->number + 1, last->time);
    int fd = mgk_disk_nameless(log->folder);
    if (fd < 0)
        return FALSE;
    gboolean written = mgk_fd_write_all(fd, lines->str, lines->len);
    gboolean published = written && mgk_disk_publish(fd, log->folder, name);
    int number = errno;
    log->failed = written && !published; /* it may have its name, or not */
    if (!published) {
        close(fd);
        errno = number;
        return FALSE;
    }
    close_file(log);
    log->fd = fd;
    log->number++;
    log->size = lines->len;
    g_strlcpy(log->day, last->time, sizeof log->day);
    return TRUE;
}

/* Behind the last record. What was written in part is taken back, or the log is failed. */
static gboolean extend_file(MgkLog *log, const GString *lines)
{
    gboolean written =
        lseek(log->fd, (off_t)log->size, SEEK_SET) >= 0 && mgk_fd_write_all(log->fd, lines->str, lines->len);
    int number = errno;
    if (!written)
        log->failed = ftruncate(log->fd, (off_t)log->size) != 0;
    else if (!(written = fdatasync(log->fd) == 0)) {
        number = errno;
        log->failed = TRUE;
    }
    errno = number;
    if (written)
        log->size += lines->len;
    return written;
}

static gboolean append_lines(MgkLog *log, const GString *lines, const MgkLogLine *last)
{
    gboolean fits = log->fd >= 0 && strncmp(log->day, last->time, DAY_CHARS) == 0 &&
                    (log->size == 0 || log->size + lines->len <= log->file_bytes);
    if (!(fits ? extend_file(log, lines) : begin_file(log, lines, last)))
        return FALSE;
    log->last = *last;
    return TRUE;
}

static gboolean append(MgkLog *log, const MgkLogEntry *entries, guint n)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    MgkLogLine last = log->last;
    guint64 ref = log->last_ref;
    for (guint i = 0; i < n; i++) {
        if (entries[i].ref && entries[i].ref <= ref)
            continue; /* it is there: the try before did not fail as it seemed to */
        mgk_log_line_append(lines, &last, g_get_real_time(), entries[i].ref, entries[i].members);
        ref = MAX(ref, entries[i].ref);
    }
    if (lines->len > 0 && !append_lines(log, lines, &last))
        return FALSE;
    log->last_ref = ref;
    return TRUE;
}

/* The last ref at or before the end of a file. */
static guint64 find_ref(const char *bytes, gsize size)
{
    MgkLogLine line;
    gsize end = 0;
    while (mgk_log_line_last(bytes, size, &line, &end)) {
        if (line.ref)
            return line.ref;
        const char *before = memrchr(bytes, '\n', end - 1);
        size = before ? (gsize)(before - bytes) + 1 : 0;
    }
    return 0;
}

static gboolean map_file(const MgkLog *log, const char *name, GMappedFile **ret_file)
{
    int fd = openat(log->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    *ret_file = fd >= 0 ? g_mapped_file_new_from_fd(fd, FALSE, NULL) : NULL;
    int number = *ret_file ? 0 : errno ? errno : EIO;
    if (fd >= 0)
        close(fd);
    errno = number;
    return *ret_file != NULL;
}

/* Refs ascend, so the last file that has one has the last one. */
static gboolean find_last_ref(MgkLog *log, const GPtrArray *names)
{
    for (guint i = names->len; i-- > 0 && log->last_ref == 0;) {
        g_autoptr(GMappedFile) file = NULL;
        if (!map_file(log, g_ptr_array_index(names, i), &file))
            return FALSE;
        const char *bytes = g_mapped_file_get_contents(file);
        log->last_ref = bytes ? find_ref(bytes, g_mapped_file_get_length(file)) : 0;
    }
    return TRUE;
}

/* What stands behind the last record is kept under a name of its own before it is cut off. */
static gboolean keep_torn(const MgkLog *log, const char *bytes, gsize size)
{
    g_autofree char *name =
        g_strdup_printf(PENDING "%08" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, log->number, log->size);
    return mgk_disk_write(log->torn, name, bytes, size);
}

/* A record that was written but not synced may be in memory only, and a sync after one that failed says nothing. So the
 * last record is written again, as it is, before it is believed. */
static gboolean write_again(const MgkLog *log, const char *bytes)
{
    const char *before = log->size > 1 ? memrchr(bytes, '\n', log->size - 1) : NULL;
    gsize start = before ? (gsize)(before - bytes) + 1 : 0;
    g_autofree char *copy = g_memdup2(bytes + start, log->size - start);
    return lseek(log->fd, (off_t)start, SEEK_SET) >= 0 && mgk_fd_write_all(log->fd, copy, log->size - start) &&
           fsync(log->fd) == 0;
}

static gboolean take_file(MgkLog *log, const char *name, GError **error)
{
    g_autoptr(GMappedFile) file = NULL;
    gsize end = 0;
    if (!map_file(log, name, &file))
        return mgk_disk_fail(error, name);
    const char *bytes = g_mapped_file_get_contents(file);
    gsize size = g_mapped_file_get_length(file);
    if (!bytes || !mgk_log_line_last(bytes, size, &log->last, &end)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "the log is damaged: %s has no record", name);
        return FALSE;
    }
    log->number = mgk_log_file_number(name);
    log->size = end;
    g_strlcpy(log->day, strchr(name, '-') + 1, sizeof log->day);
    log->fd = openat(log->folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (log->fd < 0 || !write_again(log, bytes) || (size > end && !keep_torn(log, bytes + end, size - end)) ||
        ftruncate(log->fd, (off_t)end) != 0 || fsync(log->fd) != 0)
        return mgk_disk_fail(error, name);
    return TRUE;
}

/* Tells in the log what lies in torn/: where it stood, how long it is, its hash and its beginning. */
static gboolean tell_torn(MgkLog *log, const char *name)
{
    struct stat status;
    guint8 bytes[TOLD_BYTES];
    int fd = openat(log->torn, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    gssize n = fd >= 0 ? mgk_fd_read(fd, bytes, sizeof bytes) : -1;
    gboolean good = n >= 0 && fstat(fd, &status) == 0;
    if (fd >= 0)
        close(fd);
    if (!good)
        return FALSE;
    g_autofree char *size = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)status.st_size);
    g_autofree char *begins = g_base64_encode(bytes, (gsize)n);
    const char *told = name + strlen(PENDING);
    const char *const data[] = {"file", told, "bytes", size, "begins_base64", begins, NULL};
    const MgkEvent event = {.name = "log.repaired", .uid = geteuid(), .actor = "store", .data = data};
    g_autofree char *members = mgk_event_format(&event);
    const MgkLogEntry entry = {.members = members};
    return append(log, &entry, 1) && renameat(log->torn, name, log->torn, told) == 0 && fsync(log->torn) == 0;
}

static gboolean tell_all_torn(MgkLog *log)
{
    g_autoptr(GPtrArray) names = mgk_disk_tidy(log->torn) ? mgk_disk_list(log->torn) : NULL;
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (g_str_has_prefix(name, PENDING) && !tell_torn(log, name))
            return FALSE;
    }
    return names != NULL;
}

/* Begins with what is on the disk. */
static gboolean reopen(MgkLog *log, GError **error)
{
    close_file(log);
    mgk_log_line_begin(&log->last);
    log->number = log->size = log->last_ref = 0;
    log->failed = TRUE;
    g_autoptr(GPtrArray) names = mgk_log_files(log->folder);
    if (!names)
        return mgk_disk_fail(error, "log");
    if (names->len > 0 && !take_file(log, g_ptr_array_index(names, names->len - 1), error))
        return FALSE;
    log->failed = FALSE;
    if (!find_last_ref(log, names) || !tell_all_torn(log)) {
        log->failed = TRUE;
        return mgk_disk_fail(error, "log");
    }
    return TRUE;
}

MgkLog *mgk_log_open(const char *folder, const MgkLogOptions *options, GError **error)
{
    g_autoptr(MgkLog) log = g_new0(MgkLog, 1);
    g_mutex_init(&log->mutex);
    log->folder = log->torn = log->fd = -1;
    log->file_bytes = options && options->file_bytes ? options->file_bytes : FILE_BYTES;
    if (sodium_init() < 0 || (log->folder = mgk_disk_path(folder)) < 0 || flock(log->folder, LOCK_EX | LOCK_NB) != 0 ||
        (log->torn = mgk_disk_folder(log->folder, "torn")) < 0) {
        mgk_disk_fail(error, folder);
        return NULL;
    }
    return reopen(log, error) ? g_steal_pointer(&log) : NULL;
}

gboolean mgk_log_append_entries(MgkLog *log, const MgkLogEntry *entries, guint n, GError **error)
{
    g_mutex_lock(&log->mutex);
    gboolean good = !log->failed || reopen(log, error);
    if (good && n > 0)
        good = append(log, entries, n) || mgk_disk_fail(error, "log");
    g_mutex_unlock(&log->mutex);
    return good;
}

gboolean mgk_log_append(MgkLog *log, const MgkEvent *event, GError **error)
{
    g_autofree char *members = mgk_event_format(event);
    const MgkLogEntry entry = {.members = members};
    return mgk_log_append_entries(log, &entry, 1, error);
}

guint64 mgk_log_last_ref(MgkLog *log)
{
    g_mutex_lock(&log->mutex);
    guint64 ref = log->last_ref;
    g_mutex_unlock(&log->mutex);
    return ref;
}

void mgk_log_root(MgkLog *log, MgkLogRoot *ret_root)
{
    g_mutex_lock(&log->mutex);
    ret_root->seq = log->last.seq;
    memcpy(ret_root->hash, log->last.hash, sizeof ret_root->hash);
    memcpy(ret_root->time, log->last.time, sizeof ret_root->time);
    g_mutex_unlock(&log->mutex);
}
