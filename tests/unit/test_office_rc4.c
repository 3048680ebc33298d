/* The schemes of binary workbooks; fixtures/compound/make.py writes one stream by each of them. */
#include "engines/cfb_read.h"
#include "engines/office_crypt.h"
#include "engines/office_rc4.h"

#include <check.h>
#include <string.h>

#define STREAM 4200

static guint8 *load_stream(const char *name, gsize *ret_size)
{
    g_autofree char *path = g_build_filename(FIXTURES, "compound", name, NULL);
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    ck_assert_msg(g_file_get_contents(path, &data, &size, &error), "%s", error ? error->message : "");
    g_autoptr(MgkCfb) cfb = mgk_cfb_open((const guint8 *)data, size, &error);
    ck_assert_msg(cfb != NULL, "%s: %s", name, error ? error->message : "");
    return mgk_cfb_read(cfb, (guint)mgk_cfb_find(cfb, "Workbook"), ret_size);
}

/* What each fixture holds behind FilePass, in clear. */
static GByteArray *want_tail(void)
{
    static const guint8 before[] = {0xe1, 0, 2,    0, 0xb0, 4, 0x42, 0, 2,  0, 0xb0, 4,   0x85, 0,
                                    12,   0, 0xd2, 4, 0,    0, 0,    0, 4,  0, 'D',  'a', 't',  'a',
                                    4,    2, 0x11, 7, 0,    0, 0,    0, 15, 0, 0x84, 3,   1};
    GByteArray *tail = g_byte_array_new();
    g_byte_array_append(tail, before, sizeof before);
    for (guint i = 0; i < 225; i++)
        g_byte_array_append(tail, (const guint8 *)"\xd8\x79\xc6\x5b\x6e\x30\x68\x88", 8);
    g_byte_array_append(tail, (const guint8 *)"\x0a\0\0\0\0", 5);
    return tail;
}

static const struct {
    const char *file, *password;
    guint filepass; /* size of its data */
} books[] = {
    {"xor-default.xls", "VelvetSweatshop", 6},    {"xor-other.xls", "himitsu", 6},
    {"rc4-default.xls", "VelvetSweatshop", 54},   {"rc4-other.xls", "himitsu", 54},
    {"capi40-default.xls", "VelvetSweatshop", 0}, {"capi128-default.xls", "VelvetSweatshop", 0},
    {"capi128-other.xls", "himitsu", 0},
};

START_TEST(test_office_rc4__a_workbook_is_opened_by_every_scheme)
{
    g_autoptr(GByteArray) want = want_tail();
    for (guint i = 0; i < G_N_ELEMENTS(books); i++) {
        gsize size = 0;
        g_autoptr(GError) error = NULL;
        g_autofree guint8 *stream = load_stream(books[i].file, &size);
        ck_assert_uint_eq(size, STREAM);
        g_autofree guint8 *plain = mgk_office_crypt_open_workbook(stream, size, books[i].password, &error);
        ck_assert_msg(plain != NULL, "%s: %s", books[i].file, error ? error->message : "");
        gsize filepass = plain[22] | (gsize)plain[23] << 8, tail = 24 + filepass; /* BOF has 16 bytes */
        ck_assert_msg(memcmp(plain, stream, tail) == 0, "%s: BOF or FilePass changed", books[i].file);
        ck_assert_msg(!books[i].filepass || filepass == books[i].filepass, "%s: FilePass of %zu", books[i].file,
                      filepass);
        ck_assert_msg(memcmp(plain + tail, want->data, want->len) == 0, "%s: not the clear text", books[i].file);
    }
}
END_TEST

START_TEST(test_office_rc4__a_wrong_password_is_told)
{
    static const char *const wrong[] = {"", "himits", "himitsu!", "himitsu-and-much-more-of-it", "ひみつ", "\xff"};
    for (guint i = 0; i < G_N_ELEMENTS(books); i++) {
        gsize size = 0;
        g_autofree guint8 *stream = load_stream(books[i].file, &size);
        for (guint w = 0; w < G_N_ELEMENTS(wrong); w++) {
            g_autoptr(GError) error = NULL;
            ck_assert_ptr_null(mgk_office_crypt_open_workbook(stream, size, wrong[w], &error));
            ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_ENCRYPTED), "%s with %s: %s", books[i].file,
                          wrong[w], error->message);
            ck_assert_msg(!*wrong[w] || !strstr(error->message, wrong[w]), "told: %s", error->message);
        }
    }
}
END_TEST

/* The numbers that Excel writes for its built-in password, as every write-protected workbook of Excel 95 has them. */
START_TEST(test_office_rc4__xor_has_excels_own_numbers)
{
    guint8 array[MGK_OFFICE_XOR];
    ck_assert(mgk_office_xor_open(0xb359, 0x9a0a, "VelvetSweatshop", array));
    ck_assert(!mgk_office_xor_open(0xb358, 0x9a0a, "VelvetSweatshop", array));
    ck_assert(!mgk_office_xor_open(0xb359, 0x9a0b, "VelvetSweatshop", array));
}
END_TEST

START_TEST(test_office_rc4__headers_that_lie_are_refused)
{
    static const struct {
        guint at; /* behind the first number of FilePass */
        guint8 to;
        MgkError code;
    } table[] = {
        {0, 9, MGK_ERROR_UNSUPPORTED},     {2, 3, MGK_ERROR_UNSUPPORTED},   {8, 0xff, MGK_ERROR_MALFORMED},
        {8, 8, MGK_ERROR_MALFORMED},       {11, 0x80, MGK_ERROR_MALFORMED}, {12, 0x24, MGK_ERROR_UNSUPPORTED},
        {12, 0x14, MGK_ERROR_UNSUPPORTED}, {20, 2, MGK_ERROR_UNSUPPORTED},  {24, 5, MGK_ERROR_UNSUPPORTED},
        {28, 8, MGK_ERROR_MALFORMED},      {28, 255, MGK_ERROR_MALFORMED},  {28, 41, MGK_ERROR_MALFORMED},
        {29, 1, MGK_ERROR_MALFORMED},      {54, 17, MGK_ERROR_MALFORMED},   {90, 32, MGK_ERROR_MALFORMED},
    };
    gsize size = 0;
    g_autofree guint8 *stream = load_stream("capi128-other.xls", &size);
    guint8 *header = stream + 26;
    gsize length = stream[22] - 2u;
    MgkOfficeRc4 rc4;
    ck_assert(mgk_office_rc4_open(header, length, "himitsu", &rc4, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GError) error = NULL;
        guint8 was = header[table[i].at];
        header[table[i].at] = table[i].to;
        ck_assert_msg(!mgk_office_rc4_open(header, length, "himitsu", &rc4, &error), "byte %u", table[i].at);
        ck_assert_msg(error->code == (gint)table[i].code, "byte %u: %s", table[i].at, error->message);
        header[table[i].at] = was;
    }
    for (gsize n = 0; n < length; n++) {
        g_autofree guint8 *cut = g_memdup2(header, MAX(n, 1));
        ck_assert_msg(!mgk_office_rc4_open(cut, n, "himitsu", &rc4, NULL), "cut to %zu", n);
    }
}
END_TEST

START_TEST(test_office_rc4__blocks_join)
{
    gsize size = 0;
    g_autofree guint8 *stream = load_stream("rc4-other.xls", &size);
    MgkOfficeRc4 rc4;
    guint8 whole[1500] = {0}, parts[1500] = {0};
    ck_assert(mgk_office_rc4_open(stream + 26, 52, "himitsu", &rc4, NULL));
    mgk_office_rc4_apply(&rc4, 3, 512, whole, sizeof whole);
    mgk_office_rc4_apply(&rc4, 3, 512, parts, 512);
    mgk_office_rc4_apply(&rc4, 4, 512, parts + 512, 512);
    mgk_office_rc4_apply(&rc4, 5, G_MAXSIZE, parts + 1024, sizeof parts - 1024);
    ck_assert_mem_eq(whole, parts, sizeof whole);
    ck_assert(memcmp(whole, whole + 512, 512) != 0);
}
END_TEST

START_TEST(test_office_rc4__damaged_streams_are_survived)
{
    for (guint i = 0; i < G_N_ELEMENTS(books); i++) {
        gsize size = 0;
        g_autofree guint8 *stream = load_stream(books[i].file, &size);
        for (gsize at = 0; at < 400; at++) {
            g_autofree guint8 *turned = g_memdup2(stream, size), *cut = g_memdup2(stream, at + 1);
            turned[at] ^= 0xff;
            g_free(mgk_office_crypt_open_workbook(turned, size, books[i].password, NULL));
            g_free(mgk_office_crypt_open_workbook(cut, at + 1, books[i].password, NULL));
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("office_rc4");
    TCase *tc = tcase_create("office_rc4");
    tcase_add_test(tc, test_office_rc4__a_workbook_is_opened_by_every_scheme);
    tcase_add_test(tc, test_office_rc4__a_wrong_password_is_told);
    tcase_add_test(tc, test_office_rc4__xor_has_excels_own_numbers);
    tcase_add_test(tc, test_office_rc4__headers_that_lie_are_refused);
    tcase_add_test(tc, test_office_rc4__blocks_join);
    tcase_add_test(tc, test_office_rc4__damaged_streams_are_survived);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
