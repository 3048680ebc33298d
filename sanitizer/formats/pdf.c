/* PDF (ISO 32000-1 and 32000-2, and what poppler makes of files that do not keep to them).
 *
 * Kept: the look of each page, as pixels; the characters that can be seen, as an invisible text layer for search and
 * copy; page sizes and labels, outline, links inside the document, links to http, https and mailto by policy, title.
 * Form fields, comments and stamps stay as they are seen on screen.
 * Goes: everything else, since nothing of the file itself is copied: scripts, actions, attachments, forms, fonts,
 * pictures' own bytes, colour profiles, metadata, earlier revisions, data around the file. Text that cannot be seen is
 * reported and never copied.
 * Output: PDF 1.5, written afresh (engines/pdf_writer.h) by a worker that never saw the input: the decoder renders
 * (engines/pdf_render.h) and sends records (engines/page_stream.h).
 * Drawings ([pdf] pages = outlines): the renderer's operations are noted as numbers (engines/draw_record.h), and
 * written afresh: letters as outlines in Type 3 fonts of ours, lines, areas, gradients, pictures from their pixels.
 * What changes no pixel, and what is painted over, does not cross (engines/draw_cull.h): whole operations, letters,
 * parts of paths, pixels of pictures, as the page shows them at pdf_dpi_min. A page that is one picture, or that is too
 * much or too strange for a drawing, crosses as pixels. Limits of drawings: of a path or letter that is covered in part
 * all of its outline crosses; so do shapes as fine as the page's pixels (letters of a few tenths of a point); a path
 * whose box is larger than 400,000 pixels and that has the paper's own colour may not be noticed. Limits: text drawn
 * only as outlines, and text that a file declares to mean other characters than its shapes, cannot be told from the
 * truth. The invisible text of a scanned page (character recognition) goes, unless the policy keeps it
 * (pdf.text.layer); in a file of exactly our own grammar it stays where the page shows ink. */
#include "formats/formats.h"

#include "checks/checks.h"
#include "engines/page_stream.h"
#include "engines/pdf_page_text.h"
#include "engines/pdf_password.h"
#include "engines/pdf_render.h"
#include "engines/pdf_walk.h"
#include "engines/pdf_writer.h"

#include <string.h>

#define HEADER_WITHIN 1024 /* bytes of rubbish that readers accept before the header */

static guint probe(const MgkProbe *look)
{
    static const char mark[] = "%PDF-";
    gsize within = MIN(look->size, HEADER_WITHIN);
    if (look->size >= 5 && memcmp(look->data, mark, 5) == 0)
        return 95;
    if (memmem(look->data, within, mark, 5))
        return 60;
    return 0;
}

static gboolean write_page_record(MgkPdfWriter *writer, const MgkPageRecord *record, GError **error)
{
    gsize offset = 0;
    MgkPageRun run;
    const MgkPageGlyph *glyphs;
    switch (record->type) {
    case MGK_PAGE_OUTLINE:
        mgk_pdf_writer_outline(writer, &record->outline, record->text);
        return TRUE;
    case MGK_PAGE_PAGE:
        mgk_pdf_writer_begin_page(writer, &record->page, record->text);
        return TRUE;
    case MGK_PAGE_BAND:
        return mgk_pdf_writer_band(writer, &record->band, record->colors, record->data, error);
    case MGK_PAGE_SHAPES:
    case MGK_PAGE_IMAGE:
    case MGK_PAGE_DRAW:
        return mgk_pdf_writer_drawing(writer, record, error);
    case MGK_PAGE_TEXT:
        while (mgk_page_stream_run(record, &offset, &run, &glyphs))
            mgk_pdf_writer_run(writer, &run, glyphs);
        return TRUE;
    case MGK_PAGE_LINK:
        return mgk_pdf_writer_link(writer, &record->link, record->text, error);
    case MGK_PAGE_PAGE_END:
        return mgk_pdf_writer_end_page(writer, error);
    case MGK_PAGE_DOCUMENT_END:
        return mgk_pdf_writer_finish(writer, error);
    case MGK_PAGE_DOCUMENT:
    case MGK_PAGE_PIXELS:
        break;
    }
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "page stream: unexpected record");
    return FALSE;
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkPageReader) reader = mgk_page_reader_new(job);
    MgkPageRecord record;
    if (!mgk_page_reader_next(reader, &record, error))
        return FALSE;
    g_autoptr(MgkPdfWriter) writer = mgk_pdf_writer_new(job, &record.document, record.text, error);
    if (!writer)
        return FALSE;
    do {
        if (!mgk_page_reader_next(reader, &record, error) || !write_page_record(writer, &record, error))
            return FALSE;
    } while (record.type != MGK_PAGE_DOCUMENT_END);
    return TRUE;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->password && !mgk_pdf_password_opens(job))
        return mgk_job_hold(job, MGK_REASON_WRONG_PASSWORD, "");
    /* What was cleaned before keeps its text layer when it passes again. A stranger can copy that form, so only letters
     * over ink stay even then. */
    if (!mgk_pdf_render(job, mgk_check_pdf(job, NULL), error))
        return FALSE;
    if (job->outcome.verdict == MGK_VERDICT_CLEANED)
        job->outcome.verdict = MGK_VERDICT_CONVERTED; /* the same look, by pixels */
    return TRUE;
}

const MgkHandler mgk_format_pdf = {.probe = probe,
                                   .clean = clean,
                                   .walk = mgk_pdf_walk,
                                   .encode = encode,
                                   .check = mgk_check_pdf,
                                   .text = mgk_pdf_page_text};
