/* kept.h - the mail that is delivered in the place of one that was kept: plain text, generated, in the language of
 * words.h, in the grammar of edit.h. Nothing of the original is in it but the envelope's sender, shown escaped. */
#pragma once

#include "model/verdict.h"

typedef struct MgkKeptMail {
    const char *id;     /* borrowed; of the kept mail, the spool's */
    const char *sender; /* borrowed; envelope sender as it came, untrusted */
    const char *host;   /* borrowed; own host name, for From and Message-ID; anything odd is not used */
    MgkReason reason;
    gint64 time_us; /* of arrival, g_get_real_time */
} MgkKeptMail;

/* The notice; owned by the caller. */
GBytes *mgk_kept_mail(const MgkKeptMail *kept);
