/* colors.h - the different colours of a picture, up to as many as a palette holds. */
#pragma once

#include <glib.h>

#define MGK_MAX_COLORS 256
#define MGK_COLOR_SLOTS 1024 /* a power of two */

typedef struct MgkColors {
    guint n; /* MGK_MAX_COLORS + 1: too many */
    guint32 color[MGK_MAX_COLORS];
    gint16 slot[MGK_COLOR_SLOTS]; /* index or -1 */
} MgkColors;

void mgk_colors_reset(MgkColors *colors);
/* Index of a colour, or -1 when it is not there. */
gint mgk_colors_find(const MgkColors *colors, guint32 color);
void mgk_colors_add(MgkColors *colors, guint32 color);
