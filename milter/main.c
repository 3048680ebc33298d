/* main.c - mugaika-milter(8): the life of the mail filter.
 *
 *   options → socket → no longer root → spool, workers proven → READY → libmilter until SIGTERM → drain → end */
#include "control.h"
#include "io/notify.h"
#include "model/words.h"
#include "options.h"
#include "place.h"
#include "transaction.h"
#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_NO_SANDBOX = 78 } ExitCode;

#define DRAIN_STEP_US 50000

static const char *language_of(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "--lang="))
            return argv[i] + strlen("--lang=");
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    return NULL;
}

static ExitCode complain(const GError *error)
{
    mgk_log(MGK_LOG_ERROR, "%s", error->message);
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE))
        return EXIT_MISUSED;
    return g_error_matches(error, MGK_ERROR, MGK_ERROR_SANDBOX) ? EXIT_NO_SANDBOX : EXIT_FAILED;
}

static ExitCode show_stats(const MgkMilterOptions *options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = mgk_control_ask(options->control, &error);
    if (!text)
        return complain(error);
    fputs(text, stdout);
    return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
}

/* SIGUSR1 goes to the watch and the ending signals to libmilter's own thread, and to nobody else; a reader that went
 * away is an error code, not a signal. */
static void set_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static void raise_descriptor_bound(void)
{
    struct rlimit bound;
    if (getrlimit(RLIMIT_NOFILE, &bound) == 0) {
        bound.rlim_cur = bound.rlim_max;
        setrlimit(RLIMIT_NOFILE, &bound);
    }
}

static gboolean start_service(MgkService *service, const MgkMilterOptions *options, GError **error)
{
    int language = options->language ? strcmp(options->language, "en") == 0 : -1;
    service->stats = mgk_stats_new();
    service->dry_run = options->dry_run;
    service->hold = options->hold;
    if (!(service->mail_log = mgk_mail_log_new(options->json_log, error)) ||
        !(service->spool = mgk_spool_new(options->state, error)) ||
        !(service->engines = mgk_engines_new(options->policy, (guint)options->jobs, language, service->stats, error)))
        return FALSE;
    g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
    mgk_words_init(engine->policy.mail.language ? "en" : "ja"); /* one language for mails and notices */
    service->tries = mgk_tries_new(mgk_spool_folder(service->spool, MGK_SPOOL_ATTEMPTS));
    service->cache = mgk_cache_new(engine->policy.milter.cache_bytes);
    mgk_log(MGK_LOG_NOTICE, "version %s, policy %s, sandbox %s, socket %s", MGK_VERSION, engine->policy_id,
            mgk_sanitizer_sandbox_level(engine->sanitizer), options->socket);
    if (service->dry_run)
        mgk_log(MGK_LOG_WARNING, "DRY RUN: nothing is made safe, every mail passes UNCHANGED");
    return TRUE;
}

/* libmilter has stopped listening; mails at work may still end. Then nothing more waits for a worker. */
static void drain(const MgkService *service)
{
    g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
    guint64 seconds = engine->policy.milter.drain_seconds;
    gint64 interrupt = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
    gboolean interrupted = FALSE;
    while (mgk_stats_get(service->stats, MGK_STAT_ENDING) > 0) {
        if (g_get_monotonic_time() > interrupt + (interrupted ? 5 * G_USEC_PER_SEC : 0)) {
            if (interrupted)
                break;
            mgk_engines_interrupt(service->engines);
            interrupted = TRUE;
        }
        g_usleep(DRAIN_STEP_US);
    }
    g_usleep(DRAIN_STEP_US); /* the last answers are on their way */
}

static ExitCode serve(const MgkService *service, const MgkMilterOptions *options, int control)
{
    g_autoptr(GError) error = NULL;
    MgkWatch *watch = mgk_watch_new(service, options, control, &error);
    if (!watch)
        return complain(error);
    mgk_notify("READY=1");
    int result = smfi_main();
    mgk_notify("STOPPING=1");
    mgk_log(MGK_LOG_NOTICE, "stopping");
    drain(service);
    mgk_watch_free(watch);
    return result == MI_SUCCESS ? EXIT_GOOD : EXIT_FAILED;
}

static ExitCode run(const MgkMilterOptions *options)
{
    /* Threads of libmilter may outlive main(): what they use is never freed. */
    static MgkService service;
    g_autoptr(GError) error = NULL;
    int control = -1;
    if (smfi_register(mgk_transaction_filter(&service)) != MI_SUCCESS) {
        mgk_log(MGK_LOG_ERROR, "libmilter is too old");
        return EXIT_FAILED;
    }
    if (!mgk_place_open_socket(options, &error) || !mgk_place_become_user(options, &error))
        return complain(error);
    if (options->control && (control = mgk_control_listen(options->control, &error)) < 0)
        return complain(error);
    if (!start_service(&service, options, &error))
        return complain(error);
    ExitCode code = serve(&service, options, control);
    if (options->control)
        unlink(options->control);
    return code;
}

int main(int argc, char **argv)
{
    g_auto(MgkMilterOptions) options = {.jobs = 0};
    g_autoptr(GError) error = NULL;
    mgk_words_init(language_of(argc, argv));
    if (!mgk_milter_options_parse(&options, argc, argv, &error))
        return (int)complain(error);
    if (options.version) {
        printf("mugaika-milter %s\n", MGK_VERSION);
        return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
    }
    if (options.stats)
        return (int)show_stats(&options);
    set_signals();
    raise_descriptor_bound();
    return (int)run(&options);
}
