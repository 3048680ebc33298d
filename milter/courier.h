/* courier.h - hands kept originals over to mugaika-holdd. The spool is the outbox: a mail was accepted when it was
 * there, on the disk; it leaves the spool when the hold says that it is on *its* disk. A hold that does not answer only
 * makes the outbox longer. */
#pragma once

#include "spool.h"

typedef struct MgkCourierRound {
    guint handed;  /* mails that are in the hold now and no longer in the spool */
    guint left;    /* mails that the hold refuses, or that cannot be read: for the operator */
    char why[256]; /* of the first of these */
} MgkCourierRound;

/* One pass over the spool: every mail that has a result, oldest first. The same mail handed over again gives the same
 * record, so whatever dies in between does no harm. socket: the hold's path. FALSE with error when the hold does not
 * answer: the rest waits for the next pass. */
gboolean mgk_courier_round(MgkSpool *spool, const char *socket, MgkCourierRound *ret_round, GError **error);
