/* log_verify.c - reads all of the log and says where it is not what was written.
 *
 * Three things are held together: the chain of records (every line hashes to its own hash and names the one before),
 * the chain of seals (every one is signed by the key that the one before named; the first one by the anchor), and
 * between them the sealed roots: the record of that number has that hash. A file out of its place, a missing one and a
 * record that was taken out all break the chain at a record; a chain that was written anew from somewhere on breaks a
 * seal; an end that was cut off is missed by a seal or by a root on paper. */
#include "io/descriptor.h"
#include "store/disk.h"
#include "store/log_line.h"
#include "store/log_read.h"
#include "store/seal_line.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Check {
    GArray *seals;          /* owned; of MgkSeal */
    guint next;             /* of seals: the first whose record was not read yet */
    const MgkLogRoot *root; /* borrowed; NULL */
    gboolean root_seen;
    MgkLogLine last;
    MgkLogVerdict *verdict; /* borrowed */
} Check;

static gboolean bad(Check *check, GError **error, const char *where, const char *what)
{
    g_strlcpy(check->verdict->where, where, sizeof check->verdict->where);
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s: %s", where, what);
    return FALSE;
}

static GMappedFile *map_file(int folder, const char *name, gboolean *ret_missing)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    GMappedFile *file = fd >= 0 ? g_mapped_file_new_from_fd(fd, FALSE, NULL) : NULL;
    *ret_missing = fd < 0;
    if (fd >= 0)
        close(fd);
    return file;
}

/* The seal follows those before it and is signed by its own key, which the one before named. */
static gboolean take_seal(Check *check, const MgkSeal *seal, const char *anchor, const char *where, GError **error)
{
    guint n = check->seals->len;
    const MgkSeal *before = n ? &g_array_index(check->seals, MgkSeal, n - 1) : NULL;
    if (seal->number != n + 1)
        return bad(check, error, where, "a seal is missing before it");
    if (strcmp(seal->key, before ? before->next : anchor ? anchor : seal->key) != 0)
        return bad(check, error, where,
                   before ? "signed by another key than the seal before named" : "not the anchor's");
    if (before && seal->root.seq <= before->root.seq)
        return bad(check, error, where, "seals an earlier record than the seal before");
    if (!before)
        g_strlcpy(check->verdict->anchor, seal->key, sizeof check->verdict->anchor);
    g_array_append_vals(check->seals, seal, 1);
    return TRUE;
}

static gboolean read_seals(Check *check, int folder, const char *anchor, GError **error)
{
    gboolean missing = FALSE;
    g_autoptr(GMappedFile) file = map_file(folder, MGK_SEAL_FILE, &missing);
    if (!file)
        return missing && !anchor ? TRUE : bad(check, error, MGK_SEAL_FILE, "cannot be read");
    const char *at = g_mapped_file_get_contents(file), *end;
    for (gsize left = g_mapped_file_get_length(file); left > 0 && (end = memchr(at, '\n', left)); at = end + 1) {
        MgkSeal seal;
        char where[64];
        g_snprintf(where, sizeof where, MGK_SEAL_FILE " line %u", check->seals->len + 1);
        if (!mgk_seal_line_parse(at, (gsize)(end - at), &seal))
            return bad(check, error, where, "no seal, or not signed by the key it names");
        if (!take_seal(check, &seal, anchor, where, error))
            return FALSE;
        left -= (gsize)(end - at) + 1;
    }
    check->verdict->seals = check->seals->len;
    return TRUE;
}

static gboolean against_seals(Check *check, const MgkLogLine *line, const char *where, GError **error)
{
    if (check->next == check->seals->len)
        return TRUE;
    const MgkSeal *seal = &g_array_index(check->seals, MgkSeal, check->next);
    if (line->seq < seal->root.seq)
        return TRUE;
    if (strcmp(seal->root.hash, line->hash) != 0)
        return bad(check, error, where, "was written after its seal: the seal names another hash");
    check->next++;
    check->verdict->sealed = line->seq;
    return TRUE;
}

static gboolean against_root(Check *check, const MgkLogLine *line, const char *where, GError **error)
{
    if (!check->root || check->root->seq != line->seq)
        return TRUE;
    check->root_seen = TRUE;
    return strcmp(check->root->hash, line->hash) == 0 || bad(check, error, where, "is not what the root on paper says");
}

static gboolean take_line(Check *check, const char *text, gsize size, const char *where, GError **error)
{
    MgkLogLine line;
    if (!mgk_log_line_parse(text, size, &line))
        return bad(check, error, where, "changed: its hash is not its own");
    if (line.seq != check->last.seq + 1)
        return bad(check, error, where,
                   line.seq > check->last.seq ? "records are missing before it" : "stands behind later records");
    if (strcmp(line.prev, check->last.hash) != 0)
        return bad(check, error, where, "does not follow the record before it");
    if (!against_seals(check, &line, where, error) || !against_root(check, &line, where, error))
        return FALSE;
    check->last = line;
    check->verdict->records++;
    return TRUE;
}

static gboolean check_bytes(Check *check, const char *name, const char *at, gsize left, gboolean newest, GError **error)
{
    const char *end;
    char where[128];
    guint64 row = 1;
    for (; left > 0 && (end = memchr(at, '\n', left)); at = end + 1, row++) {
        g_snprintf(where, sizeof where, "%s line %" G_GUINT64_FORMAT " (seq %" G_GUINT64_FORMAT ")", name, row,
                   check->last.seq + 1);
        if (!take_line(check, at, (gsize)(end - at), where, error))
            return FALSE;
        left -= (gsize)(end - at) + 1;
    }
    g_snprintf(where, sizeof where, "%s line %" G_GUINT64_FORMAT, name, row);
    return left == 0 || newest || bad(check, error, where, "ends in the middle of a record");
}

static gboolean check_file(Check *check, int folder, const char *name, gboolean newest, GError **error)
{
    gboolean missing = FALSE;
    g_autoptr(GMappedFile) file = map_file(folder, name, &missing);
    if (!file)
        return mgk_disk_fail(error, name);
    guint64 before = check->verdict->records;
    if (!check_bytes(check, name, g_mapped_file_get_contents(file), g_mapped_file_get_length(file), newest, error))
        return FALSE;
    return check->verdict->records > before || bad(check, error, name, "has no record");
}

static gboolean check_files(Check *check, int folder, GError **error)
{
    g_autoptr(GPtrArray) names = mgk_log_files(folder);
    if (!names)
        return mgk_disk_fail(error, "log");
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (mgk_log_file_number(name) != i + 1)
            return bad(check, error, name, "a file is missing before it");
        if (!check_file(check, folder, name, i + 1 == names->len, error))
            return FALSE;
    }
    return TRUE;
}

/* What seals and paper know of and nobody read. */
static gboolean check_end(Check *check, GError **error)
{
    char where[64];
    g_snprintf(where, sizeof where, "end (seq %" G_GUINT64_FORMAT ")", check->last.seq);
    if (check->next < check->seals->len)
        return bad(check, error, where, "records are missing behind it: a later one is sealed");
    if (check->root && !check->root_seen && check->root->seq > 0)
        return bad(check, error, where, "records are missing behind it: the root on paper is of a later one");
    return TRUE;
}

gboolean mgk_log_verify(const char *folder, const char *anchor, const MgkLogRoot *root, MgkLogVerdict *ret_verdict,
                        GError **error)
{
    Check check = {.root = root, .verdict = ret_verdict, .seals = g_array_new(FALSE, FALSE, sizeof(MgkSeal))};
    memset(ret_verdict, 0, sizeof *ret_verdict);
    mgk_log_line_begin(&check.last);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean good = fd >= 0 || mgk_disk_fail(error, folder);
    good = good && read_seals(&check, fd, anchor, error) && check_files(&check, fd, error) && check_end(&check, error);
    if (fd >= 0)
        close(fd);
    ret_verdict->root.seq = check.last.seq;
    memcpy(ret_verdict->root.hash, check.last.hash, sizeof ret_verdict->root.hash);
    memcpy(ret_verdict->root.time, check.last.time, sizeof ret_verdict->root.time);
    g_array_unref(check.seals);
    return good;
}
