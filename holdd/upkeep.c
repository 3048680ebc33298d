#include "upkeep.h"

#include "model/names.h"

#include <stdio.h>
#include <unistd.h>

#define BATCH 500
#define MINUTE_US ((gint64)60 * G_USEC_PER_SEC)

void mgk_upkeep_complain(const char *what, const GError *error)
{
    g_autofree char *shown = mgk_names_display(error ? error->message : "", -1, 0);
    fprintf(stderr, "mugaika-holdd: %s: %s\n", what, shown);
}

/* An original that another record still needs stays; its own record is over all the same. */
static gboolean delete_record(MgkHold *hold, const char *id, const MgkPerson *person, GError **error)
{
    guint64 others = 0;
    g_autoptr(MgkRecords) records = mgk_ledger_get(hold->ledger, id, error);
    if (!records)
        return FALSE;
    const MgkRecord *record = mgk_records_get(records, 0);
    g_mutex_lock(&hold->dying);
    gboolean good =
        mgk_ledger_references(hold->ledger, record->sha256, id, &others, error) &&
        (others > 0 || mgk_blobs_delete(hold->blobs, record->sha256, error)) &&
        mgk_ledger_step(hold->ledger, id, MGK_STATE_DELETED, person,
                        others ? "another record keeps the original" : "the original's key is destroyed", error);
    g_mutex_unlock(&hold->dying);
    return good;
}

static gboolean delete_all(MgkHold *hold, const GPtrArray *ids, const MgkPerson *person, guint64 *count, GError **error)
{
    for (guint i = 0; i < ids->len; i++) {
        if (!delete_record(hold, g_ptr_array_index(ids, i), person, error))
            return FALSE;
        (*count)++;
    }
    return TRUE;
}

/* The decision first, on the disk, then the deed: what is EXPIRED at a start is deleted then. */
static gboolean retire(MgkHold *hold, guint64 *count, GError **error)
{
    const MgkPerson person = {.uid = (guint32)getuid(), .name = "mugaika-holdd", .role = "retention"};
    g_autoptr(GPtrArray) begun = mgk_ledger_expired(hold->ledger, BATCH, error);
    if (!begun || !delete_all(hold, begun, &person, count, error))
        return FALSE;
    g_autoptr(GPtrArray) due = mgk_ledger_due(hold->ledger, &hold->config->retention, g_get_real_time(), BATCH, error);
    for (guint i = 0; due && i < due->len; i++) {
        const char *id = g_ptr_array_index(due, i);
        if (!mgk_ledger_step(hold->ledger, id, MGK_STATE_EXPIRED, &person, "its time is over", error) ||
            !delete_record(hold, id, &person, error))
            return FALSE;
        (*count)++;
    }
    return due != NULL;
}

static gboolean seal_when_due(MgkHold *hold, GError **error)
{
    gint64 now = g_get_monotonic_time();
    MgkSeal seal;
    g_mutex_lock(&hold->sealing);
    gboolean due = now >= hold->next_seal_us;
    gboolean good = !due || mgk_seal(hold->log, hold->log_folder, hold->config->seal_key, &seal, error);
    if (due && good)
        hold->next_seal_us = now + hold->config->seal_minutes * MINUTE_US;
    g_mutex_unlock(&hold->sealing);
    return good;
}

static gboolean do_round(MgkHold *hold, guint64 *count, GError **error)
{
    return mgk_ledger_expire_requests(hold->ledger, g_get_real_time(), error) >= 0 && retire(hold, count, error) &&
           seal_when_due(hold, error);
}

gboolean mgk_upkeep_round(MgkHold *hold, GError **error)
{
    guint64 count = 0;
    g_rw_lock_reader_lock(&hold->lock);
    gboolean good = do_round(hold, &count, error);
    g_rw_lock_reader_unlock(&hold->lock);
    return good;
}

gboolean mgk_answer_expire(MgkAsk *ask, GError **error)
{
    guint64 count = 0;
    gboolean good = do_round(ask->hold, &count, error);
    g_variant_dict_insert(&ask->answer, "deleted", "t", count);
    return good;
}

gboolean mgk_answer_status(MgkAsk *ask, GError **error)
{
    MgkHold *hold = ask->hold;
    MgkLogRoot root;
    mgk_log_root(hold->log, &root);
    g_variant_dict_insert(&ask->answer, "version", "s", MGK_VERSION);
    g_variant_dict_insert(&ask->answer, "config", "s", hold->config->id);
    g_variant_dict_insert(&ask->answer, "log", "t", root.seq);
    g_variant_dict_insert(&ask->answer, "space", "b", mgk_blobs_space(hold->blobs, 0, NULL));
    (void)error;
    return TRUE;
}
