/* docx - Word documents and templates: ISO/IEC 29500-1 (WordprocessingML), -2 (packages), -4 (transitional), [MS-DOCX].
 *
 * Kept: text, tables, styles, numbering, headers, footers, notes, comments and tracked changes (by policy), local
 * fields, bookmarks, ruby, content controls, drawings, charts with their cached values, pictures (rebuilt elsewhere),
 * labels. Removed: macros, objects (their picture stays), controls, fields that run or fetch (their text stays),
 * templates and content from elsewhere, data behind controls, mail-merge sources, document variables, embedded fonts.
 * Everything without a row in rules/wordprocessingml.def, vml.def, drawingml.def and relationships.def is left out.
 * Output: docx, or dotx for templates, macro-free, transitional namespaces, a new archive.
 * Limits: white text is not recognised as hidden; mail-merge fields stay without their source. */
#include "checks/ooxml.h"
#include "engines/docx_fields.h"
#include "engines/docx_text.h"
#include "engines/opc.h"
#include "formats/formats.h"

#include <string.h>

typedef struct DocxState {
    MgkDocxFields *fields; /* owned; of the part being written */
    guint run_span;        /* of the present run when hidden text is to go, else 0 */
} DocxState;

static DocxState *state_of(const MgkXmlFilter *filter)
{
    return mgk_opc_state(mgk_opc_of(filter));
}

/* ---- fields ---- */

static MgkXmlAction on_story(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    mgk_docx_fields_enter(state_of(filter)->fields);
    return MGK_XML_KEEP;
}

static void on_story_end(MgkXmlFilter *filter)
{
    mgk_docx_fields_leave(state_of(filter)->fields, filter);
}

static MgkXmlAction on_field_char(MgkXmlFilter *filter, MgkXmlElement *element)
{
    return mgk_docx_fields_char(state_of(filter)->fields, filter, element);
}

static MgkXmlAction on_field_simple(MgkXmlFilter *filter, MgkXmlElement *element)
{
    return mgk_docx_fields_simple(state_of(filter)->fields, filter, element);
}

static MgkXmlAction on_field_code(MgkXmlFilter *filter, MgkXmlElement *element)
{
    return mgk_docx_fields_code(state_of(filter)->fields, filter, element);
}

static MgkXmlAction on_field_code_text(MgkXmlFilter *filter, GString *text)
{
    return mgk_docx_fields_code_text(state_of(filter)->fields, filter, text);
}

static gboolean is_deletion(const char *name)
{
    return strcmp(name, "del") == 0 || strcmp(name, "moveFrom") == 0;
}

static MgkXmlAction on_revision(MgkXmlFilter *filter, MgkXmlElement *element)
{
    mgk_xml_find(filter, MGK_KIND_REVISION, NULL);
    mgk_docx_fields_revise(state_of(filter)->fields, is_deletion(element->name), 1);
    return MGK_XML_KEEP;
}

static void on_revision_end(MgkXmlFilter *filter)
{
    const char *name = mgk_xml_open_name(filter, mgk_xml_depth(filter), NULL);
    mgk_docx_fields_revise(state_of(filter)->fields, is_deletion(name), -1);
}

/* ---- hidden text ---- */

static gboolean hidden_text_goes(const MgkXmlFilter *filter)
{
    return mgk_xml_job(filter)->policy->actions[MGK_KIND_HIDDEN_TEXT] != MGK_ACTION_KEEP;
}

static MgkXmlAction on_run(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    if (hidden_text_goes(filter)) {
        mgk_xml_hold(filter);
        state_of(filter)->run_span = mgk_xml_span(filter);
    }
    return MGK_XML_KEEP;
}

static void on_run_end(MgkXmlFilter *filter)
{
    if (hidden_text_goes(filter))
        mgk_xml_release(filter);
    state_of(filter)->run_span = 0;
}

static gboolean is_off(const MgkXmlElement *element)
{
    static const char *const off[] = {"0", "false", "off"};
    for (guint i = 0; i < G_N_ELEMENTS(off); i++) {
        if (mgk_xml_is(element, MGK_NS_W, "val", off[i]))
            return TRUE;
    }
    return FALSE;
}

/* w:r/w:rPr/w:vanish; in styles and paragraph marks it hides no text by itself. */
static MgkXmlAction on_hidden(MgkXmlFilter *filter, MgkXmlElement *element)
{
    guint depth = mgk_xml_depth(filter);
    const char *owner = mgk_xml_open_name(filter, depth > 1 ? depth - 1 : 0, NULL);
    if (is_off(element) || g_strcmp0(owner, "r") != 0)
        return MGK_XML_KEEP;
    guint span = state_of(filter)->run_span;
    if (mgk_xml_find(filter, MGK_KIND_HIDDEN_TEXT, NULL) != MGK_ACTION_KEEP && span)
        mgk_xml_span_drop(filter, span);
    return MGK_XML_KEEP;
}

/* ---- links, objects ---- */

static MgkXmlAction on_hyperlink(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter;
    gboolean leads = mgk_xml_attribute(element, MGK_NS_R, "id") || mgk_xml_attribute(element, MGK_NS_W, "anchor");
    return leads ? MGK_XML_KEEP : MGK_XML_UNWRAP;
}

/* The object goes by its own rule; the picture of it stays, as a picture. */
static MgkXmlAction on_object(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)filter;
    element->name = "pict";
    for (guint i = 0; i < element->n_attributes; i++)
        element->attributes[i].dropped = TRUE;
    return MGK_XML_KEEP;
}

/* A document inside the document would open as text of its own: a line says that it was there. */
static MgkXmlAction on_chunk(MgkXmlFilter *filter, MgkXmlElement *element)
{
    static const char notice[] = "［文書の埋め込みは無害化により削除されました］";
    mgk_xml_find(filter, strcmp(element->name, "altChunk") == 0 ? MGK_KIND_EMBEDDED_FILE : MGK_KIND_EXTERNAL_CONTENT,
                 element->name);
    const char *parent = mgk_xml_open_name(filter, mgk_xml_depth(filter), NULL);
    gboolean in_paragraph = g_strcmp0(parent, "p") == 0;
    if (!in_paragraph)
        mgk_xml_put_start(filter, MGK_NS_W, "p", NULL, 0);
    mgk_xml_put_start(filter, MGK_NS_W, "r", NULL, 0);
    mgk_xml_put_start(filter, MGK_NS_W, "t", NULL, 0);
    mgk_xml_put_text(filter, notice, sizeof notice - 1);
    for (guint i = in_paragraph ? 1 : 0; i < 3; i++)
        mgk_xml_put_end(filter);
    return MGK_XML_DROP;
}

static const MgkXmlHook hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_DOCX_STORY] = {.start = on_story, .end = on_story_end},
    [MGK_XML_HOOK_DOCX_RUN] = {.start = on_run, .end = on_run_end},
    [MGK_XML_HOOK_DOCX_HIDDEN] = {.start = on_hidden},
    [MGK_XML_HOOK_DOCX_FIELD_CHAR] = {.start = on_field_char},
    [MGK_XML_HOOK_DOCX_FIELD_CODE] = {.start = on_field_code, .text = on_field_code_text},
    [MGK_XML_HOOK_DOCX_FIELD_SIMPLE] = {.start = on_field_simple},
    [MGK_XML_HOOK_DOCX_HYPERLINK] = {.start = on_hyperlink},
    [MGK_XML_HOOK_DOCX_REVISION] = {.start = on_revision, .end = on_revision_end},
    [MGK_XML_HOOK_DOCX_OBJECT] = {.start = on_object},
    [MGK_XML_HOOK_DOCX_CHUNK] = {.start = on_chunk},
};

static void part_begin(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter)
{
    (void)part, (void)filter;
    DocxState *state = mgk_opc_state(opc);
    mgk_docx_fields_free(state->fields);
    state->fields = mgk_docx_fields_new();
    state->run_span = 0;
}

static void state_clear(gpointer data)
{
    DocxState *state = data;
    g_clear_pointer(&state->fields, mgk_docx_fields_free);
}

static gboolean clean(MgkJob *job, GError **error)
{
    static const MgkOpcFormat format = {
        .id = MGK_FORMAT_ID_docx,
        .folder = "word",
        .hooks = hooks,
        .state_size = sizeof(DocxState),
        .part_begin = part_begin,
        .state_clear = state_clear,
    };
    return mgk_opc_clean(job, &format, error);
}

static guint probe(const MgkProbe *probe_data)
{
    return mgk_opc_probe(probe_data, MGK_FORMAT_ID_docx);
}

const MgkHandler mgk_format_docx = {.probe = probe, .clean = clean, .check = mgk_check_docx, .text = mgk_docx_text};
