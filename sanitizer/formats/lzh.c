/* lzh.c - LHA archives (.lzh, .lha, .lzs), by the method's name in the first header; engines/lzh_read.h.
 *
 * Kept, gone, output: as zip.c; names in UTF-16 where UNLHA32 wrote them, else CP932, EUC-JP or UTF-8; levels 0 and 1
 * store the sender's clock, 2 and 3 universal time, shown as in Japan. Held: headers whose sums are wrong, that name a
 * file twice, or that go on behind the end of the file. A member packed by -lh2-, -lh3- or a method nobody knows is
 * replaced by its notice. Self-extracting archives are programs. */
#include "checks/checks.h"
#include "engines/archive_out.h"
#include "engines/lzh_read.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    const guint8 *p = probe->data;
    if (probe->size < 22 || p[2] != '-' || p[6] != '-')
        return 0;
    static const char *const families[] = {"lh", "lz", "pm"};
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        if (memcmp(p + 3, families[i], 2) == 0 && g_ascii_isalnum(p[5]) && p[20] <= 3)
            return 91;
    }
    return 0;
}

static gboolean add_entry(MgkArchiveOut *out, const MgkLzhEntry *entry, const char *name, MgkGrowth *growth,
                          GError **error)
{
    if (entry->link) {
        mgk_archive_out_link(out, name);
        return TRUE;
    }
    if (entry->directory)
        return mgk_archive_out_folder(out, name, entry->dos_time, error);
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) bytes = mgk_lzh_content(entry, growth, &why);
    MgkArchiveFile file = {.name = name,
                           .dos_time = entry->dos_time,
                           .bytes = bytes,
                           .why = why,
                           .packed = entry->packed,
                           .packed_size = entry->packed_size};
    return mgk_archive_out_file(out, &file, error);
}

static gboolean rebuild(MgkJob *job, const GPtrArray *entries, GError **error)
{
    g_autoptr(MgkArchiveNames) names = mgk_archive_names_new();
    g_autoptr(MgkArchiveOut) out = mgk_archive_out_new(job);
    MgkGrowth growth = {.limits = &job->policy->limits, .packed = job->size};
    for (guint i = 0; i < entries->len; i++) {
        const MgkLzhEntry *entry = g_ptr_array_index(entries, i);
        mgk_archive_names_learn(names, entry->raw_name, entry->raw_size);
    }
    for (guint i = 0; i < entries->len; i++) {
        const MgkLzhEntry *entry = g_ptr_array_index(entries, i);
        g_autofree char *name =
            entry->name ? g_strdup(entry->name) : mgk_archive_names_decode(names, entry->raw_name, entry->raw_size);
        if (!add_entry(out, entry, name, &growth, error))
            return FALSE;
        if (!mgk_archive_out_goes_on(out))
            return TRUE;
    }
    return mgk_archive_out_finish(out, error);
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    gsize end = 0;
    g_autoptr(GPtrArray) entries = mgk_lzh_open(job->data, job->size, &job->policy->limits, &end, &local);
    if (!entries) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_MANY : MGK_REASON_MALFORMED, local->message);
    }
    if (mgk_archive_is_twin(job))
        return TRUE;
    mgk_archive_judge_rest(job, end);
    if (!mgk_verdict_crosses(job->outcome.verdict))
        return TRUE;
    job->outcome.format = MGK_FORMAT_ID_zip;
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    return rebuild(job, entries, error);
}

const MgkHandler mgk_format_lzh = {.probe = probe, .clean = clean, .check = mgk_check_zip};
