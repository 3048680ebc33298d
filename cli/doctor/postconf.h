/* postconf.h - one Postfix instance's configuration, as postconf(1) tells it. Parsing is pure; reading runs postconf.
 */
#pragma once

#include "model/error.h"

/* A line of master.cf. */
typedef struct MgkService {
    char *name, *type;     /* owned; "smtp", "inet" */
    char *program;         /* owned; "smtpd" */
    gboolean chroot;       /* runs below queue_directory */
    GHashTable *overrides; /* owned; what stands after -o, name → value */
} MgkService;

typedef struct MgkPostconf {
    char *folder;        /* owned; of main.cf, "" when parsed from text */
    GHashTable *values;  /* owned; every parameter of main.cf, defaults included, $names expanded */
    GPtrArray *services; /* owned; of MgkService, in the order of master.cf */
    char *warnings;      /* owned; what postconf complained of, a line each */
} MgkPostconf;

/* values: the output of `postconf -x`; services: of `postconf -M`; overrides: of `postconf -Px`. Lines that make no
 * sense are left out. Owned by the caller. */
MgkPostconf *mgk_postconf_parse(const char *values, const char *services, const char *overrides);
/* Runs postconf for the configuration folder, or for the system's own (NULL). Errors: MGK_ERROR_IO. */
MgkPostconf *mgk_postconf_read(const char *folder, GError **error);
void mgk_postconf_free(MgkPostconf *postconf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPostconf, mgk_postconf_free)

/* The value of a parameter for a service, or for main.cf when service is NULL; "" where it is unknown. Borrowed. */
const char *mgk_postconf_get(const MgkPostconf *postconf, const MgkService *service, const char *name);
gboolean mgk_postconf_is_yes(const char *value);
/* The word list of a value, split at commas and spaces but not inside { }; owned by the caller. */
GPtrArray *mgk_postconf_words(const char *value);
/* "5m" → 300; a bare number counts seconds. FALSE when it is no time. */
gboolean mgk_postconf_seconds(const char *value, guint64 *ret_seconds);
/* Digits only. FALSE when it is no number. */
gboolean mgk_postconf_number(const char *value, guint64 *ret_number);
