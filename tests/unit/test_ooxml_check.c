/* The checker must let sound packages pass and name the rule that each planted one breaks. */
#include "checks/ooxml.h"
#include "engines/zip_writer.h"
#include "fake_job.h"
#include "pictures.h"

#include <check.h>
#include <string.h>

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define TYPES "http://schemas.openxmlformats.org/package/2006/content-types"
#define RELS "http://schemas.openxmlformats.org/package/2006/relationships"
#define OREL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define OXML "application/vnd.openxmlformats-officedocument."
#define REL(id, type, target) "<Relationship Id=\"" id "\" Type=\"" OREL "/" type "\" Target=\"" target "\"/>"
#define HEAD \
    XML "<Types xmlns=\"" TYPES "\"><Default Extension=\"rels\" " \
        "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>" \
        "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
#define TYPE(part, type) "<Override PartName=\"/" part "\" ContentType=\"" OXML type "\"/>"
#define RHEAD XML "<Relationships xmlns=\"" RELS "\">"
#define RTAIL "</Relationships>"

typedef struct Part {
    const char *name, *text;
} Part;

#define WNS \
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"" OREL "\"" \
    " xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"" \
    " xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\"" \
    " xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"" \
    " xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\""
static const Part docx[] = {
    {"[Content_Types].xml", HEAD TYPE("word/document.xml", "wordprocessingml.document.main+xml")
                                TYPE("word/settings.xml", "wordprocessingml.settings+xml") "<!--T--></Types>"},
    {"_rels/.rels", RHEAD REL("rId1", "officeDocument", "word/document.xml") "<!--P-->" RTAIL},
    {"word/_rels/document.xml.rels",
     RHEAD REL("rId1", "settings",
               "settings.xml") "<Relationship Id=\"rId2\" Type=\"" OREL
                               "/hyperlink\" Target=\"https://example.jp/\" TargetMode=\"External\"/>"
                               "<!--R-->" RTAIL},
    {"word/document.xml", XML "<w:document " WNS "><w:body><w:p><w:pPr><w:keepNext/><w:jc w:val=\"left\"/></w:pPr>"
                              "<w:hyperlink r:id=\"rId2\"><w:r><w:t>役所</w:t></w:r></w:hyperlink></w:p><!--B-->"
                              "<w:sectPr/></w:body></w:document>"},
    {"word/settings.xml", XML "<w:settings " WNS "><!--S--></w:settings>"},
    {NULL, NULL}};

#define XNS "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"" OREL "\""
static const Part xlsx[] = {
    {"[Content_Types].xml", HEAD TYPE("xl/workbook.xml", "spreadsheetml.sheet.main+xml")
                                TYPE("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet+xml")
                                    TYPE("xl/sharedStrings.xml", "spreadsheetml.sharedStrings+xml")
                                        TYPE("xl/styles.xml", "spreadsheetml.styles+xml")
                                            TYPE("xl/tables/table1.xml", "spreadsheetml.table+xml") "<!--T--></Types>"},
    {"_rels/.rels", RHEAD REL("rId1", "officeDocument", "xl/workbook.xml") "<!--P-->" RTAIL},
    {"xl/_rels/workbook.xml.rels",
     RHEAD REL("rId1", "worksheet", "worksheets/sheet1.xml") REL("rId2", "sharedStrings", "/xl/sharedStrings.xml")
         REL("rId3", "styles", "styles.xml") "<!--R-->" RTAIL},
    {"xl/workbook.xml",
     XML "<workbook " XNS "><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/><!--W--></sheets>"
         "<definedNames><definedName name=\"n\">A!$A$1</definedName><!--D--></definedNames></workbook>"},
    {"xl/worksheets/sheet1.xml", XML
     "<worksheet " XNS "><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
     "<row r=\"2\"><c r=\"A2\" s=\"0\"><f>SUM(B2,Table1[[#This Row],[k]])</f><v>1</v></c><!--C--></row></sheetData>"
     "<!--F--><tableParts><tablePart r:id=\"rId1\"/></tableParts></worksheet>"},
    {"xl/worksheets/_rels/sheet1.xml.rels", RHEAD REL("rId1", "table", "../tables/table1.xml") "<!--R-->" RTAIL},
    {"xl/sharedStrings.xml", XML "<sst " XNS "><si><t>品名</t></si><si><r><t>k</t></r></si></sst>"},
    {"xl/styles.xml",
     XML "<styleSheet " XNS "><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
         "<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf fontId=\"0\" xfId=\"0\"/></cellXfs></styleSheet>"},
    {"xl/tables/table1.xml",
     XML "<table " XNS " id=\"1\" displayName=\"Table1\" ref=\"A1:B2\"><tableColumns>"
         "<tableColumn id=\"1\" name=\"品名\"/><tableColumn id=\"2\" name=\"k\"/></tableColumns></table>"},
    {NULL, NULL}};

#define PNS \
    "xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:r=\"" OREL "\"" \
    " xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"" \
    " xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\""
static const Part pptx[] = {
    {"[Content_Types].xml", HEAD "<Default Extension=\"png\" ContentType=\"image/png\"/>" TYPE(
                                "ppt/presentation.xml", "presentationml.presentation.main+xml")
                                TYPE("ppt/slides/slide1.xml", "presentationml.slide+xml") "<!--T--></Types>"},
    {"_rels/.rels", RHEAD REL("rId1", "officeDocument", "ppt/presentation.xml") "<!--P-->" RTAIL},
    {"ppt/_rels/presentation.xml.rels", RHEAD REL("rId1", "slide", "slides/slide1.xml") "<!--R-->" RTAIL},
    {"ppt/presentation.xml",
     XML "<p:presentation " PNS "><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/><!--I--></p:sldIdLst>"
         "<p:notesSz cx=\"1\" cy=\"1\"/><!--E--></p:presentation>"},
    {"ppt/slides/slide1.xml",
     XML "<p:sld " PNS "><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/>"
         "<p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><!--S--></p:spTree></p:cSld></p:sld>"},
    {"ppt/slides/_rels/slide1.xml.rels", RHEAD REL("rId1", "image", "../media/image1.png") "<!--R-->" RTAIL},
    {"ppt/media/image1.png", "PNG"},
    {NULL, NULL}};

static const Part *base_of(MgkFormatId format)
{
    return format == MGK_FORMAT_ID_docx ? docx : format == MGK_FORMAT_ID_xlsx ? xlsx : pptx;
}

static char *without_marks(const char *text)
{
    g_autoptr(GString) out = g_string_new(text);
    for (char *at; (at = strstr(out->str, "<!--"));)
        g_string_erase(out, at - out->str, 8);
    return g_strdup(out->str);
}

/* A row of the tables below: in part, mark is replaced by text; a part that the base has not is added. */
typedef struct Plant {
    MgkFormatId format;
    const char *part, *mark, *text, *rule;
} Plant;

/* The container's own bytes can only speak of parts that are not compressed. */
static gboolean is_about_bytes(const Plant *plant)
{
    return plant->rule && (strcmp(plant->rule, "stored-bytes") == 0 || strcmp(plant->rule, "foreign signature") == 0);
}

static GByteArray *build(const Plant *plant)
{
    const MgkZipMethod method = is_about_bytes(plant) ? MGK_ZIP_STORE : MGK_ZIP_PACK;
    GByteArray *out = g_byte_array_new();
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, out);
    gboolean done = plant->part == NULL;
    for (const Part *part = base_of(plant->format); part->name; part++) {
        g_autoptr(GString) text = g_string_new(part->text);
        if (plant->part && strcmp(plant->part, part->name) == 0) {
            ck_assert_msg(g_string_replace(text, plant->mark, plant->text, 1) == 1, "no %s in %s", plant->mark,
                          part->name);
            done = TRUE;
        }
        g_autofree char *plain = without_marks(text->str);
        g_autoptr(GByteArray) png = strcmp(plain, "PNG") == 0 ? picture_gray_row((const guint8[]){255}, 1, 6) : NULL;
        const void *data = png ? (const void *)png->data : plain;
        gsize size = png ? png->len : strlen(plain);
        ck_assert(mgk_zip_writer_add(writer, part->name, method, MGK_ZIP_EPOCH, data, size, NULL));
    }
    if (!done)
        ck_assert(mgk_zip_writer_add(writer, plant->part, MGK_ZIP_PACK, MGK_ZIP_EPOCH, plant->text, strlen(plant->text),
                                     NULL));
    ck_assert(mgk_zip_writer_finish(writer, NULL));
    return out;
}

static void on_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    (void)action;
    if (kind == MGK_KIND_SCHEMA_DEVIATION)
        g_string_append_printf(job->priv, "%s %s\n", where, detail);
}

/* deviations gets one line each. */
static gboolean check_bytes(const GByteArray *bytes, MgkFormatId format, GString *deviations, GError **error)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    MgkJob job = {.data = bytes->data,
                  .size = bytes->len,
                  .name = "",
                  .policy = &policy,
                  .format = format,
                  .find = on_find,
                  .priv = deviations};
    return format == MGK_FORMAT_ID_docx   ? mgk_check_docx(&job, error)
           : format == MGK_FORMAT_ID_xlsx ? mgk_check_xlsx(&job, error)
                                          : mgk_check_pptx(&job, error);
}

#define D MGK_FORMAT_ID_docx
#define X MGK_FORMAT_ID_xlsx
#define P MGK_FORMAT_ID_pptx
#define BODY "word/document.xml", "<!--B-->"
#define RUN(x) "<w:p><w:r>" x "</w:r></w:p>"
#define FLD(type) "<w:fldChar w:fldCharType=\"" type "\"/>"
#define CODE(text) "<w:instrText>" text "</w:instrText>"
#define SHEET "xl/worksheets/sheet1.xml", "<!--C-->"
#define CELL(f) "<c r=\"B2\"><f>" f "</f></c>"
#define SLIDE "ppt/slides/slide1.xml", "<!--S-->"
#define SP(x) "<p:sp><p:nvSpPr><p:cNvPr id=\"9\" name=\"s\">" x "</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr></p:sp>"
#define EXTERNAL(type, target) \
    "<Relationship Id=\"rId9\" Type=\"" OREL "/" type "\" Target=\"" target "\" TargetMode=\"External\"/>"

static const Plant hostile[] = {
    /* content types */
    {D, "[Content_Types].xml", "document.main+xml", "document.macroEnabled.main+xml", "content-type"},
    {D, "[Content_Types].xml", "<!--T-->",
     "<Default Extension=\"bin\" ContentType=\"application/vnd.ms-office.vbaProject\"/>", "content-type"},
    {X, "[Content_Types].xml", "<!--T-->",
     "<Default Extension=\"bin\" ContentType=\"application/vnd.ms-office.activeX\"/>", "content-type"},
    {X, "[Content_Types].xml", "<!--T-->", TYPE("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
     "content-type-twice"},
    {P, "[Content_Types].xml", "<!--T-->", TYPE("ppt/no.xml", "presentationml.slide+xml"), "type-without-part"},
    {P, "ppt/extra.bin", NULL, "MZ", "part-without-type"},
    {P, "ppt/extra.bin", NULL, "MZ", "unreachable-part"},
    {D, "word/Document.xml", NULL, "<a/>", "share a name"},
    {D, "word/other.xml", NULL, "<a/>", "part-without-type"},
    {P, "ppt/media/image1.png", "PNG", "MZ\x90", "picture"},
    {P, "ppt/media/image1.png", "PNG", "\x89PNG\r\n\x1a\n", "picture"},
    /* relationships */
    {D, "_rels/.rels", "<!--P-->", REL("rId8", "attachedTemplate", "word/settings.xml"), "relationship-type"},
    {D, "_rels/.rels", "<!--P-->",
     "<Relationship Id=\"rId8\" Type=\"http://schemas.microsoft.com/office/2006/relationships/ui/extensibility\" "
     "Target=\"word/settings.xml\"/>",
     "relationship-type"},
    {D, "_rels/.rels", "<!--P-->", "<Relationship Id=\"rId8\" Type=\"urn:x\" Target=\"word/settings.xml\"/>",
     "relationship-type"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", REL("rId9", "image", "media/none.png"), "dangling-relationship"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", REL("rId9", "styles", "../../../etc/passwd"),
     "dangling-relationship"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", REL("rId9", "image", "file:///c:/a.png"), "dangling-relationship"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", REL("rId9", "image", "settings.xml"), "relationship-type"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", REL("rId2", "settings", "settings.xml"), "relationship-twice"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("hyperlink", "file://server/share"), "external-target"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("hyperlink", "\\\\server\\share"), "external-target"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("hyperlink", "javascript:alert(1)"), "external-target"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("hyperlink", "ms-msdt:/id"), "external-target"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("hyperlink", "http&#x9;s://x"), "external-target"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("image", "http://example.jp/a.png"), "external-target"},
    {D, "word/_rels/document.xml.rels", "<!--R-->", EXTERNAL("attachedTemplate", "http://example.jp/a.dotm"),
     "external-target"},
    {X, "xl/_rels/workbook.xml.rels", "<!--R-->", EXTERNAL("externalLinkPath", "http://example.jp/a.xlsx"),
     "external-target"},
    {D, "word/_rels/none.xml.rels", NULL, RHEAD RTAIL, "relationships-without-part"},
    {D, BODY, RUN("<w:drawing r:embed=\"rId77\"/>"), "undeclared-relationship"},
    {D, BODY, RUN("<w:drawing r:link=\"rId2\"/>"), "linked-part"},
    /* XML */
    {D, "word/settings.xml", "<w:settings", "<!DOCTYPE a [<!ENTITY x \"y\">]><w:settings", "malformed-xml"},
    {D, "word/settings.xml", "<w:settings", "<!DOCTYPE w:settings SYSTEM \"http://x/\"><w:settings", "malformed-xml"},
    {D, "word/settings.xml", "<w:settings", "<?xml-stylesheet href=\"x\"?><w:settings", "malformed-xml"},
    {D, "word/settings.xml", "UTF-8", "ISO-8859-1", "malformed-xml"},
    {D, "word/settings.xml", "</w:settings>", "", "malformed-xml"},
    {D, "word/settings.xml", "w:settings", "w:styles", "malformed-xml"},
    {D, BODY, "<x:y xmlns:x=\"urn:unknown\"/>", "unknown-namespace"},
    {D, BODY, "<w:p xmlns:x=\"urn:unknown\" x:y=\"1\"/>", "unknown-namespace"},
    {D, BODY, "<mc:AlternateContent><mc:Choice xmlns:x=\"urn:unknown\" Requires=\"x\"/></mc:AlternateContent>",
     "alternate-content"},
    {D, BODY, "<mc:AlternateContent><mc:Choice Requires=\"nope\"/></mc:AlternateContent>", "alternate-content"},
    {D, BODY, "<mc:AlternateContent><mc:Choice/></mc:AlternateContent>", "alternate-content"},
    {D, BODY, "<w:p mc:Ignorable=\"nope\"/>", "ignorable-undeclared"},
    {D, BODY, "<w:p mc:ProcessContent=\"w:x\"/>", "process-content"},
    {D, BODY, "<w:p mc:MustUnderstand=\"w\"/>", "process-content"},
    {D, BODY, "<w:p xml:base=\"http://x/\"/>", "xml-base"},
    /* Word */
    {D, BODY, "<w:altChunk r:id=\"rId2\"/>", "altchunk"},
    {D, BODY, "<w:subDoc r:id=\"rId2\"/>", "subdocument"},
    {D, BODY, RUN("<w:object/>"), "ole-object"},
    {D, BODY, RUN("<w:control r:id=\"rId2\"/>"), "control"},
    {D, BODY, "<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"/a\"/></w:sdtPr></w:sdt>", "data-binding"},
    {D, BODY, "<w:p><w:contentPart r:id=\"rId2\"/></w:p>", "content-part"},
    {D, "word/settings.xml", "<!--S-->", "<w:attachedTemplate r:id=\"\"/>", "attached-template"},
    {D, "word/settings.xml", "<!--S-->", "<w:mailMerge/>", "mail-merge"},
    {D, "word/settings.xml", "<!--S-->", "<w:docVars/>", "document-variables"},
    {D, "word/settings.xml", "<!--S-->", "<w:saveThroughXslt/>", "xslt"},
    {D, BODY, RUN("<w:ffData><w:entryMacro w:val=\"x\"/></w:ffData>"), "form-macro"},
    {D, BODY, RUN(FLD("begin") CODE("DDEAUTO c:\\\\x") FLD("end")), "field"},
    {D, BODY, RUN(FLD("begin") CODE(" D") "</w:r><w:r>" CODE("DE") FLD("separate") FLD("end")), "field"},
    {D, BODY, RUN(FLD("begin") CODE("DD") "<w:t>E c:\\x</w:t>" FLD("end")), "field"},
    {D, BODY,
     RUN(FLD("begin") FLD("begin") CODE("QUOTE 68") FLD("separate") "<w:t>DDE</w:t>" FLD("end") CODE(" cmd")
             FLD("end")),
     "field"},
    {D, BODY, RUN(FLD("begin") CODE("INCLUDEPICTURE \"http://x/\"")), "field"},
    {D, BODY, RUN(CODE("LINK Excel.Sheet")), "field"},
    {D, BODY, RUN(FLD("begin") "<w:delInstrText>EMBED x</w:delInstrText>" FLD("end")), "field"},
    {D, BODY, RUN(FLD("begin") CODE("<w:t/>DDE") FLD("end")), "markup-in-text"},
    {D, BODY, "<w:fldSimple w:instr=\"MACROBUTTON x\"/>", "field"},
    {D, BODY, "<w:fldSimple w:instr=\" &quot;database&quot; \\d x\"/>", "field"},
    {D, BODY, "<w:fldSimple w:instr=\"HYPERLINK &quot;file:///c:/x&quot;\"/>", "field"},
    {D, BODY, "<w:fldSimple w:instr=\"HYPERLINK \\l a \\\\\\\\host\\\\x\"/>", "field"},
    {D, BODY, RUN("<w:pict><v:shape href=\"file:///c:/x\"/></w:pict>"), "link"},
    {D, BODY, RUN("<w:pict><v:imagedata src=\"http://x/\"/></w:pict>"), "linked-part"},
    {D, BODY, RUN("<w:pict><o:OLEObject/></w:pict>"), "ole-object"},
    {D, BODY, RUN("<w:pict><v:imagedata o:relid=\"rId66\"/></w:pict>"), "undeclared-relationship"},
    {D, BODY, RUN("<a:snd r:embed=\"rId2\"/>"), "media"},
    /* Excel */
    {X, SHEET, CELL("WEBSERVICE(\"http://x\")"), "formula"},
    {X, SHEET, CELL("1+_xlfn.WEBSERVICE (\"http://x\")"), "formula"},
    {X, SHEET, CELL("_xlfn._xlws.PY(0)"), "formula"},
    {X, SHEET, CELL("cmd|'/c calc'!A0"), "formula"},
    {X, SHEET, CELL("[1]Sheet1!A1"), "formula"},
    {X, SHEET, CELL("'C:\\[b.xls]S'!A1"), "formula"},
    {X, SHEET, CELL("HYPERLINK(\"file:\\\\x\")"), "formula"},
    {X, SHEET, CELL("HYPERLINK(\"http://x/\"&amp;A1)"), "formula"},
    {X, SHEET, CELL("CALL(\"k\",\"e\",\"J\")"), "formula"},
    {X, SHEET, CELL("_xll.x()"), "formula"},
    {X, SHEET, CELL("get.workspace(1)"), "formula"},
    {X, "xl/worksheets/sheet1.xml", "<!--F-->",
     "<conditionalFormatting><cfRule "
     "priority=\"1\"><formula>RTD(\"a\",\"\",\"b\")</formula></cfRule></conditionalFormatting>",
     "formula"},
    {X, "xl/worksheets/sheet1.xml", "<!--F-->",
     "<dataValidations><dataValidation sqref=\"A1\"><formula1>[1]S!A1</formula1></dataValidation></dataValidations>",
     "formula"},
    {X, "xl/worksheets/sheet1.xml", "<!--F-->", "<oleObjects/>", "ole-object"},
    {X, "xl/worksheets/sheet1.xml", "<!--F-->", "<controls/>", "control"},
    {X, "xl/worksheets/sheet1.xml", "<!--F-->", "<webPublishItems/>", "web-publish"},
    {X, "xl/workbook.xml", "<!--D-->", "<definedName name=\"x\">REGISTER.ID(\"a\")</definedName>", "formula"},
    {X, "xl/workbook.xml", "<!--D-->", "<definedName name=\"_xlnm.Auto_Open\">A!$A$1</definedName>", "macro-name"},
    {X, "xl/workbook.xml", "<!--D-->", "<definedName name=\"x\" xlm=\"1\">A!$A$1</definedName>", "macro-name"},
    {X, "xl/workbook.xml", "<definedNames>", "<externalReferences/><definedNames>", "external-workbook"},
    {X, "xl/tables/table1.xml", "displayName", "connectionId=\"1\" displayName", "data-connection"},
    {X, "xl/tables/table1.xml", "name=\"k\"/>",
     "name=\"k\"><calculatedColumnFormula>IMAGE(\"http://x\")</calculatedColumnFormula></tableColumn>", "formula"},
    {X, "xl/worksheets/sheet1.xml", "<worksheet", "<macrosheet xmlns=\"urn:a\"/><worksheet", "malformed-xml"},
    /* PowerPoint */
    {P, SLIDE, SP("<a:hlinkClick r:id=\"\" action=\"ppaction://macro?name=x\"/>"), "ppaction"},
    {P, SLIDE, SP("<a:hlinkHover r:id=\"\" action=\"ppaction://program\"/>"), "ppaction"},
    {P, SLIDE, SP("<a:hlinkClick r:id=\"\" action=\"ppaction://ole?verb=0\"/>"), "ppaction"},
    {P, SLIDE, SP("<a:hlinkClick r:id=\"\" action=\"ppaction://hlinkfile\"/>"), "ppaction"},
    {P, SLIDE,
     "<p:graphicFrame><a:graphic><a:graphicData uri=\"x\"><p:oleObj/></a:graphicData></a:graphic></p:graphicFrame>",
     "ole-object"},
    {P, SLIDE,
     "<p:pic><p:nvPicPr><p:cNvPr id=\"4\" name=\"\"/><p:nvPr><a:videoFile "
     "r:link=\"rId1\"/></p:nvPr></p:nvPicPr></p:pic>",
     "media"},
    {P, SLIDE, "<p:contentPart/>", "content-part"},
    {P, "ppt/slides/slide1.xml", "</p:cSld>", "<p:controls/></p:cSld>", "control"},
    {P, "ppt/slides/slide1.xml", "</p:cSld>", "</p:cSld><p:timing><p:cmd cmd=\"verb\"/></p:timing>", "verb"},
    {P, "ppt/presentation.xml", "<!--E-->", "<p:embeddedFontLst/>", "embedded-font"},
    {P, "ppt/presentation.xml", "<!--E-->", "<p:custDataLst/>", "custom-data"},
    {P, "ppt/presentation.xml", "p:presentation", "p:presProps", "malformed-xml"},
    /* bytes that are stored as they are */
    {D, BODY, RUN("<w:t><![CDATA[<script>]]></w:t>"), "stored-bytes"},
    {X, "xl/sharedStrings.xml", "品名", "<![CDATA[<?php ]]>", "stored-bytes"},
    {D, "[Content_Types].xml", "<!--T-->", "<Default Extension=\"%PDF-\" ContentType=\"application/xml\"/>",
     "foreign signature"},
};

static const Plant deviant[] = {
    {D, BODY, "<w:p><w:pPr><w:jc w:val=\"left\"/><w:keepNext/></w:pPr></w:p>", "order: keepNext in pPr"},
    {D, BODY, "<w:tbl><w:tblGrid/><w:tblPr/></w:tbl>", "order: tblPr in tbl"},
    {D, BODY, RUN("<wp:docPr id=\"1\" name=\"\"/><wp:docPr id=\"1\" name=\"\"/>"), "unique: docPr/id=1"},
    {D, BODY, RUN("<wp:docPr id=\"1\"/>"), "required: docPr/name"},
    {X, "xl/worksheets/sheet1.xml", "<!--F-->", "<pageMargins/><mergeCells/>", "order: mergeCells in worksheet"},
    {X, "xl/workbook.xml", "<!--W-->", "<sheet name=\"a\" sheetId=\"2\" r:id=\"rId3\"/>", "unique: sheet/name=a"},
    {X, "xl/workbook.xml", "<!--W-->", "<sheet name=\"b\" sheetId=\"1\" r:id=\"rId3\"/>", "unique: sheet/sheetId=1"},
    {X, SHEET, "<c r=\"B2\" s=\"1\"/>", "index: cell style"},
    {X, SHEET, "<c r=\"B2\" t=\"s\"><v>2</v></c>", "index: shared string"},
    {X, SHEET, "<c r=\"A2\"/>", "cell-order: A2"},
    {X, "xl/worksheets/sheet1.xml", "<row r=\"2\">", "<row r=\"1\">", "row-order: 1"},
    {X, "xl/styles.xml", "fontId=\"0\"", "fontId=\"1\"", "index: font"},
    {X, "xl/sharedStrings.xml", "品名", "品", "table-header: 品名"},
    {X, "xl/tables/table1.xml", "A1:B2", "A2:B3", "table-header: k"},
    {P, "ppt/presentation.xml", "<!--I-->", "<p:sldId id=\"256\" r:id=\"rId1\"/>", "unique: sldId/id=256"},
    {P, "ppt/presentation.xml", "<!--E-->", "<p:sldSz/>", "order: sldSz in presentation"},
    {P, SLIDE, SP("") SP(""), "unique: cNvPr/id=9"},
};

/* What an ordinary document holds and must not be held for. */
static const Plant sound[] = {
    {D, NULL, NULL, NULL, NULL},
    {X, NULL, NULL, NULL, NULL},
    {P, NULL, NULL, NULL, NULL},
    {D, BODY, RUN(FLD("begin") CODE("PAGE ") FLD("separate") "<w:t>DDE 1</w:t>" FLD("end")), NULL},
    {D, BODY, RUN(FLD("begin") CODE("HYPERLINK \"https://example.jp/?a=1&amp;b=2\" \\o \"file:\"") FLD("end")), NULL},
    {D, BODY, "<w:fldSimple w:instr=\"HYPERLINK \\l &quot;_Toc1&quot;\"/>", NULL},
    {D, BODY, "<w:fldSimple w:instr=\"TOC \\o &quot;1-3&quot; \\h\"/>", NULL},
    {X, SHEET, CELL("IF(A2=\"WEBSERVICE(\",\"[1]a|b\",'表 1'!A1)"), NULL},
    {X, SHEET, CELL("HYPERLINK(\"https://example.jp/\",\"役所\")"), NULL},
    {X, SHEET, CELL("_xlfn._xlws.SORT(Table1[[#All],[k]:[品名]])+Table1[[#This Row],[it''s [x]]]"), NULL},
    {X, SHEET, CELL("HYPERLINK(\"#A!A1\")&amp;CALLER(1)"), NULL},
    {X, SHEET, CELL("[0]!months+1"), NULL},
    {P, SLIDE, SP("<a:hlinkClick r:id=\"\" action=\"ppaction://hlinkshowjump?jump=nextslide\"/>"), NULL},
    {D, BODY, RUN("<w:t>&lt;script&gt; %PDF-1.7 &lt;?php</w:t>"), NULL},
};

START_TEST(test_ooxml_check__names_the_broken_rule)
{
    for (guint i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_autoptr(GByteArray) bytes = build(&hostile[i]);
        g_autoptr(GString) deviations = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        gboolean ok = check_bytes(bytes, hostile[i].format, deviations, &error);
        ck_assert_msg(!ok && error && strstr(error->message, hostile[i].rule), "row %u: want %s (%s), got %s", i,
                      hostile[i].rule, hostile[i].text,
                      ok      ? "accepted"
                      : error ? error->message
                              : "no error");
    }
}
END_TEST

START_TEST(test_ooxml_check__reports_departures_from_the_schema_only)
{
    for (guint i = 0; i < G_N_ELEMENTS(deviant); i++) {
        g_autoptr(GByteArray) bytes = build(&deviant[i]);
        g_autoptr(GString) deviations = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        gboolean ok = check_bytes(bytes, deviant[i].format, deviations, &error);
        ck_assert_msg(ok && strstr(deviations->str, deviant[i].rule), "row %u: want %s, got %s%s", i, deviant[i].rule,
                      deviations->str, error ? error->message : "");
    }
}
END_TEST

START_TEST(test_ooxml_check__lets_sound_files_pass)
{
    for (guint i = 0; i < G_N_ELEMENTS(sound); i++) {
        g_autoptr(GByteArray) bytes = build(&sound[i]);
        g_autoptr(GString) deviations = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        gboolean ok = check_bytes(bytes, sound[i].format, deviations, &error);
        ck_assert_msg(ok && deviations->len == 0, "row %u: got %s%s", i, error ? error->message : "", deviations->str);
    }
}
END_TEST

static const struct {
    const char *id, *uri;
} namespaces[] = {
#define LOOK_NAMESPACE(id, uri) {#id, uri},
#define LOOK_ALIAS(id, uri)
#include "checks/ooxml_namespaces.def"
#undef LOOK_NAMESPACE
#undef LOOK_ALIAS
};

static const struct {
    const char *ns, *local, *treatment, *rule;
} element_rows[] = {
#define LOOK_ELEMENT(ns, local, treatment, rule) {#ns, local, #treatment, rule},
#include "checks/ooxml_elements.def"
#undef LOOK_ELEMENT
};

static const struct {
    const char *element_ns, *element, *ns, *local, *treatment, *rule;
} attribute_rows[] = {
#define LOOK_ATTRIBUTE(ens, element, ns, local, treatment, rule) {#ens, element, #ns, local, #treatment, rule},
#include "checks/ooxml_attributes.def"
#undef LOOK_ATTRIBUTE
};

static const char *uri_of(const char *id)
{
    for (guint i = 0; i < G_N_ELEMENTS(namespaces); i++) {
        if (strcmp(namespaces[i].id, id) == 0)
            return namespaces[i].uri;
    }
    return "http://schemas.openxmlformats.org/wordprocessingml/2006/main"; /* ANY */
}

static void expect_rejection(const char *markup, const char *rule)
{
    Plant plant = {D, BODY, markup, rule};
    g_autoptr(GByteArray) bytes = build(&plant);
    g_autoptr(GString) deviations = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    gboolean ok = check_bytes(bytes, D, deviations, &error);
    ck_assert_msg(!ok && strstr(error->message, rule), "want %s for %s, got %s", rule, markup,
                  ok ? "accepted" : error->message);
}

/* What an attribute or text of each treatment must not hold. */
static const char *poison(const char *treatment)
{
    static const char *const table[][2] = {{"OFF", "1"},          {"LINK", "file://x"},
                                           {"FORMULA", "RTD(1)"}, {"CODE", "DDE a b"},
                                           {"FIELD", "DDE a b"},  {"ACTION", "ppaction://macro?name=a"},
                                           {"NOTE", "Button"},    {"AUTONAME", "Auto_Open"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i][0], treatment) == 0)
            return table[i][1];
    }
    return "x";
}

START_TEST(test_ooxml_check__each_element_row_rejects)
{
    for (guint i = 0; i < G_N_ELEMENTS(element_rows); i++) {
        const char *treatment = element_rows[i].treatment, *local = element_rows[i].local;
        if (strcmp(treatment, "SHOWN") == 0 || strcmp(treatment, "VALUE") == 0)
            continue;
        g_autofree char *markup = g_strdup_printf("<q:%s xmlns:q=\"%s\">%s</q:%s>", local, uri_of(element_rows[i].ns),
                                                  poison(treatment), local);
        if (strcmp(element_rows[i].ns, "NONE") == 0) {
            g_free(markup);
            markup = g_strdup_printf("<%s/>", local);
        }
        expect_rejection(markup, element_rows[i].rule);
    }
}
END_TEST

START_TEST(test_ooxml_check__each_attribute_row_rejects)
{
    for (guint i = 0; i < G_N_ELEMENTS(attribute_rows); i++) {
        const char *element = strcmp(attribute_rows[i].element, "*") == 0 ? "p" : attribute_rows[i].element;
        const char *ns = attribute_rows[i].ns;
        gboolean bare = strcmp(ns, "NONE") == 0, xml = strcmp(ns, "XML") == 0;
        g_autofree char *declared = bare || xml ? g_strdup("") : g_strdup_printf("xmlns:s=\"%s\"", uri_of(ns));
        g_autofree char *markup = g_strdup_printf("<q:%s xmlns:q=\"%s\" %s %s%s=\"%s\"/>", element,
                                                  uri_of(attribute_rows[i].element_ns), declared,
                                                  bare  ? ""
                                                  : xml ? "xml:"
                                                        : "s:",
                                                  attribute_rows[i].local, poison(attribute_rows[i].treatment));
        expect_rejection(markup, attribute_rows[i].rule);
    }
}
END_TEST

START_TEST(test_ooxml_check__accounts_for_every_byte)
{
    g_autoptr(GByteArray) good = build(&sound[0]);
    for (guint i = 0; i < 4; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        if (i == 0)
            g_byte_array_append(bytes, (const guint8 *)"MZ", 2);
        g_byte_array_append(bytes, good->data, good->len - (i == 3));
        if (i == 1)
            g_byte_array_append(bytes, (const guint8 *)"x", 1);
        if (i == 2)
            bytes->data[good->len / 2] ^= 0x55;
        g_autoptr(GString) deviations = g_string_new(NULL);
        ck_assert_msg(!check_bytes(bytes, D, deviations, NULL), "variant %u accepted", i);
    }
}
END_TEST

/* Any flipped byte is noticed or harmless: no crash, and never a different set of entries. */
START_TEST(test_ooxml_check__survives_mutation)
{
    g_autoptr(GByteArray) good = build(&sound[2]);
    g_autoptr(GString) deviations = g_string_new(NULL);
    for (guint at = 0; at < good->len; at++) {
        guint8 kept = good->data[at];
        good->data[at] = (guint8)(kept ^ (1 << at % 8));
        check_bytes(good, P, deviations, NULL);
        good->data[at] = kept;
    }
    ck_assert(check_bytes(good, P, deviations, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ooxml_check");
    TCase *tc = tcase_create("ooxml_check");
    tcase_add_test(tc, test_ooxml_check__names_the_broken_rule);
    tcase_add_test(tc, test_ooxml_check__reports_departures_from_the_schema_only);
    tcase_add_test(tc, test_ooxml_check__lets_sound_files_pass);
    tcase_add_test(tc, test_ooxml_check__each_element_row_rejects);
    tcase_add_test(tc, test_ooxml_check__each_attribute_row_rejects);
    tcase_add_test(tc, test_ooxml_check__accounts_for_every_byte);
    tcase_add_test(tc, test_ooxml_check__survives_mutation);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
