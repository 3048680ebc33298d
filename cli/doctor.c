/* doctor.c - `mugaika doctor`: is there a way around the filter, can a mail get lost, and how is it mended? Reads only.
 */
#include "command.h"
#include "doctor/milters.h"
#include "doctor/print.h"
#include "interrupt.h"
#include "model/words.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_SOCKET "unix:/run/mugaika/milter.sock"
#define DEFAULT_STATE "/var/lib/mugaika"

typedef struct Given {
    char **folders, **outer; /* owned, as all here */
    char *socket, *state, *policy, *language;
    gboolean json, machine;
} Given;

static void given_clear(Given *given)
{
    g_strfreev(given->folders);
    g_strfreev(given->outer);
    g_free(given->socket);
    g_free(given->state);
    g_free(given->policy);
    g_free(given->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

static gboolean parse(Given *given, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME_ARRAY, &given->folders,
         N_("configuration of a Postfix instance (default: the system's, with its further instances)"), N_("FOLDER")},
        {"outer", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given->outer,
         N_("configuration of an instance on the internet side, without the filter by intent"), N_("FOLDER")},
        {"socket", 0, 0, G_OPTION_ARG_STRING, &given->socket,
         N_("the filter's socket (default unix:/run/mugaika/milter.sock)"), N_("SOCKET")},
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &given->state,
         N_("folder of the originals (default: what the running filter uses)"), N_("FOLDER")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &given->policy,
         N_("policy file (default: what the running filter uses)"), N_("FILE")},
        {"machine", 0, 0, G_OPTION_ARG_NONE, &given->machine, N_("leave Postfix and the filter out"), NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &given->json, N_("print one JSON object"), NULL},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &given->language, N_("language: ja, en"), N_("LANGUAGE")},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, MGK_WORDS_DOMAIN);
    g_option_context_set_translation_domain(context, MGK_WORDS_DOMAIN);
    g_option_context_set_summary(context, N_("Looks for ways around the mail filter and says how to close them."));
    g_set_prgname("mugaika doctor");
    return g_option_context_parse(context, argc, argv, error);
}

static gboolean is_given(char **list, const char *folder)
{
    return list && g_strv_contains((const char *const *)list, folder);
}

/* Reads the instance into list; FALSE with a message when there is none. */
static gboolean read_instance(GPtrArray *list, const char *folder)
{
    g_autoptr(GError) error = NULL;
    MgkPostconf *postconf = mgk_postconf_read(folder, &error);
    if (postconf)
        g_ptr_array_add(list, postconf);
    else
        fprintf(stderr, "mugaika: postconf: %s\n", error->message);
    return postconf != NULL;
}

static gboolean read_listed(GPtrArray *list, char **folders)
{
    for (guint i = 0; folders && folders[i]; i++) {
        if (!read_instance(list, folders[i]))
            return FALSE;
    }
    return TRUE;
}

/* The system's own instance, and those that it names. */
static gboolean read_system(GPtrArray *list, const Given *given)
{
    if (!read_instance(list, NULL))
        return FALSE;
    MgkPostconf *first = g_ptr_array_index(list, 0);
    g_autoptr(GPtrArray) more = mgk_postconf_words(mgk_postconf_get(first, NULL, "multi_instance_directories"));
    for (guint i = 0; i < more->len; i++) {
        const char *folder = g_ptr_array_index(more, i);
        if (!is_given(given->outer, folder) && !read_instance(list, folder))
            return FALSE;
    }
    if (is_given(given->outer, first->folder))
        g_ptr_array_remove_index(list, 0);
    return TRUE;
}

/* The process behind the socket; NULL when nothing answers there, or it does not tell. */
static MgkFilter *find_filter(const char *socket)
{
    int pid = 0;
    const MgkRoute route = {.endpoint = socket, .folder = "/"};
    g_autofree char *trouble = mgk_filter_try(&route, &pid);
    return mgk_filter_look(pid);
}

static void examine_postfix(MgkExam *exam, const GPtrArray *inner, const GPtrArray *outer)
{
    for (guint i = 0; i < inner->len; i++) {
        exam->postconf = g_ptr_array_index(inner, i);
        mgk_exam_run(exam, MGK_CHECK_POSTFIX);
    }
    exam->inner = inner->len > 0 ? g_ptr_array_index(inner, 0) : NULL;
    for (guint i = 0; i < outer->len; i++) {
        exam->postconf = g_ptr_array_index(outer, i);
        mgk_exam_run(exam, MGK_CHECK_OUTER);
    }
    exam->postconf = NULL;
    mgk_exam_run(exam, MGK_CHECK_FILTER);
}

static void examine_machine(MgkExam *exam)
{
    const MgkSanitizerOptions options = {.jobs = 1, .full_self_test = TRUE};
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(exam->policy, &options, &error);
    mgk_interrupt_watch(sanitizer);
    exam->sanitizer = sanitizer;
    exam->sandbox_problem = error;
    mgk_exam_run(exam, MGK_CHECK_MACHINE);
    exam->sanitizer = NULL;
    mgk_interrupt_watch(NULL);
}

static MgkExit report(const MgkExam *exam, gboolean json)
{
    g_autofree char *text = json ? mgk_print_json(exam) : mgk_print_text(exam);
    fputs(text, stdout);
    MgkExit written = mgk_command_flush();
    gboolean bad = exam->counts[MGK_FOUND_FAILURE] + exam->counts[MGK_FOUND_UNKNOWN] > 0;
    return mgk_exit_worse(written, bad ? MGK_EXIT_HELD : MGK_EXIT_CROSSED);
}

static MgkExit examine(const Given *given)
{
    g_autoptr(GPtrArray) inner = g_ptr_array_new_with_free_func((GDestroyNotify)mgk_postconf_free);
    g_autoptr(GPtrArray) outer = g_ptr_array_new_with_free_func((GDestroyNotify)mgk_postconf_free);
    g_autoptr(GPtrArray) results = mgk_exam_results_new();
    g_autoptr(GError) problem = NULL;
    MgkPolicy policy;
    const char *socket = given->socket ? given->socket : DEFAULT_SOCKET;
    if (!given->machine && (!read_listed(outer, given->outer) ||
                            !(given->folders ? read_listed(inner, given->folders) : read_system(inner, given))))
        return MGK_EXIT_NOINPUT;
    g_autoptr(MgkFilter) filter = given->machine ? NULL : find_filter(socket);
    const char *running_policy = filter ? filter->policy : NULL, *running_state = filter ? filter->state : NULL;
    const char *state = given->state ? given->state : running_state;
    if (!mgk_options_load_policy(&policy, given->policy ? given->policy : running_policy, &problem))
        mgk_policy_init(&policy);
    MgkExam exam = {.policy = &policy,
                    .policy_problem = problem,
                    .filter = filter,
                    .socket = socket,
                    .state = state ? state : DEFAULT_STATE,
                    .results = results};
    if (!given->machine)
        examine_postfix(&exam, inner, outer);
    examine_machine(&exam);
    return report(&exam, given->json);
}

MgkExit mgk_command_doctor(int argc, char **argv)
{
    g_auto(Given) given = {.json = FALSE};
    g_autoptr(GError) error = NULL;
    if (!parse(&given, &argc, &argv, &error))
        return mgk_command_misused(error->message);
    if (argc > 1)
        return mgk_command_misused(mgk_words(N_("doctor takes options only")));
    if (given.language && strcmp(given.language, "ja") != 0 && strcmp(given.language, "en") != 0)
        return mgk_command_misused(mgk_words(N_("--lang: not one of: ja en")));
    return examine(&given);
}
