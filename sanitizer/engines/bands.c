#include "engines/bands.h"

#include "engines/colors.h"
#include "engines/gray_rows.h"

#include <stdlib.h>
#include <string.h>

#define STRIP_ROWS 64
#define MAX_COLORS MGK_MAX_COLORS
#define WHITE 0xffffffu
/* Share of pixels that differ from their left neighbour: above, palettes compress worse than a photograph's coding. */
#define BUSY_GRAY 0.5
#define BUSY_COLOR 0.35
#define BUSY_SMOOTH 0.6

typedef enum { LOOK_FILL, LOOK_EXACT, LOOK_GRAYS, LOOK_MERGED, LOOK_PHOTO_GRAY, LOOK_PHOTO } Look;

typedef struct Strip {
    guint y, rows;
    Look look;
    gboolean smooth;
    gboolean gray;      /* its rows are in the sender's grays */
    MgkColors colors;   /* complete for FILL and EXACT */
    MgkGrayStats grays; /* complete when it is gray */
} Strip;

typedef struct Sender {
    MgkJob *job;
    const MgkPixels *pixels;
    guint8 *grays; /* borrowed: width bytes a row */
    guint8 *chunk; /* borrowed: MGK_PAGE_RECORD_BYTES */
    gsize filled;
} Sender;

static const guint32 *row_of(const MgkPixels *pixels, guint y)
{
    return (const guint32 *)(gconstpointer)(pixels->data + (gsize)y * pixels->stride);
}

static gboolean is_gray(guint32 color)
{
    return ((color ^ (color >> 8)) & 0xffff) == 0;
}

static guint8 *grays_of(const Sender *sender, guint y)
{
    return sender->grays + (gsize)y * sender->pixels->width;
}

static gboolean take_grays(Sender *sender, Strip *strip)
{
    const MgkPixels *pixels = sender->pixels;
    for (guint y = strip->y; y < strip->y + strip->rows; y++) {
        if (!mgk_gray_row(row_of(pixels, y), pixels->width, grays_of(sender, y)))
            return FALSE;
    }
    for (guint y = strip->y; y < strip->y + strip->rows; y++)
        mgk_gray_look(grays_of(sender, y), pixels->width, &strip->grays);
    for (guint level = 0; level < 256; level++) {
        if (strip->grays.known[level])
            mgk_colors_add(&strip->colors, level * 0x010101);
    }
    return TRUE;
}

/* Most colours of a page are gray even where not all are: those need one look into the table each. */
static void add_row(MgkColors *colors, const guint32 *row, guint width, gboolean *known)
{
    guint32 last = ~row[0];
    for (guint x = 0; x < width && colors->n <= MAX_COLORS; x++) {
        guint32 color = row[x] & WHITE;
        if (color == last)
            continue;
        last = color;
        gboolean gray = is_gray(color);
        if (!gray || !known[color & 255])
            mgk_colors_add(colors, color);
        known[color & 255] |= gray;
    }
}

/* Returns the number of runs. */
static guint64 take_colors(const MgkPixels *pixels, Strip *strip)
{
    guint64 runs = 0;
    gboolean known[256] = {FALSE};
    for (guint y = strip->y; y < strip->y + strip->rows; y++) {
        add_row(&strip->colors, row_of(pixels, y), pixels->width, known);
        runs += mgk_color_runs(row_of(pixels, y), pixels->width);
    }
    return runs;
}

static Look look_of(const Strip *strip, double busy)
{
    guint n = strip->colors.n;
    if (n == 1)
        return LOOK_FILL;
    if (n <= 16)
        return LOOK_EXACT;
    if (strip->gray)
        return busy < BUSY_GRAY ? LOOK_GRAYS : LOOK_PHOTO_GRAY;
    if (busy < BUSY_COLOR)
        return n <= MAX_COLORS ? LOOK_EXACT : LOOK_MERGED;
    return LOOK_PHOTO;
}

static void look_at(Sender *sender, guint y, guint rows, Strip *strip)
{
    strip->y = y;
    strip->rows = rows;
    strip->grays = (MgkGrayStats){.runs = 0};
    mgk_colors_reset(&strip->colors);
    strip->gray = take_grays(sender, strip);
    guint64 runs = strip->gray ? strip->grays.runs : take_colors(sender->pixels, strip);
    double busy = (double)runs / ((double)sender->pixels->width * rows);
    strip->look = look_of(strip, busy);
    strip->smooth = busy >= BUSY_SMOOTH;
}

static guint bits_for(guint n)
{
    return n <= 2 ? 1 : n <= 4 ? 2 : n <= 16 ? 4 : 8;
}

/* Takes the next strip into a group when both would be coded alike anyway. */
static gboolean join(Strip *group, const Strip *next, guint width)
{
    gsize bytes = next->look == LOOK_PHOTO || next->look == LOOK_MERGED ? 3 : 1; /* a pixel, at most */
    if (group->look != next->look || (gsize)(group->rows + next->rows + 1) * width * bytes > MGK_PAGE_BAND_BYTES)
        return FALSE;
    if (group->look == LOOK_FILL || group->look == LOOK_EXACT) {
        MgkColors both = group->colors;
        for (guint i = 0; i < next->colors.n; i++)
            mgk_colors_add(&both, next->colors.color[i]);
        guint bits = MAX(bits_for(group->colors.n), bits_for(next->colors.n));
        if (both.n > 1u << bits || (group->look == LOOK_FILL && both.n > 1))
            return FALSE;
        group->colors = both;
    }
    for (guint i = 0; i < 256; i++) {
        group->grays.known[i] |= next->grays.known[i];
        group->grays.areas[i] += next->grays.areas[i];
    }
    group->grays.soft += next->grays.soft;
    group->gray = group->gray && next->gray;
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
    guint32 keep;          /* bits of a colour that count */
    const MgkColors *keys; /* masked colours by index */
    const guint32 *palette;
    guint n, bits;
} Mapping;

static guint index_of(const Mapping *mapping, guint32 color)
{
    gint index = mgk_colors_find(mapping->keys, color & mapping->keep);
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

static gboolean send_gray_palette(Sender *sender, const Strip *group, guint rows, const MgkPageBand *like,
                                  const guint32 *palette, const guint8 *table, GError **error)
{
    MgkPageBand band = *like;
    if (!begin_band(sender, group, rows, &band, palette, error))
        return FALSE;
    for (guint y = group->y; y < group->y + rows; y++) {
        guint8 *room = row_room(sender, mgk_page_stream_row_bytes(&band), error);
        if (!room)
            return FALSE;
        mgk_gray_pack(grays_of(sender, y), band.width, table, band.bits, room);
    }
    return flush(sender, error);
}

/* A band of grays, each as it is. */
static gboolean send_all_grays(Sender *sender, const Strip *group, guint rows, GError **error)
{
    guint32 palette[MAX_COLORS];
    guint8 table[256] = {0};
    MgkPageBand band = {.coding = MGK_CODING_PALETTE};
    for (guint level = 0; level < 256; level++) {
        if (!group->grays.known[level])
            continue;
        table[level] = (guint8)band.n_colors;
        palette[band.n_colors++] = level * 0x010101;
    }
    band.bits = bits_for(band.n_colors);
    return send_gray_palette(sender, group, rows, &band, palette, table, error);
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
static guint choose_grays(const guint64 *areas, guint64 total, guint8 *grays)
{
    guint n = 0;
    gboolean taken[256] = {FALSE};
    for (guint round = 0; round < 8; round++) {
        guint best = 0;
        for (guint i = 1; i < 256; i++) {
            if (!taken[i] && (taken[best] || areas[i] > areas[best]))
                best = i;
        }
        if (taken[best] || areas[best] < total / 500)
            break;
        taken[best] = TRUE;
        grays[n++] = (guint8)best;
    }
    for (guint i = 0; i < 16 && n < 16; i++) {
        gboolean near = FALSE;
        for (guint k = 0; k < n; k++)
            near = near || abs(grays[k] - (gint)i * 17) < 6;
        if (!near)
            grays[n++] = (guint8)(i * 17);
    }
    return n;
}

static guint8 nearest_gray(const guint8 *grays, guint n, guint level)
{
    guint best = 0;
    for (guint i = 1; i < n; i++) {
        if (abs(grays[i] - (gint)level) < abs(grays[best] - (gint)level))
            best = i;
    }
    return (guint8)best;
}

/* Sixteen grays, when they show all areas as they are and no gradient in steps. A letter's smoothed edges do not
 * matter. */
static gboolean send_grays(Sender *sender, const Strip *group, guint rows, GError **error)
{
    guint8 grays[16] = {0}, table[256];
    guint32 palette[16];
    guint64 total = (guint64)sender->pixels->width * group->rows, off = 0;
    guint n = choose_grays(group->grays.areas, total, grays);
    for (guint i = 0; i < n; i++)
        palette[i] = grays[i] * 0x010101u;
    for (guint level = 0; level < 256; level++) {
        table[level] = nearest_gray(grays, n, level);
        off += group->grays.areas[level] * (guint64)abs((gint)level - grays[table[level]]);
    }
    if (4 * off > total || 32 * group->grays.soft > total)
        return send_all_grays(sender, group, rows, error);
    MgkPageBand band = {.coding = MGK_CODING_PALETTE, .bits = 4, .n_colors = n};
    return send_gray_palette(sender, group, rows, &band, palette, table, error);
}

static void copy_colors(const guint32 *row, guint width, guint8 *out)
{
    for (guint x = 0; x < width; x++, out += 3) {
        out[0] = (guint8)(row[x] >> 16);
        out[1] = (guint8)(row[x] >> 8);
        out[2] = (guint8)row[x];
    }
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
        if (gray)
            memcpy(room, grays_of(sender, y), band.width);
        else
            copy_colors(row_of(sender->pixels, y), band.width, room);
    }
    return flush(sender, error);
}

/* More than 256 colours in long runs (smoothed edges between coloured areas): colours that differ in their low bits
 * share an entry, which is the one that covers the longest run, so that areas keep their colour. */
static gboolean merge_colors(const MgkPixels *pixels, const Strip *group, guint rows, guint32 keep, MgkColors *keys,
                             guint32 *palette)
{
    guint longest[MAX_COLORS] = {0};
    mgk_colors_reset(keys);
    for (guint y = group->y; y < group->y + rows; y++) {
        const guint32 *row = row_of(pixels, y);
        for (guint x = 0, end = 0; x < pixels->width; x = end) {
            guint32 color = row[x] & WHITE;
            for (end = x + 1; end < pixels->width && (row[end] & WHITE) == color; end++)
                ;
            mgk_colors_add(keys, color & keep);
            if (keys->n > MAX_COLORS)
                return FALSE;
            guint index = (guint)mgk_colors_find(keys, color & keep);
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
    g_autofree MgkColors *keys = g_new(MgkColors, 1);
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
        return group->gray ? send_all_grays(sender, group, rows, error) : send_exact(sender, group, rows, error);
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
    g_autofree guint8 *grays = g_malloc((gsize)pixels->width * pixels->height);
    g_autofree Strip *group = g_new0(Strip, 1), *next = g_new0(Strip, 1);
    Sender sender = {.job = job, .pixels = pixels, .grays = grays, .chunk = chunk};
    if ((gsize)pixels->width * 3 > MGK_PAGE_RECORD_BYTES) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "page_pixels: page too wide");
        return FALSE;
    }
    for (guint y = 0; y < pixels->height; y += STRIP_ROWS) {
        look_at(&sender, y, MIN(STRIP_ROWS, pixels->height - y), next);
        if (group->rows && join(group, next, pixels->width))
            continue;
        if (group->rows && !send_group(&sender, group, next, error))
            return FALSE;
        Strip *swap = group;
        group = next;
        next = swap;
    }
    return !group->rows || send_group(&sender, group, NULL, error);
}
