/* session_internal.h - what the two halves of a session share: session.c runs the workers, session_conclude.c says what
 * came of it. */
#pragma once

#include "isolation/session.h"

/* HELPER and the following are the other decoders of a spread document. */
typedef enum { MAIN, ENCODER, WALKER, HELPER, N_MEMBERS = HELPER + MGK_MAX_DECODERS - 1 } MemberId;

typedef struct Member {
    gboolean started, ended;
    MgkWorker worker;
    gint64 deadline_us;
    guint64 messages;
    gboolean concluded; /* DONE or FAILED was received */
    MgkMessage last;
    MgkExit exit;
    gboolean timed_out, misbehaved, silent; /* silent: its side of the control socket is closed */
} Member;

struct MgkSession {
    const MgkSessionHost *host;
    MgkRequest request;
    const MgkBlob *input;
    MgkReport *report;
    Member members[N_MEMBERS];
    MgkBlob output, encoded;
    gboolean told;      /* DETECTED was received */
    gboolean elsewhere; /* the light worker cannot clean what it detected */
    MgkFormatId detected;
    guint decoders;                  /* MAIN and its helpers */
    int ask_fd, answer_fd;           /* owned */
    int pixels_in[MGK_MAX_DECODERS]; /* owned; until the encoder has them */
    gboolean interrupted;
    gboolean starved;    /* the caller's own process lacked something: descriptors, storage, a worker */
    MemberId first_dead; /* ended abnormally before any other; N_MEMBERS: none */
};

void mgk_session_hold(MgkConclusion *conclusion, MgkReason reason, const char *detail);
/* The verdict, when all workers have ended: of the cleaner, or the strictest of all that looked; held unless every one
 * ended in good order. */
void mgk_session_conclude(MgkSession *session, MgkConclusion *conclusion);
/* The finished output, when it is what its writer said; else the conclusion becomes held. */
void mgk_session_take_output(MgkSession *session, MgkConclusion *conclusion, MgkBlob *ret_output);
