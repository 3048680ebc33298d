#include "engines/rtf.h"
#include "engines/rtf_internal.h"

#include <string.h>

#define FLUSH_BYTES 65536u

MgkRtfFrame *mgk_rtf_top(MgkRtf *rtf)
{
    return &g_array_index(rtf->frames, MgkRtfFrame, rtf->frames->len - 1);
}

MgkRtfFrame *mgk_rtf_parent(MgkRtf *rtf)
{
    guint n = rtf->frames->len;
    return &g_array_index(rtf->frames, MgkRtfFrame, n > 1 ? n - 2 : 0);
}

MgkAction mgk_rtf_find(MgkRtf *rtf, guint kind, const char *detail)
{
    return mgk_job_find(rtf->job, (MgkKind)kind, NULL, detail);
}

void mgk_rtf_open_groups(MgkRtf *rtf, guint n)
{
    guint first = n;
    while (first > 0 && !g_array_index(rtf->frames, MgkRtfFrame, first - 1).opened)
        first--;
    for (guint i = first; i < n; i++) {
        mgk_rtf_out_open(&rtf->out);
        g_array_index(rtf->frames, MgkRtfFrame, i).opened = TRUE;
    }
}

void mgk_rtf_begin(MgkRtf *rtf, gboolean star, const char *word)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    frame->own = TRUE;
    if (frame->opened && !frame->extra) {
        mgk_rtf_out_open(&rtf->out);
        frame->extra = TRUE;
    } else if (frame->opened) { /* a third destination in one group */
        mgk_rtf_skip_group(rtf);
        return;
    }
    mgk_rtf_open_groups(rtf, rtf->frames->len);
    if (star)
        mgk_rtf_out_star(&rtf->out);
    mgk_rtf_out_word(&rtf->out, word);
}

gboolean mgk_rtf_may_begin(MgkRtf *rtf)
{
    const MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (frame->place == MGK_RTF_IN_VALUE)
        return !frame->own && rtf->property.open;
    return frame->place == MGK_RTF_IN_BODY || (frame->place == MGK_RTF_IN_INSTRUCTION && !frame->own);
}

void mgk_rtf_skip_group(MgkRtf *rtf)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (frame->own && frame->place != MGK_RTF_IN_BODY && frame->place != MGK_RTF_IN_FONTS)
        return; /* its end must still be seen to */
    frame->place = MGK_RTF_IN_NOTHING;
}

/* ---- text ---- */

/* TRUE when hidden text goes. Told once. */
static gboolean hidden_goes(MgkRtf *rtf)
{
    if (!rtf->told_hidden)
        rtf->hide = mgk_rtf_find(rtf, MGK_KIND_HIDDEN_TEXT, NULL) == MGK_ACTION_REMOVE;
    rtf->told_hidden = TRUE;
    return rtf->hide;
}

static gboolean shows_text(MgkRtf *rtf, gboolean blank)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (frame->place != MGK_RTF_IN_BODY && frame->place != MGK_RTF_IN_FONTS && frame->place != MGK_RTF_IN_INSTRUCTION)
        return FALSE;
    return blank || !frame->hidden || !hidden_goes(rtf);
}

static void write_byte(MgkRtf *rtf, guint8 byte)
{
    guint codepage = mgk_rtf_top(rtf)->codepage;
    gboolean number = byte < 0x20 && mgk_rtf_top(rtf)->level_text;
    if ((byte < 0x20 && !number) || byte == 0x7f || !shows_text(rtf, byte == ' '))
        return;
    mgk_rtf_open_groups(rtf, rtf->frames->len);
    mgk_rtf_out_byte(&rtf->out, byte, rtf->lead || number);
    rtf->lead = !rtf->lead && (mgk_rtf_is_lead(codepage, byte) || mgk_rtf_is_lead(rtf->default_codepage, byte));
    mgk_rtf_field_note_byte(rtf, byte);
}

void mgk_rtf_put_byte(MgkRtf *rtf, guint8 byte)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    guint codepage = frame->codepage ? frame->codepage : rtf->default_codepage;
    if (rtf->skip > 0) {
        rtf->skip--;
        return;
    }
    switch ((int)frame->place) {
    case MGK_RTF_IN_PICTURE:
        mgk_rtf_picture_digit(rtf, byte);
        break;
    case MGK_RTF_IN_NAME:
        mgk_rtf_words_byte(&rtf->property.name, codepage, byte);
        break;
    case MGK_RTF_IN_VALUE:
        if (byte != 0)
            mgk_rtf_words_byte(&rtf->property.value, codepage, byte);
        break;
    default:
        write_byte(rtf, byte);
    }
}

void mgk_rtf_put_unit(MgkRtf *rtf, guint16 unit)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    rtf->lead = FALSE;
    if (frame->place == MGK_RTF_IN_VALUE) {
        mgk_rtf_words_unit(&rtf->property.value, unit);
        return;
    }
    if (unit < 0x20 || unit == 0x7f || !shows_text(rtf, FALSE))
        return;
    mgk_rtf_open_groups(rtf, rtf->frames->len);
    mgk_rtf_out_unit(&rtf->out, unit);
    mgk_rtf_field_note_unit(rtf, unit);
}

static void named(MgkRtf *rtf, const char *word)
{
    g_strlcpy(rtf->token.word, word, sizeof rtf->token.word);
    mgk_rtf_word(rtf);
}

static void on_symbol(MgkRtf *rtf, guint8 symbol)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    if (symbol == '*') {
        frame->star = TRUE;
    } else if (symbol != 0 && strchr("\\{}", symbol)) {
        mgk_rtf_put_byte(rtf, symbol);
    } else if (symbol == '\t') {
        named(rtf, "tab");
    } else if (symbol == '\r' || symbol == '\n') {
        named(rtf, "par");
    } else if (symbol != 0 && strchr("~-_:|", symbol)) {
        if (!shows_text(rtf, FALSE))
            return;
        mgk_rtf_open_groups(rtf, rtf->frames->len);
        mgk_rtf_out_symbol(&rtf->out, (char)symbol);
        if (symbol == '~' || symbol == '_')
            mgk_rtf_field_note_unit(rtf, symbol == '~' ? 0xa0 : 0x2011);
    }
}

static void on_binary(MgkRtf *rtf)
{
    MgkRtfPlace place = mgk_rtf_top(rtf)->place;
    if (rtf->skip > 0)
        rtf->skip--;
    if (place == MGK_RTF_IN_PICTURE)
        g_byte_array_append(rtf->picture.bytes, rtf->token.data, (guint)MIN(rtf->token.size, G_MAXINT / 2));
    else if (place != MGK_RTF_IN_NOTHING && place != MGK_RTF_IN_OBJECT)
        mgk_rtf_find(rtf, MGK_KIND_UNKNOWN_MARKUP, "bin");
}

/* ---- groups ---- */

static gboolean on_open(MgkRtf *rtf, GError **error)
{
    if (rtf->frames->len >= rtf->job->policy->limits.xml_depth) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "xml_depth: nested groups");
        return FALSE;
    }
    MgkRtfFrame frame = {.fallback = 1};
    if (rtf->frames->len > 0) {
        frame = *mgk_rtf_top(rtf);
        frame.own = frame.opened = frame.extra = frame.star = frame.shape_picture = frame.level_text = FALSE;
        frame.levels = 0;
    }
    g_array_append_val(rtf->frames, frame);
    return TRUE;
}

static gboolean end_place(MgkRtf *rtf, GError **error)
{
    switch ((int)mgk_rtf_top(rtf)->place) {
    case MGK_RTF_IN_PICTURE:
        return mgk_rtf_picture_end(rtf, error);
    case MGK_RTF_IN_INSTRUCTION:
        mgk_rtf_field_instruction_end(rtf);
        break;
    case MGK_RTF_IN_FIELD:
        mgk_rtf_field_end(rtf);
        break;
    case MGK_RTF_IN_VALUE:
        mgk_rtf_property_value_end(rtf);
        break;
    default:
        break;
    }
    return TRUE;
}

static gboolean on_close(MgkRtf *rtf, GError **error)
{
    if (mgk_rtf_top(rtf)->own && !end_place(rtf, error))
        return FALSE;
    const MgkRtfFrame *frame = mgk_rtf_top(rtf);
    for (guint i = 0; i < (guint)frame->opened + (guint)(frame->opened && frame->extra); i++)
        mgk_rtf_out_close(&rtf->out);
    g_array_set_size(rtf->frames, rtf->frames->len - 1);
    rtf->ended = rtf->frames->len == 0;
    gboolean settled = rtf->fields->len == 0 && !rtf->picture.open && !rtf->property.open;
    return !settled || rtf->out.text->len < FLUSH_BYTES || mgk_rtf_out_flush(&rtf->out, error);
}

static gboolean on_token(MgkRtf *rtf, GError **error)
{
    MgkRtfType type = rtf->token.type;
    if (type != MGK_RTF_BYTE && !(type == MGK_RTF_SYMBOL && rtf->token.byte != 0 && strchr("\\{}", rtf->token.byte)))
        rtf->lead = FALSE;
    if (type == MGK_RTF_OPEN || type == MGK_RTF_CLOSE)
        rtf->skip = 0;
    switch (type) {
    case MGK_RTF_OPEN:
        return on_open(rtf, error);
    case MGK_RTF_CLOSE:
        return on_close(rtf, error);
    case MGK_RTF_WORD:
        mgk_rtf_word(rtf);
        break;
    case MGK_RTF_SYMBOL:
        on_symbol(rtf, rtf->token.byte);
        break;
    case MGK_RTF_BYTE:
        if (rtf->token.byte == '\t')
            named(rtf, "tab");
        else
            mgk_rtf_put_byte(rtf, rtf->token.byte);
        break;
    case MGK_RTF_BINARY:
        on_binary(rtf);
        break;
    case MGK_RTF_END:
        break;
    }
    return TRUE;
}

static gboolean rebuild(MgkRtf *rtf, GError **error)
{
    if (!on_open(rtf, error))
        return FALSE;
    mgk_rtf_open_groups(rtf, 1);
    mgk_rtf_out_number(&rtf->out, "rtf", 1);
    while (!rtf->ended && mgk_rtf_next(&rtf->reader, &rtf->token)) {
        if (!on_token(rtf, error))
            return FALSE;
    }
    while (!rtf->ended) { /* cut off: what is there stays */
        if (!on_close(rtf, error))
            return FALSE;
    }
    return mgk_rtf_out_flush(&rtf->out, error);
}

static void tell_trailing(MgkRtf *rtf)
{
    gsize at = rtf->reader.at;
    while (at < rtf->reader.size && (g_ascii_isspace(rtf->reader.data[at]) || rtf->reader.data[at] == 0))
        at++;
    if (at == rtf->reader.size)
        return;
    g_autofree char *detail = g_strdup_printf("%" G_GSIZE_FORMAT " bytes", rtf->reader.size - at);
    mgk_rtf_find(rtf, MGK_KIND_TRAILING_DATA, detail);
}

static void clear(MgkRtf *rtf)
{
    mgk_rtf_out_clear(&rtf->out);
    g_array_unref(rtf->frames);
    g_ptr_array_unref(rtf->fields);
    g_hash_table_unref(rtf->fonts);
    g_byte_array_unref(rtf->picture.bytes);
    mgk_rtf_words_clear(&rtf->property.name);
    mgk_rtf_words_clear(&rtf->property.value);
}

gboolean mgk_rtf_clean(MgkJob *job, GError **error)
{
    const guint8 *brace = memchr(job->data, '{', MIN(job->size, MGK_RTF_HEAD_BYTES));
    if (!brace)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "no group");
    MgkRtf rtf = {.job = job, .reader = {.data = job->data, .size = job->size}, .default_codepage = 1252};
    rtf.reader.at = (gsize)(brace - job->data) + 1;
    mgk_rtf_out_init(&rtf.out, job);
    rtf.frames = g_array_new(FALSE, TRUE, sizeof(MgkRtfFrame));
    rtf.fields = g_ptr_array_new_with_free_func(mgk_rtf_field_free);
    rtf.fonts = g_hash_table_new(NULL, NULL);
    rtf.picture.bytes = g_byte_array_new();
    mgk_rtf_words_init(&rtf.property.name);
    mgk_rtf_words_init(&rtf.property.value);
    gboolean ok = rebuild(&rtf, error);
    if (ok)
        tell_trailing(&rtf);
    clear(&rtf);
    return ok;
}
