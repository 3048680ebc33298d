#include "checks/ooxml_part.h"

#include "checks/ooxml_counts.h"
#include "checks/ooxml_field.h"
#include "checks/ooxml_formula.h"
#include "checks/ooxml_order.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <string.h>

typedef enum {
    TREAT_NONE,
    TREAT_FORBIDDEN,
    TREAT_OFF,
    TREAT_LINK,
    TREAT_FORMULA,
    TREAT_CODE,
    TREAT_FIELD,
    TREAT_SHOWN,
    TREAT_VALUE,
    TREAT_ACTION,
    TREAT_NOTE,
    TREAT_AUTONAME
} Treatment;

typedef struct ElementRule {
    MgkLookNs ns;
    const char *local;
    Treatment treatment;
    const char *rule;
} ElementRule;

typedef struct AttributeRule {
    MgkLookNs element_ns;
    const char *element;
    MgkLookNs ns;
    const char *local;
    Treatment treatment;
    const char *rule;
} AttributeRule;

static const ElementRule element_rules[] = {
#define LOOK_ELEMENT(ns, local, treatment, rule) {MGK_LOOK_NS_##ns, local, TREAT_##treatment, rule},
#include "checks/ooxml_elements.def"
#undef LOOK_ELEMENT
};

static const AttributeRule attribute_rules[] = {
#define LOOK_ATTRIBUTE(ens, element, ns, local, treatment, rule) \
    {MGK_LOOK_NS_##ens, element, MGK_LOOK_NS_##ns, local, TREAT_##treatment, rule},
#include "checks/ooxml_attributes.def"
#undef LOOK_ATTRIBUTE
};

static const struct {
    MgkLookNs ns;
    const char *uri;
} namespaces[] = {
#define LOOK_NAMESPACE(id, uri) {MGK_LOOK_NS_##id, uri},
#define LOOK_ALIAS(id, uri) {MGK_LOOK_NS_##id, uri},
#include "checks/ooxml_namespaces.def"
#undef LOOK_NAMESPACE
#undef LOOK_ALIAS
};

enum { MAX_TEXT = 1 << 20 };

/* What a pair of names means; the parser's dictionary makes their pointers unique, so they are looked up once. */
typedef struct ElementMemo {
    const xmlChar *local, *uri;
    MgkLookNs ns;
    const ElementRule *rule;
    MgkLookOrder order;
    guint interest; /* of the counts */
} ElementMemo;

typedef struct AttributeMemo {
    const xmlChar *local, *uri;
    MgkLookNs ns;
    gboolean ruled; /* a rule names it on some element */
} AttributeMemo;

enum { MEMOS = 512 };

typedef struct Frame {
    const ElementMemo *memo; /* borrowed; may be overwritten, what is needed later is copied below */
    Treatment treatment;
    const char *rule;
    MgkLookOrder order;
    guint interest;
    guint n_prefixes; /* declared here */
} Frame;

typedef struct Prefix {
    const char *prefix, *uri; /* borrowed from the parser's dictionary; "" default prefix */
} Prefix;

typedef struct Reader {
    MgkLook *look;
    xmlParserCtxtPtr parser; /* borrowed */
    GArray *frames;          /* owned; of Frame */
    GArray *prefixes;        /* owned; of Prefix */
    GArray *attributes;      /* owned; of MgkLookAttribute, those of the current tag */
    GString *arena;          /* owned; their values */
    GString *text;           /* owned; of the innermost element with a treatment */
    GHashTable *uris;        /* owned; uri pointer → namespace + 1: the parser's strings are unique */
    ElementMemo *elements;   /* owned; MEMOS of them, by pointers */
    AttributeMemo *names;    /* owned; the same */
    GHashTable *rules;       /* owned; "local" → first rule index + 1: skips the search for ordinary elements */
    MgkLookFields *fields;   /* owned */
    MgkLookOnElement on_element;
    gpointer context;
    const char *fatal; /* static; the parser was stopped */
} Reader;

static MgkLookNs find_namespace(Reader *reader, const xmlChar *uri)
{
    if (!uri)
        return MGK_LOOK_NS_NONE;
    gpointer known = g_hash_table_lookup(reader->uris, uri);
    if (known)
        return (MgkLookNs)(GPOINTER_TO_UINT(known) - 1);
    MgkLookNs ns = MGK_LOOK_NS_UNKNOWN;
    for (gsize i = 0; i < G_N_ELEMENTS(namespaces) && ns == MGK_LOOK_NS_UNKNOWN; i++) {
        if (strcmp(namespaces[i].uri, (const char *)uri) == 0)
            ns = namespaces[i].ns;
    }
    g_hash_table_insert(reader->uris, (gpointer)(gsize)uri, GUINT_TO_POINTER((guint)ns + 1));
    return ns;
}

/* Names lie close together in the dictionary, so every bit of the pointers must count. */
static gsize slot_of(const xmlChar *local, const xmlChar *uri)
{
    guint64 mix = ((guint64)(gsize)local + (guint64)(gsize)uri * 31) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    return (gsize)(mix >> 40) % MEMOS;
}

static gboolean is_ruled(MgkLookNs ns, const char *local)
{
    for (gsize i = 0; i < G_N_ELEMENTS(attribute_rules); i++) {
        if (attribute_rules[i].ns == ns && strcmp(attribute_rules[i].local, local) == 0)
            return TRUE;
    }
    return FALSE;
}

static const AttributeMemo *attribute_memo(Reader *reader, const xmlChar *local, const xmlChar *uri)
{
    AttributeMemo *memo = &reader->names[slot_of(local, uri)];
    if (memo->local == local && memo->uri == uri)
        return memo;
    MgkLookNs ns = find_namespace(reader, uri);
    *memo = (AttributeMemo){local, uri, ns, is_ruled(ns, (const char *)local)};
    return memo;
}

static void stop(Reader *reader, const char *why)
{
    reader->fatal = why;
    xmlStopParser(reader->parser);
}

static gboolean is_off(const char *value)
{
    static const char *const off[] = {"", "0", "f", "false", "off"};
    for (gsize i = 0; i < G_N_ELEMENTS(off); i++) {
        if (g_ascii_strcasecmp(value, off[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean action_is_safe(const char *value)
{
    static const char *const safe[] = {"", "ppaction://noaction", "ppaction://hlinksldjump", "ppaction://media"};
    for (gsize i = 0; i < G_N_ELEMENTS(safe); i++) {
        if (strcmp(value, safe[i]) == 0)
            return TRUE;
    }
    return g_str_has_prefix(value, "ppaction://hlinkshowjump?jump=") ||
           g_str_has_prefix(value, "ppaction://customshow?");
}

static gboolean note_is_safe(const char *value)
{
    static const char *const safe[] = {"Note",  "Pict", "Shape", "Rect", "RectA", "Line",
                                       "LineA", "Oval", "Arc",   "Text", "Group"};
    for (gsize i = 0; i < G_N_ELEMENTS(safe); i++) {
        if (strcmp(value, safe[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean name_runs_alone(const char *name)
{
    g_autofree char *low = g_ascii_strdown(name, -1);
    const char *bare = g_str_has_prefix(low, "_xlnm.") ? low + 6 : low;
    return g_str_has_prefix(bare, "auto_");
}

/* TRUE when a value passes its treatment. */
static gboolean value_is_safe(Treatment treatment, const char *value)
{
    switch (treatment) {
    case TREAT_FORBIDDEN:
        return *value == '\0';
    case TREAT_OFF:
        return is_off(value);
    case TREAT_LINK:
        return mgk_look_link_is_safe(value);
    case TREAT_FORMULA:
        return mgk_look_formula_is_safe(value);
    case TREAT_FIELD:
        return mgk_look_field_is_safe(value);
    case TREAT_ACTION:
        return action_is_safe(value);
    case TREAT_NOTE:
        return note_is_safe(value);
    case TREAT_AUTONAME:
        return !name_runs_alone(value);
    case TREAT_NONE:
    case TREAT_CODE:
    case TREAT_SHOWN:
    case TREAT_VALUE:
        break;
    }
    return TRUE;
}

static void judge_attribute(Reader *reader, const MgkLookElement *element, const MgkLookAttribute *attribute)
{
    for (gsize i = 0; i < G_N_ELEMENTS(attribute_rules); i++) {
        const AttributeRule *rule = &attribute_rules[i];
        if (rule->ns != attribute->ns || strcmp(rule->local, attribute->local) != 0)
            continue;
        if (rule->element_ns != MGK_LOOK_NS_ANY && rule->element_ns != element->ns)
            continue;
        if (strcmp(rule->element, "*") != 0 && strcmp(rule->element, element->local) != 0)
            continue;
        if (!value_is_safe(rule->treatment, attribute->value))
            mgk_look_reject(reader->look, rule->rule, attribute->value);
    }
}

static void judge_relationship(Reader *reader, const MgkLookAttribute *attribute)
{
    gboolean refers =
        attribute->ns == MGK_LOOK_NS_R || (attribute->ns == MGK_LOOK_NS_O && strcmp(attribute->local, "relid") == 0);
    if (!refers || *attribute->value == '\0')
        return;
    GHashTable *rels = reader->look->part->rels;
    if (!rels || !g_hash_table_contains(rels, attribute->value))
        mgk_look_reject(reader->look, "undeclared-relationship", attribute->value);
}

static const char *resolve_prefix(const Reader *reader, const char *prefix)
{
    for (guint i = reader->prefixes->len; i > 0; i--) {
        const Prefix *known = &g_array_index(reader->prefixes, Prefix, i - 1);
        if (strcmp(known->prefix, prefix) == 0)
            return known->uri;
    }
    return NULL;
}

/* mc:Ignorable may name any declared prefix; a Choice only what we know, or another reader shows what we did not see.
 */
static void judge_prefixes(Reader *reader, const char *list, gboolean must_be_known, const char *rule)
{
    g_auto(GStrv) prefixes = g_strsplit_set(list, " \t\r\n", -1);
    for (char **prefix = prefixes; *prefix; prefix++) {
        if (**prefix == '\0')
            continue;
        const char *uri = resolve_prefix(reader, *prefix);
        if (!uri || (must_be_known && find_namespace(reader, (const xmlChar *)uri) == MGK_LOOK_NS_UNKNOWN))
            mgk_look_reject(reader->look, rule, *prefix);
    }
}

static void judge_compatibility(Reader *reader, const MgkLookElement *element)
{
    const char *ignorable = mgk_look_value(element, MGK_LOOK_NS_MC, "Ignorable");
    if (ignorable)
        judge_prefixes(reader, ignorable, FALSE, "ignorable-undeclared");
    if (element->ns != MGK_LOOK_NS_MC || strcmp(element->local, "Choice") != 0)
        return;
    const char *needs = mgk_look_value(element, MGK_LOOK_NS_NONE, "Requires");
    if (!needs || *needs == '\0')
        mgk_look_reject(reader->look, "alternate-content", "no Requires");
    else
        judge_prefixes(reader, needs, TRUE, "alternate-content");
}

static const ElementRule *find_rule(Reader *reader, MgkLookNs ns, const char *local)
{
    gsize i = GPOINTER_TO_SIZE(g_hash_table_lookup(reader->rules, local));
    for (; i > 0 && i <= G_N_ELEMENTS(element_rules); i++) {
        if (element_rules[i - 1].ns == ns && strcmp(element_rules[i - 1].local, local) == 0)
            return &element_rules[i - 1];
    }
    return NULL;
}

/* The parser writes & as &#38; when it does not replace entities; see xmlParseAttValueComplex. */
static void append_value(GString *arena, const char *value, gsize length)
{
    const char *end = value + length;
    for (const char *at; (at = memmem(value, (gsize)(end - value), "&#38;", 5)); value = at + 5) {
        g_string_append_len(arena, value, at - value);
        g_string_append_c(arena, '&');
    }
    g_string_append_len(arena, value, end - value);
    g_string_append_c(arena, '\0');
}

static void collect_attributes(Reader *reader, int n, const xmlChar **raw)
{
    g_array_set_size(reader->attributes, (guint)n);
    g_string_set_size(reader->arena, 0);
    for (int i = 0; i < n; i++) { /* five pointers each: local, prefix, URI, value, end of value */
        const xmlChar **a = raw + 5 * i;
        MgkLookAttribute *to = &g_array_index(reader->attributes, MgkLookAttribute, i);
        const AttributeMemo *memo = attribute_memo(reader, a[0], a[2]);
        *to = (MgkLookAttribute){memo->ns, (const char *)a[0], NULL, memo->ruled};
        append_value(reader->arena, (const char *)a[3], (gsize)(a[4] - a[3]));
    }
    const char *value = reader->arena->str;
    for (int i = 0; i < n; i++, value += strlen(value) + 1)
        g_array_index(reader->attributes, MgkLookAttribute, i).value = value;
}

static const ElementMemo *element_memo(Reader *reader, const xmlChar *local, const xmlChar *uri)
{
    ElementMemo *memo = &reader->elements[slot_of(local, uri)];
    if (memo->local == local && memo->uri == uri)
        return memo;
    MgkLookNs ns = find_namespace(reader, uri);
    const char *name = (const char *)local;
    *memo = (ElementMemo){local,
                          uri,
                          ns,
                          find_rule(reader, ns, name),
                          mgk_look_order_begin(ns, name),
                          mgk_look_counts_interest(reader->look, ns, name)};
    return memo;
}

static void judge_element(Reader *reader, const MgkLookElement *element, Frame *frame)
{
    const ElementRule *rule = frame->memo->rule;
    if (element->ns == MGK_LOOK_NS_UNKNOWN)
        mgk_look_reject(reader->look, "unknown-namespace", element->local);
    if (rule && rule->treatment == TREAT_FORBIDDEN)
        mgk_look_reject(reader->look, rule->rule, element->local);
    if (rule) {
        frame->treatment = rule->treatment;
        frame->rule = rule->rule;
        g_string_set_size(reader->text, 0);
    }
    for (guint i = 0; i < element->n_attributes; i++) {
        const MgkLookAttribute *attribute = &element->attributes[i];
        if (attribute->ns == MGK_LOOK_NS_UNKNOWN)
            mgk_look_reject(reader->look, "unknown-namespace", attribute->local);
        if (attribute->ruled)
            judge_attribute(reader, element, attribute);
        judge_relationship(reader, attribute);
    }
    judge_compatibility(reader, element);
    mgk_look_fields_start(reader->fields, element);
}

/* Markup inside a formula or field code would hide a part of it from this reader, or from another. */
static void judge_place(Reader *reader, Frame *parent, const MgkLookElement *element)
{
    if (parent->treatment != TREAT_NONE && parent->treatment != TREAT_FORBIDDEN)
        mgk_look_reject(reader->look, "markup-in-text", element->local);
    mgk_look_order_child(reader->look, &parent->order, element);
}

static void on_start(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **declared, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    Reader *reader = user;
    (void)prefix;
    (void)n_defaulted;
    const MgkLimits *limits = &reader->look->job->policy->limits;
    if (reader->frames->len >= limits->xml_depth || (guint)n_attributes > limits->xml_attributes) {
        stop(reader, "nested too deeply or too many attributes");
        return;
    }
    for (int i = 0; i < n_namespaces; i++) {
        const char *name = declared[2 * i] ? (const char *)declared[2 * i] : "";
        const char *value = declared[2 * i + 1] ? (const char *)declared[2 * i + 1] : "";
        Prefix known = {name, value};
        g_array_append_val(reader->prefixes, known);
    }
    const ElementMemo *memo = element_memo(reader, local, uri);
    Frame frame = {.memo = memo, .order = memo->order, .interest = memo->interest, .n_prefixes = (guint)n_namespaces};
    collect_attributes(reader, n_attributes, attributes);
    MgkLookElement element = {memo->ns, (const char *)local,
                              (const MgkLookAttribute *)(gpointer)reader->attributes->data, reader->attributes->len};
    judge_element(reader, &element, &frame);
    guint depth = reader->frames->len;
    if (depth > 0)
        judge_place(reader, &g_array_index(reader->frames, Frame, depth - 1), &element);
    g_array_append_val(reader->frames, frame);
    if (frame.interest)
        mgk_look_counts_start(reader->look, &element, frame.interest);
    if (reader->on_element)
        reader->on_element(reader->context, &element, depth);
}

static void judge_text(Reader *reader, const Frame *frame)
{
    const char *text = reader->text->str;
    if (frame->treatment == TREAT_CODE || frame->treatment == TREAT_SHOWN)
        mgk_look_fields_text(reader->fields, text, frame->treatment == TREAT_CODE);
    else if (!value_is_safe(frame->treatment, text))
        mgk_look_reject(reader->look, frame->rule, text);
}

static void on_end(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    Reader *reader = user;
    (void)local;
    (void)prefix;
    (void)uri;
    guint depth = reader->frames->len;
    if (depth == 0)
        return;
    Frame *frame = &g_array_index(reader->frames, Frame, depth - 1);
    if (frame->treatment != TREAT_NONE && frame->treatment != TREAT_FORBIDDEN)
        judge_text(reader, frame);
    if (frame->interest)
        mgk_look_counts_end(reader->look, frame->interest, reader->text->str);
    g_array_set_size(reader->prefixes, reader->prefixes->len - frame->n_prefixes);
    g_array_set_size(reader->frames, depth - 1);
}

static void on_text(void *user, const xmlChar *text, int length)
{
    Reader *reader = user;
    if (reader->frames->len == 0)
        return;
    const Frame *frame = &g_array_index(reader->frames, Frame, reader->frames->len - 1);
    if (frame->treatment == TREAT_NONE || frame->treatment == TREAT_FORBIDDEN)
        return;
    if (reader->text->len + (gsize)length > MAX_TEXT) {
        if (frame->treatment != TREAT_SHOWN && frame->treatment != TREAT_VALUE)
            stop(reader, "a formula or field is too long");
        return;
    }
    g_string_append_len(reader->text, (const char *)text, length);
}

static void on_subset(void *user, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    (void)name;
    (void)id;
    (void)system;
    stop(user, "a document type");
}

static void on_instruction(void *user, const xmlChar *target, const xmlChar *data)
{
    (void)target;
    (void)data;
    stop(user, "a processing instruction");
}

static void on_comment(void *user, const xmlChar *text)
{
    (void)text;
    stop(user, "a comment");
}

static void on_reference(void *user, const xmlChar *name)
{
    (void)name;
    stop(user, "an entity");
}

static void on_xml_error(void *user, xmlErrorPtr problem)
{
    (void)user;
    (void)problem;
}

static gboolean on_bytes(gpointer context, const guint8 *data, gsize size, GError **error)
{
    Reader *reader = context;
    int status = xmlParseChunk(reader->parser, (const char *)data, (int)size, 0);
    if (reader->fatal || status != 0 || !reader->parser->nsWellFormed) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "malformed-xml (%s: %s)", reader->look->part->name,
                    reader->fatal ? reader->fatal : "not well-formed");
        return FALSE;
    }
    return TRUE;
}

static gboolean finish(Reader *reader, GError **error)
{
    int status = xmlParseChunk(reader->parser, "", 0, 1);
    const char *encoding = (const char *)reader->parser->encoding;
    const char *why = reader->fatal;
    if (!why && (status != 0 || !reader->parser->wellFormed))
        why = "not well-formed";
    if (!why && encoding && g_ascii_strcasecmp(encoding, "UTF-8") != 0)
        why = "not UTF-8";
    if (why) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "malformed-xml (%s: %s)", reader->look->part->name, why);
        return FALSE;
    }
    mgk_look_fields_finish(reader->fields);
    return TRUE;
}

static gboolean read_with(Reader *reader, GError **error)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .endElementNs = on_end,
                         .characters = on_text,
                         .cdataBlock = on_text,
                         .internalSubset = on_subset,
                         .processingInstruction = on_instruction,
                         .comment = on_comment,
                         .reference = on_reference,
                         .serror = on_xml_error};
    reader->parser = xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL);
    if (!reader->parser) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "no XML parser");
        return FALSE;
    }
    xmlCtxtUseOptions(reader->parser, XML_PARSE_NONET | XML_PARSE_HUGE);
    gboolean ok = mgk_zip_walk_read(&reader->look->zip, reader->look->part->entry, on_bytes, reader, error) &&
                  finish(reader, error);
    xmlFreeParserCtxt(reader->parser);
    return ok;
}

static GHashTable *index_rules(void)
{
    GHashTable *rules = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = G_N_ELEMENTS(element_rules); i > 0; i--)
        g_hash_table_insert(rules, (gpointer)(gsize)element_rules[i - 1].local, GSIZE_TO_POINTER(i));
    return rules;
}

gboolean mgk_look_read_xml(MgkLook *look, MgkLookOnElement on_element, gpointer context, GError **error)
{
    Reader reader = {.look = look,
                     .frames = g_array_new(FALSE, FALSE, sizeof(Frame)),
                     .prefixes = g_array_new(FALSE, FALSE, sizeof(Prefix)),
                     .attributes = g_array_new(FALSE, FALSE, sizeof(MgkLookAttribute)),
                     .arena = g_string_new(NULL),
                     .text = g_string_new(NULL),
                     .uris = g_hash_table_new(NULL, NULL),
                     .elements = g_new0(ElementMemo, MEMOS),
                     .names = g_new0(AttributeMemo, MEMOS),
                     .rules = index_rules(),
                     .fields = mgk_look_fields_new(look),
                     .on_element = on_element,
                     .context = context};
    gboolean ok = read_with(&reader, error);
    mgk_look_fields_free(reader.fields);
    g_hash_table_unref(reader.rules);
    g_hash_table_unref(reader.uris);
    g_free(reader.elements);
    g_free(reader.names);
    g_string_free(reader.text, TRUE);
    g_string_free(reader.arena, TRUE);
    g_array_unref(reader.attributes);
    g_array_unref(reader.prefixes);
    g_array_unref(reader.frames);
    return ok;
}
