/* engine.h - policy and sanitizer in force, exchanged as a whole on reload, and the gate in front of the workers. Any
 * thread. */
#pragma once

#include "sanitizer.h"
#include "stats.h"

/* One policy with its sanitizer; shared by counting, so that a reload waits for nobody. */
typedef struct MgkEngine {
    MgkPolicy policy;
    char *policy_id;         /* owned */
    char *rule_version;      /* owned */
    MgkSanitizer *sanitizer; /* owned */
    gint users;              /* atomic */
} MgkEngine;

typedef struct MgkEngines MgkEngines;

/* path: policy file, or NULL for the system's or, without one, the built-in policy. jobs 0: one a processor. language:
 * 0 or 1 as in MgkMailPolicy, instead of the policy's, or -1; a reload never changes it. stats is borrowed.
 * Errors: of the policy file and of mgk_sanitizer_new(). */
MgkEngines *mgk_engines_new(const char *path, guint jobs, int language, MgkStats *stats, GError **error);
void mgk_engines_free(MgkEngines *engines);
/* The policy's own file again; on failure the old engine stays. */
gboolean mgk_engines_reload(MgkEngines *engines, GError **error);
/* Asks all work to end soon. */
void mgk_engines_interrupt(MgkEngines *engines);

/* The engine in force; give it back by mgk_engine_unref(). */
MgkEngine *mgk_engines_ref(MgkEngines *engines);
void mgk_engine_unref(MgkEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkEngine, mgk_engine_unref)

typedef enum { MGK_GATE_OPEN, MGK_GATE_FULL, MGK_GATE_LATE } MgkGate;
/* Waits for a worker, at most as the policy says. OPEN must be followed by mgk_engines_leave(). The sanitizer has one
 * place more than the gate lets in. */
MgkGate mgk_engines_enter(MgkEngines *engines, const MgkPolicy *policy);
void mgk_engines_leave(MgkEngines *engines);
