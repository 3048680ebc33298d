/* png.c - the second look at a PNG: IHDR [PLTE] [tRNS] [pHYs] IDAT… IEND, in this order and nothing else, checksums
 * right, the image data exactly as long as the header says, every row's filter known, nothing after the end.
 *
 * And the reader for the profile confirm, for pictures of strangers: the same grammar, in which pHYs may stand anywhere
 * before the pixels, with the colour hints that say what is usual (sRGB, gAMA, cHRM, sBIT). There, pixels of palettes
 * and of less than 8 bits are looked at, too: no index beyond the palette, no colour that nothing shows, no bits beside
 * the picture. Interlaced pictures, profiles, texts, EXIF and all other chunks are not for it. */
#include "checks/checks.h"
#include "checks/foreign.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <string.h>

#define PIECE (64 * MGK_KIB)

typedef enum { AT_HEADER, AT_PALETTE, AT_ALPHA, AT_DENSITY, AT_PIXELS, AT_END } Place;

typedef struct Look {
    const guint8 *data;
    gsize size, at;
    const guint8 *type, *body; /* of the current chunk */
    guint32 length;
    guint32 width, height;
    guint depth, color;
    guint32 n_colors;
    gsize row_bytes; /* with the filter byte */
    gsize unpacked;  /* bytes of rows seen so far */
    struct inflate_state inflater;
    guint8 piece[PIECE];
    gboolean confirm;      /* a stranger's picture */
    guint seen;            /* hints: bits by their place in the table */
    const guint8 *palette; /* borrowed from data */
    GByteArray *rows;      /* borrowed; what was unpacked, where every value is looked at */
    const char *wrong;
} Look;

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

static guint32 be32(const guint8 *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

static gboolean next_chunk(Look *look)
{
    if (look->size - look->at < 12)
        return wrong(look, "ends inside a chunk");
    const guint8 *chunk = look->data + look->at;
    guint32 untrusted_length = be32(chunk);
    if (untrusted_length > look->size - look->at - 12)
        return wrong(look, "chunk reaches beyond the end");
    look->length = untrusted_length;
    look->type = chunk + 4;
    look->body = chunk + 8;
    look->at += 12 + (gsize)untrusted_length;
    if (libdeflate_crc32(0, look->type, (gsize)look->length + 4) != be32(look->body + look->length))
        return wrong(look, "checksum");
    return TRUE;
}

static gboolean is(const Look *look, const char *type)
{
    return memcmp(look->type, type, 4) == 0;
}

static guint samples(const Look *look)
{
    return look->color == 2 ? 3 : look->color == 4 ? 2 : look->color == 6 ? 4 : 1;
}

/* The table of PNG's section 11.2.1. */
static gboolean depth_allowed(guint color, guint depth)
{
    static const guint depths[7] = {
        [0] = 1 | 2 | 4 | 8 | 16, [2] = 8 | 16, [3] = 1 | 2 | 4 | 8, [4] = 8 | 16, [6] = 8 | 16};
    return color <= 6 && depth && (depth & (depth - 1)) == 0 && (depths[color] & depth);
}

static gboolean look_at_header(Look *look, const MgkLimits *limits)
{
    if (look->size < 8 || memcmp(look->data, "\211PNG\r\n\032\n", 8) != 0)
        return wrong(look, "signature");
    look->at = 8;
    if (!next_chunk(look))
        return FALSE;
    if (!is(look, "IHDR") || look->length != 13)
        return wrong(look, "IHDR is not first");
    look->width = be32(look->body);
    look->height = be32(look->body + 4);
    look->depth = look->body[8];
    look->color = look->body[9];
    if (!depth_allowed(look->color, look->depth) || look->body[10] || look->body[11] || look->body[12])
        return wrong(look, "IHDR holds what we never write");
    if (look->width == 0 || look->width > G_MAXINT32 || look->height == 0 ||
        look->height > limits->image_pixels / look->width)
        return wrong(look, "size of the picture");
    look->row_bytes = ((gsize)look->width * samples(look) * look->depth + 7) / 8 + 1;
    return TRUE;
}

static gboolean look_at_palette(Look *look)
{
    look->n_colors = look->length / 3;
    if (look->color != 3 || look->length % 3 || look->n_colors == 0 || look->n_colors > 1u << look->depth)
        return wrong(look, "PLTE");
    look->palette = look->body;
    return TRUE;
}

static gboolean look_at_alpha(Look *look)
{
    if (look->color == 3)
        return look->length >= 1 && look->length <= look->n_colors ? TRUE : wrong(look, "tRNS");
    if (look->color != 0 && look->color != 2)
        return wrong(look, "tRNS beside alpha");
    if (look->length != samples(look) * 2)
        return wrong(look, "tRNS");
    for (guint32 i = 0; i < look->length; i += 2) {
        if ((guint)(look->body[i] << 8 | look->body[i + 1]) >> look->depth)
            return wrong(look, "tRNS names an impossible colour");
    }
    return TRUE;
}

static gboolean look_at_density(Look *look)
{
    if (look->length != 9 || !be32(look->body) || !be32(look->body + 4) || look->body[8] > 1)
        return wrong(look, "pHYs");
    return TRUE;
}

/* ---- hints in pictures of strangers: only what is usual, so that no number is theirs ---- */

static gboolean look_at_intent(Look *look)
{
    return look->length == 1 && look->body[0] <= 3 ? TRUE : wrong(look, "sRGB");
}

static gboolean look_at_gamma(Look *look)
{
    guint32 gamma = look->length == 4 ? be32(look->body) : 0;
    return gamma == 45455 || gamma == 45454 || gamma == 55555 || gamma == 100000 ? TRUE : wrong(look, "gAMA");
}

static gboolean look_at_primaries(Look *look)
{
    static const guint32 usual[8] = {31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000}; /* ITU-R BT.709 */
    if (look->length != 4 * G_N_ELEMENTS(usual))
        return wrong(look, "cHRM");
    for (guint i = 0; i < G_N_ELEMENTS(usual); i++) {
        if (be32(look->body + 4 * (gsize)i) != usual[i])
            return wrong(look, "cHRM");
    }
    return TRUE;
}

static gboolean look_at_bits(Look *look)
{
    guint most = look->color == 3 ? 8 : look->depth;
    if (look->length != (look->color == 3 ? 3 : samples(look)))
        return wrong(look, "sBIT");
    for (guint32 i = 0; i < look->length; i++) {
        if (look->body[i] < 1 || look->body[i] > most)
            return wrong(look, "sBIT");
    }
    return TRUE;
}

/* TRUE when the chunk is a hint; look->wrong tells whether it may be there. */
static gboolean is_hint(Look *look, Place place)
{
    static const struct {
        const char *type;
        Place before;
        gboolean (*look)(Look *look);
    } hints[] = {{"sRGB", AT_PALETTE, look_at_intent},
                 {"gAMA", AT_PALETTE, look_at_gamma},
                 {"cHRM", AT_PALETTE, look_at_primaries},
                 {"sBIT", AT_PALETTE, look_at_bits},
                 {"pHYs", AT_PIXELS, look_at_density}};
    for (guint i = 0; look->confirm && i < G_N_ELEMENTS(hints); i++) {
        if (!is(look, hints[i].type))
            continue;
        if (place >= hints[i].before || look->seen & 1u << i)
            wrong(look, "a hint out of order");
        else
            hints[i].look(look);
        look->seen |= 1u << i;
        return TRUE;
    }
    return FALSE;
}

/* A byte at the front of each row names its filter. */
static gboolean look_at_filters(const Look *look, gsize size)
{
    gsize into_row = look->unpacked % look->row_bytes;
    for (gsize at = into_row ? look->row_bytes - into_row : 0; at < size; at += look->row_bytes) {
        if (look->piece[at] > 4)
            return FALSE;
    }
    return TRUE;
}

/* Pictures of strangers in which values may stand that nothing shows. */
static gboolean has_values(const Look *look)
{
    return look->confirm && samples(look) == 1 && look->depth <= 8;
}

static gboolean look_at_pixels(Look *look)
{
    struct inflate_state *inflater = &look->inflater;
    gsize promised = look->row_bytes * look->height;
    if (look->length == 0 || inflater->block_state == ISAL_BLOCK_FINISH)
        return wrong(look, "IDAT");
    inflater->next_in = (guint8 *)(gsize)look->body; /* igzip's interface has no const */
    inflater->avail_in = look->length;
    do {
        inflater->next_out = look->piece;
        inflater->avail_out = PIECE;
        if (isal_inflate(inflater) != ISAL_DECOMP_OK)
            return wrong(look, "compressed data");
        gsize made = PIECE - inflater->avail_out;
        if (made > promised - look->unpacked)
            return wrong(look, "more rows than the header says");
        if (!look_at_filters(look, made))
            return wrong(look, "unknown filter");
        look->unpacked += made;
        if (has_values(look))
            g_byte_array_append(look->rows, look->piece, (guint)made);
    } while (inflater->block_state != ISAL_BLOCK_FINISH && (inflater->avail_in || inflater->avail_out == 0));
    gboolean ended = inflater->block_state == ISAL_BLOCK_FINISH;
    gboolean more = inflater->avail_in || inflater->read_in_length >= 8; /* igzip takes whole bytes ahead, as bits */
    return ended && more ? wrong(look, "bytes after the pixels") : TRUE;
}

/* The stream has unpacked to exactly the rows that the header promises, and ended where the data ended. */
static gboolean rows_are_whole(Look *look)
{
    gboolean ended = look->inflater.block_state == ISAL_BLOCK_FINISH;
    return ended && look->unpacked == look->row_bytes * look->height ? TRUE : wrong(look, "compressed data");
}

/* ---- pixels of strangers ---- */

static guint8 predict(guint filter, guint8 left, guint8 above, guint8 corner)
{
    gint estimate = left + above - corner;
    gint a = ABS(estimate - left), b = ABS(estimate - above), c = ABS(estimate - corner);
    switch (filter) {
    case 1:
        return left;
    case 2:
        return above;
    case 3:
        return (guint8)((left + above) / 2);
    case 4:
        return a <= b && a <= c ? left : b <= c ? above : corner;
    default:
        return 0;
    }
}

/* Rows of one byte or less a pixel, filters undone in place. */
static void undo_filters(const Look *look, guint8 *rows)
{
    for (gsize y = 0; y < look->height; y++) {
        guint8 *row = rows + y * look->row_bytes;
        const guint8 *above = y ? row - look->row_bytes : NULL;
        for (gsize x = 1; x < look->row_bytes; x++)
            row[x] = (guint8)(row[x] + predict(row[0], x > 1 ? row[x - 1] : 0, above ? above[x] : 0,
                                               above && x > 1 ? above[x - 1] : 0));
    }
}

/* Which values the pixels have; FALSE when bits beside the picture are set. */
static gboolean collect_values(const Look *look, const guint8 *rows, gboolean used[256])
{
    guint spare = (guint)((look->row_bytes - 1) * 8 - (gsize)look->width * look->depth);
    guint mask = (1u << look->depth) - 1;
    for (gsize y = 0; y < look->height; y++) {
        const guint8 *row = rows + y * look->row_bytes + 1;
        if (row[look->row_bytes - 2] & ((1u << spare) - 1))
            return FALSE;
        for (gsize bit = 0; bit < (gsize)look->width * look->depth; bit += look->depth)
            used[(guint)row[bit / 8] >> (8 - look->depth - bit % 8) & mask] = TRUE;
    }
    return TRUE;
}

/* Colours that nothing shows are room for something else, unless they are black or white. */
static gboolean look_at_values(Look *look)
{
    gboolean used[256] = {FALSE};
    undo_filters(look, look->rows->data);
    if (!collect_values(look, look->rows->data, used))
        return wrong(look, "bits beside the picture");
    for (guint i = 0; look->color == 3 && i < 256; i++) {
        if (i >= look->n_colors && used[i])
            return wrong(look, "a colour that is not there");
        if (i >= look->n_colors || used[i])
            continue;
        const guint8 *color = look->palette + 3 * (gsize)i;
        if (memcmp(color, "\0\0\0", 3) != 0 && memcmp(color, "\xff\xff\xff", 3) != 0)
            return wrong(look, "a colour that nothing shows");
    }
    return TRUE;
}

static gboolean look_at_chunk(Look *look, Place *place)
{
    static const struct {
        const char *type;
        Place place;
        gboolean (*look)(Look *look);
    } grammar[] = {
        {"PLTE", AT_PALETTE, look_at_palette},
        {"tRNS", AT_ALPHA, look_at_alpha},
        {"pHYs", AT_DENSITY, look_at_density},
        {"IDAT", AT_PIXELS, look_at_pixels},
    };
    for (guint i = 0; i < G_N_ELEMENTS(grammar); i++) {
        if (!is(look, grammar[i].type))
            continue;
        gboolean again = grammar[i].place == AT_PIXELS && *place == AT_PIXELS;
        if (*place >= grammar[i].place && !again)
            return wrong(look, "chunks out of order");
        if (grammar[i].place == AT_PIXELS && (look->color == 3) != (look->n_colors > 0))
            return wrong(look, "no palette");
        *place = grammar[i].place;
        return grammar[i].look(look);
    }
    return wrong(look, "a chunk that we never write");
}

static gboolean look_at_all(Look *look, const MgkLimits *limits)
{
    Place place = AT_HEADER;
    if (!look_at_header(look, limits))
        return FALSE;
    for (;;) {
        if (!next_chunk(look))
            return FALSE;
        if (is(look, "IEND"))
            break;
        if (!is_hint(look, place) && !look_at_chunk(look, &place))
            return FALSE;
        if (look->wrong)
            return FALSE;
    }
    if (look->length != 0 || look->at != look->size)
        return wrong(look, "data after the end");
    if (place != AT_PIXELS)
        return wrong(look, "no pixels");
    if (!rows_are_whole(look) || (has_values(look) && !look_at_values(look)))
        return FALSE;
    return mgk_check_foreign(look->data, look->size, MGK_FOREIGN_PICTURE, NULL) || wrong(look, "a foreign signature");
}

static gboolean judge(MgkJob *job, gboolean confirm, GError **error)
{
    g_autofree Look *look = g_new0(Look, 1);
    g_autoptr(GByteArray) rows = g_byte_array_new();
    look->data = job->data;
    look->size = job->size;
    look->confirm = confirm;
    look->rows = rows;
    isal_inflate_init(&look->inflater);
    look->inflater.crc_flag = ISAL_ZLIB;
    gboolean good = look_at_all(look, &job->policy->limits);
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "PNG: %s", look->wrong);
    return good;
}

gboolean mgk_check_png(MgkJob *job, GError **error)
{
    return judge(job, FALSE, error);
}

gboolean mgk_confirm_png(MgkJob *job, GError **error)
{
    return judge(job, TRUE, error);
}
