#include "store/decisions.h"

#include "store_forge.h"

#define NOW_US ((gint64)1795219200 * G_USEC_PER_SEC)
#define HOUR_US ((gint64)G_TIME_SPAN_HOUR)

static MgkRequest make_request(const char *record, const char *chain)
{
    MgkRequest request = {.person = clerk,
                          .reason = "災害対応のため",
                          .chain = chain,
                          .time_us = NOW_US,
                          .expires_us = NOW_US + 10 * HOUR_US};
    g_strlcpy(request.record, record, sizeof request.record);
    memcpy(request.sha256, HASH_A, sizeof HASH_A);
    return request;
}

static guint64 ask(Forge *f, const MgkRequest *request)
{
    guint64 number = 0;
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_ledger_request(f->ledger, request, &number, &error), "%s", error ? error->message : "");
    return number;
}

static guint64 ask_for(Forge *f, const char *record, const char *chain)
{
    const MgkRequest request = make_request(record, chain);
    return ask(f, &request);
}

/* "" when it was accepted, else the first word of the refusal. */
static const char *decide(Forge *f, guint64 request, MgkDecisionKind kind, const MgkPerson *person, gint64 time_us,
                          const char *sha256)
{
    g_autoptr(GError) error = NULL;
    MgkDecision decision = {
        .kind = kind, .request = request, .person = *person, .time_us = time_us, .reason = "because"};
    g_strlcpy(decision.sha256, sha256, sizeof decision.sha256);
    guint before = forge_logged(f, "decision.refused");
    if (mgk_ledger_decide(f->ledger, &decision, &error))
        return "";
    ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE), "%s", error->message);
    ck_assert_msg(forge_logged(f, "decision.refused") == before + 1, "refused and not logged: %s", error->message);
    g_auto(GStrv) words = g_strsplit(error->message, ":", 2);
    return g_intern_string(words[0]);
}

#define DECIDE(kind, person, hours, hash, want) \
    ck_assert_str_eq(decide(&f, number, MGK_DECIDE_##kind, &person, NOW_US + (hours)*HOUR_US, hash), want)

START_TEST(test_decisions__one_asks_another_approves_it_is_released_once)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    guint64 number = ask_for(&f, id, "ciso");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_REQUESTED);
    DECIDE(RELEASE, clerk, 1, HASH_A, "not-approved");
    DECIDE(APPROVE, ciso, 1, HASH_A, "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_APPROVED);
    DECIDE(RELEASE, clerk, 2, HASH_A, "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_RELEASED);
    DECIDE(RELEASE, clerk, 3, HASH_A, "used");
    DECIDE(APPROVE, head, 3, HASH_A, "not-open");
    ck_assert_uint_eq(forge_logged(&f, "request."), 3);
    g_autoptr(MgkRequests) requests = mgk_ledger_requests(f.ledger, &(MgkRequestFilter){.record = id}, NULL);
    ck_assert_uint_eq(requests->requests->len, 1);
    const MgkRequest *r = &g_array_index(requests->requests, MgkRequest, 0);
    ck_assert(r->state == MGK_REQUEST_USED && r->approvals == 1 && r->person.uid == clerk.uid);
    ck_assert_str_eq(r->reason, "災害対応のため");
    ck_assert_str_eq(r->sha256, HASH_A);
    ck_assert_str_eq(r->record, id);
}
END_TEST

START_TEST(test_decisions__nobody_approves_what_he_asked_for_whatever_role_he_claims)
{
    const MgkPerson same = {clerk.uid, "another name", "ciso"};
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    guint64 number = ask_for(&f, id, "ciso");
    DECIDE(APPROVE, same, 1, HASH_A, "same-person");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_REQUESTED);
}
END_TEST

START_TEST(test_decisions__a_chain_is_gone_through_in_order_by_different_people)
{
    const MgkPerson head_as_ciso = {head.uid, head.name, "ciso"};
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    guint64 number = ask_for(&f, id, "approver ciso");
    DECIDE(APPROVE, ciso, 1, HASH_A, "wrong-role");
    DECIDE(APPROVE, head, 1, HASH_A, "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_REQUESTED);
    DECIDE(APPROVE, head_as_ciso, 1, HASH_A, "same-person");
    DECIDE(RELEASE, clerk, 1, HASH_A, "not-approved");
    g_autoptr(MgkRequests) requests = mgk_ledger_requests(f.ledger, &(MgkRequestFilter){.number = number}, NULL);
    ck_assert_str_eq(g_array_index(requests->requests, MgkRequest, 0).chain, "ciso");
    DECIDE(APPROVE, ciso, 1, HASH_A, "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_APPROVED);
}
END_TEST

START_TEST(test_decisions__other_bytes_and_late_ones_are_refused)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    guint64 number = ask_for(&f, id, "ciso");
    DECIDE(APPROVE, ciso, 1, HASH_B, "other-bytes");
    DECIDE(APPROVE, ciso, 1, "", "other-bytes");
    DECIDE(APPROVE, ciso, 10, HASH_A, "too-late");
    DECIDE(APPROVE, ciso, 9, HASH_A, "");
    DECIDE(RELEASE, clerk, 9, HASH_B, "other-bytes");
    DECIDE(RELEASE, clerk, 11, HASH_A, "too-late");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_APPROVED);
}
END_TEST

START_TEST(test_decisions__requests_that_make_no_sense_are_refused_and_logged)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    const MgkRequest good = make_request(id, "ciso");
    MgkRequest bad[6] = {good, good, good, good, good, good};
    memcpy(bad[0].sha256, HASH_B, sizeof HASH_B);
    bad[1].sha256[0] = '\0';
    bad[2].reason = "";
    bad[3].chain = " ";
    bad[4].expires_us = NOW_US;
    g_strlcpy(bad[5].record, "261121-9999", sizeof bad[5].record);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        guint64 number = 0;
        ck_assert_msg(!mgk_ledger_request(f.ledger, &bad[i], &number, &error), "row %u", i);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE), "row %u: %s", i, error->message);
        ck_assert_uint_eq(forge_logged(&f, "decision.refused"), i + 1);
        ck_assert_int_eq(forge_state(&f, id), MGK_STATE_HELD);
    }
    ask(&f, &good);
    guint64 number = 0;
    ck_assert_msg(!mgk_ledger_request(f.ledger, &good, &number, NULL), "a second one while the first is open");
}
END_TEST

START_TEST(test_decisions__a_rejected_one_can_be_asked_for_again)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    guint64 number = ask_for(&f, id, "ciso");
    DECIDE(REJECT, head, 1, "", "wrong-role");
    DECIDE(REJECT, ciso, 1, "", "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_REJECTED);
    DECIDE(APPROVE, ciso, 1, HASH_A, "not-open");
    guint64 again = ask_for(&f, id, "ciso");
    ck_assert_uint_ne(again, number);
}
END_TEST

START_TEST(test_decisions__requester_and_approvers_can_take_it_back)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    guint64 number = ask_for(&f, id, "ciso");
    DECIDE(REVOKE, head, 1, "", "not-yours");
    DECIDE(REVOKE, clerk, 1, "", "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_HELD);
    number = ask_for(&f, id, "ciso");
    DECIDE(APPROVE, ciso, 1, HASH_A, "");
    DECIDE(REVOKE, ciso, 1, "", "");
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_HELD);
    DECIDE(RELEASE, clerk, 1, HASH_A, "not-approved");
    DECIDE(REVOKE, clerk, 1, "", "not-open");
}
END_TEST

START_TEST(test_decisions__time_takes_requests_and_approvals_back)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *open = forge_held(&f), *approved = forge_held(&f), *later = forge_held(&f);
    ask_for(&f, open, "ciso");
    guint64 number = ask_for(&f, approved, "ciso");
    DECIDE(APPROVE, ciso, 1, HASH_A, "");
    MgkRequest request = make_request(later, "ciso");
    request.expires_us += HOUR_US;
    ask(&f, &request);
    ck_assert_int_eq(mgk_ledger_expire_requests(f.ledger, NOW_US + 9 * HOUR_US, NULL), 0);
    ck_assert_int_eq(mgk_ledger_expire_requests(f.ledger, NOW_US + 10 * HOUR_US, NULL), 2);
    ck_assert_int_eq(forge_state(&f, open), MGK_STATE_HELD);
    ck_assert_int_eq(forge_state(&f, approved), MGK_STATE_HELD);
    ck_assert_int_eq(forge_state(&f, later), MGK_STATE_REQUESTED);
    ck_assert_uint_eq(forge_logged(&f, "request.expired"), 2);
}
END_TEST

START_TEST(test_decisions__emergencies_stay_open_until_reported)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f), *other = forge_held(&f);
    MgkRequest request = make_request(id, "approver");
    request.emergency = TRUE;
    guint64 number = ask(&f, &request);
    ask_for(&f, other, "ciso");
    DECIDE(APPROVE, head, 1, HASH_A, "");
    DECIDE(RELEASE, clerk, 1, HASH_A, "");
    const MgkRequestFilter unreported = {.unreported = TRUE};
    g_autoptr(MgkRequests) before = mgk_ledger_requests(f.ledger, &unreported, NULL);
    ck_assert_uint_eq(before->requests->len, 1);
    DECIDE(REPORT, ciso, 2, "", "");
    DECIDE(REPORT, ciso, 2, "", "reported");
    g_autoptr(MgkRequests) after = mgk_ledger_requests(f.ledger, &unreported, NULL);
    ck_assert_uint_eq(after->requests->len, 0);
    number++;
    DECIDE(REPORT, ciso, 2, "", "reported");
}
END_TEST

START_TEST(test_decisions__one_approval_covers_copies_in_named_departments_until_a_day)
{
    static const char *const departments[] = {"税務課", "企画課", NULL};
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    MgkRequest request = make_request(id, "ciso");
    request.departments = departments;
    request.until_us = NOW_US + 100 * HOUR_US;
    guint64 number = ask(&f, &request), grant = 0;
    ck_assert(mgk_ledger_find_grant(f.ledger, HASH_A, "税務課", NOW_US, &grant, NULL));
    ck_assert_uint_eq(grant, 0);
    DECIDE(APPROVE, ciso, 1, HASH_A, "");
    DECIDE(RELEASE, clerk, 1, HASH_A, "");
    const struct {
        const char *sha256, *department;
        guint hours;
        guint64 want;
    } rows[] = {{HASH_A, "税務課", 99, number}, {HASH_A, "企画課", 1, number}, {HASH_A, "総務課", 1, 0},
                {HASH_B, "税務課", 1, 0},       {HASH_A, "税務課", 100, 0},    {HASH_A, "", 1, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        ck_assert(mgk_ledger_find_grant(f.ledger, rows[i].sha256, rows[i].department, NOW_US + rows[i].hours * HOUR_US,
                                        &grant, NULL));
        ck_assert_msg(grant == rows[i].want, "row %u: got %u", i, (guint)grant);
    }
    DECIDE(REVOKE, ciso, 2, "", "");
    ck_assert(mgk_ledger_find_grant(f.ledger, HASH_A, "税務課", NOW_US + HOUR_US, &grant, NULL) && grant == 0);
    ck_assert_int_eq(forge_state(&f, id), MGK_STATE_RELEASED);
}
END_TEST

START_TEST(test_decisions__an_unknown_request_is_refused)
{
    g_auto(Forge) f = forge_new();
    guint64 number = 77;
    DECIDE(APPROVE, ciso, 1, HASH_A, "no such request");
}
END_TEST

int main(void)
{
    const TTest *const all[] = {test_decisions__one_asks_another_approves_it_is_released_once,
                                test_decisions__nobody_approves_what_he_asked_for_whatever_role_he_claims,
                                test_decisions__a_chain_is_gone_through_in_order_by_different_people,
                                test_decisions__other_bytes_and_late_ones_are_refused,
                                test_decisions__requests_that_make_no_sense_are_refused_and_logged,
                                test_decisions__a_rejected_one_can_be_asked_for_again,
                                test_decisions__requester_and_approvers_can_take_it_back,
                                test_decisions__time_takes_requests_and_approvals_back,
                                test_decisions__emergencies_stay_open_until_reported,
                                test_decisions__one_approval_covers_copies_in_named_departments_until_a_day,
                                test_decisions__an_unknown_request_is_refused,
                                NULL};
    return forge_run("decisions", all);
}
