#include "engines/draw_internal.h"

#include <math.h>

#define MAX_PICTURES 2000
#define MAX_PICTURE_PIXELS G_GUINT64_CONSTANT(80000000) /* of one page, at four bytes */
#define NEAR 1.5                                        /* pixels: two places are the same */

/* A pattern's surface when it is a picture of one of two formats that is shown once. */
static cairo_surface_t *picture_of(cairo_pattern_t *pattern, cairo_format_t format, cairo_format_t other)
{
    cairo_surface_t *surface = NULL;
    if (cairo_pattern_get_type(pattern) != CAIRO_PATTERN_TYPE_SURFACE ||
        cairo_pattern_get_surface(pattern, &surface) != CAIRO_STATUS_SUCCESS ||
        cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE)
        return NULL;
    cairo_format_t is = cairo_image_surface_get_format(surface);
    cairo_extend_t extend = cairo_pattern_get_extend(pattern);
    gboolean sane = cairo_image_surface_get_width(surface) > 0 && cairo_image_surface_get_height(surface) > 0 &&
                    cairo_image_surface_get_data(surface);
    gboolean once = extend == CAIRO_EXTEND_NONE || extend == CAIRO_EXTEND_PAD;
    double dx, dy;
    cairo_surface_get_device_offset(surface, &dx, &dy);
    return sane && once && dx == 0 && dy == 0 && (is == format || is == other) ? surface : NULL;
}

/* Where a pattern's picture lies on the page: of its unit square with y up. */
static gboolean place_of(const MgkDrawRecord *record, cairo_pattern_t *pattern, cairo_surface_t *surface,
                         const cairo_matrix_t *ctm, cairo_matrix_t *ret_place)
{
    double width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
    cairo_matrix_t unit = {.xx = width, .yy = -height, .y0 = height}, inverse,
                   page = mgk_draw_note_to_page(record, ctm);
    cairo_pattern_get_matrix(pattern, &inverse);
    if (cairo_matrix_invert(&inverse) != CAIRO_STATUS_SUCCESS)
        return FALSE;
    cairo_matrix_multiply(&unit, &unit, &inverse);
    cairo_matrix_multiply(ret_place, &unit, &page);
    return TRUE;
}

void mgk_draw_note_box_of(const cairo_matrix_t *m, double *ret_box)
{
    ret_box[0] = m->x0 + MIN(m->xx, 0) + MIN(m->xy, 0);
    ret_box[1] = m->y0 + MIN(m->yx, 0) + MIN(m->yy, 0);
    ret_box[2] = m->x0 + MAX(m->xx, 0) + MAX(m->xy, 0);
    ret_box[3] = m->y0 + MAX(m->yx, 0) + MAX(m->yy, 0);
}

guint mgk_draw_note_picture(MgkDrawRecord *record, cairo_surface_t *base, cairo_surface_t *mask)
{
    MgkDrawPicture picture = {.base = base, .mask = mask};
    cairo_surface_t *larger = base ? base : mask;
    record->notes->picture_pixels +=
        (guint64)cairo_image_surface_get_width(larger) * (guint64)cairo_image_surface_get_height(larger);
    if (record->pictures->len >= MAX_PICTURES || record->notes->picture_pixels > MAX_PICTURE_PIXELS)
        record->over = TRUE;
    g_array_append_val(record->pictures, picture);
    return record->pictures->len - 1;
}

/* Sets an IMAGE operation for these surfaces (borrowed) at this place. */
static MgkNote set_picture(MgkDrawRecord *record, cairo_surface_t *base, cairo_surface_t *mask,
                           const cairo_matrix_t *place, MgkDrawn *out)
{
    const double values[] = {place->xx, place->yx, place->xy, place->yy, place->x0, place->y0};
    double box[4];
    for (guint i = 0; i < 6; i++) {
        if (!(fabs(values[i]) < MGK_DRAW_MAX_LENGTH))
            return MGK_NOTE_UNKNOWN;
        out->op.matrix[i] = (gint32)lround(values[i]);
    }
    mgk_draw_note_box_of(place, box);
    out->op.type = MGK_DRAW_IMAGE;
    out->box = mgk_draw_note_shown(record, box, 0);
    if (mgk_draw_box_is_empty(&out->box))
        return MGK_NOTE_NOTHING;
    out->op.image = mgk_draw_note_picture(record, base ? cairo_surface_reference(base) : NULL,
                                          mask ? cairo_surface_reference(mask) : NULL);
    out->covers = base && !mask && cairo_image_surface_get_format(base) == CAIRO_FORMAT_RGB24 && out->op.alpha == 255 &&
                  out->op.blend == 0;
    return MGK_NOTE_KNOWN;
}

/* A picture as the source of a fill or paint. */
MgkNote mgk_draw_note_source(MgkDrawRecord *record, cairo_t *cr, const double *path_box, MgkDrawn *out)
{
    cairo_pattern_t *source = cairo_get_source(cr);
    cairo_surface_t *base = picture_of(source, CAIRO_FORMAT_RGB24, CAIRO_FORMAT_ARGB32);
    cairo_matrix_t place;
    if (!base || !place_of(record, source, base, &record->notes->source_ctm, &place))
        return MGK_NOTE_UNKNOWN;
    double box[4], more = NEAR * record->scale.x;
    mgk_draw_note_box_of(&place, box);
    for (guint i = 0; path_box && i < 4; i++) {
        if (fabs(box[i] - path_box[i]) <= more)
            continue;
        guint outer = record->notes->clip;
        out->clip = record->notes->clip = mgk_draw_note_clip(record, cr);
        MgkNote note = set_picture(record, base, NULL, &place, out);
        record->notes->clip = outer;
        return note;
    }
    return set_picture(record, base, NULL, &place, out);
}

static gboolean same_place(const MgkDrawRecord *record, const cairo_matrix_t *a, const cairo_matrix_t *b)
{
    double more = NEAR * record->scale.x;
    return fabs(a->x0 - b->x0) <= more && fabs(a->y0 - b->y0) <= more && fabs(a->xx - b->xx) <= more &&
           fabs(a->yx - b->yx) <= more && fabs(a->xy - b->xy) <= more && fabs(a->yy - b->yy) <= more;
}

MgkNote mgk_draw_note_mask(MgkDrawRecord *record, cairo_t *cr, cairo_pattern_t *mask, MgkDrawn *out)
{
    cairo_matrix_t ctm, place, other;
    double red, green, blue, alpha;
    out->box = mgk_draw_note_bounds(record);
    out->clip = record->notes->clip;
    if (mgk_draw_box_is_empty(&out->box))
        return MGK_NOTE_NOTHING;
    if (cairo_pattern_get_rgba(mask, &red, &green, &blue, &alpha) == CAIRO_STATUS_SUCCESS)
        return mgk_draw_note_paint(record, cr, alpha, out);
    cairo_get_matrix(cr, &ctm);
    cairo_surface_t *stencil = picture_of(mask, CAIRO_FORMAT_A8, CAIRO_FORMAT_A8);
    if (!mgk_draw_note_blend(cr, out) || !stencil || !place_of(record, mask, stencil, &ctm, &place))
        return MGK_NOTE_UNKNOWN;
    cairo_pattern_t *source = cairo_get_source(cr);
    if (mgk_draw_note_solid(source, out))
        return set_picture(record, NULL, stencil, &place, out);
    out->op.alpha = 255;
    cairo_surface_t *base = picture_of(source, CAIRO_FORMAT_RGB24, CAIRO_FORMAT_RGB24);
    if (!base || !place_of(record, source, base, &record->notes->source_ctm, &other) ||
        !same_place(record, &place, &other))
        return MGK_NOTE_UNKNOWN;
    return set_picture(record, base, stencil, &place, out);
}
