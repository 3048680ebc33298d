/* mail_tidy.h - text out of mails made fit to be shown: what nobody sees is stripped and counted, gaiji become 〓. */
#pragma once

#include "engines/text_filter.h"

typedef struct MgkMailTally {
    guint64 dropped[MGK_N_TEXT_CLASSES];
    guint64 gaiji;
    GString *gaiji_codes; /* owned; "U+E000 U+E001", the first 50 different ones; NULL while there are none */
    guint imitations;     /* lines that look like our notice */
} MgkMailTally;

void mgk_mail_tally_clear(MgkMailTally *tally);
/* text (valid UTF-8, size bytes, NUL allowed) with \n line ends, without controls but TAB, bidi, zero-width and tag
 * characters. single: line ends and TAB become spaces. tally may be NULL. Owned by the caller. */
char *mgk_mail_tidy(const char *text, gsize size, gboolean single, MgkMailTally *tally);
/* A name or excerpt for our own lines: one line, cut to columns with "…". Owned by the caller. */
char *mgk_mail_excerpt(const char *text, guint columns);
/* Lines that could be taken for our notice get "│" in front. Owned by the caller. */
char *mgk_mail_quote_imitations(const char *text, MgkMailTally *tally);
