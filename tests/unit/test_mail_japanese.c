/* Everyday Japanese mail, and the ways in which it is written wrongly: through the whole conversion and back. */
#include "mail_forge.h"

typedef struct Row {
    const char *what, *in, *want;
    gsize size;
} Row;

typedef struct BodyRow {
    const char *what, *label, *in, *want;
    gsize size;
} BodyRow;

static const Row subjects[] = {
    {"utf-8 B", "=?UTF-8?B?54Sh5a6z5YyW44Gu44GK55+l44KJ44Gb?=", "無害化のお知らせ", 44},
    {"utf-8 Q", "=?utf-8?Q?=E6=97=A5=E6=9C=AC?=", "日本", 30},
    {"iso-2022-jp", "=?ISO-2022-JP?B?GyRCMnE1RCRON28bKEI=?=", "会議の件", 38},
    {"iso-2022-jp row 13", "=?ISO-2022-JP?B?GyRCO3FOQS0hLSItOC1qGyhC?=", "資料①②Ⅳ㈱", 42},
    {"iso-2022-jp half-width kana", "=?iso-2022-jp?B?GyhJMTIzGyRCMnE1RBsoQg==?=", "ｱｲｳ会議", 42},
    {"cp50221", "=?cp50221?B?GyhJQz1EGyRCLSEbKEI=?=", "ﾃｽﾄ①", 34},
    {"cp50220", "=?CP50220?B?GyRCTT07OxsoQg==?=", "予算", 30},
    {"shift_jis with NEC", "=?Shift_JIS?B?7uCLtIdA?=", "髙橋①", 24},
    {"windows-31j", "=?windows-31J?B?7ZWSrA==?=", "﨑町", 26},
    {"x-sjis", "=?x-sjis?B?lVyOpg==?=", "表示", 21},
    {"cp932", "=?CP932?B?g1yUXA==?=", "ソ能", 20},
    {"euc-jp", "=?EUC-JP?B?xvzL3Ljs?=", "日本語", 21},
    {"euc-jp row 13", "=?EUC-JP?B?raG37w==?=", "①件", 21},
    {"eucJP-ms", "=?eucJP-ms?B?uKvA0Q==?=", "見積", 23},
    {"utf-8 words cut mid-character",
     "=?UTF-8?B?5biC5b255omA4w==?=\x0d\x0a =?UTF-8?B?gYvjgonjga7jgYrnn6XjgonjgZs=?=", "市役所からのお知らせ", 71},
    {"iso-2022-jp words cut mid-shift",
     "=?ISO-2022-JP?B?GyRCO1RMcj1q?= =?ISO-2022-JP?B?JCskaSROJCpDTiRpJDsbKEI=?=", "市役所からのお知らせ", 73},
    {"iso-2022-jp words cut mid-character",
     "=?ISO-2022-JP?B?GyRCO1RMcj0=?=\x0d\x0a\x09=?ISO-2022-JP?B?aiQrJGkkTiQqQ04kaSQ7GyhC?=", "市役所からのお知らせ",
     75},
    {"shift_jis words cut mid-character", "=?Shift_JIS?B?lVyO?= =?Shift_JIS?B?ppRcl80=?=", "表示能力", 45},
    {"B and Q of one charset", "=?UTF-8?B?44GC?= =?utf-8?Q?=E3=81=84?=", "あい", 38},
    {"two charsets", "=?UTF-8?B?44GC?= =?ISO-2022-JP?B?GyRCJCQbKEI=?=", "あい", 47},
    {"word and plain", "Re: =?UTF-8?B?5Lu2?= 2", "Re: 件 2", 22},
    {"in quotes", "\"=?UTF-8?B?5Lu2?=\"", "\"\xe4\xbb\xb6\"", 18},
    {"no padding", "=?UTF-8?B?5Lu25ZCNYQ?=", "件名a", 22},
    {"spaces inside a Q word", "=?UTF-8?Q?a b =E3=81=82?=", "a b あ", 25},
    {"language suffix", "=?UTF-8*ja?B?5Lu2?=", "件", 19},
    {"raw utf-8", "生の件名です", "生の件名です", 18},
    {"raw shift_jis",
     "\x90\xb6\x82\xcc\x8c\x8f\x96\xbc\x82\xc5\x82\xb7\x81"
     "B\x8es\x96\xf0\x8f\x8a",
     "生の件名です。市役所", 20},
    {"raw euc-jp", "\xc0\xb8\xa4\xce\xb7\xef\xcc\xbe\xa4\xc7\xa4\xb9\xa1\xa3\xa4\xaa\xc3\xce\xa4\xe9\xa4\xbb",
     "生の件名です。お知らせ", 22},
    {"raw iso-2022-jp", "\x1b$B@8$N7oL>\x1b(B", "生の件名", 14},
    {"utf-7", "=?UTF-7?Q?+ZeVnLA-?=", "日本", 20},
    {"unicode-1-1-utf-7", "=?unicode-1-1-utf-7?Q?+ZeVnLIqe-?=", "日本語", 34},
    {"unknown charset", "=?x-unknown?B?5Lu25ZCN?=", "件名", 24},
    {"mislabelled utf-8 as iso-2022-jp", "=?ISO-2022-JP?B?5pys5b2T44GvVVRGLTg=?=", "本当はUTF-8", 38},
    {"latin", "=?iso-8859-1?B?TfxsbGVy?=", "Müller", 25},
    {"koi8-r", "=?koi8-r?B?8NLJ18XU?=", "Привет", 21},
    {"gb2312", "=?gb2312?B?1tDOxA==?=", "中文", 21},
    {"gaiji", "=?UTF-8?B?6L677oCA?=", "辻〓", 20},
    {"variation selector", "=?UTF-8?B?6JGb86CEgA==?=", "\xe8\x91\x9b\xf3\xa0\x84\x80", 24},
    {"compatibility ideograph", "=?UTF-8?B?76iZ?=", "\xef\xa8\x99", 16},
    {"bidi", "=?UTF-8?B?YeKArnR4dC5leGU=?=", "atxt.exe", 28},
    {"line end inside a word", "=?UTF-8?B?YQ0KQmNjOiB4QHk=?=", "a  Bcc: x@y", 28},
    {"nul inside a word", "=?UTF-8?B?YQBi?=", "a b", 16},
};

static const Row names[] = {
    {"plain", "filename=\"a.txt\"", "a.txt", 16},
    {"unquoted with spaces", "filename=my file.txt", "my file.txt", 20},
    {"encoded word in quotes", "filename=\"=?ISO-2022-JP?B?GyRCSnM5cD1xGyhCLnR4dA==?=\"", "報告書.txt", 53},
    {"encoded words in quotes, two",
     "filename=\"=?ISO-2022-JP?B?GyRCRDkkJEw+QTAkThsoQg==?=\x0d\x0a =?ISO-2022-JP?B?GyRCSnM5cD1xGyhCLnR4dA==?=\"",
     "長い名前の報告書.txt", 98},
    {"encoded word unquoted", "filename==?UTF-8?B?6LOH5paZLnR4dA==?=", "資料.txt", 37},
    {"rfc 2231", "filename*=UTF-8''%E8%B3%87%E6%96%99.txt", "資料.txt", 39},
    {"rfc 2231 iso-2022-jp", "filename*=ISO-2022-JP'ja'%1B%24%42%3B%71%4E%41%1B%28%42.txt", "資料.txt", 59},
    {"rfc 2231 cut mid-character", "filename*0*=UTF-8''%E8%B3;\x0d\x0a filename*1*=%87%E6%96%99.txt", "資料.txt", 57},
    {"rfc 2231 pieces out of order", "filename*1*=%96%99.txt;\x0d\x0a filename*0*=UTF-8''%E8%B3%87%E6", "資料.txt", 57},
    {"rfc 2231 mixed pieces", "filename*0*=UTF-8''%E8%B3%87;\x0d\x0a filename*1=\"a.txt\"", "資a.txt", 50},
    {"pieces of an encoded word", "filename*0=\"=?UTF-8?Q?=E8=B3=87=E6\";\x0d\x0a filename*1=\"=96=99?=.txt\"",
     "資料.txt", 64},
    {"whole encoded word as piece 0", "filename*0=\"=?UTF-8?B?6LOH5paZLnR4dA==?=\"", "資料.txt", 41},
    {"raw utf-8", "filename=\"\xe8\xb3\x87\xe6\x96\x99.txt\"", "資料.txt", 21},
    {"raw shift_jis", "filename=\"\x8c\xa9\x90\xcf\x8f\x91.txt\"", "見積書.txt", 21},
    {"raw iso-2022-jp", "filename=\"\x1b$B8+@Q=q\x1b(B.txt\"", "見積書.txt", 27},
    {"both forms", "filename=\"x.txt\"; filename*=UTF-8''%E8%B3%87.txt", "資.txt", 48},
    {"escaped quotation mark", "filename=\"a\\\"b.txt\"", "a_b.txt", 19},
    {"path", "filename=\"..\\\\..\\\\etc.txt\"", "etc.txt", 26},
    {"right-to-left trick",
     "filename=\"a\xe2\x80\xae"
     "b.txt\"",
     "ab.txt", 20},
};

static const BodyRow bodies[] = {
    {"iso-2022-jp", "charset=ISO-2022-JP", "\x1b$BK\\J8-!$G$9\x1b(B\x0d\x0a\x1b(I123\x1b(B",
     "\xe6\x9c\xac\xe6\x96\x87\xe2\x91\xa0\xe3\x81\xa7\xe3\x81\x99\x0a\xef\xbd\xb1\xef\xbd\xb2\xef\xbd\xb3", 27},
    {"iso-2022-jp in quotes", "charset=\"iso-2022-jp\"", "\x1b$BK\\J8\x1b(B", "本文", 10},
    {"no label, iso-2022-jp", "format=fixed", "\x1b$BK\\J8$G$9\x1b(B", "本文です", 14},
    {"us-ascii, really utf-8", "charset=us-ascii", "本文です", "本文です", 12},
    {"shift_jis", "charset=Shift_JIS", "\xee\xe0\xed\x95\x87@", "髙﨑①", 6},
    {"windows-31j", "charset=windows-31j", "\x87\x8a\x95\\\x8e\xa6", "㈱表示", 6},
    {"euc-jp", "charset=euc-jp", "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xc7\xa4\xb9", "日本語です", 10},
    {"utf-7", "charset=UTF-7", "+ZeVnLIqe- ok +- ok", "日本語 ok + ok", 19},
    {"utf-16", "charset=utf-16",
     "\xff\xfe\xe5"
     "e,g",
     "日本", 6},
    {"iso-8859-15", "charset=iso-8859-15", "\xa4", "€", 1},
    {"flowed", "charset=utf-8; format=flowed",
     "\xe4\xb8\x80\xe8\xa1\x8c\xe7\x9b\xae\xe3\x81\x8c \x0d\x0a\xe7\xb6\x9a\xe3\x81\x8f\x0d\x0a> "
     "\xe5\xbc\x95\xe7\x94\xa8 \x0d\x0a> \xe7\xb6\x9a\xe3\x81\x8d\x0d\x0a",
     "\xe4\xb8\x80\xe8\xa1\x8c\xe7\x9b\xae\xe3\x81\x8c \xe7\xb6\x9a\xe3\x81\x8f\x0a> \xe5\xbc\x95\xe7\x94\xa8 "
     "\xe7\xb6\x9a\xe3\x81\x8d",
     44},
    {"flowed, delsp", "charset=utf-8; format=flowed; delsp=yes", "\xe6\x97\xa5\xe6\x9c\xac \x0d\x0a\xe8\xaa\x9e",
     "日本語", 12},
    {"gaiji", "charset=utf-8", "\xe8\xbe\xbb\xee\x80\x80", "辻〓", 6},
    {"variation selector and compatibility ideographs", "charset=utf-8",
     "\xe8\x91\x9b\xf3\xa0\x84\x80\xef\xa8\x99\xef\xa8\x91", "\xe8\x91\x9b\xf3\xa0\x84\x80\xef\xa8\x99\xef\xa8\x91",
     13},
    {"tags and zero width", "charset=utf-8",
     "a\xe2\x80\x8b"
     "b\xf3\xa0\x81\x81"
     "c",
     "abc", 10},
    {"escape sequence", "charset=utf-8", "a\x1b[31mred\x1b[0m", "ared", 13},
    {"bare CR", "charset=utf-8",
     "a\x0d"
     "b",
     "a\x0a"
     "b",
     3},
    {"nul", "charset=utf-8",
     "a\x00"
     "b",
     "ab", 3},
};

static GString *start(const char *head)
{
    GString *mail = g_string_new("From: a@example.com\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n");
    g_string_append(mail, head);
    return mail;
}

START_TEST(test_mail_japanese__subjects_are_read_and_written_anew)
{
    for (gsize i = 0; i < G_N_ELEMENTS(subjects); i++) {
        g_autoptr(GString) mail = start("Subject: ");
        g_string_append_len(mail, subjects[i].in, (gssize)subjects[i].size);
        g_string_append(mail, "\r\n\r\ntext\r\n");
        g_auto(Converted) c = convert(mail->str, mail->len, NULL);
        g_autofree char *got = field(&c, "Subject");
        ck_assert_msg(strcmp(got, subjects[i].want) == 0, "%s: got '%s', want '%s'", subjects[i].what, got,
                      subjects[i].want);
    }
}
END_TEST

START_TEST(test_mail_japanese__names_of_attachments_are_read_and_written_anew)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GString) mail = start("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
                                        "Content-Type: text/plain\r\nContent-Disposition: attachment; ");
        g_string_append_len(mail, names[i].in, (gssize)names[i].size);
        g_string_append(mail, "\r\n\r\nwords in a file\r\n--b--\r\n");
        g_auto(Converted) c = convert(mail->str, mail->len, NULL);
        ck_assert_msg(c.tree != NULL, "%s: %s", names[i].what, c.run->outcome.detail);
        const MgkMimePart *file = part_at(c.tree, 1);
        ck_assert_msg(file && file->name && strcmp(file->name, names[i].want) == 0, "%s: got '%s', want '%s'",
                      names[i].what, file && file->name ? file->name : "nothing", names[i].want);
    }
}
END_TEST

START_TEST(test_mail_japanese__bodies_are_read_whatever_their_label)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autoptr(GString) mail = start("Content-Type: text/plain; ");
        g_string_append_printf(mail, "%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", bodies[i].label);
        g_autofree char *base64 = g_base64_encode((const guchar *)bodies[i].in, bodies[i].size);
        g_string_append_printf(mail, "%s\r\n", base64);
        g_auto(Converted) c = convert(mail->str, mail->len, NULL);
        g_autofree char *got = body_words(&c);
        ck_assert_msg(strcmp(got, bodies[i].want) == 0, "%s: got '%s', want '%s'", bodies[i].what, got, bodies[i].want);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_japanese");
    TCase *tests = tcase_create("mail_japanese");
    tcase_add_test(tests, test_mail_japanese__subjects_are_read_and_written_anew);
    tcase_add_test(tests, test_mail_japanese__names_of_attachments_are_read_and_written_anew);
    tcase_add_test(tests, test_mail_japanese__bodies_are_read_whatever_their_label);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
