/* people.h - who is asking, and of which department: accounts by their uid, departments by two CSV files with days, so
 * that the transfers of 1 April are one import.
 *
 *   recipients: PATTERN,DEPARTMENT,FIRST DAY,LAST DAY     whose mail belongs where; the first line that fits counts
 *   people:     ACCOUNT,DEPARTMENT,FIRST DAY,LAST DAY     who belongs where, in as many lines as needed; "*":
 * everywhere
 *
 * Days may be empty. Lines that begin with # are comments. UTF-8, no quotes; a BOM is skipped. */
#pragma once

#include "config.h"

typedef struct MgkDepartments MgkDepartments;

/* Reads both files of the configuration (a path that is "" counts as empty). Errors: MGK_ERROR_USAGE with file and
 * line. */
MgkDepartments *mgk_departments_load(const MgkHoldConfig *config, GError **error);
void mgk_departments_free(MgkDepartments *departments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDepartments, mgk_departments_free)
/* The department of the first of the recipients that has one; "" when none has. Borrowed. */
const char *mgk_departments_of_mail(const MgkDepartments *departments, const char *const *recipients, gint64 now_us);

typedef struct MgkCaller {
    guint32 uid;
    char *name;         /* owned; the account's */
    guint roles;        /* bit per MgkRole */
    guint delegated;    /* those of them that are held in place of somebody */
    gboolean all;       /* every department */
    char **departments; /* owned; NULL-terminated, the account's own */
} MgkCaller;

void mgk_caller_clear(MgkCaller *caller);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkCaller, mgk_caller_clear)

/* Looks uid up in the system's accounts and groups, now. FALSE when there is no such account. */
gboolean mgk_caller_find(const MgkHoldConfig *config, const MgkDepartments *departments, guint32 uid, gint64 now_us,
                         MgkCaller *ret_caller);
gboolean mgk_caller_has(const MgkCaller *caller, MgkRole role);
/* Whether this department's records are for the caller's eyes. */
gboolean mgk_caller_sees(const MgkCaller *caller, const char *department);
