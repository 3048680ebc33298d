#include "engines/png_write.h"
#include "engines/signature.h"
#include "fake_job.h"
#include "raw_png.h"

#include <check.h>
#include <string.h>

/* A picture with smooth and noisy parts, the same at every run. */
static void fill(guint8 *row, gsize size, guint y)
{
    guint32 noise = y * 2654435761u + 12345;
    for (gsize i = 0; i < size; i++) {
        noise = noise * 1664525u + 1013904223u;
        row[i] = y % 16 < 8 ? (guint8)(i * 3 + y * 5) : (guint8)(noise >> 24);
    }
}

static GByteArray *encode(const MgkRaster *raster)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(raster, fake_sink, out);
    gsize size = mgk_raster_row_bytes(raster);
    g_autofree guint8 *row = g_malloc(size);
    for (guint y = 0; y < raster->height; y++) {
        fill(row, size, y);
        ck_assert(mgk_png_writer_row(writer, row, NULL));
    }
    ck_assert(mgk_png_writer_finish(writer, NULL));
    return out;
}

START_TEST(test_png_write__every_model_and_depth_reads_back)
{
    static const struct {
        MgkRasterModel model;
        guint8 depth;
        int want_type;
    } table[] = {{MGK_RASTER_GRAY, 1, 0},    {MGK_RASTER_GRAY, 2, 0},        {MGK_RASTER_GRAY, 4, 0},
                 {MGK_RASTER_GRAY, 8, 0},    {MGK_RASTER_GRAY, 16, 0},       {MGK_RASTER_GRAY_ALPHA, 8, 4},
                 {MGK_RASTER_RGB, 8, 2},     {MGK_RASTER_GRAY_ALPHA, 16, 4}, {MGK_RASTER_RGB, 16, 2},
                 {MGK_RASTER_RGBA, 8, 6},    {MGK_RASTER_RGBA, 16, 6},       {MGK_RASTER_PALETTE, 1, 3},
                 {MGK_RASTER_PALETTE, 2, 3}, {MGK_RASTER_PALETTE, 4, 3},     {MGK_RASTER_PALETTE, 8, 3}};
    static const guint32 widths[] = {1, 3, 65, 700};
    for (guint i = 0; i < G_N_ELEMENTS(table) * G_N_ELEMENTS(widths); i++) {
        guint kind = i / G_N_ELEMENTS(widths);
        MgkRaster raster = {.width = widths[i % G_N_ELEMENTS(widths)],
                            .height = 37,
                            .model = table[kind].model,
                            .depth = table[kind].depth};
        raster.n_colors = raster.model == MGK_RASTER_PALETTE ? 2 : 0;
        g_autoptr(GByteArray) out = encode(&raster);
        g_autoptr(RawPng) raw = raw_png_read(out->data, out->len);
        ck_assert_msg(raw != NULL, "row %u: libpng refuses it", i);
        ck_assert_msg(raw->color_type == table[kind].want_type && raw->depth == raster.depth &&
                          raw->width == raster.width && raw->height == 37,
                      "row %u: got type %d depth %d", i, raw->color_type, raw->depth);
        gsize size = mgk_raster_row_bytes(&raster);
        gsize whole = (gsize)raster.width * mgk_raster_channels(&raster) * raster.depth / 8;
        g_autofree guint8 *want = g_malloc(size);
        for (guint y = 0; y < 37; y++) {
            fill(want, size, y);
            ck_assert_msg(memcmp(want, raw->rows + y * raw->row_bytes, whole) == 0, "row %u: pixels differ in line %u",
                          i, y);
        }
    }
}
END_TEST

START_TEST(test_png_write__palette_covers_every_index_used)
{
    MgkRaster raster = {.width = 64, .height = 1, .model = MGK_RASTER_PALETTE, .depth = 8, .n_colors = 3};
    raster.palette[0][3] = 0;
    raster.palette[1][3] = 255;
    raster.palette[2][3] = 255;
    g_autoptr(GByteArray) out = encode(&raster);
    g_autoptr(RawPng) raw = raw_png_read(out->data, out->len);
    ck_assert_int_eq(raw->n_colors, 63 * 3 + 1);
    ck_assert_int_eq(raw->n_alpha, 1);
}
END_TEST

START_TEST(test_png_write__density_and_key_are_kept)
{
    MgkRaster raster = {.width = 4,
                        .height = 2,
                        .model = MGK_RASTER_GRAY,
                        .depth = 8,
                        .has_key = TRUE,
                        .key = {7, 0, 0},
                        .density_x = 11811,
                        .density_y = 5906};
    g_autoptr(GByteArray) out = encode(&raster);
    g_autoptr(RawPng) raw = raw_png_read(out->data, out->len);
    ck_assert_uint_eq(raw->density_x, 11811);
    ck_assert_uint_eq(raw->density_y, 5906);
    ck_assert_int_eq(raw->n_alpha, 1);
}
END_TEST

/* Noise cannot be packed, so its bytes stand in the file as they are. */
static void noise(guint8 *row, gsize size, guint32 seed)
{
    for (gsize i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        row[i] = (guint8)(seed >> 24);
    }
}

START_TEST(test_png_write__no_foreign_signature_stands_in_the_file)
{
    static const char *const signatures[] = {"<script", "<?PHP", "%PDF-", "PK\5\6", "PK\1\2"};
    MgkRaster raster = {.width = 1024, .height = 512, .model = MGK_RASTER_PALETTE, .depth = 8, .n_colors = 256};
    for (guint i = 0; i < G_N_ELEMENTS(signatures); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_autofree guint8 *rows = g_malloc(1024 * 512);
        noise(rows, 1024 * 512, i);
        for (guint at = 0; at + 4096 < 1024 * 512; at += 4096 + i)
            memcpy(rows + at, signatures[i], strlen(signatures[i]));
        g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(&raster, fake_sink, out);
        for (guint y = 0; y < raster.height; y++)
            ck_assert(mgk_png_writer_row(writer, rows + y * 1024, NULL));
        ck_assert(mgk_png_writer_finish(writer, NULL));
        const char *got = mgk_signature_foreign(out->data, out->len);
        ck_assert_msg(!got, "row %u: %s", i, got);
        g_autoptr(RawPng) raw = raw_png_read(out->data, out->len);
        ck_assert_msg(raw && memcmp(raw->rows, rows, 1024 * 512) == 0, "row %u: the picture is another", i);
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert_msg(fake_run_check(run, out->data, out->len, MGK_FORMAT_ID_png, NULL), "row %u: second look", i);
    }
}
END_TEST

START_TEST(test_png_write__large_photos_stream)
{
    MgkRaster raster = {.width = 2048, .height = 900, .model = MGK_RASTER_RGB, .depth = 8};
    gsize size = mgk_raster_row_bytes(&raster);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(&raster, fake_sink, out);
    g_autofree guint8 *row = g_malloc(size);
    for (guint y = 0; y < raster.height; y++) {
        noise(row, size, y);
        ck_assert(mgk_png_writer_row(writer, row, NULL));
    }
    ck_assert(mgk_png_writer_finish(writer, NULL));
    g_autoptr(RawPng) raw = raw_png_read(out->data, out->len);
    ck_assert(raw != NULL);
    for (guint y = 0; y < raster.height; y++) {
        noise(row, size, y);
        ck_assert_msg(memcmp(raw->rows + y * raw->row_bytes, row, size) == 0, "line %u differs", y);
    }
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_check(run, out->data, out->len, MGK_FORMAT_ID_png, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("png_write");
    TCase *tc = tcase_create("png_write");
    tcase_add_test(tc, test_png_write__every_model_and_depth_reads_back);
    tcase_add_test(tc, test_png_write__palette_covers_every_index_used);
    tcase_add_test(tc, test_png_write__density_and_key_are_kept);
    tcase_add_test(tc, test_png_write__no_foreign_signature_stands_in_the_file);
    tcase_add_test(tc, test_png_write__large_photos_stream);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
