/* Planted attacks: small presentations, each with a canary that must not come out, and what must stay. */
#include "engines/zip_reader.h"
#include "engines/zip_writer.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

#define P_URI "http://schemas.openxmlformats.org/presentationml/2006/main"
#define P_STRICT "http://purl.oclc.org/ooxml/presentationml/main"
#define A_URI "http://schemas.openxmlformats.org/drawingml/2006/main"
#define R_URI "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define MC_URI "http://schemas.openxmlformats.org/markup-compatibility/2006"
#define P14_URI "http://schemas.microsoft.com/office/powerpoint/2010/main"
#define C_URI "http://schemas.openxmlformats.org/drawingml/2006/chart"
#define DGM_URI "http://schemas.openxmlformats.org/drawingml/2006/diagram"
#define REL_URI "http://schemas.openxmlformats.org/package/2006/relationships"
#define CT_URI "http://schemas.openxmlformats.org/package/2006/content-types"
#define ODR R_URI "/"
#define MSR "http://schemas.microsoft.com/office/"
#define PML "application/vnd.openxmlformats-officedocument.presentationml."
#define DML "application/vnd.openxmlformats-officedocument.drawingml."
#define REL(id, type, target) "<Relationship Id='" id "' Type='" type "' Target='" target "'/>"
#define EXT(id, type, target) "<Relationship Id='" id "' Type='" type "' Target='" target "' TargetMode='External'/>"
#define XFRM(x, y) "<a:xfrm><a:off x='" x "' y='" y "'/><a:ext cx='100' cy='100'/></a:xfrm>"
#define SHAPE(id, name, place, text) \
    "<p:sp><p:nvSpPr><p:cNvPr id='" id "' name='s'>" name "</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>" place \
    "</p:spPr><p:txBody><a:bodyPr/><a:p><a:r>" text "</a:r></a:p></p:txBody></p:sp>"
#define LINK(inside) SHAPE("7", inside, XFRM("1", "1"), "<a:t>x</a:t>")
#define FRAME(data) \
    "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='9' " \
    "name='obj'/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>" \
    "<p:xfrm><a:off x='11' y='12'/><a:ext cx='13' cy='14'/></p:xfrm><a:graphic><a:graphicData uri='u'>" data \
    "</a:graphicData></a:graphic></p:graphicFrame>"
#define PIC(inside, blip) \
    "<p:pic><p:nvPicPr><p:cNvPr id='0' name=''/><p:cNvPicPr/><p:nvPr>" inside "</p:nvPr></p:nvPicPr><p:blipFill>" blip \
    "</p:blipFill><p:spPr>" XFRM("21", "22") "</p:spPr></p:pic>"
#define TIMING(inside) \
    "<p:timing><p:tnLst><p:par><p:cTn id='1'><p:childTnLst>" inside \
    "</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"
#define SET(spid, id) \
    "<p:set><p:cBhvr><p:cTn id='" id "'/><p:tgtEl><p:spTgt spid='" spid "'/></p:tgtEl></p:cBhvr></p:set>"

typedef struct Part {
    const char *name, *type, *data; /* type NULL: by extension only */
} Part;

typedef struct Case {
    const char *name;
    const char *shapes;       /* in the slide's tree, besides VISIBLE */
    const char *tail;         /* in p:cSld behind the tree */
    const char *after;        /* in p:sld behind p:cSld */
    const char *presentation; /* in p:presentation */
    const char *rels, *main_rels, *root_rels;
    const char *slide; /* the whole of it instead */
    Part parts[4];
    gboolean held;
    MgkKind kind; /* that must be found; METADATA: none */
    const char *kept, *gone;
} Case;

#define KIND(k) .kind = MGK_KIND_##k
#define NOTHING .kind = MGK_KIND_METADATA
#define IMAGE_PART \
    { \
        "ppt/media/image1.png", NULL, "CANARY picture" \
    }
#define IMAGE_REL REL("r5", ODR "image", "../media/image1.png")
#define OLE_REL REL("r6", ODR "oleObject", "../embeddings/o.bin")
#define OLE_PART \
    { \
        "ppt/embeddings/o.bin", NULL, "CANARY MZ" \
    }

static const Case cases[] = {
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

static void add_part(MgkZipWriter *zip, const char *name, const char *data)
{
    ck_assert(mgk_zip_writer_add(zip, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, data, strlen(data), NULL));
}

static void add_format(MgkZipWriter *zip, const char *name, const char *format, const char *a, const char *b)
{
    g_autoptr(GString) text = g_string_new(format);
    g_string_replace(text, "@1", a ? a : "", 0);
    g_string_replace(text, "@2", b ? b : "", 0);
    add_part(zip, name, text->str);
}

static gboolean to_array(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

static char *slide_of(const Case *test)
{
    if (test->slide)
        return g_strdup(test->slide);
    return g_strconcat("<p:sld xmlns:p='" P_URI "' xmlns:a='" A_URI "' xmlns:r='" R_URI "' xmlns:mc='" MC_URI
                       "'><p:cSld><p:spTree><p:nvGrpSpPr>"
                       "<p:cNvPr id='1' name=''/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>" SHAPE(
                           "2", "", XFRM("1", "1"), "<a:t>VISIBLE</a:t>"),
                       test->shapes ? test->shapes : "", "</p:spTree>", test->tail ? test->tail : "", "</p:cSld>",
                       test->after ? test->after : "", "</p:sld>", NULL);
}

static GByteArray *build(const Case *test, const char *type)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(to_array, bytes);
    g_autoptr(GString) overrides = g_string_new(NULL);
    for (const Part *part = test->parts; part < test->parts + G_N_ELEMENTS(test->parts) && part->name; part++) {
        if (part->type)
            g_string_append_printf(overrides, "<Override PartName='/%s' ContentType='%s'/>", part->name, part->type);
    }
    add_format(
        zip, "[Content_Types].xml",
        "<Types xmlns='" CT_URI
        "'><Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        "<Default Extension='xml' ContentType='application/xml'/><Default Extension='png' ContentType='image/png'/>"
        "<Default Extension='svg' ContentType='image/svg+xml'/><Default Extension='vml' "
        "ContentType='application/vnd.openxmlformats-officedocument.vmlDrawing'/>"
        "<Override PartName='/ppt/presentation.xml' ContentType='@2'/>"
        "<Override PartName='/ppt/slides/slide1.xml' ContentType='" PML "slide+xml'/>@1</Types>",
        overrides->str, type);
    add_format(zip, "_rels/.rels",
               "<Relationships xmlns='" REL_URI
               "'>" REL("r1", ODR "officeDocument", "ppt/presentation.xml") "@1</Relationships>",
               test->root_rels, "");
    add_format(zip, "ppt/presentation.xml",
               "<p:presentation xmlns:p='" P_URI "' xmlns:r='" R_URI
               "'><p:sldIdLst><p:sldId id='256' r:id='r1'/></p:sldIdLst>"
               "<p:sldSz cx='9144000' cy='6858000'/><p:notesSz cx='6858000' cy='9144000'/>@1</p:presentation>",
               test->presentation, "");
    add_format(zip, "ppt/_rels/presentation.xml.rels",
               "<Relationships xmlns='" REL_URI "'>" REL("r1", ODR "slide", "slides/slide1.xml") "@1</Relationships>",
               test->main_rels, "");
    g_autofree char *slide = slide_of(test);
    add_part(zip, "ppt/slides/slide1.xml", slide);
    add_format(zip, "ppt/slides/_rels/slide1.xml.rels", "<Relationships xmlns='" REL_URI "'>@1</Relationships>",
               test->rels, "");
    for (const Part *part = test->parts; part < test->parts + G_N_ELEMENTS(test->parts) && part->name; part++)
        add_part(zip, part->name, part->data);
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

/* All parts of an archive, names included, one after another. */
static GString *unpack(const GByteArray *bytes)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(bytes->data, bytes->len, &limits, NULL);
    ck_assert_ptr_nonnull(zip);
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        g_autoptr(GBytes) content = mgk_zip_entry_bytes(zip, entry, 1 << 20, NULL);
        ck_assert_ptr_nonnull(content);
        gsize size = 0;
        const char *data = g_bytes_get_data(content, &size);
        g_string_append(all, entry->name);
        if (g_str_has_suffix(entry->name, "xml") || g_str_has_suffix(entry->name, "rels"))
            g_string_append_len(all, data, (gssize)size);
        else
            ck_assert_msg(!memmem(data, size, "CANARY", 6), "%s has the canary", entry->name);
    }
    return all;
}

static FakeRun *clean(const GByteArray *bytes)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    if (!fake_run_clean(run, bytes->data, bytes->len, "a.pptx", MGK_FORMAT_ID_NONE, &error)) {
        run->outcome.verdict = MGK_VERDICT_HELD;
        g_strlcpy(run->outcome.detail, error->message, sizeof run->outcome.detail);
    }
    return run;
}

#define PLAIN PML "presentation.main+xml"

START_TEST(test_pptx__drops_what_was_planted)
{
    const Case *test = &cases[_i];
    g_autoptr(GByteArray) bytes = build(test, PLAIN);
    g_autoptr(FakeRun) run = clean(bytes);
    MgkVerdict want = test->held ? MGK_VERDICT_HELD : MGK_VERDICT_CLEANED;
    ck_assert_msg(run->outcome.verdict == want, "%s: %s (%s)", test->name, mgk_verdict_name(run->outcome.verdict),
                  run->outcome.detail);
    if (test->kind != MGK_KIND_METADATA)
        ck_assert_msg(fake_run_found(run, test->kind), "%s: no %s", test->name, mgk_kind_info(test->kind)->name);
    ck_assert_msg(!fake_run_found(run, MGK_KIND_SCHEMA_DEVIATION) || test->slide, "%s: schema", test->name);
    if (test->held)
        return;
    g_autoptr(GString) all = unpack(run->output);
    ck_assert_msg(!strstr(all->str, "CANARY"), "%s: %s", test->name, strstr(all->str, "CANARY"));
    ck_assert_msg(strstr(all->str, "VISIBLE") != NULL, "%s: text lost", test->name);
    ck_assert_msg(!test->kept || strstr(all->str, test->kept), "%s: %s lost in %s", test->name, test->kept, all->str);
    ck_assert_msg(!test->gone || !strstr(all->str, test->gone), "%s: %s stays in %s", test->name, test->gone, all->str);
}
END_TEST

START_TEST(test_pptx__cleans_its_output_to_itself)
{
    const Case *test = &cases[_i];
    g_autoptr(GByteArray) bytes = build(test, PLAIN);
    g_autoptr(FakeRun) first = clean(bytes);
    if (!mgk_verdict_crosses(first->outcome.verdict))
        return;
    g_autoptr(FakeRun) second = clean(first->output);
    gboolean same = first->output->len == second->output->len &&
                    memcmp(first->output->data, second->output->data, first->output->len) == 0;
    ck_assert_msg(same, "%s: %u and %u bytes", test->name, first->output->len, second->output->len);
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
    static const Case plain = {.name = "twin"};
    for (guint i = 0; i < G_N_ELEMENTS(twins); i++) {
        g_autoptr(GByteArray) bytes = build(&plain, twins[i].type);
        g_autoptr(FakeRun) run = clean(bytes);
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED && run->outcome.extension == twins[i].extension,
                      "%s: %s extension %u", twins[i].type, run->outcome.detail, run->outcome.extension);
        g_autoptr(GString) all = unpack(run->output);
        ck_assert_msg(strstr(all->str, twins[i].out) && !strstr(all->str, "macroEnabled"), "%s: %s", twins[i].type,
                      all->str);
    }
    g_autoptr(GByteArray) addin = build(&plain, "application/vnd.ms-powerpoint.addin.macroEnabled.main+xml");
    g_autoptr(FakeRun) run = clean(addin);
    ck_assert_msg(!mgk_verdict_crosses(run->outcome.verdict), "an add-in crossed");
}
END_TEST

START_TEST(test_pptx__removes_hidden_shapes_by_policy)
{
    static const Case test = {.name = "off",
                              .shapes = SHAPE("7", "", XFRM("99999999", "0"), "<a:t>CANARY</a:t>"),
                              .after = TIMING(SET("7", "2") SET("2", "3"))};
    g_autoptr(GByteArray) bytes = build(&test, PLAIN);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_HIDDEN_TEXT] = MGK_ACTION_REMOVE;
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "a.pptx", MGK_FORMAT_ID_NONE, NULL));
    g_autoptr(GString) all = unpack(run->output);
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
