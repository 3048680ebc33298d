/* xml_input.c - bytes of a part to UTF-8: OPC knows UTF-8 and UTF-16 only (ISO/IEC 29500-2, 8.1.4), anything else is
 * refused here so that the parser never looks for a converter. */
#include "engines/xml_internal.h"

#include <string.h>

#define HEAD_BYTES 256

void mgk_xml_input_init(MgkXmlInput *input, gboolean (*sink)(gpointer, const void *, gsize), gpointer user)
{
    *input = (MgkXmlInput){.head = g_byte_array_new(), .sink = sink, .user = user};
}

void mgk_xml_input_clear(MgkXmlInput *input)
{
    g_clear_pointer(&input->head, g_byte_array_unref);
}

/* The value of encoding="…" in an XML declaration, or NULL. */
static char *declared_encoding(const guint8 *head, gsize size)
{
    if (size < 5 || memcmp(head, "<?xml", 5) != 0)
        return NULL;
    const guint8 *end = memmem(head, size, "?>", 2);
    gsize length = end ? (gsize)(end - head) : size;
    const guint8 *at = memmem(head, length, "encoding", 8);
    if (!at)
        return NULL;
    gsize i = (gsize)(at - head) + 8;
    while (i < length && (g_ascii_isspace(head[i]) || head[i] == '='))
        i++;
    if (i >= length || (head[i] != '"' && head[i] != '\''))
        return NULL;
    const guint8 *close = memchr(head + i + 1, head[i], length - i - 1);
    return close ? g_ascii_strdown((const char *)head + i + 1, close - head - (gssize)i - 1) : NULL;
}

static gboolean decide(MgkXmlInput *input, gsize *ret_skip, GError **error)
{
    const guint8 *head = input->head->len ? input->head->data : (const guint8 *)"";
    gsize size = input->head->len;
    *ret_skip = 0;
    if (size >= 2 && ((head[0] == 0xff && head[1] == 0xfe) || (head[0] == '<' && head[1] == 0))) {
        input->encoding = MGK_XML_UTF16LE;
        *ret_skip = head[0] == 0xff ? 2 : 0;
        return TRUE;
    }
    if (size >= 2 && ((head[0] == 0xfe && head[1] == 0xff) || (head[0] == 0 && head[1] == '<'))) {
        input->encoding = MGK_XML_UTF16BE;
        *ret_skip = head[0] == 0xfe ? 2 : 0;
        return TRUE;
    }
    input->encoding = MGK_XML_UTF8;
    if (size >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        *ret_skip = 3;
    g_autofree char *name = declared_encoding(head + *ret_skip, size - *ret_skip);
    static const char *const known[] = {"utf-8", "utf8", "us-ascii", "ascii", NULL};
    if (name && !g_strv_contains(known, name)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "XML declares an encoding other than UTF-8 and UTF-16");
        return FALSE;
    }
    return TRUE;
}

static gboolean stop(GError **error, const char *message)
{
    if (error && !*error)
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, message);
    return FALSE;
}

/* One code unit; appends to utf8 (room for 4 more bytes). FALSE for a lone surrogate. */
static gboolean take_unit(MgkXmlInput *input, guint32 unit, char *utf8, gsize *length)
{
    if (input->high) {
        if (unit < 0xdc00 || unit > 0xdfff)
            return FALSE;
        unit = 0x10000 + ((input->high - 0xd800) << 10) + (unit - 0xdc00);
        input->high = 0;
    } else if (unit >= 0xd800 && unit <= 0xdbff) {
        input->high = unit;
        return TRUE;
    } else if (unit >= 0xdc00 && unit <= 0xdfff) {
        return FALSE;
    }
    *length += (gsize)g_unichar_to_utf8(unit, utf8 + *length);
    return TRUE;
}

static gboolean push_utf16(MgkXmlInput *input, const guint8 *data, gsize size, GError **error)
{
    char utf8[4096];
    gsize length = 0;
    for (gsize i = 0; i < size; i++) {
        if (!input->has_odd) {
            input->odd = data[i];
            input->has_odd = TRUE;
            continue;
        }
        input->has_odd = FALSE;
        guint32 unit = input->encoding == MGK_XML_UTF16LE ? (guint32)(data[i] << 8 | input->odd)
                                                          : (guint32)(input->odd << 8 | data[i]);
        if (!take_unit(input, unit, utf8, &length))
            return stop(error, "broken UTF-16");
        if (length > sizeof utf8 - 8) {
            if (!input->sink(input->user, utf8, length))
                return FALSE;
            length = 0;
        }
    }
    return !length || input->sink(input->user, utf8, length);
}

static gboolean forward(MgkXmlInput *input, const guint8 *data, gsize size, GError **error)
{
    if (input->encoding == MGK_XML_UTF8)
        return !size || input->sink(input->user, data, size);
    return push_utf16(input, data, size, error);
}

static gboolean flush_head(MgkXmlInput *input, GError **error)
{
    gsize skip = 0;
    if (!decide(input, &skip, error))
        return FALSE;
    return input->head->len == 0 || forward(input, input->head->data + skip, input->head->len - skip, error);
}

gboolean mgk_xml_input_push(MgkXmlInput *input, const guint8 *data, gsize size, GError **error)
{
    if (input->encoding == MGK_XML_UNDECIDED) {
        gsize take = MIN(size, HEAD_BYTES - input->head->len);
        g_byte_array_append(input->head, data, (guint)take);
        if (input->head->len < HEAD_BYTES)
            return TRUE;
        if (!flush_head(input, error))
            return FALSE;
        data += take;
        size -= take;
    }
    return forward(input, data, size, error);
}

gboolean mgk_xml_input_finish(MgkXmlInput *input, GError **error)
{
    if (input->encoding == MGK_XML_UNDECIDED && !flush_head(input, error))
        return FALSE;
    return !input->has_odd && !input->high ? TRUE : stop(error, "UTF-16 ends within a character");
}
