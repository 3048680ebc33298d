#include "engines/draw_cull.h"

#include <math.h>
#include <string.h>

#define MIN_COVER 64 /* pixels: less hides nothing */
#define MIN_LINE 3   /* pixels: thinner lines hide nothing */
#define MAX_PATCHES 64

typedef struct Cull {
    MgkDrawRecord *record;
    const GArray *glyphs;
    cairo_surface_t *page, *cover; /* cover: owned, A8: 255 is hidden */
    cairo_t *cr;                   /* owned, on cover; page thousandths of a point */
    guint clip;                    /* in force in cr */
    MgkDrawBox reach;              /* where cover is not empty */
    GArray *patches;               /* of MgkDrawBox */
    MgkDrawCulled *culled;
} Cull;

static guint8 *row_of(cairo_surface_t *surface, gint y)
{
    return cairo_image_surface_get_data(surface) + (gsize)y * (gsize)cairo_image_surface_get_stride(surface);
}

static gboolean meets(const MgkDrawBox *a, const MgkDrawBox *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Notes' boxes are a pixel wider than what they hold. */
static MgkDrawBox inner(const MgkDrawBox *box)
{
    gboolean wide = box->right - box->left > 2, high = box->bottom - box->top > 2;
    return (MgkDrawBox){box->left + wide, box->top + high, box->right - wide, box->bottom - high};
}

/* Is all of the box hidden? *ret_some, when given: is some of it? */
static gboolean hidden(const Cull *cull, const MgkDrawBox *box, gboolean *ret_some)
{
    gboolean some = FALSE, all = TRUE;
    if (meets(box, &cull->reach)) {
        for (gint y = box->top; y < box->bottom && (all || (ret_some && !some)); y++) {
            const guint8 *row = row_of(cull->cover, y);
            for (gint x = box->left; x < box->right; x++) {
                some = some || row[x] == 255;
                all = all && row[x] == 255;
                if (!all && (some || !ret_some))
                    break;
            }
        }
    } else {
        all = FALSE;
    }
    if (ret_some)
        *ret_some = some;
    return all;
}

/* ---- covers ---- */

static void put_path(cairo_t *cr, const guint32 *words, guint n)
{
    cairo_new_path(cr);
    for (guint i = 0; i < n;) {
        guint32 verb = words[i++];
        gint32 p[6] = {0};
        guint numbers = mgk_path_numbers(verb);
        memcpy(p, words + i, numbers * sizeof *p);
        i += numbers;
        if (verb == MGK_PATH_MOVE)
            cairo_move_to(cr, p[0], p[1]);
        else if (verb == MGK_PATH_LINE)
            cairo_line_to(cr, p[0], p[1]);
        else if (verb == MGK_PATH_CURVE)
            cairo_curve_to(cr, p[0], p[1], p[2], p[3], p[4], p[5]);
        else
            cairo_close_path(cr);
    }
}

static void add_clip(const MgkDrawRecord *record, cairo_t *cr, guint number)
{
    if (!number)
        return;
    const MgkDrawClip *clip = &g_array_index(record->clips, MgkDrawClip, number - 1);
    add_clip(record, cr, clip->parent);
    put_path(cr, &g_array_index(record->words, guint32, clip->path), clip->n_path);
    cairo_set_fill_rule(cr, clip->rule ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
    cairo_clip(cr);
}

static void set_clip(Cull *cull, guint number)
{
    if (cull->clip == number)
        return;
    cairo_reset_clip(cull->cr);
    add_clip(cull->record, cull->cr, number);
    cull->clip = number;
}

static void put_place(cairo_t *cr, const gint32 *m)
{
    cairo_new_path(cr);
    cairo_move_to(cr, m[4], m[5]);
    cairo_line_to(cr, (double)m[4] + m[0], (double)m[5] + m[1]);
    cairo_line_to(cr, (double)m[4] + m[0] + m[2], (double)m[5] + m[1] + m[3]);
    cairo_line_to(cr, (double)m[4] + m[2], (double)m[5] + m[3]);
    cairo_close_path(cr);
}

static void put_line(Cull *cull, const MgkDrawn *drawn)
{
    double dashes[MGK_DRAW_MAX_DASHES];
    for (guint i = 0; i < drawn->op.n_small; i++)
        dashes[i] = g_array_index(cull->record->words, guint32, drawn->small + i);
    cairo_set_dash(cull->cr, dashes, (int)drawn->op.n_small, drawn->op.dash_start);
    cairo_set_line_width(cull->cr, drawn->op.width);
    cairo_set_line_cap(cull->cr, drawn->op.cap == 1   ? CAIRO_LINE_CAP_ROUND
                                 : drawn->op.cap == 2 ? CAIRO_LINE_CAP_SQUARE
                                                      : CAIRO_LINE_CAP_BUTT);
    cairo_stroke(cull->cr);
}

static void add_cover(Cull *cull, const MgkDrawn *drawn)
{
    const MgkDrawOp *op = &drawn->op;
    gint64 area = (gint64)(drawn->box.right - drawn->box.left) * (drawn->box.bottom - drawn->box.top);
    gboolean line = op->type == MGK_DRAW_STROKE;
    if (!drawn->covers || area < MIN_COVER ||
        (line && (op->width < MIN_LINE * cull->record->scale.x || op->matrix[0] != 1000000)))
        return;
    set_clip(cull, drawn->clip);
    if (op->type == MGK_DRAW_IMAGE)
        put_place(cull->cr, op->matrix);
    else
        put_path(cull->cr, &g_array_index(cull->record->words, guint32, drawn->path), op->n_path);
    cairo_set_fill_rule(cull->cr, op->rule ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
    if (line)
        put_line(cull, drawn);
    else
        cairo_fill(cull->cr);
    cairo_surface_flush(cull->cover);
    MgkDrawBox *reach = &cull->reach;
    gboolean first = reach->right <= reach->left;
    *reach = first ? drawn->box
                   : (MgkDrawBox){MIN(reach->left, drawn->box.left), MIN(reach->top, drawn->box.top),
                                  MAX(reach->right, drawn->box.right), MAX(reach->bottom, drawn->box.bottom)};
}

/* ---- letters and parts of paths ---- */

/* A letter that nobody can read any more, but whose cover leaves something of it. */
static gboolean is_remnant(const Cull *cull, const MgkDrawGlyphNote *note, gboolean some)
{
    return some && g_array_index(cull->glyphs, MgkGlyph, note->index).state == MGK_GLYPH_HIDDEN;
}

static void cull_glyphs(Cull *cull, MgkDrawn *drawn)
{
    guint32 *words = &g_array_index(cull->record->words, guint32, drawn->path);
    MgkDrawGlyphNote *notes = &g_array_index(cull->record->glyph_notes, MgkDrawGlyphNote, drawn->notes);
    guint kept = 0;
    for (guint i = 0; i < drawn->op.n_path; i++) {
        gboolean some = FALSE;
        MgkDrawBox box = inner(&notes[i].box);
        if (hidden(cull, &box, &some)) {
            cull->culled->parts++;
            continue;
        }
        if (is_remnant(cull, &notes[i], some)) {
            g_array_append_vals(cull->patches, &notes[i].box, 1);
            cull->culled->parts++;
            continue;
        }
        memmove(words + (gsize)3 * kept, words + (gsize)3 * i, sizeof(MgkDrawGlyph));
        notes[kept++] = notes[i];
    }
    drawn->op.n_path = kept;
}

/* The next part of a path: from one MOVE to before the next. Returns its end; the box in pixels. */
static guint part_of(const Cull *cull, const guint32 *words, guint n, guint at, double more, MgkDrawBox *ret_box)
{
    const MgkPdfScale *scale = &cull->record->scale;
    double box[4] = {1e18, 1e18, -1e18, -1e18};
    guint from = at;
    while (at < n && (at == from || words[at] != MGK_PATH_MOVE)) {
        guint numbers = mgk_path_numbers(words[at++]);
        for (guint k = 0; k < numbers; k += 2, at += 2) {
            double x = ((gint32)words[at] - scale->left) / scale->x,
                   y = ((gint32)words[at + 1] - scale->top) / scale->y;
            box[0] = MIN(box[0], x);
            box[1] = MIN(box[1], y);
            box[2] = MAX(box[2], x);
            box[3] = MAX(box[3], y);
        }
    }
    more /= scale->x;
    *ret_box = (MgkDrawBox){(gint)CLAMP(floor(box[0] - more), 0, cull->record->width),
                            (gint)CLAMP(floor(box[1] - more), 0, cull->record->height),
                            (gint)CLAMP(ceil(box[2] + more), 0, cull->record->width),
                            (gint)CLAMP(ceil(box[3] + more), 0, cull->record->height)};
    return at;
}

static void cull_parts(Cull *cull, MgkDrawn *drawn)
{
    guint32 *words = &g_array_index(cull->record->words, guint32, drawn->path);
    gboolean line = drawn->op.type == MGK_DRAW_STROKE;
    double more = line ? drawn->op.width * (drawn->op.join == 0 ? MIN(drawn->op.miter / 1000.0, 10) : 1) : 0;
    guint kept = 0;
    if (line && drawn->op.matrix[0] != 1000000)
        return;
    for (guint at = 0, end = 0; at < drawn->op.n_path; at = end) {
        MgkDrawBox box;
        end = part_of(cull, words, drawn->op.n_path, at, more, &box);
        gboolean outside = !meets(&box, &drawn->box) && box.right > box.left && box.bottom > box.top;
        gboolean off = box.right <= box.left && (box.right == 0 || box.left == cull->record->width);
        if (outside || off || hidden(cull, &box, NULL)) {
            cull->culled->parts++;
            continue;
        }
        memmove(words + kept, words + at, (end - at) * sizeof(guint32));
        kept += end - at;
    }
    drawn->op.n_path = kept;
}

/* ---- pictures ---- */

/* How many pixels of a box are shown: sums over all above and to the left, one more row and column than pixels. */
static guint32 *shown_sums(Cull *cull, const MgkDrawn *drawn)
{
    const MgkDrawBox *box = &drawn->box;
    gint width = box->right - box->left, height = box->bottom - box->top;
    cairo_surface_t *inside = cairo_image_surface_create(CAIRO_FORMAT_A8, width, height);
    cairo_t *cr = cairo_create(inside);
    const MgkPdfScale *scale = &cull->record->scale;
    cairo_translate(cr, -box->left, -box->top);
    cairo_scale(cr, 1 / scale->x, 1 / scale->y);
    cairo_translate(cr, -scale->left, -scale->top);
    add_clip(cull->record, cr, drawn->clip);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_flush(inside);
    guint32 *sums = g_new0(guint32, (gsize)(width + 1) * (gsize)(height + 1));
    for (gint y = 0; y < height && cairo_image_surface_get_data(inside); y++) {
        const guint8 *in = row_of(inside, y), *over = row_of(cull->cover, y + box->top) + box->left;
        guint32 *row = sums + (gsize)(y + 1) * (gsize)(width + 1), *above = row - (width + 1), sum = 0;
        for (gint x = 0; x < width; x++) {
            sum += in[x] > 0 && over[x] != 255;
            row[x + 1] = above[x + 1] + sum;
        }
    }
    cairo_surface_destroy(inside);
    return sums;
}

typedef struct Shown {
    const guint32 *sums;
    gint width, height;            /* of the box */
    double xx, xy, x0, yx, yy, y0; /* from the picture's pixels to the box's */
    double half_x, half_y;         /* of a pixel of the picture, as a box */
} Shown;

static gboolean shows(const Shown *shown, gint u, gint v)
{
    double x = shown->xx * (u + 0.5) + shown->xy * (v + 0.5) + shown->x0;
    double y = shown->yx * (u + 0.5) + shown->yy * (v + 0.5) + shown->y0;
    gint left = (gint)CLAMP(floor(x - shown->half_x), 0, shown->width);
    gint right = (gint)CLAMP(ceil(x + shown->half_x), 0, shown->width);
    gint top = (gint)CLAMP(floor(y - shown->half_y), 0, shown->height);
    gint bottom = (gint)CLAMP(ceil(y + shown->half_y), 0, shown->height);
    gsize stride = (gsize)shown->width + 1;
    const guint32 *low = shown->sums + (gsize)bottom * stride, *high = shown->sums + (gsize)top * stride;
    return left < right && top < bottom && low[right] - low[left] - high[right] + high[left] > 0;
}

static cairo_surface_t *copy_of(cairo_surface_t *surface)
{
    gint width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
    cairo_surface_t *copy = cairo_image_surface_create(cairo_image_surface_get_format(surface), width, height);
    if (!cairo_image_surface_get_data(copy))
        return copy;
    for (gint y = 0; y < height; y++)
        memcpy(row_of(copy, y), row_of(surface, y), (gsize)cairo_image_surface_get_stride(copy));
    return copy;
}

/* Wipes the pixels that do not show. Returns their number. */
static guint64 wipe(cairo_surface_t *surface, const Shown *shown)
{
    gint width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
    cairo_format_t format = cairo_image_surface_get_format(surface);
    guint64 n = 0;
    for (gint v = 0; v < height; v++) {
        guint8 *row = row_of(surface, v);
        for (gint u = 0; u < width; u++) {
            if (shows(shown, u, v))
                continue;
            n++;
            if (format == CAIRO_FORMAT_A8)
                row[u] = 0;
            else
                ((guint32 *)(gpointer)row)[u] = format == CAIRO_FORMAT_RGB24 ? 0xffffffff : 0;
        }
    }
    return n;
}

static Shown shown_of(const Cull *cull, const MgkDrawn *drawn, cairo_surface_t *surface, const guint32 *sums)
{
    const MgkPdfScale *scale = &cull->record->scale;
    const gint32 *m = drawn->op.matrix;
    double w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    Shown shown = {.sums = sums,
                   .width = drawn->box.right - drawn->box.left,
                   .height = drawn->box.bottom - drawn->box.top,
                   .xx = m[0] / w / scale->x,
                   .yx = m[1] / w / scale->y,
                   .xy = -m[2] / h / scale->x,
                   .yy = -m[3] / h / scale->y,
                   .x0 = ((double)m[4] + m[2] - scale->left) / scale->x - drawn->box.left,
                   .y0 = ((double)m[5] + m[3] - scale->top) / scale->y - drawn->box.top};
    shown.half_x = (fabs(shown.xx) + fabs(shown.xy)) / 2 + 0.01;
    shown.half_y = (fabs(shown.yx) + fabs(shown.yy)) / 2 + 0.01;
    return shown;
}

static void cull_surface(const Cull *cull, const MgkDrawn *drawn, const guint32 *sums, cairo_surface_t **surface,
                         guint64 *wiped)
{
    if (!*surface)
        return;
    cairo_surface_t *copy = copy_of(*surface);
    Shown shown = shown_of(cull, drawn, copy, sums);
    guint64 n = cairo_image_surface_get_data(copy) ? wipe(copy, &shown) : G_MAXUINT32;
    *wiped += n;
    if (n) {
        cairo_surface_destroy(*surface);
        *surface = copy;
        return;
    }
    cairo_surface_destroy(copy);
}

/* Does all of the picture lie within its clips and the page? */
static gboolean lies_open(const Cull *cull, const MgkDrawn *drawn)
{
    const MgkPdfScale *scale = &cull->record->scale;
    const gint32 *m = drawn->op.matrix;
    double left = (m[4] + MIN(m[0], 0) + MIN(m[2], 0) - scale->left) / scale->x;
    double right = (m[4] + MAX(m[0], 0) + MAX(m[2], 0) - scale->left) / scale->x;
    double top = (m[5] + MIN(m[1], 0) + MIN(m[3], 0) - scale->top) / scale->y;
    double bottom = (m[5] + MAX(m[1], 0) + MAX(m[3], 0) - scale->top) / scale->y;
    return !drawn->clip && left > -1 && top > -1 && right < cull->record->width + 1 &&
           bottom < cull->record->height + 1;
}

static void cull_picture(Cull *cull, const MgkDrawn *drawn)
{
    gboolean some = FALSE;
    guint64 wiped = 0;
    hidden(cull, &drawn->box, &some);
    if (!some && lies_open(cull, drawn))
        return;
    MgkDrawPicture *picture = &g_array_index(cull->record->pictures, MgkDrawPicture, drawn->op.image);
    g_autofree guint32 *sums = shown_sums(cull, drawn);
    cull_surface(cull, drawn, sums, &picture->base, &wiped);
    cull_surface(cull, drawn, sums, &picture->mask, &wiped);
    cull->culled->pictures += wiped > 0 && some;
}

/* ---- the walk ---- */

static void cull_one(Cull *cull, MgkDrawn *drawn)
{
    MgkDrawBox box = inner(&drawn->box);
    gboolean gone = hidden(cull, &box, NULL);
    if (!gone && drawn->op.type == MGK_DRAW_GLYPHS)
        cull_glyphs(cull, drawn);
    else if (!gone && drawn->op.type == MGK_DRAW_IMAGE)
        cull_picture(cull, drawn);
    else if (!gone)
        cull_parts(cull, drawn);
    if (gone || (drawn->op.type != MGK_DRAW_IMAGE && !drawn->op.n_path)) {
        cull->culled->operations += gone;
        drawn->op.type = 0;
        return;
    }
    add_cover(cull, drawn);
}

/* What the page shows in a box, drawn over all else. */
static gboolean add_patches(Cull *cull)
{
    MgkDrawRecord *record = cull->record;
    for (guint i = 0; i < cull->patches->len && i < MAX_PATCHES; i++) {
        const MgkDrawBox *box = &g_array_index(cull->patches, MgkDrawBox, i);
        gint width = box->right - box->left, height = box->bottom - box->top;
        MgkDrawPicture picture = {.base = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)};
        const MgkPdfScale *scale = &record->scale;
        MgkDrawn drawn = {.box = *box, .op = {.type = MGK_DRAW_IMAGE, .alpha = 255, .image = record->pictures->len}};
        const double matrix[] = {width * scale->x,
                                 0,
                                 0,
                                 -height * scale->y,
                                 scale->left + box->left * scale->x,
                                 scale->top + box->bottom * scale->y};
        for (guint k = 0; k < 6; k++)
            drawn.op.matrix[k] = (gint32)lround(matrix[k]);
        for (gint y = 0; y < height && cairo_image_surface_get_data(picture.base); y++)
            memcpy(row_of(picture.base, y), row_of(cull->page, box->top + y) + (gsize)box->left * 4, (gsize)width * 4);
        g_array_append_val(record->pictures, picture);
        g_array_append_val(record->drawn, drawn);
    }
    return cull->patches->len <= MAX_PATCHES;
}

gboolean mgk_draw_cull(MgkDrawRecord *record, const GArray *glyphs, cairo_surface_t *page, MgkDrawCulled *ret_culled)
{
    *ret_culled = (MgkDrawCulled){0};
    g_autoptr(GArray) patches = g_array_new(FALSE, FALSE, sizeof(MgkDrawBox));
    Cull cull = {.record = record, .glyphs = glyphs, .page = page, .patches = patches, .culled = ret_culled};
    cull.cover = cairo_image_surface_create(CAIRO_FORMAT_A8, record->width, record->height);
    cull.cr = cairo_create(cull.cover);
    cairo_scale(cull.cr, 1 / record->scale.x, 1 / record->scale.y);
    cairo_translate(cull.cr, -record->scale.left, -record->scale.top);
    cairo_surface_flush(page);
    gboolean ok = cairo_image_surface_get_data(cull.cover) != NULL;
    for (guint i = record->drawn->len; ok && i-- > 0;)
        cull_one(&cull, &g_array_index(record->drawn, MgkDrawn, i));
    ok = ok && add_patches(&cull);
    cairo_destroy(cull.cr);
    cairo_surface_destroy(cull.cover);
    return ok;
}
