/* courier_file.h - what the spool's JSON files say of a mail: written by case.c, read back by the courier. */
#pragma once

#include "model/report.h"

typedef struct MgkSpooledMail {
    char *sender, *client, *policy, *rules, *subject; /* owned; "" when not known */
    char **recipients;                                /* owned; NULL-terminated */
    gint64 received_us;
    gboolean holds, delivered; /* delivered: rebuilt and taken by Postfix */
    MgkReport *report;         /* owned; one node "held" when the mail has none */
} MgkSpooledMail;

void mgk_spooled_mail_free(MgkSpooledMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkSpooledMail, mgk_spooled_mail_free)

/* envelope: NAME.json, result: NAME.done.json or NAME.held.json. Errors: MGK_ERROR_MALFORMED. */
MgkSpooledMail *mgk_spooled_mail_parse(const char *envelope, const char *result, GError **error);
