#include "engines/docx_lists.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 9
#define STYLE_CHAIN 20 /* basedOn hops */

typedef struct Level {
    char *format, *pattern; /* owned; w:numFmt, w:lvlText */
    int start;
} Level;

typedef struct List { /* w:abstractNum */
    Level levels[LEVELS];
    int counts[LEVELS]; /* -1: not met since the last higher one */
} List;

typedef struct Instance { /* w:num */
    int list;
    int restart[LEVELS]; /* w:startOverride, -1 for none; taken at the first use */
} Instance;

typedef struct Style {
    char *based_on; /* owned */
    int number, level;
} Style;

struct MgkDocxLists {
    GHashTable *lists, *instances, *styles; /* owned */
    /* while reading */
    List *list;
    Instance *instance;
    Style *style;
    int level;
};

static void list_free(gpointer data)
{
    List *list = data;
    for (guint i = 0; i < LEVELS; i++) {
        g_free(list->levels[i].format);
        g_free(list->levels[i].pattern);
    }
    g_free(list);
}

static void style_free(gpointer data)
{
    Style *style = data;
    g_free(style->based_on);
    g_free(style);
}

void mgk_docx_lists_free(MgkDocxLists *lists)
{
    if (!lists)
        return;
    g_hash_table_unref(lists->lists);
    g_hash_table_unref(lists->instances);
    g_hash_table_unref(lists->styles);
    g_free(lists);
}

static int number_of(const char *const *attributes, const char *name)
{
    const char *value = mgk_xml_events_get(attributes, name);
    return value ? (int)strtol(value, NULL, 10) : -1;
}

static int level_of(const char *const *attributes)
{
    return CLAMP(number_of(attributes, "w:ilvl"), 0, LEVELS - 1);
}

static void begin_list(MgkDocxLists *lists, int id)
{
    lists->list = g_new0(List, 1);
    for (guint i = 0; i < LEVELS; i++) {
        lists->list->levels[i].start = 1;
        lists->list->counts[i] = -1;
    }
    g_hash_table_replace(lists->lists, GINT_TO_POINTER(id), lists->list);
}

static void begin_instance(MgkDocxLists *lists, int id)
{
    lists->instance = g_new0(Instance, 1);
    for (guint i = 0; i < LEVELS; i++)
        lists->instance->restart[i] = -1;
    g_hash_table_replace(lists->instances, GINT_TO_POINTER(id), lists->instance);
}

static void replace(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static void on_numbering(gpointer user, const char *name, const char *const *attributes)
{
    MgkDocxLists *lists = user;
    Level *level = lists->list ? &lists->list->levels[lists->level] : NULL;
    if (strcmp(name, "w:abstractNum") == 0)
        begin_list(lists, number_of(attributes, "w:abstractNumId"));
    else if (strcmp(name, "w:num") == 0)
        begin_instance(lists, number_of(attributes, "w:numId"));
    else if (strcmp(name, "w:lvl") == 0 || strcmp(name, "w:lvlOverride") == 0)
        lists->level = level_of(attributes);
    else if (lists->instance && strcmp(name, "w:abstractNumId") == 0)
        lists->instance->list = number_of(attributes, "w:val");
    else if (lists->instance && strcmp(name, "w:startOverride") == 0)
        lists->instance->restart[lists->level] = number_of(attributes, "w:val");
    else if (level && !lists->instance && strcmp(name, "w:numFmt") == 0)
        replace(&level->format, mgk_xml_events_get(attributes, "w:val"));
    else if (level && !lists->instance && strcmp(name, "w:lvlText") == 0)
        replace(&level->pattern, mgk_xml_events_get(attributes, "w:val"));
    else if (level && !lists->instance && strcmp(name, "w:start") == 0)
        level->start = number_of(attributes, "w:val");
}

static void on_styles(gpointer user, const char *name, const char *const *attributes)
{
    MgkDocxLists *lists = user;
    if (strcmp(name, "w:style") == 0) {
        const char *id = mgk_xml_events_get(attributes, "w:styleId");
        lists->style = g_new0(Style, 1);
        lists->style->number = lists->style->level = -1;
        g_hash_table_replace(lists->styles, g_strdup(id ? id : ""), lists->style);
    } else if (!lists->style) {
        return;
    } else if (strcmp(name, "w:basedOn") == 0) {
        replace(&lists->style->based_on, mgk_xml_events_get(attributes, "w:val"));
    } else if (strcmp(name, "w:numId") == 0) {
        lists->style->number = number_of(attributes, "w:val");
    } else if (strcmp(name, "w:ilvl") == 0) {
        lists->style->level = number_of(attributes, "w:val");
    }
}

MgkDocxLists *mgk_docx_lists_new(MgkZip *zip, const char *numbering, const char *styles, GError **error)
{
    static const MgkXmlEvents numbering_events = {.start = on_numbering}, style_events = {.start = on_styles};
    g_autoptr(MgkDocxLists) lists = g_new0(MgkDocxLists, 1);
    lists->lists = g_hash_table_new_full(NULL, NULL, NULL, list_free);
    lists->instances = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    lists->styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, style_free);
    if ((numbering && !mgk_xml_events_read(zip, numbering, &numbering_events, lists, error)) ||
        (styles && !mgk_xml_events_read(zip, styles, &style_events, lists, error)))
        return NULL;
    return g_steal_pointer(&lists);
}

/* ---- numbers in words ---- */

/* The n-th (from 1) character of a row, and round again doubled as Word does: …, ン, アア. */
static char *from_row(const char *row, int n)
{
    glong length = g_utf8_strlen(row, -1);
    GString *text = g_string_new(NULL);
    const char *at = g_utf8_offset_to_pointer(row, (n - 1) % length);
    for (glong i = 0; i <= MIN((n - 1) / length, 8); i++)
        g_string_append_unichar(text, g_utf8_get_char(at));
    return g_string_free(text, FALSE);
}

static char *roman(int n)
{
    static const struct {
        int value;
        const char *text;
    } digits[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                  {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(digits); i++) {
        for (; n >= digits[i].value; n -= digits[i].value)
            g_string_append(text, digits[i].text);
    }
    return g_string_free(text, FALSE);
}

/* 十二, 百五, 三千: below ten thousand, as lists are. */
static char *kanji(int n)
{
    static const char *const digits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    static const char *const units[] = {"", "十", "百", "千"};
    GString *text = g_string_new(NULL);
    for (int unit = 3, scale = 1000; unit >= 0; unit--, scale /= 10) {
        int digit = n / scale % 10;
        if (digit > 1 || (digit == 1 && unit == 0))
            g_string_append(text, digits[digit]);
        if (digit > 0)
            g_string_append(text, units[unit]);
    }
    return g_string_free(text, FALSE);
}

/* Each decimal digit by its own sign: ０１２, 〇一二. */
static char *by_digits(int n, const char *row)
{
    g_autofree char *decimal = g_strdup_printf("%d", n);
    GString *text = g_string_new(NULL);
    for (const char *at = decimal; *at; at++)
        g_string_append_unichar(text, g_utf8_get_char(g_utf8_offset_to_pointer(row, *at - '0')));
    return g_string_free(text, FALSE);
}

static char *circled(int n)
{
    GString *text = g_string_new(NULL);
    if (n <= 20)
        g_string_append_unichar(text, (gunichar)(0x2460 + n - 1));
    else
        g_string_append_printf(text, "(%d)", n);
    return g_string_free(text, FALSE);
}

static const struct {
    const char *format, *row;
} rows[] = {
    {"upperLetter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"lowerLetter", "abcdefghijklmnopqrstuvwxyz"},
    {"aiueo", "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ"},
    {"aiueoFullWidth", "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"},
    {"iroha", "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳｨﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼｪﾋﾓｾｽﾝ"},
    {"irohaFullWidth",
     "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"}};

static char *in_format(const char *format, int n)
{
    if (!format || n <= 0 || n > 9999)
        return g_strdup_printf("%d", n);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].format, format) == 0)
            return from_row(rows[i].row, n);
    }
    if (strcmp(format, "upperRoman") == 0)
        return roman(n);
    if (strcmp(format, "lowerRoman") == 0) {
        g_autofree char *upper = roman(n);
        return g_ascii_strdown(upper, -1);
    }
    if (strcmp(format, "decimalFullWidth") == 0 || strcmp(format, "decimalFullWidth2") == 0)
        return by_digits(n, "０１２３４５６７８９");
    if (strcmp(format, "ideographDigital") == 0 || strcmp(format, "japaneseDigitalTenThousand") == 0)
        return by_digits(n, "〇一二三四五六七八九");
    if (g_str_has_suffix(format, "Counting"))
        return kanji(n);
    if (g_str_has_prefix(format, "decimalEnclosedCircle"))
        return circled(n);
    return g_strdup_printf(strcmp(format, "decimalZero") == 0 ? "%02d" : "%d", n);
}

/* ---- counting ---- */

static gboolean resolve_style(const MgkDocxLists *lists, const char *id, int *number, int *level)
{
    for (guint hops = 0; id && *number < 0 && hops < STYLE_CHAIN; hops++) {
        const Style *style = g_hash_table_lookup(lists->styles, id);
        if (!style)
            break;
        *number = style->number;
        if (*level < 0)
            *level = style->level;
        id = style->based_on;
    }
    return *number > 0; /* 0 takes a paragraph out of its style's list */
}

static void count(List *list, Instance *instance, int level)
{
    for (int i = 0; i <= level; i++) {
        if (instance->restart[i] >= 0) {
            list->counts[i] = i == level ? instance->restart[i] - 1 : instance->restart[i];
            instance->restart[i] = -1;
        } else if (list->counts[i] < 0) {
            list->counts[i] = list->levels[i].start - (i == level);
        }
    }
    list->counts[level]++;
    for (int i = level + 1; i < LEVELS; i++)
        list->counts[i] = -1;
}

/* "第%1条" with the counts filled in; bullets, which are mostly signs of a symbol font, become one of ours. */
static char *label(const List *list, int level)
{
    const char *format = list->levels[level].format, *pattern = list->levels[level].pattern;
    if (format && strcmp(format, "none") == 0)
        return NULL;
    if (format && strcmp(format, "bullet") == 0)
        return g_strdup("・");
    GString *text = g_string_new(NULL);
    for (const char *at = pattern ? pattern : ""; *at; at++) {
        int of = at[0] == '%' && g_ascii_isdigit(at[1]) ? at[1] - '1' : -1;
        if (of < 0 || of >= LEVELS) {
            g_string_append_c(text, *at);
            continue;
        }
        g_autofree char *number =
            in_format(list->levels[of].format, list->counts[of] < 0 ? list->levels[of].start : list->counts[of]);
        g_string_append(text, number);
        at++;
    }
    return g_string_free(text, text->len == 0);
}

char *mgk_docx_lists_next(MgkDocxLists *lists, const char *style, int number, int level)
{
    if (!resolve_style(lists, style, &number, &level))
        return NULL;
    Instance *instance = g_hash_table_lookup(lists->instances, GINT_TO_POINTER(number));
    List *list = instance ? g_hash_table_lookup(lists->lists, GINT_TO_POINTER(instance->list)) : NULL;
    if (!list)
        return NULL;
    level = CLAMP(level, 0, LEVELS - 1);
    count(list, instance, level);
    return label(list, level);
}
