#include "engines/xml_internal.h"

#include <string.h>

#define CHUNK_BYTES 32768
#define CHUNKS 128
#define FLUSH_BYTES 65536
#define QUIET_BYTES (4u << 20)   /* a tag, comment or value longer than this is no document */
#define CAPTURE_BYTES (1u << 20) /* text a hook may ask for */
#define HELD_BYTES (8u << 20)
#define ADDITIONS 8

MgkXmlFrame *mgk_xml_push_frame(MgkXmlFilter *filter, MgkNs ns, const char *name, MgkXmlFrameMode mode)
{
    if (filter->depth == filter->frames_room) {
        filter->frames_room = MAX(32, 2 * filter->frames_room);
        filter->frames = g_renew(MgkXmlFrame, filter->frames, filter->frames_room);
    }
    const MgkXmlFrame *top = mgk_xml_top(filter);
    MgkXmlFrame *frame = &filter->frames[filter->depth++];
    *frame = (MgkXmlFrame){.ns = ns, .out_ns = ns, .name = name, .out_name = name, .mode = (guint8)mode};
    if (top) {
        memcpy(frame->bound, top->bound, sizeof frame->bound);
        frame->default_ns = top->default_ns;
        frame->branch = top->branch;
    }
    return frame;
}

MgkNs mgk_xml_ns(const MgkXmlFilter *filter, const char *uri)
{
    MgkNs ns = mgk_ns_from_uri(uri);
    return ns < MGK_N_NS && mgk_ns_in_family(ns, filter->options.family) ? ns : MGK_NS_UNKNOWN;
}

void mgk_xml_fail(MgkXmlFilter *filter, MgkError code, const char *message)
{
    if (!filter->error)
        g_set_error(&filter->error, MGK_ERROR, (gint)code, "%s: %s", filter->options.where, message);
    if (!filter->in_start)
        xmlStopParser(filter->parser);
}

void mgk_xml_skip(MgkXmlFilter *filter)
{
    filter->skipping = 1;
    if (filter->shy && filter->depth)
        mgk_xml_top(filter)->lost = TRUE;
}

/* ---- elements that go with their content ---- */

void mgk_xml_make_shy(MgkXmlFilter *filter, MgkXmlFrame *frame, gsize start, gboolean parent_tag)
{
    frame->shy = TRUE;
    frame->start = start;
    frame->parent_tag = parent_tag;
    filter->shy++;
    filter->out.holds++;
}

void mgk_xml_commit(MgkXmlFilter *filter)
{
    for (guint i = filter->depth; i-- && filter->shy;) {
        MgkXmlFrame *frame = &filter->frames[i];
        if (!frame->shy)
            continue;
        frame->shy = FALSE;
        filter->shy--;
        filter->out.holds--;
    }
}

/* The end of a shy element: back to where it started. What surrounds it has lost something, too. */
static void take_back(MgkXmlFilter *filter, const MgkXmlFrame *frame)
{
    filter->shy--;
    filter->out.holds--;
    filter->out.length = frame->start;
    filter->out.tag_open = frame->parent_tag;
    gboolean opened = frame->opened;
    filter->depth--;
    if (filter->depth)
        mgk_xml_top(filter)->lost = TRUE;
    if (opened)
        mgk_xml_top(filter)->written = FALSE;
    mgk_xml_out_settle(&filter->out);
}

static gboolean flush(MgkXmlFilter *filter, gsize threshold)
{
    MgkXmlOut *out = &filter->out;
    if (out->holds || out->spans->len) {
        if (out->length > HELD_BYTES)
            mgk_xml_fail(filter, MGK_ERROR_LIMIT, "too much output waits for a decision");
        return !filter->error;
    }
    if (out->length < threshold || out->tag_open)
        return TRUE;
    if (filter->options.sink && out->length && !filter->error) {
        if (!filter->options.sink(filter->options.user, out->data, out->length, &filter->error)) {
            xmlStopParser(filter->parser);
            return FALSE;
        }
    }
    out->length = 0;
    return TRUE;
}

/* ---- events ---- */

static void write_element(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, const MgkXmlElement *element,
                          MgkXmlAction action, const guint64 declared[2], const guint64 ignorable[2])
{
    static const guint8 modes[] = {[MGK_XML_KEEP] = MGK_FRAME_EMIT,
                                   [MGK_XML_KEEP_FILLED] = MGK_FRAME_EMIT,
                                   [MGK_XML_UNWRAP] = MGK_FRAME_UNWRAP,
                                   [MGK_XML_CAPTURE] = MGK_FRAME_CAPTURE};
    MgkXmlFrameMode mode = (MgkXmlFrameMode)modes[action];
    gboolean shy = action == MGK_XML_KEEP_FILLED;
    gboolean parent_tag = filter->out.tag_open;
    gsize start = filter->out.length;
    if (mode != MGK_FRAME_UNWRAP && !shy)
        mgk_xml_commit(filter);
    MgkXmlFrame *frame = mgk_xml_push_frame(filter, memo->ns, (const char *)memo->local, mode);
    frame->hook = memo->rule->hook;
    frame->parent_tag = parent_tag;
    frame->start = start;
    frame->span = filter->pending_span;
    filter->pending_span = 0;
    if (mode == MGK_FRAME_CAPTURE) {
        filter->out.holds++;
        g_string_truncate(filter->captured, 0);
    }
    if (mode != MGK_FRAME_UNWRAP)
        mgk_xml_write_start(filter, frame, element, declared, ignorable);
    if (shy)
        mgk_xml_make_shy(filter, frame, start, parent_tag);
}

static void drop_element(MgkXmlFilter *filter, const MgkXmlElementMemo *memo)
{
    if (memo->rule->kind != MGK_KIND_NONE && memo->rule->action == MGK_XML_DROP)
        mgk_xml_tell(filter, memo->rule, (const char *)memo->local);
    mgk_xml_skip(filter);
}

/* What the element's own rule wants, after its attributes were judged. */
static MgkXmlAction element_action(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, MgkXmlElement *element)
{
    const MgkXmlRule *rule = memo->rule;
    const MgkXmlHook *hook = mgk_xml_hook_of(filter, rule->hook);
    gboolean ask = rule->action == MGK_XML_ASK || rule->action == MGK_XML_ASK_UNWRAP;
    if (ask && mgk_xml_tell(filter, rule, element->name) == MGK_ACTION_KEEP)
        return MGK_XML_KEEP;
    if (ask)
        return rule->action == MGK_XML_ASK ? MGK_XML_DROP : MGK_XML_UNWRAP;
    if (rule->action == MGK_XML_UNWRAP && rule->kind != MGK_KIND_NONE)
        mgk_xml_tell(filter, rule, element->name);
    if (hook && hook->start &&
        (rule->action == MGK_XML_CALL || rule->action == MGK_XML_CAPTURE || rule->action == MGK_XML_KEEP_FILLED))
        return hook->start(filter, element);
    return rule->action == MGK_XML_CALL ? MGK_XML_KEEP : (MgkXmlAction)rule->action;
}

static gboolean root_is_expected(const MgkXmlFilter *filter, const MgkXmlElementMemo *memo)
{
    const char *roots = filter->options.root;
    if (!roots)
        return TRUE;
    g_autofree char *wanted = g_strdup_printf("%s:%s", mgk_ns_info(memo->ns)->prefix, (const char *)memo->local);
    if (*wanted == ':' && memo->ns != filter->options.root_ns)
        return FALSE;
    g_auto(GStrv) list = g_strsplit(roots, " ", -1);
    return g_strv_contains((const char *const *)list, wanted);
}

/* TRUE when an element may be looked at: bounds kept, prefix declared, root as expected, not inside captured text. */
static gboolean may_enter(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, const xmlChar *prefix, int n_attributes)
{
    const MgkLimits *limits = &filter->options.job->policy->limits;
    if (filter->depth >= limits->xml_depth)
        mgk_xml_fail(filter, MGK_ERROR_LIMIT, "xml_depth");
    else if ((guint64)n_attributes > limits->xml_attributes)
        mgk_xml_fail(filter, MGK_ERROR_LIMIT, "xml_attributes");
    else if (prefix && !memo->uri)
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "element with an undeclared prefix");
    else if (!filter->depth && !root_is_expected(filter, memo))
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "the root element is not the one its type demands");
    if (filter->error)
        return FALSE;
    const MgkXmlFrame *top = mgk_xml_top(filter);
    if (top && top->mode == MGK_FRAME_CAPTURE) {
        mgk_xml_skip(filter);
        return FALSE;
    }
    return TRUE;
}

/* The root declares what the source's root declared, so that no prefix is declared over and over below. */
static void collect_declared(const MgkXmlFilter *filter, const MgkXmlElementMemo *root, int n,
                             const xmlChar **namespaces, guint64 set[2])
{
    set[0] = filter->options.declare[0];
    set[1] = filter->options.declare[1];
    for (int i = 0; i < n; i++) {
        MgkNs ns = mgk_xml_ns(filter, (const char *)namespaces[2 * i + 1]);
        if (ns != MGK_NS_NONE && ns < MGK_N_NS && (*mgk_ns_info(ns)->prefix || ns == root->ns))
            mgk_ns_set_add(set, ns);
    }
}

static void start_element(MgkXmlFilter *filter, const MgkXmlElementMemo *memo, int n_namespaces,
                          const xmlChar **namespaces, int n_attributes, const xmlChar **attributes)
{
    if (mgk_xml_mce_start(filter, memo->ns, (const char *)memo->local, n_attributes, attributes))
        return;
    guint64 declared[2] = {0, 0}, ignorable[2] = {0, 0};
    if (!filter->depth)
        collect_declared(filter, memo, n_namespaces, namespaces, declared);
    if (filter->attributes->len < (guint)n_attributes + ADDITIONS)
        g_array_set_size(filter->attributes, (guint)n_attributes + ADDITIONS);
    MgkXmlElement element = {.ns = memo->ns,
                             .name = (const char *)memo->local,
                             .attributes = (MgkXmlAttribute *)(gpointer)filter->attributes->data,
                             .n_attributes = (guint)n_attributes};
    if (filter->values_used)
        g_string_chunk_clear(filter->values);
    filter->values_used = FALSE;
    MgkXmlAction fate = MGK_XML_KEEP, action = MGK_XML_DROP;
    if (memo->rule->action != MGK_XML_DROP)
        fate = mgk_xml_take_attributes(filter, memo, &element, attributes, ignorable);
    if (filter->error)
        return;
    if (fate != MGK_XML_REL_ELEMENT && memo->rule->action != MGK_XML_DROP)
        action = element_action(filter, memo, &element);
    if (filter->error)
        return;
    if (action == MGK_XML_KEEP && fate == MGK_XML_REL_UNWRAP)
        action = MGK_XML_UNWRAP;
    if (action == MGK_XML_KEEP || action == MGK_XML_KEEP_FILLED || action == MGK_XML_UNWRAP ||
        action == MGK_XML_CAPTURE) {
        write_element(filter, memo, &element, action, declared, ignorable);
    } else {
        drop_element(filter, memo);
    }
}

static void on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    MgkXmlFilter *filter = data;
    (void)n_defaulted;
    filter->since_event = 0;
    if (filter->error)
        return;
    if (filter->skipping) {
        filter->skipping++;
        return;
    }
    const MgkXmlElementMemo *memo = mgk_xml_element_memo(filter, local, uri);
    if (!may_enter(filter, memo, prefix, n_attributes) || !flush(filter, FLUSH_BYTES))
        return;
    filter->in_start = TRUE;
    start_element(filter, memo, n_namespaces, namespaces, n_attributes, attributes);
    filter->in_start = FALSE;
    if (filter->error)
        xmlStopParser(filter->parser);
}

/* Takes a captured element back, or writes its text. */
static void finish_capture(MgkXmlFilter *filter, MgkXmlFrame *frame, const MgkXmlHook *hook)
{
    MgkXmlAction action = hook && hook->text ? hook->text(filter, filter->captured) : MGK_XML_KEEP;
    filter->out.holds--;
    if (action == MGK_XML_KEEP) {
        mgk_xml_put_text(filter, filter->captured->str, filter->captured->len);
        return;
    }
    filter->out.length = frame->start;
    filter->out.tag_open = frame->parent_tag;
    frame->mode = MGK_FRAME_UNWRAP;
}

/* What has no tags of its own was lost to the element around it. */
static void pass_on_loss(MgkXmlFilter *filter)
{
    if (filter->depth > 1)
        filter->frames[filter->depth - 2].lost = TRUE;
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    MgkXmlFilter *filter = data;
    (void)local, (void)prefix, (void)uri;
    filter->since_event = 0;
    if (filter->error)
        return;
    if (filter->skipping) {
        filter->skipping--;
        return;
    }
    MgkXmlFrame *frame = mgk_xml_top(filter);
    if (!frame)
        return;
    const MgkXmlHook *hook = mgk_xml_hook_of(filter, frame->hook);
    if (frame->mode == MGK_FRAME_CAPTURE)
        finish_capture(filter, frame, hook);
    if (hook && hook->end)
        hook->end(filter);
    frame = mgk_xml_top(filter);
    if (frame->shy && frame->lost) {
        take_back(filter, frame);
        return;
    }
    if (frame->shy)
        mgk_xml_commit(filter);
    else if (frame->lost && (frame->mode == MGK_FRAME_UNWRAP || frame->mode == MGK_FRAME_ALTERNATE))
        pass_on_loss(filter);
    if (frame->mode == MGK_FRAME_EMIT || frame->mode == MGK_FRAME_CAPTURE || frame->written)
        mgk_xml_out_end(&filter->out, frame->out_ns, frame->out_name);
    if (frame->span) {
        MgkXmlSpan *span = &g_array_index(filter->out.spans, MgkXmlSpan, frame->span - 1);
        span->end = filter->out.length;
        span->open = FALSE;
        filter->out.open_spans--;
    }
    filter->depth--;
    mgk_xml_out_settle(&filter->out);
}

static void on_text(void *data, const xmlChar *text, int length)
{
    MgkXmlFilter *filter = data;
    filter->since_event = 0;
    const MgkXmlFrame *top = mgk_xml_top(filter);
    if (filter->error || filter->skipping || !top || top->mode == MGK_FRAME_ALTERNATE)
        return;
    if (top->mode != MGK_FRAME_CAPTURE) {
        mgk_xml_put_text(filter, (const char *)text, (gsize)length);
        flush(filter, FLUSH_BYTES);
        return;
    }
    gsize most = filter->options.capture_bytes ? filter->options.capture_bytes : CAPTURE_BYTES;
    if (filter->captured->len + (gsize)length > most)
        mgk_xml_fail(filter, MGK_ERROR_LIMIT, "text of one element");
    else
        g_string_append_len(filter->captured, (const char *)text, length);
}

static void on_ignored(void *data, const xmlChar *text)
{
    (void)text;
    ((MgkXmlFilter *)data)->since_event = 0;
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)target;
    on_ignored(data, text);
}

/* No office program accepts a document type in a package, and everything it could declare is an attack. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    MgkXmlFilter *filter = data;
    (void)name, (void)public_id, (void)system_id;
    mgk_xml_find(filter, MGK_KIND_XML_DTD, NULL);
    mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "document type declaration");
}

static void on_reference(void *data, const xmlChar *name)
{
    (void)name;
    mgk_xml_fail(data, MGK_ERROR_MALFORMED, "entity reference");
}

static void on_message(void *data, const xmlError *error)
{
    (void)data, (void)error; /* the parser's wellFormed and nsWellFormed say what matters */
}

/* ---- driving ---- */

static const xmlSAXHandler handlers = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_doctype,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .comment = on_ignored,
    .processingInstruction = on_instruction,
    .reference = on_reference,
    .serror = (xmlStructuredErrorFunc)on_message,
};

static gboolean fail_with(MgkXmlFilter *filter, GError **error)
{
    if (filter->error)
        g_propagate_error(error, g_steal_pointer(&filter->error));
    else
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s: earlier failure", filter->options.where);
    return FALSE;
}

static gboolean parse_utf8(gpointer user, const void *utf8, gsize size)
{
    MgkXmlFilter *filter = user;
    const char *data = utf8;
    gsize longest = filter->options.tag_bytes ? filter->options.tag_bytes : QUIET_BYTES;
    gsize chunk = MAX(CHUNK_BYTES, longest / CHUNKS); /* the parser looks at an unfinished tag as often */
    for (gsize at = 0; at < size && !filter->error; at += chunk) {
        gsize take = MIN(size - at, chunk);
        filter->since_event += take;
        xmlParseChunk(filter->parser, data + at, (int)take, 0);
        if (filter->error)
            break;
        if (!filter->parser->wellFormed || !filter->parser->nsWellFormed)
            mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "not well-formed");
        else if (filter->since_event > longest)
            mgk_xml_fail(filter, MGK_ERROR_LIMIT, "a single tag or comment is too long");
    }
    return !filter->error;
}

MgkXmlFilter *mgk_xml_filter_new(const MgkXmlFilterOptions *options)
{
    MgkXmlFilter *filter = g_new0(MgkXmlFilter, 1);
    filter->options = *options;
    filter->attributes = g_array_new(FALSE, TRUE, sizeof(MgkXmlAttribute));
    filter->values = g_string_chunk_new(4096);
    filter->captured = g_string_new(NULL);
    mgk_xml_input_init(&filter->input, parse_utf8, filter);
    mgk_xml_out_init(&filter->out, options->sink == NULL);
    xmlSAXHandler sax = handlers;
    filter->parser = xmlCreatePushParserCtxt(&sax, filter, NULL, 0, NULL);
    if (!filter->parser)
        g_error("out of memory");
    xmlCtxtUseOptions(filter->parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC);
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    mgk_xml_out_raw(&filter->out, declaration, sizeof declaration - 1);
    return filter;
}

void mgk_xml_filter_free(MgkXmlFilter *filter)
{
    if (!filter)
        return;
    xmlFreeParserCtxt(filter->parser);
    mgk_xml_input_clear(&filter->input);
    mgk_xml_out_clear(&filter->out);
    g_free(filter->frames);
    g_array_unref(filter->attributes);
    g_string_chunk_free(filter->values);
    g_string_free(filter->captured, TRUE);
    g_clear_error(&filter->error);
    g_free(filter);
}

gboolean mgk_xml_filter_push(MgkXmlFilter *filter, const void *data, gsize size, GError **error)
{
    if (filter->error || !mgk_xml_input_push(&filter->input, data, size, &filter->error))
        return fail_with(filter, error);
    return TRUE;
}

gboolean mgk_xml_filter_finish(MgkXmlFilter *filter, GError **error)
{
    if (filter->error || !mgk_xml_input_finish(&filter->input, &filter->error))
        return fail_with(filter, error);
    xmlParseChunk(filter->parser, NULL, 0, 1);
    if (!filter->error && (!filter->parser->wellFormed || !filter->parser->nsWellFormed))
        mgk_xml_fail(filter, MGK_ERROR_MALFORMED, "not well-formed");
    if (!filter->error && (filter->out.holds || filter->out.open_spans))
        mgk_xml_fail(filter, MGK_ERROR_FAILED, "output left waiting");
    if (filter->error || !flush(filter, 0))
        return fail_with(filter, error);
    return TRUE;
}
