#include "engines/word_field.h"

#include "engines/xml_hook.h"

#include <string.h>

typedef enum { KNOWN_SAFE, KNOWN_LINK, KNOWN_QUOTE, KNOWN_FROZEN, KNOWN_ACTIVE, KNOWN_BUTTON, KNOWN_UNKNOWN } Known;

static const struct {
    const char *name;
    Known known;
} table[] = {
#define MGK_FIELD(name, action) {name, KNOWN_##action},
#include "rules/word_fields.def"
#undef MGK_FIELD
};

static const char *skip_space(const char *text)
{
    while (*text && g_unichar_isspace(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

/* Copies the leading letters, upper case; "=" stands for a formula. */
static const char *take_keyword(const char *text, char *keyword, gsize size)
{
    text = skip_space(text);
    gsize n = 0;
    if (*text == '=') {
        g_strlcpy(keyword, "=", size);
        return text + 1;
    }
    for (; g_ascii_isalpha(*text) && n + 1 < size; text++)
        keyword[n++] = g_ascii_toupper(*text);
    keyword[n] = '\0';
    return text;
}

static Known lookup(const char *keyword)
{
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].name, keyword) == 0)
            return table[i].known;
    }
    return KNOWN_UNKNOWN;
}

/* The next argument: quoted, with backslash escapes, or up to a space. NULL at the end. */
static char *take_argument(const char **text, gboolean *ret_quoted)
{
    const char *at = skip_space(*text);
    g_autoptr(GString) argument = g_string_new(NULL);
    *ret_quoted = *at == '"' || g_str_has_prefix(at, "\xe2\x80\x9c");
    if (!*at)
        return NULL;
    if (*ret_quoted) {
        for (at = g_utf8_next_char(at); *at && *at != '"' && !g_str_has_prefix(at, "\xe2\x80\x9d"); at++) {
            if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
                at++;
            g_string_append_c(argument, *at);
        }
        if (*at)
            at = g_utf8_next_char(at);
    } else {
        const char *end = at;
        while (*end && *end != '"' && !g_unichar_isspace(g_utf8_get_char(end)))
            end = g_utf8_next_char(end);
        g_string_append_len(argument, at, end - at);
        at = end;
    }
    *text = at;
    return g_strdup(argument->str);
}

/* HYPERLINK [target] [\l place] [\o tip] [\t frame] [\m] [\n] [\h]: one target at most, and a harmless one. */
static MgkFieldFate judge_link(const char *text)
{
    g_autofree char *target = NULL;
    gboolean quoted = FALSE, is_value = FALSE;
    for (;;) {
        g_autofree char *argument = take_argument(&text, &quoted);
        if (!argument)
            break;
        gboolean is_switch = !quoted && argument[0] == '\\' && argument[1] && !argument[2];
        if (is_switch) {
            is_value = strchr("lotLOT", argument[1]) != NULL;
        } else if (is_value) {
            is_value = FALSE;
        } else if (target) {
            return MGK_FIELD_LINK_EVIL;
        } else {
            target = g_steal_pointer(&argument);
        }
    }
    if (!target || !*target || *target == '#')
        return MGK_FIELD_SAFE;
    g_strstrip(target);
    return mgk_xml_url_is_harmless(target, strlen(target)) ? MGK_FIELD_LINK : MGK_FIELD_LINK_EVIL;
}

/* QUOTE 68 68 69 spells DDE: characters by number hide an instruction from readers. */
static gboolean has_number(const char *text)
{
    gboolean quoted = FALSE;
    for (;;) {
        g_autofree char *argument = take_argument(&text, &quoted);
        if (!argument)
            return FALSE;
        if (!quoted && g_ascii_isdigit(*argument))
            return TRUE;
    }
}

MgkField mgk_word_field_judge(const char *instruction, gboolean computed)
{
    MgkField field = {.fate = MGK_FIELD_UNKNOWN};
    const char *rest = take_keyword(instruction, field.keyword, sizeof field.keyword);
    switch (lookup(field.keyword)) {
    case KNOWN_SAFE:
        field.fate = MGK_FIELD_SAFE;
        break;
    case KNOWN_LINK:
        field.fate = computed ? MGK_FIELD_LINK_EVIL : judge_link(rest);
        break;
    case KNOWN_QUOTE:
        field.fate = has_number(rest) ? MGK_FIELD_ACTIVE : MGK_FIELD_SAFE;
        break;
    case KNOWN_FROZEN:
        field.fate = MGK_FIELD_FROZEN;
        break;
    case KNOWN_ACTIVE:
        field.fate = MGK_FIELD_ACTIVE;
        break;
    case KNOWN_BUTTON:
        field.fate = MGK_FIELD_BUTTON;
        break;
    case KNOWN_UNKNOWN:
        break;
    }
    return field;
}

char *mgk_word_field_button_text(const char *instruction)
{
    char keyword[24];
    gboolean quoted = FALSE;
    const char *rest = take_keyword(instruction, keyword, sizeof keyword);
    g_autofree char *first = take_argument(&rest, &quoted);
    return g_strstrip(g_strdup(first ? rest : ""));
}
