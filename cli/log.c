/* log.c - `mugaika log VERB`: what happened, and whether the log still proves it. */
#include "command.h"
#include "hold/ask.h"
#include "hold/show.h"
#include "io/descriptor.h"
#include "model/names.h"
#include "model/words.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void add(GVariantDict *question, const char *name, const char *text)
{
    if (text)
        g_variant_dict_insert(question, name, "s", text);
}

static gboolean copy_out(int fd)
{
    char buffer[64 * 1024];
    for (gssize n; (n = mgk_fd_read(fd, buffer, sizeof buffer)) != 0;) {
        if (n < 0 || fwrite(buffer, 1, (gsize)n, stdout) != (gsize)n)
            return FALSE;
    }
    return TRUE;
}

/* Times go as text: the log's own are RFC 3339 in UTC. */
static MgkExit search(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    GVariantDict question;
    int fd = -1;
    (void)argument;
    g_variant_dict_init(&question, NULL);
    add(&question, "from", given->from);
    add(&question, "to", given->to);
    add(&question, "event", given->event);
    add(&question, "actor", given->actor);
    add(&question, "record", given->record);
    add(&question, "sha256", given->sha256);
    add(&question, "department", given->departments ? given->departments[0] : NULL);
    g_variant_dict_insert(&question, "csv", "b", given->csv);
    if (given->limit > 0)
        g_variant_dict_insert(&question, "limit", "t", (guint64)given->limit);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "log", &question, &fd, error);
    gboolean good = answer && fd >= 0 && copy_out(fd);
    if (fd >= 0)
        close(fd);
    if (good && mgk_hold_flag(answer, "cut"))
        fprintf(stderr, "%s\n", mgk_words(N_("There is more: ask for a shorter time.")));
    return good ? MGK_EXIT_CROSSED : MGK_EXIT_HELD;
}

static MgkExit verify(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    GVariantDict question;
    (void)argument;
    g_variant_dict_init(&question, NULL);
    add(&question, "anchor", given->anchor);
    if (given->root) {
        const char *hash = strchr(given->root, ':');
        g_variant_dict_insert(&question, "seq", "t", g_ascii_strtoull(given->root, NULL, 10));
        add(&question, "hash", hash ? hash + 1 : "");
    }
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "log-verify", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    gboolean good = mgk_hold_flag(answer, "good");
    g_autofree char *where = mgk_names_display(mgk_hold_text(answer, "where"), -1, 0);
    g_autofree char *why = mgk_names_display(mgk_hold_text(answer, "why"), -1, 0);
    if (given->json)
        mgk_show_json(answer);
    else if (good)
        printf(mgk_words(N_("The log is whole: %llu records, %llu of them under %llu seals. It ends at %llu:%s\n")),
               (unsigned long long)mgk_hold_number(answer, "records"),
               (unsigned long long)mgk_hold_number(answer, "sealed"),
               (unsigned long long)mgk_hold_number(answer, "seals"), (unsigned long long)mgk_hold_number(answer, "seq"),
               mgk_hold_text(answer, "hash"));
    else
        printf(mgk_words(N_("THE LOG WAS CHANGED at %s: %s\n")), where, why);
    return good ? MGK_EXIT_CROSSED : MGK_EXIT_HELD;
}

static MgkExit print_root(const MgkHoldGiven *given, int socket, const char *word, GError **error)
{
    GVariantDict question;
    g_variant_dict_init(&question, NULL);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, word, &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    if (given->json)
        mgk_show_json(answer);
    else
        printf("%" G_GUINT64_FORMAT ":%s  %s\n", mgk_hold_number(answer, "seq"), mgk_hold_text(answer, "hash"),
               mgk_hold_text(answer, "time"));
    return MGK_EXIT_CROSSED;
}

static MgkExit root(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    (void)argument;
    return print_root(given, socket, "log-root", error);
}

static MgkExit seal(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    (void)argument;
    return print_root(given, socket, "log-seal", error);
}

static MgkExit report(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    GVariantDict question;
    (void)argument;
    g_variant_dict_init(&question, NULL);
    if (!mgk_hold_add_filters(&question, given, error)) {
        g_variant_dict_clear(&question);
        return MGK_EXIT_USAGE;
    }
    g_variant_dict_insert(&question, "exceptions", "b", given->exceptions);
    g_autoptr(GVariant) answer =
        mgk_hold_question(socket, given->exceptions ? "requests" : "report", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    g_autoptr(GVariant) counts = g_variant_lookup_value(answer, "counts", G_VARIANT_TYPE("a(sst)"));
    g_autoptr(GVariant) requests = g_variant_lookup_value(answer, "requests", G_VARIANT_TYPE("aa{sv}"));
    if (given->json)
        mgk_show_json(answer);
    else if (counts)
        mgk_show_counts(counts, given->csv);
    else if (requests)
        mgk_show_requests(requests);
    return MGK_EXIT_CROSSED;
}

static const MgkHoldVerb verbs[] = {
    {"search", NULL, N_("records of the log, by time, event, person, record"), search},
    {"report", NULL, N_("counts by department (--from, --to); --exceptions: emergencies not reported"), report},
    {"verify", NULL, N_("is the log whole and unchanged? (--anchor, --root)"), verify},
    {"root", NULL, N_("where the log stands: to be printed or mailed away"), root},
    {"seal", NULL, N_("sign where the log stands"), seal},
};

MgkExit mgk_command_log(int argc, char **argv)
{
    return mgk_hold_run("log", verbs, G_N_ELEMENTS(verbs), argc, argv);
}
