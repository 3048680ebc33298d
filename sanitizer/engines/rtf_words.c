/* rtf_words.c - what is done with each control word, by its rule. */
#include "engines/rtf_internal.h"

#include <string.h>

#define FONTS_MAX 4096u
#define OVERRIDES_MAX 4096u
#define LIST_LEVELS 9u

static void drop(MgkRtf *rtf, const MgkRtfRule *rule)
{
    if (rule->kind != MGK_RTF_NO_KIND)
        mgk_rtf_find(rtf, rule->kind, rtf->token.word);
}

static gboolean parameter_passes(const MgkRtf *rtf, const MgkRtfRule *rule)
{
    return !rtf->token.has_parameter || ABS(rtf->token.parameter) <= rule->max;
}

static void write_word(MgkRtf *rtf, const MgkRtfRule *rule)
{
    if (!parameter_passes(rtf, rule)) {
        if (rule->max > 0)
            mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, rtf->token.word);
        return;
    }
    mgk_rtf_open_groups(rtf, rtf->frames->len);
    if (rtf->token.has_parameter)
        mgk_rtf_out_number(&rtf->out, rtf->token.word, rtf->token.parameter);
    else
        mgk_rtf_out_word(&rtf->out, rtf->token.word);
}

/* Words that stay only where text is. */
static void keep(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    switch ((int)frame->place) {
    case MGK_RTF_IN_BODY:
    case MGK_RTF_IN_FONTS:
        break;
    case MGK_RTF_IN_INSTRUCTION:
        if (strcmp(rtf->token.word, "par") == 0 || strcmp(rtf->token.word, "tab") == 0 ||
            strcmp(rtf->token.word, "line") == 0)
            mgk_rtf_field_note_byte(rtf, ' ');
        break;
    case MGK_RTF_IN_FIELD:
        if (!g_str_has_prefix(rtf->token.word, "fld"))
            return;
        break;
    default:
        return;
    }
    if (frame->star && !frame->opened) {
        mgk_rtf_open_groups(rtf, rtf->frames->len);
        mgk_rtf_out_star(&rtf->out);
    }
    write_word(rtf, rule);
}

static void destination(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    gboolean fonts = frame->place == MGK_RTF_IN_FONTS;
    gboolean picture = frame->place == MGK_RTF_IN_PICTURE && !frame->own && strcmp(rtf->token.word, "picprop") == 0;
    if (!fonts && !(picture && !rtf->property.open) && !mgk_rtf_may_begin(rtf)) {
        mgk_rtf_skip_group(rtf);
        return;
    }
    MgkRtfPlace place = fonts ? MGK_RTF_IN_FONTS : MGK_RTF_IN_BODY;
    mgk_rtf_begin(rtf, rule->action == MGK_RTF_STAR, rtf->token.word);
    frame->place = place;
    if (rtf->token.has_parameter && rtf->token.parameter >= 0 && rtf->token.parameter <= rule->max)
        g_string_append_printf(rtf->out.text, "%" G_GINT64_FORMAT, rtf->token.parameter);
}

static void code_page(MgkRtf *rtf, const MgkRtfRule *rule)
{
    static const struct {
        const char *word;
        guint codepage;
    } table[] = {{"ansi", 1252}, {"mac", 10000}, {"pc", 437}, {"pca", 850}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].word, rtf->token.word) == 0)
            rtf->default_codepage = table[i].codepage;
    }
    if (rtf->token.has_parameter && rtf->token.parameter > 0 && parameter_passes(rtf, rule))
        rtf->default_codepage = (guint)rtf->token.parameter;
    keep(rtf, &(MgkRtfRule){MGK_RTF_KEEP, MGK_RTF_NO_KIND, rule->max});
}

static void font(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (rtf->token.parameter < 0 || !parameter_passes(rtf, rule)) {
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, rtf->token.word);
        return;
    }
    guint number = (guint)rtf->token.parameter;
    if (frame->place == MGK_RTF_IN_FONTS && ++rtf->n_fonts > FONTS_MAX) {
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, "too many fonts");
        mgk_rtf_skip_group(rtf);
        return;
    }
    if (frame->place == MGK_RTF_IN_FONTS)
        rtf->font = number;
    if (strcmp(rtf->token.word, "f") == 0)
        frame->codepage = GPOINTER_TO_UINT(g_hash_table_lookup(rtf->fonts, GUINT_TO_POINTER(number)));
    keep(rtf, rule);
}

static void font_charset(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (frame->place == MGK_RTF_IN_FONTS && parameter_passes(rtf, rule)) {
        frame->codepage = mgk_rtf_codepage((guint)MAX(rtf->token.parameter, 0));
        g_hash_table_insert(rtf->fonts, GUINT_TO_POINTER(rtf->font), GUINT_TO_POINTER(frame->codepage));
    }
    keep(rtf, rule);
}

static void list_part(MgkRtf *rtf, const MgkRtfRule *rule)
{
    gboolean override = rule->action == MGK_RTF_LIST_OVERRIDE;
    guint count = override ? ++rtf->n_overrides : ++mgk_rtf_parent(rtf)->levels;
    if (count > (override ? OVERRIDES_MAX : LIST_LEVELS)) {
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, rtf->token.word);
        mgk_rtf_skip_group(rtf);
        return;
    }
    mgk_rtf_top(rtf)->levels = 0;
    destination(rtf, &(MgkRtfRule){MGK_RTF_GROUP, MGK_RTF_NO_KIND, 0});
}

static void comment(MgkRtf *rtf, const MgkRtfRule *rule)
{
    if (mgk_rtf_find(rtf, rule->kind, NULL) == MGK_ACTION_KEEP)
        destination(rtf, &(MgkRtfRule){MGK_RTF_STAR, MGK_RTF_NO_KIND, 0});
    else
        mgk_rtf_skip_group(rtf);
}

static void unicode(MgkRtf *rtf, const MgkRtfRule *rule)
{
    if (!rtf->token.has_parameter || !parameter_passes(rtf, rule))
        return;
    mgk_rtf_put_unit(rtf, (guint16)rtf->token.parameter);
    rtf->skip = mgk_rtf_top(rtf)->fallback;
}

static void object_begin(MgkRtf *rtf, const MgkRtfRule *rule)
{
    mgk_rtf_find(rtf, rule->kind, NULL);
    if (mgk_rtf_may_begin(rtf))
        mgk_rtf_top(rtf)->place = MGK_RTF_IN_OBJECT;
    else
        mgk_rtf_skip_group(rtf);
}

/* In \userprops only security labels stay: {\propname MSIP_Label_…}\proptype30{\staticval …}. */
static void label_part(MgkRtf *rtf, const MgkRtfRule *rule)
{
    static const char label[] = "MSIP_Label_";
    MgkRtfFrame *outer = mgk_rtf_parent(rtf);
    if (rule->action == MGK_RTF_LABEL) {
        gsize left = rtf->reader.size - rtf->reader.at;
        outer->label =
            left >= sizeof label - 1 && memcmp(rtf->reader.data + rtf->reader.at, label, sizeof label - 1) == 0;
        if (!outer->label)
            mgk_rtf_find(rtf, rule->kind, rtf->token.word);
    }
    if (outer->label && strcmp(rtf->token.word, "linkval") != 0)
        destination(rtf, &(MgkRtfRule){MGK_RTF_GROUP, MGK_RTF_NO_KIND, 0});
    else
        mgk_rtf_skip_group(rtf);
}

static void skip(MgkRtf *rtf, const MgkRtfRule *rule)
{
    drop(rtf, rule);
    mgk_rtf_skip_group(rtf);
}

static void in_object(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    switch ((int)rule->action) {
    case MGK_RTF_OBJECT_RESULT:
        frame->place = frame->place == MGK_RTF_IN_OBJECT ? MGK_RTF_IN_BODY : frame->place;
        break;
    case MGK_RTF_SKIP_OBJECT:
        drop(rtf, rule);
        if (frame->place != MGK_RTF_IN_OBJECT || frame->star)
            mgk_rtf_skip_group(rtf);
        break;
    default:
        object_begin(rtf, rule);
    }
}

static void picture_part(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    switch ((int)rule->action) {
    case MGK_RTF_PICTURE:
        mgk_rtf_picture_begin(rtf);
        break;
    case MGK_RTF_SHAPE_PICTURE:
        mgk_rtf_parent(rtf)->shape_picture = TRUE;
        destination(rtf, &(MgkRtfRule){MGK_RTF_STAR, MGK_RTF_NO_KIND, 0});
        break;
    case MGK_RTF_OTHER_PICTURE:
        if (mgk_rtf_parent(rtf)->shape_picture)
            mgk_rtf_skip_group(rtf);
        break;
    default:
        if (frame->place != MGK_RTF_IN_PICTURE)
            return;
        if (strcmp(rtf->token.word, "wmetafile") == 0) { /* written before the bytes, when they are one */
            rtf->picture.mapping = rtf->token.has_parameter ? rtf->token.parameter : 1;
            return;
        }
        if (strcmp(rtf->token.word, "picwgoal") == 0)
            rtf->picture.width = rtf->token.parameter;
        if (strcmp(rtf->token.word, "pichgoal") == 0)
            rtf->picture.height = rtf->token.parameter;
        write_word(rtf, rule);
    }
}

static void text_part(MgkRtf *rtf, const MgkRtfRule *rule)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    switch ((int)rule->action) {
    case MGK_RTF_PLAIN:
        frame->hidden = FALSE;
        frame->codepage = 0;
        break;
    case MGK_RTF_HIDDEN:
        frame->hidden = !rtf->token.has_parameter || rtf->token.parameter != 0;
        break;
    case MGK_RTF_REVISION:
        mgk_rtf_find(rtf, rule->kind, NULL);
        break;
    case MGK_RTF_CHARACTER:
        if (rtf->skip > 0) {
            rtf->skip--;
            return;
        }
        mgk_rtf_field_note_unit(rtf, (guint16)mgk_rtf_character(rtf->token.word));
        break;
    }
    keep(rtf, rule);
}

static void field_part(MgkRtf *rtf, MgkRtfAction action)
{
    if (action == MGK_RTF_FIELD && mgk_rtf_may_begin(rtf))
        mgk_rtf_field_begin(rtf);
    else if (action == MGK_RTF_FIELD)
        mgk_rtf_skip_group(rtf);
    else if (action == MGK_RTF_INSTRUCTION)
        mgk_rtf_field_instruction(rtf);
    else
        mgk_rtf_field_result(rtf);
}

static void on_fonts(MgkRtf *rtf)
{
    gboolean fits = mgk_rtf_may_begin(rtf);
    destination(rtf, &(MgkRtfRule){MGK_RTF_GROUP, MGK_RTF_NO_KIND, 0});
    if (fits)
        mgk_rtf_top(rtf)->place = MGK_RTF_IN_FONTS;
}

/* Numbers of characters and places of numbers stand in them as control characters. */
static void on_level_text(MgkRtf *rtf)
{
    destination(rtf, &(MgkRtfRule){MGK_RTF_GROUP, MGK_RTF_NO_KIND, 0});
    mgk_rtf_top(rtf)->level_text = TRUE;
}

static void on_action(MgkRtf *rtf, const MgkRtfRule *rule)
{
    switch ((int)rule->action) {
    case MGK_RTF_CODEPAGE:
        code_page(rtf, rule);
        break;
    case MGK_RTF_FONTS:
        on_fonts(rtf);
        break;
    case MGK_RTF_FONT:
        font(rtf, rule);
        break;
    case MGK_RTF_FONT_CHARSET:
        font_charset(rtf, rule);
        break;
    case MGK_RTF_LEVEL_TEXT:
        on_level_text(rtf);
        break;
    case MGK_RTF_UNICODE:
        unicode(rtf, rule);
        break;
    case MGK_RTF_FALLBACK:
        mgk_rtf_top(rtf)->fallback = (guint)CLAMP(rtf->token.parameter, 0, 255);
        break;
    case MGK_RTF_COMMENT:
        comment(rtf, rule);
        break;
    case MGK_RTF_PROPERTY:
        mgk_rtf_property_begin(rtf);
        break;
    case MGK_RTF_PROPERTY_NAME:
        mgk_rtf_property_name(rtf);
        break;
    case MGK_RTF_PROPERTY_VALUE:
        mgk_rtf_property_value(rtf);
        break;
    case MGK_RTF_LABEL_WORD:
        if (mgk_rtf_top(rtf)->label)
            keep(rtf, rule);
        break;
    }
}

static void apply(MgkRtf *rtf, const MgkRtfRule *rule)
{
    switch ((int)rule->action) {
    case MGK_RTF_KEEP:
        keep(rtf, rule);
        break;
    case MGK_RTF_GROUP:
    case MGK_RTF_STAR:
        destination(rtf, rule);
        break;
    case MGK_RTF_DROP:
        drop(rtf, rule);
        break;
    case MGK_RTF_SKIP:
        skip(rtf, rule);
        break;
    case MGK_RTF_HEADER: /* written once, at the beginning */
        break;
    case MGK_RTF_LIST_OVERRIDE:
    case MGK_RTF_LIST_LEVEL:
        list_part(rtf, rule);
        break;
    case MGK_RTF_PLAIN:
    case MGK_RTF_HIDDEN:
    case MGK_RTF_CHARACTER:
    case MGK_RTF_REVISION:
        text_part(rtf, rule);
        break;
    case MGK_RTF_FIELD:
    case MGK_RTF_INSTRUCTION:
    case MGK_RTF_RESULT:
        field_part(rtf, rule->action);
        break;
    case MGK_RTF_PICTURE:
    case MGK_RTF_SHAPE_PICTURE:
    case MGK_RTF_OTHER_PICTURE:
    case MGK_RTF_PICTURE_WORD:
        picture_part(rtf, rule);
        break;
    case MGK_RTF_SKIP_OBJECT:
    case MGK_RTF_OBJECT:
    case MGK_RTF_OBJECT_RESULT:
        in_object(rtf, rule);
        break;
    case MGK_RTF_LABEL:
    case MGK_RTF_LABEL_VALUE:
        label_part(rtf, rule);
        break;
    default:
        on_action(rtf, rule);
    }
}

void mgk_rtf_word(MgkRtf *rtf)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    gboolean star = frame->star;
    if (frame->place == MGK_RTF_IN_NOTHING)
        return;
    const MgkRtfRule *rule = mgk_rtf_rule(rtf->token.word);
    if (!rule || rule->action != MGK_RTF_CHARACTER)
        rtf->skip = 0;
    if (rule) {
        apply(rtf, rule);
    } else {
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, rtf->token.word);
        if (star)
            mgk_rtf_skip_group(rtf);
    }
    mgk_rtf_top(rtf)->star = FALSE;
}
