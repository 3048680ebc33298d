#include "engines/recognise.h"

#include <string.h>

gboolean mgk_recognise_magic(const MgkProbe *probe, const MgkMagic *table, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (probe->size >= table[i].offset && probe->size - table[i].offset >= table[i].size &&
            memcmp(probe->data + table[i].offset, table[i].bytes, table[i].size) == 0)
            return TRUE;
    }
    return FALSE;
}

guint32 mgk_recognise_u32le(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

guint16 mgk_recognise_u16le(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

/* Where the zero bytes of UTF-16's ASCII stand: 1 little-endian, 0 big-endian, -1 neither. */
static int zero_half(const guint8 *data, gsize size)
{
    gsize zeros[2] = {0, 0};
    for (gsize i = 0; i < size; i++)
        zeros[i % 2] += data[i] == 0;
    if (zeros[0] && zeros[1])
        return -1;
    return zeros[1] > size / 4 ? 1 : zeros[0] > size / 4 ? 0 : -1;
}

char *mgk_recognise_head(const MgkProbe *probe)
{
    if (probe->head)
        return g_strdup(probe->head);
    const guint8 *data = probe->data;
    gsize size = MIN(probe->size, MGK_HEAD_BYTES);
    guint step = 1;
    if (size >= 2 && ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff))) {
        data += data[0] == 0xfe ? 3 : 2;
        size -= data == probe->data + 3 ? MIN(size, 3) : 2;
        step = 2;
    } else if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        data += 3;
        size -= 3;
    } else if (size && memchr(data, 0, size)) {
        int half = zero_half(data, size);
        if (half < 0)
            return g_strdup("");
        data += half == 0;
        size -= half == 0;
        step = 2;
    }
    while (size && g_ascii_isspace(data[0])) {
        data += MIN(step, size);
        size -= MIN(step, size);
    }
    gsize length = (size + step - 1) / step;
    char *head = g_malloc(length + 1);
    for (gsize i = 0; i < length; i++) { /* every probe of a text comes here: no call a byte */
        guint8 c = data[i * step];
        head[i] = (char)(c == 0 ? ' ' : c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    head[length] = '\0';
    return head;
}

gboolean mgk_recognise_starts(const char *head, const char *const *table, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (g_str_has_prefix(head, table[i]))
            return TRUE;
    }
    return FALSE;
}

guint mgk_recognise_count(const char *head, const char *const *table, gsize n)
{
    guint count = 0;
    for (gsize i = 0; i < n; i++)
        count += strstr(head, table[i]) != NULL;
    return count;
}

gboolean mgk_recognise_line(const char *head, const char *word)
{
    for (const char *at = strstr(head, word); at; at = strstr(at + 1, word)) {
        const char *start = at;
        while (start > head && (start[-1] == ' ' || start[-1] == '\t'))
            start--;
        if (start == head || start[-1] == '\n' || start[-1] == '\r')
            return TRUE;
    }
    return FALSE;
}

/* Skips one declaration, comment or doctype; NULL when it does not end within head. */
static const char *skip_declaration(const char *at)
{
    if (g_str_has_prefix(at, "<!--")) {
        const char *end = strstr(at + 4, "-->");
        return end ? end + 3 : NULL;
    }
    const char *end = strchr(at, '>'), *subset = strchr(at, '[');
    if (at[1] == '!' && subset && end && subset < end) {
        end = strstr(subset, "]");
        end = end ? strchr(end, '>') : NULL;
    }
    return end ? end + 1 : NULL;
}

char *mgk_recognise_root(const char *head)
{
    const char *at = head;
    while (at && at[0] == '<' && (at[1] == '?' || at[1] == '!')) {
        at = skip_declaration(at);
        while (at && g_ascii_isspace(*at))
            at++;
    }
    if (!at || at[0] != '<' || !(g_ascii_isalpha(at[1]) || at[1] == '_' || (guchar)at[1] >= 0x80))
        return g_strdup("");
    gsize length = strcspn(at + 1, " \t\r\n/>");
    return at[1 + length] ? g_strndup(at + 1, length) : g_strdup("");
}
