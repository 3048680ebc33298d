/* Planted attacks: small OpenDocument files, as packages and flat, each with a canary that must not come out. */
#include "odf_forge.h"

#define LISTENER(attributes) \
    "<draw:custom-shape><office:event-listeners>" attributes "</office:event-listeners></draw:custom-shape>"
#define CLICK(attributes) LISTENER("<presentation:event-listener script:event-name='dom:click' " attributes "/>")
#define ITEM(name, type, text) \
    "<config:config-item-set config:name='ooo:configuration-settings'><config:config-item config:name='" name \
    "' config:type='" type "'>" text "</config:config-item></config:config-item-set>"
#define FORM(attributes, inside) "<office:forms><form:form " attributes ">" inside "</form:form></office:forms>"
#define HIDING(family) \
    "<style:style style:name='H' style:family='" family "'><style:text-properties text:display='none'/></style:style>"

static const OdfCase cases[] = {
    /* programs */
    {.name = "Basic in the document",
     .before = "<office:scripts><office:script script:language='ooo:Basic'><ooo:libraries><ooo:library-embedded "
               "ooo:name='CANARY'/></ooo:libraries></office:script></office:scripts>",
     FINDS(MACRO_ODF),
     .gone = "office:scripts"},
    {.name = "script without a language known",
     .before = "<office:scripts><office:script script:language='x'>CANARY</office:script></office:scripts>",
     FINDS(MACRO_ODF)},
    {.name = "listener of the document",
     .before = "<office:scripts><office:event-listeners><script:event-listener script:language='ooo:script' "
               "script:event-name='dom:load' xlink:href='vnd.sun.star.script:CANARY'/></office:event-listeners>"
               "</office:scripts>",
     FINDS(MACRO_ODF),
     .gone = "event-listener"},
    {.name = "listener of a shape",
     .content = LISTENER("<script:event-listener script:language='ooo:script' script:event-name='dom:click' "
                         "script:macro-name='CANARY'/>"),
     FINDS(MACRO_ODF),
     .gone = "event-listener"},
    {.name = "listener of a link",
     .content = P("<text:a xlink:href='https://example.jp/'><office:event-listeners><script:event-listener "
                  "xlink:href='vnd.sun.star.script:CANARY'/></office:event-listeners>kept</text:a>"),
     FINDS(MACRO_ODF),
     .kept = "https://example.jp/"},
    {.name = "script field", .content = P("<text:script script:language='x'>CANARY</text:script>"), FINDS(MACRO_ODF)},
    {.name = "macro field",
     .content = P("<text:execute-macro text:name='CANARY'>kept</text:execute-macro>"),
     FINDS(FIELD_ACTIVE),
     .kept = "kept",
     .gone = "execute-macro"},
    {.name = "macro of a validation",
     .body = ODF_SHEET,
     .content = "<table:content-validations><table:content-validation table:name='v'><table:error-macro "
                "table:execute='true' table:name='CANARY'/></table:content-validation></table:content-validations>",
     FINDS(MACRO_ODF),
     .gone = "error-macro"},
    {.name = "control of any service",
     .content = FORM("form:name='f'", "<form:generic-control form:control-implementation='ooo:CANARY'/>"),
     FINDS(ACTIVEX),
     .gone = "generic-control"},
    {.name = "service in a control",
     .content = FORM("", "<form:text form:name='t' form:id='c1' form:control-implementation='ooo:CANARY.Service'/>"),
     QUIET,
     .kept = "form:id=\"c1\""},
    {.name = "plain control stays",
     .content = FORM("form:control-implementation='ooo:com.sun.star.form.component.Form'",
                     "<form:fixed-text form:id='c1' form:label='ラベル' "
                     "form:control-implementation='ooo:com.sun.star.form.component.FixedText'/>"),
     QUIET,
     .kept = "ooo:com.sun.star.form.component.FixedText"},
    /* clicks */
    {.name = "program on click",
     .body = ODF_SLIDES,
     .content = CLICK("presentation:action='execute' xlink:href='file:///CANARY.exe'"),
     FINDS(LINK_DANGEROUS),
     .gone = "event-listener"},
    {.name = "object's verb on click",
     .body = ODF_SLIDES,
     .content = CLICK("presentation:action='verb' presentation:verb='0'"),
     FINDS(LINK_DANGEROUS),
     .gone = "event-listener"},
    {.name = "sound on click",
     .body = ODF_SLIDES,
     .content = CLICK("presentation:action='sound' xlink:href='CANARY.wav'"),
     FINDS(MEDIA),
     .gone = "event-listener"},
    {.name = "other presentation on click",
     .body = ODF_SLIDES,
     .content = CLICK("presentation:action='show' xlink:href='CANARY.odp'"),
     FINDS(LINK_DANGEROUS),
     .gone = "event-listener"},
    {.name = "next page on click",
     .body = ODF_SLIDES,
     .content = CLICK("presentation:action='next-page' xlink:href='file:///CANARY'"),
     QUIET,
     .kept = "presentation:action=\"next-page\""},
    {.name = "page on click",
     .body = ODF_SLIDES,
     .content = CLICK("presentation:action='show' xlink:href='#第 2 頁'"),
     QUIET,
     .kept = "xlink:href=\"#第 2 頁\""},
    /* links */
    {.name = "script link",
     .content = P("<text:a xlink:href='javascript:CANARY'>kept</text:a>"),
     FINDS(LINK_DANGEROUS),
     .kept = "kept",
     .gone = "text:a"},
    {.name = "macro link",
     .content = P("<text:a xlink:href='vnd.sun.star.script:CANARY?language=Basic'>kept</text:a>"),
     FINDS(LINK_DANGEROUS),
     .kept = "kept"},
    {.name = "macro link of old",
     .content = P("<text:a xlink:href='macro:///CANARY'>kept</text:a>"),
     FINDS(LINK_DANGEROUS),
     .kept = "kept"},
    {.name = "file link",
     .content = P("<text:a xlink:href='file://CANARY/share'>kept</text:a>"),
     FINDS(LINK_DANGEROUS),
     .kept = "kept"},
    {.name = "relative link",
     .content = P("<text:a xlink:href='../CANARY.exe'>kept</text:a>"),
     FINDS(LINK_DANGEROUS),
     .kept = "kept"},
    {.name = "share link",
     .content = P("<text:a xlink:href='\\\\CANARY\\x'>kept</text:a>"),
     FINDS(LINK_DANGEROUS),
     .kept = "kept"},
    {.name = "link of a shape",
     .content = "<draw:a xlink:href='slot:CANARY'><draw:rect/></draw:a>",
     FINDS(LINK_DANGEROUS),
     .kept = "draw:rect",
     .gone = "draw:a "},
    {.name = "area of a map",
     .content = FRAME("<draw:text-box/><draw:image-map><draw:area-rectangle xlink:href='file:///CANARY'/>"
                      "</draw:image-map>"),
     FINDS(LINK_DANGEROUS),
     .gone = "area-rectangle"},
    {.name = "web link stays",
     .content = P("<text:a xlink:href='https://example.jp/a b'>kept</text:a>"),
     FINDS(LINK_EXTERNAL),
     .kept = "https://example.jp/a%20b"},
    {.name = "place in the document stays",
     .content = P("<text:a xlink:href='#見出し 1|outline'>kept</text:a>"),
     QUIET,
     .kept = "#見出し 1|outline"},
    /* content from elsewhere */
    {.name = "linked section",
     .content =
         "<text:section text:name='s'><text:section-source xlink:href='file:///CANARY'/>" P("kept") "</text:section>",
     FINDS(EXTERNAL_CONTENT),
     .kept = "kept",
     .gone = "section-source"},
    {.name = "section by DDE",
     .content = "<text:section text:name='s'><office:dde-source office:dde-application='CANARY' "
                "office:dde-topic='t' office:dde-item='i'/>" P("kept") "</text:section>",
     FINDS(FIELD_ACTIVE),
     .kept = "kept",
     .gone = "dde"},
    {.name = "DDE field",
     .content = "<text:dde-connection-decls><text:dde-connection-decl office:name='n' office:dde-application='CANARY' "
                "office:dde-topic='t' office:dde-item='i'/></text:dde-connection-decls>" P(
                    "<text:dde-connection text:connection-name='n'>kept</text:dde-connection>"),
     FINDS(FIELD_ACTIVE),
     .kept = "kept",
     .gone = "dde-"},
    {.name = "DDE link of sheets",
     .body = ODF_SHEET,
     .content = CELL("") "<table:dde-links><table:dde-link><office:dde-source office:dde-application='CANARY'/>"
                         "</table:dde-link></table:dde-links>",
     FINDS(FIELD_ACTIVE),
     .kept = "kept42",
     .gone = "dde-"},
    {.name = "linked sheet",
     .body = ODF_SHEET,
     .content = "<table:table table:name='L'><table:table-source xlink:href='file:///CANARY.ods'/><table:table-row>"
                "<table:table-cell><text:p>kept</text:p></table:table-cell></table:table-row></table:table>",
     FINDS(EXTERNAL_DATA),
     .kept = "kept",
     .gone = "table-source"},
    {.name = "linked cells",
     .body = ODF_SHEET,
     .content = "<table:table table:name='L'><table:table-row><table:table-cell><table:cell-range-source "
                "xlink:href='file:///CANARY'/><text:p>kept</text:p></table:table-cell></table:table-row></table:table>",
     FINDS(EXTERNAL_DATA),
     .kept = "kept",
     .gone = "cell-range-source"},
    {.name = "kept copy of another file's sheet",
     .body = ODF_SHEET,
     .content = "<table:table table:name=\"'file:///x.ods'#CANARY\"><table:table-row><table:table-cell><text:p>CANARY"
                "</text:p></table:table-cell></table:table-row></table:table>",
     FINDS(FORMULA_EXTERNAL)},
    {.name = "range of a database",
     .body = ODF_SHEET,
     .content =
         CELL("") "<table:database-ranges><table:database-range table:name='d' "
                  "table:target-range-address='S.A1:S.A1'><table:database-source-sql table:database-name='CANARY' "
                  "table:sql-statement='s'/></table:database-range></table:database-ranges>",
     FINDS(EXTERNAL_DATA),
     .kept = "table:database-range ",
     .gone = "database-source"},
    {.name = "pivot over a database",
     .body = ODF_SHEET,
     .content = CELL("") "<table:data-pilot-tables><table:data-pilot-table table:name='p' "
                         "table:target-range-address='S.A1'><table:database-source-table table:database-name='CANARY'/>"
                         "<table:data-pilot-field table:source-field-name='f'/></table:data-pilot-table>"
                         "</table:data-pilot-tables>",
     FINDS(PIVOT_EXTERNAL),
     .kept = "kept42",
     .gone = "data-pilot-field"},
    {.name = "pivot over a service",
     .body = ODF_SHEET,
     .content = CELL("") "<table:data-pilot-tables><table:data-pilot-table table:name='p'><table:source-service "
                         "table:name='CANARY'/></table:data-pilot-table></table:data-pilot-tables>",
     FINDS(PIVOT_EXTERNAL),
     .gone = "source-service"},
    {.name = "database fields",
     .content = P("<text:database-display text:database-name='CANARY' text:table-name='t' text:column-name='c'>kept"
                  "</text:database-display><text:database-next text:database-name='CANARY'/>"),
     FINDS(FIELD_ACTIVE),
     .kept = "kept",
     .gone = "database-"},
    {.name = "words of an index from a file",
     .content = "<text:alphabetical-index text:name='i'><text:alphabetical-index-source>"
                "<text:alphabetical-index-auto-mark-file xlink:href='file:///CANARY'/></text:alphabetical-index-source>"
                "<text:index-body>" P("kept") "</text:index-body></text:alphabetical-index>",
     FINDS(EXTERNAL_CONTENT),
     .kept = "kept"},
    {.name = "form that sends and asks",
     .content =
         FORM("xlink:href='http://CANARY/' form:method='post' form:datasource='CANARY' form:command='CANARY'",
              "<form:connection-resource xlink:href='CANARY'/><form:text form:id='c1' form:data-field='CANARY'/>"),
     FINDS(EXTERNAL_DATA),
     .kept = "form:text"},
    {.name = "hidden value of a form",
     .content = FORM("", "<form:hidden form:name='n' form:value='CANARY'/>"),
     FINDS(CUSTOM_XML)},
    {.name = "XForms model",
     .content = "<office:forms><xforms:model><xforms:instance>CANARY</xforms:instance></xforms:model></office:forms>",
     FINDS(CUSTOM_XML)},
    {.name = "font by address",
     .styles = "<style:font-face style:name='f'><svg:font-face-src><svg:font-face-uri xlink:href='http://CANARY/'/>"
               "</svg:font-face-src></style:font-face>",
     FINDS(EMBEDDED_FONT),
     .gone = "font-face-src"},
    {.name = "document that reloads another",
     .meta = "<meta:auto-reload xlink:href='http://CANARY/' meta:delay='PT1S'/>",
     FINDS(EXTERNAL_CONTENT)},
    {.name = "template", .meta = "<meta:template xlink:href='file:///CANARY.ott'/>", FINDS(METADATA)},
    {.name = "Word's field",
     .content = P("<field:fieldmark-start text:name='n' field:type='vnd.oasis.opendocument.field.UNHANDLED'>"
                  "<field:param field:name='c' field:value='INCLUDETEXT CANARY'/></field:fieldmark-start>kept"
                  "<field:fieldmark-end/>"),
     FINDS(FIELD_ACTIVE),
     .kept = "kept",
     .gone = "field:fieldmark"},
    {.name = "field of a form stays",
     .content = P("<field:fieldmark-start text:name='n' field:type='vnd.oasis.opendocument.field.FORMTEXT'/>kept"
                  "<field:fieldmark-end/>"),
     QUIET,
     .kept = "fieldmark-end"},
    /* objects, media */
    {.name = "object of another program",
     .content = FRAME("<draw:object-ole xlink:href='./Object 9' draw:class-id='CANARY'/>"),
     FINDS(OLE_OBJECT),
     .kept = "<draw:image",
     .gone = "object-ole"},
    {.name = "plug-in",
     .content = FRAME("<draw:plugin xlink:href='CANARY.mp4' draw:mime-type='application/vnd.sun.star.media'>"
                      "<draw:param draw:name='a' draw:value='CANARY'/></draw:plugin>"),
     FINDS(MEDIA),
     .kept = "<draw:image",
     .gone = "draw:p"},
    {.name = "applet",
     .content = FRAME("<draw:applet draw:code='CANARY' xlink:href='CANARY'/>"),
     FINDS(ACTIVEX),
     .gone = "applet"},
    {.name = "floating frame",
     .content = FRAME("<draw:floating-frame xlink:href='http://CANARY/'/>"),
     FINDS(EXTERNAL_CONTENT),
     .kept = "<draw:image",
     .gone = "floating-frame"},
    {.name = "object outside",
     .content = FRAME("<draw:object xlink:href='file:///CANARY.ods'/>"),
     FINDS(EXTERNAL_CONTENT),
     .kept = "<draw:image",
     .gone = "<draw:object"},
    {.name = "picture outside",
     .content = FRAME("<draw:image xlink:href='http://CANARY/beacon.png'/>"),
     FINDS(EXTERNAL_CONTENT),
     .kept = "<draw:image"},
    {.name = "background outside",
     .styles = "<style:style style:name='b' style:family='paragraph'><style:paragraph-properties>"
               "<style:background-image xlink:href='http://CANARY/b.png'/></style:paragraph-properties></style:style>",
     FINDS(EXTERNAL_CONTENT)},
    {.name = "sound of a slide",
     .body = ODF_SLIDES,
     .styles = "<style:style style:name='d' style:family='drawing-page'><style:drawing-page-properties>"
               "<presentation:sound xlink:href='CANARY.wav'/></style:drawing-page-properties></style:style>",
     FINDS(MEDIA)},
    {.name = "sound and command of an animation",
     .body = ODF_SLIDES,
     .content = "<anim:par><anim:audio xlink:href='CANARY.wav'/><anim:command anim:command='CANARY'/></anim:par>",
     FINDS(MEDIA),
     .kept = "anim:par",
     .gone = "anim:command"},
    {.name = "broken picture in base64",
     .content = FRAME("<draw:image><office:binary-data>Q0FOQVJZ</office:binary-data></draw:image>"),
     FINDS(IMAGE_REPLACED),
     .kept = "binary-data",
     .gone = "Q0FOQVJZ"},
    {.name = "picture of nothing in base64",
     .content = FRAME("<draw:image><office:binary-data/></draw:image>"),
     FINDS(IMAGE_REPLACED),
     .kept = "<office:binary-data>"},
    {.name = "object in base64",
     .content = FRAME("<draw:object-ole><office:binary-data>Q0FOQVJZ</office:binary-data></draw:object-ole>"),
     FINDS(OLE_OBJECT),
     .gone = "Q0FOQVJZ"},
    {.name = "formula as a drawing stays",
     .content = FRAME("<draw:object><math:math><math:mi>x</math:mi><math:maction>CANARY</math:maction></math:math>"
                      "</draw:object>"),
     QUIET,
     .kept = "<math:mi>x"},
    /* what is not seen */
    {.name = "hidden words",
     .styles = HIDING("text"),
     .content = P("<text:span text:style-name='H'>x</text:span>"),
     FINDS(HIDDEN_TEXT)},
    {.name = "hidden paragraph",
     .common = HIDING("paragraph"),
     .styles = "<style:style style:name='P1' style:family='paragraph' style:parent-style-name='H'/>",
     .content = "<text:p text:style-name='P1'>x</text:p>",
     FINDS(HIDDEN_TEXT)},
    {.name = "tiny words",
     .styles =
         "<style:style style:name='H' style:family='text'><style:text-properties fo:font-size='0.9pt'/></style:style>",
     .content = P("<text:span text:style-name='H'>x</text:span>"),
     FINDS(HIDDEN_TEXT)},
    {.name = "hidden section",
     .content = "<text:section text:name='s' text:display='none'>" P("x") "</text:section>",
     FINDS(HIDDEN_TEXT)},
    {.name = "hidden field",
     .content = P("<text:hidden-text text:condition='ooow:1==1' text:string-value='x'>x</text:hidden-text>"),
     FINDS(HIDDEN_TEXT)},
    {.name = "hidden sheet",
     .body = ODF_SHEET,
     .styles = "<style:style style:name='t' style:family='table'><style:table-properties "
               "table:display='false'/></style:style>",
     FINDS(HIDDEN_TABLE)},
    {.name = "hidden slide",
     .body = ODF_SLIDES,
     .styles = "<style:style style:name='d' style:family='drawing-page'><style:drawing-page-properties "
               "presentation:visibility='hidden'/></style:style>",
     FINDS(HIDDEN_SLIDE)},
    {.name = "comment stays",
     .content =
         P("<office:annotation office:name='1'><dc:creator>書いた人</dc:creator><dc:date>2026-04-01T00:00:00</dc:date>"
           "<text:p>注</text:p></office:annotation><office:annotation-end office:name='1'/>"),
     FINDS(COMMENT),
     .kept = "書いた人"},
    {.name = "tracked change stays",
     .content = "<text:tracked-changes><text:changed-region "
                "text:id='c'><text:insertion><office:change-info><dc:creator>直した人"
                "</dc:creator></office:change-info></text:insertion></text:changed-region></text:tracked-changes>",
     FINDS(REVISION),
     .kept = "直した人"},
    /* metadata, settings */
    {.name = "authors",
     .meta = "<meta:initial-creator>CANARY</meta:initial-creator><dc:creator>CANARY</dc:creator><meta:printed-by>CANARY"
             "</meta:printed-by><dc:title>題名</dc:title>",
     FINDS(METADATA),
     .kept = "題名"},
    {.name = "properties of one's own, and a label",
     .meta = "<meta:user-defined meta:name='secret'>CANARY</meta:user-defined><meta:user-defined "
             "meta:name='MSIP_Label_1_Name'>部内</meta:user-defined>",
     FINDS(METADATA),
     .kept = "部内"},
    {.name = "field of an author keeps its words",
     .content = P("<text:initial-creator>kept</text:initial-creator>"),
     QUIET,
     .kept = "text:fixed=\"true\">kept"},
    {.name = "printer",
     .settings = ITEM("PrinterSetup", "base64Binary", "CANARY") ITEM("PrinterName", "string", "CANARY"),
     FINDS(PRINTER_SETTINGS),
     .gone = "Printer"},
    {.name = "link updates", .settings = ITEM("LinkUpdateMode", "short", "1"), QUIET, .gone = "LinkUpdateMode"},
    {.name = "palette by address",
     .settings = ITEM("ColorTableURL", "string", "http://CANARY/") ITEM("ZoomFactor", "short", "77"),
     QUIET,
     .kept = ">77<"},
    {.name = "data source", .settings = ITEM("CurrentDatabaseDataSource", "string", "CANARY"), QUIET},
    /* markup */
    {.name = "unknown element", .content = "<x:evil>CANARY</x:evil>", QUIET},
    {.name = "element of the other family", .content = "<w:p><w:r><w:t>CANARY</w:t></w:r></w:p>", QUIET},
    {.name = "unknown attributes",
     .content = "<text:p x:a='CANARY' xhtml:about='CANARY' onclick='CANARY'>kept</text:p>",
     QUIET,
     .kept = "kept"},
    {.name = "comments and instructions", .content = "<!-- CANARY --><?mso-application CANARY?>", QUIET},
    {.name = "document type", .head = "<!DOCTYPE d SYSTEM 'http://CANARY/'>", .held = TRUE, FINDS(XML_DTD)},
    {.name = "entity",
     .head = "<!DOCTYPE d [<!ENTITY e 'CANARY'>]>",
     .content = P("&e;"),
     .held = TRUE,
     FINDS(XML_DTD)},
    {.name = "not well-formed", .content = "<text:p>", .held = TRUE, QUIET},
    {.name = "prefix nobody declares", .content = "<q:p/>", .held = TRUE, QUIET},
};

START_TEST(test_odf__drops_what_was_planted)
{
    odf_demand_package(&cases[_i]);
}
END_TEST

START_TEST(test_odf__drops_what_was_planted_in_flat_files)
{
    odf_demand_flat(&cases[_i]);
}
END_TEST

START_TEST(test_odf__removes_hidden_text_by_policy)
{
    static const OdfCase hidden[] = {
        {.name = "span", .styles = HIDING("text"), .content = P("<text:span text:style-name='H'>CANARY</text:span>")},
        {.name = "paragraph", .styles = HIDING("paragraph"), .content = "<text:p text:style-name='H'>CANARY</text:p>"},
        {.name = "section",
         .content = "<text:section text:name='s' text:display='none'>" P("CANARY") "</text:section>"},
        {.name = "picture in it",
         .styles = HIDING("paragraph"),
         .content = "<text:p text:style-name='H'><draw:frame><draw:text-box>" P(
             "CANARY") "</draw:text-box></draw:frame>"
                       "</text:p>" FRAME("<draw:image xlink:href='Pictures/good.png'/>")},
    };
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autoptr(GByteArray) bytes = odf_build(&hidden[i], NULL);
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.actions[MGK_KIND_HIDDEN_TEXT] = MGK_ACTION_REMOVE;
        g_autoptr(GError) error = NULL;
        gboolean ok = fake_run_clean(run, bytes->data, bytes->len, "a.odt", MGK_FORMAT_ID_NONE, &error);
        ck_assert_msg(ok, "%s: %s", hidden[i].name, error ? error->message : "");
        planted_judge(run, hidden[i].name, NULL, NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("odf");
    TCase *tcase = tcase_create("odf");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_odf__drops_what_was_planted, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, test_odf__drops_what_was_planted_in_flat_files, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, test_odf__removes_hidden_text_by_policy);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
