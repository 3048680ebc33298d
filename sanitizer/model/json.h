/* json.h - one JSON object on one line, written field by field; pure ASCII, whatever the strings are. */
#pragma once

#include <glib.h>

/* An object under construction: text starts as "{". */
typedef struct MgkJson {
    GString *text; /* owned */
} MgkJson;

void mgk_json_begin(MgkJson *json);
/* value may be NULL (written as null) and may hold any bytes: invalid UTF-8 becomes U+FFFD. */
void mgk_json_string(MgkJson *json, const char *key, const char *value);
void mgk_json_number(MgkJson *json, const char *key, gint64 value);
void mgk_json_flag(MgkJson *json, const char *key, gboolean value);
/* n strings of any bytes. */
void mgk_json_strings(MgkJson *json, const char *key, const char *const *values, gsize n);
/* value is JSON already. */
void mgk_json_raw(MgkJson *json, const char *key, const char *value);
/* Ends the object with "}" and a newline; owned by the caller. json is empty afterwards. */
char *mgk_json_end(MgkJson *json);
