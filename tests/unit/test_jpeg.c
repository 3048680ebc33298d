#include "engines/jpeg_quality.h"
#include "fake_job.h"
#include "pictures.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

typedef struct Seen {
    int width, height, channels, sample_h, quality, density;
    guint8 first; /* top left sample */
} Seen;

static void look(const GByteArray *file, Seen *seen)
{
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr error;
    info.err = jpeg_std_error(&error);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file->data, file->len);
    jpeg_read_header(&info, TRUE);
    *seen = (Seen){.channels = info.num_components,
                   .sample_h = info.comp_info[0].h_samp_factor,
                   .density = info.density_unit == 1 ? info.X_density : 0};
    seen->quality = (int)mgk_jpeg_quality_estimate(info.quant_tbl_ptrs[0]->quantval);
    jpeg_start_decompress(&info);
    seen->width = (int)info.output_width;
    seen->height = (int)info.output_height;
    g_autofree guint8 *row = g_malloc((gsize)seen->width * 3);
    JSAMPROW rows[1] = {row};
    jpeg_read_scanlines(&info, rows, 1);
    seen->first = row[(gsize)seen->channels];
    jpeg_abort_decompress(&info);
    jpeg_destroy_decompress(&info);
}

static FakeRun *clean(const GByteArray *file)
{
    FakeRun *run = fake_run_new();
    if (!fake_run_clean(run, file->data, file->len, "a.jpeg", MGK_FORMAT_ID_NONE, NULL))
        g_clear_pointer(&run, fake_run_free);
    return run;
}

START_TEST(test_jpeg__quality_and_sampling_follow_the_source)
{
    static const struct {
        MgkRasterModel model;
        guint8 quality, sampling;
    } table[] = {{MGK_RASTER_RGB, 50, 2},
                 {MGK_RASTER_RGB, 75, 1},
                 {MGK_RASTER_RGB, 90, 2},
                 {MGK_RASTER_RGB, 98, 1},
                 {MGK_RASTER_GRAY, 80, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = picture_jpeg(table[i].model, 61, 47, table[i].quality, table[i].sampling);
        g_autoptr(FakeRun) run = clean(file);
        ck_assert_msg(run != NULL, "row %u", i);
        Seen seen;
        look(run->output, &seen);
        ck_assert_msg(seen.quality == table[i].quality && seen.sample_h == table[i].sampling &&
                          seen.channels == (table[i].model == MGK_RASTER_GRAY ? 1 : 3) && seen.width == 61 &&
                          seen.height == 47,
                      "row %u: quality %d sampling %d channels %d", i, seen.quality, seen.sample_h, seen.channels);
        ck_assert_msg(seen.first < 40, "row %u: dark corner is %u", i, seen.first);
        ck_assert_uint_eq(run->outcome.extension, 1);
    }
}
END_TEST

START_TEST(test_jpeg__cleaning_again_changes_next_to_nothing)
{
    g_autoptr(GByteArray) file = picture_jpeg(MGK_RASTER_RGB, 200, 200, 85, 2);
    g_autoptr(FakeRun) once = clean(file);
    g_autoptr(FakeRun) twice = clean(once->output);
    gint64 difference = (gint64)once->output->len - (gint64)twice->output->len;
    ck_assert_msg(difference > -64 && difference < 64, "%u then %u bytes", once->output->len, twice->output->len);
    ck_assert_uint_eq(twice->report->findings->len, 0);
}
END_TEST

START_TEST(test_jpeg__what_is_no_picture_is_found_and_gone)
{
    g_autoptr(GByteArray) exif = picture_exif(1, TRUE);
    g_byte_array_append(exif, (const guint8 *)"CANARY", 6);
    struct {
        guint8 marker;
        const void *data;
        gsize size;
        MgkKind want;
    } table[] = {
        {0xe1, exif->data, exif->len, MGK_KIND_IMAGE_GPS},
        {0xe1, "http://ns.adobe.com/xap/1.0/\0CANARY", 35, MGK_KIND_METADATA},
        {0xed, "Photoshop 3.0\0CANARY", 20, MGK_KIND_METADATA},
        {0xfe, "CANARY", 6, MGK_KIND_METADATA},
        {0xe5, "CANARY", 6, MGK_KIND_UNKNOWN_PART},
        {0xe0, "JFXX\0\20CANARY", 12, MGK_KIND_IMAGE_THUMBNAIL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = picture_jpeg(MGK_RASTER_RGB, 20, 20, 80, 1);
        picture_add_segment(file, table[i].marker, table[i].data, table[i].size);
        g_autoptr(FakeRun) run = clean(file);
        ck_assert_msg(run && fake_run_found(run, table[i].want), "row %u: not found", i);
        ck_assert_msg(!memmem(run->output->data, run->output->len, "CANARY", 6), "row %u: still there", i);
    }
}
END_TEST

START_TEST(test_jpeg__orientation_is_applied)
{
    g_autoptr(GByteArray) file = picture_jpeg(MGK_RASTER_RGB, 64, 32, 90, 1);
    g_autoptr(GByteArray) exif = picture_exif(6, FALSE);
    picture_add_segment(file, 0xe1, exif->data, exif->len);
    g_autoptr(FakeRun) run = clean(file);
    Seen seen;
    look(run->output, &seen);
    ck_assert_int_eq(seen.width, 32);
    ck_assert_int_eq(seen.height, 64);
    ck_assert_msg(seen.first > 60, "the dark corner stayed where it was");
}
END_TEST

START_TEST(test_jpeg__truncation_and_trailing_data)
{
    g_autoptr(GByteArray) file = picture_jpeg(MGK_RASTER_RGB, 400, 400, 90, 2);
    guint whole = file->len;
    g_byte_array_set_size(file, whole * 3 / 4);
    g_autoptr(FakeRun) cut = clean(file);
    ck_assert(cut && fake_run_found(cut, MGK_KIND_IMAGE_DAMAGED));
    g_byte_array_set_size(file, 640);
    ck_assert(clean(file) == NULL);
    g_autoptr(GByteArray) polyglot = picture_jpeg(MGK_RASTER_GRAY, 40, 40, 90, 1);
    g_byte_array_append(polyglot, (const guint8 *)"PK\3\4CANARY", 10);
    g_autoptr(FakeRun) run = clean(polyglot);
    ck_assert(run && fake_run_found(run, MGK_KIND_IMAGE_HIDDEN_FILE));
    ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
}
END_TEST

START_TEST(test_jpeg__second_look_refuses_what_we_never_write)
{
    for (guint i = 0; i < 6; i++) {
        g_autoptr(GByteArray) file = picture_jpeg(MGK_RASTER_RGB, 64, 64, 80, 2);
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert(fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_jpeg, NULL));
        switch (i) {
        case 0:
            picture_add_segment(file, 0xfe, "x", 1);
            break;
        case 1:
            g_byte_array_append(file, (const guint8 *)"x", 1);
            break;
        case 2: /* one quantisation step of somebody's own */
            file->data[2 + 18 + 5 + 10] ^= 1;
            break;
        case 3:
            g_byte_array_set_size(file, file->len - 2);
            break;
        case 4: /* another frame type */
            ((guint8 *)memmem(file->data, file->len, "\xff\xc0", 2))[1] = 0xc1;
            break;
        default: /* a restart marker inside the data */
            file->data[file->len - 4] = 0xff;
            file->data[file->len - 3] = 0xd0;
            break;
        }
        ck_assert_msg(!fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_jpeg, NULL), "change %u passes", i);
    }
}
END_TEST

START_TEST(test_jpeg__a_container_gets_the_format_it_wants)
{
    g_autoptr(GByteArray) jpeg = picture_jpeg(MGK_RASTER_RGB, 50, 40, 80, 2);
    g_autoptr(FakeRun) run = fake_run_new();
    run->want = MGK_FORMAT_ID_png;
    ck_assert(fake_run_clean(run, jpeg->data, jpeg->len, "a.png", MGK_FORMAT_ID_NONE, NULL));
    ck_assert(run->outcome.format == MGK_FORMAT_ID_png && memcmp(run->output->data + 1, "PNG", 3) == 0);
    static const MgkRasterModel models[] = {MGK_RASTER_GRAY, MGK_RASTER_GRAY_ALPHA, MGK_RASTER_RGB, MGK_RASTER_RGBA,
                                            MGK_RASTER_PALETTE};
    for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
        g_autoptr(GByteArray) png = picture_png(models[i], 8, 50, 40);
        g_autoptr(FakeRun) other = fake_run_new();
        other->want = MGK_FORMAT_ID_jpeg;
        ck_assert(fake_run_clean(other, png->data, png->len, "a.jpg", MGK_FORMAT_ID_NONE, NULL));
        ck_assert_msg(other->outcome.format == MGK_FORMAT_ID_jpeg && other->output->data[1] == 0xd8, "model %u", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jpeg");
    TCase *tc = tcase_create("jpeg");
    tcase_add_test(tc, test_jpeg__quality_and_sampling_follow_the_source);
    tcase_add_test(tc, test_jpeg__cleaning_again_changes_next_to_nothing);
    tcase_add_test(tc, test_jpeg__what_is_no_picture_is_found_and_gone);
    tcase_add_test(tc, test_jpeg__orientation_is_applied);
    tcase_add_test(tc, test_jpeg__a_container_gets_the_format_it_wants);
    tcase_add_test(tc, test_jpeg__truncation_and_trailing_data);
    tcase_add_test(tc, test_jpeg__second_look_refuses_what_we_never_write);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
