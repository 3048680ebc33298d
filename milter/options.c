#include "options.h"

#include "model/words.h"

#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 256
#define DEFAULT_MODE "0660"
#define DEFAULT_STATE "/var/lib/mugaika"

void mgk_milter_options_clear(MgkMilterOptions *options)
{
    g_free(options->socket);
    g_free(options->mode);
    g_free(options->group);
    g_free(options->user);
    g_free(options->policy);
    g_free(options->state);
    g_free(options->control);
    g_free(options->metrics);
    g_free(options->json_log);
    g_free(options->hold);
    g_free(options->language);
}

static gboolean usage(GError **error, const char *words)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, words);
    return FALSE;
}

static gboolean parse_arguments(MgkMilterOptions *o, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"socket", 's', 0, G_OPTION_ARG_STRING, &o->socket, N_("where Postfix connects: unix:PATH or inet:PORT@HOST"),
         N_("SOCKET")},
        {"socket-mode", 0, 0, G_OPTION_ARG_STRING, &o->mode, N_("permissions of the UNIX socket (default 0660)"),
         N_("MODE")},
        {"socket-group", 0, 0, G_OPTION_ARG_STRING, &o->group, N_("group of the UNIX socket"), N_("GROUP")},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &o->user, N_("user to become when started as root"), N_("USER")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &o->policy, N_("policy file instead of the system's"), N_("FILE")},
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &o->state, N_("folder for the originals (default /var/lib/mugaika)"),
         N_("FOLDER")},
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &o->control, N_("socket that tells the counters"), N_("PATH")},
        {"metrics", 0, 0, G_OPTION_ARG_FILENAME, &o->metrics, N_("file for the counters in Prometheus' form"),
         N_("FILE")},
        {"json-log", 0, 0, G_OPTION_ARG_FILENAME, &o->json_log, N_("file for one JSON line a mail"), N_("FILE")},
        {"hold", 0, 0, G_OPTION_ARG_FILENAME, &o->hold, N_("socket of mugaika-holdd, which takes the originals over"),
         N_("PATH")},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &o->language, N_("language: ja, en"), N_("LANGUAGE")},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &o->jobs, N_("mails worked on at the same time"), N_("N")},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &o->dry_run,
         N_("only report: every mail passes UNCHANGED, dangerous ones too"), NULL},
        {"stats", 0, 0, G_OPTION_ARG_NONE, &o->stats, N_("ask a running filter (--control) for its counters"), NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &o->version, N_("versions of the program and its libraries"), NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) problem = NULL;
    g_option_context_add_main_entries(context, entries, MGK_WORDS_DOMAIN);
    g_option_context_set_translation_domain(context, MGK_WORDS_DOMAIN);
    g_option_context_set_summary(context, N_("Mail filter for Postfix: rebuilds every mail."));
    return g_option_context_parse(context, argc, argv, &problem) || usage(error, problem->message);
}

/* libmilter takes "/path" and "local:" as well; one spelling is enough for people and for the doctor. */
static gboolean check_socket(const char *socket, GError **error)
{
    const char *port = g_str_has_prefix(socket, "inet:") ? socket + strlen("inet:") : NULL;
    gboolean good = g_str_has_prefix(socket, "unix:/") || (port && strchr(port, '@') && g_ascii_isdigit(*port));
    return good || usage(error, mgk_words(N_("--socket: needs unix:/PATH or inet:PORT@HOST")));
}

static gboolean take_mode(MgkMilterOptions *o, GError **error)
{
    char *end = NULL;
    guint64 mode = g_ascii_strtoull(o->mode ? o->mode : DEFAULT_MODE, &end, 8);
    o->socket_mode = (guint)mode;
    /* Whoever may write to the socket may have mails cleaned: never the whole world. */
    return (*end == '\0' && mode <= 0770 && !(mode & 07)) ||
           usage(error, mgk_words(N_("--socket-mode: an octal number without rights for others, as 0660")));
}

gboolean mgk_milter_options_parse(MgkMilterOptions *o, int argc, char **argv, GError **error)
{
    g_set_prgname("mugaika-milter");
    if (!parse_arguments(o, &argc, &argv, error))
        return FALSE;
    if (argc > 1)
        return usage(error, mgk_words(N_("this program takes options only")));
    if (o->language && strcmp(o->language, "ja") != 0 && strcmp(o->language, "en") != 0)
        return usage(error, mgk_words(N_("--lang: needs ja or en")));
    if (o->version)
        return TRUE;
    if (o->stats)
        return o->control || usage(error, mgk_words(N_("--stats needs --control")));
    if (o->jobs < 0 || o->jobs > JOBS_MAX)
        return usage(error, mgk_words(N_("--jobs: a number from 0 to 256")));
    if (!o->state)
        o->state = g_strdup(DEFAULT_STATE);
    if (!o->socket)
        return usage(error, mgk_words(N_("no --socket given")));
    return check_socket(o->socket, error) && take_mode(o, error);
}
