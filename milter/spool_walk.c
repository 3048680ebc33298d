#include "spool_walk.h"

#include "spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *mgk_spool_list(int folder)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    while (stream && (entry = readdir(stream))) {
        if (entry->d_name[0] != '.')
            g_ptr_array_add(names, g_strdup(entry->d_name));
    }
    if (stream)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    g_ptr_array_sort(names, compare);
    return names;
}

/* "20261120-120102.123456-QUEUEID-1": up to the suffix, which begins at the second dot. */
static char *stem_of(const char *name)
{
    const char *dot = strchr(name, '.');
    dot = dot ? strchr(dot + 1, '.') : NULL;
    return dot ? g_strndup(name, (gsize)(dot - name)) : NULL;
}

GPtrArray *mgk_spool_stems(int folder)
{
    g_autoptr(GPtrArray) names = mgk_spool_list(folder);
    GPtrArray *stems = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *stem = stem_of(g_ptr_array_index(names, i));
        if (stem && (!stems->len || strcmp(g_ptr_array_index(stems, stems->len - 1), stem) != 0))
            g_ptr_array_add(stems, g_steal_pointer(&stem));
    }
    return stems;
}

gboolean mgk_spool_has(int folder, const char *stem, const char *suffix)
{
    struct stat status;
    g_autofree char *name = g_strconcat(stem, suffix, NULL);
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The result goes last: without it the rest would look unfinished, with it alone nothing is lost. */
gboolean mgk_spool_remove(int folder, const char *stem)
{
    static const char *const suffixes[] = {".eml", ".json", MGK_SPOOL_DONE, MGK_SPOOL_HELD};
    guint removed = 0;
    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(stem, suffixes[i], NULL);
        removed += unlinkat(folder, name, 0) == 0;
    }
    return removed > 0;
}
