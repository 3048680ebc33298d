#include "engines/package_zip.h"

#include <string.h>

/* TRUE when the archive is one that every program reads alike; else the job is held. */
static gboolean is_plain(MgkJob *job, const MgkZip *zip, guint32 refuse)
{
    guint32 anomalies = mgk_zip_anomalies(zip);
    guint32 refused = MGK_ZIP_MISLEADING | MGK_ZIP_DUPLICATE | MGK_ZIP_CASE_DUPLICATE | MGK_ZIP_NAME_BACKSLASH | refuse;
    g_autofree char *text = mgk_zip_anomalies_text(anomalies & refused);
    if (anomalies & MGK_ZIP_ENCRYPTED)
        mgk_job_hold(job, MGK_REASON_ENCRYPTED, "encrypted parts");
    else if (anomalies & refused)
        mgk_job_hold(job, MGK_REASON_AMBIGUOUS, text);
    else
        return TRUE;
    return FALSE;
}

/* NULL when two entries have one name: the job is held. */
static GHashTable *index_entries(MgkJob *job, const MgkZip *zip)
{
    g_autoptr(GHashTable) entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        const MgkZipEntry *entry = mgk_zip_entry(zip, i);
        if (entry->directory)
            continue;
        char *lower = g_ascii_strdown(entry->name + strspn(entry->name, "/"), -1);
        if (!g_hash_table_insert(entries, lower, GUINT_TO_POINTER(i + 1))) {
            mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "two parts with one name");
            return NULL;
        }
    }
    return g_steal_pointer(&entries);
}

gboolean mgk_package_open(MgkJob *job, guint32 refuse, MgkZip **ret_zip, GHashTable **ret_entries, GError **error)
{
    *ret_zip = NULL;
    g_autoptr(MgkZip) zip = mgk_zip_open(job->data, job->size, &job->policy->limits, error);
    if (!zip)
        return FALSE;
    GHashTable *entries = is_plain(job, zip, refuse) ? index_entries(job, zip) : NULL;
    if (!entries)
        return TRUE;
    if (mgk_zip_anomalies(zip) & (MGK_ZIP_PREFIX | MGK_ZIP_TRAILING | MGK_ZIP_GAP))
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, "bytes outside the package");
    *ret_zip = g_steal_pointer(&zip);
    *ret_entries = entries;
    return TRUE;
}
