#include "engines/draw_internal.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

#define MAX_DRAWN 300000
#define MAX_SNAPSHOTS 64
#define MAX_LOOKED_AT 400000 /* pixels: of larger boxes only some rows are compared */
#define SOME_PIXELS 65536
#define ALL_LOOKED_AT G_GUINT64_CONSTANT(400000000) /* pixels of one page */
#define COLOR 0xffffff

typedef void (*State)(cairo_t *);
typedef void (*SetSource)(cairo_t *, cairo_pattern_t *);

static struct {
    State save, restore, clip;
    SetSource set_source;
} real;

static MgkDrawRecord *active;

static void find(const char *name, gpointer ret_function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        g_error("cairo lacks %s", name);
    memcpy(ret_function, &symbol, sizeof symbol);
}

void mgk_draw_record_warm(void)
{
    if (real.save)
        return;
    find("cairo_restore", &real.restore);
    find("cairo_clip", &real.clip);
    find("cairo_set_source", &real.set_source);
    find("cairo_save", &real.save);
}

static void clear_picture(gpointer data)
{
    MgkDrawPicture *picture = data;
    g_clear_pointer(&picture->base, cairo_surface_destroy);
    g_clear_pointer(&picture->mask, cairo_surface_destroy);
}

MgkDrawRecord *mgk_draw_record_new(void)
{
    MgkDrawRecord *record = g_new0(MgkDrawRecord, 1);
    record->drawn = g_array_new(FALSE, FALSE, sizeof(MgkDrawn));
    record->clips = g_array_new(FALSE, FALSE, sizeof(MgkDrawClip));
    record->words = g_array_new(FALSE, FALSE, sizeof(guint32));
    record->glyph_notes = g_array_new(FALSE, FALSE, sizeof(MgkDrawGlyphNote));
    record->pictures = g_array_new(FALSE, FALSE, sizeof(MgkDrawPicture));
    g_array_set_clear_func(record->pictures, clear_picture);
    record->shapes = mgk_draw_shapes_new();
    record->notes = g_new0(MgkDrawNotes, 1);
    record->notes->states = g_array_new(FALSE, FALSE, sizeof(guint));
    record->notes->groups = g_array_new(FALSE, FALSE, sizeof(MgkDrawGroup));
    record->notes->held = g_array_new(FALSE, FALSE, sizeof(MgkDrawn));
    record->notes->before = g_byte_array_new();
    return record;
}

void mgk_draw_record_free(MgkDrawRecord *record)
{
    if (!record)
        return;
    if (active == record)
        active = NULL;
    g_array_unref(record->drawn);
    g_array_unref(record->clips);
    g_array_unref(record->words);
    g_array_unref(record->glyph_notes);
    g_array_unref(record->pictures);
    mgk_draw_shapes_free(record->shapes);
    g_array_unref(record->notes->states);
    g_array_unref(record->notes->groups);
    g_array_unref(record->notes->held);
    g_clear_pointer(&record->notes->held_surface, cairo_surface_destroy);
    g_byte_array_unref(record->notes->before);
    g_free(record->notes);
    g_free(record);
}

void mgk_draw_record_begin(MgkDrawRecord *record, cairo_t *cr, const MgkPdfScale *scale)
{
    MgkDrawNotes *notes = record->notes;
    cairo_surface_t *page = cairo_get_target(cr);
    record->scale = *scale;
    record->width = cairo_image_surface_get_width(page);
    record->height = cairo_image_surface_get_height(page);
    g_array_set_size(record->drawn, 0);
    g_array_set_size(record->clips, 0);
    g_array_set_size(record->words, 0);
    g_array_set_size(record->glyph_notes, 0);
    g_array_set_size(record->pictures, 0);
    mgk_draw_shapes_trim(record->shapes);
    record->over = FALSE;
    record->others = record->unseen = 0;
    g_array_set_size(notes->states, 0);
    g_array_set_size(notes->groups, 0);
    g_array_set_size(notes->held, 0);
    g_clear_pointer(&notes->held_surface, cairo_surface_destroy);
    notes->note = MGK_NOTE_NOTHING;
    notes->clip = notes->snapshots = 0;
    notes->copied = notes->picture_pixels = 0;
    notes->cr = cr;
    cairo_get_matrix(cr, &notes->source_ctm);
    active = record;
}

void mgk_draw_record_end(MgkDrawRecord *record)
{
    record->notes->cr = NULL;
    g_array_set_size(record->notes->held, 0);
    g_clear_pointer(&record->notes->held_surface, cairo_surface_destroy);
    active = NULL;
}

/* ---- the pixels before and after ---- */

/* The box on the canvas; empty when it does not reach it. */
static MgkDrawBox on_canvas(const MgkDrawNotes *notes, const MgkDrawBox *box)
{
    const MgkCanvas *canvas = &notes->canvas;
    MgkDrawBox out = {MAX(box->left + canvas->dx, 0), MAX(box->top + canvas->dy, 0),
                      MIN(box->right + canvas->dx, canvas->width), MIN(box->bottom + canvas->dy, canvas->height)};
    if (!canvas->data || out.right <= out.left || out.bottom <= out.top)
        return (MgkDrawBox){0};
    return out;
}

static const guint32 *row_of(const MgkDrawNotes *notes, const MgkDrawBox *box, gint y)
{
    return (const guint32 *)(gconstpointer)(notes->canvas.data + (gsize)y * (gsize)notes->canvas.stride) + box->left;
}

static void copy_before(MgkDrawRecord *record, cairo_t *cr)
{
    MgkDrawNotes *notes = record->notes;
    cairo_surface_t *target = cairo_get_group_target(cr);
    notes->canvas = mgk_canvas_of(target, target == cairo_get_target(cr));
    MgkDrawBox box = on_canvas(notes, &notes->pending.box);
    guint64 width = (guint64)(box.right - box.left), height = (guint64)(box.bottom - box.top);
    gboolean all = notes->note == MGK_NOTE_UNKNOWN || notes->note == MGK_NOTE_GROUP || width * height <= MAX_LOOKED_AT;
    notes->row_step = all ? 1 : (gint)MAX(width * height / SOME_PIXELS, 1);
    guint rows = (guint)((height + (guint64)notes->row_step - 1) / (guint64)notes->row_step);
    notes->copied += rows * width;
    if (notes->copied > ALL_LOOKED_AT)
        record->over = TRUE;
    gsize row = width * sizeof(guint32);
    if (rows * row > notes->before->len)
        g_byte_array_set_size(notes->before, (guint)(rows * row));
    guint8 *out = notes->before->data;
    for (gint y = box.top; y < box.bottom; y += notes->row_step, out += row)
        memcpy(out, row_of(notes, &box, y), row);
}

static gint differs(const guint32 *a, const guint32 *b, gint n, guint32 mask)
{
    for (gint x = 0; x < n; x++) {
        if ((a[x] ^ b[x]) & mask)
            return x;
    }
    return n;
}

/* Did pixels of a part of the pending box change? ret_box, when given, becomes the box of those that did. */
static gboolean changed(const MgkDrawRecord *record, const MgkDrawBox *part, MgkDrawBox *ret_box)
{
    const MgkDrawNotes *notes = record->notes;
    const MgkCanvas *canvas = &notes->canvas;
    MgkDrawBox whole = on_canvas(notes, &notes->pending.box), box = on_canvas(notes, part), found = {0};
    gint width = whole.right - whole.left, n = box.right - box.left;
    gboolean any = FALSE;
    for (gint y = box.top; y < box.bottom; y++) {
        if ((y - whole.top) % notes->row_step)
            continue;
        const guint32 *before = (const guint32 *)(gconstpointer)notes->before->data +
                                (gsize)((y - whole.top) / notes->row_step) * (gsize)width + (box.left - whole.left);
        const guint32 *now = row_of(notes, &box, y);
        gint first = differs(before, now, n, canvas->mask);
        if (first >= n)
            continue;
        if (!ret_box)
            return TRUE;
        gint last = n - 1;
        while (last > first && !((before[last] ^ now[last]) & canvas->mask))
            last--;
        MgkDrawBox row = {box.left + first, y, box.left + last + 1, y + 1};
        found = any ? (MgkDrawBox){MIN(found.left, row.left), found.top, MAX(found.right, row.right), row.bottom} : row;
        any = TRUE;
    }
    if (ret_box)
        *ret_box = (MgkDrawBox){found.left - canvas->dx, found.top - canvas->dy, found.right - canvas->dx,
                                found.bottom - canvas->dy};
    return any || notes->row_step > 1; /* rows between were not looked at */
}

/* ---- what becomes of an operation ---- */

/* Only the glyphs that changed something stay. FALSE when none does. */
static gboolean keep_seen_glyphs(MgkDrawRecord *record, MgkDrawn *drawn)
{
    guint kept = 0;
    for (guint i = 0; i < drawn->op.n_path; i++) {
        MgkDrawGlyphNote *notes = &g_array_index(record->glyph_notes, MgkDrawGlyphNote, drawn->notes);
        if (!changed(record, &notes[i].box, NULL))
            continue;
        notes[kept] = notes[i];
        guint32 *words = &g_array_index(record->words, guint32, drawn->path);
        memmove(words + (gsize)3 * kept, words + (gsize)3 * i, sizeof(MgkDrawGlyph));
        kept++;
    }
    drawn->op.n_path = kept;
    return kept > 0;
}

static gboolean still_seen(MgkDrawRecord *record, MgkDrawn *drawn)
{
    if (drawn->op.type == MGK_DRAW_GLYPHS)
        return keep_seen_glyphs(record, drawn);
    return changed(record, &drawn->box, NULL);
}

static void keep(MgkDrawRecord *record, const MgkDrawn *drawn)
{
    if (drawn->op.type != MGK_DRAW_IMAGE)
        record->others++;
    if (record->drawn->len >= MAX_DRAWN)
        record->over = TRUE;
    else
        g_array_append_vals(record->drawn, drawn, 1);
}

static MgkDrawGroup *open_group(MgkDrawRecord *record)
{
    GArray *groups = record->notes->groups;
    return groups->len ? &g_array_index(groups, MgkDrawGroup, groups->len - 1) : NULL;
}

/* What the page now shows in this box becomes a picture over it. */
static void keep_pixels(MgkDrawRecord *record, const MgkDrawBox *box)
{
    MgkDrawNotes *notes = record->notes;
    MgkDrawGroup *group = open_group(record);
    if (group) {
        group->lost = TRUE;
        return;
    }
    if (notes->snapshots++ >= MAX_SNAPSHOTS) {
        record->over = TRUE;
        return;
    }
    gint width = box->right - box->left, height = box->bottom - box->top;
    cairo_surface_t *copy =
        cairo_surface_create_similar_image(cairo_get_target(notes->cr), CAIRO_FORMAT_RGB24, width, height);
    gsize stride = (gsize)cairo_image_surface_get_stride(copy);
    guint8 *out = cairo_image_surface_get_data(copy);
    if (!out) {
        record->over = TRUE;
        cairo_surface_destroy(copy);
        return;
    }
    cairo_surface_flush(copy);
    for (gint y = 0; y < height; y++)
        memcpy(out + (gsize)y * stride, row_of(notes, box, box->top + y), (gsize)width * 4);
    cairo_surface_mark_dirty(copy);
    const MgkPdfScale *scale = &record->scale;
    MgkDrawn drawn = {.box = *box, .covers = TRUE, .op = {.type = MGK_DRAW_IMAGE, .alpha = 255}};
    const double matrix[] = {width * scale->x,
                             0,
                             0,
                             -height * scale->y,
                             scale->left + box->left * scale->x,
                             scale->top + box->bottom * scale->y};
    for (guint i = 0; i < 6; i++)
        drawn.op.matrix[i] = (gint32)lround(matrix[i]);
    drawn.op.image = mgk_draw_note_picture(record, copy, NULL);
    keep(record, &drawn);
    record->others++;
}

/* Can the group's only part bear the group's own transparency? */
static gboolean bears(const MgkDrawn *drawn, guint n, guint32 alpha, guint32 blend)
{
    return n == 1 && (drawn->op.type == MGK_DRAW_FILL || drawn->op.type == MGK_DRAW_IMAGE) &&
           (alpha < 255 || blend != drawn->op.blend) &&
           (blend == 0 || drawn->op.blend == 0 || blend == drawn->op.blend);
}

/* A group was painted: its parts are the page's when that makes no difference. */
static void keep_group(MgkDrawRecord *record, const MgkDrawBox *box)
{
    GArray *held = record->notes->held;
    guint32 alpha = record->notes->pending.op.alpha, blend = record->notes->pending.op.blend;
    MgkDrawn *only = held->len ? &g_array_index(held, MgkDrawn, 0) : NULL;
    gboolean plain = alpha == 255 && blend == 0 && !record->notes->held_lost;
    for (guint i = 0; plain && i < held->len; i++)
        plain = g_array_index(held, MgkDrawn, i).op.blend == 0;
    if (!plain && only && !record->notes->held_lost && bears(only, held->len, alpha, blend)) {
        only->op.alpha = MAX(only->op.alpha * alpha / 255, 1);
        only->op.blend = MAX(only->op.blend, blend);
        only->covers = FALSE;
        plain = TRUE;
    }
    if (!plain) {
        keep_pixels(record, box);
        return;
    }
    for (guint i = 0; i < held->len; i++) {
        MgkDrawn *drawn = &g_array_index(held, MgkDrawn, i);
        if (still_seen(record, drawn))
            keep(record, drawn);
    }
}

void mgk_draw_record_done(cairo_t *cr)
{
    MgkDrawRecord *record = active;
    if (!record || record->notes->cr != cr || record->notes->note == MGK_NOTE_NOTHING || record->over)
        return;
    MgkDrawNotes *notes = record->notes;
    MgkNote note = notes->note;
    MgkDrawBox box = {0};
    gboolean pixels = note != MGK_NOTE_KNOWN;
    notes->note = MGK_NOTE_NOTHING;
    cairo_surface_flush(cairo_get_group_target(cr));
    if (!changed(record, &notes->pending.box, pixels ? &box : NULL)) {
        record->unseen++;
        return;
    }
    if (note == MGK_NOTE_GROUP)
        keep_group(record, &box);
    else if (note == MGK_NOTE_UNKNOWN)
        keep_pixels(record, &box);
    else if (notes->pending.op.type != MGK_DRAW_GLYPHS || keep_seen_glyphs(record, &notes->pending))
        keep(record, &notes->pending);
}

/* ---- what the two others call ---- */

static MgkDrawRecord *watching(cairo_t *cr)
{
    return active && active->notes->cr == cr && !active->over ? active : NULL;
}

static void set_pending(MgkDrawRecord *record, cairo_t *cr, MgkNote note, const MgkDrawn *pending)
{
    record->notes->note = note;
    record->notes->pending = *pending;
    if (note != MGK_NOTE_NOTHING && !record->over)
        copy_before(record, cr);
}

void mgk_draw_record_fill(cairo_t *cr)
{
    MgkDrawRecord *record = watching(cr);
    MgkDrawn pending = {.clip = 0};
    if (record)
        set_pending(record, cr, mgk_draw_note_fill(record, cr, &pending), &pending);
}

void mgk_draw_record_stroke(cairo_t *cr)
{
    MgkDrawRecord *record = watching(cr);
    MgkDrawn pending = {.clip = 0};
    if (record)
        set_pending(record, cr, mgk_draw_note_stroke(record, cr, &pending), &pending);
}

/* Is it the group that ended last that is about to be painted? */
static gboolean paints_group(const MgkDrawRecord *record, cairo_t *cr)
{
    cairo_surface_t *surface = NULL;
    cairo_pattern_t *source = cairo_get_source(cr);
    return record->notes->held_surface && cairo_pattern_get_type(source) == CAIRO_PATTERN_TYPE_SURFACE &&
           cairo_pattern_get_surface(source, &surface) == CAIRO_STATUS_SUCCESS &&
           surface == record->notes->held_surface;
}

void mgk_draw_record_paint(cairo_t *cr, double alpha)
{
    MgkDrawRecord *record = watching(cr);
    MgkDrawn pending = {.clip = 0};
    if (!record)
        return;
    MgkNote note = mgk_draw_note_paint(record, cr, alpha, &pending);
    if (note != MGK_NOTE_NOTHING && paints_group(record, cr))
        note = MGK_NOTE_GROUP;
    set_pending(record, cr, note, &pending);
}

void mgk_draw_record_mask(cairo_t *cr, cairo_pattern_t *mask)
{
    MgkDrawRecord *record = watching(cr);
    MgkDrawn pending = {.clip = 0};
    if (!record)
        return;
    MgkNote note = mgk_draw_note_mask(record, cr, mask, &pending);
    if (note != MGK_NOTE_NOTHING && paints_group(record, cr))
        note = MGK_NOTE_UNKNOWN;
    set_pending(record, cr, note, &pending);
}

void mgk_draw_record_glyphs(cairo_t *cr, const cairo_glyph_t *glyphs, guint drawn, const MgkGlyphWatch *watch,
                            guint index)
{
    MgkDrawRecord *record = watching(cr);
    MgkDrawn pending = {.clip = 0};
    if (!record)
        return;
    if (drawn > watch->glyphs->len - index)
        record->over = TRUE; /* they were too many to be looked at */
    else if (drawn)
        set_pending(record, cr, mgk_draw_note_glyphs(record, cr, glyphs, watch, index, &pending), &pending);
}

void mgk_draw_record_group_begins(cairo_t *cr)
{
    MgkDrawRecord *record = watching(cr);
    if (!record)
        return;
    MgkDrawGroup group = {.first = record->drawn->len};
    g_array_append_val(record->notes->groups, group);
    g_array_append_val(record->notes->states, record->notes->clip);
}

static void pop_clip(MgkDrawRecord *record)
{
    GArray *states = record->notes->states;
    if (!states->len)
        return;
    record->notes->clip = g_array_index(states, guint, states->len - 1);
    g_array_set_size(states, states->len - 1);
}

void mgk_draw_record_group_ended(cairo_t *cr, cairo_pattern_t *pattern)
{
    MgkDrawRecord *record = watching(cr);
    MgkDrawGroup *group = record ? open_group(record) : NULL;
    cairo_surface_t *surface = NULL;
    if (!group)
        return;
    MgkDrawNotes *notes = record->notes;
    g_array_set_size(notes->held, 0);
    g_array_append_vals(notes->held, &g_array_index(record->drawn, MgkDrawn, group->first),
                        record->drawn->len - group->first);
    notes->held_lost = group->lost;
    g_array_set_size(record->drawn, group->first);
    g_array_set_size(notes->groups, notes->groups->len - 1);
    pop_clip(record);
    g_clear_pointer(&notes->held_surface, cairo_surface_destroy);
    if (pattern && cairo_pattern_get_surface(pattern, &surface) == CAIRO_STATUS_SUCCESS)
        notes->held_surface = cairo_surface_reference(surface);
}

/* ---- what the renderer calls instead of cairo ---- */

void cairo_save(cairo_t *cr)
{
    mgk_draw_record_warm();
    MgkDrawRecord *record = watching(cr);
    if (record)
        g_array_append_val(record->notes->states, record->notes->clip);
    real.save(cr);
}

void cairo_restore(cairo_t *cr)
{
    mgk_draw_record_warm();
    MgkDrawRecord *record = watching(cr);
    if (record)
        pop_clip(record);
    real.restore(cr);
}

void cairo_clip(cairo_t *cr)
{
    mgk_draw_record_warm();
    MgkDrawRecord *record = watching(cr);
    if (record)
        record->notes->clip = mgk_draw_note_clip(record, cr);
    real.clip(cr);
}

void cairo_set_source(cairo_t *cr, cairo_pattern_t *source)
{
    mgk_draw_record_warm();
    MgkDrawRecord *record = watching(cr);
    if (record)
        cairo_get_matrix(cr, &record->notes->source_ctm);
    real.set_source(cr, source);
}
