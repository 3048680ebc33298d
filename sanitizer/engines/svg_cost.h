/* svg_cost.h - how much a drawing grows when it is drawn: <use> and its kin may show the same thing again and again,
 * level upon level (a few kilobytes, a thousand million shapes). */
#pragma once

#include <glib.h>

typedef struct MgkSvgCost {
    guint64 elements; /* written */
    guint64 drawn;    /* when every reference is followed; G_MAXUINT64: too many to count */
    gboolean cyclic;  /* something shows itself */
} MgkSvgCost;

/* Reads a drawing of our own writer. FALSE when that is not what it is. */
gboolean mgk_svg_cost(const char *text, gsize length, MgkSvgCost *ret);
