#include "fake_job.h"

#include "engines/heif_box.h"
#include "engines/heif_codec.h"
#include "engines/planes.h"

#include <check.h>
#include <string.h>

static const char *const names[] = {"tiny.heic", "tiny.avif"};

static char *load(const char *name, gsize *ret_size)
{
    g_autofree char *path = g_build_filename(FIXTURES, "fuzz", "heif", name, NULL);
    char *bytes = NULL;
    ck_assert_msg(g_file_get_contents(path, &bytes, ret_size, NULL), "%s", path);
    return bytes;
}

START_TEST(test_heif__becomes_jpeg_or_what_is_asked)
{
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        static const MgkFormatId wants[] = {MGK_FORMAT_ID_NONE, MGK_FORMAT_ID_png, MGK_FORMAT_ID_jpeg};
        gsize size = 0;
        g_autofree char *bytes = load(names[i], &size);
        for (guint w = 0; w < G_N_ELEMENTS(wants); w++) {
            g_autoptr(FakeRun) run = fake_run_new();
            g_autoptr(GError) error = NULL;
            run->want = wants[w];
            ck_assert_msg(fake_run_clean(run, (guint8 *)bytes, size, names[i], MGK_FORMAT_ID_NONE, &error), "%s: %s",
                          names[i], error ? error->message : "");
            ck_assert(run->outcome.verdict == MGK_VERDICT_CONVERTED);
            ck_assert(run->outcome.format == (wants[w] == MGK_FORMAT_ID_png ? MGK_FORMAT_ID_png : MGK_FORMAT_ID_jpeg));
        }
    }
}
END_TEST

START_TEST(test_heif__truncation_and_damage)
{
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        gsize size = 0;
        g_autofree char *bytes = load(names[i], &size);
        for (gsize cut = 0; cut < size; cut += 7) {
            g_autoptr(FakeRun) run = fake_run_new();
            g_autofree guint8 *part = g_memdup2(bytes, MAX(cut, 1));
            ck_assert_msg(!fake_run_clean(run, part, cut, "a.heic", MGK_FORMAT_ID_heif, NULL), "%s cut at %zu",
                          names[i], cut);
        }
        for (gsize at = 0; at < size; at += 3) { /* must not crash; what comes out passed the second look */
            g_autoptr(FakeRun) run = fake_run_new();
            g_autofree guint8 *bad = g_memdup2(bytes, size);
            bad[at] ^= 0x81;
            run->policy.limits.image_pixels = 1 << 20;
            (void)fake_run_clean(run, bad, size, "a.heic", MGK_FORMAT_ID_heif, NULL);
        }
    }
}
END_TEST

START_TEST(test_heif__bounds)
{
    gsize size = 0;
    g_autofree char *bytes = load(names[0], &size);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    run->policy.limits.image_pixels = 64 * 48 - 1;
    ck_assert(!fake_run_clean(run, (guint8 *)bytes, size, "a.heic", MGK_FORMAT_ID_heif, &error));
    ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT), "%s", error->message);
}
END_TEST

/* An item whose extents name the whole file again and again does not multiply it. */
START_TEST(test_heif__extents_cannot_multiply)
{
    static const guint8 head[] = "\0\0\0\x10"
                                 "ftypheic\0\0\0\0";
    g_autoptr(GByteArray) file = g_byte_array_new(), iloc = g_byte_array_new();
    g_byte_array_append(iloc,
                        (const guint8 *)"\0\0\0\0"
                                        "\x44\0"
                                        "\0\1"
                                        "\0\1"
                                        "\0\0"
                                        "\x01\x00",
                        14);
    for (guint i = 0; i < 256; i++)
        g_byte_array_append(iloc, (const guint8 *)"\0\0\0\0\0\0\0\x10", 8);
    static const guint8 rest[] = "\0\0\0\x0epitm\0\0\0\0\0\1"
                                 "\0\0\0\x22iinf\0\0\0\0\0\1\0\0\0\x14infe\2\0\0\0\0\1\0\0hvc1";
    guint32 iloc_size = GUINT32_TO_BE(8 + iloc->len), meta = GUINT32_TO_BE(12 + 8 + iloc->len + (guint)sizeof rest - 1);
    g_byte_array_append(file, head, 16);
    g_byte_array_append(file, (guint8 *)&meta, 4);
    g_byte_array_append(file, (const guint8 *)"meta\0\0\0\0", 8);
    g_byte_array_append(file, rest, sizeof rest - 1);
    g_byte_array_append(file, (guint8 *)&iloc_size, 4);
    g_byte_array_append(file, (const guint8 *)"iloc", 4);
    g_byte_array_append(file, iloc->data, iloc->len);
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkHeif) heif = mgk_heif_new(file->data, file->len, &error);
    ck_assert_msg(heif != NULL, "%s", error ? error->message : "");
    ck_assert_ptr_null(mgk_heif_item(heif, 1)->bytes); /* 4096 bytes wanted of a file of some 2100 */
}
END_TEST

/* Settings that end anywhere, the byte before a length included. */
START_TEST(test_heif__settings_that_are_cut_off)
{
    static const guint8 whole[] = {1, 0, 0, 0,  0, 0, 0, 0, 0,  0, 0, 0, 0,  0,  0, 0, 0, 0, 0,  0,
                                   0, 3, 2, 32, 0, 2, 0, 2, 64, 1, 0, 1, 66, 33, 0, 1, 0, 2, 66, 1};
    for (gsize size = 0; size < sizeof whole; size++) {
        g_autofree guint8 *data = g_memdup2(whole, MAX(size, 1));
        MgkHeif heif = {.items = g_ptr_array_new(),
                        .properties = g_array_new(FALSE, FALSE, sizeof(MgkHeifProperty)),
                        .references = g_array_new(FALSE, FALSE, sizeof(MgkHeifReference))};
        MgkHeifItem item = {.type = MGK_FOURCC('h', 'v', 'c', '1'),
                            .bytes = g_bytes_new_static("\0\0\0\2\2\1", 6),
                            .properties = g_array_new(FALSE, FALSE, sizeof(guint))};
        MgkHeifProperty config = {.type = MGK_FOURCC('h', 'v', 'c', 'C'), .data = data, .size = size};
        guint first = 0;
        g_array_append_val(heif.properties, config);
        g_array_append_val(item.properties, first);
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkHeifPicture) picture = mgk_heif_picture_new(&heif, &item, 1 << 20, &error);
        ck_assert_msg(!picture && error, "cut to %zu bytes", size);
        g_array_unref(item.properties);
        g_bytes_unref(item.bytes);
        g_ptr_array_unref(heif.items);
        g_array_unref(heif.properties);
        g_array_unref(heif.references);
    }
}
END_TEST

START_TEST(test_heif__colours_of_planes)
{
    static const struct {
        guint8 y, u, v;
        guint matrix;
        gboolean full;
        guint8 want[3];
    } table[] = {{255, 128, 128, 6, TRUE, {255, 255, 255}},  {16, 128, 128, 1, FALSE, {0, 0, 0}},
                 {235, 128, 128, 1, FALSE, {255, 255, 255}}, {76, 85, 255, 6, TRUE, {254, 0, 0}},
                 {63, 102, 240, 1, FALSE, {255, 0, 0}},      {10, 20, 30, 0, TRUE, {30, 10, 20}}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkPlanes planes = {.width = 1,
                            .height = 1,
                            .depth = 8,
                            .matrix = table[i].matrix,
                            .full = table[i].full,
                            .plane = {&table[i].y, &table[i].u, &table[i].v},
                            .stride = {1, 1, 1}};
        guint8 got[3];
        mgk_planes_row(&planes, 0, 1, got);
        for (guint c = 0; c < 3; c++)
            ck_assert_msg(ABS(got[c] - table[i].want[c]) <= 1, "row %u: got %u %u %u", i, got[0], got[1], got[2]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heif");
    TCase *cases = tcase_create("heif");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_heif__becomes_jpeg_or_what_is_asked);
    tcase_add_test(cases, test_heif__truncation_and_damage);
    tcase_add_test(cases, test_heif__bounds);
    tcase_add_test(cases, test_heif__extents_cannot_multiply);
    tcase_add_test(cases, test_heif__settings_that_are_cut_off);
    tcase_add_test(cases, test_heif__colours_of_planes);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
