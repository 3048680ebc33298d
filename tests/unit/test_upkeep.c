#include "store/upkeep.h"

#include "store_forge.h"

static char *add_at(Forge *f, gint64 time_us, MgkState state, MgkVerdict verdict)
{
    MgkRecord record = forge_record("sales@example.com", HASH_A);
    record.time_us = time_us;
    char *id = forge_add(f, &record);
    if (state != MGK_STATE_RECEIVED)
        forge_conclude(f, id, state, verdict);
    return id;
}

static guint due(Forge *f, const MgkRetention *retention, gint64 now_us, guint max)
{
    g_autoptr(GPtrArray) ids = mgk_ledger_due(f->ledger, retention, now_us, max, NULL);
    ck_assert_ptr_nonnull(ids);
    return ids->len;
}

START_TEST(test_upkeep__records_are_due_by_their_verdicts_days)
{
    static const MgkRetention retention = {.verdict_days = {[MGK_VERDICT_CLEANED] = 30, [MGK_VERDICT_HELD] = 90},
                                           .received_days = 7};
    g_auto(Forge) f = forge_new();
    gint64 start = 1000 * DAY_US;
    g_autofree char *cleaned = add_at(&f, start, MGK_STATE_KEPT, MGK_VERDICT_CLEANED);
    g_autofree char *held = add_at(&f, start, MGK_STATE_HELD, MGK_VERDICT_HELD);
    g_autofree char *blocked = add_at(&f, start, MGK_STATE_HELD, MGK_VERDICT_BLOCKED);
    g_autofree char *received = add_at(&f, start, MGK_STATE_RECEIVED, MGK_VERDICT_HELD);
    static const guint rows[][2] = {{7, 0}, {8, 1}, {30, 1}, {31, 2}, {90, 2}, {91, 3}, {10000, 3}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint got = due(&f, &retention, start + rows[i][0] * DAY_US, 10);
        ck_assert_msg(got == rows[i][1], "day %u: got %u, want %u", rows[i][0], got, rows[i][1]);
    }
    ck_assert_uint_eq(due(&f, &retention, start + 91 * DAY_US, 2), 2);
    ck_assert(mgk_ledger_freeze(f.ledger, held, TRUE, &clerk, "police", NULL));
    ck_assert_uint_eq(due(&f, &retention, start + 91 * DAY_US, 10), 2);
    MgkRequest request = {.person = clerk, .reason = "x", .chain = "ciso", .expires_us = G_MAXINT64};
    memcpy(request.record, cleaned, strlen(cleaned) + 1);
    memcpy(request.sha256, HASH_A, sizeof HASH_A);
    guint64 number = 0;
    ck_assert(mgk_ledger_request(f.ledger, &request, &number, NULL));
    ck_assert_msg(due(&f, &retention, start + 91 * DAY_US, 10) == 1, "one is asked for, one is frozen");
}
END_TEST

START_TEST(test_upkeep__a_frozen_record_does_not_expire_until_it_is_thawed)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    ck_assert(mgk_ledger_freeze(f.ledger, id, TRUE, &clerk, "police", NULL));
    ck_assert(!mgk_ledger_step(f.ledger, id, MGK_STATE_EXPIRED, &clerk, NULL, NULL));
    g_autoptr(MgkRecords) frozen = mgk_ledger_list(f.ledger, &(MgkFilter){.frozen = TRUE}, NULL);
    ck_assert(frozen->records->len == 1 && mgk_records_get(frozen, 0)->frozen);
    ck_assert(mgk_ledger_freeze(f.ledger, id, FALSE, &clerk, "done", NULL));
    ck_assert(mgk_ledger_step(f.ledger, id, MGK_STATE_EXPIRED, &clerk, NULL, NULL));
    ck_assert_msg(!mgk_ledger_freeze(f.ledger, id, TRUE, &clerk, "too late", NULL), "its deletion was begun");
    ck_assert_uint_eq(forge_logged(&f, "record.frozen"), 1);
    ck_assert_uint_eq(forge_logged(&f, "record.thawed"), 1);
    g_autoptr(GPtrArray) expired = mgk_ledger_expired(f.ledger, 10, NULL);
    ck_assert_uint_eq(expired->len, 1);
    ck_assert_str_eq(g_ptr_array_index(expired, 0), id);
}
END_TEST

START_TEST(test_upkeep__an_original_is_referenced_until_its_last_record_is_deleted)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *first = forge_held(&f), *second = forge_held(&f);
    guint64 count = 0;
    ck_assert(mgk_ledger_references(f.ledger, HASH_A, NULL, &count, NULL) && count == 2);
    ck_assert(mgk_ledger_references(f.ledger, HASH_A, first, &count, NULL) && count == 1);
    ck_assert(mgk_ledger_step(f.ledger, second, MGK_STATE_EXPIRED, &clerk, NULL, NULL));
    ck_assert(mgk_ledger_references(f.ledger, HASH_A, first, &count, NULL) && count == 1);
    ck_assert(mgk_ledger_step(f.ledger, second, MGK_STATE_DELETED, &clerk, NULL, NULL));
    ck_assert(mgk_ledger_references(f.ledger, HASH_A, first, &count, NULL) && count == 0);
    ck_assert(mgk_ledger_references(f.ledger, HASH_B, NULL, &count, NULL) && count == 0);
}
END_TEST

START_TEST(test_upkeep__a_source_is_charged_with_its_bytes_of_the_day_and_its_open_holds)
{
    g_auto(Forge) f = forge_new();
    MgkUsage usage;
    gint64 now = 1000 * DAY_US + 5;
    g_autofree char *held = add_at(&f, now, MGK_STATE_HELD, MGK_VERDICT_HELD);
    g_autofree char *kept = add_at(&f, now, MGK_STATE_KEPT, MGK_VERDICT_CLEANED);
    g_autofree char *next = add_at(&f, now + DAY_US, MGK_STATE_HELD, MGK_VERDICT_HELD);
    static const struct {
        const char *sender, *client;
        gint64 day;
        MgkUsage want;
    } rows[] = {{"other@EXAMPLE.com", "192.0.2.1", 0, {2000, 2000, 2, 2}},
                {"other@EXAMPLE.com", "192.0.2.2", 1, {1000, 0, 2, 0}},
                {"a@example.org", "192.0.2.1", 2, {0, 0, 0, 2}},
                {"", "", 0, {0, 0, 0, 0}},
                {NULL, NULL, 0, {0, 0, 0, 0}}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        ck_assert(mgk_ledger_usage(f.ledger, rows[i].sender, rows[i].client, now + rows[i].day * DAY_US, &usage, NULL));
        ck_assert_msg(memcmp(&usage, &rows[i].want, sizeof usage) == 0, "row %u: %u %u %u %u", i,
                      (guint)usage.domain_bytes, (guint)usage.client_bytes, (guint)usage.domain_holds,
                      (guint)usage.client_holds);
    }
    ck_assert(mgk_ledger_step(f.ledger, held, MGK_STATE_RELEASED, &clerk, NULL, NULL));
    ck_assert(mgk_ledger_usage(f.ledger, "@example.com", NULL, now, &usage, NULL));
    ck_assert_uint_eq(usage.domain_holds, 1);
}
END_TEST

START_TEST(test_upkeep__counts_are_kept_by_day_and_department)
{
    static const char *const other[] = {"税務課", NULL}, *const ours[] = {"企画課", NULL};
    g_auto(Forge) f = forge_new();
    gint64 now = 1000 * DAY_US;
    g_autofree char *first = add_at(&f, now, MGK_STATE_HELD, MGK_VERDICT_HELD);
    g_autofree char *second = add_at(&f, now, MGK_STATE_KEPT, MGK_VERDICT_CLEANED);
    g_autofree char *third = add_at(&f, now + DAY_US, MGK_STATE_HELD, MGK_VERDICT_HELD);
    g_autoptr(GArray) rows = mgk_ledger_counts(f.ledger, now, now + 2 * DAY_US, NULL, NULL);
    static const MgkReportRow want[] = {
        {"企画課", "kind:macro.vba", 6}, {"企画課", "verdict:cleaned", 1}, {"企画課", "verdict:held", 2}};
    ck_assert_uint_eq(rows->len, G_N_ELEMENTS(want));
    for (guint i = 0; i < rows->len; i++) {
        const MgkReportRow *got = &g_array_index(rows, MgkReportRow, i);
        ck_assert_str_eq(got->department, want[i].department);
        ck_assert_str_eq(got->what, want[i].what);
        ck_assert_uint_eq(got->count, want[i].count);
    }
    g_autoptr(GArray) day = mgk_ledger_counts(f.ledger, now + DAY_US, now + 2 * DAY_US, ours, NULL);
    ck_assert_uint_eq(day->len, 2);
    g_autoptr(GArray) none = mgk_ledger_counts(f.ledger, now, now + 2 * DAY_US, other, NULL);
    ck_assert_uint_eq(none->len, 0);
}
END_TEST

START_TEST(test_upkeep__a_backup_is_a_ledger)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f), *path = g_build_filename(f.folder, "copy.db", NULL);
    ck_assert(mgk_ledger_backup(f.ledger, path, NULL));
    ck_assert_msg(!mgk_ledger_backup(f.ledger, path, NULL), "overwrites nothing");
    g_autofree char *later = forge_held(&f);
    g_autoptr(MgkLedger) copy = mgk_ledger_open(path, NULL, NULL);
    ck_assert_ptr_nonnull(copy);
    g_autoptr(MgkRecords) records = mgk_ledger_list(copy, &(MgkFilter){.limit = 0}, NULL);
    ck_assert_uint_eq(records->records->len, 1);
    ck_assert_str_eq(mgk_records_get(records, 0)->id, id);
}
END_TEST

int main(void)
{
    const TTest *const all[] = {test_upkeep__records_are_due_by_their_verdicts_days,
                                test_upkeep__a_frozen_record_does_not_expire_until_it_is_thawed,
                                test_upkeep__an_original_is_referenced_until_its_last_record_is_deleted,
                                test_upkeep__a_source_is_charged_with_its_bytes_of_the_day_and_its_open_holds,
                                test_upkeep__counts_are_kept_by_day_and_department,
                                test_upkeep__a_backup_is_a_ledger,
                                NULL};
    return forge_run("upkeep", all);
}
