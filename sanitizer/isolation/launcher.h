/* launcher.h - the caller's side of the zygote: start it, ask it for workers, replace it when it may be tainted. */
#pragma once

#include "isolation/wire.h"

typedef struct MgkLauncher MgkLauncher;

/* A running worker as its broker sees it. */
typedef struct MgkWorker {
    int control;     /* owned; seqpacket */
    int status;      /* owned; MgkExit arrives once */
    int pidfd;       /* owned */
    gpointer zygote; /* owned reference: a replaced zygote lives until its last worker ended */
} MgkWorker;

#define MGK_WORKER_NONE ((MgkWorker){.control = -1, .status = -1, .pidfd = -1})

/* path: of mugaika-worker. Errors: MGK_ERROR_SANDBOX. */
MgkLauncher *mgk_launcher_new(const char *path, GError **error);
void mgk_launcher_free(MgkLauncher *launcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkLauncher, mgk_launcher_free)

/* Forks a worker for request. fds: MGK_N_SEND descriptors in MgkSend's order, borrowed, -1 = absent; STATUS and CONTROL
 * are made here and ignored in fds. request->magic and ->descriptors are filled in. Thread-safe. Errors:
 * MGK_ERROR_SANDBOX. */
gboolean mgk_launcher_spawn(MgkLauncher *launcher, MgkRequest *request, const int fds[MGK_N_SEND],
                            MgkWorker *ret_worker, GError **error);
/* The next spawn starts a fresh zygote (new address layout): after any crash. Thread-safe. */
void mgk_launcher_taint(MgkLauncher *launcher);
/* What the zygote said of itself. */
void mgk_launcher_level(MgkLauncher *launcher, int *ret_landlock_abi, gboolean *ret_namespaces);

void mgk_worker_kill(const MgkWorker *worker);
void mgk_worker_clear(MgkWorker *worker);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkWorker, mgk_worker_clear)
