#include "engines/gray_rows.h"

#include <string.h>

#define BLOCK 16  /* pixels */
#define COUNT 240 /* pixels that a counter of 8 bits can count */
#define SOFT 8    /* grays: the largest step of a gradient */
#define ALIKE G_GUINT64_CONSTANT(0x0101010101010101)

gboolean mgk_gray_row(const guint32 *pixels, guint width, guint8 *out)
{
    guint32 colored = 0;
    for (guint x = 0; x < width; x++) {
        colored |= pixels[x] ^ (pixels[x] >> 8);
        out[x] = (guint8)pixels[x];
    }
    return !(colored & 0xffff);
}

static void count_steps(const guint8 *row, guint n, MgkGrayStats *stats)
{
    guint8 steps = 0, soft = 0;
    for (guint i = 0; i < n; i++) {
        guint8 step = (guint8)(MAX(row[i], row[i + 1]) - MIN(row[i], row[i + 1]));
        steps = (guint8)(steps + (step > 0));
        soft = (guint8)(soft + (step > 0 && step <= SOFT));
    }
    stats->runs += steps;
    stats->soft += soft;
}

static gboolean one_gray(const guint8 *row, guint64 gray)
{
    guint64 two[2];
    memcpy(two, row, sizeof two);
    return two[0] == gray * ALIKE && two[1] == two[0];
}

void mgk_gray_look(const guint8 *row, guint width, MgkGrayStats *stats)
{
    guint x = 0;
    for (; width - x >= BLOCK; x += BLOCK) {
        if (one_gray(row + x, row[x])) {
            stats->areas[row[x]] += BLOCK;
            stats->known[row[x]] = 1;
            continue;
        }
        for (guint i = 0; i < BLOCK; i++)
            stats->known[row[x + i]] = 1;
    }
    for (; x < width; x++)
        stats->known[row[x]] = 1;
    stats->runs++;
    for (x = 0; x + 1 < width; x += COUNT)
        count_steps(row + x, MIN(width - 1 - x, COUNT), stats);
}

guint mgk_color_runs(const guint32 *pixels, guint width)
{
    guint runs = 1;
    for (guint x = 1; x < width; x++)
        runs += ((pixels[x] ^ pixels[x - 1]) & 0xffffff) != 0;
    return runs;
}

static void pack_four(const guint8 *row, guint width, const guint8 *table, guint8 *out)
{
    guint x = 0;
    for (; width - x >= BLOCK; x += BLOCK, out += BLOCK / 2) {
        if (one_gray(row + x, row[x])) {
            memset(out, table[row[x]] * 17, BLOCK / 2);
            continue;
        }
        for (guint i = 0; i < BLOCK / 2; i++)
            out[i] = (guint8)(table[row[x + 2 * i]] << 4 | table[row[x + 2 * i + 1]]);
    }
    for (; x + 1 < width; x += 2)
        *out++ = (guint8)(table[row[x]] << 4 | table[row[x + 1]]);
    if (x < width)
        *out = (guint8)(table[row[x]] << 4);
}

void mgk_gray_pack(const guint8 *row, guint width, const guint8 *table, guint bits, guint8 *out)
{
    guint byte = 0, filled = 0;
    if (bits == 4) {
        pack_four(row, width, table, out);
        return;
    }
    for (guint x = 0; x < width; x++) {
        byte = byte << bits | table[row[x]];
        filled += bits;
        if (filled == 8) {
            *out++ = (guint8)byte;
            filled = byte = 0;
        }
    }
    if (filled)
        *out = (guint8)(byte << (8 - filled));
}
