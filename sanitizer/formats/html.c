/* html.c - web pages: HTML and XHTML (WHATWG HTML), recognised by doctype, root element or a first tag.
 *
 * A page is a program for a browser, so it leaves as text. Kept: the title, the text as a reader sees it, tables in
 * columns, the true target of every link (by the policy's choice for mails), alternative texts of pictures. Goes:
 * scripts, handlers, forms, frames, pictures, styles, comments, and text that nobody sees; what deceives is reported as
 * in mails (engines/html_text.h). The encoding is that of the byte order mark, of <meta>, or what the bytes show.
 * Output: UTF-8 with byte order mark, CRLF, .txt. Held: pages that show neither text nor pictures (those that a script
 * writes). Limits known: nothing runs, so what only a script would show is lost; frames in other files are named. */
#include "checks/text.h"
#include "engines/page_text.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const char *const starts[] = {"<!doctype html", "<html",  "<head",  "<body", "<script", "<iframe", "<table",
                                         "<title",         "<meta ", "<style", "<div",  "<center", "<h1",     "<img ",
                                         "<form",          "<a href"};
    g_autofree char *head = mgk_recognise_head(probe);
    g_autofree char *root = mgk_recognise_root(head);
    if (MGK_HEAD_STARTS(head, starts) || strcmp(root, "html") == 0 || g_str_has_suffix(root, ":html"))
        return 76;
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_html, probe->extension);
    if (head[0] == '<' && (strstr(head, "<html") || strstr(head, "<body") || strstr(head, "<!doctype html")))
        return 76;
    return named && *head ? 65 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(MgkMailDraft) draft = mgk_mail_draft_new(job);
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    mgk_page_text_choose(job);
    return mgk_page_text_add(draft, out, job->data, job->size, NULL) && mgk_page_text_finish(draft, out, error);
}

const MgkHandler mgk_format_html = {.probe = probe, .clean = clean, .check = mgk_check_text};
