/* exit.h - exit codes of mugaika(1) and their precedence. */
#pragma once

typedef enum MgkExit {
    MGK_EXIT_CROSSED = 0,      /* everything crossed */
    MGK_EXIT_HELD = 1,         /* something was held or blocked */
    MGK_EXIT_USAGE = 2,        /* wrong arguments or policy */
    MGK_EXIT_NOINPUT = 66,     /* nothing could be read */
    MGK_EXIT_INTERNAL = 70,    /* an internal error */
    MGK_EXIT_CANTCREAT = 73,   /* the output cannot be written */
    MGK_EXIT_SANDBOX = 78,     /* isolation cannot be had */
    MGK_EXIT_INTERRUPTED = 130 /* Ctrl-C */
} MgkExit;

/* The one that wins: 130 > 78 > 70 > 73 > 66 > 1 > 0. USAGE ends a run before it starts and is never combined. */
MgkExit mgk_exit_worse(MgkExit a, MgkExit b);
