/* control.h - the counters for people and machines: a UNIX socket that answers every connection with them. */
#pragma once

#include "model/error.h"
#include "stats.h"

/* Listens at path (mode 0660), taking the place of a socket that nobody serves. Errors: MGK_ERROR_IO. */
int mgk_control_listen(const char *path, GError **error);
/* Answers one connection waiting on listener. */
void mgk_control_answer(int listener, MgkStats *stats);
/* Connects to path and returns what is answered, owned by the caller. Errors: MGK_ERROR_IO. */
char *mgk_control_ask(const char *path, GError **error);
/* Makes way for a new socket at path: removes one that nobody serves. Errors: MGK_ERROR_IO when it is served, or is no
 * socket. */
gboolean mgk_control_remove_stale(const char *path, GError **error);
