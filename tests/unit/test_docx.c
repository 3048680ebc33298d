/* Planted attacks in Word documents: objects, links, settings, parts, XML and packages. */
#include "docx_forge.h"

#include <string.h>

static const DocxCase cases[] = {
    /* objects, chunks, links */
    {.name = "altchunk",
     .body = SHOWN "<w:altChunk r:id='r1'/>",
     .rels = REL("r1", ODR "aFChunk", "a.html"),
     .parts = {{"word/a.html", "text/html", BLOB}},
     CLEAN,
     KIND(EMBEDDED_FILE)},
    {.name = "subdocument",
     .body = SHOWN "<w:p><w:subDoc r:id='r1'/></w:p>",
     .rels = EXT("r1", ODR "subDocument", "CANARY.docx"),
     CLEAN,
     KIND(EXTERNAL_CONTENT)},
    {.name = "control",
     .body = SHOWN "<w:p><w:r><w:object><w:control r:id='r1' w:name='CANARY'/></w:object></w:r></w:p>",
     .rels = REL("r1", ODR "control", "activeX/x.xml"),
     .parts = {{"word/activeX/x.xml", "application/vnd.ms-office.activeX+xml", "<CANARY/>"}},
     CLEAN,
     KIND(ACTIVEX)},
    {.name = "ole object",
     .body = SHOWN "<w:p><w:r><w:object><o:OLEObject xmlns:o='" O_URI
                   "' ProgID='CANARY' r:id='r1'/></w:object></w:r></w:p>",
     .rels = REL("r1", ODR "oleObject", "embeddings/o.bin"),
     .parts = {{"word/embeddings/o.bin", "application/vnd.openxmlformats-officedocument.oleObject", BLOB}},
     CLEAN,
     KIND(OLE_OBJECT)},
    {.name = "ole link",
     .body =
         SHOWN "<w:p><w:r><w:object><o:OLEObject xmlns:o='" O_URI "' Type='Link' r:id='r1'/></w:object></w:r></w:p>",
     .rels = EXT("r1", ODR "oleObject", "http://CANARY/"),
     CLEAN,
     KIND(OLE_OBJECT)},
    {.name = "package",
     .body = SHOWN,
     .rels = REL("r1", ODR "package", "embeddings/b.xlsx"),
     .parts = {{"word/embeddings/b.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", BLOB}},
     CLEAN,
     KIND(EMBEDDED_FILE)},
    {.name = "hyperlink relation file",
     .body = "<w:p><w:hyperlink r:id='r1'><w:r><w:t>VISIBLE</w:t></w:r></w:hyperlink></w:p>",
     .rels = EXT("r1", ODR "hyperlink", "file:///c:/CANARY"),
     CLEAN,
     KIND(LINK_DANGEROUS)},
    {.name = "hyperlink relation script",
     .body = "<w:p><w:hyperlink r:id='r1'><w:r><w:t>VISIBLE</w:t></w:r></w:hyperlink></w:p>",
     .rels = EXT("r1", ODR "hyperlink", " JavaScript:CANARY"),
     CLEAN,
     KIND(LINK_DANGEROUS)},
    {.name = "hyperlink relation web",
     .body = "<w:p><w:hyperlink r:id='r1'><w:r><w:t>VISIBLE</w:t></w:r></w:hyperlink></w:p>",
     .rels = EXT("r1", ODR "hyperlink", "https://example.jp/a b"),
     CLEAN,
     KIND(LINK_EXTERNAL),
     .kept = "https://example.jp/a%20b"},
    {.name = "frame", .body = SHOWN, .rels = EXT("r1", ODR "frame", "http://CANARY/"), CLEAN, KIND(EXTERNAL_CONTENT)},
    {.name = "vml link",
     .body = SHOWN "<w:p><w:r><w:pict><v:shape xmlns:v='" V_URI "' href='javascript:CANARY'/></w:pict></w:r></w:p>",
     CLEAN,
     KIND(LINK_DANGEROUS)},
    {.name = "vml picture source",
     .body = SHOWN "<w:p><w:r><w:pict><v:shape xmlns:v='" V_URI
                   "'><v:imagedata src='http://CANARY/'/></v:shape></w:pict></w:r></w:p>",
     CLEAN,
     KIND(EXTERNAL_CONTENT)},
    {.name = "vml hidden drawing",
     .body = SHOWN "<w:p><w:r><w:pict><v:shape xmlns:v='" V_URI "' xmlns:o='" O_URI
                   "' o:gfxdata='CANARY' o:href='CANARY'/></w:pict></w:r></w:p>",
     CLEAN,
     KIND(METADATA)},
    {.name = "linked picture",
     .body =
         SHOWN "<w:p><w:r><w:pict><v:shape xmlns:v='" V_URI "'><v:imagedata r:id='r1'/></v:shape></w:pict></w:r></w:p>",
     .rels = EXT("r1", ODR "image", "\\\\CANARY\\a.png"),
     CLEAN,
     KIND(EXTERNAL_CONTENT),
     .kept = "media/image1.png"},
    {.name = "damaged picture",
     .body =
         SHOWN "<w:p><w:r><w:pict><v:shape xmlns:v='" V_URI "'><v:imagedata r:id='r1'/></v:shape></w:pict></w:r></w:p>",
     .rels = REL("r1", ODR "image", "media/a.emf"),
     .parts = {{"word/media/a.emf", "image/x-emf", BLOB}},
     CLEAN,
     KIND(IMAGE_REPLACED)},
    {.name = "content control data",
     .body = "<w:sdt><w:sdtPr><w:dataBinding w:xpath='CANARY' w:storeItemID='{0}'/></w:sdtPr><w:sdtContent>" SHOWN
             "</w:sdtContent></w:sdt>",
     .rels = REL("r1", ODR "customXml", "../customXml/item1.xml"),
     .parts = {{"customXml/item1.xml", NULL, "<a>CANARY</a>"}},
     CLEAN,
     KIND(CUSTOM_XML)},
    /* settings and parts */
    {.name = "template",
     .body = SHOWN,
     .rels = REL("r1", ODR "settings", "settings.xml"),
     .parts = {{"word/settings.xml", WML "settings+xml",
                "<w:settings xmlns:w='" W_URI "' xmlns:r='" R_URI "'><w:attachedTemplate r:id='r1'/></w:settings>"},
               {"word/_rels/settings.xml.rels", NULL,
                "<Relationships xmlns='" REL_URI
                "'>" EXT("r1", ODR "attachedTemplate", "http://CANARY/a.dotm") "</Relationships>"}},
     CLEAN,
     KIND(EXTERNAL_TEMPLATE)},
    {.name = "mail merge",
     .body = SHOWN,
     .rels = REL("r1", ODR "settings", "settings.xml"),
     .parts = {{"word/settings.xml", WML "settings+xml",
                "<w:settings xmlns:w='" W_URI
                "'><w:mailMerge><w:connectString w:val='CANARY'/></w:mailMerge></w:settings>"}},
     CLEAN,
     KIND(EXTERNAL_DATA)},
    {.name = "variables",
     .body = SHOWN,
     .rels = REL("r1", ODR "settings", "settings.xml"),
     .parts = {{"word/settings.xml", WML "settings+xml",
                "<w:settings xmlns:w='" W_URI
                "'><w:docVars><w:docVar w:name='a' w:val='CANARY'/></w:docVars></w:settings>"}},
     CLEAN,
     KIND(DOCUMENT_VARIABLES)},
    {.name = "xslt",
     .body = SHOWN,
     .rels = REL("r1", ODR "settings", "settings.xml"),
     .parts = {{"word/settings.xml", WML "settings+xml",
                "<w:settings xmlns:w='" W_URI "'><w:saveThroughXslt w:solutionID='CANARY'/></w:settings>"}},
     CLEAN,
     KIND(EXTERNAL_CONTENT)},
    {.name = "frameset",
     .body = SHOWN,
     .rels = REL("r1", ODR "webSettings", "web.xml"),
     .parts = {{"word/web.xml", WML "webSettings+xml",
                "<w:webSettings xmlns:w='" W_URI
                "'><w:frameset><w:frame><w:name w:val='CANARY'/></w:frame></w:frameset></w:webSettings>"}},
     CLEAN,
     KIND(EXTERNAL_CONTENT)},
    {.name = "fonts",
     .body = SHOWN,
     .rels = REL("r1", ODR "fontTable", "f.xml"),
     .parts = {{"word/f.xml", WML "fontTable+xml",
                "<w:fonts xmlns:w='" W_URI "' xmlns:r='" R_URI
                "'><w:font w:name='x'><w:embedRegular r:id='r1'/></w:font></w:fonts>"},
               {"word/_rels/f.xml.rels", NULL,
                "<Relationships xmlns='" REL_URI "'>" REL("r1", ODR "font", "a.odttf") "</Relationships>"},
               {"word/a.odttf", "application/vnd.openxmlformats-officedocument.obfuscatedFont", BLOB}},
     CLEAN,
     KIND(EMBEDDED_FONT)},
    {.name = "glossary",
     .body = SHOWN,
     .rels = REL("r1", ODR "glossaryDocument", "glossary/document.xml"),
     .parts = {{"word/glossary/document.xml", WML "document.glossary+xml",
                "<w:glossaryDocument xmlns:w='" W_URI "'><w:docParts><w:docPart><w:docPartBody>" FIELD(
                    "DDE CANARY") "</w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>"}},
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "header field",
     .body = SHOWN "<w:sectPr><w:headerReference w:type='default' r:id='r1'/></w:sectPr>",
     .rels = REL("r1", ODR "header", "h.xml"),
     .parts = {{"word/h.xml", WML "header+xml", "<w:hdr xmlns:w='" W_URI "'>" FIELD("DDE CANARY") "</w:hdr>"}},
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "header of a wrong type",
     .body = SHOWN "<w:sectPr><w:headerReference w:type='default' r:id='r1'/></w:sectPr>",
     .rels = REL("r1", ODR "header", "h.xml"),
     .parts = {{"word/h.xml", WML "footer+xml",
                "<w:hdr xmlns:w='" W_URI "'><w:p><w:r><w:t>CANARY</w:t></w:r></w:p></w:hdr>"}},
     CLEAN,
     KIND(UNKNOWN_PART)},
    {.name = "macros",
     .type = "application/vnd.ms-word.document.macroEnabled.main+xml",
     .body = SHOWN,
     .rels = REL("r1", MSR "2006/relationships/vbaProject", "vbaProject.bin"),
     .parts = {{"word/vbaProject.bin", "application/vnd.ms-office.vbaProject", BLOB}},
     CLEAN,
     KIND(MACRO_VBA)},
    {.name = "macros under another name",
     .body = SHOWN,
     .rels = REL("r1", MSR "2006/relationships/vbaProject", "theme.xml"),
     .parts = {{"word/theme.xml", "application/vnd.ms-office.vbaProject", BLOB}},
     CLEAN,
     KIND(MACRO_VBA)},
    {.name = "macro data",
     .body = SHOWN,
     .rels = REL("r1", MSR "2006/relationships/wordVbaData", "v.xml"),
     .parts = {{"word/v.xml", "application/vnd.ms-word.vbaData+xml", "<CANARY/>"}},
     CLEAN,
     KIND(MACRO_VBA)},
    {.name = "key map",
     .body = SHOWN,
     .rels = REL("r1", MSR "2006/relationships/keyMapCustomizations", "c.xml"),
     .parts = {{"word/c.xml", "application/vnd.ms-word.keyMapCustomizations+xml", "<CANARY/>"}},
     CLEAN,
     KIND(CUSTOM_UI)},
    {.name = "custom ui",
     .body = SHOWN,
     .root_rels = REL("r8", MSR "2006/relationships/ui/extensibility", "customUI/customUI.xml"),
     .parts = {{"customUI/customUI.xml", NULL, "<customUI onLoad='CANARY'/>"}},
     CLEAN,
     KIND(CUSTOM_UI)},
    {.name = "web extension",
     .body = SHOWN,
     .root_rels = REL("r8", MSR "2011/relationships/webextensiontaskpanes", "word/webextensions/t.xml"),
     .parts = {{"word/webextensions/t.xml", "application/vnd.ms-office.webextensiontaskpanes+xml", "<CANARY/>"}},
     CLEAN,
     KIND(WEB_EXTENSION)},
    {.name = "thumbnail",
     .body = SHOWN,
     .root_rels = REL("r8", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail",
                      "docProps/t.jpeg"),
     .parts = {{"docProps/t.jpeg", "image/jpeg", BLOB}},
     CLEAN,
     KIND(THUMBNAIL)},
    {.name = "signature",
     .body = SHOWN,
     .root_rels = REL("r8", "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin",
                      "_xmlsignatures/o.sigs"),
     .parts = {{"_xmlsignatures/o.sigs", "application/vnd.openxmlformats-package.digital-signature-origin", BLOB}},
     CLEAN,
     KIND(SIGNATURE_LOST)},
    {.name = "printer settings",
     .body = SHOWN,
     .rels = REL("r1", ODR "printerSettings", "p.bin"),
     .parts = {{"word/p.bin", "application/octet-stream", BLOB}},
     CLEAN,
     KIND(PRINTER_SETTINGS)},
    {.name = "unknown relationship",
     .body = SHOWN,
     .rels = REL("r1", "urn:x", "x.xml"),
     .parts = {{"word/x.xml", "application/xml", "<CANARY/>"}},
     CLEAN,
     KIND(UNKNOWN_PART)},
    {.name = "orphan", .body = SHOWN, .parts = {{"word/x.xml", "application/xml", "<CANARY/>"}}, CLEAN, KIND(METADATA)},
    {.name = "author",
     .body = SHOWN,
     .root_rels =
         REL("r8", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "c.xml"),
     .parts = {{"c.xml", "application/vnd.openxmlformats-package.core-properties+xml",
                "<p:coreProperties xmlns:p='http://schemas.openxmlformats.org/package/2006/metadata/core-properties' "
                "xmlns:d='http://purl.org/dc/elements/1.1/'><d:title>TITLE</d:title><d:creator>CANARY</d:creator></"
                "p:coreProperties>"}},
     CLEAN,
     KIND(METADATA),
     .kept = "TITLE"},
    {.name = "labels",
     .body = SHOWN,
     .root_rels = REL("r8", ODR "custom-properties", "c.xml"),
     .parts = {{"c.xml", "application/vnd.openxmlformats-officedocument.custom-properties+xml",
                "<Properties xmlns='http://schemas.openxmlformats.org/officeDocument/2006/custom-properties' "
                "xmlns:v='http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes'><property fmtid='{D}' "
                "pid='2' name='MSIP_Label_1_Name'><v:lpwstr>LABEL</v:lpwstr></property><property fmtid='{D}' pid='3' "
                "name='x'><v:lpwstr>CANARY</v:lpwstr></property></Properties>"}},
     CLEAN,
     KIND(METADATA),
     .kept = "LABEL"},
    /* XML tricks */
    {.name = "unknown element", .body = SHOWN "<x:a xmlns:x='urn:x'>CANARY</x:a>", CLEAN, KIND(UNKNOWN_MARKUP)},
    {.name = "unknown attribute",
     .body = "<w:p x:a='CANARY' xmlns:x='urn:x' w:CANARY='1'><w:r><w:t>VISIBLE</w:t></w:r></w:p>",
     CLEAN,
     KIND(METADATA)},
    {.name = "unknown choice",
     .body = "<mc:AlternateContent xmlns:mc='" MC_URI "' xmlns:x='urn:x'><mc:Choice "
             "Requires='x'><w:p><w:r><w:t>CANARY</w:t></w:r></w:p></mc:Choice><mc:Fallback>" SHOWN
             "</mc:Fallback></mc:AlternateContent>",
     CLEAN,
     KIND(METADATA)},
    {.name = "prefix games",
     .document =
         "<d:document xmlns:d='" W_URI
         "' xmlns:w='urn:x'><d:body><d:p><d:r><d:t>VISIBLE</d:t></d:r></d:p><w:p>CANARY</w:p></d:body></d:document>",
     CLEAN,
     KIND(UNKNOWN_MARKUP)},
    {.name = "strict",
     .document = "<w:document xmlns:w='" W_STRICT
                 "' w:conformance='strict'><w:body>" FIELD("DDE CANARY") "</w:body></w:document>",
     CLEAN,
     KIND(FIELD_ACTIVE),
     .kept = W_URI},
    {.name = "comment and instruction",
     .body = SHOWN "<!-- CANARY --><?mso-application CANARY?>",
     CLEAN,
     KIND(METADATA)},
    {.name = "base and schema",
     .body = "<w:p xml:base='http://CANARY/' xsi:schemaLocation='CANARY' "
             "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><w:r><w:t>VISIBLE</w:t></w:r></w:p>",
     CLEAN,
     KIND(METADATA)},
    {.name = "document type",
     .document = "<!DOCTYPE d SYSTEM 'http://CANARY/'><w:document xmlns:w='" W_URI "'/>",
     HELD,
     KIND(XML_DTD)},
    {.name = "entity",
     .document = "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/CANARY'>]><w:document xmlns:w='" W_URI
                 "'><w:body>&e;</w:body></w:document>",
     HELD,
     KIND(XML_DTD)},
    {.name = "wrong root", .document = "<w:hdr xmlns:w='" W_URI "'>CANARY</w:hdr>", HELD, KIND(METADATA)},
    {.name = "not well-formed",
     .document = "<w:document xmlns:w='" W_URI "'><w:body>CANARY</w:document>",
     HELD,
     KIND(METADATA)},
    {.name = "other encoding",
     .document = "<?xml version='1.0' encoding='utf-7'?><w:document xmlns:w='" W_URI "'>CANARY</w:document>",
     HELD,
     KIND(METADATA)},
    /* package tricks */
    {.name = "one id twice",
     .body = SHOWN,
     .rels = REL("r1", ODR "theme", "a.xml") REL("r1", ODR "aFChunk", "CANARY"),
     HELD,
     KIND(METADATA)},
    {.name = "one part twice",
     .body = SHOWN,
     .parts = {{"word/a.xml", NULL, "CANARY"}, {"WORD/A.xml", NULL, "CANARY"}},
     HELD,
     KIND(METADATA)},
    {.name = "two types", .body = SHOWN, .parts = {{"word/DOCUMENT.xml", "text/plain", NULL}}, HELD, KIND(METADATA)},
    {.name = "outside",
     .body = SHOWN,
     .rels = REL("r1", ODR "aFChunk", "../../../../etc/CANARY"),
     CLEAN,
     KIND(EMBEDDED_FILE)},
};

START_TEST(test_docx__drops_what_was_planted)
{
    docx_judge(&cases[_i]);
}
END_TEST

START_TEST(test_docx__cleans_its_output_to_itself)
{
    docx_demand_stable(&cases[_i]);
}
END_TEST

START_TEST(test_docx__gives_templates_their_extension)
{
    static const struct {
        const char *type;
        guint extension;
    } types[] = {{WML "document.main+xml", 0},
                 {"application/vnd.ms-word.document.macroEnabled.main+xml", 0},
                 {WML "template.main+xml", 1},
                 {"application/vnd.ms-word.template.macroEnabledTemplate.main+xml", 1}};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        DocxCase test = {.name = "type", .body = SHOWN, .type = types[i].type};
        g_autoptr(GByteArray) bytes = docx_build(&test);
        g_autoptr(FakeRun) run = planted_clean(bytes, "a.docx");
        ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_CLEANED);
        ck_assert_msg(run->outcome.extension == types[i].extension, "%s: extension %u", types[i].type,
                      run->outcome.extension);
        g_autoptr(GString) all = planted_unpack(run->output);
        ck_assert_msg(!strstr(all->str, "macroEnabled"), "%s", all->str);
    }
}
END_TEST

START_TEST(test_docx__reads_utf16_parts)
{
    static const char text[] =
        "\xef\xbb\xbf<w:document xmlns:w='" W_URI "'><w:body>" FIELD("DDE CANARY") "</w:body></w:document>";
    DocxCase test = {.name = "utf-16", .document = "<x/>"};
    gsize size = 0;
    g_autofree char *utf16 = g_convert(text, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(fake_sink, bytes);
    g_autofree char *types = docx_types(&test);
    planted_add(zip, "[Content_Types].xml", types);
    planted_add(zip, "_rels/.rels",
                "<Relationships xmlns='" REL_URI
                "'>" REL("r9", ODR "officeDocument", "word/document.xml") "</Relationships>");
    ck_assert(mgk_zip_writer_add(zip, "word/document.xml", MGK_ZIP_PACK, MGK_ZIP_EPOCH, utf16, size, NULL));
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.docx");
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_CLEANED);
    ck_assert(fake_run_found(run, MGK_KIND_FIELD_ACTIVE));
    g_autoptr(GString) all = planted_unpack(run->output);
    ck_assert(strstr(all->str, "VISIBLE") && !strstr(all->str, "CANARY"));
}
END_TEST

START_TEST(test_docx__removes_hidden_text_when_told)
{
    static const DocxCase test = {.body = SHOWN "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>CANARY</w:t></w:r></w:p>"};
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GByteArray) bytes = docx_build(&test);
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.actions[MGK_KIND_HIDDEN_TEXT] = i ? MGK_ACTION_REMOVE : MGK_ACTION_KEEP;
        ck_assert(fake_run_clean(run, bytes->data, bytes->len, "a.docx", MGK_FORMAT_ID_NONE, NULL));
        ck_assert(fake_run_found(run, MGK_KIND_HIDDEN_TEXT));
        g_autoptr(GString) all = planted_unpack(run->output);
        ck_assert_int_eq(strstr(all->str, "CANARY") == NULL, i == 1);
        ck_assert_ptr_nonnull(strstr(all->str, "VISIBLE"));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("docx");
    TCase *tc = tcase_create("docx");
    tcase_add_loop_test(tc, test_docx__drops_what_was_planted, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tc, test_docx__cleans_its_output_to_itself, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, test_docx__gives_templates_their_extension);
    tcase_add_test(tc, test_docx__reads_utf16_parts);
    tcase_add_test(tc, test_docx__removes_hidden_text_when_told);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
