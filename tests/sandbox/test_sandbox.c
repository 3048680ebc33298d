/* The isolation from outside: every forbidden act, as root, as nobody, without user namespaces; every deed of a
 * captured worker (evil_worker.c). Argument: nothing (check runs all). */
#include "isolation/blob.h"
#include "isolation/selftest.h"
#include "sanitizer.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static MgkPolicy quick_policy(void)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    policy.limits.part_time = 1500;
    policy.limits.total_time = 20000;
    policy.limits.worker_memory = 256 * MGK_MIB;
    policy.limits.output_bytes = 8 * MGK_MIB;
    policy.limits.input_bytes = 8 * MGK_MIB;
    return policy;
}

static MgkSanitizer *open_sanitizer(const char *worker, gboolean full, GError **error)
{
    MgkPolicy policy = quick_policy();
    MgkSanitizerOptions options = {.jobs = 2, .worker_path = worker, .full_self_test = full};
    return mgk_sanitizer_new(&policy, &options, error);
}

static int memory_file(const char *text)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

static char *read_output(int fd)
{
    char buffer[4096];
    ssize_t n = pread(fd, buffer, sizeof buffer - 1, 0);
    ck_assert_int_ge(n, 0);
    buffer[n] = '\0';
    close(fd);
    return g_strdup(buffer);
}

/* ---- the acts ---- */

enum { PLAIN = 0, AS_NOBODY = 1, NO_USER_NAMESPACES = 2, NO_LANDLOCK = 4 };

static void refuse_calls(int how)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    if (how & NO_USER_NAMESPACES)
        seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0);
    if (how & NO_LANDLOCK)
        seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
    if (seccomp_load(ctx) != 0)
        _exit(70);
    seccomp_release(ctx);
}

/* In a process of its own: 0 the sandbox holds, 78 refused to start, 77 nobody cannot reach the worker. */
static int self_test_in_child(int how)
{
    pid_t pid = fork();
    if (pid == 0) {
        if ((how & AS_NOBODY) && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
            _exit(70);
        if ((how & AS_NOBODY) && access(WORKER, X_OK))
            _exit(77);
        if (how & (NO_USER_NAMESPACES | NO_LANDLOCK))
            refuse_calls(how);
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(WORKER, TRUE, &error);
        if (!sanitizer)
            fprintf(stderr, "refused: %s\n", error->message);
        else
            fprintf(stderr, "level: %s\n", mgk_sanitizer_sandbox_level(sanitizer));
        _exit(sanitizer ? 0 : 78);
    }
    int status;
    waitpid(pid, &status, 0);
    ck_assert_msg(WIFEXITED(status), "self-test process died: %#x", (guint)status);
    return WEXITSTATUS(status);
}

START_TEST(test_sandbox__all_acts_are_denied)
{
    static const struct {
        int how, want;
    } table[] = {
        {PLAIN, 0}, {NO_USER_NAMESPACES, 0}, {AS_NOBODY, 0}, {AS_NOBODY | NO_USER_NAMESPACES, 0}, {NO_LANDLOCK, 78}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if ((table[i].how & AS_NOBODY) && geteuid() != 0) {
            fprintf(stderr, "SKIPPED: as nobody (needs root)\n");
            continue;
        }
        int got = self_test_in_child(table[i].how);
        if (got == 77) {
            fprintf(stderr, "SKIPPED: nobody cannot reach %s\n", WORKER);
            continue;
        }
        ck_assert_msg(got == table[i].want, "how %d: got %d, want %d", table[i].how, got, table[i].want);
    }
}
END_TEST

/* Each act's control: outside the sandbox it must work, or its denial would prove nothing. */
START_TEST(test_sandbox__acts_work_outside)
{
    guint n, worked = 0;
    const MgkForbidden *table = mgk_selftest_table(&n);
    ck_assert_uint_ge(n, 42);
    for (guint i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            /* a mount of ours must stay ours; in a chroot that cannot be had */
            gboolean own = unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
            if (!own && !strcmp(table[i].name, "mount"))
                _exit(2);
            _exit(!strcmp(table[i].name, "signal everybody") ? 2 : mgk_selftest_act(i) ? 0 : 1);
        }
        int status;
        waitpid(pid, &status, 0);
        gboolean ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        worked += ok;
        if (!ok)
            fprintf(stderr, "SKIPPED: control of “%s” does not work here\n", table[i].name);
    }
    fprintf(stderr, "controls that work here: %u of %u\n", worked, n);
    ck_assert_uint_ge(worked, n * 3 / 4);
}
END_TEST

/* ---- the deeds ---- */

static const struct {
    const char *deed;
    MgkVerdict verdict;
    MgkReason reason;
    const char *teller; /* whose failure it is, where several die */
} deeds[] = {
    {"good", MGK_VERDICT_CLEANED, MGK_REASON_NONE, NULL},
    {"crash", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"sleep", MGK_VERDICT_HELD, MGK_REASON_TIMEOUT, NULL},
    {"spin", MGK_VERDICT_HELD, MGK_REASON_TIMEOUT, NULL},
    {"memory", MGK_VERDICT_HELD, MGK_REASON_MEMORY, NULL},
    {"flood", MGK_VERDICT_HELD, MGK_REASON_TOO_LARGE, NULL},
    {"flood-raw", MGK_VERDICT_HELD, MGK_REASON_TOO_LARGE, NULL},
    {"chatter", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"garbage", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"short", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"long", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"bad-kind", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"bad-text", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"bad-verdict", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"bad-extension", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"bad-format", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"twice", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"lie-size", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"nothing", MGK_VERDICT_HELD, MGK_REASON_NOTHING_LEFT, NULL},
    {"exit-early", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"open", MGK_VERDICT_HELD, MGK_REASON_INTERNAL, NULL},
    {"syscall", MGK_VERDICT_HELD, MGK_REASON_SECURITY_EVENT, NULL},
    {"ask-bad-role", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"ask-lie", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"ask-unheard", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"detect-twice", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"elsewhere", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"walk-elsewhere", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"walk-soil", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"omit", MGK_VERDICT_CLEANED, MGK_REASON_NONE, NULL},
    {"abort-zygote", MGK_VERDICT_HELD, MGK_REASON_SECURITY_EVENT, NULL},
    {"abort", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"pixels", MGK_VERDICT_CLEANED, MGK_REASON_NONE, NULL},
    {"pixels-crash", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"pixels-huge", MGK_VERDICT_HELD, MGK_REASON_TOO_LARGE, NULL},
    {"spread-crash", MGK_VERDICT_HELD, MGK_REASON_CRASH, NULL},
    {"walk-well", MGK_VERDICT_CLEANED, MGK_REASON_NONE, NULL},
    {"walk-crash", MGK_VERDICT_HELD, MGK_REASON_CRASH, "walker"},
    {"walk-memory", MGK_VERDICT_HELD, MGK_REASON_MEMORY, "walker"},
    {"walk-syscall", MGK_VERDICT_HELD, MGK_REASON_SECURITY_EVENT, "walker"},
    {"walk-garbage", MGK_VERDICT_HELD, MGK_REASON_CRASH, "walker"},
    {"walk-fail", MGK_VERDICT_HELD, MGK_REASON_MALFORMED, NULL},
    {"walk-hold", MGK_VERDICT_HELD, MGK_REASON_ENCRYPTED, NULL},
    {"walk-sleep", MGK_VERDICT_HELD, MGK_REASON_TIMEOUT, "walker"},
    {"no such deed", MGK_VERDICT_HELD, MGK_REASON_UNSUPPORTED_FEATURE, NULL},
};

static MgkReport *do_deed(MgkSanitizer *sanitizer, const char *deed, int *ret_output)
{
    g_autofree char *text = g_strconcat(deed, "\n", NULL);
    int fd = memory_file(text);
    MgkInput input = {.fd = fd, .name = "evil.txt"};
    MgkReport *report = mgk_sanitizer_clean(sanitizer, &input, ret_output);
    close(fd);
    return report;
}

static guint open_descriptors(void)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

START_TEST(test_sandbox__deeds_end_as_held)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(EVIL_WORKER, FALSE, &error);
    ck_assert_msg(sanitizer != NULL, "%s", error ? error->message : "");
    guint descriptors = open_descriptors();
    for (guint i = 0; i < G_N_ELEMENTS(deeds); i++) {
        int output;
        gint64 begin = g_get_monotonic_time();
        g_autoptr(MgkReport) report = do_deed(sanitizer, deeds[i].deed, &output);
        ck_assert_msg(report->verdict == deeds[i].verdict && report->reason == deeds[i].reason,
                      "%s: got %s/%s (%s), want %s/%s", deeds[i].deed, mgk_verdict_name(report->verdict),
                      mgk_reason_name(report->reason), report->reason_detail, mgk_verdict_name(deeds[i].verdict),
                      mgk_reason_name(deeds[i].reason));
        ck_assert_msg(!deeds[i].teller || g_str_has_prefix(report->reason_detail, deeds[i].teller),
                      "%s: got “%s”, want the words of the %s", deeds[i].deed, report->reason_detail, deeds[i].teller);
        ck_assert_msg((output >= 0) == mgk_verdict_crosses(deeds[i].verdict), "%s: output %d", deeds[i].deed, output);
        ck_assert_msg(g_get_monotonic_time() - begin < 6 * G_USEC_PER_SEC, "%s took too long", deeds[i].deed);
        if (output >= 0)
            close(output);
        guint left = open_descriptors(); /* one less: no zygote between a crash and the next file */
        ck_assert_msg(left == descriptors || left + 1 == descriptors, "%s: %u descriptors, %u before", deeds[i].deed,
                      left, descriptors);
    }
}
END_TEST

/* With a light worker beside the whole one: what it hands over is begun anew, and nothing it wrote crosses. */
START_TEST(test_sandbox__light_worker_hands_over)
{
    static const struct {
        const char *deed, *output;
    } table[] = {{"good", "clean\n"},      {"walk-well", "clean\n"}, {"walk-soil", "clean\n"},
                 {"walk-elsewhere", NULL}, {"elsewhere", NULL},      {"walk-crash", NULL}};
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("mugaika-pair-XXXXXX", NULL);
    g_autofree char *whole = g_build_filename(folder, "mugaika-worker", NULL);
    g_autofree char *light = g_build_filename(folder, "mugaika-light", NULL);
    ck_assert(symlink(EVIL_WORKER, whole) == 0 && symlink(EVIL_WORKER, light) == 0);
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(whole, TRUE, &error);
    ck_assert_msg(sanitizer != NULL, "%s", error ? error->message : "");
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        int output;
        g_autoptr(MgkReport) report = do_deed(sanitizer, table[i].deed, &output);
        g_autofree char *got = output >= 0 ? read_output(output) : NULL;
        ck_assert_msg(g_strcmp0(got, table[i].output) == 0, "%s: got %s (%s), want %s", table[i].deed, got,
                      report->reason_detail, table[i].output);
    }
    unlink(whole);
    unlink(light);
    rmdir(folder);
}
END_TEST

enum { SOME = 128 }; /* enough for the zygote, which has the caller's limit */

/* Takes all numbers but `left`. */
static void take_descriptors(int taken[SOME], guint left)
{
    guint n = 0;
    while (n < SOME && (taken[n] = dup(STDERR_FILENO)) >= 0)
        n++;
    for (guint i = 0; i < left && n > 0; i++) {
        close(taken[--n]);
        taken[n] = -1;
    }
}

static void give_back_descriptors(const int taken[SOME])
{
    for (guint i = 0; i < SOME && taken[i] >= 0; i++)
        close(taken[i]);
}

/* However few descriptors the caller has left: whole, or held as the caller's own failure with nothing lost on the way;
 * and when there are enough again, work goes on. */
START_TEST(test_sandbox__few_descriptors_hold_the_whole)
{
    static const char *const table[] = {"good", "ask", "pixels", "spread", "walk-well"};
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(EVIL_WORKER, FALSE, NULL);
    ck_assert(sanitizer != NULL);
    const struct rlimit some = {SOME, SOME};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &some), 0);
    guint descriptors = open_descriptors(), held = 0, whole = 0;
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        for (guint more = 0; more < 40; more++) {
            g_autofree char *text = g_strconcat(table[i], "\n", NULL);
            MgkInput input = {.fd = memory_file(text), .name = "evil.txt"};
            int output = -1, taken[SOME];
            take_descriptors(taken, more);
            g_autoptr(MgkReport) report = mgk_sanitizer_clean(sanitizer, &input, &output);
            give_back_descriptors(taken);
            gboolean own = report->reason == MGK_REASON_INTERNAL || report->reason == MGK_REASON_OUTPUT_FAILED ||
                           report->reason == MGK_REASON_INPUT_UNREADABLE;
            ck_assert_msg(output >= 0 ? report->verdict == MGK_VERDICT_CLEANED : own, "%s, %u more: %s (%s)", table[i],
                          more, mgk_reason_name(report->reason), report->reason_detail);
            for (guint c = 0; output >= 0 && c < report->children->len; c++) {
                const MgkReport *child = g_ptr_array_index(report->children, c);
                ck_assert_msg(child->reason == MGK_REASON_NONE || child->reason == MGK_REASON_CRASH, "%s, %u more: %s",
                              table[i], more, mgk_reason_name(child->reason));
            }
            held += output < 0;
            whole += output >= 0;
            close(input.fd);
            if (output >= 0)
                close(output);
        }
        int output = -1;
        g_autoptr(MgkReport) report = do_deed(sanitizer, "good", &output);
        ck_assert_msg(output >= 0, "after %s: %s (%s)", table[i], mgk_reason_name(report->reason),
                      report->reason_detail);
        close(output);
        ck_assert_uint_eq(open_descriptors(), descriptors);
    }
    ck_assert_msg(held > 10 && whole > 10, "%u held, %u whole", held, whole); /* both were tried */
}
END_TEST

/* The zygote has the caller's limit: with too few it starts nothing, or does so again for each file. */
START_TEST(test_sandbox__few_descriptors_of_the_zygote)
{
    for (rlim_t n = 60; n < 84; n++) {
        const struct rlimit few = {n, n};
        pid_t pid = fork();
        if (pid == 0) {
            setrlimit(RLIMIT_NOFILE, &few);
            g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(EVIL_WORKER, FALSE, NULL);
            int output = -1, again = -1;
            g_autoptr(MgkReport) report = sanitizer ? do_deed(sanitizer, "ask", &output) : NULL;
            gboolean own = !report || output >= 0 || report->reason == MGK_REASON_INTERNAL;
            g_autoptr(MgkReport) more = sanitizer ? do_deed(sanitizer, "ask", &again) : NULL;
            _exit(own && (output >= 0) == (again >= 0) ? 0 : 1);
        }
        int status;
        waitpid(pid, &status, 0);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%u descriptors: %#x", (guint)n, (guint)status);
    }
}
END_TEST

/* An output that somebody could still change behind the hash is none. */
START_TEST(test_sandbox__mapped_storage_is_refused)
{
    g_auto(MgkBlob) blob = MGK_BLOB_NONE;
    g_autoptr(GError) error = NULL;
    ck_assert(mgk_blob_create(10, &blob, NULL));
    ck_assert_int_eq(write(blob.fd, "0123456789", 10), 10);
    void *map = mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, blob.fd, 0);
    ck_assert(map != MAP_FAILED);
    ck_assert(!mgk_blob_finish(&blob, 10, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
    munmap(map, 10);
    ck_assert(mgk_blob_finish(&blob, 10, NULL));
    ck_assert_int_lt(write(blob.fd, "x", 1), 0);
}
END_TEST

START_TEST(test_sandbox__children_answer_and_neighbours_survive)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(EVIL_WORKER, FALSE, &error);
    ck_assert(sanitizer != NULL);
    int output;
    g_autoptr(MgkReport) report = do_deed(sanitizer, "ask", &output);
    ck_assert_uint_eq(report->children->len, 3);
    ck_assert_int_ge(output, 0);
    g_autofree char *text = read_output(output);
    ck_assert_msg(g_str_has_prefix(text, "cleaned none child.txt\nclean\nheld crash child.txt.無害化保留.txt\n"),
                  "got: %s", text);
    ck_assert_msg(strstr(text, "child.txt\nclean\n") != strrchr(text, 'c'), "third child lost: %s", text);
    ck_assert_msg(g_str_has_suffix(text, "cleaned none child.txt\nclean\n"), "got: %s", text);
}
END_TEST

START_TEST(test_sandbox__large_children_go_by_disk)
{
    MgkPolicy policy = quick_policy();
    policy.limits.part_time = 20000;
    policy.limits.total_time = 60000;
    policy.limits.worker_memory = 1024 * MGK_MIB;
    policy.limits.ratio = 100000;
    policy.limits.output_bytes = policy.limits.input_bytes = policy.limits.total_bytes = 256 * MGK_MIB;
    MgkSanitizerOptions options = {.jobs = 1, .worker_path = EVIL_WORKER};
    g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(&policy, &options, NULL);
    ck_assert(sanitizer != NULL);
    g_autofree char *padding = g_strnfill(4096, '.'); /* a part so much larger than this would be a bomb */
    g_autofree char *deed = g_strconcat("ask-large\n", padding, NULL);
    int output;
    g_autoptr(MgkReport) report = do_deed(sanitizer, deed, &output);
    ck_assert_msg(output >= 0, "%s (%s)", mgk_reason_name(report->reason), report->reason_detail);
    ck_assert_uint_eq(report->children->len, 1);
    const MgkReport *child = g_ptr_array_index(report->children, 0);
    ck_assert_msg(child->verdict == MGK_VERDICT_CLEANED, "%s (%s)", mgk_reason_name(child->reason),
                  child->reason_detail);
    g_autofree char *text = read_output(output);
    ck_assert_str_eq(text, "same\n");
}
END_TEST

START_TEST(test_sandbox__spread_keeps_page_order)
{
    static const struct {
        guint jobs;
        const char *want;
    } table[] = {{1, "0/1 1/1 2/1 3/1 4/1 5/1 6/1 7/1 8/1 9/1 10/1 11/1 12/1 13/1 14/1 15/1 "},
                 {3, "0/3 1/3 2/3 3/3 4/3 5/3 6/3 7/3 8/3 9/3 10/3 11/3 12/3 13/3 14/3 15/3 "}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkPolicy policy = quick_policy();
        MgkSanitizerOptions options = {.jobs = table[i].jobs, .worker_path = EVIL_WORKER};
        g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(&policy, &options, NULL);
        ck_assert(sanitizer != NULL);
        for (guint round = 0; round < 20; round++) {
            int output;
            g_autoptr(MgkReport) report = do_deed(sanitizer, "spread", &output);
            ck_assert_msg(output >= 0, "%s (%s)", mgk_reason_name(report->reason), report->reason_detail);
            g_autofree char *text = read_output(output);
            ck_assert_str_eq(text, table[i].want);
        }
    }
}
END_TEST

START_TEST(test_sandbox__nesting_ends_with_one_slot)
{
    MgkPolicy policy = quick_policy();
    policy.limits.depth = 10;
    MgkSanitizerOptions options = {.jobs = 1, .worker_path = EVIL_WORKER};
    g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(&policy, &options, NULL);
    ck_assert(sanitizer != NULL);
    int output;
    g_autoptr(MgkReport) report = do_deed(sanitizer, "nest", &output);
    guint depth = 0;
    const MgkReport *at = report;
    for (; at->children->len; at = g_ptr_array_index(at->children, 0))
        depth++;
    ck_assert_uint_eq(depth, 11);
    ck_assert_int_eq(at->reason, MGK_REASON_TOO_DEEP);
    ck_assert_int_eq(report->verdict, MGK_VERDICT_CLEANED);
    close(output);
}
END_TEST

static gpointer interrupt_later(gpointer data)
{
    g_usleep(300000);
    mgk_sanitizer_interrupt(data);
    return NULL;
}

START_TEST(test_sandbox__interrupt_ends_at_once)
{
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(EVIL_WORKER, FALSE, NULL);
    ck_assert(sanitizer != NULL);
    gint64 begin = g_get_monotonic_time();
    GThread *thread = g_thread_new("interrupt", interrupt_later, sanitizer);
    int output;
    g_autoptr(MgkReport) report = do_deed(sanitizer, "sleep", &output);
    g_thread_join(thread);
    ck_assert_int_eq(report->reason, MGK_REASON_INTERRUPTED);
    ck_assert_int_eq(output, -1);
    ck_assert(g_get_monotonic_time() - begin < G_USEC_PER_SEC);
}
END_TEST

static gpointer clean_many(gpointer data)
{
    static const struct {
        const char *deed, *want;
    } table[] = {
        {"good", "clean\n"}, {"pixels", "pixels\n"}, {"crash", NULL}, {"walk-hold", NULL}, {"good", "clean\n"}};
    guint wrong = 0;
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        int output;
        g_autoptr(MgkReport) report = do_deed(data, table[i].deed, &output);
        g_autofree char *text = output >= 0 ? read_output(output) : NULL;
        wrong += g_strcmp0(text, table[i].want) != 0;
    }
    return GUINT_TO_POINTER(wrong);
}

START_TEST(test_sandbox__threads_share_one_sanitizer)
{
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer(EVIL_WORKER, FALSE, NULL);
    ck_assert(sanitizer != NULL);
    GThread *threads[6];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("clean", clean_many, sanitizer);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        ck_assert_uint_eq(GPOINTER_TO_UINT(g_thread_join(threads[i])), 0);
}
END_TEST

START_TEST(test_sandbox__missing_worker_is_refused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSanitizer) sanitizer = open_sanitizer("/nonexistent/mugaika-worker", FALSE, &error);
    ck_assert(sanitizer == NULL);
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_SANDBOX));
    g_clear_error(&error);
    g_autoptr(MgkSanitizer) wrong = open_sanitizer("/bin/true", FALSE, &error);
    ck_assert(wrong == NULL);
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_SANDBOX));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sandbox");
    const struct {
        const char *name;
        const TTest *test;
    } table[] = {{"acts", test_sandbox__all_acts_are_denied},
                 {"acts", test_sandbox__acts_work_outside},
                 {"deeds", test_sandbox__deeds_end_as_held},
                 {"deeds", test_sandbox__light_worker_hands_over},
                 {"deeds", test_sandbox__large_children_go_by_disk},
                 {"broker", test_sandbox__few_descriptors_hold_the_whole},
                 {"broker", test_sandbox__few_descriptors_of_the_zygote},
                 {"broker", test_sandbox__mapped_storage_is_refused},
                 {"broker", test_sandbox__children_answer_and_neighbours_survive},
                 {"broker", test_sandbox__spread_keeps_page_order},
                 {"broker", test_sandbox__nesting_ends_with_one_slot},
                 {"broker", test_sandbox__interrupt_ends_at_once},
                 {"broker", test_sandbox__threads_share_one_sanitizer},
                 {"broker", test_sandbox__missing_worker_is_refused}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) { /* CK_RUN_CASE=broker runs some */
        TCase *tc = tcase_create(table[i].name);
        tcase_set_timeout(tc, 90);
        tcase_add_test(tc, table[i].test);
        suite_add_tcase(suite, tc);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
