#include "fake_job.h"
#include "pictures.h"
#include "raw_png.h"

#include <check.h>
#include <libdeflate.h>
#include <string.h>

static FakeRun *clean(const GByteArray *file, GError **error)
{
    FakeRun *run = fake_run_new();
    gboolean ok = fake_run_clean(run, file->data, file->len, "a.png", MGK_FORMAT_ID_NONE, error);
    if (!ok)
        g_clear_pointer(&run, fake_run_free);
    return run;
}

START_TEST(test_png__every_model_keeps_its_pixels)
{
    static const struct {
        MgkRasterModel model;
        guint8 depth;
    } table[] = {{MGK_RASTER_GRAY, 1},    {MGK_RASTER_GRAY, 2},   {MGK_RASTER_GRAY, 4},    {MGK_RASTER_GRAY, 8},
                 {MGK_RASTER_GRAY, 16},   {MGK_RASTER_RGB, 8},    {MGK_RASTER_RGB, 16},    {MGK_RASTER_GRAY_ALPHA, 8},
                 {MGK_RASTER_RGBA, 8},    {MGK_RASTER_RGBA, 16},  {MGK_RASTER_PALETTE, 1}, {MGK_RASTER_PALETTE, 2},
                 {MGK_RASTER_PALETTE, 4}, {MGK_RASTER_PALETTE, 8}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = picture_png(table[i].model, table[i].depth, 67, 31);
        g_autoptr(GError) error = NULL;
        g_autoptr(FakeRun) run = clean(file, &error);
        ck_assert_msg(run != NULL, "row %u: %s", i, error ? error->message : "");
        g_autoptr(RawPng) before = raw_png_read(file->data, file->len);
        g_autoptr(RawPng) after = raw_png_read(run->output->data, run->output->len);
        ck_assert_msg(after && after->color_type == before->color_type && after->depth == before->depth,
                      "row %u: model changed", i);
        ck_assert_msg(memcmp(before->rows, after->rows, before->row_bytes * 31) == 0, "row %u: pixels changed", i);
    }
}
END_TEST

START_TEST(test_png__what_is_no_picture_is_found_and_gone)
{
    g_autoptr(GByteArray) exif = picture_exif(1, TRUE);
    struct {
        const char *type;
        const void *data;
        gsize size;
        MgkKind want;
    } table[] = {
        {"tEXt", "Comment\0CANARY", 14, MGK_KIND_METADATA},          {"tIME", "CANARY!", 7, MGK_KIND_METADATA},
        {"eXIf", exif->data + 6, exif->len - 6, MGK_KIND_IMAGE_GPS}, {"prVt", "CANARY", 6, MGK_KIND_UNKNOWN_PART},
        {"acTL", "\0\0\0\1\0\0\0\0", 8, MGK_KIND_IMAGE_ANIMATION},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = picture_png(MGK_RASTER_RGB, 8, 20, 20);
        picture_add_chunk(file, table[i].type, table[i].data, table[i].size);
        g_autoptr(FakeRun) run = clean(file, NULL);
        ck_assert_msg(run && fake_run_found(run, table[i].want), "%s: not found", table[i].type);
        ck_assert_msg(!memmem(run->output->data, run->output->len, table[i].type, 4), "%s: still there", table[i].type);
        ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
    }
}
END_TEST

START_TEST(test_png__data_behind_the_end)
{
    static const struct {
        const char *bytes;
        gsize size;
        gboolean want_tail, want_file;
    } table[] = {{"\0\0\0\0", 4, FALSE, FALSE},
                 {"hello", 5, TRUE, FALSE},
                 {"PK\3\4....", 8, FALSE, TRUE},
                 {"\0\0MZ......", 10, FALSE, TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = picture_png(MGK_RASTER_GRAY, 8, 9, 9);
        g_byte_array_append(file, (const guint8 *)table[i].bytes, (guint)table[i].size);
        g_autoptr(FakeRun) run = clean(file, NULL);
        ck_assert_msg(run && fake_run_found(run, MGK_KIND_TRAILING_DATA) == table[i].want_tail &&
                          fake_run_found(run, MGK_KIND_IMAGE_HIDDEN_FILE) == table[i].want_file,
                      "row %u", i);
    }
}
END_TEST

START_TEST(test_png__truncation)
{
    static const struct {
        guint percent;
        gboolean want_crosses;
    } table[] = {{60, TRUE}, {2, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = picture_png(MGK_RASTER_RGB, 8, 300, 300);
        g_byte_array_set_size(file, file->len * table[i].percent / 100);
        g_autoptr(FakeRun) run = clean(file, NULL);
        ck_assert_msg((run != NULL) == table[i].want_crosses, "row %u", i);
        ck_assert(!run || fake_run_found(run, MGK_KIND_IMAGE_DAMAGED));
    }
}
END_TEST

START_TEST(test_png__orientation_is_applied)
{
    static const struct {
        guint orientation, x, y; /* where the dark corner goes, in fifths */
        gboolean swapped;
    } table[] = {{1, 0, 0, FALSE}, {2, 4, 0, FALSE}, {3, 4, 4, FALSE}, {4, 0, 4, FALSE},
                 {5, 0, 0, TRUE},  {6, 4, 0, TRUE},  {7, 4, 4, TRUE},  {8, 0, 4, TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(table) * 2; i++) {
        guint row = i / 2;
        guint8 depth = i % 2 ? 8 : 4;
        g_autoptr(GByteArray) file = picture_png(MGK_RASTER_GRAY, depth, 60, 30);
        g_autoptr(GByteArray) exif = picture_exif(table[row].orientation, FALSE);
        picture_add_chunk(file, "eXIf", exif->data + 6, exif->len - 6);
        g_autoptr(FakeRun) run = clean(file, NULL);
        ck_assert(run != NULL);
        g_autoptr(RawPng) after = raw_png_read(run->output->data, run->output->len);
        guint width = table[row].swapped ? 30 : 60, height = 90 - width;
        ck_assert_msg(after->width == width && after->height == height, "orientation %u: %u x %u",
                      table[row].orientation, after->width, after->height);
        guint x = (width - 1) * table[row].x / 4, y = (height - 1) * table[row].y / 4;
        guint8 corner = after->rows[y * after->row_bytes + (depth == 8 ? x : x / 2)];
        ck_assert_msg(corner == 0x11, "orientation %u depth %u: corner is %u", table[row].orientation, depth, corner);
    }
}
END_TEST

START_TEST(test_png__too_many_pixels_are_refused_before_decoding)
{
    g_autoptr(GByteArray) file = picture_png(MGK_RASTER_GRAY, 8, 100, 100);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.limits.image_pixels = 9999;
    g_autoptr(GError) error = NULL;
    ck_assert(!fake_run_clean(run, file->data, file->len, "a.png", MGK_FORMAT_ID_png, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT));
}
END_TEST

START_TEST(test_png__second_look_refuses_what_we_never_write)
{
    for (guint i = 0; i < 7; i++) {
        g_autoptr(GByteArray) file = picture_png(MGK_RASTER_RGB, 8, 40, 40);
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert(fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_png, NULL));
        switch (i) {
        case 0: /* metadata */
            picture_add_chunk(file, "tEXt", "a\0b", 3);
            break;
        case 1: /* trailer */
            g_byte_array_append(file, (const guint8 *)"x", 1);
            break;
        case 2: /* a pixel byte flipped: checksum */
            file->data[60] ^= 1;
            break;
        case 3: /* cut */
            g_byte_array_set_size(file, file->len - 12);
            break;
        case 4: /* palette in a picture without one */
            picture_add_chunk(file, "PLTE", "abc", 3);
            break;
        case 5: /* not a PNG */
            file->data[1] = 'Q';
            break;
        default: /* pHYs before PLTE twice */
            picture_add_chunk(file, "pHYs", "\0\0\0\1\0\0\0\1\1", 9);
            picture_add_chunk(file, "pHYs", "\0\0\0\1\0\0\0\1\1", 9);
            break;
        }
        ck_assert_msg(!fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_png, NULL), "change %u passes", i);
    }
}
END_TEST

/* What is done to the packed rows before they are cut into IDAT chunks. */
typedef enum { AS_IT_IS, SUM_WRONG, SUM_CUT, BYTE_BEHIND, CHUNK_BEHIND, ROW_MORE, ROW_LESS, FILTER, DICTIONARY } Wrong;

static void add_chunk(GByteArray *png, const char *type, const void *data, gsize size)
{
    guint32 length = GUINT32_TO_BE((guint32)size), sum = libdeflate_crc32(libdeflate_crc32(0, type, 4), data, size);
    sum = GUINT32_TO_BE(sum);
    g_byte_array_append(png, (const guint8 *)&length, 4);
    g_byte_array_append(png, (const guint8 *)type, 4);
    g_byte_array_append(png, data, (guint)size);
    g_byte_array_append(png, (const guint8 *)&sum, 4);
}

/* 256 x 256 bytes of rows: as many as the second look unpacks at a time, so that all ends coincide. */
static GByteArray *packed_rows(Wrong wrong)
{
    gsize size = 65536 + (wrong == ROW_MORE ? 256 : 0) - (wrong == ROW_LESS ? 256 : 0);
    g_autofree guint8 *rows = g_malloc0(size);
    for (gsize i = 0; i < size; i++)
        rows[i] = i % 256 ? (guint8)(i * i >> 7) : 1;
    if (wrong == FILTER)
        rows[200 * 256] = 5;
    GByteArray *packed = g_byte_array_new();
    g_byte_array_set_size(packed, 80000);
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(6);
    g_byte_array_set_size(packed, (guint)libdeflate_zlib_compress(deflater, rows, size, packed->data, packed->len));
    libdeflate_free_compressor(deflater);
    if (wrong == SUM_WRONG)
        packed->data[packed->len - 1] ^= 1;
    else if (wrong == SUM_CUT)
        g_byte_array_set_size(packed, packed->len - 1);
    else if (wrong == BYTE_BEHIND)
        g_byte_array_append(packed, (const guint8 *)"", 1);
    else if (wrong == DICTIONARY) { /* FDICT, and a header checksum that fits it */
        packed->data[1] |= 0x20;
        packed->data[1] =
            (guint8)(packed->data[1] / 32 * 32 + 31 - (packed->data[0] * 256 + packed->data[1] / 32 * 32) % 31);
    }
    return packed;
}

START_TEST(test_png__second_look_unpacks_every_row)
{
    static const gsize cuts[] = {1, 7, 1000, 100000};
    for (guint i = 0; i < G_N_ELEMENTS(cuts) * (DICTIONARY + 1); i++) {
        Wrong wrong = (Wrong)(i % (DICTIONARY + 1));
        gsize cut = cuts[i / (DICTIONARY + 1)];
        g_autoptr(GByteArray) packed = packed_rows(wrong), png = g_byte_array_new();
        g_byte_array_append(png, (const guint8 *)"\211PNG\r\n\032\n", 8);
        add_chunk(png, "IHDR", "\0\0\0\377\0\0\1\0\10\0\0\0\0", 13);
        for (gsize at = 0; at < packed->len; at += cut)
            add_chunk(png, "IDAT", packed->data + at, MIN(cut, packed->len - at));
        if (wrong == CHUNK_BEHIND)
            add_chunk(png, "IDAT", "", 1);
        add_chunk(png, "IEND", "", 0);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        gboolean passes = fake_run_check(run, png->data, png->len, MGK_FORMAT_ID_png, &error);
        ck_assert_msg(passes == (wrong == AS_IT_IS), "wrong %u, chunks of %" G_GSIZE_FORMAT ": %s", (guint)wrong, cut,
                      error ? error->message : "passes");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("png");
    TCase *tc = tcase_create("png");
    tcase_add_test(tc, test_png__every_model_keeps_its_pixels);
    tcase_add_test(tc, test_png__what_is_no_picture_is_found_and_gone);
    tcase_add_test(tc, test_png__data_behind_the_end);
    tcase_add_test(tc, test_png__truncation);
    tcase_add_test(tc, test_png__orientation_is_applied);
    tcase_add_test(tc, test_png__too_many_pixels_are_refused_before_decoding);
    tcase_add_test(tc, test_png__second_look_refuses_what_we_never_write);
    tcase_add_test(tc, test_png__second_look_unpacks_every_row);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
