#include "checks/ooxml_part.h"

#include "checks/ooxml_counts.h"
#include "checks/ooxml_field.h"
#include "checks/ooxml_formula.h"
#include "checks/ooxml_order.h"
#include "checks/xml_walk.h"

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

/* What a name means to the rules: looked up once, and kept by the walk beside the name. */
typedef struct ElementMemo {
    MgkLookNs ns;
    const ElementRule *rule;
    MgkLookOrder order;
    MgkLookRank rank; /* below the parent it was last seen in */
    guint interest;   /* of the counts */
    gboolean is_field, is_choice;
} ElementMemo;

typedef struct AttributeMemo {
    MgkLookNs ns;
    guint matters; /* UNKNOWN_NS … */
} AttributeMemo;

/* Why an attribute is looked at. */
enum {
    UNKNOWN_NS = 1 << 0,
    RULED = 1 << 1, /* a rule names it on some element */
    REFERS = 1 << 2,
    IGNORES = 1 << 3,
};

typedef struct Frame {
    ElementMemo *memo; /* borrowed */
    Treatment treatment;
    const char *rule;
    MgkLookOrder order;
} Frame;

typedef struct Reader {
    MgkLook *look;
    MgkXmlWalk *walk; /* owned */
    GPtrArray *memos; /* owned; of ElementMemo* and AttributeMemo*, owned */
    Frame *frames;    /* owned; depth of frames_room */
    guint depth, frames_room;
    MgkLookAttribute *attributes; /* owned; attributes_room of them: those of the current tag */
    guint attributes_room;
    GString *text;         /* owned; of the innermost element with a treatment */
    GHashTable *uris;      /* owned; uri pointer → namespace + 1: the walk's strings are unique */
    GHashTable *rules;     /* owned; "local" → first rule index + 1: skips the search for ordinary elements */
    MgkLookFields *fields; /* owned */
    MgkLookOnElement on_element;
    gpointer context;
} Reader;

static MgkLookNs find_namespace(Reader *reader, const char *uri)
{
    gpointer known = g_hash_table_lookup(reader->uris, uri);
    if (known)
        return (MgkLookNs)(GPOINTER_TO_UINT(known) - 1);
    MgkLookNs ns = MGK_LOOK_NS_UNKNOWN;
    for (gsize i = 0; i < G_N_ELEMENTS(namespaces) && ns == MGK_LOOK_NS_UNKNOWN; i++) {
        if (strcmp(namespaces[i].uri, uri) == 0)
            ns = namespaces[i].ns;
    }
    g_hash_table_insert(reader->uris, (gpointer)(gsize)uri, GUINT_TO_POINTER((guint)ns + 1));
    return ns;
}

static gboolean is_ruled(MgkLookNs ns, const char *local)
{
    for (gsize i = 0; i < G_N_ELEMENTS(attribute_rules); i++) {
        if (attribute_rules[i].ns == ns && strcmp(attribute_rules[i].local, local) == 0)
            return TRUE;
    }
    return FALSE;
}

static const AttributeMemo *attribute_memo(Reader *reader, MgkXmlWalkName *name)
{
    if (name->as_attribute)
        return name->as_attribute;
    AttributeMemo *memo = g_new0(AttributeMemo, 1);
    g_ptr_array_add(reader->memos, memo);
    memo->ns = find_namespace(reader, name->uri);
    if (memo->ns == MGK_LOOK_NS_UNKNOWN)
        memo->matters |= UNKNOWN_NS;
    if (is_ruled(memo->ns, name->local))
        memo->matters |= RULED;
    if (memo->ns == MGK_LOOK_NS_R || (memo->ns == MGK_LOOK_NS_O && strcmp(name->local, "relid") == 0))
        memo->matters |= REFERS;
    if (memo->ns == MGK_LOOK_NS_MC && strcmp(name->local, "Ignorable") == 0)
        memo->matters |= IGNORES;
    name->as_attribute = memo;
    return memo;
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
    GHashTable *rels = reader->look->part->rels;
    if (*attribute->value && (!rels || !g_hash_table_contains(rels, attribute->value)))
        mgk_look_reject(reader->look, "undeclared-relationship", attribute->value);
}

/* mc:Ignorable may name any declared prefix; a Choice only what we know, or another reader shows what we did not see.
 */
static void judge_prefixes(Reader *reader, const char *list, gboolean must_be_known, const char *rule)
{
    g_auto(GStrv) prefixes = g_strsplit_set(list, " \t\r\n", -1);
    for (char **prefix = prefixes; *prefix; prefix++) {
        if (**prefix == '\0')
            continue;
        const char *uri = mgk_xml_walk_resolve(reader->walk, *prefix);
        if (!uri || (must_be_known && find_namespace(reader, uri) == MGK_LOOK_NS_UNKNOWN))
            mgk_look_reject(reader->look, rule, *prefix);
    }
}

static void judge_choice(Reader *reader, const MgkLookElement *element)
{
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

static ElementMemo *element_memo(Reader *reader, MgkXmlWalkName *name)
{
    if (name->as_element)
        return name->as_element;
    ElementMemo *memo = g_new0(ElementMemo, 1);
    g_ptr_array_add(reader->memos, memo);
    MgkLookNs ns = find_namespace(reader, name->uri);
    *memo = (ElementMemo){.ns = ns,
                          .rule = find_rule(reader, ns, name->local),
                          .order = mgk_look_order_begin(ns, name->local),
                          .rank = MGK_LOOK_RANK_NONE,
                          .interest = mgk_look_counts_interest(reader->look, ns, name->local),
                          .is_field = ns == MGK_LOOK_NS_W && strcmp(name->local, "fldChar") == 0,
                          .is_choice = ns == MGK_LOOK_NS_MC && strcmp(name->local, "Choice") == 0};
    name->as_element = memo;
    return memo;
}

static void judge_attributes(Reader *reader, const MgkLookElement *element)
{
    for (guint i = 0; i < element->n_attributes; i++) {
        const MgkLookAttribute *attribute = &element->attributes[i];
        if (G_LIKELY(!attribute->matters))
            continue;
        if (attribute->matters & UNKNOWN_NS)
            mgk_look_reject(reader->look, "unknown-namespace", attribute->local);
        if (attribute->matters & RULED)
            judge_attribute(reader, element, attribute);
        if (attribute->matters & REFERS)
            judge_relationship(reader, attribute);
        if (attribute->matters & IGNORES)
            judge_prefixes(reader, attribute->value, FALSE, "ignorable-undeclared");
    }
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
    judge_attributes(reader, element);
    if (frame->memo->is_choice)
        judge_choice(reader, element);
    if (frame->memo->is_field)
        mgk_look_fields_start(reader->fields, element);
}

/* Markup inside a formula or field code would hide a part of it from this reader, or from another. */
static void judge_place(Reader *reader, Frame *parent, const MgkLookElement *element, ElementMemo *memo)
{
    if (parent->treatment != TREAT_NONE && parent->treatment != TREAT_FORBIDDEN)
        mgk_look_reject(reader->look, "markup-in-text", element->local);
    mgk_look_order_child(reader->look, &parent->order, element, &memo->rank);
}

/* For one more frame, and for the attributes of a tag. */
static void make_room(Reader *reader, guint n_attributes)
{
    if (reader->depth == reader->frames_room) {
        reader->frames_room = MAX(64, 2 * reader->frames_room);
        reader->frames = g_renew(Frame, reader->frames, reader->frames_room);
    }
    if (n_attributes > reader->attributes_room) {
        reader->attributes_room = MAX(16, 2 * n_attributes);
        reader->attributes = g_renew(MgkLookAttribute, reader->attributes, reader->attributes_room);
    }
}

static void on_start(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    Reader *reader = context;
    guint depth = reader->depth;
    if (depth >= reader->look->job->policy->limits.xml_depth) {
        mgk_xml_walk_stop(reader->walk, "nested too deeply or too many attributes");
        return;
    }
    make_room(reader, n);
    for (guint i = 0; i < n; i++) {
        const AttributeMemo *known = attribute_memo(reader, attributes[i].name);
        reader->attributes[i] =
            (MgkLookAttribute){known->ns, attributes[i].name->local, attributes[i].value, known->matters};
    }
    ElementMemo *memo = element_memo(reader, name);
    Frame frame = {.memo = memo, .order = memo->order};
    MgkLookElement element = {memo->ns, name->local, reader->attributes, n};
    judge_element(reader, &element, &frame);
    if (depth > 0)
        judge_place(reader, &reader->frames[depth - 1], &element, memo);
    reader->frames[reader->depth++] = frame;
    if (memo->interest)
        mgk_look_counts_start(reader->look, &element, memo->interest);
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

static void on_end(gpointer context)
{
    Reader *reader = context;
    if (reader->depth == 0) /* the walk was stopped at its start */
        return;
    Frame *frame = &reader->frames[--reader->depth];
    if (frame->treatment != TREAT_NONE && frame->treatment != TREAT_FORBIDDEN)
        judge_text(reader, frame);
    if (frame->memo->interest)
        mgk_look_counts_end(reader->look, frame->memo->interest, reader->text->str);
}

static void on_text(gpointer context, const char *text, gsize length)
{
    Reader *reader = context;
    if (reader->depth == 0)
        return;
    const Frame *frame = &reader->frames[reader->depth - 1];
    if (frame->treatment == TREAT_NONE || frame->treatment == TREAT_FORBIDDEN)
        return;
    if (reader->text->len + length > MAX_TEXT) {
        if (frame->treatment != TREAT_SHOWN && frame->treatment != TREAT_VALUE)
            mgk_xml_walk_stop(reader->walk, "a formula or field is too long");
        return;
    }
    g_string_append_len(reader->text, text, (gssize)length);
}

static gboolean malformed(const Reader *reader, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "malformed-xml (%s: %s)", reader->look->part->name,
                mgk_xml_walk_why(reader->walk));
    return FALSE;
}

static gboolean on_bytes(gpointer context, const guint8 *data, gsize size, GError **error)
{
    Reader *reader = context;
    return mgk_xml_walk_push(reader->walk, data, size) || malformed(reader, error);
}

static gboolean read_with(Reader *reader, GError **error)
{
    static const MgkXmlWalkEvents events = {.start = on_start, .end = on_end, .text = on_text};
    reader->walk = mgk_xml_walk_new(&events, reader, reader->look->job->policy->limits.xml_attributes);
    if (!mgk_zip_walk_read(&reader->look->zip, reader->look->part->entry, on_bytes, reader, error))
        return FALSE;
    if (!mgk_xml_walk_finish(reader->walk))
        return malformed(reader, error);
    mgk_look_fields_finish(reader->fields);
    return TRUE;
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
                     .memos = g_ptr_array_new_with_free_func(g_free),
                     .text = g_string_new(NULL),
                     .uris = g_hash_table_new(NULL, NULL),
                     .rules = index_rules(),
                     .fields = mgk_look_fields_new(look),
                     .on_element = on_element,
                     .context = context};
    gboolean ok = read_with(&reader, error);
    mgk_xml_walk_free(reader.walk);
    mgk_look_fields_free(reader.fields);
    g_hash_table_unref(reader.rules);
    g_hash_table_unref(reader.uris);
    g_string_free(reader.text, TRUE);
    g_free(reader.attributes);
    g_free(reader.frames);
    g_ptr_array_unref(reader.memos);
    return ok;
}
