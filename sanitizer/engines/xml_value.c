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
