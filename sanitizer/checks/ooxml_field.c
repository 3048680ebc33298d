#include "checks/ooxml_field.h"

#include <string.h>

enum { MAX_CODE = 1 << 16, MAX_NESTING = 256 };

typedef struct Field {
    GString *code; /* owned; instruction, with the results of fields nested in it */
    GString *shown;
    gboolean in_result;
} Field;

struct MgkLookFields {
    MgkLook *look;   /* borrowed */
    GPtrArray *open; /* owned; of Field* */
    GString *loose;  /* owned; instrText outside any field */
};

static const char *const forbidden[] = {
    "DDE",     "DDEAUTO",  "LINK",        "EMBED",      "INCLUDE",    "INCLUDETEXT",  "INCLUDEPICTURE", "IMPORT",
    "RD",      "DATABASE", "MACROBUTTON", "MACRO",      "GOTOBUTTON", "PRINT",        "HTMLCONTROL",    "HTMLACTIVEX",
    "CONTROL", "OCX",      "DATA",        "SUBSCRIBER", "AUTOTEXT",   "AUTOTEXTLIST", "GLOSSARY"};

/* The next word of a field code: quoted or bare; switches keep their backslash. NULL at the end. Owned by the caller.
 */
static char *next_word(const char **code)
{
    const char *p = *code;
    while (*p && (guchar)*p <= ' ')
        p++;
    if (!*p)
        return NULL;
    GString *word = g_string_new(NULL);
    if (*p == '"') {
        for (p++; *p && *p != '"'; p++) {
            if (*p == '\\' && p[1])
                p++;
            g_string_append_c(word, *p);
        }
        p += *p == '"';
    } else {
        for (; *p && (guchar)*p > ' ' && (*p != '"' || word->len == 0); p++)
            g_string_append_c(word, *p);
    }
    *code = p;
    return g_string_free(word, FALSE);
}

static gboolean hyperlink_is_safe(const char *code)
{
    gboolean skip = FALSE, safe = TRUE;
    char *word = NULL;
    while (safe && (word = next_word(&code))) {
        gboolean is_switch = word[0] == '\\' && g_ascii_isalpha(word[1]) && word[2] == '\0';
        if (!is_switch && !skip)
            safe = mgk_look_link_is_safe(word);
        skip = is_switch && strchr("lotLOT", word[1]);
        g_free(word);
    }
    return safe;
}

gboolean mgk_look_field_is_safe(const char *code)
{
    g_autofree char *keyword = next_word(&code);
    if (!keyword)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (g_ascii_strcasecmp(keyword, forbidden[i]) == 0)
            return FALSE;
    }
    return g_ascii_strcasecmp(keyword, "HYPERLINK") != 0 || hyperlink_is_safe(code);
}

static void field_free(gpointer data)
{
    Field *field = data;
    g_string_free(field->code, TRUE);
    g_string_free(field->shown, TRUE);
    g_free(field);
}

static Field *innermost(const MgkLookFields *fields)
{
    return fields->open->len ? g_ptr_array_index(fields->open, fields->open->len - 1) : NULL;
}

static void judge(MgkLookFields *fields, const char *code)
{
    if (!mgk_look_field_is_safe(code))
        mgk_look_reject(fields->look, "field", code);
}

static void append(MgkLookFields *fields, GString *to, const char *text)
{
    gsize length = strlen(text);
    if (to->len + length > MAX_CODE)
        mgk_look_reject(fields->look, "field", "too long");
    else
        g_string_append_len(to, text, (gssize)length);
}

static void close_field(MgkLookFields *fields)
{
    Field *field = innermost(fields);
    if (!field)
        return;
    judge(fields, field->code->str);
    Field *outer = fields->open->len > 1 ? g_ptr_array_index(fields->open, fields->open->len - 2) : NULL;
    if (outer && !outer->in_result)
        append(fields, outer->code, field->shown->str);
    g_ptr_array_set_size(fields->open, (int)fields->open->len - 1);
}

MgkLookFields *mgk_look_fields_new(MgkLook *look)
{
    MgkLookFields *fields = g_new0(MgkLookFields, 1);
    *fields = (MgkLookFields){look, g_ptr_array_new_with_free_func(field_free), g_string_new(NULL)};
    return fields;
}

void mgk_look_fields_free(MgkLookFields *fields)
{
    if (!fields)
        return;
    g_ptr_array_unref(fields->open);
    g_string_free(fields->loose, TRUE);
    g_free(fields);
}

static void open_field(MgkLookFields *fields)
{
    if (fields->open->len >= MAX_NESTING) {
        mgk_look_reject(fields->look, "field", "nested too deeply");
        return;
    }
    Field *field = g_new0(Field, 1);
    *field = (Field){g_string_new(NULL), g_string_new(NULL), FALSE};
    g_ptr_array_add(fields->open, field);
}

void mgk_look_fields_start(MgkLookFields *fields, const MgkLookElement *element)
{
    if (element->ns != MGK_LOOK_NS_W || strcmp(element->local, "fldChar") != 0)
        return;
    const char *type = mgk_look_value(element, MGK_LOOK_NS_W, "fldCharType");
    if (g_strcmp0(type, "begin") == 0)
        open_field(fields);
    else if (g_strcmp0(type, "end") == 0)
        close_field(fields);
    else if (innermost(fields))
        innermost(fields)->in_result = TRUE;
}

void mgk_look_fields_text(MgkLookFields *fields, const char *text, gboolean is_code)
{
    Field *field = innermost(fields);
    if (!field) {
        if (is_code)
            append(fields, fields->loose, text);
    } else if (!field->in_result) {
        append(fields, field->code, text);
    } else if (fields->open->len > 1 && field->shown->len + strlen(text) <= MAX_CODE) {
        g_string_append(field->shown, text);
    }
}

void mgk_look_fields_finish(MgkLookFields *fields)
{
    while (fields->open->len > 0)
        close_field(fields);
    judge(fields, fields->loose->str);
}
