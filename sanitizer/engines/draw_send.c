#include "engines/draw_send.h"

#include "engines/colors.h"
#include "engines/gray_rows.h"
#include "engines/page_stream.h"

#include <math.h>
#include <string.h>

#define FLUSH_BYTES (512 * 1024)
#define MOST_WORDS 3000000 /* of one page: beyond, pixels are smaller and sooner there */
#define WHITE 0xffffffu
/* Share of pixels that differ from their left neighbour: above, a photograph's coding is smaller than a palette. */
#define BUSY_GRAY 0.5
#define BUSY_COLOR 0.35
#define BUSY_SMOOTH 0.6
#define FEW_COLORS 16

typedef struct Sender {
    MgkJob *job;
    const MgkDrawRecord *record;
    GByteArray *buffer;                 /* owned: operations not yet sent */
    GHashTable *shapes;                 /* number in the record → number on the page + 1 */
    GArray *shape_list;                 /* of guint32: those to be sent, in the page's order */
    guint32 images;                     /* sent */
    guint open[MGK_DRAW_MAX_DEPTH + 1]; /* clips in force, outermost first */
    guint depth;
} Sender;

static guint32 tail_words(const MgkDrawOp *op)
{
    guint32 small = op->type == MGK_DRAW_FILL ? 2 * op->n_small : op->n_small;
    return small + (op->type == MGK_DRAW_GLYPHS ? 3 * op->n_path : op->n_path);
}

static guint64 area_of(const MgkDrawPicture *picture)
{
    guint64 width = 0, height = 0;
    for (guint i = 0; i < 2; i++) {
        cairo_surface_t *surface = i ? picture->mask : picture->base;
        width = surface ? MAX(width, (guint64)cairo_image_surface_get_width(surface)) : width;
        height = surface ? MAX(height, (guint64)cairo_image_surface_get_height(surface)) : height;
    }
    return width * height;
}

gboolean mgk_draw_fits(const MgkDrawRecord *record, const MgkLimits *limits)
{
    guint64 words = 0, area = 0, largest = 0;
    const guint64 head = sizeof(MgkDrawOp) / sizeof(guint32), most = MGK_PAGE_RECORD_BYTES / sizeof(guint32) - head;
    guint images = 0;
    for (guint i = 0; i < record->clips->len; i++) {
        guint n = g_array_index(record->clips, MgkDrawClip, i).n_path;
        if (n > most)
            return FALSE;
    }
    for (guint i = 0; i < record->drawn->len; i++) {
        const MgkDrawn *drawn = &g_array_index(record->drawn, MgkDrawn, i);
        if (!drawn->op.type)
            continue;
        if (tail_words(&drawn->op) > most)
            return FALSE;
        guint clip = drawn->clip ? g_array_index(record->clips, MgkDrawClip, drawn->clip - 1).n_path : 0;
        words += 2 * head + tail_words(&drawn->op) + clip;
        if (drawn->op.type != MGK_DRAW_IMAGE)
            continue;
        guint64 pixels = area_of(&g_array_index(record->pictures, MgkDrawPicture, drawn->op.image));
        images++;
        area += pixels;
        largest = MAX(largest, pixels);
    }
    return !record->over && largest <= limits->page_pixels && area <= 4 * limits->page_pixels && words <= MOST_WORDS &&
           images <= MGK_DRAW_MAX_IMAGES / 4;
}

/* ---- shapes ---- */

static guint32 shape_on_page(Sender *sender, guint32 shape)
{
    gpointer known = g_hash_table_lookup(sender->shapes, GUINT_TO_POINTER(shape));
    if (known)
        return GPOINTER_TO_UINT(known) - 1;
    g_array_append_val(sender->shape_list, shape);
    g_hash_table_insert(sender->shapes, GUINT_TO_POINTER(shape), GUINT_TO_POINTER(sender->shape_list->len));
    return sender->shape_list->len - 1;
}

static gboolean send_shapes(Sender *sender, GError **error)
{
    const MgkDrawRecord *record = sender->record;
    for (guint i = 0; i < record->drawn->len; i++) {
        const MgkDrawn *drawn = &g_array_index(record->drawn, MgkDrawn, i);
        for (guint k = 0; drawn->op.type == MGK_DRAW_GLYPHS && k < drawn->op.n_path; k++)
            shape_on_page(sender, g_array_index(record->words, guint32, drawn->path + 3 * k));
    }
    for (guint i = 0; i < sender->shape_list->len; i++) {
        const guint32 *path;
        guint32 number = g_array_index(sender->shape_list, guint32, i);
        const MgkDrawShape *shape = mgk_draw_shapes_get(record->shapes, number, &path);
        g_byte_array_append(sender->buffer, (const guint8 *)shape, sizeof *shape);
        g_byte_array_append(sender->buffer, (const guint8 *)path, shape->n_path * (guint)sizeof *path);
        if (sender->buffer->len < FLUSH_BYTES && i + 1 < sender->shape_list->len)
            continue;
        if (!sender->job->send(sender->job, MGK_PAGE_SHAPES, sender->buffer->data, sender->buffer->len, error))
            return FALSE;
        g_byte_array_set_size(sender->buffer, 0);
    }
    return TRUE;
}

/* ---- operations ---- */

static gboolean flush(Sender *sender, GError **error)
{
    gboolean ok = !sender->buffer->len ||
                  sender->job->send(sender->job, MGK_PAGE_DRAW, sender->buffer->data, sender->buffer->len, error);
    g_byte_array_set_size(sender->buffer, 0);
    return ok;
}

static const guint32 *words_at(const Sender *sender, guint first)
{
    return (const guint32 *)(gconstpointer)sender->record->words->data + first;
}

static gboolean put(Sender *sender, const MgkDrawOp *op, const guint32 *small, const guint32 *path, GError **error)
{
    guint n_small = op->type == MGK_DRAW_FILL ? 2 * op->n_small : op->n_small;
    guint n_path = tail_words(op) - n_small;
    gsize size = sizeof *op + ((gsize)n_small + n_path) * sizeof(guint32);
    if (sender->buffer->len + size > MGK_PAGE_RECORD_BYTES && !flush(sender, error))
        return FALSE;
    g_byte_array_append(sender->buffer, (const guint8 *)op, sizeof *op);
    g_byte_array_append(sender->buffer, (const guint8 *)small, n_small * (guint)sizeof *small);
    g_byte_array_append(sender->buffer, (const guint8 *)path, n_path * (guint)sizeof *path);
    return sender->buffer->len < FLUSH_BYTES || flush(sender, error);
}

static const MgkDrawClip *clip_at(const Sender *sender, guint number)
{
    return &g_array_index(sender->record->clips, MgkDrawClip, number - 1);
}

/* Closes clips until only those are open that `number` is inside. */
static gboolean close_to(Sender *sender, guint number, GError **error)
{
    static const guint32 none[1];
    const MgkDrawOp unclip = {.type = MGK_DRAW_UNCLIP};
    for (;;) {
        guint ancestor = number;
        while (ancestor && clip_at(sender, ancestor)->depth > sender->depth)
            ancestor = clip_at(sender, ancestor)->parent;
        gboolean inside = sender->depth == 0 || (ancestor && sender->open[sender->depth - 1] == ancestor);
        if (inside)
            return TRUE;
        sender->depth--;
        if (!put(sender, &unclip, none, none, error))
            return FALSE;
    }
}

static gboolean open_clips(Sender *sender, guint number, GError **error)
{
    if (!number || clip_at(sender, number)->depth <= sender->depth)
        return TRUE;
    const MgkDrawClip *clip = clip_at(sender, number);
    if (!open_clips(sender, clip->parent, error))
        return FALSE;
    MgkDrawOp op = {.type = MGK_DRAW_CLIP, .rule = clip->rule, .n_path = clip->n_path};
    const guint32 *path = words_at(sender, clip->path);
    sender->open[sender->depth++] = number;
    return put(sender, &op, path, path, error);
}

/* ---- pictures ---- */

/* A part of a picture's rows, in the form that crosses. */
typedef struct Strip {
    gint width, top, rows;
    cairo_surface_t *base, *mask; /* borrowed */
    guint32 color;
    gboolean alpha; /* the base brings its own mask along */
} Strip;

static const guint8 *row_of(cairo_surface_t *surface, gint y)
{
    return cairo_image_surface_get_data(surface) + (gsize)y * (gsize)cairo_image_surface_get_stride(surface);
}

/* One row of the strip's colours, 0xRRGGBB; white where nothing shows. The base may have other sides than the mask. */
static void colors_of_row(const Strip *strip, gint y, const guint8 *mask, guint32 *out)
{
    gint width = cairo_image_surface_get_width(strip->base), height = cairo_image_surface_get_height(strip->base);
    gint rows = strip->mask ? cairo_image_surface_get_height(strip->mask) : height;
    const guint32 *in = (const guint32 *)(gconstpointer)row_of(
        strip->base, (gint)((gint64)(strip->top + y) * height / MAX(rows, height)));
    for (gint x = 0; x < strip->width; x++) {
        guint32 color = in[(gint)((gint64)x * width / strip->width)], alpha = color >> 24;
        if (strip->alpha && alpha && alpha < 255) {
            guint32 red = (color >> 16 & 255) * 255 / alpha, green = (color >> 8 & 255) * 255 / alpha,
                    blue = (color & 255) * 255 / alpha;
            color = MIN(red, 255) << 16 | MIN(green, 255) << 8 | MIN(blue, 255);
        }
        out[x] = mask && !mask[x] ? WHITE : color & WHITE;
    }
}

static void mask_of_row(const Strip *strip, gint y, guint8 *out)
{
    gint at = strip->top + y;
    if (strip->alpha) {
        const guint32 *in = (const guint32 *)(gconstpointer)row_of(strip->base, at);
        for (gint x = 0; x < strip->width; x++)
            out[x] = (guint8)(in[x] >> 24);
        return;
    }
    gint width = cairo_image_surface_get_width(strip->mask), height = cairo_image_surface_get_height(strip->mask);
    gint rows = strip->base ? MAX(cairo_image_surface_get_height(strip->base), height) : height;
    const guint8 *in = row_of(strip->mask, (gint)((gint64)at * height / rows));
    for (gint x = 0; x < strip->width; x++)
        out[x] = in[(gint)((gint64)x * width / strip->width)];
}

/* The coding that shows the colours best in few bytes; palette and bits go into *head. */
static void choose_coding(const guint32 *pixels, gsize n, guint width, MgkColors *colors, MgkPageImage *head)
{
    gboolean gray = TRUE;
    guint64 runs = 0;
    guint32 last = ~pixels[0];
    mgk_colors_reset(colors);
    for (gsize i = 0; i < n; i++) {
        gboolean same = pixels[i] == last && i % width;
        last = pixels[i];
        if (same)
            continue;
        runs++;
        gray = gray && ((last ^ last >> 8) & 0xffff) == 0;
        mgk_colors_add(colors, last);
    }
    double busy = (double)runs / (double)n;
    guint most = colors->n;
    if (most <= FEW_COLORS || (most <= MGK_MAX_COLORS && busy < (gray ? BUSY_GRAY : BUSY_COLOR))) {
        head->coding = MGK_CODING_PALETTE;
        head->n_colors = most;
        head->bits = most <= 2 ? 1 : most <= 4 ? 2 : most <= 16 ? 4 : 8;
        return;
    }
    head->coding = gray ? MGK_CODING_GRAY : MGK_CODING_RGB;
    head->bits = gray ? 8 : 24;
    head->smooth = busy >= BUSY_SMOOTH;
}

static void pack_row(const MgkPageImage *head, const MgkColors *colors, const guint32 *row, guint8 *out)
{
    guint32 last = ~row[0], index = 0;
    for (guint x = 0; x < head->width; x++) {
        if (head->coding == MGK_CODING_RGB) {
            out[3 * x] = (guint8)(row[x] >> 16);
            out[3 * x + 1] = (guint8)(row[x] >> 8);
            out[3 * x + 2] = (guint8)row[x];
        } else if (head->coding == MGK_CODING_GRAY) {
            out[x] = (guint8)row[x];
        } else {
            if (row[x] != last)
                index = (guint32)mgk_colors_find(colors, row[x]);
            last = row[x];
            out[x * head->bits / 8] |= (guint8)(index << (8 - head->bits - x * head->bits % 8));
        }
    }
}

static gboolean send_bytes(Sender *sender, const guint8 *data, gsize size, GError **error)
{
    for (gsize at = 0; at < size;) {
        gsize n = MIN(size - at, MGK_PAGE_RECORD_BYTES);
        if (!sender->job->send(sender->job, MGK_PAGE_PIXELS, data + at, n, error))
            return FALSE;
        at += n;
    }
    return TRUE;
}

static gboolean send_strip(Sender *sender, const Strip *strip, GError **error)
{
    gsize width = (gsize)strip->width, rows = (gsize)strip->rows, n = width * rows;
    gboolean masked = strip->mask || strip->alpha;
    g_autofree guint8 *mask = masked ? g_malloc(n) : NULL;
    g_autofree guint32 *pixels = strip->base ? g_new(guint32, n) : NULL;
    g_autofree MgkColors *colors = g_new0(MgkColors, 1);
    MgkPageImage head = {.width = (guint32)width, .height = (guint32)rows, .mask = masked};
    for (gsize y = 0; y < rows; y++) {
        if (masked)
            mask_of_row(strip, (gint)y, mask + y * width);
        if (pixels)
            colors_of_row(strip, (gint)y, masked ? mask + y * width : NULL, pixels + y * width);
    }
    if (pixels) {
        choose_coding(pixels, n, head.width, colors, &head);
    } else {
        head.coding = MGK_CODING_FILL;
        head.n_colors = 1;
        colors->color[0] = strip->color;
    }
    MgkPageBand band = mgk_page_stream_image_band(&head);
    gsize row_bytes = mgk_page_stream_row_bytes(&band);
    g_autofree guint8 *packed = g_malloc0(MAX(row_bytes * rows, 1));
    for (gsize y = 0; pixels && y < rows; y++)
        pack_row(&head, colors, pixels + y * width, packed + y * row_bytes);
    sender->images++;
    return mgk_page_stream_send(sender->job, MGK_PAGE_IMAGE, &head, sizeof head, colors->color,
                                head.n_colors * sizeof(guint32), error) &&
           send_bytes(sender, packed, row_bytes * rows, error) && (!masked || send_bytes(sender, mask, n, error));
}

/* The operation for a strip of its picture: rows from top on, of all. */
static MgkDrawOp op_of_strip(const MgkDrawn *drawn, const Strip *strip, gint all)
{
    MgkDrawOp op = drawn->op;
    double share = (double)strip->rows / all, below = 1 - (double)(strip->top + strip->rows) / all;
    op.matrix[4] += (gint32)lround(op.matrix[2] * below);
    op.matrix[5] += (gint32)lround(op.matrix[3] * below);
    op.matrix[2] = (gint32)lround(op.matrix[2] * share);
    op.matrix[3] = (gint32)lround(op.matrix[3] * share);
    return op;
}

static gboolean send_picture(Sender *sender, const MgkDrawn *drawn, GError **error)
{
    static const guint32 none[1];
    const MgkDrawPicture *picture = &g_array_index(sender->record->pictures, MgkDrawPicture, drawn->op.image);
    Strip strip = {.base = picture->base, .mask = picture->mask, .color = drawn->op.color};
    gint width = 1, height = 1;
    for (guint i = 0; i < 2; i++) {
        cairo_surface_t *surface = i ? strip.mask : strip.base;
        width = surface ? MAX(width, cairo_image_surface_get_width(surface)) : width;
        height = surface ? MAX(height, cairo_image_surface_get_height(surface)) : height;
    }
    strip.alpha = strip.base && cairo_image_surface_get_format(strip.base) == CAIRO_FORMAT_ARGB32;
    strip.width = width;
    gint rows = (gint)MAX(MGK_PAGE_BAND_BYTES / ((gint64)width * 4), 1);
    for (strip.top = 0; strip.top < height; strip.top += rows) {
        strip.rows = MIN(rows, height - strip.top);
        MgkDrawOp op = op_of_strip(drawn, &strip, height);
        op.image = sender->images;
        op.color = 0;
        if (!flush(sender, error) || !send_strip(sender, &strip, error) || !put(sender, &op, none, none, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean send_glyphs(Sender *sender, const MgkDrawn *drawn, GError **error)
{
    const guint32 *words = words_at(sender, drawn->path);
    g_autofree guint32 *glyphs = g_memdup2(words, (gsize)3 * drawn->op.n_path * sizeof *words);
    for (guint i = 0; i < drawn->op.n_path; i++)
        glyphs[3 * i] = shape_on_page(sender, glyphs[3 * i]);
    return put(sender, &drawn->op, glyphs, glyphs, error);
}

static gboolean send_one(Sender *sender, const MgkDrawn *drawn, GError **error)
{
    if (!close_to(sender, drawn->clip, error) || !open_clips(sender, drawn->clip, error))
        return FALSE;
    if (drawn->op.type == MGK_DRAW_IMAGE)
        return send_picture(sender, drawn, error);
    if (drawn->op.type == MGK_DRAW_GLYPHS)
        return send_glyphs(sender, drawn, error);
    return put(sender, &drawn->op, words_at(sender, drawn->small), words_at(sender, drawn->path), error);
}

gboolean mgk_draw_send(MgkJob *job, const MgkDrawRecord *record, GError **error)
{
    g_autoptr(GByteArray) buffer = g_byte_array_new();
    g_autoptr(GHashTable) shapes = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(guint32));
    Sender sender = {.job = job, .record = record, .buffer = buffer, .shapes = shapes, .shape_list = list};
    if (!send_shapes(&sender, error))
        return FALSE;
    for (guint i = 0; i < record->drawn->len; i++) {
        const MgkDrawn *drawn = &g_array_index(record->drawn, MgkDrawn, i);
        if (drawn->op.type && !send_one(&sender, drawn, error))
            return FALSE;
    }
    return close_to(&sender, 0, error) && flush(&sender, error);
}
