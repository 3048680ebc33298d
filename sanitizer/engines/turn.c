#include "engines/turn.h"

#include <string.h>

/* Turned rows are made this many at a time, so that each stored row is read in runs, not pixel by pixel. */
#define BAND 32

/* How to reach the stored picture from the shown one (EXIF 2.3, tag 0x112). */
typedef struct Way {
    gboolean swap, flip_x, flip_y; /* flips count in the stored picture */
} Way;

static const Way ways[9] = {
    [2] = {.flip_x = TRUE},
    [3] = {.flip_x = TRUE, .flip_y = TRUE},
    [4] = {.flip_y = TRUE},
    [5] = {.swap = TRUE},
    [6] = {.swap = TRUE, .flip_y = TRUE},
    [7] = {.swap = TRUE, .flip_x = TRUE, .flip_y = TRUE},
    [8] = {.swap = TRUE, .flip_x = TRUE},
};

struct MgkTurn {
    MgkRasterWriter *writer; /* owned */
    MgkRaster stored;
    Way way;
    guint pixel;      /* bytes of a pixel once unpacked */
    guint32 rows;     /* stored rows seen */
    guint8 *picture;  /* owned; the whole stored picture, unpacked; NULL when rows stream */
    guint8 *unpacked; /* owned; one stored row */
    guint8 *line;     /* owned; one shown row, packed */
};

static void swap_axes(MgkRaster *shown)
{
    guint32 width = shown->width, density = shown->density_x;
    guint8 sample = shown->sample_h;
    shown->width = shown->height;
    shown->height = width;
    shown->density_x = shown->density_y;
    shown->density_y = density;
    shown->sample_h = shown->sample_v;
    shown->sample_v = sample;
}

static gsize line_pixels(const MgkTurn *turn)
{
    return turn->way.swap ? turn->stored.height : turn->stored.width;
}

/* What is never written shows as in mgk_raster_writer_finish(). */
static guint8 blank_byte(const MgkRaster *raster)
{
    gboolean opaque = raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_RGB;
    if (!opaque || raster->has_key)
        return 0;
    return (guint8)(raster->depth < 8 ? (1u << raster->depth) - 1 : 0xff);
}

static void reserve(MgkTurn *turn)
{
    const MgkRaster *stored = &turn->stored;
    turn->pixel = MAX(1, mgk_raster_channels(stored) * stored->depth / 8);
    turn->unpacked = g_malloc((gsize)stored->width * turn->pixel);
    turn->line = g_malloc0(line_pixels(turn) * turn->pixel);
    if (!turn->way.swap && !turn->way.flip_y)
        return;
    turn->picture = g_malloc((gsize)stored->width * stored->height * turn->pixel); /* image_pixels × 8 at most */
}

MgkTurn *mgk_turn_new(MgkJob *job, const MgkRaster *raster, guint orientation, GError **error)
{
    g_autoptr(MgkTurn) turn = g_new0(MgkTurn, 1);
    MgkRaster shown = *raster;
    turn->stored = *raster;
    turn->way = ways[orientation <= 8 ? orientation : 1];
    if (turn->way.swap)
        swap_axes(&shown);
    turn->writer = mgk_raster_writer_new(job, &shown, error);
    if (!turn->writer)
        return NULL;
    if (turn->way.swap || turn->way.flip_x || turn->way.flip_y)
        reserve(turn);
    return g_steal_pointer(&turn);
}

void mgk_turn_free(MgkTurn *turn)
{
    if (!turn)
        return;
    mgk_raster_writer_free(turn->writer);
    g_free(turn->picture);
    g_free(turn->unpacked);
    g_free(turn->line);
    g_free(turn);
}

guint32 mgk_turn_rows(const MgkTurn *turn)
{
    return turn->rows;
}

static void unpack(const MgkRaster *raster, const guint8 *row, guint8 *pixels)
{
    guint mask = (1u << raster->depth) - 1;
    for (gsize x = 0, bit = 0; x < raster->width; x++, bit += raster->depth)
        pixels[x] = (guint8)((guint)(row[bit / 8] >> (8 - raster->depth - bit % 8)) & mask);
}

/* Packs a shown row in place: the bytes only ever move towards the front. */
static void pack(guint depth, guint8 *line, gsize n)
{
    for (gsize x = 0, bit = 0; x < n; x++, bit += depth) {
        guint value = (guint)line[x] << (8 - depth - bit % 8);
        line[bit / 8] = (guint8)(bit % 8 ? line[bit / 8] | value : value);
    }
}

static gboolean put_line(MgkTurn *turn, GError **error)
{
    if (turn->stored.depth < 8)
        pack(turn->stored.depth, turn->line, line_pixels(turn));
    return mgk_raster_writer_row(turn->writer, turn->line, error);
}

/* Sizes that occur, spelled out: a call to memcpy() for three bytes costs more than the bytes. */
static inline void copy_pixel(guint8 *out, const guint8 *in, gsize size)
{
    switch (size) {
    case 1:
        *out = *in;
        break;
    case 2:
        memcpy(out, in, 2);
        break;
    case 3:
        memcpy(out, in, 3);
        break;
    case 4:
        memcpy(out, in, 4);
        break;
    default:
        memcpy(out, in, size);
        break;
    }
}

static void mirror(const MgkTurn *turn, const guint8 *pixels, guint8 *out)
{
    gsize width = turn->stored.width, pixel = turn->pixel;
    for (gsize x = 0; x < width; x++)
        copy_pixel(out + x * pixel, pixels + (width - 1 - x) * pixel, pixel);
}

gboolean mgk_turn_row(MgkTurn *turn, const guint8 *row, GError **error)
{
    if (!turn->line) {
        turn->rows++;
        return mgk_raster_writer_row(turn->writer, row, error);
    }
    g_return_val_if_fail(turn->rows < turn->stored.height, FALSE);
    gsize size = (gsize)turn->stored.width * turn->pixel;
    const guint8 *pixels = row;
    if (turn->stored.depth < 8) {
        unpack(&turn->stored, row, turn->unpacked);
        pixels = turn->unpacked;
    }
    guint32 y = turn->rows++;
    if (turn->picture) {
        memcpy(turn->picture + y * size, pixels, size);
        return TRUE;
    }
    mirror(turn, pixels, turn->line);
    return put_line(turn, error);
}

/* Shown rows first to first + n - 1 of a picture whose axes change places: stored columns. */
static void gather(const MgkTurn *turn, guint32 first, guint32 n, guint8 *out)
{
    gsize width = turn->stored.width, height = turn->stored.height, pixel = turn->pixel;
    for (gsize at = 0; at < height; at++) {
        gsize y = turn->way.flip_y ? height - 1 - at : at;
        const guint8 *row = turn->picture + y * width * pixel;
        for (gsize i = 0; i < n; i++) {
            gsize x = turn->way.flip_x ? width - 1 - (first + i) : first + i;
            copy_pixel(out + (i * height + at) * pixel, row + x * pixel, pixel);
        }
    }
}

static gboolean put_swapped(MgkTurn *turn, GError **error)
{
    gsize line = turn->stored.height * (gsize)turn->pixel;
    g_autofree guint8 *band = g_malloc(line * BAND);
    for (guint32 first = 0; first < turn->stored.width; first += BAND) {
        guint32 n = MIN(BAND, turn->stored.width - first);
        gather(turn, first, n, band);
        for (guint32 i = 0; i < n; i++) {
            memcpy(turn->line, band + i * line, line);
            if (!put_line(turn, error))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean put_upright(MgkTurn *turn, GError **error)
{
    gsize size = (gsize)turn->stored.width * turn->pixel;
    for (guint32 i = 0; i < turn->stored.height; i++) {
        const guint8 *row = turn->picture + (turn->stored.height - 1 - i) * size;
        if (turn->way.flip_x)
            mirror(turn, row, turn->line);
        else
            memcpy(turn->line, row, size);
        if (!put_line(turn, error))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_turn_finish(MgkTurn *turn, GError **error)
{
    gsize size = (gsize)turn->stored.width * turn->pixel;
    if (turn->picture)
        memset(turn->picture + turn->rows * size, blank_byte(&turn->stored), (turn->stored.height - turn->rows) * size);
    if (turn->picture && !(turn->way.swap ? put_swapped(turn, error) : put_upright(turn, error)))
        return FALSE;
    return mgk_raster_writer_finish(turn->writer, error);
}
