#include "publish.h"

#include "inputs.h"
#include "io/descriptor.h"
#include "model/names.h"
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((gsize)256 * 1024)
#define NUMBER_MAX 9999
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static gboolean fail(GError **error)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_IO, mgk_trouble_writing(errno));
    return FALSE;
}

static void close_keeping_errno(int descriptor)
{
    int saved = errno;
    if (descriptor >= 0)
        close(descriptor);
    errno = saved;
}

/* EINVAL: a file system that has no notion of it (some network shares, for folders). */
static gboolean sync_to_disk(int descriptor)
{
    return fsync(descriptor) == 0 || errno == EINVAL;
}

static gboolean make_folder(int parent, const char *name, gboolean *ret_made)
{
    if (mkdirat(parent, name, 0777) == 0) {
        *ret_made = TRUE;
        return sync_to_disk(parent);
    }
    return errno == EEXIST;
}

/* Marks a new result folder; best effort, since only later walks read it. */
static void mark_folder(int folder)
{
    int marker = openat(folder, MGK_INPUTS_MARKER, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    close_keeping_errno(marker);
}

/* Opens the folder at an absolute path, making what is missing. Returns a descriptor, or -1 with errno set. */
static int open_root(const char *path, gboolean mark)
{
    int folder = open(path, FOLDER_FLAGS);
    if (folder >= 0 || errno != ENOENT)
        return folder;
    g_autofree char *parent_path = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    if (strcmp(parent_path, path) == 0)
        return -1;
    gboolean made = FALSE;
    int parent = open_root(parent_path, FALSE);
    if (parent >= 0 && make_folder(parent, name, &made))
        folder = openat(parent, name, FOLDER_FLAGS);
    close_keeping_errno(parent);
    if (folder >= 0 && made && mark)
        mark_folder(folder);
    return folder;
}

/* Goes down from folder (which it closes) along sub, making what is missing, through no link. */
static int open_sub(int folder, const char *sub)
{
    g_auto(GStrv) steps = g_strsplit(sub, "/", -1);
    for (guint i = 0; folder >= 0 && steps[i]; i++) {
        gboolean made = FALSE;
        if (!*steps[i])
            continue;
        int inner = openat(folder, steps[i], FOLDER_FLAGS | O_NOFOLLOW);
        if (inner < 0 && errno == ENOENT && make_folder(folder, steps[i], &made))
            inner = openat(folder, steps[i], FOLDER_FLAGS | O_NOFOLLOW);
        close_keeping_errno(folder);
        folder = inner;
    }
    return folder;
}

static gboolean copy_all(int source, int target)
{
    g_autofree guint8 *buffer = g_malloc(CHUNK);
    for (guint64 offset = 0;;) {
        gssize n = mgk_fd_read_at(source, buffer, CHUNK, offset);
        if (n <= 0)
            return n == 0;
        if (!mgk_fd_write_all(target, buffer, (gsize)n))
            return FALSE;
        offset += (guint64)n;
    }
}

static gboolean same_content(int a, int b)
{
    g_autofree guint8 *left = g_malloc(CHUNK), *right = g_malloc(CHUNK);
    for (guint64 offset = 0;;) {
        gssize n = mgk_fd_read_at(a, left, CHUNK, offset), m = mgk_fd_read_at(b, right, CHUNK, offset);
        if (n < 0 || n != m || memcmp(left, right, (gsize)n) != 0)
            return FALSE;
        if (n == 0)
            return TRUE;
        offset += (guint64)n;
    }
}

typedef enum { NAME_FREE, NAME_DONE, NAME_TAKEN } NameState;

/* What stands under a name already: nothing, the very bytes, or something else (also a folder or link). */
static NameState look_at(int folder, const char *name, int source)
{
    struct stat there, ours;
    if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? NAME_FREE : NAME_TAKEN;
    if (!S_ISREG(there.st_mode) || fstat(source, &ours) != 0 || there.st_size != ours.st_size)
        return NAME_TAKEN;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    gboolean same = file >= 0 && same_content(file, source);
    close_keeping_errno(file);
    return same ? NAME_DONE : NAME_TAKEN;
}

/* The copy before it has a name. */
typedef struct Staged {
    int file;
    char temporary[40]; /* "" for O_TMPFILE; else its hidden name */
} Staged;

static gboolean stage_open(int folder, Staged *staged)
{
    staged->file = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (staged->file >= 0)
        return TRUE;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT && errno != ENOSYS)
        return FALSE;
    for (guint attempt = 0; attempt < 100; attempt++) { /* network shares have no O_TMPFILE */
        g_snprintf(staged->temporary, sizeof staged->temporary, MGK_INPUTS_MARKER "-%08x%08x.tmp", g_random_int(),
                   g_random_int());
        staged->file = openat(folder, staged->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (staged->file >= 0 || errno != EEXIST)
            break;
    }
    return staged->file >= 0;
}

static void stage_drop(int folder, Staged *staged)
{
    int saved = errno;
    if (staged->file >= 0 && *staged->temporary)
        unlinkat(folder, staged->temporary, 0);
    close_keeping_errno(staged->file);
    *staged = (Staged){.file = -1};
    errno = saved;
}

/* Gives the staged copy its name; fails with EEXIST rather than replace. A file system that has neither links nor a
 * rename that spares the target cannot do that safely, so nothing is published there. */
static gboolean stage_name(int folder, Staged *staged, const char *name)
{
    if (!*staged->temporary) {
        g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", staged->file);
        return linkat(AT_FDCWD, link, folder, name, AT_SYMLINK_FOLLOW) == 0;
    }
    if (linkat(folder, staged->temporary, folder, name, 0) == 0) {
        unlinkat(folder, staged->temporary, 0);
        *staged->temporary = '\0';
        return TRUE;
    }
    if (errno == EEXIST || renameat2(folder, staged->temporary, folder, name, RENAME_NOREPLACE) != 0)
        return FALSE;
    *staged->temporary = '\0';
    return TRUE;
}

/* Finds the first name that is free or already ours, and takes it. Returns it (owned by the caller), or NULL. */
static char *take_name(int folder, const char *wished, int source, Staged *staged)
{
    for (guint number = 1; number <= NUMBER_MAX;) {
        g_autofree char *name = number == 1 ? g_strdup(wished) : mgk_names_numbered(wished, number);
        NameState state = look_at(folder, name, source);
        if (state == NAME_DONE)
            return g_steal_pointer(&name);
        if (state == NAME_TAKEN) {
            number++;
            continue;
        }
        if (staged->file < 0 &&
            !(stage_open(folder, staged) && copy_all(source, staged->file) && sync_to_disk(staged->file)))
            return NULL;
        if (stage_name(folder, staged, name)) {
            if (sync_to_disk(folder))
                return g_steal_pointer(&name);
            unlinkat(folder, name, 0); /* may be gone after a power cut: it was not delivered */
            return NULL;
        }
        if (errno != EEXIST) /* EEXIST: somebody was faster, so look at the same name again */
            return NULL;
    }
    errno = EEXIST;
    return NULL;
}

gboolean mgk_publish_file(const MgkPlace *place, int source, char **ret_path, GError **error)
{
    int folder = open_sub(open_root(place->root, place->mark), place->sub);
    if (folder < 0)
        return fail(error);
    Staged staged = {.file = -1};
    g_autofree char *name = take_name(folder, place->name, source, &staged);
    stage_drop(folder, &staged);
    close_keeping_errno(folder);
    if (!name)
        return fail(error);
    *ret_path = g_build_filename(place->root, place->sub, name, NULL);
    return TRUE;
}

gboolean mgk_publish_prepare(const char *path, GError **error)
{
    Staged staged = {.file = -1};
    int folder = open_root(path, FALSE);
    gboolean usable = folder >= 0 && stage_open(folder, &staged);
    if (folder >= 0)
        stage_drop(folder, &staged);
    close_keeping_errno(folder);
    return usable || fail(error);
}

gboolean mgk_publish_stream(int source, int stream, GError **error)
{
    return copy_all(source, stream) || fail(error);
}
