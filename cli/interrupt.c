#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>

/* A handler has no argument of ours, so these are the program's only mutable globals. */
static atomic_bool seen;
static _Atomic(MgkSanitizer *) watched;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&seen, TRUE);
    MgkSanitizer *sanitizer = atomic_load(&watched);
    if (sanitizer)
        mgk_sanitizer_interrupt(sanitizer);
}

void mgk_interrupt_install(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    for (guint i = 0; i < G_N_ELEMENTS(ending); i++) {
        struct sigaction before, action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
        sigemptyset(&action.sa_mask);
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup stays nohup */
            sigaction(ending[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

void mgk_interrupt_watch(MgkSanitizer *sanitizer)
{
    atomic_store(&watched, sanitizer);
    if (sanitizer && atomic_load(&seen)) /* the signal came while it was starting */
        mgk_sanitizer_interrupt(sanitizer);
}

gboolean mgk_interrupt_seen(void)
{
    return atomic_load(&seen);
}
