/* rtf_field.c - fields: judged when their instruction is complete; one that must not cross becomes its result. */
#include "engines/rtf_internal.h"
#include "engines/word_field.h"

#include <string.h>

#define INSTRUCTION_BYTES 65536u
#define NESTED 64u /* Word nests about twenty */
#define REPLACEMENT "\xef\xbf\xbd"

static MgkRtfField *innermost(const MgkRtf *rtf)
{
    return rtf->fields->len ? g_ptr_array_index(rtf->fields, rtf->fields->len - 1) : NULL;
}

void mgk_rtf_field_free(gpointer data)
{
    MgkRtfField *field = data;
    mgk_rtf_words_clear(&field->words);
    g_string_free(field->single, TRUE);
    g_string_free(field->pairs, TRUE);
    g_free(field);
}

/* ---- what is read ---- */

static gboolean too_long(MgkRtfField *field)
{
    if (field->single->len < INSTRUCTION_BYTES)
        return FALSE;
    field->tainted = TRUE;
    return TRUE;
}

static void note_byte(MgkRtfField *field, guint codepage, guint8 byte)
{
    if (too_long(field))
        return;
    field->wide |= byte > 0x7f;
    mgk_rtf_words_byte(&field->words, codepage, byte);
    if (byte > 0x7f)
        g_string_append(field->single, REPLACEMENT);
    else
        g_string_append_c(field->single, (char)byte);
    if (field->pair) {
        field->pair = FALSE;
    } else if (byte > 0x80) {
        field->pair = TRUE;
        g_string_append(field->pairs, REPLACEMENT);
    } else {
        g_string_append_c(field->pairs, (char)byte);
    }
}

static void note_unit(MgkRtfField *field, guint16 unit)
{
    if (too_long(field))
        return;
    gunichar code = unit == 0 || (unit >= 0xd800 && unit <= 0xdfff) ? 0xfffd : unit;
    mgk_rtf_words_unit(&field->words, unit);
    g_string_append_unichar(field->single, code);
    g_string_append_unichar(field->pairs, code);
    field->pair = FALSE;
}

/* What a field within an instruction shows is a part of that instruction too. */
void mgk_rtf_field_note_byte(MgkRtf *rtf, guint8 byte)
{
    guint codepage = mgk_rtf_top(rtf)->codepage;
    for (guint i = 0; i < rtf->fields->len; i++) {
        MgkRtfField *field = g_ptr_array_index(rtf->fields, i);
        if (field->reading && byte != 0)
            note_byte(field, codepage ? codepage : rtf->default_codepage, byte);
    }
}

void mgk_rtf_field_note_unit(MgkRtf *rtf, guint16 unit)
{
    for (guint i = 0; i < rtf->fields->len; i++) {
        MgkRtfField *field = g_ptr_array_index(rtf->fields, i);
        if (field->reading)
            note_unit(field, unit);
    }
}

/* ---- the verdict ---- */

static gboolean is_safe(MgkRtf *rtf, const char *instruction, gboolean computed, MgkFieldFate *ret_fate)
{
    MgkField field = mgk_word_field_judge(instruction, computed);
    *ret_fate = field.fate;
    switch (field.fate) {
    case MGK_FIELD_SAFE:
        return TRUE;
    case MGK_FIELD_LINK:
        return mgk_rtf_find(rtf, MGK_KIND_LINK_EXTERNAL, instruction) == MGK_ACTION_KEEP;
    case MGK_FIELD_LINK_EVIL:
        mgk_rtf_find(rtf, MGK_KIND_LINK_DANGEROUS, instruction);
        return FALSE;
    case MGK_FIELD_FROZEN:
        mgk_rtf_find(rtf, MGK_KIND_METADATA, field.keyword);
        return FALSE;
    case MGK_FIELD_ACTIVE:
    case MGK_FIELD_BUTTON:
        mgk_rtf_find(rtf, MGK_KIND_FIELD_ACTIVE, instruction);
        return FALSE;
    case MGK_FIELD_UNKNOWN:
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, field.keyword);
        return FALSE;
    }
    return FALSE;
}

/* Takes back what was written of the field; its group's brace stays. */
static void drop(MgkRtf *rtf, MgkRtfField *field)
{
    field->dropped = TRUE;
    mgk_rtf_out_back(&rtf->out, field->mark);
    for (guint i = field->frame + 1; i < rtf->frames->len; i++) {
        MgkRtfFrame *frame = &g_array_index(rtf->frames, MgkRtfFrame, i);
        frame->opened = frame->extra = FALSE;
    }
}

void mgk_rtf_field_instruction_end(MgkRtf *rtf)
{
    MgkRtfField *field = innermost(rtf);
    if (!field || !field->reading)
        return;
    field->reading = FALSE;
    field->decided = TRUE;
    MgkFieldFate fate = MGK_FIELD_UNKNOWN;
    const char *shown = mgk_rtf_words_text(&field->words);
    const char *const readings[] = {shown, field->single->str, field->pairs->str};
    if (field->tainted)
        mgk_rtf_find(rtf, MGK_KIND_FIELD_ACTIVE, shown);
    gboolean keep = !field->tainted;
    for (guint i = 0; i < (field->wide ? G_N_ELEMENTS(readings) : 1) && keep; i++)
        keep = is_safe(rtf, readings[i], field->computed, &fate);
    if (keep)
        return;
    drop(rtf, field);
    if (fate != MGK_FIELD_BUTTON)
        return;
    g_autofree char *text = mgk_word_field_button_text(shown);
    mgk_rtf_out_utf8(&rtf->out, text);
}

/* ---- words ---- */

static gboolean keyword_is_complete(const MgkRtfField *field)
{
    const char *text = field->single->str + strspn(field->single->str, " \t");
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=")] != '\0';
}

void mgk_rtf_field_begin(MgkRtf *rtf)
{
    if (rtf->fields->len >= NESTED) {
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, "nested fields");
        mgk_rtf_skip_group(rtf);
        return;
    }
    MgkRtfField *outer = innermost(rtf);
    if (outer && outer->reading) {
        outer->computed = TRUE;
        outer->tainted |= !keyword_is_complete(outer);
    }
    MgkRtfField *field = g_new0(MgkRtfField, 1);
    mgk_rtf_words_init(&field->words);
    field->single = g_string_new(NULL);
    field->pairs = g_string_new(NULL);
    field->frame = rtf->frames->len - 1;
    g_ptr_array_add(rtf->fields, field);
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    gboolean fresh = !frame->opened;
    mgk_rtf_open_groups(rtf, rtf->frames->len);
    if (!fresh) {
        mgk_rtf_out_open(&rtf->out);
        frame->extra = TRUE;
    }
    field->mark = mgk_rtf_out_mark(&rtf->out);
    mgk_rtf_out_word(&rtf->out, "field");
    frame->place = MGK_RTF_IN_FIELD;
    frame->own = TRUE;
}

void mgk_rtf_field_instruction(MgkRtf *rtf)
{
    MgkRtfField *field = innermost(rtf);
    gboolean placed = field && !field->decided && !field->reading && mgk_rtf_top(rtf)->place == MGK_RTF_IN_FIELD &&
                      rtf->frames->len - 1 > field->frame;
    if (!placed) {
        mgk_rtf_find(rtf, MGK_KIND_FIELD_ACTIVE, "instruction out of place");
        mgk_rtf_skip_group(rtf);
        return;
    }
    field->reading = TRUE;
    mgk_rtf_begin(rtf, TRUE, "fldinst");
    mgk_rtf_top(rtf)->place = MGK_RTF_IN_INSTRUCTION;
}

void mgk_rtf_field_result(MgkRtf *rtf)
{
    MgkRtfField *field = innermost(rtf);
    if (!field || mgk_rtf_top(rtf)->place != MGK_RTF_IN_FIELD)
        return;
    if (!field->decided) /* nothing to judge it by */
        drop(rtf, field);
    field->decided = TRUE;
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (!field->dropped)
        mgk_rtf_begin(rtf, FALSE, "fldrslt");
    frame->place = MGK_RTF_IN_BODY;
    frame->own = TRUE;
}

void mgk_rtf_field_end(MgkRtf *rtf)
{
    MgkRtfField *field = innermost(rtf);
    if (!field || field->frame != rtf->frames->len - 1)
        return;
    if (!field->decided)
        drop(rtf, field);
    g_ptr_array_set_size(rtf->fields, (gint)rtf->fields->len - 1);
}
