/* mhtml.c - web pages saved as one MIME message (RFC 2557: multipart/related of a page and all that it shows).
 *
 * Kept: the text of the page, then of the pages in its frames, as html.c makes it. Goes: pictures, styles and all else
 * saved with it, counted; files that Office packs beside a page (oledata.mso and others that are no picture or style)
 * are reported by name. Output: as html.c. Held: more parts or depth than engines/mime_tree.h reads, and what has no
 * page. Limits known: a page that refers to its parts is not told from an advertisement in a frame; both are shown. */
#include "checks/text.h"
#include "engines/mime_tree.h"
#include "engines/page_text.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_mhtml, probe->extension);
    gboolean mime = mgk_recognise_line(head, "mime-version:") || mgk_recognise_line(head, "content-type:");
    gboolean saved = strstr(head, "<saved by") || mgk_recognise_line(head, "snapshot-content-location:");
    return mime && (named || saved) ? 78 : 0;
}

typedef struct Pages {
    MgkMailDraft *draft;     /* borrowed */
    MgkTextOut *out;         /* borrowed */
    const MgkMimePart *root; /* borrowed; the page that comes first */
} Pages;

static gboolean is_page(const MgkMimePart *part)
{
    return strcmp(part->type, "text/html") == 0 || strcmp(part->type, "application/xhtml+xml") == 0;
}

static const MgkMimePart *first_page(const MgkMimePart *part)
{
    const MgkMimePart *found = is_page(part) ? part : NULL;
    for (guint i = 0; i < part->children->len && !found; i++)
        found = first_page(g_ptr_array_index(part->children, i));
    return found;
}

/* The page that Content-Type's start names (RFC 2387, 3.2), else the first. */
static const MgkMimePart *root_page(const MgkMimePart *part)
{
    g_autofree char *start = mgk_mail_params_get(part->params, "start");
    for (guint i = 0; start && i < part->children->len; i++) {
        const MgkMimePart *child = g_ptr_array_index(part->children, i);
        g_autofree char *bracketed = g_strdup_printf("<%s>", child->content_id ? child->content_id : "");
        const MgkMimePart *page = strcmp(bracketed, start) == 0 ? first_page(child) : NULL;
        if (page)
            return page;
    }
    return first_page(part);
}

static void add_page(Pages *pages, const MgkMimePart *part)
{
    g_autoptr(GBytes) bytes = mgk_mime_part_bytes(part);
    g_autofree char *charset = mgk_mail_params_get(part->params, "charset");
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    mgk_page_text_add(pages->draft, pages->out, data, size, charset);
}

static void add_resource(const Pages *pages, const MgkMimePart *part)
{
    static const char *const shown[] = {"image/", "text/", "font/", "application/javascript",
                                        "application/x-javascript"};
    gboolean known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++)
        known |= g_str_has_prefix(part->type, shown[i]);
    mgk_job_find(pages->draft->job, known ? MGK_KIND_PAGE_RESOURCE : MGK_KIND_EMBEDDED_FILE, part->name, part->type);
}

/* All parts but the root page, in order. */
static void walk(Pages *pages, const MgkMimePart *part)
{
    for (guint i = 0; i < part->children->len; i++)
        walk(pages, g_ptr_array_index(part->children, i));
    if (part->children->len || part == pages->root || g_str_has_prefix(part->type, "multipart/"))
        return;
    if (is_page(part))
        add_page(pages, part);
    else
        add_resource(pages, part);
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkMimeTree) tree = mgk_mime_parse(job->data, job->size, &local);
    if (!tree)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, local->message);
    if (tree->defects & (MGK_MIME_TOO_MANY | MGK_MIME_TOO_DEEP))
        return mgk_job_hold(job, MGK_REASON_TOO_MANY, "parts of the saved page");
    g_autoptr(MgkMailDraft) draft = mgk_mail_draft_new(job);
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    Pages pages = {.draft = draft, .out = out, .root = root_page(tree->root)};
    if (!pages.root)
        return mgk_job_hold(job, MGK_REASON_NO_TEXT, "no page in it");
    mgk_page_text_choose(job);
    add_page(&pages, pages.root);
    walk(&pages, tree->root);
    return mgk_page_text_finish(draft, out, error);
}

const MgkHandler mgk_format_mhtml = {.probe = probe, .clean = clean, .check = mgk_check_text};
