#include "stats.h"

#include <stdatomic.h>

struct MgkStats {
    _Atomic(gint64) values[MGK_N_STATS];
};

static const struct {
    const char *name, *type, *text;
} table[MGK_N_STATS] = {
#define MGK_STAT(id, name, type, text) [MGK_STAT_##id] = {name, type, text},
#include "stats.def"
#undef MGK_STAT
};

MgkStats *mgk_stats_new(void)
{
    return g_new0(MgkStats, 1);
}

void mgk_stats_free(MgkStats *stats)
{
    g_free(stats);
}

void mgk_stats_add(MgkStats *stats, MgkStat which, gint64 amount)
{
    atomic_fetch_add(&stats->values[which], amount);
}

gint64 mgk_stats_get(MgkStats *stats, MgkStat which)
{
    return atomic_load(&stats->values[which]);
}

gboolean mgk_stats_enter(MgkStats *stats, MgkStat which, gint64 bound)
{
    gint64 seen = atomic_load(&stats->values[which]);
    while (seen < bound) {
        if (atomic_compare_exchange_weak(&stats->values[which], &seen, seen + 1))
            return TRUE;
    }
    return FALSE;
}

char *mgk_stats_text(MgkStats *stats)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MGK_N_STATS; i++)
        g_string_append_printf(text, "%s %" G_GINT64_FORMAT "\n", table[i].name, mgk_stats_get(stats, (MgkStat)i));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *mgk_stats_prometheus(MgkStats *stats)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MGK_N_STATS; i++) {
        g_string_append_printf(text, "# HELP mugaika_milter_%s %s\n# TYPE mugaika_milter_%s %s\n", table[i].name,
                               table[i].text, table[i].name, table[i].type);
        g_string_append_printf(text, "mugaika_milter_%s %" G_GINT64_FORMAT "\n", table[i].name,
                               mgk_stats_get(stats, (MgkStat)i));
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
