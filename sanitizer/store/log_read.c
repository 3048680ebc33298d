#include "store/log_read.h"

#include "model/json.h"
#include "store/disk.h"
#include "store/log_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A filter as the bytes that a matching line holds: `"record":"261121-0042"`. A quote inside of a value is escaped, so
 * no value can look like a member. */
typedef struct Needles {
    char *texts[5]; /* owned */
    guint n;
} Needles;

static void needles_clear(Needles *needles)
{
    for (guint i = 0; i < needles->n; i++)
        g_free(needles->texts[i]);
}

static void add_needle(Needles *needles, const char *key, const char *value)
{
    MgkJson json;
    if (!value || !*value)
        return;
    mgk_json_begin(&json);
    mgk_json_string(&json, key, value);
    g_autofree char *text = mgk_json_end(&json);
    /* The braces go; of a beginning ("record.") the closing quote as well. */
    gsize cut = strlen("{}\n") + (strcmp(key, "event") == 0 && g_str_has_suffix(value, ".") ? 1 : 0);
    needles->texts[needles->n++] = g_strndup(text + 1, strlen(text) - cut);
}

static Needles make_needles(const MgkLogFilter *filter)
{
    Needles needles = {.n = 0};
    add_needle(&needles, "event", filter->event);
    add_needle(&needles, "actor", filter->actor);
    add_needle(&needles, "record", filter->record);
    add_needle(&needles, "sha256", filter->sha256);
    add_needle(&needles, "department", filter->department);
    return needles;
}

static gboolean holds(const Needles *needles, const char *line, gsize size)
{
    for (guint i = 0; i < needles->n; i++) {
        if (!memmem(line, size, needles->texts[i], strlen(needles->texts[i])))
            return FALSE;
    }
    return TRUE;
}

static gboolean in_time(const MgkLogFilter *filter, const MgkLogLine *line)
{
    return line->seq >= filter->from_seq && (!filter->from || strcmp(line->time, filter->from) >= 0) &&
           (!filter->to || strncmp(line->time, filter->to, strlen(filter->to)) <= 0);
}

typedef struct Search {
    const MgkLogFilter *filter; /* borrowed */
    Needles needles;
    MgkLogSink sink;
    gpointer user;
    guint64 given;
    gboolean ended;
} Search;

static gboolean bad_line(const char *name, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "the log is damaged: %s", name);
    return FALSE;
}

static gboolean look_at(Search *search, const char *name, const char *text, gsize size, GError **error)
{
    MgkLogLine line;
    if (!holds(&search->needles, text, size))
        return TRUE;
    if (!mgk_log_line_parse(text, size, &line))
        return bad_line(name, error);
    if (!in_time(search->filter, &line))
        return TRUE;
    search->given++;
    search->ended = !search->sink(search->user, text, size) ||
                    (search->filter->limit > 0 && search->given == search->filter->limit);
    return TRUE;
}

/* Whole lines only: what has no end yet is being written. */
static gboolean search_bytes(Search *search, const char *name, const char *bytes, gsize size, GError **error)
{
    const char *end;
    for (const char *at = bytes; !search->ended && size > 0 && (end = memchr(at, '\n', size)); at = end + 1) {
        if (!look_at(search, name, at, (gsize)(end - at), error))
            return FALSE;
        size -= (gsize)(end - at) + 1;
    }
    return TRUE;
}

static GMappedFile *map_file(int folder, const char *name, GError **error)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    GMappedFile *file = fd >= 0 ? g_mapped_file_new_from_fd(fd, FALSE, NULL) : NULL;
    if (!file)
        mgk_disk_fail(error, name);
    if (fd >= 0)
        close(fd);
    return file;
}

static gboolean search_file(Search *search, int folder, const char *name, GError **error)
{
    g_autoptr(GMappedFile) file = map_file(folder, name, error);
    return file && search_bytes(search, name, g_mapped_file_get_contents(file), g_mapped_file_get_length(file), error);
}

gboolean mgk_log_search(const char *folder, const MgkLogFilter *filter, MgkLogSink sink, gpointer user, GError **error)
{
    Search search = {.filter = filter, .needles = make_needles(filter), .sink = sink, .user = user};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(GPtrArray) names = fd >= 0 ? mgk_log_files(fd) : NULL;
    gboolean good = names || mgk_disk_fail(error, folder);
    for (guint i = 0; names && good && i < names->len && !search.ended; i++)
        good = search_file(&search, fd, g_ptr_array_index(names, i), error);
    if (fd >= 0)
        close(fd);
    needles_clear(&search.needles);
    return good;
}
