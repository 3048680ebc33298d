#include "engines/xml_value.h"

#include <string.h>

gboolean mgk_xml_value_append(GString *out, const char *value, gsize length)
{
    static const char left[] = "&#38;";
    for (gsize i = 0; i < length; i++) {
        g_string_append_c(out, value[i]);
        if (value[i] != '&')
            continue;
        if (length - i < sizeof left - 1 || memcmp(value + i, left, sizeof left - 1) != 0)
            return FALSE;
        i += sizeof left - 2;
    }
    return TRUE;
}

/* Behind the next end of a comment, CDATA section or instruction; the end of the text when there is none. */
static const char *skip_to(const char *at, const char *end, const char *mark)
{
    gsize length = strlen(mark);
    const char *found = memmem(at, (gsize)(end - at), mark, length);
    return found ? found + length : end;
}

/* The end of the tag at at; *ret_attributes: equals signs outside of values. */
static const char *count_tag(const char *at, const char *end, guint64 *ret_attributes)
{
    *ret_attributes = 0;
    for (; at < end && *at != '>'; at++) {
        *ret_attributes += *at == '=';
        if (*at == '"' || *at == '\'') {
            const char *close = memchr(at + 1, *at, (gsize)(end - at - 1));
            if (!close)
                return end;
            at = close;
        }
    }
    return at;
}

static const char *skip_other(const char *at, const char *end)
{
    static const struct {
        const char *open, *close;
    } table[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        gsize length = strlen(table[i].open);
        if ((gsize)(end - at) >= length && memcmp(at, table[i].open, length) == 0)
            return skip_to(at + length, end, table[i].close);
    }
    return NULL;
}

gboolean mgk_xml_value_count_all(const char *text, gsize size, guint64 most)
{
    const char *end = text + size;
    for (const char *at = memchr(text, '<', size); at; at = memchr(at, '<', (gsize)(end - at))) {
        guint64 attributes = 0;
        const char *behind = skip_other(at, end);
        at = behind ? behind : count_tag(at, end, &attributes);
        if (attributes > most)
            return FALSE;
    }
    return TRUE;
}
