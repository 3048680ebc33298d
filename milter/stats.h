/* stats.h - counters and gauges (stats.def), added to by any thread. */
#pragma once

#include <glib.h>

typedef enum {
#define MGK_STAT(id, name, type, text) MGK_STAT_##id,
#include "stats.def"
#undef MGK_STAT
    MGK_N_STATS
} MgkStat;

typedef struct MgkStats MgkStats;

MgkStats *mgk_stats_new(void);
void mgk_stats_free(MgkStats *stats);
void mgk_stats_add(MgkStats *stats, MgkStat which, gint64 amount);
gint64 mgk_stats_get(MgkStats *stats, MgkStat which);
/* Adds one when the value is below bound; FALSE when it is not. */
gboolean mgk_stats_enter(MgkStats *stats, MgkStat which, gint64 bound);
/* "name value" lines; owned by the caller. */
char *mgk_stats_text(MgkStats *stats);
/* The same as a Prometheus text file; owned by the caller. */
char *mgk_stats_prometheus(MgkStats *stats);
