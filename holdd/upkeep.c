#include "upkeep.h"

#include "model/names.h"
#include "model/words.h"
#include "store/hold_wire.h"

#include <stdio.h>
#include <unistd.h>

#define BATCH 500
#define MINUTE_US ((gint64)60 * G_USEC_PER_SEC)

void mgk_upkeep_complain(const char *what, const GError *error)
{
    g_autofree char *shown = mgk_names_display(error ? error->message : "", -1, 0);
    fprintf(stderr, "mugaika-holdd: %s: %s\n", what, shown);
}

static gboolean retire(MgkHold *hold, guint64 *count, GError **error)
{
    gint n = mgk_store_expire(hold->store, &hold->config->retention, g_get_real_time(), BATCH, error);
    *count += n > 0 ? (guint64)n : 0;
    return n >= 0;
}

/* At the start, and then daily: originals of which nobody was told that they were taken. */
static gboolean sweep_when_due(MgkHold *hold, GError **error)
{
    gint64 now = g_get_monotonic_time();
    if (now < hold->next_sweep_us)
        return TRUE;
    hold->next_sweep_us = now + G_TIME_SPAN_DAY;
    return mgk_store_sweep(hold->store, error) >= 0;
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
    gboolean good = sweep_when_due(hold, error) && do_round(hold, &count, error);
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

static void add_number(MgkAsk *ask, const char *name, guint64 value)
{
    g_variant_dict_insert(&ask->answer, name, "t", value);
}

/* Into a folder of the daemon's own machine, as the daemon's account. The copy's root goes into the log: what the copy
 * must hold at least. */
gboolean mgk_answer_backup(MgkAsk *ask, GError **error)
{
    const char *folder = mgk_hold_text(ask->arguments, "folder");
    MgkStoreCopy copy;
    if (!g_path_is_absolute(folder))
        return mgk_ask_refuse(error, N_("the folder of a backup is a full path on the daemon's machine"));
    if (!mgk_store_backup(ask->hold->store, folder, &copy, error))
        return FALSE;
    const char *const data[] = {"folder", folder, "root", copy.log.root.hash, NULL};
    add_number(ask, "originals", copy.originals);
    add_number(ask, "copied", copy.copied);
    add_number(ask, "removed", copy.removed);
    add_number(ask, "log", copy.log.records);
    return mgk_ask_note(ask, "store.backup", NULL, data, error);
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
