/* mail_auth.h - Authentication-Results (RFC 8601) of a host that is believed: what SPF, DKIM and DMARC said. */
#pragma once

#include <glib.h>

typedef enum { MGK_AUTH_NONE, MGK_AUTH_PASS, MGK_AUTH_FAIL } MgkAuth;

/* What the fields of one mail said, field after field; {0} before the first. */
typedef struct MgkAuthResults {
    MgkAuth spf, dkim, dmarc;
} MgkAuthResults;

/* Reads one field's value (ASCII, one line). Comments, quoted strings and properties never count as results: senders
 * can write into them. Adds to results unless it is NULL. Returns the authserv-id, owned by the caller. */
char *mgk_mail_auth_read(const char *value, MgkAuthResults *results);
/* DMARC's word counts; without it a signature or path that passed, then one that failed. */
MgkAuth mgk_mail_auth_judge(const MgkAuthResults *results);
