/* Flat OPC: the same output as the archive that it stands for, and nothing of what such files may hide. */
#include "planted.h"

#include <check.h>
#include <string.h>

#define PKG "http://schemas.microsoft.com/office/2006/xmlPackage"
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define W "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define MAIN "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#define HEAD "<?xml version='1.0' encoding='UTF-8'?><?mso-application progid='Word.Document'?>"
#define OPEN "<pkg:package xmlns:pkg='" PKG "'>"
#define PART(name, type, xml) \
    "<pkg:part pkg:name='" name "' pkg:contentType='" type "'><pkg:xmlData>" xml "</pkg:xmlData></pkg:part>"
#define BINARY(name, type, base64) \
    "<pkg:part pkg:name='" name "' pkg:contentType='" type "'><pkg:binaryData>" base64 "</pkg:binaryData></pkg:part>"
#define RELS_TYPE "application/vnd.openxmlformats-package.relationships+xml"
#define RELS(rows) \
    "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>" rows "</Relationships>"
#define ROOT \
    PART("/_rels/.rels", RELS_TYPE, \
         RELS("<Relationship Id='r1' Type='" REL "officeDocument' Target='word/document.xml'/>"))
#define BODY(markup) \
    "<w:document xmlns:w='" W "'><w:body><w:p><w:r><w:t>VISIBLE</w:t></w:r></w:p>" markup "</w:body></w:document>"
#define DOCUMENT(markup) PART("/word/document.xml", MAIN, BODY(markup))
#define CLOSE "</pkg:package>"
#define DOCUMENT_RELS(rows) PART("/word/_rels/document.xml.rels", RELS_TYPE, RELS(rows))

static FakeRun *clean(const char *text, gsize size)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)text, (guint)size);
    return planted_clean(bytes, "報告.xml");
}

static const struct {
    const char *what, *in;
    const char *kept, *gone; /* kept NULL: held */
} rows[] = {
    {"a document", HEAD OPEN ROOT DOCUMENT("") CLOSE, "VISIBLE", "pkg"},
    {"without declaration", OPEN ROOT DOCUMENT("") CLOSE, "VISIBLE", NULL},
    {"another prefix",
     "<p:package xmlns:p='" PKG "'><p:part p:name='/_rels/.rels' p:contentType='" RELS_TYPE "'><p:xmlData>" RELS(
         "<Relationship Id='r1' Type='" REL
         "officeDocument' Target='word/document.xml'/>") "</p:xmlData></p:part>"
                                                         "<p:part p:name='/word/document.xml' p:contentType='" MAIN
                                                         "'><p:xmlData>" BODY("") "</p:xmlData></p:part></p:package>",
     "VISIBLE", NULL},
    {"names declared outside the part",
     "<pkg:package xmlns:pkg='" PKG "' xmlns:w='" W
     "'>" ROOT PART("/word/document.xml", MAIN,
                    "<w:document><w:body><w:p><w:r><w:t>VISIBLE</w:t></w:r></w:p></w:body></w:document>") CLOSE,
     "VISIBLE", NULL},
    {"text that needs escapes", OPEN ROOT DOCUMENT("<w:p><w:r><w:t>a &lt;b&gt; &amp; \"c\"</w:t></w:r></w:p>") CLOSE,
     "a &lt;b&gt; &amp; \"c\"", NULL},
    {"a value with an ampersand", OPEN ROOT DOCUMENT("<w:p><w:bookmarkStart w:id='1' w:name='a&amp;b'/></w:p>") CLOSE,
     "a&amp;b", "&amp;#38;"},
    {"CDATA", OPEN ROOT DOCUMENT("<w:p><w:r><w:t><![CDATA[<b>]]></w:t></w:r></w:p>") CLOSE, "&lt;b&gt;", NULL},
    {"comments and instructions",
     HEAD OPEN "<!--CANARY--><?CANARY x?>" ROOT DOCUMENT("<!--CANARY--><?CANARY x?>") CLOSE, "VISIBLE", "CANARY"},
    {"macros",
     OPEN ROOT PART("/word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml", BODY(""))
         DOCUMENT_RELS("<Relationship Id='r1' Type='http://schemas.microsoft.com/office/2006/relationships/vbaProject' "
                       "Target='vbaProject.bin'/>")
             BINARY("/word/vbaProject.bin", "application/vnd.ms-office.vbaProject", "Q0FOQVJZ") CLOSE,
     "VISIBLE", "vbaProject"},
    {"an object",
     OPEN ROOT DOCUMENT("") DOCUMENT_RELS("<Relationship Id='r1' Type='" REL "oleObject' Target='embeddings/o.bin'/>")
         BINARY("/word/embeddings/o.bin", "application/vnd.openxmlformats-officedocument.oleObject", "Q0FOQVJZ") CLOSE,
     "VISIBLE", "embeddings"},
    {"a template from elsewhere",
     OPEN ROOT DOCUMENT("") DOCUMENT_RELS("<Relationship Id='r1' Type='" REL
                                          "attachedTemplate' Target='http://CANARY/' TargetMode='External'/>") CLOSE,
     "VISIBLE", "CANARY"},
    {"DDE",
     OPEN ROOT DOCUMENT("<w:p><w:fldSimple w:instr='DDEAUTO c:\\\\CANARY'><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>")
         CLOSE,
     "VISIBLE", "CANARY"},
    {"a part nobody refers to", OPEN ROOT DOCUMENT("") BINARY("/CANARY.bin", "x/y", "Q0FOQVJZ") CLOSE, "VISIBLE",
     "CANARY"},
    {"text between parts", OPEN "CANARY" ROOT "CANARY" DOCUMENT("") CLOSE, "VISIBLE", "CANARY"},
    {"base64 with breaks", OPEN ROOT DOCUMENT("") BINARY("/x.bin", "x/y", "Q0F\nOQV\r\n JZ==") CLOSE, "VISIBLE",
     "CANARY"},
    {"a document type", "<!DOCTYPE pkg:package [<!ENTITY e 'CANARY'>]>" OPEN ROOT DOCUMENT("&e;") CLOSE, NULL, NULL},
    {"a document type alone", "<!DOCTYPE x SYSTEM 'http://CANARY/'>" OPEN ROOT DOCUMENT("") CLOSE, NULL, NULL},
    {"an entity", OPEN ROOT DOCUMENT("&e;") CLOSE, NULL, NULL},
    {"two parts of one name", OPEN ROOT DOCUMENT("") DOCUMENT("CANARY") CLOSE, NULL, NULL},
    {"two parts, another case", OPEN ROOT DOCUMENT("") PART("/Word/Document.xml", MAIN, BODY("CANARY")) CLOSE, NULL,
     NULL},
    {"two roots", OPEN ROOT PART("/word/document.xml", MAIN, BODY("") BODY("CANARY")) CLOSE, NULL, NULL},
    {"two contents",
     OPEN ROOT "<pkg:part pkg:name='/word/document.xml' pkg:contentType='" MAIN "'><pkg:xmlData>" BODY(
         "") "</pkg:xmlData><pkg:xmlData>" BODY("CANARY") "</pkg:xmlData></pkg:part>" CLOSE,
     NULL, NULL},
    {"no content", OPEN ROOT "<pkg:part pkg:name='/word/document.xml' pkg:contentType='" MAIN "'/>" CLOSE, NULL, NULL},
    {"no name", OPEN ROOT "<pkg:part pkg:contentType='x/y'><pkg:xmlData><a/></pkg:xmlData></pkg:part>" CLOSE, NULL,
     NULL},
    {"an unknown content", OPEN ROOT "<pkg:part pkg:name='/a' pkg:contentType='x/y'><pkg:altChunk/></pkg:part>" CLOSE,
     NULL, NULL},
    {"elements in base64", OPEN ROOT BINARY("/a", "x/y", "<a/>") CLOSE, NULL, NULL},
    {"types of its own", OPEN PART("/[Content_Types].xml", "x/y", "<a/>") ROOT DOCUMENT("") CLOSE, NULL, NULL},
    {"a name without slash", OPEN ROOT PART("word/document.xml", MAIN, BODY("")) CLOSE, NULL, NULL},
    {"a name that is a folder", OPEN ROOT PART("/word/", MAIN, BODY("")) CLOSE, NULL, NULL},
    {"no document", OPEN ROOT CLOSE, NULL, NULL},
    {"nothing", OPEN CLOSE, NULL, NULL},
    {"cut off", OPEN ROOT "<pkg:part", NULL, NULL},
    {"a stranger inside", OPEN "<x xmlns=''/>" ROOT DOCUMENT("") CLOSE, NULL, NULL},
    {"a drawing as main part",
     OPEN PART("/_rels/.rels", RELS_TYPE, RELS("<Relationship Id='r1' Type='" REL "officeDocument' Target='a.svg'/>"))
         PART("/a.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>") CLOSE,
     NULL, NULL},
};

START_TEST(test_flat_opc__becomes_the_document_it_stands_for)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = clean(rows[i].in, strlen(rows[i].in));
        gboolean crosses = mgk_verdict_crosses(run->outcome.verdict);
        ck_assert_msg(crosses == (rows[i].kept != NULL), "%s: %s", rows[i].what, run->outcome.detail);
        ck_assert_msg(fake_detect((const guint8 *)rows[i].in, strlen(rows[i].in), "a.xml") == MGK_FORMAT_ID_flat_opc,
                      "%s: not recognised", rows[i].what);
        if (!crosses)
            continue;
        ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CONVERTED);
        ck_assert_int_eq(run->outcome.format, MGK_FORMAT_ID_docx);
        planted_judge(run, rows[i].what, rows[i].kept, rows[i].gone);
    }
}
END_TEST

START_TEST(test_flat_opc__reads_utf_16)
{
    gsize size = 0;
    g_autofree char *wide = g_convert("\xef\xbb\xbf" OPEN ROOT DOCUMENT("<w:p><w:r><w:t>漢字</w:t></w:r></w:p>") CLOSE,
                                      -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
    g_autoptr(FakeRun) run = clean(wide, size);
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CONVERTED);
    planted_judge(run, "UTF-16", "漢字", NULL);
}
END_TEST

START_TEST(test_flat_opc__too_many_namespaces_are_held)
{
    g_autoptr(GString) text = g_string_new("<pkg:package xmlns:pkg='" PKG "'");
    for (guint i = 0; i < 500; i++)
        g_string_append_printf(text, " xmlns:n%u='urn:n%u'", i, i);
    g_string_append(text, ">" ROOT DOCUMENT("") CLOSE);
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, (const guint8 *)text->str, text->len, "a.xml", MGK_FORMAT_ID_flat_opc, NULL));
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flat_opc");
    TCase *tests = tcase_create("flat_opc");
    tcase_add_test(tests, test_flat_opc__becomes_the_document_it_stands_for);
    tcase_add_test(tests, test_flat_opc__reads_utf_16);
    tcase_add_test(tests, test_flat_opc__too_many_namespaces_are_held);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
