#include "exit.h"

#include <glib.h>

static guint rank(MgkExit code)
{
    static const MgkExit order[] = {MGK_EXIT_CROSSED,  MGK_EXIT_HELD,    MGK_EXIT_NOINPUT, MGK_EXIT_CANTCREAT,
                                    MGK_EXIT_INTERNAL, MGK_EXIT_SANDBOX, MGK_EXIT_USAGE,   MGK_EXIT_INTERRUPTED};
    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        if (order[i] == code)
            return i;
    }
    return G_MAXUINT;
}

MgkExit mgk_exit_worse(MgkExit a, MgkExit b)
{
    return rank(a) > rank(b) ? a : b;
}
