/* The profile confirm for pictures: what crosses as it came, and what does not because some byte is not accounted for.
 */
#include "checks/checks.h"
#include "fake_job.h"
#include "pictures.h"

#include <check.h>
#include <string.h>
#include <zlib.h>

#define CANARY "CANARY-77c1"

typedef gboolean (*Confirm)(MgkJob *job, GError **error);

static gboolean confirmed(Confirm confirm, const GByteArray *bytes, char **ret_why)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    mgk_policy_init(&policy);
    MgkJob job = {.data = bytes->data, .size = bytes->len, .name = "a", .policy = &policy};
    gboolean ok = confirm(&job, &error);
    ck_assert(ok == (error == NULL));
    if (ret_why)
        *ret_why = g_strdup(error ? error->message : "");
    return ok;
}

static void be32(GByteArray *out, guint32 value)
{
    guint32 big = GUINT32_TO_BE(value);
    g_byte_array_append(out, (const guint8 *)&big, 4);
}

static void put_chunk(GByteArray *png, const char *type, const void *data, gsize size)
{
    guint start = png->len + 4;
    be32(png, (guint32)size);
    g_byte_array_append(png, (const guint8 *)type, 4);
    g_byte_array_append(png, data, (guint)size);
    be32(png, (guint32)crc32(0, png->data + start, (uInt)size + 4));
}

/* A PNG of these rows (filter bytes included), with what stands before and behind the pixels' chunk. */
typedef struct Pixels {
    guint8 width, depth, color, interlaced;
    const char *rows;
    gsize size;
    guint height;
    const char *palette;
    guint n_colors;
    const char *behind; /* in the pixels' chunk, behind the compressed data */
} Pixels;

static GByteArray *png_of(const Pixels *p)
{
    const guint8 header[13] = {0, 0, 0, p->width, 0, 0, 0, (guint8)p->height, p->depth, p->color, 0, 0, p->interlaced};
    guint8 packed[512];
    uLongf size = sizeof packed - 64;
    compress(packed, &size, (const guint8 *)p->rows, p->size);
    if (p->behind) {
        memcpy(packed + size, p->behind, strlen(p->behind));
        size += strlen(p->behind);
    }
    GByteArray *png = g_byte_array_new();
    g_byte_array_append(png, (const guint8 *)"\x89PNG\r\n\x1a\n", 8);
    put_chunk(png, "IHDR", header, sizeof header);
    if (p->palette)
        put_chunk(png, "PLTE", p->palette, p->n_colors * 3);
    put_chunk(png, "IDAT", packed, size);
    put_chunk(png, "IEND", "", 0);
    return png;
}

#define RED_BLACK "\xff\0\0\0\0\0"

static const struct {
    const char *what;
    Pixels pixels;
    gboolean good;
} drawn[] = {
    {"gray", {.width = 2, .depth = 8, .color = 0, .rows = "\0\1\2\1\3\4", .size = 6, .height = 2}, TRUE},
    {"one bit", {.width = 3, .depth = 1, .color = 0, .rows = "\0\xa0", .size = 2, .height = 1}, TRUE},
    {"bits beside the picture", {.width = 3, .depth = 1, .color = 0, .rows = "\0\xa1", .size = 2, .height = 1}, FALSE},
    {"two bits", {.width = 2, .depth = 2, .color = 0, .rows = "\0\xd0", .size = 2, .height = 1}, TRUE},
    {"palette",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\0\0\1",
      .size = 3,
      .height = 1,
      .palette = RED_BLACK,
      .n_colors = 2},
     TRUE},
    {"palette, filtered",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\0\0\1\2\1\xff",
      .size = 6,
      .height = 2,
      .palette = RED_BLACK,
      .n_colors = 2},
     TRUE},
    {"palette by Paeth",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\0\1\0\4\xff\1",
      .size = 6,
      .height = 2,
      .palette = RED_BLACK,
      .n_colors = 2},
     TRUE},
    {"palette by average",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\3\0\1",
      .size = 3,
      .height = 1,
      .palette = RED_BLACK,
      .n_colors = 2},
     TRUE},
    {"a colour not there",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\0\0\2",
      .size = 3,
      .height = 1,
      .palette = RED_BLACK,
      .n_colors = 2},
     FALSE},
    {"black unused",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\0\0\0",
      .size = 3,
      .height = 1,
      .palette = RED_BLACK,
      .n_colors = 2},
     TRUE},
    {"words as unused colours",
     {.width = 2,
      .depth = 8,
      .color = 3,
      .rows = "\0\0\0",
      .size = 3,
      .height = 1,
      .palette = "\xff\0\0CANARY",
      .n_colors = 3},
     FALSE},
    {"a palette beside gray",
     {.width = 2,
      .depth = 8,
      .color = 0,
      .rows = "\0\0\0",
      .size = 3,
      .height = 1,
      .palette = RED_BLACK,
      .n_colors = 2},
     FALSE},
    {"interlaced",
     {.width = 1, .depth = 8, .color = 0, .interlaced = 1, .rows = "\0\0", .size = 2, .height = 1},
     FALSE},
    {"an unknown filter", {.width = 1, .depth = 8, .color = 0, .rows = "\5\0", .size = 2, .height = 1}, FALSE},
    {"too few rows", {.width = 1, .depth = 8, .color = 0, .rows = "\0\0", .size = 2, .height = 2}, FALSE},
    {"too many rows", {.width = 1, .depth = 8, .color = 0, .rows = "\0\0\0\0", .size = 4, .height = 1}, FALSE},
    {"bytes behind the stream",
     {.width = 1, .depth = 8, .color = 0, .rows = "\0\0", .size = 2, .height = 1, .behind = CANARY},
     FALSE},
    {"no such depth", {.width = 1, .depth = 3, .color = 0, .rows = "\0\0", .size = 2, .height = 1}, FALSE},
};

START_TEST(test_confirm__png_by_its_pixels)
{
    g_autoptr(GByteArray) png = png_of(&drawn[_i].pixels);
    g_autofree char *why = NULL;
    gboolean ok = confirmed(mgk_confirm_png, png, &why);
    ck_assert_msg(ok == drawn[_i].good, "%s: %s", drawn[_i].what, why);
}
END_TEST

#define BT709 "\0\0\x7a\x26\0\0\x80\x84\0\0\xfa\0\0\0\x80\xe8\0\0\x75\x30\0\0\xea\x60\0\0\x3a\x98\0\0\x17\x70"

static const struct {
    const char *type, *data;
    gsize size;
    gboolean good;
} chunks[] = {
    {"sRGB", "\0", 1, TRUE},
    {"gAMA", "\0\0\xb1\x8f", 4, TRUE},
    {"cHRM", BT709, 32, TRUE},
    {"sBIT", "\5\6\5", 3, TRUE},
    {"pHYs", "\0\0\x0b\x13\0\0\x0b\x13\1", 9, TRUE},
    {"sRGB", "\4", 1, FALSE},
    {"sRGB", "\0\0", 2, FALSE},
    {"gAMA", "CANA", 4, FALSE},
    {"cHRM", "CANARY-CANARY-CANARY-CANARY-CANA", 32, FALSE},
    {"sBIT", "\5\6", 2, FALSE},
    {"sBIT", "\5\6\11", 3, FALSE},
    {"pHYs", "\0\0\0\0\0\0\0\0\1", 9, FALSE},
    {"pHYs", "\0\0\0\1\0\0\0\1\2", 9, FALSE},
    {"tEXt", "Comment\0" CANARY, 19, FALSE},
    {"zTXt", "Comment\0\0x", 10, FALSE},
    {"iTXt", "a\0\0\0\0\0" CANARY, 17, FALSE},
    {"iCCP", "a\0\0x", 4, FALSE},
    {"eXIf", "MM\0*\0\0\0\10", 8, FALSE},
    {"tIME", "\7\xea\1\1\0\0\0", 7, FALSE},
    {"bKGD", "\0\0\0\0\0\0", 6, FALSE},
    {"hIST", "\0\0", 2, FALSE},
    {"sPLT", "a\0\10", 3, FALSE},
    {"acTL", "\0\0\0\1\0\0\0\0", 8, FALSE},
    {"prVt", CANARY, 11, FALSE},
    {"IEND", "", 0, FALSE},
    {"IDAT", "x", 1, FALSE},
};

START_TEST(test_confirm__png_by_its_chunks)
{
    g_autoptr(GByteArray) png = picture_png(MGK_RASTER_RGB, 8, 9, 7);
    g_autofree char *why = NULL;
    ck_assert(confirmed(mgk_confirm_png, png, NULL));
    picture_add_chunk(png, chunks[_i].type, chunks[_i].data, chunks[_i].size);
    gboolean ok = confirmed(mgk_confirm_png, png, &why);
    ck_assert_msg(ok == chunks[_i].good, "%s: %s", chunks[_i].type, why);
    if (!ok)
        return;
    picture_add_chunk(png, chunks[_i].type, chunks[_i].data, chunks[_i].size);
    ck_assert_msg(!confirmed(mgk_confirm_png, png, NULL), "%s twice", chunks[_i].type);
}
END_TEST

static GByteArray *tables_joined(void)
{
    GByteArray *jpeg = picture_jpeg(MGK_RASTER_YCC, 40, 24, 80, 2);
    guint8 *first = memmem(jpeg->data, jpeg->len, "\xff\xdb\0\x43\0", 5);
    guint8 *second = memmem(jpeg->data, jpeg->len, "\xff\xdb\0\x43\1", 5);
    ck_assert(first && second == first + 69);
    first[3] = 2 + 130;
    g_byte_array_remove_range(jpeg, (guint)(second - jpeg->data), 4);
    return jpeg;
}

START_TEST(test_confirm__jpeg_as_libjpeg_writes_it)
{
    static const guint8 qualities[] = {5, 50, 75, 95, 100};
    for (guint i = 0; i < G_N_ELEMENTS(qualities); i++) {
        g_autoptr(GByteArray) gray = picture_jpeg(MGK_RASTER_GRAY, 33, 17, qualities[i], 1);
        g_autoptr(GByteArray) color = picture_jpeg(MGK_RASTER_YCC, 33, 17, qualities[i], 2);
        ck_assert(confirmed(mgk_confirm_jpeg, gray, NULL));
        ck_assert(confirmed(mgk_confirm_jpeg, color, NULL));
    }
    g_autoptr(GByteArray) joined = tables_joined();
    g_autofree char *why = NULL;
    ck_assert_msg(confirmed(mgk_confirm_jpeg, joined, &why), "%s", why);
    ck_assert(!confirmed(mgk_check_jpeg, joined, NULL)); /* not as our own encoder writes it */
}
END_TEST

static const struct {
    const char *what;
    guint8 marker;
    const char *data;
    gsize size;
} segments[] = {
    {"EXIF", 0xe1, "Exif\0\0MM\0*\0\0\0\10", 14},
    {"XMP", 0xe1, "http://ns.adobe.com/xap/1.0/\0" CANARY, 40},
    {"ICC", 0xe2, "ICC_PROFILE\0\1\1" CANARY, 25},
    {"MPF", 0xe2, "MPF\0" CANARY, 15},
    {"IPTC", 0xed, "Photoshop 3.0\0" CANARY, 25},
    {"Adobe", 0xee, "Adobe\0d\0\0\0\0\1", 12},
    {"comment", 0xfe, CANARY, 11},
    {"JFIF twice", 0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0", 14},
    {"JFXX", 0xe0, "JFXX\0\x10" CANARY, 17},
    {"DNL", 0xdc, "\0\1", 2},
    {"DRI in front", 0xdd, "\0\1", 2},
    {"a third table", 0xdb, "\2" CANARY CANARY CANARY CANARY CANARY "CANARY-00", 65},
    {"arithmetic", 0xcc, "\0\0", 2},
    {"APP15", 0xef, CANARY, 11},
};

START_TEST(test_confirm__jpeg_with_a_segment_more)
{
    g_autoptr(GByteArray) jpeg = picture_jpeg(MGK_RASTER_YCC, 33, 17, 80, 2);
    picture_add_segment(jpeg, segments[_i].marker, segments[_i].data, segments[_i].size);
    ck_assert_msg(!confirmed(mgk_confirm_jpeg, jpeg, NULL), "%s", segments[_i].what);
}
END_TEST

/* Where the scan's data begin. */
static gsize scan_of(const GByteArray *jpeg)
{
    const guint8 *found = memmem(jpeg->data, jpeg->len, "\xff\xda", 2);
    ck_assert_ptr_nonnull(found);
    return (gsize)(found - jpeg->data) + 2 + (gsize)(found[2] << 8 | found[3]);
}

START_TEST(test_confirm__jpeg_with_bytes_that_show_nothing)
{
    static const char *const pieces[] = {"\xff\xd0", "\xff\xfe\0\4xx", "x", "\xff\0\xff\0\xff\0\xff\0\xff\0\xff\0",
                                         "CANARY",   "\xff\xd9"};
    static const gsize sizes[] = {2, 6, 1, 12, 6, 2};
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GByteArray) jpeg = picture_jpeg(MGK_RASTER_GRAY, 64, 64, 80, 1), end = g_byte_array_new();
        g_byte_array_append(end, jpeg->data, jpeg->len - 2); /* in front of EOI */
        g_byte_array_append(end, (const guint8 *)pieces[i], (guint)sizes[i]);
        g_byte_array_append(end, (const guint8 *)"\xff\xd9", 2);
        ck_assert_msg(!confirmed(mgk_confirm_jpeg, end, NULL), "piece %u before the end", i);
        g_byte_array_append(jpeg, (const guint8 *)pieces[i], (guint)sizes[i]);
        ck_assert_msg(!confirmed(mgk_confirm_jpeg, jpeg, NULL), "piece %u behind the end", i);
    }
    g_autoptr(GByteArray) cut = picture_jpeg(MGK_RASTER_GRAY, 64, 64, 80, 1);
    ck_assert(scan_of(cut) + 20 < cut->len);
    g_byte_array_remove_range(cut, cut->len - 10, 8); /* in front of EOI */
    ck_assert(!confirmed(mgk_confirm_jpeg, cut, NULL));
}
END_TEST

/* Every byte matters: turned over, a file is refused or shows other pixels; cut anywhere, it is refused. */
START_TEST(test_confirm__cut_files_are_refused)
{
    g_autoptr(GByteArray) png = picture_png(MGK_RASTER_RGB, 8, 9, 7),
                          jpeg = picture_jpeg(MGK_RASTER_GRAY, 33, 17, 80, 1);
    for (guint size = 0; size < png->len; size++) {
        GByteArray cut = {.data = png->data, .len = size};
        ck_assert_msg(!confirmed(mgk_confirm_png, &cut, NULL), "%u bytes of a PNG", size);
    }
    for (guint size = 0; size < jpeg->len; size++) {
        GByteArray cut = {.data = jpeg->data, .len = size};
        ck_assert_msg(!confirmed(mgk_confirm_jpeg, &cut, NULL), "%u bytes of a JPEG", size);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("confirm");
    TCase *tests = tcase_create("confirm");
    tcase_add_loop_test(tests, test_confirm__png_by_its_pixels, 0, (int)G_N_ELEMENTS(drawn));
    tcase_add_loop_test(tests, test_confirm__png_by_its_chunks, 0, (int)G_N_ELEMENTS(chunks));
    tcase_add_test(tests, test_confirm__jpeg_as_libjpeg_writes_it);
    tcase_add_loop_test(tests, test_confirm__jpeg_with_a_segment_more, 0, (int)G_N_ELEMENTS(segments));
    tcase_add_test(tests, test_confirm__jpeg_with_bytes_that_show_nothing);
    tcase_add_test(tests, test_confirm__cut_files_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
