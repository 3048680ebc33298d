#include "engines/pdf_links.h"

#include <math.h>
#include <string.h>

#define MAX_OUTLINE 20000
#define MAX_DEPTH 32
#define MAX_LINKS 20000
#define MAX_TITLE 1000
#define MAX_URI 2000

char *mgk_pdf_links_plain(const char *text, gsize max)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    g_autoptr(GString) out = g_string_new("");
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (out->len + 4 > max)
            break;
        if (c == '\t' || c == '\n' || c == '\r')
            g_string_append_c(out, ' ');
        else if (mgk_page_stream_character_ok(c))
            g_string_append_unichar(out, c);
    }
    return g_strdup(g_strstrip(out->str));
}

typedef struct Target {
    guint32 page;
    gint32 x, y;
} Target;

static const Target nowhere = {MGK_PAGE_NO_PAGE, MGK_PAGE_NO_POSITION, MGK_PAGE_NO_POSITION};

static gint32 milli(double value)
{
    return isfinite(value)
               ? (gint32)CLAMP(lround(CLAMP(value, -1e6, 1e6) * 1000), -MGK_PAGE_MAX_LENGTH, MGK_PAGE_MAX_LENGTH)
               : MGK_PAGE_NO_POSITION;
}

/* Destinations are in the page's own coordinates; ours begin at the corner of the crop box. A rotated page's would
 * have to be turned, so there the whole page is shown. */
static void set_position(PopplerDocument *document, const PopplerDest *dest, Target *target)
{
    g_autoptr(PopplerPage) page = poppler_document_get_page(document, (int)target->page);
    if (!page || (dest->type != POPPLER_DEST_XYZ && dest->type != POPPLER_DEST_FITH && dest->type != POPPLER_DEST_FITR))
        return;
    PopplerRectangle box;
    double width, height;
    poppler_page_get_crop_box(page, &box);
    poppler_page_get_size(page, &width, &height);
    if (fabs(box.x2 - box.x1 - width) > 0.5 || fabs(box.y2 - box.y1 - height) > 0.5)
        return;
    if (dest->change_top || dest->type == POPPLER_DEST_FITR)
        target->y = milli(CLAMP(dest->top - box.y1, 0, height));
    if (dest->change_left || dest->type == POPPLER_DEST_FITR)
        target->x = milli(CLAMP(dest->left - box.x1, 0, width));
}

static Target resolve(PopplerDocument *document, const PopplerDest *dest)
{
    Target target = nowhere;
    PopplerDest *named = NULL;
    if (dest && dest->type == POPPLER_DEST_NAMED) {
        named = dest->named_dest ? poppler_document_find_dest(document, dest->named_dest) : NULL;
        dest = named;
    }
    if (dest && dest->type != POPPLER_DEST_NAMED && dest->page_num >= 1 &&
        dest->page_num <= poppler_document_get_n_pages(document)) {
        target.page = (guint32)dest->page_num - 1;
        set_position(document, dest, &target);
    }
    if (named)
        poppler_dest_free(named);
    return target;
}

static Target target_of(PopplerDocument *document, PopplerPage *page, const PopplerAction *action)
{
    if (action->type == POPPLER_ACTION_GOTO_DEST)
        return resolve(document, action->goto_dest.dest);
    if (action->type != POPPLER_ACTION_NAMED || !action->named.named_dest)
        return nowhere;
    gint here = page ? poppler_page_get_index(page) : 0, last = poppler_document_get_n_pages(document) - 1;
    const struct {
        const char *name;
        gint page;
    } named[] = {{"NextPage", here + 1}, {"PrevPage", here - 1}, {"FirstPage", 0}, {"LastPage", last}};
    for (guint i = 0; i < G_N_ELEMENTS(named); i++) {
        if (strcmp(action->named.named_dest, named[i].name) == 0 && named[i].page >= 0 && named[i].page <= last)
            return (Target){(guint32)named[i].page, MGK_PAGE_NO_POSITION, MGK_PAGE_NO_POSITION};
    }
    return nowhere;
}

/* ---- outline ---- */

typedef struct Outline {
    MgkJob *job;
    PopplerDocument *document;
    guint n;
} Outline;

static gboolean send_items(Outline *outline, PopplerIndexIter *iter, guint depth, GError **error)
{
    do {
        if (outline->n++ >= MAX_OUTLINE)
            return TRUE;
        PopplerAction *action = poppler_index_iter_get_action(iter);
        Target target = action ? target_of(outline->document, NULL, action) : nowhere;
        g_autofree char *title = mgk_pdf_links_plain(action ? action->any.title : "", MAX_TITLE);
        if (action)
            poppler_action_free(action);
        MgkPageOutline item = {.depth = depth,
                               .page = target.page,
                               .x = target.x,
                               .y = target.y,
                               .open = poppler_index_iter_is_open(iter) != 0};
        if (!mgk_page_stream_send(outline->job, MGK_PAGE_OUTLINE, &item, sizeof item, title, strlen(title), error))
            return FALSE;
        g_autoptr(PopplerIndexIter) child = depth + 1 < MAX_DEPTH ? poppler_index_iter_get_child(iter) : NULL;
        if (child && !send_items(outline, child, depth + 1, error))
            return FALSE;
    } while (poppler_index_iter_next(iter));
    return TRUE;
}

gboolean mgk_pdf_links_send_outline(MgkJob *job, PopplerDocument *document, GError **error)
{
    g_autoptr(PopplerIndexIter) iter = poppler_index_iter_new(document);
    Outline outline = {.job = job, .document = document};
    return !iter || send_items(&outline, iter, 0, error);
}

/* ---- links ---- */

/* The URI with everything that RFC 3986 does not allow percent-encoded, when it is of a kind that may stay. */
static char *safe_uri(const char *uri)
{
    g_autofree char *escaped =
        uri && strlen(uri) <= MAX_URI ? g_uri_escape_string(uri, "-._~:/?#[]@!$&'()*+,;=%", FALSE) : NULL;
    return escaped && strlen(escaped) <= 2 * MAX_URI && mgk_page_stream_uri_ok(escaped) ? g_steal_pointer(&escaped)
                                                                                        : NULL;
}

static gboolean send_link(MgkJob *job, const PopplerRectangle *area, double height, Target target, const char *uri,
                          GError **error)
{
    MgkPageLink link = {.x1 = milli(MIN(area->x1, area->x2)),
                        .y1 = milli(height - MAX(area->y1, area->y2)),
                        .x2 = milli(MAX(area->x1, area->x2)),
                        .y2 = milli(height - MIN(area->y1, area->y2)),
                        .page = target.page,
                        .x = target.x,
                        .y = target.y};
    if (link.x1 == MGK_PAGE_NO_POSITION || link.y1 == MGK_PAGE_NO_POSITION || link.x2 == MGK_PAGE_NO_POSITION ||
        link.y2 == MGK_PAGE_NO_POSITION)
        return TRUE;
    return mgk_page_stream_send(job, MGK_PAGE_LINK, &link, sizeof link, uri, uri ? strlen(uri) : 0, error);
}

static gboolean send_mapping(MgkJob *job, PopplerDocument *document, PopplerPage *page, double height,
                             const PopplerLinkMapping *mapping, GError **error)
{
    const PopplerAction *action = mapping->action;
    g_autofree char *where = g_strdup_printf("page %d", poppler_page_get_index(page) + 1);
    if (action->type == POPPLER_ACTION_URI) {
        g_autofree char *uri = safe_uri(action->uri.uri);
        if (!uri) {
            mgk_job_report(job, MGK_KIND_LINK_DANGEROUS, MGK_ACTION_REMOVE, where, action->uri.uri);
            return TRUE;
        }
        return mgk_job_find(job, MGK_KIND_LINK_EXTERNAL, where, uri) != MGK_ACTION_KEEP ||
               send_link(job, &mapping->area, height, nowhere, uri, error);
    }
    Target target = target_of(document, page, action);
    return target.page == MGK_PAGE_NO_PAGE || send_link(job, &mapping->area, height, target, NULL, error);
}

gboolean mgk_pdf_links_send_page(MgkJob *job, PopplerDocument *document, PopplerPage *page, GError **error)
{
    double width, height;
    poppler_page_get_size(page, &width, &height);
    GList *links = poppler_page_get_link_mapping(page);
    gboolean ok = TRUE;
    guint n = 0;
    /* poppler lists the last link first */
    for (GList *at = g_list_last(links); at && ok && n < MAX_LINKS; at = at->prev, n++)
        ok = send_mapping(job, document, page, height, at->data, error);
    poppler_page_free_link_mapping(links);
    return ok;
}
