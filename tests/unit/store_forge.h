/* store_forge.h - for tests of the ledger: one in a fresh folder, and records put into it. */
#pragma once

#include "store/decisions.h"
#include "store/log_read.h"
#include "store/upkeep.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DAY_US ((gint64)G_TIME_SPAN_DAY)

typedef struct Forge {
    char *folder;      /* owned */
    MgkLog *log;       /* owned */
    MgkLedger *ledger; /* owned */
} Forge;

static const MgkPerson clerk = {1000, "tanaka", "clerk"}, head = {1001, "suzuki", "approver"},
                       ciso = {1002, "sato", "ciso"};

static inline void forge_open(Forge *f)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *log = g_build_filename(f->folder, "log", NULL);
    g_autofree char *path = g_build_filename(f->folder, "ledger.db", NULL);
    f->log = mgk_log_open(log, NULL, &error);
    f->ledger = f->log ? mgk_ledger_open(path, f->log, &error) : NULL;
    ck_assert_msg(f->ledger != NULL, "%s", error ? error->message : "");
}

static inline void forge_close(Forge *f)
{
    g_clear_pointer(&f->ledger, mgk_ledger_free);
    g_clear_pointer(&f->log, mgk_log_free);
}

static inline Forge forge_new(void)
{
    Forge f = {.folder = g_dir_make_tmp("mugaika-ledger-XXXXXX", NULL)};
    forge_open(&f);
    return f;
}

static inline void forge_clear(Forge *f)
{
    forge_close(f);
    g_free(f->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Forge, forge_clear)

static inline MgkRecord forge_record(const char *sender, const char *sha256)
{
    static const char *const recipients[] = {"kikaku@city.example.jp", "zeimu@city.example.jp", NULL};
    MgkRecord record = {.sender = sender,
                        .recipients = recipients,
                        .client = "192.0.2.1",
                        .subject = "見積書の件",
                        .message_id = "<1@example.com>",
                        .size = 1000};
    g_strlcpy(record.sha256, sha256, sizeof record.sha256);
    return record;
}

/* Adds the record and returns its id; owned by the caller. */
static inline char *forge_add(Forge *f, const MgkRecord *record)
{
    char id[MGK_RECORD_ID];
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_ledger_add(f->ledger, record, id, &error), "%s", error ? error->message : "");
    return g_strdup(id);
}

static inline void forge_conclude(Forge *f, const char *id, MgkState state, MgkVerdict verdict)
{
    static const MgkRecordPart parts[] = {
        {.name = "mail.eml", .format = "eml", .verdict = MGK_VERDICT_CLEANED, .size = 1000},
        {.name = "見積.xlsm",
         .format = "xlsx",
         .sha256 = HASH_B,
         .verdict = MGK_VERDICT_HELD,
         .reason = MGK_REASON_ENCRYPTED,
         .findings = "[{\"kind\":\"macro.vba\"}]"}};
    static const MgkTally tallies[] = {{"kind:macro.vba", 2}};
    const MgkRecord result = {.state = state,
                              .verdict = verdict,
                              .reason = MGK_REASON_NONE,
                              .policy = "p1",
                              .rules = "r1",
                              .clean_copy = "mail",
                              .department = "企画課",
                              .parts = parts,
                              .n_parts = 2};
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_ledger_conclude(f->ledger, id, &result, tallies, 1, &error), "%s", error ? error->message : "");
}

/* A held record; its id is owned by the caller. */
static inline char *forge_held(Forge *f)
{
    const MgkRecord record = forge_record("sales@example.com", HASH_A);
    char *id = forge_add(f, &record);
    forge_conclude(f, id, MGK_STATE_HELD, MGK_VERDICT_HELD);
    return id;
}

static inline MgkState forge_state(Forge *f, const char *id)
{
    g_autoptr(MgkRecords) records = mgk_ledger_get(f->ledger, id, NULL);
    ck_assert_ptr_nonnull(records);
    return mgk_records_get(records, 0)->state;
}

static inline gboolean forge_count(gpointer user, const char *line, gsize size)
{
    ck_assert(line && size > 0);
    ++*(guint *)user;
    return TRUE;
}

/* How many log records have this event. */
static inline guint forge_logged(Forge *f, const char *event)
{
    guint n = 0;
    g_autofree char *log = g_build_filename(f->folder, "log", NULL);
    ck_assert(mgk_log_search(log, &(MgkLogFilter){.event = event}, forge_count, &n, NULL));
    return n;
}

/* Runs a suite of cases given as a NULL-terminated table; the process' exit status. */
static inline int forge_run(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 60);
    for (; *tests; tests++)
        tcase_add_test(cases, *tests);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
