/* svg.c - the second look at drawings: names by svg_names.def, values by what a browser would make of them. The
 * document is walked by checks/xml_walk.h, which knows neither document types nor instructions. */
#include "checks/data.h"
#include "checks/foreign.h"
#include "checks/ooxml_look.h"
#include "checks/picture.h"
#include "checks/xml_walk.h"

#include <string.h>

#define TAG_BYTES (48u << 20) /* pictures stand in attributes */
#define SVG_URI "http://www.w3.org/2000/svg"

typedef struct Space {
    const char *uri, *elements, *attributes;
} Space;

static const Space spaces[] = {
#define LOOK_SVG(space_uri, space_elements, space_attributes) {space_uri, space_elements, space_attributes},
#include "checks/svg_names.def"
#undef LOOK_SVG
};

typedef struct Look {
    MgkJob *job;      /* borrowed */
    MgkXmlWalk *walk; /* owned */
    GString *sheet;   /* owned; text of the present style element */
    guint64 depth;
    gboolean in_sheet;
} Look;

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

static gboolean is_listed(const MgkXmlWalkName *name, gboolean element, gpointer *memo)
{
    static char yes, no;
    if (*memo)
        return *memo == &yes;
    *memo = &no;
    for (gsize i = 0; i < G_N_ELEMENTS(spaces); i++) {
        if (strcmp(spaces[i].uri, name->uri) == 0 &&
            has_word(element ? spaces[i].elements : spaces[i].attributes, name->local))
            *memo = &yes;
    }
    return *memo == &yes;
}

/* ---- values ---- */

/* Spelled as browsers compare: small letters, no white space. */
static char *squeeze(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    for (; *text; text++) {
        if ((guchar)*text > 0x20)
            g_string_append_c(out, g_ascii_tolower(*text));
    }
    return g_string_free(out, FALSE);
}

/* Every url( is one of a place in the document, and nothing else fetches or runs. */
static const char *judge_style(const char *text)
{
    static const char *const words[] = {"javascript:", "vbscript:",  "expression(", "@import",  "@font-face",
                                        "@namespace",  "@document",  "image-set(",  "src(",     "-moz-binding",
                                        "behavior:",   "@keyframes", "cross-fade(", "element(", "<"};
    g_autofree char *plain = squeeze(text);
    if (strchr(text, '\\'))
        return "an escape in a style";
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strstr(plain, words[i]))
            return "a style that fetches or runs";
    }
    for (const char *at = plain; (at = strstr(at, "url(")); at++) {
        if (at[4] != '#')
            return "a style that leads out of the drawing";
    }
    return NULL;
}

static const char *judge_picture(const Look *look, const char *value)
{
    static const struct {
        const char *head;
        MgkFormatId format;
    } table[] = {{"data:image/png;base64,", MGK_FORMAT_ID_png},   {"data:image/jpeg;base64,", MGK_FORMAT_ID_jpeg},
                 {"data:image/gif;base64,", MGK_FORMAT_ID_gif},   {"data:image/svg+xml;base64,", MGK_FORMAT_ID_svg},
                 {"data:image/x-emf;base64,", MGK_FORMAT_ID_emf}, {"data:image/x-wmf;base64,", MGK_FORMAT_ID_wmf}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (!g_str_has_prefix(value, table[i].head))
            continue;
        gsize size = 0;
        const char *text = value + strlen(table[i].head);
        g_autofree guint8 *data = strlen(text) > 1 ? g_base64_decode(text, &size) : NULL;
        return data && mgk_check_picture(look->job, "picture", table[i].format, data, size, NULL)
                   ? NULL
                   : "a picture that no encoder of ours writes";
    }
    return "a picture of another kind";
}

static const char *judge_href(const Look *look, const char *element, const char *value)
{
    if (value[0] == '#')
        return strpbrk(value, " \t\r\n\"'()<>\\") ? "a reference that is no name" : NULL;
    if (strcmp(element, "a") == 0)
        return mgk_look_link_is_safe(value) ? NULL : "a link";
    if (strcmp(element, "image") == 0 || strcmp(element, "feImage") == 0)
        return judge_picture(look, value);
    return "a reference that leads out of the drawing";
}

static const char *judge_value(const Look *look, const char *element, const char *name, const char *value)
{
    static const char *const never[] = {"href", "id", "class", "style", "type", "target", NULL};
    if (strcmp(name, "href") == 0)
        return judge_href(look, element, value);
    if (strcmp(name, "attributeName") == 0)
        return g_strv_contains(never, value) || strchr(value, ':') || g_ascii_strncasecmp(value, "on", 2) == 0 ||
                       !has_word(spaces[G_N_ELEMENTS(spaces) - 1].attributes, value)
                   ? "an animation of something that acts"
                   : NULL;
    /* free text: nobody reads it as a style or a link */
    static const char *const texts[] = {"id", "class", "title", "aria-label", "aria-roledescription", NULL};
    return g_strv_contains(texts, name) ? NULL : judge_style(value);
}

/* ---- events ---- */

static void on_start(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    Look *look = context;
    if (!is_listed(name, TRUE, &name->as_element) || (look->depth == 0 && strcmp(name->local, "svg") != 0))
        mgk_xml_walk_stop(look->walk, "an element that is not listed");
    if (look->in_sheet)
        mgk_xml_walk_stop(look->walk, "an element in a style sheet");
    for (guint i = 0; i < n; i++) {
        MgkXmlWalkName *attribute = attributes[i].name;
        const char *why = is_listed(attribute, FALSE, &attribute->as_attribute)
                              ? judge_value(look, name->local, attribute->local, attributes[i].value)
                              : "an attribute that is not listed";
        if (why)
            mgk_xml_walk_stop(look->walk, why);
    }
    if (++look->depth > look->job->policy->limits.xml_depth)
        mgk_xml_walk_stop(look->walk, "too deep");
    look->in_sheet = strcmp(name->local, "style") == 0;
    g_string_truncate(look->sheet, 0);
}

static void on_end(gpointer context)
{
    Look *look = context;
    const char *why = look->in_sheet ? judge_style(look->sheet->str) : NULL;
    if (why)
        mgk_xml_walk_stop(look->walk, why);
    look->in_sheet = FALSE;
    look->depth--;
}

static void on_text(gpointer context, const char *text, gsize length)
{
    Look *look = context;
    if (look->in_sheet)
        g_string_append_len(look->sheet, text, (gssize)length);
}

gboolean mgk_check_svg(MgkJob *job, GError **error)
{
    static const char head[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<svg xmlns=\"" SVG_URI "\"";
    static const MgkXmlWalkEvents events = {.start = on_start, .end = on_end, .text = on_text};
    if (job->size < sizeof head || memcmp(job->data, head, sizeof head - 1) != 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "SVG: not our beginning");
        return FALSE;
    }
    if (!mgk_check_foreign(job->data, job->size, MGK_FOREIGN_PART, error))
        return FALSE;
    Look look = {.job = job, .sheet = g_string_new(NULL)};
    look.walk = mgk_xml_walk_new(&events, &look, job->policy->limits.xml_attributes);
    mgk_xml_walk_allow(look.walk, TAG_BYTES);
    gboolean ok = mgk_xml_walk_push(look.walk, job->data, job->size) && mgk_xml_walk_finish(look.walk);
    if (!ok)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "SVG: %s", mgk_xml_walk_why(look.walk));
    mgk_xml_walk_free(look.walk);
    g_string_free(look.sheet, TRUE);
    return ok;
}
