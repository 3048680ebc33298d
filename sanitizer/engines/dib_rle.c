/* Run-length coding: pairs of a count and a pixel (RLE4: two pixels in turn; RLE24: three bytes); a count of zero
 * introduces the end of a line, the end of all, a step aside, or pixels one by one, padded to an even length. */
#include "engines/dib_internal.h"

#include <string.h>

typedef struct Runs {
    MgkDib *dib;
    gsize at;
    guint32 x, y;
    guint unit; /* bytes of an unpacked pixel */
} Runs;

static void put(Runs *runs, const guint8 *pixel)
{
    const MgkRaster *raster = &runs->dib->raster;
    if (runs->x < raster->width && runs->y < raster->height)
        memcpy(runs->dib->unpacked + ((gsize)runs->y * raster->width + runs->x) * runs->unit, pixel, runs->unit);
    runs->x += runs->x < raster->width;
}

/* The n-th pixel of those that begin at bytes. */
static const guint8 *pixel_at(const Runs *runs, const guint8 *bytes, guint n, guint8 *half)
{
    if (runs->dib->coding != MGK_DIB_RLE4)
        return bytes + (gsize)n * runs->unit;
    *half = n % 2 ? bytes[n / 2] & 15 : bytes[n / 2] >> 4;
    return half;
}

static gsize stored_bytes(const Runs *runs, guint n)
{
    return runs->dib->coding == MGK_DIB_RLE4 ? (n + 1) / 2 : (gsize)n * runs->unit;
}

/* n pixels of one value (RLE4: of two in turn). */
static gboolean run(Runs *runs, guint n)
{
    guint8 half;
    if (runs->unit > runs->dib->size - runs->at)
        return FALSE;
    const guint8 *value = runs->dib->data + runs->at;
    for (guint i = 0; i < n; i++)
        put(runs, pixel_at(runs, value, runs->dib->coding == MGK_DIB_RLE4 ? i % 2 : 0, &half));
    runs->at += runs->unit;
    return TRUE;
}

static gboolean one_by_one(Runs *runs, guint n)
{
    guint8 half;
    gsize bytes = stored_bytes(runs, n);
    if (bytes > runs->dib->size - runs->at)
        return FALSE;
    for (guint i = 0; i < n; i++)
        put(runs, pixel_at(runs, runs->dib->data + runs->at, i, &half));
    runs->at += MIN(bytes + bytes % 2, runs->dib->size - runs->at);
    return TRUE;
}

static gboolean step_aside(Runs *runs)
{
    if (runs->dib->size - runs->at < 2)
        return FALSE;
    runs->x = MIN(runs->x + runs->dib->data[runs->at], runs->dib->raster.width);
    runs->y = MIN(runs->y + runs->dib->data[runs->at + 1], runs->dib->raster.height);
    runs->at += 2;
    return TRUE;
}

/* One command. FALSE at the end of the picture or of the data. */
static gboolean obey(Runs *runs)
{
    const MgkDib *dib = runs->dib;
    if (dib->size - runs->at < 2)
        return FALSE;
    guint count = dib->data[runs->at++];
    if (count > 0)
        return run(runs, count);
    guint what = dib->data[runs->at++];
    switch (what) {
    case 0:
        runs->x = 0;
        runs->y++;
        return runs->y < dib->raster.height;
    case 1:
        runs->y = dib->raster.height;
        return FALSE;
    case 2:
        return step_aside(runs);
    default:
        return one_by_one(runs, what);
    }
}

void mgk_dib_unpack(MgkDib *dib)
{
    Runs runs = {.dib = dib, .at = dib->pixels, .unit = dib->coding == MGK_DIB_RLE24 ? 3 : 1};
    dib->unpacked = g_malloc0((gsize)dib->raster.width * dib->raster.height * runs.unit);
    while (obey(&runs))
        ;
    gboolean last_line = runs.y + 1 == dib->raster.height && runs.x == dib->raster.width;
    dib->rows_there = last_line ? dib->raster.height : MIN(runs.y, dib->raster.height);
    dib->end = runs.at;
    if (dib->size - runs.at >= 2 && dib->data[runs.at] == 0 && dib->data[runs.at + 1] == 1)
        dib->end += 2; /* the end of all behind the end of the last line */
}
