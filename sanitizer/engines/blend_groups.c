#include "engines/blend_groups.h"

#include "engines/draw_record.h"
#include "engines/glyph_watch.h"

#include <dlfcn.h>
#include <string.h>

#define MAX_DEPTH 64
#define MAX_WAITING 8 /* groups taken off the stack and not yet painted */
#define NOTHING (-1)
#define SEVERAL (-2)

typedef void (*Draw)(cairo_t *);
typedef void (*DrawAlpha)(cairo_t *, double);
typedef void (*DrawMask)(cairo_t *, cairo_pattern_t *);
typedef void (*Push)(cairo_t *);
typedef void (*PushContent)(cairo_t *, cairo_content_t);
typedef cairo_pattern_t *(*Pop)(cairo_t *);
typedef void (*PopToSource)(cairo_t *);

static struct {
    Draw fill, paint;
    DrawAlpha paint_with_alpha;
    DrawMask mask;
    Push push_group;
    PushContent push_group_with_content;
    Pop pop_group;
    PopToSource pop_group_to_source;
} real;

static struct {
    cairo_t *cr;          /* borrowed */
    gint mode[MAX_DEPTH]; /* of what was drawn in each open group: an operator, NOTHING or SEVERAL */
    guint depth;
    gboolean spared; /* the page was not erased: what was to be added goes over it */
    struct {
        cairo_pattern_t *group; /* borrowed: compared, never followed */
        cairo_operator_t mode;
    } waiting[MAX_WAITING];
    guint next_waiting;
} state;

static void find(const char *name, gpointer ret_function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        g_error("cairo lacks %s", name);
    memcpy(ret_function, &symbol, sizeof symbol);
}

void mgk_blend_groups_warm(void)
{
    if (real.fill)
        return;
    find("cairo_paint", &real.paint);
    find("cairo_paint_with_alpha", &real.paint_with_alpha);
    find("cairo_mask", &real.mask);
    find("cairo_push_group", &real.push_group);
    find("cairo_push_group_with_content", &real.push_group_with_content);
    find("cairo_pop_group", &real.pop_group);
    find("cairo_pop_group_to_source", &real.pop_group_to_source);
    find("cairo_fill", &real.fill);
}

void mgk_blend_groups_begin(cairo_t *cr)
{
    memset(&state, 0, sizeof state);
    state.cr = cr;
}

void mgk_blend_groups_note(cairo_t *cr)
{
    if (cr != state.cr || !state.depth || state.depth > MAX_DEPTH)
        return;
    gint *mode = &state.mode[state.depth - 1], now = (gint)cairo_get_operator(cr);
    *mode = *mode == NOTHING || *mode == now ? now : SEVERAL;
}

static void enter(cairo_t *cr)
{
    if (cr != state.cr || !cr)
        return;
    if (state.depth < MAX_DEPTH)
        state.mode[state.depth] = NOTHING;
    state.depth++;
}

static void leave(cairo_t *cr, cairo_pattern_t *group)
{
    if (cr != state.cr || !cr || !state.depth)
        return;
    state.depth--;
    if (state.depth >= MAX_DEPTH || state.mode[state.depth] < CAIRO_OPERATOR_MULTIPLY)
        return;
    state.waiting[state.next_waiting].group = group;
    state.waiting[state.next_waiting].mode = (cairo_operator_t)state.mode[state.depth];
    state.next_waiting = (state.next_waiting + 1) % MAX_WAITING;
}

/* The page itself is no knockout group, so nothing may punch holes into it; the renderer does when a soft mask was
 * drawn inside such a group, whose shape it mistakes for the group's. */
static gboolean spare_page(cairo_t *cr)
{
    if (cr != state.cr || !cr || state.depth || cairo_get_operator(cr) != CAIRO_OPERATOR_DEST_OUT)
        return FALSE;
    state.spared = TRUE;
    return TRUE;
}

/* The blend mode that the group about to be painted brings along; TRUE when there is one. It is set on cr. */
static gboolean borrow_mode(cairo_t *cr)
{
    if (cr != state.cr || !cr)
        return FALSE;
    if (state.spared && !state.depth && cairo_get_operator(cr) == CAIRO_OPERATOR_ADD)
        cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    state.spared = FALSE;
    if (cairo_get_operator(cr) != CAIRO_OPERATOR_OVER)
        return FALSE;
    cairo_pattern_t *source = cairo_get_source(cr);
    for (guint i = 0; i < MAX_WAITING; i++) {
        if (state.waiting[i].group && state.waiting[i].group == source) {
            cairo_set_operator(cr, state.waiting[i].mode);
            state.waiting[i].group = NULL;
            return TRUE;
        }
    }
    return FALSE;
}

static void give_back(cairo_t *cr, gboolean borrowed)
{
    mgk_blend_groups_note(cr);
    if (borrowed)
        cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
}

/* ---- what the renderer calls instead of cairo ---- */

void cairo_push_group(cairo_t *cr)
{
    mgk_blend_groups_warm();
    enter(cr);
    mgk_draw_record_group_begins(cr);
    real.push_group(cr);
}

void cairo_push_group_with_content(cairo_t *cr, cairo_content_t content)
{
    mgk_blend_groups_warm();
    enter(cr);
    mgk_draw_record_group_begins(cr);
    real.push_group_with_content(cr, content);
}

cairo_pattern_t *cairo_pop_group(cairo_t *cr)
{
    mgk_blend_groups_warm();
    mgk_glyph_watch_group_ends(cr);
    cairo_pattern_t *group = real.pop_group(cr);
    leave(cr, group);
    mgk_draw_record_group_ended(cr, group);
    return group;
}

void cairo_pop_group_to_source(cairo_t *cr)
{
    mgk_blend_groups_warm();
    mgk_glyph_watch_group_ends(cr);
    real.pop_group_to_source(cr);
    leave(cr, cr == state.cr && cr ? cairo_get_source(cr) : NULL);
    mgk_draw_record_group_ended(cr, cairo_get_source(cr));
}

void cairo_fill(cairo_t *cr)
{
    mgk_blend_groups_warm();
    mgk_blend_groups_note(cr);
    mgk_draw_record_fill(cr);
    real.fill(cr);
    mgk_draw_record_done(cr);
}

void cairo_paint(cairo_t *cr)
{
    mgk_blend_groups_warm();
    if (spare_page(cr))
        return;
    gboolean borrowed = borrow_mode(cr);
    mgk_draw_record_paint(cr, 1);
    real.paint(cr);
    mgk_draw_record_done(cr);
    give_back(cr, borrowed);
}

void cairo_paint_with_alpha(cairo_t *cr, double alpha)
{
    mgk_blend_groups_warm();
    gboolean borrowed = borrow_mode(cr);
    mgk_draw_record_paint(cr, alpha);
    real.paint_with_alpha(cr, alpha);
    mgk_draw_record_done(cr);
    give_back(cr, borrowed);
}

void cairo_mask(cairo_t *cr, cairo_pattern_t *pattern)
{
    mgk_blend_groups_warm();
    gboolean borrowed = borrow_mode(cr);
    mgk_draw_record_mask(cr, pattern);
    real.mask(cr, pattern);
    mgk_draw_record_done(cr);
    give_back(cr, borrowed);
}
