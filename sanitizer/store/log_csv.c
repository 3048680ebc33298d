#include "store/csv_cell.h"
#include "store/log_line.h"
#include "store/log_read.h"

#include <json-glib/json-glib.h>

static const char *const columns[] = {"seq", "time", "event", "uid", "actor", "record", "sha256", "department"};

const char *mgk_log_csv_heading(void)
{
    return MGK_CSV_MARK
        "\"seq\",\"time\",\"event\",\"uid\",\"actor\",\"record\",\"sha256\",\"department\",\"data\"\r\n";
}

static char *text_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return g_strdup("");
    if (json_node_get_value_type(node) == G_TYPE_STRING)
        return json_node_dup_string(node);
    return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
}

/* "reason=encrypted; bytes=42" */
static char *data_of(JsonObject *object)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonNode *node = json_object_get_member(object, "data");
    JsonObject *data = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    JsonObjectIter iter;
    const char *name;
    if (data) {
        json_object_iter_init_ordered(&iter, data);
        while (json_object_iter_next_ordered(&iter, &name, NULL)) {
            g_autofree char *value = text_of(data, name);
            g_string_append_printf(text, "%s%s=%s", text->len ? "; " : "", name, value);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *mgk_log_csv(const char *line, gsize size)
{
    MgkLogLine link;
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!mgk_log_line_parse(line, size, &link) || !json_parser_load_from_data(parser, line, (gssize)size, NULL) ||
        !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
        return NULL;
    JsonObject *object = json_node_get_object(json_parser_get_root(parser));
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) row = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        g_ptr_array_add(cells, text_of(object, columns[i]));
    g_ptr_array_add(cells, data_of(object));
    mgk_csv_row(row, (const char *const *)cells->pdata, cells->len);
    return g_string_free(g_steal_pointer(&row), FALSE);
}
