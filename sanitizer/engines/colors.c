#include "engines/colors.h"

#include <string.h>

static guint slot_of(guint32 color)
{
    return (color * 2654435761u) >> 22;
}

void mgk_colors_reset(MgkColors *colors)
{
    colors->n = 0;
    memset(colors->slot, 0xff, sizeof colors->slot);
}

gint mgk_colors_find(const MgkColors *colors, guint32 color)
{
    for (guint at = slot_of(color);; at = (at + 1) % MGK_COLOR_SLOTS) {
        gint index = colors->slot[at];
        if (index < 0 || colors->color[index] == color)
            return index;
    }
}

void mgk_colors_add(MgkColors *colors, guint32 color)
{
    if (colors->n > MGK_MAX_COLORS || mgk_colors_find(colors, color) >= 0)
        return;
    if (colors->n == MGK_MAX_COLORS) {
        colors->n++;
        return;
    }
    guint at = slot_of(color);
    while (colors->slot[at] >= 0)
        at = (at + 1) % MGK_COLOR_SLOTS;
    colors->slot[at] = (gint16)colors->n;
    colors->color[colors->n++] = color;
}
