/* svg_cost.c - a graph of what has an id and what refers to it.
 *
 * A node is an element with an id (0: the drawing); it owns the elements inside it that have none. It leads to the
 * nodes inside it, to those that it shows (href of use, patterns, gradients …; url() in values), and to those that
 * style sheets give to elements of one of its classes. The cost of a node is its elements and the cost of all it leads
 * to. Of two equal ids the first counts, as in browsers. */
#include "engines/svg_cost.h"

#include <libxml/parser.h>
#include <string.h>

#define EDGES_MOST (4u << 20) /* more references than any drawing has; classes times rules could be without end */

typedef enum { NEW, OPEN, DONE } State;

typedef struct Node {
    guint64 cost; /* its own elements, in the end all */
    GArray *to;   /* owned; of guint, or NULL */
    State state;
} Node;

typedef struct Reference {
    guint from;
    char *name; /* owned by the strings; an id, or a class */
} Reference;

typedef struct Graph {
    GArray *nodes;         /* owned; of Node */
    GArray *open;          /* owned; of guint: the node that each open element belongs to */
    GHashTable *ids;       /* owned; name → index + 1 */
    GArray *shown, *class; /* owned; of Reference */
    GHashTable *styled;    /* owned; class → GPtrArray of ids */
    GStringChunk *strings; /* owned */
    GString *sheet;        /* owned */
    guint edges;
    gboolean in_sheet;
    MgkSvgCost *ret; /* borrowed */
} Graph;

/* FALSE when there are too many. */
static gboolean may_add(Graph *graph)
{
    return graph->edges < EDGES_MOST && ++graph->edges < EDGES_MOST;
}

static void lead(Graph *graph, guint from, guint to)
{
    if (!may_add(graph))
        return;
    Node *node = &g_array_index(graph->nodes, Node, from);
    if (!node->to)
        node->to = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_val(node->to, to);
}

static void add_reference(Graph *graph, GArray *list, guint from, const char *name, gsize length)
{
    Reference reference = {.from = from};
    reference.name = g_string_chunk_insert_len(graph->strings, name, (gssize)length);
    g_array_append_val(list, reference);
}

/* Every "url(#name)", which our writer spells so and no other way. */
static const char *next_url(const char *at, gsize *ret_length)
{
    at = strstr(at, "url(#");
    if (!at)
        return NULL;
    at += strlen("url(#");
    *ret_length = strcspn(at, ")");
    return at;
}

static gboolean shows_its_target(const char *element)
{
    static const char *const others[] = {
        "a", "animate", "animateColor", "animateMotion", "animateTransform", "set", "textPath", "mpath", NULL};
    return !g_strv_contains(others, element);
}

static void take_classes(Graph *graph, guint node, const char *value)
{
    for (const char *at = value + strspn(value, " \t\r\n"); *at;) {
        gsize length = strcspn(at, " \t\r\n");
        add_reference(graph, graph->class, node, at, length);
        at += length + strspn(at + length, " \t\r\n");
    }
}

static void take_attribute(Graph *graph, guint node, const char *element, const char *name, const char *value)
{
    gsize length = 0;
    if (strcmp(name, "class") == 0)
        take_classes(graph, node, value);
    else if (g_str_has_suffix(name, "href") && *value == '#' && shows_its_target(element))
        add_reference(graph, graph->shown, node, value + 1, strlen(value + 1));
    for (const char *at = value; (at = next_url(at, &length));)
        add_reference(graph, graph->shown, node, at, length);
}

/* The node of an element: its own, when it has an id of its own, else the one around it. */
static guint node_of(Graph *graph, guint around, const xmlChar **attributes)
{
    for (; attributes && attributes[0]; attributes += 2) {
        const char *id = (const char *)attributes[1];
        if (strcmp((const char *)attributes[0], "id") != 0 || g_hash_table_contains(graph->ids, id))
            continue;
        Node node = {.cost = 0};
        guint index = graph->nodes->len;
        g_array_append_val(graph->nodes, node);
        g_hash_table_insert(graph->ids, g_string_chunk_insert(graph->strings, id), GUINT_TO_POINTER(index + 1));
        lead(graph, around, index);
        return index;
    }
    return around;
}

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
    Graph *graph = context;
    guint around = graph->open->len ? g_array_index(graph->open, guint, graph->open->len - 1) : 0;
    guint node = node_of(graph, around, attributes);
    g_array_append_val(graph->open, node);
    g_array_index(graph->nodes, Node, node).cost++;
    graph->ret->elements++;
    for (; attributes && attributes[0]; attributes += 2)
        take_attribute(graph, node, (const char *)name, (const char *)attributes[0], (const char *)attributes[1]);
    graph->in_sheet = strcmp((const char *)name, "style") == 0;
    g_string_truncate(graph->sheet, 0);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    Graph *graph = context;
    if (graph->in_sheet)
        g_string_append_len(graph->sheet, (const char *)text, size);
}

static void give_to_class(Graph *graph, const char *class, gsize length, const char *id, gsize id_length)
{
    if (!may_add(graph))
        return;
    const char *key = g_string_chunk_insert_len(graph->strings, class, (gssize)length);
    GPtrArray *ids = g_hash_table_lookup(graph->styled, key);
    if (!ids) {
        ids = g_ptr_array_new();
        g_hash_table_insert(graph->styled, (gpointer)(guintptr)key, ids);
    }
    g_ptr_array_add(ids, g_string_chunk_insert_len(graph->strings, id, (gssize)id_length));
}

/* One rule: what its declarations show is shown by every class that its selector names. */
static void take_rule(Graph *graph, const char *selector, const char *declarations)
{
    gsize length = 0;
    for (const char *id = declarations; (id = next_url(id, &length));) {
        for (const char *dot = selector; graph->edges < EDGES_MOST && (dot = strchr(dot, '.'));) {
            gsize size = strcspn(++dot, " .,:>+~[*#");
            give_to_class(graph, dot, size, id, length);
        }
    }
}

static void on_end(void *context, const xmlChar *name)
{
    Graph *graph = context;
    (void)name;
    g_array_set_size(graph->open, graph->open->len - 1);
    if (!graph->in_sheet)
        return;
    graph->in_sheet = FALSE;
    g_auto(GStrv) rules = g_strsplit(graph->sheet->str, "}", -1);
    for (guint i = 0; rules[i]; i++) {
        char *brace = strrchr(rules[i], '{');
        if (!brace || !strstr(brace, "url(#"))
            continue;
        *brace = '\0';
        take_rule(graph, rules[i], brace + 1);
    }
}

/* ---- counting ---- */

static void resolve(Graph *graph)
{
    for (guint i = 0; i < graph->shown->len; i++) {
        const Reference *reference = &g_array_index(graph->shown, Reference, i);
        guint to = GPOINTER_TO_UINT(g_hash_table_lookup(graph->ids, reference->name));
        if (to)
            lead(graph, reference->from, to - 1);
    }
    for (guint i = 0; i < graph->class->len; i++) {
        const Reference *reference = &g_array_index(graph->class, Reference, i);
        const GPtrArray *ids = g_hash_table_lookup(graph->styled, reference->name);
        for (guint n = 0; ids && n < ids->len && graph->edges < EDGES_MOST; n++) {
            guint to = GPOINTER_TO_UINT(g_hash_table_lookup(graph->ids, g_ptr_array_index(ids, n)));
            if (to)
                lead(graph, reference->from, to - 1);
        }
    }
}

typedef struct Step {
    guint node, next;
} Step;

/* The node on top of the stack leads on, or is done: TRUE when another was pushed. */
static gboolean walk_on(Graph *graph, GArray *stack)
{
    Step *step = &g_array_index(stack, Step, stack->len - 1);
    Node *node = &g_array_index(graph->nodes, Node, step->node);
    while (node->to && step->next < node->to->len) {
        guint target = g_array_index(node->to, guint, step->next);
        const Node *to = &g_array_index(graph->nodes, Node, target);
        if (to->state == NEW) {
            Step down = {.node = target};
            g_array_append_val(stack, down);
            return TRUE;
        }
        if (to->state == OPEN)
            graph->ret->cyclic = TRUE;
        else
            node->cost = to->cost > G_MAXUINT64 - node->cost ? G_MAXUINT64 : node->cost + to->cost;
        step->next++;
    }
    node->state = DONE;
    return FALSE;
}

static void count(Graph *graph)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(Step));
    Step root = {.node = 0};
    g_array_append_val(stack, root);
    while (stack->len) {
        const Step *top = &g_array_index(stack, Step, stack->len - 1);
        g_array_index(graph->nodes, Node, top->node).state = OPEN;
        if (!walk_on(graph, stack))
            g_array_set_size(stack, stack->len - 1);
    }
    gboolean counted = graph->edges < EDGES_MOST;
    graph->ret->drawn = counted ? g_array_index(graph->nodes, Node, 0).cost : G_MAXUINT64;
}

static void graph_init(Graph *graph, MgkSvgCost *ret)
{
    *ret = (MgkSvgCost){.elements = 0};
    *graph = (Graph){.nodes = g_array_new(FALSE, TRUE, sizeof(Node)),
                     .open = g_array_new(FALSE, FALSE, sizeof(guint)),
                     .ids = g_hash_table_new(g_str_hash, g_str_equal),
                     .shown = g_array_new(FALSE, FALSE, sizeof(Reference)),
                     .class = g_array_new(FALSE, FALSE, sizeof(Reference)),
                     .styled = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref),
                     .strings = g_string_chunk_new(4096),
                     .sheet = g_string_new(NULL),
                     .ret = ret};
    g_array_set_size(graph->nodes, 1);
}

static void graph_clear(Graph *graph)
{
    for (guint i = 0; i < graph->nodes->len; i++)
        g_clear_pointer(&g_array_index(graph->nodes, Node, i).to, g_array_unref);
    g_array_unref(graph->nodes);
    g_array_unref(graph->open);
    g_array_unref(graph->shown);
    g_array_unref(graph->class);
    g_hash_table_unref(graph->ids);
    g_hash_table_unref(graph->styled);
    g_string_chunk_free(graph->strings);
    g_string_free(graph->sheet, TRUE);
}

static void on_complaint(void *context, const char *message, ...)
{
    (void)context; /* the parser's return value tells */
    (void)message;
}

gboolean mgk_svg_cost(const char *text, gsize length, MgkSvgCost *ret)
{
    xmlSAXHandler sax = {.startElement = on_start,
                         .endElement = on_end,
                         .characters = on_text,
                         .cdataBlock = on_text,
                         .warning = on_complaint,
                         .error = on_complaint};
    Graph graph;
    if (length > G_MAXINT / 2)
        return FALSE;
    graph_init(&graph, ret);
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, &graph, NULL, 0, NULL);
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_SAX1);
    gboolean ok = xmlParseChunk(parser, text, (int)length, 1) == XML_ERR_OK;
    xmlFreeParserCtxt(parser);
    if (ok) {
        resolve(&graph);
        count(&graph);
    }
    graph_clear(&graph);
    return ok;
}
