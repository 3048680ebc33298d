#include "engines/draw_shapes.h"

#include <math.h>
#include <string.h>

#define MAX_WORDS 4000000 /* kept from page to page */
#define MAX_FACES 256
#define MAX_SHAPE 30000 /* words of one glyph */
#define MAX_EMS 50.0
#define MAX_PIXELS 1e6 /* of such a picture */
#define COARSE 10      /* letters that the file draws itself (Type 3) are taken at a tenth: some are pictures */

typedef struct Face {
    cairo_font_face_t *face;     /* owned, so that no other gets its address */
    cairo_scaled_font_t *scaled; /* owned */
    gint enlarge;                /* from its units to ours */
    GHashTable *numbers;         /* glyph → number + 1 */
} Face;

typedef struct Entry {
    MgkDrawShape shape;
    guint path; /* in words */
    gint32 box[4];
} Entry;

struct MgkDrawShapes {
    GArray *faces;   /* of Face */
    GArray *entries; /* of Entry */
    GArray *words;   /* of guint32 */
    cairo_t *cr;     /* owned: to take paths with */
};

static void clear_face(gpointer data)
{
    Face *face = data;
    cairo_font_face_destroy(face->face);
    g_clear_pointer(&face->scaled, cairo_scaled_font_destroy);
    g_hash_table_unref(face->numbers);
}

MgkDrawShapes *mgk_draw_shapes_new(void)
{
    MgkDrawShapes *shapes = g_new0(MgkDrawShapes, 1);
    shapes->faces = g_array_new(FALSE, FALSE, sizeof(Face));
    g_array_set_clear_func(shapes->faces, clear_face);
    shapes->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    shapes->words = g_array_new(FALSE, FALSE, sizeof(guint32));
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    shapes->cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    return shapes;
}

void mgk_draw_shapes_free(MgkDrawShapes *shapes)
{
    if (!shapes)
        return;
    g_array_unref(shapes->faces);
    g_array_unref(shapes->entries);
    g_array_unref(shapes->words);
    cairo_destroy(shapes->cr);
    g_free(shapes);
}

static gboolean append_point(GArray *words, const cairo_matrix_t *m, const cairo_path_data_t *point, double *box)
{
    double x = m->xx * point->point.x + m->xy * point->point.y + m->x0;
    double y = m->yx * point->point.x + m->yy * point->point.y + m->y0;
    if (!(fabs(x) < MGK_DRAW_MAX_LENGTH) || !(fabs(y) < MGK_DRAW_MAX_LENGTH))
        return FALSE;
    gint32 at[2] = {(gint32)(x < 0 ? x - 0.5 : x + 0.5), (gint32)(y < 0 ? y - 0.5 : y + 0.5)};
    g_array_append_vals(words, at, 2);
    if (box) {
        box[0] = MIN(box[0], x);
        box[1] = MIN(box[1], y);
        box[2] = MAX(box[2], x);
        box[3] = MAX(box[3], y);
    }
    return TRUE;
}

gboolean mgk_draw_append_path(GArray *words, const cairo_path_t *path, const cairo_matrix_t *matrix, double *box)
{
    static const guint32 verbs[] = {[CAIRO_PATH_MOVE_TO] = MGK_PATH_MOVE,
                                    [CAIRO_PATH_LINE_TO] = MGK_PATH_LINE,
                                    [CAIRO_PATH_CURVE_TO] = MGK_PATH_CURVE,
                                    [CAIRO_PATH_CLOSE_PATH] = MGK_PATH_CLOSE};
    if (path->status != CAIRO_STATUS_SUCCESS)
        return FALSE;
    gboolean open = FALSE;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *data = &path->data[i];
        guint32 verb = verbs[data->header.type];
        gboolean last_move = verb == MGK_PATH_MOVE && i + data->header.length >= path->num_data;
        if (last_move || (verb == MGK_PATH_CLOSE && !open))
            continue; /* cairo ends closed paths with a move */
        if (verb != MGK_PATH_MOVE && !open)
            return FALSE;
        g_array_append_val(words, verb);
        for (guint k = 0; k < mgk_path_numbers(verb) / 2; k++) {
            if (!append_point(words, matrix, &data[1 + k], box))
                return FALSE;
        }
        open = verb != MGK_PATH_CLOSE;
    }
    return TRUE;
}

static Face *face_of(MgkDrawShapes *shapes, cairo_font_face_t *wanted)
{
    for (guint i = shapes->faces->len; i-- > 0;) {
        Face *face = &g_array_index(shapes->faces, Face, i);
        if (face->face == wanted)
            return face;
    }
    Face face = {.face = cairo_font_face_reference(wanted), .numbers = g_hash_table_new(NULL, NULL)};
    cairo_matrix_t size, none;
    face.enlarge = cairo_font_face_get_type(wanted) == CAIRO_FONT_TYPE_USER ? COARSE : 1;
    cairo_matrix_init_scale(&size, (double)MGK_DRAW_EM / face.enlarge, (double)MGK_DRAW_EM / face.enlarge);
    cairo_matrix_init_identity(&none);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    face.scaled = cairo_scaled_font_create(wanted, &size, &none, options);
    cairo_font_options_destroy(options);
    g_array_append_val(shapes->faces, face);
    return &g_array_index(shapes->faces, Face, shapes->faces->len - 1);
}

/* Takes a glyph's path and returns its number, or MGK_DRAW_NO_SHAPE. */
static guint32 outline(MgkDrawShapes *shapes, const Face *face, gulong index)
{
    cairo_glyph_t glyph = {.index = index};
    cairo_text_extents_t extents;
    double box[4] = {1e9, 1e9, -1e9, -1e9};
    cairo_matrix_t up = {.xx = face->enlarge, .yy = -face->enlarge};
    Entry entry = {.path = shapes->words->len};
    cairo_scaled_font_glyph_extents(face->scaled, &glyph, 1, &extents);
    if (!(fabs(extents.width) < MAX_EMS * MGK_DRAW_EM) || !(fabs(extents.height) < MAX_EMS * MGK_DRAW_EM) ||
        (face->enlarge > 1 && !(fabs(extents.width * extents.height) < MAX_PIXELS)))
        return MGK_DRAW_NO_SHAPE; /* cairo makes a picture of some to follow its edges */
    cairo_new_path(shapes->cr);
    cairo_set_scaled_font(shapes->cr, face->scaled);
    cairo_glyph_path(shapes->cr, &glyph, 1);
    cairo_path_t *path = cairo_copy_path(shapes->cr);
    gboolean ok = mgk_draw_append_path(shapes->words, path, &up, box);
    cairo_path_destroy(path);
    entry.shape.n_path = shapes->words->len - entry.path;
    entry.shape.advance = (gint32)CLAMP(lround(extents.x_advance * face->enlarge), 0, 50 * MGK_DRAW_EM);
    gboolean fits = box[0] > -50 * MGK_DRAW_EM && box[1] > -50 * MGK_DRAW_EM && box[2] < 50 * MGK_DRAW_EM &&
                    box[3] < 50 * MGK_DRAW_EM;
    if (!ok || !entry.shape.n_path || entry.shape.n_path > MAX_SHAPE || !fits) {
        g_array_set_size(shapes->words, entry.path);
        return MGK_DRAW_NO_SHAPE;
    }
    for (guint i = 0; i < 4; i++)
        entry.box[i] = (gint32)lround(box[i]);
    g_array_append_val(shapes->entries, entry);
    return shapes->entries->len - 1;
}

guint32 mgk_draw_shapes_find(MgkDrawShapes *shapes, cairo_font_face_t *wanted, gulong glyph)
{
    Face *face = face_of(shapes, wanted);
    gpointer key = (gpointer)glyph, known = NULL;
    if (cairo_scaled_font_status(face->scaled) != CAIRO_STATUS_SUCCESS)
        return MGK_DRAW_NO_SHAPE;
    if (g_hash_table_lookup_extended(face->numbers, key, NULL, &known))
        return GPOINTER_TO_UINT(known) - 1;
    guint32 number = outline(shapes, face, glyph);
    g_hash_table_insert(face->numbers, key, GUINT_TO_POINTER(number + 1));
    return number;
}

const MgkDrawShape *mgk_draw_shapes_get(const MgkDrawShapes *shapes, guint32 number, const guint32 **ret_path)
{
    const Entry *entry = &g_array_index(shapes->entries, Entry, number);
    *ret_path = &g_array_index(shapes->words, guint32, entry->path);
    return &entry->shape;
}

const gint32 *mgk_draw_shapes_box(const MgkDrawShapes *shapes, guint32 number)
{
    return g_array_index(shapes->entries, Entry, number).box;
}

void mgk_draw_shapes_trim(MgkDrawShapes *shapes)
{
    if (shapes->words->len < MAX_WORDS && shapes->faces->len < MAX_FACES)
        return;
    g_array_set_size(shapes->faces, 0);
    g_array_set_size(shapes->entries, 0);
    g_array_set_size(shapes->words, 0);
}
