#include "engines/bands.h"

#include <stdlib.h>
#include <string.h>

#define STRIP_ROWS 64
#define SLOTS 1024 /* of the colour table, a power of two */
#define MAX_COLORS 256
#define WHITE 0xffffffu
/* Share of pixels that differ from their left neighbour: above, palettes compress worse than a photograph's coding. */
#define BUSY_GRAY 0.5
#define BUSY_COLOR 0.35
#define BUSY_SMOOTH 0.6

typedef struct Colors {
    guint n; /* MAX_COLORS + 1: too many */
    guint32 color[MAX_COLORS];
    gint16 slot[SLOTS]; /* index or -1 */
} Colors;

typedef enum { LOOK_FILL, LOOK_EXACT, LOOK_GRAYS, LOOK_MERGED, LOOK_PHOTO_GRAY, LOOK_PHOTO } Look;

typedef struct Strip {
    guint y, rows;
    Look look;
    gboolean smooth;
    Colors colors;       /* complete for FILL and EXACT */
    guint64 levels[256]; /* GRAYS: pixels by gray */
    guint8 known[256];   /* grays that are in colors */
} Strip;

typedef struct Sender {
    MgkJob *job;
    const MgkPixels *pixels;
    guint8 *chunk; /* owned: MGK_PAGE_RECORD_BYTES */
    gsize filled;
} Sender;

static guint slot_of(guint32 color)
{
    return (color * 2654435761u) >> 22;
}

static void colors_reset(Colors *colors)
{
    colors->n = 0;
    memset(colors->slot, 0xff, sizeof colors->slot);
}

/* Index of a colour, or -1 when it is not there. */
static gint colors_find(const Colors *colors, guint32 color)
{
    for (guint at = slot_of(color);; at = (at + 1) % SLOTS) {
        gint index = colors->slot[at];
        if (index < 0 || colors->color[index] == color)
            return index;
    }
}

static void colors_add(Colors *colors, guint32 color)
{
    if (colors->n > MAX_COLORS || colors_find(colors, color) >= 0)
        return;
    if (colors->n == MAX_COLORS) {
        colors->n++;
        return;
    }
    guint at = slot_of(color);
    while (colors->slot[at] >= 0)
        at = (at + 1) % SLOTS;
    colors->slot[at] = (gint16)colors->n;
    colors->color[colors->n++] = color;
}

static const guint32 *row_of(const MgkPixels *pixels, guint y)
{
    return (const guint32 *)(gconstpointer)(pixels->data + (gsize)y * pixels->stride);
}

static gboolean is_gray(guint32 color)
{
    return ((color ^ (color >> 8)) & 0xffff) == 0;
}

typedef struct Scan {
    guint64 runs;
    gboolean gray;
} Scan;

/* Most pixels of a page are gray: those need no look into the table. */
static void note_color(Strip *strip, Scan *scan, guint32 color, guint pixels)
{
    guint level = color & 255;
    strip->levels[level] += pixels;
    scan->runs++;
    if (!is_gray(color))
        scan->gray = FALSE;
    else if (strip->known[level])
        return;
    else
        strip->known[level] = 1;
    colors_add(&strip->colors, color);
}

static void scan_row(const guint32 *row, guint width, Strip *strip, Scan *scan)
{
    guint start = 0;
    guint32 last = row[0] & WHITE;
    for (guint x = 1; x <= width; x++) {
        guint32 color = x < width ? row[x] & WHITE : ~last;
        if (color == last)
            continue;
        note_color(strip, scan, last, x - start);
        start = x;
        last = color;
    }
}

static Look look_of(const Strip *strip, const Scan *scan, double busy)
{
    guint n = strip->colors.n;
    if (n == 1)
        return LOOK_FILL;
    if (n <= 16)
        return LOOK_EXACT;
    if (scan->gray)
        return busy < BUSY_GRAY ? LOOK_GRAYS : LOOK_PHOTO_GRAY;
    if (busy < BUSY_COLOR)
        return n <= MAX_COLORS ? LOOK_EXACT : LOOK_MERGED;
    return LOOK_PHOTO;
}

static void look_at(const MgkPixels *pixels, guint y, guint rows, Strip *strip)
{
    Scan scan = {.gray = TRUE};
    strip->y = y;
    strip->rows = rows;
    colors_reset(&strip->colors);
    memset(strip->levels, 0, sizeof strip->levels);
    memset(strip->known, 0, sizeof strip->known);
    gsize rest = (pixels->width - 1) * sizeof(guint32);
    for (guint i = y; i < y + rows; i++) {
        const guint32 *row = row_of(pixels, i);
        if (rest && memcmp(row, row + 1, rest) != 0) {
            scan_row(row, pixels->width, strip, &scan);
            continue;
        }
        note_color(strip, &scan, row[0] & WHITE, pixels->width);
    }
    double busy = (double)scan.runs / ((double)pixels->width * rows);
    strip->look = look_of(strip, &scan, busy);
    strip->smooth = busy >= BUSY_SMOOTH;
}

static guint bits_for(guint n)
{
    return n <= 2 ? 1 : n <= 4 ? 2 : n <= 16 ? 4 : 8;
}

/* Takes the next strip into a group when both would be coded alike anyway. */
static gboolean join(Strip *group, const Strip *next, gsize row_bytes)
{
    if (group->look != next->look || (group->rows + next->rows + 1) * row_bytes > MGK_PAGE_BAND_BYTES)
        return FALSE;
    if (group->look == LOOK_FILL || group->look == LOOK_EXACT) {
        Colors both = group->colors;
        for (guint i = 0; i < next->colors.n; i++)
            colors_add(&both, next->colors.color[i]);
        guint bits = MAX(bits_for(group->colors.n), bits_for(next->colors.n));
        if (both.n > 1u << bits || (group->look == LOOK_FILL && both.n > 1))
            return FALSE;
        group->colors = both;
    }
    for (guint i = 0; i < 256; i++)
        group->levels[i] += next->levels[i];
    group->smooth = group->smooth && next->smooth;
    group->rows += next->rows;
    return TRUE;
}

/* ---- sending ---- */

static gboolean flush(Sender *sender, GError **error)
{
    gsize size = sender->filled;
    sender->filled = 0;
    return !size || sender->job->send(sender->job, MGK_PAGE_PIXELS, sender->chunk, size, error);
}

static gboolean begin_band(Sender *sender, const Strip *group, guint rows, MgkPageBand *band, const guint32 *colors,
                           GError **error)
{
    band->y = sender->pixels->top + group->y;
    band->width = sender->pixels->width;
    band->height = rows;
    return mgk_page_stream_send(sender->job, MGK_PAGE_BAND, band, sizeof *band, colors, band->n_colors * sizeof *colors,
                                error);
}

/* Room for one row, at most 8 bits less than a record. */
static guint8 *row_room(Sender *sender, gsize row_bytes, GError **error)
{
    if (sender->filled + row_bytes > MGK_PAGE_RECORD_BYTES && !flush(sender, error))
        return NULL;
    guint8 *room = sender->chunk + sender->filled;
    sender->filled += row_bytes;
    return room;
}

static guint distance(guint32 a, guint32 b)
{
    guint sum = 0;
    for (guint shift = 0; shift < 24; shift += 8)
        sum += (guint)abs((gint)(a >> shift & 255) - (gint)(b >> shift & 255));
    return sum;
}

static guint nearest(const guint32 *colors, guint n, guint32 color)
{
    guint best = 0;
    for (guint i = 1; i < n; i++) {
        if (distance(colors[i], color) < distance(colors[best], color))
            best = i;
    }
    return best;
}

/* How the colours of a band become indices. */
typedef struct Mapping {
    guint32 keep;       /* bits of a colour that count */
    const Colors *keys; /* masked colours by index */
    const guint32 *palette;
    guint n, bits;
} Mapping;

static guint index_of(const Mapping *mapping, guint32 color)
{
    gint index = colors_find(mapping->keys, color & mapping->keep);
    return index >= 0 ? (guint)index : nearest(mapping->palette, mapping->n, color);
}

static void pack_row(const Mapping *mapping, const guint32 *row, guint width, guint8 *out)
{
    guint32 last = row[0] & WHITE;
    guint index = index_of(mapping, last), bits = mapping->bits, filled = 0, byte = 0;
    for (guint x = 0; x < width; x++) {
        guint32 color = row[x] & WHITE;
        if (color != last) {
            last = color;
            index = index_of(mapping, color);
        }
        byte = byte << bits | index;
        filled += bits;
        if (filled == 8) {
            *out++ = (guint8)byte;
            filled = byte = 0;
        }
    }
    if (filled)
        *out = (guint8)(byte << (8 - filled));
}

static gboolean send_palette(Sender *sender, const Strip *group, guint rows, const Mapping *mapping, GError **error)
{
    MgkPageBand band = {.coding = MGK_CODING_PALETTE, .bits = mapping->bits, .n_colors = mapping->n};
    if (!begin_band(sender, group, rows, &band, mapping->palette, error))
        return FALSE;
    for (guint y = group->y; y < group->y + rows; y++) {
        guint8 *room = row_room(sender, mgk_page_stream_row_bytes(&band), error);
        if (!room)
            return FALSE;
        pack_row(mapping, row_of(sender->pixels, y), band.width, room);
    }
    return flush(sender, error);
}

static gboolean send_exact(Sender *sender, const Strip *group, guint rows, GError **error)
{
    Mapping mapping = {.keep = WHITE,
                       .keys = &group->colors,
                       .palette = group->colors.color,
                       .n = group->colors.n,
                       .bits = bits_for(group->colors.n)};
    return send_palette(sender, group, rows, &mapping, error);
}

/* Sixteen grays: those that cover areas exactly, the rest evenly, since smoothed edges need no more. */
static guint choose_grays(const Strip *group, guint32 *grays)
{
    guint64 total = 0;
    guint n = 0;
    gboolean taken[256] = {FALSE};
    for (guint i = 0; i < 256; i++)
        total += group->levels[i];
    for (guint round = 0; round < 8; round++) {
        guint best = 0;
        for (guint i = 1; i < 256; i++) {
            if (!taken[i] && (taken[best] || group->levels[i] > group->levels[best]))
                best = i;
        }
        if (taken[best] || group->levels[best] < total / 200)
            break;
        taken[best] = TRUE;
        grays[n++] = best;
    }
    for (guint i = 0; i < 16 && n < 16; i++) {
        guint level = i * 17;
        gboolean near = FALSE;
        for (guint k = 0; k < n; k++)
            near = near || abs((gint)grays[k] - (gint)level) < 6;
        if (!near)
            grays[n++] = level;
    }
    return n;
}

/* Are the chosen grays near enough on the whole? Smoothed letters are a few pixels in a hundred; a gradient is all. */
static gboolean suffice(const Strip *group, const guint32 *grays, const guint8 *table)
{
    guint64 total = 0, off = 0;
    for (guint level = 0; level < 256; level++) {
        total += group->levels[level];
        off += group->levels[level] * (guint64)abs((gint)level - (gint)grays[table[level]]);
    }
    return 2 * off <= total;
}

static gboolean send_all_grays(Sender *sender, const Strip *group, guint rows, GError **error)
{
    g_autofree Colors *keys = g_new(Colors, 1);
    colors_reset(keys);
    for (guint level = 0; level < 256; level++) {
        if (group->levels[level])
            colors_add(keys, level * 0x010101);
    }
    Mapping mapping = {.keep = WHITE, .keys = keys, .palette = keys->color, .n = keys->n, .bits = bits_for(keys->n)};
    return send_palette(sender, group, rows, &mapping, error);
}

static gboolean send_grays(Sender *sender, const Strip *group, guint rows, GError **error)
{
    guint32 grays[16] = {0}, palette[16];
    guint n = choose_grays(group, grays);
    for (guint i = 0; i < n; i++)
        palette[i] = grays[i] * 0x010101;
    guint8 table[256];
    for (guint level = 0; level < 256; level++)
        table[level] = (guint8)nearest(palette, n, level * 0x010101);
    if (!suffice(group, grays, table))
        return send_all_grays(sender, group, rows, error);
    MgkPageBand band = {.coding = MGK_CODING_PALETTE, .bits = 4, .n_colors = n};
    if (!begin_band(sender, group, rows, &band, palette, error))
        return FALSE;
    for (guint y = group->y; y < group->y + rows; y++) {
        guint8 *room = row_room(sender, mgk_page_stream_row_bytes(&band), error);
        if (!room)
            return FALSE;
        const guint32 *row = row_of(sender->pixels, y);
        guint x = 0;
        for (; x + 1 < band.width; x += 2)
            *room++ = (guint8)(table[row[x] & 255] << 4 | table[row[x + 1] & 255]);
        if (x < band.width)
            *room = (guint8)(table[row[x] & 255] << 4);
    }
    return flush(sender, error);
}

static gboolean send_photo(Sender *sender, const Strip *group, guint rows, gboolean gray, GError **error)
{
    MgkPageBand band = {
        .coding = gray ? MGK_CODING_GRAY : MGK_CODING_RGB, .bits = gray ? 8 : 24, .smooth = group->smooth};
    if (!begin_band(sender, group, rows, &band, NULL, error))
        return FALSE;
    for (guint y = group->y; y < group->y + rows; y++) {
        guint8 *room = row_room(sender, mgk_page_stream_row_bytes(&band), error);
        if (!room)
            return FALSE;
        const guint32 *row = row_of(sender->pixels, y);
        for (guint x = 0; x < band.width; x++) {
            if (!gray) {
                *room++ = (guint8)(row[x] >> 16);
                *room++ = (guint8)(row[x] >> 8);
            }
            *room++ = (guint8)row[x];
        }
    }
    return flush(sender, error);
}

/* More than 256 colours in long runs (smoothed edges between coloured areas): colours that differ in their low bits
 * share an entry, which is the one that covers the longest run, so that areas keep their colour. */
static gboolean merge_colors(const MgkPixels *pixels, const Strip *group, guint rows, guint32 keep, Colors *keys,
                             guint32 *palette)
{
    guint longest[MAX_COLORS] = {0};
    colors_reset(keys);
    for (guint y = group->y; y < group->y + rows; y++) {
        const guint32 *row = row_of(pixels, y);
        for (guint x = 0, end = 0; x < pixels->width; x = end) {
            guint32 color = row[x] & WHITE;
            for (end = x + 1; end < pixels->width && (row[end] & WHITE) == color; end++)
                ;
            colors_add(keys, color & keep);
            if (keys->n > MAX_COLORS)
                return FALSE;
            guint index = (guint)colors_find(keys, color & keep);
            if (end - x > longest[index]) {
                longest[index] = end - x;
                palette[index] = color;
            }
        }
    }
    return TRUE;
}

static gboolean send_merged(Sender *sender, const Strip *group, guint rows, GError **error)
{
    static const guint32 keeps[] = {0xfcfcfc, 0xf8f8f8, 0xf0f0f0};
    g_autofree Colors *keys = g_new(Colors, 1);
    guint32 palette[MAX_COLORS];
    for (guint i = 0; i < G_N_ELEMENTS(keeps); i++) {
        if (!merge_colors(sender->pixels, group, rows, keeps[i], keys, palette))
            continue;
        Mapping mapping = {.keep = keeps[i], .keys = keys, .palette = palette, .n = keys->n, .bits = bits_for(keys->n)};
        return send_palette(sender, group, rows, &mapping, error);
    }
    return send_photo(sender, group, rows, FALSE, error);
}

static gboolean is_white(const Strip *group)
{
    return group->look == LOOK_FILL && group->colors.color[0] == WHITE;
}

/* next: what will be painted over the row too many, or NULL */
static gboolean send_group(Sender *sender, const Strip *group, const Strip *next, GError **error)
{
    guint rows = group->rows + (next && !is_white(next) ? 1 : 0);
    switch (group->look) {
    case LOOK_FILL: {
        guint32 color = group->colors.color[0];
        MgkPageBand band = {.coding = MGK_CODING_FILL, .n_colors = 1};
        return is_white(group) || begin_band(sender, group, rows, &band, &color, error);
    }
    case LOOK_EXACT:
        return send_exact(sender, group, rows, error);
    case LOOK_GRAYS:
        return send_grays(sender, group, rows, error);
    case LOOK_MERGED:
        return send_merged(sender, group, rows, error);
    case LOOK_PHOTO_GRAY:
        return send_photo(sender, group, rows, TRUE, error);
    case LOOK_PHOTO:
        return send_photo(sender, group, rows, FALSE, error);
    }
    return TRUE;
}

gboolean mgk_bands_send(MgkJob *job, const MgkPixels *pixels, GError **error)
{
    g_autofree guint8 *chunk = g_malloc(MGK_PAGE_RECORD_BYTES);
    g_autofree Strip *group = g_new0(Strip, 1), *next = g_new0(Strip, 1);
    Sender sender = {.job = job, .pixels = pixels, .chunk = chunk};
    gsize row_bytes = (gsize)pixels->width * 3;
    if (row_bytes > MGK_PAGE_RECORD_BYTES) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "page_pixels: page too wide");
        return FALSE;
    }
    for (guint y = 0; y < pixels->height; y += STRIP_ROWS) {
        look_at(pixels, y, MIN(STRIP_ROWS, pixels->height - y), next);
        if (group->rows && join(group, next, row_bytes))
            continue;
        if (group->rows && !send_group(&sender, group, next, error))
            return FALSE;
        Strip *swap = group;
        group = next;
        next = swap;
    }
    return !group->rows || send_group(&sender, group, NULL, error);
}
