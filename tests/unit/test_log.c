#include "store/log.h"

#include "fake_job.h"
#include "store/log_read.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *make_folder(void)
{
    char *folder = g_dir_make_tmp("mugaika-log-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
    return folder;
}

static MgkLog *open_log(const char *folder, guint64 file_bytes)
{
    g_autoptr(GError) error = NULL;
    const MgkLogOptions options = {.file_bytes = file_bytes};
    MgkLog *log = mgk_log_open(folder, &options, &error);
    ck_assert_msg(log != NULL, "%s", error ? error->message : "");
    return log;
}

static void append(MgkLog *log, const char *name, const char *record, const char *value)
{
    g_autoptr(GError) error = NULL;
    const char *const data[] = {"why", value, NULL};
    const MgkEvent event = {.name = name, .uid = 7, .actor = "tanaka", .record = record, .data = data};
    ck_assert_msg(mgk_log_append(log, &event, &error), "%s", error ? error->message : "");
}

static void fill(const char *folder, guint n, guint64 file_bytes)
{
    g_autoptr(MgkLog) log = open_log(folder, file_bytes);
    for (guint i = 0; i < n; i++) {
        g_autofree char *record = g_strdup_printf("261121-%04u", i);
        append(log, "record.held", record, "課");
    }
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *files_of(const char *folder)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        if (g_str_has_suffix(name, ".jsonl") && g_ascii_isdigit(name[0]))
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    }
    g_ptr_array_sort(paths, by_name);
    return paths;
}

static gboolean verify(const char *folder, const MgkLogRoot *root, MgkLogVerdict *verdict)
{
    g_autoptr(GError) error = NULL;
    gboolean good = mgk_log_verify(folder, NULL, root, verdict, &error);
    ck_assert(good == (error == NULL));
    ck_assert_msg(good || g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED), "%s", error->message);
    return good;
}

static gboolean count(gpointer user, const char *line, gsize size)
{
    ck_assert(size > 0 && line[0] == '{' && line[size - 1] == '}');
    ++*(guint *)user;
    return TRUE;
}

static guint search(const char *folder, const MgkLogFilter *filter)
{
    g_autoptr(GError) error = NULL;
    guint found = 0;
    ck_assert_msg(mgk_log_search(folder, filter, count, &found, &error), "%s", error ? error->message : "");
    return found;
}

START_TEST(test_log__records_are_chained_over_files_and_openings)
{
    g_autofree char *folder = make_folder();
    MgkLogVerdict verdict;
    fill(folder, 10, 1000);
    fill(folder, 10, 1000);
    g_autoptr(GPtrArray) files = files_of(folder);
    ck_assert_uint_gt(files->len, 5);
    ck_assert(verify(folder, NULL, &verdict));
    ck_assert_uint_eq(verdict.records, 20);
    ck_assert_uint_eq(verdict.root.seq, 20);
    g_autoptr(MgkLog) log = open_log(folder, 0);
    MgkLogRoot root;
    mgk_log_root(log, &root);
    ck_assert_str_eq(root.hash, verdict.root.hash);
}
END_TEST

START_TEST(test_log__a_hash_can_be_checked_by_hand)
{
    g_autofree char *folder = make_folder();
    fill(folder, 1, 0);
    g_autoptr(GPtrArray) files = files_of(folder);
    g_autofree char *text = NULL;
    ck_assert(g_file_get_contents(g_ptr_array_index(files, 0), &text, NULL, NULL));
    char *hash = strstr(text, ",\"hash\":\"");
    ck_assert_ptr_nonnull(hash);
    g_autofree char *want = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, (gsize)(hash - text));
    ck_assert_ptr_nonnull(strstr(hash, want));
    ck_assert(g_str_is_ascii(text));
}
END_TEST

START_TEST(test_log__a_torn_end_is_cut_kept_and_told)
{
    static const char *const tails[] = {"{\"seq\":4,\"time\":\"2026", "\n", "\n\n{\"seq\":4}\n", "x", "{}\n{}\n{"};
    for (guint i = 0; i < G_N_ELEMENTS(tails); i++) {
        g_autofree char *folder = make_folder();
        MgkLogVerdict verdict;
        fill(folder, 3, 0);
        g_autoptr(GPtrArray) files = files_of(folder);
        struct stat status;
        ck_assert_int_eq(stat(g_ptr_array_index(files, 0), &status), 0);
        FILE *file = fopen(g_ptr_array_index(files, 0), "ae");
        ck_assert(file && fputs(tails[i], file) >= 0 && fclose(file) == 0);
        fill(folder, 1, 0);
        ck_assert_msg(verify(folder, NULL, &verdict), "%u: %s", i, verdict.where);
        ck_assert_uint_eq(verdict.records, 5);
        ck_assert_uint_eq(search(folder, &(MgkLogFilter){.event = "log.repaired"}), 1);
        g_autofree char *kept = g_strdup_printf("%s/torn/00000001-%ld", folder, (long)status.st_size), *text = NULL;
        ck_assert_msg(g_file_get_contents(kept, &text, NULL, NULL), "%u: %s", i, kept);
        ck_assert_str_eq(text, tails[i]);
    }
}
END_TEST

START_TEST(test_log__any_changed_byte_is_found_at_its_record)
{
    g_autofree char *folder = make_folder();
    MgkLogVerdict verdict;
    fill(folder, 3, 0);
    g_autoptr(GPtrArray) files = files_of(folder);
    const char *path = g_ptr_array_index(files, 0);
    g_autofree char *text = NULL;
    gsize size = 0;
    ck_assert(g_file_get_contents(path, &text, &size, NULL));
    gsize second = (gsize)(strchr(text, '\n') - text) + 1, third = (gsize)(strchr(text + second, '\n') - text) + 1;
    for (gsize at = 0; at < size - 1; at++) {
        char want[32];
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        char changed = (char)(text[at] ^ 1);
        ck_assert(fd >= 0 && pwrite(fd, &changed, 1, (off_t)at) == 1);
        ck_assert_msg(!verify(folder, NULL, &verdict), "byte %zu", at);
        g_snprintf(want, sizeof want, "line %d ", at < second ? 1 : at < third ? 2 : 3);
        ck_assert_msg(strstr(verdict.where, want) != NULL, "byte %zu: want %s got %s", at, want, verdict.where);
        ck_assert(pwrite(fd, &text[at], 1, (off_t)at) == 1);
        close(fd);
    }
    ck_assert(verify(folder, NULL, &verdict));
}
END_TEST

START_TEST(test_log__a_removed_record_is_found)
{
    g_autofree char *folder = make_folder();
    MgkLogVerdict verdict;
    fill(folder, 3, 0);
    g_autoptr(GPtrArray) files = files_of(folder);
    const char *path = g_ptr_array_index(files, 0);
    g_autofree char *text = NULL;
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    char *second = strchr(text, '\n') + 1, *third = strchr(second, '\n') + 1;
    memmove(second, third, strlen(third) + 1);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert(!verify(folder, NULL, &verdict));
    ck_assert_ptr_nonnull(strstr(verdict.where, "line 2 (seq 2)"));
}
END_TEST

START_TEST(test_log__a_cut_end_is_found_by_a_root)
{
    g_autofree char *folder = make_folder();
    MgkLogVerdict verdict;
    MgkLogRoot root;
    fill(folder, 3, 0);
    ck_assert(verify(folder, NULL, &verdict));
    root = verdict.root;
    ck_assert(verify(folder, &root, &verdict));
    g_autoptr(GPtrArray) files = files_of(folder);
    const char *path = g_ptr_array_index(files, 0);
    g_autofree char *text = NULL;
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    *strrchr(g_strchomp(text), '\n') = '\0';
    g_autofree char *cut = g_strconcat(text, "\n", NULL);
    ck_assert(g_file_set_contents(path, cut, -1, NULL));
    ck_assert(verify(folder, NULL, &verdict));
    ck_assert(!verify(folder, &root, &verdict));
    ck_assert_str_eq(verdict.where, "end (seq 2)");
    root.seq = 2;
    ck_assert_msg(!verify(folder, &root, &verdict), "another hash for the same record");
}
END_TEST

START_TEST(test_log__swapped_and_missing_files_are_found)
{
    g_autofree char *folder = make_folder();
    MgkLogVerdict verdict;
    fill(folder, 6, 1);
    g_autoptr(GPtrArray) files = files_of(folder);
    ck_assert_uint_eq(files->len, 6);
    const char *second = g_ptr_array_index(files, 1), *third = g_ptr_array_index(files, 2);
    g_autofree char *aside = g_build_filename(folder, "aside", NULL);
    ck_assert(rename(second, aside) == 0 && rename(third, second) == 0 && rename(aside, third) == 0);
    ck_assert(!verify(folder, NULL, &verdict));
    ck_assert_ptr_nonnull(strstr(verdict.where, "00000002-"));
    ck_assert(rename(second, aside) == 0 && rename(third, second) == 0 && rename(aside, third) == 0);
    ck_assert(verify(folder, NULL, &verdict));
    ck_assert(unlink(second) == 0);
    ck_assert(!verify(folder, NULL, &verdict));
    ck_assert_ptr_nonnull(strstr(verdict.where, "00000003-"));
}
END_TEST

START_TEST(test_log__search_finds_by_every_member)
{
    g_autofree char *folder = make_folder();
    {
        g_autoptr(MgkLog) log = open_log(folder, 0);
        append(log, "record.held", "261121-0001", "\"event\":\"record.freed\"");
        append(log, "record.released", "261121-0002", "x");
        append(log, "daemon.start", NULL, "x");
        const MgkEvent event = {.name = "view", .actor = "佐藤\"", .sha256 = "ab", .department = "税務課"};
        ck_assert(mgk_log_append(log, &event, NULL));
    }
    static const struct {
        MgkLogFilter filter;
        guint want;
    } rows[] = {{{.event = NULL}, 4},
                {{.event = "record.held"}, 1},
                {{.event = "record."}, 2},
                {{.event = "record"}, 0},
                {{.event = "record.freed"}, 0},
                {{.record = "261121-0002"}, 1},
                {{.record = "261121-000"}, 0},
                {{.actor = "tanaka"}, 3},
                {{.actor = "佐藤\""}, 1},
                {{.sha256 = "ab"}, 1},
                {{.department = "税務課"}, 1},
                {{.from_seq = 3}, 2},
                {{.limit = 3}, 3},
                {{.from = "2020"}, 4},
                {{.from = "9"}, 0},
                {{.to = "2020"}, 0},
                {{.event = "record.", .actor = "tanaka", .limit = 1}, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint got = search(folder, &rows[i].filter);
        ck_assert_msg(got == rows[i].want, "row %u: got %u, want %u", i, got, rows[i].want);
    }
}
END_TEST

static gboolean add_csv(gpointer user, const char *line, gsize size)
{
    g_autofree char *row = mgk_log_csv(line, size);
    ck_assert_ptr_nonnull(row);
    g_string_append(user, row);
    return TRUE;
}

/* The judge is our own CSV cleaner: it must have nothing to do. */
START_TEST(test_log__csv_has_nothing_that_a_spreadsheet_runs)
{
    static const char *const values[] = {"=1+1",
                                         "@SUM(A1)",
                                         "a,=cmd|'/c calc'!A1",
                                         "x\";=A1",
                                         "\t=HYPERLINK(\"x\")",
                                         "＝1+1",
                                         "-2+3+cmd|' /C calc'!A0",
                                         "a|=B2",
                                         "\xe2\x80\xae"
                                         "evil",
                                         "line\r\n=1",
                                         "\xff\xfe=1",
                                         "plain"};
    g_autofree char *folder = make_folder();
    g_autoptr(GString) csv = g_string_new(mgk_log_csv_heading());
    {
        g_autoptr(MgkLog) log = open_log(folder, 0);
        for (guint i = 0; i < G_N_ELEMENTS(values); i++)
            append(log, "record.held", values[i], values[i]);
    }
    ck_assert(mgk_log_search(folder, &(MgkLogFilter){.limit = 0}, add_csv, csv, NULL));
    ck_assert_ptr_null(strstr(csv->str, "\xe2\x80\xae"));
    g_auto(GStrv) lines = g_strsplit(csv->str, "\r\n", 0);
    ck_assert_uint_eq(g_strv_length(lines), G_N_ELEMENTS(values) + 2);
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, (const guint8 *)csv->str, csv->len, "log.csv", MGK_FORMAT_ID_csv, NULL));
    ck_assert_msg(run->report->findings->len == 0, "%s",
                  ((MgkFinding *)g_ptr_array_index(run->report->findings, 0))->detail);
    ck_assert_mem_eq(run->output->data, csv->str, csv->len);
}
END_TEST

START_TEST(test_log__refs_ascend_and_are_remembered)
{
    g_autofree char *folder = make_folder();
    const MgkEvent event = {.name = "x"};
    g_autofree char *members = mgk_event_format(&event);
    {
        g_autoptr(MgkLog) log = open_log(folder, 1);
        ck_assert_uint_eq(mgk_log_last_ref(log), 0);
        const MgkLogEntry entries[] = {{.ref = 5, .members = members}, {.ref = 6, .members = members}};
        ck_assert(mgk_log_append_entries(log, entries, 2, NULL));
        append(log, "x", NULL, "no ref");
        append(log, "x", NULL, "no ref");
    }
    g_autoptr(MgkLog) log = open_log(folder, 1);
    ck_assert_uint_eq(mgk_log_last_ref(log), 6);
    /* After a sync that failed the ledger cannot know that a record is there, and gives it again. */
    const MgkLogEntry again[] = {{.ref = 6, .members = members}, {.ref = 7, .members = members}};
    ck_assert(mgk_log_append_entries(log, again, 2, NULL));
    ck_assert(mgk_log_append_entries(log, again, 2, NULL));
    MgkLogRoot root;
    mgk_log_root(log, &root);
    ck_assert_uint_eq(root.seq, 5);
}
END_TEST

START_TEST(test_log__one_writer_has_the_folder)
{
    g_autofree char *folder = make_folder();
    g_autoptr(MgkLog) log = open_log(folder, 0);
    ck_assert_ptr_null(mgk_log_open(folder, NULL, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *cases = tcase_create("log");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_log__records_are_chained_over_files_and_openings);
    tcase_add_test(cases, test_log__a_hash_can_be_checked_by_hand);
    tcase_add_test(cases, test_log__a_torn_end_is_cut_kept_and_told);
    tcase_add_test(cases, test_log__any_changed_byte_is_found_at_its_record);
    tcase_add_test(cases, test_log__a_removed_record_is_found);
    tcase_add_test(cases, test_log__a_cut_end_is_found_by_a_root);
    tcase_add_test(cases, test_log__swapped_and_missing_files_are_found);
    tcase_add_test(cases, test_log__search_finds_by_every_member);
    tcase_add_test(cases, test_log__csv_has_nothing_that_a_spreadsheet_runs);
    tcase_add_test(cases, test_log__refs_ascend_and_are_remembered);
    tcase_add_test(cases, test_log__one_writer_has_the_folder);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
