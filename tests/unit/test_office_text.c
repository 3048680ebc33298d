/* The text of documents as our own cleaning writes them: order, labels, and what must not appear. */
#include "engines/zip_writer.h"
#include "fake_job.h"
#include "formats/formats.h"

#include <check.h>
#include <string.h>

#define ODR "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define RELS(rows) "<Relationships>" rows "</Relationships>"
#define REL(id, type, target) "<Relationship Id='" id "' Type='" ODR type "' Target='" target "'/>"
#define P(inside) "<w:p>" inside "</w:p>"
#define R(text) "<w:r><w:t>" text "</w:t></w:r>"
#define NUM(level, id) "<w:pPr><w:numPr><w:ilvl w:val='" level "'/><w:numId w:val='" id "'/></w:numPr></w:pPr>"
#define LVL(level, format, text) \
    "<w:lvl w:ilvl='" level "'><w:start w:val='1'/><w:numFmt w:val='" format "'/><w:lvlText w:val='" text "'/></" \
    "w:lvl>"
#define SP(text) \
    "<p:sp><p:nvSpPr><p:cNvPr id='2'/><p:nvPr/></p:nvSpPr><p:txBody><a:p><a:r><a:t>" text \
    "</a:t></a:r></a:p></p:txBody></p:sp>"

typedef struct Part {
    const char *name, *data;
} Part;

typedef struct Case {
    const char *name;
    MgkFormatId format;
    Part parts[10];
    const char *want; /* without byte order mark, lines by \n */
} Case;

#define WORD(body) \
    {"_rels/.rels", RELS(REL("r1", "officeDocument", "word/document.xml"))}, \
    { \
        "word/document.xml", "<w:document><w:body>" body "</w:body></w:document>" \
    }
#define BOOK(sheets, sheet) \
    {"_rels/.rels", RELS(REL("r1", "officeDocument", "xl/workbook.xml"))}, \
        {"xl/workbook.xml", "<workbook><sheets>" sheets "</sheets></workbook>"}, \
        {"xl/_rels/workbook.xml.rels", \
         RELS(REL("r1", "worksheet", "worksheets/sheet1.xml") REL("r2", "worksheet", "worksheets/sheet2.xml") \
                  REL("r3", "sharedStrings", "sharedStrings.xml") REL("r4", "styles", "styles.xml"))}, \
    { \
        "xl/worksheets/sheet1.xml", "<worksheet>" sheet "</worksheet>" \
    }
#define SLIDES(ids, slide) \
    {"_rels/.rels", RELS(REL("r1", "officeDocument", "ppt/presentation.xml"))}, \
        {"ppt/presentation.xml", "<p:presentation><p:sldIdLst>" ids "</p:sldIdLst></p:presentation>"}, \
        {"ppt/_rels/presentation.xml.rels", \
         RELS(REL("r1", "slide", "slides/slide1.xml") REL("r2", "slide", "slides/slide2.xml"))}, \
    { \
        "ppt/slides/slide1.xml", "<p:sld><p:cSld><p:spTree>" slide "</p:spTree></p:cSld></p:sld>" \
    }

static const Case cases[] = {
    {"paragraphs, tabs, breaks",
     MGK_FORMAT_ID_docx,
     {WORD(P(R("一") "<w:r><w:tab/></w:r>" R("二")) P("") P("") P("<w:r><w:t>三</w:t><w:br/><w:t>四</w:t></w:r>"))},
     "一\t二\n\n三\n四\n"},
    {"tab stops are no tabs",
     MGK_FORMAT_ID_docx,
     {WORD(P("<w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr>" R("本文")))},
     "本文\n"},
    {"table",
     MGK_FORMAT_ID_docx,
     {WORD("<w:tbl><w:tr><w:tc>" P(R("品名")) P(R("型番")) "</w:tc><w:tc>" P(R("数量")) "</w:tc></w:tr><w:tr><w:tc>" P(
         R("机")) "</w:tc><w:tc>" P(R("2")) "</w:tc></w:tr></w:tbl>")},
     "品名 型番\t数量\n机\t2\n"},
    {"ruby",
     MGK_FORMAT_ID_docx,
     {WORD(P("<w:ruby><w:rt>" R("さきやま") "</w:rt><w:rubyBase>" R("﨑山") "</w:rubyBase></w:ruby>" R("様")))},
     "﨑山(さきやま)様\n"},
    {"hidden, deleted, moved",
     MGK_FORMAT_ID_docx,
     {WORD(P(
         "<w:r><w:rPr><w:vanish/></w:rPr><w:t>CANARY</w:t></w:r><w:del><w:r><w:delText>CANARY</w:delText></w:r></w:del>"
         "<w:moveFrom>" R("CANARY") "</w:moveFrom><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>見える</w:t></w:r>"))},
     "見える\n"},
    {"fields show their result",
     MGK_FORMAT_ID_docx,
     {WORD(P("<w:r><w:fldChar/></w:r><w:r><w:instrText>CANARY</w:instrText></w:r>" R("3") "<w:r><w:fldChar/></w:r>"))},
     "3\n"},
    {"one branch",
     MGK_FORMAT_ID_docx,
     {WORD(P("<mc:AlternateContent><mc:Choice>" R("箱") "</mc:Choice><mc:Fallback>" R(
         "CANARY") "</mc:Fallback></mc:AlternateContent>" R("後")))},
     "箱後\n"},
    {"lists",
     MGK_FORMAT_ID_docx,
     {WORD(P(NUM("0", "1") R("総則")) P(NUM("1", "1") R("目的")) P(NUM("1", "1") R("定義")) P(NUM("0", "1") R("組織"))
               P(NUM("1", "1") R("会長")) P("<w:pPr><w:pStyle w:val='h'/></w:pPr>" R("役員")) P(NUM("0", "2") R("点"))
                   P(NUM("0", "0") R("外"))),
      {"word/_rels/document.xml.rels", RELS(REL("r1", "numbering", "numbering.xml") REL("r2", "styles", "styles.xml"))},
      {"word/styles.xml",
       "<w:styles><w:style w:styleId='g'><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr></w:pPr>"
       "</w:style><w:style w:styleId='h'><w:basedOn w:val='g'/></w:style></w:styles>"},
      {"word/numbering.xml",
       "<w:numbering><w:abstractNum w:abstractNumId='7'>" LVL("0", "japaneseCounting", "第%1章")
           LVL("1", "decimalFullWidth", "%1-%2") "</w:abstractNum><w:abstractNum w:abstractNumId='8'>" LVL(
               "0", "bullet", "\357\202\267") "</w:abstractNum><w:num w:numId='1'><w:abstractNumId "
                                              "w:val='7'/></w:num><w:num w:numId='2'>"
                                              "<w:abstractNumId w:val='8'/></w:num></w:numbering>"}},
     "第一章 総則\n一-１ 目的\n一-２ 定義\n第二章 組織\n二-１ 会長\n二-２ 役員\n・ 点\n外\n"},
    {"notes and headers",
     MGK_FORMAT_ID_docx,
     {WORD(P(R("本文") "<w:r><w:footnoteReference w:id='5'/></w:r>") "<w:sectPr><w:headerReference r:id='r2'/>"
                                                                     "<w:headerReference r:id='r2'/></w:sectPr>"),
      {"word/_rels/document.xml.rels",
       RELS(REL("r1", "footnotes", "footnotes.xml") REL("r2", "header", "header1.xml"))},
      {"word/header1.xml", "<w:hdr>" P(R("秘")) "</w:hdr>"},
      {"word/footnotes.xml",
       "<w:footnotes><w:footnote w:id='-1'>" P(R("CANARY")) "</w:footnote><w:footnote w:id='5'>" P(
           R("注記")) "</w:footnote></w:footnotes>"}},
     "本文[1]\n\n[1] 注記\n\n秘\n"},
    {"invisible characters", MGK_FORMAT_ID_docx, {WORD(P(R("安&#x202e;全&#x200b;&#x7f;")))}, "安全\n"},
    {"nothing", MGK_FORMAT_ID_docx, {WORD(P(""))}, ""},
    {"cells",
     MGK_FORMAT_ID_xlsx,
     {BOOK("<sheet name='予算' r:id='r1'/>",
           "<sheetData><row><c r='A1' t='s'><v>1</v></c><c r='C1' s='1'><v>45383</v></c></row><row><c "
           "r='B2'><v>12.5</v></c>"
           "<c r='C2' t='b'><v>1</v></c><c r='D2' t='inlineStr'><is><t>二</t><t>行</t></is></c></row></sheetData>"),
      {"xl/sharedStrings.xml",
       "<sst><si><t>CANARY</t></si><si><r><t>費</t></r><r><t>目</t></r><rPh><t>ヒモク</t></rPh></si></sst>"},
      {"xl/styles.xml",
       "<styleSheet><numFmts><numFmt numFmtId='176' formatCode='ggge&quot;年&quot;m&quot;月&quot;'/></numFmts>"
       "<cellStyleXfs><xf numFmtId='9'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='176'/></cellXfs>"
       "</styleSheet>"}},
     "【予算】\n費目\t\t令和6年4月\n\t12.5\tTRUE\t二行\n"},
    {"hidden sheets, rows, columns",
     MGK_FORMAT_ID_xlsx,
     {BOOK(
          "<sheet name='見' r:id='r1'/><sheet name='隠' state='hidden' r:id='r2'/>",
          "<cols><col min='2' max='3' hidden='1'/></cols><sheetData><row hidden='1'><c r='A1'><v>666</v></c></row><row>"
          "<c r='A2'><v>1</v></c><c r='C2'><v>666</v></c><c r='D2'><v>2</v></c></row></sheetData>"),
      {"xl/worksheets/sheet2.xml",
       "<worksheet><sheetData><row><c r='A1'><v>666</v></c></row></sheetData></worksheet>"}},
     "【見】\n1\t\t\t2\n"},
    {"slides",
     MGK_FORMAT_ID_pptx,
     {SLIDES("<p:sldId r:id='r2'/><p:sldId r:id='r1'/>",
             SP("表") "<p:graphicFrame><a:tbl><a:tr><a:tc><a:p><a:r><a:t>甲</a:t></a:r></a:p></"
                      "a:tc><a:tc><a:p><a:r><a:t>乙"
                      "</a:t></a:r></a:p></a:tc></a:tr></a:tbl></p:graphicFrame>"
                      "<p:sp><p:nvSpPr><p:cNvPr id='9'/><p:cNvSpPr/><p:nvPr><p:ph "
                      "type='sldNum'/></p:nvPr></p:nvSpPr><p:txBody>"
                      "<a:p><a:fld><a:t>CANARY</a:t></a:fld></a:p></p:txBody></p:sp>"),
      {"ppt/slides/slide2.xml", "<p:sld><p:cSld><p:spTree>" SP("先") "</p:spTree></p:cSld></p:sld>"},
      {"ppt/slides/_rels/slide2.xml.rels", RELS(REL("r1", "notesSlide", "../notesSlides/n1.xml"))},
      {"ppt/notesSlides/n1.xml", "<p:notes><p:cSld><p:spTree>" SP("覚え") "</p:spTree></p:cSld></p:notes>"}},
     "【1】\n先\n\n覚え\n\n【2】\n表\n甲\t乙\n"},
    {"hidden slide",
     MGK_FORMAT_ID_pptx,
     {SLIDES("<p:sldId r:id='r2'/><p:sldId r:id='r1'/>", SP("見")),
      {"ppt/slides/slide2.xml", "<p:sld show='0'><p:cSld><p:spTree>" SP("CANARY") "</p:spTree></p:cSld></p:sld>"}},
     "【2】\n見\n"},
};

static gboolean to_array(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

static GByteArray *build(const Case *test)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(to_array, bytes);
    for (guint i = 0; i < G_N_ELEMENTS(test->parts) && test->parts[i].name; i++) {
        const Part *part = &test->parts[i];
        ck_assert(
            mgk_zip_writer_add(zip, part->name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, part->data, strlen(part->data), NULL));
    }
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

/* "\n" for CRLF, without the byte order mark. */
static char *plain(const GByteArray *output)
{
    g_autofree char *text = g_strndup(output->len ? (const char *)output->data : "", output->len);
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    char *joined = g_strjoinv("\n", lines);
    if (g_str_has_prefix(joined, "\xef\xbb\xbf"))
        memmove(joined, joined + 3, strlen(joined + 3) + 1);
    return joined;
}

START_TEST(test_office_text__cases)
{
    const Case *test = &cases[_i];
    g_autoptr(GByteArray) bytes = build(test);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert_msg(fake_run_text(run, bytes->data, bytes->len, test->format, &error), "%s: %s", test->name,
                  error ? error->message : "");
    g_autofree char *got = plain(run->output);
    ck_assert_msg(strcmp(got, test->want) == 0, "%s: got\n%s\nwant\n%s", test->name, got, test->want);
    ck_assert_msg(run->output->len == 0 ||
                      fake_run_check(run, run->output->data, run->output->len, MGK_FORMAT_ID_text, NULL),
                  "%s: the second look refuses", test->name);
}
END_TEST

START_TEST(test_office_text__broken_packages_are_errors)
{
    static const Case broken[] = {
        {"not XML", MGK_FORMAT_ID_docx, {WORD("<w:p>")}, NULL},
        {"document type",
         MGK_FORMAT_ID_xlsx,
         {BOOK("<sheet name='a' r:id='r1'/>", ""), {"xl/styles.xml", "<!DOCTYPE a><a/>"}},
         NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(GByteArray) bytes = build(&broken[i]);
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert_msg(!fake_run_text(run, bytes->data, bytes->len, broken[i].format, NULL), "%s", broken[i].name);
    }
}
END_TEST

/* Every format that says TEXT or CONFIRM in its row has the function, and no other. */
START_TEST(test_office_text__rows_and_handlers_agree)
{
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *info = mgk_format_info((MgkFormatId)i);
        const MgkHandler *handler = mgk_formats_handler((MgkFormatId)i);
        ck_assert_msg(!(info->flags & MGK_FORMAT_TEXT) == !handler->text, "%s: text", info->id);
        ck_assert_msg(!(info->flags & MGK_FORMAT_CONFIRM) == !handler->confirm, "%s: confirm", info->id);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("office_text");
    TCase *tcase = tcase_create("office_text");
    tcase_add_loop_test(tcase, test_office_text__cases, 0, (int)G_N_ELEMENTS(cases));
    tcase_add_test(tcase, test_office_text__broken_packages_are_errors);
    tcase_add_test(tcase, test_office_text__rows_and_handlers_agree);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
