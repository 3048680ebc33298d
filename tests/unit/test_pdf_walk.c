#include "engines/pdf_walk.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

/* What a walk found: one line "kind [where] detail" a finding. */
static GString *found;
static MgkPolicy policy;

static void on_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    (void)job;
    (void)action;
    g_string_append_printf(found, "%s [%s] %s\n", mgk_kind_info(kind)->name, where, detail);
}

static void setup(void)
{
    found = g_string_new(NULL);
    mgk_policy_init(&policy);
}

static void teardown(void)
{
    g_string_free(found, TRUE);
}

static void walk(const GString *pdf)
{
    MgkJob job = {.data = (const guint8 *)pdf->str,
                  .size = pdf->len,
                  .name = "",
                  .policy = &policy,
                  .find = on_find,
                  .outcome.verdict = MGK_VERDICT_CLEANED};
    g_string_truncate(found, 0);
    ck_assert(mgk_pdf_walk(&job, NULL));
    ck_assert_msg(job.outcome.verdict == MGK_VERDICT_CLEANED, "inspection must not hold");
}

/* Objects numbered from first, with a table and a trailer behind them; prev 0 for a first revision. */
static void append_objects(GString *pdf, const char *const *objects, guint first, gsize prev, const char *trailer)
{
    g_autoptr(GString) table = g_string_new(NULL);
    guint n = 0;
    for (; objects[n]; n++) {
        g_string_append_printf(table, "%010" G_GSIZE_FORMAT " 00000 n \n", pdf->len);
        g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", first + n, objects[n]);
    }
    gsize at = pdf->len;
    g_string_append_printf(pdf, "xref\n0 1\n0000000000 65535 f \n%u %u\n%strailer\n<< /Size %u /Root 1 0 R %s", first,
                           n, table->str, first + n, trailer);
    if (prev)
        g_string_append_printf(pdf, " /Prev %" G_GSIZE_FORMAT, prev);
    g_string_append_printf(pdf, " >>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", at);
}

/* A document of one empty page; catalog, page and extra are planted in it. */
static GString *document(const char *catalog, const char *page, const char *extra, const char *trailer)
{
    GString *pdf = g_string_new("%PDF-1.7\n");
    g_autofree char *root = g_strdup_printf("<< /Type /Catalog /Pages 2 0 R %s >>", catalog);
    g_autofree char *leaf = g_strdup_printf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] %s >>", page);
    const char *objects[] = {root, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", leaf, extra, NULL};
    append_objects(pdf, objects, 1, 0, trailer);
    return pdf;
}

static void expect(const char *line, const char *name)
{
    ck_assert_msg(strstr(found->str, line) != NULL, "%s: want \"%s\", got:\n%s", name, line, found->str);
}

START_TEST(test_pdf_walk__every_kind_is_found)
{
    static const struct {
        const char *catalog, *page, *extra, *want;
    } table[] = {
        {"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", "", "null",
         "pdf.javascript [object 1] app.alert(1)"},
        {"/OpenAction << /S /JavaScript /JS (x) >>", "", "null", "pdf.action.open [object 1] JavaScript"},
        {"/Names << /JavaScript << /Names [(a) 4 0 R] >> >>", "", "<< /S /JavaScript /JS (named) >>",
         "pdf.javascript [object 4] named"},
        {"/Open#41ction << /#53 /J#61vaScript /J#53 <6162> >>", "", "null", "pdf.javascript [object 1] ab"},
        {"", "/AA << /O << /S /JavaScript /JS 4 0 R >> >>", "<< /Length 1 >>\nstream\nx\nendstream",
         "pdf.javascript [object 3]"},
        {"", "/AA << /C << /S /Named /N /Print >> >>", "null", "pdf.action.auto [object 3] C"},
        {"", "/Annots [<< /Subtype /Link /A << /S /Launch /F (calc.exe) >> >>]", "null",
         "pdf.launch [object 3] calc.exe"},
        {"", "/Annots [4 0 R]", "<< /Subtype /Link /A << /S /Launch /Win << /F (cmd) >> >> >>",
         "pdf.launch [object 4] cmd"},
        {"", "", "<< /S /URI /URI (javascript:alert) >>", "link.dangerous [object 4] javascript:alert"},
        {"", "", "<< /S /URI /URI (  \\\\\\\\host\\\\share) >>", "link.dangerous [object 4]"},
        {"", "", "<< /S /URI /URI (FILE:///c:/x) >>", "link.dangerous [object 4]"},
        {"", "", "<< /S /GoToR /F << /UF (other.pdf) >> /D [0 /Fit] >>", "pdf.link.remote [object 4] other.pdf"},
        {"", "", "<< /S /GoToE /T << /R /C /N (in.pdf) >> >>", "pdf.link.remote [object 4] in.pdf"},
        {"", "", "<< /S /SubmitForm /F (http://e.example/) >>", "pdf.form.submit [object 4] http://e.example/"},
        {"", "", "<< /S /ImportData /F (d.fdf) >>", "pdf.form.import [object 4] d.fdf"},
        {"", "", "<< /S /ResetForm >>", "pdf.action.other [trailer] ResetForm"},
        {"", "", "<< /S /Named /N /NextPage >>", "pdf.action.other [trailer] NextPage"},
        {"", "", "<< /S /SetOCGState /State [] >>", "pdf.action.other [trailer] SetOCGState"},
        {"", "", "<< /S /Rendition /R null >>", "pdf.multimedia [object 4]"},
        {"", "", "<< /S /Movie >>", "pdf.multimedia [object 4]"},
        {"", "", "<< /Subtype /Sound /Rect [0 0 1 1] >>", "pdf.multimedia [object 4]"},
        {"", "", "<< /Subtype /RichMedia /NM (flash) >>", "pdf.richmedia [object 4] flash"},
        {"", "", "<< /Subtype /3D >>", "pdf.3d [object 4]"},
        {"", "", "<< /Type /Filespec /UF (\\376\\377\\141\\013) /EF << /F null >> >>",
         "pdf.attachment [object 4] \346\204\213"},
        {"", "", "<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream", "pdf.attachment [trailer]"},
        {"/Collection << >>", "", "null", "pdf.portfolio [object 1]"},
        {"/AcroForm << /XFA [] >>", "", "null", "pdf.xfa [object 1]"},
        {"/NeedsRendering true", "", "null", "pdf.xfa [object 1] NeedsRendering"},
        {"/AcroForm << /Fields [4 0 R] >>", "", "<< /FT /Tx /T (a) /V (filled) >>", "pdf.form.filled [] 1"},
        {"/AcroForm << /Fields [4 0 R] >>", "", "<< /FT /Btn /T (a) /V /Off >>", "pdf.form.empty [] 1"},
        {"/OCProperties << /OCGs [4 0 R] /D << /OFF [4 0 R] >> >>", "", "<< /Type /OCG /Name (secret) >>",
         "pdf.layer.hidden [object 1] secret"},
        {"/OCProperties << /OCGs [] /D << /BaseState /OFF >> >>", "", "null", "pdf.layer.hidden [object 1]"},
        {"", "", "<< /Subtype /Text /Rect [0 0 1 1] /F 2 /Contents (psst) >>", "pdf.annotation.hidden [object 4] psst"},
        {"", "", "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> /Name (Taro) >>", "signature.lost [object 4] Taro"},
        {"", "", "<< /F (http://e.example/x) /Length 0 >>\nstream\n\nendstream",
         "pdf.external [object 4] http://e.example/x"},
        {"", "", "<< /Type /XObject /Subtype /PS /Length 0 >>\nstream\n\nendstream", "pdf.postscript [object 4]"},
        {"/Metadata 4 0 R", "", "<< /Type /Metadata /Length 0 >>\nstream\n\nendstream", "metadata [trailer] Metadata"},
        {"", "/Contents [[[[<< /X << /S /Launch /F (deep) >> >>]]]]", "null", "pdf.launch [object 3] deep"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        GString *pdf = document(table[i].catalog, table[i].page, table[i].extra, "");
        walk(pdf);
        expect(table[i].want, table[i].extra);
        g_string_free(pdf, TRUE);
    }
}
END_TEST

START_TEST(test_pdf_walk__an_ordinary_document_gives_nothing)
{
    GString *pdf = document("/OpenAction [3 0 R /Fit] /PageMode /UseNone",
                            "/Annots [<< /Subtype /Link /A << /S /URI /URI (https://e.example/) >> >>]",
                            "<< /Type /StructElem /S /P >>", "");
    walk(pdf);
    ck_assert_msg(found->len == 0, "got:\n%s", found->str);
    g_string_free(pdf, TRUE);
}
END_TEST

START_TEST(test_pdf_walk__what_lies_around_the_document)
{
    static const struct {
        const char *before, *after;
        gsize after_size;
        const char *want;
    } table[] = {{"rubbish\n", "", 0, "pdf.prefix [] 8 bytes"},
                 {"MZ......\n", "", 0, "pdf.polyglot [] program"},
                 {"PK\003\004....\n", "", 0, "pdf.polyglot [] ZIP"},
                 {"", "PK\005\006....", 8, "pdf.polyglot [] ZIP"},
                 {"", "more", 4, "trailing.data [] 5 bytes"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        GString *pdf = document("", "", "null", "");
        g_string_prepend(pdf, table[i].before);
        g_string_append_len(pdf, table[i].after, (gssize)table[i].after_size);
        walk(pdf);
        expect(table[i].want, table[i].before);
        g_string_free(pdf, TRUE);
    }
}
END_TEST

START_TEST(test_pdf_walk__earlier_revisions_are_read)
{
    GString *pdf = document("/OpenAction 4 0 R", "", "<< /S /JavaScript /JS (old) >>", "");
    gsize prev = (gsize)(strstr(pdf->str, "xref\n0 1") - pdf->str);
    const char *const objects[] = {"<< /Nothing true >>", NULL};
    append_objects(pdf, objects, 4, prev, "");
    walk(pdf);
    expect("pdf.revision [] 1", "count");
    expect("pdf.javascript [revision -1, object 4] old", "script of the first version");
    ck_assert(!strstr(found->str, "[object 4]"));
    g_string_free(pdf, TRUE);
}
END_TEST

/* Object 4 lies in an object stream, listed by a cross-reference stream (7.5.7, 7.5.8). */
START_TEST(test_pdf_walk__object_streams_are_opened)
{
    GString *pdf = g_string_new("%PDF-1.7\n");
    static const char *const objects[] = {
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /AA << /O 4 0 R >> >>",
        "<< /Type /ObjStm /N 1 /First 4 /Length 39 >>\nstream\n4 0 << /S /JavaScript /JS (in a stream) >>\nendstream"};
    guint8 table[7][4] = {{0, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0},
                          {2, 0, 5, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(objects); i++) {
        guint id = i < 3 ? i + 1 : 5;
        table[id][1] = (guint8)(pdf->len >> 8);
        table[id][2] = (guint8)pdf->len;
        g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", id, objects[i]);
    }
    gsize at = pdf->len;
    table[6][1] = (guint8)(at >> 8);
    table[6][2] = (guint8)at;
    g_string_append(pdf, "6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length 28 >>\nstream\n");
    g_string_append_len(pdf, (const char *)table, sizeof table);
    g_string_append_printf(pdf, "\nendstream\nendobj\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", at);
    walk(pdf);
    expect("pdf.javascript [object 4] in a stream", "object stream");
    g_string_free(pdf, TRUE);
}
END_TEST

START_TEST(test_pdf_walk__damage_is_a_finding_not_a_failure)
{
    static const char *const table[] = {"%PDF-1.7\n", "%PDF-1.7\nrubbish /JavaScript rubbish\n%%EOF",
                                        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog"};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        GString *pdf = g_string_new(table[i]);
        walk(pdf);
        expect("pdf.damaged", table[i]);
        g_string_free(pdf, TRUE);
    }
    GString *pdf = g_string_new(table[1]);
    walk(pdf);
    expect("pdf.javascript [unlisted object]", "raw bytes");
    g_string_free(pdf, TRUE);
}
END_TEST

START_TEST(test_pdf_walk__objects_that_nothing_refers_to_are_visited)
{
    GString *pdf = document("", "", "null", "");
    const char *const objects[] = {"<< /S /Launch /F (orphan) >>", NULL};
    gsize prev = (gsize)(strstr(pdf->str, "xref\n0 1") - pdf->str);
    append_objects(pdf, objects, 9, prev, "");
    walk(pdf);
    expect("pdf.launch [object 9] orphan", "unreferenced");
    g_string_free(pdf, TRUE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdf_walk");
    TCase *tc = tcase_create("pdf_walk");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_pdf_walk__every_kind_is_found);
    tcase_add_test(tc, test_pdf_walk__an_ordinary_document_gives_nothing);
    tcase_add_test(tc, test_pdf_walk__what_lies_around_the_document);
    tcase_add_test(tc, test_pdf_walk__earlier_revisions_are_read);
    tcase_add_test(tc, test_pdf_walk__object_streams_are_opened);
    tcase_add_test(tc, test_pdf_walk__damage_is_a_finding_not_a_failure);
    tcase_add_test(tc, test_pdf_walk__objects_that_nothing_refers_to_are_visited);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
