#include "engines/mail_render.h"

#include "engines/mail_charset.h"

#include <string.h>

#define MAP_BITS (1u << 20)

static gsize quote_depth(const char *line, gsize length)
{
    gsize depth = 0;
    while (depth < length && line[depth] == '>')
        depth++;
    return depth;
}

/* The quote signs of a new line, after the end of the one that went on. */
static void begin_line(GString *out, gboolean after_open, gsize depth, gboolean empty)
{
    if (after_open)
        g_string_append_c(out, '\n');
    for (gsize i = 0; i < depth; i++)
        g_string_append_c(out, '>');
    if (depth && !empty)
        g_string_append_c(out, ' ');
}

/* format=flowed (RFC 3676): a line that ends in a space goes on in the next of the same depth. */
static char *unflow(const char *text, gboolean delsp)
{
    GString *out = g_string_sized_new(strlen(text));
    gsize open_depth = G_MAXSIZE; /* of a line that goes on */
    for (const char *p = text; *p;) {
        gsize length = strcspn(p, "\n"), depth = quote_depth(p, length);
        const char *content = p + depth;
        gsize left = length - depth;
        if (left && *content == ' ') { /* space-stuffed */
            content++;
            left--;
        }
        gboolean signature = left == 3 && strncmp(content, "-- ", 3) == 0;
        if (open_depth != depth || signature)
            begin_line(out, open_depth != G_MAXSIZE, depth, left == 0);
        gboolean flows = left && content[left - 1] == ' ' && !signature;
        g_string_append_len(out, content, (gssize)(flows && delsp ? left - 1 : left));
        if (!flows)
            g_string_append_c(out, '\n');
        open_depth = flows ? depth : G_MAXSIZE;
        p += length + (p[length] == '\n');
    }
    return g_string_free(out, FALSE);
}

char *mgk_mail_render_plain(MgkMailDraft *draft, const MgkMimePart *part, GPtrArray *ret_files)
{
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    gsize size = 0, length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    g_autofree char *charset = mgk_mail_params_get(part->params, "charset");
    g_autofree char *format = mgk_mail_params_get(part->params, "format");
    g_autofree char *delsp = mgk_mail_params_get(part->params, "delsp");
    g_autofree char *utf8 = mgk_mail_to_utf8(charset, data, size, &length);
    g_autofree char *text = mgk_mail_tidy(utf8, length, FALSE, &draft->tally);
    if (ret_files) {
        char *rest = mgk_mail_take_uuencoded(text, ret_files);
        g_free(text);
        text = rest;
    }
    if (format && g_ascii_strcasecmp(format, "flowed") == 0) {
        char *joined = unflow(text, delsp && g_ascii_strcasecmp(delsp, "yes") == 0);
        g_free(text);
        text = joined;
    }
    return mgk_mail_links(draft, text);
}

static void note_if(MgkMailDraft *draft, guint count, MgkMailWord word)
{
    g_autofree char *number = g_strdup_printf("%u", count);
    if (count)
        mgk_mail_note(draft, word, number);
}

static void note_deceptions(MgkMailDraft *draft, const MgkHtmlResult *html)
{
    for (guint i = 0; i < html->n_deceptions; i++) {
        const MgkHtmlDeception *d = &html->deceptions[i];
        g_autofree char *words =
            g_strdup_printf("%s → %s", d->shown_host ? d->shown_host : "?", d->target_host ? d->target_host : "?");
        mgk_mail_note(draft, MGK_MAIL_WORD_LINK_DECEPTIVE, words);
    }
}

static void note_counts(MgkMailDraft *draft, const MgkHtmlCounts *count)
{
    note_if(draft, count->links_mixed_script, MGK_MAIL_WORD_LINK_MIXED);
    note_if(draft, count->links_dangerous, MGK_MAIL_WORD_LINK_DANGEROUS);
    note_if(draft, count->hidden_pieces, MGK_MAIL_WORD_HIDDEN);
    note_if(draft, count->tricks, MGK_MAIL_WORD_LAYOUT);
    note_if(draft, count->password_fields, MGK_MAIL_WORD_PASSWORD_FORM);
    note_if(draft, count->password_fields ? 0 : count->fields, MGK_MAIL_WORD_FORM);
    note_if(draft, count->images_remote + count->trackers, MGK_MAIL_WORD_REMOTE_IMAGES);
}

void mgk_mail_note_page(MgkMailDraft *draft, const MgkHtmlResult *html)
{
    mgk_job_find(draft->job, MGK_KIND_MAIL_HTML, NULL, NULL);
    note_deceptions(draft, html);
    note_counts(draft, &html->count);
    draft->tally.dropped[MGK_TEXT_BIDI] += html->count.bidi;
    draft->tally.dropped[MGK_TEXT_INVISIBLE] += html->count.invisible;
    draft->tally.dropped[MGK_TEXT_TAG] += html->count.tags;
}

MgkHtmlOptions mgk_mail_page_options(const MgkPolicy *policy)
{
    const MgkMailPolicy *mail = &policy->mail;
    return (MgkHtmlOptions){.width = mail->width, .links = (MgkLinkMode)mail->links, .japanese = mail->language == 0};
}

char *mgk_mail_render_html(MgkMailDraft *draft, const MgkMimePart *part)
{
    const MgkHtmlOptions options = mgk_mail_page_options(draft->job->policy);
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    g_autofree char *charset = mgk_mail_params_get(part->params, "charset");
    g_autofree char *utf8 = NULL;
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    if (mgk_mail_charset_is_utf7(charset)) { /* which no page may name */
        utf8 = mgk_mail_to_utf8(charset, data, size, &size);
        data = (const guint8 *)utf8;
    }
    g_auto(MgkHtmlResult) html = {0};
    g_autoptr(GError) error = NULL;
    if (!mgk_html_to_text(data, size, utf8 ? "utf-8" : charset, &options, &html, &error)) {
        mgk_mail_note(draft, MGK_MAIL_WORD_AMBIGUOUS, error->message);
        return g_strdup("");
    }
    mgk_mail_note_page(draft, &html);
    if (html.images_only)
        return g_strconcat(html.text, mgk_mail_word(draft->job->policy, MGK_MAIL_WORD_IMAGES_ONLY), "\n", NULL);
    return mgk_mail_tidy(html.text, html.length, FALSE, &draft->tally);
}

/* ---- agreement ---- */

/* Which pairs of neighbouring letters a text has, as bits; as many as the texts need. */
typedef struct PairMap {
    guint64 *words; /* owned */
    guint32 mask;   /* of bit numbers */
} PairMap;

static void map_pairs(const char *text, PairMap *map)
{
    gunichar before = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gboolean ascii = (guint8)*p < 0x80;
        gunichar c = ascii ? (gunichar)g_ascii_tolower(*p) : g_utf8_get_char(p);
        if (ascii ? !g_ascii_isalnum(*p) : !g_unichar_isalnum(c))
            continue;
        c = ascii ? c : g_unichar_tolower(c);
        guint32 bit = (before * 2654435761u ^ c * 40503u) >> 3 & map->mask;
        map->words[bit / 64] |= (guint64)1 << (bit % 64);
        before = c;
    }
}

void mgk_mail_agreement(const char *a, const char *b, double *ret_a_in_b, double *ret_b_in_a)
{
    gsize bits = 1u << 12, most = MAX(strlen(a), strlen(b));
    while (bits < MAP_BITS && bits < 8 * most)
        bits *= 2;
    g_autofree guint64 *in_a = g_malloc0(bits / 8), *in_b = g_malloc0(bits / 8);
    guint n_a = 0, n_b = 0, both = 0;
    map_pairs(a, &(PairMap){.words = in_a, .mask = (guint32)bits - 1});
    map_pairs(b, &(PairMap){.words = in_b, .mask = (guint32)bits - 1});
    for (gsize i = 0; i < bits / 64; i++) {
        n_a += (guint)__builtin_popcountll(in_a[i]);
        n_b += (guint)__builtin_popcountll(in_b[i]);
        both += (guint)__builtin_popcountll(in_a[i] & in_b[i]);
    }
    *ret_a_in_b = n_a ? (double)both / n_a : 1;
    *ret_b_in_a = n_b ? (double)both / n_b : 1;
}

gsize mgk_mail_weight(const char *text)
{
    gsize weight = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        weight += (guint8)*p < 0x80 ? g_ascii_isalnum(*p) : g_unichar_isalnum(g_utf8_get_char(p));
    return weight;
}
