/* milters.h - a list of mail filters as Postfix writes it (smtpd_milters):
 *
 *   unix:/run/a.sock, { inet:localhost:8891, connect_timeout=10s, default_action=accept } */
#pragma once

#include <glib.h>

typedef struct MgkMilter {
    char *endpoint;      /* owned; "unix:/run/a.sock" */
    GHashTable *options; /* owned; what stands after it in { }, name → value */
} MgkMilter;

/* The filters in order, of MgkMilter; owned by the caller. */
GPtrArray *mgk_milters_parse(const char *list);
/* Where a program finds the UNIX socket of an endpoint: root (queue_directory) stands in front of a relative path, and
 * of every path when the program runs in a chroot. NULL when the endpoint is no UNIX socket. Owned by the caller. */
char *mgk_milters_path(const char *endpoint, const char *root, gboolean chroot);
