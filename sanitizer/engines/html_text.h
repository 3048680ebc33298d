/* html_text.h - a page or HTML mail as plain text: what a reader of a graphical client sees, in source order, with the
 * true target of every link, and counts of what tried to hide or deceive.
 *
 * A tokenizer after WHATWG HTML (section 13.2.5) without a tree feeds a block formatter with a bounded stack: time is
 * linear in the size of the input, memory a small multiple of it. Nothing is fetched, nothing is read or written. */
#pragma once

#include "model/error.h"

#define MGK_HTML_EXCERPTS 16 /* links described one by one; more are only counted */

typedef enum {
    MGK_LINKS_KEEP,   /* text <https://target> */
    MGK_LINKS_DEFANG, /* text <hxxps://target[.]example>, in the text itself too */
    MGK_LINKS_REMOVE, /* text; addresses in the text are replaced by a word */
} MgkLinkMode;

/* All zero is usable: 76 columns, links kept, English. */
typedef struct MgkHtmlOptions {
    guint width; /* columns of a line, a full-width character takes two; 0: 76; at least 20 */
    MgkLinkMode links;
    guint inline_columns; /* targets above this go to the numbered list at the end; 0: 60 */
    guint max_links;      /* targets shown; further ones are only counted; 0: 2000 */
    gboolean japanese;    /* the few own words, and ambiguous characters (①, ○, Greek) two columns wide */
} MgkHtmlOptions;

/* A link that shows another host than it leads to. All strings are bounded and clean of controls. */
typedef struct MgkHtmlDeception {
    char *shown;       /* owned: link text, cut to 80 characters */
    char *shown_host;  /* owned: the host that the text names */
    char *target_host; /* owned: the true host, punycode where scripts are mixed */
} MgkHtmlDeception;

typedef struct MgkHtmlCounts {
    guint hidden_pieces, hidden_chars; /* text that no reader sees, dropped */
    guint links, links_deceptive;      /* deceptive: shown host is not the target's, or a name before @ poses as host */
    guint links_dangerous;             /* dropped: javascript:, data:, vbscript:, file:, \\server and unknown schemes */
    guint links_unlisted;              /* above max_links: text kept, target not shown */
    guint links_mixed_script;          /* hosts that mix scripts, shown as punycode */
    guint images, images_inline, images_remote, trackers, alts; /* inline: cid: or data:; tracker: at most 1 pixel */
    guint forms, fields, password_fields, refreshes, bases, frames;
    guint tricks; /* deceptive layout: bdo, overridden direction, ::before text, transforms, tiny or pale text … */
    guint controls, bidi, invisible, tags; /* characters stripped: mgk_text_class() */
    guint undecodable;                     /* bytes that mean nothing in the charset, shown as U+FFFD */
    guint conditionals;                    /* conditional comments (Outlook), dropped */
    guint tables;                          /* laid out in columns */
    guint scripts;                         /* elements, and handlers in attributes; dropped */
} MgkHtmlCounts;

typedef struct MgkHtmlResult {
    char *text;           /* owned: UTF-8, lines end in LF, no trailing spaces, ends with LF unless empty */
    gsize length;         /* bytes of text */
    char *title;          /* owned: <title>, one line, at most 200 characters; NULL when there is none */
    const char *charset;  /* what was decoded: mgk_charset_name() */
    gboolean images_only; /* pictures, but no readable text besides */
    MgkHtmlCounts count;
    MgkHtmlDeception deceptions[MGK_HTML_EXCERPTS];
    guint n_deceptions;
    guint64 steps; /* characters and table cells visited: bounded by a constant times size, for tests */
} MgkHtmlResult;

/* Converts size bytes of HTML. declared_charset: the label of the Content-Type, or NULL; then byte order mark, <meta>
 * and detection decide, and a label that does not fit the bytes loses to one that does. options may be NULL.
 * MGK_ERROR_LIMIT when the text would pass 64 MB or the input has 256 MB or more; *ret is then untouched. Needs
 * mgk_charset_warm() before a lock-down. */
gboolean mgk_html_to_text(const guint8 *data, gsize size, const char *declared_charset, const MgkHtmlOptions *options,
                          MgkHtmlResult *ret, GError **error);
/* Frees what result owns; a zeroed result is fine. */
void mgk_html_result_clear(MgkHtmlResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkHtmlResult, mgk_html_result_clear)
