/* step.h - runs a function in a child and stops it at one of its system calls: to kill it there, or to let that call
 * fail. Linux on x86-64. */
#pragma once

#include <glib.h>

/* What the child does; it counts from step_begin() on. Its result is the child's exit status (0 to 100). */
typedef int (*StepAct)(gpointer user);

/* From here on system calls are counted. */
void step_begin(void);

typedef struct Step {
    guint at;  /* which stop, from 1: of kills every entry and every exit is one, of failures every call */
    int error; /* 0: SIGKILL there; else the call is not made and returns this errno */
} Step;

/* TRUE when the child came as far as that stop. *ret_status: its exit status, or 128 + signal. */
gboolean step_run(StepAct act, gpointer user, const Step *step, int *ret_status);
