#include "options.h"

#include "model/error.h"
#include "model/policy_file.h"
#include "model/words.h"
#include "sanitizer.h"

#include <stdlib.h>
#include <string.h>

#define SYSTEM_POLICY "/etc/mugaika/policy.ini"
#define JOBS_MAX 256
#define PASSWORDS_MAX 64
#define PASSWORD_FILE_BYTES ((gsize)64 * 1024)

/* As given on the command line; all owned. */
typedef struct Given {
    char *profile, *policy, *output, *password_file, *report, *language;
    int jobs;
    char **files;
} Given;

static void given_clear(Given *given)
{
    g_free(given->profile);
    g_free(given->policy);
    g_free(given->output);
    g_free(given->password_file);
    g_free(given->report);
    g_free(given->language);
    g_strfreev(given->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

void mgk_options_clear(MgkOptions *options)
{
    for (guint i = 0; options->passwords && options->passwords[i]; i++)
        explicit_bzero(options->passwords[i], strlen(options->passwords[i]));
    g_strfreev(options->passwords);
    g_strfreev(options->files);
    g_free(options->output);
}

static G_GNUC_PRINTF(2, 3) gboolean usage(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *words = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, words);
    return FALSE;
}

static gboolean parse_arguments(Given *given, int argc, char **argv, gboolean inspect, GError **error)
{
    const GOptionEntry entries[] = {
        {"profile", 'p', 0, G_OPTION_ARG_STRING, &given->profile,
         N_("how files are made safe: standard, text, image, confirm"), N_("NAME")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &given->policy, N_("policy file instead of the system's"), N_("FILE")},
        {"output", 'o', inspect ? G_OPTION_FLAG_HIDDEN : 0, G_OPTION_ARG_FILENAME, &given->output,
         N_("folder for the results; - for standard output (default: cleaned/ beside each input)"), N_("FOLDER")},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &given->jobs, N_("files worked on at the same time"), N_("N")},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &given->password_file,
         N_("file with passwords to try, one a line"), N_("FILE")},
        {"report", 0, 0, G_OPTION_ARG_STRING, &given->report, N_("form of the report: text, json, jsonl"), N_("FORM")},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &given->language, N_("language: ja, en"), N_("LANGUAGE")},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given->files, NULL, N_("FILE|FOLDER...")},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) problem = NULL;
    g_option_context_add_main_entries(context, entries, MGK_WORDS_DOMAIN);
    g_option_context_set_translation_domain(context, MGK_WORDS_DOMAIN);
    g_option_context_set_summary(context, inspect ? N_("Says what clean would find and do; writes nothing.")
                                                  : N_("Rebuilds files so that nothing dangerous is left in them."));
    g_set_prgname(inspect ? "mugaika inspect" : "mugaika clean"); /* the help says how the command is called */
    if (g_option_context_parse(context, &argc, &argv, &problem))
        return TRUE;
    return usage(error, "%s", problem->message);
}

static gboolean take_style(MgkOptions *options, const char *report, GError **error)
{
    static const char *const names[MGK_N_REPORTS] = {"text", "json", "jsonl"};
    for (guint i = 0; i < MGK_N_REPORTS; i++) {
        if (!report || strcmp(names[i], report) == 0) {
            options->style = (MgkReportStyle)i;
            return TRUE;
        }
    }
    return usage(error, mgk_words(N_("--report: '%s' is not one of: text json jsonl")), report);
}

static gboolean take_output(MgkOptions *options, const char *output, GError **error)
{
    if (!output || options->inspect) /* inspect writes nothing, wherever */
        return TRUE;
    if (strcmp(output, "-") != 0) {
        g_autofree char *here = g_get_current_dir();
        options->output = g_path_is_absolute(output) ? g_strdup(output) : g_build_filename(here, output, NULL);
        return *output || usage(error, "%s", mgk_words(N_("-o needs a folder or -")));
    }
    options->stream = TRUE;
    if (g_strv_length(options->files) != 1)
        return usage(error, "%s", mgk_words(N_("-o - takes exactly one file")));
    if (options->style != MGK_REPORT_TEXT)
        return usage(error, "%s", mgk_words(N_("-o - leaves no room for a JSON report on standard output")));
    return TRUE;
}

static gboolean take_passwords(MgkOptions *options, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    gsize length = 0;
    if (!path)
        return TRUE;
    if (!g_file_get_contents(path, &text, &length, &problem))
        return usage(error, "--password-file: %s", problem->message);
    gboolean good = length <= PASSWORD_FILE_BYTES && g_utf8_validate(text, (gssize)length, NULL);
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_auto(GStrv) lines = g_strsplit(good ? text : "", "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_strdelimit(lines[i], "\r", '\0');
        if (*lines[i])
            g_ptr_array_add(list, g_strdup(lines[i]));
    }
    for (guint i = 0; lines[i]; i++)
        explicit_bzero(lines[i], strlen(lines[i]));
    explicit_bzero(text, length);
    guint n = list->len;
    g_ptr_array_add(list, NULL);
    options->passwords = (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
    if (good && n >= 1 && n <= PASSWORDS_MAX)
        return TRUE;
    return usage(error, mgk_words(N_("--password-file: needs 1 to %u lines of UTF-8")), PASSWORDS_MAX);
}

char *mgk_options_lacks(const MgkPolicy *policy)
{
    const char *missing = mgk_sanitizer_missing(policy);
    if (!missing)
        return NULL;
    if (policy->profile != MGK_PROFILE_IMAGE)
        return g_strdup_printf(mgk_words(N_("[html] as = image needs the program '%s', which is not installed")),
                               missing);
    return g_strdup_printf(mgk_words(N_("profile '%s' needs the program '%s', which is not installed")),
                           mgk_profile_name(policy->profile), missing);
}

static gboolean take_policy(MgkOptions *options, const Given *given, GError **error)
{
    if (!mgk_options_load_policy(&options->policy, given->policy, error))
        return FALSE;
    if (given->profile && !mgk_profile_from_name(given->profile, &options->policy.profile))
        return usage(error, mgk_words(N_("--profile: '%s' is not one of: standard text image confirm")),
                     given->profile);
    g_autofree char *lacks = mgk_options_lacks(&options->policy);
    return lacks ? usage(error, "%s", lacks) : TRUE; /* never the standard result under another name */
}

gboolean mgk_options_load_policy(MgkPolicy *policy, const char *path, GError **error)
{
    mgk_policy_init(policy);
    if (path)
        return mgk_policy_file_load(policy, path, error);
    if (!g_file_test(SYSTEM_POLICY, G_FILE_TEST_EXISTS))
        return TRUE;
    return mgk_policy_file_load(policy, SYSTEM_POLICY, error);
}

gboolean mgk_options_parse(MgkOptions *options, int argc, char **argv, gboolean inspect, GError **error)
{
    g_auto(Given) given = {.jobs = 0};
    if (!parse_arguments(&given, argc, argv, inspect, error))
        return FALSE;
    if (!given.files || !given.files[0])
        return usage(error, "%s", mgk_words(N_("no file given")));
    if (given.jobs < 0 || given.jobs > JOBS_MAX)
        return usage(error, mgk_words(N_("--jobs: 1 to %d, or 0 for one a processor")), JOBS_MAX);
    if (given.language && strcmp(given.language, "ja") != 0 && strcmp(given.language, "en") != 0)
        return usage(error, mgk_words(N_("--lang: '%s' is not one of: ja en")), given.language);
    options->inspect = inspect;
    options->jobs = (guint)given.jobs;
    options->files = g_steal_pointer(&given.files);
    return take_style(options, given.report, error) && take_output(options, given.output, error) &&
           take_policy(options, &given, error) && take_passwords(options, given.password_file, error);
}

const char *mgk_options_language(int argc, char **argv)
{
    const char *language = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (g_str_has_prefix(argv[i], "--lang="))
            language = argv[i] + strlen("--lang=");
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            language = argv[i + 1];
    }
    return language;
}

int mgk_options_drop_language(int argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--lang") == 0)
            i++;
        else if (!g_str_has_prefix(argv[i], "--lang="))
            argv[kept++] = argv[i];
    }
    return kept;
}
