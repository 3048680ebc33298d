/* run.c - the life of a run:
 *
 *   arguments → inputs (in order) → pool of threads: open, clean, publish → this thread: print in order → exit code
 *
 * Two inputs that may end under the same name ("a.docm", "a.docx") publish in their order, so that " (2)" does not
 * depend on which was faster. When the sanitizer or the output folder cannot be had, nothing is opened and every input
 * is still reported. */
#include "run.h"

#include "inputs.h"
#include "interrupt.h"
#include "model/names.h"
#include "model/report_text.h"
#include "model/words.h"
#include "printer.h"
#include "progress.h"
#include "publish.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define REDRAW_US (G_USEC_PER_SEC / 5)
#define NOBODY G_MAXUINT

typedef struct Result {
    gboolean done;     /* published and reported; guarded by the run's lock, as the next two are until then */
    MgkReport *report; /* owned; NULL again when printed */
    char *output;      /* owned; absolute path, or NULL; likewise */
    guint after;       /* index of the input that must publish before, or NOBODY */
} Result;

typedef struct Run {
    const MgkOptions *options; /* borrowed */
    MgkSanitizer *sanitizer;   /* owned; NULL when refused */
    MgkInputs *inputs;         /* owned */
    Result *results;           /* owned; one an entry */
    char *output;              /* owned; absolute, existing result folder, or NULL */
    MgkReason refusal;         /* why nothing is opened, or NONE */
    char *refusal_words;       /* owned */
    GMutex lock;
    GCond changed;
} Run;

static MgkReport *make_held(const MgkEntry *entry, MgkReason reason, const char *detail)
{
    g_autofree char *name = mgk_names_to_utf8(entry->name, -1);
    MgkReport *report = mgk_report_new(name);
    report->verdict = MGK_VERDICT_HELD;
    report->reason = reason;
    g_free(report->reason_detail);
    report->reason_detail = g_strdup(detail ? detail : "");
    report->finished_us = g_get_real_time();
    return report;
}

/* What was cleaned but could not be stored is held: nothing crossed. */
static void turn_into_held(MgkReport *report, MgkReason reason, const char *detail)
{
    report->verdict = MGK_VERDICT_HELD;
    report->reason = reason;
    g_free(report->reason_detail);
    report->reason_detail = g_strdup(detail);
    g_clear_pointer(&report->output_name, g_free);
    report->sha256_out[0] = '\0';
    report->size_out = 0;
}

/* The name may have got a number on the way. */
static void take_name(MgkReport *report, const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    g_free(report->output_name);
    report->output_name = mgk_names_to_utf8(base, -1);
}

/* The input's own name, which may be no UTF-8, with the extension that the sanitizer found to be true. */
static char *output_name(const MgkEntry *entry, const MgkReport *report)
{
    g_autofree char *extension = mgk_names_extension(report->output_name ? report->output_name : "");
    return *extension ? mgk_names_with_extension(entry->name, extension) : g_strdup(entry->name);
}

static void wait_for_turn(Run *run, guint index)
{
    guint before = run->results[index].after;
    if (before == NOBODY)
        return;
    g_mutex_lock(&run->lock);
    while (!run->results[before].done)
        g_cond_wait(&run->changed, &run->lock);
    g_mutex_unlock(&run->lock);
}

static void publish(Run *run, guint index, MgkReport *report, int output, char **ret_path)
{
    const MgkEntry *entry = g_ptr_array_index(run->inputs->entries, index);
    g_autoptr(GError) error = NULL;
    g_autofree char *name = output_name(entry, report);
    const MgkPlace place = {.root = entry->output_root, .sub = entry->output_sub, .name = name, .mark = !run->output};
    wait_for_turn(run, index);
    if (mgk_interrupt_seen())
        turn_into_held(report, MGK_REASON_INTERRUPTED, "");
    else if (run->options->stream ? !mgk_publish_stream(output, STDOUT_FILENO, &error)
                                  : !mgk_publish_file(&place, output, ret_path, &error))
        turn_into_held(report, MGK_REASON_OUTPUT_FAILED, error->message);
    else if (*ret_path)
        take_name(report, *ret_path);
}

static MgkReport *clean_entry(Run *run, guint index, char **ret_path)
{
    const MgkEntry *entry = g_ptr_array_index(run->inputs->entries, index);
    const char *trouble = NULL;
    int output = -1;
    if (mgk_interrupt_seen())
        return make_held(entry, MGK_REASON_INTERRUPTED, NULL);
    int file = mgk_inputs_open(entry, &trouble);
    if (file < 0)
        return make_held(entry, MGK_REASON_INPUT_UNREADABLE, trouble);
    if (run->refusal != MGK_REASON_NONE) {
        close(file);
        return make_held(entry, run->refusal, run->refusal_words);
    }
    const MgkInput input = {.fd = file,
                            .name = entry->name,
                            .passwords = (const char *const *)run->options->passwords,
                            .inspect_only = run->options->inspect};
    MgkReport *report = mgk_sanitizer_clean(run->sanitizer, &input, &output);
    close(file);
    if (output >= 0) {
        publish(run, index, report, output, ret_path);
        close(output);
    } else if (mgk_verdict_crosses(report->verdict) && !run->options->inspect) {
        turn_into_held(report, MGK_REASON_INTERNAL, "no output came with the verdict");
    }
    return report;
}

/* One task of the pool; number is the input's index plus one. */
static void work(gpointer number, gpointer data)
{
    Run *run = data;
    guint index = GPOINTER_TO_UINT(number) - 1;
    char *path = NULL;
    MgkReport *report = clean_entry(run, index, &path);
    g_mutex_lock(&run->lock);
    run->results[index].output = path;
    run->results[index].report = report;
    run->results[index].done = TRUE;
    g_cond_broadcast(&run->changed);
    g_mutex_unlock(&run->lock);
}

/* Inputs that may collide: same folder, same name but for the extension ("a.7z" and "a.tar.gz" become one "a.zip") and
 * letters' case. */
static char *collision_key(const MgkEntry *entry)
{
    g_autofree char *plain = mgk_names_with_extension(entry->name, "zip");
    g_autofree char *valid = mgk_names_to_utf8(plain, -1);
    g_autofree char *folded = g_utf8_casefold(valid, -1);
    return g_strconcat(entry->output_root, "\n", entry->output_sub, "\n", folded, NULL);
}

static void order_collisions(Run *run)
{
    g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < run->inputs->entries->len; i++) {
        char *key = collision_key(g_ptr_array_index(run->inputs->entries, i));
        guint before = GPOINTER_TO_UINT(g_hash_table_lookup(last, key));
        run->results[i].after = before ? before - 1 : NOBODY;
        g_hash_table_replace(last, key, GUINT_TO_POINTER(i + 1));
    }
}

static MgkExit exit_of_reason(MgkReason reason, MgkExit otherwise)
{
    static const struct {
        MgkReason reason;
        MgkExit code;
    } table[] = {{MGK_REASON_INTERRUPTED, MGK_EXIT_INTERRUPTED},
                 {MGK_REASON_SANDBOX, MGK_EXIT_SANDBOX},
                 {MGK_REASON_INTERNAL, MGK_EXIT_INTERNAL},
                 {MGK_REASON_OUTPUT_FAILED, MGK_EXIT_CANTCREAT}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].reason == reason)
            return table[i].code;
    }
    return otherwise;
}

/* Waits for a result, keeping the bar alive. */
static Result *await(Run *run, guint index, MgkProgress *progress)
{
    g_mutex_lock(&run->lock);
    while (!run->results[index].done) {
        g_cond_wait_until(&run->changed, &run->lock, g_get_monotonic_time() + REDRAW_US);
        mgk_progress_draw(progress);
    }
    g_mutex_unlock(&run->lock);
    return &run->results[index];
}

typedef struct Totals {
    guint crossed, held, unreadable;
    MgkExit code;
} Totals;

static void count(Totals *totals, const MgkReport *report)
{
    gboolean crosses = mgk_verdict_crosses(report->verdict);
    totals->crossed += crosses;
    totals->held += !crosses;
    totals->unreadable += report->reason == MGK_REASON_INPUT_UNREADABLE;
    totals->code =
        mgk_exit_worse(totals->code, exit_of_reason(report->reason, crosses ? MGK_EXIT_CROSSED : MGK_EXIT_HELD));
}

static Totals print_all(Run *run, MgkPrinter *printer)
{
    Totals totals = {.code = exit_of_reason(run->refusal, MGK_EXIT_CROSSED)};
    MgkProgress progress;
    guint64 bytes = 0;
    guint n = run->inputs->entries->len;
    for (guint i = 0; i < n; i++)
        bytes += ((const MgkEntry *)g_ptr_array_index(run->inputs->entries, i))->size;
    mgk_progress_init(&progress, n, bytes, STDERR_FILENO);
    for (guint i = 0; i < n; i++) {
        const MgkEntry *entry = g_ptr_array_index(run->inputs->entries, i);
        Result *result = await(run, i, &progress);
        const MgkReportContext context = {.input = entry->path,
                                          .output = result->output,
                                          .policy = &run->options->policy,
                                          .sandbox_level =
                                              run->sanitizer ? mgk_sanitizer_sandbox_level(run->sanitizer) : "none"};
        mgk_progress_hide(&progress);
        mgk_progress_step(&progress, entry->name, mgk_report_verdict_words(result->report->verdict), entry->size);
        mgk_printer_add(printer, result->report, &context);
        count(&totals, result->report);
        g_clear_pointer(&result->report, mgk_report_free); /* a run may have a million files */
        g_clear_pointer(&result->output, g_free);
    }
    mgk_progress_hide(&progress);
    return totals;
}

static G_GNUC_PRINTF(1, 2) void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *words = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "mugaika: %s\n", words);
}

static MgkExit conclude(const Run *run, const Totals *totals, const MgkPrinter *printer)
{
    MgkExit code = totals->code;
    guint n = totals->crossed + totals->held;
    if (totals->unreadable == n)
        code = mgk_exit_worse(code, MGK_EXIT_NOINPUT);
    if (printer->failed) {
        code = mgk_exit_worse(code, MGK_EXIT_CANTCREAT);
        say(mgk_words(N_("the report cannot be written: %s")), g_strerror(printer->error_number));
    }
    for (guint i = 0; i < run->inputs->skipped->len; i++) {
        g_autofree char *shown = mgk_names_display(g_ptr_array_index(run->inputs->skipped, i), -1, 0);
        say("「%s」: %s", shown, mgk_words(N_("holds results of mugaika and was left out")));
    }
    if (n == 0)
        say("%s", mgk_words(N_("no file was found")));
    else if (n > 1)
        say(mgk_words(N_("%u files: %u can be handed over, %u kept back")), n, totals->crossed, totals->held);
    if (code == MGK_EXIT_INTERRUPTED)
        say("%s", mgk_words(N_("interrupted")));
    return code;
}

static void refuse(Run *run, MgkReason reason, const char *words)
{
    run->refusal = reason;
    run->refusal_words = g_strdup(words);
}

/* On failure the run goes on as a refusal, which still reports every input. */
static void prepare_output(Run *run)
{
    g_autoptr(GError) error = NULL;
    if (!run->options->output)
        return;
    if (!mgk_publish_prepare(run->options->output, &error)) {
        g_autofree char *shown = mgk_names_display(run->options->output, -1, 0);
        say("「%s」: %s", shown, mgk_words(error->message));
        refuse(run, MGK_REASON_OUTPUT_FAILED, error->message);
    }
    char *real = realpath(run->options->output, NULL); /* malloc'ed */
    run->output = g_strdup(real ? real : run->options->output);
    free(real);
}

static void collect(Run *run)
{
    char **files = run->options->files;
    run->inputs = mgk_inputs_new(run->output);
    for (guint i = 0; files[i]; i++) {
        if (run->options->stream) /* one file, or nothing */
            mgk_inputs_add_file(run->inputs, files[i]);
        else
            mgk_inputs_add(run->inputs, files[i], files[1] == NULL);
    }
    run->results = g_new0(Result, run->inputs->entries->len + 1);
    order_collisions(run);
}

static void start(Run *run)
{
    const GPtrArray *entries = run->inputs->entries;
    const MgkEntry *first = entries->len > 0 ? entries->pdata[0] : NULL;
    const MgkSanitizerOptions options = {.jobs = run->options->jobs, .first_name = first ? first->name : NULL};
    g_autoptr(GError) error = NULL;
    if (run->refusal != MGK_REASON_NONE)
        return;
    run->sanitizer = mgk_sanitizer_new(&run->options->policy, &options, &error);
    mgk_interrupt_watch(run->sanitizer);
    if (run->sanitizer)
        return;
    say("%s", error->message);
    gboolean sandbox = g_error_matches(error, MGK_ERROR, MGK_ERROR_SANDBOX);
    refuse(run, sandbox ? MGK_REASON_SANDBOX : MGK_REASON_INTERNAL, error->message);
}

static void finish(Run *run)
{
    mgk_interrupt_watch(NULL);
    g_free(run->results);
    mgk_inputs_free(run->inputs);
    mgk_sanitizer_free(run->sanitizer);
    g_free(run->output);
    g_free(run->refusal_words);
    g_mutex_clear(&run->lock);
    g_cond_clear(&run->changed);
}

MgkExit mgk_run(const MgkOptions *options)
{
    Run run = {.options = options, .refusal = MGK_REASON_NONE};
    MgkPrinter printer;
    g_mutex_init(&run.lock);
    g_cond_init(&run.changed);
    mgk_printer_init(&printer, options->style, options->stream ? stderr : stdout);
    prepare_output(&run);
    collect(&run);
    start(&run);
    guint jobs = options->jobs ? options->jobs : g_get_num_processors();
    GThreadPool *pool = g_thread_pool_new(work, &run, (gint)jobs, FALSE, NULL);
    for (guint i = 0; i < run.inputs->entries->len; i++)
        g_thread_pool_push(pool, GUINT_TO_POINTER(i + 1), NULL);
    Totals totals = print_all(&run, &printer);
    mgk_printer_end(&printer);
    g_thread_pool_free(pool, FALSE, TRUE);
    MgkExit code = conclude(&run, &totals, &printer);
    finish(&run);
    return code;
}
