#include "model/policy.h"

#include <string.h>

static const char *const profile_names[MGK_N_PROFILES] = {"standard", "text", "image", "confirm"};

void mgk_policy_init(MgkPolicy *policy)
{
    *policy = (MgkPolicy){.profile = MGK_PROFILE_STANDARD,
                          .pdf_dpi_min = 150,
                          .pdf_dpi_max = 400,
                          .clamd = "/run/clamav/clamd.ctl",
                          .mail = {.width = 76},
                          .milter = {.message_bytes = 10240000, /* Postfix's own default */
                                     .sessions = 200,
                                     .waiting = 200,
                                     .queue_seconds = 60,
                                     .clean_seconds = 120,
                                     .attempts = 6,
                                     .cache_bytes = 64 * 1024 * 1024,
                                     .spool_free_megabytes = 512,
                                     .drain_seconds = 20}};
    for (guint i = 0; i < MGK_N_KINDS; i++)
        policy->actions[i] = (guint8)mgk_kind_info((MgkKind)i)->def;
    mgk_limits_init(&policy->limits);
}

const char *mgk_profile_name(MgkProfile profile)
{
    g_return_val_if_fail(profile < MGK_N_PROFILES, "standard");
    return profile_names[profile];
}

gboolean mgk_profile_from_name(const char *name, MgkProfile *ret_profile)
{
    for (guint i = 0; i < MGK_N_PROFILES; i++) {
        if (strcmp(profile_names[i], name) == 0) {
            *ret_profile = (MgkProfile)i;
            return TRUE;
        }
    }
    return FALSE;
}
