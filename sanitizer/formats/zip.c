/* zip.c - ZIP archives (PKWARE APPNOTE 6.3.10).
 *
 * Kept: every file that its own cleaning lets cross, the folder tree, names (CP932, UTF-8, CP437 become UTF-8), dates.
 * A file that does not cross is replaced by its notice, or holds the archive (policy).
 * Gone: links and devices, comments, extra fields, attributes, bytes that no entry covers, encryption that the given
 * password opens. Names that lead out of the folder, that Windows cannot create or that are taken are replaced.
 * Held: archives that readers understand differently (engines/zip_reader.h, MGK_ZIP_MISLEADING), archives that grow
 * beyond the limits, and those whose files all need a password that is not there.
 * Output: one archive by engines/zip_writer.h, members in the order of the directory.
 * Documents that are archives inside (OOXML, ODF, EPUB, Visio, iWork …) and programs (jar, apk …) are recognised by
 * rows of their own; what none of them knows (kmz, sketch …) becomes a .zip with the finding that name and content
 * disagree. Limits known: deflate64 and PKWARE's old methods are not unpacked (the member is held); archives split over
 * several files are held; strong encryption by certificates is never opened; a password is tried in UTF-8 only; AES
 * over bzip2, LZMA, XZ or PPMd is not opened. */
#include "checks/checks.h"
#include "engines/member_names.h"
#include "engines/zip_exotic.h"
#include "engines/zip_reader.h"
#include "engines/zip_writer.h"
#include "formats/formats.h"
#include "model/names.h"

#include <string.h>

#define MEMBER_BYTES G_MAXUINT32 /* one member is held in memory; limits.input_bytes is the usual bound */

typedef struct Rebuild {
    MgkJob *job;
    MgkZip *zip;
    MgkMemberNames *names;
    GHashTable *folders; /* owned; set of folders written */
    MgkZipWriter *writer;
    guint files, locked; /* locked: no password, or the wrong one */
} Rebuild;

static guint probe(const MgkProbe *probe)
{
    static const char *const starts[] = {"PK\3\4", "PK\5\6"};
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
        if (probe->size >= 22 && memcmp(probe->data, starts[i], 4) == 0)
            return 50; /* documents that are archives, too, are surer */
    }
    gboolean program = probe->size >= 2 && memcmp(probe->data, "MZ", 2) == 0;
    return strcmp(probe->extension, "zip") == 0 && !program && mgk_zip_has_end(probe->data, probe->size) ? 20 : 0;
}

/* Ends the job by policy, with the reason that says most. */
static gboolean refuse(MgkJob *job, MgkKind kind, MgkReason reason, const char *detail)
{
    if (mgk_job_find(job, kind, NULL, detail) == MGK_ACTION_BLOCK)
        return mgk_job_block(job, reason, detail);
    return mgk_job_hold(job, reason, detail);
}

static gboolean crosses(const MgkJob *job)
{
    return mgk_verdict_crosses(job->outcome.verdict);
}

/* What is wrong with the archive as a whole. TRUE when it can be rebuilt. */
static gboolean judge(MgkJob *job, const MgkZip *zip)
{
    static const struct {
        guint32 bit;
        MgkKind kind;
        const char *detail;
    } table[] = {{MGK_ZIP_COMMENT, MGK_KIND_ARCHIVE_COMMENT, NULL},
                 {MGK_ZIP_PREFIX, MGK_KIND_TRAILING_DATA, "before the first entry"},
                 {MGK_ZIP_GAP, MGK_KIND_TRAILING_DATA, "between the entries"},
                 {MGK_ZIP_TRAILING, MGK_KIND_TRAILING_DATA, "after the end"}};
    guint32 anomalies = mgk_zip_anomalies(zip);
    if (anomalies & MGK_ZIP_MISLEADING) {
        g_autofree char *text = mgk_zip_anomalies_text(anomalies & MGK_ZIP_MISLEADING);
        refuse(job, MGK_KIND_ARCHIVE_AMBIGUOUS, MGK_REASON_AMBIGUOUS, text);
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (anomalies & table[i].bit)
            mgk_job_find(job, table[i].kind, NULL, table[i].detail);
    }
    if (mgk_zip_count(zip) == 0)
        mgk_job_hold(job, MGK_REASON_EMPTY, "no entries");
    return crosses(job);
}

/* A date that no calendar has confuses unpackers. */
static guint32 sound_time(guint32 dos_time)
{
    guint month = dos_time >> 21 & 15, day = dos_time >> 16 & 31, hour = dos_time >> 11 & 31;
    guint minute = dos_time >> 5 & 63, half_seconds = dos_time & 31;
    gboolean sound = month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && half_seconds < 30;
    return sound ? dos_time : MGK_ZIP_EPOCH;
}

static void report_names(MgkJob *job, const char *name, guint flags)
{
    if (flags & MGK_MEMBER_ESCAPES)
        mgk_job_find(job, MGK_KIND_ARCHIVE_PATH, name, NULL);
    if (flags & (MGK_MEMBER_RENAMED | MGK_MEMBER_TOO_DEEP))
        mgk_job_find(job, MGK_KIND_ARCHIVE_NAME, name, flags & MGK_MEMBER_TOO_DEEP ? "too many folders" : NULL);
    if (flags & MGK_MEMBER_COLLIDES)
        mgk_job_find(job, MGK_KIND_ARCHIVE_DUPLICATE, name, NULL);
}

static gboolean add_folder(Rebuild *rebuild, const MgkZipEntry *entry, GError **error)
{
    guint flags = 0;
    const char *folder = mgk_member_names_folder(rebuild->names, entry->name, TRUE, &flags);
    report_names(rebuild->job, entry->name, flags);
    if (*folder == '\0' || !g_hash_table_add(rebuild->folders, g_strdup(folder)))
        return TRUE;
    return mgk_zip_writer_add(rebuild->writer, folder, MGK_ZIP_STORE, sound_time(entry->dos_time), NULL, 0, error);
}

/* Why a member cannot be read, as the reason of its notice; BOMB concerns the whole archive. */
static MgkReason reason_of(const GError *error)
{
    gboolean limit = g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT);
    if (limit && (g_str_has_prefix(error->message, "ratio") || g_str_has_prefix(error->message, "total_bytes")))
        return MGK_REASON_BOMB;
    if (limit)
        return g_str_has_prefix(error->message, "size") ? MGK_REASON_TOO_LARGE : MGK_REASON_MEMORY;
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_ENCRYPTED))
        return strcmp(error->message, "wrong password") == 0 ? MGK_REASON_WRONG_PASSWORD : MGK_REASON_ENCRYPTED;
    return g_error_matches(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED) ? MGK_REASON_UNSUPPORTED_FEATURE
                                                                    : MGK_REASON_MALFORMED;
}

/* The member's bytes; NULL with the reason (and the finding made) when there are none to clean. */
static GBytes *read_member(Rebuild *rebuild, MgkZipEntry *entry, MgkReason *ret_reason)
{
    MgkJob *job = rebuild->job;
    gsize max = (gsize)MIN(job->policy->limits.input_bytes, MEMBER_BYTES);
    gboolean locked = entry->anomalies & MGK_ZIP_ENCRYPTED, exotic = locked || (entry->anomalies & MGK_ZIP_METHOD);
    g_autoptr(GError) error = NULL;
    GBytes *bytes = exotic ? mgk_zip_exotic_bytes(rebuild->zip, entry, job->password, max, &error)
                           : mgk_zip_entry_bytes(rebuild->zip, entry, max, &error);
    if (bytes) {
        if (locked)
            mgk_job_find(job, MGK_KIND_ARCHIVE_UNLOCKED, NULL, NULL);
        return bytes;
    }
    MgkReason reason = reason_of(error);
    if (reason == MGK_REASON_ENCRYPTED || reason == MGK_REASON_WRONG_PASSWORD) {
        rebuild->locked++;
        mgk_job_find(job, MGK_KIND_ARCHIVE_ENCRYPTED, entry->name, NULL);
    } else if (reason == MGK_REASON_BOMB) {
        refuse(job, MGK_KIND_ARCHIVE_BOMB, reason, error->message);
    } else {
        mgk_job_find(job, MGK_KIND_ARCHIVE_DAMAGED, entry->name, error->message);
    }
    *ret_reason = reason;
    return NULL;
}

static gboolean is_packed_already(MgkFormatId format)
{
    const MgkFormatInfo *info = mgk_format_info(format);
    return info && (info->flags & (MGK_FORMAT_CONTAINER | MGK_FORMAT_PIXELS));
}

static gboolean place(Rebuild *rebuild, const MgkZipEntry *entry, const char *name, MgkZipMethod method, GBytes *bytes,
                      GError **error)
{
    guint flags = 0;
    gsize size = 0;
    const guint8 *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    const char *folder = mgk_member_names_folder(rebuild->names, entry->name, FALSE, &flags);
    g_autofree char *path = mgk_member_names_take(rebuild->names, folder, name, &flags);
    report_names(rebuild->job, entry->name, flags);
    return mgk_zip_writer_add(rebuild->writer, path, method, sound_time(entry->dos_time), data, size, error);
}

/* Writes what the answer holds: the cleaned member, or its notice. */
static gboolean place_answer(Rebuild *rebuild, const MgkZipEntry *entry, const MgkAnswer *answer, GError **error)
{
    MgkJob *job = rebuild->job;
    gboolean safe = mgk_verdict_crosses(answer->verdict);
    if (!safe) {
        mgk_job_find(job, MGK_KIND_MEMBER_NOT_CROSSED, entry->name, mgk_reason_name(answer->reason));
        if (job->policy->hold_on_member || !answer->output)
            mgk_job_hold(job, answer->reason, "a member does not cross");
        if (!crosses(job))
            return TRUE;
    }
    MgkZipMethod method = safe && is_packed_already(answer->format) ? MGK_ZIP_STORE : MGK_ZIP_PACK;
    return place(rebuild, entry, answer->name, method, answer->output, error);
}

/* An empty file of a kind that may cross says nothing and harms nobody; names that are obeyed go the usual way. */
static gboolean is_empty_document(const char *name)
{
    g_autofree char *extension = mgk_names_extension(name);
    gboolean known = FALSE;
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        if (!mgk_format_has_extension((MgkFormatId)i, extension))
            continue;
        if (mgk_format_info((MgkFormatId)i)->flags & MGK_FORMAT_NEVER)
            return FALSE;
        known = TRUE;
    }
    return known;
}

static gboolean add_file(Rebuild *rebuild, MgkZipEntry *entry, GError **error)
{
    MgkJob *job = rebuild->job;
    MgkReason reason = MGK_REASON_NONE;
    rebuild->files++;
    g_autoptr(GBytes) bytes = read_member(rebuild, entry, &reason);
    if (!crosses(job))
        return TRUE;
    if (bytes && g_bytes_get_size(bytes) == 0 && is_empty_document(entry->name))
        return place(rebuild, entry, mgk_member_names_base(entry->name), MGK_ZIP_STORE, bytes, error);
    MgkAsk ask = {.name = mgk_member_names_base(entry->name),
                  .declared = "",
                  .role = MGK_ROLE_MEMBER,
                  .want = MGK_FORMAT_ID_NONE,
                  .refuse = reason};
    ask.data = bytes ? g_bytes_get_data(bytes, &ask.size) : mgk_zip_packed(rebuild->zip, entry);
    if (!bytes)
        ask.size = entry->packed_size;
    g_auto(MgkAnswer) answer = {0};
    return job->ask_child(job, &ask, &answer, error) && place_answer(rebuild, entry, &answer, error);
}

static gboolean add_entry(Rebuild *rebuild, MgkZipEntry *entry, GError **error)
{
    if (entry->anomalies & MGK_ZIP_LINK) {
        mgk_job_find(rebuild->job, MGK_KIND_ARCHIVE_LINK, entry->name, NULL);
        return TRUE;
    }
    return entry->directory ? add_folder(rebuild, entry, error) : add_file(rebuild, entry, error);
}

static gboolean all_locked(const MgkZip *zip)
{
    guint files = 0;
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        const MgkZipEntry *entry = mgk_zip_entry(zip, i);
        if (entry->directory || (entry->anomalies & MGK_ZIP_LINK))
            continue;
        if (!(entry->anomalies & MGK_ZIP_ENCRYPTED))
            return FALSE;
        files++;
    }
    return files > 0;
}

static gboolean rebuild_all(Rebuild *rebuild, GError **error)
{
    MgkJob *job = rebuild->job;
    for (guint i = 0; i < mgk_zip_count(rebuild->zip); i++) {
        if (!add_entry(rebuild, mgk_zip_entry(rebuild->zip, i), error))
            return FALSE;
        if (!crosses(job))
            return TRUE;
    }
    if (rebuild->files && rebuild->locked == rebuild->files)
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "all files are encrypted"); /* asks for the next password */
    return mgk_zip_writer_finish(rebuild->writer, error);
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkZip) zip = mgk_zip_open(job->data, job->size, &job->policy->limits, &local);
    if (!zip) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_MANY : MGK_REASON_MALFORMED, local->message);
    }
    if (!judge(job, zip))
        return TRUE;
    if (!job->password && all_locked(zip)) {
        mgk_job_find(job, MGK_KIND_ARCHIVE_ENCRYPTED, NULL, NULL);
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "all files are encrypted");
    }
    g_autoptr(MgkMemberNames) names = mgk_member_names_new();
    g_autoptr(GHashTable) folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new_for_job(job);
    Rebuild rebuild = {.job = job, .zip = zip, .names = names, .folders = folders, .writer = writer};
    return rebuild_all(&rebuild, error);
}

const MgkHandler mgk_format_zip = {.probe = probe, .clean = clean, .check = mgk_check_zip};
