/* svg.c - the hooks of rules/svg.def, and the order of work: prolog, filter, count, write. */
#include "engines/svg.h"

#include "engines/css.h"
#include "engines/picture_part.h"
#include "engines/placeholder_image.h"
#include "engines/svg_cost.h"
#include "engines/svg_prolog.h"
#include "engines/text_tidy.h"
#include "engines/xml_copy.h"
#include "engines/xml_hook.h"

#include <string.h>

#define TAG_BYTES (32u << 20) /* pictures stand in attributes */
#define BOX_WIDTH 96
#define BOX_HEIGHT 72
#define DRAWN_FREE 1000000u /* elements drawn that are nobody's concern; beyond, by what is written */
#define DRAWN_GROWTH 4u

typedef struct Svg {
    MgkJob *job;  /* borrowed */
    GString *out; /* owned */
} Svg;

/* ---- values ---- */

static MgkXmlAction take_value(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute, gboolean list)
{
    g_autoptr(GString) value = g_string_sized_new(attribute->length);
    if (!mgk_css_value(attribute->value, attribute->length, list, value)) {
        mgk_xml_find(filter, MGK_KIND_DRAWING_STYLE, attribute->name);
        return MGK_XML_DROP;
    }
    mgk_xml_set(filter, element, attribute->ns, attribute->name, value->str);
    return MGK_XML_KEEP;
}

static MgkXmlAction on_property(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    return take_value(filter, element, attribute, FALSE);
}

static MgkXmlAction on_values(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    return take_value(filter, element, attribute, TRUE);
}

static void tell_lost(MgkXmlFilter *filter, guint lost, const char *where)
{
    if (lost)
        mgk_xml_find(filter, MGK_KIND_DRAWING_STYLE, where);
}

static MgkXmlAction on_style(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    g_autoptr(GString) value = g_string_sized_new(attribute->length);
    tell_lost(filter, mgk_css_declarations(attribute->value, attribute->length, value), element->name);
    if (!value->len)
        return MGK_XML_DROP;
    mgk_xml_set(filter, element, attribute->ns, attribute->name, value->str);
    return MGK_XML_KEEP;
}

static MgkXmlAction on_sheet(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *type = mgk_xml_get(element, MGK_NS_NONE, "type");
    if (type && *type && g_ascii_strcasecmp(type, "text/css") != 0) {
        tell_lost(filter, 1, "style");
        return MGK_XML_DROP;
    }
    return MGK_XML_CAPTURE;
}

static MgkXmlAction on_sheet_text(MgkXmlFilter *filter, GString *text)
{
    g_autoptr(GString) sheet = g_string_sized_new(text->len);
    tell_lost(filter, mgk_css_sheet(text->str, text->len, sheet), "style");
    g_string_assign(text, sheet->str);
    return text->len ? MGK_XML_KEEP : MGK_XML_DROP;
}

/* An animation may change what the rules know as looks or geometry, never a link, a handler or a style attribute. */
static MgkXmlAction on_animated(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    static const char *const never[] = {"id", "class", "lang", "type", "role", "target", NULL};
    g_autofree char *name = g_strstrip(g_strndup(attribute->value, attribute->length));
    const MgkXmlRule *rule = mgk_xml_attribute_rule(MGK_NS_SVGD, "*", MGK_NS_NONE, name);
    gboolean looks =
        rule->action == MGK_XML_KEEP || (rule->action == MGK_XML_CALL && rule->hook == MGK_XML_HOOK_SVG_PROPERTY);
    if (looks && !g_strv_contains(never, name)) {
        mgk_xml_set(filter, element, attribute->ns, attribute->name, name);
        return MGK_XML_KEEP;
    }
    gboolean runs = g_str_has_suffix(name, "href") || g_ascii_strncasecmp(name, "on", 2) == 0;
    mgk_xml_find(filter, runs ? MGK_KIND_DRAWING_SCRIPT : MGK_KIND_DRAWING_STYLE, name);
    return MGK_XML_REL_ELEMENT;
}

/* ---- references ---- */

static gboolean shows_picture(const MgkXmlElement *element)
{
    return strcmp(element->name, "image") == 0 || strcmp(element->name, "feImage") == 0;
}

static gboolean is_fragment(const char *href)
{
    return href[0] == '#' && href[1] && !strpbrk(href, " \t\r\n\"'()<>\\");
}

static gboolean is_data(const char *href)
{
    return g_ascii_strncasecmp(href, "data:", 5) == 0;
}

static MgkXmlAction take_link(MgkXmlFilter *filter, const char *href)
{
    gboolean harmless = *href && mgk_xml_url_is_harmless(href, strlen(href));
    if (harmless)
        return mgk_xml_find(filter, MGK_KIND_LINK_EXTERNAL, NULL) == MGK_ACTION_KEEP ? MGK_XML_KEEP : MGK_XML_DROP;
    if (strpbrk(href, ":\\") || *href == '/')
        mgk_xml_find(filter, MGK_KIND_LINK_DANGEROUS, href);
    else
        mgk_job_report(mgk_xml_job(filter), MGK_KIND_LINK_EXTERNAL, MGK_ACTION_REMOVE, NULL, "a neighbouring file");
    return MGK_XML_DROP;
}

static MgkXmlAction on_href(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute)
{
    g_autofree char *href = g_strstrip(g_strndup(attribute->value, attribute->length));
    if (is_fragment(href)) {
        mgk_xml_set(filter, element, attribute->ns, attribute->name, href);
        return MGK_XML_KEEP;
    }
    if (shows_picture(element) && is_data(href))
        return MGK_XML_KEEP; /* on_image() reads it */
    if (strcmp(element->name, "a") == 0)
        return take_link(filter, href);
    if (*href)
        mgk_xml_find(filter, MGK_KIND_EXTERNAL_CONTENT, href);
    return MGK_XML_DROP;
}

/* ---- pictures ---- */

/* RFC 2397; NULL when there is nothing in it. Owned by the caller. */
static GBytes *read_data(const char *href)
{
    const char *comma = strchr(href, ',');
    if (!comma)
        return NULL;
    gboolean base64 = comma - href >= 7 && g_ascii_strncasecmp(comma - 7, ";base64", 7) == 0;
    GBytes *plain = g_uri_unescape_bytes(comma + 1, -1, NULL, NULL);
    if (!plain || !base64)
        return plain;
    gsize length = 0, size = 0;
    const char *text = g_bytes_get_data(plain, &length);
    g_autofree char *copy = g_strndup(text, length);
    g_bytes_unref(plain);
    guint8 *bytes = length > 1 ? g_base64_decode(copy, &size) : NULL;
    return bytes ? g_bytes_new_take(bytes, size) : NULL;
}

/* The picture rebuilt by a child, or a gray box. NULL with the job failed. */
static char *rebuild_picture(MgkXmlFilter *filter, const char *href)
{
    MgkJob *job = mgk_xml_job(filter);
    g_autoptr(GBytes) source = read_data(href);
    g_autoptr(GError) error = NULL;
    g_auto(MgkAnswer) answer = {0};
    gsize size = 0;
    const guint8 *data = source ? g_bytes_get_data(source, &size) : NULL;
    MgkFormatId want = size ? mgk_picture_part_format(data, size) : MGK_FORMAT_ID_png;
    const char *packed = size ? mgk_picture_part_name(data, size) : NULL;
    MgkAsk ask = {.name = packed ? packed : "picture",
                  .declared = "",
                  .role = MGK_ROLE_PART,
                  .want = want,
                  .data = data,
                  .size = size};
    if (size && !job->ask_child(job, &ask, &answer, &error)) {
        mgk_xml_fail(filter, (MgkError)error->code, error->message);
        return NULL;
    }
    if (!size || !mgk_verdict_crosses(answer.verdict) || answer.format != want) {
        mgk_xml_find(filter, MGK_KIND_IMAGE_REPLACED, NULL);
        g_clear_pointer(&answer.output, g_bytes_unref);
        want = MGK_FORMAT_ID_png;
        answer.output = mgk_placeholder_image(want, BOX_WIDTH, BOX_HEIGHT);
    }
    data = g_bytes_get_data(answer.output, &size);
    g_autofree char *base64 = g_base64_encode(data, size);
    return g_strconcat("data:", mgk_picture_part_media(want), ";base64,", base64, NULL);
}

static MgkXmlAction on_image(MgkXmlFilter *filter, MgkXmlElement *element)
{
    MgkNs ns = MGK_NS_NONE;
    g_autofree char *href = mgk_xml_get(element, ns, "href");
    if (href)
        mgk_xml_unset(element, MGK_NS_XLINK, "href"); /* browsers look at the other one */
    else
        href = mgk_xml_get(element, ns = MGK_NS_XLINK, "href");
    if (href && is_data(g_strchug(href))) {
        g_autofree char *rebuilt = rebuild_picture(filter, href);
        if (!rebuilt)
            return MGK_XML_DROP;
        mgk_xml_set(filter, element, ns, "href", rebuilt);
    }
    return MGK_XML_KEEP;
}

/* ---- the whole ---- */

static const MgkXmlHook hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_SVG_IMAGE] = {.start = on_image},
    [MGK_XML_HOOK_SVG_SHEET] = {.start = on_sheet, .text = on_sheet_text},
    [MGK_XML_HOOK_SVG_STYLE] = {.attribute = on_style},
    [MGK_XML_HOOK_SVG_PROPERTY] = {.attribute = on_property},
    [MGK_XML_HOOK_SVG_VALUES] = {.attribute = on_values},
    [MGK_XML_HOOK_SVG_ANIMATED] = {.attribute = on_animated},
    [MGK_XML_HOOK_SVG_HREF] = {.attribute = on_href},
};

static gboolean append(gpointer user, const void *data, gsize size, GError **error)
{
    Svg *svg = user;
    if (size > svg->job->policy->limits.output_bytes - svg->out->len) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes");
        return FALSE;
    }
    g_string_append_len(svg->out, data, (gssize)size);
    return TRUE;
}

static gboolean filter_body(Svg *svg, const GString *body, GError **error)
{
    MgkXmlFilterOptions options = {.job = svg->job,
                                   .where = "svg",
                                   .root = ":svg",
                                   .root_ns = MGK_NS_SVGD,
                                   .family = MGK_NS_DRAWING,
                                   .tag_bytes = TAG_BYTES,
                                   .hooks = hooks,
                                   .user = svg,
                                   .sink = append};
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    return mgk_xml_filter_push(filter, body->str, body->len, error) && mgk_xml_filter_finish(filter, error);
}

/* FALSE when programs would draw without end. */
static gboolean is_bounded(MgkJob *job, const GString *out)
{
    MgkSvgCost cost;
    if (!mgk_svg_cost(out->str, out->len, &cost))
        return !mgk_job_hold(job, MGK_REASON_MALFORMED, "the rebuilt drawing cannot be read");
    if (cost.cyclic)
        return !mgk_job_hold(job, MGK_REASON_MALFORMED, "a drawing that shows itself");
    if (cost.drawn > DRAWN_FREE && (cost.drawn - DRAWN_FREE) / DRAWN_GROWTH > cost.elements)
        return !mgk_job_hold(job, MGK_REASON_BOMB, "shapes that show shapes that show shapes");
    return TRUE;
}

static void tell_prolog(MgkJob *job, const MgkSvgProlog *prolog)
{
    if (prolog->doctype)
        mgk_job_find(job, MGK_KIND_XML_DOCTYPE, NULL, NULL);
    if (prolog->stylesheet)
        mgk_job_find(job, MGK_KIND_EXTERNAL_CONTENT, NULL, "xml-stylesheet");
}

static gboolean rebuild(Svg *svg, GError **error)
{
    MgkJob *job = svg->job;
    MgkSvgProlog prolog;
    g_autofree char *label = mgk_xml_copy_label(job->data, job->size);
    g_autoptr(GString) text = mgk_text_tidy_decode(job, label);
    if (!text)
        return TRUE;
    g_autoptr(GString) body = mgk_svg_prolog(text, &prolog, error);
    if (!body)
        return FALSE;
    tell_prolog(job, &prolog);
    if (!filter_body(svg, body, error))
        return FALSE;
    g_string_append_c(svg->out, '\n');
    return !is_bounded(job, svg->out) || job->write(job, svg->out->str, svg->out->len, error);
}

gboolean mgk_svg_clean(MgkJob *job, GError **error)
{
    Svg svg = {.job = job, .out = g_string_new(NULL)};
    gboolean ok = rebuild(&svg, error);
    g_string_free(svg.out, TRUE);
    return ok;
}
