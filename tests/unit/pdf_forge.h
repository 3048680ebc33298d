/* pdf_forge.h - small PDFs built in a test: one page, Helvetica as /F, whatever content and further objects. */
#pragma once

#include "engines/poppler_auto.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

/* extra: further objects from number 6 on, each "6 0 obj … endobj\n"; resources: what to add to the page's. Readers
 * rebuild the missing cross-reference table. */
static inline GByteArray *forge_pdf(const char *page_entries, const char *resources, const char *content,
                                    const char *extra)
{
    g_autoptr(GString) out = g_string_new("%PDF-1.7\n");
    g_string_append_printf(out,
                           "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
                           "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
                           "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]%s/Contents 4 0 R"
                           "/Resources<</Font<</F 5 0 R%s>>>>>>\nendobj\n"
                           "4 0 obj\n<</Length %u>>\nstream\n%s\nendstream\nendobj\n"
                           "5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\n"
                           "%strailer\n<</Root 1 0 R/Size 20>>\n%%%%EOF\n",
                           page_entries, resources, (guint)strlen(content), content, extra);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)out->str, (guint)out->len);
    return bytes;
}

/* Cleans and checks; ends the test when that fails. */
static inline FakeRun *clean_pdf(const GByteArray *pdf)
{
    g_autoptr(GError) error = NULL;
    FakeRun *run = fake_run_new();
    gboolean ok = fake_run_clean(run, pdf->data, pdf->len, "a.pdf", MGK_FORMAT_ID_pdf, &error);
    ck_assert_msg(ok, "%s", error ? error->message : "no error");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CONVERTED);
    return run;
}

static inline PopplerDocument *open_output(const FakeRun *run)
{
    g_autoptr(GBytes) bytes = g_bytes_new(run->output->data, run->output->len);
    PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    ck_assert_msg(document != NULL, "the output does not open");
    return document;
}

static inline char *text_of(const FakeRun *run)
{
    g_autoptr(PopplerDocument) document = open_output(run);
    g_autoptr(PopplerPage) page = poppler_document_get_page(document, 0);
    return poppler_page_get_text(page);
}
