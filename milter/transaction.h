/* transaction.h - libmilter's callbacks: collect a mail into the spool, then hand it to finish.h.
 *
 * Callbacks of one connection come one after another, but on different threads: their state hangs on the connection
 * (smfi_setpriv) and nowhere else. An abort may come at any time, after the end of a message, and twice. */
#pragma once

#include "service.h"

#include <libmilter/mfapi.h>

typedef struct MgkTransaction {
    gboolean quiet;                            /* Postfix wants no answers but those that count */
    gboolean leading_space;                    /* values come with the space after the colon */
    char *client_name, *client_address, *helo; /* owned; of the connection */
    char *sender;                              /* owned; "<a@example.jp>", NULL: no message under way */
    GPtrArray *recipients;                     /* owned; of char* */
    GPtrArray *fields;                         /* owned; names of header fields in order */
    char *message_key;                         /* owned; hash of the first Message-ID, or NULL */
    MgkMail *mail;                             /* owned; what has come, or NULL */
    gboolean admitted;                         /* counted among the sessions */
    gint64 started_us;                         /* g_get_real_time at MAIL FROM */
} MgkTransaction;

/* The description for smfi_register(). service is borrowed for the rest of the process' life: libmilter's callbacks
 * take no argument of ours. */
struct smfiDesc mgk_transaction_filter(const MgkService *service);
