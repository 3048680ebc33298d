#include "spool.h"

#include "commit.h"
#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BUFFER_BYTES ((gsize)64 * 1024)
#define QUEUE_ID_CHARS 20 /* of an id of at most 63 characters (MgkEnvelope) */

struct MgkSpool {
    int root, folders[MGK_N_SPOOL_FOLDERS]; /* descriptors */
    atomic_uint serial;
    MgkCommit *commit; /* owned */
};

struct MgkMail {
    MgkSpool *spool; /* borrowed */
    int fd;
    GByteArray *buffer; /* owned; bytes not written yet */
    GChecksum *hash;    /* owned */
    guint64 size, max_bytes;
    GError *failure;             /* owned; the first one, or NULL */
    char *id;                    /* owned; NULL until the end */
    int day;                     /* descriptor of the day's folder, or -1 */
    gboolean original, envelope; /* under their names */
    gboolean accepted;           /* a result is on the disk */
};

static gboolean fail(GError **error, const char *what)
{
    int number = errno;
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", what, g_strerror(number));
    return FALSE;
}

/* A folder below parent, made when it is missing, and then on the disk; -1 with errno. */
static int open_folder(int parent, const char *name)
{
    if (mkdirat(parent, name, 0700) == 0) {
        if (fsync(parent) != 0)
            return -1;
    } else if (errno != EEXIST) {
        return -1;
    }
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void mgk_spool_free(MgkSpool *spool)
{
    if (!spool)
        return;
    for (guint i = 0; i < MGK_N_SPOOL_FOLDERS; i++)
        close_if_open(spool->folders[i]);
    close_if_open(spool->root);
    mgk_commit_free(spool->commit);
    g_free(spool);
}

MgkSpool *mgk_spool_new(const char *folder, GError **error)
{
    static const char *const names[MGK_N_SPOOL_FOLDERS] = {
        [MGK_SPOOL_MAIL] = "mail", [MGK_SPOOL_HASHES] = "hashes", [MGK_SPOOL_ATTEMPTS] = "attempts"};
    g_autoptr(MgkSpool) spool = g_new0(MgkSpool, 1);
    gboolean good = g_mkdir_with_parents(folder, 0700) == 0 &&
                    (spool->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;
    for (guint i = 0; i < MGK_N_SPOOL_FOLDERS; i++)
        spool->folders[i] = good ? open_folder(spool->root, names[i]) : -1;
    for (guint i = 0; i < MGK_N_SPOOL_FOLDERS; i++)
        good = good && spool->folders[i] >= 0;
    if (good) {
        spool->commit = mgk_commit_new(spool->root);
        return g_steal_pointer(&spool);
    }
    fail(error, folder);
    return NULL;
}

int mgk_spool_folder(const MgkSpool *spool, MgkSpoolFolder which)
{
    return spool->folders[which];
}

MgkMail *mgk_mail_new(MgkSpool *spool, guint64 max_bytes, guint64 free_bytes, GError **error)
{
    struct statvfs space;
    if (fstatvfs(spool->folders[MGK_SPOOL_MAIL], &space) != 0) {
        fail(error, "spool");
        return NULL;
    }
    if ((guint64)space.f_bavail * space.f_frsize < free_bytes) {
        errno = ENOSPC;
        fail(error, "spool_free_megabytes");
        return NULL;
    }
    int fd = openat(spool->folders[MGK_SPOOL_MAIL], ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        fail(error, "spool");
        return NULL;
    }
    MgkMail *mail = g_new0(MgkMail, 1);
    mail->spool = spool;
    mail->fd = fd;
    mail->day = -1;
    mail->max_bytes = max_bytes;
    mail->buffer = g_byte_array_new();
    mail->hash = g_checksum_new(G_CHECKSUM_SHA256);
    return mail;
}

void mgk_mail_free(MgkMail *mail)
{
    if (!mail)
        return;
    close_if_open(mail->fd);
    close_if_open(mail->day);
    g_byte_array_unref(mail->buffer);
    g_checksum_free(mail->hash);
    g_clear_error(&mail->failure);
    g_free(mail->id);
    g_free(mail);
}

static void flush(MgkMail *mail)
{
    if (!mail->failure && !mgk_fd_write_all(mail->fd, mail->buffer->data, mail->buffer->len))
        fail(&mail->failure, "spool");
    g_byte_array_set_size(mail->buffer, 0);
}

void mgk_mail_add(MgkMail *mail, const void *bytes, gsize size)
{
    if (mail->failure || size == 0)
        return;
    if (size > mail->max_bytes - mail->size) {
        g_set_error(&mail->failure, MGK_ERROR, MGK_ERROR_LIMIT,
                    "message_bytes: the mail has more than %" G_GUINT64_FORMAT " bytes", mail->max_bytes);
        return;
    }
    mail->size += size;
    g_checksum_update(mail->hash, bytes, (gssize)size);
    g_byte_array_append(mail->buffer, bytes, (guint)size);
    if (mail->buffer->len >= BUFFER_BYTES)
        flush(mail);
}

void mgk_mail_refuse(MgkMail *mail, const char *why)
{
    if (!mail->failure)
        g_set_error_literal(&mail->failure, MGK_ERROR, MGK_ERROR_LIMIT, why);
}

/* A queue id is Postfix's, but a file name is ours: letters and digits only. */
static char *make_id(MgkSpool *spool, const char *queue_id)
{
    char clean[QUEUE_ID_CHARS + 1];
    gsize n = 0;
    for (const char *p = queue_id ? queue_id : ""; *p && n < QUEUE_ID_CHARS; p++) {
        if (g_ascii_isalnum(*p))
            clean[n++] = *p;
    }
    clean[n] = '\0';
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S.%f");
    return g_strdup_printf("%s-%s-%u", time, n ? clean : "NOQUEUE", atomic_fetch_add(&spool->serial, 1) + 1);
}

gboolean mgk_mail_end(MgkMail *mail, const char *queue_id, GError **error)
{
    flush(mail);
    if (mail->failure) {
        g_propagate_error(error, g_error_copy(mail->failure));
        return FALSE;
    }
    g_free(mail->id);
    mail->id = make_id(mail->spool, queue_id);
    return TRUE;
}

const char *mgk_mail_id(const MgkMail *mail)
{
    return mail->id;
}

const char *mgk_mail_sha256(const MgkMail *mail)
{
    return g_checksum_get_string(mail->hash);
}

guint64 mgk_mail_size(const MgkMail *mail)
{
    return mail->size;
}

int mgk_mail_file(MgkMail *mail)
{
    lseek(mail->fd, 0, SEEK_SET);
    return mail->fd;
}

/* Gives the nameless file fd the name NAME + suffix in the day's folder. */
static gboolean give_name(MgkMail *mail, int fd, const char *suffix)
{
    g_autofree char *name = g_strconcat(mail->id, suffix, NULL);
    g_autofree char *proc = g_strdup_printf("/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, proc, mail->day, name, AT_SYMLINK_FOLLOW) == 0;
}

/* To the disk, without waiting. Before a name is given: then not even a power cut leaves a name without its bytes where
 * the file system keeps to the order (ext4, xfs). */
static gboolean start_writing(int fd)
{
    return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 || errno == ENOSYS || errno == ESPIPE;
}

static gboolean store_text(MgkMail *mail, const char *text, const char *suffix)
{
    int fd = openat(mail->day, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return FALSE;
    gboolean good = mgk_fd_write_all(fd, text, strlen(text)) && start_writing(fd) && give_name(mail, fd, suffix);
    int number = errno;
    close(fd);
    errno = number;
    return good;
}

/* The original under its name. Bytes that came before are not stored again: theirs have a second name, their hash. */
static gboolean store_original(MgkMail *mail)
{
    int hashes = mail->spool->folders[MGK_SPOOL_HASHES];
    const char *sha256 = mgk_mail_sha256(mail);
    g_autofree char *name = g_strconcat(mail->id, ".eml", NULL);
    if (linkat(hashes, sha256, mail->day, name, 0) == 0)
        return TRUE;
    if (!start_writing(mail->fd) || !give_name(mail, mail->fd, ".eml"))
        return FALSE;
    /* Somebody else may have been faster, or the name still stands for a file with too many links. */
    if (linkat(mail->day, name, hashes, sha256, 0) != 0 && unlinkat(hashes, sha256, 0) == 0 &&
        linkat(mail->day, name, hashes, sha256, 0) != 0) {
        /* these bytes will be stored twice */
    }
    return TRUE;
}

gboolean mgk_mail_keep(MgkMail *mail, const char *envelope, GError **error)
{
    g_autofree char *day = g_strdup_printf("%.4s-%.2s-%.2s", mail->id, mail->id + 4, mail->id + 6);
    if ((mail->day = open_folder(mail->spool->folders[MGK_SPOOL_MAIL], day)) < 0)
        return fail(error, day);
    if (!(mail->original = store_original(mail)))
        return fail(error, mail->id);
    if (!(mail->envelope = store_text(mail, envelope, ".json")))
        return fail(error, mail->id);
    return TRUE;
}

gboolean mgk_mail_record(MgkMail *mail, const char *result, gboolean holds, GError **error)
{
    if (!store_text(mail, result, holds ? MGK_SPOOL_HELD : MGK_SPOOL_DONE))
        return fail(error, mail->id);
    mail->accepted = TRUE;
    if (!mgk_commit_wait(mail->spool->commit))
        return fail(error, mail->id);
    return TRUE;
}

static void remove_one(MgkMail *mail, const char *suffix)
{
    g_autofree char *name = g_strconcat(mail->id, suffix, NULL);
    unlinkat(mail->day, name, 0); /* what stays is one copy too many, never one too few */
}

/* Between the look and the removal another mail may take the bytes by this name: then they stay under that mail's. */
gboolean mgk_spool_forget_hash(MgkSpool *spool, const char *sha256)
{
    struct stat status;
    int hashes = spool->folders[MGK_SPOOL_HASHES];
    return fstatat(hashes, sha256, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_nlink == 1 &&
           unlinkat(hashes, sha256, 0) == 0;
}

void mgk_mail_drop(MgkMail *mail)
{
    if (mail->accepted || mail->day < 0)
        return;
    if (mail->envelope)
        remove_one(mail, ".json");
    if (mail->original) {
        remove_one(mail, ".eml");
        mgk_spool_forget_hash(mail->spool, mgk_mail_sha256(mail));
    }
    mail->original = mail->envelope = FALSE;
}
