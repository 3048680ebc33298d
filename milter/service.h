/* service.h - what all sessions share. */
#pragma once

#include "cache.h"
#include "engine.h"
#include "log.h"
#include "spool.h"
#include "stats.h"
#include "tries.h"

typedef struct MgkService {
    MgkEngines *engines; /* owned, as the rest */
    MgkSpool *spool;
    MgkTries *tries;
    MgkCache *cache;
    MgkStats *stats;
    MgkMailLog *mail_log;
    const char *hold; /* borrowed; the hold's socket, or NULL */
    gboolean dry_run; /* nothing is changed: every mail passes as it came */
} MgkService;
