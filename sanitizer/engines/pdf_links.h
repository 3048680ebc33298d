/* pdf_links.h - what leads from place to place in a document: outline, links, page labels. */
#pragma once

#include "engines/page_stream.h"

#include "engines/poppler_auto.h"

/* The document's outline as OUTLINE records; targets outside the document lose their target, not their title. */
gboolean mgk_pdf_links_send_outline(MgkJob *job, PopplerDocument *document, GError **error);
/* The page's links as LINK records: to pages, and to http, https and mailto when the policy keeps them. */
gboolean mgk_pdf_links_send_page(MgkJob *job, PopplerDocument *document, PopplerPage *page, GError **error);
/* A string of the document fit for a record: no controls, no bidi controls, at most max bytes. Owned by the caller. */
char *mgk_pdf_links_plain(const char *text, gsize max);
