/* odf_frame.c - draw:frame and what it can show: pictures, embedded objects, objects of other programs, media.
 *
 * A frame may hold several renderings of one thing, the best first. A picture that cannot be rebuilt goes when another
 * rendering stays, and becomes a gray box when none does; a frame that would lose everything gets a gray box. */
#include "engines/odf_hooks.h"

#include <string.h>

static void frame_free(gpointer data)
{
    MgkOdfFrame *frame = data;
    g_ptr_array_unref(frame->pictures);
    g_free(frame);
}

static MgkOdfFrame *open_frame(const MgkXmlFilter *filter)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    if (!pass->open->len)
        return NULL;
    guint index = g_array_index(pass->open, guint, pass->open->len - 1);
    return index < pass->document->frames->len ? g_ptr_array_index(pass->document->frames, index) : NULL;
}

MgkXmlAction mgk_odf_on_frame(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOdfPass *pass = mgk_odf_pass(filter);
    (void)element;
    guint index = (*pass->frame)++;
    g_array_append_val(pass->open, index);
    if (pass->survey) {
        MgkOdfFrame *frame = g_new0(MgkOdfFrame, 1);
        frame->pictures = g_ptr_array_new();
        g_ptr_array_set_free_func(pass->document->frames, frame_free);
        g_ptr_array_add(pass->document->frames, frame);
    }
    return MGK_XML_KEEP;
}

#define PLAIN(space, local, text) \
    { \
        .ns = MGK_NS_##space, .name = (local), .value = (text), .length = strlen(text) \
    }

static void put_stand_in(MgkXmlFilter *filter, const MgkOdfPicture *picture)
{
    MgkXmlAttribute attributes[] = {PLAIN(XLINK, "href", picture->out_name), PLAIN(XLINK, "type", "simple"),
                                    PLAIN(XLINK, "show", "embed"), PLAIN(XLINK, "actuate", "onLoad")};
    mgk_xml_put_start(filter, MGK_NS_DRAW, "image", attributes, G_N_ELEMENTS(attributes));
    mgk_xml_put_end(filter);
}

static void put_inline(MgkXmlFilter *filter)
{
    g_autoptr(GBytes) box = mgk_odf_gray_box();
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(box, &size);
    g_autofree char *text = g_base64_encode(data, size);
    mgk_xml_put_start(filter, MGK_NS_DRAW, "image", NULL, 0);
    mgk_xml_put_start(filter, MGK_NS_OFFICE, "binary-data", NULL, 0);
    mgk_xml_put_text(filter, text, strlen(text));
    mgk_xml_put_end(filter);
    mgk_xml_put_end(filter);
}

void mgk_odf_on_frame_end(MgkXmlFilter *filter)
{
    MgkOdfPass *pass = mgk_odf_pass(filter);
    MgkOdfFrame *frame = open_frame(filter);
    g_array_set_size(pass->open, pass->open->len - 1);
    if (!frame)
        return;
    gboolean empty = frame->lost && !frame->shown && !frame->pictures->len && !frame->inline_pictures;
    if (pass->survey && !pass->odf->flat && (empty || (frame->object && !frame->pictures->len)))
        frame->stand_in = mgk_odf_picture_new(pass->odf, pass->document, "");
    if (!pass->survey && frame->stand_in && frame->stand_in->out_name)
        put_stand_in(filter, frame->stand_in);
    else if (!pass->survey && pass->odf->flat && empty)
        put_inline(filter);
}

/* Text, a table: the frame shows something whatever becomes of its pictures. */
MgkXmlAction mgk_odf_on_shown(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkOdfFrame *frame = open_frame(filter);
    (void)element;
    if (frame && mgk_odf_pass(filter)->survey && g_strcmp0(mgk_odf_parent(filter), "frame") == 0)
        frame->shown = TRUE;
    return MGK_XML_KEEP;
}

/* ---- pictures ---- */

static MgkOdfPicture *picture_of(const MgkOdfPass *pass, const char *href)
{
    MgkOdfDocument *document = pass->document;
    MgkOdfPicture *picture = g_hash_table_lookup(document->pictures, href);
    if (picture || !pass->survey)
        return picture;
    g_autofree char *name = mgk_odf_resolve(document, href);
    for (guint i = 0; name && i < pass->odf->pictures->len && !picture; i++) {
        MgkOdfPicture *other = g_ptr_array_index(pass->odf->pictures, i);
        if (other->owner == document && !other->external && strcmp(other->source, name) == 0)
            picture = other;
    }
    if (!picture) {
        picture = mgk_odf_picture_new(pass->odf, document, name ? name : href);
        guint index = 0;
        picture->external = !name;
        picture->entry = name && mgk_odf_entry(pass->odf, name, &index) ? index + 1 : 0;
    }
    g_hash_table_insert(document->pictures, g_strdup(href), picture);
    return picture;
}

/* Points the element to the rebuilt picture. */
static MgkXmlAction lead_to(MgkXmlFilter *filter, MgkXmlElement *element, const MgkOdfPicture *picture)
{
    const MgkOdfDocument *document = mgk_odf_pass(filter)->document;
    if (!picture || !picture->out_name)
        return MGK_XML_DROP;
    mgk_xml_set(filter, element, MGK_NS_XLINK, "href", picture->out_name + strlen(document->out_prefix));
    return MGK_XML_KEEP;
}

static char *href_of(const MgkXmlElement *element)
{
    char *href = mgk_xml_get(element, MGK_NS_XLINK, "href");
    if (href && !*href)
        g_clear_pointer(&href, g_free);
    return href;
}

MgkXmlAction mgk_odf_on_image(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    MgkOdfFrame *frame = open_frame(filter);
    g_autofree char *href = href_of(element);
    if (!href) { /* the picture is inside, in base64 */
        mgk_xml_unset(element, MGK_NS_XLINK, "href");
        if (frame && frame->shown && pass->odf->flat)
            return MGK_XML_DROP; /* a rendering of the object beside it, which programs make anew */
        if (frame && pass->survey)
            frame->inline_pictures++;
        return MGK_XML_KEEP;
    }
    if (pass->odf->flat) {
        mgk_odf_tell(filter, MGK_KIND_EXTERNAL_CONTENT, href);
        if (frame)
            frame->lost = TRUE;
        return MGK_XML_DROP;
    }
    MgkOdfPicture *picture = picture_of(pass, href);
    if (!pass->survey)
        return lead_to(filter, element, picture);
    if (frame)
        g_ptr_array_add(frame->pictures, picture);
    else
        picture->needed = TRUE;
    return MGK_XML_KEEP;
}

/* Bullets, fills, backgrounds. */
MgkXmlAction mgk_odf_on_picture(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    g_autofree char *href = href_of(element);
    if (!href) {
        mgk_xml_unset(element, MGK_NS_XLINK, "href");
        return MGK_XML_KEEP;
    }
    if (pass->odf->flat) {
        mgk_odf_tell(filter, MGK_KIND_EXTERNAL_CONTENT, href);
        return MGK_XML_DROP;
    }
    MgkOdfPicture *picture = picture_of(pass, href);
    if (!pass->survey)
        return lead_to(filter, element, picture);
    picture->needed = TRUE;
    return MGK_XML_KEEP;
}

MgkXmlAction mgk_odf_on_binary(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const char *const owners[] = {"image",        "fill-image", "background-image", "list-level-style-image",
                                         "symbol-image", NULL};
    const char *parent = mgk_odf_parent(filter);
    (void)element;
    if (mgk_odf_pass(filter)->survey || !parent || !g_strv_contains(owners, parent))
        return MGK_XML_DROP;
    return MGK_XML_CAPTURE;
}

MgkXmlAction mgk_odf_on_binary_text(MgkXmlFilter *filter, GString *text)
{
    MgkOdf *odf = mgk_odf_pass(filter)->odf;
    g_autoptr(GBytes) picture = NULL;
    g_autoptr(GError) error = NULL;
    const char *media = NULL;
    gsize size = 0;
    guint8 *data = (guint8 *)text->str;
    if (text->len > 1) /* the decoder wants something to decode */
        data = g_base64_decode_inplace(text->str, &size);
    if (!mgk_odf_ask_picture(odf, "picture", data, size, &picture, &media, &error)) {
        mgk_xml_fail(filter, (MgkError)error->code, error->message);
        return MGK_XML_DROP;
    }
    if (!picture) {
        mgk_odf_tell(filter, MGK_KIND_IMAGE_REPLACED, NULL);
        picture = mgk_odf_gray_box();
    }
    const guint8 *bytes = g_bytes_get_data(picture, &size);
    g_autofree char *base64 = g_base64_encode(bytes, size);
    g_string_assign(text, base64);
    return MGK_XML_KEEP;
}

/* ---- objects ---- */

/* The embedded document a reference leads to, NULL when it is none that can be rebuilt. */
static MgkOdfDocument *object_of(const MgkOdfPass *pass, const char *href)
{
    MgkOdfDocument *document = pass->document;
    MgkOdfDocument *object = g_hash_table_lookup(document->objects, href);
    if (object || !pass->survey)
        return object;
    g_autofree char *name = mgk_odf_resolve(document, href);
    g_autofree char *prefix = name ? g_strconcat(name, g_str_has_suffix(name, "/") ? "" : "/", NULL) : NULL;
    g_autofree char *content = prefix ? g_strconcat(prefix, "content.xml", NULL) : NULL;
    guint index = 0;
    if (!content || !g_str_has_prefix(prefix, document->prefix) || strcmp(prefix, document->prefix) == 0 ||
        document->depth >= pass->odf->job->policy->limits.depth || !mgk_odf_entry(pass->odf, content, &index))
        return NULL;
    for (guint i = 0; i < pass->odf->documents->len && !object; i++) {
        MgkOdfDocument *other = g_ptr_array_index(pass->odf->documents, i);
        if (strcmp(other->prefix, prefix) == 0)
            object = other;
    }
    if (!object)
        object = mgk_odf_document_new(pass->odf, prefix, document->depth + 1);
    g_hash_table_insert(document->objects, g_strdup(href), object);
    return object;
}

static MgkXmlAction lose(MgkXmlFilter *filter, MgkKind kind, const char *detail)
{
    MgkOdfFrame *frame = open_frame(filter);
    if (frame)
        frame->lost = TRUE;
    mgk_odf_tell(filter, kind, detail);
    return MGK_XML_DROP;
}

MgkXmlAction mgk_odf_on_object(MgkXmlFilter *filter, MgkXmlElement *element)
{
    const MgkOdfPass *pass = mgk_odf_pass(filter);
    MgkOdfFrame *frame = open_frame(filter);
    g_autofree char *href = href_of(element);
    if (!href) { /* the object is inside, as a document or MathML */
        mgk_xml_unset(element, MGK_NS_XLINK, "href");
        if (frame)
            frame->shown = TRUE;
        return MGK_XML_KEEP;
    }
    g_autofree char *name = mgk_odf_resolve(pass->document, href);
    MgkOdfDocument *object = pass->odf->flat ? NULL : object_of(pass, href);
    if (!object || object->refused)
        return lose(filter, name ? MGK_KIND_OLE_OBJECT : MGK_KIND_EXTERNAL_CONTENT, href);
    if (frame && pass->survey)
        frame->object = object;
    if (pass->survey || !object->out_prefix)
        return pass->survey ? MGK_XML_KEEP : MGK_XML_DROP;
    const char *inside = object->out_prefix + strlen(pass->document->out_prefix);
    g_autofree char *out = g_strdup_printf("./%.*s", (int)strlen(inside) - 1, inside);
    mgk_xml_set(filter, element, MGK_NS_XLINK, "href", out);
    return MGK_XML_KEEP;
}

/* draw:object-ole, plugin, applet, floating-frame */
MgkXmlAction mgk_odf_on_foreign(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const struct {
        const char *name;
        MgkKind kind;
    } kinds[] = {
        {"plugin", MGK_KIND_MEDIA}, {"applet", MGK_KIND_ACTIVEX}, {"floating-frame", MGK_KIND_EXTERNAL_CONTENT}};
    MgkKind kind = MGK_KIND_OLE_OBJECT;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(element->name, kinds[i].name) == 0)
            kind = kinds[i].kind;
    }
    g_autofree char *href = href_of(element);
    return lose(filter, kind, href ? href : element->name);
}
