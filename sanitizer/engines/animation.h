/* animation.h - what the policy wants done with moving pictures. */
#pragma once

#include "model/job.h"

/* Reports an animation of which only the first picture can cross, whatever the policy would keep; its wish to hold is
 * followed. where may be NULL. */
void mgk_animation_lost(MgkJob *job, const char *where);
/* Reports an animation that can cross. TRUE when the policy keeps it; else only the first picture may be sent. */
gboolean mgk_animation_kept(MgkJob *job, const char *where);
