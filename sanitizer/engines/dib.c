#include "engines/dib_internal.h"

#include "engines/recognise.h"

#include <string.h>

#define CORE_HEADER 12u /* OS/2 1.x: 16-bit sizes, colours of three bytes */
#define INFO_HEADER 40u
#define V5_HEADER 124u
#define PROFILE_EMBEDDED 0x4d424544u

enum { CODE_RGB, CODE_RLE8, CODE_RLE4, CODE_BITFIELDS, CODE_JPEG, CODE_PNG, CODE_ALPHA_BITFIELDS };

typedef struct Header {
    guint32 bytes;
    gint64 width, height;
    guint bits;
    guint32 code, colors;
    guint32 density_x, density_y;
} Header;

static guint32 u32(const guint8 *at)
{
    return mgk_recognise_u32le(at);
}

static gboolean malformed(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "BMP: %s", what);
    return FALSE;
}

static gboolean unsupported(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "BMP: %s", what);
    return FALSE;
}

static gboolean read_header(const MgkDib *dib, Header *header, GError **error)
{
    guint32 untrusted_bytes = dib->size >= 4 ? u32(dib->data) : 0;
    if (untrusted_bytes < CORE_HEADER || untrusted_bytes > dib->size)
        return malformed("header", error);
    const guint8 *at = dib->data;
    *header = (Header){.bytes = untrusted_bytes};
    if (header->bytes == CORE_HEADER) {
        header->width = mgk_recognise_u16le(at + 4);
        header->height = mgk_recognise_u16le(at + 6);
        header->bits = mgk_recognise_u16le(at + 10);
        return TRUE;
    }
    if (header->bytes < 16)
        return malformed("header", error);
    header->width = (gint32)u32(at + 4);
    header->height = (gint32)u32(at + 8);
    header->bits = mgk_recognise_u16le(at + 14);
    if (header->bytes >= INFO_HEADER) {
        header->code = u32(at + 16);
        header->density_x = u32(at + 24);
        header->density_y = u32(at + 28);
        header->colors = u32(at + 32);
    }
    return TRUE;
}

/* OS/2 2.x numbers its codings otherwise. */
static gboolean choose_coding(MgkDib *dib, const Header *header, GError **error)
{
    static const struct {
        guint32 code;
        guint bits;
        MgkDibCoding coding;
    } table[] = {{CODE_RLE8, 8, MGK_DIB_RLE8},
                 {CODE_RLE4, 4, MGK_DIB_RLE4},
                 {CODE_BITFIELDS, 16, MGK_DIB_MASKS},
                 {CODE_BITFIELDS, 32, MGK_DIB_MASKS},
                 {CODE_RGB, 16, MGK_DIB_MASKS},
                 {CODE_RGB, 32, MGK_DIB_MASKS},
                 {CODE_RGB, 1, MGK_DIB_PLAIN},
                 {CODE_RGB, 2, MGK_DIB_PLAIN},
                 {CODE_RGB, 4, MGK_DIB_PLAIN},
                 {CODE_RGB, 8, MGK_DIB_PLAIN},
                 {CODE_RGB, 24, MGK_DIB_PLAIN},
                 {CODE_ALPHA_BITFIELDS, 16, MGK_DIB_MASKS},
                 {CODE_ALPHA_BITFIELDS, 32, MGK_DIB_MASKS}};
    gboolean os2 = header->bytes == 64;
    dib->bits = header->bits;
    if (os2 && header->code == 4 && header->bits == 24) {
        dib->coding = MGK_DIB_RLE24;
        return TRUE;
    }
    if (os2 && header->code == 3)
        return unsupported("Huffman coding", error);
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].code == header->code && table[i].bits == header->bits) {
            dib->coding = table[i].coding;
            return TRUE;
        }
    }
    return unsupported(
        header->code == CODE_JPEG || header->code == CODE_PNG ? "a JPEG or PNG inside" : "depth or coding", error);
}

/* Masks stand in the header from V2 on, behind it before. *ret_after is where the colours may begin. */
static gboolean read_masks(MgkDib *dib, const Header *header, gsize *ret_after, GError **error)
{
    static const guint32 sixteen[4] = {0x7c00, 0x03e0, 0x001f, 0}, thirty_two[4] = {0xff0000, 0xff00, 0xff, 0};
    *ret_after = header->bytes;
    if (dib->coding != MGK_DIB_MASKS)
        return TRUE;
    memcpy(dib->masks, dib->bits == 16 ? sixteen : thirty_two, sizeof dib->masks);
    if (dib->icon && dib->bits == 32)
        dib->masks[3] = 0xff000000;
    if (header->code == CODE_RGB)
        return TRUE;
    guint behind = header->bytes >= 52 ? 0 : header->code == CODE_ALPHA_BITFIELDS ? 4 : 3;
    guint n = behind ? behind : header->bytes >= 56 ? 4 : 3;
    if (INFO_HEADER + 4 * (gsize)n > dib->size)
        return malformed("masks", error);
    *ret_after += 4 * (gsize)behind;
    for (guint i = 0; i < n; i++)
        dib->masks[i] = u32(dib->data + INFO_HEADER + 4 * (gsize)i);
    return TRUE;
}

static gboolean take_size(MgkDib *dib, const Header *header, const MgkLimits *limits, GError **error)
{
    gint64 height = header->height < 0 ? -header->height : header->height;
    dib->top_down = header->height < 0;
    if (dib->icon)
        height /= 2;
    if (header->width <= 0 || height <= 0 || height > G_MAXINT32)
        return malformed("size of the picture", error);
    MgkRaster *raster = &dib->raster;
    raster->width = (guint32)header->width;
    raster->height = (guint32)height;
    gboolean known =
        header->density_x && header->density_y && header->density_x <= G_MAXINT32 && header->density_y <= G_MAXINT32;
    raster->density_x = known ? header->density_x : 0;
    raster->density_y = known ? header->density_y : 0;
    raster->depth = 8;
    raster->model = dib->icon || dib->masks[3] ? MGK_RASTER_RGBA : MGK_RASTER_RGB;
    if (dib->bits <= 8 && !dib->icon) {
        raster->model = MGK_RASTER_PALETTE;
        raster->depth = (guint8)(dib->coding == MGK_DIB_PLAIN ? dib->bits : 8);
        raster->n_colors = 1; /* until the colours are read */
    }
    return mgk_raster_validate(raster, limits, error);
}

/* As many colours as the header says, the depth has use for, and stand before the pixels. Returns where they end. */
static gsize read_colors(MgkDib *dib, const Header *header, gsize at, gsize pixels)
{
    if (dib->bits > 8)
        return at + (gsize)MIN(header->colors, 256) * 4; /* hints for old screens */
    guint step = header->bytes == CORE_HEADER ? 3 : 4, most = 1u << dib->bits;
    gsize limit = pixels ? MIN(pixels, dib->size) : dib->size;
    guint n = header->colors && header->colors < most ? header->colors : most;
    n = (guint)MIN(n, limit > at ? (limit - at) / step : 0);
    for (guint i = 0; i < n; i++, at += step) {
        const guint8 *color = dib->data + at;
        guint8 *out = dib->raster.palette[i];
        out[0] = color[2];
        out[1] = color[1];
        out[2] = color[0];
        out[3] = 255;
    }
    dib->raster.palette[0][3] = 255;
    if (dib->raster.model == MGK_RASTER_PALETTE)
        dib->raster.n_colors = (guint16)MAX(n, 1);
    return at;
}

static void find_profile(MgkDib *dib, const Header *header)
{
    if (header->bytes < V5_HEADER || u32(dib->data + 56) != PROFILE_EMBEDDED)
        return;
    gsize untrusted_at = u32(dib->data + 112), untrusted_size = u32(dib->data + 116);
    if (untrusted_at < header->bytes || untrusted_at > dib->size || untrusted_size > dib->size - untrusted_at)
        return;
    dib->profile = untrusted_at;
    dib->profile_size = untrusted_size;
    dib->end = MAX(dib->end, untrusted_at + untrusted_size);
}

/* Samples and, in an icon, the mask behind them. */
static void find_rows(MgkDib *dib)
{
    gsize height = dib->raster.height, mask = dib->icon ? ((gsize)dib->raster.width + 31) / 32 * 4 : 0;
    dib->stride = ((gsize)dib->raster.width * dib->bits + 31) / 32 * 4;
    gsize there = dib->pixels < dib->size ? dib->size - dib->pixels : 0;
    /* the last row's padding is often missing */
    gsize last = ((gsize)dib->raster.width * dib->bits + 7) / 8;
    dib->rows_there = (guint32)MIN(height, there / dib->stride + (there % dib->stride >= last));
    dib->end = MIN(dib->size, dib->pixels + (dib->stride + mask) * height);
}

/* Older icons say nothing in the fourth byte, newer ones their transparency. */
static gboolean alpha_is_empty(const MgkDib *dib)
{
    for (guint32 y = 0; y < dib->rows_there; y++) {
        const guint8 *row = dib->data + dib->pixels + y * dib->stride;
        for (guint32 x = 0; x < dib->raster.width && 4 * (gsize)x + 3 < dib->stride; x++) {
            if (row[4 * (gsize)x + 3] && dib->pixels + y * dib->stride + 4 * (gsize)x + 3 < dib->size)
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean open_dib(MgkDib *dib, gsize pixels, const MgkLimits *limits, GError **error)
{
    Header header;
    gsize colors = 0;
    if (!read_header(dib, &header, error) || !choose_coding(dib, &header, error) ||
        !read_masks(dib, &header, &colors, error) || !take_size(dib, &header, limits, error))
        return FALSE;
    gsize after = read_colors(dib, &header, colors, pixels);
    dib->pixels = pixels ? pixels : after;
    if (dib->pixels >= dib->size)
        return malformed("no pixels", error);
    if (dib->coding == MGK_DIB_PLAIN || dib->coding == MGK_DIB_MASKS)
        find_rows(dib);
    else
        mgk_dib_unpack(dib);
    dib->ignore_alpha = dib->icon && dib->bits == 32 && alpha_is_empty(dib);
    find_profile(dib, &header);
    return TRUE;
}

MgkDib *mgk_dib_new(const guint8 *data, gsize size, gsize pixels, gboolean icon, const MgkLimits *limits,
                    GError **error)
{
    g_autoptr(MgkDib) dib = g_new0(MgkDib, 1);
    dib->data = data;
    dib->size = size;
    dib->icon = icon;
    return open_dib(dib, pixels, limits, error) ? g_steal_pointer(&dib) : NULL;
}

void mgk_dib_free(MgkDib *dib)
{
    if (!dib)
        return;
    g_free(dib->unpacked);
    g_free(dib);
}

const MgkRaster *mgk_dib_raster(const MgkDib *dib)
{
    return &dib->raster;
}

guint32 mgk_dib_rows_there(const MgkDib *dib)
{
    return dib->rows_there;
}

gsize mgk_dib_end(const MgkDib *dib)
{
    return dib->end;
}

const guint8 *mgk_dib_profile(const MgkDib *dib, gsize *ret_size)
{
    *ret_size = dib->profile_size;
    return dib->profile_size ? dib->data + dib->profile : NULL;
}

/* Copies what there is of size bytes at `at`; zeros for the rest. */
static void fetch(const MgkDib *dib, gsize at, gsize size, guint8 *out)
{
    gsize there = at < dib->size ? MIN(size, dib->size - at) : 0;
    memcpy(out, dib->data + (there ? at : 0), there);
    memset(out + there, 0, size - there);
}

static guint8 masked(guint32 pixel, guint32 mask)
{
    if (!mask)
        return 0;
    guint shift = (guint)__builtin_ctz(mask);
    guint64 most = mask >> shift, value = (pixel & mask) >> shift;
    return (guint8)((value * 255 + most / 2) / most);
}

static void masked_pixel(const MgkDib *dib, const guint8 *at, guint8 *out)
{
    guint32 pixel = dib->bits == 16 ? mgk_recognise_u16le(at) : u32(at);
    for (guint c = 0; c < 3; c++)
        out[c] = masked(pixel, dib->masks[c]);
    if (dib->raster.model == MGK_RASTER_RGBA)
        out[3] = dib->masks[3] && !dib->ignore_alpha ? masked(pixel, dib->masks[3]) : 255;
}

static guint sample(const guint8 *row, gsize x, guint bits)
{
    guint per_byte = 8 / bits;
    return (guint)(row[x / per_byte] >> (8 - bits * (x % per_byte + 1))) & ((1u << bits) - 1);
}

/* One pixel of a stored row in the colours of the raster (never PALETTE). */
static void color_pixel(const MgkDib *dib, const guint8 *row, gsize x, guint8 *out)
{
    if (dib->coding == MGK_DIB_MASKS) {
        masked_pixel(dib, row + x * dib->bits / 8, out);
    } else if (dib->bits == 24) {
        out[0] = row[3 * x + 2];
        out[1] = row[3 * x + 1];
        out[2] = row[3 * x];
        out[3] = 255;
    } else {
        guint index = dib->coding == MGK_DIB_PLAIN ? sample(row, x, dib->bits) : row[x];
        memcpy(out, dib->raster.palette[index], 3);
        out[3] = 255;
    }
}

/* A set bit of an icon's mask is transparent. */
static void apply_mask(const MgkDib *dib, guint32 stored, guint8 *out)
{
    gsize line = ((gsize)dib->raster.width + 31) / 32 * 4;
    g_autofree guint8 *mask = g_malloc(line);
    fetch(dib, dib->pixels + dib->stride * dib->raster.height + stored * line, line, mask);
    for (gsize x = 0; x < dib->raster.width; x++) {
        if (sample(mask, x, 1))
            out[4 * x + 3] = 0;
    }
}

void mgk_dib_row(const MgkDib *dib, guint32 y, guint8 *out)
{
    const MgkRaster *raster = &dib->raster;
    guint32 stored = dib->top_down ? y : raster->height - 1 - y;
    gsize unit = dib->coding == MGK_DIB_RLE24 ? 3 : 1, line = (gsize)raster->width * unit;
    if (dib->unpacked && raster->model == MGK_RASTER_PALETTE) {
        memcpy(out, dib->unpacked + stored * line, line);
        return;
    }
    if (raster->model == MGK_RASTER_PALETTE) {
        fetch(dib, dib->pixels + stored * dib->stride, mgk_raster_row_bytes(raster), out);
        return;
    }
    g_autofree guint8 *fetched = NULL;
    const guint8 *row = NULL;
    if (dib->unpacked) {
        row = dib->unpacked + stored * line;
    } else {
        row = fetched = g_malloc(dib->stride);
        fetch(dib, dib->pixels + stored * dib->stride, dib->stride, fetched);
    }
    guint channels = mgk_raster_channels(raster);
    for (gsize x = 0; x < raster->width; x++) {
        guint8 pixel[4];
        color_pixel(dib, row, x, pixel);
        memcpy(out + x * channels, pixel, channels);
    }
    if (dib->icon && (dib->bits < 32 || dib->ignore_alpha))
        apply_mask(dib, stored, out);
}
