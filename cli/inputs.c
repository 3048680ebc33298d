#include "inputs.h"

#include "model/words.h"
#include "trouble.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH_MAX 200 /* folders in folders; each level holds a descriptor */
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static void entry_free(gpointer data)
{
    MgkEntry *entry = data;
    g_free(entry->path);
    g_free(entry->name);
    g_free(entry->output_root);
    g_free(entry->output_sub);
    g_free(entry->below);
    g_free(entry);
}

MgkInputs *mgk_inputs_new(const char *output)
{
    MgkInputs *inputs = g_new0(MgkInputs, 1);
    inputs->entries = g_ptr_array_new_with_free_func(entry_free);
    inputs->skipped = g_ptr_array_new_with_free_func(g_free);
    inputs->roots = g_array_new(FALSE, FALSE, sizeof(int));
    inputs->output = g_strdup(output);
    return inputs;
}

void mgk_inputs_free(MgkInputs *inputs)
{
    if (!inputs)
        return;
    for (guint i = 0; i < inputs->roots->len; i++)
        close(g_array_index(inputs->roots, int, i));
    g_ptr_array_unref(inputs->entries);
    g_ptr_array_unref(inputs->skipped);
    g_array_unref(inputs->roots);
    g_free(inputs->output);
    g_free(inputs);
}

/* One argument being walked. */
typedef struct Walk {
    MgkInputs *inputs;
    const char *argument, *output_root; /* borrowed */
    const char *mirror;                 /* borrowed; name of the folder that mirrors the argument */
    int root;
} Walk;

static char *join(const char *a, const char *b)
{
    return *a && *b ? g_strconcat(a, g_str_has_suffix(a, "/") ? "" : "/", b, NULL) : g_strconcat(a, b, NULL);
}

/* below: "" for the argument itself. */
static void add_entry(const Walk *walk, const char *below, const struct stat *status, const char *trouble)
{
    MgkEntry *entry = g_new0(MgkEntry, 1);
    g_autofree char *folder = g_path_get_dirname(below);
    entry->path = join(walk->argument, below);
    entry->name = g_path_get_basename(entry->path);
    entry->output_root = g_strdup(walk->output_root);
    entry->output_sub = walk->root < 0 ? g_strdup("") : join(walk->mirror, strcmp(folder, ".") ? folder : "");
    entry->size = status && S_ISREG(status->st_mode) ? (guint64)status->st_size : 0;
    entry->trouble = trouble;
    entry->root = walk->root;
    entry->below = walk->root < 0 ? NULL : g_strdup(below);
    g_ptr_array_add(walk->inputs->entries, entry);
}

/* TRUE for a folder whose content mugaika itself wrote: this run's output, or a marked "cleaned". */
static gboolean is_result_folder(const MgkInputs *inputs, int parent, const char *name, const struct stat *status)
{
    struct stat own, marker;
    if (inputs->output && stat(inputs->output, &own) == 0 && own.st_dev == status->st_dev &&
        own.st_ino == status->st_ino)
        return TRUE;
    g_autofree char *base = g_path_get_basename(name);
    g_autofree char *inside = g_build_filename(name, MGK_INPUTS_MARKER, NULL);
    return strcmp(base, MGK_INPUTS_OUTPUT) == 0 && fstatat(parent, inside, &marker, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(marker.st_mode);
}

static int by_bytes(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted; takes over descriptor. NULL with errno set on failure. */
static GPtrArray *list_folder(int descriptor)
{
    DIR *folder = fdopendir(descriptor);
    if (!folder) {
        int saved = errno;
        close(descriptor);
        errno = saved;
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    errno = 0;
    for (const struct dirent *item = readdir(folder); item; item = readdir(folder)) {
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(item->d_name));
        errno = 0;
    }
    int saved = errno;
    closedir(folder);
    g_ptr_array_sort(names, by_bytes);
    errno = saved;
    return saved ? NULL : g_steal_pointer(&names);
}

static void walk_folder(const Walk *walk, int folder, const char *below, guint depth);

static void walk_item(const Walk *walk, int folder, const char *name, const char *below, guint depth)
{
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        add_entry(walk, below, NULL, mgk_trouble_reading(errno));
    } else if (!S_ISDIR(status.st_mode)) {
        if (depth > 1 || strcmp(name, MGK_INPUTS_MARKER) != 0) /* our own marker is no input */
            add_entry(walk, below, &status, mgk_trouble_type(status.st_mode));
    } else if (is_result_folder(walk->inputs, folder, name, &status)) {
        g_ptr_array_add(walk->inputs->skipped, join(walk->argument, below));
    } else if (depth >= DEPTH_MAX) {
        add_entry(walk, below, &status, N_("folders are nested too deeply"));
    } else {
        int inner = openat(folder, name, FOLDER_FLAGS | O_NOFOLLOW);
        if (inner < 0)
            add_entry(walk, below, &status, mgk_trouble_reading(errno));
        else
            walk_folder(walk, inner, below, depth + 1);
    }
}

/* Adds everything in the folder behind the descriptor, which it closes. */
static void walk_folder(const Walk *walk, int folder, const char *below, guint depth)
{
    int listing = openat(folder, ".", FOLDER_FLAGS);
    g_autoptr(GPtrArray) names = listing < 0 ? NULL : list_folder(listing);
    if (!names)
        add_entry(walk, below, NULL, mgk_trouble_reading(errno));
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = join(below, name);
        walk_item(walk, folder, name, path, depth);
    }
    close(folder);
}

/* The absolute path of an existing folder or of the folder that a path is in; links resolved. */
static char *absolute(const char *path)
{
    char *real = realpath(path, NULL); /* malloc'ed */
    char *copy = real ? g_strdup(real) : g_canonicalize_filename(path, NULL);
    free(real);
    return copy;
}

static void add_folder(MgkInputs *inputs, const char *argument, int descriptor)
{
    g_autofree char *place = absolute(argument);
    g_autofree char *mirror = g_path_get_basename(place);
    g_autofree char *parent = g_path_get_dirname(place);
    g_autofree char *beside = g_build_filename(parent, MGK_INPUTS_OUTPUT, NULL);
    g_autofree char *trimmed = g_strdup(argument);
    for (gsize n = strlen(trimmed); n > 1 && trimmed[n - 1] == '/'; n--)
        trimmed[n - 1] = '\0';
    g_array_append_val(inputs->roots, descriptor);
    const Walk walk = {.inputs = inputs,
                       .argument = trimmed,
                       .root = descriptor,
                       .output_root = inputs->output ? inputs->output : beside,
                       .mirror = strcmp(mirror, "/") ? mirror : ""};
    int again = openat(descriptor, ".", FOLDER_FLAGS);
    if (again < 0)
        add_entry(&walk, "", NULL, mgk_trouble_reading(errno));
    else
        walk_folder(&walk, again, "", 1);
}

static void add_single(MgkInputs *inputs, const char *argument, const struct stat *status, const char *trouble)
{
    g_autofree char *folder = g_path_get_dirname(argument);
    g_autofree char *parent = absolute(folder);
    g_autofree char *beside = g_build_filename(parent, MGK_INPUTS_OUTPUT, NULL);
    const Walk walk = {.inputs = inputs,
                       .argument = argument,
                       .root = -1,
                       .mirror = "",
                       .output_root = inputs->output ? inputs->output : beside};
    add_entry(&walk, "", status, trouble);
}

void mgk_inputs_add_file(MgkInputs *inputs, const char *argument)
{
    struct stat status;
    if (stat(argument, &status) != 0)
        add_single(inputs, argument, NULL, mgk_trouble_reading(errno));
    else
        add_single(inputs, argument, &status, mgk_trouble_type(status.st_mode));
}

void mgk_inputs_add(MgkInputs *inputs, const char *argument, gboolean alone)
{
    struct stat status;
    if (stat(argument, &status) != 0 || !S_ISDIR(status.st_mode)) {
        mgk_inputs_add_file(inputs, argument);
    } else if (!alone && is_result_folder(inputs, AT_FDCWD, argument, &status)) {
        g_ptr_array_add(inputs->skipped, g_strdup(argument));
    } else {
        int descriptor = open(argument, FOLDER_FLAGS);
        if (descriptor < 0)
            add_single(inputs, argument, &status, mgk_trouble_reading(errno));
        else
            add_folder(inputs, argument, descriptor);
    }
}

/* For kernels and filters without openat2: every folder on the way is opened by itself, links refused. */
static int open_stepwise(int root, const char *below)
{
    g_auto(GStrv) steps = g_strsplit(below, "/", -1);
    int folder = openat(root, ".", FOLDER_FLAGS);
    guint i = 0;
    for (; folder >= 0 && steps[i] && steps[i + 1]; i++) {
        int inner = openat(folder, steps[i], FOLDER_FLAGS | O_NOFOLLOW);
        close(folder);
        folder = inner;
    }
    if (folder < 0)
        return -1;
    int file = openat(folder, steps[i] ? steps[i] : "", FILE_FLAGS | O_NOFOLLOW);
    int saved = errno;
    close(folder);
    errno = saved;
    return file;
}

static int open_below(int root, const char *below)
{
    const struct open_how how = {.flags = FILE_FLAGS,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int file = -1;
    do {
        file = (int)syscall(SYS_openat2, root, below, &how, sizeof how);
    } while (file < 0 && (errno == EINTR || errno == EAGAIN)); /* EAGAIN: something was renamed on the way */
    return file < 0 && (errno == ENOSYS || errno == EPERM) ? open_stepwise(root, below) : file;
}

int mgk_inputs_open(const MgkEntry *entry, const char **ret_trouble)
{
    struct stat status;
    if (entry->trouble) { /* a FIFO or device is not even opened */
        *ret_trouble = entry->trouble;
        return -1;
    }
    int file = entry->root >= 0 ? open_below(entry->root, entry->below) : open(entry->path, FILE_FLAGS);
    if (file < 0) {
        *ret_trouble = mgk_trouble_reading(errno);
        return -1;
    }
    const char *trouble = fstat(file, &status) == 0 ? mgk_trouble_type(status.st_mode) : mgk_trouble_reading(errno);
    if (trouble) {
        *ret_trouble = trouble;
        close(file);
        return -1;
    }
    return file;
}
