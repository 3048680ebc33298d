/* place.c - the filter as it runs: its socket, its process, its folder. */
#include "doctor/ours.h"
#include "model/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PROGRAM "mugaika-milter"
#define ROOM_FACTOR 4
#define INODE_SHARE 10
#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif

/* Goes the way of one service; a route that was tried already is left out. */
static void try_route(MgkExam *exam, const MgkService *service, const char *endpoint, GHashTable *tried)
{
    int pid = 0;
    const MgkRoute route = {.endpoint = endpoint,
                            .folder = mgk_postconf_get(exam->postconf, NULL, "queue_directory"),
                            .chroot = service->chroot,
                            .user = mgk_postconf_get(exam->postconf, NULL, "mail_owner")};
    if (!g_hash_table_add(tried, g_strdup_printf("%d%s", service->chroot, endpoint)))
        return;
    g_autofree char *trouble = mgk_filter_try(&route, &pid);
    if (!trouble)
        return;
    if (geteuid() != 0) /* neither chroot nor another user can be tried */
        mgk_exam_unknown(exam, "%s/%s: %s: root?", service->name, service->type, endpoint);
    else
        mgk_exam_miss(exam, "%s/%s: %s%s: %s", service->name, service->type, endpoint,
                      service->chroot ? " (chroot)" : "", trouble);
}

void mgk_check_reachable(MgkExam *exam)
{
    g_autoptr(GHashTable) tried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        g_autoptr(GPtrArray) milters = mgk_milters_parse(mgk_ours_list(exam, service));
        int at = mgk_ours_find(exam, service, milters);
        if (at >= 0)
            try_route(exam, service, ((const MgkMilter *)g_ptr_array_index(milters, (guint)at))->endpoint, tried);
    }
    if (g_hash_table_size(tried) == 0)
        mgk_exam_unknown(exam, "%s", exam->socket);
}

void mgk_check_filter_process(MgkExam *exam)
{
    if (!exam->filter)
        mgk_exam_unknown(exam, "%s", exam->socket);
    else if (strcmp(exam->filter->program, PROGRAM) != 0)
        mgk_exam_miss(exam, "%s (pid %d)", exam->filter->program, exam->filter->pid);
}

void mgk_check_filter_user(MgkExam *exam)
{
    const struct passwd *postfix = getpwnam("postfix");
    if (!exam->filter)
        mgk_exam_unknown(exam, "%s", exam->socket);
    else if (exam->filter->uid == 0 || (postfix && exam->filter->uid == postfix->pw_uid))
        mgk_exam_miss(exam, "uid %u", exam->filter->uid);
}

void mgk_check_dry_run(MgkExam *exam)
{
    if (!exam->filter)
        mgk_exam_unknown(exam, "%s", exam->socket);
    else if (exam->filter->dry_run)
        mgk_exam_miss(exam, "pid %d: --dry-run", exam->filter->pid);
}

static gboolean writable_for_others(const struct stat *status)
{
    return (status->st_mode & S_IWOTH) && !(status->st_mode & S_ISVTX);
}

void mgk_check_socket_rights(MgkExam *exam)
{
    struct stat status;
    g_autofree char *path = mgk_milters_path(exam->socket, "/", FALSE);
    g_autofree char *folder = path ? g_path_get_dirname(path) : NULL;
    if (!path) {
        mgk_exam_miss(exam, "%s", exam->socket); /* a port has no rights: every user of the machine can use it */
        return;
    }
    if (lstat(path, &status) != 0)
        mgk_exam_unknown(exam, "%s: %s", path, g_strerror(errno));
    else if (!S_ISSOCK(status.st_mode) || (status.st_mode & S_IRWXO))
        mgk_exam_miss(exam, "%s: %04o", path, status.st_mode & 07777u);
    if (stat(folder, &status) == 0 && (status.st_mode & S_IWOTH))
        mgk_exam_miss(exam, "%s: %04o", folder, status.st_mode & 07777u);
}

/* Whoever may rename a folder above may put another one in its place. */
static void check_above(MgkExam *exam, const char *folder)
{
    struct stat status;
    g_autofree char *path = g_path_get_dirname(folder);
    while (strcmp(path, "/") != 0 && strcmp(path, ".") != 0) {
        if (stat(path, &status) == 0 && writable_for_others(&status))
            mgk_exam_miss(exam, "%s: %04o", path, status.st_mode & 07777u);
        char *above = g_path_get_dirname(path);
        g_free(path);
        path = above;
    }
}

void mgk_check_state_rights(MgkExam *exam)
{
    struct stat status;
    if (stat(exam->state, &status) != 0) {
        mgk_exam_unknown(exam, "%s: %s", exam->state, g_strerror(errno));
        return;
    }
    if (!S_ISDIR(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)))
        mgk_exam_miss(exam, "%s: %04o", exam->state, status.st_mode & 07777u);
    if (exam->filter && status.st_uid != exam->filter->uid)
        mgk_exam_miss(exam, "%s: uid %u", exam->state, status.st_uid);
    check_above(exam, exam->state);
}

/* The name of a file system that forgets or does not keep its promises; NULL for others. */
static const char *unfit_disk(const struct statfs *disk)
{
    static const struct {
        guint32 magic;
        const char *name;
    } unfit[] = {{TMPFS_MAGIC, "tmpfs"},     {RAMFS_MAGIC, "ramfs"},    {NFS_SUPER_MAGIC, "nfs"},
                 {CIFS_SUPER_MAGIC, "cifs"}, {SMB2_SUPER_MAGIC, "smb"}, {SMB_SUPER_MAGIC, "smb"}};
    for (guint i = 0; i < G_N_ELEMENTS(unfit); i++) {
        if ((guint32)disk->f_type == unfit[i].magic)
            return unfit[i].name;
    }
    return NULL;
}

static void want_disk(MgkExam *exam, const char *folder)
{
    struct statfs disk;
    if (statfs(folder, &disk) != 0)
        mgk_exam_unknown(exam, "%s: %s", folder, g_strerror(errno));
    else if (unfit_disk(&disk))
        mgk_exam_miss(exam, "%s: %s", folder, unfit_disk(&disk));
}

void mgk_check_queue_disk(MgkExam *exam)
{
    want_disk(exam, mgk_postconf_get(exam->postconf, NULL, "queue_directory"));
}

/* The filter writes nameless files, which get their names when they are on the disk. */
void mgk_check_state_disk(MgkExam *exam)
{
    guint before = exam->results->len;
    want_disk(exam, exam->state);
    if (exam->results->len > before)
        return;
    int file = open(exam->state, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0 && errno == EACCES)
        mgk_exam_unknown(exam, "%s: %s", exam->state, g_strerror(errno));
    else if (file < 0 || write(file, "", 1) != 1 || fsync(file) != 0)
        mgk_exam_miss(exam, "%s: O_TMPFILE, fsync: %s", exam->state, g_strerror(errno));
    if (file >= 0)
        close(file);
}

static gboolean read_space(MgkExam *exam, struct statvfs *ret_space)
{
    if (statvfs(exam->state, ret_space) == 0)
        return TRUE;
    mgk_exam_unknown(exam, "%s: %s", exam->state, g_strerror(errno));
    return FALSE;
}

void mgk_check_state_space(MgkExam *exam)
{
    struct statvfs space;
    if (!read_space(exam, &space))
        return;
    guint64 free_mib = (guint64)space.f_bavail * space.f_frsize / MGK_MIB;
    if (free_mib < exam->policy->milter.spool_free_megabytes)
        mgk_exam_miss(exam, "%s: %" G_GUINT64_FORMAT " MiB, spool_free_megabytes = %u", exam->state, free_mib,
                      exam->policy->milter.spool_free_megabytes);
}

void mgk_check_state_room(MgkExam *exam)
{
    struct statvfs space;
    if (!read_space(exam, &space))
        return;
    guint64 free_mib = (guint64)space.f_bavail * space.f_frsize / MGK_MIB;
    if (free_mib < (guint64)exam->policy->milter.spool_free_megabytes * ROOM_FACTOR)
        mgk_exam_miss(exam, "%s: %" G_GUINT64_FORMAT " MiB", exam->state, free_mib);
    else if (space.f_files > 0 && space.f_favail < space.f_files / INODE_SHARE)
        mgk_exam_miss(exam, "%s: %" G_GUINT64_FORMAT " inodes", exam->state, (guint64)space.f_favail);
}
