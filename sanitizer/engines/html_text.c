#include "engines/html_text.h"

#include "engines/charset.h"
#include "engines/charset_world.h"
#include "engines/html_flow.h"

#include <string.h>

#define MOST_BYTES (256 * 1024 * 1024)
#define META_BYTES 4096 /* where <meta charset> is looked for */

/* One opinion on a page's encoding: one of ours, or a label of charset_world.h, or none. */
typedef struct Opinion {
    MgkCharset own;
    char *world; /* owned */
} Opinion;

static Opinion opinion_of_label(const char *label)
{
    Opinion o = {.own = mgk_charset_from_label(label)};
    if (o.own == MGK_CHARSET_NONE && mgk_charset_world_knows(label))
        o.world = g_strdup(label);
    return o;
}

static gboolean is_none(const Opinion *o)
{
    return o->own == MGK_CHARSET_NONE && !o->world;
}

static gboolean is_same(const Opinion *a, const Opinion *b)
{
    return a->own == b->own && g_strcmp0(a->world, b->world) == 0;
}

/* What <meta> at the start says; bytes beyond ASCII do not matter here. */
static Opinion opinion_of_meta(const guint8 *data, gsize size)
{
    g_autofree char *head = g_malloc(META_BYTES + 1);
    gsize n = MIN(size, META_BYTES);
    for (gsize i = 0; i < n; i++)
        head[i] = data[i] < 0x80 ? (char)data[i] : '?';
    MgkHtmlTokenizer t;
    Opinion o = {.own = MGK_CHARSET_NONE};
    mgk_html_tokenizer_init(&t, head, n);
    while (is_none(&o) && mgk_html_next(&t)) {
        const char *content = mgk_html_attr(&t, MGK_ATTR_CONTENT), *label = mgk_html_attr(&t, MGK_ATTR_CHARSET);
        if (t.type != MGK_HTML_START || t.tag != MGK_TAG_META)
            continue;
        const char *found = content ? strstr(content, "charset=") : NULL;
        if (!label && found)
            label = found + strlen("charset=");
        g_autofree char *word = label ? g_strndup(label, strcspn(label, " ;\"'")) : NULL;
        o = opinion_of_label(word ? word : "");
    }
    mgk_html_tokenizer_clear(&t);
    if (o.own == MGK_CHARSET_UTF16LE || o.own == MGK_CHARSET_UTF16BE)
        o.own = MGK_CHARSET_UTF8; /* it could not have been read otherwise (HTML 13.2.3.2) */
    return o;
}

static MgkCharset charset_of_mark(const guint8 *data, gsize size)
{
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        return MGK_CHARSET_UTF8;
    if (size >= 2 && memcmp(data, "\xff\xfe", 2) == 0)
        return MGK_CHARSET_UTF16LE;
    return size >= 2 && memcmp(data, "\xfe\xff", 2) == 0 ? MGK_CHARSET_UTF16BE : MGK_CHARSET_NONE;
}

/* All of the text; bytes that mean nothing become U+FFFD and are counted. */
static GString *decode(const Opinion *o, const guint8 *data, gsize size, gsize *ret_bad)
{
    gsize length = 0;
    if (!o->world)
        return mgk_charset_to_utf8_anyway(o->own, data, size, ret_bad);
    g_autofree char *text = mgk_charset_world_to_utf8(o->world, data, size, &length, ret_bad);
    return g_string_new_len(text, (gssize)length);
}

/* The first of declared label, byte order mark, <meta> and detection that the bytes agree with; else the first. */
static GString *decode_page(const guint8 *data, gsize size, const char *declared, MgkHtmlResult *result)
{
    Opinion found[4] = {opinion_of_label(declared ? declared : ""),
                        {.own = charset_of_mark(data, size)},
                        opinion_of_meta(data, size),
                        {.own = MGK_CHARSET_NONE}};
    g_autoptr(GString) first = NULL;
    gboolean agrees = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(found) && !agrees; i++) {
        gsize bad = 0;
        if (i == 3)
            found[i].own = mgk_charset_detect(data, size);
        if (i == 3 && is_none(&found[i]) && !first)
            found[i].own = MGK_CHARSET_UTF8;
        gboolean tried = is_none(&found[i]);
        for (guint k = 0; k < i && !tried; k++)
            tried = is_same(&found[k], &found[i]);
        g_autoptr(GString) text = tried ? NULL : decode(&found[i], data, size, &bad);
        agrees = text && bad == 0;
        if (!text || (first && !agrees))
            continue;
        result->charset = found[i].world ? "other" : mgk_charset_name(found[i].own);
        result->count.undecodable = (guint)MIN(bad, G_MAXUINT);
        if (first)
            g_string_free(first, TRUE);
        first = g_steal_pointer(&text);
    }
    for (guint i = 0; i < G_N_ELEMENTS(found); i++)
        g_free(found[i].world);
    return g_steal_pointer(&first);
}

static MgkHtmlOptions complete(const MgkHtmlOptions *options)
{
    MgkHtmlOptions all = {.width = 0};
    if (options)
        all = *options;
    all.width = all.width ? CLAMP(all.width, 20, 1000) : 76;
    all.inline_columns = all.inline_columns ? all.inline_columns : 60;
    all.max_links = all.max_links ? all.max_links : 2000;
    return all;
}

static void finish(MgkFlow *flow, const MgkHtmlOptions *options, MgkHtmlResult *result)
{
    GString *text = flow->out.text;
    const char *word = options->links == MGK_LINKS_REMOVE ? mgk_flow_word(flow, MGK_WORD_ADDRESS) : NULL;
    result->steps = flow->t.steps + flow->steps + flow->out.steps + flow->sheet.steps;
    result->count.tricks += flow->sheet.tricks;
    result->count.scripts += flow->t.handlers;
    result->images_only = result->count.images > 0 && !flow->words;
    if (options->links == MGK_LINKS_KEEP) {
        result->length = text->len;
        result->text = g_string_free(text, FALSE);
        flow->out.text = g_string_new(NULL);
        return;
    }
    result->text = mgk_link_defang_text(text->str, text->len, word, &result->length);
}

gboolean mgk_html_to_text(const guint8 *data, gsize size, const char *declared_charset, const MgkHtmlOptions *options,
                          MgkHtmlResult *ret, GError **error)
{
    if (size >= MOST_BYTES) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "html_bytes: a page of %" G_GSIZE_FORMAT " bytes", size);
        return FALSE;
    }
    MgkHtmlOptions all = complete(options);
    g_auto(MgkHtmlResult) result = {.text = NULL};
    g_autoptr(GString) page = decode_page(data, size, declared_charset, &result);
    g_autofree MgkFlow *flow = g_new0(MgkFlow, 1);
    mgk_flow_init(flow, page->str, page->len, &all, &result);
    mgk_flow_run(flow);
    gboolean full = flow->out.full;
    if (!full)
        finish(flow, &all, &result);
    mgk_flow_clear(flow);
    if (full) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "html_text_bytes: more than %d bytes of text",
                    MGK_HTML_TEXT_BYTES);
        return FALSE;
    }
    *ret = result;
    result = (MgkHtmlResult){.text = NULL};
    return TRUE;
}

void mgk_html_result_clear(MgkHtmlResult *result)
{
    g_clear_pointer(&result->text, g_free);
    g_clear_pointer(&result->title, g_free);
    for (guint i = 0; i < result->n_deceptions; i++) {
        g_free(result->deceptions[i].shown);
        g_free(result->deceptions[i].shown_host);
        g_free(result->deceptions[i].target_host);
    }
    *result = (MgkHtmlResult){.text = NULL};
}
