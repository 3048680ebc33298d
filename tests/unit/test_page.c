#include "fake_job.h"

#include <check.h>
#include <string.h>

#define MARK "\xef\xbb\xbf"

static FakeRun *cleaned(const char *data, gsize size, const char *name)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, (const guint8 *)data, size, name, MGK_FORMAT_ID_NONE, &error);
    ck_assert_msg(ok, "%s: %s", name, error ? error->message : "");
    g_byte_array_append(run->output, (const guint8 *)"", 1);
    return run;
}

static const char *text_of(const FakeRun *run)
{
    return (const char *)run->output->data;
}

typedef struct Row {
    const char *label, *page;
    gint kind; /* -1: none is demanded */
} Row;

#define KEPT "<p>本文 VISIBLE</p>"

static void judge(const Row *row, const char *name, const char *data)
{
    g_autoptr(FakeRun) run = cleaned(data, strlen(data), name);
    const char *text = text_of(run);
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: verdict %d, %s", row->label, run->outcome.verdict,
                  run->outcome.detail);
    ck_assert_uint_eq(run->outcome.format, MGK_FORMAT_ID_text);
    ck_assert_msg(g_str_has_prefix(text, MARK) && strstr(text, "\r\n"), "%s: no text of ours", row->label);
    ck_assert_msg(strstr(text, "本文 VISIBLE") != NULL, "%s: text lost: %s", row->label, text);
    ck_assert_msg(!strstr(text, "CANARY"), "%s: %s", row->label, text);
    ck_assert_msg(row->kind < 0 || fake_run_found(run, (MgkKind)row->kind), "%s: not reported", row->label);
}

static const Row planted[] = {
    {"script", "<script>CANARY()</script>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"script from elsewhere", "<script src=https://CANARY/></script>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"upper case", "<SCRIPT>CANARY()</SCRIPT>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"script never closed", KEPT "<script>CANARY()", MGK_KIND_PAGE_SCRIPT},
    {"script in svg", "<svg><script>CANARY()</script></svg>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"handler", "<body onload='CANARY()'>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"handler of a picture", "<img src=x onerror=CANARY()>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"handler after a slash", "<img/onerror=CANARY()/src=x>" KEPT, MGK_KIND_PAGE_SCRIPT},
    {"javascript link", "<a href='javascript:CANARY()'>x</a>" KEPT, MGK_KIND_LINK_DANGEROUS},
    {"masked javascript link", "<a href='java\nscript:CANARY()'>x</a>" KEPT, MGK_KIND_LINK_DANGEROUS},
    {"data link", "<a href='data:text/html,CANARY'>x</a>" KEPT, MGK_KIND_LINK_DANGEROUS},
    {"file link", "<a href='file://server/CANARY'>x</a>" KEPT, MGK_KIND_LINK_DANGEROUS},
    {"share link", "<a href='\\\\server\\CANARY'>x</a>" KEPT, MGK_KIND_LINK_DANGEROUS},
    {"deceptive link", "<a href='https://evil.example/'>https://www.city.example.jp/</a>" KEPT, MGK_KIND_MAIL_LINK},
    {"hidden by style", "<p style='display:none'>CANARY</p>" KEPT, MGK_KIND_MAIL_HIDDEN},
    {"hidden by attribute", "<p hidden>CANARY</p>" KEPT, MGK_KIND_MAIL_HIDDEN},
    {"hidden by a style sheet", "<style>.q{display:none}</style><p class=q>CANARY</p>" KEPT, MGK_KIND_MAIL_HIDDEN},
    {"white on white", "<p style='color:#fff;background:#fff'>CANARY</p>" KEPT, MGK_KIND_MAIL_HIDDEN},
    {"form", "<form action=https://CANARY/><input type=password value=CANARY></form>" KEPT, MGK_KIND_MAIL_FORM},
    {"comment", "<!-- CANARY -->" KEPT, -1},
    {"for Office only", "<!--[if mso]><p>CANARY</p><![endif]-->" KEPT, -1},
    {"style sheet", "<style>@import url(https://CANARY/);p{}</style>" KEPT, -1},
    {"style sheet elsewhere", "<link rel=stylesheet href=https://CANARY/>" KEPT, -1},
    {"template", "<template><p>CANARY</p></template>" KEPT, -1},
    {"object", "<object data=x.swf><param name=CANARY value=CANARY></object>" KEPT, -1},
    {"applet", "<applet code=CANARY archive=CANARY.jar></applet>" KEPT, -1},
    {"picture from elsewhere", "<img src=https://CANARY/a.png width=1 height=1>" KEPT, MGK_KIND_MAIL_IMAGE},
    {"tag characters", "\xf3\xa0\x81\x83<p>" KEPT, MGK_KIND_TEXT_TAG},
    {"turned direction",
     "<p>a\xe2\x80\xae"
     "b</p>" KEPT,
     MGK_KIND_TEXT_BIDI},
    {"smuggled file", "<a download=CANARY.exe href='blob:CANARY'>x</a>" KEPT, MGK_KIND_LINK_DANGEROUS},
};

START_TEST(test_page__leaves_out_what_runs_or_hides)
{
    const Row *row = &planted[_i];
    g_autofree char *page =
        g_strdup_printf("<!DOCTYPE html><html><head><title>題名</title></head>%s</html>", row->page);
    judge(row, "案内.html", page);
}
END_TEST

START_TEST(test_page__finds_the_same_in_saved_pages)
{
    const Row *row = &planted[_i];
    g_autofree char *page = g_strdup_printf("From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n"
                                            "Content-Type: multipart/related; boundary=b; type=\"text/html\"\r\n\r\n"
                                            "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>%s</html>\r\n"
                                            "--b\r\nContent-Type: text/css\r\n\r\n.CANARY{}\r\n--b--\r\n",
                                            row->page);
    judge(row, "案内.mht", page);
}
END_TEST

START_TEST(test_page__reads_its_encoding)
{
    static const struct {
        const char *label, *bytes;
        gsize size;
    } rows[] = {
#define PAGE(label, bytes) {label, bytes, sizeof(bytes) - 1}
        PAGE("byte order mark", MARK "<html><meta charset=euc-jp>\xe6\xbc\xa2\xe5\xad\x97</html>"),
        PAGE("meta", "<html><meta charset=shift_jis>\x8a\xbf\x8e\x9a</html>"),
        PAGE("old meta", "<html><meta http-equiv=content-type content='text/html; charset=EUC-JP'>\xb4\xc1\xbb\xfa"
                         "</html>"),
        PAGE("meta that lies", "<html><meta charset=utf-8>\x8a\xbf\x8e\x9a\x82\xc5\x82\xb7\x81\x42</html>"),
        PAGE("detection", "<html>\x1b$B4A;z\x1b(B</html>"),
        PAGE("UTF-16", "\xff\xfe<\0h\0t\0m\0l\0>\0\x22\x6f\x57\x5b"),
        PAGE("declaration of XML", "<?xml version=\"1.0\" encoding=\"utf-8\"?><html "
                                   "xmlns=\"http://www.w3.org/1999/xhtml\">\xe6\xbc\xa2\xe5\xad\x97</html>"),
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = cleaned(rows[i].bytes, rows[i].size, "a.html");
        ck_assert_msg(strstr(text_of(run), "漢字") != NULL, "%s: %s", rows[i].label, text_of(run));
    }
}
END_TEST

START_TEST(test_page__shows_title_tables_and_targets)
{
    static const char page[] =
        "<html><title>説明会</title><table><tr><td>日時<td>11月20日<tr><td>場所<td>会議室</table>"
        "<a href='https://www.city.example.jp/a'>申込み</a></html>";
    g_autoptr(FakeRun) run = cleaned(page, strlen(page), "a.htm");
    const char *text = text_of(run);
    ck_assert_msg(g_str_has_prefix(text, MARK "説明会\r\n\r\n"), "%s", text);
    ck_assert_msg(strstr(text, "日時") && strstr(text, "会議室"), "%s", text);
    ck_assert_msg(strstr(text, "<https://www.city.example.jp/a>") != NULL, "%s", text);
}
END_TEST

START_TEST(test_page__keeps_gaiji)
{
    static const char page[] = "<html><p>\xee\x80\x80\xe7\xa5\x9e</html>"; /* U+E000, U+FA19 would follow suit */
    g_autoptr(FakeRun) run = cleaned(page, strlen(page), "a.html");
    ck_assert_str_eq(text_of(run), MARK "\xee\x80\x80\xe7\xa5\x9e\r\n");
}
END_TEST

START_TEST(test_page__begins_with_the_page_that_start_names)
{
    static const char page[] = "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n"
                               "Content-Type: multipart/related; boundary=b; start=\"<2@x>\"\r\n\r\n"
                               "--b\r\nContent-Type: text/html\r\nContent-ID: <1@x>\r\n\r\n<p>frame</p>\r\n"
                               "--b\r\nContent-Type: text/html\r\nContent-ID: <2@x>\r\n\r\n<p>root</p>\r\n"
                               "--b\r\nContent-Type: application/x-mso\r\nContent-Location: oledata.mso\r\n\r\nCANARY"
                               "\r\n--b--\r\n";
    g_autoptr(FakeRun) run = cleaned(page, strlen(page), "a.mht");
    ck_assert_str_eq(text_of(run), MARK "root\r\n\r\nframe\r\n");
    ck_assert(fake_run_found(run, MGK_KIND_EMBEDDED_FILE));
}
END_TEST

START_TEST(test_page__holds_what_shows_nothing)
{
    static const char *const pages[] = {"<html><script>document.write('CANARY')</script></html>", "<html></html>"};
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autoptr(FakeRun) run = cleaned(pages[i], strlen(pages[i]), "a.html");
        ck_assert_msg(*text_of(run) == '\0', "%s: %s", pages[i], text_of(run)); /* no bytes: held as nothing-left */
    }
    static const char none[] = "From: <Saved by x>\r\nMIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\nx";
    g_autoptr(FakeRun) run = cleaned(none, strlen(none), "a.mht");
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_NO_TEXT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page");
    TCase *tc = tcase_create("page");
    tcase_add_loop_test(tc, test_page__leaves_out_what_runs_or_hides, 0, (int)G_N_ELEMENTS(planted));
    tcase_add_loop_test(tc, test_page__finds_the_same_in_saved_pages, 0, (int)G_N_ELEMENTS(planted));
    tcase_add_test(tc, test_page__reads_its_encoding);
    tcase_add_test(tc, test_page__shows_title_tables_and_targets);
    tcase_add_test(tc, test_page__keeps_gaiji);
    tcase_add_test(tc, test_page__begins_with_the_page_that_start_names);
    tcase_add_test(tc, test_page__holds_what_shows_nothing);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
