/* oom.h - in a worker a failed allocation ends the process: libraries that go on after one lose content silently. */
#pragma once

/* From now on malloc and its family exit with MGK_EXIT_MEMORY instead of returning NULL. */
void mgk_oom_arm(void);
