/* decisions.h - requests, approvals, releases: who, when, why, over which bytes, until when.
 *
 * A request is for a record's original and bound to its SHA-256. It needs the roles of its chain ("approver ciso") to
 * approve, in that order, each by an account that is neither the requester's nor an earlier approver's. The ledger's
 * triggers demand it, whatever the caller forgot: same person, other bytes, too late, used before and wrong order are
 * refused with MGK_ERROR_USAGE, and the refusal is logged. That a person has a role is for the caller to check. */
#pragma once

#include "store/ledger.h"

typedef enum {
    MGK_REQUEST_OPEN,
    MGK_REQUEST_APPROVED,
    MGK_REQUEST_REJECTED,
    MGK_REQUEST_USED, /* released */
    MGK_REQUEST_EXPIRED,
    MGK_REQUEST_REVOKED, /* taken back by the requester, or the approval by an approver */
    MGK_N_REQUEST_STATES
} MgkRequestState;

typedef struct MgkRequest {
    guint64 number; /* made by the ledger */
    char record[MGK_RECORD_ID];
    char sha256[65]; /* what the person saw; must be the record's */
    MgkRequestState state;
    MgkPerson person;
    const char *reason;
    const char *chain;              /* roles still to approve after `approvals` of them, separated by spaces */
    guint approvals;                /* made so far */
    gboolean emergency;             /* stays on the open list until it is reported */
    gint64 time_us, expires_us;     /* time_us 0: now */
    const char *const *departments; /* NULL-terminated: a release for all copies of these bytes there … */
    gint64 until_us;                /* … until then; 0: this record only */
    gint64 reported_us;             /* 0: not yet */
} MgkRequest;

typedef struct MgkRequests {
    GArray *requests;   /* of MgkRequest */
    GStringChunk *text; /* their strings */
    GPtrArray *memory;
} MgkRequests;
void mgk_requests_free(MgkRequests *requests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkRequests, mgk_requests_free)
const char *mgk_request_state_name(MgkRequestState state); /* "open"; static */

/* Asks; the record becomes REQUESTED. */
gboolean mgk_ledger_request(MgkLedger *ledger, const MgkRequest *request, guint64 *ret_number, GError **error);

typedef enum {
    MGK_DECIDE_APPROVE,
    MGK_DECIDE_REJECT,
    MGK_DECIDE_REVOKE,
    MGK_DECIDE_RELEASE,
    MGK_DECIDE_REPORT,
    MGK_N_DECISIONS
} MgkDecisionKind;

typedef struct MgkDecision {
    MgkDecisionKind kind;
    guint64 request;
    char sha256[65]; /* APPROVE, RELEASE: of the bytes in hand */
    MgkPerson person;
    const char *reason; /* RELEASE: where it went; REPORT: to whom, when */
    gint64 time_us;     /* 0: now */
} MgkDecision;

/* APPROVE: by the next role of the chain; the last one makes the record APPROVED. REJECT: by that role. REVOKE: the
 * requester's or an approver's. RELEASE: once, before it expires; the record becomes RELEASED. REPORT: takes an
 * emergency off the open list. */
gboolean mgk_ledger_decide(MgkLedger *ledger, const MgkDecision *decision, GError **error);
/* Requests past their time become EXPIRED, their records HELD again. Returns how many, -1 with error. */
gint mgk_ledger_expire_requests(MgkLedger *ledger, gint64 now_us, GError **error);
/* A request by number; a record's (record); all in a state (bit mask), newest first; emergencies not yet reported. */
typedef struct MgkRequestFilter {
    guint64 number;
    const char *record;
    guint states;
    gboolean unreported;
    gint64 from_us, to_us;
    guint limit; /* 0: 100 */
} MgkRequestFilter;
MgkRequests *mgk_ledger_requests(MgkLedger *ledger, const MgkRequestFilter *filter, GError **error);
/* The number of an approval that lets these bytes go to this department now, 0 when there is none. */
gboolean mgk_ledger_find_grant(MgkLedger *ledger, const char *sha256, const char *department, gint64 now_us,
                               guint64 *ret_request, GError **error);
