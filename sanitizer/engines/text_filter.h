/* text_filter.h - copies a text and leaves out the characters that nobody sees but terminals, editors and assistants
 * obey: control characters, escape sequences, bidi controls, zero-width and tag characters. Every other byte stays.
 *
 * Kept on purpose, because names and ordinary texts need them: TAB, CR, LF, FF; variation selectors after a character
 * that takes them (ideographs, emoji, keycaps), one each; ZERO WIDTH JOINER between emoji, joiner and non-joiner
 * between letters of scripts that join; private use characters (外字); compatibility ideographs. */
#pragma once

#include "engines/charset.h"
#include "model/job.h"

/* Asked about every character that is kept, in order: TRUE puts an apostrophe in front of it. at is the reader before
 * the character, to be copied for looking ahead. */
typedef gboolean (*MgkTextHook)(gpointer data, const MgkCharsetReader *at, const MgkChar *c);

/* Why a character is left out; KEPT when it is not. */
typedef enum {
    MGK_TEXT_KEPT,
    MGK_TEXT_CONTROL,
    MGK_TEXT_ESCAPE,
    MGK_TEXT_BIDI,
    MGK_TEXT_INVISIBLE,
    MGK_TEXT_TAG,
    MGK_N_TEXT_CLASSES
} MgkTextClass;

/* The class of one character between its neighbours: before is the last character kept (0 at the start), next the one
 * that follows in the input (0 at the end). ESC is CONTROL here. */
MgkTextClass mgk_text_class(gunichar before, gunichar code, gunichar next);
/* Walks the characters that mgk_text_filter() keeps, for looking ahead at what the output will be. */
typedef struct MgkTextCursor {
    MgkCharsetReader reader;
    gunichar before; /* the last character kept, 0 at the start */
} MgkTextCursor;

/* The next character that is kept, or MGK_CHAR_INVALID ones; FALSE at the end. */
gboolean mgk_text_next(MgkTextCursor *cursor, MgkChar *ret_char);
/* Writes job->data, filtered, with job->write and records what was left out. hook may be NULL. Ends the job as held
 * (TRUE) where the bytes are not what charset demands. */
gboolean mgk_text_filter(MgkJob *job, MgkCharset charset, MgkTextHook hook, gpointer data, GError **error);
/* How sure that bytes are text at all (0 or base), by a sample of the first 32 KiB: an encoding that is sure, and
 * hardly any control characters. */
guint mgk_text_probe(const MgkProbe *probe, guint base);
