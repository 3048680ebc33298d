#include "engines/archive_internal.h"
#include "engines/archive_names.h"
#include "engines/archive_out.h"

#include <locale.h>
#include <string.h>

typedef int (*Register)(struct archive *archive);

static const struct {
    Register reader;
    gint64 ahead;         /* seconds to add to what the format stores, to see a clock in Japan */
    gboolean bytes;       /* names are bytes of an encoding that nothing tells */
    gboolean closes_late; /* zeros, or nothing, must follow the last entry */
    gboolean opens;       /* with a password, by a stage of its own in front (engines/sevenzip_lock.h) */
} table[MGK_N_ARCHIVES] = {
    [MGK_ARCHIVE_SEVENZIP] = {archive_read_support_format_7zip, MGK_ARCHIVE_JAPAN, FALSE, FALSE, TRUE},
    [MGK_ARCHIVE_RAR] = {archive_read_support_format_rar, 0, TRUE, FALSE, FALSE},
    [MGK_ARCHIVE_RAR5] = {archive_read_support_format_rar5, MGK_ARCHIVE_JAPAN, FALSE, FALSE, FALSE},
    [MGK_ARCHIVE_TAR] = {archive_read_support_format_tar, MGK_ARCHIVE_JAPAN, TRUE, TRUE, FALSE},
    [MGK_ARCHIVE_CAB] = {archive_read_support_format_cab, 0, TRUE, FALSE, FALSE},
    [MGK_ARCHIVE_ISO] = {archive_read_support_format_iso9660, MGK_ARCHIVE_JAPAN, TRUE, FALSE, FALSE},
    [MGK_ARCHIVE_CPIO] = {archive_read_support_format_cpio, MGK_ARCHIVE_JAPAN, TRUE, TRUE, FALSE},
};

/* The one mutable global of this module: made in the zygote, used by every worker. */
static locale_t utf8;

typedef struct Reader {
    MgkJob *job;
    MgkArchiveKind kind;
    const guint8 *data;
    gsize size;
    MgkArchiveNames *names;
    MgkGrowth growth;
    MgkArchiveOut *out; /* NULL while names are learnt */
} Reader;

gboolean mgk_archive_warm(GError **error)
{
    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    if (!utf8)
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "no locale C.UTF-8");
    return utf8 != NULL;
}

void mgk_archive_set_error(struct archive *archive, GError **error)
{
    const char *told = archive_error_string(archive);
    const char *text = told ? told : "unreadable";
    MgkError code = MGK_ERROR_MALFORMED;
    if (strcasestr(text, "encrypt")) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, "unsupported");
        return;
    }
    if (strcasestr(text, "support") || strcasestr(text, "codec")) /* "unsupported", "Unknown codec" */
        code = MGK_ERROR_UNSUPPORTED;
    g_autofree char *shown = g_utf8_make_valid(text, -1);
    g_set_error_literal(error, MGK_ERROR, code, shown);
}

gboolean mgk_archive_hold(MgkJob *job, struct archive *archive)
{
    g_autoptr(GError) why = NULL;
    /* asked of an archive that no reader recognised, libarchive 3.6 calls what lies behind its table of readers */
    if (archive_format(archive) != 0 && archive_read_has_encrypted_entries(archive) > 0)
        g_set_error_literal(&why, MGK_ERROR, MGK_ERROR_ENCRYPTED, "unsupported");
    else
        mgk_archive_set_error(archive, &why);
    MgkReason reason = mgk_archive_reason(why);
    if (reason == MGK_REASON_ENCRYPTED_UNSUPPORTED)
        mgk_job_find(job, MGK_KIND_ARCHIVE_ENCRYPTED, NULL, NULL);
    return mgk_job_hold(job, reason, why->message);
}

GBytes *mgk_archive_content(struct archive *archive, MgkGrowth *growth, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gsize used = 0;
    for (;;) {
        guint8 *room = mgk_growth_room(bytes, used);
        la_ssize_t n = archive_read_data(archive, room, MGK_GROWTH_STEP);
        if (n < 0) {
            mgk_archive_set_error(archive, error);
            return NULL;
        }
        if (n == 0)
            break;
        if (!mgk_growth_commit(growth, used, (gsize)n, error))
            return NULL;
        used += (gsize)n;
    }
    g_byte_array_set_size(bytes, (guint)used);
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static struct archive *open_archive(const Reader *reader)
{
    struct archive *archive = archive_read_new();
    if (!archive)
        return NULL;
    table[reader->kind].reader(archive);
    archive_read_open_memory(archive, reader->data,
                             reader->size); /* fails again, with its reason, at the first header */
    return archive;
}

static guint32 time_of(const Reader *reader, struct archive_entry *entry)
{
    gint64 seconds = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : 0;
    return seconds <= 0 || seconds > G_MAXUINT32 ? MGK_ZIP_EPOCH
                                                 : mgk_archive_dos_time(seconds + table[reader->kind].ahead);
}

static gboolean add_file(Reader *reader, struct archive *archive, struct archive_entry *entry, const char *name,
                         GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) bytes = NULL;
    if (archive_entry_is_encrypted(entry))
        g_set_error_literal(&why, MGK_ERROR, MGK_ERROR_ENCRYPTED,
                            table[reader->kind].opens ? "password" : "unsupported");
    else
        bytes = mgk_archive_content(archive, &reader->growth, &why);
    MgkArchiveFile file = {.name = name, .dos_time = time_of(reader, entry), .bytes = bytes, .why = why};
    return mgk_archive_out_file(reader->out, &file, error);
}

static gboolean add_entry(Reader *reader, struct archive *archive, struct archive_entry *entry, GError **error)
{
    const char *stored = archive_entry_pathname(entry);
    stored = stored ? stored : "";
    if (!reader->out) {
        mgk_archive_names_learn(reader->names, stored, strlen(stored));
        return TRUE;
    }
    g_autofree char *name = mgk_archive_names_decode(reader->names, stored, strlen(stored));
    mode_t type = archive_entry_filetype(entry);
    if (archive_entry_hardlink(entry) || (type != AE_IFREG && type != AE_IFDIR)) {
        mgk_archive_out_link(reader->out, name);
        return TRUE;
    }
    if (type == AE_IFDIR)
        return mgk_archive_out_folder(reader->out, name, time_of(reader, entry), error);
    return add_file(reader, archive, entry, name, error);
}

/* What stands behind the last entry. Another header there is read by some programs and not by others. */
static void judge_rest(Reader *reader, struct archive *archive)
{
    gint64 end = archive_filter_bytes(archive, -1);
    if (!table[reader->kind].closes_late || end < 0 || (guint64)end >= reader->size)
        return;
    gsize at = (gsize)end;
    while (at < reader->size && reader->data[at] == 0)
        at++;
    if (at == reader->size)
        return;
    gsize block = at - at % 512;
    if (reader->kind == MGK_ARCHIVE_TAR && mgk_archive_is_tar(reader->data + block, reader->size - block))
        mgk_archive_refuse(reader->job, MGK_KIND_ARCHIVE_AMBIGUOUS, MGK_REASON_AMBIGUOUS, "a second archive behind it");
    else
        mgk_job_find(reader->job, MGK_KIND_TRAILING_DATA, NULL, "after the end");
}

/* libarchive finds no way past an encrypted file to the next one. */
static gboolean hold_at_header(const Reader *reader, struct archive *archive)
{
    if (table[reader->kind].opens && archive_read_has_encrypted_entries(archive) > 0)
        return mgk_job_hold(reader->job, MGK_REASON_ENCRYPTED, "some files are encrypted");
    return mgk_archive_hold(reader->job, archive);
}

/* Once through all headers; with reader->out also through all contents. */
static gboolean go_through(Reader *reader, GError **error)
{
    g_autoptr(MgkLibarchive) archive = open_archive(reader);
    guint64 count = 0;
    while (archive && mgk_verdict_crosses(reader->job->outcome.verdict)) {
        struct archive_entry *entry = NULL;
        int result = archive_read_next_header(archive, &entry);
        if (result == ARCHIVE_EOF && count == 0)
            return mgk_job_hold(reader->job, MGK_REASON_EMPTY, "no entries");
        if (result == ARCHIVE_EOF && !reader->out)
            judge_rest(reader, archive);
        if (result == ARCHIVE_EOF)
            return TRUE;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return hold_at_header(reader, archive);
        if (++count > reader->job->policy->limits.zip_entries)
            return mgk_job_hold(reader->job, MGK_REASON_TOO_MANY, "entries");
        if (!add_entry(reader, archive, entry, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean rebuild(Reader *reader, GError **error)
{
    if (mgk_archive_is_twin(reader->job))
        return TRUE;
    if (table[reader->kind].bytes && !go_through(reader, error))
        return FALSE;
    if (!mgk_verdict_crosses(reader->job->outcome.verdict))
        return TRUE;
    g_autoptr(MgkArchiveOut) out = mgk_archive_out_new(reader->job);
    reader->out = out;
    if (!go_through(reader, error))
        return FALSE;
    return mgk_archive_out_goes_on(out) ? mgk_archive_out_finish(out, error) : TRUE;
}

gboolean mgk_archive_clean(MgkJob *job, MgkArchiveKind kind, const guint8 *data, gsize size, GError **error)
{
    if (!mgk_archive_warm(error))
        return FALSE;
    g_autoptr(MgkArchiveNames) names = mgk_archive_names_new();
    Reader reader = {.job = job,
                     .names = names,
                     .kind = kind,
                     .data = data,
                     .size = size,
                     .growth = {.limits = &job->policy->limits, .packed = size}};
    job->outcome.format = MGK_FORMAT_ID_zip;
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    locale_t before = uselocale(utf8);
    gboolean ok = rebuild(&reader, error);
    uselocale(before);
    return ok;
}

gboolean mgk_archive_opens(MgkArchiveKind kind, const guint8 *data, gsize size, const MgkLimits *limits)
{
    Reader reader = {.kind = kind, .data = data, .size = size, .growth = {.limits = limits, .packed = size}};
    g_autoptr(MgkLibarchive) archive = open_archive(&reader);
    gboolean opens = archive && mgk_archive_warm(NULL);
    locale_t before = uselocale(utf8);
    for (guint64 left = limits->zip_entries; opens && left > 0; left--) {
        struct archive_entry *entry = NULL;
        int result = archive_read_next_header(archive, &entry);
        if (result == ARCHIVE_EOF)
            break;
        opens = result == ARCHIVE_OK || result == ARCHIVE_WARN;
        if (!opens || archive_entry_filetype(entry) != AE_IFREG || archive_entry_size(entry) <= 0)
            continue;
        g_autoptr(GBytes) bytes = mgk_archive_content(archive, &reader.growth, NULL);
        opens = bytes != NULL;
        break;
    }
    uselocale(before);
    return opens;
}

gboolean mgk_archive_is_tar(const guint8 *data, gsize size)
{
    guint sum = 0, want = 0, digits = 0;
    if (size < 512 || data[0] == 0)
        return FALSE;
    for (guint i = 0; i < 512; i++) /* its own field counts as spaces */
        sum += i >= 148 && i < 156 ? ' ' : data[i];
    for (guint i = 148; i < 156; i++) {
        gboolean digit = data[i] >= '0' && data[i] <= '7';
        want = digit ? want * 8 + data[i] - '0' : want;
        digits += digit;
        if (!digit && data[i] != ' ' && data[i] != 0)
            return FALSE;
    }
    return digits > 0 && sum == want;
}
