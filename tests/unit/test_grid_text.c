/* The text of binary workbooks, as our own cleaning writes them: order, formats, and what is not seen. */
#include <check.h>
#include <string.h>

#include "engines/cfb_write.h"
#include "engines/grid_text.h"
#include "fake_job.h"

typedef struct Book {
    GByteArray *stream; /* owned */
    guint place;        /* where the sheet's place is to be written */
} Book;

static void put(GByteArray *out, guint id, const void *data, gsize size)
{
    const guint8 head[4] = {(guint8)id, (guint8)(id >> 8), (guint8)size, (guint8)(size >> 8)};
    g_byte_array_append(out, head, 4);
    g_byte_array_append(out, data, (guint)size);
}

#define PUT(out, id, text) put(out, id, text, sizeof(text) - 1)

static void put_bof(GByteArray *out, guint8 type)
{
    const guint8 bof[16] = {0, 6, type};
    put(out, 0x809, bof, sizeof bof);
}

/* Globals with two styles (General, dates), strings that run over a record, and one sheet; cells follow. */
static Book begin(void)
{
    Book book = {.stream = g_byte_array_new()};
    put_bof(book.stream, 5);
    PUT(book.stream, 0x41e, "\xa4\0\3\0\0#\"\xb0");
    PUT(book.stream, 0xe0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    PUT(book.stream, 0xe0, "\0\0\xa5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    PUT(book.stream, 0x41e, "\xa5\0\4\0\0#,##");
    book.place = book.stream->len + 4;
    PUT(book.stream, 0x85, "\0\0\0\0\0\0\2\1\x88\x4e\x97\x7b"); /* 予算, wide */
    PUT(book.stream, 0xfc, "\3\0\0\0\3\0\0\0\6\0\0ABC");        /* ABC… */
    PUT(book.stream, 0x3c,
        "\1\x42\x30\x44\x30\x46\x30" /* …あいう */
        "\2\0\x08\1\0xy\0\0\0\0"     /* xy with a font */
        "\1\0\5\2\0\0\0\x57\x58");   /* 塗 with a reading of two bytes */
    PUT(book.stream, 0x3c, "\x01\x02");
    PUT(book.stream, 0x0a, "");
    for (guint i = 0; i < 4; i++)
        book.stream->data[book.place + i] = (guint8)(book.stream->len >> (8 * i));
    put_bof(book.stream, 0x10);
    return book;
}

/* Ends the sheet and takes its text. */
static char *text_of(Book *book)
{
    static const guint8 class_id[16] = {0x20, 8, 2};
    PUT(book->stream, 0x0a, "");
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "Workbook", book->stream->data, book->stream->len);
    g_autoptr(GByteArray) file = mgk_cfb_writer_finish(writer, NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert_msg(fake_run_text(run, file->data, file->len, MGK_FORMAT_ID_xls, &error), "%s",
                  error ? error->message : "");
    g_byte_array_unref(book->stream);
    return run->output->len ? g_strndup((const char *)run->output->data, run->output->len) : g_strdup("");
}

START_TEST(test_grid_text__cells_of_every_kind)
{
    Book book = begin();
    PUT(book.stream, 0x0fd, "\0\0\0\0\0\0\0\0\0\0");                  /* A1: string 0 */
    PUT(book.stream, 0x0fd, "\0\0\2\0\0\0\2\0\0\0");                  /* C1: string 2 */
    PUT(book.stream, 0x203, "\1\0\0\0\1\0\0\0\0\0\0\x4b\x93\x40");    /* A2: 1234.75 by #,## */
    PUT(book.stream, 0x27e, "\1\0\1\0\0\0\7\0\0\0");                  /* B2: RK */
    PUT(book.stream, 0x0bd, "\2\0\0\0\0\0\6\0\0\0\0\0\xa\0\0\0\1\0"); /* A3, B3 */
    PUT(book.stream, 0x205, "\3\0\0\0\0\0\1\0");                      /* TRUE */
    PUT(book.stream, 0x205, "\3\0\1\0\0\0\7\1");                      /* #DIV/0! */
    PUT(book.stream, 0x204, "\4\0\0\0\0\0\2\0\0ok");
    PUT(book.stream, 0x006, "\4\0\1\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0\0\0\0\0");
    PUT(book.stream, 0x207, "\2\0\0hi");
    PUT(book.stream, 0x006, "\4\0\2\0\0\0\1\0\1\0\0\0\xff\xff\0\0\0\0\0\0\0\0");
    g_autofree char *text = text_of(&book);
    ck_assert_str_eq(
        text, "\xef\xbb\xbf【予算】\r\nABCあいう\t\t塗\r\n1,235\t0.01\r\n1\t2\r\nTRUE\t#DIV/0!\r\nok\thi\tTRUE\r\n");
}
END_TEST

START_TEST(test_grid_text__what_is_hidden_stays_out)
{
    Book book = begin();
    PUT(book.stream, 0x07d, "\1\0\1\0\0\0\0\0\1\0\0\0");           /* column B */
    PUT(book.stream, 0x208, "\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0"); /* row 2 */
    PUT(book.stream, 0x204, "\0\0\0\0\0\0\5\0\0shown");
    PUT(book.stream, 0x204, "\0\0\1\0\0\0\6\0\0HIDDEN");
    PUT(book.stream, 0x204, "\1\0\0\0\0\0\6\0\0HIDDEN");
    g_autofree char *text = text_of(&book);
    ck_assert_msg(strstr(text, "shown") && !strstr(text, "HIDDEN"), "%s", text);
    Book other = begin();
    other.stream->data[other.place + 4] = 1; /* the sheet */
    PUT(other.stream, 0x204, "\0\0\0\0\0\0\6\0\0HIDDEN");
    g_autofree char *nothing = text_of(&other);
    ck_assert_msg(!strstr(nothing, "HIDDEN"), "%s", nothing);
}
END_TEST

START_TEST(test_grid_text__cut_records_end_orderly)
{
    static const char *const tails[] = {"\0\0\0\0\0\0\xff\xff\1x", "\0\0\0\0\0\0\5\0", "\0\0\0\0\0\0\5\0\x0d"};
    for (guint i = 0; i < G_N_ELEMENTS(tails); i++) {
        Book book = begin();
        put(book.stream, 0x204, tails[i], i == 1 ? 8 : 9);
        PUT(book.stream, 0x204, "\1\0\0\0\0\0\4\0\0last");
        g_autofree char *text = text_of(&book);
        ck_assert_msg(strstr(text, "last") != NULL, "%u: %s", i, text);
    }
}
END_TEST

START_TEST(test_grid_text__binary_workbooks_of_the_package)
{
    g_autofree char *path = g_build_filename(FIXTURES, "xlsb", "budget.xlsb", NULL);
    g_autofree char *data = NULL;
    gsize size = 0;
    ck_assert(g_file_get_contents(path, &data, &size, NULL));
    g_autoptr(FakeRun) clean = fake_run_new(), run = fake_run_new();
    ck_assert(fake_run_clean(clean, (const guint8 *)data, size, "a.xlsb", MGK_FORMAT_ID_xlsb, NULL));
    ck_assert(fake_run_text(run, clean->output->data, clean->output->len, MGK_FORMAT_ID_xlsb, NULL));
    g_autofree char *text = g_strndup((const char *)run->output->data, run->output->len);
    ck_assert_str_eq(text,
                     "\xef\xbb\xbf【予算】\r\n費目\t金額\t区分\r\n道路維持\t1,200,000円\r\n公園\t350,000円\r\n"
                     "消耗品\t98,000円\r\n合計\t1648000\r\n3\r\n\t2\r\n\t2\r\n\t1200000\t7\r\nB1: 千円未満切捨て\r\n");
}
END_TEST

START_TEST(test_grid_text__short_numbers)
{
    static const struct {
        guint32 rk;
        double want;
    } rows[] = {
        {0x3ff00000, 1}, {0x40593000, 100.75}, {(100u << 2) | 2, 100}, {(12345u << 2) | 3, 123.45}, {0xfffffffe, -1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        ck_assert_msg(mgk_grid_rk(rows[i].rk) == rows[i].want, "%x: %f", rows[i].rk, mgk_grid_rk(rows[i].rk));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grid_text");
    TCase *tc = tcase_create("grid_text");
    tcase_add_test(tc, test_grid_text__cells_of_every_kind);
    tcase_add_test(tc, test_grid_text__what_is_hidden_stays_out);
    tcase_add_test(tc, test_grid_text__cut_records_end_orderly);
    tcase_add_test(tc, test_grid_text__binary_workbooks_of_the_package);
    tcase_add_test(tc, test_grid_text__short_numbers);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
