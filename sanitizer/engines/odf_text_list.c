#include "engines/odf_text_list.h"

#include "engines/xml_events.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 10u

typedef struct Level {
    char *format, *prefix, *suffix; /* owned; format NULL: a bullet */
    int start;
} Level;

typedef struct Open {
    const char *style; /* borrowed from the styles' keys, or NULL */
    int number;
} Open;

struct MgkOdfLists {
    GHashTable *styles;  /* owned; name → Level[LEVELS] */
    Level *defining;     /* borrowed; the style whose levels come now */
    GArray *open;        /* owned; of Open: lists around this place */
    GHashTable *reached; /* owned; style → the last number of its first level */
    gboolean due;
};

static void levels_free(gpointer data)
{
    Level *levels = data;
    for (guint i = 0; i < LEVELS; i++) {
        g_free(levels[i].format);
        g_free(levels[i].prefix);
        g_free(levels[i].suffix);
    }
    g_free(levels);
}

MgkOdfLists *mgk_odf_lists_new(void)
{
    MgkOdfLists *lists = g_new0(MgkOdfLists, 1);
    lists->styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, levels_free);
    lists->reached = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    lists->open = g_array_new(FALSE, FALSE, sizeof(Open));
    return lists;
}

void mgk_odf_lists_free(MgkOdfLists *lists)
{
    if (!lists)
        return;
    g_hash_table_unref(lists->styles);
    g_hash_table_unref(lists->reached);
    g_array_unref(lists->open);
    g_free(lists);
}

static int number_of(const char *const *attributes, const char *name, int instead)
{
    const char *text = mgk_xml_events_get(attributes, name);
    long value = text ? strtol(text, NULL, 10) : instead;
    return (int)CLAMP(value, 0, 1000000);
}

static void define_level(MgkOdfLists *lists, const char *const *attributes, gboolean numbered)
{
    int level = number_of(attributes, "text:level", 1);
    if (!lists->defining || level < 1 || level > (int)LEVELS)
        return;
    Level *into = &lists->defining[level - 1];
    g_free(into->format);
    g_free(into->prefix);
    g_free(into->suffix);
    const char *format = mgk_xml_events_get(attributes, "style:num-format");
    into->format = numbered ? g_strdup(format ? format : "") : NULL;
    into->prefix = g_strdup(mgk_xml_events_get(attributes, "style:num-prefix"));
    into->suffix = g_strdup(mgk_xml_events_get(attributes, "style:num-suffix"));
    into->start = number_of(attributes, "text:start-value", 1);
}

static void define_style(MgkOdfLists *lists, const char *const *attributes)
{
    const char *name = mgk_xml_events_get(attributes, "style:name");
    lists->defining = NULL;
    if (!name)
        return;
    lists->defining = g_new0(Level, LEVELS);
    g_hash_table_replace(lists->styles, g_strdup(name), lists->defining);
}

static void open_list(MgkOdfLists *lists, const char *const *attributes)
{
    const char *name = mgk_xml_events_get(attributes, "text:style-name");
    const char *goes_on = mgk_xml_events_get(attributes, "text:continue-numbering");
    Open open = {.style = lists->open->len ? g_array_index(lists->open, Open, lists->open->len - 1).style : NULL};
    gpointer key = NULL;
    if (name && g_hash_table_lookup_extended(lists->styles, name, &key, NULL))
        open.style = key;
    const Level *levels = open.style ? g_hash_table_lookup(lists->styles, open.style) : NULL;
    open.number = levels && lists->open->len < LEVELS ? levels[lists->open->len].start - 1 : 0;
    gboolean named = mgk_xml_events_get(attributes, "text:continue-list") != NULL;
    if (!lists->open->len && open.style && (named || g_strcmp0(goes_on, "true") == 0))
        open.number = GPOINTER_TO_INT(g_hash_table_lookup(lists->reached, open.style));
    g_array_append_val(lists->open, open);
}

static void close_list(MgkOdfLists *lists)
{
    if (!lists->open->len)
        return;
    const Open *open = &g_array_index(lists->open, Open, lists->open->len - 1);
    if (lists->open->len == 1 && open->style)
        g_hash_table_replace(lists->reached, g_strdup(open->style), GINT_TO_POINTER(open->number));
    g_array_set_size(lists->open, lists->open->len - 1);
}

void mgk_odf_lists_start(MgkOdfLists *lists, const char *name, const char *const *attributes)
{
    if (strcmp(name, "text:list-style") == 0) {
        define_style(lists, attributes);
    } else if (g_str_has_prefix(name, "text:list-level-style-")) {
        define_level(lists, attributes, strcmp(name, "text:list-level-style-number") == 0);
    } else if (strcmp(name, "text:list") == 0) {
        open_list(lists, attributes);
    } else if (strcmp(name, "text:list-item") == 0 && lists->open->len) {
        Open *open = &g_array_index(lists->open, Open, lists->open->len - 1);
        open->number = number_of(attributes, "text:start-value", open->number + 1);
        lists->due = TRUE;
    }
}

void mgk_odf_lists_end(MgkOdfLists *lists, const char *name)
{
    if (strcmp(name, "text:list-style") == 0)
        lists->defining = NULL;
    else if (strcmp(name, "text:list") == 0)
        close_list(lists);
    else if (strcmp(name, "text:list-item") == 0)
        lists->due = FALSE;
}

/* a to z, then aa, bb … (19.500 leaves the rest open). */
static char *letters(int number, char first)
{
    gsize times = (gsize)MIN((number - 1) / 26 + 1, 8);
    char *text = g_strnfill(times, (char)(first + (number - 1) % 26));
    return text;
}

static char *roman(int number, gboolean small)
{
    static const struct {
        int value;
        const char *text;
    } table[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                 {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        for (; number >= table[i].value; number -= table[i].value)
            g_string_append(text, table[i].text);
    }
    return small ? g_ascii_strdown(text->str, -1) : g_strdup(text->str);
}

static char *spell(const char *format, int number)
{
    if (number < 1 || number > 3999)
        return g_strdup_printf("%d", number);
    switch (*format) {
    case 'a':
    case 'A':
        return letters(number, *format);
    case 'i':
    case 'I':
        return roman(number, *format == 'i');
    case '\0':
        return g_strdup("");
    default:
        return g_strdup_printf("%d", number);
    }
}

char *mgk_odf_lists_label(MgkOdfLists *lists)
{
    if (!lists->due || !lists->open->len)
        return NULL;
    lists->due = FALSE;
    const Open *open = &g_array_index(lists->open, Open, lists->open->len - 1);
    const Level *levels = open->style ? g_hash_table_lookup(lists->styles, open->style) : NULL;
    const Level *level = levels && lists->open->len <= LEVELS ? &levels[lists->open->len - 1] : NULL;
    if (!level || !level->format)
        return g_strdup("・");
    g_autofree char *number = spell(level->format, open->number);
    return g_strconcat(level->prefix ? level->prefix : "", number, level->suffix ? level->suffix : "", NULL);
}
