/* ledger_bench.c - fills a ledger with records as a town has them and prints what a question costs.
 *
 *   ledger_bench FOLDER [RECORDS]
 *
 * A new FOLDER is filled (a file system in memory fills faster; the questions' times are from the page cache either
 * way), one that is there is asked only. 3,000 staff, 20,000 outside senders of 2,000 domains, 20 departments; 1,000
 * mails a day; of a hundred mails 95 are kept whole, 5 held; one to four parts each. */
#include "store/decisions.h"
#include "store/upkeep.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_US ((gint64)G_TIME_SPAN_DAY)
#define START_US ((gint64)1704067200 * G_USEC_PER_SEC) /* 2024-01-01 */
#define PER_DAY 1000

static void die(const GError *error)
{
    fprintf(stderr, "ledger_bench: %s\n", error ? error->message : "failed");
    exit(1);
}

static void make_hash(char ret_hash[65], guint a, guint b)
{
    g_snprintf(ret_hash, 65, "%08x%08x%048x", a * 2654435761u, b * 40503u + a, a);
}

static gint64 time_of(guint i)
{
    return START_US + (gint64)(i / PER_DAY) * DAY_US + (gint64)(i % PER_DAY) * (DAY_US / PER_DAY);
}

static void add_one(MgkLedger *ledger, guint i)
{
    static const char *const subjects[] = {"見積書の送付について", "令和8年度の調査の件", "会議の開催通知",
                                           "Re: お問い合わせ"};
    g_autoptr(GError) error = NULL;
    char id[MGK_RECORD_ID], sender[64], to[2][64], client[32], subject[128], message_id[64], queue[16], department[32];
    guint r = i * 2654435761u >> 4, who = r % 20000;
    g_snprintf(sender, sizeof sender, "person%u@company%u.example.jp", who, who % 2000);
    for (guint k = 0; k < 2; k++)
        g_snprintf(to[k], sizeof to[k], "staff%04u@city.example.jp", (r / 7 + k * 31) % 3000);
    g_snprintf(client, sizeof client, "192.0.%u.%u", who % 8, who % 250);
    g_snprintf(subject, sizeof subject, "%s %u", subjects[r % 4], i);
    g_snprintf(message_id, sizeof message_id, "<%08x.%u@company%u.example.jp>", r, i, who % 2000);
    g_snprintf(queue, sizeof queue, "4%08X", r);
    g_snprintf(department, sizeof department, "第%u課", r % 20);
    const char *const recipients[] = {to[0], r % 3 ? NULL : to[1], NULL};
    MgkRecord record = {.time_us = time_of(i),
                        .sender = sender,
                        .recipients = recipients,
                        .client = client,
                        .subject = subject,
                        .message_id = message_id,
                        .queue_id = queue,
                        .department = department,
                        .size = 20000 + r % 500000};
    make_hash(record.sha256, i, 0);
    if (!mgk_ledger_add(ledger, &record, id, &error))
        die(error);
    MgkRecordPart parts[4] = {{.name = "mail.eml", .format = "eml", .size = record.size}};
    for (guint k = 1; k < 4; k++) {
        parts[k] = (MgkRecordPart){.name = "見積書（第2版）.xlsx",
                                   .format = "xlsx",
                                   .size = 15000 + r % 10000,
                                   .findings = "[{\"kind\":\"metadata\",\"action\":\"remove\",\"count\":1}]"};
        make_hash(parts[k].sha256, i % 50000, k);
    }
    gboolean held = i % 20 == 0;
    const MgkTally tallies[] = {{held ? "kind:macro.vba" : "kind:metadata", 1}, {"kind:link.external", 2}};
    MgkRecord result = {.state = held ? MGK_STATE_HELD : MGK_STATE_KEPT,
                        .verdict = held ? MGK_VERDICT_HELD : MGK_VERDICT_CLEANED,
                        .policy = "4f2a9c1b7d3e",
                        .rules = "2026-11",
                        .clean_copy = "mail",
                        .parts = parts,
                        .n_parts = 1 + r % 4};
    if (!mgk_ledger_conclude(ledger, id, &result, tallies, 2, &error))
        die(error);
}

static double since(gint64 start_us)
{
    return (double)(g_get_monotonic_time() - start_us) / 1000.0;
}

static void time_list(MgkLedger *ledger, const char *label, const MgkFilter *filter)
{
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();
    g_autoptr(MgkRecords) records = mgk_ledger_list(ledger, filter, &error);
    if (!records)
        die(error);
    printf("%-44s %8.1f ms  %u%s\n", label, since(start), records->records->len, records->more ? "+" : "");
}

static void time_lists(MgkLedger *ledger, guint n)
{
    char hash[65], middle[MGK_RECORD_ID];
    static const char *const one[] = {"第3課", NULL}, *const two[] = {"第3課", "第4課", NULL};
    g_autoptr(MgkRecords) found = mgk_ledger_list(
        ledger, &(MgkFilter){.from_us = time_of(n / 2), .to_us = time_of(n / 2 + 10), .limit = 1}, NULL);
    memcpy(middle, found && found->records->len ? mgk_records_get(found, 0)->id : "240101-0001", sizeof middle);
    make_hash(hash, 123, 1);
    const struct {
        const char *label;
        MgkFilter filter;
    } rows[] = {
        {"newest", {.limit = 50}},
        {"newest 1000", {.limit = 1000}},
        {"page in the middle", {.before = middle}},
        {"held", {.states = 1u << MGK_STATE_HELD}},
        {"requested (none)", {.states = 1u << MGK_STATE_REQUESTED}},
        {"frozen (none)", {.frozen = TRUE}},
        {"one sender", {.sender = "person77@company77.example.jp"}},
        {"sender's domain", {.sender = "@company77.example.jp"}},
        {"part of a sender", {.sender = "company77."}},
        {"part of every sender", {.sender = "example"}},
        {"part of every sender, none then", {.sender = "example", .states = 1u << MGK_STATE_HELD, .to_us = 1}},
        {"part of a recipient", {.recipient = "staff00"}},
        {"unknown sender", {.sender = "nobody@example.org"}},
        {"one recipient", {.recipient = "staff0077@city.example.jp"}},
        {"all recipients of the domain", {.recipient = "@city.example.jp"}},
        {"one department", {.departments = one}},
        {"two departments, held", {.departments = two, .states = 1u << MGK_STATE_HELD}},
        {"a month, one department", {.from_us = time_of(n / 2), .to_us = time_of(n / 2 + 30000), .departments = one}},
        {"a day, one sender (none)", {.from_us = time_of(n / 2), .to_us = time_of(n / 2 + 1000), .sender = "nobody@x"}},
        {"old held of one department", {.to_us = time_of(n / 10), .states = 1u << MGK_STATE_HELD, .departments = one}},
        {"a part's hash", {.sha256 = hash}},
        {"subject, found often", {.subject = "調査"}},
        {"subject, found never", {.subject = "存在しない"}}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        time_list(ledger, rows[i].label, &rows[i].filter);
}

static void time_others(MgkLedger *ledger, guint n)
{
    static const MgkRetention retention = {.verdict_days = {30, 30, 30, 90, 365}, .received_days = 7};
    MgkUsage usage;
    gint64 start = g_get_monotonic_time();
    g_autoptr(GArray) counts = mgk_ledger_counts(ledger, time_of(n / 2), time_of(n / 2 + 30000), NULL, NULL);
    printf("%-44s %8.1f ms  %u\n", "report of a month", since(start), counts->len);
    start = g_get_monotonic_time();
    g_autoptr(GArray) all = mgk_ledger_counts(ledger, START_US, time_of(n), NULL, NULL);
    printf("%-44s %8.1f ms  %u\n", "report of all time", since(start), all->len);
    start = g_get_monotonic_time();
    g_autoptr(GPtrArray) due = mgk_ledger_due(ledger, &retention, time_of(n), 1000, NULL);
    printf("%-44s %8.1f ms  %u\n", "due, 1000 of them", since(start), due->len);
    start = g_get_monotonic_time();
    mgk_ledger_usage(ledger, "person77@company77.example.jp", "192.0.5.77", time_of(n - 1), &usage, NULL);
    printf("%-44s %8.1f ms  %u\n", "quotas of one source", since(start), (guint)usage.domain_holds);
}

static guint64 size_of(const char *folder, const char *name)
{
    struct stat status;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return stat(path, &status) == 0 ? (guint64)status.st_size : 0;
}

static guint64 size_of_folder(const char *folder)
{
    guint64 size = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir)))
        size += size_of(folder, name);
    return size;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc < 2) {
        fprintf(stderr, "usage: ledger_bench FOLDER [RECORDS]\n");
        return 64;
    }
    gboolean filled = g_mkdir(argv[1], 0700) != 0;
    guint n = argc > 2 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 1000000;
    g_autofree char *log_folder = g_build_filename(argv[1], "log", NULL),
                    *path = g_build_filename(argv[1], "ledger.db", NULL);
    g_autoptr(MgkLog) log = mgk_log_open(log_folder, NULL, &error);
    g_autoptr(MgkLedger) ledger = log ? mgk_ledger_open(path, log, &error) : NULL;
    if (!ledger)
        die(error);
    gint64 start = g_get_monotonic_time();
    for (guint i = 0; !filled && i < n; i++)
        add_one(ledger, i);
    if (!filled)
        printf("%u records, %.1f us each\n", n, since(start) * 1000 / n);
    time_lists(ledger, n);
    time_others(ledger, n);
    g_clear_pointer(&ledger, mgk_ledger_free);
    printf("ledger %.0f bytes a record, log %.0f bytes a record\n", (double)size_of(argv[1], "ledger.db") / n,
           (double)size_of_folder(log_folder) / n);
    return 0;
}
