#include "engines/html_flow.h"

#include <string.h>

#define PREFIX_SHARE 2 /* indentation takes at most one half of a line */

static const char *const words[MGK_N_WORDS][2] = {
#define MGK_HTML_WORD(id, english, japanese) {english, japanese},
#include "rules/html_words.def"
#undef MGK_HTML_WORD
};

const char *mgk_flow_word(const MgkFlow *flow, MgkHtmlWord word)
{
    return words[word][flow->options->japanese ? 1 : 0];
}

void mgk_flow_init(MgkFlow *flow, const char *html, gsize size, const MgkHtmlOptions *options, MgkHtmlResult *result)
{
    *flow = (MgkFlow){.options = options, .r = result, .depth = 1, .scope = -1};
    mgk_html_tokenizer_init(&flow->t, html, size);
    flow->stack[0] = (MgkBox){.tag = MGK_TAG_UNKNOWN, .back = 0xffffff, .font = 1600, .started = FALSE};
    for (guint i = 0; i < MGK_N_TAGS; i++)
        flow->top[i] = -1;
    flow->out = (MgkHtmlOut){.text = g_string_new(NULL), .width = options->width, .japanese = options->japanese};
    flow->line = g_string_new(NULL);
    flow->prefix = g_string_new(NULL);
    flow->link_text = g_string_new(NULL);
    flow->targets = g_ptr_array_new_with_free_func(g_free);
    flow->numbers = g_hash_table_new(g_str_hash, g_str_equal);
}

void mgk_flow_clear(MgkFlow *flow)
{
    mgk_html_tokenizer_clear(&flow->t);
    mgk_html_sheet_clear(&flow->sheet);
    g_string_free(flow->out.text, TRUE);
    g_free(flow->out.last);
    g_string_free(flow->line, TRUE);
    g_string_free(flow->prefix, TRUE);
    g_string_free(flow->link_text, TRUE);
    g_free(flow->first);
    g_free(flow->base);
    mgk_link_clear(&flow->link);
    g_hash_table_unref(flow->numbers);
    g_ptr_array_unref(flow->targets);
    for (guint i = 0; i < flow->n_tables; i++) {
        mgk_table_free(flow->tables[i].table);
        g_free(flow->tables[i].first);
    }
}

void mgk_flow_emit(MgkFlow *flow, MgkPara *para)
{
    if (flow->table) {
        mgk_cell_take(flow->table, &g_array_index(flow->table->cells, MgkCell, flow->cell), para);
        return;
    }
    mgk_out_para(&flow->out, para);
    mgk_para_free(para);
}

/* Hands on a paragraph with the indentation and the list mark that are due. */
static void emit_indented(MgkFlow *flow, MgkPara *para)
{
    para->rest = g_strdup(flow->prefix->str + flow->prefix_base);
    para->first = flow->first ? g_steal_pointer(&flow->first) : g_strdup(para->rest);
    para->gap = MAX(para->gap, flow->gap);
    flow->gap = 0;
    mgk_flow_emit(flow, para);
}

static gboolean is_blank(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (text[i] == ' ' || text[i] == '\n')
            continue;
        if ((guchar)text[i] == 0xc2 && i + 1 < length && (guchar)text[i + 1] == 0xa0)
            i++;
        else
            return FALSE;
    }
    return TRUE;
}

/* A line of = or - below a large heading, where it goes straight into the text. */
static void underline(MgkFlow *flow, const char *text, gsize length)
{
    gboolean first = flow->top[MGK_TAG_H1] > flow->scope, second = flow->top[MGK_TAG_H2] > flow->scope;
    if (flow->table || (!first && !second) || memchr(text, '\n', length))
        return;
    gsize columns = mgk_text_columns(text, (gssize)length, flow->options->japanese);
    g_autofree char *rule = g_strnfill(MIN(columns, flow->options->width - flow->prefix->len % 40), first ? '=' : '-');
    flow->gap = 0;
    emit_indented(flow, mgk_para_new(MGK_PARA_FIXED, rule, strlen(rule)));
}

void mgk_flow_break(MgkFlow *flow, guint gap)
{
    GString *line = flow->line;
    gsize start = 0, end = line->len;
    while (start < end && line->str[start] == '\n')
        start++;
    while (end > start && (line->str[end - 1] == '\n' || line->str[end - 1] == ' '))
        end--;
    gboolean blank = is_blank(line->str + start, end - start);
    if (start > 0 || (blank && end > start))
        flow->gap = MAX(flow->gap, 1);
    if (!blank) {
        MgkParaKind kind = flow->stack[flow->depth - 1].pre == 2 ? MGK_PARA_FIXED : MGK_PARA_FLOW;
        emit_indented(flow, mgk_para_new(kind, line->str + start, end - start));
        underline(flow, line->str + start, end - start);
    }
    if (line->len > end + 1 && !blank)
        flow->gap = MAX(flow->gap, 1);
    g_string_truncate(line, 0);
    flow->tab_at = flow->tab_columns = 0;
    flow->space = flow->newline = FALSE;
    flow->before = 0;
    flow->gap = MAX(flow->gap, gap);
}

void mgk_flow_paragraph(MgkFlow *flow, MgkParaKind kind, const char *text)
{
    mgk_flow_break(flow, 0);
    emit_indented(flow, mgk_para_new(kind, text, strlen(text)));
}

void mgk_flow_indent(MgkFlow *flow, const char *prefix, const char *mark)
{
    if (flow->prefix->len - flow->prefix_base + strlen(prefix) > flow->options->width / PREFIX_SHARE)
        prefix = "";
    if (mark || flow->first) {
        g_autofree char *waiting = g_steal_pointer(&flow->first);
        const char *before = waiting ? waiting : flow->prefix->str + flow->prefix_base;
        if (strlen(before) < 4 * flow->options->width)
            flow->first = g_strconcat(before, mark ? mark : prefix, NULL);
        else
            flow->first = g_steal_pointer(&waiting);
    }
    g_string_append(flow->prefix, prefix);
}

static gboolean is_table_part(MgkHtmlTag tag)
{
    return tag == MGK_TAG_TD || tag == MGK_TAG_TH || tag == MGK_TAG_TR || tag == MGK_TAG_TBODY ||
           tag == MGK_TAG_THEAD || tag == MGK_TAG_TFOOT || tag == MGK_TAG_CAPTION;
}

/* Blank lines around a block; lists in lists have none. */
static guint block_gap(const MgkFlow *flow, const MgkBox *box)
{
    gboolean list = box->tag == MGK_TAG_UL || box->tag == MGK_TAG_OL || box->tag == MGK_TAG_MENU;
    return box->flags & MGK_HTML_PARA && !(list && flow->top[MGK_TAG_LI] > flow->scope) ? 1 : 0;
}

static void pop(MgkFlow *flow)
{
    MgkBox *box = &flow->stack[flow->depth - 1];
    if (box->started) {
        if (box->flags & MGK_HTML_BLOCK)
            mgk_flow_break(flow, block_gap(flow, box));
        mgk_element_end(flow, box);
    }
    flow->top[box->tag] = box->below;
    if (mgk_html_tag_flags(box->tag) & MGK_HTML_SCOPE)
        flow->scope = box->scope_below;
    if (flow->prefix->len > box->prefix) {
        g_string_truncate(flow->prefix, box->prefix);
        g_clear_pointer(&flow->first, g_free); /* the mark of an item without content */
    }
    flow->depth--;
    if (!mgk_box_hides(flow, &flow->stack[flow->depth - 1]))
        flow->in_hidden = FALSE;
}

void mgk_flow_close(MgkFlow *flow, guint depth)
{
    while (flow->depth > depth && flow->depth > 1)
        pop(flow);
}

/* Closes the highest box of tag above a barrier, with all in it. */
static void close_above(MgkFlow *flow, MgkHtmlTag tag, int barrier)
{
    if (flow->top[tag] > barrier)
        mgk_flow_close(flow, (guint)flow->top[tag]);
}

static int highest(const MgkFlow *flow, const MgkHtmlTag *tags, gsize n, int barrier)
{
    for (gsize i = 0; i < n; i++)
        barrier = MAX(barrier, flow->top[tags[i]]);
    return barrier;
}

/* What the start of an element ends without being told (HTML 13.1.2.4). */
static void close_implied(MgkFlow *flow, MgkHtmlTag tag)
{
    static const MgkHtmlTag lists[] = {MGK_TAG_UL, MGK_TAG_OL, MGK_TAG_MENU, MGK_TAG_DIR};
    int table = flow->top[MGK_TAG_TABLE];
    if (mgk_html_tag_flags(tag) & MGK_HTML_BLOCK || tag == MGK_TAG_HR)
        close_above(flow, MGK_TAG_P, flow->scope);
    if (tag == MGK_TAG_LI) {
        close_above(flow, MGK_TAG_LI, highest(flow, lists, G_N_ELEMENTS(lists), flow->scope));
    } else if (tag == MGK_TAG_DT || tag == MGK_TAG_DD) {
        int barrier = MAX(flow->scope, flow->top[MGK_TAG_DL]);
        close_above(flow, MGK_TAG_DD, barrier);
        close_above(flow, MGK_TAG_DT, barrier);
    } else if (tag == MGK_TAG_A || tag == MGK_TAG_OPTION) {
        close_above(flow, tag, flow->scope);
    } else if (tag == MGK_TAG_RT || tag == MGK_TAG_RP) {
        int barrier = MAX(flow->scope, flow->top[MGK_TAG_RUBY]);
        close_above(flow, MGK_TAG_RT, barrier);
        close_above(flow, MGK_TAG_RP, barrier);
    } else if (is_table_part(tag)) {
        close_above(flow, MGK_TAG_TD, table);
        close_above(flow, MGK_TAG_TH, table);
        close_above(flow, MGK_TAG_CAPTION, table);
        if (tag != MGK_TAG_TD && tag != MGK_TAG_TH)
            close_above(flow, MGK_TAG_TR, table);
    }
}

static void push(MgkFlow *flow, const MgkBox *box)
{
    MgkHtmlTag tag = box->tag;
    if (flow->depth >= MGK_HTML_DEPTH) {
        flow->beyond[tag]++;
        if (box->flags & MGK_HTML_BLOCK)
            mgk_flow_break(flow, 0);
        return;
    }
    MgkBox *top = &flow->stack[flow->depth];
    *top = *box;
    top->below = flow->top[tag];
    top->scope_below = flow->scope;
    top->prefix = flow->prefix->len;
    flow->top[tag] = (int)flow->depth;
    if (mgk_html_tag_flags(tag) & MGK_HTML_SCOPE)
        flow->scope = (int)flow->depth;
    top->started = !top->dropped && !top->hidden;
    if (top->started && (top->flags & MGK_HTML_BLOCK))
        mgk_flow_break(flow, block_gap(flow, top));
    flow->depth++;
    if (top->started)
        mgk_element_start(flow, top);
}

static void start_tag(MgkFlow *flow)
{
    MgkHtmlTag tag = flow->t.tag;
    flow->r->count.scripts += tag == MGK_TAG_SCRIPT;
    close_implied(flow, tag);
    MgkBox box;
    mgk_box_style(flow, &box, &flow->stack[flow->depth - 1]);
    flow->steps++;
    if (!(box.flags & MGK_HTML_VOID)) {
        push(flow, &box);
        return;
    }
    box.started = !box.dropped && !mgk_box_hides(flow, &box);
    if (box.started || tag == MGK_TAG_META || tag == MGK_TAG_BASE || tag == MGK_TAG_IMG)
        mgk_element_start(flow, &box);
}

static void end_tag(MgkFlow *flow)
{
    MgkHtmlTag tag = flow->t.tag;
    flow->steps++;
    if (flow->beyond[tag] > 0) {
        flow->beyond[tag]--;
        return;
    }
    if (tag == MGK_TAG_BR || (tag == MGK_TAG_P && flow->top[tag] <= flow->scope)) {
        mgk_flow_break(flow, tag == MGK_TAG_P ? 1 : 0);
        return;
    }
    if (tag == MGK_TAG_BODY || tag == MGK_TAG_HTML)
        return; /* what follows still belongs to the page */
    int barrier = tag == MGK_TAG_TABLE ? 0 : is_table_part(tag) ? flow->top[MGK_TAG_TABLE] : flow->scope;
    if (tag == MGK_TAG_OBJECT)
        barrier = MAX(flow->top[MGK_TAG_TABLE], 0);
    close_above(flow, tag, MAX(barrier, 0));
}

static void raw_text(MgkFlow *flow)
{
    GString *text = flow->t.text;
    gboolean shown = mgk_html_tag_flags(flow->t.tag) & MGK_HTML_PRE || flow->t.tag == MGK_TAG_TEXTAREA;
    if (flow->t.tag == MGK_TAG_STYLE) {
        mgk_html_sheet_add(&flow->sheet, text->str, text->len);
    } else if (flow->t.tag == MGK_TAG_TITLE && !flow->r->title) {
        g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)MIN(text->len, 4096));
        g_autofree char *title = g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), 200));
        flow->r->title = g_strdup(g_strstrip(g_strdelimit(title, "\t\r\n\f", ' ')));
    } else if (shown) {
        mgk_flow_text(flow, text->str, text->len);
    }
}

void mgk_flow_run(MgkFlow *flow)
{
    while (mgk_html_next(&flow->t)) {
        if (flow->t.type == MGK_HTML_TEXT)
            mgk_flow_text(flow, flow->t.text->str, flow->t.text->len);
        else if (flow->t.type == MGK_HTML_RAWTEXT)
            raw_text(flow);
        else if (flow->t.type == MGK_HTML_START)
            start_tag(flow);
        else if (flow->t.type == MGK_HTML_END)
            end_tag(flow);
        else
            flow->r->count.conditionals++, flow->outlook = TRUE;
    }
    flow->depth = MIN(flow->depth, MGK_HTML_DEPTH);
    mgk_flow_close(flow, 1);
    mgk_flow_break(flow, 0);
    mgk_flow_list_links(flow);
}
