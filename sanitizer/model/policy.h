/* policy.h - what the operator decided: actions by kind, limits, and a few choices. Plain data; policy_file.h reads
 * INI. */
#pragma once

#include "model/kind.h"
#include "model/limits.h"

typedef enum {
    MGK_PROFILE_STANDARD,
    MGK_PROFILE_TEXT,
    MGK_PROFILE_IMAGE,
    MGK_PROFILE_CONFIRM,
    MGK_N_PROFILES
} MgkProfile;

typedef struct MgkPolicy {
    guint8 actions[MGK_N_KINDS]; /* MgkAction by MgkKind */
    MgkLimits limits;
    MgkProfile profile;
    gboolean hold_on_member;        /* member_held = hold: a member that does not cross holds its container */
    guint pdf_dpi_min, pdf_dpi_max; /* resolution of rendered pages, dots per inch */
    gboolean landlock_optional;     /* accept a kernel without Landlock (seccomp is never optional) */
} MgkPolicy;

void mgk_policy_init(MgkPolicy *policy); /* the built-in safe defaults */
const char *mgk_profile_name(MgkProfile profile);
gboolean mgk_profile_from_name(const char *name, MgkProfile *ret_profile);
