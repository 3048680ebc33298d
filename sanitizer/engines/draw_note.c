#include "engines/draw_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CLIP_DEPTH (MGK_DRAW_MAX_DEPTH - 4)
#define MAX_STOPS 512
#define ALIKE 0.02 /* two scales are the same */

static const struct {
    cairo_operator_t mode;
} blends[MGK_DRAW_N_BLENDS] = {
    {CAIRO_OPERATOR_OVER},          {CAIRO_OPERATOR_MULTIPLY},       {CAIRO_OPERATOR_SCREEN},
    {CAIRO_OPERATOR_OVERLAY},       {CAIRO_OPERATOR_DARKEN},         {CAIRO_OPERATOR_LIGHTEN},
    {CAIRO_OPERATOR_COLOR_DODGE},   {CAIRO_OPERATOR_COLOR_BURN},     {CAIRO_OPERATOR_HARD_LIGHT},
    {CAIRO_OPERATOR_SOFT_LIGHT},    {CAIRO_OPERATOR_DIFFERENCE},     {CAIRO_OPERATOR_EXCLUSION},
    {CAIRO_OPERATOR_HSL_HUE},       {CAIRO_OPERATOR_HSL_SATURATION}, {CAIRO_OPERATOR_HSL_COLOR},
    {CAIRO_OPERATOR_HSL_LUMINOSITY}};

/* ---- places ---- */

/* From cr's user space at some matrix to thousandths of a point on the page. */
cairo_matrix_t mgk_draw_note_to_page(const MgkDrawRecord *record, const cairo_matrix_t *ctm)
{
    const MgkPdfScale *scale = &record->scale;
    cairo_matrix_t grid = {.xx = scale->x, .yy = scale->y, .x0 = scale->left, .y0 = scale->top}, all;
    cairo_matrix_multiply(&all, ctm, &grid);
    return all;
}

static gint pixel(double value, gboolean up, gint most)
{
    double whole = up ? ceil(value) + 1 : floor(value) - 1;
    return (gint)CLAMP(whole, 0, most);
}

/* A box of thousandths of a point as pixels, `more` wider on each side, within what shows. */
MgkDrawBox mgk_draw_note_shown(const MgkDrawRecord *record, const double *box, double more)
{
    const MgkPdfScale *scale = &record->scale;
    MgkDrawBox bounds = mgk_draw_note_bounds(record);
    MgkDrawBox out = {pixel((box[0] - more - scale->left) / scale->x, FALSE, record->width),
                      pixel((box[1] - more - scale->top) / scale->y, FALSE, record->height),
                      pixel((box[2] + more - scale->left) / scale->x, TRUE, record->width),
                      pixel((box[3] + more - scale->top) / scale->y, TRUE, record->height)};
    out.left = MAX(out.left, bounds.left);
    out.top = MAX(out.top, bounds.top);
    out.right = MIN(out.right, bounds.right);
    out.bottom = MIN(out.bottom, bounds.bottom);
    return out;
}

gboolean mgk_draw_box_is_empty(const MgkDrawBox *box)
{
    return box->right <= box->left || box->bottom <= box->top;
}

MgkDrawBox mgk_draw_note_bounds(const MgkDrawRecord *record)
{
    guint clip = record->notes->clip;
    if (clip)
        return g_array_index(record->clips, MgkDrawClip, clip - 1).box;
    return (MgkDrawBox){0, 0, record->width, record->height};
}

/* ---- paths and clips ---- */

/* Appends cr's path; FALSE when it cannot cross. *ret_box in thousandths of a point. */
static gboolean take_path(MgkDrawRecord *record, cairo_t *cr, const cairo_matrix_t *matrix, guint *ret_first,
                          guint *ret_n, double *ret_box)
{
    static const double nowhere[4] = {1e18, 1e18, -1e18, -1e18};
    memcpy(ret_box, nowhere, sizeof nowhere);
    *ret_first = record->words->len;
    cairo_path_t *path = cairo_copy_path(cr);
    gboolean ok = mgk_draw_append_path(record->words, path, matrix, ret_box);
    cairo_path_destroy(path);
    *ret_n = record->words->len - *ret_first;
    if (record->words->len > MGK_DRAW_MAX_WORDS)
        record->over = TRUE;
    if (!ok)
        g_array_set_size(record->words, *ret_first);
    return ok;
}

/* One box with upright sides. */
static gboolean is_upright(const guint32 *words, guint n)
{
    if (n < 12 || words[0] != MGK_PATH_MOVE)
        return FALSE;
    for (guint i = 3; i < 12; i += 3) {
        if (words[i] != MGK_PATH_LINE)
            return FALSE;
    }
    gboolean ends =
        n == 12 || (n == 13 && words[12] == MGK_PATH_CLOSE) ||
        (n >= 15 && n <= 16 && words[12] == MGK_PATH_LINE && words[13] == words[1] && words[14] == words[2]);
    gboolean across = words[2] == words[5] && words[4] == words[7] && words[8] == words[11] && words[10] == words[1];
    gboolean down = words[1] == words[4] && words[5] == words[8] && words[7] == words[10] && words[11] == words[2];
    return ends && (across || down);
}

/* Does a box hide nothing of what shows? */
static gboolean holds(const MgkDrawRecord *record, const double *box)
{
    const MgkPdfScale *scale = &record->scale;
    MgkDrawBox bounds = mgk_draw_note_bounds(record);
    return (box[0] - scale->left) / scale->x <= bounds.left + 0.01 &&
           (box[1] - scale->top) / scale->y <= bounds.top + 0.01 &&
           (box[2] - scale->left) / scale->x >= bounds.right - 0.01 &&
           (box[3] - scale->top) / scale->y >= bounds.bottom - 0.01;
}

guint mgk_draw_note_clip(MgkDrawRecord *record, cairo_t *cr)
{
    cairo_matrix_t ctm;
    cairo_get_matrix(cr, &ctm);
    cairo_matrix_t matrix = mgk_draw_note_to_page(record, &ctm);
    MgkDrawClip clip = {.parent = record->notes->clip, .rule = cairo_get_fill_rule(cr) == CAIRO_FILL_RULE_EVEN_ODD};
    double box[4];
    if (!take_path(record, cr, &matrix, &clip.path, &clip.n_path, box)) {
        record->over = TRUE;
        return clip.parent;
    }
    const guint32 *words = &g_array_index(record->words, guint32, clip.path);
    if (clip.n_path && is_upright(words, clip.n_path) && holds(record, box)) {
        g_array_set_size(record->words, clip.path);
        return clip.parent;
    }
    if (clip.n_path)
        clip.box = mgk_draw_note_shown(record, box, 0);
    clip.depth = clip.parent ? g_array_index(record->clips, MgkDrawClip, clip.parent - 1).depth + 1 : 1;
    if (clip.depth > MAX_CLIP_DEPTH)
        record->over = TRUE;
    g_array_append_val(record->clips, clip);
    return record->clips->len;
}

/* ---- paints ---- */

gboolean mgk_draw_note_blend(cairo_t *cr, MgkDrawn *out)
{
    cairo_operator_t mode = cairo_get_operator(cr);
    for (guint32 i = 0; i < MGK_DRAW_N_BLENDS; i++) {
        if (blends[i].mode == mode) {
            out->op.blend = i;
            return TRUE;
        }
    }
    return FALSE;
}

static guint32 byte(double value)
{
    return (guint32)CLAMP(lround(value * 255), 0, 255);
}

gboolean mgk_draw_note_solid(cairo_pattern_t *source, MgkDrawn *out)
{
    double red, green, blue, alpha;
    if (cairo_pattern_get_rgba(source, &red, &green, &blue, &alpha) != CAIRO_STATUS_SUCCESS)
        return FALSE;
    out->op.color = byte(red) << 16 | byte(green) << 8 | byte(blue);
    out->op.alpha = byte(alpha);
    out->covers = out->op.alpha == 255 && out->op.blend == 0;
    return TRUE;
}

/* How much longer a line becomes, when that is the same in all directions; else 0. */
static double even_scale(const cairo_matrix_t *m)
{
    double a = hypot(m->xx, m->yx), b = hypot(m->xy, m->yy), dot = m->xx * m->xy + m->yx * m->yy;
    if (!(a > 0) || fabs(a - b) > ALIKE * a || fabs(dot) > ALIKE * a * b)
        return 0;
    return sqrt(a * b);
}

/* Are all stops between two of them where a straight ramp has them? The renderer makes 256 of two. */
static gboolean is_straight(const MgkDrawStop *stops, guint from, guint to)
{
    double length = (double)stops[to].at - stops[from].at;
    for (guint i = from + 1; i < to; i++) {
        double share = length > 0 ? ((double)stops[i].at - stops[from].at) / length : 0;
        for (guint shift = 0; shift < 24; shift += 8) {
            double a = stops[from].color >> shift & 255, b = stops[to].color >> shift & 255;
            if (fabs(a + share * (b - a) - (stops[i].color >> shift & 255)) > 1)
                return FALSE;
        }
    }
    return length > 0;
}

static void add_stops(MgkDrawRecord *record, const MgkDrawStop *stops, guint n, MgkDrawn *out)
{
    out->small = record->words->len;
    g_array_append_vals(record->words, &stops[0], 2);
    out->op.n_small = 1;
    for (guint i = 1, last = 0; i < n; i++) {
        if (i + 1 < n && is_straight(stops, last, i + 1))
            continue;
        g_array_append_vals(record->words, &stops[i], 2);
        out->op.n_small++;
        last = i;
    }
}

static gboolean take_stops(MgkDrawRecord *record, cairo_pattern_t *source, MgkDrawn *out)
{
    MgkDrawStop stops[MAX_STOPS];
    int n = 0;
    if (cairo_pattern_get_color_stop_count(source, &n) != CAIRO_STATUS_SUCCESS || n < 2 || n > MAX_STOPS)
        return FALSE;
    for (int i = 0; i < n; i++) {
        double at, red, green, blue, alpha;
        cairo_pattern_get_color_stop_rgba(source, i, &at, &red, &green, &blue, &alpha);
        stops[i].at = (guint32)CLAMP(lround(at * 1e6), i ? (long)stops[i - 1].at : 0, 1000000);
        stops[i].color = byte(red) << 16 | byte(green) << 8 | byte(blue);
        if (i && byte(alpha) != out->op.alpha)
            return FALSE;
        out->op.alpha = byte(alpha);
    }
    add_stops(record, stops, (guint)n, out);
    return out->op.n_small <= MGK_DRAW_MAX_STOPS;
}

static gboolean take_gradient(MgkDrawRecord *record, cairo_pattern_t *source, MgkDrawn *out)
{
    double p[6] = {0};
    gboolean radial = cairo_pattern_get_type(source) == CAIRO_PATTERN_TYPE_RADIAL;
    cairo_extend_t extend = cairo_pattern_get_extend(source);
    if (extend != CAIRO_EXTEND_NONE && extend != CAIRO_EXTEND_PAD)
        return FALSE;
    if (radial)
        cairo_pattern_get_radial_circles(source, &p[0], &p[1], &p[2], &p[3], &p[4], &p[5]);
    else
        cairo_pattern_get_linear_points(source, &p[0], &p[1], &p[3], &p[4]);
    cairo_matrix_t inverse;
    cairo_pattern_get_matrix(source, &inverse);
    if (cairo_matrix_invert(&inverse) != CAIRO_STATUS_SUCCESS)
        return FALSE;
    cairo_matrix_t page = mgk_draw_note_to_page(record, &record->notes->source_ctm), matrix;
    cairo_matrix_multiply(&matrix, &inverse, &page);
    double scale = even_scale(&matrix);
    for (guint i = 0; i < 6; i += 3) {
        cairo_matrix_transform_point(&matrix, &p[i], &p[i + 1]);
        p[i + 2] *= scale;
    }
    for (guint i = 0; i < 6; i++) {
        if (!(fabs(p[i]) < MGK_DRAW_MAX_LENGTH))
            return FALSE;
        out->op.matrix[i] = (gint32)lround(p[i]);
    }
    out->op.paint = radial ? MGK_PAINT_RADIAL : MGK_PAINT_LINEAR;
    out->op.extend = extend == CAIRO_EXTEND_PAD ? 3 : 0;
    return scale > 0 && out->op.matrix[2] >= 0 && out->op.matrix[5] >= 0 && take_stops(record, source, out);
}

/* The paint of a FILL. */
static gboolean take_paint(MgkDrawRecord *record, cairo_t *cr, MgkDrawn *out)
{
    cairo_pattern_t *source = cairo_get_source(cr);
    switch (cairo_pattern_get_type(source)) {
    case CAIRO_PATTERN_TYPE_SOLID:
        return mgk_draw_note_solid(source, out);
    case CAIRO_PATTERN_TYPE_LINEAR:
    case CAIRO_PATTERN_TYPE_RADIAL:
        return take_gradient(record, source, out);
    case CAIRO_PATTERN_TYPE_SURFACE:
    case CAIRO_PATTERN_TYPE_MESH:
    case CAIRO_PATTERN_TYPE_RASTER_SOURCE:
        break;
    }
    return FALSE;
}

/* ---- operations ---- */

MgkNote mgk_draw_note_fill(MgkDrawRecord *record, cairo_t *cr, MgkDrawn *out)
{
    cairo_matrix_t ctm;
    double box[4];
    cairo_get_matrix(cr, &ctm);
    cairo_matrix_t matrix = mgk_draw_note_to_page(record, &ctm);
    out->op.type = MGK_DRAW_FILL;
    out->op.rule = cairo_get_fill_rule(cr) == CAIRO_FILL_RULE_EVEN_ODD;
    out->clip = record->notes->clip;
    out->op.alpha = 255;
    gboolean path = take_path(record, cr, &matrix, &out->path, &out->op.n_path, box);
    out->box = path && out->op.n_path ? mgk_draw_note_shown(record, box, 0) : mgk_draw_note_bounds(record);
    if ((path && !out->op.n_path) || mgk_draw_box_is_empty(&out->box))
        return MGK_NOTE_NOTHING;
    if (!path || !mgk_draw_note_blend(cr, out))
        return MGK_NOTE_UNKNOWN;
    if (cairo_pattern_get_type(cairo_get_source(cr)) == CAIRO_PATTERN_TYPE_SURFACE) {
        guint words = out->path;
        MgkDrawn picture = {.clip = out->clip, .op = {.alpha = 255, .blend = out->op.blend}, .box = out->box};
        MgkNote note = mgk_draw_note_source(record, cr, box, &picture);
        if (picture.clip == out->clip)
            g_array_set_size(record->words, words);
        *out = picture;
        return note;
    }
    return take_paint(record, cr, out) ? MGK_NOTE_KNOWN : MGK_NOTE_UNKNOWN;
}

MgkNote mgk_draw_note_paint(MgkDrawRecord *record, cairo_t *cr, double alpha, MgkDrawn *out)
{
    out->box = mgk_draw_note_bounds(record);
    out->clip = record->notes->clip;
    out->op.alpha = byte(alpha);
    if (mgk_draw_box_is_empty(&out->box) || !out->op.alpha)
        return MGK_NOTE_NOTHING;
    if (!mgk_draw_note_blend(cr, out))
        return MGK_NOTE_UNKNOWN;
    cairo_pattern_t *source = cairo_get_source(cr);
    if (cairo_pattern_get_type(source) == CAIRO_PATTERN_TYPE_SURFACE)
        return mgk_draw_note_source(record, cr, NULL, out);
    if (alpha < 1 || !take_paint(record, cr, out))
        return MGK_NOTE_UNKNOWN;
    const MgkPdfScale *scale = &record->scale;
    gint32 left = (gint32)lround(scale->left + out->box.left * scale->x);
    gint32 top = (gint32)lround(scale->top + out->box.top * scale->y);
    gint32 right = (gint32)lround(scale->left + out->box.right * scale->x);
    gint32 bottom = (gint32)lround(scale->top + out->box.bottom * scale->y);
    const gint32 path[] = {MGK_PATH_MOVE, left,  top,    left,          MGK_PATH_LINE, right,  top,
                           MGK_PATH_LINE, right, bottom, MGK_PATH_LINE, left,          bottom, MGK_PATH_CLOSE};
    out->op.type = MGK_DRAW_FILL;
    out->path = record->words->len;
    out->op.n_path = 13;
    g_array_append_vals(record->words, path, 3);
    g_array_append_vals(record->words, path + 4, 10);
    return MGK_NOTE_KNOWN;
}

static gboolean take_dashes(MgkDrawRecord *record, cairo_t *cr, double scale, MgkDrawn *out)
{
    int n = cairo_get_dash_count(cr);
    double dashes[MGK_DRAW_MAX_DASHES], start = 0, sum = 0;
    if (n <= 0)
        return TRUE;
    if (n > MGK_DRAW_MAX_DASHES)
        return FALSE;
    cairo_get_dash(cr, dashes, &start);
    out->small = record->words->len;
    for (int i = 0; i < n; i++) {
        if (!(dashes[i] * scale >= 0) || !(dashes[i] * scale < MGK_DRAW_MAX_LENGTH))
            return FALSE;
        guint32 length = (guint32)lround(dashes[i] * scale);
        sum += length;
        g_array_append_val(record->words, length);
    }
    if (!(sum > 0) || !(fabs(start * scale) < MGK_DRAW_MAX_LENGTH))
        return FALSE;
    out->op.n_small = (guint32)n;
    double period = n % 2 ? 2 * sum : sum, from = fmod(start * scale, period);
    out->op.dash_start = (gint32)lround(from < 0 ? from + period : from);
    return TRUE;
}

/* The pen's own space: the user space made larger, so that its numbers are about the page's. */
static gboolean pen_space(const cairo_matrix_t *page, double scale, MgkDrawn *out, cairo_matrix_t *ret_matrix)
{
    cairo_matrix_t pen = {
        .xx = page->xx / scale, .yx = page->yx / scale, .xy = page->xy / scale, .yy = page->yy / scale};
    const double values[] = {pen.xx, pen.yx, pen.xy, pen.yy};
    for (guint i = 0; i < 4; i++)
        out->op.matrix[i] = (gint32)lround(values[i] * 1e6);
    if (cairo_matrix_invert(&pen) != CAIRO_STATUS_SUCCESS || hypot(pen.xx, pen.yx) > 100 || hypot(pen.xy, pen.yy) > 100)
        return FALSE;
    cairo_matrix_multiply(ret_matrix, page, &pen);
    return TRUE;
}

/* How far a line reaches beyond its path, in thousandths of a point. */
static double reach(const MgkDrawn *out)
{
    return out->op.width * (out->op.join == 0 ? MIN(out->op.miter / 1000.0, 10) : 1.5);
}

MgkNote mgk_draw_note_stroke(MgkDrawRecord *record, cairo_t *cr, MgkDrawn *out)
{
    static const guint32 caps[] = {[CAIRO_LINE_CAP_BUTT] = 0, [CAIRO_LINE_CAP_ROUND] = 1, [CAIRO_LINE_CAP_SQUARE] = 2};
    static const guint32 joins[] = {
        [CAIRO_LINE_JOIN_MITER] = 0, [CAIRO_LINE_JOIN_ROUND] = 1, [CAIRO_LINE_JOIN_BEVEL] = 2};
    cairo_matrix_t ctm, inverse, matrix;
    double box[4];
    cairo_get_matrix(cr, &ctm);
    cairo_matrix_t page = matrix = mgk_draw_note_to_page(record, &ctm);
    double scale = even_scale(&page), width = cairo_get_line_width(cr);
    gboolean even = scale > 0, ok = TRUE;
    out->op.type = MGK_DRAW_STROKE;
    out->clip = record->notes->clip;
    out->box = mgk_draw_note_bounds(record);
    out->op.matrix[0] = out->op.matrix[3] = 1000000;
    if (!even) {
        scale = MAX(hypot(page.xx, page.yx), hypot(page.xy, page.yy));
        ok = scale > 0 && pen_space(&page, scale, out, &matrix);
    }
    if (!ok || !(width * scale < MGK_DRAW_MAX_LENGTH / 10.0) || !take_dashes(record, cr, scale, out))
        return MGK_NOTE_UNKNOWN;
    out->op.width = (guint32)lround(width * scale);
    out->op.cap = caps[cairo_get_line_cap(cr)];
    out->op.join = joins[cairo_get_line_join(cr)];
    out->op.miter = (guint32)CLAMP(lround(cairo_get_miter_limit(cr) * 1000), 1000, 1000000);
    if (!take_path(record, cr, &matrix, &out->path, &out->op.n_path, box))
        return MGK_NOTE_UNKNOWN;
    if (!out->op.n_path)
        return MGK_NOTE_NOTHING;
    if (even) {
        out->box = mgk_draw_note_shown(record, box, reach(out) + record->scale.x);
    } else {
        double x1, y1, x2, y2;
        cairo_stroke_extents(cr, &x1, &y1, &x2, &y2);
        inverse = (cairo_matrix_t){.xx = x2 - x1, .yy = y2 - y1, .x0 = x1, .y0 = y1};
        cairo_matrix_multiply(&inverse, &inverse, &page);
        mgk_draw_note_box_of(&inverse, box);
        out->box = mgk_draw_note_shown(record, box, record->scale.x);
    }
    if (mgk_draw_box_is_empty(&out->box))
        return MGK_NOTE_NOTHING;
    return mgk_draw_note_blend(cr, out) && mgk_draw_note_solid(cairo_get_source(cr), out) ? MGK_NOTE_KNOWN
                                                                                          : MGK_NOTE_UNKNOWN;
}

static MgkDrawBox box_of_glyph(const MgkDrawRecord *record, const MgkGlyph *noted)
{
    MgkDrawBox bounds = mgk_draw_note_bounds(record);
    MgkDrawBox box = {pixel(noted->box[0], FALSE, record->width), pixel(noted->box[1], FALSE, record->height),
                      pixel(noted->box[2], TRUE, record->width), pixel(noted->box[3], TRUE, record->height)};
    box.left = MAX(box.left, bounds.left);
    box.top = MAX(box.top, bounds.top);
    box.right = MIN(box.right, bounds.right);
    box.bottom = MIN(box.bottom, bounds.bottom);
    return box;
}

static void widen(MgkDrawBox *box, const MgkDrawBox *more)
{
    if (box->right <= box->left)
        *box = *more;
    box->left = MIN(box->left, more->left);
    box->top = MIN(box->top, more->top);
    box->right = MAX(box->right, more->right);
    box->bottom = MAX(box->bottom, more->bottom);
}

/* The em as the page has it. */
static gboolean take_em(cairo_t *cr, const cairo_matrix_t *page, MgkDrawn *out)
{
    cairo_matrix_t font, em;
    cairo_get_font_matrix(cr, &font);
    cairo_matrix_multiply(&em, &font, page);
    const double values[] = {em.xx, em.yx, -em.xy, -em.yy};
    for (guint i = 0; i < 4; i++) {
        if (!(fabs(values[i]) < MGK_DRAW_MAX_LENGTH))
            return FALSE;
        out->op.matrix[i] = (gint32)lround(values[i]);
    }
    return TRUE;
}

static gboolean add_glyph(MgkDrawRecord *record, cairo_font_face_t *face, const cairo_glyph_t *drawn,
                          const cairo_matrix_t *page, const MgkDrawGlyphNote *note)
{
    double x = drawn->x, y = drawn->y;
    guint32 shape = mgk_draw_shapes_find(record->shapes, face, drawn->index);
    cairo_matrix_transform_point(page, &x, &y);
    if (shape == MGK_DRAW_NO_SHAPE || !(fabs(x) < MGK_DRAW_MAX_LENGTH) || !(fabs(y) < MGK_DRAW_MAX_LENGTH))
        return FALSE;
    MgkDrawGlyph glyph = {.shape = shape, .x = (gint32)lround(x), .y = (gint32)lround(y)};
    g_array_append_vals(record->words, &glyph, 3);
    g_array_append_vals(record->glyph_notes, note, 1);
    return TRUE;
}

MgkNote mgk_draw_note_glyphs(MgkDrawRecord *record, cairo_t *cr, const cairo_glyph_t *glyphs,
                             const MgkGlyphWatch *watch, guint index, MgkDrawn *out)
{
    cairo_matrix_t ctm;
    cairo_get_matrix(cr, &ctm);
    cairo_matrix_t page = mgk_draw_note_to_page(record, &ctm);
    cairo_font_face_t *face = cairo_get_font_face(cr);
    cairo_font_type_t type = cairo_font_face_get_type(face);
    gboolean known = (type == CAIRO_FONT_TYPE_FT || type == CAIRO_FONT_TYPE_USER) && take_em(cr, &page, out) &&
                     mgk_draw_note_blend(cr, out) && mgk_draw_note_solid(cairo_get_source(cr), out);
    out->op.type = MGK_DRAW_GLYPHS;
    out->clip = record->notes->clip;
    out->covers = FALSE;
    out->path = record->words->len;
    out->notes = record->glyph_notes->len;
    for (guint i = index; i < watch->glyphs->len; i++) {
        const MgkGlyph *noted = &g_array_index(watch->glyphs, MgkGlyph, i);
        MgkDrawGlyphNote note = {.box = box_of_glyph(record, noted), .index = i};
        if (noted->state == MGK_GLYPH_BLANK || mgk_draw_box_is_empty(&note.box))
            continue;
        widen(&out->box, &note.box);
        if (known && !add_glyph(record, face, &glyphs[i - index], &page, &note))
            known = FALSE;
    }
    out->op.n_path = record->glyph_notes->len - out->notes;
    if (mgk_draw_box_is_empty(&out->box))
        return MGK_NOTE_NOTHING;
    return known ? MGK_NOTE_KNOWN : MGK_NOTE_UNKNOWN;
}
