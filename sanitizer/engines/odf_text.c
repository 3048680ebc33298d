/* odf_text.c - one pass over the styles for what hides and what stands before list items, one over the body, one over
 * each chart. */
#include "engines/odf_text.h"

#include "engines/odf_text_list.h"
#include "engines/text_out.h"
#include "engines/xml_events.h"

#include <stdlib.h>
#include <string.h>

#define REPEATS_MOST 1000u /* equal cells or rows that are written one by one */

typedef struct Run {
    guint count;
    gboolean hidden;
} Run;

typedef struct Story {
    MgkTextOut *out;    /* borrowed */
    MgkOdfLists *lists; /* borrowed */
    GHashTable *hiding; /* borrowed; "family/name" of styles that hide what has them */
    GPtrArray *objects; /* borrowed; folders of embedded documents */
    GString *later;     /* borrowed; notes and comments */
    GString *row, *cell, *ruby;
    GArray *columns;   /* borrowed; of Run: of the present table */
    char *style;       /* owned; "family/name" being defined */
    guint depth, skip; /* skip: depth of the element whose content is left out; 0 none */
    guint paragraphs, tables, cells, aside, page;
    guint column, blanks, cell_repeat, row_repeat;
    gboolean sheets, in_ruby, in_citation, in_author, blank_due, chart;
    gboolean margins, in_margin; /* reading headers and footers only; within one */
} Story;

static gboolean is(const char *name, const char *want)
{
    return strcmp(name, want) == 0;
}

static gboolean says(const char *const *attributes, const char *name, const char *want)
{
    return g_strcmp0(mgk_xml_events_get(attributes, name), want) == 0;
}

static guint count_of(const char *const *attributes, const char *name)
{
    const char *text = mgk_xml_events_get(attributes, name);
    unsigned long value = text ? strtoul(text, NULL, 10) : 1;
    return (guint)CLAMP(value, 1, G_MAXINT32);
}

/* ---- styles ---- */

static void on_style(gpointer user, const char *name, const char *const *attributes)
{
    Story *story = user;
    if (g_str_has_prefix(name, "text:list-style") || g_str_has_prefix(name, "text:list-level"))
        mgk_odf_lists_start(story->lists, name, attributes);
    if (is(name, "style:style")) {
        const char *family = mgk_xml_events_get(attributes, "style:family"),
                   *own = mgk_xml_events_get(attributes, "style:name");
        g_free(story->style);
        story->style = g_strdup_printf("%s/%s", family ? family : "", own ? own : "");
    }
    gboolean hides =
        (is(name, "style:text-properties") && says(attributes, "text:display", "none")) ||
        (is(name, "style:table-properties") && says(attributes, "table:display", "false")) ||
        (is(name, "style:drawing-page-properties") && says(attributes, "presentation:visibility", "hidden"));
    if (hides && story->style)
        g_hash_table_add(story->hiding, g_strdup(story->style));
}

static void on_style_end(gpointer user, const char *name)
{
    Story *story = user;
    if (is(name, "text:list-style"))
        mgk_odf_lists_end(story->lists, name);
    if (is(name, "style:style"))
        g_clear_pointer(&story->style, g_free);
}

static gboolean is_hidden(const Story *story, const char *family, const char *style)
{
    g_autofree char *key = style ? g_strdup_printf("%s/%s", family, style) : NULL;
    return key && g_hash_table_contains(story->hiding, key);
}

/* ---- where text goes ---- */

static void put(Story *story, const char *text, gssize size)
{
    if (story->margins && !story->in_margin)
        return;
    if (story->in_ruby) {
        g_string_append_len(story->ruby, text, size);
    } else if (story->aside) {
        g_string_append_len(story->later, text, size);
    } else if (story->cells) {
        if (story->blank_due && story->cell->len)
            g_string_append_c(story->cell, ' ');
        story->blank_due = FALSE;
        g_string_append_len(story->cell, text, size);
    } else {
        mgk_text_out_add(story->out, text, size);
    }
}

static void end_line(Story *story)
{
    if (story->aside)
        g_string_append_c(story->later, '\n');
    else if (story->cells)
        story->blank_due = TRUE;
    else
        mgk_text_out_newline(story->out);
}

static void put_head(Story *story, const char *name)
{
    mgk_text_out_gap(story->out);
    mgk_text_out_add(story->out, "【", -1);
    mgk_text_out_add(story->out, name, -1);
    mgk_text_out_add(story->out, "】\n", -1);
}

/* ---- tables ---- */

static gboolean column_hidden(const Story *story, guint column)
{
    for (guint i = 0; i < story->columns->len; i++) {
        const Run *run = &g_array_index(story->columns, Run, i);
        if (column < run->count)
            return run->hidden;
        column -= run->count;
    }
    return FALSE;
}

static void start_table(Story *story, const char *const *attributes)
{
    const char *name = mgk_xml_events_get(attributes, "table:name");
    if (story->chart || is_hidden(story, "table", mgk_xml_events_get(attributes, "table:style-name"))) {
        story->skip = story->depth;
        return;
    }
    if (story->tables++ > 0)
        return;
    g_array_set_size(story->columns, 0);
    if (story->sheets)
        put_head(story, name ? name : "");
    else
        mgk_text_out_break(story->out);
}

static gboolean is_shown(const char *const *attributes)
{
    const char *visibility = mgk_xml_events_get(attributes, "table:visibility");
    return !visibility || is(visibility, "visible");
}

static void start_row(Story *story, const char *const *attributes)
{
    if (!is_shown(attributes)) {
        story->skip = story->depth;
        return;
    }
    if (story->tables != 1)
        return;
    story->row_repeat = count_of(attributes, "table:number-rows-repeated");
    story->column = story->blanks = 0;
    g_string_truncate(story->row, 0);
}

static void start_cell(Story *story, const char *const *attributes)
{
    if (story->tables == 1 && story->cells == 0) {
        story->cell_repeat = count_of(attributes, "table:number-columns-repeated");
        g_string_truncate(story->cell, 0);
    }
    story->blank_due = story->cells > 0;
    story->cells++;
}

static void end_cell(Story *story)
{
    story->cells--;
    if (story->cells || story->tables != 1)
        return;
    gboolean shown = story->cell->len && !column_hidden(story, story->column);
    story->column = (guint)MIN((guint64)story->column + story->cell_repeat, G_MAXINT32);
    if (!shown) {
        story->blanks = (guint)MIN((guint64)story->blanks + story->cell_repeat, REPEATS_MOST);
        return;
    }
    for (; story->blanks; story->blanks--)
        g_string_append_c(story->row, '\t');
    for (guint i = 0; i < MIN(story->cell_repeat, REPEATS_MOST); i++) {
        g_string_append_len(story->row, story->cell->str, (gssize)story->cell->len);
        g_string_append_c(story->row, '\t');
    }
}

static void end_row(Story *story)
{
    if (story->tables != 1 || !story->row->len)
        return;
    for (guint i = 0; i < MIN(story->row_repeat, REPEATS_MOST); i++) {
        mgk_text_out_add(story->out, story->row->str, (gssize)story->row->len);
        mgk_text_out_break(story->out);
    }
    g_string_truncate(story->row, 0);
}

/* ---- the body ---- */

static void start_paragraph(Story *story, const char *const *attributes)
{
    if (is_hidden(story, "paragraph", mgk_xml_events_get(attributes, "text:style-name"))) {
        story->skip = story->depth;
        return;
    }
    story->paragraphs++;
    g_autofree char *label = mgk_odf_lists_label(story->lists);
    if (label && *label) {
        put(story, label, (gssize)strlen(label));
        put(story, " ", 1);
    }
}

static void put_spaces(Story *story, const char *const *attributes)
{
    static const char spaces[] = "                                ";
    guint count = MIN(count_of(attributes, "text:c"), REPEATS_MOST);
    for (guint n; count; count -= n) {
        n = MIN(count, (guint)sizeof spaces - 1);
        put(story, spaces, (gssize)n);
    }
}

static void start_page(Story *story, const char *const *attributes)
{
    g_autofree char *number = g_strdup_printf("%u", ++story->page);
    if (is_hidden(story, "drawing-page", mgk_xml_events_get(attributes, "draw:style-name")))
        story->skip = story->depth;
    else
        put_head(story, number);
}

static void note_object(Story *story, const char *const *attributes)
{
    const char *href = mgk_xml_events_get(attributes, "xlink:href");
    if (href && g_str_has_prefix(href, "./"))
        g_ptr_array_add(story->objects, g_strdup(href + 2));
}

/* What has no text, or text that is not shown. */
static gboolean is_left_out(const char *name)
{
    static const char *const names[] = {"text:tracked-changes",
                                        "table:tracked-changes",
                                        "office:forms",
                                        "svg:title",
                                        "svg:desc",
                                        "text:hidden-paragraph",
                                        "office:styles",
                                        "office:automatic-styles",
                                        "office:meta",
                                        "office:settings",
                                        "office:binary-data",
                                        "text:hidden-text",
                                        NULL};
    return g_strv_contains(names, name);
}

static gboolean is_margin(const char *name)
{
    static const char *const names[] = {"style:header",
                                        "style:footer",
                                        "style:header-left",
                                        "style:footer-left",
                                        "style:header-first",
                                        "style:footer-first",
                                        NULL};
    return g_strv_contains(names, name);
}

static void start_block(Story *story, const char *name, const char *const *attributes)
{
    if (is(name, "text:p") || is(name, "text:h")) {
        start_paragraph(story, attributes);
    } else if (is(name, "table:table")) {
        start_table(story, attributes);
    } else if (is(name, "table:table-column")) {
        Run run = {.count = count_of(attributes, "table:number-columns-repeated"), .hidden = !is_shown(attributes)};
        if (story->tables == 1)
            g_array_append_val(story->columns, run);
    } else if (is(name, "table:table-row")) {
        start_row(story, attributes);
    } else if (is(name, "table:table-cell") || is(name, "table:covered-table-cell")) {
        start_cell(story, attributes);
    } else if (is(name, "draw:page")) {
        start_page(story, attributes);
    } else if (is(name, "presentation:notes")) {
        mgk_text_out_gap(story->out);
    } else if (is(name, "office:spreadsheet")) {
        story->sheets = TRUE;
    } else if (is(name, "draw:object")) {
        note_object(story, attributes);
    } else if (is(name, "draw:text-box") && !story->cells && !story->aside) {
        mgk_text_out_break(story->out);
    }
}

/* "[1]" in the text, and before the note itself. */
static void start_citation(Story *story)
{
    put(story, "[", 1);
    story->in_citation = TRUE;
    g_string_append_c(story->later, '[');
}

static void end_citation(Story *story)
{
    put(story, "]", 1);
    story->in_citation = FALSE;
    g_string_append(story->later, "] ");
}

static void start_inline(Story *story, const char *name, const char *const *attributes)
{
    if (is(name, "text:span") && is_hidden(story, "text", mgk_xml_events_get(attributes, "text:style-name")))
        story->skip = story->depth;
    else if (is(name, "text:s"))
        put_spaces(story, attributes);
    else if (is(name, "text:tab"))
        put(story, story->cells ? " " : "\t", 1);
    else if (is(name, "text:line-break"))
        put(story, story->cells ? " " : "\n", 1);
    else if (is(name, "text:ruby-text"))
        story->in_ruby = TRUE;
    else if (is(name, "text:note-body") || is(name, "office:annotation"))
        story->aside++;
    else if (is(name, "dc:creator"))
        story->in_author = story->aside > 0;
    else if (is(name, "text:note-citation"))
        start_citation(story);
}

static void on_start(gpointer user, const char *name, const char *const *attributes)
{
    Story *story = user;
    story->depth++;
    if (story->skip)
        return;
    if (is_left_out(name) || is(name, story->margins ? "office:body" : "office:master-styles")) {
        story->skip = story->depth;
        return;
    }
    if (story->margins && is_margin(name))
        story->in_margin = TRUE;
    mgk_odf_lists_start(story->lists, name, attributes);
    start_block(story, name, attributes);
    if (!story->skip)
        start_inline(story, name, attributes);
}

static void end_ruby(Story *story)
{
    story->in_ruby = FALSE;
    g_autofree char *text = g_strdup_printf("(%s)", story->ruby->str);
    put(story, text, (gssize)strlen(text));
    g_string_truncate(story->ruby, 0);
}

static void end_element(Story *story, const char *name)
{
    mgk_odf_lists_end(story->lists, name);
    if (is(name, "text:p") || is(name, "text:h")) {
        story->paragraphs--;
        end_line(story);
    } else if (is(name, "table:table")) {
        story->tables--;
    } else if (is(name, "table:table-row")) {
        end_row(story);
    } else if (is(name, "table:table-cell") || is(name, "table:covered-table-cell")) {
        end_cell(story);
    } else if (is(name, "text:ruby-text")) {
        end_ruby(story);
    } else if (is(name, "text:note-body") || is(name, "office:annotation")) {
        story->aside--;
        g_string_append_c(story->later, '\n');
    } else if (is(name, "text:note-citation")) {
        end_citation(story);
    } else if (is(name, "dc:creator") && story->in_author) {
        story->in_author = FALSE;
        g_string_append(story->later, ": ");
    } else if (is_margin(name)) {
        story->in_margin = FALSE;
    }
}

static void on_end(gpointer user, const char *name)
{
    Story *story = user;
    gboolean skipped = story->skip > 0;
    if (story->skip == story->depth)
        story->skip = 0;
    story->depth--;
    if (!skipped)
        end_element(story, name);
}

static void on_text(gpointer user, const char *text, gsize size)
{
    Story *story = user;
    if (story->skip || (story->margins && !story->in_margin))
        return;
    if (story->in_author || story->in_citation)
        g_string_append_len(story->later, text, (gssize)size);
    if (story->paragraphs && !story->in_author)
        put(story, text, (gssize)size);
}

/* ---- all of it ---- */

typedef struct Source {
    const MgkJob *job; /* borrowed */
    MgkZip *zip;       /* owned; NULL: a flat document */
} Source;

static gboolean read_member(const Source *source, const char *member, const MgkXmlEvents *events, Story *story,
                            GError **error)
{
    story->depth = story->skip = story->paragraphs = story->tables = story->cells = story->aside = 0;
    if (source->zip)
        return mgk_xml_events_read(source->zip, member, events, story, error);
    return mgk_xml_events_read_bytes(source->job->data, source->job->size, events, story, error);
}

static gboolean read_styles(const Source *source, Story *story, GError **error)
{
    static const MgkXmlEvents events = {.start = on_style, .end = on_style_end};
    return (!source->zip || read_member(source, "styles.xml", &events, story, error)) &&
           read_member(source, "content.xml", &events, story, error);
}

static const MgkXmlEvents body_events = {.start = on_start, .end = on_end, .text = on_text};

/* Titles and axes; what the chart is drawn from stands in the sheet. */
static gboolean read_charts(const Source *source, Story *story, GError **error)
{
    story->chart = TRUE;
    for (guint i = 0; source->zip && i < story->objects->len; i++) {
        g_autofree char *member = g_strdup_printf("%s/content.xml", (const char *)g_ptr_array_index(story->objects, i));
        mgk_text_out_gap(story->out);
        if (!read_member(source, member, &body_events, story, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_all(const Source *source, Story *story, GError **error)
{
    if (!read_styles(source, story, error) || !read_member(source, "content.xml", &body_events, story, error))
        return FALSE;
    mgk_text_out_gap(story->out);
    mgk_text_out_add(story->out, story->later->str, (gssize)story->later->len);
    g_string_truncate(story->later, 0);
    if (!read_charts(source, story, error))
        return FALSE;
    mgk_text_out_gap(story->out);
    story->chart = FALSE;
    story->margins = TRUE;
    return read_member(source, "styles.xml", &body_events, story, error);
}

static gboolean write_text(const Source *source, MgkJob *job, GError **error)
{
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    g_autoptr(MgkOdfLists) lists = mgk_odf_lists_new();
    g_autoptr(GHashTable) hiding = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) later = g_string_new(NULL), row = g_string_new(NULL);
    g_autoptr(GString) cell = g_string_new(NULL), ruby = g_string_new(NULL);
    g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(Run));
    Story story = {.out = out,
                   .lists = lists,
                   .hiding = hiding,
                   .objects = objects,
                   .later = later,
                   .row = row,
                   .cell = cell,
                   .ruby = ruby,
                   .columns = columns};
    gboolean ok = read_all(source, &story, error) && mgk_text_out_finish(out, error);
    g_free(story.style);
    return ok;
}

gboolean mgk_odf_text(MgkJob *job, GError **error)
{
    gboolean packed = job->size > 4 && memcmp(job->data, "PK", 2) == 0;
    Source source = {.job = job};
    if (packed)
        source.zip = mgk_zip_open(job->data, job->size, &job->policy->limits, error);
    if (packed && !source.zip)
        return FALSE;
    gboolean ok = write_text(&source, job, error);
    mgk_zip_free(source.zip);
    return ok;
}
