/* html_flow.h - the state between tokens and paragraphs; private to html_*.c.
 *
 * Open elements stand on a bounded stack (elements deeper than that are counted, so that their ends match, but have no
 * style of their own). Finding the element that an end tag closes takes constant time: each box knows the next lower
 * one of its kind. */
#pragma once

#include "engines/html_layout.h"
#include "engines/html_link.h"
#include "engines/html_text.h"
#include "engines/html_token.h"

#define MGK_HTML_DEPTH 256
#define MGK_HTML_TABLES 8 /* inside each other; deeper ones are set as blocks */
#define MGK_HTML_LINK_TEXT 512

typedef enum {
#define MGK_HTML_WORD(id, english, japanese) MGK_WORD_##id,
#include "rules/html_words.def"
#undef MGK_HTML_WORD
    MGK_N_WORDS
} MgkHtmlWord;

/* An open element, with the style that its content inherits. */
typedef struct MgkBox {
    MgkHtmlTag tag;
    int below, scope_below; /* next lower box of this tag; next lower SCOPE box; -1 */
    guint flags;            /* MGK_HTML_BLOCK … as its style has it */
    gboolean started;       /* its start was carried out, so its end has to be */
    gboolean dropped;       /* not for readers: DROP elements */
    gboolean hidden, invisible;
    gboolean trick;    /* text in it counts as deceptively laid out */
    gboolean back_set; /* a background was declared here or above */
    gboolean color_set;
    gint32 color, back; /* MGK_CSS_UNKNOWN: not known */
    gint32 font;        /* hundredths of px, MGK_CSS_UNKNOWN */
    gint32 pre;         /* MGK_CSS_WHITE_SPACE */
    gboolean rtl;
    gint32 align;
    gboolean bare_list; /* no marks before items */
    guint list_number;  /* OL: of the next item */
    gint list_step;     /* OL: +1, -1 */
    char list_type;     /* OL: 1 a A i I */
    gsize prefix;       /* length of flow->prefix before it */
    gsize prefix_base;  /* cell: flow->prefix_base before it */
    gsize mark;         /* own use of its handlers */
} MgkBox;

typedef struct MgkOpenTable {
    MgkTable *table; /* owned */
    MgkTable *outer; /* table and cell whose content it is; NULL: the text */
    guint outer_cell;
    char *first; /* owned: list mark that waits, see MgkFlow.first */
    guint gap;
} MgkOpenTable;

typedef struct MgkFlow {
    const MgkHtmlOptions *options;
    MgkHtmlTokenizer t;
    MgkHtmlSheet sheet;
    MgkHtmlResult *r;
    MgkHtmlOut out;
    MgkBox stack[MGK_HTML_DEPTH]; /* [0]: the page */
    guint depth;                  /* boxes in stack */
    int top[MGK_N_TAGS];          /* highest box of each tag; -1 */
    int scope;                    /* highest SCOPE box; -1 */
    guint64 beyond[MGK_N_TAGS];   /* open elements that the stack had no room for */
    GString *line;                /* text of the paragraph being filled */
    gboolean space, newline;      /* white space since the last character; a line end in it */
    gunichar before;              /* last character of line */
    GString *prefix;              /* what lines begin with, from prefix_base on */
    gsize prefix_base;
    char *first;               /* owned: same with a list mark, for the next paragraph; NULL: no mark waits */
    guint gap;                 /* blank lines before the next paragraph */
    gsize tab_at, tab_columns; /* place in line up to which columns are counted, and how many */
    MgkTable *table;           /* where paragraphs go; NULL: the text */
    guint cell;                /* index in table->cells; valid with table */
    MgkOpenTable tables[MGK_HTML_TABLES];
    guint n_tables, skipped_tables;
    gboolean outlook;   /* has conditional comments: mso-hide has its counterpart there */
    gboolean in_hidden; /* the piece of hidden text is already counted */
    gboolean words;     /* any visible text */
    char *base;         /* owned */
    /* the open link */
    gboolean in_link, link_picture;
    MgkLink link;
    GString *link_text;
    /* targets for the list at the end */
    GPtrArray *targets;  /* owned char* */
    GHashTable *numbers; /* of targets -> index + 1 */
    guint shown_links;
    guint select_options;
    guint64 steps;
} MgkFlow;

typedef void (*MgkHtmlHandler)(MgkFlow *flow, MgkBox *box);

/* html_flow.c */
void mgk_flow_init(MgkFlow *flow, const char *html, gsize size, const MgkHtmlOptions *options, MgkHtmlResult *result);
void mgk_flow_clear(MgkFlow *flow);
void mgk_flow_run(MgkFlow *flow);
const char *mgk_flow_word(const MgkFlow *flow, MgkHtmlWord word);
/* Ends the paragraph and hands it on; blank lines before the next one are at least gap. */
void mgk_flow_break(MgkFlow *flow, guint gap);
/* A paragraph of its own. */
void mgk_flow_paragraph(MgkFlow *flow, MgkParaKind kind, const char *text);
void mgk_flow_emit(MgkFlow *flow, MgkPara *para);
/* Lengthens what lines begin with until box ends; mark (or NULL) stands there on the first line. */
void mgk_flow_indent(MgkFlow *flow, const char *prefix, const char *mark);
void mgk_flow_close(MgkFlow *flow, guint depth);

/* html_box.c: style of a box from its parent, attributes and rules. */
void mgk_box_style(MgkFlow *flow, MgkBox *box, const MgkBox *parent);
gboolean mgk_box_hides(const MgkFlow *flow, const MgkBox *box);

/* html_inline.c */
void mgk_flow_text(MgkFlow *flow, const char *text, gsize length);  /* of the page, in the innermost box */
void mgk_flow_own(MgkFlow *flow, const char *text, gboolean apart); /* ours; apart: a space before */
void mgk_link_open(MgkFlow *flow);
void mgk_link_finish(MgkFlow *flow);
void mgk_flow_list_links(MgkFlow *flow);
/* A target that is shown in a sentence of its own: form, frame, refresh. */
void mgk_flow_tell_target(MgkFlow *flow, MgkHtmlWord word, const char *href);

/* html_elements.c */
void mgk_element_start(MgkFlow *flow, MgkBox *box);
void mgk_element_end(MgkFlow *flow, MgkBox *box);
/* html_cells.c */
void mgk_flow_table_open(MgkFlow *flow, MgkBox *box);
void mgk_flow_table_close(MgkFlow *flow, MgkBox *box);
void mgk_flow_cell_open(MgkFlow *flow, MgkBox *box);
void mgk_flow_cell_close(MgkFlow *flow, MgkBox *box);
void mgk_flow_row(MgkFlow *flow);
