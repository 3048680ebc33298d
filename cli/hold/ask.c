#include "ask.h"

#include "command.h"
#include "model/names.h"
#include "model/words.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_SECONDS 300 /* a release waits for a scanner and a relay */

void mgk_hold_given_clear(MgkHoldGiven *g)
{
    char **const all[] = {&g->socket,  &g->reason, &g->from,   &g->to,     &g->sender,   &g->recipient,
                          &g->subject, &g->sha256, &g->state,  &g->before, &g->until,    &g->event,
                          &g->actor,   &g->record, &g->anchor, &g->root,   &g->language, &g->passwords};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        g_clear_pointer(all[i], g_free);
    g_clear_pointer(&g->departments, g_strfreev);
    g_clear_pointer(&g->words, g_strfreev);
}

static gboolean parse(MgkHoldGiven *g, const char *command, const char *summary, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"socket", 0, 0, G_OPTION_ARG_FILENAME, &g->socket, N_("socket of mugaika-holdd"), N_("PATH")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &g->json, N_("the answer as JSON"), NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &g->csv, N_("the answer as a table for spreadsheets"), NULL},
        {"reason", 'r', 0, G_OPTION_ARG_STRING, &g->reason, N_("why; it stays in the log"), N_("TEXT")},
        {"from", 0, 0, G_OPTION_ARG_STRING, &g->from, N_("from this day or month on (2026-11, 2026-11-21)"), N_("DAY")},
        {"to", 0, 0, G_OPTION_ARG_STRING, &g->to, N_("up to this day or month, included"), N_("DAY")},
        {"sender", 0, 0, G_OPTION_ARG_STRING, &g->sender, N_("sender: ADDRESS, @DOMAIN or a part"), N_("TEXT")},
        {"recipient", 0, 0, G_OPTION_ARG_STRING, &g->recipient, N_("recipient, likewise"), N_("TEXT")},
        {"subject", 0, 0, G_OPTION_ARG_STRING, &g->subject, N_("a part of the subject"), N_("TEXT")},
        {"sha256", 0, 0, G_OPTION_ARG_STRING, &g->sha256, N_("SHA-256 of the original or of a part"), N_("HASH")},
        {"state", 0, 0, G_OPTION_ARG_STRING, &g->state, N_("held, requested, approved, released …"), N_("STATE")},
        {"frozen", 0, 0, G_OPTION_ARG_NONE, &g->frozen, N_("only what is kept as evidence"), NULL},
        {"before", 0, 0, G_OPTION_ARG_STRING, &g->before, N_("records older than this one"), N_("ID")},
        {"limit", 'n', 0, G_OPTION_ARG_INT, &g->limit, N_("so many at most"), N_("N")},
        {"department", 0, 0, G_OPTION_ARG_STRING_ARRAY, &g->departments,
         N_("department; for request: release to all copies there (with --until)"), N_("NAME")},
        {"until", 0, 0, G_OPTION_ARG_STRING, &g->until, N_("last day of a release for departments"), N_("DAY")},
        {"emergency", 0, 0, G_OPTION_ARG_NONE, &g->emergency, N_("urgent: to be reported to the CISO afterwards"),
         NULL},
        {"all", 0, 0, G_OPTION_ARG_NONE, &g->all, N_("also those that are decided"), NULL},
        {"exceptions", 0, 0, G_OPTION_ARG_NONE, &g->exceptions, N_("emergencies not reported yet"), NULL},
        {"event", 0, 0, G_OPTION_ARG_STRING, &g->event, N_("kind of log record, as record.held or record."),
         N_("NAME")},
        {"actor", 0, 0, G_OPTION_ARG_STRING, &g->actor, N_("account that did it"), N_("NAME")},
        {"record", 0, 0, G_OPTION_ARG_STRING, &g->record, N_("number of a record"), N_("ID")},
        {"anchor", 0, 0, G_OPTION_ARG_STRING, &g->anchor, N_("first key of the seals, as it was printed"), N_("HEX")},
        {"root", 0, 0, G_OPTION_ARG_STRING, &g->root, N_("where the log stood, as it was printed"), N_("SEQ:HASH")},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &g->passwords,
         N_("file with passwords, one a line; - for standard input"), N_("FILE")},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &g->language, N_("language: ja, en"), N_("LANGUAGE")},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &g->words, NULL, N_("VERB [ID]")},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autofree char *name = g_strconcat("mugaika ", command, NULL);
    g_option_context_add_main_entries(context, entries, MGK_WORDS_DOMAIN);
    g_option_context_set_translation_domain(context, MGK_WORDS_DOMAIN);
    g_option_context_set_description(context, summary);
    g_set_prgname(name);
    return g_option_context_parse(context, &argc, &argv, error);
}

static char *overview(const MgkHoldVerb *verbs, gsize n)
{
    GString *text = g_string_new(NULL);
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(text, "  %-10s %-8s %s\n", verbs[i].name, verbs[i].argument ? verbs[i].argument : "",
                               mgk_words(verbs[i].words));
    return g_string_free(text, FALSE);
}

static MgkExit complain(const GError *error)
{
    g_autofree char *shown = mgk_names_display(mgk_words(error->message), -1, 0);
    fprintf(stderr, "mugaika: %s\n", shown);
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_IO))
        return MGK_EXIT_NOINPUT;
    return g_error_matches(error, MGK_ERROR, MGK_ERROR_FAILED) ? MGK_EXIT_INTERNAL : MGK_EXIT_HELD;
}

static MgkExit run_verb(const MgkHoldVerb *verb, const MgkHoldGiven *given)
{
    const char *argument = given->words[1];
    g_autoptr(GError) error = NULL;
    if (!argument != !verb->argument || (argument && given->words[2]))
        return mgk_command_misused(mgk_words(verb->argument ? N_("this needs exactly one number or file behind it")
                                                            : N_("nothing may stand behind this")));
    int socket = mgk_hold_connect(given->socket, PATIENCE_SECONDS, &error);
    if (socket < 0)
        return complain(error);
    MgkExit code = verb->run(given, socket, argument, &error);
    close(socket);
    if (error)
        return complain(error);
    return code == MGK_EXIT_CROSSED ? mgk_command_flush() : code;
}

MgkExit mgk_hold_run(const char *command, const MgkHoldVerb *verbs, gsize n, int argc, char **argv)
{
    g_auto(MgkHoldGiven) given = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *summary = overview(verbs, n);
    if (!parse(&given, command, summary, argc, argv, &error))
        return mgk_command_misused(error->message);
    for (gsize i = 0; given.words && given.words[0] && i < n; i++) {
        if (strcmp(verbs[i].name, given.words[0]) == 0)
            return run_verb(&verbs[i], &given);
    }
    fputs(summary, stderr);
    return mgk_command_misused(mgk_words(N_("say what to do; --help shows the verbs")));
}

gint64 mgk_hold_time(const char *text, gboolean end)
{
    guint year = 0, month = 0, day = 0;
    char rest = 0;
    int n = text ? sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) : 0;
    if (n < 1 || n > 3 || strlen(text) != (gsize)(n == 1 ? 4 : n == 2 ? 7 : 10))
        return 0;
    g_autoptr(GDateTime) start =
        g_date_time_new_local((gint)year, n > 1 ? (gint)month : 1, n > 2 ? (gint)day : 1, 0, 0, 0);
    g_autoptr(GDateTime) next = !start   ? NULL
                                : n == 1 ? g_date_time_add_years(start, 1)
                                : n == 2 ? g_date_time_add_months(start, 1)
                                         : g_date_time_add_days(start, 1);
    GDateTime *it = end ? next : start;
    return it ? g_date_time_to_unix(it) * G_USEC_PER_SEC : 0;
}

static void add_text(GVariantDict *question, const char *name, const char *text)
{
    if (text)
        g_variant_dict_insert(question, name, "s", text);
}

static gboolean add_time(GVariantDict *question, const char *name, const char *text, gboolean end, GError **error)
{
    gint64 time_us = mgk_hold_time(text, end);
    if (text && time_us <= 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, mgk_words(N_("'%s' is no day or month as 2026-11-21")), text);
        return FALSE;
    }
    if (text)
        g_variant_dict_insert(question, name, "t", (guint64)time_us);
    return TRUE;
}

gboolean mgk_hold_add_filters(GVariantDict *question, const MgkHoldGiven *given, GError **error)
{
    add_text(question, "sender", given->sender);
    add_text(question, "recipient", given->recipient);
    add_text(question, "subject", given->subject);
    add_text(question, "sha256", given->sha256);
    add_text(question, "state", given->state);
    add_text(question, "before", given->before);
    if (given->frozen)
        g_variant_dict_insert(question, "frozen", "b", TRUE);
    if (given->limit > 0)
        g_variant_dict_insert(question, "limit", "t", (guint64)given->limit);
    return add_time(question, "from", given->from, FALSE, error) && add_time(question, "to", given->to, TRUE, error);
}

GVariant *mgk_hold_question(int socket, const char *word, GVariantDict *question, int *ret_fd, GError **error)
{
    return mgk_hold_ask(socket, word, g_variant_dict_end(question), -1, ret_fd, error);
}
