#include "model/json.h"
#include "store/log.h"

#include <string.h>

static void add_string(MgkJson *json, const char *key, const char *value)
{
    if (value && *value)
        mgk_json_string(json, key, value);
}

/* Keys are ours, but what is not a plain word must not look like a member of the record. */
static char *data_object(const char *const *data)
{
    MgkJson json;
    mgk_json_begin(&json);
    for (; data && data[0] && data[1]; data += 2)
        mgk_json_string(&json, data[0], data[1]);
    char *text = mgk_json_end(&json);
    g_strchomp(text);
    return text;
}

char *mgk_event_format(const MgkEvent *event)
{
    MgkJson json;
    g_autofree char *data = data_object(event->data);
    mgk_json_begin(&json);
    mgk_json_string(&json, "event", event->name);
    mgk_json_number(&json, "uid", event->uid);
    add_string(&json, "actor", event->actor);
    add_string(&json, "record", event->record);
    add_string(&json, "sha256", event->sha256);
    add_string(&json, "department", event->department);
    mgk_json_raw(&json, "data", data);
    g_autofree char *text = mgk_json_end(&json);
    return g_strndup(text + 1, strlen(text) - strlen("{}\n")); /* without its braces */
}
