#include "engines/draw_ops.h"

#include "model/error.h"

#include <string.h>

#define MILLION 1000000
#define MAX_EM 100000 /* units, either way: a shape fifty ems wide is none */

static gboolean broken(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "drawing: %s", what);
    return FALSE;
}

static gboolean over(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "page_drawing: %s", what);
    return FALSE;
}

static gboolean within(gint32 untrusted, gint32 most)
{
    return untrusted >= -most && untrusted <= most;
}

guint mgk_path_numbers(guint32 verb)
{
    static const guint8 numbers[] = {[MGK_PATH_MOVE] = 2, [MGK_PATH_LINE] = 2, [MGK_PATH_CURVE] = 6};
    return verb < G_N_ELEMENTS(numbers) ? numbers[verb] : 0;
}

/* Every part begins with a MOVE and ends where the next begins; all numbers within most. */
static gboolean path_ok(const guint32 *untrusted_words, gsize n, gint32 most)
{
    gboolean open = FALSE;
    for (gsize i = 0; i < n;) {
        guint32 verb = untrusted_words[i++];
        guint numbers = mgk_path_numbers(verb);
        if (verb < MGK_PATH_MOVE || verb > MGK_PATH_CLOSE || numbers > n - i || (verb != MGK_PATH_MOVE && !open))
            return FALSE;
        for (guint end = 0; end < numbers; end++) {
            if (!within((gint32)untrusted_words[i++], most))
                return FALSE;
        }
        open = verb != MGK_PATH_CLOSE;
    }
    return TRUE;
}

static gboolean matrix_ok(const MgkDrawOp *untrusted, gint32 most)
{
    for (guint i = 0; i < G_N_ELEMENTS(untrusted->matrix); i++) {
        if (!within(untrusted->matrix[i], most))
            return FALSE;
    }
    return TRUE;
}

static gboolean stops_ok(const guint32 *untrusted_words, guint n)
{
    guint32 last = 0;
    for (guint i = 0; i < n; i++) {
        MgkDrawStop stop;
        memcpy(&stop, untrusted_words + (gsize)2 * i, sizeof stop);
        if (stop.at < last || stop.at > MILLION || stop.color > 0xffffff)
            return FALSE;
        last = stop.at;
    }
    return n >= 2 && n <= MGK_DRAW_MAX_STOPS;
}

static gboolean fill_ok(const MgkDrawOp *untrusted, const guint32 *untrusted_small)
{
    if (untrusted->paint == MGK_PAINT_SOLID)
        return untrusted->n_small == 0;
    return untrusted->paint < MGK_N_PAINTS && untrusted->extend <= 3 && matrix_ok(untrusted, MGK_DRAW_MAX_LENGTH) &&
           untrusted->matrix[2] >= 0 && untrusted->matrix[5] >= 0 && stops_ok(untrusted_small, untrusted->n_small);
}

static gboolean stroke_ok(const MgkDrawOp *untrusted, const guint32 *untrusted_small)
{
    guint64 sum = 0;
    for (guint i = 0; i < untrusted->n_small; i++) {
        if (untrusted_small[i] > MGK_DRAW_MAX_LENGTH)
            return FALSE;
        sum += untrusted_small[i];
    }
    return (!untrusted->n_small || sum > 0) && untrusted->width <= MGK_DRAW_MAX_LENGTH && untrusted->cap <= 2 &&
           untrusted->join <= 2 && untrusted->miter >= 1000 && untrusted->miter <= MILLION &&
           within(untrusted->dash_start, MGK_DRAW_MAX_LENGTH) && untrusted->n_small <= MGK_DRAW_MAX_DASHES &&
           matrix_ok(untrusted, 2 * MILLION);
}

static gboolean glyphs_ok(const MgkDrawState *state, const MgkDrawOp *untrusted, const guint32 *untrusted_words)
{
    for (guint i = 0; i < untrusted->n_path; i++) {
        MgkDrawGlyph glyph;
        memcpy(&glyph, untrusted_words + (gsize)3 * i, sizeof glyph);
        if (glyph.shape >= state->shapes || !within(glyph.x, MGK_DRAW_MAX_LENGTH) ||
            !within(glyph.y, MGK_DRAW_MAX_LENGTH))
            return FALSE;
    }
    return untrusted->n_path > 0 && untrusted->n_small == 0 && matrix_ok(untrusted, MGK_DRAW_MAX_LENGTH);
}

/* How many words follow the head; FALSE when that is more than there are. */
static gboolean tail_of(const MgkDrawOp *untrusted, gsize left, gsize *ret_small, gsize *ret_words)
{
    gsize small = untrusted->n_small, path = untrusted->n_path;
    if (small > MGK_DRAW_MAX_STOPS || path > MGK_DRAW_MAX_WORDS)
        return FALSE;
    if (untrusted->type == MGK_DRAW_FILL)
        small *= 2;
    if (untrusted->type == MGK_DRAW_GLYPHS)
        path *= 3;
    *ret_small = small;
    *ret_words = small + path;
    return small + path <= left;
}

static gboolean op_ok(MgkDrawState *state, const MgkDrawOp *untrusted, const guint32 *small, const guint32 *path)
{
    gboolean paints = untrusted->type != MGK_DRAW_CLIP && untrusted->type != MGK_DRAW_UNCLIP;
    if (untrusted->rule > 1 || untrusted->color > 0xffffff ||
        (paints && (untrusted->alpha < 1 || untrusted->alpha > 255 || untrusted->blend >= MGK_DRAW_N_BLENDS)))
        return FALSE;
    switch ((MgkDrawType)untrusted->type) {
    case MGK_DRAW_CLIP:
        return state->depth++ < MGK_DRAW_MAX_DEPTH && untrusted->n_small == 0 && untrusted->n_path > 0 &&
               path_ok(path, untrusted->n_path, MGK_DRAW_MAX_LENGTH);
    case MGK_DRAW_UNCLIP:
        return state->depth-- > 0 && untrusted->n_small == 0 && untrusted->n_path == 0;
    case MGK_DRAW_FILL:
        return untrusted->n_path > 0 && fill_ok(untrusted, small) &&
               path_ok(path, untrusted->n_path, MGK_DRAW_MAX_LENGTH);
    case MGK_DRAW_STROKE:
        return untrusted->n_path > 0 && stroke_ok(untrusted, small) &&
               path_ok(path, untrusted->n_path, MGK_DRAW_MAX_LENGTH);
    case MGK_DRAW_GLYPHS:
        return glyphs_ok(state, untrusted, path);
    case MGK_DRAW_IMAGE:
        return untrusted->image < state->images && untrusted->n_small == 0 && untrusted->n_path == 0 &&
               matrix_ok(untrusted, MGK_DRAW_MAX_LENGTH);
    }
    return FALSE;
}

static gboolean take_words(MgkDrawState *state, gsize size, GError **error)
{
    if (size % sizeof(guint32))
        return broken(error, "a part of a word");
    if (size / sizeof(guint32) > MGK_DRAW_MAX_WORDS - state->words)
        return over(error, "too much on one page");
    state->words += size / sizeof(guint32);
    return TRUE;
}

static const guint32 *words_at(const guint8 *data, gsize offset)
{
    return (const guint32 *)(gconstpointer)(data + offset); /* records are allocated, and made of words */
}

gboolean mgk_draw_check(MgkDrawState *state, const guint8 *data, gsize size, GError **error)
{
    if (!take_words(state, size, error))
        return FALSE;
    for (gsize at = 0; at < size;) {
        MgkDrawOp op;
        gsize small = 0, words = 0;
        if (size - at < sizeof op)
            return broken(error, "a part of an operation");
        memcpy(&op, data + at, sizeof op);
        at += sizeof op;
        if (!tail_of(&op, (size - at) / sizeof(guint32), &small, &words) ||
            !op_ok(state, &op, words_at(data, at), words_at(data, at) + small))
            return broken(error, "an operation");
        at += words * sizeof(guint32);
    }
    return TRUE;
}

gboolean mgk_draw_check_shapes(MgkDrawState *state, const guint8 *data, gsize size, GError **error)
{
    if (!take_words(state, size, error))
        return FALSE;
    for (gsize at = 0; at < size;) {
        MgkDrawShape shape;
        if (size - at < sizeof shape)
            return broken(error, "a part of a shape");
        memcpy(&shape, data + at, sizeof shape);
        at += sizeof shape;
        if (shape.n_path > (size - at) / sizeof(guint32) || !shape.n_path || shape.advance < 0 ||
            shape.advance > MAX_EM || !path_ok(words_at(data, at), shape.n_path, MAX_EM))
            return broken(error, "a shape");
        if (state->shapes++ >= MGK_DRAW_MAX_SHAPES)
            return over(error, "too many shapes");
        at += shape.n_path * sizeof(guint32);
    }
    return TRUE;
}

gboolean mgk_draw_next(const guint8 *data, gsize size, gsize *offset, MgkDrawOp *ret_op, const guint32 **ret_small,
                       const guint32 **ret_path)
{
    gsize small = 0, words = 0;
    if (*offset >= size)
        return FALSE;
    memcpy(ret_op, data + *offset, sizeof *ret_op);
    *offset += sizeof *ret_op;
    if (!tail_of(ret_op, (size - *offset) / sizeof(guint32), &small, &words))
        return FALSE;
    *ret_small = words_at(data, *offset);
    *ret_path = *ret_small + small;
    *offset += words * sizeof(guint32);
    return TRUE;
}

gboolean mgk_draw_next_shape(const guint8 *data, gsize size, gsize *offset, MgkDrawShape *ret_shape,
                             const guint32 **ret_path)
{
    if (*offset >= size)
        return FALSE;
    memcpy(ret_shape, data + *offset, sizeof *ret_shape);
    *offset += sizeof *ret_shape;
    *ret_path = words_at(data, *offset);
    *offset += ret_shape->n_path * sizeof(guint32);
    return TRUE;
}
