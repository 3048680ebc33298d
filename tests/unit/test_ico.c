#include "fake_job.h"
#include "pictures.h"
#include "raw_png.h"

#include <check.h>
#include <string.h>

static void put(GByteArray *file, const void *bytes, gsize size)
{
    g_byte_array_append(file, bytes, (guint)size);
}

static void put_numbers(GByteArray *file, guint bytes, const guint32 *values, guint n)
{
    for (guint i = 0; i < n; i++) {
        guint32 little = GUINT32_TO_LE(values[i]);
        put(file, &little, bytes);
    }
}

/* A bitmap of 2 × 2 and 32 bits (all of its fourth bytes are alpha) whose mask hides the first pixel of each row. */
static GByteArray *bitmap(guint8 alpha)
{
    static const guint32 header[] = {40, 2, 4, 1 | 32 << 16, 0, 0, 0, 0, 0, 0}, mask[] = {0x80, 0x80};
    GByteArray *dib = g_byte_array_new();
    put_numbers(dib, 4, header, 10);
    for (guint i = 0; i < 4; i++)
        put(dib, (guint8[]){1, 2, 3, alpha}, 4);
    put_numbers(dib, 4, mask, 2);
    return dib;
}

/* kind 1 icon, 2 cursor; the pictures lie one after another, with words between. */
static GByteArray *icon(guint kind, GByteArray *const *pictures, guint n)
{
    GByteArray *file = g_byte_array_new();
    guint32 at = 6 + 16 * n + 6;
    put_numbers(file, 2, (guint32[]){0, kind, n}, 3);
    for (guint i = 0; i < n; i++) {
        put(file, (guint8[]){(guint8)(2 + i), (guint8)(2 + i), 0, 0, 1, 0, 32, 0}, 8);
        put_numbers(file, 4, (guint32[]){pictures[i]->len, at}, 2);
        at += pictures[i]->len;
    }
    put(file, "CANARY", 6);
    for (guint i = 0; i < n; i++)
        put(file, pictures[i]->data, pictures[i]->len);
    return file;
}

static FakeRun *clean(const GByteArray *file, MgkFormatId want)
{
    FakeRun *run = fake_run_new();
    run->want = want;
    if (!fake_run_clean(run, file->data, file->len, "a.ico", MGK_FORMAT_ID_ico, NULL))
        g_clear_pointer(&run, fake_run_free);
    return run;
}

static GByteArray *two_pictures(guint kind)
{
    g_autoptr(GByteArray) first = bitmap(0x40), second = picture_png(MGK_RASTER_RGBA, 8, 3, 3);
    picture_add_chunk(second, "tEXt", "Comment\0CANARY", 14);
    return icon(kind, (GByteArray *[]){first, second}, 2);
}

START_TEST(test_ico__bitmap_and_png_become_png)
{
    g_autoptr(GByteArray) file = two_pictures(1);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE);
    ck_assert(run && run->outcome.format == MGK_FORMAT_ID_ico && run->outcome.verdict == MGK_VERDICT_CLEANED);
    ck_assert(fake_run_found(run, MGK_KIND_METADATA));
    ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
    ck_assert_uint_eq(run->output->data[4], 2);
    guint32 size = run->output->data[14]; /* a tiny picture: one byte is enough */
    g_autoptr(RawPng) png = raw_png_read(run->output->data + 38, size);
    ck_assert(png && png->width == 2 && memcmp(png->rows, "\3\2\1\x40", 4) == 0);
    g_autoptr(GByteArray) again_in = g_byte_array_new();
    put(again_in, run->output->data, run->output->len);
    g_autoptr(FakeRun) again = clean(again_in, MGK_FORMAT_ID_NONE);
    ck_assert(again && again->output->len == again_in->len &&
              memcmp(again->output->data, again_in->data, again_in->len) == 0);
}
END_TEST

START_TEST(test_ico__mask_counts_where_alpha_is_empty)
{
    g_autoptr(GByteArray) dib = bitmap(0), file = icon(1, &dib, 1);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_png);
    ck_assert(run && run->outcome.format == MGK_FORMAT_ID_png);
    g_autoptr(RawPng) png = raw_png_read(run->output->data, run->output->len);
    ck_assert(png && memcmp(png->rows, "\3\2\1\0\3\2\1\xff", 8) == 0);
}
END_TEST

START_TEST(test_ico__cursor_becomes_an_icon)
{
    g_autoptr(GByteArray) file = two_pictures(2);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE);
    ck_assert(run && run->outcome.verdict == MGK_VERDICT_CONVERTED && run->output->data[2] == 1);
}
END_TEST

START_TEST(test_ico__a_part_is_the_largest_picture)
{
    g_autoptr(GByteArray) file = two_pictures(1);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_png);
    g_autoptr(RawPng) png = run ? raw_png_read(run->output->data, run->output->len) : NULL;
    ck_assert(png && png->width == 3);
}
END_TEST

START_TEST(test_ico__directory_that_lies)
{
    g_autoptr(GByteArray) file = two_pictures(1);
    memset(file->data + 6 + 12, 0xff, 4);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE);
    ck_assert(run && fake_run_found(run, MGK_KIND_IMAGE_DAMAGED) && run->output->data[4] == 1);
    memset(file->data + 22 + 12, 0xff, 4);
    g_autoptr(FakeRun) none = clean(file, MGK_FORMAT_ID_NONE);
    ck_assert(none && none->outcome.verdict == MGK_VERDICT_HELD);
    file->data[5] = 0xff; /* more entries than the file can hold */
    g_autoptr(FakeRun) many = clean(file, MGK_FORMAT_ID_NONE);
    ck_assert(many && many->outcome.verdict == MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_ico__second_look_refuses)
{
    g_autoptr(GByteArray) file = two_pictures(1);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE), look = fake_run_new();
    ck_assert(run && fake_run_check(look, run->output->data, run->output->len, MGK_FORMAT_ID_ico, NULL));
    for (guint at = 0; at < 38; at++) { /* the whole directory but the depth, which is a hint */
        g_autofree guint8 *bad = g_memdup2(run->output->data, run->output->len);
        bad[at] ^= 0x41;
        if (at != 12 && at != 28)
            ck_assert_msg(!fake_run_check(look, bad, run->output->len, MGK_FORMAT_ID_ico, NULL), "byte %u", at);
    }
    g_byte_array_append(run->output, (const guint8 *)"!", 1);
    ck_assert(!fake_run_check(look, run->output->data, run->output->len, MGK_FORMAT_ID_ico, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ico");
    TCase *cases = tcase_create("ico");
    tcase_add_test(cases, test_ico__bitmap_and_png_become_png);
    tcase_add_test(cases, test_ico__mask_counts_where_alpha_is_empty);
    tcase_add_test(cases, test_ico__cursor_becomes_an_icon);
    tcase_add_test(cases, test_ico__a_part_is_the_largest_picture);
    tcase_add_test(cases, test_ico__directory_that_lies);
    tcase_add_test(cases, test_ico__second_look_refuses);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
