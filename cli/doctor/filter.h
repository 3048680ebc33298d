/* filter.h - the running filter: reached as Postfix reaches it, and known by the process that serves its socket. */
#pragma once

#include <glib.h>

/* How a program of Postfix goes to the filter. */
typedef struct MgkRoute {
    const char *endpoint; /* borrowed, as all here; "unix:/path", "unix:path" or "inet:host:port" */
    const char *folder;   /* where relative paths begin: queue_directory */
    gboolean chroot;      /* the program sees nothing above folder */
    const char *user;     /* whom it runs as: mail_owner; NULL: as we are */
} MgkRoute;

typedef struct MgkFilter {
    int pid; /* of the process that serves the UNIX socket; 0: unknown, and then so is the rest */
    guint uid;
    gboolean dry_run;
    char *program, *policy, *state; /* owned; name and options of its command line; NULL: not given */
} MgkFilter;

/* Connects along the route and negotiates as Postfix does, in a process of its own; at most a few seconds. Returns NULL
 * when a filter that changes headers and bodies answered, with its process in *ret_pid (0: unknown), else what went
 * wrong, owned by the caller. */
char *mgk_filter_try(const MgkRoute *route, int *ret_pid);
/* What /proc tells about a process; NULL when it tells nothing. Owned by the caller. */
MgkFilter *mgk_filter_look(int pid);
void mgk_filter_free(MgkFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkFilter, mgk_filter_free)
