/* sandbox.h - the lock-down of a worker (docs/ARCHITECTURE.md, "Isolation"). Worker side only.
 *
 * Order: namespaces (best effort) and capabilities, once, in the zygote → no_new_privs → Landlock → dumpable → rlimits
 * → seccomp. Every step is mandatory but namespaces, and Landlock where the policy says so. */
#pragma once

#include "model/error.h"
#include "model/policy.h"

typedef struct MgkSandboxLevel {
    gboolean namespaces;
    int landlock_abi; /* 0: the kernel has none */
} MgkSandboxLevel;

/* In the zygote, before any hostile byte: takes fresh namespaces where it may, gives up all capabilities, compiles
 * the seccomp program. */
gboolean mgk_sandbox_prepare(MgkSandboxLevel *ret_level, GError **error);
/* In the forked worker: never to be undone. */
gboolean mgk_sandbox_enter(const MgkPolicy *policy, GError **error);
