#include "engines/pdf_warm.h"

#include "engines/pdf_render.h"

#include <poppler.h>

/* The smallest document: one empty page. */
static const char document[] = "%PDF-1.4\n"
                               "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
                               "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
                               "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
                               "xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
                               "0000000105 00000 n \ntrailer\n<</Size 4/Root 1 0 R>>\nstartxref\n166\n%%EOF\n";

void mgk_pdf_warm(void)
{
    static PopplerDocument *kept; /* never closed, see the header */
    static GBytes *bytes;
    static GIConv converter; /* poppler converts passwords; glibc loads a converter only once it may open files */
    if (kept)
        return;
    converter = g_iconv_open("ISO-8859-1", "UTF-8");
    (void)converter;
    mgk_pdf_render_warm();
    bytes = g_bytes_new_static(document, sizeof document - 1);
    kept = poppler_document_new_from_bytes(bytes, NULL, NULL);
}
