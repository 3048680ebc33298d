#include "fake_job.h"
#include "pictures.h"
#include "raw_png.h"

#include "engines/webp_write.h"

#include <check.h>
#include <string.h>

#define WIDTH 20u
#define HEIGHT 12u

static GByteArray *forge(MgkRasterModel model, guint8 quality, guint frames)
{
    GByteArray *file = g_byte_array_new();
    g_autoptr(MgkWebpWriter) writer = mgk_webp_writer_new(mgk_sink_array, file);
    MgkRaster raster = {
        .width = WIDTH, .height = HEIGHT, .model = model, .depth = 8, .quality = quality, .duration = 80, .loops = 3};
    gsize size = mgk_raster_row_bytes(&raster) * HEIGHT;
    for (guint n = 0; n < frames; n++) {
        guint8 *pixels = g_malloc(size);
        for (gsize i = 0; i < size; i++)
            pixels[i] = (guint8)(i * 3 + i / 77 + n * 40);
        for (gsize i = 3; model == MGK_RASTER_RGBA && i < size; i += 4)
            pixels[i] = (guint8)(i % 8 == 3 ? 255 : 100);
        ck_assert(mgk_webp_writer_add(writer, &raster, pixels, NULL));
    }
    ck_assert(mgk_webp_writer_finish(writer, NULL));
    return file;
}

/* Puts the extended header in front when it is missing, sets its flag and appends a chunk. */
static void plant(GByteArray *webp, const char *type, const void *data, guint32 size)
{
    guint8 head[18] = {'V', 'P', '8', 'X', 10, 0, 0, 0, 0, 0, 0, 0, WIDTH - 1, 0, 0, HEIGHT - 1, 0, 0};
    guint32 length = GUINT32_TO_LE(size);
    if (memcmp(webp->data + 12, "VP8X", 4) != 0) {
        g_autofree guint8 *rest = g_memdup2(webp->data + 12, webp->len - 12);
        guint n = webp->len - 12;
        g_byte_array_set_size(webp, 12);
        g_byte_array_append(webp, head, sizeof head);
        g_byte_array_append(webp, rest, n);
    }
    g_byte_array_append(webp, (const guint8 *)type, 4);
    g_byte_array_append(webp, (const guint8 *)&length, 4);
    g_byte_array_append(webp, data, size);
    if (size % 2)
        g_byte_array_append(webp, (const guint8 *)"", 1);
    guint32 all = GUINT32_TO_LE(webp->len - 8);
    memcpy(webp->data + 4, &all, 4);
}

static FakeRun *clean_as(const GByteArray *file, MgkFormatId want, MgkAction animation, GError **error)
{
    FakeRun *run = fake_run_new();
    run->want = want;
    run->policy.actions[MGK_KIND_IMAGE_ANIMATION] = animation;
    if (!fake_run_clean(run, file->data, file->len, "a.webp", MGK_FORMAT_ID_NONE, error))
        g_clear_pointer(&run, fake_run_free);
    return run;
}

static FakeRun *clean(const GByteArray *file)
{
    return clean_as(file, MGK_FORMAT_ID_NONE, MGK_ACTION_KEEP, NULL);
}

START_TEST(test_webp__lossless_stays_so)
{
    static const MgkRasterModel models[] = {MGK_RASTER_RGB, MGK_RASTER_RGBA};
    for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
        g_autoptr(GByteArray) file = forge(models[i], 0, 1);
        g_autoptr(FakeRun) run = clean(file);
        ck_assert(run && run->outcome.format == MGK_FORMAT_ID_webp && run->outcome.verdict == MGK_VERDICT_CLEANED);
        ck_assert_msg(run->output->len == file->len && memcmp(run->output->data, file->data, file->len) == 0,
                      "model %u: other bytes", i);
    }
}
END_TEST

START_TEST(test_webp__lossy_stays_so)
{
    g_autoptr(GByteArray) file = forge(MGK_RASTER_RGB, 70, 1);
    g_autoptr(FakeRun) run = clean(file);
    ck_assert(run && memmem(run->output->data, run->output->len, "VP8 ", 4));
}
END_TEST

START_TEST(test_webp__animation_by_policy)
{
    g_autoptr(GByteArray) file = forge(MGK_RASTER_RGBA, 0, 3);
    g_autoptr(FakeRun) kept = clean(file);
    ck_assert(kept && fake_run_found(kept, MGK_KIND_IMAGE_ANIMATION));
    ck_assert(memmem(kept->output->data, kept->output->len, "ANMF", 4));
    g_autoptr(FakeRun) removed = clean_as(file, MGK_FORMAT_ID_NONE, MGK_ACTION_REMOVE, NULL);
    ck_assert(removed && !memmem(removed->output->data, removed->output->len, "ANMF", 4));
    g_autoptr(FakeRun) part = clean_as(file, MGK_FORMAT_ID_png, MGK_ACTION_KEEP, NULL);
    ck_assert(part && part->outcome.format == MGK_FORMAT_ID_png && fake_run_found(part, MGK_KIND_IMAGE_ANIMATION));
}
END_TEST

START_TEST(test_webp__what_is_no_picture_is_found_and_gone)
{
    g_autoptr(GByteArray) exif = picture_exif(1, TRUE);
    struct {
        const char *type;
        const void *data;
        guint size;
        MgkKind want;
    } table[] = {{"EXIF", exif->data, exif->len, MGK_KIND_IMAGE_GPS},
                 {"XMP ", "CANARY", 6, MGK_KIND_METADATA},
                 {"EVIL", "CANARY!", 7, MGK_KIND_UNKNOWN_PART}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = forge(MGK_RASTER_RGB, 0, 1);
        plant(file, table[i].type, table[i].data, table[i].size);
        g_byte_array_append(file, (const guint8 *)"PK\3\4CANARY", 10);
        g_autoptr(FakeRun) run = clean(file);
        ck_assert_msg(run && fake_run_found(run, table[i].want), "%s: not found", table[i].type);
        ck_assert_msg(fake_run_found(run, MGK_KIND_IMAGE_HIDDEN_FILE), "%s: no hidden file", table[i].type);
        ck_assert_msg(!memmem(run->output->data, run->output->len, table[i].type, 4), "%s: there", table[i].type);
        ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
    }
}
END_TEST

START_TEST(test_webp__orientation_is_applied)
{
    g_autoptr(GByteArray) exif = picture_exif(6, FALSE), file = forge(MGK_RASTER_RGB, 0, 1);
    plant(file, "EXIF", exif->data, exif->len);
    g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_png, MGK_ACTION_KEEP, NULL);
    g_autoptr(RawPng) png = run ? raw_png_read(run->output->data, run->output->len) : NULL;
    ck_assert(png && png->width == HEIGHT && png->height == WIDTH);
}
END_TEST

START_TEST(test_webp__truncation)
{
    g_autoptr(GByteArray) still = forge(MGK_RASTER_RGB, 80, 1), moving = forge(MGK_RASTER_RGBA, 0, 3);
    const GByteArray *files[] = {still, moving};
    for (guint i = 0; i < 2; i++) {
        for (guint size = 0; size + 2 < files[i]->len; size++) { /* the last bytes may be padding */
            g_autoptr(FakeRun) run = fake_run_new();
            g_autofree guint8 *cut = g_memdup2(files[i]->data, MAX(size, 1));
            gboolean crosses = fake_run_clean(run, cut, size, "a.webp", MGK_FORMAT_ID_webp, NULL);
            ck_assert_msg(!crosses || fake_run_found(run, MGK_KIND_IMAGE_DAMAGED), "file %u cut at %u", i, size);
        }
    }
}
END_TEST

START_TEST(test_webp__bounds)
{
    g_autoptr(GByteArray) file = forge(MGK_RASTER_RGBA, 0, 3);
    static const struct {
        guint64 pixels, frames;
    } table[] = {{WIDTH * HEIGHT - 1, 9}, {9999, 2}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        run->policy.limits.image_pixels = table[i].pixels;
        run->policy.limits.image_frames = table[i].frames;
        ck_assert(!fake_run_clean(run, file->data, file->len, "a.webp", MGK_FORMAT_ID_webp, &error));
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT), "row %u: %s", i, error->message);
    }
}
END_TEST

START_TEST(test_webp__second_look_refuses)
{
    g_autoptr(FakeRun) look = fake_run_new();
    g_autoptr(GByteArray) still = forge(MGK_RASTER_RGB, 0, 1), moving = forge(MGK_RASTER_RGBA, 0, 3);
    ck_assert(fake_run_check(look, still->data, still->len, MGK_FORMAT_ID_webp, NULL));
    ck_assert(fake_run_check(look, moving->data, moving->len, MGK_FORMAT_ID_webp, NULL));
    ck_assert(!fake_run_check(look, moving->data, moving->len - 2, MGK_FORMAT_ID_webp, NULL));
    moving->data[20] |= 0x08; /* EXIF announced */
    ck_assert(!fake_run_check(look, moving->data, moving->len, MGK_FORMAT_ID_webp, NULL));
    plant(still, "XMP ", "x", 1);
    ck_assert_msg(!fake_run_check(look, still->data, still->len, MGK_FORMAT_ID_webp, NULL),
                  "a chunk behind the picture");
    g_autoptr(GByteArray) tail = forge(MGK_RASTER_RGB, 0, 1);
    g_byte_array_append(tail, (const guint8 *)"!!", 2);
    ck_assert(!fake_run_check(look, tail->data, tail->len, MGK_FORMAT_ID_webp, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("webp");
    TCase *cases = tcase_create("webp");
    tcase_add_test(cases, test_webp__lossless_stays_so);
    tcase_add_test(cases, test_webp__lossy_stays_so);
    tcase_add_test(cases, test_webp__animation_by_policy);
    tcase_add_test(cases, test_webp__what_is_no_picture_is_found_and_gone);
    tcase_add_test(cases, test_webp__orientation_is_applied);
    tcase_add_test(cases, test_webp__truncation);
    tcase_add_test(cases, test_webp__bounds);
    tcase_add_test(cases, test_webp__second_look_refuses);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
