#include "engines/pdf_render.h"

#include "engines/bands.h"
#include "engines/blend_groups.h"
#include "engines/draw_cull.h"
#include "engines/draw_send.h"
#include "engines/glyph_watch.h"
#include "engines/pdf_layer.h"
#include "engines/pdf_links.h"
#include "engines/pdf_text.h"

#include <cairo.h>
#include <malloc.h>
#include <math.h>
#include <string.h>

#define STRETCH_PIXELS 16000000 /* a surface: taller pages are rendered stretch by stretch */
#define MAX_SIDE 32000          /* pixels: cairo's own bound is 32767 */
#define SCAN_MIN_DPI 60.0
#define MAX_LABEL 200
#define MAX_TITLE 1000
#define MAX_PAGE_POINTS 200000.0

/* How a page is laid on pixels. */
typedef struct Grid {
    double dpi_x, dpi_y;
    double shift_x, shift_y; /* pixels from the grid's corner to the page's, within half a pixel */
    guint width, height;
} Grid;

typedef struct Render {
    MgkJob *job;
    PopplerDocument *document;
    MgkGlyphWatch *watch;               /* owned */
    MgkDrawRecord *record;              /* owned: when pages are to become drawings, else NULL */
    gboolean recording;                 /* what is painted is noted */
    cairo_surface_t *surface;           /* owned: kept from page to page */
    cairo_font_options_t *font_options; /* owned */
    double next_dpi;                    /* what the page before needed: its neighbour will need the same */
    Grid scan;                          /* of the picture that fills the page, once found */
    gboolean is_scan;
    gboolean own;          /* the input is an output of ours: its text layer may stay where there is ink */
    double width, height;  /* of the page, points */
    MgkPdfTextCount count; /* of the page */
} Render;

static double max_dpi(const Render *render)
{
    const MgkPolicy *policy = render->job->policy;
    double pixels = (double)policy->limits.page_pixels, area = render->width * render->height / (72.0 * 72.0);
    double cap = MIN(sqrt(pixels / area), MAX_SIDE * 72.0 / MAX(render->width, 1));
    /* what is left after rounding up to whole pixels */
    return MIN((double)policy->pdf_dpi_max, cap * 0.99);
}

static double clamp_dpi(const Render *render, double dpi)
{
    return MIN(MAX(dpi, render->job->policy->pdf_dpi_min), max_dpi(render));
}

static void fit(const Render *render, Grid *grid)
{
    grid->width = (guint)MAX(1, ceil(render->width * grid->dpi_x / 72 + grid->shift_x - 0.01));
    grid->height = (guint)MAX(1, ceil(render->height * grid->dpi_y / 72 + grid->shift_y - 0.01));
}

static Grid grid_at(const Render *render, double dpi)
{
    Grid grid = {.dpi_x = dpi, .dpi_y = dpi};
    fit(render, &grid);
    return grid;
}

/* The grid on which the picture's pixels are the page's, when there is such a grid. */
static gboolean grid_of_picture(const Render *render, const MgkPicture *picture, const Grid *seen, Grid *ret_grid)
{
    const cairo_matrix_t *m = &picture->place;
    double width = fabs(m->xx), height = fabs(m->yy);
    if (width < 1 || height < 1)
        return FALSE;
    Grid grid = {.dpi_x = picture->width / width * seen->dpi_x, .dpi_y = picture->height / height * seen->dpi_y};
    double ratio = grid.dpi_x / grid.dpi_y, most = max_dpi(render);
    if (!(ratio > 0.5 && ratio < 2) || grid.dpi_x < SCAN_MIN_DPI || grid.dpi_y < SCAN_MIN_DPI)
        return FALSE;
    double shrink = ceil(MAX(grid.dpi_x, grid.dpi_y) / most - 0.001);
    grid.dpi_x /= MAX(shrink, 1);
    grid.dpi_y /= MAX(shrink, 1);
    double left = MIN(m->x0, m->x0 + m->xx) * grid.dpi_x / seen->dpi_x;
    double top = MIN(m->y0, m->y0 + m->yy) * grid.dpi_y / seen->dpi_y;
    grid.shift_x = round(left) - left;
    grid.shift_y = round(top) - top;
    fit(render, &grid);
    *ret_grid = grid;
    return TRUE;
}

static cairo_surface_t *surface_for(Render *render, guint width, guint height)
{
    if (render->surface && cairo_image_surface_get_width(render->surface) == (int)width &&
        cairo_image_surface_get_height(render->surface) == (int)height)
        return render->surface;
    g_clear_pointer(&render->surface, cairo_surface_destroy);
    render->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    return render->surface;
}

static MgkPdfScale scale_of(const Grid *grid)
{
    MgkPdfScale scale = {.x = 72000 / grid->dpi_x, .y = 72000 / grid->dpi_y};
    scale.left = -grid->shift_x * scale.x;
    scale.top = -grid->shift_y * scale.y;
    return scale;
}

static void render_page(Render *render, PopplerPage *page, cairo_t *cr, const Grid *grid)
{
    MgkPdfScale scale = scale_of(grid);
    if (render->recording)
        mgk_draw_record_begin(render->record, cr, &scale);
    poppler_page_render(page, cr);
    if (render->recording)
        mgk_draw_record_end(render->record);
}

/* Paints rows top … top + rows of the grid. FALSE when a picture made it stop early. */
static gboolean paint(Render *render, PopplerPage *page, const Grid *grid, guint top, guint rows, gboolean may_abandon)
{
    cairo_surface_t *surface = surface_for(render, grid->width, rows);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_set_font_options(cr, render->font_options);
    cairo_translate(cr, grid->shift_x, grid->shift_y - top);
    cairo_scale(cr, grid->dpi_x / 72, grid->dpi_y / 72);
    render->watch->may_abandon = may_abandon;
    mgk_glyph_watch_begin(render->watch, cr, grid->width, grid->height);
    mgk_blend_groups_begin(cr);
    render_page(render, page, cr, grid);
    mgk_blend_groups_begin(NULL);
    cairo_surface_flush(surface);
    mgk_glyph_watch_end(render->watch, surface);
    cairo_destroy(cr);
    return !render->watch->abandoned;
}

static gboolean send_rows(Render *render, guint top, guint rows, GError **error)
{
    MgkPixels pixels = {.data = cairo_image_surface_get_data(render->surface),
                        .stride = (gsize)cairo_image_surface_get_stride(render->surface),
                        .width = (guint)cairo_image_surface_get_width(render->surface),
                        .height = rows,
                        .top = top};
    return mgk_bands_send(render->job, &pixels, error);
}

static gboolean check_surface(Render *render, GError **error)
{
    if (render->surface && cairo_surface_status(render->surface) == CAIRO_STATUS_SUCCESS)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "worker_memory: no surface for the page");
    return FALSE;
}

/* The resolution that the page turned out to need, when it is higher than the one it was rendered with. */
static gboolean wants_more(Render *render, Grid *grid)
{
    double needed = mgk_pdf_text_needs_dpi(render->watch->glyphs, MIN(grid->dpi_x, grid->dpi_y));
    gboolean drawn = needed > 0 || render->watch->strokes > 0;
    double used = MIN(grid->dpi_x, grid->dpi_y), target = clamp_dpi(render, needed);
    if (render->is_scan && !drawn)
        return FALSE;
    if (!render->is_scan)
        render->next_dpi = target;
    if (target <= used * 1.03)
        return FALSE;
    *grid = grid_at(render, target);
    render->is_scan = FALSE;
    return TRUE;
}

/* Paints the page on the right grid, or its first stretch; the grid is settled by looking at what was painted. */
static gboolean settle(Render *render, PopplerPage *page, Grid *ret_grid, GError **error)
{
    Grid grid = grid_at(render, clamp_dpi(render, render->next_dpi));
    gboolean whole = (guint64)grid.width * grid.height <= STRETCH_PIXELS;
    if (!paint(render, page, &grid, 0, whole ? grid.height : 1, TRUE)) {
        Grid scan;
        const MgkPicture *picture = &g_array_index(render->watch->pictures, MgkPicture, 0);
        render->is_scan = grid_of_picture(render, picture, &grid, &scan);
        if (render->is_scan)
            grid = scan;
        whole = (guint64)grid.width * grid.height <= STRETCH_PIXELS;
        paint(render, page, &grid, 0, whole ? grid.height : 1, FALSE);
    }
    if (!check_surface(render, error))
        return FALSE;
    if (whole && wants_more(render, &grid)) {
        whole = (guint64)grid.width * grid.height <= STRETCH_PIXELS;
        paint(render, page, &grid, 0, whole ? grid.height : 1, FALSE);
    }
    *ret_grid = grid;
    return check_surface(render, error);
}

/* A page too large for one surface: each stretch is painted on its own; a glyph seen in any of them is seen. */
static gboolean send_stretches(Render *render, PopplerPage *page, const Grid *grid, GError **error)
{
    guint rows = MAX(STRETCH_PIXELS / grid->width, 64);
    g_autoptr(GArray) seen = NULL;
    for (guint top = 0; top < grid->height; top += rows) {
        guint n = MIN(rows, grid->height - top);
        paint(render, page, grid, top, n, FALSE);
        if (!check_surface(render, error) || !send_rows(render, top, n, error))
            return FALSE;
        GArray *glyphs = render->watch->glyphs;
        for (guint i = 0; i < glyphs->len; i++) {
            MgkGlyph *glyph = &g_array_index(glyphs, MgkGlyph, i);
            glyph->y += top;
            glyph->box[1] += (float)top;
            glyph->box[3] += (float)top;
            if (seen && i < seen->len && g_array_index(seen, MgkGlyph, i).state == MGK_GLYPH_SEEN)
                glyph->state = MGK_GLYPH_SEEN;
        }
        g_clear_pointer(&seen, g_array_unref);
        seen = g_array_copy(glyphs);
    }
    return TRUE;
}

static gboolean send_head(Render *render, PopplerPage *page, const Grid *grid, GError **error)
{
    g_autofree char *raw = poppler_page_get_label(page);
    g_autofree char *label = mgk_pdf_links_plain(raw, MAX_LABEL);
    MgkPageHead head = {.index = (guint32)poppler_page_get_index(page),
                        .width = (gint32)MAX(1, lround(render->width * 1000)),
                        .height = (gint32)MAX(1, lround(render->height * 1000)),
                        .px_width = grid->width,
                        .px_height = grid->height,
                        .millidpi_x = (guint32)MAX(1, lround(grid->dpi_x * 1000)),
                        .millidpi_y = (guint32)MAX(1, lround(grid->dpi_y * 1000)),
                        .left = (gint32)lround(-grid->shift_x * 72000 / grid->dpi_x),
                        .top = (gint32)lround(-grid->shift_y * 72000 / grid->dpi_y)};
    return mgk_page_stream_send(render->job, MGK_PAGE_PAGE, &head, sizeof head, label, strlen(label), error);
}

/* The outlines that we draw say nothing but spaces (engines/pdf_shapes.h): what they show is in the text over them. */
static void forget_spaces(GArray *glyphs)
{
    for (guint i = 0; i < glyphs->len; i++) {
        MgkGlyph *glyph = &g_array_index(glyphs, MgkGlyph, i);
        if (glyph->state != MGK_GLYPH_BLANK && glyph->n_characters == 1 && glyph->characters[0] == ' ')
            glyph->n_characters = 0;
    }
}

static gboolean send_text(Render *render, PopplerPage *page, const Grid *grid, GError **error)
{
    MgkPdfScale scale = scale_of(grid);
    GArray *glyphs = render->watch->glyphs;
    if (render->own)
        forget_spaces(glyphs);
    g_autoptr(GArray) undrawn = mgk_pdf_layout_name(page, glyphs, &scale);
    gboolean whole = (guint)cairo_image_surface_get_height(render->surface) == grid->height;
    gboolean adopt = render->own || render->job->policy->actions[MGK_KIND_PDF_TEXT_LAYER] == MGK_ACTION_KEEP;
    render->count = (MgkPdfTextCount){0};
    if (whole)
        render->count.layer = mgk_pdf_layer_find(undrawn, render->surface, &scale, adopt, glyphs);
    render->count.hidden = undrawn->len - render->count.layer;
    return mgk_pdf_text_send(render->job, render->watch->glyphs, &scale, &render->count, error);
}

static gboolean is_whole(const Grid *grid)
{
    return (guint64)grid->width * grid->height <= STRETCH_PIXELS;
}

/* Paints the page once, noting what it is drawn with; on the grid of the picture that fills it, if there is one. FALSE
 * when that cannot be done in one piece. */
static gboolean note_drawing(Render *render, PopplerPage *page, Grid *ret_grid)
{
    double area = render->width * render->height / (72.0 * 72.0);
    double dpi = MIN(clamp_dpi(render, render->job->policy->pdf_dpi_min), 0.99 * sqrt(STRETCH_PIXELS / area));
    Grid grid = grid_at(render, dpi);
    if (!is_whole(&grid))
        return FALSE;
    render->recording = TRUE;
    if (!paint(render, page, &grid, 0, grid.height, TRUE)) {
        Grid scan;
        const MgkPicture *picture = &g_array_index(render->watch->pictures, MgkPicture, 0);
        render->is_scan = grid_of_picture(render, picture, &grid, &scan) && is_whole(&scan);
        if (render->is_scan)
            grid = scan;
        paint(render, page, &grid, 0, grid.height, FALSE);
    }
    render->recording = FALSE;
    *ret_grid = grid;
    return render->surface && cairo_surface_status(render->surface) == CAIRO_STATUS_SUCCESS;
}

static void report_drawing(Render *render, guint index, gboolean pixels, const MgkDrawCulled *culled)
{
    g_autofree char *where = g_strdup_printf("page %u", index + 1);
    if (pixels) {
        mgk_job_find(render->job, MGK_KIND_PDF_PAGE_PIXELS, where, NULL);
    } else if (culled->operations || culled->parts || culled->pictures) {
        g_autofree char *detail = g_strdup_printf("%u drawings, %u letters and parts, %u pictures", culled->operations,
                                                  culled->parts, culled->pictures);
        mgk_job_find(render->job, MGK_KIND_PDF_HIDDEN_DRAWING, where, detail);
    }
}

/* How a page crosses. */
typedef enum { AS_PIXELS, AS_PAINTED, AS_DRAWING } Form;

/* Tries to make a drawing of the page. AS_PAINTED: it holds nothing but pictures, and is painted already. */
static Form try_drawing(Render *render, PopplerPage *page, Grid *ret_grid)
{
    MgkDrawCulled culled = {0};
    gboolean noted = note_drawing(render, page, ret_grid) && !render->record->over;
    if (noted && !render->record->others)
        return AS_PAINTED;
    gboolean fits = noted && mgk_draw_cull(render->record, render->watch->glyphs, render->surface, &culled) &&
                    mgk_draw_fits(render->record, &render->job->policy->limits);
    report_drawing(render, (guint)poppler_page_get_index(page), !fits, &culled);
    return fits ? AS_DRAWING : AS_PIXELS;
}

static gboolean send_look(Render *render, PopplerPage *page, const Grid *grid, Form form, GError **error)
{
    if (form == AS_DRAWING)
        return mgk_draw_send(render->job, render->record, error);
    return is_whole(grid) ? send_rows(render, 0, grid->height, error) : send_stretches(render, page, grid, error);
}

static gboolean send_page(Render *render, PopplerPage *page, GError **error)
{
    poppler_page_get_size(page, &render->width, &render->height);
    /* also true for what is no number */
    if (!(render->width > 0.01) || !(render->width < MAX_PAGE_POINTS))
        render->width = 612;
    if (!(render->height > 0.01) || !(render->height < MAX_PAGE_POINTS))
        render->height = 792;
    render->is_scan = FALSE;
    Grid grid;
    Form form = render->record ? try_drawing(render, page, &grid) : AS_PIXELS;
    if (form == AS_PIXELS)
        render->is_scan = FALSE;
    return (form != AS_PIXELS || settle(render, page, &grid, error)) && send_head(render, page, &grid, error) &&
           send_look(render, page, &grid, form, error) && send_text(render, page, &grid, error) &&
           mgk_pdf_links_send_page(render->job, render->document, page, error) &&
           render->job->send(render->job, MGK_PAGE_PAGE_END | MGK_RECORD_TURN, NULL, 0, error);
}

/* A page that cannot be read stays as an empty one, so that the others keep their numbers. */
static gboolean send_lost_page(Render *render, guint index, GError **error)
{
    MgkPageHead head = {.index = index,
                        .width = 595000,
                        .height = 842000,
                        .px_width = 1,
                        .px_height = 1,
                        .millidpi_x = 72000,
                        .millidpi_y = 72000};
    g_autofree char *where = g_strdup_printf("page %u", index + 1);
    mgk_job_report(render->job, MGK_KIND_PDF_PAGE_LOST, MGK_ACTION_REMOVE, where, NULL);
    return mgk_page_stream_send(render->job, MGK_PAGE_PAGE, &head, sizeof head, NULL, 0, error) &&
           render->job->send(render->job, MGK_PAGE_PAGE_END | MGK_RECORD_TURN, NULL, 0, error);
}

static void report_page(Render *render, guint index)
{
    g_autofree char *where = g_strdup_printf("page %u", index + 1);
    if (render->count.hidden) {
        g_autofree char *detail = g_strdup_printf("%u characters", render->count.hidden);
        mgk_job_find(render->job, MGK_KIND_PDF_HIDDEN_TEXT, where, detail);
    }
    if (render->count.layer && !render->own) {
        g_autofree char *detail = g_strdup_printf("%u characters", render->count.layer);
        mgk_job_find(render->job, MGK_KIND_PDF_TEXT_LAYER, where, detail);
    }
    if (render->count.overlong) {
        g_autofree char *detail = g_strdup_printf("%u glyphs", render->count.overlong);
        mgk_job_find(render->job, MGK_KIND_PDF_TEXT_MAPPED, where, detail);
    }
}

static gboolean send_pages(Render *render, guint total, guint stride, GError **error)
{
    for (guint index = render->job->first; index < total; index += stride) {
        g_autoptr(PopplerPage) page = poppler_document_get_page(render->document, (int)index);
        if (!(page ? send_page(render, page, error) : send_lost_page(render, index, error)))
            return FALSE;
        if (page)
            report_page(render, index);
    }
    return TRUE;
}

/* What only the first of several decoders sends. Returns the stride of its pages, 0 on error. */
static guint begin_document(MgkJob *job, PopplerDocument *document, guint total, GError **error)
{
    guint stride = job->spread(job, total);
    g_autofree char *raw = poppler_document_get_title(document);
    g_autofree char *title = mgk_pdf_links_plain(raw, MAX_TITLE);
    MgkPageDocument head = {.pages = total};
    if (!mgk_page_stream_send(job, MGK_PAGE_DOCUMENT, &head, sizeof head, title, strlen(title), error) ||
        !mgk_pdf_links_send_outline(job, document, error))
        return 0;
    return MAX(stride, 1);
}

static gboolean send_document(MgkJob *job, PopplerDocument *document, guint total, gboolean own, GError **error)
{
    guint stride = job->first ? MAX(job->stride, 1) : begin_document(job, document, total, error);
    if (!stride)
        return FALSE;
    g_autoptr(MgkGlyphWatch) watch = mgk_glyph_watch_new();
    g_autoptr(MgkDrawRecord) record = job->policy->pdf_outlines ? mgk_draw_record_new() : NULL;
    Render render = {.job = job,
                     .own = own,
                     .document = document,
                     .watch = watch,
                     .record = record,
                     .next_dpi = job->policy->pdf_dpi_min};
    render.font_options = cairo_font_options_create();
    /* Shapes and widths as designed, not fitted to the pixels of one resolution. */
    cairo_font_options_set_hint_style(render.font_options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(render.font_options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(render.font_options, CAIRO_ANTIALIAS_GRAY);
    gboolean ok = send_pages(&render, total, stride, error);
    g_clear_pointer(&render.surface, cairo_surface_destroy);
    cairo_font_options_destroy(render.font_options);
    return ok;
}

/* The renderer frees and takes back the same megabytes for every page; the heap is told to keep them. */
static void tune_heap(void)
{
    mallopt(M_TRIM_THRESHOLD, 512 * 1024 * 1024);
    mallopt(M_TOP_PAD, 8 * 1024 * 1024);
    mallopt(M_MMAP_MAX, 0);
}

static void ignore_log(const char *domain, GLogLevelFlags level, const char *message, gpointer user)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)user;
}

static PopplerDocument *open_document(MgkJob *job, GError **error)
{
    g_log_set_handler("Poppler", G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION, ignore_log, NULL);
    g_autoptr(GBytes) bytes = g_bytes_new_static(job->data, job->size);
    return poppler_document_new_from_bytes(bytes, job->password, error);
}

void mgk_pdf_render_warm(void)
{
    mgk_glyph_watch_warm();
    mgk_blend_groups_warm();
    mgk_draw_record_warm();
}

gboolean mgk_pdf_render(MgkJob *job, gboolean own, GError **error)
{
    tune_heap();
    g_autoptr(GError) local = NULL;
    g_autoptr(PopplerDocument) document = open_document(job, &local);
    if (!document && g_error_matches(local, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        return mgk_job_hold(job, job->password ? MGK_REASON_WRONG_PASSWORD : MGK_REASON_ENCRYPTED, "");
    if (!document) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "PDF cannot be opened: %s",
                    local ? local->message : "no reason given");
        return FALSE;
    }
    int untrusted_pages = poppler_document_get_n_pages(document);
    if (untrusted_pages < 1)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "no pages");
    if ((guint64)untrusted_pages > job->policy->limits.pages)
        return mgk_job_hold(job, MGK_REASON_TOO_LARGE, "pages");
    return send_document(job, document, (guint)untrusted_pages, own, error);
}
