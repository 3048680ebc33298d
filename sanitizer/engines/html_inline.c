#include "engines/html_flow.h"
#include "engines/text_filter.h"

#include <string.h>

#define MOST_BREAKS 3  /* line ends in a row that are kept */
#define SHOWN_CHARS 80 /* of a deceptive link, in the counts */
#define MOST_READ 10   /* times max_links: links above this are only counted */
#define SHOWN_HOST 100 /* bytes of a host in our own words */

static gboolean joins_lines(gunichar c)
{
    return (c >= 0x2e80 && c < 0xac00) || (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe50) ||
           (c >= 0xff01 && c < 0xffef) || (c >= 0x20000 && c < 0x40000);
}

static void put_char(MgkFlow *flow, gunichar code)
{
    g_string_append_unichar(flow->line, code);
    flow->before = code;
    if (flow->in_link && flow->link_text->len < MGK_HTML_LINK_TEXT)
        g_string_append_unichar(flow->link_text, code);
}

/* A space that is due before code: none at the start of a line, none where a line of Japanese source text ended. */
static void put_due_space(MgkFlow *flow, gunichar code)
{
    gboolean due = flow->space && flow->before && flow->before != '\n' && flow->before != ' ';
    if (due && !(flow->newline && joins_lines(flow->before) && joins_lines(code)))
        put_char(flow, ' ');
    flow->space = flow->newline = FALSE;
}

static void put_line_end(MgkFlow *flow)
{
    GString *line = flow->line;
    guint n = 0;
    while (n < line->len && line->str[line->len - 1 - n] == '\n')
        n++;
    if (n < MOST_BREAKS) {
        g_string_append_c(line, '\n');
        if (flow->in_link && flow->link_text->len < MGK_HTML_LINK_TEXT)
            g_string_append_c(flow->link_text, ' ');
    }
    flow->before = '\n';
    flow->space = flow->newline = FALSE;
    flow->tab_at = line->len;
    flow->tab_columns = 0;
}

/* White space where it means what it says. */
static void put_kept_space(MgkFlow *flow, gunichar code)
{
    if (code == '\n') {
        if (flow->line->len > 0 || flow->stack[flow->depth - 1].pre < 2) /* HTML drops the first one of <pre> */
            put_line_end(flow);
    } else if (code == '\t') {
        const char *rest = flow->line->str + flow->tab_at;
        flow->tab_columns += mgk_text_columns(rest, -1, flow->options->japanese);
        for (gsize i = flow->tab_columns % 8; i < 8; i++, flow->tab_columns++)
            g_string_append_c(flow->line, ' ');
        flow->tab_at = flow->line->len;
        flow->before = ' ';
    } else if (code == ' ') {
        g_string_append_c(flow->line, ' ');
        flow->before = ' ';
    }
}

static void count_stripped(MgkFlow *flow, MgkTextClass class)
{
    MgkHtmlCounts *count = &flow->r->count;
    guint *const counters[MGK_N_TEXT_CLASSES] = {[MGK_TEXT_CONTROL] = &count->controls,
                                                 [MGK_TEXT_ESCAPE] = &count->controls,
                                                 [MGK_TEXT_BIDI] = &count->bidi,
                                                 [MGK_TEXT_INVISIBLE] = &count->invisible,
                                                 [MGK_TEXT_TAG] = &count->tags};
    ++*counters[class];
}

/* Deceptive layout counts once text stands in it. */
static void count_trick(MgkFlow *flow, gunichar code)
{
    MgkBox *box = &flow->stack[flow->depth - 1];
    gboolean leftward = (code >= 0x590 && code < 0x900) || (code >= 0xfb1d && code < 0xff00);
    if (!box->trick && !(box->rtl && !leftward && g_unichar_isalnum(code)))
        return;
    flow->r->count.tricks++;
    for (guint i = flow->depth; i > 0 && (flow->stack[i - 1].trick || flow->stack[i - 1].rtl); i--)
        flow->stack[i - 1].trick = flow->stack[i - 1].rtl = FALSE;
}

static void put_text_char(MgkFlow *flow, gunichar code)
{
    MgkBox *box = &flow->stack[flow->depth - 1];
    gboolean blank = code == ' ' || code == '\t' || code == '\n' || code == '\r' || code == '\f';
    if (blank && box->pre) {
        put_kept_space(flow, code);
    } else if (blank) {
        flow->space = TRUE;
        flow->newline |= code == '\n' || code == '\r';
    } else {
        if ((box->trick || box->rtl) && code != 0xa0 && code != 0x3000)
            count_trick(flow, code);
        flow->words |= code != 0xa0 && code != 0x3000;
        put_due_space(flow, code);
        put_char(flow, code);
    }
}

static void count_hidden(MgkFlow *flow, const char *text, const char *end)
{
    guint chars = 0;
    for (const char *p = text; p < end; p = g_utf8_next_char(p)) {
        gunichar code = g_utf8_get_char(p);
        if (code > ' ' && code != 0xa0 && code != 0x3000 && mgk_text_class('a', code, 0) == MGK_TEXT_KEPT)
            chars++;
    }
    if (chars > 0 && !flow->in_hidden) {
        flow->r->count.hidden_pieces++;
        flow->in_hidden = TRUE;
    }
    flow->r->count.hidden_chars += chars;
}

void mgk_flow_text(MgkFlow *flow, const char *text, gsize length)
{
    MgkBox *box = &flow->stack[flow->depth - 1];
    const char *end = text + length;
    flow->steps += length;
    if (box->dropped)
        return;
    if (mgk_box_hides(flow, box)) {
        count_hidden(flow, text, end);
        return;
    }
    gunichar before = flow->before;
    for (const char *p = text; p < end;) {
        gunichar code = g_utf8_get_char(p);
        p = g_utf8_next_char(p);
        MgkTextClass class = mgk_text_class(before, code, p < end ? g_utf8_get_char(p) : 0);
        if (class != MGK_TEXT_KEPT) {
            count_stripped(flow, class);
            continue;
        }
        put_text_char(flow, code);
        before = code;
    }
}

void mgk_flow_own(MgkFlow *flow, const char *text, gboolean apart)
{
    flow->space |= apart;
    put_due_space(flow, g_utf8_get_char(text));
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        g_string_append_unichar(flow->line, g_utf8_get_char(p));
        flow->before = g_utf8_get_char(p);
    }
}

void mgk_link_open(MgkFlow *flow)
{
    const char *href = mgk_html_attr(&flow->t, MGK_ATTR_HREF);
    mgk_link_clear(&flow->link);
    if (!href)
        return;
    if (flow->r->count.links >= MOST_READ * flow->options->max_links) { /* far above what is shown */
        flow->r->count.links++;
        flow->r->count.links_unlisted++;
        return;
    }
    flow->steps += strlen(href) + (flow->base ? strlen(flow->base) : 0);
    mgk_link_read(href, flow->base, &flow->link);
    flow->in_link = flow->link.kind != MGK_LINK_NONE;
    flow->link_picture = FALSE;
    g_string_truncate(flow->link_text, 0);
}

static char *cut_chars(const char *text, glong chars)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), chars));
}

/* The host that a link pretends to lead to; NULL when it does not pretend. */
static char *pretended_host(const MgkFlow *flow)
{
    const MgkLink *link = &flow->link;
    if (link->kind != MGK_LINK_WEB && link->kind != MGK_LINK_MAIL)
        return NULL;
    g_autofree char *named = mgk_link_named_host(flow->link_text->str);
    if (named && link->host && !mgk_link_same_owner(named, link->host))
        return g_steal_pointer(&named);
    return link->user ? cut_chars(link->user, SHOWN_CHARS) : NULL;
}

static void tell_deception(MgkFlow *flow)
{
    g_autofree char *named = pretended_host(flow);
    if (!named)
        return;
    MgkHtmlResult *r = flow->r;
    const MgkLink *link = &flow->link;
    r->count.links_deceptive++;
    if (r->n_deceptions < MGK_HTML_EXCERPTS) {
        r->deceptions[r->n_deceptions++] = (MgkHtmlDeception){.shown = cut_chars(flow->link_text->str, SHOWN_CHARS),
                                                              .shown_host = cut_chars(named, SHOWN_HOST),
                                                              .target_host = cut_chars(link->shown, SHOWN_HOST)};
    }
    g_autofree char *from = cut_chars(named, SHOWN_HOST), *to = cut_chars(link->shown, SHOWN_HOST);
    g_autoptr(GString) text = g_string_new(mgk_flow_word(flow, MGK_WORD_DECEPTIVE));
    g_string_replace(text, "%s", from, 1);
    g_string_replace(text, "%s", to, 1);
    mgk_flow_own(flow, text->str, TRUE);
}

/* What of an address counts when it is compared with the text of its link. */
static char *essence(const char *text)
{
    static const char *const prefixes[] = {"https://", "http://", "mailto:", "tel:"};
    g_autofree char *lower = g_ascii_strdown(text, -1);
    char *p = g_strstrip(lower);
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(p, prefixes[i])) {
            p += strlen(prefixes[i]);
            break;
        }
    }
    GString *out = g_string_new(NULL);
    for (; *p; p++) {
        if (*p != '-' && *p != ' ' && *p != '(' && *p != ')')
            g_string_append_c(out, *p);
    }
    if (out->len > 0 && out->str[out->len - 1] == '/')
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

/* Whether the text of the link already says its whole target. */
static gboolean says_target(const MgkFlow *flow)
{
    const char *text = flow->link_text->str, *url = flow->link.url;
    if (flow->link_text->len >= MGK_HTML_LINK_TEXT || strlen(url) >= MGK_HTML_LINK_TEXT)
        return FALSE;
    if (flow->link.kind == MGK_LINK_WEB && !strstr(text, "://") && !g_str_has_prefix(text, "www."))
        return FALSE;
    g_autofree char *a = essence(text), *b = essence(url);
    if (flow->link.kind == MGK_LINK_MAIL) { /* the rest of a mailto: is a subject and the like */
        gsize n = strcspn(b, "?");
        return n > 0 && g_strstr_len(a, -1, b) == NULL ? strncmp(a, b, n) == 0 : TRUE;
    }
    return strcmp(a, b) == 0;
}

/* The number of url in the list at the end. */
static guint number_of(MgkFlow *flow, const char *url)
{
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(flow->numbers, url));
    if (number == 0) {
        char *copy = g_strdup(url);
        g_ptr_array_add(flow->targets, copy);
        number = flow->targets->len;
        g_hash_table_insert(flow->numbers, copy, GUINT_TO_POINTER(number));
    }
    return number;
}

static void put_target(MgkFlow *flow, const char *url)
{
    if (flow->options->links == MGK_LINKS_REMOVE)
        return;
    gboolean known = g_hash_table_contains(flow->numbers, url);
    if (!known && flow->shown_links >= flow->options->max_links) {
        flow->r->count.links_unlisted++;
        return;
    }
    flow->shown_links += !known;
    g_autofree char *text = NULL;
    if (!known && !flow->table && strlen(url) <= flow->options->inline_columns)
        text = g_strdup_printf("<%s>", url);
    else
        text = g_strdup_printf("[%u]", number_of(flow, url));
    mgk_flow_own(flow, text, TRUE);
}

void mgk_link_finish(MgkFlow *flow)
{
    if (!flow->in_link)
        return;
    flow->in_link = FALSE;
    MgkHtmlCounts *count = &flow->r->count;
    gboolean worded = flow->link_text->str[strspn(flow->link_text->str, " ")] != '\0';
    if (!worded && !flow->link_picture)
        return; /* nothing to click on */
    if (!worded)
        mgk_flow_own(flow, mgk_flow_word(flow, MGK_WORD_PICTURE), TRUE);
    count->links++;
    count->links_mixed_script += flow->link.mixed ? 1 : 0;
    if (flow->link.kind == MGK_LINK_DANGEROUS) {
        count->links_dangerous++;
        mgk_flow_own(flow, mgk_flow_word(flow, MGK_WORD_DANGEROUS), TRUE);
        return;
    }
    if (!says_target(flow))
        put_target(flow, flow->link.url);
    tell_deception(flow);
}

void mgk_flow_tell_target(MgkFlow *flow, MgkHtmlWord word, const char *href)
{
    g_auto(MgkLink) link = {.kind = MGK_LINK_NONE};
    mgk_link_read(href, flow->base, &link);
    flow->r->count.links_dangerous += link.kind == MGK_LINK_DANGEROUS;
    if (!link.url || flow->shown_links >= flow->options->max_links)
        return;
    flow->shown_links++;
    const char *target = link.kind == MGK_LINK_DANGEROUS ? mgk_flow_word(flow, MGK_WORD_DANGEROUS) : link.url;
    if (flow->options->links == MGK_LINKS_REMOVE && link.kind != MGK_LINK_DANGEROUS)
        target = mgk_flow_word(flow, MGK_WORD_ADDRESS);
    g_autoptr(GString) text = g_string_new(mgk_flow_word(flow, word));
    g_string_replace(text, "%s", target, 1);
    mgk_flow_paragraph(flow, MGK_PARA_FLOW, text->str);
}

void mgk_flow_list_links(MgkFlow *flow)
{
    if (flow->targets->len > 0) {
        mgk_flow_break(flow, 1);
        mgk_flow_paragraph(flow, MGK_PARA_RULE, "");
        mgk_flow_paragraph(flow, MGK_PARA_FLOW, mgk_flow_word(flow, MGK_WORD_LINKS));
    }
    for (guint i = 0; i < flow->targets->len; i++) {
        g_autofree char *text = g_strdup_printf("[%u]\302\240%s", i + 1, (char *)g_ptr_array_index(flow->targets, i));
        mgk_flow_paragraph(flow, MGK_PARA_FLOW, text);
    }
    if (flow->r->count.links_unlisted > 0) {
        g_autofree char *number = g_strdup_printf("%u", flow->r->count.links_unlisted);
        g_autoptr(GString) text = g_string_new(mgk_flow_word(flow, MGK_WORD_UNLISTED));
        g_string_replace(text, "%u", number, 1);
        mgk_flow_paragraph(flow, MGK_PARA_FLOW, text->str);
    }
}
