/* ask.h - `mugaika hold` and `mugaika log`: options read once, a question to mugaika-holdd, its answer shown. Nothing
 * is decided here; the daemon knows who asks and what they may. */
#pragma once

#include "exit.h"
#include "store/hold_wire.h"

typedef struct MgkHoldGiven {
    char *socket, *reason, *from, *to, *sender, *recipient, *subject, *sha256, *state, *before, *until, *event, *actor,
        *record, *anchor, *root, *language, *passwords; /* owned */
    char **departments, **words;                        /* owned; words: what is left of the command line */
    int limit;
    gboolean json, csv, frozen, emergency, all, exceptions;
} MgkHoldGiven;

void mgk_hold_given_clear(MgkHoldGiven *given);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkHoldGiven, mgk_hold_given_clear)

/* One subcommand: argument is the word behind it ("261121-0042", "17"), NULL when none is taken. */
typedef struct MgkHoldVerb {
    const char *name, *argument, *words; /* argument: "ID", "NUMBER", "FOLDER" or NULL; words: what it does (N_) */
    MgkExit (*run)(const MgkHoldGiven *given, int socket, const char *argument, GError **error);
} MgkHoldVerb;

/* Reads the command line of `mugaika COMMAND VERB …`, connects, runs the verb, says what went wrong. */
MgkExit mgk_hold_run(const char *command, const MgkHoldVerb *verbs, gsize n, int argc, char **argv);

/* Adds the filters that were given (from, to, sender …) to a question. FALSE: a time that is none. */
gboolean mgk_hold_add_filters(GVariantDict *question, const MgkHoldGiven *given, GError **error);
/* "2026", "2026-11", "2026-11-21": its beginning, or its end, in local time and microseconds; 0 when it is no day. */
gint64 mgk_hold_time(const char *text, gboolean end);
/* Asks; NULL with error. question is emptied. */
GVariant *mgk_hold_question(int socket, const char *word, GVariantDict *question, int *ret_fd, GError **error);
