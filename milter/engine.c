#include "engine.h"

#include "model/policy_file.h"
#include "model/report_json.h"

#define SYSTEM_POLICY "/etc/mugaika/policy.ini"

struct MgkEngines {
    GMutex lock;
    GCond free;
    MgkEngine *current; /* owned reference */
    char *path;         /* owned; policy file, or NULL */
    int language;       /* of MgkMailPolicy: the process has one, from its start on */
    guint jobs, working, waiting;
    MgkStats *stats; /* borrowed */
};

static gboolean load_policy(const char *path, MgkPolicy *policy, GError **error)
{
    mgk_policy_init(policy);
    if (path)
        return mgk_policy_file_load(policy, path, error);
    return !g_file_test(SYSTEM_POLICY, G_FILE_TEST_EXISTS) || mgk_policy_file_load(policy, SYSTEM_POLICY, error);
}

/* One place more than there are mails at work: the canary never waits behind them. */
static MgkEngine *engine_new(const char *path, guint jobs, int language, GError **error)
{
    g_autoptr(MgkEngine) engine = g_new0(MgkEngine, 1);
    const MgkSanitizerOptions options = {.jobs = jobs + 1, .full_self_test = TRUE};
    engine->users = 1;
    if (!load_policy(path, &engine->policy, error))
        return NULL;
    if (language >= 0)
        engine->policy.mail.language = (guint)language;
    engine->policy_id = mgk_policy_file_id(&engine->policy);
    engine->rule_version = mgk_report_rule_version();
    guint64 milliseconds = (guint64)engine->policy.milter.clean_seconds * 1000;
    engine->policy.limits.total_time = MIN(engine->policy.limits.total_time, milliseconds);
    engine->sanitizer = mgk_sanitizer_new(&engine->policy, &options, error);
    return engine->sanitizer ? g_steal_pointer(&engine) : NULL;
}

void mgk_engine_unref(MgkEngine *engine)
{
    if (!engine || !g_atomic_int_dec_and_test(&engine->users))
        return;
    mgk_sanitizer_free(engine->sanitizer);
    g_free(engine->policy_id);
    g_free(engine->rule_version);
    g_free(engine);
}

MgkEngines *mgk_engines_new(const char *path, guint jobs, int language, MgkStats *stats, GError **error)
{
    guint count = jobs ? jobs : g_get_num_processors();
    MgkEngine *first = engine_new(path, count, language, error);
    if (!first)
        return NULL;
    MgkEngines *engines = g_new0(MgkEngines, 1);
    g_mutex_init(&engines->lock);
    g_cond_init(&engines->free);
    engines->current = first;
    engines->path = g_strdup(path);
    engines->jobs = count;
    engines->language = (int)first->policy.mail.language;
    engines->stats = stats;
    return engines;
}

void mgk_engines_free(MgkEngines *engines)
{
    if (!engines)
        return;
    mgk_engine_unref(engines->current);
    g_mutex_clear(&engines->lock);
    g_cond_clear(&engines->free);
    g_free(engines->path);
    g_free(engines);
}

MgkEngine *mgk_engines_ref(MgkEngines *engines)
{
    g_mutex_lock(&engines->lock);
    MgkEngine *engine = engines->current;
    g_atomic_int_inc(&engine->users);
    g_mutex_unlock(&engines->lock);
    return engine;
}

gboolean mgk_engines_reload(MgkEngines *engines, GError **error)
{
    MgkEngine *fresh = engine_new(engines->path, engines->jobs, engines->language, error);
    if (!fresh)
        return FALSE;
    g_mutex_lock(&engines->lock);
    MgkEngine *old = engines->current;
    engines->current = fresh;
    g_mutex_unlock(&engines->lock);
    mgk_engine_unref(old);
    return TRUE;
}

void mgk_engines_interrupt(MgkEngines *engines)
{
    g_autoptr(MgkEngine) engine = mgk_engines_ref(engines);
    mgk_sanitizer_interrupt(engine->sanitizer);
}

MgkGate mgk_engines_enter(MgkEngines *engines, const MgkPolicy *policy)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)policy->milter.queue_seconds * G_USEC_PER_SEC;
    MgkGate gate = MGK_GATE_OPEN;
    g_mutex_lock(&engines->lock);
    if (engines->working >= engines->jobs && engines->waiting >= policy->milter.waiting) {
        gate = MGK_GATE_FULL;
    } else {
        engines->waiting++;
        mgk_stats_add(engines->stats, MGK_STAT_WAITING, 1);
        while (gate == MGK_GATE_OPEN && engines->working >= engines->jobs) {
            if (!g_cond_wait_until(&engines->free, &engines->lock, deadline) && engines->working >= engines->jobs)
                gate = MGK_GATE_LATE;
        }
        engines->waiting--;
        mgk_stats_add(engines->stats, MGK_STAT_WAITING, -1);
    }
    if (gate == MGK_GATE_OPEN) {
        engines->working++;
        mgk_stats_add(engines->stats, MGK_STAT_WORKING, 1);
    }
    g_mutex_unlock(&engines->lock);
    return gate;
}

void mgk_engines_leave(MgkEngines *engines)
{
    g_mutex_lock(&engines->lock);
    engines->working--;
    mgk_stats_add(engines->stats, MGK_STAT_WORKING, -1);
    g_cond_signal(&engines->free);
    g_mutex_unlock(&engines->lock);
}
