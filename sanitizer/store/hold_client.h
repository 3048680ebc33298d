/* hold_client.h - what programs tell the hold: an original, and what became of it. */
#pragma once

#include "model/report.h"
#include "store/hold_wire.h"
#include "store/record.h"

/* All borrowed; NULL is "". */
typedef struct MgkDeposit {
    MgkOrigin origin;
    const char *sender;
    const char *const *recipients; /* NULL-terminated, or NULL */
    const char *client, *subject, *message_id, *department;
    const char *queue_id; /* the delivery's own id: handing it over again gives the same record; "" for none */
    gint64 time_us;       /* 0: now */
} MgkDeposit;

/* Hands the original fd over (read from offset 0). TRUE: it is on the hold's disk, with a record of this id. */
gboolean mgk_hold_deposit(int socket, int fd, const MgkDeposit *deposit, char ret_id[MGK_RECORD_ID], GError **error);

typedef struct MgkConclusion {
    const MgkReport *report;
    gboolean holds;                                                 /* something of it is in the hold only */
    const char *policy, *rules, *clean_copy, *subject, *message_id; /* NULL is "" */
} MgkConclusion;

/* What became of it. TRUE as well when that was told before: whoever died without our answer just tells it again. */
gboolean mgk_hold_conclude(int socket, const char *id, const MgkConclusion *conclusion, GError **error);
