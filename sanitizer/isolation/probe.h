/* probe.h - workers that read no input: the proof of the sandbox, versions. */
#pragma once

#include "isolation/launcher.h"

/* Proves a factory's sandbox: tries forbidden acts, the quick ones or all. Errors: MGK_ERROR_SANDBOX names the first
 * act that was let through. */
gboolean mgk_probe_self_test(MgkLauncher *launcher, MgkFactory factory, const MgkPolicy *policy, gboolean full,
                             GError **error);
/* Versions of the worker's libraries, newline-separated; NULL with error. Owned by the caller. */
char *mgk_probe_libraries(MgkLauncher *launcher, const MgkPolicy *policy, GError **error);
