/* xml_hook.c - what hooks may ask of the filter, and the functions that drive it. */
#include "engines/xml_internal.h"

#include <string.h>

gpointer mgk_xml_user(const MgkXmlFilter *filter)
{
    return filter->options.user;
}

MgkJob *mgk_xml_job(const MgkXmlFilter *filter)
{
    return filter->options.job;
}

MgkXmlAttribute *mgk_xml_attribute(const MgkXmlElement *element, MgkNs ns, const char *name)
{
    for (guint i = 0; i < element->n_attributes; i++) {
        MgkXmlAttribute *attribute = &element->attributes[i];
        if (!attribute->dropped && attribute->ns == ns && strcmp(attribute->name, name) == 0)
            return attribute;
    }
    return NULL;
}

char *mgk_xml_get(const MgkXmlElement *element, MgkNs ns, const char *name)
{
    const MgkXmlAttribute *attribute = mgk_xml_attribute(element, ns, name);
    return attribute ? g_strndup(attribute->value, attribute->length) : NULL;
}

gboolean mgk_xml_is(const MgkXmlElement *element, MgkNs ns, const char *name, const char *value)
{
    const MgkXmlAttribute *attribute = mgk_xml_attribute(element, ns, name);
    gsize length = strlen(value);
    return attribute && attribute->length == length && memcmp(attribute->value, value, length) == 0;
}

void mgk_xml_set(MgkXmlFilter *filter, MgkXmlElement *element, MgkNs ns, const char *name, const char *value)
{
    MgkXmlAttribute *attribute = mgk_xml_attribute(element, ns, name);
    if (!attribute) {
        g_return_if_fail(element->n_attributes < filter->attributes->len);
        attribute = &element->attributes[element->n_attributes++];
        *attribute = (MgkXmlAttribute){.ns = ns, .name = name};
    }
    attribute->length = strlen(value);
    attribute->value = g_string_chunk_insert_len(filter->values, value, (gssize)attribute->length);
    filter->values_used = TRUE;
}

void mgk_xml_unset(MgkXmlElement *element, MgkNs ns, const char *name)
{
    MgkXmlAttribute *attribute = mgk_xml_attribute(element, ns, name);
    if (attribute)
        attribute->dropped = TRUE;
}

MgkNs mgk_xml_prefix_ns(const MgkXmlFilter *filter, const char *prefix, gsize length)
{
    /* the parser's stack holds prefix, uri pairs, innermost last */
    for (int i = filter->parser->nsNr - 2; i >= 0; i -= 2) {
        const char *bound = (const char *)filter->parser->nsTab[i];
        if (length == (bound ? strlen(bound) : 0) && (!length || memcmp(bound, prefix, length) == 0))
            return mgk_xml_ns(filter, (const char *)filter->parser->nsTab[i + 1]);
    }
    return length ? MGK_NS_UNKNOWN : MGK_NS_NONE;
}

const char *mgk_xml_resolve(MgkXmlFilter *filter, const char *id)
{
    return filter->options.resolve ? filter->options.resolve(filter->options.user, id) : NULL;
}

guint mgk_xml_depth(const MgkXmlFilter *filter)
{
    return filter->depth;
}

const char *mgk_xml_open_name(const MgkXmlFilter *filter, guint depth, MgkNs *ret_ns)
{
    if (!depth || depth > filter->depth)
        return NULL;
    const MgkXmlFrame *frame = &filter->frames[depth - 1];
    if (ret_ns)
        *ret_ns = frame->ns;
    return frame->name;
}

guint mgk_xml_branch(const MgkXmlFilter *filter)
{
    const MgkXmlFrame *top = mgk_xml_top(filter);
    return top ? top->branch : 0;
}

void mgk_xml_put_start(MgkXmlFilter *filter, MgkNs ns, const char *name, const MgkXmlAttribute *attributes, guint n)
{
    static const guint64 none[2] = {0, 0};
    MgkXmlElement element = {
        .ns = ns, .name = name, .attributes = (MgkXmlAttribute *)(guintptr)attributes, .n_attributes = n};
    mgk_xml_commit(filter);
    MgkXmlFrame *frame = mgk_xml_push_frame(filter, ns, name, MGK_FRAME_EMIT);
    mgk_xml_write_start(filter, frame, &element, none, none);
}

void mgk_xml_put_text(MgkXmlFilter *filter, const char *text, gsize length)
{
    if (!length)
        return;
    for (gsize i = 0; i < length && filter->shy; i++) {
        if (!g_ascii_isspace(text[i]))
            mgk_xml_commit(filter);
    }
    mgk_xml_out_close_tag(&filter->out);
    mgk_xml_out_escape(&filter->out, text, length, FALSE);
}

void mgk_xml_put_end(MgkXmlFilter *filter)
{
    const MgkXmlFrame *frame = mgk_xml_top(filter);
    mgk_xml_out_end(&filter->out, frame->out_ns, frame->out_name);
    filter->depth--;
}

guint mgk_xml_span(MgkXmlFilter *filter)
{
    if (!filter->pending_span)
        filter->pending_span = mgk_xml_out_span_start(&filter->out);
    return filter->pending_span;
}

void mgk_xml_span_drop(MgkXmlFilter *filter, guint span)
{
    g_array_index(filter->out.spans, MgkXmlSpan, span - 1).dropped = TRUE;
}

void mgk_xml_span_keep(MgkXmlFilter *filter, guint span)
{
    MgkXmlSpan *kept = &g_array_index(filter->out.spans, MgkXmlSpan, span - 1);
    for (guint i = filter->depth; i-- && kept->open;) {
        MgkXmlFrame *frame = &filter->frames[i];
        if (frame->span != span)
            continue;
        frame->span = 0;
        kept->open = FALSE;
        kept->end = kept->start;
        filter->out.open_spans--;
    }
}

void mgk_xml_hold(MgkXmlFilter *filter)
{
    filter->out.holds++;
}

void mgk_xml_release(MgkXmlFilter *filter)
{
    g_return_if_fail(filter->out.holds > 0);
    filter->out.holds--;
}

gsize mgk_xml_held(const MgkXmlFilter *filter)
{
    return filter->out.length;
}

static gboolean url_byte_is_plain(guint8 byte)
{
    return byte > 0x20 && byte != 0x7f && byte != '\\' && byte != '<' && byte != '>' && byte != '"';
}

gboolean mgk_xml_url_is_harmless(const char *url, gsize length)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (gsize i = 0; i < length; i++) {
        if (!url_byte_is_plain((guint8)url[i]))
            return FALSE;
    }
    if (!length || url[0] == '#')
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        gsize n = strlen(schemes[i]);
        if (length <= n || g_ascii_strncasecmp(url, schemes[i], n) != 0)
            continue;
        const char *host = url + n, *end = url + length;
        gsize authority = 0;
        while (host + authority < end && !strchr("/?#", host[authority]))
            authority++;
        return schemes[i][0] == 'm' || (authority && !memchr(host, '@', authority));
    }
    return FALSE;
}
