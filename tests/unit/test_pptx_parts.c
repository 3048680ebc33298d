/* Planted attacks in the presentation and in its other parts: charts, diagrams, comments. */
#include "pptx_forge.h"

static const PptxCase cases[] = {
    /* the presentation */
    {.name = "fonts",
     .presentation = "<p:embeddedFontLst><p:embeddedFont><p:font typeface='CANARY'/><p:regular "
                     "r:id='r9'/></p:embeddedFont></p:embeddedFontLst>",
     .main_rels = REL("r9", ODR "font", "fonts/f.fntdata"),
     .parts = {{"ppt/fonts/f.fntdata", NULL, "CANARY"}},
     KIND(EMBEDDED_FONT)},
    {.name = "tags",
     .presentation = "<p:custDataLst><p:tags r:id='r9'/></p:custDataLst>",
     .main_rels = REL("r9", ODR "tags", "tags/tag1.xml"),
     .parts = {{"ppt/tags/tag1.xml", PML "tags+xml",
                "<p:tagLst xmlns:p='" P_URI "'><p:tag name='CANARY' val='CANARY'/></p:tagLst>"}},
     KIND(CUSTOM_XML)},
    {.name = "publishing",
     .main_rels = REL("r9", ODR "presProps", "presProps.xml"),
     .parts = {{"ppt/presProps.xml", PML "presProps+xml",
                "<p:presentationPr xmlns:p='" P_URI "' xmlns:r='" R_URI
                "'><p:htmlPubPr r:id='r1' title='CANARY'/></p:presentationPr>"},
               {"ppt/_rels/presProps.xml.rels", NULL,
                "<Relationships xmlns='" REL_URI
                "'>" EXT("r1", ODR "htmlPubSaveAs", "file://CANARY/a.htm") "</Relationships>"}},
     KIND(EXTERNAL_CONTENT)},
    {.name = "slide update",
     .rels = REL("r6", ODR "slideUpdateInfo", "../slideUpdateInfo/i.xml"),
     .parts = {{"ppt/slideUpdateInfo/i.xml", PML "slideUpdateInfo+xml",
                "<p:sldSyncPr xmlns:p='" P_URI "' serverSldId='CANARY'/>"}},
     KIND(EXTERNAL_CONTENT)},
    {.name = "macros",
     .main_rels = REL("r9", MSR "2006/relationships/vbaProject", "vbaProject.bin"),
     .parts = {{"ppt/vbaProject.bin", NULL, "CANARY"}},
     KIND(MACRO_VBA)},
    {.name = "menus",
     .root_rels = REL("r9", MSR "2006/relationships/ui/extensibility", "customUI/c.xml"),
     .parts = {{"customUI/c.xml", NULL, "<a>CANARY</a>"}},
     KIND(CUSTOM_UI)},
    {.name = "web add-in",
     .root_rels = REL("r9", MSR "2011/relationships/webextensiontaskpanes", "x/t.xml"),
     .parts = {{"x/t.xml", NULL, "<a>CANARY</a>"}},
     KIND(WEB_EXTENSION)},
    {.name = "revision log",
     .main_rels = REL("r9", MSR "2016/11/relationships/changesInfo", "c.xml"),
     .parts = {{"ppt/c.xml", NULL, "<a>CANARY</a>"}},
     NOTHING},
    {.name = "linked picture",
     .shapes = PIC("", "<a:blip r:link='r6'/>"),
     .rels = EXT("r6", ODR "image", "https://CANARY/a.png"),
     KIND(EXTERNAL_CONTENT),
     .kept = "r:embed="},
    {.name = "document type",
     .slide = "<!DOCTYPE a [<!ENTITY c 'CANARY'>]><p:sld xmlns:p='" P_URI "'/>",
     .held = TRUE,
     KIND(XML_DTD)},
    {.name = "hidden slide",
     .slide = "<p:sld xmlns:p='" P_URI "' show='0'><p:cSld name='VISIBLE'/></p:sld>",
     KIND(HIDDEN_SLIDE),
     .kept = "show=\"0\""},
    {.name = "text off the slide",
     .shapes = SHAPE("7", "", XFRM("99999999", "0"), "<a:t>x</a:t>"),
     KIND(HIDDEN_TEXT),
     .kept = "99999999"},
    {.name = "text too small", .shapes = SHAPE("7", "", "", "<a:rPr sz='100'/><a:t>x</a:t>"), KIND(HIDDEN_TEXT)},
    {.name = "strict",
     .slide = "<q:sld xmlns:q='" P_STRICT "' xmlns:o='http://purl.oclc.org/ooxml/drawingml/main' "
              "xmlns:s='http://purl.oclc.org/ooxml/officeDocument/relationships'>"
              "<q:cSld name='VISIBLE'><q:spTree><q:sp><q:nvSpPr><q:cNvPr id='7' name='x'><o:hlinkClick s:id='' "
              "action='ppaction://macro?name=CANARY'/></q:cNvPr></q:nvSpPr></q:sp></q:spTree></q:cSld></q:sld>",
     KIND(LINK_DANGEROUS),
     .kept = "xmlns:p=\"" P_URI "\""},
    /* charts and diagrams */
    {.name = "chart",
     .shapes = FRAME("<c:chart xmlns:c='" C_URI "' r:id='r6'/>"),
     .rels = REL("r6", ODR "chart", "../charts/chart1.xml"),
     .parts =
         {{"ppt/charts/chart1.xml", DML "chart+xml",
           "<c:chartSpace xmlns:c='" C_URI "' xmlns:r='" R_URI
           "'><c:chart><c:plotArea><c:barChart><c:ser><c:tx><c:strRef>"
           "<c:f>'[CANARY.xlsx]Sheet 1'!$A$1</c:f><c:strCache><c:pt "
           "idx='0'><c:v>shown</c:v></c:pt></c:strCache></c:strRef></c:tx></c:ser></c:barChart></c:plotArea></c:chart>"
           "<c:externalData r:id='r1'><c:autoUpdate val='1'/></c:externalData></c:chartSpace>"},
          {"ppt/charts/_rels/chart1.xml.rels", NULL,
           "<Relationships xmlns='" REL_URI "'>" REL("r1", ODR "package", "../embeddings/b.xlsx") "</Relationships>"},
          {"ppt/embeddings/b.xlsx", NULL, "CANARY"}},
     KIND(CHART_DATA),
     .kept = "<c:f>'Sheet 1'!$A$1</c:f>",
     .gone = "externalData"},
    {.name = "chart of a linked workbook",
     .shapes = FRAME("<c:chart xmlns:c='" C_URI "' r:id='r6'/>"),
     .rels = REL("r6", ODR "chart", "../charts/chart1.xml"),
     .parts = {{"ppt/charts/chart1.xml", DML "chart+xml",
                "<c:chartSpace xmlns:c='" C_URI "' xmlns:r='" R_URI
                "'><c:chart><c:title><c:tx><c:strRef><c:f>WEBSERVICE(\"CANARY\")</c:f>"
                "</c:strRef></c:tx></c:title></c:chart><c:externalData r:id='r1'/></c:chartSpace>"},
               {"ppt/charts/_rels/chart1.xml.rels", NULL,
                "<Relationships xmlns='" REL_URI
                "'>" EXT("r1", ODR "oleObject", "file://CANARY/b.xlsx") "</Relationships>"}},
     KIND(EXTERNAL_DATA),
     .kept = "graphicFrame",
     .gone = "WEBSERVICE"},
    {.name = "chart that is not there",
     .shapes = FRAME("<c:chart xmlns:c='" C_URI "' r:id='r66'/>"),
     KIND(UNKNOWN_MARKUP),
     .kept = "埋め込み",
     .gone = "graphicFrame"},
    {.name = "table",
     .shapes = FRAME("<a:tbl><a:tblGrid><a:gridCol w='1'/></a:tblGrid><a:tr "
                     "h='1'><a:tc><a:txBody><a:bodyPr/><a:p/></a:txBody></a:tc></a:tr></a:tbl>"),
     NOTHING,
     .kept = "<a:tbl>"},
    {.name = "drawing behind a picture",
     .shapes = PIC("", "<a:blip r:embed='r5'><a:extLst><a:ext uri='{96DAC541}'><s:svgBlip "
                       "xmlns:s='http://schemas.microsoft.com/office/drawing/2016/SVG/main' r:embed='r6' "
                       "r:link='CANARY'/></a:ext></a:extLst></a:blip>"),
     .rels = IMAGE_REL REL("r6", ODR "image", "../media/i.svg"),
     .parts = {IMAGE_PART,
               {"ppt/media/i.svg", NULL,
                "<svg xmlns='http://www.w3.org/2000/svg' onload='CANARY'><script>CANARY</script><g/></svg>"}},
     KIND(DRAWING_SCRIPT),
     .kept = "<asvg:svgBlip "},
    {.name = "svg layer",
     .shapes = PIC("", "<a:blip r:embed='r5'><a:extLst><a:ext uri='{96DAC541}'><s:svgBlip "
                       "xmlns:s='http://schemas.microsoft.com/office/drawing/2016/SVG/main' r:embed='r6'/>"
                       "</a:ext></a:extLst></a:blip>"),
     .rels = IMAGE_REL REL("r6", ODR "image", "../media/i.svg"),
     .parts = {IMAGE_PART, {"ppt/media/i.svg", NULL, "<svg>CANARY</svg>"}},
     KIND(IMAGE_REPLACED),
     .kept = "<a:extLst/>",
     .gone = "svgBlip"},
    {.name = "unknown extension",
     .shapes = "<p:extLst><p:ext uri='{1}'><x:y xmlns:x='urn:x'>CANARY</x:y></p:ext></p:extLst>",
     NOTHING,
     .gone = "p:ext "},
    {.name = "comments",
     .rels = REL("r6", ODR "comments", "../comments/c.xml"),
     .parts = {{"ppt/comments/c.xml", PML "comments+xml",
                "<p:cmLst xmlns:p='" P_URI
                "'><p:cm authorId='0' idx='1'><p:pos x='1' y='1'/><p:text>said</p:text></p:cm></p:cmLst>"}},
     KIND(COMMENT),
     .kept = "said"},
};

START_TEST(test_pptx_parts__drops_what_was_planted)
{
    pptx_judge(&cases[_i]);
}
END_TEST

START_TEST(test_pptx_parts__cleans_its_output_to_itself)
{
    pptx_demand_stable(&cases[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pptx_parts");
    TCase *tc = tcase_create("pptx_parts");
    tcase_add_loop_test(tc, test_pptx_parts__drops_what_was_planted, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tc, test_pptx_parts__cleans_its_output_to_itself, 0, G_N_ELEMENTS(cases));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
