/* Hostile mails of one kind, small and four times larger: the conversion must take about four times as long, not
 * sixteen. Processor time, and ratios of it: a slow machine changes nothing. */
#include "mail_forge.h"

#include <time.h>

#define HEAD "From: a@example.com\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n"
#define PLAIN HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n"
#define PAGE HEAD "Content-Type: text/html; charset=utf-8\r\n\r\n"
#define SMALL ((gsize)96 * 1024)
#define FACTOR 4
#define MOST 9.0 /* times; sixteen would be quadratic */

typedef struct Row {
    const char *what, *head, *unit, *tail;
} Row;

static const Row rows[] = {
    {"nested tags", PAGE, "<div>", "x"},
    {"nested tables", PAGE, "<table><tr><td>", "x"},
    {"attributes of one tag", PAGE "<p ", "abc=1 ", ">x"},
    {"styles of one tag", PAGE "<p style='", "color:red;", "'>x"},
    {"NULs", PAGE, "\1", "x"}, /* 01 stands for 00, see build() */
    {"deceptive links", PAGE, "<a href=http://evil.example/>http://good.example/</a> ", ""},
    {"dangerous links", PAGE, "<a href=javascript:x>y</a> ", ""},
    {"hidden words", PAGE, "<b hidden>x</b>y ", ""},
    {"page of text", PAGE, "住民税のお知らせ。", ""},
    {"one word", PAGE, "x", ""},
    {"ruby", PAGE, "<ruby>漢<rt>かん</ruby>", ""},
    {"addresses in a text", PLAIN, "http://a.example/b ", ""},
    {"mixed hosts in a text", PLAIN, "http://b\xd0\xb0nk.example/ ", ""},
    {"letters that begin an address", PLAIN, "h", ""},
    {"gaiji", PLAIN, "\xee\x80\x81\xee\x80\x82", ""},
    {"soft hyphens", PLAIN, "a\xc2\xad", ""},
    {"imitated notices", PLAIN, "\xe2\x94\x83【無害化】\r\n", ""},
    {"beginnings of files", PLAIN, "begin 644 a\r\n", ""},
    {"data lines of no file", PLAIN "begin 644 a\r\n", "#0V%T\r\n", ""},
    {"quotations", PLAIN, ">", ""},
    {"flowed lines", HEAD "Content-Type: text/plain; format=flowed\r\n\r\n", "> a \r\n", ""},
    {"events", HEAD "Content-Type: text/calendar\r\n\r\n", "BEGIN:VEVENT\r\nSUMMARY:x\r\n", ""},
    {"parameters of an event", HEAD "Content-Type: text/calendar\r\n\r\nATTENDEE", ";CN=x", ":a\r\n"},
    {"UTF-7", HEAD "Content-Type: text/plain; charset=utf-7\r\n\r\n", "+MEI-", ""},
    {"shifts", HEAD "Content-Type: text/plain; charset=iso-2022-cn\r\n\r\n", "\x0eVP\x0f", ""},
    {"unfinished bytes", HEAD "Content-Type: text/plain; charset=gb18030\r\n\r\n", "\x81\x30", ""},
    {"encoded words", HEAD "Subject: ", "=?UTF-8?B?5Lu2?= ", "\r\n\r\nx\r\n"},
    {"encoded words of two kinds", HEAD "Subject: ", "=?UTF-8?B?5Lu2?= =?UTF-7?Q?a?= ", "\r\n\r\nx\r\n"},
    {"encoded words that do not end", HEAD "Subject: ", "=?UTF-8?B?", "\r\n\r\nx\r\n"},
    {"comments", HEAD "Cc: ", "(", "\r\n\r\nx\r\n"},
    {"quotation marks", HEAD "Cc: ", "\"a\" ", "\r\n\r\nx\r\n"},
    {"groups", HEAD "Cc: ", "a:b;", "\r\n\r\nx\r\n"},
    {"references", HEAD "References: ", "<a@b.example> ", "\r\n\r\nx\r\n"},
    {"continued file name", HEAD "Content-Disposition: attachment", ";\r\n filename*1=a", "\r\n\r\nx\r\n"},
    {"fields", HEAD, "X-A: b\r\n", "\r\nx\r\n"},
    {"received", HEAD, "Received: a; b\r\n", "\r\nx\r\n"},
    {"boundaries", HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--c\r\n", ""},
};

static GString *build(const Row *row, gsize size)
{
    GString *mail = g_string_new(row->head);
    while (mail->len < size)
        g_string_append(mail, row->unit);
    g_string_append(mail, row->tail);
    for (gsize i = 0; *row->unit == '\1' && i < mail->len; i++)
        mail->str[i] = mail->str[i] == '\1' ? '\0' : mail->str[i];
    return mail;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The least of a few runs. */
static double cost(const Row *row, gsize size, guint runs)
{
    g_autoptr(GString) mail = build(row, size);
    double least = 1e9;
    for (guint i = 0; i < runs; i++) {
        double begin = seconds();
        g_auto(Converted) c = convert(mail->str, mail->len, NULL);
        least = MIN(least, seconds() - begin);
    }
    return least;
}

START_TEST(test_mail_growth__is_linear)
{
    const Row *row = &rows[_i];
    double small = cost(row, SMALL, 3), large = cost(row, SMALL * FACTOR, 1);
    if (large > MOST * small) /* once more, for the sake of busy machines */
        large = MIN(large, cost(row, SMALL * FACTOR, 3));
    ck_assert_msg(large <= MOST * small + 0.01, "%s: %.3f s and %.3f s", row->what, small, large);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_growth");
    TCase *tests = tcase_create("mail_growth");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_mail_growth__is_linear, 0, G_N_ELEMENTS(rows));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
