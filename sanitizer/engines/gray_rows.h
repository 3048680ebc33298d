/* gray_rows.h - rows of gray pixels, which most pages are made of, looked at many pixels at a time.
 *
 * The loops are written so that the compiler can make vector code of them. */
#pragma once

#include <glib.h>

typedef struct MgkGrayStats {
    guint8 known[256];  /* 1: this gray occurs */
    guint64 areas[256]; /* pixels in stretches of sixteen alike */
    guint64 runs;       /* pixels unlike the one before them, and the first of each row */
    guint64 soft;       /* steps of a few grays between neighbours: gradients have them, letters hardly */
} MgkGrayStats;

/* Takes the grays of a row (0x00RRGGBB, the high byte ignored) to out. FALSE when one of them is a colour; out is then
 * undefined. */
gboolean mgk_gray_row(const guint32 *pixels, guint width, guint8 *out);
/* Adds a row of at least one pixel to the statistics. */
void mgk_gray_look(const guint8 *row, guint width, MgkGrayStats *stats);
/* Pixels of a row (0x00RRGGBB, the high byte ignored) unlike the one before them, and the first. */
guint mgk_color_runs(const guint32 *pixels, guint width);
/* Packs a row of table's values, each of bits (1, 2, 4 or 8), the first pixel in the highest bits. */
void mgk_gray_pack(const guint8 *row, guint width, const guint8 *table, guint bits, guint8 *out);
