/* mail.c - `mugaika mail FILE|-`: one mail in, the converted mail out, as the milter would hand it on. */
#include "command.h"
#include "interrupt.h"
#include "model/names.h"
#include "model/report_text.h"
#include "model/words.h"
#include "options.h"
#include "publish.h"
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Given {
    char *profile, *policy, *output, *language, *report; /* owned */
    char *from, *client, *id; /* owned; of the envelope, as the mail filter would know them */
    char **to, **files;       /* owned */
} Given;

static void given_clear(Given *given)
{
    g_free(given->profile);
    g_free(given->policy);
    g_free(given->output);
    g_free(given->language);
    g_free(given->report);
    g_free(given->from);
    g_free(given->client);
    g_free(given->id);
    g_strfreev(given->to);
    g_strfreev(given->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

static gboolean parse(Given *given, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"profile", 'p', 0, G_OPTION_ARG_STRING, &given->profile, N_("how mails are converted: standard, text-only"),
         N_("NAME")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &given->policy, N_("policy file instead of the system's"), N_("FILE")},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &given->output,
         N_("file for the converted mail (default: standard output)"), N_("FILE")},
        {"report", 0, 0, G_OPTION_ARG_STRING, &given->report, N_("form of the report: text, json"), N_("FORM")},
        {"from", 0, 0, G_OPTION_ARG_STRING, &given->from, N_("sender of the envelope, for the policy's rules"),
         N_("ADDRESS")},
        {"to", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given->to, N_("recipient of the envelope; may be given again"),
         N_("ADDRESS")},
        {"client", 0, 0, G_OPTION_ARG_STRING, &given->client,
         N_("address of the host that gave the mail, for trusted_peers"), N_("ADDRESS")},
        {"id", 0, 0, G_OPTION_ARG_STRING, &given->id, N_("number under which the original is kept"), N_("ID")},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &given->language, N_("language: ja, en"), N_("LANGUAGE")},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given->files, NULL, N_("FILE|-")},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, MGK_WORDS_DOMAIN);
    g_option_context_set_translation_domain(context, MGK_WORDS_DOMAIN);
    g_option_context_set_summary(
        context, N_("Converts one mail to text with attachments made safe. The report goes to standard error."));
    g_set_prgname("mugaika mail");
    return g_option_context_parse(context, &argc, &argv, error);
}

static gboolean is_one_of(const char *value, const char *a, const char *b)
{
    return !value || strcmp(value, a) == 0 || strcmp(value, b) == 0;
}

/* What is wrong with the arguments, as a sentence; NULL when nothing is. */
static const char *judge(const Given *given)
{
    if (!given->files || !given->files[0] || given->files[1])
        return mgk_words(N_("mail takes exactly one file, or - for standard input"));
    if (!is_one_of(given->profile, "standard", "text-only"))
        return mgk_words(N_("--profile: not one of: standard text-only"));
    if (!is_one_of(given->report, "text", "json"))
        return mgk_words(N_("--report: not one of: text json"));
    return is_one_of(given->language, "ja", "en") ? NULL : mgk_words(N_("--lang: not one of: ja en"));
}

/* All of standard input, which may be a pipe, in memory that can be read again. */
static int read_input(void)
{
    char buffer[64 * 1024];
    int copy = memfd_create("mail", MFD_CLOEXEC);
    for (ssize_t n = 1; copy >= 0 && n != 0;) {
        n = read(STDIN_FILENO, buffer, sizeof buffer);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            break;
        for (ssize_t done = 0, put = 0; done < n; done += put) {
            put = write(copy, buffer + done, (gsize)(n - done));
            if (put < 0) {
                close(copy);
                return -1;
            }
        }
    }
    return copy >= 0 && lseek(copy, 0, SEEK_SET) == 0 ? copy : -1;
}

static int open_input(const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return read_input();
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode))
        return file;
    if (file >= 0) {
        close(file);
        errno = EINVAL;
    }
    return -1;
}

/* Maildirs name mails by numbers; a mail is what this command takes. */
static char *mail_name(const char *path)
{
    g_autofree char *base = strcmp(path, "-") == 0 ? g_strdup("mail") : g_path_get_basename(path);
    gboolean named = g_str_has_suffix(base, ".eml") || g_str_has_suffix(base, ".EML");
    return named ? g_steal_pointer(&base) : g_strconcat(base, ".eml", NULL);
}

static gboolean publish(const char *path, int output, GError **error)
{
    if (!path || strcmp(path, "-") == 0)
        return mgk_publish_stream(output, STDOUT_FILENO, error);
    g_autofree char *here = g_get_current_dir();
    g_autofree char *absolute = g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(here, path, NULL);
    g_autofree char *folder = g_path_get_dirname(absolute), *name = g_path_get_basename(absolute), *done = NULL;
    const MgkPlace place = {.root = folder, .sub = "", .name = name};
    return mgk_publish_file(&place, output, &done, error);
}

static void print_report(const MgkReport *report, const Given *given, const MgkPolicy *policy)
{
    const MgkReportContext context = {.input = given->files[0], .policy = policy};
    gboolean json = given->report && strcmp(given->report, "json") == 0;
    g_autofree char *text = json ? mgk_report_json(report, &context) : mgk_report_text(report, &context);
    fprintf(stderr, "%s%s", text, json ? "\n" : "");
}

static MgkExit convert(const Given *given, const MgkPolicy *policy, int input, GError **error)
{
    int output = -1;
    g_autofree char *name = mail_name(given->files[0]);
    g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(policy, NULL, error);
    if (!sanitizer)
        return g_error_matches(*error, MGK_ERROR, MGK_ERROR_SANDBOX) ? MGK_EXIT_SANDBOX : MGK_EXIT_INTERNAL;
    mgk_interrupt_watch(sanitizer);
    const MgkEnvelope envelope = {.sender = given->from,
                                  .recipients = (const char *const *)given->to,
                                  .client_address = given->client,
                                  .id = given->id};
    const MgkInput what = {.fd = input, .name = name, .envelope = &envelope};
    g_autoptr(MgkReport) report = mgk_sanitizer_clean(sanitizer, &what, &output);
    mgk_interrupt_watch(NULL);
    gboolean crosses = output >= 0 && mgk_verdict_crosses(report->verdict);
    gboolean mail = strcmp(report->format, "eml") == 0; /* a PDF is no mail, however clean */
    gboolean published = crosses && mail && publish(given->output, output, error);
    if (output >= 0)
        close(output);
    print_report(report, given, policy);
    if (crosses && !mail)
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, N_("this is no mail; use mugaika clean"));
    if (report->reason == MGK_REASON_INTERRUPTED)
        return MGK_EXIT_INTERRUPTED;
    if (crosses && mail)
        return published ? MGK_EXIT_CROSSED : MGK_EXIT_CANTCREAT;
    return MGK_EXIT_HELD;
}

MgkExit mgk_command_mail(int argc, char **argv)
{
    g_auto(Given) given = {0};
    g_autoptr(GError) error = NULL;
    MgkPolicy policy;
    if (!parse(&given, argc, argv, &error))
        return mgk_command_misused(error->message);
    const char *wrong = judge(&given);
    if (wrong)
        return mgk_command_misused(wrong);
    if (!mgk_options_load_policy(&policy, given.policy, &error))
        return mgk_command_misused(error->message);
    if (given.profile) {
        policy.mail.profile = strcmp(given.profile, "text-only") == 0 ? MGK_MAIL_TEXT_ONLY : MGK_MAIL_STANDARD;
        policy.n_mail_rules = 0; /* what the command line says holds for every envelope */
    }
    if (given.language)
        policy.mail.language = strcmp(given.language, "en") == 0;
    int input = open_input(given.files[0]);
    if (input < 0) {
        int number = errno;
        g_autofree char *shown = mgk_names_display(given.files[0], -1, 0);
        fprintf(stderr, "mugaika: 「%s」: %s\n", shown, mgk_words(mgk_trouble_reading(number)));
        return MGK_EXIT_NOINPUT;
    }
    MgkExit code = convert(&given, &policy, input, &error);
    close(input);
    if (error)
        fprintf(stderr, "mugaika: %s\n", mgk_words(error->message));
    return code;
}
