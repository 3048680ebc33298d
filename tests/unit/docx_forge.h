/* docx_forge.h - small documents, each with a canary that must not come out, and VISIBLE, which must. Tests only. */
#pragma once

#include "planted.h"

#include <check.h>

#define W_URI "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define W_STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"
#define R_URI "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define MC_URI "http://schemas.openxmlformats.org/markup-compatibility/2006"
#define O_URI "urn:schemas-microsoft-com:office:office"
#define V_URI "urn:schemas-microsoft-com:vml"
#define ODR R_URI "/"
#define MSR "http://schemas.microsoft.com/office/"
#define REL_URI "http://schemas.openxmlformats.org/package/2006/relationships"
#define WML "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define SHOWN "<w:p><w:r><w:t>VISIBLE</w:t></w:r></w:p>"

/* pieces of complex fields, as runs */
#define BEGIN "<w:r><w:fldChar w:fldCharType='begin'/></w:r>"
#define SEPARATE "<w:r><w:fldChar w:fldCharType='separate'/></w:r>"
#define END "<w:r><w:fldChar w:fldCharType='end'/></w:r>"
#define CODE(text) "<w:r><w:instrText xml:space='preserve'>" text "</w:instrText></w:r>"
#define RESULT SEPARATE "<w:r><w:t>VISIBLE</w:t></w:r>" END
#define FIELD(text) "<w:p>" BEGIN CODE(text) RESULT "</w:p>"
#define BLOB "CANARY blob"

typedef struct DocxCase {
    const char *name;
    const char *body;      /* of word/document.xml, or NULL for VISIBLE alone */
    const char *document;  /* the whole of it instead */
    const char *rels;      /* of the document */
    const char *root_rels; /* besides the main document */
    const char *type;      /* of the main document, NULL for docx */
    PlantedPart parts[3];
    MgkVerdict verdict;
    MgkKind kind; /* that must be found; METADATA is always there */
    const char *kept;
} DocxCase;

#define REL(id, type, target) "<Relationship Id='" id "' Type='" type "' Target='" target "'/>"
#define EXT(id, type, target) "<Relationship Id='" id "' Type='" type "' Target='" target "' TargetMode='External'/>"
#define CLEAN .verdict = MGK_VERDICT_CLEANED
#define HELD .verdict = MGK_VERDICT_HELD
#define KIND(k) .kind = MGK_KIND_##k

static inline char *docx_types(const DocxCase *test)
{
    GString *types = g_string_new("<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
                                  "<Default Extension='xml' ContentType='application/xml'/>");
    g_string_append_printf(types, "<Override PartName='/word/document.xml' ContentType='%s'/>",
                           test->type ? test->type : WML "document.main+xml");
    for (guint i = 0; i < G_N_ELEMENTS(test->parts); i++) {
        if (test->parts[i].type)
            g_string_append_printf(types, "<Override PartName='/%s' ContentType='%s'/>", test->parts[i].name,
                                   test->parts[i].type);
    }
    return g_string_free(g_string_append(types, "</Types>"), FALSE);
}

static inline GByteArray *docx_build(const DocxCase *test)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(fake_sink, bytes);
    g_autofree char *types = docx_types(test);
    g_autofree char *document = test->document
                                    ? g_strdup(test->document)
                                    : g_strconcat("<w:document xmlns:w='" W_URI "' xmlns:r='" R_URI "'><w:body>",
                                                  test->body, "</w:body></w:document>", NULL);
    g_autofree char *root =
        g_strconcat("<Relationships xmlns='" REL_URI "'>" REL("r9", ODR "officeDocument", "word/document.xml"),
                    test->root_rels ? test->root_rels : "", "</Relationships>", NULL);
    g_autofree char *rels =
        g_strconcat("<Relationships xmlns='" REL_URI "'>", test->rels ? test->rels : "", "</Relationships>", NULL);
    planted_add(zip, "[Content_Types].xml", types);
    planted_add(zip, "_rels/.rels", root);
    planted_add(zip, "word/document.xml", document);
    planted_add(zip, "word/_rels/document.xml.rels", rels);
    for (guint i = 0; i < G_N_ELEMENTS(test->parts) && test->parts[i].data; i++)
        planted_add(zip, test->parts[i].name, test->parts[i].data);
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}

/* One row of a table: the verdict, what must be found, and what of it comes out. */
static inline void docx_judge(const DocxCase *test)
{
    g_autoptr(GByteArray) bytes = docx_build(test);
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.docx");
    ck_assert_msg(run->outcome.verdict == test->verdict, "%s: %s (%s)", test->name,
                  mgk_verdict_name(run->outcome.verdict), run->outcome.detail);
    if (test->kind != MGK_KIND_METADATA)
        ck_assert_msg(fake_run_found(run, test->kind), "%s: no %s", test->name, mgk_kind_info(test->kind)->name);
    if (test->verdict != MGK_VERDICT_HELD)
        planted_judge(run, test->name, test->kept, NULL);
}

static inline void docx_demand_stable(const DocxCase *test)
{
    g_autoptr(GByteArray) bytes = docx_build(test);
    planted_demand_stable(bytes, "a.docx", test->name);
}
