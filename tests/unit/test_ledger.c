#include "store/ledger.h"

#include "store_forge.h"

#include <sqlite3.h>

START_TEST(test_ledger__a_record_comes_back_as_it_went_in)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f);
    forge_close(&f);
    forge_open(&f);
    g_autoptr(MgkRecords) records = mgk_ledger_get(f.ledger, id, NULL);
    ck_assert_ptr_nonnull(records);
    const MgkRecord *r = mgk_records_get(records, 0);
    ck_assert_str_eq(r->id, id);
    ck_assert_str_eq(r->sender, "sales@example.com");
    ck_assert_str_eq(r->recipients[0], "kikaku@city.example.jp");
    ck_assert_str_eq(r->recipients[1], "zeimu@city.example.jp");
    ck_assert_ptr_null(r->recipients[2]);
    ck_assert_str_eq(r->client, "192.0.2.1");
    ck_assert_str_eq(r->subject, "見積書の件");
    ck_assert_str_eq(r->message_id, "<1@example.com>");
    ck_assert_str_eq(r->department, "企画課");
    ck_assert_str_eq(r->policy, "p1");
    ck_assert_str_eq(r->rules, "r1");
    ck_assert_str_eq(r->clean_copy, "mail");
    ck_assert_str_eq(r->sha256, HASH_A);
    ck_assert(r->size == 1000 && r->state == MGK_STATE_HELD && r->verdict == MGK_VERDICT_HELD && !r->frozen);
    ck_assert_uint_eq(r->n_parts, 2);
    ck_assert_str_eq(r->parts[0].sha256, "");
    ck_assert_str_eq(r->parts[1].name, "見積.xlsm");
    ck_assert_str_eq(r->parts[1].format, "xlsx");
    ck_assert_str_eq(r->parts[1].sha256, HASH_B);
    ck_assert_str_eq(r->parts[1].findings, "[{\"kind\":\"macro.vba\"}]");
    ck_assert(r->parts[1].reason == MGK_REASON_ENCRYPTED && r->parts[1].verdict == MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_ledger__a_delivery_has_one_record)
{
    char found[MGK_RECORD_ID], second[MGK_RECORD_ID];
    g_autoptr(GError) error = NULL;
    g_auto(Forge) f = forge_new();
    MgkRecord record = forge_record("sales@example.com", HASH_A);
    record.queue_id = "4ABC";
    ck_assert(mgk_ledger_find_delivery(f.ledger, record.queue_id, found, NULL));
    ck_assert_str_eq(found, "");
    g_autofree char *id = forge_add(&f, &record);
    ck_assert(mgk_ledger_find_delivery(f.ledger, record.queue_id, found, NULL));
    ck_assert_str_eq(found, id);
    g_autoptr(MgkRecords) records = mgk_ledger_get(f.ledger, id, NULL);
    ck_assert_str_eq(mgk_records_get(records, 0)->queue_id, "4ABC");
    ck_assert(mgk_ledger_find_delivery(f.ledger, "", found, NULL));
    ck_assert_str_eq(found, "");
    ck_assert(!mgk_ledger_add(f.ledger, &record, second, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE));
}
END_TEST

START_TEST(test_ledger__ids_are_a_day_and_a_number_and_only_grow)
{
    g_auto(Forge) f = forge_new();
    MgkRecord record = forge_record("a@example.com", HASH_A);
    record.time_us = (gint64)1795219200 * G_USEC_PER_SEC; /* 2026-11-21 00:00 UTC */
    g_autoptr(GDateTime) local = g_date_time_new_from_unix_local(1795219200);
    g_autofree char *day = g_date_time_format(local, "%y%m%d");
    g_autofree char *first = forge_add(&f, &record), *second = forge_add(&f, &record);
    record.time_us -= 5 * DAY_US;
    g_autofree char *third = forge_add(&f, &record);
    static const char *const ends[] = {"0001", "0002", "0003"};
    const char *const ids[] = {first, second, third};
    for (guint i = 0; i < 3; i++) {
        g_autofree char *want = g_strconcat(day, "-", ends[i], NULL);
        ck_assert_str_eq(ids[i], want);
    }
}
END_TEST

START_TEST(test_ledger__only_the_steps_of_the_table_are_taken)
{
    /* To each state by some way; then every other state is tried. */
    static const MgkState ways[][5] = {{MGK_STATE_RECEIVED},
                                       {MGK_STATE_RECEIVED, MGK_STATE_WITHDRAWN},
                                       {MGK_STATE_RECEIVED, MGK_STATE_HELD},
                                       {MGK_STATE_RECEIVED, MGK_STATE_KEPT},
                                       {MGK_STATE_RECEIVED, MGK_STATE_HELD, MGK_STATE_RELEASED},
                                       {MGK_STATE_RECEIVED, MGK_STATE_HELD, MGK_STATE_EXPIRED},
                                       {MGK_STATE_RECEIVED, MGK_STATE_HELD, MGK_STATE_EXPIRED, MGK_STATE_DELETED}};
    static const guint lengths[] = {1, 2, 2, 2, 3, 3, 4};
    g_auto(Forge) f = forge_new();
    const MgkRecord record = forge_record("a@example.com", HASH_A);
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        for (guint to = 0; to < MGK_N_STATES; to++) {
            g_autoptr(GError) error = NULL;
            g_autofree char *id = forge_add(&f, &record);
            for (guint k = 1; k < lengths[i]; k++)
                ck_assert(mgk_ledger_step(f.ledger, id, ways[i][k], &clerk, NULL, NULL));
            MgkState from = ways[i][lengths[i] - 1];
            gboolean want = mgk_state_may_become(from, (MgkState)to);
            gboolean got = mgk_ledger_step(f.ledger, id, (MgkState)to, &clerk, NULL, &error);
            ck_assert_msg(got == want, "%s to %s: got %d", mgk_state_name(from), mgk_state_name((MgkState)to), got);
            ck_assert(got || g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE));
            ck_assert_int_eq(forge_state(&f, id), got ? (MgkState)to : from);
        }
    }
}
END_TEST

START_TEST(test_ledger__filters_give_what_they_say)
{
    g_auto(Forge) f = forge_new();
    MgkRecord record = forge_record("sales@example.com", HASH_A);
    record.time_us = 100 * DAY_US;
    record.department = "税務課";
    g_autofree char *first = forge_add(&f, &record);
    record = forge_record("info@sub.example.com", HASH_B);
    record.recipients = (const char *const[]){"somu@city.example.jp", NULL};
    record.subject = "50%_OFF";
    record.time_us = 200 * DAY_US;
    g_autofree char *second = forge_add(&f, &record);
    record.sender = "";
    record.time_us = 300 * DAY_US;
    g_autofree char *third = forge_held(&f);
    static const char *const tax[] = {"税務課", NULL}, *const both[] = {"税務課", "企画課", NULL},
                             *const none[] = {NULL};
    const struct {
        MgkFilter filter;
        guint want;
    } rows[] = {{{.limit = 0}, 3},
                {{.sender = "sales@example.com"}, 2},
                {{.sender = "@example.com"}, 2},
                {{.sender = "@EXAMPLE.com"}, 2},
                {{.sender = "@sub.example.com"}, 1},
                {{.sender = "example"}, 3},
                {{.sender = "info"}, 1},
                {{.sender = "%"}, 0},
                {{.sender = "x' OR 1=1 --"}, 0},
                {{.recipient = "somu@city.example.jp"}, 1},
                {{.recipient = "@city.example.jp"}, 3},
                {{.subject = "見積"}, 2},
                {{.subject = "%"}, 1},
                {{.subject = "50%_"}, 1},
                {{.sha256 = HASH_A}, 2},
                {{.sha256 = HASH_B}, 2},
                {{.sha256 = "zz"}, 0},
                {{.states = 1u << MGK_STATE_HELD}, 1},
                {{.states = 1u << MGK_STATE_HELD | 1u << MGK_STATE_RECEIVED}, 3},
                {{.from_us = 200 * DAY_US}, 2},
                {{.to_us = 200 * DAY_US}, 1},
                {{.from_us = 100 * DAY_US, .to_us = 201 * DAY_US}, 2},
                {{.departments = tax}, 1},
                {{.departments = both}, 2},
                {{.departments = none}, 0},
                {{.before = third}, 2},
                {{.before = first}, 0},
                {{.limit = 2}, 2},
                {{.frozen = TRUE}, 0},
                {{.sender = "@example.com", .states = 1u << MGK_STATE_HELD, .departments = both}, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkRecords) records = mgk_ledger_list(f.ledger, &rows[i].filter, &error);
        ck_assert_msg(records != NULL, "row %u: %s", i, error ? error->message : "");
        ck_assert_msg(records->records->len == rows[i].want, "row %u: got %u, want %u", i, records->records->len,
                      rows[i].want);
        ck_assert(records->more == (rows[i].filter.limit == 2));
    }
}
END_TEST

START_TEST(test_ledger__pages_follow_each_other_newest_first)
{
    g_auto(Forge) f = forge_new();
    const MgkRecord record = forge_record("a@example.com", HASH_A);
    char before[MGK_RECORD_ID] = "", last[MGK_RECORD_ID] = "999999-9999";
    guint seen = 0;
    for (guint i = 0; i < 25; i++)
        g_free(forge_add(&f, &record));
    for (gboolean more = TRUE; more;) {
        g_autoptr(MgkRecords) page = mgk_ledger_list(f.ledger, &(MgkFilter){.before = before, .limit = 10}, NULL);
        more = page->more;
        for (guint i = 0; i < page->records->len; i++, seen++) {
            const MgkRecord *r = mgk_records_get(page, i);
            ck_assert(strcmp(r->id, last) < 0);
            memcpy(last, r->id, sizeof last);
        }
        memcpy(before, last, sizeof before);
    }
    ck_assert_uint_eq(seen, 25);
}
END_TEST

START_TEST(test_ledger__what_is_recorded_cannot_be_changed_by_sql_either)
{
    static const char *const statements[] = {
        "UPDATE records SET sha256 = zeroblob(32)",
        "UPDATE records SET time_us = 1",
        "UPDATE records SET sender = 1",
        "UPDATE records SET state = 9",
        "UPDATE records SET state = 77",
        "DELETE FROM records",
        "INSERT INTO records(number,time_us,origin,state,sha256,size,sender) VALUES(1,1,0,5,zeroblob(32),1,1)",
        "INSERT INTO records(number,time_us,origin,state,sha256,size,sender) VALUES(1,1,0,0,zeroblob(31),1,1)",
        "UPDATE requests SET uid = 5",
        "UPDATE requests SET sha256 = zeroblob(32)",
        "UPDATE decisions SET uid = 5",
        "DELETE FROM decisions",
        "INSERT INTO decisions(request,kind,uid,person,role,time_us,sha256) SELECT 1,0,1000,'x','ciso',1,sha256 FROM "
        "requests"};
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f), *path = g_build_filename(f.folder, "ledger.db", NULL);
    MgkRequest request = {.person = clerk, .reason = "x", .chain = "ciso ciso", .expires_us = G_MAXINT64};
    guint64 number = 0;
    memcpy(request.record, id, strlen(id) + 1);
    memcpy(request.sha256, HASH_A, sizeof HASH_A);
    ck_assert(mgk_ledger_request(f.ledger, &request, &number, NULL));
    MgkDecision decision = {.kind = MGK_DECIDE_APPROVE, .request = number, .person = ciso};
    memcpy(decision.sha256, HASH_A, sizeof HASH_A);
    ck_assert(mgk_ledger_decide(f.ledger, &decision, NULL));
    forge_close(&f);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    for (guint i = 0; i < G_N_ELEMENTS(statements); i++)
        ck_assert_msg(sqlite3_exec(db, statements[i], NULL, NULL, NULL) == SQLITE_CONSTRAINT, "%s: %s", statements[i],
                      sqlite3_errmsg(db));
    sqlite3_close(db);
}
END_TEST

START_TEST(test_ledger__every_change_is_in_the_log_once)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *id = forge_held(&f), *log = g_build_filename(f.folder, "log", NULL);
    ck_assert(mgk_ledger_step(f.ledger, id, MGK_STATE_RELEASED, &clerk, "unlocked", NULL));
    ck_assert(!mgk_ledger_step(f.ledger, id, MGK_STATE_HELD, &clerk, NULL, NULL));
    forge_close(&f);
    forge_open(&f);
    ck_assert_uint_eq(forge_logged(&f, "record.received"), 1);
    ck_assert_uint_eq(forge_logged(&f, "record.held"), 1);
    ck_assert_uint_eq(forge_logged(&f, "record.released"), 1);
    MgkLogVerdict verdict;
    ck_assert(mgk_log_verify(log, NULL, NULL, &verdict, NULL));
    ck_assert_uint_eq(verdict.records, 3);
}
END_TEST

/* A crash between ledger and log: the record stands in the outbox only. */
START_TEST(test_ledger__the_next_start_tells_what_the_log_misses)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *path = g_build_filename(f.folder, "ledger.db", NULL);
    g_free(forge_held(&f));
    forge_close(&f);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "INSERT INTO outbox VALUES(3,'\"event\":\"lost\"'),(1,'\"event\":\"told\"')"
                                  " ON CONFLICT DO NOTHING",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    for (guint i = 0; i < 2; i++) {
        forge_open(&f);
        ck_assert_uint_eq(forge_logged(&f, "lost"), 1);
        ck_assert_uint_eq(forge_logged(&f, "told"), 0);
        forge_close(&f);
    }
    forge_open(&f);
    g_autofree char *next = forge_held(&f);
    ck_assert_uint_eq(forge_logged(&f, "record.received"), 2);
}
END_TEST

START_TEST(test_ledger__a_reader_sees_what_the_writer_did_and_changes_nothing)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *first = forge_held(&f), *path = g_build_filename(f.folder, "ledger.db", NULL);
    g_autoptr(MgkLedger) reader = mgk_ledger_open(path, NULL, NULL);
    ck_assert_ptr_nonnull(reader);
    g_autofree char *second = forge_held(&f);
    g_autoptr(MgkRecords) records = mgk_ledger_list(reader, &(MgkFilter){.limit = 0}, NULL);
    ck_assert_uint_eq(records->records->len, 2);
    ck_assert(!mgk_ledger_step(reader, first, MGK_STATE_RELEASED, &clerk, NULL, NULL));
}
END_TEST

START_TEST(test_ledger__a_newer_or_foreign_file_is_refused)
{
    g_auto(Forge) f = forge_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(f.folder, "ledger.db", NULL),
                    *text = g_build_filename(f.folder, "x", NULL);
    g_clear_pointer(&f.ledger, mgk_ledger_free);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    ck_assert_ptr_null(mgk_ledger_open(path, f.log, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED));
    g_clear_error(&error);
    g_autofree char *junk = g_strnfill(8192, 'x');
    ck_assert(g_file_set_contents(text, junk, -1, NULL));
    ck_assert_ptr_null(mgk_ledger_open(text, f.log, &error));
    ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED), "%s", error->message);
}
END_TEST

START_TEST(test_ledger__hostile_strings_are_bounded_and_valid)
{
    g_auto(Forge) f = forge_new();
    g_autofree char *longer = g_strnfill(1000000, 'x');
    MgkRecord record = forge_record("\xff\xfe@\x80", HASH_A);
    record.subject = longer;
    record.message_id = "\xe3\x81";
    g_autofree char *id = forge_add(&f, &record);
    g_autoptr(MgkRecords) records = mgk_ledger_get(f.ledger, id, NULL);
    const MgkRecord *r = mgk_records_get(records, 0);
    ck_assert(g_utf8_validate(r->sender, -1, NULL) && g_utf8_validate(r->message_id, -1, NULL));
    ck_assert_uint_eq(strlen(r->subject), 1024);
}
END_TEST

int main(void)
{
    const TTest *const all[] = {test_ledger__a_record_comes_back_as_it_went_in,
                                test_ledger__ids_are_a_day_and_a_number_and_only_grow,
                                test_ledger__only_the_steps_of_the_table_are_taken,
                                test_ledger__filters_give_what_they_say,
                                test_ledger__pages_follow_each_other_newest_first,
                                test_ledger__what_is_recorded_cannot_be_changed_by_sql_either,
                                test_ledger__every_change_is_in_the_log_once,
                                test_ledger__the_next_start_tells_what_the_log_misses,
                                test_ledger__a_reader_sees_what_the_writer_did_and_changes_nothing,
                                test_ledger__a_newer_or_foreign_file_is_refused,
                                test_ledger__a_delivery_has_one_record,
                                test_ledger__hostile_strings_are_bounded_and_valid,
                                NULL};
    return forge_run("ledger", all);
}
