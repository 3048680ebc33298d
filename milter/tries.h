/* tries.h - mails that fail again and again, counted on the disk so that one which ends this very process counts too.
 *
 * A mail is known by a few keys (its hash, its Message-ID's hash): file names of up to 64 hex digits below one folder,
 * one byte a try that ended badly. Tries under way are no failures: the same letter to twenty people comes in twenty
 * sessions at once. They stand in the slots of one file (.under-way-N, locked by its process), so that a mail which
 * goes well makes and removes no file of its own: what a process leaves there when it dies, the next one counts. Any
 * thread. */
#pragma once

#include "model/error.h"

typedef struct MgkTries MgkTries;

typedef enum {
    MGK_TRY_GOOD,  /* the mail has been dealt with: nothing is counted any more */
    MGK_TRY_BAD,   /* counts */
    MGK_TRY_NOBODY /* does not count: it was not the mail's fault */
} MgkTryEnd;

/* folder: descriptor, borrowed for the lifetime. */
MgkTries *mgk_tries_new(int folder);
void mgk_tries_free(MgkTries *tries);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkTries, mgk_tries_free)

/* A try begins with the mail that has these keys (NULL-terminated). *ret_failed: how many before it ended badly, the
 * highest number among the keys. Every good begin needs one end. Errors: MGK_ERROR_IO. */
gboolean mgk_tries_begin(MgkTries *tries, const char *const *keys, guint *ret_failed, GError **error);
void mgk_tries_end(MgkTries *tries, const char *const *keys, MgkTryEnd how);
