#include "engines/jpeg_error.h"

#include <jerror.h>

static void on_exit_error(j_common_ptr info)
{
    MgkJpegError *jpeg = (MgkJpegError *)info->err;
    longjmp(jpeg->home, 1);
}

static void on_message(j_common_ptr info, int level)
{
    MgkJpegError *jpeg = (MgkJpegError *)info->err;
    if (level >= 0)
        return; /* traces */
    jpeg->warnings++;
    if (info->err->msg_code != JWRN_JPEG_EOF && info->err->msg_code != JWRN_HIT_MARKER)
        return;
    jpeg->early_end++;
    if (jpeg->end_scan < 0 && info->is_decompressor) {
        j_decompress_ptr decoder = (j_decompress_ptr)info;
        jpeg->end_scan = decoder->input_scan_number;
        jpeg->end_row = decoder->input_iMCU_row;
    }
}

static void on_output(j_common_ptr info)
{
    (void)info; /* libraries do not log */
}

void mgk_jpeg_error_init(MgkJpegError *jpeg)
{
    *jpeg = (MgkJpegError){.end_scan = -1};
    jpeg_std_error(&jpeg->manager);
    jpeg->manager.error_exit = on_exit_error;
    jpeg->manager.emit_message = on_message;
    jpeg->manager.output_message = on_output;
}

void mgk_jpeg_error_set(const MgkJpegError *jpeg, j_common_ptr info, GError **error)
{
    if (jpeg->abandoned) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, jpeg->abandoned);
        return;
    }
    char message[JMSG_LENGTH_MAX];
    jpeg->manager.format_message(info, message);
    int code = jpeg->manager.msg_code;
    gboolean unsupported = code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_NOT_COMPILED;
    g_set_error(error, MGK_ERROR, unsupported ? MGK_ERROR_UNSUPPORTED : MGK_ERROR_MALFORMED, "JPEG: %s", message);
}
