/* The loops run over fixed blocks without branches so that the compiler turns them into vector code. */
#include "engines/png_filter.h"

#include <stdlib.h>
#include <string.h>

/* Choosing looks at one block of every SAMPLE_STRIDE bytes: enough to rank filters, a fraction of the work. */
#define SAMPLE_BYTES 64
#define SAMPLE_STRIDE 384
/* The filters worth trying: None is for palettes and bi-level rows, which never come here. */
static const MgkPngFilter candidates[] = {MGK_PNG_FILTER_PAETH, MGK_PNG_FILTER_SUB, MGK_PNG_FILTER_UP,
                                          MGK_PNG_FILTER_AVERAGE};

static guint8 paeth(guint8 left, guint8 up, guint8 corner)
{
    gint16 toward_up = (gint16)(left - corner), toward_left = (gint16)(up - corner);
    gint16 far_left = (gint16)abs(toward_left), far_up = (gint16)abs(toward_up);
    gint16 far_corner = (gint16)abs(toward_left + toward_up);
    guint8 vertical = far_up <= far_corner ? up : corner;
    return far_left <= far_up && far_left <= far_corner ? left : vertical;
}

/* Filters size bytes whose left neighbours exist in both rows. */
static void apply_inner(MgkPngFilter filter, guint8 *restrict out, const guint8 *restrict row,
                        const guint8 *restrict above, gsize size, gsize step)
{
    switch (filter) {
    case MGK_PNG_FILTER_SUB:
        for (gsize i = 0; i < size; i++)
            out[i] = (guint8)(row[i] - row[(gssize)i - (gssize)step]);
        break;
    case MGK_PNG_FILTER_UP:
        for (gsize i = 0; i < size; i++)
            out[i] = (guint8)(row[i] - above[i]);
        break;
    case MGK_PNG_FILTER_AVERAGE:
        for (gsize i = 0; i < size; i++)
            out[i] = (guint8)(row[i] - ((row[(gssize)i - (gssize)step] + above[i]) >> 1));
        break;
    case MGK_PNG_FILTER_PAETH:
        for (gsize i = 0; i < size; i++)
            out[i] = (guint8)(row[i] - paeth(row[(gssize)i - (gssize)step], above[i], above[(gssize)i - (gssize)step]));
        break;
    case MGK_PNG_FILTER_NONE:
    case MGK_N_PNG_FILTERS:
        memcpy(out, row, size);
        break;
    }
}

/* The first pixel of a row, whose left neighbours count as zero. */
static void apply_first(MgkPngFilter filter, guint8 *out, const guint8 *row, const guint8 *above, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        guint8 predicted = 0;
        if (filter == MGK_PNG_FILTER_UP || filter == MGK_PNG_FILTER_PAETH)
            predicted = above[i];
        else if (filter == MGK_PNG_FILTER_AVERAGE)
            predicted = above[i] >> 1;
        out[i] = (guint8)(row[i] - predicted);
    }
}

void mgk_png_filter_apply(MgkPngFilter filter, guint8 *out, const guint8 *row, const guint8 *above, gsize size,
                          guint step)
{
    gsize first = MIN(size, step);
    apply_first(filter, out, row, above, first);
    apply_inner(filter, out + first, row + first, above + first, size - first, step);
}

static guint residue(const guint8 *bytes)
{
    guint sum = 0;
    for (guint i = 0; i < SAMPLE_BYTES; i++)
        sum += (guint)abs((gint8)bytes[i]);
    return sum;
}

MgkPngFilter mgk_png_filter_choose(const guint8 *row, const guint8 *above, gsize size, guint step)
{
    guint64 cost[MGK_N_PNG_FILTERS] = {0};
    if (size < SAMPLE_BYTES + (gsize)step)
        return MGK_PNG_FILTER_SUB;
    for (gsize at = step; at <= size - SAMPLE_BYTES; at += SAMPLE_STRIDE) {
        for (guint i = 0; i < G_N_ELEMENTS(candidates); i++) {
            guint8 sample[SAMPLE_BYTES];
            apply_inner(candidates[i], sample, row + at, above + at, SAMPLE_BYTES, step);
            cost[candidates[i]] += residue(sample);
        }
    }
    MgkPngFilter best = candidates[0];
    for (guint i = 1; i < G_N_ELEMENTS(candidates); i++) {
        if (cost[candidates[i]] < cost[best])
            best = candidates[i];
    }
    return best;
}
