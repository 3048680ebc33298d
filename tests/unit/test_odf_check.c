/* The second look over OpenDocument: packages as our writer makes them, each with one thing wrong. */
#include "odf_forge.h"

typedef struct CheckCase {
    const char *name;
    const char *body;     /* in office:text */
    const char *before;   /* in front of office:body */
    const char *manifest; /* more lines, "!": none at all for content.xml */
    PlantedPart parts[2];
    const char *rule; /* NULL: passes */
} CheckCase;

#define IMAGE(href) "<text:p><draw:frame><draw:image xlink:href=\"" href "\"/></draw:frame></text:p>"
#define ENTRY(path, type) " <manifest:file-entry manifest:full-path=\"" path "\" manifest:media-type=\"" type "\"/>\n"
#define OBJECT \
    { \
        "Object 1/content.xml", NULL, \
            "<office:document-content xmlns:office=\"" ODF_URN \
            "office:1.0\"><office:body><office:chart/></office:body>" \
            "</office:document-content>" \
    }

static const CheckCase cases[] = {
    {.name = "plain", .body = "<text:p>a</text:p>"},
    {.name = "object",
     .body = "<text:p><draw:frame><draw:object xlink:href=\"./Object 1\"/></draw:frame></text:p>",
     .manifest = ENTRY("Object 1/", ODF_TYPE "chart") ENTRY("Object 1/content.xml", "text/xml"),
     .parts = {OBJECT}},
    {.name = "links", .body = "<text:a xlink:href=\"https://example.jp/\"/><text:a xlink:href=\"#x\"/>"},
    {.name = "formula", .body = "<table:table-cell table:formula=\"of:=SUM([.A1:.B2];[$'a b'.C1])\"/>"},
    {.name = "script", .before = "<office:scripts><office:script/></office:scripts>", .rule = "unknown-element"},
    {.name = "listener", .body = "<script:event-listener/>", .rule = "unknown-element"},
    {.name = "object of another program", .body = "<draw:object-ole/>", .rule = "unknown-element"},
    {.name = "plug-in", .body = "<draw:plugin/>", .rule = "unknown-element"},
    {.name = "DDE", .body = "<text:dde-connection/>", .rule = "unknown-element"},
    {.name = "macro field", .body = "<text:execute-macro/>", .rule = "unknown-element"},
    {.name = "linked section", .body = "<text:section-source/>", .rule = "unknown-element"},
    {.name = "foreign element", .body = "<w:p/>", .rule = "unknown-element"},
    {.name = "foreign attribute", .body = "<text:p w:x=\"\"/>", .rule = "unknown-attribute"},
    {.name = "attribute without namespace", .body = "<text:p onclick=\"x\"/>", .rule = "unknown-attribute"},
    {.name = "database", .body = "<form:form form:command=\"x\"/>", .rule = "unknown-attribute"},
    {.name = "service", .body = "<form:text form:control-implementation=\"ooo:com.sun.star.x\"/>", .rule = "control"},
    {.name = "script link", .body = "<text:a xlink:href=\"vnd.sun.star.script:x\"/>", .rule = "link"},
    {.name = "file link", .body = "<draw:a xlink:href=\"file:///x\"/>", .rule = "link"},
    {.name = "click", .body = "<presentation:event-listener xlink:href=\"x.odp\"/>", .rule = "event-outside"},
    {.name = "program", .body = "<presentation:event-listener presentation:action=\"execute\"/>", .rule = "action"},
    {.name = "link where none belongs", .body = "<text:p xlink:href=\"#x\"/>", .rule = "reference"},
    {.name = "picture outside", .body = IMAGE("http://x/"), .rule = "dangling-picture"},
    {.name = "picture that is not there", .body = IMAGE("Pictures/1.png"), .rule = "dangling-picture"},
    {.name = "object that is not there", .body = "<draw:object xlink:href=\"./Object 1\"/>", .rule = "dangling-object"},
    {.name = "object outside", .body = "<draw:object xlink:href=\"file:///x\"/>", .rule = "object-outside"},
    {.name = "no picture",
     .body = IMAGE("Pictures/1.png"),
     .manifest = ENTRY("Pictures/1.png", "image/png"),
     .parts = {{"Pictures/1.png", NULL, "MZ"}},
     .rule = "picture"},
    {.name = "no picture in base64",
     .body = "<draw:image><office:binary-data>TVo=</office:binary-data></draw:image>",
     .rule = "picture"},
    {.name = "picture of nothing in base64",
     .body = "<draw:image><office:binary-data/></draw:image>",
     .rule = "picture"},
    {.name = "stray object",
     .manifest = ENTRY("Object 1/", ODF_TYPE "chart") ENTRY("Object 1/content.xml", "text/xml"),
     .parts = {OBJECT},
     .rule = "unreachable-member"},
    {.name = "unlisted member",
     .parts = {{"styles.xml", NULL, "<office:document-styles xmlns:office=\"" ODF_URN "office:1.0\"/>"}},
     .rule = "member-without-entry"},
    {.name = "unknown member",
     .manifest = ENTRY("Basic/x.xml", "text/xml"),
     .parts = {{"Basic/x.xml", NULL, "<x/>"}},
     .rule = "unknown-member"},
    {.name = "listed member that is not there",
     .manifest = ENTRY("styles.xml", "text/xml"),
     .rule = "manifest-without-member"},
    {.name = "listed under another type",
     .manifest = ENTRY("meta.xml", "application/x"),
     .parts = {{"meta.xml", NULL, "<office:document-meta xmlns:office=\"" ODF_URN "office:1.0\"/>"}},
     .rule = "manifest-entry"},
    {.name = "DDE()", .body = "<table:table-cell table:formula=\"of:=DDE(1;2;3)\"/>", .rule = "formula"},
    {.name = "vendor's WEBSERVICE",
     .body = "<table:table-cell table:formula=\"of:=COM.MICROSOFT.WEBSERVICE(1)\"/>",
     .rule = "formula"},
    {.name = "other file", .body = "<table:table-cell table:formula=\"of:=['file:///x'#$S.A1]\"/>", .rule = "formula"},
    {.name = "Excel's DDE", .body = "<table:table-cell table:formula=\"msoxl:=cmd|'x'!A1\"/>", .rule = "formula"},
    {.name = "unknown language", .body = "<table:table-cell table:formula=\"zz:=1\"/>", .rule = "formula-language"},
    {.name = "condition", .body = "<calcext:condition calcext:value=\"formula-is(RTD(1))\"/>", .rule = "formula"},
    {.name = "range elsewhere",
     .body = "<table:named-range table:cell-range-address=\"'file:///x'#$S.A1\"/>",
     .rule = "external-range"},
    {.name = "comment", .body = "<!-- x -->", .rule = "malformed-xml"},
    {.name = "instruction", .body = "<?x y?>", .rule = "malformed-xml"},
    {.name = "not closed", .body = "<text:p>", .rule = "malformed-xml"},
};

static GByteArray *build(const CheckCase *test, const char *type, MgkZipMethod method)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(odf_sink, bytes);
    ck_assert(mgk_zip_writer_add(zip, "mimetype", method, MGK_ZIP_EPOCH, type, strlen(type), NULL));
    g_autofree char *inside = g_strconcat(odf_or(test->before), "<office:body><office:text>", odf_or(test->body),
                                          "</office:text></office:body>", NULL);
    odf_member(zip, "content.xml", "document-content", inside, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(test->parts) && test->parts[i].name; i++)
        planted_add(zip, test->parts[i].name, test->parts[i].data);
    g_autofree char *manifest =
        g_strconcat("<manifest:manifest xmlns:manifest=\"" ODF_URN "manifest:1.0\">\n",
                    ENTRY("content.xml", "text/xml"), odf_or(test->manifest), "</manifest:manifest>\n", NULL);
    planted_add(zip, "META-INF/manifest.xml", manifest);
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

static void demand(const char *name, const GByteArray *bytes, MgkFormatId format, const char *rule)
{
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_check(run, bytes->data, bytes->len, format, &error);
    ck_assert_msg(ok == !rule, "%s: %s", name, error ? error->message : "passes");
    ck_assert_msg(!rule || strstr(error->message, rule), "%s: got %s, want %s", name, error ? error->message : "",
                  rule);
}

START_TEST(test_odf_check__refuses_what_we_never_write)
{
    g_autoptr(GByteArray) bytes = build(&cases[_i], ODF_TYPE "text", MGK_ZIP_STORE);
    demand(cases[_i].name, bytes, MGK_FORMAT_ID_odt, cases[_i].rule);
}
END_TEST

START_TEST(test_odf_check__demands_the_type_it_was_asked_for)
{
    g_autoptr(GByteArray) text = build(&cases[0], ODF_TYPE "text", MGK_ZIP_STORE);
    demand("text as spreadsheet", text, MGK_FORMAT_ID_ods, "wrong-type");
    g_autoptr(GByteArray) template = build(&cases[0], ODF_TYPE "text-template", MGK_ZIP_STORE);
    demand("template", template, MGK_FORMAT_ID_odt, NULL);
    g_autoptr(GByteArray) sheet = build(&cases[0], ODF_TYPE "spreadsheet", MGK_ZIP_STORE);
    demand("text body in a spreadsheet", sheet, MGK_FORMAT_ID_ods, "wrong-body");
    g_byte_array_append(text, (const guint8 *)"x", 1);
    demand("trailer", text, MGK_FORMAT_ID_odt, "zip");
    static const char flat[] = "<office:document xmlns:office=\"" ODF_URN "office:1.0\"/>";
    static const char other[] = "<office:document-content xmlns:office=\"" ODF_URN "office:1.0\"/>";
    g_autoptr(GByteArray) one = g_byte_array_new(), two = g_byte_array_new();
    g_byte_array_append(one, (const guint8 *)flat, sizeof flat - 1);
    g_byte_array_append(two, (const guint8 *)other, sizeof other - 1);
    demand("flat", one, MGK_FORMAT_ID_fodt, NULL);
    demand("flat root", two, MGK_FORMAT_ID_fodt, "wrong-root");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("odf_check");
    TCase *tcase = tcase_create("odf_check");
    tcase_add_loop_test(tcase, test_odf_check__refuses_what_we_never_write, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, test_odf_check__demands_the_type_it_was_asked_for);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
