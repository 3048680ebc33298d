/* selftest.h - acts that a locked worker must not be able to carry out. One act a worker: most of them end it. */
#pragma once

#include <glib.h>

typedef struct MgkForbidden {
    const char *name;
    long (*act)(void); /* < 0: refused */
    gboolean quick;    /* one of those tried at every start */
} MgkForbidden;

/* The table; *ret_n is its length. Static. */
const MgkForbidden *mgk_selftest_table(guint *ret_n);
/* Tries the index-th act; TRUE when the kernel let it happen (or the index is unknown). */
gboolean mgk_selftest_act(guint index);
