/* rtf_text.c - the text of a rebuilt document, in the order of the file; headers and notes stand where they are. */
#include "engines/rtf.h"
#include "engines/rtf_charset.h"
#include "engines/rtf_token.h"
#include "engines/text_out.h"
#include "rules/rtf_rules.h"

#include <string.h>

typedef struct Group {
    gboolean silent, fonts, hidden;
    guint codepage;
} Group;

typedef struct Reading {
    MgkTextOut *out; /* owned */
    MgkRtfWords words;
    GArray *groups;    /* owned; of Group */
    GHashTable *fonts; /* owned; number → code page */
    guint font, default_codepage;
    gboolean fallback; /* the next byte stands for the last \u */
} Reading;

static Group *top(const Reading *reading)
{
    return &g_array_index(reading->groups, Group, reading->groups->len - 1);
}

static gboolean silent(const Reading *reading)
{
    return top(reading)->silent || top(reading)->hidden;
}

static void put_words(Reading *reading)
{
    mgk_text_out_add(reading->out, mgk_rtf_words_text(&reading->words), -1);
    mgk_rtf_words_empty(&reading->words);
}

/* Destinations whose text people see. */
static gboolean shows(const char *word)
{
    static const char *const table[] = {"footnote", "header",  "headerl", "headerr", "headerf",    "footer",
                                        "footerl",  "footerr", "footerf", "field",   "fldrslt",    "shp",
                                        "shpgrp",   "shpinst", "shptxt",  "do",      "dptxbxtext", "annotation",
                                        "listtext", "pntext",  "rtf"};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i], word) == 0)
            return TRUE;
    }
    return word[0] == 'm' && !g_str_has_suffix(word, "Pr"); /* formulas */
}

static gboolean begins(const MgkRtfRule *rule)
{
    switch ((int)rule->action) {
    case MGK_RTF_GROUP:
    case MGK_RTF_STAR:
    case MGK_RTF_FONTS:
    case MGK_RTF_LIST_OVERRIDE:
    case MGK_RTF_LEVEL_TEXT:
    case MGK_RTF_INSTRUCTION:
    case MGK_RTF_COMMENT:
    case MGK_RTF_PICTURE:
    case MGK_RTF_PROPERTY:
        return TRUE;
    default:
        return FALSE;
    }
}

static void on_break(Reading *reading, const char *word)
{
    static const struct {
        const char *word, *text;
    } table[] = {{"par", "\n"}, {"line", "\n"},    {"page", "\n"}, {"sect", "\n"}, {"column", "\n"},
                 {"row", "\n"}, {"nestrow", "\n"}, {"tab", "\t"},  {"cell", "\t"}, {"nestcell", "\t"}};
    gunichar code = mgk_rtf_character(word);
    if (code && !silent(reading))
        mgk_rtf_words_char(&reading->words, code);
    for (gsize i = 0; i < G_N_ELEMENTS(table) && !silent(reading); i++) {
        if (strcmp(table[i].word, word) == 0)
            mgk_rtf_words_char(&reading->words, (gunichar)table[i].text[0]);
    }
}

static void on_font(Reading *reading, const MgkRtfToken *token)
{
    guint number = (guint)token->parameter;
    Group *group = top(reading);
    if (strcmp(token->word, "f") == 0 && group->fonts)
        reading->font = number;
    else if (strcmp(token->word, "f") == 0)
        group->codepage = GPOINTER_TO_UINT(g_hash_table_lookup(reading->fonts, GUINT_TO_POINTER(number)));
    else if (strcmp(token->word, "fcharset") == 0)
        g_hash_table_insert(reading->fonts, GUINT_TO_POINTER(reading->font),
                            GUINT_TO_POINTER(mgk_rtf_codepage(number)));
    else if (strcmp(token->word, "ansicpg") == 0)
        reading->default_codepage = number;
}

static void on_word(Reading *reading, const MgkRtfToken *token)
{
    const MgkRtfRule *rule = mgk_rtf_rule(token->word);
    Group *group = top(reading);
    if (rule && begins(rule) && !shows(token->word))
        group->silent = TRUE;
    group->fonts |= rule && rule->action == MGK_RTF_FONTS;
    if (strcmp(token->word, "plain") == 0) {
        group->hidden = FALSE;
        group->codepage = 0;
    } else if (strcmp(token->word, "v") == 0) {
        group->hidden = !token->has_parameter || token->parameter != 0;
    } else if (strcmp(token->word, "u") == 0) {
        if (!silent(reading))
            mgk_rtf_words_unit(&reading->words, (guint16)token->parameter);
        reading->fallback = TRUE;
    } else {
        on_font(reading, token);
        on_break(reading, token->word);
    }
}

static void on_byte(Reading *reading, guint8 byte)
{
    guint codepage = top(reading)->codepage;
    if (!reading->fallback && !silent(reading))
        mgk_rtf_words_byte(&reading->words, codepage ? codepage : reading->default_codepage, byte);
    reading->fallback = FALSE;
}

static void on_symbol(Reading *reading, guint8 symbol)
{
    if (symbol == '~' && !silent(reading))
        mgk_rtf_words_char(&reading->words, 0xa0);
    else if (symbol == '_' && !silent(reading))
        mgk_rtf_words_char(&reading->words, '-');
    else if (symbol != 0 && strchr("\\{}", symbol))
        on_byte(reading, symbol);
}

static void on_token(Reading *reading, const MgkRtfToken *token)
{
    Group group = *top(reading);
    switch (token->type) {
    case MGK_RTF_OPEN:
        g_array_append_val(reading->groups, group);
        break;
    case MGK_RTF_CLOSE:
        if (reading->groups->len > 1)
            g_array_set_size(reading->groups, reading->groups->len - 1);
        break;
    case MGK_RTF_WORD:
        on_word(reading, token);
        break;
    case MGK_RTF_SYMBOL:
        on_symbol(reading, token->byte);
        break;
    case MGK_RTF_BYTE:
        on_byte(reading, token->byte);
        break;
    case MGK_RTF_BINARY:
    case MGK_RTF_END:
        break;
    }
}

gboolean mgk_rtf_text(MgkJob *job, GError **error)
{
    Reading reading = {.out = mgk_text_out_new(job), .default_codepage = 1252};
    mgk_rtf_words_init(&reading.words);
    reading.groups = g_array_new(FALSE, TRUE, sizeof(Group));
    g_array_set_size(reading.groups, 1);
    reading.fonts = g_hash_table_new(NULL, NULL);
    MgkRtfReader reader = {.data = job->data, .size = job->size};
    MgkRtfToken token;
    while (mgk_rtf_next(&reader, &token)) {
        on_token(&reading, &token);
        if (reading.words.text->len > 4096)
            put_words(&reading);
    }
    put_words(&reading);
    gboolean ok = mgk_text_out_finish(reading.out, error);
    mgk_text_out_free(reading.out);
    mgk_rtf_words_clear(&reading.words);
    g_array_unref(reading.groups);
    g_hash_table_unref(reading.fonts);
    return ok;
}
