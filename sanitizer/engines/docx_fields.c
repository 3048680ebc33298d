#include "engines/docx_fields.h"

#include "engines/word_field.h"

#include <string.h>

#define INSTRUCTION_BYTES 65536u
#define DEPTH_MAX 64u /* Word nests about twenty */

/* The ways in which the pieces of an instruction may be put together. */
enum { AS_SHOWN, AS_ORIGINAL, AS_TRIMMED, N_READINGS };

typedef struct Field {
    GArray *spans; /* owned; of guint: output to be taken back with the field */
    GString *readings[N_READINGS];
    int insertions, deletions; /* open when the field began */
    guint branch;
    gboolean decided;  /* its instruction is complete */
    gboolean dropped;  /* its remaining marks go too */
    gboolean tainted;  /* programs would read different instructions */
    gboolean computed; /* another field makes a part of the instruction */
} Field;

struct MgkDocxFields {
    GPtrArray *open; /* owned; of Field*, or NULL where a story begins */
    int insertions, deletions;
    gboolean preserve;   /* of the present instrText: its spaces count */
    gboolean in_deleted; /* the present element is w:delInstrText */
};

static void field_free(gpointer data)
{
    Field *field = data;
    if (!field)
        return;
    g_array_unref(field->spans);
    for (guint i = 0; i < N_READINGS; i++)
        g_string_free(field->readings[i], TRUE);
    g_free(field);
}

MgkDocxFields *mgk_docx_fields_new(void)
{
    MgkDocxFields *fields = g_new0(MgkDocxFields, 1);
    fields->open = g_ptr_array_new_with_free_func(field_free);
    return fields;
}

void mgk_docx_fields_free(MgkDocxFields *fields)
{
    if (!fields)
        return;
    g_ptr_array_unref(fields->open);
    g_free(fields);
}

static Field *innermost(const MgkDocxFields *fields)
{
    return fields->open->len ? g_ptr_array_index(fields->open, fields->open->len - 1) : NULL;
}

static gboolean keyword_is_complete(const Field *field)
{
    const char *text = field->readings[AS_SHOWN]->str;
    text += strspn(text, " \t\r\n");
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=")] != '\0';
}

/* A field within the instruction of another one: what it yields becomes a part of that instruction. */
static void mark_outer(const MgkDocxFields *fields)
{
    Field *outer = innermost(fields);
    if (!outer || outer->decided)
        return;
    outer->computed = TRUE;
    if (!keyword_is_complete(outer))
        outer->tainted = TRUE;
}

/* ---- the verdict ---- */

/* TRUE when the field may stay; reports what it is otherwise. */
static gboolean judge(MgkXmlFilter *filter, const char *instruction, gboolean computed, MgkFieldFate *ret_fate)
{
    MgkField field = mgk_word_field_judge(instruction, computed);
    *ret_fate = field.fate;
    switch (field.fate) {
    case MGK_FIELD_SAFE:
        return TRUE;
    case MGK_FIELD_LINK:
        return mgk_xml_find(filter, MGK_KIND_LINK_EXTERNAL, instruction) == MGK_ACTION_KEEP;
    case MGK_FIELD_LINK_EVIL:
        mgk_xml_find(filter, MGK_KIND_LINK_DANGEROUS, instruction);
        return FALSE;
    case MGK_FIELD_FROZEN:
        mgk_xml_find(filter, MGK_KIND_METADATA, field.keyword);
        return FALSE;
    case MGK_FIELD_ACTIVE:
    case MGK_FIELD_BUTTON:
        mgk_xml_find(filter, MGK_KIND_FIELD_ACTIVE, instruction);
        return FALSE;
    case MGK_FIELD_UNKNOWN:
        mgk_xml_find(filter, MGK_KIND_UNKNOWN_MARKUP, field.keyword);
        return FALSE;
    }
    return FALSE;
}

static gboolean readings_agree(const Field *field)
{
    return strcmp(field->readings[AS_SHOWN]->str, field->readings[AS_ORIGINAL]->str) == 0 &&
           strcmp(field->readings[AS_SHOWN]->str, field->readings[AS_TRIMMED]->str) == 0;
}

/* The instruction is complete: keep the field, or take back its marks and instruction. */
static void decide(Field *field, MgkXmlFilter *filter, MgkFieldFate *ret_fate)
{
    *ret_fate = MGK_FIELD_UNKNOWN;
    field->decided = TRUE;
    gboolean keep = !field->tainted;
    if (field->tainted)
        mgk_xml_find(filter, MGK_KIND_FIELD_ACTIVE, field->readings[AS_SHOWN]->str);
    guint n = readings_agree(field) ? 1 : N_READINGS;
    for (guint i = 0; i < n && keep; i++)
        keep = judge(filter, field->readings[i]->str, field->computed, ret_fate);
    field->dropped = !keep;
    for (guint i = 0; i < field->spans->len && !keep; i++)
        mgk_xml_span_drop(filter, g_array_index(field->spans, guint, i));
    mgk_xml_release(filter);
}

/* ---- stories and revisions ---- */

void mgk_docx_fields_enter(MgkDocxFields *fields)
{
    g_ptr_array_add(fields->open, NULL);
}

void mgk_docx_fields_leave(MgkDocxFields *fields, MgkXmlFilter *filter)
{
    gboolean marker = FALSE;
    while (fields->open->len && !marker) {
        Field *field = innermost(fields);
        MgkFieldFate fate;
        marker = field == NULL;
        if (field && !field->decided) {
            field->tainted = TRUE; /* never ended */
            decide(field, filter, &fate);
        }
        g_ptr_array_set_size(fields->open, (gint)fields->open->len - 1);
    }
}

void mgk_docx_fields_revise(MgkDocxFields *fields, gboolean deletion, int by)
{
    *(deletion ? &fields->deletions : &fields->insertions) += by;
}

/* ---- elements ---- */

static MgkXmlAction begin(MgkDocxFields *fields, MgkXmlFilter *filter)
{
    if (fields->open->len >= DEPTH_MAX * 8) {
        mgk_xml_fail(filter, MGK_ERROR_LIMIT, "nested fields");
        return MGK_XML_DROP;
    }
    mark_outer(fields);
    Field *field = g_new0(Field, 1);
    field->spans = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < N_READINGS; i++)
        field->readings[i] = g_string_new(NULL);
    field->insertions = fields->insertions;
    field->deletions = fields->deletions;
    field->branch = mgk_xml_branch(filter);
    g_ptr_array_add(fields->open, field);
    mgk_xml_hold(filter);
    guint span = mgk_xml_span(filter);
    g_array_append_val(field->spans, span);
    return MGK_XML_KEEP;
}

/* A removed button shows the text of its instruction, in the run that held its last mark. */
static void write_button_text(const Field *field, MgkXmlFilter *filter)
{
    g_autofree char *text = mgk_word_field_button_text(field->readings[AS_SHOWN]->str);
    if (!*text)
        return;
    MgkXmlAttribute space = {.ns = MGK_NS_XML, .name = "space", .value = "preserve", .length = 8};
    mgk_xml_put_start(filter, MGK_NS_W, "t", &space, 1);
    mgk_xml_put_text(filter, text, strlen(text));
    mgk_xml_put_end(filter);
}

static MgkXmlAction separate_or_end(MgkDocxFields *fields, MgkXmlFilter *filter, gboolean is_end)
{
    Field *field = innermost(fields);
    if (!field || (!is_end && field->decided))
        return MGK_XML_DROP;
    if (mgk_xml_branch(filter) != field->branch && !field->decided)
        field->tainted = TRUE;
    MgkFieldFate fate = MGK_FIELD_SAFE;
    gboolean had_result = field->decided;
    if (!field->decided)
        decide(field, filter, &fate);
    if (is_end && !had_result && fate == MGK_FIELD_BUTTON)
        write_button_text(field, filter);
    MgkXmlAction action = field->dropped ? MGK_XML_DROP : MGK_XML_KEEP;
    if (is_end)
        g_ptr_array_set_size(fields->open, (gint)fields->open->len - 1);
    return action;
}

MgkXmlAction mgk_docx_fields_char(MgkDocxFields *fields, MgkXmlFilter *filter, MgkXmlElement *element)
{
    if (!fields->open->len) /* outside any text: styles, settings */
        return MGK_XML_DROP;
    if (mgk_xml_is(element, MGK_NS_W, "fldCharType", "begin"))
        return begin(fields, filter);
    if (mgk_xml_is(element, MGK_NS_W, "fldCharType", "separate"))
        return separate_or_end(fields, filter, FALSE);
    if (mgk_xml_is(element, MGK_NS_W, "fldCharType", "end"))
        return separate_or_end(fields, filter, TRUE);
    return MGK_XML_DROP;
}

MgkXmlAction mgk_docx_fields_simple(MgkDocxFields *fields, MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *instruction = mgk_xml_get(element, MGK_NS_W, "instr");
    MgkFieldFate fate;
    mark_outer(fields);
    return instruction && judge(filter, instruction, FALSE, &fate) ? MGK_XML_KEEP : MGK_XML_UNWRAP;
}

MgkXmlAction mgk_docx_fields_code(MgkDocxFields *fields, MgkXmlFilter *filter, MgkXmlElement *element)
{
    Field *field = innermost(fields);
    if (!field || field->decided)
        return MGK_XML_DROP;
    fields->preserve = mgk_xml_is(element, MGK_NS_XML, "space", "preserve");
    fields->in_deleted = strcmp(element->name, "delInstrText") == 0;
    guint span = mgk_xml_span(filter);
    g_array_append_val(field->spans, span);
    return MGK_XML_CAPTURE;
}

MgkXmlAction mgk_docx_fields_code_text(MgkDocxFields *fields, MgkXmlFilter *filter, const GString *text)
{
    Field *field = innermost(fields);
    if (!field)
        return MGK_XML_KEEP;
    if (mgk_xml_branch(filter) != field->branch || field->readings[AS_SHOWN]->len > INSTRUCTION_BYTES) {
        field->tainted = TRUE;
        return MGK_XML_KEEP;
    }
    gboolean deleted = fields->in_deleted || fields->deletions > field->deletions;
    gboolean inserted = fields->insertions > field->insertions;
    g_autofree char *trimmed = g_strstrip(g_strdup(text->str));
    if (!deleted)
        g_string_append(field->readings[AS_SHOWN], text->str);
    if (!inserted)
        g_string_append(field->readings[AS_ORIGINAL], text->str);
    if (!deleted)
        g_string_append(field->readings[AS_TRIMMED], fields->preserve ? text->str : trimmed);
    return MGK_XML_KEEP;
}
