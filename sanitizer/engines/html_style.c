#include "engines/html_style.h"

#include <string.h>

#define VALUE_BYTES 256 /* of one declaration that are looked at */
#define MOST_RULES 4096
#define MOST_CLASSES 16 /* of one element */
#define BIT(property) (1U << (property))

typedef gint32 (*ValueFunc)(const char *value);

static gint32 read_all(const char *value)
{
    return strcmp(value, "all") == 0;
}

static gint32 read_rtl(const char *value)
{
    return strcmp(value, "rtl") == 0;
}

static gint32 read_reverse(const char *value)
{
    return strstr(value, "-reverse") != NULL;
}

static gint32 read_clipped(const char *value)
{
    return strstr(value, "hidden") != NULL || strcmp(value, "clip") == 0;
}

static gint32 read_position(const char *value)
{
    return strcmp(value, "absolute") == 0 || strcmp(value, "fixed") == 0;
}

static gint32 read_visibility(const char *value)
{
    return strcmp(value, "hidden") == 0 || strcmp(value, "collapse") == 0;
}

static gint32 read_override(const char *value)
{
    return strstr(value, "override") != NULL;
}

static gint32 read_pre(const char *value)
{
    if (strcmp(value, "pre") == 0)
        return 2;
    return g_str_has_prefix(value, "pre-") || strcmp(value, "break-spaces") == 0;
}

static gint32 read_list_none(const char *value)
{
    return strstr(value, "none") != NULL;
}

static gint32 read_transform(const char *value)
{
    return strcmp(value, "none") != 0 && strstr(value, "translate") == NULL;
}

static gint32 read_border(const char *value)
{
    return value[0] != '0' && strstr(value, "none") == NULL && (strstr(value, "solid") || strstr(value, "double"));
}

static gint32 read_clip(const char *value)
{
    return g_str_has_prefix(value, "rect(0") || g_str_has_prefix(value, "rect(1px") ||
           g_str_has_prefix(value, "inset(50%") || g_str_has_prefix(value, "inset(100%");
}

static gint32 read_align(const char *value)
{
    if (strcmp(value, "right") == 0 || strcmp(value, "end") == 0)
        return MGK_CSS_RIGHTWARD;
    return strcmp(value, "center") == 0 ? MGK_CSS_CENTER : MGK_CSS_START;
}

static gint32 read_display(const char *value)
{
    if (strcmp(value, "none") == 0)
        return MGK_CSS_NONE;
    if (strcmp(value, "block") == 0 || strcmp(value, "flex") == 0 || strcmp(value, "grid") == 0)
        return MGK_CSS_BLOCK;
    return strcmp(value, "inline") == 0 ? MGK_CSS_INLINE : MGK_CSS_OTHER;
}

/* A number with its unit in hundredths of px; percent and em, rem of ret_relative, else *ret_relative = FALSE. */
static gint32 length_of(const char *value, gboolean *ret_relative)
{
    char *end = NULL;
    double number = g_ascii_strtod(value, &end);
    *ret_relative = FALSE;
    if (end == value || !(number > -1e6 && number < 1e6))
        return MGK_CSS_UNKNOWN;
    double factor = 100;
    if (*end == '%' || g_str_has_prefix(end, "em")) {
        factor = *end == '%' ? 1 : 100;
        *ret_relative = TRUE;
    } else if (g_str_has_prefix(end, "rem")) {
        factor = 1600;
    } else if (g_str_has_prefix(end, "pt")) {
        factor = 400.0 / 3;
    } else if (g_str_has_prefix(end, "cm")) {
        factor = 3780;
    } else if (g_str_has_prefix(end, "in")) {
        factor = 9600;
    } else if (*end && *end != ' ' && *end != '!' && !g_str_has_prefix(end, "px")) {
        return number < 0 || number > 0 ? MGK_CSS_UNKNOWN : 0;
    }
    return (gint32)(number * factor);
}

static gint32 read_size(const char *value)
{
    gboolean relative;
    gint32 hundredths = length_of(value, &relative);
    if (hundredths == MGK_CSS_UNKNOWN)
        return hundredths;
    /* one em is about 16 px; 100 % of anything is far from nothing */
    return relative ? hundredths * 16 / 100 : hundredths / 100;
}

/* The more of above and below: "1px", "above sides", "above sides below …". */
static gint32 read_margin(const char *value)
{
    const char *below = value;
    for (guint i = 0; i < 2 && below; i++) {
        below = strchr(below, ' ');
        below = below ? below + strspn(below, " ") : NULL;
    }
    gint32 first = read_size(value), third = below ? read_size(below) : 0;
    return third == MGK_CSS_UNKNOWN ? first : MAX(first, third);
}

static gint32 read_font_size(const char *value)
{
    gboolean relative;
    if (g_ascii_isalpha(value[0]))
        return strcmp(value, "inherit") == 0 ? -100 : 1600;
    gint32 hundredths = length_of(value, &relative);
    if (hundredths == MGK_CSS_UNKNOWN || hundredths < 0)
        return MGK_CSS_UNKNOWN;
    return relative && hundredths > 0 ? -hundredths : hundredths;
}

static gint32 read_opacity(const char *value)
{
    double number = g_ascii_strtod(value, NULL);
    return (gint32)(CLAMP(number, 0, 1) * 100);
}

static gint32 read_color(const char *value)
{
    return mgk_html_color(value);
}

static gint32 read_image(const char *value)
{
    return strcmp(value, "none") == 0 ? MGK_CSS_TRANSPARENT : MGK_CSS_UNKNOWN;
}

static gint32 read_background(const char *value)
{
    if (strstr(value, "url(") || strstr(value, "gradient"))
        return MGK_CSS_UNKNOWN;
    for (const char *p = value; *p;) {
        while (*p == ' ')
            p++;
        gint32 color = *p ? mgk_html_color(p) : MGK_CSS_UNKNOWN;
        if (color != MGK_CSS_UNKNOWN)
            return color;
        while (*p && *p != ' ')
            p++;
    }
    return strstr(value, "none") ? MGK_CSS_TRANSPARENT : MGK_CSS_UNKNOWN;
}

typedef struct Property {
    const char *name;
    MgkCss id;
    ValueFunc read;
} Property;

static const Property properties[] = {
#define MGK_CSS_PROPERTY(id, name, how) {name, MGK_CSS_##id, read_##how},
#include "rules/css_properties.def"
#undef MGK_CSS_PROPERTY
};

static const Property *find_property(const char *name)
{
    gsize low = 0, high = G_N_ELEMENTS(properties);
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        int order = strcmp(properties[middle].name, name);
        if (order == 0)
            return &properties[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

gint32 mgk_html_style_get(const MgkHtmlStyle *style, MgkCss property, gint32 otherwise)
{
    return style->set & BIT(property) ? style->values[property] : otherwise;
}

static void set_property(MgkHtmlStyle *style, MgkCss id, gint32 value, gboolean important)
{
    if ((style->important & BIT(id)) && !important)
        return;
    /* an image does not take away the colour that was declared before it, but the text may stand on the image */
    if (id == MGK_CSS_BACKGROUND && value == MGK_CSS_TRANSPARENT && (style->set & BIT(id)))
        return;
    style->set |= BIT(id);
    if (important)
        style->important |= BIT(id);
    style->values[id] = value;
}

/* One "name:value" of clean text. */
static void declare(MgkHtmlStyle *style, const char *text, gsize length)
{
    const char *colon = memchr(text, ':', length);
    if (!colon)
        return;
    char name[32], value[VALUE_BYTES];
    gsize n = (gsize)(colon - text), v = MIN(length - n - 1, VALUE_BYTES - 1);
    if (n >= sizeof name)
        return;
    memcpy(name, text, n);
    name[n] = '\0';
    memcpy(value, colon + 1, v);
    value[v] = '\0';
    const Property *property = find_property(g_strstrip(name));
    if (!property)
        return;
    char *bang = strchr(value, '!');
    gboolean important = bang && strstr(bang, "important") != NULL;
    if (bang)
        *bang = '\0';
    set_property(style, property->id, property->read(g_strstrip(value)), important);
}

/* Lower case, without comments, escapes decoded: what is left has no more ways to be spelled. */
static GString *clean_css(const char *text, gsize length)
{
    GString *out = g_string_sized_new(length + 1);
    for (gsize i = 0; i < length; i++) {
        char c = text[i];
        if (c == '/' && i + 1 < length && text[i + 1] == '*') {
            const char *end = i + 3 < length ? g_strstr_len(text + i + 2, (gssize)(length - i - 2), "*/") : NULL;
            i = end ? (gsize)(end - text) + 1 : length;
        } else if (c == '\\' && i + 1 < length && g_ascii_isxdigit(text[i + 1])) {
            guint code = 0, digits = 0;
            while (digits < 6 && i + 1 < length && g_ascii_isxdigit(text[i + 1])) {
                code = code * 16 + (guint)g_ascii_xdigit_value(text[++i]);
                digits++;
            }
            if (i + 1 < length && g_ascii_isspace(text[i + 1]))
                i++;
            g_string_append_c(out, code >= 0x20 && code < 0x7f ? g_ascii_tolower((char)code) : '_');
        } else if (c) {
            g_string_append_c(out, g_ascii_isspace(c) ? ' ' : g_ascii_tolower(c));
        }
    }
    return out;
}

/* Where the declaration at p ends: a semicolon outside strings and parentheses. */
static const char *declaration_end(const char *p, const char *end)
{
    char quote = 0;
    guint depth = 0;
    for (; p < end; p++) {
        if (quote) {
            if (*p == quote)
                quote = 0;
        } else if (*p == '"' || *p == '\'') {
            quote = *p;
        } else if (*p == '(') {
            depth++;
        } else if (*p == ')' && depth > 0) {
            depth--;
        } else if (*p == ';' && depth == 0) {
            break;
        }
    }
    return p;
}

static void declare_all(MgkHtmlStyle *style, const char *text, gsize length)
{
    const char *end = text + length;
    for (const char *p = text; p < end; p++) {
        const char *stop = declaration_end(p, end);
        declare(style, p, (gsize)(stop - p));
        p = stop;
    }
}

gsize mgk_html_style_parse(MgkHtmlStyle *style, const char *text, gsize length)
{
    g_autoptr(GString) clean = clean_css(text, length);
    declare_all(style, clean->str, clean->len);
    return length;
}

static void merge(MgkHtmlStyle *into, const MgkHtmlStyle *from)
{
    for (guint id = 0; id < MGK_N_CSS; id++) {
        if (from->set & BIT(id))
            set_property(into, (MgkCss)id, from->values[id], (from->important & BIT(id)) != 0);
    }
}

/* Whether a selector is one element, class, id or element.class. */
static gboolean is_simple(const char *selector)
{
    gsize name = strspn(selector, "abcdefghijklmnopqrstuvwxyz0123456789");
    const char *rest = selector + name;
    if (!*rest)
        return name > 0;
    if (*rest != '.' && (*rest != '#' || name > 0))
        return FALSE;
    for (rest++; *rest; rest++) {
        if (strchr(".#:[>+~ *()", *rest))
            return FALSE;
    }
    return TRUE;
}

/* content:"…" of a pseudo-element that reads like words. */
static gboolean writes_words(const char *selector, const char *text, gsize length)
{
    if (!strstr(selector, ":before") && !strstr(selector, ":after"))
        return FALSE;
    const char *content = g_strstr_len(text, (gssize)length, "content");
    guint letters = 0;
    for (const char *p = content ? content + 7 : text + length; p < text + length && *p != ';'; p++)
        letters += g_ascii_isalnum(*p) || (guchar)*p >= 0xc0;
    return letters >= 2;
}

static void add_rule(MgkHtmlSheet *sheet, char *selector, const MgkHtmlStyle *style)
{
    g_strstrip(selector);
    const char *body =
        g_str_has_prefix(selector, "body ") || g_str_has_prefix(selector, "html ") ? selector + 5 : selector;
    if (!is_simple(body)) {
        sheet->unread_colors |= (style->set & BIT(MGK_CSS_BACKGROUND)) != 0;
        return;
    }
    MgkHtmlStyle *known = g_hash_table_lookup(sheet->rules, body);
    if (!known && g_hash_table_size(sheet->rules) < MOST_RULES) {
        known = g_new0(MgkHtmlStyle, 1);
        g_hash_table_insert(sheet->rules, g_strdup(body), known);
    }
    if (known)
        merge(known, style);
}

static void add_rules(MgkHtmlSheet *sheet, const char *prelude, gsize length, const MgkHtmlStyle *style)
{
    for (const char *p = prelude; p < prelude + length; p++) {
        const char *comma = memchr(p, ',', length - (gsize)(p - prelude));
        gsize n = comma ? (gsize)(comma - p) : length - (gsize)(p - prelude);
        if (n < VALUE_BYTES) {
            g_autofree char *selector = g_strndup(p, n);
            add_rule(sheet, selector, style);
        }
        p += n;
    }
}

/* Skips the block that opens at *p with all blocks inside. */
static const char *skip_block(const char *p, const char *end)
{
    guint depth = 0;
    for (; p < end; p++) {
        if (*p == '{')
            depth++;
        else if (*p == '}' && --depth == 0)
            return p + 1;
    }
    return end;
}

/* Whether an at-rule's block applies to a reader at a desk. */
static gboolean for_all(const char *prelude, gsize length)
{
    g_autofree char *rule = g_strstrip(g_strndup(prelude, MIN(length, 64)));
    return strcmp(rule, "@media all") == 0 || strcmp(rule, "@media screen") == 0;
}

void mgk_html_sheet_add(MgkHtmlSheet *sheet, const char *text, gsize length)
{
    if (!sheet->rules)
        sheet->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GString) clean = clean_css(text, length);
    const char *p = clean->str, *end = clean->str + clean->len;
    sheet->steps += length;
    while (p < end) {
        p += strspn(p, " }");
        if (g_str_has_prefix(p, "<!--") || g_str_has_prefix(p, "-->")) {
            p += *p == '<' ? 4 : 3;
            continue;
        }
        const char *open = p + strcspn(p, *p == '@' ? "{;" : "{");
        gsize n = (gsize)(open - p);
        if (*p == '@') {
            p = *open == '{' && !for_all(p, n) ? skip_block(open, end) : open + (open < end);
            continue;
        }
        if (open >= end)
            return;
        gsize body = strcspn(open + 1, "}");
        MgkHtmlStyle style = {.set = 0};
        declare_all(&style, open + 1, body);
        g_autofree char *prelude = g_strndup(p, n);
        sheet->tricks += writes_words(prelude, open + 1, body) ? 1 : 0;
        add_rules(sheet, prelude, n, &style);
        p = open + 1 + body;
    }
}

void mgk_html_sheet_clear(MgkHtmlSheet *sheet)
{
    g_clear_pointer(&sheet->rules, g_hash_table_unref);
}

static void apply_key(const MgkHtmlSheet *sheet, MgkHtmlStyle *style, const char *a, const char *b, gsize b_length)
{
    g_autofree char *key = g_strdup_printf("%s%.*s", a, (int)MIN(b_length, VALUE_BYTES), b);
    const MgkHtmlStyle *rule = g_hash_table_lookup(sheet->rules, key);
    if (rule)
        merge(style, rule);
}

static void apply_rules(const MgkHtmlSheet *sheet, const char *tag, const char *class_names, const char *id,
                        MgkHtmlStyle *style)
{
    apply_key(sheet, style, tag, "", 0);
    g_autofree char *classes = g_ascii_strdown(class_names ? class_names : "", -1);
    for (guint with_tag = 0; with_tag < 2; with_tag++) {
        const char *p = classes;
        for (guint n = 0; n < MOST_CLASSES; n++) {
            p += strspn(p, " \t\r\n\f");
            gsize length = strcspn(p, " \t\r\n\f");
            if (length == 0)
                break;
            g_autofree char *dotted = g_strconcat(with_tag ? tag : "", ".", NULL);
            apply_key(sheet, style, dotted, p, length);
            p += length;
        }
    }
    if (id) {
        g_autofree char *lower = g_ascii_strdown(id, -1);
        apply_key(sheet, style, "#", lower, strlen(lower));
    }
}

void mgk_html_sheet_apply(const MgkHtmlSheet *sheet, const char *tag, const char *class_names, const char *id,
                          const char *inline_style, MgkHtmlStyle *ret_style)
{
    *ret_style = (MgkHtmlStyle){.set = 0};
    if (sheet->rules)
        apply_rules(sheet, tag, class_names, id, ret_style);
    if (inline_style)
        mgk_html_style_parse(ret_style, inline_style, strlen(inline_style));
}
