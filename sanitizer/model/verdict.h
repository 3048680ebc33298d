/* verdict.h - what may happen to a file, and the machine-readable reason when it does not cross. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_VERDICT_CONFIRMED, /* crosses, bytes unchanged: a strict reader accounted for every byte */
    MGK_VERDICT_CLEANED,   /* crosses, same format (or its macro-free twin), written afresh */
    MGK_VERDICT_CONVERTED, /* crosses as another format, or as page pixels */
    MGK_VERDICT_HELD,      /* does not cross now; a person decides */
    MGK_VERDICT_BLOCKED,   /* never crosses */
    MGK_N_VERDICTS
} MgkVerdict;

/* Reason codes; the name is the stable string in reports ("too-large"), the words for people are in reason.c. */
typedef enum {
#define MGK_REASON(id, name, text) MGK_REASON_##id,
#include "model/reasons.def"
#undef MGK_REASON
    MGK_N_REASONS
} MgkReason;

const char *mgk_verdict_name(MgkVerdict verdict); /* "cleaned"; static */
const char *mgk_reason_name(MgkReason reason);    /* "too-large"; static */
const char *mgk_reason_text(MgkReason reason);    /* untranslated msgid for people; static */
gboolean mgk_verdict_crosses(MgkVerdict verdict);
/* The stricter of two: blocked > held > converted > cleaned > confirmed. */
MgkVerdict mgk_verdict_worse(MgkVerdict a, MgkVerdict b);
