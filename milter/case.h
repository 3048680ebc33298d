/* case.h - one mail at its end: what is known and decided about it, and how that is written down. */
#pragma once

#include "transaction.h"

typedef enum {
    MGK_OUTCOME_TEMPFAIL, /* 451: the sender keeps the mail */
    MGK_OUTCOME_NOTICE,   /* kept here, a notice delivered */
    MGK_OUTCOME_CLEANED,  /* delivered rebuilt */
    MGK_OUTCOME_DRY_RUN   /* passed as it came */
} MgkOutcome;

typedef struct MgkCase {
    const MgkService *service; /* borrowed, as the next four */
    MgkTransaction *transaction;
    SMFICTX *context;
    const char *queue_id;
    const MgkEngine *engine;
    MgkEnvelope envelope; /* borrows from the transaction; filled when the mail has its id */
    char *key;            /* owned; under which the result is remembered, or NULL */
    MgkOutcome outcome;
    MgkReason reason;
    char *trouble;     /* owned; engineer's words, or NULL */
    char *report;      /* owned; JSON of the sanitizer's report, or NULL */
    GBytes *message;   /* owned; what takes the mail's place, or NULL */
    gboolean repeated; /* the result came from memory */
    gboolean holds;    /* something of the mail did not cross: the kept original is the only one */
    gboolean trying;   /* a try has begun (tries.h) */
    gboolean nobody;   /* what failed was not the mail's fault */
    guint failed;      /* tries before this one that ended badly */
} MgkCase;

void mgk_case_clear(MgkCase *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkCase, mgk_case_clear)

const char *mgk_outcome_name(MgkOutcome outcome); /* "tempfail"; static */
/* The envelope as JSON, schema mugaika-envelope/1; owned by the caller. */
char *mgk_case_envelope(const MgkCase *c);
/* What became of the mail as JSON, schema mugaika-mail/1; owned by the caller. */
char *mgk_case_result(const MgkCase *c);
/* One line to the log, one JSON line to the mail log. */
void mgk_case_log(const MgkCase *c);
