#include "fake_job.h"

#include <check.h>
#include <string.h>

#define MARK "\xef\xbb\xbf"

static void demand(MgkFormatId format, const char *in, const char *want)
{
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_text(run, (const guint8 *)in, strlen(in), format, &error);
    ck_assert_msg(ok, "%s: %s", in, error ? error->message : "");
    g_byte_array_append(run->output, (const guint8 *)"", 1);
    g_autofree char *all = *want ? g_strconcat(MARK, want, NULL) : g_strdup("");
    ck_assert_msg(strcmp((const char *)run->output->data, all) == 0, "%s: got %s want %s", in,
                  (const char *)run->output->data, all);
}

typedef struct Row {
    const char *styles, *body, *want;
} Row;

#define HIDES(name, family, properties) \
    "<style:style style:name='" name "' style:family='" family "'>" properties "</style:style>"
#define TEXT(inside) "<office:text>" inside "</office:text>"
#define SHEET(inside) "<office:spreadsheet><table:table table:name='表'>" inside "</table:table></office:spreadsheet>"
#define CELL(text) "<table:table-cell><text:p>" text "</text:p></table:table-cell>"
#define NUMBERS \
    "<text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-format='1' " \
    "style:num-suffix='.'/><text:list-level-style-number text:level='2' style:num-format='a' style:num-prefix='('" \
    " style:num-suffix=')'/><text:list-level-style-bullet text:level='3'/></text:list-style>"

static const Row rows[] = {
    {"", TEXT("<text:h>題</text:h><text:p>A<text:s text:c='2'/>B<text:tab/>C<text:line-break/>D</text:p>"),
     "題\r\nA  B\tC\r\nD\r\n"},
    {"",
     TEXT("<text:p><text:ruby><text:ruby-base>熊谷</text:ruby-base><text:ruby-text>くまがや</text:ruby-text>"
          "</text:ruby></text:p>"),
     "熊谷(くまがや)\r\n"},
    {"",
     TEXT("<text:p>A<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>N</text:p>"
          "</text:note-body></text:note>B</text:p>"),
     "A[1]B\r\n\r\n[1] N\r\n"},
    {"",
     TEXT("<text:p>A<office:annotation><dc:creator>青木</dc:creator><text:p>N</text:p></office:annotation></text:p>"),
     "A\r\n\r\n青木: N\r\n"},
    {"", TEXT("<text:tracked-changes><text:p>X</text:p></text:tracked-changes><text:p>A</text:p>"), "A\r\n"},
    {HIDES("T", "text", "<style:text-properties text:display='none'/>"),
     TEXT("<text:p>A<text:span text:style-name='T'>X</text:span>B</text:p>"), "AB\r\n"},
    {HIDES("T", "paragraph", "<style:text-properties text:display='none'/>"),
     TEXT("<text:p text:style-name='T'>X</text:p><text:p>A</text:p>"), "A\r\n"},
    {"", TEXT("<table:table><table:table-row>" CELL("A") CELL("") CELL("B") "</table:table-row></table:table>"),
     "A\t\tB\r\n"},
    {NUMBERS,
     TEXT("<text:list "
          "text:style-name='L'><text:list-item><text:p>A</text:p><text:list><text:list-item><text:p>B</text:p>"
          "</text:list-item></text:list></text:list-item><text:list-item><text:p>C</text:p></text:list-item></"
          "text:list>"),
     "1. A\r\n(a) B\r\n2. C\r\n"},
    {NUMBERS,
     TEXT("<text:list "
          "text:style-name='L'><text:list-item><text:p>A</text:p></text:list-item></text:list><text:p>x</text:p>"
          "<text:list text:style-name='L' text:continue-numbering='true'><text:list-item><text:p>B</text:p>"
          "</text:list-item></text:list>"),
     "1. A\r\nx\r\n2. B\r\n"},
    {"",
     SHEET("<table:table-row>" CELL(
         "1") "<table:table-cell table:number-columns-repeated='2'><text:p>2</text:p>"
              "</table:table-cell></table:table-row><table:table-row table:number-rows-repeated='1000000'>"
              "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"),
     "【表】\r\n1\t2\t2\r\n"},
    {"",
     SHEET("<table:table-column/><table:table-column table:visibility='collapse'/><table:table-row>" CELL("A") CELL(
         "X") CELL("B") "</table:table-row><table:table-row table:visibility='filter'>" CELL("X") "</table:table-row>"),
     "【表】\r\nA\t\tB\r\n"},
    {HIDES("S", "table", "<style:table-properties table:display='false'/>"),
     "<office:spreadsheet><table:table table:style-name='S' table:name='X'><table:table-row>" CELL(
         "X") "</table:table-row></table:table></office:spreadsheet>",
     ""},
    {HIDES("P", "drawing-page", "<style:drawing-page-properties presentation:visibility='hidden'/>"),
     "<office:presentation><draw:page><draw:frame><draw:text-box><text:p>A</text:p></draw:text-box></draw:frame>"
     "<presentation:notes><text:p>N</text:p></presentation:notes></draw:page><draw:page draw:style-name='P'><text:p>X"
     "</text:p></draw:page></office:presentation>",
     "【1】\r\nA\r\n\r\nN\r\n"},
};

START_TEST(test_odf_text__reads_what_is_shown)
{
    const Row *row = &rows[_i];
    g_autofree char *in =
        g_strconcat("<office:document><office:automatic-styles>", row->styles,
                    "</office:automatic-styles><office:body>", row->body, "</office:body></office:document>", NULL);
    demand(MGK_FORMAT_ID_fodt, in, row->want);
}
END_TEST

START_TEST(test_odf_text__headers_come_last)
{
    demand(MGK_FORMAT_ID_fodt,
           "<office:document><office:master-styles><style:master-page><style:header><text:p>H</text:p></style:header>"
           "</style:master-page></office:master-styles><office:body>" TEXT("<text:p>A</text:p>") "</office:body>"
                                                                                                 "</office:document>",
           "A\r\n\r\nH\r\n");
}
END_TEST

START_TEST(test_odf_text__calendars_and_contacts)
{
    demand(
        MGK_FORMAT_ID_ics,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY;LANGUAGE=ja:会議\r\nDESCRIPTION:一\\n二\\, "
        "三\r\n 四\r\nATTENDEE;CN=\"a:b\":mailto:a@example.jp\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:次\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        "SUMMARY: 会議\r\nDESCRIPTION: 一\r\n二, 三四\r\nATTENDEE: mailto:a@example.jp\r\n\r\nSUMMARY: 次\r\n");
    demand(MGK_FORMAT_ID_vcf,
           "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E9=9D=92=\r\n=E6=9C=A8;=41\r\n"
           "item1.TEL:090\r\nPHOTO;ENCODING=BASE64;TYPE=PNG:\r\n AAAA\r\n\r\nEND:VCARD\r\n",
           "N: 青木 A\r\nTEL: 090\r\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("odf_text");
    TCase *tests = tcase_create("odf_text");
    tcase_add_loop_test(tests, test_odf_text__reads_what_is_shown, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tests, test_odf_text__headers_come_last);
    tcase_add_test(tests, test_odf_text__calendars_and_contacts);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
