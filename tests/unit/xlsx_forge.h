/* xlsx_forge.h - builds workbooks in memory from their parts, with one snippet planted in a chosen place. Tests only.
 */
#pragma once

#include "engines/zip_reader.h"
#include "engines/zip_writer.h"
#include "fake_job.h"

#include <string.h>

#define X_URI "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define R_URI "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define ODR_URI R_URI "/"
#define SML_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* Where a snippet goes; each place has a harmless default. */
typedef enum {
    FORGE_CELLS,       /* cells of row 2 after A2 */
    FORGE_AFTER,       /* worksheet, between sheetData and hyperlinks: conditional formats, validations */
    FORGE_LINKS,       /* worksheet, hyperlinks */
    FORGE_EXT,         /* worksheet, extLst */
    FORGE_NAMES,       /* workbook, in definedNames */
    FORGE_BOOK,        /* workbook, after definedNames */
    FORGE_COLUMN,      /* table, in the second column */
    FORGE_PIVOT_FIELD, /* pivot cache, attributes of the second field */
    FORGE_PIVOT_ITEMS, /* pivot cache, after the fields */
    FORGE_PIVOT_SOURCE,
    FORGE_CHART_TITLE,
    FORGE_CHART_NAME,
    FORGE_CHART_CATEGORY,
    FORGE_CHART_VALUE,
    FORGE_SHAPE,      /* drawing, attributes of a shape */
    FORGE_USER_SHAPE, /* drawing in a chart, attributes of a shape */
    FORGE_VML,        /* legacy drawing, shapes */
    FORGE_BOOK_RELS,  /* workbook, relationships */
    FORGE_SHEETS,     /* workbook, sheets */
    FORGE_TYPES,      /* content types */
    FORGE_PLACES
} ForgePlace;

static const char *const forge_defaults[FORGE_PLACES] = {
    [FORGE_CELLS] = "<c r=\"B2\"><f>A2*6</f><v>42</v></c>",
    [FORGE_NAMES] = "<definedName name=\"Rate\">Data!$A$2</definedName>",
    [FORGE_PIVOT_SOURCE] =
        "<cacheSource type=\"worksheet\"><worksheetSource ref=\"A1:B2\" sheet=\"Data\"/></cacheSource>",
    [FORGE_CHART_NAME] = "<c:tx><c:strRef><c:f>Data!$B$1</c:f><c:strCache><c:ptCount val=\"1\"/><c:pt idx=\"0\">"
                         "<c:v>Sum</c:v></c:pt></c:strCache></c:strRef></c:tx>",
    [FORGE_CHART_VALUE] = "<c:val><c:numRef><c:f>Data!$B$2</c:f><c:numCache><c:formatCode>General</c:formatCode>"
                          "<c:ptCount val=\"1\"/><c:pt idx=\"0\"><c:v>42</c:v></c:pt></c:numCache></c:numRef></c:val>",
    [FORGE_SHAPE] = "macro=\"\" textlink=\"\"",
    [FORGE_USER_SHAPE] = "macro=\"\" textlink=\"\"",
};

typedef struct ForgePart {
    const char *name, *text; /* in text, {n} is place n */
} ForgePart;

#define REL(id, type, target) "<Relationship Id=\"" id "\" Type=\"" ODR_URI type "\" Target=\"" target "\"/>"
#define RELS(content) \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" content "</" \
    "Relationships>"
#define OVERRIDE(part, type) "<Override PartName=\"" part "\" ContentType=\"" type "\"/>"
#define DML_NS \
    " xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:c=\"http://schemas.openxmlformats.org/" \
    "drawingml/2006/chart\" xmlns:r=\"" R_URI "\""
#define XDR_NS " xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\""
#define SHAPE_BODY(p) \
    "<" p ":nvSpPr><" p ":cNvPr id=\"3\" name=\"s\"/><" p ":cNvSpPr/></" p ":nvSpPr><" p \
    ":spPr><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></" p ":spPr>"
#define ANCHOR \
    "<xdr:from><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff>" \
    "</xdr:from><xdr:to><xdr:col>9</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>9</xdr:row><xdr:rowOff>0</xdr:rowOff>" \
    "</xdr:to>"

static const ForgePart forge_parts[] = {
    {"[Content_Types].xml",
     "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
     "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
     "ContentType=\"application/xml\"/><Default Extension=\"vml\" "
     "ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>" OVERRIDE(
         "/xl/workbook.xml", SML_TYPE "sheet.main+xml") OVERRIDE("/xl/worksheets/sheet1.xml", SML_TYPE "worksheet+xml")
         OVERRIDE("/xl/tables/table1.xml", SML_TYPE "table+xml") OVERRIDE("/xl/pivotCache/pivotCacheDefinition1.xml",
                                                                          SML_TYPE "pivotCacheDefinition+xml")
             OVERRIDE("/xl/drawings/drawing1.xml", "application/vnd.openxmlformats-officedocument.drawing+xml")
                 OVERRIDE("/xl/charts/chart1.xml", "application/vnd.openxmlformats-officedocument.drawingml.chart+xml")
                     OVERRIDE("/xl/drawings/shapes1.xml",
                              "application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml")
                         OVERRIDE("/xl/comments1.xml", SML_TYPE "comments+xml") "{19}</Types>"},
    {"_rels/.rels", RELS(REL("rId1", "officeDocument", "xl/workbook.xml"))},
    {"xl/workbook.xml", "<workbook xmlns=\"" X_URI "\" xmlns:r=\"" R_URI
                        "\"><sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"rId1\"/>{18}</sheets><definedNames>{4}"
                        "</definedNames>{5}<pivotCaches><pivotCache cacheId=\"1\" r:id=\"rId2\"/></pivotCaches>"
                        "</workbook>"},
    {"xl/_rels/workbook.xml.rels", RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml") REL(
                                       "rId2", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml") "{17}")},
    {"xl/worksheets/sheet1.xml",
     "<worksheet xmlns=\"" X_URI "\" xmlns:r=\"" R_URI
     "\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" "
     "xmlns:x14=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main\" "
     "xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" "
     "t=\"str\"><v>Head</v></c><c r=\"B1\" t=\"str\"><v>Sum</v></c></row><row r=\"2\"><c r=\"A2\"><v>7</v></c>{0}"
     "</row></sheetData>{1}{2}<drawing r:id=\"rId1\"/><legacyDrawing r:id=\"rId3\"/><tableParts count=\"1\">"
     "<tablePart r:id=\"rId2\"/></tableParts>{3}</worksheet>"},
    {"xl/worksheets/_rels/sheet1.xml.rels",
     RELS(REL("rId1", "drawing", "../drawings/drawing1.xml") REL("rId2", "table", "../tables/table1.xml")
              REL("rId3", "vmlDrawing", "../drawings/vml1.vml") REL("rId4", "comments", "../comments1.xml"))},
    {"xl/comments1.xml", "<comments xmlns=\"" X_URI
                         "\"><authors><author>a</author></authors><commentList><comment ref=\"A1\" authorId=\"0\">"
                         "<text><t>note</t></text></comment></commentList></comments>"},
    {"xl/drawings/vml1.vml",
     "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" "
     "xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shapetype id=\"t\" coordsize=\"21600,21600\" o:spt=\"202\" "
     "path=\"m,l,21600r21600,l21600,xe\"/><v:shape id=\"s1\" type=\"#t\" style=\"visibility:hidden\"><x:ClientData "
     "ObjectType=\"Note\"><x:Row>0</x:Row><x:Column>0</x:Column></x:ClientData></v:shape>{16}</xml>"},
    {"xl/tables/table1.xml",
     "<table xmlns=\"" X_URI "\" id=\"1\" name=\"T\" displayName=\"T\" ref=\"A1:B2\"><tableColumns count=\"2\">"
     "<tableColumn id=\"1\" name=\"Head\"/><tableColumn id=\"2\" "
     "name=\"Sum\">{6}</tableColumn></tableColumns></table>"},
    {"xl/pivotCache/pivotCacheDefinition1.xml",
     "<pivotCacheDefinition xmlns=\"" X_URI "\" xmlns:r=\"" R_URI
     "\" refreshOnLoad=\"1\" refreshedBy=\"CANARY\">{9}<cacheFields count=\"2\"><cacheField name=\"Head\"/><cacheField "
     "name=\"Sum\" {7}/></cacheFields>{8}</pivotCacheDefinition>"},
    {"xl/drawings/drawing1.xml",
     "<xdr:wsDr" XDR_NS DML_NS "><xdr:twoCellAnchor>" ANCHOR
     "<xdr:graphicFrame macro=\"\"><xdr:nvGraphicFramePr><xdr:cNvPr id=\"2\" name=\"Chart\"/>"
     "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"0\" cy=\"0\"/>"
     "</xdr:xfrm><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart "
     "r:id=\"rId1\"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>"
     "<xdr:twoCellAnchor>" ANCHOR "<xdr:sp {14}>" SHAPE_BODY("xdr") "</xdr:sp><xdr:clientData/></xdr:twoCellAnchor>"
                                                                    "</xdr:wsDr>"},
    {"xl/drawings/_rels/drawing1.xml.rels", RELS(REL("rId1", "chart", "../charts/chart1.xml"))},
    {"xl/charts/chart1.xml",
     "<c:chartSpace" DML_NS "><c:chart>{10}<c:plotArea><c:layout/><c:barChart><c:barDir val=\"col\"/><c:ser><c:idx "
     "val=\"0\"/><c:order val=\"0\"/>{11}{12}{13}</c:ser><c:axId val=\"1\"/><c:axId val=\"2\"/></c:barChart>"
     "</c:plotArea></c:chart><c:userShapes r:id=\"rId1\"/></c:chartSpace>"},
    {"xl/charts/_rels/chart1.xml.rels", RELS(REL("rId1", "chartUserShapes", "../drawings/shapes1.xml"))},
    {"xl/drawings/shapes1.xml",
     "<c:userShapes" DML_NS " xmlns:cdr=\"http://schemas.openxmlformats.org/drawingml/2006/chartDrawing\">"
     "<cdr:relSizeAnchor><cdr:from><cdr:x>0</cdr:x><cdr:y>0</cdr:y></cdr:from><cdr:to><cdr:x>1</cdr:x><cdr:y>1</cdr:y>"
     "</cdr:to><cdr:sp {15}>" SHAPE_BODY("cdr") "</cdr:sp></cdr:relSizeAnchor></c:userShapes>"},
};

/* The text of a part with its places filled. */
static char *forge_fill(const char *text, const char *const snippets[FORGE_PLACES])
{
    g_autoptr(GString) out = g_string_new(NULL);
    while (*text) {
        char *end = NULL;
        guint64 place = *text == '{' && g_ascii_isdigit(text[1]) ? g_ascii_strtoull(text + 1, &end, 10) : FORGE_PLACES;
        if (place < FORGE_PLACES && *end == '}') {
            const char *snippet = snippets[place] ? snippets[place] : forge_defaults[place];
            g_string_append(out, snippet ? snippet : "");
            text = end + 1;
        } else {
            g_string_append_c(out, *text++);
        }
    }
    return g_strdup(out->str);
}

/* A workbook; extra parts (terminated by a NULL name) replace those of the same name or are added. */
static GByteArray *forge_workbook(const char *const snippets[FORGE_PLACES], const ForgePart *extra)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, bytes);
    for (guint i = 0; i < G_N_ELEMENTS(forge_parts); i++) {
        g_autofree char *text = forge_fill(forge_parts[i].text, snippets);
        gboolean replaced = FALSE;
        for (const ForgePart *other = extra; other && other->name; other++)
            replaced |= strcmp(other->name, forge_parts[i].name) == 0;
        if (!replaced)
            g_assert(
                mgk_zip_writer_add(writer, forge_parts[i].name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, text, strlen(text), NULL));
    }
    for (const ForgePart *part = extra; part && part->name; part++)
        g_assert(
            mgk_zip_writer_add(writer, part->name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, part->text, strlen(part->text), NULL));
    g_assert(mgk_zip_writer_finish(writer, NULL));
    return bytes;
}

/* All members of an archive behind each other: "name\ncontent\n". */
static char *forge_open(const guint8 *data, gsize size, const MgkLimits *limits)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_autoptr(MgkZip) zip = mgk_zip_open(data, size, limits, NULL);
    g_assert(zip);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        g_autoptr(GBytes) bytes = mgk_zip_entry_bytes(zip, mgk_zip_entry(zip, i), 1u << 30, NULL);
        g_assert(bytes);
        gsize length = 0;
        const char *text = g_bytes_get_data(bytes, &length);
        g_string_append_printf(all, "%s\n%.*s\n", mgk_zip_entry(zip, i)->name, (int)length, text ? text : "");
    }
    return g_strdup(all->str);
}
