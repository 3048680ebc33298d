/* OpenDocument packages: what is in them besides the document, what leads where, what they are. */
#include "odf_forge.h"

#define OBJECT_TYPE ODF_TYPE "chart"
#define IMAGE(href) "<draw:image xlink:href='" href "'/>"
#define CHART(inside) \
    "<office:document-content " ODF_SPACES "office:version='1.3'><office:body><office:chart><chart:chart " \
    "chart:class='chart:bar'>" inside "</chart:chart></office:chart></office:body></office:document-content>"

static const OdfCase cases[] = {
    {.name = "macros and user interface",
     .parts = {{"Basic/Standard/CANARY.xml", "text/xml", "CANARY"},
               {"Scripts/python/CANARY.py", "", "CANARY"},
               {"Dialogs/CANARY.xml", "", "CANARY"},
               {"Configurations2/accelerator/CANARY.xml", "", "CANARY"}},
     FINDS(MACRO_ODF)},
    {.name = "user interface", .parts = {{"Configurations2/menubar/CANARY.xml", "", "CANARY"}}, FINDS(CUSTOM_UI)},
    {.name = "empty user interface",
     .parts = {{"Configurations2/accelerator/current.xml", "", ""}},
     QUIET,
     .gone = "Configurations2"},
    {.name = "thumbnail", .parts = {{"Thumbnails/thumbnail.png", "", "CANARY"}}, FINDS(THUMBNAIL)},
    {.name = "RDF", .parts = {{"manifest.rdf", "application/rdf+xml", "CANARY"}}, FINDS(METADATA), .gone = "rdf"},
    {.name = "member that nobody lists", .parts = {{"CANARY.exe", NULL, "CANARY"}}, FINDS(UNKNOWN_PART)},
    {.name = "picture that nobody shows",
     .parts = {{"Pictures/CANARY.png", "image/png", "CANARY"}},
     FINDS(UNKNOWN_PART)},
    {.name = "older versions",
     .parts = {{"Versions/Version1", "", "CANARY"}, {"VersionList.xml", "", "CANARY"}},
     FINDS(UNKNOWN_PART)},
    {.name = "font", .parts = {{"Fonts/CANARY.ttf", "", "CANARY"}}, FINDS(EMBEDDED_FONT)},
    {.name = "signature of macros", .parts = {{"META-INF/macrosignatures.xml", NULL, "CANARY"}}, FINDS(MACRO_ODF)},
    {.name = "object of another program",
     .content = FRAME("<draw:object-ole xlink:href='./Object 9'/>" IMAGE("Pictures/good.png")),
     .parts = {{"Object 9", "application/vnd.sun.star.oleobject", "CANARY MZ"}},
     FINDS(OLE_OBJECT),
     .kept = "xlink:href=\"Pictures/1.png\"",
     .gone = "Object 9"},
    {.name = "object that is no document",
     .content = FRAME("<draw:object xlink:href='./Object 9'/>"),
     .parts = {{"Object 9", "application/vnd.sun.star.oleobject", "CANARY MZ"}},
     FINDS(OLE_OBJECT),
     .kept = "xlink:href=\"Pictures/removed.png\"",
     .gone = "draw:object"},
    {.name = "chart stays, its script goes",
     .content = FRAME("<draw:object xlink:href='./Chart 7'/>" IMAGE("./ObjectReplacements/Chart 7")),
     .parts = {{"Chart 7/", OBJECT_TYPE, ""},
               {"Chart 7/content.xml", "text/xml",
                CHART("<chart:title><text:p>題</text:p></chart:title><x:e>CANARY</x:e>")},
               {"Chart 7/Basic/CANARY.xml", "", "CANARY"},
               {"ObjectReplacements/Chart 7", "", "VCLMTF CANARY"}},
     FINDS(MACRO_ODF),
     .kept = "xlink:href=\"./Object 1\"",
     .gone = "draw:image"},
    {.name = "object within an object",
     .content = FRAME("<draw:object xlink:href='Object 3'/>"),
     .parts =
         {{"Object 3/content.xml", NULL,
           "<office:document-content " ODF_SPACES "><office:body><office:text><text:p><draw:frame><draw:object "
           "xlink:href='./Object 5'/></draw:frame></text:p></office:text></office:body></office:document-content>"},
          {"Object 3/Object 5/content.xml", NULL, CHART("")}},
     QUIET,
     .kept = "Object 1/Object 1/content.xml"},
    {.name = "object that is damaged",
     .content = FRAME("<draw:object xlink:href='./Object 1'/>" IMAGE("Pictures/good.png")),
     .parts = {{"Object 1/content.xml", "text/xml", "<CANARY"}},
     FINDS(OLE_OBJECT),
     .kept = "Pictures/1.png",
     .gone = "draw:object"},
    {.name = "object of an unknown kind",
     .content = FRAME("<draw:object xlink:href='./Object 1'/>"),
     .parts = {{"Object 1/content.xml", "text/xml",
                "<office:document-content " ODF_SPACES "><office:body><office:database>CANARY</office:database>"
                "</office:body></office:document-content>"}},
     FINDS(OLE_OBJECT),
     .gone = "draw:object"},
    {.name = "object that declares entities",
     .content = FRAME("<draw:object xlink:href='./Object 1'/>"),
     .parts = {{"Object 1/content.xml", "text/xml", "<!DOCTYPE m SYSTEM 'CANARY'><math/>"}},
     .held = TRUE,
     FINDS(XML_DTD)},
    {.name = "damaged picture",
     .content = FRAME(IMAGE("Pictures/bad.png")),
     .parts = {{"Pictures/bad.png", "image/png", "CANARY"}},
     FINDS(IMAGE_REPLACED),
     .kept = "Pictures/removed.png"},
    {.name = "drawing with a picture beside it",
     .content = FRAME(IMAGE("Pictures/a.svg") IMAGE("Pictures/good.png")),
     .parts = {{"Pictures/a.svg", "image/svg+xml", "<svg>CANARY</svg>"}},
     QUIET,
     .kept = "Pictures/1.png",
     .gone = "removed"},
    {.name = "picture shown twice is there once",
     .content = FRAME(IMAGE("Pictures/good.png")) FRAME(IMAGE("./Pictures/good.png")),
     QUIET,
     .kept = "Pictures/1.png"},
    {.name = "picture that is missing",
     .content = FRAME(IMAGE("Pictures/missing.png")),
     FINDS(IMAGE_REPLACED),
     .kept = "Pictures/removed.png"},
    {.name = "picture outside the folder",
     .content = FRAME(IMAGE("../CANARY.png")),
     FINDS(EXTERNAL_CONTENT),
     .gone = ".."},
    {.name = "bullet and fill",
     .common = "<draw:fill-image draw:name='f' xlink:href='Pictures/bad.png'/><text:list-style style:name='l'>"
               "<text:list-level-style-image text:level='1' xlink:href='Pictures/good.png'/></text:list-style>",
     .parts = {{"Pictures/bad.png", "image/png", "CANARY"}},
     FINDS(IMAGE_REPLACED),
     .kept = "draw:fill-image draw:name=\"f\" xlink:href=\"Pictures/removed.png\""},
};

START_TEST(test_odf_package__drops_what_was_planted)
{
    odf_demand_package(&cases[_i]);
}
END_TEST

/* What a file is comes from its media type, and its body must agree. */
START_TEST(test_odf_package__writes_the_type_it_is)
{
    static const struct {
        const char *suffix, *name;
        OdfBody body;
        MgkFormatId format;
        guint extension;
        MgkReason reason;
    } types[] = {
        {"text", "a.odt", ODF_TEXT, MGK_FORMAT_ID_odt, 0, MGK_REASON_NONE},
        {"text-template", "a.ott", ODF_TEXT, MGK_FORMAT_ID_odt, 1, MGK_REASON_NONE},
        {"spreadsheet", "a.ods", ODF_SHEET, MGK_FORMAT_ID_ods, 0, MGK_REASON_NONE},
        {"spreadsheet-template", "a.ots", ODF_SHEET, MGK_FORMAT_ID_ods, 1, MGK_REASON_NONE},
        {"presentation", "a.odp", ODF_SLIDES, MGK_FORMAT_ID_odp, 0, MGK_REASON_NONE},
        {"presentation-template", "a.otp", ODF_SLIDES, MGK_FORMAT_ID_odp, 1, MGK_REASON_NONE},
        {"graphics", "a.odg", ODF_DRAWING, MGK_FORMAT_ID_odg, 0, MGK_REASON_NONE},
        {"graphics-template", "a.otg", ODF_DRAWING, MGK_FORMAT_ID_odg, 1, MGK_REASON_NONE},
        {"text", "a.odt", ODF_SHEET, MGK_FORMAT_ID_odt, 0, MGK_REASON_AMBIGUOUS},
        {"formula", "a.odf", ODF_TEXT, MGK_FORMAT_ID_odf, 0, MGK_REASON_AMBIGUOUS},
        {"base", "a.odb", ODF_TEXT, MGK_FORMAT_ID_odf_other, 0, MGK_REASON_UNSUPPORTED_FORMAT},
        {"text-master", "a.odm", ODF_TEXT, MGK_FORMAT_ID_odf_other, 0, MGK_REASON_UNSUPPORTED_FORMAT},
        {"chart", "a.otc", ODF_TEXT, MGK_FORMAT_ID_odf_other, 0, MGK_REASON_UNSUPPORTED_FORMAT},
    };
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        OdfCase test = {.name = types[i].suffix, .body = types[i].body};
        g_autoptr(GByteArray) bytes = odf_build(&test, types[i].suffix);
        MgkFormatId format = fake_detect(bytes->data, bytes->len, types[i].name);
        ck_assert_msg(format == types[i].format, "%s: recognised as %s", types[i].suffix, mgk_format_info(format)->id);
        if (mgk_format_info(format)->flags & MGK_FORMAT_HELD)
            continue;
        g_autoptr(FakeRun) run = planted_clean(bytes, types[i].name);
        gboolean held = types[i].reason != MGK_REASON_NONE;
        ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict) == !held, "%s: %s", types[i].suffix,
                      run->outcome.detail);
        ck_assert_msg(held ? run->outcome.reason == types[i].reason : run->outcome.extension == types[i].extension,
                      "%s: extension %u, %s", types[i].suffix, run->outcome.extension, run->outcome.detail);
    }
}
END_TEST

static GByteArray *build_loose(gboolean with_mimetype, gboolean packed, gboolean encrypted, const char *extra)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(odf_sink, bytes);
    odf_member(zip, "content.xml", "document-content",
               "<office:body><office:text><text:p>VISIBLE</text:p></office:text></office:body>", NULL);
    if (with_mimetype)
        ck_assert(mgk_zip_writer_add(zip, "mimetype", packed ? MGK_ZIP_PACK : MGK_ZIP_STORE, MGK_ZIP_EPOCH,
                                     ODF_TYPE "text\n", strlen(ODF_TYPE "text\n"), NULL));
    g_autofree char *manifest = g_strconcat("<manifest:manifest xmlns:manifest='" ODF_URN
                                            "manifest:1.0' manifest:version='1.3'><manifest:file-entry "
                                            "manifest:full-path='/' manifest:media-type='" ODF_TYPE "text'>",
                                            encrypted ? "<manifest:encryption-data manifest:checksum='x'/>" : "",
                                            "</manifest:file-entry></manifest:manifest>", NULL);
    planted_add(zip, "META-INF/manifest.xml", manifest);
    if (extra)
        planted_add(zip, "META-INF/documentsignatures.xml", extra);
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

/* Where mimetype is missing, late or packed the file is an OpenDocument text all the same; the output is as it should
 * be. */
START_TEST(test_odf_package__puts_mimetype_first)
{
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GByteArray) bytes = build_loose(i > 0, i > 1, FALSE, NULL);
        g_autoptr(FakeRun) run = planted_clean(bytes, "a.odt");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED, "%u: %s", i, run->outcome.detail);
        ck_assert(memcmp(run->output->data + 30, "mimetype" ODF_TYPE "text", strlen("mimetype" ODF_TYPE "text")) == 0);
        planted_judge(run, "loose", "manifest:version=\"1.3\"", NULL);
    }
}
END_TEST

START_TEST(test_odf_package__holds_what_is_encrypted)
{
    g_autoptr(GByteArray) bytes = build_loose(TRUE, FALSE, TRUE, NULL);
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.odt");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_ENCRYPTED);
}
END_TEST

START_TEST(test_odf_package__names_who_signed)
{
    g_autoptr(GByteArray) bytes = build_loose(
        TRUE, FALSE, FALSE, "<d><Signature><X509SubjectName>CN=山田 太郎</X509SubjectName></Signature></d>");
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.odt");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CLEANED);
    gboolean named = FALSE;
    for (guint i = 0; i < run->report->findings->len; i++) {
        const MgkFinding *finding = g_ptr_array_index(run->report->findings, i);
        named = named || (finding->kind == MGK_KIND_SIGNATURE_LOST && strcmp(finding->detail, "CN=山田 太郎") == 0);
    }
    ck_assert_msg(named, "the signer is not named");
    planted_judge(run, "signed", NULL, "documentsignatures");
}
END_TEST

/* Flat files: the extension says nothing, the root element and office:mimetype everything. */
START_TEST(test_odf_package__recognises_flat_files)
{
    static const OdfCase sheet = {.name = "flat", .body = ODF_SHEET};
    g_autoptr(GByteArray) bytes = odf_build_flat(&sheet);
    ck_assert_int_eq(fake_detect(bytes->data, bytes->len, "a.xml"), MGK_FORMAT_ID_fodt);
    ck_assert_int_eq(fake_detect(bytes->data, bytes->len, "a.fods"), MGK_FORMAT_ID_fodt);
    g_autofree char *text = g_strndup((const char *)bytes->data, bytes->len);
    g_auto(GStrv) halves = g_strsplit(text, ODF_TYPE "spreadsheet", 2);
    g_autofree char *other = g_strjoinv(ODF_TYPE "text", halves);
    g_autoptr(GByteArray) lying = g_byte_array_new();
    g_byte_array_append(lying, (const guint8 *)other, (guint)strlen(other));
    g_autoptr(FakeRun) run = planted_clean(lying, "a.fodt");
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_AMBIGUOUS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("odf_package");
    TCase *tcase = tcase_create("odf_package");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_odf_package__drops_what_was_planted, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, test_odf_package__writes_the_type_it_is);
    tcase_add_test(tcase, test_odf_package__puts_mimetype_first);
    tcase_add_test(tcase, test_odf_package__holds_what_is_encrypted);
    tcase_add_test(tcase, test_odf_package__names_who_signed);
    tcase_add_test(tcase, test_odf_package__recognises_flat_files);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
