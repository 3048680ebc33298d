#include "engines/xml_out.h"

#include <string.h>

/* Bytes that need an escape: 1 in text, 2 in attribute values only. '>' always, so that a '>' in the output ends a tag.
 */
static const guint8 special[256] = {
    ['&'] = 1, ['<'] = 1, ['>'] = 1, ['\r'] = 1, ['"'] = 2, ['\n'] = 2, ['\t'] = 2,
};

void mgk_xml_out_init(MgkXmlOut *out, gboolean silent)
{
    *out = (MgkXmlOut){.silent = silent, .spans = g_array_new(FALSE, TRUE, sizeof(MgkXmlSpan))};
}

void mgk_xml_out_clear(MgkXmlOut *out)
{
    g_clear_pointer(&out->data, g_free);
    g_clear_pointer(&out->spans, g_array_unref);
}

void mgk_xml_out_grow(MgkXmlOut *out, const void *data, gsize size)
{
    if (out->silent || !size)
        return;
    gsize capacity = 0;
    if (!g_size_checked_add(&capacity, out->length, size) || !g_size_checked_mul(&capacity, capacity, 2))
        g_error("output beyond all measure");
    out->capacity = MAX(capacity, 65536);
    out->data = g_realloc(out->data, out->capacity);
    memcpy(out->data + out->length, data, size);
    out->length += size;
}

static void put(MgkXmlOut *out, const char *text)
{
    mgk_xml_out_raw(out, text, strlen(text));
}

void mgk_xml_out_name(MgkXmlOut *out, MgkNs ns, const char *name)
{
    const MgkNsInfo *info = mgk_ns_info(ns);
    if (info->prefix_length) {
        mgk_xml_out_raw(out, info->prefix, info->prefix_length);
        mgk_xml_out_raw(out, ":", 1);
    }
    mgk_xml_out_raw(out, name, strlen(name));
}

static const char *escape_of(guint8 byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    default:
        return "&#13;";
    }
}

void mgk_xml_out_escape(MgkXmlOut *out, const char *text, gsize size, gboolean in_attribute)
{
    guint8 mask = in_attribute ? 3 : 1;
    gsize start = 0;
    for (gsize i = 0; i < size; i++) {
        if (G_LIKELY(!(special[(guint8)text[i]] & mask)))
            continue;
        mgk_xml_out_raw(out, text + start, i - start);
        put(out, escape_of((guint8)text[i]));
        start = i + 1;
    }
    mgk_xml_out_raw(out, text + start, size - start);
}

void mgk_xml_out_close_tag(MgkXmlOut *out)
{
    if (out->tag_open)
        mgk_xml_out_raw(out, ">", 1);
    out->tag_open = FALSE;
}

void mgk_xml_out_end(MgkXmlOut *out, MgkNs ns, const char *name)
{
    if (out->tag_open) {
        mgk_xml_out_raw(out, "/>", 2);
        out->tag_open = FALSE;
        return;
    }
    mgk_xml_out_raw(out, "</", 2);
    mgk_xml_out_name(out, ns, name);
    mgk_xml_out_raw(out, ">", 1);
}

guint mgk_xml_out_span_start(MgkXmlOut *out)
{
    MgkXmlSpan span = {.open = TRUE};
    g_array_append_val(out->spans, span);
    out->open_spans++;
    return out->spans->len;
}

/* TRUE when the bytes end in a start tag, so that nothing stands between it and what comes next. */
static gboolean ends_in_start_tag(const guint8 *data, gsize length)
{
    if (length < 3 || data[length - 1] != '>' || data[length - 2] == '/' || data[length - 2] == '?')
        return FALSE;
    const guint8 *open = memrchr(data, '<', length);
    return open && open + 1 < data + length && open[1] != '/';
}

/* Moves what follows a cut down to `to`; <a> directly before </a> becomes <a/>, as if nothing had ever been there. */
static gsize close_gap(MgkXmlOut *out, gsize to, gsize from, gsize end)
{
    if (end - from >= 3 && out->data[from] == '<' && out->data[from + 1] == '/' && ends_in_start_tag(out->data, to)) {
        const guint8 *close = memchr(out->data + from, '>', end - from);
        if (close) {
            memcpy(out->data + to - 1, "/>", 2);
            to += 1;
            from = (gsize)(close - out->data) + 1;
        }
    }
    memmove(out->data + to, out->data + from, end - from);
    return to + (end - from);
}

void mgk_xml_out_settle(MgkXmlOut *out)
{
    if (out->holds || out->open_spans || !out->spans->len)
        return;
    gsize to = 0, from = 0;
    gboolean cut = FALSE;
    for (guint i = 0; i < out->spans->len && !out->silent; i++) {
        const MgkXmlSpan *span = &g_array_index(out->spans, MgkXmlSpan, i);
        if (!span->dropped || span->end <= from)
            continue;
        gsize start = MAX(span->start, from);
        to = close_gap(out, to, from, start);
        from = span->end;
        cut = TRUE;
    }
    if (cut) {
        gboolean tail = from == out->length;
        out->length = close_gap(out, to, from, out->length);
        if (tail && !out->tag_open && ends_in_start_tag(out->data, out->length)) {
            out->length--;
            out->tag_open = TRUE;
        }
    }
    g_array_set_size(out->spans, 0);
}
