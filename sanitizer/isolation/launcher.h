/* launcher.h - the caller's side of the zygote: start it, ask it for workers, replace it when it may be tainted. */
#pragma once

#include "isolation/wire.h"

typedef struct MgkLauncher MgkLauncher;

/* Two programs, each with a zygote of its own: the light one has no libraries for pages and pictures (light.c), so that
 * a mail or an office document pays for none; the whole one is started when the first job needs it. */
typedef enum { MGK_FACTORY_LIGHT, MGK_FACTORY_WHOLE, MGK_N_FACTORIES } MgkFactory;

/* A running worker as its broker sees it. */
typedef struct MgkWorker {
    int control;     /* owned; seqpacket */
    int status;      /* owned; MgkExit arrives once */
    int pidfd;       /* owned */
    gpointer zygote; /* owned reference: a replaced zygote lives until its last worker ended */
} MgkWorker;

#define MGK_WORKER_NONE ((MgkWorker){.control = -1, .status = -1, .pidfd = -1})

/* path: of mugaika-worker; light: of mugaika-light, or NULL where there is none and the whole one does everything.
 * Starts `first`, or the one that serves in its place. Errors: MGK_ERROR_SANDBOX. */
MgkLauncher *mgk_launcher_new(const char *path, const char *light, MgkFactory first, GError **error);
void mgk_launcher_free(MgkLauncher *launcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkLauncher, mgk_launcher_free)

/* Which factory serves those that ask for this one. */
MgkFactory mgk_launcher_factory(const MgkLauncher *launcher, MgkFactory wanted);
/* Forks a worker for request. fds: MGK_N_SEND descriptors in MgkSend's order, borrowed, -1 = absent; STATUS and CONTROL
 * are made here and ignored in fds. request->magic, ->descriptors and ->light are filled in. Thread-safe. Errors:
 * MGK_ERROR_SANDBOX. */
gboolean mgk_launcher_spawn(MgkLauncher *launcher, MgkFactory factory, MgkRequest *request, const int fds[MGK_N_SEND],
                            MgkWorker *ret_worker, GError **error);
/* The next spawns start fresh zygotes (new address layouts): after any crash. Thread-safe. */
void mgk_launcher_taint(MgkLauncher *launcher);
/* Whether the factory's sandbox was proved (probe.c), which is once for each program. Thread-safe. */
gboolean mgk_launcher_proved(MgkLauncher *launcher, MgkFactory factory);
void mgk_launcher_set_proved(MgkLauncher *launcher, MgkFactory factory);
/* What a running zygote said of itself. */
void mgk_launcher_level(MgkLauncher *launcher, int *ret_landlock_abi, gboolean *ret_namespaces);

void mgk_worker_kill(const MgkWorker *worker);
void mgk_worker_clear(MgkWorker *worker);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkWorker, mgk_worker_clear)
