#include "fake_job.h"
#include "raw_png.h"

#include "engines/tiff_memory.h"

#include <check.h>
#include <string.h>

#define WIDTH 40u
#define HEIGHT 30u

typedef struct Form {
    const char *name;
    guint16 bits, samples, photometric, compression, orientation;
    gboolean tiled;
    guint16 want_compression;
} Form;

static const Form forms[] = {
    {"G4", 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX4, 1, FALSE, COMPRESSION_CCITTFAX4},
    {"bilevel, black is 0", 1, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_NONE, 1, FALSE, COMPRESSION_CCITTFAX4},
    {"4 gray", 4, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_PACKBITS, 1, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"8 gray, white is 0", 8, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_LZW, 1, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"16 gray", 16, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_NONE, 1, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"palette", 8, 1, PHOTOMETRIC_PALETTE, COMPRESSION_NONE, 1, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"RGB", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_LZW, 1, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"RGB upside down", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_NONE, 3, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"RGB turned", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_NONE, 6, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"RGB tiled", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_ADOBE_DEFLATE, 1, TRUE, COMPRESSION_ADOBE_DEFLATE},
    {"RGBA", 8, 4, PHOTOMETRIC_RGB, COMPRESSION_NONE, 1, FALSE, COMPRESSION_ADOBE_DEFLATE},
    {"JPEG", 8, 3, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, 1, FALSE, COMPRESSION_JPEG},
};

static void set_fields(TIFF *tiff, const Form *form)
{
    static guint16 colors[256];
    static const guint16 extra[] = {EXTRASAMPLE_UNASSALPHA};
    for (guint i = 0; i < 256; i++)
        colors[i] = (guint16)(i * 257);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, WIDTH);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, HEIGHT);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, form->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, form->samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, form->photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, form->compression);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, form->orientation);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 300.0);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 300.0);
    TIFFSetField(tiff, TIFFTAG_ARTIST, "CANARY");
    if (form->photometric == PHOTOMETRIC_PALETTE)
        TIFFSetField(tiff, TIFFTAG_COLORMAP, colors, colors, colors);
    if (form->samples == 4)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, extra);
    if (form->compression == COMPRESSION_JPEG)
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}

static void write_page(TIFF *tiff, const Form *form)
{
    guint8 bytes[64 * 64 * 4];
    for (guint i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)(form->compression == COMPRESSION_JPEG ? 100 + i / 200 : i * 7 + i / 100);
    set_fields(tiff, form);
    if (form->tiled) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 64);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, 64);
        TIFFWriteEncodedTile(tiff, 0, bytes, TIFFTileSize(tiff));
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, HEIGHT);
        TIFFWriteEncodedStrip(tiff, 0, bytes, TIFFStripSize(tiff));
    }
    TIFFWriteDirectory(tiff);
}

static GByteArray *forge(const Form *form, guint pages)
{
    GByteArray *file = g_byte_array_new();
    MgkTiffMemory memory = {.out = file};
    TIFF *tiff = mgk_tiff_memory_open(&memory, 0);
    for (guint i = 0; i < pages; i++)
        write_page(tiff, form);
    TIFFClose(tiff);
    ck_assert_msg(memory.errors == 0, "%s: %s", form->name, memory.message);
    return file;
}

static guint32 u32(const guint8 *at)
{
    return (guint32)at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

/* Where the directory that the header names tells its successor's place. */
static guint32 next_place(const GByteArray *file)
{
    guint32 first = u32(file->data + 4);
    return first + 2 + 12 * (guint32)(file->data[first] | file->data[first + 1] << 8);
}

static FakeRun *clean_as(const GByteArray *file, MgkFormatId want, GError **error)
{
    FakeRun *run = fake_run_new();
    run->want = want;
    run->policy.limits.image_pixels = 1 << 20;
    if (!fake_run_clean(run, file->data, file->len, "a.tif", MGK_FORMAT_ID_NONE, error))
        g_clear_pointer(&run, fake_run_free);
    return run;
}

/* The first page as a viewer shows it. */
static guint32 *shown(const guint8 *data, gsize size, guint32 *ret_width, guint32 *ret_height, guint16 *ret_compression)
{
    MgkTiffMemory memory = {.data = data, .size = size};
    TIFF *tiff = mgk_tiff_memory_open(&memory, 0);
    guint16 orientation = 1;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, ret_width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, ret_height);
    TIFFGetField(tiff, TIFFTAG_COMPRESSION, ret_compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
    guint32 *pixels = g_new0(guint32, (gsize)*ret_width * *ret_height);
    int read = TIFFReadRGBAImageOriented(tiff, *ret_width, *ret_height, pixels, ORIENTATION_TOPLEFT, 1);
    ck_assert_msg(read, "%s", memory.message);
    TIFFClose(tiff);
    return pixels;
}

START_TEST(test_tiff__every_form_keeps_its_look)
{
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        const Form *form = &forms[i];
        g_autoptr(GError) error = NULL;
        g_autoptr(GByteArray) file = forge(form, 1);
        g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_NONE, &error);
        ck_assert_msg(run && run->outcome.format == MGK_FORMAT_ID_tiff, "%s: %s", form->name,
                      error ? error->message : "");
        ck_assert_msg(fake_run_found(run, MGK_KIND_METADATA), "%s: nothing found", form->name);
        ck_assert_msg(!memmem(run->output->data, run->output->len, "CANARY", 6), "%s: the artist is there", form->name);
        guint32 width[2] = {0}, height[2] = {0};
        guint16 compression[2] = {0};
        g_autofree guint32 *before = shown(file->data, file->len, &width[0], &height[0], &compression[0]);
        g_autofree guint32 *after = shown(run->output->data, run->output->len, &width[1], &height[1], &compression[1]);
        ck_assert_msg(compression[1] == form->want_compression, "%s: compression %u", form->name, compression[1]);
        gboolean turned = form->orientation == 6, lossy = form->compression == COMPRESSION_JPEG;
        ck_assert_msg(width[1] == (turned ? HEIGHT : WIDTH) && height[1] == (turned ? WIDTH : HEIGHT), "%s: %u x %u",
                      form->name, width[1], height[1]);
        ck_assert_msg(turned || lossy || memcmp(before, after, sizeof *before * WIDTH * HEIGHT) == 0, "%s: pixels",
                      form->name);
    }
}
END_TEST

START_TEST(test_tiff__turned_pixels_are_where_they_belong)
{
    g_autoptr(GByteArray) file = forge(&forms[8], 1);
    g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_png, NULL);
    g_autoptr(RawPng) png = run ? raw_png_read(run->output->data, run->output->len) : NULL;
    ck_assert(png && png->width == HEIGHT && png->height == WIDTH);
    const guint8 *corner = png->rows + (gsize)(HEIGHT - 1) * 3; /* stored first, shown at the top right */
    ck_assert(corner[0] == 0 && corner[1] == 7 && corner[2] == 14);
}
END_TEST

START_TEST(test_tiff__pages_stay_and_cleaning_again_changes_nothing)
{
    g_autoptr(GByteArray) file = forge(&forms[0], 5);
    g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_NONE, NULL);
    ck_assert(run != NULL);
    MgkTiffMemory memory = {.data = run->output->data, .size = run->output->len};
    TIFF *tiff = mgk_tiff_memory_open(&memory, 0);
    float x = 0;
    ck_assert_uint_eq(TIFFNumberOfDirectories(tiff), 5);
    ck_assert(TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) && x > 299.9f && x < 300.1f);
    TIFFClose(tiff);
    g_autoptr(FakeRun) again = clean_as(run->output, MGK_FORMAT_ID_NONE, NULL);
    ck_assert(again && again->output->len == run->output->len &&
              memcmp(again->output->data, run->output->data, run->output->len) == 0);
    g_autoptr(FakeRun) part = clean_as(file, MGK_FORMAT_ID_jpeg, NULL);
    ck_assert(part && part->outcome.format == MGK_FORMAT_ID_jpeg);
}
END_TEST

START_TEST(test_tiff__bounds)
{
    g_autoptr(GByteArray) file = forge(&forms[0], 5);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    run->policy.limits.image_frames = 4;
    ck_assert(!fake_run_clean(run, file->data, file->len, "a.tif", MGK_FORMAT_ID_tiff, &error));
    ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT), "%s", error->message);
}
END_TEST

START_TEST(test_tiff__chain_of_directories_that_bites_its_tail)
{
    g_autoptr(GByteArray) file = forge(&forms[0], 2);
    memcpy(file->data + next_place(file), file->data + 4, 4);
    g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_NONE, NULL);
    ck_assert(run != NULL);
    MgkTiffMemory memory = {.data = run->output->data, .size = run->output->len};
    TIFF *tiff = mgk_tiff_memory_open(&memory, 0);
    ck_assert_uint_eq(TIFFNumberOfDirectories(tiff), 1);
    TIFFClose(tiff);
}
END_TEST

/* Values of tags that are no picture stand behind the directory: only their loss goes unnoticed. */
START_TEST(test_tiff__truncation)
{
    g_autoptr(GByteArray) file = forge(&forms[6], 1);
    for (guint size = 0; size < file->len; size += 13) {
        g_autoptr(FakeRun) run = fake_run_new();
        g_autofree guint8 *cut = g_memdup2(file->data, MAX(size, 1));
        gboolean crosses = fake_run_clean(run, cut, size, "a.tif", MGK_FORMAT_ID_tiff, NULL) &&
                           mgk_verdict_crosses(run->outcome.verdict);
        ck_assert_msg(!crosses || size > next_place(file) || fake_run_found(run, MGK_KIND_IMAGE_DAMAGED),
                      "cut at %u: nothing said", size);
    }
}
END_TEST

START_TEST(test_tiff__huge_numbers)
{
    static const guint16 tags[] = {TIFFTAG_IMAGEWIDTH, TIFFTAG_IMAGELENGTH, TIFFTAG_BITSPERSAMPLE,
                                   TIFFTAG_SAMPLESPERPIXEL, TIFFTAG_STRIPOFFSETS};
    for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autoptr(GByteArray) file = forge(&forms[4], 1);
        guint32 first = u32(file->data + 4);
        for (guint at = first + 2; at < next_place(file); at += 12) {
            if ((file->data[at] | file->data[at + 1] << 8) == tags[i])
                memset(file->data + at + 8, 0xff, 4);
        }
        g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_NONE, NULL);
        ck_assert_msg(!run, "tag %u: crossed", tags[i]);
    }
}
END_TEST

START_TEST(test_tiff__second_look_refuses)
{
    for (guint i = 0; i < 12; i += 6) { /* Group 4 and Deflate */
        g_autoptr(GByteArray) file = forge(&forms[i], 2);
        g_autoptr(FakeRun) run = clean_as(file, MGK_FORMAT_ID_NONE, NULL), look = fake_run_new();
        const GByteArray *good = run->output;
        ck_assert(fake_run_check(look, good->data, good->len, MGK_FORMAT_ID_tiff, NULL));
        for (guint at = 0; at < 10 + 12 * 9u; at++) { /* header and the fields that are always there */
            g_autofree guint8 *bad = g_memdup2(good->data, good->len);
            bad[at] ^= 0xff;
            ck_assert_msg(!fake_run_check(look, bad, good->len, MGK_FORMAT_ID_tiff, NULL), "form %u, byte %u", i, at);
        }
        ck_assert(!fake_run_check(look, good->data, good->len - 1, MGK_FORMAT_ID_tiff, NULL));
        g_byte_array_append(run->output, (const guint8 *)"!", 1);
        ck_assert(!fake_run_check(look, good->data, good->len, MGK_FORMAT_ID_tiff, NULL));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tiff");
    TCase *cases = tcase_create("tiff");
    tcase_add_test(cases, test_tiff__every_form_keeps_its_look);
    tcase_add_test(cases, test_tiff__turned_pixels_are_where_they_belong);
    tcase_add_test(cases, test_tiff__pages_stay_and_cleaning_again_changes_nothing);
    tcase_add_test(cases, test_tiff__bounds);
    tcase_add_test(cases, test_tiff__chain_of_directories_that_bites_its_tail);
    tcase_add_test(cases, test_tiff__truncation);
    tcase_add_test(cases, test_tiff__huge_numbers);
    tcase_add_test(cases, test_tiff__second_look_refuses);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
