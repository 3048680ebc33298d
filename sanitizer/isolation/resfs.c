#include "isolation/resfs.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include FT_FREETYPE_H

#define POPPLER_DATA "/usr/share/poppler"
#define TREE_DEPTH 6

typedef struct Resource {
    void *data;
    gsize size;
} Resource;

static GHashTable *table; /* path → Resource; filled once in the zygote */
static gboolean serving;

static const Resource *find(const char *path)
{
    return table && path ? g_hash_table_lookup(table, path) : NULL;
}

static void add_file(const char *path)
{
    if (find(path))
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        void *data = mmap(NULL, (gsize)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data != MAP_FAILED) {
            Resource *resource = g_new(Resource, 1);
            *resource = (Resource){.data = data, .size = (gsize)st.st_size};
            g_hash_table_insert(table, g_strdup(path), resource);
        }
    }
    if (fd >= 0)
        close(fd);
}

static void add_tree(const char *folder, int depth)
{
    DIR *dir = depth > 0 ? opendir(folder) : NULL;
    if (!dir)
        return;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        g_autofree char *path = g_build_filename(folder, entry->d_name, NULL);
        struct stat st;
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            add_tree(path, depth - 1);
        else
            add_file(path);
    }
    closedir(dir);
}

void mgk_resfs_load(void)
{
    table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    add_tree(POPPLER_DATA, TREE_DEPTH);
    FcFontSet *fonts = FcConfigGetFonts(NULL, FcSetSystem);
    for (int i = 0; fonts && i < fonts->nfont; i++) {
        FcChar8 *path = NULL;
        if (FcPatternGetString(fonts->fonts[i], FC_FILE, 0, &path) == FcResultMatch)
            add_file((const char *)path);
    }
}

void mgk_resfs_serve(void)
{
    serving = TRUE;
}

guint mgk_resfs_count(void)
{
    return table ? g_hash_table_size(table) : 0;
}

/* ---- what the libraries call ---- */

FT_Error FT_New_Face(FT_Library library, const char *path, FT_Long index, FT_Face *ret_face)
{
    if (serving) {
        const Resource *resource = find(path);
        if (!resource)
            return FT_Err_Cannot_Open_Resource;
        return FT_New_Memory_Face(library, resource->data, (FT_Long)resource->size, index, ret_face);
    }
    FT_Error (*next)(FT_Library, const char *, FT_Long, FT_Face *) =
        (FT_Error(*)(FT_Library, const char *, FT_Long, FT_Face *))dlsym(RTLD_NEXT, "FT_New_Face");
    return next ? next(library, path, index, ret_face) : FT_Err_Cannot_Open_Resource;
}

static FILE *open_stream(const char *symbol, const char *path, const char *mode)
{
    if (serving) {
        const Resource *resource = find(path);
        if (!resource) {
            errno = ENOENT;
            return NULL;
        }
        return fmemopen(resource->data, resource->size, "r");
    }
    FILE *(*next)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, symbol);
    return next ? next(path, mode) : NULL;
}

FILE *fopen(const char *path, const char *mode)
{
    return open_stream("fopen", path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return open_stream("fopen64", path, mode);
}

static gboolean takes_mode(int flags)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

/* A descriptor cannot be served from memory; libraries that insist on one get ENOENT and go on without. */
static int open_path(const char *path, int flags, mode_t mode)
{
    if (serving) {
        errno = ENOENT;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = takes_mode(flags) ? va_arg(more, mode_t) : 0; /* NOLINT(clang-analyzer-valist.Uninitialized) */
    va_end(more);
    return open_path(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = takes_mode(flags) ? va_arg(more, mode_t) : 0; /* NOLINT(clang-analyzer-valist.Uninitialized) */
    va_end(more);
    return open_path(path, flags, mode);
}
