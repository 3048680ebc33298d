#include "rules/rtf_rules.h"

#include <string.h>

#define MGK_KIND_NONE MGK_RTF_NO_KIND

typedef struct Row {
    const char *words;
    MgkRtfRule rule;
} Row;

static const Row rows[] = {
#define MGK_RTF(words, action, kind, max) {words, {MGK_RTF_##action, MGK_KIND_##kind, max}},
#include "rules/rtf.def"
#undef MGK_RTF
};

static const struct {
    const char *names;
    MgkRtfValue value;
} properties[] = {
#define NUMBER MGK_RTF_NUMBER
#define LIST MGK_RTF_LIST
#define TEXT MGK_RTF_TEXT
#define PICTURE MGK_RTF_PICTURE_VALUE
#define MGK_RTF_PROPERTY(names, value) {names, value},
#include "rules/rtf_properties.def"
#undef MGK_RTF_PROPERTY
#undef NUMBER
#undef LIST
#undef TEXT
#undef PICTURE
};

/* Words of a row, each with the same value. The strings live as long as the process. */
static void add(GHashTable *table, const char *words, gconstpointer value)
{
    g_auto(GStrv) each = g_strsplit(words, " ", -1);
    for (guint i = 0; each[i]; i++)
        g_hash_table_insert(table, (gpointer)(guintptr)g_intern_string(each[i]), (gpointer)(guintptr)value);
}

static GHashTable *word_table(void)
{
    static GHashTable *table;
    if (table)
        return table;
    table = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        add(table, rows[i].words, &rows[i].rule);
    return table;
}

static GHashTable *property_table(void)
{
    static GHashTable *table;
    if (table)
        return table;
    table = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < G_N_ELEMENTS(properties); i++)
        add(table, properties[i].names, GUINT_TO_POINTER(properties[i].value));
    return table;
}

const MgkRtfRule *mgk_rtf_rule(const char *word)
{
    return g_hash_table_lookup(word_table(), word);
}

MgkRtfValue mgk_rtf_property(const char *name)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(property_table(), name));
}
