/* worker.h - one forked process, one job: map the input, lock down, run the handler, reply, exit. */
#pragma once

#include "isolation/wire.h"

/* What the zygote received with a request; descriptors are -1 when absent, all above MGK_FD_END. */
typedef struct MgkReceived {
    MgkRequest request;
    int fds[MGK_N_SEND];
} MgkReceived;

/* Opens and maps everything that handlers need after lock-down: fonts, character sets, magic. Reads nothing
 * hostile. FALSE with an error when something of it is missing. */
gboolean mgk_worker_warm(GError **error);
/* The child's whole life after fork; does not return. */
void mgk_worker_run(const MgkReceived *received) G_GNUC_NORETURN;
