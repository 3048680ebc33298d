/* odf_xml.c - the second look's reading of one OpenDocument XML member: only listed names, only values that do nothing;
 * pictures in base64 are what our encoders write. Declarations, instructions and comments end the walk (xml_walk.h). */
#include "checks/odf_look.h"
#include "checks/xml_walk.h"

#include <string.h>

typedef struct Space {
    const char *id, *uri, *elements, *attributes;
} Space;

static const Space spaces[] = {
#define LOOK_ODF(id, uri, elements, attributes) {#id, uri, elements, attributes},
#include "checks/odf_names.def"
#undef LOOK_ODF
};

enum { MAX_DEPTH = 10000 };

struct MgkOdfReader {
    MgkOdfLookPart *part; /* borrowed */
    MgkXmlWalk *walk;     /* owned */
    GPtrArray *open;      /* owned; of MgkXmlWalkName*, the walk's */
    GString *picture;     /* owned; base64 of the present office:binary-data */
    gboolean in_picture;
};

static void reject(MgkOdfReader *reader, const char *rule, const char *detail)
{
    mgk_odf_look_reject(reader->part->look, reader->part->name, rule, detail);
}

static gboolean has_word(const char *words, const char *word)
{
    gsize length = strlen(word);
    for (const char *at = words; *at;) {
        gsize n = strcspn(at, " ");
        if (n == length && memcmp(at, word, n) == 0)
            return TRUE;
        at += n + strspn(at + n, " ");
    }
    return FALSE;
}

/* The row of a name, or NULL when it is not listed; looked up once, kept in the walk's name. */
static const Space *space_of(const MgkXmlWalkName *name, gboolean element, gpointer *memo)
{
    for (gsize i = 0; i < G_N_ELEMENTS(spaces) && !*memo; i++) {
        const char *words = element ? spaces[i].elements : spaces[i].attributes;
        if (strcmp(spaces[i].uri, name->uri) == 0 && has_word(words, name->local))
            *memo = (gpointer)(gsize)&spaces[i];
    }
    return *memo;
}

static void judge_attribute(MgkOdfReader *reader, const char *element, const MgkXmlWalkAttribute *attribute)
{
    const Space *space = space_of(attribute->name, FALSE, &attribute->name->as_attribute);
    if (!space) {
        reject(reader, "unknown-attribute", attribute->name->local);
        return;
    }
    const char *why = mgk_odf_look_value(reader->part, element, space->id, attribute->name->local, attribute->value);
    if (why)
        reject(reader, why, attribute->value);
}

static const char *parent_of(const MgkOdfReader *reader)
{
    const MgkXmlWalkName *name = reader->open->len ? g_ptr_array_index(reader->open, reader->open->len - 1) : NULL;
    return name ? name->local : "";
}

static void judge_place(MgkOdfReader *reader, const char *local)
{
    const MgkOdfLookPart *part = reader->part;
    gboolean content = strcmp(part->root, "document-content") == 0;
    if (!reader->open->len && strcmp(local, part->root) != 0 && !(content && strcmp(local, "math") == 0))
        reject(reader, "wrong-root", local);
    if (*part->look->media && !*part->folder && reader->open->len == 2 && strcmp(parent_of(reader), "body") == 0 &&
        strcmp(local, part->look->body) != 0)
        reject(reader, "wrong-body", local);
    if (reader->open->len >= MAX_DEPTH)
        mgk_xml_walk_stop(reader->walk, "too deep");
}

static void on_start(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    MgkOdfReader *reader = context;
    if (!space_of(name, TRUE, &name->as_element))
        reject(reader, "unknown-element", name->local);
    judge_place(reader, name->local);
    for (guint i = 0; i < n; i++)
        judge_attribute(reader, name->local, &attributes[i]);
    reader->in_picture = strcmp(name->local, "binary-data") == 0;
    g_string_truncate(reader->picture, 0);
    g_ptr_array_add(reader->open, name);
}

static void on_end(gpointer context)
{
    MgkOdfReader *reader = context;
    if (reader->in_picture) {
        gsize size = 0;
        guint8 *bytes = (guint8 *)reader->picture->str;
        if (reader->picture->len > 1)
            bytes = g_base64_decode_inplace(reader->picture->str, &size);
        mgk_odf_look_picture(reader->part->look, reader->part->name, bytes, size);
    }
    reader->in_picture = FALSE;
    if (reader->open->len)
        g_ptr_array_set_size(reader->open, (gint)reader->open->len - 1);
}

static void on_text(gpointer context, const char *text, gsize length)
{
    MgkOdfReader *reader = context;
    if (reader->in_picture)
        g_string_append_len(reader->picture, text, (gssize)length);
}

const char *mgk_odf_look_resolve(const MgkOdfLookPart *part, const char *prefix)
{
    return mgk_xml_walk_resolve(part->reader->walk, prefix);
}

MgkOdfReader *mgk_odf_reader_new(MgkOdfLookPart *part)
{
    static const MgkXmlWalkEvents events = {.start = on_start, .end = on_end, .text = on_text};
    MgkOdfReader *reader = g_new0(MgkOdfReader, 1);
    reader->part = part;
    part->reader = reader;
    reader->open = g_ptr_array_new();
    reader->picture = g_string_new(NULL);
    reader->walk = mgk_xml_walk_new(&events, reader, part->look->job->policy->limits.xml_attributes);
    return reader;
}

void mgk_odf_reader_free(MgkOdfReader *reader)
{
    if (!reader)
        return;
    mgk_xml_walk_free(reader->walk);
    g_ptr_array_unref(reader->open);
    g_string_free(reader->picture, TRUE);
    g_free(reader);
}

static gboolean tell(const MgkOdfReader *reader, gboolean ok, GError **error)
{
    if (!ok)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "malformed-xml (%s: %s)", reader->part->name,
                    mgk_xml_walk_why(reader->walk));
    return ok;
}

gboolean mgk_odf_reader_push(gpointer context, const guint8 *data, gsize size, GError **error)
{
    MgkOdfReader *reader = context;
    return tell(reader, mgk_xml_walk_push(reader->walk, data, size), error);
}

gboolean mgk_odf_reader_finish(MgkOdfReader *reader, GError **error)
{
    return tell(reader, mgk_xml_walk_finish(reader->walk), error);
}
