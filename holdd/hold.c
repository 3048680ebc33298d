#include "hold.h"

#include "model/policy_file.h"
#include "model/words.h"
#include "store/hold_wire.h"

#include <string.h>
#include <unistd.h>

gboolean mgk_ask_refuse(GError **error, const char *words)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, words);
    return FALSE;
}

static gboolean note(MgkHold *hold, const char *event, const char *const *data, GError **error)
{
    const MgkEvent it = {.name = event, .uid = (guint32)getuid(), .actor = "mugaika-holdd", .data = data};
    return mgk_log_append(hold->log, &it, error);
}

static gboolean open_store(MgkHold *hold, GError **error)
{
    const MgkHoldConfig *config = hold->config;
    const MgkStoreOptions options = {.folder = config->store,
                                     .key_path = config->key_file,
                                     .seal_path = config->seal_key,
                                     .free_bytes = config->free_bytes};
    hold->store = mgk_store_open(&options, error);
    if (!hold->store)
        return FALSE;
    hold->blobs = mgk_store_blobs(hold->store);
    hold->log = mgk_store_log(hold->store);
    hold->ledger = mgk_store_ledger(hold->store);
    hold->log_folder = mgk_store_log_folder(hold->store);
    return TRUE;
}

/* The sanitizer forks and takes a second: before any thread, and the same policy as the filter's. */
static gboolean open_sanitizer(MgkHold *hold, GError **error)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    if (*hold->config->policy && !mgk_policy_file_load(&policy, hold->config->policy, error))
        return FALSE;
    hold->sanitizer = mgk_sanitizer_new(&policy, NULL, error);
    return hold->sanitizer != NULL;
}

gboolean mgk_hold_open(MgkHold *hold, const char *config_path, GError **error)
{
    hold->config_path = g_strdup(config_path);
    g_rw_lock_init(&hold->lock);
    g_mutex_init(&hold->sealing);
    g_mutex_init(&hold->releasing);
    if (!(hold->config = mgk_hold_config_load(config_path, error)) ||
        !(hold->departments = mgk_departments_load(hold->config, error)) || !open_sanitizer(hold, error) ||
        !open_store(hold, error))
        return FALSE;
    const char *const data[] = {"version", MGK_VERSION, "config", hold->config->id, NULL};
    return note(hold, "hold.start", data, error);
}

void mgk_hold_close(MgkHold *hold)
{
    if (hold->log)
        note(hold, "hold.stop", NULL, NULL);
    g_clear_pointer(&hold->sanitizer, mgk_sanitizer_free);
    g_clear_pointer(&hold->store, mgk_store_free);
    g_clear_pointer(&hold->departments, mgk_departments_free);
    g_clear_pointer(&hold->config, mgk_hold_config_free);
    g_clear_pointer(&hold->config_path, g_free);
}

/* What is opened at the start stays where it is until the next one. */
static gboolean same_places(const MgkHoldConfig *a, const MgkHoldConfig *b)
{
    return strcmp(a->store, b->store) == 0 && strcmp(a->key_file, b->key_file) == 0 &&
           strcmp(a->seal_key, b->seal_key) == 0 && strcmp(a->socket, b->socket) == 0;
}

gboolean mgk_hold_reload(MgkHold *hold, GError **error)
{
    g_autoptr(GError) problem = NULL;
    MgkHoldConfig *config = mgk_hold_config_load(hold->config_path, &problem);
    MgkDepartments *departments = config ? mgk_departments_load(config, &problem) : NULL;
    if (departments && !same_places(hold->config, config)) {
        g_clear_pointer(&departments, mgk_departments_free);
        mgk_ask_refuse(&problem, N_("store, keys and socket change with a restart only"));
    }
    if (!departments) {
        const char *const data[] = {"why", problem->message, NULL};
        mgk_hold_config_free(config);
        note(hold, "config.refused", data, NULL);
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    const char *const data[] = {"before", hold->config->id, "config", config->id, NULL};
    if (!note(hold, "config.changed", data, error)) { /* what cannot be logged does not take effect */
        mgk_departments_free(departments);
        mgk_hold_config_free(config);
        return FALSE;
    }
    g_rw_lock_writer_lock(&hold->lock);
    MgkHoldConfig *old = hold->config;
    MgkDepartments *old_departments = hold->departments;
    hold->config = config;
    hold->departments = departments;
    g_rw_lock_writer_unlock(&hold->lock);
    mgk_departments_free(old_departments);
    mgk_hold_config_free(old);
    return TRUE;
}

MgkPerson mgk_ask_person(const MgkAsk *ask, MgkRole role)
{
    return (MgkPerson){.uid = ask->caller->uid, .name = ask->caller->name, .role = mgk_role_name(role)};
}

MgkRole mgk_ask_role(const MgkAsk *ask, guint roles)
{
    guint role = 0;
    while (role < MGK_N_ROLES && !(ask->caller->roles & roles & (1u << role)))
        role++;
    return (MgkRole)role;
}

gboolean mgk_ask_note(const MgkAsk *ask, const char *event, const MgkRecord *record, const char *const *data,
                      GError **error)
{
    const MgkEvent it = {.name = event,
                         .uid = ask->caller->uid,
                         .actor = ask->caller->name,
                         .record = record ? record->id : NULL,
                         .sha256 = record && *record->sha256 ? record->sha256 : NULL,
                         .department = record ? record->department : NULL,
                         .data = data};
    return mgk_log_append(ask->hold->log, &it, error);
}

/* A record of another department looks like none: even that it exists is not for everybody. */
MgkRecords *mgk_ask_record(const MgkAsk *ask, GError **error)
{
    const char *id = mgk_hold_text(ask->arguments, "id");
    g_autoptr(GError) problem = NULL;
    char known[MGK_RECORD_ID] = "";
    /* People read the mail filter's number in their notice; it stands for the record as well. */
    if (strchr(id, '.') && !mgk_ledger_find_delivery(ask->hold->ledger, id, known, error))
        return NULL;
    if (*known)
        id = known;
    g_autoptr(MgkRecords) records = *id ? mgk_ledger_get(ask->hold->ledger, id, &problem) : NULL;
    if (!records && problem && !g_error_matches(problem, MGK_ERROR, MGK_ERROR_USAGE)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    if (records && mgk_caller_sees(ask->caller, mgk_records_get(records, 0)->department))
        return g_steal_pointer(&records);
    mgk_ask_refuse(error, N_("there is no record of this number for you"));
    return NULL;
}
