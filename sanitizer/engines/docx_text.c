#include "engines/docx_text.h"

#include "engines/chart_text.h"
#include "engines/docx_lists.h"
#include "engines/text_out.h"

#include <stdlib.h>
#include <string.h>

typedef enum { NOTHING, TEXT, RUBY } Into;

typedef struct Story {
    MgkZip *zip;             /* borrowed */
    MgkTextOut *out;         /* borrowed */
    MgkDocxLists *lists;     /* borrowed */
    GHashTable *members;     /* borrowed; relationship id → member, of the part being read */
    GPtrArray *later;        /* borrowed; members to be read after the body, in order, each once */
    GPtrArray *charts;       /* borrowed; likewise */
    GHashTable *note_number; /* borrowed; "f3", "e1" → number */
    char note_prefix;        /* 'f' or 'e' while notes are read, else 0 */
    Into into;
    guint depth, skip;       /* skip: depth of the element whose content is left out; 0 none */
    guint run, cell, change; /* open w:r, w:tc, w:*Change */
    gboolean blank_due;      /* in a cell: something stood before */
    gboolean list_due;       /* label not yet written */
    char *style;             /* owned; of the paragraph */
    int number, level;
    GString *ruby;    /* owned */
    guint64 branches; /* bit per open AlternateContent, the innermost lowest: a branch was taken */
} Story;

static void put(Story *story, const char *text, gssize size)
{
    if (story->blank_due && !mgk_text_out_at_start(story->out))
        mgk_text_out_add(story->out, " ", 1);
    story->blank_due = FALSE;
    mgk_text_out_add(story->out, text, size);
}

static void start_paragraph(Story *story)
{
    g_clear_pointer(&story->style, g_free);
    story->number = story->level = -1;
    story->list_due = TRUE;
}

/* Before the paragraph's first character. */
static void put_label(Story *story)
{
    if (!story->list_due)
        return;
    story->list_due = FALSE;
    g_autofree char *label = mgk_docx_lists_next(story->lists, story->style, story->number, story->level);
    if (!label)
        return;
    put(story, label, -1);
    put(story, " ", 1);
}

static void end_paragraph(Story *story)
{
    put_label(story);
    if (story->cell > 0)
        story->blank_due = TRUE;
    else
        mgk_text_out_newline(story->out);
}

static void put_reference(Story *story, char prefix, const char *id)
{
    g_autofree char *key = g_strdup_printf("%c%s", prefix, id ? id : "");
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(story->note_number, key));
    if (!number) {
        number = g_hash_table_size(story->note_number) + 1;
        g_hash_table_insert(story->note_number, g_steal_pointer(&key), GUINT_TO_POINTER(number));
    }
    g_autofree char *text = g_strdup_printf("[%u]", number);
    put(story, text, -1);
}

static void read_later(Story *story, GPtrArray *list, const char *id)
{
    const char *member = id && story->members ? g_hash_table_lookup(story->members, id) : NULL;
    if (member && !g_ptr_array_find_with_equal_func(list, member, g_str_equal, NULL))
        g_ptr_array_add(list, g_strdup(member));
}

/* A note of the notes part: only those that the text refers to. */
static void start_note(Story *story, const char *const *attributes)
{
    g_autofree char *key = g_strdup_printf("%c%s", story->note_prefix, mgk_xml_events_get(attributes, "w:id") ?: "");
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(story->note_number, key));
    if (!number) {
        story->skip = story->depth;
        return;
    }
    mgk_text_out_break(story->out);
    g_autofree char *text = g_strdup_printf("[%u] ", number);
    put(story, text, -1);
}

static void start_comment(Story *story, const char *const *attributes)
{
    const char *author = mgk_xml_events_get(attributes, "w:author");
    mgk_text_out_break(story->out);
    put(story, author ? author : "", -1);
    put(story, ": ", 2);
}

static const char *value(const char *const *attributes)
{
    const char *text = mgk_xml_events_get(attributes, "w:val");
    return text ? text : "";
}

static gboolean is_on(const char *const *attributes)
{
    const char *text = mgk_xml_events_get(attributes, "w:val");
    return !text || (strcmp(text, "0") != 0 && strcmp(text, "false") != 0 && strcmp(text, "off") != 0);
}

/* What a start tag means; one row each. */
typedef enum {
    PARAGRAPH,
    PARAGRAPH_STYLE,
    LIST_NUMBER,
    LIST_LEVEL,
    RUN,
    VANISH,
    CHARACTERS,
    TAB,
    LINE,
    HYPHEN,
    SYMBOL,
    PAGE_NUMBER,
    CELL,
    CHANGE,
    MOVED,
    RUBY_TEXT,
    BOX,
    ALTERNATE,
    CHOICE,
    FALLBACK,
    FOOTNOTE_REF,
    ENDNOTE_REF,
    NOTE,
    COMMENT,
    STORY_REF,
    DIAGRAM,
    CHART,
    DRAWING_PARAGRAPH,
    OTHER
} Meaning; /* clang-format off */

static const struct { const char *name; Meaning meaning; } meanings[] = {
    {"w:p", PARAGRAPH}, {"w:pStyle", PARAGRAPH_STYLE}, {"w:numId", LIST_NUMBER}, {"w:ilvl", LIST_LEVEL}, {"w:r", RUN},
    {"w:vanish", VANISH}, {"w:t", CHARACTERS}, {"m:t", CHARACTERS}, {"a:t", CHARACTERS}, {"w:tab", TAB},
    {"w:ptab", TAB}, {"w:br", LINE}, {"w:cr", LINE}, {"w:noBreakHyphen", HYPHEN}, {"w:sym", SYMBOL},
    {"w:pgNum", PAGE_NUMBER}, {"w:tc", CELL}, {"w:pPrChange", CHANGE}, {"w:rPrChange", CHANGE},
    {"w:moveFrom", MOVED}, {"w:del", MOVED}, {"w:rt", RUBY_TEXT}, {"w:txbxContent", BOX},
    {"mc:AlternateContent", ALTERNATE}, {"mc:Choice", CHOICE}, {"mc:Fallback", FALLBACK},
    {"w:footnoteReference", FOOTNOTE_REF}, {"w:endnoteReference", ENDNOTE_REF}, {"w:footnote", NOTE},
    {"w:endnote", NOTE}, {"w:comment", COMMENT}, {"w:headerReference", STORY_REF}, {"w:footerReference", STORY_REF},
    {"dgm:relIds", DIAGRAM}, {"c:chart", CHART}, {"a:p", DRAWING_PARAGRAPH},
}; /* clang-format on */

static Meaning meaning_of(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (strcmp(meanings[i].name, name) == 0)
            return meanings[i].meaning;
    }
    return OTHER;
}

static void take_branch(Story *story)
{
    if (story->branches & 1)
        story->skip = story->depth;
    story->branches |= 1;
}

/* Tags that say something about what follows. */
static void start_context(Story *story, Meaning meaning, const char *const *attributes)
{
    switch ((int)meaning) {
    case RUN:
        story->run++;
        break;
    case CELL:
        story->cell++;
        break;
    case CHANGE:
        story->change++;
        break;
    case MOVED:
        story->skip = story->depth;
        break;
    case ALTERNATE:
        story->branches <<= 1;
        break;
    case CHOICE:
    case FALLBACK:
        take_branch(story);
        break;
    case RUBY_TEXT:
        g_string_truncate(story->ruby, 0);
        story->into = RUBY;
        break;
    case VANISH: /* w:rPr is the first in its run: everything up to the run's end goes */
        if (story->run > 0 && !story->change && is_on(attributes))
            story->skip = story->depth - 2;
        break;
    case PARAGRAPH_STYLE:
        if (!story->change) {
            g_free(story->style);
            story->style = g_strdup(value(attributes));
        }
        break;
    case LIST_NUMBER:
        story->number = story->change ? story->number : (int)strtol(value(attributes), NULL, 10);
        break;
    case LIST_LEVEL:
        story->level = story->change ? story->level : (int)strtol(value(attributes), NULL, 10);
        break;
    }
}

/* Tags that are text themselves, or begin some. */
static void start_text(Story *story, Meaning meaning, const char *const *attributes)
{
    switch ((int)meaning) {
    case PARAGRAPH:
        start_paragraph(story);
        break;
    case CHARACTERS:
        put_label(story);
        story->into = story->into == RUBY ? RUBY : TEXT;
        break;
    case TAB:
        if (story->run > 0)
            put(story, "\t", 1);
        break;
    case LINE:
        put(story, story->cell > 0 ? " " : "\n", 1);
        break;
    case HYPHEN:
        put(story, "-", 1);
        break;
    case SYMBOL:
        put(story, "〓", -1); /* a sign of a symbol font, without a code point of its own */
        break;
    case BOX:
        if (story->cell == 0)
            mgk_text_out_break(story->out);
        break;
    case FOOTNOTE_REF:
        put_reference(story, 'f', mgk_xml_events_get(attributes, "w:id"));
        break;
    case ENDNOTE_REF:
        put_reference(story, 'e', mgk_xml_events_get(attributes, "w:id"));
        break;
    case NOTE:
        start_note(story, attributes);
        break;
    case COMMENT:
        start_comment(story, attributes);
        break;
    case STORY_REF:
        read_later(story, story->later, mgk_xml_events_get(attributes, "r:id"));
        break;
    case CHART:
        read_later(story, story->charts, mgk_xml_events_get(attributes, "r:id"));
        break;
    case DIAGRAM:
        read_later(story, story->later, mgk_xml_events_get(attributes, "r:dm"));
        break;
    }
}

static void on_start(gpointer user, const char *name, const char *const *attributes)
{
    Story *story = user;
    story->depth++;
    if (story->skip)
        return;
    Meaning meaning = meaning_of(name);
    start_context(story, meaning, attributes);
    if (!story->skip)
        start_text(story, meaning, attributes);
}

static void end_ruby(Story *story)
{
    g_string_prepend_c(story->ruby, '(');
    g_string_append_c(story->ruby, ')');
    story->into = NOTHING;
}

static void end_element(Story *story, Meaning meaning, const char *name)
{
    if (meaning == PARAGRAPH)
        end_paragraph(story);
    else if (meaning == DRAWING_PARAGRAPH || (strcmp(name, "w:tr") == 0 && story->cell == 0))
        mgk_text_out_break(story->out);
    else if (meaning == CHARACTERS && story->into == TEXT)
        story->into = NOTHING;
    else if (meaning == RUN)
        story->run--;
    else if (meaning == CHANGE)
        story->change--;
    else if (meaning == ALTERNATE)
        story->branches >>= 1;
    else if (meaning == RUBY_TEXT)
        end_ruby(story);
    else if (strcmp(name, "w:ruby") == 0)
        put(story, story->ruby->str, -1);
    if (meaning != CELL)
        return;
    story->cell--;
    story->blank_due = story->cell > 0;
    if (story->cell == 0)
        mgk_text_out_add(story->out, "\t", 1);
}

static void on_end(gpointer user, const char *name)
{
    Story *story = user;
    if (story->skip == story->depth)
        story->skip = 0;
    story->depth--;
    if (!story->skip)
        end_element(story, meaning_of(name), name);
}

static void on_text(gpointer user, const char *text, gsize size)
{
    Story *story = user;
    if (story->skip)
        return;
    if (story->into == TEXT)
        put(story, text, (gssize)size);
    else if (story->into == RUBY)
        g_string_append_len(story->ruby, text, (gssize)size);
}

static gboolean read_part(Story *story, const char *member, GError **error)
{
    static const MgkXmlEvents events = {.start = on_start, .end = on_end, .text = on_text};
    if (!member)
        return TRUE;
    g_autoptr(GHashTable) members = mgk_xml_events_relationships(story->zip, member, FALSE, error);
    if (!members)
        return FALSE;
    story->members = members;
    mgk_text_out_gap(story->out);
    gboolean ok = mgk_xml_events_read(story->zip, member, &events, story, error);
    story->members = NULL;
    return ok;
}

static gboolean read_stories(Story *story, const char *main, GHashTable *by_type, GError **error)
{
    static const struct {
        const char *type;
        char prefix;
    } stories[] = {{"footnotes", 'f'}, {"endnotes", 'e'}, {"comments", 0}};
    if (!read_part(story, main, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(stories); i++) {
        story->note_prefix = stories[i].prefix;
        if (!read_part(story, g_hash_table_lookup(by_type, stories[i].type), error))
            return FALSE;
    }
    for (guint i = 0; i < story->later->len; i++) { /* may grow: a header may hold a diagram */
        if (!read_part(story, g_ptr_array_index(story->later, i), error))
            return FALSE;
    }
    for (guint i = 0; i < story->charts->len; i++) {
        if (!mgk_chart_text(story->zip, g_ptr_array_index(story->charts, i), story->out, error))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_docx_text(MgkJob *job, GError **error)
{
    g_autoptr(MgkZip) zip = mgk_zip_open(job->data, job->size, &job->policy->limits, error);
    g_autoptr(GHashTable) package = zip ? mgk_xml_events_relationships(zip, "", TRUE, error) : NULL;
    const char *main = package ? g_hash_table_lookup(package, "officeDocument") : NULL;
    g_autoptr(GHashTable) by_type = main ? mgk_xml_events_relationships(zip, main, TRUE, error) : NULL;
    if (!by_type)
        return package && !main ? mgk_job_hold(job, MGK_REASON_NO_TEXT, "no main part") : FALSE;
    g_autoptr(MgkDocxLists) lists = mgk_docx_lists_new(zip, g_hash_table_lookup(by_type, "numbering"),
                                                       g_hash_table_lookup(by_type, "styles"), error);
    if (!lists)
        return FALSE;
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    g_autoptr(GHashTable) notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) later = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) charts = g_ptr_array_new_with_free_func(g_free);
    Story story = {.zip = zip, .out = out, .lists = lists, .later = later, .charts = charts, .note_number = notes};
    story.ruby = g_string_new(NULL);
    start_paragraph(&story);
    gboolean ok = read_stories(&story, main, by_type, error) && mgk_text_out_finish(out, error);
    g_string_free(story.ruby, TRUE);
    g_free(story.style);
    return ok;
}
