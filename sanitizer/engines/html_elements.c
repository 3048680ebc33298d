#include "engines/html_flow.h"

#include <stdlib.h>
#include <string.h>

#define BASE_BYTES 256  /* each relative link repeats it */
#define LABEL_CHARS 400 /* of an alternative text or a field's value */

static const char *attr(const MgkFlow *flow, MgkHtmlAttr which)
{
    const char *value = mgk_html_attr(&flow->t, which);
    return value ? value : "";
}

static gboolean is_type(const MgkFlow *flow, const char *type)
{
    return g_ascii_strcasecmp(attr(flow, MGK_ATTR_TYPE), type) == 0;
}

/* A value of an attribute as part of the text, cut. */
static void put_value(MgkFlow *flow, const char *value)
{
    glong chars = g_utf8_strlen(value, -1);
    const char *end = g_utf8_offset_to_pointer(value, MIN(chars, LABEL_CHARS));
    mgk_flow_text(flow, value, (gsize)(end - value));
}

static void start_none(MgkFlow *flow, MgkBox *box)
{
    (void)flow;
    (void)box;
}
#define end_none start_none

static void start_link_start(MgkFlow *flow, MgkBox *box)
{
    mgk_link_open(flow);
    box->mark = flow->in_link ? 1 : 0;
}

static void end_link_end(MgkFlow *flow, MgkBox *box)
{
    if (box->mark)
        mgk_link_finish(flow);
}

static void start_area(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    if (!mgk_html_attr(&flow->t, MGK_ATTR_HREF) || flow->in_link)
        return;
    mgk_flow_break(flow, 0);
    mgk_link_open(flow);
    flow->link_picture = TRUE;
    put_value(flow, attr(flow, MGK_ATTR_ALT));
    mgk_link_finish(flow);
    mgk_flow_break(flow, 0);
}

static void start_base(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    const char *href = mgk_html_attr(&flow->t, MGK_ATTR_HREF);
    if (!href)
        return;
    flow->r->count.bases++;
    g_auto(MgkLink) link = {.kind = MGK_LINK_NONE};
    mgk_link_read(href, NULL, &link);
    if (!flow->base && link.kind == MGK_LINK_WEB && strlen(link.url) < BASE_BYTES)
        flow->base = g_steal_pointer(&link.url);
}

static void start_bdo(MgkFlow *flow, MgkBox *box)
{
    (void)flow;
    box->trick |= box->rtl;
}

static void start_quote(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_indent(flow, "> ", NULL);
}

static void start_br(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    gint32 *pre = &flow->stack[flow->depth - 1].pre, kept = *pre;
    *pre = 1;
    mgk_flow_text(flow, "\n", 1);
    *pre = kept;
}

static void start_hr(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_paragraph(flow, MGK_PARA_RULE, "");
}

static void start_button_start(MgkFlow *flow, MgkBox *box)
{
    flow->r->count.fields++;
    mgk_flow_own(flow, "[", TRUE);
    box->mark = flow->line->len;
}

static void end_button_end(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    flow->space = FALSE;
    mgk_flow_own(flow, "]", FALSE);
    flow->space = TRUE;
}

static void start_dd(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_indent(flow, "    ", NULL);
}

static void start_struck_start(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_own(flow, mgk_flow_word(flow, MGK_WORD_STRUCK), FALSE);
}

static void end_struck_end(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    flow->space = FALSE;
    mgk_flow_own(flow, ")", FALSE);
}

static void start_q_start(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_own(flow, mgk_flow_word(flow, MGK_WORD_QUOTE_OPEN), FALSE);
}

static void end_q_end(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_own(flow, mgk_flow_word(flow, MGK_WORD_QUOTE_CLOSE), FALSE);
}

static void start_frame(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    flow->r->count.frames++;
    mgk_flow_tell_target(flow, MGK_WORD_FRAME, attr(flow, MGK_ATTR_SRC));
}

static void start_form(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    flow->r->count.forms++;
    mgk_flow_tell_target(flow, MGK_WORD_FORM, attr(flow, MGK_ATTR_ACTION));
}

static gboolean is_pixel(const char *value)
{
    char *end = NULL;
    long n = strtol(value, &end, 10);
    return end != value && n <= 1 && *end != '%';
}

static void start_image(MgkFlow *flow, MgkBox *box)
{
    MgkHtmlCounts *count = &flow->r->count;
    const char *src = attr(flow, MGK_ATTR_SRC), *alt = attr(flow, MGK_ATTR_ALT);
    if (!box->started || is_pixel(attr(flow, MGK_ATTR_WIDTH)) || is_pixel(attr(flow, MGK_ATTR_HEIGHT))) {
        count->trackers++;
        return;
    }
    count->images++;
    count->images_inline += g_ascii_strncasecmp(src, "cid:", 4) == 0 || g_ascii_strncasecmp(src, "data:", 5) == 0;
    count->images_remote += g_ascii_strncasecmp(src, "http", 4) == 0 || g_str_has_prefix(src, "//");
    flow->link_picture = TRUE;
    if (alt[strspn(alt, " \t\r\n")] == '\0')
        return;
    count->alts++;
    gboolean words = flow->words;
    mgk_flow_own(flow, "[", FALSE);
    put_value(flow, alt);
    flow->space = FALSE;
    mgk_flow_own(flow, "]", FALSE);
    flow->words = words;
}

/* A field: its value, what it asks for, or a line to write on. */
static void put_field(MgkFlow *flow, const char *value)
{
    mgk_flow_own(flow, "[", TRUE);
    if (*value)
        put_value(flow, value);
    else
        mgk_flow_own(flow, "____", FALSE);
    flow->space = FALSE;
    mgk_flow_own(flow, "]", FALSE);
    flow->space = TRUE;
}

static void start_input(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    const char *value = attr(flow, MGK_ATTR_VALUE);
    gboolean checked = mgk_html_attr(&flow->t, MGK_ATTR_CHECKED) != NULL;
    if (is_type(flow, "hidden"))
        return;
    flow->r->count.fields++;
    flow->r->count.password_fields += is_type(flow, "password") ? 1 : 0;
    if (is_type(flow, "checkbox"))
        mgk_flow_own(flow, checked ? "[x] " : "[ ] ", TRUE);
    else if (is_type(flow, "radio"))
        mgk_flow_own(flow, checked ? "(*) " : "( ) ", TRUE);
    else if (is_type(flow, "image"))
        put_field(flow, attr(flow, MGK_ATTR_ALT));
    else if (is_type(flow, "password"))
        put_field(flow, "");
    else
        put_field(flow, *value ? value : attr(flow, MGK_ATTR_PLACEHOLDER));
}

static void start_select_start(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    flow->r->count.fields++;
    flow->select_options = 0;
    mgk_flow_own(flow, "[", TRUE);
}

static void start_option(MgkFlow *flow, MgkBox *box)
{
    if (flow->select_options++ > 0)
        mgk_flow_own(flow, "/ ", TRUE);
    box->mark = mgk_html_attr(&flow->t, MGK_ATTR_SELECTED) != NULL;
    flow->space = FALSE;
}

static void end_option_end(MgkFlow *flow, MgkBox *box)
{
    flow->space = FALSE;
    if (box->mark)
        mgk_flow_own(flow, "*", FALSE);
}

static void start_field_start(MgkFlow *flow, MgkBox *box)
{
    flow->r->count.fields++;
    mgk_flow_own(flow, "[", TRUE);
    box->mark = flow->line->len;
    box->pre = 1;
}

static void end_field_end(MgkFlow *flow, MgkBox *box)
{
    flow->space = FALSE;
    mgk_flow_own(flow, flow->line->len == box->mark ? "____]" : "]", FALSE);
    flow->space = TRUE;
}

static void start_list(MgkFlow *flow, MgkBox *box)
{
    const char *type = attr(flow, MGK_ATTR_TYPE), *start = attr(flow, MGK_ATTR_START);
    box->list_type = type[0] && !type[1] && strchr("1aAiI", type[0]) ? type[0] : '1';
    box->list_number = *start ? (guint)CLAMP(strtol(start, NULL, 10), 0, 1000000) : 1;
    box->list_step = mgk_html_attr(&flow->t, MGK_ATTR_REVERSED) && *start ? -1 : 1;
}

static void append_roman(GString *out, guint number)
{
    static const struct {
        guint value;
        const char *digits;
    } parts[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
                 {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        for (; number >= parts[i].value; number -= parts[i].value)
            g_string_append(out, parts[i].digits);
    }
}

/* 1 -> a, 26 -> z, 27 -> aa */
static void append_letters(GString *out, guint number)
{
    for (; number > 0; number = (number - 1) / 26)
        g_string_prepend_c(out, (char)('a' + (number - 1) % 26));
}

static char *item_number(const MgkBox *list)
{
    GString *out = g_string_new(NULL);
    guint number = list->list_number;
    char type = list->list_type;
    if ((type == 'i' || type == 'I') && number > 0 && number < 4000)
        append_roman(out, number);
    else if ((type == 'a' || type == 'A') && number > 0)
        append_letters(out, number);
    else
        g_string_append_printf(out, "%u", number);
    if (type == 'A' || type == 'I')
        g_string_ascii_up(out);
    g_string_append(out, ". ");
    return g_string_free(out, FALSE);
}

/* The list that an item belongs to; NULL: none. */
static MgkBox *list_of(MgkFlow *flow)
{
    int list =
        MAX(MAX(flow->top[MGK_TAG_UL], flow->top[MGK_TAG_OL]), MAX(flow->top[MGK_TAG_MENU], flow->top[MGK_TAG_DIR]));
    return list > flow->scope ? &flow->stack[list] : NULL;
}

static void start_item(MgkFlow *flow, MgkBox *box)
{
    MgkBox *list = list_of(flow);
    const char *value = attr(flow, MGK_ATTR_VALUE);
    if (!(box->flags & MGK_HTML_BLOCK)) {
        flow->space = TRUE;
        return;
    }
    if (list && list->tag == MGK_TAG_OL && !box->bare_list) {
        if (*value)
            list->list_number = (guint)CLAMP(strtol(value, NULL, 10), 0, 1000000);
        g_autofree char *mark = item_number(list);
        g_autofree char *indent = g_strnfill(strlen(mark), ' ');
        mgk_flow_indent(flow, indent, mark);
        list->list_number =
            list->list_step < 0 && list->list_number == 0 ? 0 : list->list_number + (guint)list->list_step;
    } else if (!box->bare_list) {
        mgk_flow_indent(flow, "  ", mgk_flow_word(flow, MGK_WORD_BULLET));
    }
}

static void start_meta(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    if (g_ascii_strcasecmp(attr(flow, MGK_ATTR_HTTP_EQUIV), "refresh") != 0)
        return;
    const char *content = attr(flow, MGK_ATTR_CONTENT);
    const char *target = content + strspn(content, " 0123456789.;,\t\r\n");
    if (strlen(target) > 3 && g_ascii_strncasecmp(target, "url", 3) == 0)
        target += 3 + strspn(target + 3, " =");
    target += strspn(target, "'\"");
    if (!*target)
        return;
    flow->r->count.refreshes++;
    g_autofree char *href = g_strndup(target, strcspn(target, "'\""));
    mgk_flow_tell_target(flow, MGK_WORD_REFRESH, href);
}

static void start_ruby_start(MgkFlow *flow, MgkBox *box)
{
    flow->space = FALSE;
    mgk_flow_own(flow, "(", FALSE);
    box->mark = flow->line->len;
}

static void end_ruby_end(MgkFlow *flow, MgkBox *box)
{
    flow->space = FALSE;
    if (flow->line->len == box->mark && flow->line->len > 0)
        g_string_truncate(flow->line, flow->line->len - 1);
    else
        mgk_flow_own(flow, ")", FALSE);
}

static void start_sup(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    if (!flow->space && flow->before < 0x80 && g_ascii_isalnum((char)flow->before))
        mgk_flow_own(flow, "^", FALSE);
}

static void start_cell(MgkFlow *flow, MgkBox *box)
{
    mgk_flow_cell_open(flow, box);
}

static void end_cell_end(MgkFlow *flow, MgkBox *box)
{
    mgk_flow_cell_close(flow, box);
}

static void start_row(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_row(flow);
}

static void end_row_end(MgkFlow *flow, MgkBox *box)
{
    (void)box;
    mgk_flow_break(flow, 0);
}

static void start_table(MgkFlow *flow, MgkBox *box)
{
    mgk_flow_table_open(flow, box);
}

static void end_table_end(MgkFlow *flow, MgkBox *box)
{
    mgk_flow_table_close(flow, box);
}

typedef struct Handlers {
    MgkHtmlHandler start, end;
} Handlers;

static const Handlers handlers[MGK_N_TAGS] = {
#define MGK_HTML_ELEMENT(id, name, flags, start, end) {start_##start, end_##end},
#include "rules/html_elements.def"
#undef MGK_HTML_ELEMENT
    {start_none, end_none}};

void mgk_element_start(MgkFlow *flow, MgkBox *box)
{
    handlers[box->tag].start(flow, box);
}

void mgk_element_end(MgkFlow *flow, MgkBox *box)
{
    handlers[box->tag].end(flow, box);
}
