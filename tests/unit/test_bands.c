#include "engines/bands.h"

#include <check.h>
#include <string.h>

enum { WIDTH = 200, HEIGHT = 256 };

/* What mgk_bands_send() sent, and the picture put together from it. */
typedef struct Sent {
    guint32 picture[HEIGHT][WIDTH];
    guint n[4]; /* bands by coding */
    MgkPageBand band;
    guint32 colors[256];
    GByteArray *pixels;
} Sent;

static guint sample(const guint8 *row, guint x, guint bits)
{
    guint at = x * bits;
    return row[at / 8] >> (8 - bits - at % 8) & ((1u << bits) - 1);
}

static guint32 color_at(const Sent *sent, guint x, guint y)
{
    const MgkPageBand *band = &sent->band;
    const guint8 *row = sent->pixels->data + (gsize)y * mgk_page_stream_row_bytes(band);
    switch ((MgkCoding)band->coding) {
    case MGK_CODING_FILL:
        return sent->colors[0];
    case MGK_CODING_PALETTE:
        return sent->colors[sample(row, x, band->bits)];
    case MGK_CODING_GRAY:
        return row[x] * 0x010101u;
    case MGK_CODING_RGB:
        return (guint32)(row[3 * x] << 16 | row[3 * x + 1] << 8 | row[3 * x + 2]);
    }
    return 0;
}

static void paint_band(Sent *sent)
{
    if (sent->pixels->len < mgk_page_stream_row_bytes(&sent->band) * sent->band.height)
        return;
    for (guint y = 0; y < sent->band.height; y++) {
        for (guint x = 0; x < sent->band.width; x++)
            sent->picture[sent->band.y + y][x] = color_at(sent, x, y);
    }
}

static gboolean on_send(MgkJob *job, guint32 type, const void *data, gsize size, GError **error)
{
    Sent *sent = job->priv;
    (void)error;
    if (type == MGK_PAGE_BAND) {
        memcpy(&sent->band, data, sizeof sent->band);
        memcpy(sent->colors, (const guint8 *)data + sizeof sent->band, size - sizeof sent->band);
        g_byte_array_set_size(sent->pixels, 0);
        sent->n[sent->band.coding]++;
        ck_assert_uint_le(sent->band.y + sent->band.height, HEIGHT);
    } else {
        g_byte_array_append(sent->pixels, data, (guint)size);
    }
    paint_band(sent);
    return TRUE;
}

static guint32 noise(guint x, guint y)
{
    guint32 n = x * 374761393u + y * 668265263u;
    n = (n ^ (n >> 13)) * 1274126177u;
    return (n ^ (n >> 16)) & 0xffffff;
}

typedef guint32 (*Paint)(guint x, guint y);

static guint32 white(guint x, guint y)
{
    return (void)x, (void)y, 0xffffffu;
}

static guint32 two_colors(guint x, guint y)
{
    return (x / 7 + y / 5) % 2 ? 0x800000u : 0xffffffu;
}

static guint32 sixteen_colors(guint x, guint y)
{
    return (x / 11 + y / 16) % 16 * 0x0f0a05u;
}

static guint32 many_colors(guint x, guint y)
{
    return (x / 10 * 12) << 16 | (y / 20 * 15) << 8;
}

static guint32 gray_areas(guint x, guint y)
{
    return x < 100 ? 0xf2f2f2u : (guint32)(x / 2 + y / 64) * 0x010101u;
}

static guint32 gray_gradient(guint x, guint y)
{
    return (void)x, y * 0x010101u;
}

/* White paper with a few smoothed edges of many grays. */
static guint32 gray_edges(guint x, guint y)
{
    return x % 40 == 7 ? (y * 7 % 256) * 0x010101u : 0xffffffu;
}

/* A page full of letters: smoothed edges of all grays every few pixels. */
static guint32 dense_letters(guint x, guint y)
{
    static const guint8 stroke[] = {255, 255, 255, 140, 0, 0, 60, 255, 255, 255, 255, 230, 255, 255, 255, 255};
    guint gray = y % 24 < 16 ? stroke[(x + y / 3) % 16] : 255;
    return (gray > 0 && gray < 255 ? (gray + x * 7 + y * 3) % 256 : gray) * 0x010101u;
}

/* White paper with a shaded box, a fifth of it. */
static guint32 shaded_box(guint x, guint y)
{
    return x >= 150 && x < 190 ? (y / 2 + 80) * 0x010101u : 0xffffffu;
}

static guint32 changing(guint x, guint y)
{
    return y < 64 ? white(x, y) : y < 128 ? two_colors(x, y) : y < 192 ? 0x123456u : many_colors(x, y);
}

static guint32 noisy(guint x, guint y)
{
    return noise(x, y);
}

static guint32 noisy_gray(guint x, guint y)
{
    return (noise(x, y) & 255) * 0x010101u;
}

START_TEST(test_bands__chooses_codings_and_keeps_pixels)
{
    static const struct {
        const char *what;
        Paint paint;
        gint want;   /* MgkCoding that must be there, -1: nothing at all is sent */
        guint slack; /* of a channel */
        guint bits;  /* of the last palette; 0: any */
    } table[] = {
        {"white", white, -1, 0, 0},
        {"two colours", two_colors, MGK_CODING_PALETTE, 0, 0},
        {"sixteen colours", sixteen_colors, MGK_CODING_PALETTE, 0, 0},
        {"many colours", many_colors, MGK_CODING_PALETTE, 0, 0},
        {"gray areas", gray_areas, MGK_CODING_PALETTE, 0, 0},
        {"gray gradient", gray_gradient, MGK_CODING_PALETTE, 0, 0},
        {"gray edges", gray_edges, MGK_CODING_PALETTE, 13, 4},
        {"dense letters", dense_letters, MGK_CODING_PALETTE, 13, 4},
        {"shaded box", shaded_box, MGK_CODING_PALETTE, 0, 8},
        {"changing", changing, MGK_CODING_FILL, 0, 0},
        {"noise", noisy, MGK_CODING_RGB, 0, 0},
        {"gray noise", noisy_gray, MGK_CODING_GRAY, 0, 0},
    };
    static guint32 pixels[HEIGHT][WIDTH];
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        for (guint y = 0; y < HEIGHT; y++) {
            for (guint x = 0; x < WIDTH; x++)
                pixels[y][x] = 0xff000000u | table[i].paint(x, y);
        }
        Sent sent = {.pixels = g_byte_array_new()};
        memset(sent.picture, 0xff, sizeof sent.picture);
        MgkJob job = {.send = on_send, .priv = &sent};
        MgkPixels source = {.data = (const guint8 *)pixels, .stride = WIDTH * 4, .width = WIDTH, .height = HEIGHT};
        ck_assert(mgk_bands_send(&job, &source, NULL));
        guint bands = sent.n[0] + sent.n[1] + sent.n[2] + sent.n[3];
        ck_assert_msg(table[i].want < 0 ? bands == 0 : sent.n[table[i].want] > 0, "%s: coding", table[i].what);
        ck_assert_msg(!table[i].bits || sent.band.bits == table[i].bits, "%s: %u bits, want %u", table[i].what,
                      sent.band.bits, table[i].bits);
        for (guint y = 0; y < HEIGHT; y++) {
            for (guint x = 0; x < WIDTH; x++) {
                guint got = sent.picture[y][x] & 0xffffff, want = pixels[y][x] & 0xffffff;
                gint off = (gint)(got & 255) - (gint)(want & 255);
                ck_assert_msg(table[i].slack ? ABS(off) <= (gint)table[i].slack : got == want,
                              "%s at %u,%u: got %06x, want %06x", table[i].what, x, y, got, want);
            }
        }
        g_byte_array_unref(sent.pixels);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bands");
    TCase *tc = tcase_create("bands");
    tcase_add_test(tc, test_bands__chooses_codings_and_keeps_pixels);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
