/* rtf_picture.c - pictures: bytes in hex or behind \bin, rebuilt by a child job and written in hex. */
#include "engines/rtf_internal.h"

#include "engines/picture_part.h"
#include "engines/placeholder_image.h"

#include <string.h>

#define TWIPS_A_PIXEL 15

#define ANISOTROPIC 8 /* the mapping mode of metafiles that fit any frame */

/* RTF knows no other kinds (1.9.1, "Pictures"). */
static MgkFormatId wanted(const GByteArray *bytes)
{
    MgkFormatId format = mgk_picture_part_format(bytes->data, bytes->len);
    gboolean known = format == MGK_FORMAT_ID_jpeg || format == MGK_FORMAT_ID_emf || format == MGK_FORMAT_ID_wmf;
    return known ? format : MGK_FORMAT_ID_png;
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
    rtf->picture.mapping = ANISOTROPIC;
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
    const char *packed = mgk_picture_part_name(bytes->data, bytes->len);
    MgkAsk ask = {.name = packed ? packed : "picture",
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

static void write_kind(MgkRtf *rtf, MgkFormatId format)
{
    gint64 mapping = rtf->picture.mapping;
    if (format == MGK_FORMAT_ID_wmf)
        mgk_rtf_out_number(&rtf->out, "wmetafile", mapping >= 1 && mapping <= ANISOTROPIC ? mapping : ANISOTROPIC);
    else
        mgk_rtf_out_word(&rtf->out, format == MGK_FORMAT_ID_jpeg  ? "jpegblip"
                                    : format == MGK_FORMAT_ID_emf ? "emfblip"
                                                                  : "pngblip");
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
    write_kind(rtf, format);
    mgk_rtf_out_hex(&rtf->out, data, size);
    return TRUE;
}
