/* rtf_property.c - properties of drawings: {\sp{\sn name}{\sv value}}, written when name and value are known and
 * allowed. Values that carry code or addresses (pFragments, CVE-2010-3333; pibName) have no row and go. */
#include "engines/rtf_internal.h"

#include <string.h>

#define VALUE_BYTES 65536u

void mgk_rtf_property_begin(MgkRtf *rtf)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (rtf->property.open || frame->place != MGK_RTF_IN_BODY) {
        mgk_rtf_skip_group(rtf);
        return;
    }
    mgk_rtf_words_empty(&rtf->property.name);
    mgk_rtf_words_empty(&rtf->property.value);
    rtf->property.type = MGK_RTF_NO_VALUE;
    rtf->property.frame = rtf->frames->len - 1;
    frame->place = MGK_RTF_IN_PROPERTY;
    frame->own = TRUE;
}

void mgk_rtf_property_name(MgkRtf *rtf)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (frame->place != MGK_RTF_IN_PROPERTY) {
        mgk_rtf_skip_group(rtf);
        return;
    }
    frame->place = MGK_RTF_IN_NAME;
    frame->own = TRUE;
}

/* What is taken for a link, or for the attack it is known for, is told by its kind. */
static void tell_dropped(MgkRtf *rtf, const char *name)
{
    guint kind = MGK_KIND_UNKNOWN_MARKUP;
    if (strcmp(name, "pibName") == 0 || strcmp(name, "fillBlipName") == 0 || strcmp(name, "lineFillBlipName") == 0)
        kind = MGK_KIND_EXTERNAL_CONTENT;
    else if (strcmp(name, "pihlShape") == 0)
        kind = MGK_KIND_LINK_DANGEROUS;
    mgk_rtf_find(rtf, kind, name);
}

void mgk_rtf_property_value(MgkRtf *rtf)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    const char *name = mgk_rtf_words_text(&rtf->property.name);
    rtf->property.type = frame->place == MGK_RTF_IN_PROPERTY ? mgk_rtf_property(name) : MGK_RTF_NO_VALUE;
    gboolean nested = rtf->frames->len - 1 != rtf->property.frame + 1;
    if (rtf->property.type == MGK_RTF_NO_VALUE || nested) {
        if (*name)
            tell_dropped(rtf, name);
        mgk_rtf_skip_group(rtf);
        return;
    }
    frame->place = MGK_RTF_IN_VALUE;
    frame->own = TRUE;
    if (rtf->property.type != MGK_RTF_PICTURE_VALUE)
        return;
    mgk_rtf_open_groups(rtf, rtf->property.frame);
    rtf->property.mark = mgk_rtf_out_mark(&rtf->out);
    rtf->property.open = TRUE;
    mgk_rtf_open_groups(rtf, rtf->property.frame + 1);
    mgk_rtf_out_word(&rtf->out, "sp");
    mgk_rtf_out_open(&rtf->out);
    mgk_rtf_out_word(&rtf->out, "sn");
    mgk_rtf_out_utf8(&rtf->out, name);
    mgk_rtf_out_close(&rtf->out);
    mgk_rtf_begin(rtf, FALSE, "sv");
    rtf->property.start = rtf->out.text->len;
}

static gboolean is_valid(const MgkRtf *rtf, const char *value, gsize size)
{
    switch ((int)rtf->property.type) {
    case MGK_RTF_NUMBER:
        return size > 0 && size <= 24 && strspn(value, "+-0123456789.") == size;
    case MGK_RTF_LIST:
        return size > 0 && size <= VALUE_BYTES && strspn(value, "-0123456789;,()@ ") == size;
    case MGK_RTF_TEXT:
        return size <= VALUE_BYTES;
    default:
        return FALSE;
    }
}

static void write_part(MgkRtf *rtf, const char *word, const char *text)
{
    mgk_rtf_out_open(&rtf->out);
    mgk_rtf_out_word(&rtf->out, word);
    mgk_rtf_out_utf8(&rtf->out, text);
    mgk_rtf_out_close(&rtf->out);
}

static void picture_value_end(MgkRtf *rtf)
{
    gboolean empty = rtf->out.text->len == rtf->property.start;
    rtf->property.open = FALSE;
    if (!empty)
        return;
    mgk_rtf_out_back(&rtf->out, rtf->property.mark);
    for (guint i = rtf->property.frame; i < rtf->frames->len; i++) {
        MgkRtfFrame *frame = &g_array_index(rtf->frames, MgkRtfFrame, i);
        frame->opened = frame->extra = FALSE;
    }
}

void mgk_rtf_property_value_end(MgkRtf *rtf)
{
    if (rtf->property.type == MGK_RTF_PICTURE_VALUE) {
        picture_value_end(rtf);
        return;
    }
    const char *name = mgk_rtf_words_text(&rtf->property.name);
    g_autofree char *value = g_strstrip(g_strdup(mgk_rtf_words_text(&rtf->property.value)));
    if (!is_valid(rtf, value, strlen(value))) {
        tell_dropped(rtf, name);
        return;
    }
    mgk_rtf_open_groups(rtf, rtf->property.frame);
    mgk_rtf_out_open(&rtf->out);
    mgk_rtf_out_word(&rtf->out, "sp");
    write_part(rtf, "sn", name);
    write_part(rtf, "sv", value);
    mgk_rtf_out_close(&rtf->out);
}
