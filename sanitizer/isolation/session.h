/* session.h - one object's workers, run to their ends: the one that cleans, the encoder it may start, the walker.
 *
 * The caller's thread pumps messages; a child asked for is cleaned by a callback in the same thread and slot, so
 * nesting never waits for a slot. Workers are hostile: any message out of turn or range ends the session as a crash. */
#pragma once

#include "isolation/blob.h"
#include "isolation/launcher.h"
#include "model/report.h"

typedef struct MgkSession MgkSession;

/* What the broker does for a session. */
typedef struct MgkSessionHost {
    MgkLauncher *launcher;   /* borrowed */
    const MgkPolicy *policy; /* borrowed */
    int interrupt_fd;        /* borrowed; readable = stop now */
    gint64 deadline_us;      /* monotonic; of the whole top-level input */
    /* Cleans a child. data is the asked bytes (owned by the session); the answer's output blob, if any, goes to
     * *ret_output. FALSE ends the session. */
    gboolean (*ask)(gpointer context, const MgkMessage *ask, MgkBlob *data, MgkMessage *ret_answer,
                    MgkBlob *ret_output);
    /* Takes up to `want` further slots without waiting, returns how many; gives n back. NULL: never any. */
    guint (*try_slots)(gpointer slots, guint want);
    void (*give_slots)(gpointer slots, guint n);
    gpointer slots;
    gpointer context;
} MgkSessionHost;

typedef struct MgkConclusion {
    MgkVerdict verdict;
    MgkReason reason;
    char detail[MGK_TEXT_BYTES];
    MgkFormatId format; /* of the output */
    guint extension;
    gboolean starved; /* held for want of descriptors, storage or processes: says nothing about the object */
} MgkConclusion;

/* Which factory a file of this name (UTF-8) is likely to need. */
MgkFactory mgk_session_factory(const char *name);
/* Runs request (CLEAN, TEXT, CHECK or CONFIRM) over input. Findings, format and media type go into report. The output,
 * written by the worker or by its encoder, goes to *ret_output (finished; fd -1 for CHECK and CONFIRM). Never fails:
 * whatever goes wrong is the conclusion's verdict held with its reason. */
void mgk_session_run(const MgkSessionHost *host, const MgkRequest *request, const MgkBlob *input, MgkReport *report,
                     MgkConclusion *ret_conclusion, MgkBlob *ret_output);
