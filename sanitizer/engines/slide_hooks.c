#include "engines/opc_drawing.h"
#include "engines/slide_internal.h"

#include <string.h>

/* ---- what stands in the place of an object ---- */

static const char note_text[] = "［埋め込みオブジェクトは取り除かれました］";

typedef struct Pair {
    MgkNs ns;
    const char *name;
    const char *value;
} Pair;

/* A start tag with attributes; a NULL value leaves one out. */
static void open_tag(MgkXmlFilter *filter, MgkNs ns, const char *name, const Pair *pairs, guint n)
{
    MgkXmlAttribute attributes[6];
    guint used = 0;
    for (guint i = 0; i < n && used < G_N_ELEMENTS(attributes); i++) {
        if (pairs[i].value)
            attributes[used++] = (MgkXmlAttribute){
                .ns = pairs[i].ns, .name = pairs[i].name, .value = pairs[i].value, .length = strlen(pairs[i].value)};
    }
    mgk_xml_put_start(filter, ns, name, attributes, used);
}

static void empty_tag(MgkXmlFilter *filter, MgkNs ns, const char *name, const Pair *pairs, guint n)
{
    open_tag(filter, ns, name, pairs, n);
    mgk_xml_put_end(filter);
}

#define OPEN(ns, name, ...) \
    open_tag(filter, MGK_NS_##ns, name, (const Pair[]){__VA_ARGS__}, sizeof((const Pair[]){__VA_ARGS__}) / sizeof(Pair))
#define EMPTY(ns, name, ...) \
    empty_tag(filter, MGK_NS_##ns, name, (const Pair[]){__VA_ARGS__}, \
              sizeof((const Pair[]){__VA_ARGS__}) / sizeof(Pair))
#define OPEN_BARE(ns, name) open_tag(filter, MGK_NS_##ns, name, NULL, 0)
#define EMPTY_BARE(ns, name) empty_tag(filter, MGK_NS_##ns, name, NULL, 0)
#define CLOSE() mgk_xml_put_end(filter)

static void put_place(MgkXmlFilter *filter, const MgkSlideBox *box)
{
    char x[24], y[24], cx[24], cy[24];
    g_snprintf(x, sizeof x, "%" G_GINT64_FORMAT, box->x);
    g_snprintf(y, sizeof y, "%" G_GINT64_FORMAT, box->y);
    g_snprintf(cx, sizeof cx, "%" G_GINT64_FORMAT, box->cx);
    g_snprintf(cy, sizeof cy, "%" G_GINT64_FORMAT, box->cy);
    OPEN_BARE(A, "xfrm");
    EMPTY(A, "off", {MGK_NS_NONE, "x", x}, {MGK_NS_NONE, "y", y});
    EMPTY(A, "ext", {MGK_NS_NONE, "cx", cx}, {MGK_NS_NONE, "cy", cy});
    CLOSE();
    OPEN(A, "prstGeom", {MGK_NS_NONE, "prst", "rect"});
    EMPTY_BARE(A, "avLst");
    CLOSE();
}

static void put_picture(MgkXmlFilter *filter, const MgkSlidePicture *picture, const char *id, const char *image)
{
    OPEN_BARE(P, "pic");
    OPEN_BARE(P, "nvPicPr");
    EMPTY(P, "cNvPr", {MGK_NS_NONE, "id", id}, {MGK_NS_NONE, "name", picture->name ? picture->name : ""});
    EMPTY_BARE(P, "cNvPicPr");
    EMPTY_BARE(P, "nvPr");
    CLOSE();
    OPEN_BARE(P, "blipFill");
    EMPTY(A, "blip", {MGK_NS_R, "embed", image});
    OPEN_BARE(A, "stretch");
    EMPTY_BARE(A, "fillRect");
    CLOSE();
    CLOSE();
    OPEN_BARE(P, "spPr");
    put_place(filter, &picture->box);
    CLOSE();
    CLOSE();
}

static void put_note(MgkXmlFilter *filter, const MgkSlidePicture *picture, const char *id)
{
    OPEN_BARE(P, "sp");
    OPEN_BARE(P, "nvSpPr");
    EMPTY(P, "cNvPr", {MGK_NS_NONE, "id", id}, {MGK_NS_NONE, "name", picture->name ? picture->name : ""});
    EMPTY_BARE(P, "cNvSpPr");
    EMPTY_BARE(P, "nvPr");
    CLOSE();
    OPEN_BARE(P, "spPr");
    put_place(filter, &picture->box);
    OPEN_BARE(A, "solidFill");
    EMPTY(A, "srgbClr", {MGK_NS_NONE, "val", "D9D9D9"});
    CLOSE();
    CLOSE();
    OPEN_BARE(P, "txBody");
    EMPTY(A, "bodyPr", {MGK_NS_NONE, "wrap", "square"}, {MGK_NS_NONE, "anchor", "ctr"});
    EMPTY_BARE(A, "lstStyle");
    OPEN_BARE(A, "p");
    EMPTY(A, "pPr", {MGK_NS_NONE, "algn", "ctr"});
    OPEN_BARE(A, "r");
    EMPTY(A, "rPr", {MGK_NS_NONE, "lang", "ja-JP"}, {MGK_NS_NONE, "sz", "1000"});
    OPEN_BARE(A, "t");
    mgk_xml_put_text(filter, note_text, sizeof note_text - 1);
    for (guint open = 0; open < 5; open++)
        CLOSE();
}

static void put_stand_in(MgkXmlFilter *filter, const MgkSlidePicture *picture, const char *id)
{
    const char *image = picture->image ? mgk_xml_resolve(filter, picture->image) : NULL;
    if (image)
        put_picture(filter, picture, id, image);
    else
        put_note(filter, picture, id);
}

/* ---- shapes ---- */

static MgkXmlAction on_frame(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    (void)element;
    if (!state->now || state->frame_depth) {
        state->frame_depth++;
        return MGK_XML_KEEP;
    }
    const MgkSlideFrame *frame =
        state->n_frames < state->now->frames->len ? g_ptr_array_index(state->now->frames, state->n_frames) : NULL;
    state->n_frames++;
    if (frame && frame->has_content && !frame->is_object) {
        state->frame_depth++;
        return MGK_XML_KEEP;
    }
    if (frame && frame->picture.box.placed) {
        if (!frame->is_object)
            mgk_xml_find(filter, MGK_KIND_UNKNOWN_MARKUP, "graphicFrame");
        put_stand_in(filter, &frame->picture, frame->picture.id ? frame->picture.id : "0");
    }
    return MGK_XML_DROP;
}

static void on_frame_end(MgkXmlFilter *filter)
{
    mgk_slide_state(filter)->frame_depth--;
}

static MgkXmlAction on_shape(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    (void)element;
    gboolean top = state->now && !state->frame_depth && !state->group_depth;
    if (top && g_hash_table_contains(state->now->lost, GUINT_TO_POINTER(++state->n_shapes)))
        return MGK_XML_DROP;
    state->group_depth++;
    return MGK_XML_KEEP;
}

static void on_shape_end(MgkXmlFilter *filter)
{
    mgk_slide_state(filter)->group_depth--;
}

/* The pictures of controls, in front of everything, as PowerPoint shows them. */
static void on_tree_end(MgkXmlFilter *filter)
{
    MgkSlideState *state = mgk_slide_state(filter);
    guint64 free_id = 10000;
    for (guint i = 0; state->now && i < state->now->controls->len; i++) {
        const MgkSlidePicture *picture = g_ptr_array_index(state->now->controls, i);
        char id[24];
        do
            g_snprintf(id, sizeof id, "%" G_GUINT64_FORMAT, free_id++);
        while (g_hash_table_contains(state->now->ids, id));
        if (picture->box.placed)
            put_stand_in(filter, picture, id);
    }
}

static MgkXmlAction on_controls(MgkXmlFilter *filter, MgkXmlElement *element)
{
    mgk_xml_find(filter, MGK_KIND_ACTIVEX, element->name);
    return MGK_XML_DROP;
}

static MgkXmlAction on_slide(MgkXmlFilter *filter, MgkXmlElement *element)
{
    gboolean hidden =
        mgk_xml_is(element, MGK_NS_NONE, "show", "0") || mgk_xml_is(element, MGK_NS_NONE, "show", "false");
    if (mgk_xml_depth(filter) == 0 && hidden)
        mgk_xml_find(filter, MGK_KIND_HIDDEN_SLIDE, NULL);
    return MGK_XML_KEEP;
}

/* ---- timing ---- */

static MgkXmlAction on_time(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkSlideState *state = mgk_slide_state(filter);
    gpointer inside = NULL;
    (void)element;
    state->n_times++;
    if (!state->now ||
        !g_hash_table_lookup_extended(state->now->lost_times, GUINT_TO_POINTER(state->n_times), NULL, &inside))
        return MGK_XML_KEEP;
    state->n_times += GPOINTER_TO_UINT(inside);
    return MGK_XML_DROP;
}

static MgkXmlAction on_build(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkSlideState *state = mgk_slide_state(filter);
    g_autofree char *id = mgk_xml_get(element, MGK_NS_NONE, "spid");
    gboolean known = !state->now || (id && g_hash_table_contains(state->now->ids, id));
    return known ? MGK_XML_KEEP : MGK_XML_DROP;
}

const MgkXmlHook mgk_slide_hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_PPTX_FRAME] = {.start = on_frame, .end = on_frame_end},
    [MGK_XML_HOOK_PPTX_SHAPE] = {.start = on_shape, .end = on_shape_end},
    [MGK_XML_HOOK_PPTX_TREE] = {.end = on_tree_end},
    [MGK_XML_HOOK_PPTX_OBJECT] = {.start = mgk_drawing_drop},
    [MGK_XML_HOOK_PPTX_CONTROLS] = {.start = on_controls},
    [MGK_XML_HOOK_PPTX_CONTROL] = {.start = mgk_drawing_drop},
    [MGK_XML_HOOK_PPTX_SLIDE] = {.start = on_slide},
    [MGK_XML_HOOK_PPTX_TIME] = {.start = on_time},
    [MGK_XML_HOOK_PPTX_BUILD] = {.start = on_build},
};

void mgk_slide_part_begin(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter)
{
    MgkSlideState *state = mgk_opc_state(opc);
    (void)filter;
    mgk_slide_reset(state, g_hash_table_lookup(state->facts, part));
}
