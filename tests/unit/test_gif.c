#include "fake_job.h"
#include "raw_png.h"

#include "engines/gif_lzw.h"

#include <check.h>
#include <string.h>

#define COMMENT \
    "\x21\xfe\x06" \
    "CANARY\0"
#define LOOP "\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
#define XMP \
    "\x21\xff\x0bXMP DataXMP\x06" \
    "CANARY\0"
#define PLAIN_TEXT \
    "\x21\x01\x0c............\x06" \
    "CANARY\0"

static void put(GByteArray *gif, const char *bytes, gsize size)
{
    g_byte_array_append(gif, (const guint8 *)bytes, (guint)size);
}
#define PUT(gif, text) put(gif, text, sizeof(text) - 1)

/* A canvas of 6 × 5 with a global palette of four colours. */
static GByteArray *begin(void)
{
    GByteArray *gif = g_byte_array_new();
    PUT(gif, "GIF89a\x06\0\x05\0\xf1\0\0");
    PUT(gif, "\x00\x00\x00\xff\x00\x00\x00\xff\x00\x00\x00\xff");
    return gif;
}

static void put_frame(GByteArray *gif, const char *control, const guint8 place[8], guint8 flags, const guint8 *indices)
{
    put(gif, control, 8);
    PUT(gif, ",");
    g_byte_array_append(gif, place, 8);
    g_byte_array_append(gif, &flags, 1);
    PUT(gif, "\x02");
    mgk_gif_pack(indices, (gsize)place[4] * place[6], 2, 0, gif);
}

static const guint8 whole[8] = {0, 0, 0, 0, 6, 0, 5, 0}, corner[8] = {1, 0, 2, 0, 2, 0, 2, 0};
static const guint8 stripes[30] = {0, 1, 2, 3, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
                                   2, 2, 2, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 3};
static const char still[] = "\x21\xf9\x04\0\0\0\0", moving[] = "\x21\xf9\x04\x09\x0a\0\x01";

static GByteArray *two_frames(void)
{
    GByteArray *gif = begin();
    PUT(gif, LOOP);
    put_frame(gif, still, whole, 0, stripes);
    put_frame(gif, moving, corner, 0, stripes);
    PUT(gif, ";");
    return gif;
}

static FakeRun *clean_as(const GByteArray *file, MgkFormatId want, MgkAction animation)
{
    g_autoptr(GError) error = NULL;
    FakeRun *run = fake_run_new();
    run->want = want;
    run->policy.actions[MGK_KIND_IMAGE_ANIMATION] = animation;
    gboolean ok = fake_run_clean(run, file->data, file->len, "a.gif", MGK_FORMAT_ID_NONE, &error);
    if (!ok)
        g_clear_pointer(&run, fake_run_free);
    return run;
}

static FakeRun *clean(const GByteArray *file)
{
    return clean_as(file, MGK_FORMAT_ID_NONE, MGK_ACTION_KEEP);
}

START_TEST(test_gif__lzw_packs_and_unpacks)
{
    static const gsize sizes[] = {1, 2, 30, 4095, 4096, 70000};
    for (guint bits = 2; bits <= 8; bits++) {
        for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
            g_autofree guint8 *in = g_malloc(sizes[i]), *out = g_malloc(sizes[i]);
            for (gsize k = 0; k < sizes[i]; k++) /* runs, then noise */
                in[k] = (guint8)((k < 2000 ? k / 700 : k * k / 7 + k) & ((1u << bits) - 1));
            for (guint variant = 0; variant < 4; variant++) {
                g_autoptr(GByteArray) packed = g_byte_array_new();
                mgk_gif_pack(in, sizes[i], bits, variant, packed);
                gsize got = mgk_gif_unpack(packed->data, packed->len, bits, out, sizes[i]);
                ck_assert_msg(got == sizes[i] && memcmp(in, out, got) == 0, "%u bits, %zu indices, variant %u: got %zu",
                              bits, sizes[i], variant, got);
            }
        }
    }
}
END_TEST

START_TEST(test_gif__animation_stays_as_it_is)
{
    g_autoptr(GByteArray) file = two_frames();
    g_autoptr(FakeRun) run = clean(file);
    ck_assert(run && run->outcome.format == MGK_FORMAT_ID_gif && fake_run_found(run, MGK_KIND_IMAGE_ANIMATION));
    ck_assert_msg(run->output->len == file->len && memcmp(run->output->data, file->data, file->len) == 0,
                  "a plain animation is not the same bytes again");
}
END_TEST

START_TEST(test_gif__policy_leaves_the_first_picture)
{
    g_autoptr(GByteArray) file = two_frames();
    g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_NONE, MGK_ACTION_REMOVE);
    ck_assert(run && fake_run_found(run, MGK_KIND_IMAGE_ANIMATION));
    ck_assert_msg(!memmem(run->output->data, run->output->len, corner, 8), "the second picture is there");
    g_autoptr(FakeRun) held = clean_as(file, MGK_FORMAT_ID_NONE, MGK_ACTION_HOLD);
    ck_assert(held && held->outcome.verdict == MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_gif__as_a_part_becomes_png)
{
    g_autoptr(GByteArray) file = begin();
    put_frame(file, moving, corner, 0, stripes);
    PUT(file, ";");
    g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_png, MGK_ACTION_KEEP);
    ck_assert(run && run->outcome.format == MGK_FORMAT_ID_png);
    g_autoptr(RawPng) png = raw_png_read(run->output->data, run->output->len);
    ck_assert(png && png->width == 6 && png->height == 5);
    g_autoptr(FakeRun) jpeg = clean_as(file, MGK_FORMAT_ID_jpeg, MGK_ACTION_KEEP);
    ck_assert(jpeg && jpeg->outcome.format == MGK_FORMAT_ID_jpeg);
}
END_TEST

START_TEST(test_gif__what_is_no_picture_is_found_and_gone)
{
    static const struct {
        const char *bytes;
        gsize size;
        MgkKind want;
    } table[] = {{COMMENT, sizeof COMMENT - 1, MGK_KIND_METADATA},
                 {XMP, sizeof XMP - 1, MGK_KIND_METADATA},
                 {PLAIN_TEXT, sizeof PLAIN_TEXT - 1, MGK_KIND_UNKNOWN_PART},
                 {"\x21\xff\x0b"
                  "EVILAPP1.00\x06"
                  "CANARY\0",
                  22, MGK_KIND_UNKNOWN_PART}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = begin();
        put(file, table[i].bytes, table[i].size);
        put_frame(file, still, whole, 0, stripes);
        PUT(file, ";CANARY");
        g_autoptr(FakeRun) run = clean(file);
        ck_assert_msg(run && fake_run_found(run, table[i].want), "row %u: not found", i);
        ck_assert_msg(fake_run_found(run, MGK_KIND_TRAILING_DATA), "row %u: no trailing data", i);
        ck_assert_msg(!memmem(run->output->data, run->output->len, "CANARY", 6), "row %u: still there", i);
    }
}
END_TEST

START_TEST(test_gif__interlaced_rows_are_put_in_order)
{
    static const guint8 tall[8] = {0, 0, 0, 0, 1, 0, 5, 0}, stored[5] = {0, 3, 2, 1, 1}; /* rows 0 4 2 1 3 */
    static const guint8 want[5] = {0, 1, 2, 1, 3};
    g_autoptr(GByteArray) file = g_byte_array_new();
    PUT(file, "GIF87a\x01\0\x05\0\xf1\0\0............");
    put_frame(file, still, tall, 0x40, stored);
    PUT(file, ";");
    g_autoptr(FakeRun) run = clean(file);
    ck_assert(run != NULL);
    guint8 got[5] = {9, 9, 9, 9, 9};
    gsize pixels = 13 + 12 + 8 + 10 + 1; /* screen, palette, control, descriptor, code size */
    mgk_gif_unpack(run->output->data + pixels, run->output->len - pixels, 2, got, 5);
    ck_assert(memcmp(got, want, 5) == 0);
}
END_TEST

START_TEST(test_gif__damage)
{
    g_autoptr(GByteArray) file = two_frames();
    guint held = 0, damaged = 0;
    for (guint size = 0; size < file->len; size++) {
        g_autoptr(GByteArray) cut = g_byte_array_new_take(g_memdup2(file->data, size + 1), size);
        g_autoptr(FakeRun) run = fake_run_new();
        gboolean crosses = fake_run_clean(run, cut->data, cut->len, "a.gif", MGK_FORMAT_ID_gif, NULL);
        held += !crosses;
        damaged += crosses && fake_run_found(run, MGK_KIND_IMAGE_DAMAGED);
        ck_assert_msg(!crosses || fake_run_found(run, MGK_KIND_IMAGE_DAMAGED), "cut at %u: nothing said", size);
    }
    ck_assert_msg(held > 30 && damaged > 20, "%u held, %u damaged", held, damaged);
}
END_TEST

START_TEST(test_gif__bounds)
{
    g_autoptr(GByteArray) file = two_frames();
    static const struct {
        guint64 pixels, frames, total;
    } table[] = {{29, 9, 999}, {999, 1, 999}, {999, 9, 33}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        run->policy.limits.image_pixels = table[i].pixels;
        run->policy.limits.image_frames = table[i].frames;
        run->policy.limits.image_total_pixels = table[i].total;
        ck_assert_msg(!fake_run_clean(run, file->data, file->len, "a.gif", MGK_FORMAT_ID_gif, &error), "row %u", i);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT), "row %u: %s", i, error->message);
    }
}
END_TEST

START_TEST(test_gif__palette_that_is_a_text)
{
    g_autoptr(GByteArray) file = begin();
    memcpy(file->data + 13, "<script>....", 12);
    put_frame(file, still, whole, 0, stripes);
    PUT(file, ";");
    g_autoptr(FakeRun) run = clean(file);
    ck_assert_msg(run && !memmem(run->output->data, run->output->len, "<script", 7), "the text stands in the output");
}
END_TEST

START_TEST(test_gif__second_look_refuses)
{
    g_autoptr(GByteArray) good = two_frames();
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_check(run, good->data, good->len, MGK_FORMAT_ID_gif, NULL));
    static const struct {
        guint at;
        guint8 value;
        const char *what;
    } table[] = {{4, '7', "version"},           {6, 0, "no width"},        {6, 5, "picture outside"},
                 {10, 0x71, "no palette"},      {11, 1, "background"},     {39, 7, "loop block"},
                 {44 + 6, 1, "transparency"},   {44 + 3, 2, "user input"}, {44 + 8, 0x2d, "block"},
                 {44 + 17, 0x40, "interlaced"}, {44 + 18, 3, "code size"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree guint8 *bad = g_memdup2(good->data, good->len);
        ck_assert_msg(bad[table[i].at] != table[i].value, "%s: no change", table[i].what);
        bad[table[i].at] = table[i].value;
        ck_assert_msg(!fake_run_check(run, bad, good->len, MGK_FORMAT_ID_gif, NULL), "%s accepted", table[i].what);
    }
    PUT(good, "!");
    ck_assert_msg(!fake_run_check(run, good->data, good->len, MGK_FORMAT_ID_gif, NULL), "trailing byte accepted");
    ck_assert_msg(!fake_run_check(run, good->data, good->len - 2, MGK_FORMAT_ID_gif, NULL), "no trailer accepted");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gif");
    TCase *cases = tcase_create("gif");
    tcase_add_test(cases, test_gif__lzw_packs_and_unpacks);
    tcase_add_test(cases, test_gif__animation_stays_as_it_is);
    tcase_add_test(cases, test_gif__policy_leaves_the_first_picture);
    tcase_add_test(cases, test_gif__as_a_part_becomes_png);
    tcase_add_test(cases, test_gif__what_is_no_picture_is_found_and_gone);
    tcase_add_test(cases, test_gif__interlaced_rows_are_put_in_order);
    tcase_add_test(cases, test_gif__damage);
    tcase_add_test(cases, test_gif__bounds);
    tcase_add_test(cases, test_gif__palette_that_is_a_text);
    tcase_add_test(cases, test_gif__second_look_refuses);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
