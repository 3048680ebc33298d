/* hold.c - `mugaika hold VERB`: what is held, and what people decide about it. */
#include "command.h"
#include "hold/ask.h"
#include "hold/keep.h"
#include "hold/show.h"
#include "hold/unlock.h"
#include "model/words.h"

#include <stdio.h>

static GVariantDict new_question(void)
{
    GVariantDict question;
    g_variant_dict_init(&question, NULL);
    return question;
}

static MgkExit list(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    GVariantDict question = new_question();
    (void)argument;
    if (!mgk_hold_add_filters(&question, given, error)) {
        g_variant_dict_clear(&question);
        return MGK_EXIT_USAGE;
    }
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "list", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    g_autoptr(GVariant) rows = g_variant_lookup_value(answer, "rows", G_VARIANT_TYPE("aa{sv}"));
    if (given->json)
        mgk_show_json(answer);
    else if (rows)
        mgk_show_records(rows);
    if (!given->json && mgk_hold_flag(answer, "more"))
        fprintf(stderr, "%s\n", mgk_words(N_("There are older ones: --before with the last number shows them.")));
    return MGK_EXIT_CROSSED;
}

static MgkExit show(const MgkHoldGiven *given, int socket, const char *id, GError **error)
{
    GVariantDict question = new_question();
    g_variant_dict_insert(&question, "id", "s", id);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "show", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    if (given->json)
        mgk_show_json(answer);
    else
        mgk_show_record(answer);
    return MGK_EXIT_CROSSED;
}

static MgkExit requests(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    GVariantDict question = new_question();
    (void)argument;
    g_variant_dict_insert(&question, "all", "b", given->all);
    g_variant_dict_insert(&question, "exceptions", "b", given->exceptions);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "requests", &question, NULL, error);
    g_autoptr(GVariant) rows = answer ? g_variant_lookup_value(answer, "requests", G_VARIANT_TYPE("aa{sv}")) : NULL;
    if (!rows)
        return MGK_EXIT_HELD;
    if (given->json)
        mgk_show_json(answer);
    else
        mgk_show_requests(rows);
    return MGK_EXIT_CROSSED;
}

static MgkExit request(const MgkHoldGiven *given, int socket, const char *id, GError **error)
{
    GVariantDict question = new_question();
    g_variant_dict_insert(&question, "id", "s", id);
    g_variant_dict_insert(&question, "reason", "s", given->reason ? given->reason : "");
    g_variant_dict_insert(&question, "emergency", "b", given->emergency);
    if (given->departments)
        g_variant_dict_insert(&question, "departments", "^as", given->departments);
    if (given->until)
        g_variant_dict_insert(&question, "until", "t", (guint64)mgk_hold_time(given->until, TRUE));
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "request", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    if (given->json)
        mgk_show_json(answer);
    else
        printf(mgk_words(N_("Request %llu is made. Somebody else has to agree: %s\n")),
               (unsigned long long)mgk_hold_number(answer, "number"), mgk_hold_text(answer, "chain"));
    return MGK_EXIT_CROSSED;
}

/* Everything that is decided about a request by its number. */
static MgkExit decide(const MgkHoldGiven *given, int socket, const char *word, const char *number, const char *done,
                      GError **error)
{
    GVariantDict question = new_question();
    g_variant_dict_insert(&question, "number", "t", g_ascii_strtoull(number, NULL, 10));
    g_variant_dict_insert(&question, "reason", "s", given->reason ? given->reason : "");
    if (given->sha256)
        g_variant_dict_insert(&question, "sha256", "s", given->sha256);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, word, &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    if (given->json)
        mgk_show_json(answer);
    else
        printf("%s%s%s\n", mgk_words(done), *mgk_hold_text(answer, "where") ? ": " : "",
               mgk_hold_text(answer, "where"));
    return MGK_EXIT_CROSSED;
}

/* Agreement is to bytes: those that the daemon shows now, unless the person names them. */
static MgkExit approve(const MgkHoldGiven *given, int socket, const char *number, GError **error)
{
    MgkHoldGiven seen = *given; /* borrows */
    GVariantDict question = new_question();
    g_variant_dict_insert(&question, "number", "t", g_ascii_strtoull(number, NULL, 10));
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "requests", &question, NULL, error);
    g_autoptr(GVariant) rows = answer ? g_variant_lookup_value(answer, "requests", G_VARIANT_TYPE("aa{sv}")) : NULL;
    if (!rows)
        return MGK_EXIT_HELD;
    g_autoptr(GVariant) row = g_variant_n_children(rows) == 1 ? g_variant_get_child_value(rows, 0) : NULL;
    g_autofree char *sha256 = g_strdup(row ? mgk_hold_text(row, "sha256") : "");
    if (!seen.sha256)
        seen.sha256 = sha256;
    if (row && !given->json)
        mgk_show_requests(rows);
    return decide(&seen, socket, "approve", number, N_("Agreed"), error);
}

static MgkExit reject(const MgkHoldGiven *given, int socket, const char *number, GError **error)
{
    return decide(given, socket, "reject", number, N_("Refused"), error);
}

static MgkExit take_back(const MgkHoldGiven *given, int socket, const char *number, GError **error)
{
    return decide(given, socket, "revoke", number, N_("Taken back"), error);
}

static MgkExit release(const MgkHoldGiven *given, int socket, const char *number, GError **error)
{
    return decide(given, socket, "release", number, N_("Released, NOT made safe"), error);
}

static MgkExit reported(const MgkHoldGiven *given, int socket, const char *number, GError **error)
{
    return decide(given, socket, "report-emergency", number, N_("Noted as reported"), error);
}

static MgkExit set_frozen(const MgkHoldGiven *given, int socket, const char *id, gboolean thaw, GError **error)
{
    GVariantDict question = new_question();
    g_variant_dict_insert(&question, "id", "s", id);
    g_variant_dict_insert(&question, "reason", "s", given->reason ? given->reason : "");
    g_variant_dict_insert(&question, "thaw", "b", thaw);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "freeze", &question, NULL, error);
    if (!answer)
        return MGK_EXIT_HELD;
    puts(mgk_words(thaw ? N_("No longer kept as evidence") : N_("Kept as evidence: it does not expire")));
    return MGK_EXIT_CROSSED;
}

static MgkExit freeze(const MgkHoldGiven *given, int socket, const char *id, GError **error)
{
    return set_frozen(given, socket, id, FALSE, error);
}

static MgkExit thaw(const MgkHoldGiven *given, int socket, const char *id, GError **error)
{
    return set_frozen(given, socket, id, TRUE, error);
}

static MgkExit ask_plain(const char *word, int socket, GError **error)
{
    GVariantDict question = new_question();
    g_autoptr(GVariant) answer = mgk_hold_question(socket, word, &question, NULL, error);
    if (answer)
        mgk_show_json(answer);
    return answer ? MGK_EXIT_CROSSED : MGK_EXIT_HELD;
}

static MgkExit expire(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    (void)given;
    (void)argument;
    return ask_plain("expire", socket, error);
}

static MgkExit backup(const MgkHoldGiven *given, int socket, const char *folder, GError **error)
{
    (void)given;
    GVariantDict question = new_question();
    g_variant_dict_insert(&question, "folder", "s", folder);
    g_autoptr(GVariant) answer = mgk_hold_question(socket, "backup", &question, NULL, error);
    if (answer)
        mgk_show_json(answer);
    return answer ? MGK_EXIT_CROSSED : MGK_EXIT_HELD;
}

static MgkExit status(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    (void)given;
    (void)argument;
    return ask_plain("status", socket, error);
}

static MgkExit whoami(const MgkHoldGiven *given, int socket, const char *argument, GError **error)
{
    (void)given;
    (void)argument;
    return ask_plain("whoami", socket, error);
}

static const MgkHoldVerb verbs[] = {
    {"list", NULL, N_("what is kept and held, newest first"), list},
    {"show", "ID", N_("all about one record"), show},
    {"keep", "FILE", N_("give a file to the hold; prints its number"), mgk_hold_keep},
    {"request", "ID", N_("ask for its release as it came (--reason)"), request},
    {"unlock", "ID", N_("open it with a password (--password-file, or asked for); the clean result is delivered"),
     mgk_hold_unlock},
    {"requests", NULL, N_("requests that wait for somebody"), requests},
    {"approve", "NUMBER", N_("agree to a request"), approve},
    {"reject", "NUMBER", N_("refuse a request (--reason)"), reject},
    {"revoke", "NUMBER", N_("take a request or an approval back (--reason)"), take_back},
    {"release", "NUMBER", N_("use an approval: the original goes out, NOT made safe"), release},
    {"reported", "NUMBER", N_("an emergency was reported to the CISO (--reason)"), reported},
    {"freeze", "ID", N_("keep as evidence: it does not expire (--reason)"), freeze},
    {"thaw", "ID", N_("end that (--reason)"), thaw},
    {"expire", NULL, N_("delete now what has reached its time"), expire},
    {"backup", "FOLDER", N_("copy all of it there, or bring the copy there up to date"), backup},
    {"status", NULL, N_("how the hold is"), status},
    {"whoami", NULL, N_("your account, roles and departments"), whoami},
};

MgkExit mgk_command_hold(int argc, char **argv)
{
    return mgk_hold_run("hold", verbs, G_N_ELEMENTS(verbs), argc, argv);
}
