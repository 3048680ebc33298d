#include "engines/pdf_page_text.h"

#include "engines/poppler_auto.h"
#include "engines/text_out.h"

gboolean mgk_pdf_page_text(MgkJob *job, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(job->data, job->size);
    g_autoptr(PopplerDocument) document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    if (!document) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "the cleaned PDF cannot be opened");
        return FALSE;
    }
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    int pages = poppler_document_get_n_pages(document);
    gboolean any = FALSE;
    for (int i = 0; i < pages; i++) {
        g_autoptr(PopplerPage) page = poppler_document_get_page(document, i);
        g_autofree char *text = page ? poppler_page_get_text(page) : NULL;
        if (!text || !*text)
            continue;
        g_autofree char *head = pages > 1 ? g_strdup_printf("【%d】\n", i + 1) : g_strdup("");
        mgk_text_out_gap(out);
        mgk_text_out_add(out, head, -1);
        mgk_text_out_add(out, text, -1);
        any = TRUE;
    }
    return any ? mgk_text_out_finish(out, error) : mgk_job_hold(job, MGK_REASON_NO_TEXT, "no page has text");
}
