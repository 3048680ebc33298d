/* Planted attacks on slides: actions, objects, sound, ink, animation. */
#include "pptx_forge.h"

#include <string.h>

static const PptxCase cases[] = {
    /* actions */
    {.name = "macro",
     .shapes = LINK("<a:hlinkClick r:id='' action='ppaction://macro?name=CANARY'/>"),
     KIND(LINK_DANGEROUS)},
    {.name = "macro on hover",
     .shapes = LINK("<a:hlinkHover r:id='' action='ppaction://macro?name=CANARY'/>"),
     KIND(LINK_DANGEROUS)},
    {.name = "macro on mouse over in text",
     .shapes = SHAPE("7", "", "",
                     "<a:rPr><a:hlinkMouseOver r:id='' action='ppaction://macro?name=CANARY'/></a:rPr><a:t>x</a:t>"),
     KIND(LINK_DANGEROUS)},
    {.name = "program",
     .shapes = LINK("<a:hlinkClick r:id='r5' action='ppaction://program'/>"),
     .rels = EXT("r5", ODR "hyperlink", "file:///c:/CANARY.exe"),
     KIND(LINK_DANGEROUS),
     .gone = "hlinkClick"},
    {.name = "program over the web",
     .shapes = LINK("<a:hlinkClick r:id='r5' action='ppaction://program'/>"),
     .rels = EXT("r5", ODR "hyperlink", "https://example.jp/"),
     KIND(LINK_DANGEROUS),
     .gone = "hlinkClick"},
    {.name = "object verb",
     .shapes = LINK("<a:hlinkClick r:id='' action='ppaction://ole?verb=0'/>"),
     KIND(LINK_DANGEROUS),
     .gone = "ppaction"},
    {.name = "file",
     .shapes = LINK("<a:hlinkClick r:id='r5' action='ppaction://hlinkfile'/>"),
     .rels = EXT("r5", ODR "hyperlink", "CANARY.docx"),
     KIND(LINK_DANGEROUS),
     .gone = "ppaction"},
    {.name = "other presentation",
     .shapes = LINK("<a:hlinkClick r:id='r5' action='ppaction://hlinkpres?slideindex=1'/>"),
     .rels = EXT("r5", ODR "hyperlink", "file:///CANARY.pptx"),
     KIND(LINK_DANGEROUS),
     .gone = "ppaction"},
    {.name = "capitals",
     .shapes = LINK("<a:hlinkClick r:id='' action='PPACTION://MACRO?name=CANARY'/>"),
     KIND(LINK_DANGEROUS)},
    {.name = "share",
     .shapes = LINK("<a:hlinkClick r:id='r5'/>"),
     .rels = EXT("r5", ODR "hyperlink", "\\\\CANARY\\x"),
     KIND(LINK_DANGEROUS)},
    {.name = "script",
     .shapes = LINK("<a:hlinkClick r:id='r5'/>"),
     .rels = EXT("r5", ODR "hyperlink", "javascript:CANARY"),
     KIND(LINK_DANGEROUS)},
    {.name = "invalid url",
     .shapes = LINK("<a:hlinkClick r:id='r5' invalidUrl='file://CANARY'/>"),
     .rels = EXT("r5", ODR "hyperlink", "https://example.jp/"),
     KIND(LINK_EXTERNAL),
     .kept = "https://example.jp/"},
    {.name = "sound of a link",
     .shapes =
         LINK("<a:hlinkClick r:id='' action='ppaction://noaction'><a:snd r:embed='r5' name='CANARY'/></a:hlinkClick>"),
     .rels = REL("r5", ODR "audio", "../media/a.wav"),
     .parts = {{"ppt/media/a.wav", NULL, "CANARY"}},
     KIND(MEDIA),
     .kept = "ppaction://noaction"},
    /* what jumps inside stays */
    {.name = "next slide",
     .shapes = LINK("<a:hlinkClick r:id='' action='ppaction://hlinkshowjump?jump=nextslide'/>"),
     NOTHING,
     .kept = "action=\"ppaction://hlinkshowjump?jump=nextslide\""},
    {.name = "no such jump",
     .shapes = LINK("<a:hlinkClick r:id='' action='ppaction://hlinkshowjump?jump=CANARY'/>"),
     KIND(LINK_DANGEROUS)},
    {.name = "slide jump",
     .shapes = LINK("<a:hlinkClick r:id='r5' action='ppaction://hlinksldjump'/>"),
     .rels = REL("r5", ODR "slide", "slide1.xml"),
     NOTHING,
     .kept = "ppaction://hlinksldjump"},
    {.name = "slide jump to elsewhere",
     .shapes = LINK("<a:hlinkClick r:id='r5' action='ppaction://hlinksldjump'/>"),
     .rels = EXT("r5", ODR "slide", "file://CANARY/slide1.xml"),
     KIND(EXTERNAL_CONTENT),
     .gone = "ppaction"},
    {.name = "custom show",
     .shapes = LINK("<a:hlinkClick r:id='' action='ppaction://customshow?id=0&amp;return=true'/>"),
     NOTHING,
     .kept = "ppaction://customshow?id=0&amp;return=true"},
    {.name = "web link",
     .shapes = LINK("<a:hlinkClick r:id='r5' tooltip='tip'/>"),
     .rels = EXT("r5", ODR "hyperlink", "https://example.jp/"),
     KIND(LINK_EXTERNAL),
     .kept = "https://example.jp/"},
    /* objects and controls */
    {.name = "object with its picture",
     .shapes = FRAME("<p:oleObj name='CANARY' r:id='r6' progId='Package'><p:embed/>" PIC(
         "", "<a:blip r:embed='r5'/>") "</p:oleObj>"),
     .rels = IMAGE_REL OLE_REL,
     .parts = {IMAGE_PART, OLE_PART},
     KIND(OLE_OBJECT),
     .kept = "<p:pic><p:nvPicPr><p:cNvPr id=\"9\" name=\"obj\"/>",
     .gone = "oleObj"},
    {.name = "object in choice and fallback",
     .shapes = FRAME("<mc:AlternateContent><mc:Choice xmlns:v='urn:schemas-microsoft-com:vml' Requires='v'><p:oleObj "
                     "spid='CANARY' r:id='r6'/>"
                     "</mc:Choice><mc:Fallback><p:oleObj r:id='r6'>" PIC(
                         "", "<a:blip r:embed='r5'/>") "</p:oleObj></mc:Fallback></mc:AlternateContent>"),
     .rels = IMAGE_REL OLE_REL,
     .parts = {IMAGE_PART, OLE_PART},
     KIND(OLE_OBJECT),
     .kept = "<a:off x=\"11\" y=\"12\"/>",
     .gone = "oleObj"},
    {.name = "object with its picture in vml",
     .shapes = FRAME("<p:oleObj spid='_s1' r:id='r6'><p:embed/></p:oleObj>"),
     .rels = OLE_REL REL("r7", ODR "vmlDrawing", "../drawings/v.vml"),
     .parts = {OLE_PART,
               {"ppt/drawings/v.vml", NULL,
                "<xml xmlns:v='urn:schemas-microsoft-com:vml' "
                "xmlns:o='urn:schemas-microsoft-com:office:office'><v:shape id='_s1' "
                "onclick='CANARY'><v:imagedata o:relid='i' o:title='CANARY'/></v:shape></xml>"},
               {"ppt/drawings/_rels/v.vml.rels", NULL,
                "<Relationships xmlns='" REL_URI "'>" REL("i", ODR "image", "../media/image1.png") "</Relationships>"},
               IMAGE_PART},
     KIND(OLE_OBJECT),
     .kept = "<p:pic>",
     .gone = "vmlDrawing1"},
    {.name = "object without a picture",
     .shapes = FRAME("<p:oleObj name='CANARY' r:id='r6'><p:embed/></p:oleObj>"),
     .rels = OLE_REL,
     .parts = {OLE_PART},
     KIND(OLE_OBJECT),
     .kept = "埋め込みオブジェクト",
     .gone = "oleObj"},
    {.name = "linked object",
     .shapes = FRAME("<p:oleObj name='x' r:id='r6'><p:link updateAutomatic='1'/></p:oleObj>"),
     .rels = EXT("r6", ODR "oleObject", "https://CANARY/a.doc"),
     KIND(OLE_OBJECT),
     .kept = "埋め込みオブジェクト"},
    {.name = "embedded package",
     .shapes = FRAME("<p:oleObj r:id='r6' progId='Excel.Sheet.12'><p:embed/></p:oleObj>"),
     .rels = REL("r6", ODR "package", "../embeddings/b.xlsx"),
     .parts = {{"ppt/embeddings/b.xlsx", NULL, "CANARY"}},
     KIND(EMBEDDED_FILE)},
    {.name = "object outside a frame",
     .shapes = "<p:oleObj name='CANARY' r:id='r6'/>",
     .rels = OLE_REL,
     .parts = {OLE_PART},
     KIND(OLE_OBJECT)},
    {.name = "unknown thing in a frame",
     .shapes = FRAME("<x:y xmlns:x='urn:CANARY'>CANARY</x:y>"),
     KIND(UNKNOWN_MARKUP),
     .gone = "graphicFrame"},
    {.name = "control",
     .tail = "<p:controls><p:control spid='1' name='CANARY' r:id='r6'/></p:controls>",
     .rels = REL("r6", ODR "control", "../activeX/a.xml"),
     .parts = {{"ppt/activeX/a.xml", "application/vnd.ms-office.activeX+xml", "<a>CANARY</a>"}},
     KIND(ACTIVEX),
     .gone = "p:control"},
    {.name = "control with its picture",
     .tail = "<p:controls><p:control spid='1' name='Box' r:id='r6'>" PIC(
         "", "<a:blip r:embed='r5'/>") "</p:control></p:controls>",
     .rels = IMAGE_REL REL("r6", ODR "control", "../activeX/a.xml"),
     .parts = {IMAGE_PART, {"ppt/activeX/a.xml", "application/vnd.ms-office.activeX+xml", "<a>CANARY</a>"}},
     KIND(ACTIVEX),
     .kept = "name=\"Box\"/>",
     .gone = "p:control"},
    /* sound and video */
    {.name = "video",
     .shapes = PIC("<a:videoFile r:link='r6'/><p:extLst><p:ext uri='{DAA4B4D4}'><p14:media xmlns:p14='" P14_URI
                   "' r:embed='r7'/></p:ext></p:extLst>",
                   "<a:blip r:embed='r5'/>"),
     .rels = IMAGE_REL EXT("r6", ODR "video", "https://CANARY/v.mp4")
         REL("r7", MSR "2007/relationships/media", "../media/v.mp4"),
     .parts = {IMAGE_PART, {"ppt/media/v.mp4", NULL, "CANARY"}},
     KIND(MEDIA),
     .kept = "<p:extLst/>",
     .gone = "p:ext "},
    {.name = "video started by a verb",
     .after =
         TIMING("<p:video><p:cMediaNode><p:cTn id='2'/><p:tgtEl><p:spTgt spid='5'/></p:tgtEl></p:cMediaNode></p:video>"
                "<p:cmd type='verb' cmd='CANARY'><p:cBhvr><p:cTn id='3'/><p:tgtEl><p:spTgt "
                "spid='5'/></p:tgtEl></p:cBhvr></p:cmd>"),
     KIND(MEDIA),
     .kept = "<p:cTn id=\"1\"/>",
     .gone = "childTnLst"},
    {.name = "sound of a transition",
     .after = "<p:transition><p:fade/><p:sndAc><p:stSnd><p:snd r:embed='r5' "
              "name='CANARY'/></p:stSnd></p:sndAc></p:transition>",
     .rels = REL("r5", ODR "audio", "../media/a.wav"),
     .parts = {{"ppt/media/a.wav", NULL, "CANARY"}},
     KIND(MEDIA),
     .kept = "<p:fade/>"},
    /* ink: the picture shows */
    {.name = "ink",
     .shapes =
         "<mc:AlternateContent><mc:Choice xmlns:p14='" P14_URI "' Requires='p14'><p:contentPart r:id='r6'/></mc:Choice>"
         "<mc:Fallback>" PIC("", "<a:blip r:embed='r5'/>") "</mc:Fallback></mc:AlternateContent>",
     .rels = IMAGE_REL REL("r6", ODR "customXml", "../ink/ink1.xml"),
     .parts = {IMAGE_PART, {"ppt/ink/ink1.xml", "application/inkml+xml", "<a>CANARY</a>"}},
     NOTHING,
     .kept = "<p:pic>",
     .gone = "Choice"},
    {.name = "unknown choice",
     .shapes = "<mc:AlternateContent><mc:Choice xmlns:p14='urn:x' Requires='p14'><p:sp>CANARY</p:sp></mc:Choice>"
               "<mc:Fallback>" LINK("") "</mc:Fallback></mc:AlternateContent>",
     NOTHING,
     .gone = "Choice"},
    /* animation */
    {.name = "animation of a shape", .after = TIMING(SET("2", "2")), NOTHING, .kept = "spTgt spid=\"2\""},
    {.name = "animation of what is not there",
     .after = TIMING(SET("77", "2") SET("2", "3")),
     NOTHING,
     .kept = "spTgt spid=\"2\"",
     .gone = "77"},
    {.name = "build of what is not there",
     .after = "<p:timing><p:bldLst><p:bldP spid='77' grpId='0'/></p:bldLst></p:timing>",
     NOTHING,
     .gone = "bldLst"},
};

START_TEST(test_pptx__drops_what_was_planted)
{
    pptx_judge(&cases[_i]);
}
END_TEST

START_TEST(test_pptx__cleans_its_output_to_itself)
{
    pptx_demand_stable(&cases[_i]);
}
END_TEST

START_TEST(test_pptx__writes_the_plain_twin)
{
    static const struct {
        const char *type, *out;
        guint extension;
    } twins[] = {{PLAIN, PLAIN, 0},
                 {"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", PLAIN, 0},
                 {PML "template.main+xml", PML "template.main+xml", 1},
                 {"application/vnd.ms-powerpoint.template.macroEnabled.main+xml", PML "template.main+xml", 1},
                 {PML "slideshow.main+xml", PML "slideshow.main+xml", 2},
                 {"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", PML "slideshow.main+xml", 2}};
    static const PptxCase plain = {.name = "twin"};
    for (guint i = 0; i < G_N_ELEMENTS(twins); i++) {
        g_autoptr(GByteArray) bytes = pptx_build(&plain, twins[i].type);
        g_autoptr(FakeRun) run = planted_clean(bytes, "a.pptx");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED && run->outcome.extension == twins[i].extension,
                      "%s: %s extension %u", twins[i].type, run->outcome.detail, run->outcome.extension);
        g_autoptr(GString) all = planted_unpack(run->output);
        ck_assert_msg(strstr(all->str, twins[i].out) && !strstr(all->str, "macroEnabled"), "%s: %s", twins[i].type,
                      all->str);
    }
    g_autoptr(GByteArray) addin = pptx_build(&plain, "application/vnd.ms-powerpoint.addin.macroEnabled.main+xml");
    g_autoptr(FakeRun) run = planted_clean(addin, "a.pptx");
    ck_assert_msg(!mgk_verdict_crosses(run->outcome.verdict), "an add-in crossed");
}
END_TEST

START_TEST(test_pptx__removes_hidden_shapes_by_policy)
{
    static const PptxCase test = {.name = "off",
                                  .shapes = SHAPE("7", "", XFRM("99999999", "0"), "<a:t>CANARY</a:t>"),
                                  .after = TIMING(SET("7", "2") SET("2", "3"))};
    g_autoptr(GByteArray) bytes = pptx_build(&test, PLAIN);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_HIDDEN_TEXT] = MGK_ACTION_REMOVE;
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "a.pptx", MGK_FORMAT_ID_NONE, NULL));
    g_autoptr(GString) all = planted_unpack(run->output);
    ck_assert_msg(!strstr(all->str, "CANARY") && !strstr(all->str, "spid=\"7\"") && strstr(all->str, "spid=\"2\""),
                  "%s", all->str);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pptx");
    TCase *tc = tcase_create("pptx");
    tcase_add_loop_test(tc, test_pptx__drops_what_was_planted, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tc, test_pptx__cleans_its_output_to_itself, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, test_pptx__writes_the_plain_twin);
    tcase_add_test(tc, test_pptx__removes_hidden_shapes_by_policy);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
