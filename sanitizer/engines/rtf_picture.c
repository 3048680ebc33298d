/* rtf_picture.c - pictures: bytes in hex or behind \bin, rebuilt by a child job and written in hex. */
#include "engines/rtf_internal.h"

#include "engines/placeholder_image.h"

#include <string.h>

#define TWIPS_A_PIXEL 15

static MgkFormatId wanted(const GByteArray *bytes)
{
    return bytes->len >= 3 && memcmp(bytes->data, "\xff\xd8\xff", 3) == 0 ? MGK_FORMAT_ID_jpeg : MGK_FORMAT_ID_png;
}

void mgk_rtf_picture_begin(MgkRtf *rtf)
{
    if (rtf->picture.open || !mgk_rtf_may_begin(rtf)) {
        mgk_rtf_skip_group(rtf);
        return;
    }
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    mgk_rtf_open_groups(rtf, rtf->frames->len - 1);
    rtf->picture.mark = mgk_rtf_out_mark(&rtf->out);
    rtf->picture.open = TRUE;
    rtf->picture.half = FALSE;
    rtf->picture.width = rtf->picture.height = 0;
    g_byte_array_set_size(rtf->picture.bytes, 0);
    mgk_rtf_begin(rtf, FALSE, "pict");
    frame->place = MGK_RTF_IN_PICTURE;
}

void mgk_rtf_picture_digit(MgkRtf *rtf, guint8 byte)
{
    if (!g_ascii_isxdigit(byte))
        return;
    guint8 digit = (guint8)g_ascii_xdigit_value((char)byte);
    if (rtf->picture.half) {
        guint8 whole = (guint8)(rtf->picture.nibble << 4 | digit);
        g_byte_array_append(rtf->picture.bytes, &whole, 1);
    }
    rtf->picture.nibble = digit;
    rtf->picture.half = !rtf->picture.half;
}

/* The picture rebuilt, or a gray box of its size. */
static gboolean rebuild(MgkRtf *rtf, MgkFormatId *ret_format, GBytes **ret_bytes, GError **error)
{
    const GByteArray *bytes = rtf->picture.bytes;
    MgkFormatId want = wanted(bytes);
    MgkAsk ask = {.name = "picture",
                  .declared = "",
                  .role = MGK_ROLE_PART,
                  .want = want,
                  .data = bytes->data,
                  .size = bytes->len};
    g_auto(MgkAnswer) answer = {0};
    if (!rtf->job->ask_child(rtf->job, &ask, &answer, error))
        return FALSE;
    *ret_format = want;
    if (mgk_verdict_crosses(answer.verdict) && answer.format == want) {
        *ret_bytes = g_steal_pointer(&answer.output);
        return TRUE;
    }
    mgk_rtf_find(rtf, MGK_KIND_IMAGE_REPLACED, NULL);
    *ret_format = MGK_FORMAT_ID_png;
    *ret_bytes = mgk_placeholder_image(MGK_FORMAT_ID_png, (guint)CLAMP(rtf->picture.width / TWIPS_A_PIXEL, 8, 2000),
                                       (guint)CLAMP(rtf->picture.height / TWIPS_A_PIXEL, 8, 2000));
    return TRUE;
}

gboolean mgk_rtf_picture_end(MgkRtf *rtf, GError **error)
{
    MgkRtfFrame *frame = mgk_rtf_top(rtf);
    rtf->picture.open = FALSE;
    if (rtf->picture.bytes->len == 0) {
        mgk_rtf_out_back(&rtf->out, rtf->picture.mark);
        frame->opened = frame->extra && frame->opened;
        frame->extra = FALSE;
        return TRUE;
    }
    MgkFormatId format = MGK_FORMAT_ID_png;
    g_autoptr(GBytes) bytes = NULL;
    if (!rebuild(rtf, &format, &bytes, error))
        return FALSE;
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    mgk_rtf_out_word(&rtf->out, format == MGK_FORMAT_ID_jpeg ? "jpegblip" : "pngblip");
    mgk_rtf_out_hex(&rtf->out, data, size);
    return TRUE;
}
