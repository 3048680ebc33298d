#include "fake_job.h"
#include "raw_png.h"

#include <check.h>
#include <png.h>
#include <string.h>

static void put(GByteArray *file, const void *bytes, gsize size)
{
    g_byte_array_append(file, bytes, (guint)size);
}

static void put32(GByteArray *file, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);
    put(file, &little, 4);
}

typedef struct Form {
    const char *name;
    gint32 width, height;
    guint bits, code;
    const char *masks, *colors, *pixels; /* hexadecimal */
    int color_type;
    const char *want; /* rows of the PNG, hexadecimal */
} Form;

static void put_hex(GByteArray *file, const char *text)
{
    for (; text && *text; text += 2) {
        guint8 byte = (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        put(file, &byte, 1);
    }
}

static GByteArray *forge(const Form *form)
{
    GByteArray *file = g_byte_array_new(), *front = g_byte_array_new();
    put_hex(front, form->masks);
    put_hex(front, form->colors);
    put(file, "BM", 2);
    put32(file, 0);
    put32(file, 0);
    put32(file, 14 + 40 + front->len);
    put32(file, 40);
    put32(file, (guint32)form->width);
    put32(file, (guint32)form->height);
    put32(file, 1 | form->bits << 16);
    put32(file, form->code);
    put32(file, 0);
    put32(file, 2835);
    put32(file, 2835);
    put32(file, form->colors ? (guint32)strlen(form->colors) / 8 : 0);
    put32(file, 0);
    put(file, front->data, front->len);
    put_hex(file, form->pixels);
    g_byte_array_unref(front);
    return file;
}

#define COLORS \
    "00000000" \
    "0000ff00" \
    "00ff0000" \
    "ffffff00"

/* Bottom row first, unless the height is negative. */
static const Form forms[] = {
    {"1 bit", 3, 2, 1, 0, NULL, "00000000ffffff00", "a000000040000000", PNG_COLOR_TYPE_PALETTE, "40a0"},
    {"2 bits", 3, 1, 2, 0, NULL, COLORS, "18000000", PNG_COLOR_TYPE_PALETTE, "18"},
    {"4 bits", 3, 2, 4, 0, NULL, COLORS, "0120000032100000", PNG_COLOR_TYPE_PALETTE, "32100120"},
    {"8 bits top down", 3, -2, 8, 0, NULL, COLORS, "0001020003020100", PNG_COLOR_TYPE_PALETTE, "000102030201"},
    {"RLE8", 4, 2, 8, 1, NULL, COLORS, "0401000000030102030000010001", PNG_COLOR_TYPE_PALETTE, "0102030001010101"},
    {"RLE8 with a step", 4, 2, 8, 1, NULL, COLORS, "01010002020101020001", PNG_COLOR_TYPE_PALETTE, "0000000201000000"},
    {"RLE4", 4, 2, 4, 2, NULL, COLORS, "0412000000031230010200010001", PNG_COLOR_TYPE_PALETTE, NULL},
    {"555", 2, 1, 16, 0, NULL, NULL, "007ce003", PNG_COLOR_TYPE_RGB, "ff000000ff00"},
    {"565", 2, 1, 16, 3, "00f80000e00700001f000000", NULL, "00f81f00", PNG_COLOR_TYPE_RGB, "ff00000000ff"},
    {"24 bits", 2, 1, 24, 0, NULL, NULL, "0102030405060000", PNG_COLOR_TYPE_RGB, "030201060504"},
    {"32 bits, fourth byte without meaning", 1, 1, 32, 0, NULL, NULL, "01020355", PNG_COLOR_TYPE_RGB, "030201"},
    {"32 bits with alpha", 1, 1, 32, 6, "0000ff0000ff0000ff000000000000ff", NULL, "01020355", PNG_COLOR_TYPE_RGB_ALPHA,
     "03020155"},
};

static FakeRun *clean(const GByteArray *file, MgkFormatId want, GError **error)
{
    FakeRun *run = fake_run_new();
    run->want = want;
    if (!fake_run_clean(run, file->data, file->len, "a.bmp", MGK_FORMAT_ID_NONE, error))
        g_clear_pointer(&run, fake_run_free);
    return run;
}

START_TEST(test_bmp__every_form_keeps_its_pixels)
{
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        const Form *form = &forms[i];
        g_autoptr(GByteArray) file = forge(form), want = g_byte_array_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE, &error);
        ck_assert_msg(run != NULL, "%s: %s", form->name, error ? error->message : "");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED && run->outcome.format == MGK_FORMAT_ID_png,
                      "%s: verdict or format", form->name);
        g_autoptr(RawPng) png = raw_png_read(run->output->data, run->output->len);
        ck_assert_msg(png && png->color_type == form->color_type && png->density_x == 2835, "%s: header", form->name);
        put_hex(want, form->want);
        ck_assert_msg(!form->want ||
                          (want->len == png->row_bytes * png->height && memcmp(png->rows, want->data, want->len) == 0),
                      "%s: pixels", form->name);
    }
}
END_TEST

START_TEST(test_bmp__os2_header)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    put(file, "BM", 2);
    put_hex(file, "00000000000000001a00"
                  "0000"
                  "0c0000000200010001001800"
                  "010203040506"
                  "0000");
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE, NULL);
    ck_assert(run != NULL);
    g_autoptr(RawPng) png = raw_png_read(run->output->data, run->output->len);
    ck_assert(png && png->width == 2 && png->height == 1);
}
END_TEST

START_TEST(test_bmp__as_jpeg_when_asked)
{
    g_autoptr(GByteArray) file = forge(&forms[9]);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_jpeg, NULL);
    ck_assert(run && run->outcome.format == MGK_FORMAT_ID_jpeg);
}
END_TEST

START_TEST(test_bmp__data_behind_the_end)
{
    g_autoptr(GByteArray) file = forge(&forms[9]);
    put(file, "PK\3\4CANARY..", 12);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE, NULL);
    ck_assert(run && fake_run_found(run, MGK_KIND_IMAGE_HIDDEN_FILE));
    ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
}
END_TEST

START_TEST(test_bmp__missing_rows)
{
    static const Form tall = {"tall", 1, 16, 24, 0, NULL, NULL, "01020300010203000102030001020300", 0, NULL};
    g_autoptr(GByteArray) file = forge(&tall);
    g_autoptr(FakeRun) run = clean(file, MGK_FORMAT_ID_NONE, NULL);
    ck_assert(run && fake_run_found(run, MGK_KIND_IMAGE_DAMAGED));
    g_autoptr(GError) error = NULL;
    g_byte_array_set_size(file, 14 + 40 + 4);
    ck_assert(!clean(file, MGK_FORMAT_ID_NONE, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED));
}
END_TEST

START_TEST(test_bmp__hostile_numbers)
{
    static const struct {
        guint at;
        guint32 value;
        MgkError want;
    } table[] = {{18, 0, MGK_ERROR_MALFORMED},           {18, 0x80000000, MGK_ERROR_MALFORMED},
                 {22, 0, MGK_ERROR_MALFORMED},           {22, 0x80000000, MGK_ERROR_MALFORMED},
                 {18, 0x7fffffff, MGK_ERROR_LIMIT},      {22, 0x7fffffff, MGK_ERROR_LIMIT},
                 {10, 0xffffffff, MGK_ERROR_MALFORMED},  {30, 4, MGK_ERROR_UNSUPPORTED},
                 {30, 5, MGK_ERROR_UNSUPPORTED},         {26, 1 | 7 << 16, MGK_ERROR_UNSUPPORTED},
                 {30, 0xffffffff, MGK_ERROR_UNSUPPORTED}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = forge(&forms[9]);
        g_autoptr(GError) error = NULL;
        guint32 little = GUINT32_TO_LE(table[i].value);
        memcpy(file->data + table[i].at, &little, 4);
        ck_assert_msg(!clean(file, MGK_FORMAT_ID_NONE, &error), "row %u crossed", i);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, table[i].want), "row %u: %s", i, error->message);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bmp");
    TCase *cases = tcase_create("bmp");
    tcase_add_test(cases, test_bmp__every_form_keeps_its_pixels);
    tcase_add_test(cases, test_bmp__os2_header);
    tcase_add_test(cases, test_bmp__as_jpeg_when_asked);
    tcase_add_test(cases, test_bmp__data_behind_the_end);
    tcase_add_test(cases, test_bmp__missing_rows);
    tcase_add_test(cases, test_bmp__hostile_numbers);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
