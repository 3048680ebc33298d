/* png_filter.h - PNG's five row filters (PNG 3rd edition, section 9), forwards. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_PNG_FILTER_NONE,
    MGK_PNG_FILTER_SUB,
    MGK_PNG_FILTER_UP,
    MGK_PNG_FILTER_AVERAGE,
    MGK_PNG_FILTER_PAETH,
    MGK_N_PNG_FILTERS
} MgkPngFilter;

/* Filters one row of size bytes into out (no overlap). above is the raw row before it, zeros for the first; step the
 * bytes of a whole pixel, at least 1. */
void mgk_png_filter_apply(MgkPngFilter filter, guint8 *out, const guint8 *row, const guint8 *above, gsize size,
                          guint step);
/* The filter that leaves the smallest residues (minimum sum of absolute differences) on samples taken along the row. */
MgkPngFilter mgk_png_filter_choose(const guint8 *row, const guint8 *above, gsize size, guint step);
