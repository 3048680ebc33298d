#include "engines/slide_internal.h"

#include <string.h>

#define EMU_MAX (G_GINT64_CONSTANT(1) << 40)
#define TINY_TEXT 200 /* hundredths of a point */

/* A time node or condition that is open. */
typedef struct Time {
    guint number;
    gboolean lost;
} Time;

/* A top-level shape that is open. */
typedef struct Shape {
    guint number;
    gboolean has_text, hidden;
    MgkSlideBox box;
    GPtrArray *ids; /* owned; of the shape and those in it */
} Shape;

typedef struct MgkSlideScan {
    MgkSlidePicture *picture; /* borrowed; of the object or control that is open */
    GArray *times;            /* owned; of Time */
    Shape shape;
    gboolean in_shape;
    gboolean tiny;
    GHashTable *vml;   /* owned; VML shape id → image relationship id, added to the slide */
    char *vml_shape;   /* owned */
    MgkOpcPart *slide; /* borrowed; while its VML is read */
} MgkSlideScan;

const gsize mgk_slide_state_size = sizeof(MgkSlideState);

static void picture_clear(MgkSlidePicture *picture)
{
    g_free(picture->id);
    g_free(picture->name);
    g_free(picture->spid);
    g_free(picture->image);
}

static void picture_free(gpointer data)
{
    picture_clear(data);
    g_free(data);
}

static void frame_free(gpointer data)
{
    MgkSlideFrame *frame = data;
    picture_clear(&frame->picture);
    g_free(frame);
}

static void facts_free(gpointer data)
{
    MgkSlideFacts *facts = data;
    g_ptr_array_unref(facts->frames);
    g_ptr_array_unref(facts->controls);
    g_hash_table_unref(facts->ids);
    g_hash_table_unref(facts->lost_times);
    g_hash_table_unref(facts->lost);
    g_free(facts);
}

static MgkSlideFacts *facts_new(void)
{
    MgkSlideFacts *facts = g_new0(MgkSlideFacts, 1);
    facts->frames = g_ptr_array_new_with_free_func(frame_free);
    facts->controls = g_ptr_array_new_with_free_func(picture_free);
    facts->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    facts->lost_times = g_hash_table_new(NULL, NULL);
    facts->lost = g_hash_table_new(NULL, NULL);
    return facts;
}

void mgk_slide_state_clear(gpointer data)
{
    MgkSlideState *state = data;
    if (state->facts)
        g_hash_table_unref(state->facts);
}

MgkSlideState *mgk_slide_state(const MgkXmlFilter *filter)
{
    return mgk_opc_state(mgk_opc_of(filter));
}

void mgk_slide_reset(MgkSlideState *state, MgkSlideFacts *facts)
{
    state->now = facts;
    state->n_frames = state->n_shapes = state->n_times = 0;
    state->frame_depth = state->group_depth = 0;
}

/* ---- frames, objects, controls ---- */

static MgkSlideFrame *open_frame(const MgkSlideState *state)
{
    return state->frame_depth ? g_ptr_array_index(state->now->frames, state->n_frames - 1) : NULL;
}

static MgkXmlAction on_frame(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    (void)element;
    if (state->frame_depth++ == 0) {
        g_ptr_array_add(state->now->frames, g_new0(MgkSlideFrame, 1));
        state->n_frames++;
    }
    return MGK_XML_KEEP;
}

static void on_frame_end(MgkXmlFilter *filter)
{
    mgk_slide_state(filter)->frame_depth--;
}

static MgkXmlAction on_content(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideFrame *frame = open_frame(mgk_slide_state(filter));
    (void)element;
    if (frame)
        frame->has_content = TRUE;
    return MGK_XML_KEEP;
}

static MgkXmlAction on_object(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    MgkSlideFrame *frame = open_frame(state);
    if (!frame)
        return MGK_XML_DROP;
    frame->is_object = TRUE;
    state->scan->picture = &frame->picture;
    if (!frame->picture.spid)
        frame->picture.spid = mgk_xml_get(element, MGK_NS_NONE, "spid");
    return MGK_XML_KEEP;
}

static MgkXmlAction on_control(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    MgkSlidePicture *picture = g_new0(MgkSlidePicture, 1);
    picture->name = mgk_xml_get(element, MGK_NS_NONE, "name");
    picture->spid = mgk_xml_get(element, MGK_NS_NONE, "spid");
    g_ptr_array_add(state->now->controls, picture);
    state->scan->picture = picture;
    return MGK_XML_KEEP;
}

static void on_picture_end(MgkXmlFilter *filter)
{
    mgk_slide_state(filter)->scan->picture = NULL;
}

static MgkXmlAction on_blip(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlidePicture *picture = mgk_slide_state(filter)->scan->picture;
    g_autofree char *id = mgk_xml_get(element, MGK_NS_R, "embed");
    const MgkOpcRelationship *relationship = id ? mgk_opc_relationship(mgk_opc_part_of(filter), id) : NULL;
    if (picture && relationship && !relationship->dropped && relationship->rel == MGK_REL_IMAGE && !picture->image)
        picture->image = g_steal_pointer(&id);
    return MGK_XML_KEEP;
}

/* ---- shapes ---- */

static gboolean at_top(const MgkSlideState *state)
{
    return !state->frame_depth && !state->group_depth && !state->scan->picture;
}

static MgkXmlAction on_shape(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    (void)element;
    if (at_top(state)) {
        state->scan->in_shape = TRUE;
        state->scan->shape = (Shape){.number = state->n_shapes++, .ids = g_ptr_array_new_with_free_func(g_free)};
    }
    state->group_depth++;
    return MGK_XML_KEEP;
}

static gboolean is_outside(const MgkSlideState *state, const MgkSlideBox *box)
{
    const MgkSlideSize *page = state->page;
    if (!box->placed || !box->sized || page->width <= 0)
        return FALSE;
    return box->x >= page->width || box->y >= page->height || box->x + box->cx <= 0 || box->y + box->cy <= 0;
}

static void judge_shape(MgkXmlFilter *filter, MgkSlideState *state, const Shape *shape)
{
    const char *why = is_outside(state, &shape->box) ? "off the slide" : shape->hidden ? "hidden shape" : NULL;
    if (!why || !shape->has_text || mgk_xml_find(filter, MGK_KIND_HIDDEN_TEXT, why) != MGK_ACTION_REMOVE)
        return;
    g_hash_table_add(state->now->lost, GUINT_TO_POINTER(shape->number + 1));
    for (guint i = 0; i < shape->ids->len; i++)
        g_hash_table_remove(state->now->ids, g_ptr_array_index(shape->ids, i));
}

static void on_shape_end(MgkXmlFilter *filter)
{
    MgkSlideState *state = mgk_slide_state(filter);
    MgkSlideScan *scan = state->scan;
    if (--state->group_depth || !scan->in_shape)
        return;
    judge_shape(filter, state, &scan->shape);
    scan->in_shape = FALSE;
    g_clear_pointer(&scan->shape.ids, g_ptr_array_unref);
}

static MgkXmlAction on_shape_name(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    g_autofree char *id = mgk_xml_get(element, MGK_NS_NONE, "id");
    MgkSlideFrame *frame = open_frame(state);
    if (!id || state->scan->picture)
        return MGK_XML_KEEP;
    if (frame && !frame->picture.id) {
        frame->picture.id = g_strdup(id);
        frame->picture.name = mgk_xml_get(element, MGK_NS_NONE, "name");
    }
    if (state->scan->in_shape) {
        g_ptr_array_add(state->scan->shape.ids, g_strdup(id));
        if (state->group_depth == 1)
            state->scan->shape.hidden =
                mgk_xml_is(element, MGK_NS_NONE, "hidden", "1") || mgk_xml_is(element, MGK_NS_NONE, "hidden", "true");
    }
    g_hash_table_add(state->now->ids, g_steal_pointer(&id));
    return MGK_XML_KEEP;
}

static MgkXmlAction on_text(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideScan *scan = mgk_slide_state(filter)->scan;
    (void)element;
    scan->shape.has_text = TRUE;
    if (scan->tiny)
        mgk_xml_find(filter, MGK_KIND_HIDDEN_TEXT, "text too small to read");
    scan->tiny = FALSE;
    return MGK_XML_KEEP;
}

static MgkXmlAction on_run(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *size = mgk_xml_get(element, MGK_NS_NONE, "sz");
    mgk_slide_state(filter)->scan->tiny = size && g_ascii_strtoll(size, NULL, 10) <= TINY_TEXT;
    return MGK_XML_KEEP;
}

/* ---- places ---- */

static gint64 emu(const MgkXmlElement *element, const char *name)
{
    g_autofree char *text = mgk_xml_get(element, MGK_NS_NONE, name);
    return text ? CLAMP(g_ascii_strtoll(text, NULL, 10), -EMU_MAX, EMU_MAX) : 0;
}

/* Whose place an a:off or a:ext tells: that of the innermost thing that is watched. */
static MgkSlideBox *box_of(const MgkXmlFilter *filter)
{
    const MgkSlideState *state = mgk_slide_state(filter);
    const char *parent = mgk_xml_open_name(filter, mgk_xml_depth(filter), NULL);
    if (g_strcmp0(parent, "xfrm") != 0)
        return NULL;
    MgkSlideFrame *frame = open_frame(state);
    if (frame) /* the frame's own place comes before what it holds */
        return &frame->picture.box;
    if (state->scan->picture)
        return &state->scan->picture->box;
    return state->scan->in_shape && state->group_depth == 1 ? &state->scan->shape.box : NULL;
}

static MgkXmlAction on_offset(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideBox *box = box_of(filter);
    if (box && !box->placed) {
        box->x = emu(element, "x");
        box->y = emu(element, "y");
        box->placed = TRUE;
    }
    return MGK_XML_KEEP;
}

static MgkXmlAction on_extent(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideBox *box = box_of(filter);
    if (box && !box->sized) {
        box->cx = MAX(emu(element, "cx"), 0);
        box->cy = MAX(emu(element, "cy"), 0);
        box->sized = TRUE;
    }
    return MGK_XML_KEEP_FILLED;
}

static MgkXmlAction on_size(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    MgkSlideSize size = {.width = emu(element, "cx"), .height = emu(element, "cy")};
    *(strcmp(element->name, "sldSz") == 0 ? &state->slide : &state->notes) = size;
    return MGK_XML_KEEP;
}

/* ---- timing ---- */

static MgkXmlAction on_time(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    Time time = {.number = state->n_times++};
    (void)element;
    g_array_append_val(state->scan->times, time);
    return MGK_XML_KEEP;
}

static void on_time_end(MgkXmlFilter *filter)
{
    MgkSlideState *state = mgk_slide_state(filter);
    GArray *times = state->scan->times;
    const Time *time = &g_array_index(times, Time, times->len - 1);
    if (time->lost)
        g_hash_table_insert(state->now->lost_times, GUINT_TO_POINTER(time->number + 1),
                            GUINT_TO_POINTER(state->n_times - time->number - 1));
    g_array_set_size(times, times->len - 1);
}

static MgkXmlAction on_target(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkSlideState *state = mgk_slide_state(filter);
    g_autofree char *id = mgk_xml_get(element, MGK_NS_NONE, "spid");
    GArray *times = state->scan->times;
    if (times->len && (!id || !g_hash_table_contains(state->now->ids, id)))
        g_array_index(times, Time, times->len - 1).lost = TRUE;
    return MGK_XML_KEEP;
}

static const MgkXmlHook survey_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_PPTX_FRAME] = {.start = on_frame, .end = on_frame_end},
    [MGK_XML_HOOK_DRAWING_CONTENT] = {.start = on_content},
    [MGK_XML_HOOK_PPTX_OBJECT] = {.start = on_object, .end = on_picture_end},
    [MGK_XML_HOOK_PPTX_CONTROL] = {.start = on_control, .end = on_picture_end},
    [MGK_XML_HOOK_DRAWING_BLIP] = {.start = on_blip},
    [MGK_XML_HOOK_PPTX_SHAPE] = {.start = on_shape, .end = on_shape_end},
    [MGK_XML_HOOK_PPTX_SHAPE_NAME] = {.start = on_shape_name},
    [MGK_XML_HOOK_DRAWING_TEXT] = {.start = on_text},
    [MGK_XML_HOOK_DRAWING_RUN] = {.start = on_run},
    [MGK_XML_HOOK_DRAWING_OFFSET] = {.start = on_offset},
    [MGK_XML_HOOK_DRAWING_EXTENT] = {.start = on_extent},
    [MGK_XML_HOOK_PPTX_TIME] = {.start = on_time, .end = on_time_end},
    [MGK_XML_HOOK_PPTX_TARGET] = {.start = on_target},
};

static const MgkXmlHook size_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_PPTX_SIZE] = {.start = on_size},
};

/* ---- VML: where PowerPoint 2007 keeps the pictures of objects ---- */

static MgkXmlAction on_vml_shape(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideScan *scan = mgk_slide_state(filter)->scan;
    g_free(scan->vml_shape);
    scan->vml_shape = mgk_xml_get(element, MGK_NS_NONE, "id");
    return MGK_XML_KEEP;
}

/* The picture gets a relationship from the slide itself, since the VML part does not cross. */
static char *adopt_image(MgkOpcPart *slide, MgkOpcPart *image)
{
    MgkOpcRelationship *relationship = g_new0(MgkOpcRelationship, 1);
    relationship->id = g_strdup_printf("vml image %u", slide->relationships->len);
    relationship->rel = MGK_REL_IMAGE;
    relationship->target = image;
    g_ptr_array_add(slide->relationships, relationship);
    g_hash_table_insert(slide->by_id, relationship->id, relationship);
    return g_strdup(relationship->id);
}

static MgkXmlAction on_vml_image(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideScan *scan = mgk_slide_state(filter)->scan;
    g_autofree char *id = mgk_xml_get(element, MGK_NS_O, "relid");
    if (!id)
        id = mgk_xml_get(element, MGK_NS_R, "id");
    const MgkOpcRelationship *relationship = id ? mgk_opc_relationship(mgk_opc_part_of(filter), id) : NULL;
    if (relationship && !relationship->dropped && relationship->rel == MGK_REL_IMAGE && scan->vml_shape &&
        !g_hash_table_contains(scan->vml, scan->vml_shape))
        g_hash_table_insert(scan->vml, g_strdup(scan->vml_shape), adopt_image(scan->slide, relationship->target));
    return MGK_XML_KEEP;
}

static const MgkXmlHook vml_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_VML_SHAPE] = {.start = on_vml_shape},
    [MGK_XML_HOOK_PPTX_VML_IMAGE] = {.start = on_vml_image},
};

static gboolean wants_vml(const MgkSlideFacts *facts)
{
    for (guint i = 0; i < facts->frames->len; i++) {
        const MgkSlideFrame *frame = g_ptr_array_index(facts->frames, i);
        if (frame->is_object && !frame->picture.image && frame->picture.spid)
            return TRUE;
    }
    return FALSE;
}

static void take_vml_image(MgkSlidePicture *picture, GHashTable *vml)
{
    const char *image = picture->spid ? g_hash_table_lookup(vml, picture->spid) : NULL;
    if (!picture->image && image)
        picture->image = g_strdup(image);
}

/* Reads a slide's VML for pictures, then drops it: nothing else in a slide uses it. */
static gboolean resolve_vml(MgkOpc *opc, MgkOpcPart *part, MgkSlideFacts *facts, GError **error)
{
    MgkSlideState *state = mgk_opc_state(opc);
    gboolean wanted = wants_vml(facts);
    state->scan->slide = part;
    for (guint i = 0, n = part->relationships->len; i < n; i++) {
        MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, i);
        if (relationship->rel != MGK_REL_VML_DRAWING || relationship->dropped)
            continue;
        if (wanted && !mgk_opc_read(opc, relationship->target, vml_hooks, error))
            return FALSE;
        relationship->dropped = TRUE;
    }
    for (guint i = 0; i < facts->frames->len; i++)
        take_vml_image(&((MgkSlideFrame *)g_ptr_array_index(facts->frames, i))->picture, state->scan->vml);
    return TRUE;
}

/* ---- the survey ---- */

static gboolean has_shapes(MgkRel rel)
{
    return rel == MGK_REL_P_SLIDE || rel == MGK_REL_P_LAYOUT || rel == MGK_REL_P_MASTER || rel == MGK_REL_P_NOTES ||
           rel == MGK_REL_P_NOTES_MASTER || rel == MGK_REL_P_HANDOUT_MASTER;
}

static gboolean survey_part(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    MgkSlideState *state = mgk_opc_state(opc);
    MgkSlideFacts *facts = facts_new();
    g_hash_table_insert(state->facts, part, facts);
    MgkSlideScan scan = {.times = g_array_new(FALSE, FALSE, sizeof(Time)),
                         .vml = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    gboolean slide = part->rel == MGK_REL_P_SLIDE || part->rel == MGK_REL_P_LAYOUT || part->rel == MGK_REL_P_MASTER;
    state->page = slide ? &state->slide : &state->notes;
    state->scan = &scan;
    mgk_slide_reset(state, facts);
    gboolean ok = mgk_opc_read(opc, part, survey_hooks, error) && resolve_vml(opc, part, facts, error);
    state->scan = NULL;
    g_array_unref(scan.times);
    g_hash_table_unref(scan.vml);
    g_free(scan.vml_shape);
    if (scan.shape.ids)
        g_ptr_array_unref(scan.shape.ids);
    return ok;
}

/* All parts that lead to shapes, breadth first from the presentation. */
gboolean mgk_slide_survey(MgkOpc *opc, GError **error)
{
    MgkSlideState *state = mgk_opc_state(opc);
    state->facts = g_hash_table_new_full(NULL, NULL, NULL, facts_free);
    if (!mgk_opc_read(opc, mgk_opc_main(opc), size_hooks, error))
        return FALSE;
    g_autoptr(GPtrArray) queue = g_ptr_array_new();
    g_ptr_array_add(queue, mgk_opc_main(opc));
    for (guint i = 0; i < queue->len; i++) {
        MgkOpcPart *part = g_ptr_array_index(queue, i);
        for (guint r = 0; r < part->relationships->len; r++) {
            MgkOpcRelationship *relationship = g_ptr_array_index(part->relationships, r);
            MgkOpcPart *target = relationship->dropped ? NULL : relationship->target;
            if (!target || !has_shapes(target->rel) || g_hash_table_contains(state->facts, target))
                continue;
            if (!survey_part(opc, target, error))
                return FALSE;
            g_ptr_array_add(queue, target);
        }
    }
    return TRUE;
}
