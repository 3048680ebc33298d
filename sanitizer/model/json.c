#include "model/json.h"

#include "model/names.h"

void mgk_json_begin(MgkJson *json)
{
    json->text = g_string_new("{");
}

static void add_unit(GString *text, guint unit)
{
    g_string_append_printf(text, "\\u%04x", unit);
}

static void add_quoted(GString *text, const char *value)
{
    g_autofree char *valid = mgk_names_to_utf8(value, -1);
    g_string_append_c(text, '"');
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c >= 0x10000) {
            add_unit(text, 0xD800 + ((c - 0x10000) >> 10));
            add_unit(text, 0xDC00 + ((c - 0x10000) & 0x3FF));
        } else if (c < 0x20 || c > 0x7E) {
            add_unit(text, c);
        } else {
            if (c == '"' || c == '\\')
                g_string_append_c(text, '\\');
            g_string_append_c(text, (char)c);
        }
    }
    g_string_append_c(text, '"');
}

static void add_key(MgkJson *json, const char *key)
{
    if (json->text->len > 1)
        g_string_append_c(json->text, ',');
    add_quoted(json->text, key);
    g_string_append_c(json->text, ':');
}

void mgk_json_string(MgkJson *json, const char *key, const char *value)
{
    add_key(json, key);
    if (value)
        add_quoted(json->text, value);
    else
        g_string_append(json->text, "null");
}

void mgk_json_number(MgkJson *json, const char *key, gint64 value)
{
    add_key(json, key);
    g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void mgk_json_flag(MgkJson *json, const char *key, gboolean value)
{
    mgk_json_raw(json, key, value ? "true" : "false");
}

void mgk_json_strings(MgkJson *json, const char *key, const char *const *values, gsize n)
{
    add_key(json, key);
    g_string_append_c(json->text, '[');
    for (gsize i = 0; i < n; i++) {
        if (i)
            g_string_append_c(json->text, ',');
        add_quoted(json->text, values[i]);
    }
    g_string_append_c(json->text, ']');
}

void mgk_json_raw(MgkJson *json, const char *key, const char *value)
{
    add_key(json, key);
    g_string_append(json->text, value);
}

char *mgk_json_end(MgkJson *json)
{
    g_string_append(json->text, "}\n");
    return g_string_free(g_steal_pointer(&json->text), FALSE);
}
