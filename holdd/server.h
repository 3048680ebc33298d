/* server.h - the daemon's socket: who is there, what do they ask, may they. One thread a connection. */
#pragma once

#include "hold.h"

typedef struct MgkServer MgkServer;

/* Listens on the configured socket, mode 0660, group as configured: who may not connect is not even asked. Errors:
 * MGK_ERROR_IO. */
MgkServer *mgk_server_new(MgkHold *hold, GError **error);
/* Takes connections until `stop` is readable, then waits for what is being answered. */
void mgk_server_run(MgkServer *server, int stop);
void mgk_server_free(MgkServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkServer, mgk_server_free)

/* Answers one connection, then closes it. uid: who is at its other end, by the kernel's word (SO_PEERCRED). */
void mgk_server_serve(MgkHold *hold, int connection, guint32 uid);
