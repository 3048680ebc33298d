/* xml_element.c - one element on its way: which rules apply, what its attributes become, how its start tag is written.
 */
#include "engines/xml_internal.h"
#include "engines/xml_value.h"

#include <string.h>

#define TELL_MAX 16

/* ---- rules ---- */

static gsize slot_of(gconstpointer a, gconstpointer b, gconstpointer c)
{
    guint64 mix = (guint64)(guintptr)a * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) ^
                  (guint64)(guintptr)b * G_GUINT64_CONSTANT(0xC2B2AE3D27D4EB4F) ^ (guint64)(guintptr)c >> 3;
    return (gsize)(mix >> 40);
}

const MgkXmlElementMemo *mgk_xml_element_memo(MgkXmlFilter *filter, const xmlChar *local, const xmlChar *uri)
{
    MgkXmlElementMemo *memo = &filter->element_memos[slot_of(local, uri, NULL) % MGK_XML_ELEMENT_MEMOS];
    if (memo->rule && memo->local == local && memo->uri == uri)
        return memo;
    MgkNs ns = mgk_xml_ns(filter, (const char *)uri);
    *memo = (MgkXmlElementMemo){
        .local = local, .uri = uri, .ns = ns, .rule = mgk_xml_element_rule(ns, (const char *)local)};
    return memo;
}

static const MgkXmlAttributeMemo *attribute_memo(MgkXmlFilter *filter, const MgkXmlElementMemo *element,
                                                 const xmlChar *local, const xmlChar *uri)
{
    gsize slot = slot_of(local, uri, element->local) + (gsize)element->ns * 7;
    MgkXmlAttributeMemo *memo = &filter->attribute_memos[slot % MGK_XML_ATTRIBUTE_MEMOS];
    if (memo->rule && memo->local == local && memo->uri == uri && memo->element == element->local &&
        memo->element_ns == element->ns)
        return memo;
    MgkNs ns = mgk_xml_ns(filter, (const char *)uri);
    *memo = (MgkXmlAttributeMemo){
        .local = local, .uri = uri, .element = element->local, .element_ns = element->ns, .ns = ns};
    memo->rule = mgk_xml_attribute_rule(element->ns, (const char *)element->local, ns, (const char *)local);
    return memo;
}

MgkAction mgk_xml_tell(MgkXmlFilter *filter, const MgkXmlRule *rule, const char *name)
{
    if (filter->options.quiet)
        return (MgkAction)filter->options.job->policy->actions[rule->kind];
    return mgk_xml_find(filter, (MgkKind)rule->kind, name);
}

MgkAction mgk_xml_find(MgkXmlFilter *filter, MgkKind kind, const char *detail)
{
    if (filter->told[kind] < TELL_MAX) {
        filter->told[kind]++;
        return mgk_job_find(filter->options.job, kind, filter->options.where, detail);
    }
    return (MgkAction)filter->options.job->policy->actions[kind];
}

const MgkXmlHook *mgk_xml_hook_of(const MgkXmlFilter *filter, guint hook)
{
    return hook && filter->options.hooks ? &filter->options.hooks[hook] : NULL;
}

/* ---- attributes ---- */

static gboolean decode_value(MgkXmlFilter *filter, MgkXmlAttribute *attribute)
{
    if (!memchr(attribute->value, '&', attribute->length))
        return TRUE;
    g_autoptr(GString) text = g_string_sized_new(attribute->length);
    if (!mgk_xml_value_append(text, attribute->value, attribute->length))
        return FALSE;
    attribute->value = g_string_chunk_insert_len(filter->values, text->str, (gssize)text->len);
    attribute->length = text->len;
    filter->values_used = TRUE;
    return TRUE;
}

static void replace_value(MgkXmlFilter *filter, MgkXmlAttribute *attribute, const char *value)
{
    attribute->length = strlen(value);
    attribute->value = g_string_chunk_insert_len(filter->values, value, (gssize)attribute->length);
    filter->values_used = TRUE;
}

static MgkXmlAction apply_relationship(MgkXmlFilter *filter, MgkXmlAttribute *attribute, MgkXmlAction action)
{
    g_autofree char *id = g_strndup(attribute->value, attribute->length);
    const char *resolved = mgk_xml_resolve(filter, id);
    if (!resolved)
        return action == MGK_XML_REL ? MGK_XML_DROP : action;
    replace_value(filter, attribute, resolved);
    return MGK_XML_KEEP;
}

/* TRUE when a value would run something wherever a program takes it for a link. */
static gboolean value_is_script(const MgkXmlAttribute *attribute)
{
    const char *colon = memchr(attribute->value, ':', MIN(attribute->length, 64));
    if (!colon || colon - attribute->value < 8)
        return FALSE;
    g_autofree char *scheme = g_ascii_strdown(attribute->value, colon - attribute->value);
    g_strstrip(scheme);
    return strcmp(scheme, "javascript") == 0 || strcmp(scheme, "vbscript") == 0;
}

/* Relationships are exempt: pass 1 reads their targets to judge them, and nothing else is done with them. */
static MgkXmlAction keep_unless_script(MgkXmlFilter *filter, const MgkXmlElement *element,
                                       const MgkXmlAttribute *attribute)
{
    if (element->ns == MGK_NS_PKGREL || !value_is_script(attribute))
        return MGK_XML_KEEP;
    mgk_xml_find(filter, MGK_KIND_LINK_DANGEROUS, attribute->name);
    return MGK_XML_DROP;
}

static MgkXmlAction apply_rule(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute,
                               const MgkXmlRule *rule)
{
    const MgkXmlHook *hook = mgk_xml_hook_of(filter, rule->hook);
    switch (rule->action) {
    case MGK_XML_KEEP:
        return keep_unless_script(filter, element, attribute);
    case MGK_XML_CALL:
        return hook && hook->attribute ? hook->attribute(filter, element, attribute) : MGK_XML_DROP;
    case MGK_XML_REL:
    case MGK_XML_REL_ELEMENT:
    case MGK_XML_REL_UNWRAP:
        return apply_relationship(filter, attribute, (MgkXmlAction)rule->action);
    case MGK_XML_URL:
        return mgk_xml_url_is_harmless(attribute->value, attribute->length) ? MGK_XML_KEEP : MGK_XML_DROP;
    case MGK_XML_ASK:
        return mgk_xml_tell(filter, rule, attribute->name) == MGK_ACTION_KEEP ? MGK_XML_KEEP : MGK_XML_DROP;
    default:
        return MGK_XML_DROP;
    }
}

static gboolean is_duplicate(const MgkXmlElement *element, const MgkXmlAttribute *attribute)
{
    for (const MgkXmlAttribute *other = element->attributes; other < attribute; other++) {
        if (other->ns == attribute->ns && !other->dropped && strcmp(other->name, attribute->name) == 0)
            return TRUE;
    }
    return FALSE;
}

/* All attributes are there before the first is judged, so that hooks may ask for any of them. */
static gboolean collect_attributes(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, MgkXmlElement *element,
                                   const xmlChar **source)
{
    for (guint i = 0; i < element->n_attributes; i++, source += 5) {
        MgkXmlAttribute *attribute = &element->attributes[i];
        const MgkXmlAttributeMemo *known = attribute_memo(filter, memo, source[0], source[2]);
        *attribute = (MgkXmlAttribute){.ns = known->ns,
                                       .rule = known->rule,
                                       .name = (const char *)source[0],
                                       .value = (const char *)source[3],
                                       .length = (gsize)(source[4] - source[3])};
        if ((source[1] && !source[2]) || !decode_value(filter, attribute)) {
            mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "attribute with an undeclared prefix or entity");
            return FALSE;
        }
    }
    return TRUE;
}

/* Applies attribute rules; returns what becomes of the element: KEEP, REL_ELEMENT or REL_UNWRAP. */
MgkXmlAction mgk_xml_take_attributes(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, MgkXmlElement *element,
                                     const xmlChar **source, guint64 ignorable[2])
{
    MgkXmlAction fate = MGK_XML_KEEP;
    guint n = element->n_attributes;
    if (!collect_attributes(filter, memo, element, source))
        return MGK_XML_DROP;
    for (guint i = 0; i < n; i++) {
        MgkXmlAttribute *attribute = &element->attributes[i];
        const MgkXmlRule *rule = attribute->rule;
        if (attribute->dropped) /* by the hook of an earlier one */
            continue;
        if (attribute->ns == MGK_NS_MC) {
            mgk_xml_mce_attribute(filter, attribute->name, attribute->value, attribute->length, ignorable);
            attribute->dropped = TRUE;
            continue;
        }
        MgkXmlAction action = apply_rule(filter, element, attribute, rule);
        attribute->dropped = action != MGK_XML_KEEP || is_duplicate(element, attribute);
        if (attribute->dropped && rule->kind != MGK_KIND_NONE && rule->action != MGK_XML_ASK)
            mgk_xml_tell(filter, rule, attribute->name);
        if (action == MGK_XML_REL_ELEMENT || (action == MGK_XML_REL_UNWRAP && fate == MGK_XML_KEEP))
            fate = action;
    }
    return fate;
}

/* ---- writing ---- */

static void declare(MgkXmlFilter *filter, MgkXmlFrame *frame, MgkNs ns)
{
    const MgkNsInfo *info = mgk_ns_info(ns);
    if (ns == MGK_NS_NONE || ns == MGK_NS_XML)
        return;
    if (*info->prefix) {
        if (mgk_ns_set_has(frame->bound, ns))
            return;
        mgk_ns_set_add(frame->bound, ns);
        mgk_xml_out_raw(&filter->out, " xmlns:", 7);
        mgk_xml_out_raw(&filter->out, info->prefix, info->prefix_length);
    } else {
        if (frame->default_ns == ns)
            return;
        frame->default_ns = ns;
        mgk_xml_out_raw(&filter->out, " xmlns", 6);
    }
    mgk_xml_out_raw(&filter->out, "=\"", 2);
    mgk_xml_out_raw(&filter->out, info->uri, strlen(info->uri));
    mgk_xml_out_raw(&filter->out, "\"", 1);
}

static void declare_set(MgkXmlFilter *filter, MgkXmlFrame *frame, const guint64 set[2])
{
    if (!(set[0] | set[1]))
        return;
    for (guint ns = 1; ns < MGK_N_NS; ns++) {
        if (mgk_ns_set_has(set, (MgkNs)ns))
            declare(filter, frame, (MgkNs)ns);
    }
}

static void write_ignorable(MgkXmlFilter *filter, const guint64 set[2])
{
    const char *separator = " mc:Ignorable=\"";
    for (guint ns = 1; ns < MGK_N_NS; ns++) {
        if (!mgk_ns_set_has(set, (MgkNs)ns))
            continue;
        mgk_xml_out_raw(&filter->out, separator, strlen(separator));
        const char *prefix = mgk_ns_info((MgkNs)ns)->prefix;
        mgk_xml_out_raw(&filter->out, prefix, strlen(prefix));
        separator = " ";
    }
    mgk_xml_out_raw(&filter->out, "\"", 1);
}

void mgk_xml_write_start(MgkXmlFilter *filter, MgkXmlFrame *frame, const MgkXmlElement *element,
                         const guint64 declared[2], const guint64 ignorable[2])
{
    MgkXmlOut *out = &filter->out;
    mgk_xml_out_close_tag(out);
    if (frame->span)
        g_array_index(out->spans, MgkXmlSpan, frame->span - 1).start = out->length;
    mgk_xml_out_raw(out, "<", 1);
    mgk_xml_out_name(out, element->ns, element->name);
    declare(filter, frame, element->ns);
    declare_set(filter, frame, declared);
    declare_set(filter, frame, ignorable);
    for (guint i = 0; i < element->n_attributes; i++) {
        if (!element->attributes[i].dropped)
            declare(filter, frame, element->attributes[i].ns);
    }
    if (ignorable[0] | ignorable[1]) {
        declare(filter, frame, MGK_NS_MC);
        write_ignorable(filter, ignorable);
    }
    for (guint i = 0; i < element->n_attributes; i++) {
        const MgkXmlAttribute *attribute = &element->attributes[i];
        if (attribute->dropped)
            continue;
        mgk_xml_out_raw(out, " ", 1);
        mgk_xml_out_name(out, attribute->ns, attribute->name);
        mgk_xml_out_raw(out, "=\"", 2);
        mgk_xml_out_escape(out, attribute->value, attribute->length, TRUE);
        mgk_xml_out_raw(out, "\"", 1);
    }
    out->tag_open = TRUE;
    frame->out_ns = element->ns;
    frame->out_name = element->name;
}
