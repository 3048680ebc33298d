#include "engines/html_style.h"

#include <string.h>

typedef struct Color {
    const char *name;
    gint32 value;
} Color;

static const Color colors[] = {
#define MGK_CSS_COLOR(name, value) {name, value},
#include "rules/css_colors.def"
#undef MGK_CSS_COLOR
};

/* #rgb, #rgba, #rrggbb, #rrggbbaa; HTML attributes leave the # out. */
static gint32 hex_color(const char *digits, gsize n)
{
    guint v[8];
    if (n != 3 && n != 4 && n != 6 && n != 8)
        return MGK_CSS_UNKNOWN;
    for (gsize i = 0; i < n; i++) {
        if (!g_ascii_isxdigit(digits[i]))
            return MGK_CSS_UNKNOWN;
        v[i] = (guint)g_ascii_xdigit_value(digits[i]);
    }
    if ((n == 4 && v[3] == 0) || (n == 8 && v[6] == 0 && v[7] == 0))
        return MGK_CSS_TRANSPARENT;
    if (n <= 4)
        return (gint32)(v[0] * 17 << 16 | v[1] * 17 << 8 | v[2] * 17);
    return (gint32)(v[0] << 20 | v[1] << 16 | v[2] << 12 | v[3] << 8 | v[4] << 4 | v[5]);
}

/* rgb(1,2,3), rgba(1 2 3 / 0), in numbers or percent. */
static gint32 rgb_color(const char *p)
{
    double v[4] = {0, 0, 0, 1};
    guint n = 0;
    while (n < 4 && *p && *p != ')') {
        char *end = NULL;
        v[n] = g_ascii_strtod(p, &end);
        if (end == p)
            return MGK_CSS_UNKNOWN;
        if (*end == '%') {
            v[n] *= n < 3 ? 2.55 : 0.01;
            end++;
        }
        n++;
        p = end + strspn(end, " ,/");
    }
    if (n < 3)
        return MGK_CSS_UNKNOWN;
    if (v[3] < 0.02)
        return MGK_CSS_TRANSPARENT;
    guint rgb[3];
    for (guint i = 0; i < 3; i++)
        rgb[i] = (guint)(CLAMP(v[i], 0, 255) + 0.5);
    return (gint32)(rgb[0] << 16 | rgb[1] << 8 | rgb[2]);
}

gint32 mgk_html_color(const char *text)
{
    text += strspn(text, " \t\r\n");
    gsize n = strcspn(text, " \t\r\n;!");
    if (*text == '#')
        return hex_color(text + 1, n - 1);
    char name[24];
    if (g_ascii_strncasecmp(text, "rgb(", 4) == 0 || g_ascii_strncasecmp(text, "rgba(", 5) == 0)
        return rgb_color(strchr(text, '(') + 1);
    if (n == 0 || n >= sizeof name)
        return MGK_CSS_UNKNOWN;
    for (gsize i = 0; i < n; i++)
        name[i] = g_ascii_tolower(text[i]);
    name[n] = '\0';
    if (strcmp(name, "transparent") == 0)
        return MGK_CSS_TRANSPARENT;
    for (gsize i = 0; i < G_N_ELEMENTS(colors); i++) {
        if (strcmp(colors[i].name, name) == 0)
            return colors[i].value;
    }
    return n == 6 ? hex_color(name, n) : MGK_CSS_UNKNOWN;
}
