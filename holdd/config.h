/* config.h - hold.ini: where the hold lives, who has which role, who must agree, how long things are kept.
 *
 * Apart from policy.ini on purpose: who may change what is removed from files must not thereby choose who approves. */
#pragma once

#include "model/policy.h"
#include "store/upkeep.h"

typedef enum {
#define MGK_ROLE(id, name) MGK_ROLE_##id,
#include "roles.def"
#undef MGK_ROLE
    MGK_N_ROLES
} MgkRole;

const char *mgk_role_name(MgkRole role); /* "clerk"; static */
/* MGK_N_ROLES when there is none of that name. */
MgkRole mgk_role_from_name(const char *name);

/* Somebody who stands in for a role from a day to a day, both included; times are local midnights. */
typedef struct MgkDelegate {
    char *account; /* owned */
    MgkRole role;
    gint64 from_us, until_us; /* until_us: the midnight behind the last day; 0: no end */
} MgkDelegate;

typedef struct MgkHoldConfig {
    /* [hold]; owned */
    char *store, *key_file, *seal_key, *socket, *group, *policy, *recipients, *people, *relay, *mail_from,
        *release_folder, *clean_folder, *clamd, *language;
    guint64 free_bytes;     /* less free space in the store: nothing is taken in */
    guint64 original_bytes; /* largest original */
    guint64 day_bytes;      /* that one sender domain, or one client, may bring on a day; 0: no bound */
    guint64 open_holds;     /* that one of them may have open; 0: no bound */
    guint request_days;     /* a request, or an approval that is not used, is void after so many days */
    guint seal_minutes;
    MgkScan scan;
    MgkRetention retention;
    char **members[MGK_N_ROLES]; /* owned; account names and @groups */
    GArray *delegates;           /* owned; of MgkDelegate */
    GHashTable *chains;          /* owned; department → roles "approver ciso"; "default" is always there */
    char *id;                    /* owned; a hash of the file's bytes, for the log */
} MgkHoldConfig;

/* Reads path. Everything unknown is an error. Errors: MGK_ERROR_USAGE, a line a problem. */
MgkHoldConfig *mgk_hold_config_load(const char *path, GError **error);
void mgk_hold_config_free(MgkHoldConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkHoldConfig, mgk_hold_config_free)
/* Roles that must agree to a release of this department's record, in order; borrowed. */
const char *mgk_hold_config_chain(const MgkHoldConfig *config, const char *department);
/* Local midnight of "2026-04-01", 0 when that is no day. */
gint64 mgk_hold_day(const char *text);
