/* broker.h - the flow of one file: detect and clean, children likewise, then the second look by a fresh worker. */
#pragma once

#include "isolation/blob.h"
#include "isolation/launcher.h"
#include "model/report.h"

/* One top-level input and all that is spent on it; lives in the caller's process, out of reach of any worker. */
typedef struct MgkTask {
    MgkLauncher *launcher;                          /* borrowed */
    const MgkPolicy *policy;                        /* borrowed */
    int interrupt_fd;                               /* borrowed */
    gint64 deadline_us;                             /* monotonic */
    guint64 children, bytes;                        /* spent so far */
    gboolean starved;                               /* so the whole input fails, to be tried again */
    guint (*try_slots)(gpointer slots, guint want); /* see session.h */
    void (*give_slots)(gpointer slots, guint n);
    gpointer slots;
    const char *const *passwords; /* borrowed, NULL-terminated; NULL for none */
} MgkTask;

typedef struct MgkObject {
    const MgkBlob *input; /* borrowed; sealed */
    const char *name;     /* UTF-8, untrusted */
    MgkRole role;
    MgkFormatId want;
    guint depth;
} MgkObject;

/* Cleans object and everything in it. Fills report (verdict, reason, findings, children, sizes, hashes, output name);
 * the checked output goes to *ret_output when the verdict crosses, else its fd is -1. */
void mgk_broker_clean(MgkTask *task, const MgkObject *object, MgkReport *report, MgkBlob *ret_output);
