#include "engines/placeholder_image.h"
#include "raw_png.h"

#include <check.h>

START_TEST(test_placeholder_image__png_shows_border_and_cross)
{
    g_autoptr(GBytes) file = mgk_placeholder_image(MGK_FORMAT_ID_png, 80, 40);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(file, &size);
    g_autoptr(RawPng) raw = raw_png_read(data, size);
    ck_assert(raw && raw->width == 80 && raw->height == 40);
    guint8 border = raw->rows[40], field = raw->rows[20 * 80 + 20], cross = raw->rows[20 * 80 + 40];
    ck_assert_msg(border == cross && border != field, "border %u cross %u field %u", border, cross, field);
}
END_TEST

START_TEST(test_placeholder_image__sizes_are_brought_into_bounds)
{
    static const guint table[][2] = {{0, 8}, {1, 8}, {8, 8}, {100, 100}, {G_MAXUINT, 4096}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GBytes) file = mgk_placeholder_image(MGK_FORMAT_ID_png, table[i][0], 9);
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(file, &size);
        g_autoptr(RawPng) raw = raw_png_read(data, size);
        ck_assert_msg(raw->width == table[i][1], "row %u: got %u want %u", i, raw->width, table[i][1]);
    }
}
END_TEST

START_TEST(test_placeholder_image__jpeg_is_whole)
{
    g_autoptr(GBytes) file = mgk_placeholder_image(MGK_FORMAT_ID_jpeg, 64, 64);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(file, &size);
    ck_assert(size > 4 && data[0] == 0xff && data[1] == 0xd8 && data[size - 2] == 0xff && data[size - 1] == 0xd9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("placeholder_image");
    TCase *tc = tcase_create("placeholder_image");
    tcase_add_test(tc, test_placeholder_image__png_shows_border_and_cross);
    tcase_add_test(tc, test_placeholder_image__sizes_are_brought_into_bounds);
    tcase_add_test(tc, test_placeholder_image__jpeg_is_whole);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
