/* gif.c - the second look at a GIF: GIF89a, a global palette, the loop block, then for each picture a graphic control,
 * a descriptor inside the canvas, perhaps a palette, and LZW codes that give exactly its pixels, each in the palette;
 * the trailer at the very end. */
#include "checks/checks.h"
#include "checks/foreign.h"

#include <string.h>

#define CODES 4096

typedef struct Look {
    const guint8 *data;
    gsize size, at;
    guint width, height;
    guint global_colors, colors; /* of the screen; of the picture at hand */
    guint8 block;                /* bytes left in the sub-block */
    guint32 bits;
    guint n_bits;
    guint pictures;
    const char *wrong;
} Look;

/* How long each code's string is, and the largest index in it: all that the check needs to know of the strings. */
typedef struct Table {
    guint32 length[CODES];
    guint8 first[CODES], most[CODES];
    guint next, width;
} Table;

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

static const guint8 *take(Look *look, gsize size)
{
    if (size > look->size - look->at)
        return NULL;
    look->at += size;
    return look->data + look->at - size;
}

static guint number(const guint8 *at)
{
    return (guint)(at[0] | at[1] << 8);
}

static gboolean look_at_screen(Look *look, const MgkLimits *limits)
{
    const guint8 *screen = take(look, 13);
    if (!screen || memcmp(screen, "GIF89a", 6) != 0)
        return wrong(look, "signature");
    look->width = number(screen + 6);
    look->height = number(screen + 8);
    if (!look->width || !look->height || look->height > limits->image_pixels / look->width)
        return wrong(look, "size of the canvas");
    if ((screen[10] & 0xf8) != 0xf0 || screen[11] || screen[12])
        return wrong(look, "screen descriptor");
    look->global_colors = 2u << (screen[10] & 7);
    return take(look, 3 * (gsize)look->global_colors) ? TRUE : wrong(look, "palette");
}

static gboolean look_at_loops(Look *look)
{
    if (look->size - look->at < 2 || look->data[look->at + 1] != 0xff)
        return TRUE;
    const guint8 *block = take(look, 19);
    if (!block || memcmp(block, "\x21\xff\x0bNETSCAPE2.0\x03\x01", 16) != 0 || block[18])
        return wrong(look, "an extension that we never write");
    return TRUE;
}

static gboolean look_at_place(Look *look, gsize *ret_pixels)
{
    const guint8 *control = take(look, 8), *place = take(look, 10);
    if (!control || !place || memcmp(control, "\x21\xf9\x04", 3) != 0 || (control[3] & 0xf2) || control[7])
        return wrong(look, "graphic control");
    if (!(control[3] & 1) && control[6])
        return wrong(look, "graphic control");
    guint left = number(place + 1), top = number(place + 3), width = number(place + 5), height = number(place + 7);
    if (place[0] != 0x2c || !width || !height || left + width > look->width || top + height > look->height)
        return wrong(look, "place of a picture");
    if (place[9] & 0x78)
        return wrong(look, "picture descriptor");
    look->colors = place[9] & 0x80 ? 2u << (place[9] & 7) : look->global_colors;
    if ((place[9] & 0x80) && !take(look, 3 * (gsize)look->colors))
        return wrong(look, "palette");
    *ret_pixels = (gsize)width * height;
    return TRUE;
}

static gboolean read_code(Look *look, guint width, guint *ret_code)
{
    while (look->n_bits < width) {
        const guint8 *byte = take(look, 1);
        if (byte && look->block == 0) {
            look->block = *byte;
            byte = look->block ? take(look, 1) : NULL;
        }
        if (!byte)
            return wrong(look, "pixel data ends too soon");
        look->bits |= (guint32)*byte << look->n_bits;
        look->n_bits += 8;
        look->block--;
    }
    *ret_code = look->bits & ((1u << width) - 1);
    look->bits >>= width;
    look->n_bits -= width;
    return TRUE;
}

static void empty(Table *table, guint min_bits)
{
    for (guint i = 0; i < 1u << min_bits; i++) {
        table->length[i] = 1;
        table->first[i] = table->most[i] = (guint8)i;
    }
    table->next = (1u << min_bits) + 2;
    table->width = min_bits + 1;
}

static void grow(Table *table, guint previous, guint8 index)
{
    if (table->next >= CODES)
        return;
    table->length[table->next] = table->length[previous] + 1;
    table->first[table->next] = table->first[previous];
    table->most[table->next] = MAX(table->most[previous], index);
    table->next++;
    if (table->next == 1u << table->width && table->width < 12)
        table->width++;
}

/* One code behind a clear code or another code; previous is the clear code after one. */
static gboolean look_at_code(Look *look, Table *table, guint clear, guint previous, guint code)
{
    if (previous == clear)
        return code < clear ? TRUE : wrong(look, "a code out of nothing");
    if (code > table->next || (code == table->next && table->next >= CODES))
        return wrong(look, "a code that does not exist");
    grow(table, previous, table->first[code == table->next ? previous : code]);
    return TRUE;
}

static gboolean look_at_codes(Look *look, Table *table, guint min_bits, gsize pixels)
{
    guint clear = 1u << min_bits, code = 0, previous = clear;
    if (!read_code(look, min_bits + 1, &code))
        return FALSE;
    if (code != clear)
        return wrong(look, "no clear code first");
    empty(table, min_bits);
    for (;;) {
        if (!read_code(look, table->width, &code))
            return FALSE;
        if (code == clear + 1)
            return pixels == 0 ? TRUE : wrong(look, "too few pixels");
        if (code == clear) {
            empty(table, min_bits);
        } else if (!look_at_code(look, table, clear, previous, code)) {
            return FALSE;
        } else if (table->length[code] > pixels || table->most[code] >= look->colors) {
            return wrong(look, "too many pixels, or one without a colour");
        } else {
            pixels -= table->length[code];
        }
        previous = code;
    }
}

static gboolean look_at_picture(Look *look)
{
    gsize pixels = 0;
    if (!look_at_place(look, &pixels))
        return FALSE;
    const guint8 *bits = take(look, 1);
    const guint min_bits = bits ? *bits : 0;
    if (min_bits < 2 || min_bits > 8)
        return wrong(look, "code size");
    look->bits = look->n_bits = look->block = 0;
    g_autofree Table *table = g_new0(Table, 1);
    if (!look_at_codes(look, table, min_bits, pixels))
        return FALSE;
    const guint8 *end = take(look, 1);
    if (look->block || look->bits || !end || *end)
        return wrong(look, "data behind the pixels");
    return TRUE;
}

static gboolean look_at_all(Look *look, const MgkLimits *limits)
{
    if (!look_at_screen(look, limits) || !look_at_loops(look))
        return FALSE;
    while (look->at < look->size && look->data[look->at] != 0x3b) {
        if (look->pictures++ >= limits->image_frames)
            return wrong(look, "too many pictures");
        if (!look_at_picture(look))
            return FALSE;
    }
    if (look->pictures == 0 || look->at + 1 != look->size)
        return wrong(look, "no picture, or data after the end");
    return mgk_check_foreign(look->data, look->size, MGK_FOREIGN_PICTURE, NULL) || wrong(look, "a foreign signature");
}

gboolean mgk_check_gif(MgkJob *job, GError **error)
{
    Look look = {.data = job->data, .size = job->size};
    gboolean good = look_at_all(&look, &job->policy->limits);
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "GIF output: %s", look.wrong);
    return good;
}
