/* let_go.c - the question "release": an approval is used, once.
 *
 *   find the approval → original out of the store, its hash verified → examined again → "release.begin" in the log →
 *   sent or written → RELEASED in the ledger
 *
 * A crash after the mail went out leaves the approval unused and "release.begin" without an end in the log: it can be
 * released again, a second copy is better than none. */
#include "examine.h"
#include "release.h"

#include "model/words.h"
#include "store/hold_wire.h"

#include <string.h>
#include <unistd.h>

#define ROLE(id) (1u << MGK_ROLE_##id)

static gboolean refuse(const MgkAsk *ask, const MgkRecord *record, const char *why, GError **error)
{
    const char *const data[] = {"why", why ? why : "", NULL};
    g_autoptr(GError) problem = NULL;
    if (!mgk_ask_note(ask, "release.refused", record, data, &problem)) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&problem));
    }
    return FALSE;
}

/* The approved request of this number, and in time. */
static const MgkRequest *usable(const MgkRequests *requests, GError **error)
{
    const MgkRequest *request = requests->requests->len == 1 ? &g_array_index(requests->requests, MgkRequest, 0) : NULL;
    if (request && request->state == MGK_REQUEST_APPROVED && request->expires_us > g_get_real_time())
        return request;
    mgk_ask_refuse(error, N_("this request is not approved, was used, or is too old"));
    return NULL;
}

static gboolean let_go(MgkAsk *ask, const MgkRecord *record, const MgkRequest *request, int original, GError **error)
{
    MgkHold *hold = ask->hold;
    const MgkRelease release = {.record = record, .request = request, .original = original};
    g_autofree char *why = NULL, *where = NULL, *number = g_strdup_printf("%" G_GUINT64_FORMAT, request->number);
    const char *name = record->n_parts && record->parts[0].name ? record->parts[0].name : "";
    const char *const data[] = {"request", number, NULL};
    if (!mgk_examine_original(hold, original, record->origin == MGK_ORIGIN_MAIL ? "mail.eml" : name, &why, error))
        return refuse(ask, record, why, error);
    if (!mgk_ask_note(ask, "release.begin", record, data, error) ||
        !mgk_release_carry_out(hold->config, &release, &where, error))
        return FALSE;
    MgkDecision decision = {.kind = MGK_DECIDE_RELEASE,
                            .request = request->number,
                            .person = mgk_ask_person(ask, mgk_ask_role(ask, ROLE(CLERK) | ROLE(APPROVER) | ROLE(CISO))),
                            .reason = where};
    g_strlcpy(decision.sha256, record->sha256, sizeof decision.sha256);
    g_variant_dict_insert(&ask->answer, "where", "s", where);
    return mgk_ledger_decide(hold->ledger, &decision, error);
}

static gboolean release(MgkAsk *ask, GError **error)
{
    const MgkRequestFilter filter = {.number = mgk_hold_number(ask->arguments, "number")};
    g_autoptr(MgkRequests) requests = filter.number ? mgk_ledger_requests(ask->hold->ledger, &filter, error) : NULL;
    if (!requests)
        return filter.number ? FALSE : mgk_ask_refuse(error, N_("there is no request of this number for you"));
    const MgkRequest *request = usable(requests, error);
    g_autoptr(MgkRecords) records = request ? mgk_ledger_get(ask->hold->ledger, request->record, error) : NULL;
    if (!records)
        return FALSE;
    const MgkRecord *record = mgk_records_get(records, 0);
    if (!mgk_caller_sees(ask->caller, record->department))
        return mgk_ask_refuse(error, N_("there is no request of this number for you"));
    if (strcmp(request->sha256, record->sha256) != 0)
        return mgk_ask_refuse(error, N_("these are not the bytes that were requested"));
    int original = mgk_blobs_read(ask->hold->blobs, record->sha256, error);
    if (original < 0) /* a damaged original is a matter for the log as well */
        return refuse(ask, record, "the original cannot be read", error);
    gboolean good = let_go(ask, record, request, original, error);
    close(original);
    return good;
}

gboolean mgk_answer_release(MgkAsk *ask, GError **error)
{
    g_mutex_lock(&ask->hold->releasing);
    gboolean good = release(ask, error);
    g_mutex_unlock(&ask->hold->releasing);
    return good;
}
