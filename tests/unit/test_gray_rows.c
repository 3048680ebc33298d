#include "engines/gray_rows.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 700 };

/* Rows like a page's: paper, long areas, letters' edges, noise; a width that is no multiple of anything. */
static guint fill(guint32 *pixels, guint seed)
{
    guint width = 1 + seed * 37 % MOST, state = seed + 1, left = 0;
    guint8 gray = 255;
    for (guint x = 0; x < width; x++) {
        if (!left) {
            state = state * 1103515245u + 12345u;
            left = 1 + (state >> 16) % (seed % 5 ? 40 : 2);
            gray = (state >> 24) % 3 ? (guint8)(state >> 8) : 255;
        }
        left--;
        pixels[x] = (x % 3 ? 0xff000000u : 0) | gray * 0x010101u;
    }
    return width;
}

START_TEST(test_gray_rows__counts_what_is_there)
{
    static guint32 pixels[MOST];
    static guint8 row[MOST];
    for (guint seed = 0; seed < 200; seed++) {
        guint width = fill(pixels, seed), runs = 1, soft = 0;
        gboolean known[256] = {FALSE};
        MgkGrayStats stats = {.runs = 0};
        ck_assert(mgk_gray_row(pixels, width, row));
        mgk_gray_look(row, width, &stats);
        for (guint x = 0; x < width; x++) {
            ck_assert_uint_eq(row[x], pixels[x] & 255);
            known[row[x]] = TRUE;
            gint step = x ? abs(row[x] - row[x - 1]) : 0;
            runs += step > 0;
            soft += step > 0 && step <= 8;
        }
        ck_assert_msg(stats.runs == runs && stats.soft == soft && mgk_color_runs(pixels, width) == runs,
                      "seed %u: %u runs, %u soft; got %u, %u, %u", seed, runs, soft, (guint)stats.runs,
                      (guint)stats.soft, mgk_color_runs(pixels, width));
        for (guint level = 0; level < 256; level++)
            ck_assert_msg(stats.known[level] == known[level], "seed %u: gray %u", seed, level);
    }
}
END_TEST

START_TEST(test_gray_rows__long_runs_are_areas)
{
    guint8 row[64];
    MgkGrayStats stats = {.runs = 0};
    memset(row, 255, sizeof row);
    memset(row + 32, 90, 16);
    row[50] = 3;
    mgk_gray_look(row, sizeof row, &stats);
    ck_assert_uint_eq(stats.areas[255], 32);
    ck_assert_uint_eq(stats.areas[90], 16);
    ck_assert_uint_eq(stats.areas[3], 0);
}
END_TEST

START_TEST(test_gray_rows__one_colour_is_noticed)
{
    static guint32 pixels[MOST];
    static guint8 row[MOST];
    for (guint x = 0; x < MOST; x += 13) {
        memset(pixels, 0xff, sizeof pixels);
        pixels[x] = x % 2 ? 0xfffefffe : 0xffff00;
        ck_assert_msg(!mgk_gray_row(pixels, MOST, row), "pixel %u", x);
    }
}
END_TEST

START_TEST(test_gray_rows__packs_every_depth)
{
    static guint32 pixels[MOST];
    static guint8 row[MOST], out[MOST + 1];
    for (guint seed = 0; seed < 100; seed++) {
        guint width = fill(pixels, seed), bits = 1u << seed % 4;
        guint8 table[256];
        for (guint level = 0; level < 256; level++)
            table[level] = (guint8)(level * 7 % (1u << bits));
        ck_assert(mgk_gray_row(pixels, width, row));
        memset(out, 0xaa, sizeof out);
        mgk_gray_pack(row, width, table, bits, out);
        for (guint x = 0; x < width; x++) {
            guint got = out[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1u << bits) - 1);
            ck_assert_msg(got == table[row[x]], "seed %u, %u bits, pixel %u of %u", seed, bits, x, width);
        }
        ck_assert_msg(out[(width * bits + 7) / 8] == 0xaa, "seed %u: written past the row", seed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gray_rows");
    TCase *tc = tcase_create("gray_rows");
    tcase_add_test(tc, test_gray_rows__counts_what_is_there);
    tcase_add_test(tc, test_gray_rows__long_runs_are_areas);
    tcase_add_test(tc, test_gray_rows__one_colour_is_noticed);
    tcase_add_test(tc, test_gray_rows__packs_every_depth);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
