/* Mails and pages from everywhere: the samples were encoded by Python's codecs. */
#include "engines/charset_world.h"
#include "engines/html_text.h"
#include "mail_forge.h"

typedef struct Row {
    const char *label, *bytes;
    gsize size;
    const char *want;
} Row;

static const Row rows[] = {
    {"windows-1250",
     "P\xf8\xedli\x9a \x9elu\x9dou\xe8k\xfd k\xf9\xf2 \x96 \x84"
     "ahoj\x93 \x80",
     31, "Příliš žluťoučký kůň – „ahoj“ €"},
    {"iso-8859-2", "Za\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1 ja\xbc\xf1", 17, "Zażółć gęślą jaźń"},
    {"latin2",
     "\xc8"
     "e\xb9tina",
     7, "Čeština"},
    {"windows-1251",
     "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0 \x97 \xb9"
     "5 \xab\xe4\xe0\xbb \xb8\xe6",
     24, "Привет, мир — №5 «да» ёж"},
    {"iso-8859-5", "\xbf\xe0\xd8\xd2\xd5\xe2, \xf1\xd6 \xf0", 12, "Привет, ёж №"},
    {"koi8-r", "\xf3\xdf\xc5\xdb\xd8 \xc5\xdd\xa3 \xdc\xd4\xc9\xc8 \xc2\xd5\xcc\xcf\xcb", 20, "Съешь ещё этих булок"},
    {"KOI8-U", "\xb7\xd6\xc1\xcb \xa6 \xad\xc1\xce\xcf\xcb \xa4", 14, "Їжак і ґанок є"},
    {"cp866", "\x8f\xe0\xa8\xa2\xa5\xe2 \xa8\xa7 DOS \xf1", 15, "Привет из DOS ё"},
    {"x-mac-cyrillic", "\x8f\xf0\xe8\xe2\xe5\xf2 \xde \xdc", 10, "Привет ё №"},
    {"windows-1253", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1 \xea\xfc\xf3\xec\xe5 \x92 \x80", 18, "Καλημέρα κόσμε ’ €"},
    {"iso-8859-7", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1 \xea\xfc\xf3\xec\xe5", 14, "Καλημέρα κόσμε"},
    {"windows-1254", "\xddyi g\xfcnler, \xfe\xf6yle \xf0 \x80 \xfd", 23, "İyi günler, şöyle ğ € ı"},
    {"iso-8859-9",
     "\xddstanbul \xfe"
     "ehri \xf0\xfd",
     17, "İstanbul şehri ğı"},
    {"windows-1255", "\xf9\xec\xe5\xed \xf2\xe5\xec\xed", 9, "שלום עולם"},
    {"iso-8859-8", "\xf9\xec\xe5\xed", 4, "שלום"},
    {"iso-8859-8-i", "\xf9\xec\xe5\xed \xf2\xe5\xec\xed", 9, "שלום עולם"},
    {"windows-1256", "\xe3\xd1\xcd\xc8\xc7 \xc8\xc7\xe1\xda\xc7\xe1\xe3", 13, "مرحبا بالعالم"},
    {"iso-8859-6", "\xe5\xd1\xcd\xc8\xc7", 5, "مرحبا"},
    {"windows-1257", "Sveiki, \xfe\xe0s\xe1 \xebjo \x96 \xf8", 20, "Sveiki, žąsį ėjo – ų"},
    {"iso-8859-4",
     "\xd3\xba\xf3is \xf1"
     "em",
     9, "Ķēķis ņem"},
    {"iso-8859-13", "\xde\xe0sis \xebjo \xf8", 11, "Žąsis ėjo ų"},
    {"windows-1258", "Ti\xeang Vi\xeat \xf0 \xf5 \xfd", 16, "Tiêng Viêt đ ơ ư"},
    {"iso-8859-15", "Prix : 5 \xa4 \xbduf \xb4i\xb8ka", 20, "Prix : 5 € œuf Žižka"},
    {"iso-8859-16",
     "\xaatefan \xbai \xfe"
     "ar\xe3 \xa4",
     16, "Ștefan și țară €"},
    {"iso-8859-3",
     "\xc6iu\xbc"
     "a\xfd"
     "de",
     8, "Ĉiuĵaŭde"},
    {"iso-8859-10", "\xa1\xf0\xf1", 3, "Ąðņ"},
    {"iso-8859-14", "\xd0\xfe", 2, "Ŵŷ"},
    {"windows-874", "\xca\xc7\xd1\xca\xb4\xd5\xa4\xc3\xd1\xba \x96 \x93\xe4\xb7\xc2\x94", 18, "สวัสดีครับ – “ไทย”"},
    {"tis-620", "\xca\xc7\xd1\xca\xb4\xd5", 6, "สวัสดี"},
    {"macintosh",
     "\x83l ni\x96o \xd2"
     "d\x8ej\x88 vu\xd3 \xaa \xd0 \xc9",
     23, "Él niño “déjà vu” ™ – …"},
    {"cp437", "na\x8bve \xab \xab \xf1", 11, "naïve ½ ½ ±"},
    {"ibm850",
     "Gr\x94\xe1"
     "e \xa4 \xb8",
     9, "Größe ñ ©"},
    {"gb2312", "\xd6\xd0\xbb\xaa\xc8\xcb\xc3\xf1\xb9\xb2\xba\xcd\xb9\xfa\xa3\xac\xc4\xe3\xba\xc3\xa1\xa3", 22,
     "中华人民共和国，你好。"},
    {"gbk",
     "\xd6\xec\xe9"
     "F\xbb\xf9 \x87\xd6 \xb7\xb1\xf3w",
     14, "朱镕基 囍 繁體"},
    {"GB18030",
     "\xd6\xd0\xce\xc4 \x81"
     "9\xee"
     "9 \x95"
     "2\x82"
     "6 \xd7\xd6",
     17, "中文 㐀 𠀀 字"},
    {"cp936",
     "\xe9"
     "F",
     2, "镕"},
    {"big5",
     "\xa4\xa4\xb5\xd8\xa5\xc1\xb0\xea\xa1"
     "A\xb1z\xa6n\xa1"
     "C",
     16, "中華民國，您好。"},
    {"big5-hkscs", "\xad\xbb\xb4\xe4 \x9d\xf7 \x9d\xef \x90h", 13, "香港 咗 嘅 邨"},
    {"euc-kr", "\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4 \xbc\xbc\xb0\xe8", 15, "안녕하세요 세계"},
    {"ks_c_5601-1987",
     "\x8c"
     "c\xb9\xe6\xb0\xa2\xc7\xcf \xbc\x84\xbd\xc3",
     13, "똠방각하 펲시"},
    {"cp949", "\x94\xee", 2, "뷁"},
    {"iso-2022-kr", "\x1b$)C\x0e>H3g\x0f abc \x0e<<0h\x0f", 21, "안녕 abc 세계"},
    {"hz-gb-2312", "ab ~{VPND~} ~~ ok", 17, "ab 中文 ~ ok"},
    {"utf-32",
     "\xff\xfe\x00\x00\xe5"
     "e\x00\x00,g\x00\x00 \x00\x00\x00"
     "a\x00\x00\x00 \x00\x00\x00\x00\x00\x02\x00",
     28, "日本 a 𠀀"},
    {"utf-32le",
     "\xe5"
     "e\x00\x00,g\x00\x00",
     8, "日本"},
    {"utf-32be",
     "\x00\x00"
     "e\xe5\x00\x00g,",
     8, "日本"},
    {"iso-2022-jp-2", "\x1b$BF|K\\\x1b(B caf\x1b$(D+1\x1b(B \x1b$(CGQ\x1b(B", 33, "日本 café 한"},
    {"iso-2022-jp-2004", "\x1b$BF|K\\\x1b(B \x1b$(Q-!\x1b(B \x1b$(Q.:\x1b(B", 30, "日本 ① 俠"},
    {"shift_jisx0213", "\x93\xfa\x96{ \x87@", 7, "日本 ①"},
    {"euc-jisx0213", "\xc6\xfc\xcb\xdc \xad\xa1", 7, "日本 ①"},
    {"johab",
     "\xb4"
     "e\x91w",
     4, "안녕"},
    {"iso-2022-cn", "\x1b$)A\x0eVPND\x0f ok", 13, "中文 ok"},
    {"iso-2022-cn",
     "\x1b$)G\x0e"
     "Dc\x0f",
     8, "中"},
    {"iso-2022-cn", "\x1b$*H\x1bN!!", 8, "乂"},
    {"x-euc-tw", "\xc4\xe3", 2, "中"},
};

START_TEST(test_charset_world__decodes_every_sample)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize size = 0, bad = 0;
        g_autofree char *got =
            mgk_charset_world_to_utf8(rows[i].label, (const guint8 *)rows[i].bytes, rows[i].size, &size, &bad);
        ck_assert_msg(got && strcmp(got, rows[i].want) == 0, "%s: got '%s', want '%s'", rows[i].label,
                      got ? got : "nothing", rows[i].want);
        ck_assert_msg(bad == 0 && size == strlen(got), "%s: %zu bad", rows[i].label, bad);
    }
}
END_TEST

START_TEST(test_charset_world__mails_show_every_sample)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *base64 = g_base64_encode((const guchar *)rows[i].bytes, rows[i].size);
        g_autofree char *mail =
            g_strdup_printf("From: a@b.example\r\nSubject: =?%s?B?%s?=\r\nContent-Type: text/plain; charset=\"%s\"\r\n"
                            "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
                            rows[i].label, base64, rows[i].label, base64);
        g_auto(Converted) c = convert(mail, strlen(mail), NULL);
        g_autofree char *subject = field(&c, "Subject"), *words = body_words(&c);
        ck_assert_msg(strcmp(subject, rows[i].want) == 0, "%s: subject '%s'", rows[i].label, subject);
        ck_assert_msg(strcmp(words, rows[i].want) == 0, "%s: text '%s'", rows[i].label, words);
    }
}
END_TEST

START_TEST(test_charset_world__pages_show_every_sample)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gboolean wide = g_str_has_prefix(rows[i].label, "utf-32");
        g_autoptr(GString) page = g_string_new(wide ? "" : "<meta charset=\"");
        if (!wide)
            g_string_append_printf(page, "%s\"><p>", rows[i].label);
        g_string_append_len(page, rows[i].bytes, (gssize)rows[i].size);
        for (guint declared = wide; declared < 2; declared++) {
            g_auto(MgkHtmlResult) html = {0};
            ck_assert(mgk_html_to_text((const guint8 *)page->str, page->len, declared ? rows[i].label : NULL, NULL,
                                       &html, NULL));
            g_strchomp(html.text);
            ck_assert_msg(strcmp(html.text, rows[i].want) == 0, "%s, %u: got '%s'", rows[i].label, declared, html.text);
        }
    }
}
END_TEST

START_TEST(test_charset_world__broken_bytes_end_and_are_counted)
{
    guint8 noise[4096];
    guint32 seed = 1;
    for (gsize i = 0; i < sizeof noise; i++) {
        seed = seed * 1664525u + 1013904223u;
        noise[i] = (guint8)(seed >> 24);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize size = 0, bad = 0;
        g_autofree char *got = mgk_charset_world_to_utf8(rows[i].label, noise, sizeof noise, &size, &bad);
        ck_assert_msg(g_utf8_validate_len(got, size, NULL) || strlen(got) < size, "%s: no UTF-8", rows[i].label);
    }
}
END_TEST

START_TEST(test_charset_world__other_labels_are_not_its_business)
{
    static const char *const labels[] = {
        "", " ", "utf-8", "iso-8859-1", "iso-8859-", "8859-2", "iso-8859-2 iso8859-2", "klingon"};
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
        ck_assert_msg(!mgk_charset_world_knows(labels[i]), "'%s'", labels[i]);
}
END_TEST

START_TEST(test_charset_world__wrong_labels_do_not_win_over_utf8)
{
    static const char *const labels[] = {"iso-8859-1", "windows-1251", "gb2312", "big5",
                                         "euc-kr",     "shift_jis",    "bogus"};
    static const char text[] = "本当はＵＴＦ－８です、ずっと";
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
        gsize size = 0;
        g_autofree char *got = mgk_mail_to_utf8(labels[i], (const guint8 *)text, strlen(text), &size);
        ck_assert_msg(strcmp(got, text) == 0, "%s: got '%s'", labels[i], got);
    }
}
END_TEST

START_TEST(test_charset_world__western_words_without_a_label_are_no_kanji)
{
    static const char *const rows_of[][2] = {{"M\xe4tterhorn", "Mätterhorn"},
                                             {"D\xe9j\xe0 vu", "Déjà vu"},
                                             {"\x95\\\x8e\xa6", "表示"},
                                             {"A\x8c\x8f", "A件"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows_of); i++) {
        gsize size = 0;
        g_autofree char *got =
            mgk_mail_to_utf8("bad-charset", (const guint8 *)rows_of[i][0], strlen(rows_of[i][0]), &size);
        ck_assert_str_eq(got, rows_of[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("charset_world");
    TCase *tests = tcase_create("charset_world");
    tcase_add_test(tests, test_charset_world__decodes_every_sample);
    tcase_add_test(tests, test_charset_world__mails_show_every_sample);
    tcase_add_test(tests, test_charset_world__pages_show_every_sample);
    tcase_add_test(tests, test_charset_world__broken_bytes_end_and_are_counted);
    tcase_add_test(tests, test_charset_world__other_labels_are_not_its_business);
    tcase_add_test(tests, test_charset_world__wrong_labels_do_not_win_over_utf8);
    tcase_add_test(tests, test_charset_world__western_words_without_a_label_are_no_kanji);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
