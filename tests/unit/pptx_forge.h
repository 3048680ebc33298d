/* pptx_forge.h - small presentations of one slide, each with a canary that must not come out, and VISIBLE. Tests only.
 */
#pragma once

#include "planted.h"

#include <check.h>

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

typedef struct PptxCase {
    const char *name;
    const char *shapes;       /* in the slide's tree, besides VISIBLE */
    const char *tail;         /* in p:cSld behind the tree */
    const char *after;        /* in p:sld behind p:cSld */
    const char *presentation; /* in p:presentation */
    const char *rels, *main_rels, *root_rels;
    const char *slide; /* the whole of it instead */
    PlantedPart parts[4];
    gboolean held;
    MgkKind kind; /* that must be found; METADATA: none */
    const char *kept, *gone;
} PptxCase;

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

static inline void pptx_add(MgkZipWriter *zip, const char *name, const char *format, const char *a, const char *b)
{
    g_autoptr(GString) text = g_string_new(format);
    g_string_replace(text, "@1", a ? a : "", 0);
    g_string_replace(text, "@2", b ? b : "", 0);
    planted_add(zip, name, text->str);
}

static inline char *pptx_slide(const PptxCase *test)
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

static inline GByteArray *pptx_build(const PptxCase *test, const char *type)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(fake_sink, bytes);
    g_autoptr(GString) overrides = g_string_new(NULL);
    for (const PlantedPart *part = test->parts; part < test->parts + G_N_ELEMENTS(test->parts) && part->name; part++) {
        if (part->type)
            g_string_append_printf(overrides, "<Override PartName='/%s' ContentType='%s'/>", part->name, part->type);
    }
    pptx_add(
        zip, "[Content_Types].xml",
        "<Types xmlns='" CT_URI
        "'><Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        "<Default Extension='xml' ContentType='application/xml'/><Default Extension='png' ContentType='image/png'/>"
        "<Default Extension='svg' ContentType='image/svg+xml'/><Default Extension='vml' "
        "ContentType='application/vnd.openxmlformats-officedocument.vmlDrawing'/>"
        "<Override PartName='/ppt/presentation.xml' ContentType='@2'/>"
        "<Override PartName='/ppt/slides/slide1.xml' ContentType='" PML "slide+xml'/>@1</Types>",
        overrides->str, type);
    pptx_add(zip, "_rels/.rels",
             "<Relationships xmlns='" REL_URI
             "'>" REL("r1", ODR "officeDocument", "ppt/presentation.xml") "@1</Relationships>",
             test->root_rels, "");
    pptx_add(zip, "ppt/presentation.xml",
             "<p:presentation xmlns:p='" P_URI "' xmlns:r='" R_URI
             "'><p:sldIdLst><p:sldId id='256' r:id='r1'/></p:sldIdLst>"
             "<p:sldSz cx='9144000' cy='6858000'/><p:notesSz cx='6858000' cy='9144000'/>@1</p:presentation>",
             test->presentation, "");
    pptx_add(zip, "ppt/_rels/presentation.xml.rels",
             "<Relationships xmlns='" REL_URI "'>" REL("r1", ODR "slide", "slides/slide1.xml") "@1</Relationships>",
             test->main_rels, "");
    g_autofree char *slide = pptx_slide(test);
    planted_add(zip, "ppt/slides/slide1.xml", slide);
    pptx_add(zip, "ppt/slides/_rels/slide1.xml.rels", "<Relationships xmlns='" REL_URI "'>@1</Relationships>",
             test->rels, "");
    for (const PlantedPart *part = test->parts; part < test->parts + G_N_ELEMENTS(test->parts) && part->name; part++)
        planted_add(zip, part->name, part->data);
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

#define PLAIN PML "presentation.main+xml"

/* One row of a table: the verdict, what must be found, and what of it comes out. */
static inline void pptx_judge(const PptxCase *test)
{
    g_autoptr(GByteArray) bytes = pptx_build(test, PLAIN);
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.pptx");
    MgkVerdict want = test->held ? MGK_VERDICT_HELD : MGK_VERDICT_CLEANED;
    ck_assert_msg(run->outcome.verdict == want, "%s: %s (%s)", test->name, mgk_verdict_name(run->outcome.verdict),
                  run->outcome.detail);
    if (test->kind != MGK_KIND_METADATA)
        ck_assert_msg(fake_run_found(run, test->kind), "%s: no %s", test->name, mgk_kind_info(test->kind)->name);
    ck_assert_msg(!fake_run_found(run, MGK_KIND_SCHEMA_DEVIATION) || test->slide, "%s: schema", test->name);
    if (!test->held)
        planted_judge(run, test->name, test->kept, test->gone);
}

static inline void pptx_demand_stable(const PptxCase *test)
{
    g_autoptr(GByteArray) bytes = pptx_build(test, PLAIN);
    planted_demand_stable(bytes, "a.pptx", test->name);
}
