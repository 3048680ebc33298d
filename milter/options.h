/* options.h - the command line of mugaika-milter. */
#pragma once

#include "model/error.h"

typedef struct MgkMilterOptions {
    char *socket;   /* owned, as all strings; "unix:/path" or "inet:PORT@HOST" */
    char *mode;     /* of the UNIX socket, octal */
    char *group;    /* of the UNIX socket, or NULL */
    char *user;     /* to become, or NULL */
    char *policy;   /* file, or NULL */
    char *state;    /* spool folder */
    char *control;  /* control socket, or NULL */
    char *metrics;  /* Prometheus text file, or NULL */
    char *json_log; /* file, or NULL */
    char *hold;     /* socket of mugaika-holdd, or NULL: originals stay in the spool */
    char *language; /* "ja", "en" or NULL */
    int jobs;       /* 0: one a processor */
    gboolean dry_run, stats, version;
    guint socket_mode; /* mode, as a number */
} MgkMilterOptions;

void mgk_milter_options_clear(MgkMilterOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkMilterOptions, mgk_milter_options_clear)

/* options must be zeroed. Prints help and exits on --help. Errors: MGK_ERROR_USAGE. */
gboolean mgk_milter_options_parse(MgkMilterOptions *options, int argc, char **argv, GError **error);
