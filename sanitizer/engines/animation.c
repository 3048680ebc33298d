#include "engines/animation.h"

void mgk_animation_lost(MgkJob *job, const char *where)
{
    if (job->policy->actions[MGK_KIND_IMAGE_ANIMATION] == MGK_ACTION_KEEP)
        mgk_job_report(job, MGK_KIND_IMAGE_ANIMATION, MGK_ACTION_REMOVE, where, NULL);
    else
        mgk_job_find(job, MGK_KIND_IMAGE_ANIMATION, where, NULL);
}

gboolean mgk_animation_kept(MgkJob *job, const char *where)
{
    return mgk_job_find(job, MGK_KIND_IMAGE_ANIMATION, where, NULL) == MGK_ACTION_KEEP;
}
