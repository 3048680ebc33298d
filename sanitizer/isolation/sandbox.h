/* sandbox.h - the lock-down of a worker (docs/ARCHITECTURE.md, "Isolation"). Worker side only.
 *
 * Order: namespaces (once, in the zygote, best effort) → no_new_privs → Landlock → capabilities → dumpable → rlimits →
 * seccomp. Every step is mandatory but namespaces, and Landlock where the policy says so. */
#pragma once

#include "model/error.h"
#include "model/policy.h"

typedef struct MgkSandboxLevel {
    gboolean namespaces;
    int landlock_abi; /* 0: the kernel has none */
} MgkSandboxLevel;

/* In the zygote, before any hostile byte: compiles the seccomp program, takes fresh namespaces where it may. */
gboolean mgk_sandbox_prepare(MgkSandboxLevel *ret_level, GError **error);
/* In the forked worker: never to be undone. */
gboolean mgk_sandbox_enter(const MgkPolicy *policy, GError **error);
