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
#include "engines/archive_out.h"
#include "engines/zip_exotic.h"
#include "engines/zip_reader.h"
#include "formats/formats.h"

#include <string.h>

#define MEMBER_BYTES G_MAXUINT32 /* one member is held in memory; limits.input_bytes is the usual bound */

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
        mgk_archive_refuse(job, MGK_KIND_ARCHIVE_AMBIGUOUS, MGK_REASON_AMBIGUOUS, text);
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (anomalies & table[i].bit)
            mgk_job_find(job, table[i].kind, NULL, table[i].detail);
    }
    if (mgk_zip_count(zip) == 0)
        mgk_job_hold(job, MGK_REASON_EMPTY, "no entries");
    return mgk_verdict_crosses(job->outcome.verdict);
}

static gboolean add_file(MgkArchiveOut *out, MgkJob *job, MgkZip *zip, MgkZipEntry *entry, GError **error)
{
    gsize max = (gsize)MIN(job->policy->limits.input_bytes, MEMBER_BYTES);
    gboolean locked = entry->anomalies & MGK_ZIP_ENCRYPTED, exotic = locked || (entry->anomalies & MGK_ZIP_METHOD);
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) bytes = exotic ? mgk_zip_exotic_bytes(zip, entry, job->password, max, &why)
                                     : mgk_zip_entry_bytes(zip, entry, max, &why);
    if (bytes && locked)
        mgk_job_find(job, MGK_KIND_ARCHIVE_UNLOCKED, NULL, NULL);
    MgkArchiveFile file = {.name = entry->name,
                           .dos_time = entry->dos_time,
                           .bytes = bytes,
                           .why = why,
                           .packed = mgk_zip_packed(zip, entry),
                           .packed_size = entry->packed_size};
    return mgk_archive_out_file(out, &file, error);
}

static gboolean add_entry(MgkArchiveOut *out, MgkJob *job, MgkZip *zip, MgkZipEntry *entry, GError **error)
{
    if (entry->anomalies & MGK_ZIP_LINK) {
        mgk_archive_out_link(out, entry->name);
        return TRUE;
    }
    return entry->directory ? mgk_archive_out_folder(out, entry->name, entry->dos_time, error)
                            : add_file(out, job, zip, entry, error);
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

static gboolean rebuild(MgkJob *job, MgkZip *zip, GError **error)
{
    g_autoptr(MgkArchiveOut) out = mgk_archive_out_new(job);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        if (!add_entry(out, job, zip, mgk_zip_entry(zip, i), error))
            return FALSE;
        if (!mgk_archive_out_goes_on(out))
            return TRUE;
    }
    return mgk_archive_out_finish(out, error);
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
    return rebuild(job, zip, error);
}

const MgkHandler mgk_format_zip = {.probe = probe, .clean = clean, .check = mgk_check_zip};
