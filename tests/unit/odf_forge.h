/* odf_forge.h - small OpenDocument files, as packages and flat, each with a canary that must not come out, and VISIBLE.
 * Tests only. */
#pragma once

#include "pictures.h"
#include "planted.h"

#include <check.h>
#include <string.h>

#define ODF_TYPE "application/vnd.oasis.opendocument."
#define ODF_URN "urn:oasis:names:tc:opendocument:xmlns:"
#define ODF_SPACES \
    "xmlns:office='" ODF_URN "office:1.0' xmlns:style='" ODF_URN "style:1.0' xmlns:text='" ODF_URN \
    "text:1.0' xmlns:table='" ODF_URN "table:1.0' xmlns:draw='" ODF_URN "drawing:1.0' xmlns:fo='" ODF_URN \
    "xsl-fo-compatible:1.0' xmlns:xlink='http://www.w3.org/1999/xlink' xmlns:dc='http://purl.org/dc/elements/1.1/' " \
    "xmlns:meta='" ODF_URN "meta:1.0' xmlns:svg='" ODF_URN "svg-compatible:1.0' xmlns:form='" ODF_URN \
    "form:1.0' xmlns:script='" ODF_URN "script:1.0' xmlns:config='" ODF_URN "config:1.0' xmlns:presentation='" ODF_URN \
    "presentation:1.0' xmlns:anim='" ODF_URN "animation:1.0' xmlns:chart='" ODF_URN "chart:1.0' xmlns:of='" ODF_URN \
    "of:1.2' xmlns:oooc='http://openoffice.org/2004/calc' xmlns:ooow='http://openoffice.org/2004/writer' " \
    "xmlns:ooo='http://openoffice.org/2004/office' xmlns:msoxl='http://schemas.microsoft.com/office/excel/formula' " \
    "xmlns:dom='http://www.w3.org/2001/xml-events' xmlns:xforms='http://www.w3.org/2002/xforms' " \
    "xmlns:calcext='urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0' " \
    "xmlns:field='urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0' " \
    "xmlns:x='urn:example:unknown' xmlns:xhtml='http://www.w3.org/1999/xhtml' " \
    "xmlns:math='http://www.w3.org/1998/Math/MathML' " \
    "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' "

typedef enum { ODF_TEXT, ODF_SHEET, ODF_SLIDES, ODF_DRAWING } OdfBody;

typedef struct OdfCase {
    const char *name;
    OdfBody body;
    const char *content; /* in the body, besides VISIBLE */
    const char *styles;  /* in office:automatic-styles */
    const char *common;  /* in office:styles */
    const char *before;  /* in front of the styles: scripts */
    const char *meta, *settings;
    PlantedPart parts[4]; /* more members; .type: media type in the manifest, NULL: not listed. Then packages only */
    const char *head;     /* in front of the root element of content.xml */
    gboolean held;
    MgkKind kind; /* that must be found; UNKNOWN_MARKUP: none */
    const char *kept, *gone;
} OdfCase;

#define FINDS(k) .kind = MGK_KIND_##k
#define QUIET .kind = MGK_KIND_UNKNOWN_MARKUP

static inline const char *odf_or(const char *text)
{
    return text ? text : "";
}

/* Cells and slides have their places; text and drawings take anything. */
static inline char *odf_body(const OdfCase *test)
{
    static const char *const frames[] = {
        [ODF_TEXT] = "<office:text>%s<text:p>VISIBLE</text:p></office:text>",
        [ODF_SHEET] = "<office:spreadsheet>%s<table:table table:name='T'><table:table-row><table:table-cell "
                      "office:value-type='string'><text:p>VISIBLE</text:p></table:table-cell></table:table-row>"
                      "</table:table></office:spreadsheet>",
        [ODF_SLIDES] = "<office:presentation><draw:page draw:name='page1'>%s<draw:frame><draw:text-box><text:p>VISIBLE"
                       "</text:p></draw:text-box></draw:frame></draw:page></office:presentation>",
        [ODF_DRAWING] = "<office:drawing><draw:page draw:name='page1'>%s<draw:frame><draw:text-box><text:p>VISIBLE"
                        "</text:p></draw:text-box></draw:frame></draw:page></office:drawing>"};
    g_auto(GStrv) halves = g_strsplit(frames[test->body], "%s", 2);
    return g_strconcat("<office:body>", halves[0], odf_or(test->content), halves[1], "</office:body>", NULL);
}

static inline const char *odf_suffix(OdfBody body)
{
    static const char *const suffixes[] = {"text", "spreadsheet", "presentation", "graphics"};
    return suffixes[body];
}

static inline gboolean odf_sink(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

static inline void odf_member(MgkZipWriter *zip, const char *name, const char *root, const char *inside,
                              const char *head)
{
    g_autofree char *text = g_strconcat(odf_or(head), "<office:", root, " " ODF_SPACES "office:version='1.3'>", inside,
                                        "</office:", root, ">", NULL);
    planted_add(zip, name, text);
}

/* A small PNG with a comment that must not come out. */
static inline void odf_picture(MgkZipWriter *zip, const char *name)
{
    g_autoptr(GByteArray) png = picture_png(MGK_RASTER_RGB, 8, 8, 8);
    picture_add_chunk(png, "tEXt", "Comment\0CANARY", 14);
    ck_assert(mgk_zip_writer_add(zip, name, MGK_ZIP_STORE, MGK_ZIP_EPOCH, png->data, png->len, NULL));
}

/* suffix of the media type, NULL: as the body says. */
static inline GByteArray *odf_build(const OdfCase *test, const char *suffix)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(odf_sink, bytes);
    g_autofree char *type = g_strconcat(ODF_TYPE, suffix ? suffix : odf_suffix(test->body), NULL);
    g_autofree char *body = odf_body(test);
    g_autofree char *content = g_strconcat(odf_or(test->before), "<office:automatic-styles>", odf_or(test->styles),
                                           "</office:automatic-styles>", body, NULL);
    g_autofree char *styles = g_strconcat("<office:styles>", odf_or(test->common), "</office:styles>", NULL);
    g_autofree char *meta = g_strconcat("<office:meta>", odf_or(test->meta), "</office:meta>", NULL);
    g_autofree char *settings = g_strconcat("<office:settings>", odf_or(test->settings), "</office:settings>", NULL);
    ck_assert(mgk_zip_writer_add(zip, "mimetype", MGK_ZIP_STORE, MGK_ZIP_EPOCH, type, strlen(type), NULL));
    odf_member(zip, "content.xml", "document-content", content, test->head);
    odf_member(zip, "styles.xml", "document-styles", styles, NULL);
    odf_member(zip, "meta.xml", "document-meta", meta, NULL);
    odf_member(zip, "settings.xml", "document-settings", settings, NULL);
    odf_picture(zip, "Pictures/good.png");
    g_autoptr(GString) manifest = g_string_new("<manifest:manifest xmlns:manifest='" ODF_URN "manifest:1.0'>");
    g_string_append_printf(manifest, "<manifest:file-entry manifest:full-path='/' manifest:media-type='%s'/>", type);
    for (const PlantedPart *part = test->parts; part < test->parts + G_N_ELEMENTS(test->parts) && part->name; part++) {
        if (part->type)
            g_string_append_printf(manifest, "<manifest:file-entry manifest:full-path='%s' manifest:media-type='%s'/>",
                                   part->name, part->type);
        if (!g_str_has_suffix(part->name, "/"))
            planted_add(zip, part->name, part->data);
    }
    g_string_append(manifest, "</manifest:manifest>");
    planted_add(zip, "META-INF/manifest.xml", manifest->str);
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

static inline GByteArray *odf_build_flat(const OdfCase *test)
{
    g_autofree char *body = odf_body(test);
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(GString) text = g_string_new("<?xml version='1.0' encoding='UTF-8'?>");
    g_string_append(text, odf_or(test->head));
    g_string_append(text, "<office:document " ODF_SPACES "office:version='1.3' office:mimetype='" ODF_TYPE);
    g_string_append_printf(text, "%s'><office:meta>%s</office:meta>", odf_suffix(test->body), odf_or(test->meta));
    g_string_append_printf(text, "<office:settings>%s</office:settings>%s", odf_or(test->settings),
                           odf_or(test->before));
    g_string_append_printf(text, "<office:styles>%s</office:styles>", odf_or(test->common));
    g_string_append_printf(text, "<office:automatic-styles>%s</office:automatic-styles>%s</office:document>",
                           odf_or(test->styles), body);
    g_byte_array_append(bytes, (const guint8 *)text->str, (guint)text->len);
    return bytes;
}

/* One row of a table: the verdict, what must be found; what of it comes out is for the caller. */
static inline FakeRun *odf_judge(const OdfCase *test, const GByteArray *bytes, const char *file)
{
    FakeRun *run = planted_clean(bytes, file);
    gboolean crosses = mgk_verdict_crosses(run->outcome.verdict);
    ck_assert_msg(crosses == !test->held, "%s (%s): %s (%s)", test->name, file, mgk_verdict_name(run->outcome.verdict),
                  run->outcome.detail);
    if (test->kind != MGK_KIND_UNKNOWN_MARKUP)
        ck_assert_msg(fake_run_found(run, test->kind), "%s (%s): no %s", test->name, file,
                      mgk_kind_info(test->kind)->name);
    return run;
}

#define P(inside) "<text:p>" inside "</text:p>"
#define FRAME(inside) P("<draw:frame svg:width='1cm' svg:height='1cm'>" inside "</draw:frame>")
#define CELL(attributes) \
    "<table:table table:name='S'><table:table-row><table:table-cell " attributes \
    " office:value-type='float' office:value='42'><text:p>kept42</text:p></table:table-cell></table:table-row>" \
    "</table:table>"
#define FORMULA(text) CELL("table:formula='" text "'")

/* A planted package: verdict, findings, what comes out, and that another cleaning changes nothing. */
static inline void odf_demand_package(const OdfCase *test)
{
    g_autoptr(GByteArray) bytes = odf_build(test, NULL);
    g_autoptr(FakeRun) run = odf_judge(test, bytes, "a.odt");
    if (!test->held)
        planted_judge(run, test->name, test->kept, test->gone);
    planted_demand_stable(bytes, "a.odt", test->name);
}

/* The same document in one XML file. */
static inline void odf_demand_flat(const OdfCase *test)
{
    g_autoptr(GByteArray) bytes = odf_build_flat(test);
    g_autoptr(FakeRun) run = odf_judge(test, bytes, "a.fodt");
    if (test->held)
        return;
    ck_assert_msg(run->outcome.extension == (guint)test->body, "%s: extension %u", test->name, run->outcome.extension);
    g_autofree char *text = g_strndup((const char *)run->output->data, run->output->len);
    ck_assert_msg(!strstr(text, "CANARY"), "%s: %s", test->name, strstr(text, "CANARY"));
    ck_assert_msg(strstr(text, "VISIBLE") != NULL, "%s: text lost", test->name);
    ck_assert_msg(!test->kept || strstr(text, test->kept), "%s: %s lost", test->name, test->kept);
    ck_assert_msg(!test->gone || !strstr(text, test->gone), "%s: %s stays", test->name, test->gone);
    g_autoptr(FakeRun) again = planted_clean(run->output, "a.fodt");
    ck_assert_msg(again->output->len == run->output->len &&
                      memcmp(again->output->data, run->output->data, run->output->len) == 0,
                  "%s: another cleaning changes it", test->name);
}
