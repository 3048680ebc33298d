/* main.c - mugaika-holdd(8): keeps originals, takes decisions, proves them.
 *
 *   options → hold.ini → store opened and repaired → socket → READY → questions until SIGTERM; every minute a round of
 *   upkeep, SIGHUP reads hold.ini again
 *
 * Never as root: systemd, or whoever starts it, gives it its own user. */
#include "io/notify.h"
#include "model/words.h"
#include "server.h"
#include "upkeep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_NO_SANDBOX = 78 } ExitCode;

#define ROUND_MS 60000
#define SYSTEM_CONFIG "/etc/mugaika/hold.ini"

typedef struct Given {
    char *config, *language; /* owned */
    gboolean init, version;
} Given;

static void given_clear(Given *given)
{
    g_free(given->config);
    g_free(given->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

static ExitCode complain(const GError *error)
{
    mgk_upkeep_complain("cannot start", error);
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE))
        return EXIT_MISUSED;
    return g_error_matches(error, MGK_ERROR, MGK_ERROR_SANDBOX) ? EXIT_NO_SANDBOX : EXIT_FAILED;
}

static gboolean parse(Given *given, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &given->config, N_("hold.ini instead of the system's"), N_("FILE")},
        {"init", 0, 0, G_OPTION_ARG_NONE, &given->init,
         N_("make the keys and the empty store, print the anchor for the safe, end"), NULL},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &given->language, N_("language: ja, en"), N_("LANGUAGE")},
        {"version", 0, 0, G_OPTION_ARG_NONE, &given->version, N_("versions of the program and its libraries"), NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, MGK_WORDS_DOMAIN);
    g_option_context_set_translation_domain(context, MGK_WORDS_DOMAIN);
    g_option_context_set_summary(context, N_("Keeps originals and takes decisions about them."));
    g_set_prgname("mugaika-holdd");
    return g_option_context_parse(context, &argc, &argv, error);
}

/* A key that is lost is a store that is lost: never made anew in silence, only on demand. */
static ExitCode initialise(const char *config_path)
{
    g_autoptr(GError) error = NULL;
    char anchor[65];
    g_autoptr(MgkHoldConfig) config = mgk_hold_config_load(config_path, &error);
    if (!config)
        return complain(error);
    if (g_mkdir_with_parents(config->store, 0700) != 0) {
        g_set_error(&error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", config->store, g_strerror(errno));
        return complain(error);
    }
    if (!mgk_keys_create(config->key_file, &error) || !mgk_seal_create_key(config->seal_key, anchor, &error))
        return complain(error);
    printf(mgk_words(N_("The anchor of the log, to be printed and kept apart:\n%s\n")), anchor);
    return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
}

static gpointer run_server(gpointer data)
{
    gpointer *both = data;
    mgk_server_run(both[0], GPOINTER_TO_INT(both[1]));
    return NULL;
}

static void reload(MgkHold *hold)
{
    g_autoptr(GError) error = NULL;
    mgk_notify("RELOADING=1");
    if (!mgk_hold_reload(hold, &error))
        mgk_upkeep_complain("the old hold.ini stays in force", error);
    mgk_notify("READY=1");
}

/* Until a signal ends it. A round that fails is told and tried again in a minute. */
static void watch(MgkHold *hold, int signals)
{
    struct pollfd files[] = {{.fd = signals, .events = POLLIN}};
    for (;;) {
        g_autoptr(GError) error = NULL;
        struct signalfd_siginfo info;
        if (!mgk_upkeep_round(hold, &error))
            mgk_upkeep_complain("upkeep", error);
        mgk_notify("WATCHDOG=1");
        if (poll(files, 1, ROUND_MS) <= 0 || read(signals, &info, sizeof info) != (gssize)sizeof info)
            continue;
        if (info.ssi_signo != SIGHUP)
            return;
        reload(hold);
    }
}

static ExitCode serve(MgkHold *hold, int signals)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkServer) server = mgk_server_new(hold, &error);
    int stop = eventfd(0, EFD_CLOEXEC);
    if (!server || stop < 0)
        return complain(error);
    gpointer both[] = {server, GINT_TO_POINTER(stop)};
    GThread *thread = g_thread_new("server", run_server, both);
    mgk_notify("READY=1");
    watch(hold, signals);
    mgk_notify("STOPPING=1");
    if (eventfd_write(stop, 1) != 0)
        _exit(EXIT_FAILED);
    g_thread_join(thread);
    close(stop);
    return EXIT_GOOD;
}

static int block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static ExitCode run(const char *config_path)
{
    static MgkHold hold; /* threads may outlive main() */
    g_autoptr(GError) error = NULL;
    int signals = block_signals();
    if (!mgk_hold_open(&hold, config_path, &error)) {
        ExitCode code = complain(error);
        mgk_hold_close(&hold);
        return code;
    }
    ExitCode code = serve(&hold, signals);
    mgk_hold_close(&hold);
    return code;
}

int main(int argc, char **argv)
{
    g_auto(Given) given = {0};
    g_autoptr(GError) error = NULL;
    umask(0077);
    mgk_words_init(NULL);
    if (!parse(&given, argc, argv, &error)) {
        fprintf(stderr, "mugaika-holdd: %s\n", error->message);
        return EXIT_MISUSED;
    }
    if (given.language)
        mgk_words_init(given.language);
    if (given.version) {
        printf("mugaika-holdd %s\n", MGK_VERSION);
        return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
    }
    if (geteuid() == 0) {
        fprintf(stderr, "mugaika-holdd: %s\n", mgk_words(N_("does not run as root; start it as its own user")));
        return EXIT_MISUSED;
    }
    const char *config = given.config ? given.config : SYSTEM_CONFIG;
    return (int)(given.init ? initialise(config) : run(config));
}
