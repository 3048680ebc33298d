/* xml_mce.c - markup compatibility and extensibility (ISO/IEC 29500-3): all branches are kept and all are filtered.
 *
 * A Choice crosses when every namespace it requires is known; what is required is looked up by the namespace its prefix
 * has in scope, never by the prefix's text. A Choice of which nothing is left goes, so that the Fallback shows;
 * AlternateContent without a Choice left becomes its Fallback's content.
 * ProcessContent, PreserveElements and PreserveAttributes go: unknown namespaces do not cross at all. */
#include "engines/xml_internal.h"

#include <string.h>

/* Adds the namespaces of a list of prefixes; FALSE when one is unknown or not declared. */
static gboolean collect_prefixes(const MgkXmlFilter *filter, const char *value, gsize length, guint64 set[2])
{
    g_autofree char *list = g_strndup(value, length);
    gboolean all_known = TRUE;
    char *rest = list;
    for (char *word; (word = strsep(&rest, " \t\r\n"));) {
        if (!*word)
            continue;
        MgkNs ns = mgk_xml_prefix_ns(filter, word, strlen(word));
        if (ns == MGK_NS_NONE || ns >= MGK_N_NS)
            all_known = FALSE;
        else
            mgk_ns_set_add(set, ns);
    }
    return all_known;
}

void mgk_xml_mce_attribute(MgkXmlFilter *filter, const char *name, const char *value, gsize length,
                           guint64 ignorable[2])
{
    guint64 set[2] = {0, 0};
    gboolean all_known = collect_prefixes(filter, value, length, set);
    if (strcmp(name, "MustUnderstand") == 0 && !all_known)
        mgk_xml_fail(filter, MGK_ERROR_UNSUPPORTED, "a namespace that must be understood is unknown");
    if (strcmp(name, "Ignorable") != 0)
        return;
    for (guint ns = 1; ns < MGK_N_NS; ns++) {
        if (mgk_ns_set_has(set, (MgkNs)ns) && (mgk_ns_info((MgkNs)ns)->flags & MGK_NS_IGNORABLE))
            mgk_ns_set_add(ignorable, (MgkNs)ns);
    }
}

static void write_mc(MgkXmlFilter *filter, MgkXmlFrame *frame, const char *name, const char *requires,
                     const guint64 declared[2])
{
    static const guint64 none[2] = {0, 0};
    MgkXmlAttribute attribute = {.ns = MGK_NS_NONE,
                                 .name = "Requires",
                                 .value = requires,
                                 .length = requires ? strlen(requires) : 0,
                                 .dropped = !requires};
    MgkXmlElement element = {.ns = MGK_NS_MC, .name = name, .attributes = &attribute, .n_attributes = 1};
    mgk_xml_write_start(filter, frame, &element, declared ? declared : none, none);
}

static char *prefixes_text(const guint64 set[2])
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint ns = 1; ns < MGK_N_NS; ns++) {
        if (mgk_ns_set_has(set, (MgkNs)ns))
            g_string_append_printf(text, "%s%s", text->len ? " " : "", mgk_ns_info((MgkNs)ns)->prefix);
    }
    return g_strdup(text->str);
}

/* A Choice whose requirements are known: written with our prefixes, inside an AlternateContent that appears now. */
static gboolean start_choice(MgkXmlFilter *filter, int n_attributes, const xmlChar **attributes)
{
    guint64 set[2] = {0, 0};
    gboolean usable = FALSE;
    for (int i = 0; i < n_attributes; i++, attributes += 5) {
        if (!attributes[2] && strcmp((const char *)attributes[0], "Requires") == 0)
            usable = collect_prefixes(filter, (const char *)attributes[3], (gsize)(attributes[4] - attributes[3]), set);
    }
    /* a required namespace that we write without a prefix could not be named */
    if (!usable || !(set[0] | set[1]) || mgk_ns_set_has(set, MGK_NS_X))
        return FALSE;
    MgkXmlFrame *alternate = mgk_xml_top(filter);
    gboolean opens = !alternate->written, parent_tag = filter->out.tag_open;
    gsize start = filter->out.length;
    if (opens)
        write_mc(filter, alternate, "AlternateContent", NULL, NULL);
    alternate->written = TRUE;
    g_autofree char *requires = prefixes_text(set);
    MgkXmlFrame *frame = mgk_xml_push_frame(filter, MGK_NS_MC, "Choice", MGK_FRAME_EMIT);
    frame->branch = ++filter->branches;
    write_mc(filter, frame, "Choice", requires, set);
    frame->opened = opens;
    mgk_xml_make_shy(filter, frame, start, parent_tag);
    return TRUE;
}

static void start_fallback(MgkXmlFilter *filter)
{
    gboolean inside = mgk_xml_top(filter)->written;
    MgkXmlFrame *frame = mgk_xml_push_frame(filter, MGK_NS_MC, "Fallback", inside ? MGK_FRAME_EMIT : MGK_FRAME_UNWRAP);
    frame->branch = ++filter->branches;
    if (inside)
        write_mc(filter, frame, "Fallback", NULL, NULL);
}

gboolean mgk_xml_mce_start(MgkXmlFilter *filter, MgkNs ns, const char *name, int n_attributes,
                           const xmlChar **attributes)
{
    const MgkXmlFrame *top = mgk_xml_top(filter);
    gboolean in_alternate = top && top->mode == MGK_FRAME_ALTERNATE;
    if (ns != MGK_NS_MC && !in_alternate)
        return FALSE;
    gboolean ours = ns == MGK_NS_MC && top;
    if (ours && !in_alternate && strcmp(name, "AlternateContent") == 0) {
        mgk_xml_push_frame(filter, MGK_NS_MC, "AlternateContent", MGK_FRAME_ALTERNATE);
    } else if (ours && in_alternate && strcmp(name, "Choice") == 0) {
        if (!start_choice(filter, n_attributes, attributes))
            mgk_xml_skip(filter);
    } else if (ours && in_alternate && strcmp(name, "Fallback") == 0) {
        start_fallback(filter);
    } else {
        mgk_xml_skip(filter);
    }
    return TRUE;
}
