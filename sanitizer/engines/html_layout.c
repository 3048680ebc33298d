#include "engines/html_layout.h"

#include <string.h>

MgkPara *mgk_para_new(MgkParaKind kind, const char *text, gsize length)
{
    MgkPara *para = g_new0(MgkPara, 1);
    para->kind = kind;
    para->text = g_strndup(text, length);
    para->length = length;
    return para;
}

void mgk_para_free(MgkPara *para)
{
    if (!para)
        return;
    g_free(para->text);
    g_free(para->first);
    g_free(para->rest);
    g_free(para);
}

typedef struct Line {
    MgkHtmlOut *out;
    const char *prefix; /* of the next line */
    const char *rest;
} Line;

/* Ends a line: no spaces at its end. */
static void end_line(GString *text)
{
    while (text->len > 0 && text->str[text->len - 1] == ' ')
        g_string_truncate(text, text->len - 1);
    g_string_append_c(text, '\n');
}

/* Appends line; U+00A0 has done its work and becomes a space. */
static void append_spaced(GString *text, const char *line, gsize length)
{
    for (gsize i = 0; i < length;) {
        const char *hold = memchr(line + i, 0xc2, length - i);
        gsize n = hold ? (gsize)(hold - line) - i : length - i;
        g_string_append_len(text, line + i, (gssize)n);
        i += n;
        if (hold && i + 1 < length && (guchar)hold[1] == 0xa0) {
            g_string_append_c(text, ' ');
            i += 2;
        } else if (hold) {
            g_string_append_c(text, line[i++]);
        }
    }
}

static void put_line(gpointer data, const char *line, gsize length, gsize columns)
{
    (void)columns;
    Line *l = data;
    if (l->out->text->len > MGK_HTML_TEXT_BYTES) {
        l->out->full = TRUE;
        return;
    }
    g_string_append(l->out->text, l->prefix);
    append_spaced(l->out->text, line, length);
    end_line(l->out->text);
    l->prefix = l->rest;
}

static void put_fixed(Line *line, const MgkPara *para)
{
    const char *end = para->text + para->length;
    for (const char *p = para->text; p <= end; p++) {
        const char *stop = p < end ? memchr(p, '\n', (gsize)(end - p)) : NULL;
        gsize n = stop ? (gsize)(stop - p) : (gsize)(end - p);
        line->out->steps += n + 1;
        put_line(line, p, n, 0);
        p += n;
    }
}

/* Blank lines between paragraphs of one quotation belong to it. */
static void put_gap(MgkHtmlOut *out, const MgkPara *para, const char *first)
{
    if (out->text->len == 0 || para->gap == 0)
        return;
    gsize quoted = 0;
    while (out->last && strncmp(out->last + quoted, "> ", 2) == 0 && strncmp(first + quoted, "> ", 2) == 0)
        quoted += 2;
    for (guint i = 0; i < MIN(para->gap, 2); i++) {
        g_string_append_len(out->text, first, (gssize)quoted);
        end_line(out->text);
    }
}

void mgk_out_para(MgkHtmlOut *out, const MgkPara *para)
{
    const char *first = para->first ? para->first : "", *rest = para->rest ? para->rest : "";
    gsize taken = MAX(mgk_text_columns(first, -1, out->japanese), mgk_text_columns(rest, -1, out->japanese));
    guint width = taken + 10 < out->width ? out->width - (guint)taken : 10;
    Line line = {.out = out, .prefix = first, .rest = rest};
    if (out->full)
        return;
    put_gap(out, para, first);
    if (para->kind == MGK_PARA_FIXED) {
        put_fixed(&line, para);
    } else if (para->kind == MGK_PARA_RULE) {
        g_autofree char *rule = g_strnfill(width, '-');
        put_line(&line, rule, width, width);
    } else {
        MgkWrap wrap = {.columns = width, .japanese = out->japanese};
        mgk_wrap(&wrap, para->text, para->length, put_line, &line);
        out->steps += wrap.steps;
    }
    g_free(out->last);
    out->last = g_strdup(rest);
}
